//! The counts on their way into the cluster, before anything is stopped.
//!
//! Never: going on where it is not certain that it was this stop that saved them.

use super::{Execution, Stage, first, odd};
use crate::domain::event::Ending;
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::text::clean;
use crate::helm::api::{Answer, Refused};
use crate::maintenance::plan::Row;
use crate::maintenance::saved::{self, Kept, Saved};
use crate::maintenance::scale;

impl Execution {
    /// The counts as they are in this instant.
    pub(super) fn to_save(&self, now: Moment) -> Saved {
        let kept = |row: &Row| Kept {
            workload: row.workload.clone(),
            uid: row.uid.clone(),
            replicas: self.live.get(&row.workload).map_or(row.now, scale::count),
            scaler: row.scaler.clone(),
        };
        Saved {
            release: self.plan.release.clone(),
            namespace: self.plan.namespace.clone(),
            since: now,
            by: self.plan.by.clone(),
            revision: self.plan.revision,
            workloads: self.plan.rows.iter().map(kept).collect(),
        }
    }

    pub(super) fn made(&mut self, answer: Answer) {
        match answer {
            Answer::Object(_) => self.write(),
            Answer::Refused(Refused::Fault {
                fault: fault @ (Fault::Unreachable { .. } | Fault::Bad { .. }), ..
            }) => {
                let why = fault.sentence();
                self.stage = Stage::Looking(self.look(), why);
            }
            // Somebody else's, or our own whose answer got lost on the way to a second try.
            Answer::Refused(Refused::AlreadyExists(why)) => self.stage = Stage::Looking(self.look(), clean(&why)),
            answer => self.void(&format!("the counts could not be saved, so nothing is stopped: {}", odd(&answer))),
        }
    }

    pub(super) fn found_again(&mut self, answer: Answer, why: &str) {
        match answer {
            Answer::Object(object) => match saved::found(&object).saved {
                Ok(there) if self.is_ours(&there) => self.write(),
                Ok(there) => self.void(&format!("{} put it there first", first(&there))),
                Err(why) => self.void(&format!("somebody else was first, and {why}")),
            },
            Answer::Refused(Refused::NotFound(_)) => {
                self.void(&format!("the counts could not be saved, so nothing is stopped: {why}"));
            }
            answer => {
                let why = format!(
                    "whether the counts were saved is not known ({why}; {}). Nothing was stopped; M shows where it stands",
                    odd(&answer)
                );
                self.end = Some(Ending::Unknown { why });
            }
        }
    }

    pub(super) fn is_ours(&self, there: &Saved) -> bool {
        let told = |s: &Saved| (s.since.timestamp_millis(), s.by.clone(), s.workloads.clone());
        self.saved.as_ref().is_some_and(|ours| told(ours) == told(there))
    }
}
