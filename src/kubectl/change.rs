//! What is written into a workload, as the very patch: a kept template, or the mark of a restart.
//!
//! Never: a patch without a resource version (kubectl's have none). What was changed since it was read is not written.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::revisions::template_of;
use super::template;
use crate::domain::workload::WorkloadKind;
use crate::helm::api::{PatchKind, Verb};
use crate::helm::ownership::{self, HELM};

/// The field manager that we write as.
pub const MANAGER: &str = "backout";

/// The annotation of a restart (kubectl `polymorphichelpers/objectrestarter.go`).
pub const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

/// The change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A kept revision's template comes back.
    Undo {
        /// Its number.
        to: u64,
        /// The object that keeps it.
        keeper: String,
        /// The template.
        template: Value,
        /// A Deployment's annotations afterwards; other kinds keep theirs.
        annotations: Option<Map<String, Value>>,
    },
    /// The template gets a new mark, so that every pod is replaced.
    Restart {
        /// The mark: a time, RFC 3339.
        at: String,
    },
}

/// Who is to be named as the manager of the written fields. Helm's server-side apply stops at fields of another manager;
/// what helm owns by apply is written in its name, or the next rollback of the release would meet our own undo as a
/// conflict. Everywhere else our name stands, so that the change is told from helm's: so does the mark of a restart, which
/// no chart has; were it helm's, its next apply would take it off and replace every pod for it.
pub fn manager(live: &Value, change: &Change) -> &'static str {
    let mark = ["f:spec", "f:template", "f:metadata", "f:annotations"].map(str::to_owned);
    let mark: Vec<String> = mark.into_iter().chain([format!("f:{RESTARTED}")]).collect();
    let writes = |e: &ownership::Entry| match change {
        Change::Undo { .. } => true,
        Change::Restart { .. } => e.set.contains(mark.as_slice()),
    };
    if ownership::entries(live).iter().any(|e| e.is(HELM, "Apply") && writes(e)) { HELM } else { MANAGER }
}

/// A write in helm's name is an update, and its next apply of another value would stop at it (helm 4.3: `conflict with
/// "helm" using apps/v1: .spec.template.spec.containers[name="web"].image`): what was updated is united with what it
/// applied. `None` where there is nothing to unite.
pub fn handover(written: &Value, change: &Change) -> Option<Verb> {
    let patch = ownership::migration(written).filter(|_| manager(written, change) == HELM)?;
    Some(Verb::PatchAs(HELM, PatchKind::Json, patch))
}

