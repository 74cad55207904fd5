//! Pods and the workloads that own them, as rows an operator reads.
//!
//! Readiness is per container; a restart *rate* over five minutes counts, not the lifetime sum (a pod that restarted
//! nine times last month is not restarting).
//!
//! Never: a whole Kubernetes object; only what a row or a rule needs.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::moment::{Moment, since};
use super::name::{Container, Image, PodName, Service};
use super::usage::Sizes;

/// Restarts are counted over this long.
pub const RESTART_WINDOW: Duration = Duration::from_mins(5);

/// What a pod is doing, the worst container first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PodState {
    /// All containers run (ready or not).
    Running,
    /// Finished well.
    Completed,
    /// Being created, pulled, scheduled: the reason in Kubernetes' word.
    Starting(String),
    /// On its way out.
    Terminating,
    /// In trouble: `CrashLoopBackOff`, `ImagePullBackOff`, `Error`, `OOMKilled`, `Evicted`.
    Failing(String),
}

impl PodState {
    /// The word that a row shows.
    pub fn word(&self) -> &str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Terminating => "Terminating",
            Self::Starting(reason) | Self::Failing(reason) => reason,
        }
    }
}

/// How a container last ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The exit code; 137 is a kill.
    pub code: i32,
    /// `OOMKilled`, `Error`, `Completed`.
    pub reason: String,
    /// When.
    pub at: Moment,
}

/// Restarts within the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Restarts {
    /// Counted while watching (or known to be none).
    Exactly(u32),
    /// From a single read: the last end bounds it from below, no more is known.
    AtLeast(u32),
}

impl Restarts {
    /// The count, or its lower bound.
    pub const fn count(self) -> u32 {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) => n,
        }
    }
}

impl fmt::Display for Restarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(n) => f.pad(&n.to_string()),
            Self::AtLeast(n) => f.pad(&format!("{n}+")),
        }
    }
}

/// One container of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerRow {
    /// Its name.
    pub name: Container,
    /// What it runs.
    pub image: Image,
    /// Ready by its probe.
    pub ready: bool,
    /// Lifetime restarts.
    pub restarts: u32,
    /// `Running`, or the waiting or terminated reason.
    pub state: String,
    /// How it last ended, where it ever did.
    pub last_exit: Option<Exit>,
}

/// One pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pod {
    /// Its name.
    pub name: PodName,
    /// The workload it belongs to, in the operator's words; `None` for a bare pod.
    pub service: Option<Service>,
    /// What it is doing.
    pub state: PodState,
    /// Its containers.
    pub containers: Vec<ContainerRow>,
    /// Restarts in the last five minutes.
    pub restarts: Restarts,
    /// When it was made.
    pub created: Moment,
    /// Where it runs; empty while it is not scheduled.
    pub node: String,
    /// Label `pod-template-hash`, which tells old pods from new.
    pub template: String,
    /// What its containers ask for and may have.
    #[serde(default)]
    pub sizes: Sizes,
}

impl Pod {
    /// Containers ready and all containers.
    pub fn ready(&self) -> (usize, usize) {
        (self.containers.iter().filter(|c| c.ready).count(), self.containers.len())
    }

    /// Nothing to worry about: every container ready, or finished well, and not restarting.
    pub fn is_well(&self) -> bool {
        let (ready, all) = self.ready();
        match self.state {
            PodState::Completed => true,
            PodState::Running => ready == all && all > 0 && self.restarts.count() <= 2,
            PodState::Starting(_) | PodState::Terminating | PodState::Failing(_) => false,
        }
    }

    /// How urgent: faults first, then what is not ready yet, then the rest.
    pub fn rank(&self) -> u8 {
        match self.state {
            PodState::Failing(_) => 0,
            PodState::Running if !self.is_well() => 1,
            PodState::Starting(_) => 2,
            PodState::Terminating => 3,
            PodState::Running => 4,
            PodState::Completed => 5,
        }
    }

    /// The last end within the restart window or ever, whichever is newest.
    pub fn last_exit(&self) -> Option<&Exit> {
        self.containers.iter().filter_map(|c| c.last_exit.as_ref()).max_by_key(|e| e.at)
    }
}

/// Restarts in the window from one read: nothing ended within it = exactly none; else at least one (design §13).
pub fn restarts_from_one_read(total: u32, last_end: Option<Moment>, now: Moment) -> Restarts {
    match last_end {
        Some(end) if total > 0 && since(end, now) < RESTART_WINDOW => Restarts::AtLeast(1),
        Some(_) | None => Restarts::Exactly(0),
    }
}

/// What kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WorkloadKind {
    /// apps/v1 Deployment
    Deployment,
    /// apps/v1 StatefulSet
    StatefulSet,
    /// apps/v1 DaemonSet
    DaemonSet,
}

impl WorkloadKind {
    /// Every kind that is watched.
    pub const ALL: [Self; 3] = [Self::Deployment, Self::StatefulSet, Self::DaemonSet];

    /// The Kubernetes kind.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
        }
    }
}

impl fmt::Display for WorkloadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.kind())
    }
}

/// A workload, named whole within its namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WorkloadRef {
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its name.
    pub name: Service,
}

impl fmt::Display for WorkloadRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// How far a rollout is (rules: kubectl `rollout status`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rollout {
    /// Every pod is of the newest template and available.
    Done,
    /// Under way; the sentence says how far: `1 of 2 updated`.
    Going(String),
    /// It will not get there by itself: progress deadline exceeded.
    Stuck(String),
    /// Paused by somebody; it will not move.
    Paused,
}

/// One workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its name, which is the service's.
    pub name: Service,
    /// Pods wanted.
    pub desired: u32,
    /// Pods of the newest template.
    pub updated: u32,
    /// Pods ready.
    pub ready: u32,
    /// Pods available.
    pub available: u32,
    /// Images of its template, in container order.
    pub images: Vec<Image>,
    /// How far its rollout is.
    pub rollout: Rollout,
    /// `deployment.kubernetes.io/revision`, 0 where it has none.
    pub revision: u64,
    /// The Helm release that owns it (annotation `meta.helm.sh/release-name`).
    pub release: Option<super::name::ReleaseName>,
    /// A horizontal autoscaler scales it between these counts.
    pub autoscaled: Option<(u32, u32)>,
    /// The GitOps tool that would undo a change (`Argo CD app shop`), where its marks are found.
    pub gitops: Option<String>,
}

/// A Warning event of the cluster, folded by reason and object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// `Pod`
    pub kind: String,
    /// The object's name.
    pub object: String,
    /// `BackOff`, `FailedScheduling`
    pub reason: String,
    /// The message, one line.
    pub message: String,
    /// How often.
    pub count: u32,
    /// Last seen.
    pub at: Moment,
}
