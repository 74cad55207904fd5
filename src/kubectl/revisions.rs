//! The revisions that a workload keeps: a Deployment's in its ReplicaSets, a StatefulSet's and a DaemonSet's in
//! ControllerRevisions; and which of them an undo means.
//!
//! Never: a revision of another owner with the same labels; the controller's uid decides.

use chrono::DateTime;
use serde_json::{Map, Value};

use super::template;
use crate::domain::moment::Moment;
use crate::domain::name::Image;
use crate::domain::text::clean;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::rollout::{number, text};

/// The annotation that numbers a Deployment's ReplicaSets.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// The annotation that says why a revision was made, where somebody wrote it.
const CAUSE: &str = "kubernetes.io/change-cause";

/// One kept revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its number; an undo gives it the next free one.
    pub revision: u64,
    /// The object that keeps it.
    pub name: String,
    /// Its pod template, without the ReplicaSet's hash.
    pub template: Value,
    /// The keeper's annotations.
    pub annotations: Map<String, Value>,
    /// When its keeper was made.
    pub created: Option<Moment>,
    /// Its pods.
    pub pods: u32,
}

/// A workload's history as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Whose.
    pub workload: WorkloadRef,
    /// The kept revisions, newest first.
    pub rows: Vec<Row>,
    /// What an undo without a number means.
    pub before: Option<u64>,
    /// The workload is paused; an undo is refused until it is resumed.
    pub paused: bool,
}

/// One revision as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub revision: u64,
    /// Its images, in container order.
    pub images: Vec<Image>,
    /// When it was first made.
    pub created: Option<Moment>,
    /// Why, where somebody wrote it down.
    pub cause: Option<String>,
    /// Its pods now.
    pub pods: u32,
    /// Its template is what the workload says now.
    pub current: bool,
}

/// The revisions of a workload among objects of its keeping kind, in the order of the list.
pub fn kept(workload: &Value, kind: WorkloadKind, keepers: &[Value]) -> Vec<Kept> {
    let uid = text(workload, "/metadata/uid");
    let owned = |o: &&Value| {
        let owners = o.pointer("/metadata/ownerReferences").and_then(Value::as_array);
        !uid.is_empty()
            && owners
                .into_iter()
                .flatten()
                .any(|r| r.get("controller") == Some(&Value::Bool(true)) && text(r, "/uid") == uid)
    };
    keepers.iter().filter(owned).filter_map(|o| one(o, kind)).collect()
}

fn one(keeper: &Value, kind: WorkloadKind) -> Option<Kept> {
    let annotations = keeper.pointer("/metadata/annotations").and_then(Value::as_object).cloned().unwrap_or_default();
    let (revision, at) = match kind {
        // A ReplicaSet without the annotation counts as 0, one that cannot be read not at all (deploymentutil.Revision).
        WorkloadKind::Deployment => {
            let written = annotations.get(REVISION).map(|v| v.as_str().unwrap_or_default().parse().ok());
            (written.unwrap_or(Some(0))?, "/spec/template")
        }
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
            (u64::try_from(number(keeper, "/revision")).ok()?, "/data/spec/template")
        }
    };
    let created = DateTime::parse_from_rfc3339(text(keeper, "/metadata/creationTimestamp")).ok();
    Some(Kept {
        revision,
        name: text(keeper, "/metadata/name").to_owned(),
        template: template::bare(keeper.pointer(at)?),
        annotations,
        created: created.map(|t| t.to_utc()),
        pods: u32::try_from(number(keeper, "/status/replicas")).unwrap_or_default(),
    })
}

/// The revision that an undo means: that number, or for 0 the second newest (kubectl `deploymentRevision`,
/// `findHistory`).
pub fn meant(kept: &[Kept], to: u64) -> Option<&Kept> {
    if to > 0 {
        return kept.iter().find(|k| k.revision == to);
    }
    let mut newest_first: Vec<&Kept> = kept.iter().collect();
    newest_first.sort_by_key(|k| std::cmp::Reverse(k.revision));
    newest_first.get(1).copied()
}

/// The template of a workload.
pub fn template_of(workload: &Value) -> &Value {
    workload.pointer("/spec/template").unwrap_or(&Value::Null)
}

/// Whether a workload is paused.
pub fn is_paused(workload: &Value) -> bool {
    workload.pointer("/spec/paused") == Some(&Value::Bool(true))
}

/// The number of the revision that the workload's template is; the newest of that content.
pub fn current(workload: &Value, kept: &[Kept]) -> Option<u64> {
    let same = |k: &&Kept| template::same(&k.template, template_of(workload));
    kept.iter().filter(same).map(|k| k.revision).max()
}

/// The history for the screen.
pub fn history(reference: WorkloadRef, workload: &Value, keepers: &[Value]) -> History {
    let mut kept = kept(workload, reference.kind, keepers);
    kept.sort_by_key(|k| std::cmp::Reverse(k.revision));
    let current = current(workload, &kept);
    let row = |k: &Kept| Row {
        revision: k.revision,
        images: template::images(&k.template).into_iter().map(|(_, image)| image).collect(),
        created: k.created,
        cause: k.annotations.get(CAUSE).and_then(Value::as_str).map(clean),
        pods: k.pods,
        current: Some(k.revision) == current,
    };
    History {
        rows: kept.iter().map(row).collect(),
        before: meant(&kept, 0).map(|k| k.revision),
        paused: is_paused(workload),
        workload: reference,
    }
}
