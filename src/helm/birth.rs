//! A record made from nothing: what an install or upgrade would have written. Drills and tests are made of these.
//!
//! Never: used by a rollback, which only rewrites records that Helm made.

use serde_json::{Value, json};

use super::payload::Driver;
use super::plan::Method;
use super::record::Record;
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::release::Status;

/// What such a record says.
#[derive(Debug, Clone, PartialEq)]
pub struct Birth {
    /// The release.
    pub name: ReleaseName,
    /// Its namespace.
    pub namespace: Namespace,
    /// The revision.
    pub revision: Revision,
    /// Its status.
    pub status: Status,
    /// `Upgrade complete`
    pub description: String,
    /// When it was written.
    pub at: Moment,
    /// Name, version and app version of the chart.
    pub chart: (String, String, String),
    /// The user's values.
    pub config: Value,
    /// The rendered objects, YAML documents.
    pub manifest: String,
    /// Hooks in the record's own shape: `{name, kind, path, manifest, events, weight, delete_policies}`.
    pub hooks: Vec<Value>,
    /// `None`: as helm 3 writes it.
    pub method: Option<Method>,
    /// Where it is stored.
    pub driver: Driver,
}

impl Birth {
    /// The record.
    ///
    /// # Errors
    /// A hook is not in the record's shape.
    pub fn record(&self) -> Result<Record, String> {
        let at = self.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        let (chart, version, app) = &self.chart;
        let mut release = json!({
            "name": self.name.as_str(),
            "info": {
                "first_deployed": at, "last_deployed": at, "deleted": "",
                "description": self.description, "status": self.status.word(),
            },
            "chart": {
                "metadata": {"name": chart, "version": version, "appVersion": app, "apiVersion": "v2"},
                "lock": null, "templates": [], "values": {}, "schema": null, "files": null,
            },
            "config": self.config,
            "manifest": self.manifest,
            "hooks": self.hooks,
            "version": self.revision.0,
            "namespace": self.namespace.as_str(),
        });
        if let (Some(method), Some(release)) = (self.method, release.as_object_mut()) {
            let word = match method {
                Method::Csa => "csa",
                Method::Ssa => "ssa",
            };
            release.insert("apply_method".into(), word.into());
        }
        Record::from_payload(release.to_string().as_bytes(), self.driver)
    }

    /// The Secret or ConfigMap that stores it.
    ///
    /// # Errors
    /// As [`Birth::record`], or it is too large.
    pub fn object(&self) -> Result<Value, String> {
        let mut object = self.record()?.encode(None)?;
        if let Some(labels) = object.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.insert("createdAt".into(), self.at.timestamp().to_string().into());
        }
        Ok(object)
    }
}
