//! The workloads in the order in which they matter to who must act on one.
//!
//! Never: a workload that nobody reported.

use crate::domain::name::PodName;
use crate::domain::workload::{Rollout, Workload, WorkloadRef};

use super::Model;
use super::feeds::Workloads;

/// Those in trouble first, then by kind and name.
pub fn urgent_first(workloads: &Workloads) -> Vec<&Workload> {
    let mut all: Vec<&Workload> = workloads.values().collect();
    all.sort_by_key(|w| !is_troubled(w));
    all
}

/// Whether it has fewer pods than it wants, or its rollout is not done.
pub fn is_troubled(workload: &Workload) -> bool {
    workload.ready < workload.desired || workload.rollout != Rollout::Done
}

/// Its name and kind.
pub fn reference(workload: &Workload) -> WorkloadRef {
    WorkloadRef { kind: workload.kind, name: workload.name.clone() }
}

/// The workload of a pod, where both are known.
pub fn of_pod(model: &Model, pod: &PodName) -> Option<WorkloadRef> {
    let service = model.feeds.pods.known()?.get(pod)?.service.as_ref()?;
    model.feeds.workloads.known()?.values().find(|w| w.name == *service).map(reference)
}
