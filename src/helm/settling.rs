//! The last writes of a rollback that went well: what was deployed becomes superseded, the new record deployed.
//!
//! Never: over another writer's record; every PUT carries its resource version.

use std::collections::BTreeMap;

use super::api::{Answer, Mode, ObjectRef, Verb};
use super::desk::Desk;
use super::draft::Stored;
use super::engine::CallId;
use super::progress::Outcome;
use super::record::{Record, key};
use super::sealing::Sealing;
use super::{closing, ledger};
use crate::domain::moment::Moment;
use crate::domain::release::Status;

/// The last writes on their way.
#[derive(Debug, Clone)]
pub struct Settling {
    stage: Stage,
    stale: Vec<String>,
    /// The next revision is looked for: it would be somebody else's.
    look: Option<CallId>,
    overtaken: Option<String>,
    end: Option<Result<(), Stopped>>,
}

/// Why the last writes stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody else wrote a newer revision meanwhile: helm takes no lock, and its rollback passes over a pending record.
    Overtaken(String),
    /// The record could not be closed.
    Open(Outcome),
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
        let next = ObjectRef { name: key(&record.name, record.revision.next()), ..ledger::place(record) };
        let look = Some(desk.object(&next, Verb::Get, Mode::Commit));
        let stage = Stage::Superseding(BTreeMap::new());
        let mut settling = Self { stage, stale, look, overtaken: None, end: None };
        settling.superseded(open, record, desk, now);
        settling
    }

    /// Everything is recorded, or how it ended instead.
    pub fn end(&self) -> Option<&Result<(), Stopped>> {
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
            Stage::Superseding(open) if self.look == Some(id) => {
                self.look = None;
                if let Answer::Object(object) = answer {
                    let unread = || "somebody else wrote a newer revision meanwhile".to_owned();
                    self.overtaken =
                        Some(Record::decode(&object).map_or_else(|_| unread(), |r| closing::overtaken(&r)));
                }
                let open = std::mem::take(open);
                self.superseded(open, record, desk, now);
            }
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
                self.end = sealed.map(|s| s.map_err(|why| Stopped::Open(closing::not_closed(record, &why))));
            }
        }
    }

    fn superseded(&mut self, open: BTreeMap<CallId, String>, record: &mut Record, desk: &mut Desk, now: Moment) {
        if !open.is_empty() || self.look.is_some() {
            self.stage = Stage::Superseding(open);
            return;
        }
        if let Some(why) = self.overtaken.take() {
            self.end = Some(Err(Stopped::Overtaken(why)));
            return;
        }
        let description = record.description.clone();
        match record.set_status(Status::Deployed, &description) {
            Ok(()) => self.stage = Stage::Closing(Sealing::start(record, desk, now)),
            Err(why) => self.end = Some(Err(Stopped::Open(closing::not_closed(record, &why)))),
        }
    }
}
