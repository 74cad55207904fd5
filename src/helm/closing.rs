//! How a rollback ended, in sentences: what is live now, what the records say, the safe next step.
//!
//! Never: helm's advice by omission; after a failed rollback the bare command would take the bad revision again.

use std::time::Duration;

use super::api::Refused;
use super::draft::Draft;
use super::plan::{Change, Plan};
use super::progress::Outcome;
use super::readiness::Seen;
use super::record::Record;
use crate::domain::fault::Fault;
use crate::domain::moment::short;
use crate::domain::name::{ReleaseName, Revision};
use crate::domain::text::clean;

/// When it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// Before any object was changed: a hook.
    Before,
    /// While objects were being changed.
    Changing,
    /// While the pods were waited for, all objects changed.
    Waiting,
    /// After all objects were changed: a hook.
    After,
    /// When somebody else had written a newer revision; what is live is said with it.
    Overtaken,
}

impl Failed {
    /// Helm's words, as the record keeps them.
    pub fn message(self, release: &ReleaseName, why: &str) -> String {
        match self {
            Self::Before | Self::Changing | Self::After | Self::Overtaken => {
                format!("Rollback \"{release}\" failed: {why}")
            }
            Self::Waiting => format!("Release \"{release}\" failed: {why}"),
        }
    }

    /// Whether a hook failed.
    pub const fn is_of_hook(self) -> bool {
        matches!(self, Self::Before | Self::After)
    }

    /// Which revision's content is live then. `changed`: how many objects were.
    pub fn live(self, plan: &Plan, changed: usize) -> String {
        match self {
            Self::Before => " No object was changed; what was live is live.".into(),
            Self::Changing => mixed(plan, changed),
            Self::Waiting | Self::After => format!(" Live is revision {}: every object is as it has it.", plan.to),
            Self::Overtaken => String::new(),
        }
    }
}

/// What has changed since the plan was made; `None` where it still holds.
pub fn moved(plan: &Plan, draft: &Draft, before: Option<&(String, Revision)>) -> Option<String> {
    let last = &draft.last;
    if last.revision != plan.from {
        let (what, why) = (last.status, clean(&last.description));
        let by = before.filter(|(_, writes)| *writes == last.revision);
        let by = by.map_or_else(String::new, |(who, _)| format!(", written by {who}"));
        return Some(format!(
            "{} has moved on: revision {} is {what} ({why}){by}. Plan again.",
            plan.release, last.revision
        ));
    }
    let now = draft.depends_on();
    let changed = now.iter().find(|d| !plan.depends_on.contains(d));
    let gone = plan.depends_on.iter().find(|d| !now.contains(d));
    let (what, _) = changed.or(gone)?;
    Some(format!("{what} has changed since the plan was made, so it would not do what was confirmed. Plan again."))
}

/// Nobody answered, so nobody knows whether a request arrived.
pub fn unanswered(refused: &Refused) -> bool {
    let server = |message: &str| ["timeout", "timed out", "etcdserver"].iter().any(|t| message.contains(t));
    match refused {
        Refused::Fault { fault: Fault::Unreachable { .. }, .. } => true,
        Refused::Fault { fault: Fault::Bad { what }, message } => server(message) || server(what),
        Refused::Fault { .. }
        | Refused::NotFound(_)
        | Refused::AlreadyExists(_)
        | Refused::Conflict { .. }
        | Refused::Invalid(_)
        | Refused::Busy { .. } => false,
    }
}

/// Before anything was written.
pub fn untouched(why: &str) -> String {
    format!("{}. Nothing was changed: what was live is live.", clean(why))
}

/// After an error stopped what was being changed.
fn mixed(plan: &Plan, changed: usize) -> String {
    let all = plan.operations.iter().filter(|o| !matches!(o.change, Change::Same | Change::Keep)).count();
    if changed == 0 {
        return Failed::Before.live(plan, 0);
    }
    format!(
        " Live is now a mix: of {all} objects that differ {changed} are as in revision {}, the others as in {}. \
         What failed deletes nothing, so objects of {} may remain.",
        plan.to, plan.from, plan.from
    )
}

/// What to do after a failure. The bare `helm rollback` would take the revision before the newest, the bad one.
fn next_step(plan: &Plan) -> String {
    format!("Remove the cause and roll back to {} again; a bare helm rollback would take {}.", plan.to, plan.from)
}

/// The rollback failed; `sealed` is what became of recording it so.
pub fn failed(plan: &Plan, why: &str, sealed: &Result<(), String>) -> Outcome {
    let (revision, next) = (plan.writes, next_step(plan));
    let record = match sealed {
        Ok(()) => String::new(),
        Err(e) => format!(" Revision {revision} could not be recorded as failed ({e}): it may say pending-rollback."),
    };
    Outcome::Failed { revision: Some(revision), why: format!("{why}{record} {next}") }
}

/// A hook failed, and the record stays pending as helm would leave it.
pub fn left_pending(plan: &Plan, why: &str) -> Outcome {
    let (revision, next) = (plan.writes, next_step(plan));
    let why = format!("{why}. Revision {revision} says pending-rollback, as helm leaves it (--helm-exact). {next}");
    Outcome::Failed { revision: Some(revision), why }
}

/// What became of the workloads after everything was recorded. `stale`: what is amiss with older records; `after`: the
/// time that ran out.
pub fn seen(revision: Revision, seen: Seen, stale: &str, after: Option<Duration>) -> Outcome {
    match (seen, after) {
        (Seen::Ready, _) if stale.is_empty() => Outcome::SeenReady { revision },
        (Seen::Ready, _) => Outcome::Applied { revision, unready: format!("every workload is ready, but {stale}") },
        (Seen::Unready(why), Some(after)) => {
            Outcome::Applied { revision, unready: format!("{why} after {}", short(after)) }
        }
        (Seen::Unready(unready), None) => Outcome::Applied { revision, unready },
    }
}

/// Somebody else went on while this rollback ran: theirs is the newest word.
pub fn overtaken(record: &Record) -> String {
    let (revision, what) = (record.revision, record.status);
    format!(
        "somebody else wrote revision {revision} meanwhile ({what}: {}), so what is live may be a mix of both",
        clean(&record.description)
    )
}

/// Everything is applied, but the record still says pending.
pub fn not_closed(record: &Record, why: &str) -> Outcome {
    let (revision, why) = (record.revision, clean(why));
    Outcome::Failed {
        revision: Some(revision),
        why: format!(
            "Every object is as planned, but revision {revision} could not be recorded as deployed: {why}. It says \
             pending-rollback, so the next helm upgrade refuses; the same rollback again mends it."
        ),
    }
}
