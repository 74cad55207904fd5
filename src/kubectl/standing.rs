//! After a crash in the middle: where an undo or a restart stands, told from its journal and the workload, in words.
//!
//! Never: going on by itself. A started act without a result is never repeated without a person.

use serde_json::Value;

use super::change;
use super::revisions;
use super::template;
use crate::domain::workload::{Rollout, WorkloadRef};
use crate::helm::rollout;

/// An act on a workload that was begun, as its journal names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Back to the template that this object keeps.
    Undo {
        /// The revision's number when it was asked for.
        to: u64,
        /// The object that keeps it.
        keeper: String,
    },
    /// Marked with this time.
    Restart {
        /// The mark.
        at: String,
    },
}

/// What is known, and the safe next step. `keepers`: the objects that keep the workload's revisions.
pub fn sentence(reference: &WorkloadRef, begun: &Begun, workload: &Value, keepers: &[Value]) -> String {
    let pods = match rollout::of(workload) {
        Rollout::Done => "its rollout is done".into(),
        Rollout::Going(how) | Rollout::Stuck(how) => format!("its rollout is not done: {how}"),
        Rollout::Paused => "it is paused".into(),
    };
    match begun {
        Begun::Restart { at } if change::mark(workload) == Some(at.as_str()) => {
            format!("The restart of {reference} was written; {pods}.")
        }
        Begun::Restart { .. } => {
            format!("The restart of {reference} was never written. Plan it again if it is wanted.")
        }
        Begun::Undo { to, keeper } => {
            let kept = revisions::kept(workload, reference.kind, keepers);
            match kept.iter().find(|k| k.name == *keeper) {
                None => format!(
                    "Where the undo of {reference} to revision {to} stands is not known: that revision is no longer kept. \
                     Look at its images."
                ),
                Some(kept) if template::same(&kept.template, revisions::template_of(workload)) => {
                    format!("The undo of {reference} to revision {to} was written; {pods}.")
                }
                Some(_) => format!(
                    "{reference} does not run revision {to}: the undo was never written, or somebody went on since. Plan \
                     it again if it is wanted."
                ),
            }
        }
    }
}
