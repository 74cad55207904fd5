//! What an execution tells while it runs, fact by fact, and how it ended.
//!
//! Never: success before the cluster shows it. "Helm done" is a fact of the records; "pods ready" is another light.

use serde::{Deserialize, Serialize};

use super::plan::Change;
use crate::domain::name::{Container, PodName, Revision, Service};

/// One fact of a running rollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// The history was read again and is as planned.
    Checked,
    /// The record of the new revision exists, pending.
    Recorded(Revision),
    /// A hook started, ended well or badly.
    Hook {
        /// Its name.
        name: String,
        /// How far.
        state: HookState,
    },
    /// One object was dealt with.
    Object {
        /// Its place in the plan's operations, from 0.
        index: usize,
        /// What was done.
        change: Change,
        /// The server's message where it failed.
        error: Option<String>,
    },
    /// The records say deployed: what helm calls done.
    HelmDone(Revision),
    /// How far a workload's rollout is: ready pods of the new template, wanted.
    Rolling {
        /// Which workload.
        service: Service,
        /// Pods of the target's template that are ready.
        ready: u32,
        /// Pods wanted.
        desired: u32,
        /// The first failure seen on a pod of the new template: `CrashLoopBackOff, exit 1`.
        trouble: Option<String>,
    },
    /// The pods of a workload, old and new, those in trouble first; at most [`PODS_TOLD`].
    Pods {
        /// Which workload.
        service: Service,
        /// Its pods.
        pods: Vec<PodStep>,
    },
    /// Whether what runs of a workload has the target's images; told whenever that changes.
    Images {
        /// Which workload.
        service: Service,
        /// What its pods run.
        images: Images,
    },
    /// Every workload of the target is ready with the target's images.
    Ready,
    /// The external program that does it wrote a line; what is secret in it is hidden.
    Said(String),
}

/// So many pods of one workload are told one by one.
pub const PODS_TOLD: usize = 12;

/// One pod of a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PodStep {
    /// Its name.
    pub pod: PodName,
    /// Of which template.
    pub lot: Lot,
    /// How far it is.
    pub stage: Stage,
}

/// Which of a workload's pods it is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lot {
    /// Of the target's template.
    New,
    /// Of an earlier one.
    Old,
}

/// How far a pod is, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It does not come up.
    Failing {
        /// The container that does not, where it is one.
        container: Option<Container>,
        /// `CrashLoopBackOff, exit 1`
        why: String,
    },
    /// Not ready yet.
    Starting,
    /// Ready.
    Ready,
    /// Being deleted.
    Leaving,
}

/// What the pods of a workload run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// Its template is not seen to have the target's images.
    Unseen,
    /// The template has them; so many pods still run others.
    Mixed(u32),
    /// The template and every pod that is not being deleted.
    Target,
}

/// How far a hook is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookState {
    /// Created, being waited for.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly, with the reason.
    Failed(String),
}

/// How a rollback ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Written, applied, and the workloads were seen ready.
    SeenReady {
        /// The new revision.
        revision: Revision,
    },
    /// Written and applied; readiness was not waited for, or not reached in time. What is live is the target.
    Applied {
        /// The new revision.
        revision: Revision,
        /// Why it is not called ready: `order-service 0 of 2 ready after 5 min`; empty where nobody waited.
        unready: String,
    },
    /// It failed; the sentence says what is live now and the safe next step.
    Failed {
        /// The record of the attempt, where one was written.
        revision: Option<Revision>,
        /// Why, with Helm's own wording where Helm has one.
        why: String,
    },
    /// Nothing was written: the plan no longer holds.
    Void {
        /// What changed, and by whom where known.
        why: String,
    },
    /// Nobody knows: the process ended or contact was lost in the middle.
    Unknown {
        /// What was being done.
        why: String,
    },
}
