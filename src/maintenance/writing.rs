//! The counts on their way: each workload's written once, by its resource version, and looked at where its answer got
//! lost or somebody wrote it meanwhile.
//!
//! Never: over a count that somebody else has set since it was compared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::Row;
use super::scale;
use crate::domain::fault::Fault;
use crate::domain::name::Namespace;
use crate::domain::text::clean;
use crate::helm::api::{Answer, Mode, ObjectRef, Refused, Verb};
use crate::helm::desk::Desk;
use crate::helm::engine::CallId;
use crate::helm::rollout::number;
use crate::kubectl::ask;

/// A workload is read anew so often while others write it.
const TRIES: u32 = 8;

/// All of them.
#[derive(Debug, Clone)]
pub struct Writing {
    namespace: Namespace,
    tracks: BTreeMap<usize, Track>,
}

#[derive(Debug, Clone)]
struct Track {
    target: ObjectRef,
    uid: String,
    /// The count that was compared.
    before: u32,
    /// The count that is written.
    count: u32,
    /// Whether an autoscaler moves it.
    scaled: bool,
    tries: u32,
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    Writing(CallId),
    /// Somebody wrote it meanwhile, or the answer got lost: how is it?
    Looking(CallId, Why),
    /// The count is there, from that generation on; helm gets its field back.
    Handing(CallId, i64),
    /// Its status moved meanwhile: how is it now?
    Renewing(CallId, i64),
    Over(Outcome),
}

#[derive(Debug, Clone)]
enum Why {
    Conflict(String),
    Lost(String),
}

/// Places in the plan, each with why.
pub type Whys = Vec<(usize, String)>;

/// How one ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The object shows the count, from that generation on.
    Written(i64),
    /// It was not written.
    Refused(String),
    /// Nobody knows.
    Unknown(String),
}

impl Writing {
    /// Of workloads there.
    pub const fn new(namespace: Namespace) -> Self {
        Self { namespace, tracks: BTreeMap::new() }
    }

    /// Writes the count of one; `at`: its place in the plan.
    pub fn begin(&mut self, desk: &mut Desk, at: usize, row: &Row, count: u32, live: &Value) {
        let target = ask::address(&row.workload, &self.namespace);
        let stage = Stage::Writing(desk.object(&target, scale::verb(live, count), Mode::Commit));
        let (uid, before, scaled) = (row.uid.clone(), scale::count(live), row.scaler.is_some());
        self.tracks.insert(at, Track { target, uid, before, count, scaled, tries: 1, stage });
    }

    /// One that has its count already, from somebody who was cut off: what is helm's is handed over all the same.
    pub fn resume(&mut self, desk: &mut Desk, at: usize, row: &Row, live: &Value) {
        let Some(verb) = scale::handover(live) else { return };
        let target = ask::address(&row.workload, &self.namespace);
        let generation = number(live, "/metadata/generation");
        let stage = Stage::Handing(desk.object(&target, verb, Mode::Commit), generation);
        let (uid, count, scaled) = (row.uid.clone(), scale::count(live), row.scaler.is_some());
        self.tracks.insert(at, Track { target, uid, before: count, count, scaled, tries: 1, stage });
    }

    /// Takes an answer; the place and the outcome where it ended one.
    pub fn answered(&mut self, desk: &mut Desk, id: CallId, answer: Answer) -> Option<(usize, Outcome)> {
        let waits = |track: &Track| match &track.stage {
            Stage::Writing(asked) | Stage::Looking(asked, _) | Stage::Handing(asked, _) | Stage::Renewing(asked, _) => {
                *asked == id
            }
            Stage::Over(_) => false,
        };
        let (at, track) = self.tracks.iter_mut().find(|(_, t)| waits(t))?;
        track.stage = match track.stage.clone() {
            Stage::Writing(_) => track.written(desk, answer),
            Stage::Looking(_, why) => track.looked(desk, answer, why),
            Stage::Handing(_, generation) => track.handed(desk, &answer, generation),
            Stage::Renewing(_, generation) => match answer {
                Answer::Object(object) => track.hand(desk, &object, generation),
                Answer::Refused(_) | Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                    Stage::Over(Outcome::Written(generation))
                }
            },
            over @ Stage::Over(_) => over,
        };
        match &track.stage {
            Stage::Over(outcome) => Some((*at, outcome.clone())),
            Stage::Writing(_) | Stage::Looking(..) | Stage::Handing(..) | Stage::Renewing(..) => None,
        }
    }

    /// Whether every one has ended.
    pub fn is_over(&self) -> bool {
        self.tracks.values().all(|t| matches!(t.stage, Stage::Over(_)))
    }

    /// Those that were refused, and those of which nobody knows, each with why.
    pub fn amiss(&self) -> (Whys, Whys) {
        let (mut refused, mut unknown) = (Vec::new(), Vec::new());
        for (at, track) in &self.tracks {
            match &track.stage {
                Stage::Over(Outcome::Refused(why)) => refused.push((*at, why.clone())),
                Stage::Over(Outcome::Unknown(why)) => unknown.push((*at, why.clone())),
                Stage::Over(Outcome::Written(_))
                | Stage::Writing(_)
                | Stage::Looking(..)
                | Stage::Handing(..)
                | Stage::Renewing(..) => {}
            }
        }
        (refused, unknown)
    }

    /// The generation that the count of one was written with.
    pub fn generation(&self, at: usize) -> Option<i64> {
        match self.tracks.get(&at)?.stage {
            Stage::Over(Outcome::Written(generation)) => Some(generation),
            Stage::Over(Outcome::Refused(_) | Outcome::Unknown(_))
            | Stage::Writing(_)
            | Stage::Looking(..)
            | Stage::Handing(..)
            | Stage::Renewing(..) => None,
        }
    }
}

