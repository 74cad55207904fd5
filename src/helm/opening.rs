//! Writes the new record: the one lock that all helms share. Until it is there nothing else is written.
//!
//! Never: a second record where the answer to the first got lost; it is looked for before anything is believed.

use super::api::{Answer, Mode, Refused, Verb};
use super::desk::Desk;
use super::engine::CallId;
use super::progress::Outcome;
use super::record::Record;
use super::{closing, ledger};

/// The record on its way.
#[derive(Debug, Clone)]
pub struct Opening {
    stage: Stage,
    end: Option<Result<(), Outcome>>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Posting(CallId),
    /// The POST got no answer: did it arrive?
    Looking(CallId),
}

impl Opening {
    /// POSTs it.
    ///
    /// # Errors
    /// In words: it is too large, or cannot be written as JSON.
    pub fn start(record: &Record, desk: &mut Desk) -> Result<Self, String> {
        Ok(Self { stage: Stage::Posting(ledger::post(record, desk)?), end: None })
    }

    /// Written, or how the rollback ended without it.
    pub fn end(&self) -> Option<&Result<(), Outcome>> {
        self.end.as_ref()
    }

    /// Takes an answer.
    pub fn answer(&mut self, record: &mut Record, desk: &mut Desk, id: CallId, answer: Answer) {
        match self.stage {
            Stage::Posting(of) if of == id => self.posted(record, desk, answer),
            Stage::Looking(of) if of == id => self.end = Some(found(record, answer)),
            Stage::Posting(_) | Stage::Looking(_) => {}
        }
    }

    fn posted(&mut self, record: &mut Record, desk: &mut Desk, answer: Answer) {
        match ledger::wrote(record, answer) {
            Ok(()) => self.end = Some(Ok(())),
            Err(Refused::AlreadyExists(_)) => {
                let revision = record.revision;
                let why =
                    format!("revision {revision} exists already: somebody else is changing this release right now");
                self.end = Some(Err(Outcome::Void { why }));
            }
            Err(refused) if closing::unanswered(&refused) => {
                self.stage = Stage::Looking(desk.object(&ledger::place(record), Verb::Get, Mode::Commit));
            }
            Err(refused) => {
                let why = closing::untouched(&format!("create: failed to create: {}", refused.message()));
                self.end = Some(Err(Outcome::Failed { revision: None, why }));
            }
        }
    }
}

/// After a POST without an answer: is there a record, and is it ours?
fn found(record: &mut Record, answer: Answer) -> Result<(), Outcome> {
    let revision = record.revision;
    match answer {
        Answer::Object(object) => match Record::decode(&object) {
            Ok(stored) if stored.text().ok() == record.text().ok() => {
                record.resource_version = stored.resource_version;
                Ok(())
            }
            Ok(_) | Err(_) => Err(Outcome::Void { why: format!("revision {revision} was written by somebody else") }),
        },
        Answer::Refused(Refused::NotFound(_)) => {
            let why = closing::untouched("the API server did not answer when the new record was to be written");
            Err(Outcome::Failed { revision: None, why })
        }
        Answer::Refused(_) | Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
            let why = format!("contact was lost while revision {revision} was being recorded; no object was changed");
            Err(Outcome::Unknown { why })
        }
    }
}
