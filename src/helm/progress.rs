//! What an execution tells while it runs, fact by fact, and how it ended.
//!
//! Never: success before the cluster shows it. "Helm done" is a fact of the records; "pods ready" is another light.

use serde::{Deserialize, Serialize};

use super::plan::Change;
use crate::domain::name::{Revision, Service};

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
    /// Every workload of the target is ready with the target's images.
    Ready,
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
