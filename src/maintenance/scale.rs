//! Writing a workload's number of pods, and reading it.
//!
//! The count is written into `spec.replicas` of the object itself, not by its scale subresource: a write by the
//! subresource is an entry of its own among the managers that nothing unites with helm's, so that the next server-side
//! apply of helm would meet our own write as a conflict. Written and handed over as below, helm finds its own field.
//!
//! Never: a count without the resource version that it was decided by.

use serde_json::{Value, json};

use super::saved::Scaler;
use crate::domain::name::{Namespace, ReleaseName};
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::api::{PatchKind, Verb};
use crate::helm::manifest::{self, RELEASE_NAME, RELEASE_NAMESPACE};
use crate::helm::ownership::{self, HELM};
use crate::helm::rollout::{number, text};
use crate::kubectl::change::MANAGER;
use crate::kubectl::strategy;

/// The patch.
pub fn verb(live: &Value, count: u32) -> Verb {
    let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
    let patch = json!({"metadata": {"resourceVersion": version}, "spec": {"replicas": count}});
    Verb::PatchAs(manager(live), PatchKind::Strategic, patch)
}

/// In whose name. Where helm owns the count it stays helm's: else its next server-side apply stops at us. Where it does
/// not, as the chart leaves the count to an autoscaler, helm must not get it: its next apply would drop the field, and
/// one pod would be left.
fn manager(live: &Value) -> &'static str {
    if owns(live, "Apply") || owns(live, "Update") { HELM } else { MANAGER }
}

fn owns(live: &Value, operation: &str) -> bool {
    let count = ["f:spec".to_owned(), "f:replicas".to_owned()];
    ownership::entries(live).iter().any(|e| e.is(HELM, operation) && e.set.contains(count.as_slice()))
}

/// Where helm applies (server-side), a write in its name is an update, and its next apply of another count would stop at
/// it (helm 4.3: `conflict with "helm" using apps/v1: .spec.replicas`): what was updated is united with what it applied,
/// as helm itself does when it begins to apply. `None` where there is nothing to unite.
pub fn handover(written: &Value) -> Option<Verb> {
    let applies = ownership::entries(written).iter().any(|e| e.is(HELM, "Apply"));
    let patch = ownership::migration(written).filter(|_| applies && owns(written, "Update"))?;
    Some(Verb::PatchAs(HELM, PatchKind::Json, patch))
}

/// The count; absent is 1 (apps/v1).
pub fn count(workload: &Value) -> u32 {
    strategy::pods(workload)
}

/// The very object.
pub fn uid(workload: &Value) -> &str {
    text(workload, "/metadata/uid")
}

/// Whether it is a workload of that release.
pub fn is_of(workload: &Value, release: &ReleaseName, namespace: &Namespace) -> bool {
    let home = manifest::annotation(workload, RELEASE_NAMESPACE).is_none_or(|n| n == namespace.as_str());
    home && manifest::annotation(workload, RELEASE_NAME) == Some(release.as_str())
}

/// A member of a list, with the kind that some lists leave out.
pub fn typed(kind: WorkloadKind, mut workload: Value) -> Value {
    if let Some(map) = workload.as_object_mut() {
        map.entry("kind").or_insert_with(|| kind.kind().into());
    }
    workload
}

/// Name and kind.
pub fn reference(kind: WorkloadKind, workload: &Value) -> WorkloadRef {
    WorkloadRef { kind, name: manifest::name(workload).into() }
}

/// The autoscaler of a workload.
pub fn scaler_of<'a>(workload: &WorkloadRef, scalers: &'a [Value]) -> Option<&'a Value> {
    scalers.iter().find(|hpa| {
        text(hpa, "/spec/scaleTargetRef/kind") == workload.kind.kind()
            && text(hpa, "/spec/scaleTargetRef/name") == workload.name.as_str()
    })
}

/// An autoscaler's name and bounds; its fewest pods are 1 where it does not say (autoscaling/v2).
pub fn scaler(hpa: &Value) -> Scaler {
    let bound = |path: &str| u32::try_from(number(hpa, path)).unwrap_or_default();
    let min = if hpa.pointer("/spec/minReplicas").is_some() { bound("/spec/minReplicas") } else { 1 };
    Scaler { name: manifest::name(hpa).to_owned(), min, max: bound("/spec/maxReplicas") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_stays_helms_where_it_is_and_nowhere_becomes_it() {
        let live = |entries: Value| json!({"metadata": {"resourceVersion": "7", "managedFields": entries}});
        let entry = |manager: &str, operation: &str, subresource: &str, owned: Value| json!({"manager": manager, "operation": operation, "subresource": subresource, "fieldsV1": {"f:spec": owned}});
        let (replicas, other) = (json!({"f:replicas": {}}), json!({"f:paused": {}}));
        let cases = [
            (json!([entry("helm", "Apply", "", replicas.clone())]), HELM),
            (json!([entry("helm", "Update", "", replicas.clone())]), HELM),
            // The chart leaves it to the autoscaler.
            (
                json!([
                    entry("helm", "Apply", "", other),
                    entry("kube-controller-manager", "Update", "scale", replicas.clone())
                ]),
                MANAGER,
            ),
            (json!([entry("helm", "Update", "scale", replicas)]), MANAGER),
            (json!([]), MANAGER),
        ];
        for (entries, wanted) in cases {
            let patch = json!({"metadata": {"resourceVersion": "7"}, "spec": {"replicas": 0}});
            let wanted = Verb::PatchAs(wanted, PatchKind::Strategic, patch);
            assert_eq!(verb(&live(entries.clone()), 0), wanted, "{entries}");
        }
    }
}
