//! What is saved before a release is stopped: every workload's number of pods, in a ConfigMap named for the release.
//!
//! It is made with a create, so that a second stop is a conflict that names the first, and it is `immutable`, so that the
//! API server itself keeps anybody from writing over it. It is deleted only when every count was seen back.
//!
//! Never: read in another form than its schema's; a newer one is said to be one.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::text::clean;
use crate::domain::workload::WorkloadRef;
use crate::helm::{manifest, rollout};

/// The form that is written, and the newest that is read.
const SCHEMA: u32 = 1;

/// The label that finds all of them, and the one that names the release.
const KIND: &str = "backout/kind";
const RELEASE: &str = "backout/release";
const MAINTENANCE: &str = "maintenance";

/// The selector that finds every release of a namespace that is in maintenance.
pub const ALL: &str = "backout/kind=maintenance";

/// What was saved of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Of which.
    pub release: ReleaseName,
    /// Where.
    pub namespace: Namespace,
    /// When it was stopped.
    pub since: Moment,
    /// By whom: `ana@bastion (pid 7)`.
    pub by: String,
    /// The newest revision of the release then; `None` where its records could not be read.
    pub revision: Option<Revision>,
    /// Its workloads, those with no pods too.
    pub workloads: Vec<Kept>,
}

/// One workload's count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub workload: WorkloadRef,
    /// The very object: one that was deleted and made anew is another.
    pub uid: String,
    /// Its number of pods.
    pub replicas: u32,
    /// What scaled it.
    #[serde(default)]
    pub scaler: Option<Scaler>,
}

/// An autoscaler as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaler {
    /// Its name.
    pub name: String,
    /// The fewest pods.
    pub min: u32,
    /// The most.
    pub max: u32,
}

/// What was found in the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// The very object.
    pub uid: String,
    /// As it was read.
    pub version: String,
}

/// A release that is in maintenance, as its ConfigMap tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub release: ReleaseName,
    /// What was saved, or why it cannot be read.
    pub saved: Result<Saved, String>,
    /// The object.
    pub guard: Guard,
}

/// The name of a release's.
pub fn name(release: &ReleaseName) -> String {
    format!("backout-maintenance-{release}")
}

impl Saved {
    /// The object to create.
    pub fn object(&self) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": name(&self.release),
                "namespace": self.namespace.as_str(),
                "labels": {KIND: MAINTENANCE, RELEASE: self.release.as_str()},
            },
            "immutable": true,
            "data": {
                "schema": SCHEMA.to_string(),
                "since": self.since.to_rfc3339_opts(SecondsFormat::Millis, true),
                "by": self.by,
                "revision": self.revision.map(|r| r.to_string()).unwrap_or_default(),
                "workloads": serde_json::to_string_pretty(&self.workloads).unwrap_or_default(),
            },
        })
    }

    /// `ana`
    pub fn who(&self) -> &str {
        self.by.split(['@', ' ']).next().filter(|who| !who.is_empty()).unwrap_or("somebody")
    }
}

/// Reads an object.
pub fn found(object: &Value) -> Found {
    let guard = Guard {
        uid: rollout::text(object, "/metadata/uid").to_owned(),
        version: rollout::text(object, "/metadata/resourceVersion").to_owned(),
    };
    let label = object.pointer("/metadata/labels").and_then(|l| l.get(RELEASE)).and_then(Value::as_str);
    let named = manifest::name(object).strip_prefix("backout-maintenance-");
    let release = ReleaseName::new(label.or(named).unwrap_or_default());
    Found { saved: read(&release, object), release, guard }
}

fn read(release: &ReleaseName, object: &Value) -> Result<Saved, String> {
    let called = manifest::name(object);
    let text = |key: &str| object.pointer("/data").and_then(|d| d.get(key)).and_then(Value::as_str);
    let lacks = |key: &str| format!("ConfigMap {called} has no {key} that can be read");
    let schema: u32 = text("schema").and_then(|s| s.parse().ok()).ok_or_else(|| lacks("schema"))?;
    if schema > SCHEMA {
        return Err(format!(
            "ConfigMap {called} was written by a newer backout (schema {schema}, this one reads {SCHEMA})"
        ));
    }
    let since = text("since").and_then(|t| DateTime::parse_from_rfc3339(t).ok()).ok_or_else(|| lacks("since"))?;
    let workloads: Vec<Kept> =
        text("workloads").and_then(|w| serde_json::from_str(w).ok()).ok_or_else(|| lacks("workloads"))?;
    Ok(Saved {
        release: release.clone(),
        namespace: manifest::namespace(object).unwrap_or_else(|| "".into()),
        since: since.to_utc(),
        by: clean(text("by").unwrap_or_default()),
        revision: text("revision").and_then(|r| r.parse().ok()).map(Revision),
        workloads,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::workload::WorkloadKind;

    fn saved() -> Saved {
        let kept = |kind, name: &str, replicas, scaler| Kept {
            workload: WorkloadRef { kind, name: name.into() },
            uid: format!("uid-{name}"),
            replicas,
            scaler,
        };
        let scaler = Scaler { name: "web".into(), min: 2, max: 10 };
        Saved {
            release: "shop".into(),
            namespace: "prod".into(),
            since: DateTime::from_timestamp(1_764_563_400, 250_000_000).unwrap(),
            by: "ana@bastion (pid 7)".into(),
            revision: Some(Revision(4)),
            workloads: vec![
                kept(WorkloadKind::Deployment, "web", 5, Some(scaler)),
                kept(WorkloadKind::StatefulSet, "db", 0, None),
            ],
        }
    }

    #[test]
    fn what_is_saved_is_read_back_whole_and_nobody_can_write_over_it() {
        let object = saved().object();
        assert_eq!(found(&object).saved, Ok(saved()));
        assert_eq!((found(&object).release.as_str(), saved().who()), ("shop", "ana"));
        assert_eq!(object["immutable"], true);
    }

    #[test]
    fn what_cannot_be_read_is_said_to_be_so_and_is_never_taken_for_empty() {
        let cases = [
            ("schema", "2", "was written by a newer backout (schema 2, this one reads 1)"),
            ("schema", "x", "has no schema that can be read"),
            ("since", "yesterday", "has no since that can be read"),
            ("workloads", "{", "has no workloads that can be read"),
        ];
        for (key, value, why) in cases {
            let mut object = saved().object();
            object["data"][key] = value.into();
            assert_eq!(found(&object).saved, Err(format!("ConfigMap backout-maintenance-shop {why}")), "{key}");
        }
    }
}
