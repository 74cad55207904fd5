//! The last writes of a rollback that went well: what was deployed becomes superseded, the new record deployed.
//!
//! Never: over another writer's record; every PUT carries its resource version.

use std::collections::BTreeMap;

use super::api::Answer;
use super::desk::Desk;
use super::draft::Stored;
use super::engine::CallId;
use super::progress::Outcome;
use super::record::Record;
use super::sealing::Sealing;
use super::{closing, ledger};
use crate::domain::moment::Moment;
use crate::domain::release::Status;

/// The last writes on their way.
#[derive(Debug, Clone)]
pub struct Settling {
    stage: Stage,
    stale: Vec<String>,
    end: Option<Result<(), Outcome>>,
}

#[derive(Debug, Clone)]
enum Stage {
    /// Which revision each PUT is of.
    Superseding(BTreeMap<CallId, String>),
    Closing(Sealing),
}

impl Settling {
    /// Begins. As in helm an older record that cannot be superseded stops nothing; it is named at the end.
    pub fn start(history: &[Stored], record: &mut Record, desk: &mut Desk, now: Moment) -> Self {
        let mut open = BTreeMap::new();
        let mut stale = Vec::new();
        for stored in history.iter().filter(|s| s.status == Status::Deployed) {
            let put = Record::decode(&stored.object).and_then(|mut record| {
                record.supersede()?;
                ledger::put(&record, now, desk)
            });
            match put {
                Ok(id) => drop(open.insert(id, stored.revision.to_string())),
                Err(_) => stale.push(stored.revision.to_string()),
            }
        }
        let mut settling = Self { stage: Stage::Superseding(BTreeMap::new()), stale, end: None };
        settling.superseded(open, record, desk, now);
        settling
    }

    /// Everything is recorded, or how it ended instead.
    pub fn end(&self) -> Option<&Result<(), Outcome>> {
        self.end.as_ref()
    }

    /// Older revisions that still say deployed, in words; empty as a rule.
    pub fn stale(&self) -> String {
        match self.stale.as_slice() {
            [] => String::new(),
            some => format!("revision {} still says deployed, which helm will mend by itself", some.join(", ")),
        }
    }

    /// Takes an answer.
    pub fn answer(&mut self, record: &mut Record, desk: &mut Desk, (id, answer): (CallId, Answer), now: Moment) {
        match &mut self.stage {
            Stage::Superseding(open) => {
                if let (Some(revision), Answer::Refused(_)) = (open.remove(&id), answer) {
                    self.stale.push(revision);
                }
                let open = std::mem::take(open);
                self.superseded(open, record, desk, now);
            }
            Stage::Closing(sealing) => {
                sealing.answer(record, desk, (id, answer), now);
                let sealed = sealing.end().cloned();
                self.end = sealed.map(|s| s.map_err(|why| closing::not_closed(record, &why)));
            }
        }
    }

    fn superseded(&mut self, open: BTreeMap<CallId, String>, record: &mut Record, desk: &mut Desk, now: Moment) {
        if !open.is_empty() {
            self.stage = Stage::Superseding(open);
            return;
        }
        let description = record.description.clone();
        match record.set_status(Status::Deployed, &description) {
            Ok(()) => self.stage = Stage::Closing(Sealing::start(record, desk, now)),
            Err(why) => self.end = Some(Err(closing::not_closed(record, &why))),
        }
    }
}
