//! What a world reports: facts about pods, workloads, releases, as they change.
//!
//! Never: an answer to a question (those come back by the question's own message), nor a fact without its source.

use std::time::Duration;

use super::fault::Fault;
use super::name::{PodName, Service};
use super::release::Release;
use super::ways::{Budget, Endpoints, Entrance, Node};
use super::workload::{Pod, Warning, Workload, WorkloadKind};

/// Where facts come from; each is a feed of its own and fails alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Watched pods of the namespace.
    Pods,
    /// Watched Deployments, StatefulSets, DaemonSets and their autoscalers.
    Workloads,
    /// Watched Warning events.
    Warnings,
    /// Watched Helm records.
    Releases,
    /// Watched endpoints of the Services.
    Endpoints,
    /// Watched Ingresses.
    Ingresses,
    /// Watched nodes of the cluster.
    Nodes,
    /// Watched PodDisruptionBudgets.
    Budgets,
    /// Polled error ratio.
    Errors,
    /// Polled P95.
    P95,
    /// Polled traffic.
    Traffic,
    /// Polled alerts.
    Alerts,
}

/// Who is asked beside a source: without them it still works, but knows less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aside {
    /// Beside the workloads: what scales them.
    Autoscalers,
    /// Beside the alerts: one of Alertmanager and Prometheus, which stand in for each other.
    Alerts,
}

impl Aside {
    /// What is not known without it.
    pub const fn unknown(self) -> &'static str {
        match self {
            Self::Autoscalers => "whether an autoscaler sets the counts of pods is not known",
            Self::Alerts => "alerts may be missing, or silenced",
        }
    }
}

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// About pods.
    Pods(PodNews),
    /// About workloads.
    Workloads(WorkloadNews),
    /// A Warning event was seen (again).
    Warned(Warning),
    /// All releases of the namespace, whole, whenever a record changed.
    Releases(Vec<Release>),
    /// All that stands behind each Service, whole, whenever it changed.
    Endpoints(Vec<Endpoints>),
    /// All Ingresses of the namespace, whole, whenever one changed.
    Ingresses(Vec<Entrance>),
    /// All nodes of the cluster, whole, whenever one changed.
    Nodes(Vec<Node>),
    /// All PodDisruptionBudgets of the namespace, whole, whenever one changed.
    Budgets(Vec<Budget>),
    /// This source works, though it has nothing new to say (connected, or an empty answer).
    Alive(Source),
    /// Who is asked beside a source gives nothing now, and why; `None` = it answers (again).
    Lacking(Aside, Option<Fault>),
    /// This source fails now; what was known stays, with its age.
    Failing(Source, Fault),
    /// Nobody is there who would tell of this source; the last sign of life was so long ago.
    Silent(Source, Fault, Duration),
}

/// About pods.
#[derive(Debug, Clone, PartialEq)]
pub enum PodNews {
    /// A new listing begins; rows known so far stay until [`PodNews::Complete`].
    Listing,
    /// A page of it.
    Page(Vec<Pod>),
    /// The listing is complete; pods that it did not name are gone.
    Complete,
    /// A pod is new or changed.
    Changed(Box<Pod>),
    /// A pod is gone.
    Gone(PodName),
}

/// About workloads.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkloadNews {
    /// All of one kind.
    All(WorkloadKind, Vec<Workload>),
    /// One is new or changed.
    Changed(Box<Workload>),
    /// One is gone.
    Gone(WorkloadKind, Service),
}
