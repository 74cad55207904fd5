//! The restarts on their way: each reader marked once, by its resource version, and looked at where its answer got lost or
//! its status moved meanwhile.
//!
//! Never: a workload that somebody changed since it was compared; a second mark after one whose answer is not known.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde_json::Value;

use super::readers::{self, Reader};
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::name::Namespace;
use crate::domain::text::clean;
use crate::helm::api::{Answer, Mode, ObjectRef, Refused, Verb};
use crate::helm::desk::Desk;
use crate::helm::engine::CallId;
use crate::helm::rollout::number;
use crate::kubectl::ask;
use crate::kubectl::change::{self, Change};

/// A workload is read anew so often while its status moves.
const TRIES: u32 = 8;

/// All of them, by their place among the readers.
#[derive(Debug, Clone, Default)]
pub struct Restarting {
    tracks: BTreeMap<usize, Track>,
}

#[derive(Debug, Clone)]
struct Track {
    target: ObjectRef,
    reader: Reader,
    change: Change,
    tries: u32,
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    Writing(CallId),
    /// Its status moved meanwhile.
    Renewing(CallId),
    /// The answer got lost, and why: does it show the mark?
    Looking(CallId, String),
    Over(Outcome),
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has the mark, from that generation on.
    Marked(i64),
    /// It has not, and why.
    Refused(String),
    /// Nobody knows, and why.
    Unknown(String),
}

/// The mark of a restart that must be newer than what was written, by a server whose clock is not ours, and another one
/// than the last.
fn mark(now: Moment, written: Option<Moment>, live: &Value) -> String {
    let second = chrono::Duration::seconds(1);
    let after = readers::marked(live).and_then(|last| last.checked_add_signed(second));
    let at = [written, after].into_iter().flatten().fold(now, Ord::max);
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Restarting {
    /// Marks one that is as it was planned for.
    pub fn begin(
        &mut self,
        desk: &mut Desk,
        (at, reader): (usize, &Reader),
        namespace: &Namespace,
        live: &Value,
        (now, written): (Moment, Option<Moment>),
    ) {
        let target = ask::address(&reader.workload, namespace);
        let change = Change::Restart { at: mark(now, written, live) };
        let mut track =
            Track { target, reader: reader.clone(), change, tries: 0, stage: Stage::Over(Outcome::Marked(0)) };
        track.stage = track.write(desk, live);
        self.tracks.insert(at, track);
    }

    /// An answer; what became of whom, where that is now known.
    pub fn answered(&mut self, desk: &mut Desk, id: CallId, answer: Answer) -> Option<(usize, Outcome)> {
        let asked = |t: &Track| match &t.stage {
            Stage::Writing(asked) | Stage::Renewing(asked) | Stage::Looking(asked, _) => *asked == id,
            Stage::Over(_) => false,
        };
        let (at, track) = self.tracks.iter_mut().find(|(_, t)| asked(t))?;
        track.stage = match track.stage.clone() {
            Stage::Writing(_) => track.written(desk, answer),
            Stage::Renewing(_) => track.renewed(desk, answer),
            Stage::Looking(_, why) => track.looked(answer, &why),
            over @ Stage::Over(_) => over,
        };
        match &track.stage {
            Stage::Over(outcome) => Some((*at, outcome.clone())),
            Stage::Writing(_) | Stage::Renewing(_) | Stage::Looking(..) => None,
        }
    }

    /// Whether all is known.
    pub fn is_over(&self) -> bool {
        self.tracks.values().all(|t| matches!(t.stage, Stage::Over(_)))
    }

    /// Who is marked, with the generation of the mark.
    pub fn marked(&self) -> impl Iterator<Item = (&Reader, i64)> {
        self.tracks.values().filter_map(|t| match t.stage {
            Stage::Over(Outcome::Marked(generation)) => Some((&t.reader, generation)),
            Stage::Over(_) | Stage::Writing(_) | Stage::Renewing(_) | Stage::Looking(..) => None,
        })
    }

    /// Who is not, and why; and of whom it is not known.
    pub fn amiss(&self) -> (Vec<String>, Vec<String>) {
        let (mut refused, mut unknown) = (Vec::new(), Vec::new());
        for track in self.tracks.values() {
            match &track.stage {
                Stage::Over(Outcome::Refused(why)) => refused.push(format!("{}: {why}", track.reader.workload)),
                Stage::Over(Outcome::Unknown(why)) => unknown.push(format!("{}: {why}", track.reader.workload)),
                Stage::Over(Outcome::Marked(_)) | Stage::Writing(_) | Stage::Renewing(_) | Stage::Looking(..) => {}
            }
        }
        (refused, unknown)
    }
}

impl Track {
    fn write(&mut self, desk: &mut Desk, live: &Value) -> Stage {
        self.tries = self.tries.saturating_add(1);
        let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
        let verb = self.change.verb(self.reader.workload.kind, change::manager(live, &self.change), &version);
        Stage::Writing(desk.object(&self.target, verb, Mode::Commit))
    }

    fn look(&self, desk: &mut Desk) -> CallId {
        desk.object(&self.target, Verb::Get, Mode::DryRun)
    }

    fn written(&self, desk: &mut Desk, answer: Answer) -> Stage {
        match answer {
            Answer::Object(object) => Stage::Over(Outcome::Marked(number(&object, "/metadata/generation"))),
            Answer::Refused(Refused::Conflict { .. }) if self.tries < TRIES => Stage::Renewing(self.look(desk)),
            Answer::Refused(Refused::Fault {
                fault: fault @ (Fault::Unreachable { .. } | Fault::Bad { .. }), ..
            }) => Stage::Looking(self.look(desk), fault.sentence()),
            Answer::Refused(refused) => Stage::Over(Outcome::Refused(clean(&refused.message()))),
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                Stage::Looking(self.look(desk), "the server answered something else".into())
            }
        }
    }

    fn renewed(&mut self, desk: &mut Desk, answer: Answer) -> Stage {
        match answer {
            Answer::Object(live) if change::basis(&live) == self.reader.basis => self.write(desk, &live),
            Answer::Object(_) => {
                Stage::Over(Outcome::Refused("somebody changed it meanwhile, and it is left so".into()))
            }
            Answer::Refused(refused) => Stage::Over(Outcome::Refused(clean(&refused.message()))),
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                Stage::Over(Outcome::Refused("the server answered something else than was asked".into()))
            }
        }
    }

    fn looked(&self, answer: Answer, why: &str) -> Stage {
        match answer {
            Answer::Object(live) if self.change.is_in(&live) => {
                Stage::Over(Outcome::Marked(number(&live, "/metadata/generation")))
            }
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => {
                Stage::Over(Outcome::Unknown(format!("the answer got lost ({why}), it may still arrive")))
            }
        }
    }
}