impl Change {
    /// The patch onto an object that has that resource version.
    pub fn verb(&self, kind: WorkloadKind, manager: &'static str, version: &Value) -> Verb {
        let strategic =
            |template: Value| json!({"metadata": {"resourceVersion": version}, "spec": {"template": template}});
        let (how, patch) = match (self, kind) {
            (Self::Undo { template, annotations, .. }, WorkloadKind::Deployment) => (
                PatchKind::Json,
                json!([
                    {"op": "replace", "path": "/spec/template", "value": template},
                    {"op": "add", "path": "/metadata/annotations", "value": annotations},
                    {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
                ]),
            ),
            (Self::Undo { template, .. }, WorkloadKind::StatefulSet | WorkloadKind::DaemonSet) => {
                let mut whole = template.clone();
                if let Some(map) = whole.as_object_mut() {
                    map.insert("$patch".into(), "replace".into());
                }
                (PatchKind::Strategic, strategic(whole))
            }
            (Self::Restart { at }, _) => {
                (PatchKind::Strategic, strategic(json!({"metadata": {"annotations": {RESTARTED: at}}})))
            }
        };
        Verb::PatchAs(manager, how, patch)
    }

    /// Whether an object shows it.
    pub fn is_in(&self, workload: &Value) -> bool {
        match self {
            Self::Undo { template, .. } => template::same(template, template_of(workload)),
            Self::Restart { at } => mark(workload) == Some(at.as_str()),
        }
    }
}

/// The mark of the newest restart of a workload.
pub fn mark(workload: &Value) -> Option<&str> {
    template_of(workload).pointer("/metadata/annotations")?.get(RESTARTED)?.as_str()
}

/// What a plan is made of: if it is another, the plan is void. Status and the number of pods may move; an incident moves
/// them all the time.
pub fn basis(workload: &Value) -> Value {
    let mut spec = workload.get("spec").cloned().unwrap_or_default();
    if let Some(map) = spec.as_object_mut() {
        map.shift_remove("replicas");
    }
    json!({
        "uid": workload.pointer("/metadata/uid"),
        "annotations": workload.pointer("/metadata/annotations"),
        "spec": spec,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patch_carries_the_resource_version() {
        let template = json!({"spec": {"containers": []}});
        let undo =
            |annotations| Change::Undo { to: 3, keeper: "web-1".into(), template: template.clone(), annotations };
        let restart = Change::Restart { at: "2025-12-01T04:40:00Z".into() };
        let marked = json!({"metadata": {"resourceVersion": "7"}, "spec": {"template": {"metadata": {"annotations":
            {RESTARTED: "2025-12-01T04:40:00Z"}}}}});
        let cases = [
            (
                undo(Some(Map::new())),
                WorkloadKind::Deployment,
                PatchKind::Json,
                json!([
                    {"op": "replace", "path": "/spec/template", "value": {"spec": {"containers": []}}},
                    {"op": "add", "path": "/metadata/annotations", "value": {}},
                    {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
                ]),
            ),
            (
                undo(None),
                WorkloadKind::StatefulSet,
                PatchKind::Strategic,
                json!({"metadata": {"resourceVersion": "7"},
                    "spec": {"template": {"spec": {"containers": []}, "$patch": "replace"}}}),
            ),
            (restart.clone(), WorkloadKind::Deployment, PatchKind::Strategic, marked.clone()),
            (restart, WorkloadKind::DaemonSet, PatchKind::Strategic, marked),
        ];
        for (change, kind, how, patch) in cases {
            assert_eq!(change.verb(kind, MANAGER, &"7".into()), Verb::PatchAs(MANAGER, how, patch), "{kind}");
        }
    }

    #[test]
    fn the_number_of_pods_and_the_status_are_no_part_of_what_a_plan_rests_on() {
        let object = json!({"metadata": {"uid": "u", "annotations": {"a": "b"}, "resourceVersion": "1"},
            "spec": {"replicas": 2, "paused": false}, "status": {"readyReplicas": 1}});
        let mut moved = object.clone();
        moved["spec"]["replicas"] = 5.into();
        moved["status"]["readyReplicas"] = 0.into();
        moved["metadata"]["resourceVersion"] = "9".into();
        assert_eq!(basis(&moved), basis(&object));
        moved["spec"]["paused"] = true.into();
        assert_ne!(basis(&moved), basis(&object));
    }

    #[test]
    fn what_helm_owns_by_apply_is_written_in_its_name() {
        let managed = |operation: &str| {
            json!({"metadata": {"managedFields": [
            {"manager": "helm", "operation": operation, "apiVersion": "apps/v1", "fieldsV1": {"f:spec": {}}}]}})
        };
        let undo = Change::Undo { to: 1, keeper: "web-1".into(), template: json!({}), annotations: None };
        let restart = Change::Restart { at: "2025-12-01T04:40:00Z".into() };
        let cases = [("Apply", &undo, HELM), ("Update", &undo, MANAGER), ("Apply", &restart, MANAGER)];
        for (operation, change, wanted) in cases {
            assert_eq!(manager(&managed(operation), change), wanted, "{operation} {change:?}");
        }
        let own = json!({"metadata": {"managedFields": [{"manager": "helm", "operation": "Apply", "fieldsV1":
            {"f:spec": {"f:template": {"f:metadata": {"f:annotations": {format!("f:{RESTARTED}"): {}}}}}}}]}});
        assert_eq!(manager(&own, &restart), HELM, "the chart's own mark");
    }
}
