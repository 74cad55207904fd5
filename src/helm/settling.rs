//! The last writes of a rollback that went well: what was deployed becomes superseded, the new record deployed.
//!
//! Never: over another writer's record; every PUT carries its resource version.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{Answer, Call, Mode, ObjectRef, Verb};
use super::ask::store;
use super::choices::Manner;
use super::desk::Desk;
use super::draft::Stored;
use super::engine::CallId;
use super::progress::Outcome;
use super::record::{Record, key, labels};
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
    /// What says deployed now is read (as helm).
    Listing(CallId),
    /// Which revision each PUT is of.
    Superseding(BTreeMap<CallId, String>),
    Closing(Sealing),
}

impl Settling {
    /// Begins. As in helm an older record that cannot be superseded stops nothing; it is named at the end.
    ///
    /// As helm to the letter nobody is asked who went on meanwhile: whatever says deployed by now becomes superseded, a
    /// newer revision too (helm `action/rollback.go`, `DeployedAll`; seen with 3.22.0 and 4.3.1).
    pub fn start(history: &[Stored], record: &mut Record, manner: Manner, desk: &mut Desk, now: Moment) -> Self {
        let mut settling = Self {
            stage: Stage::Superseding(BTreeMap::new()),
            stale: Vec::new(),
            look: None,
            overtaken: None,
            end: None,
        };
        match manner {
            Manner::Exact => {
                let labels = format!("name={},owner=helm,status={}", record.name, Status::Deployed.word());
                let namespace = Some(record.namespace.clone());
                let list = Call::List { resource: store(record.driver), namespace, labels };
                settling.stage = Stage::Listing(desk.call(list));
            }
            Manner::Mended => {
                let next = ObjectRef { name: key(&record.name, record.revision.next()), ..ledger::place(record) };
                settling.look = Some(desk.object(&next, Verb::Get, Mode::Commit));
                let deployed = history.iter().filter(|s| s.status == Status::Deployed);
                settling.supersede(deployed.map(|s| &s.object), record, desk, now);
            }
        }
        settling
    }

    fn supersede<'a>(
        &mut self,
        deployed: impl Iterator<Item = &'a Value>,
        record: &mut Record,
        desk: &mut Desk,
        now: Moment,
    ) {
        let mut open = BTreeMap::new();
        for object in deployed {
            let put = Record::decode(object).and_then(|mut record| {
                record.supersede()?;
                ledger::put(&record, now, desk)
            });
            let revision = labels(object).remove("version").unwrap_or_default();
            match put {
                Ok(id) => drop(open.insert(id, revision)),
                Err(_) => self.stale.push(revision),
            }
        }
        self.superseded(open, record, desk, now);
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
            Stage::Listing(of) if *of == id => match answer {
                Answer::List(objects) => self.supersede(objects.iter(), record, desk, now),
                Answer::Refused(refused) => {
                    let why = closing::not_closed(record, &refused.message());
                    self.end = Some(Err(Stopped::Open(why)));
                }
                Answer::Object(_) | Answer::Resource(_) | Answer::Gone | Answer::Allowed(_) => {
                    let why = closing::not_closed(record, "the server gave an answer of another kind");
                    self.end = Some(Err(Stopped::Open(why)));
                }
            },
            Stage::Listing(_) => {}
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
