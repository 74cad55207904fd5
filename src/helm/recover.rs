//! After a crash in the middle: where a rollback stands, told from what was asked for and the records, in words.
//!
//! Never: going on by itself. A started act without a result is never repeated without a person.

use serde_json::Value;

use super::record::Record;
use crate::domain::name::{ReleaseName, Revision};
use crate::domain::release::Status;
use crate::domain::text::clean;

/// A rollback that was begun, as its journal names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Of which release.
    pub release: ReleaseName,
    /// To which revision.
    pub to: Revision,
    /// The number of its record.
    pub writes: Revision,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Its record was never written: nothing was changed.
    NotBegun,
    /// Its record is pending: objects may be changed or not.
    Halfway,
    /// Its record says deployed: helm's part is done, the pods are to be looked at.
    Done,
    /// Its record says failed, with the description.
    Failed(String),
    /// The number was taken by somebody else.
    Taken(String),
    /// Somebody has gone on since.
    Passed {
        /// The newest revision's number and status, in words.
        newest: String,
    },
    /// The record is there, but cannot be read.
    Unreadable(String),
}

/// Where a rollback stands. `records` are the stored records of its release, in any order.
pub fn standing(begun: &Begun, records: &[Value]) -> Standing {
    let revision = |object: &Value| super::history::facts(object).map(|(_, facts)| facts.revision);
    let Some(stored) = records.iter().find(|r| revision(r) == Some(begun.writes)) else {
        return Standing::NotBegun;
    };
    if let Some(newest) = records.iter().max_by_key(|r| revision(r)).filter(|r| revision(r) > Some(begun.writes)) {
        let newest = super::history::facts(newest).map(|(_, f)| format!("revision {} is {}", f.revision, f.status));
        return Standing::Passed { newest: newest.unwrap_or_default() };
    }
    let record = match Record::decode(stored) {
        Ok(record) => record,
        Err(why) => return Standing::Unreadable(why),
    };
    let description = clean(&record.description);
    let ours = record.facts().content.is_some_and(|c| c.rollback_of == Some(begun.to));
    let failed = ["Rollback", "Release"].map(|what| format!("{what} \"{}\" failed", begun.release));
    let about = ours || failed.iter().any(|f| description.starts_with(f));
    if !about {
        return Standing::Taken(format!("revision {}: {description}", begun.writes));
    }
    match record.status {
        Status::PendingRollback => Standing::Halfway,
        Status::Deployed => Standing::Done,
        Status::Failed => Standing::Failed(description),
        Status::Superseded
        | Status::Uninstalled
        | Status::Uninstalling
        | Status::Unknown
        | Status::PendingInstall
        | Status::PendingUpgrade => {
            Standing::Passed { newest: format!("revision {} is {}", begun.writes, record.status) }
        }
    }
}

impl Standing {
    /// For the screen that comes up after the crash: what is known, and the safe next step.
    pub fn sentence(&self, begun: &Begun) -> String {
        let Begun { release, to, writes } = begun;
        match self {
            Self::NotBegun => {
                format!(
                    "The rollback of {release} to {to} never began: revision {writes} was not written. Plan it again."
                )
            }
            Self::Halfway => format!(
                "The rollback of {release} to {to} stopped in the middle: revision {writes} is pending, objects may be \
                 changed or not. Roll back to {to} again; the plan shows what is left to do."
            ),
            Self::Done => format!(
                "The rollback of {release} to {to} is recorded as deployed (revision {writes}). Look whether the pods run."
            ),
            Self::Failed(why) => {
                format!("The rollback of {release} to {to} failed and is recorded so (revision {writes}): {why}")
            }
            Self::Taken(what) => {
                format!("The rollback of {release} to {to} never began: somebody else took the number first ({what}).")
            }
            Self::Passed { newest } => {
                format!("Somebody has changed {release} since: {newest}. Look at its history before anything else.")
            }
            Self::Unreadable(why) => format!(
                "Revision {writes} of {release} exists, but its record cannot be read: {why}. Where the rollback stands \
                 is not known."
            ),
        }
    }
}
