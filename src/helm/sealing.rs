//! Writes the final word of the new record, deployed or failed, and does not give up at the first silence: a PUT whose
//! answer got lost has moved the resource version, so the record is read again before the next try.
//!
//! Never: over a record that somebody else has closed.

use super::api::{Answer, Mode, Verb};
use super::desk::Desk;
use super::engine::CallId;
use super::ledger;
use super::record::Record;
use crate::domain::moment::Moment;
use crate::domain::text::clean;

/// How often it is tried.
const TRIES: u32 = 3;

/// The last PUT on its way.
#[derive(Debug, Clone)]
pub struct Sealing {
    stage: Stage,
    tries: u32,
    end: Option<Result<(), String>>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Idle,
    Putting(CallId),
    /// The PUT met another writer or no answer: what is stored?
    Looking(CallId),
}

impl Sealing {
    /// PUTs the record as it is.
    pub fn start(record: &Record, desk: &mut Desk, now: Moment) -> Self {
        let mut sealing = Self { stage: Stage::Idle, tries: 0, end: None };
        sealing.put(record, desk, now);
        sealing
    }

    /// Stored, or in words why not.
    pub fn end(&self) -> Option<&Result<(), String>> {
        self.end.as_ref()
    }

    /// Takes an answer; those of other calls are ignored.
    pub fn answer(&mut self, record: &mut Record, desk: &mut Desk, (id, answer): (CallId, Answer), now: Moment) {
        match self.stage {
            Stage::Putting(of) if of == id => match ledger::wrote(record, answer) {
                Ok(()) => self.end = Some(Ok(())),
                Err(_) if self.tries < TRIES => {
                    self.stage = Stage::Looking(desk.object(&ledger::place(record), Verb::Get, Mode::Commit));
                }
                Err(refused) => self.end = Some(Err(clean(&refused.message()))),
            },
            Stage::Looking(of) if of == id => self.looked(&answer, record, desk, now),
            Stage::Idle | Stage::Putting(_) | Stage::Looking(_) => {}
        }
    }

    fn put(&mut self, record: &Record, desk: &mut Desk, now: Moment) {
        self.tries += 1;
        match ledger::put(record, now, desk) {
            Ok(id) => self.stage = Stage::Putting(id),
            Err(why) => self.end = Some(Err(why)),
        }
    }

    fn looked(&mut self, answer: &Answer, record: &mut Record, desk: &mut Desk, now: Moment) {
        let stored = match answer {
            Answer::Object(object) => Record::decode(object).ok(),
            Answer::Refused(_) | Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => None,
        };
        match stored {
            Some(stored) if stored.status == record.status && stored.description == record.description => {
                self.end = Some(Ok(()));
            }
            Some(stored) if stored.status.is_pending() => {
                record.resource_version = stored.resource_version;
                self.put(record, desk, now);
            }
            Some(stored) => self.end = Some(Err(format!("somebody else made it {}", stored.status))),
            None => self.put(record, desk, now),
        }
    }
}