impl Track {
    fn look(&self, desk: &mut Desk, why: Why) -> Stage {
        Stage::Looking(desk.object(&self.target, Verb::Get, Mode::DryRun), why)
    }

    /// The object shows the count.
    fn shown(&mut self, desk: &mut Desk, object: &Value) -> Stage {
        self.tries = 0;
        self.hand(desk, object, number(object, "/metadata/generation"))
    }

    fn hand(&mut self, desk: &mut Desk, object: &Value, generation: i64) -> Stage {
        match scale::handover(object).filter(|_| self.tries < TRIES) {
            Some(verb) => {
                self.tries += 1;
                Stage::Handing(desk.object(&self.target, verb, Mode::Commit), generation)
            }
            None => Stage::Over(Outcome::Written(generation)),
        }
    }

    /// Whose field it is changes nothing of the count: where it cannot be handed over, helm may have to be told to force.
    fn handed(&self, desk: &mut Desk, answer: &Answer, generation: i64) -> Stage {
        match answer {
            Answer::Refused(Refused::Conflict { .. }) => {
                Stage::Renewing(desk.object(&self.target, Verb::Get, Mode::DryRun), generation)
            }
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => Stage::Over(Outcome::Written(generation)),
        }
    }

    fn written(&mut self, desk: &mut Desk, answer: Answer) -> Stage {
        match answer {
            Answer::Object(object) => self.shown(desk, &object),
            Answer::Refused(Refused::Conflict { message, .. }) => self.look(desk, Why::Conflict(clean(&message))),
            Answer::Refused(Refused::Fault {
                fault: fault @ (Fault::Unreachable { .. } | Fault::Bad { .. }), ..
            }) => self.look(desk, Why::Lost(fault.sentence())),
            Answer::Refused(refused) => Stage::Over(Outcome::Refused(clean(&refused.message()))),
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                self.look(desk, Why::Lost("the server answered something else".into()))
            }
        }
    }

    fn looked(&mut self, desk: &mut Desk, answer: Answer, why: Why) -> Stage {
        let object = match (answer, &why) {
            (Answer::Object(object), _) => object,
            (Answer::Refused(Refused::NotFound(_)), _) => return Stage::Over(Outcome::Refused("it is gone".into())),
            (_, Why::Conflict(why)) => return Stage::Over(Outcome::Refused(why.clone())),
            (_, Why::Lost(why)) => {
                return Stage::Over(Outcome::Unknown(format!("the answer got lost ({why}), it may still arrive")));
            }
        };
        let now = scale::count(&object);
        if scale::uid(&object) != self.uid {
            return Stage::Over(Outcome::Refused("it was deleted and made anew meanwhile".into()));
        }
        if now == self.count {
            return self.shown(desk, &object);
        }
        if now != self.before && !(self.scaled && now > 0) {
            return Stage::Over(Outcome::Refused(format!("somebody set it to {now} meanwhile, and it is left so")));
        }
        match (self.tries < TRIES, why) {
            // The version guards it: a first write that arrives after all is refused by the server.
            (true, Why::Conflict(_) | Why::Lost(_)) => {
                self.tries += 1;
                Stage::Writing(desk.object(&self.target, scale::verb(&object, self.count), Mode::Commit))
            }
            (false, Why::Conflict(why)) => Stage::Over(Outcome::Refused(format!("it changes all the time: {why}"))),
            (false, Why::Lost(why)) => {
                Stage::Over(Outcome::Unknown(format!("the answer got lost ({why}), it may still arrive")))
            }
        }
    }
}
