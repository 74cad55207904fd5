//! Carries out exactly one plan: compares what is live with it, writes the content, marks everybody who reads it, gives Helm
//! its fields back, then watches until every new pod is ready.
//!
//! Killed at any instant it leaves the old content, or the new one with readers that are not all restarted: a second run
//! restarts the rest. Helm's fields come last: until then the object tells when it was written.
//!
//! Never: over what somebody wrote since it was compared; a restart before the content is seen in the object; success
//! before the cluster shows it.

mod seeing;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::plan::{Plan, Write};
use super::restarting::{Outcome, Restarting};
use super::{ask, content};
use crate::domain::event::Ending;
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::text::clean;
use crate::helm::api::{Answer, Mode, Refused, Verb};
use crate::helm::choices::Wait;
use crate::helm::desk::Desk;
use crate::helm::engine::{CallId, Engine, Input, Request};
use crate::helm::ownership;
use crate::helm::plan::Change;
use crate::helm::progress::Progress;
use crate::helm::readiness::Readiness;
use crate::kubectl::ask::address;
use crate::kubectl::change;

/// The object is read anew so often when its version moves between reading and writing.
const TRIES: u32 = 8;

/// The machine.
#[derive(Debug, Clone)]
pub struct Execution {
    plan: Plan,
    timeout: Duration,
    wait: Wait,
    desk: Desk,
    stage: Stage,
    /// Readers as they were compared, by their place.
    live: BTreeMap<usize, Value>,
    /// The object as it was seen last.
    object: Option<Value>,
    restarting: Restarting,
    tries: u32,
    end: Option<Ending>,
}

#[derive(Debug, Clone)]
enum Stage {
    Idle,
    Reading(BTreeMap<CallId, Asked>),
    Writing(CallId),
    /// The answer to the write got lost: does the object show it?
    Looking(CallId, String),
    Restarting,
    /// Helm gets its fields back.
    Handing(CallId),
    /// Its version moved meanwhile.
    Renewing(CallId),
    Settling(Box<Readiness>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Object,
    Reader(usize),
}

impl Execution {
    /// A machine for one confirmed plan.
    pub fn new(plan: Plan, timeout: Duration, wait: Wait) -> Self {
        Self {
            plan,
            timeout,
            wait,
            desk: Desk::default(),
            stage: Stage::Idle,
            live: BTreeMap::new(),
            object: None,
            restarting: Restarting::default(),
            tries: 0,
            end: None,
        }
    }

    fn look(&mut self) -> CallId {
        let place = ask::address(&self.plan.object, &self.plan.namespace);
        self.desk.object(&place, Verb::Get, Mode::DryRun)
    }

    fn start(&mut self) {
        let mut open = BTreeMap::from([(self.look(), Asked::Object)]);
        let readers: Vec<_> =
            self.plan.restarted().map(|(at, r)| (at, address(&r.workload, &self.plan.namespace))).collect();
        for (at, target) in readers {
            open.insert(self.desk.object(&target, Verb::Get, Mode::DryRun), Asked::Reader(at));
        }
        self.stage = Stage::Reading(open);
    }

    fn void(&mut self, why: &str) {
        self.end = Some(Ending::Void { why: format!("{why}. Nothing was written") });
    }

    fn answered(&mut self, now: Moment, id: CallId, answer: Answer) {
        match &mut self.stage {
            Stage::Reading(open) => {
                if let Some(asked) = open.remove(&id) {
                    let done = open.is_empty();
                    self.read(asked, answer);
                    if done && self.end.is_none() {
                        self.write(now);
                    }
                }
            }
            Stage::Writing(asked) if *asked == id => self.written(now, answer),
            Stage::Looking(asked, why) if *asked == id => {
                let why = why.clone();
                self.looked(now, answer, &why);
            }
            Stage::Restarting => {
                if let Some((at, outcome)) = self.restarting.answered(&mut self.desk, id, answer) {
                    self.tell(at, &outcome);
                }
                if self.restarting.is_over() {
                    self.hand();
                }
            }
            Stage::Handing(asked) if *asked == id => self.handed(&answer),
            Stage::Renewing(asked) if *asked == id => {
                if let Answer::Object(object) = answer {
                    self.object = Some(object);
                }
                self.hand();
            }
            Stage::Idle
            | Stage::Writing(_)
            | Stage::Looking(..)
            | Stage::Handing(_)
            | Stage::Renewing(_)
            | Stage::Settling(_) => {}
        }
    }

    fn read(&mut self, asked: Asked, answer: Answer) {
        let what = match asked {
            Asked::Object => self.plan.object.to_string(),
            Asked::Reader(at) => self.plan.readers.get(at).map(|r| r.workload.to_string()).unwrap_or_default(),
        };
        let planned = match asked {
            Asked::Object => self.plan.basis.clone(),
            Asked::Reader(at) => self.plan.readers.get(at).map(|r| r.basis.clone()).unwrap_or_default(),
        };
        match (asked, answer) {
            (Asked::Object, Answer::Object(live)) if content::basis(&live) == planned => self.object = Some(live),
            (Asked::Reader(at), Answer::Object(live)) if change::basis(&live) == planned => {
                self.live.insert(at, live);
            }
            (Asked::Object | Asked::Reader(_), Answer::Object(_)) => {
                self.void(&format!("{what} was changed by somebody else since it was planned. Look at it, plan again"));
            }
            (Asked::Object, Answer::Refused(Refused::NotFound(_))) if planned.is_null() => {}
            (Asked::Object | Asked::Reader(_), Answer::Refused(Refused::NotFound(_))) => {
                self.void(&format!("{what} is gone"));
            }
            (Asked::Object | Asked::Reader(_), answer) => {
                self.void(&format!("{what} cannot be read: {}", odd(&answer)));
            }
        }
    }

    fn write(&mut self, now: Moment) {
        if self.tries == 0 {
            self.desk.report(Progress::Checked);
        }
        self.tries += 1;
        let verb = match (&self.plan.write, &self.object) {
            (Write::Content, Some(live)) => content::verb(live, &self.plan.content),
            (Write::Whole(whole), _) => Verb::Create(whole.clone()),
            (Write::Content, None) | (Write::Nothing, _) => return self.restart(now),
        };
        let place = ask::address(&self.plan.object, &self.plan.namespace);
        self.stage = Stage::Writing(self.desk.object(&place, verb, Mode::Commit));
    }

    fn change(&self) -> Change {
        if matches!(self.plan.write, Write::Whole(_)) { Change::Create } else { Change::Update }
    }

    fn shown(&mut self, now: Moment, object: Value) {
        let change = self.change();
        self.desk.report(Progress::Object { index: 0, change, error: None });
        self.object = Some(object);
        self.restart(now);
    }

    fn written(&mut self, now: Moment, answer: Answer) {
        let what = self.plan.object.to_string();
        match answer {
            Answer::Object(object) => self.shown(now, object),
            // Its labels or managers moved between reading and writing: nothing was written, and it is compared again.
            Answer::Refused(Refused::Conflict { .. }) if self.tries < TRIES => {
                self.stage = Stage::Reading(BTreeMap::from([(self.look(), Asked::Object)]));
            }
            Answer::Refused(Refused::Conflict { message, .. }) => {
                self.void(&format!("{what} changes all the time, it could not be written: {}", clean(&message)));
            }
            Answer::Refused(Refused::AlreadyExists(_)) => {
                self.void(&format!("somebody else made {what} first. Look at it, plan again"));
            }
            Answer::Refused(Refused::Fault {
                fault: fault @ (Fault::Unreachable { .. } | Fault::Bad { .. }), ..
            }) => {
                let why = fault.sentence();
                self.stage = Stage::Looking(self.look(), why);
            }
            Answer::Refused(refused) => {
                let (why, change) = (clean(&refused.message()), self.change());
                self.desk.report(Progress::Object { index: 0, change, error: Some(why.clone()) });
                let why = format!("{what}: {why}. It has the content that it had, and nothing is restarted");
                self.end = Some(Ending::Failed { why });
            }
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                self.stage = Stage::Looking(self.look(), "the server answered something else".into());
            }
        }
    }

    fn looked(&mut self, now: Moment, answer: Answer, why: &str) {
        match answer {
            Answer::Object(object) if content::differing(&object, &self.plan.content).is_empty() => {
                self.shown(now, object);
            }
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => {
                self.end = Some(Ending::Unknown {
                    why: format!(
                        "the answer to the change of {} got lost ({why}) and the change is not seen: it may still \
                         arrive. Nothing was restarted. Look at it before anything else",
                        self.plan.object
                    ),
                });
            }
        }
    }

    /// The content is there: everybody who reads it at once, each guarded by the version that was compared.
    fn restart(&mut self, now: Moment) {
        self.stage = Stage::Restarting;
        let written = self.object.as_ref().and_then(ownership::last_written);
        for (at, reader) in self.plan.restarted() {
            if let Some(live) = self.live.get(&at) {
                let whose = (at, reader);
                self.restarting.begin(&mut self.desk, whose, &self.plan.namespace, live, (now, written));
            }
        }
        if self.restarting.is_over() {
            self.hand();
        }
    }

    fn tell(&mut self, at: usize, outcome: &Outcome) {
        let error = match outcome {
            Outcome::Marked(_) => None,
            Outcome::Refused(why) | Outcome::Unknown(why) => Some(why.clone()),
        };
        self.desk.report(Progress::Object { index: at.saturating_add(1), change: Change::Update, error });
    }

    fn hand(&mut self) {
        let verb = self.object.as_ref().and_then(|object| content::handover(object, self.plan.method));
        match verb.filter(|_| self.tries < TRIES.saturating_mul(2)) {
            Some(verb) => {
                self.tries += 1;
                let place = ask::address(&self.plan.object, &self.plan.namespace);
                self.stage = Stage::Handing(self.desk.object(&place, verb, Mode::Commit));
            }
            None => self.settle(),
        }
    }

    /// Whose field it is changes nothing of the content: where it cannot be handed over, helm may have to be told to force.
    fn handed(&mut self, answer: &Answer) {
        match answer {
            Answer::Refused(Refused::Conflict { .. }) => self.stage = Stage::Renewing(self.look()),
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => self.settle(),
        }
    }
}

/// What an answer says that is not the one that was hoped for.
fn odd(answer: &Answer) -> String {
    match answer {
        Answer::Refused(refused) => clean(&refused.message()),
        Answer::Resource(_) | Answer::Object(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
            "the server answered something else than was asked".into()
        }
    }
}

impl Engine for Execution {
    type End = Ending;

    fn step(&mut self, now: Moment, input: Input) -> Vec<Request> {
        if self.end.is_some() {
            return Vec::new();
        }
        match (input, &mut self.stage) {
            (Input::Start, Stage::Idle) => self.start(),
            (Input::Answer(id, answer), _) => self.answered(now, id, answer),
            (Input::Observed(watch, object), Stage::Settling(readiness)) => {
                readiness.observed(&mut self.desk, watch, object, false);
            }
            (Input::Gone(watch, object), Stage::Settling(readiness)) => {
                readiness.observed(&mut self.desk, watch, object, true);
            }
            (Input::Synced(watch), Stage::Settling(readiness)) => readiness.synced(watch, &mut self.desk),
            (Input::Lost(watch, why), Stage::Settling(readiness)) => readiness.lost(watch, &why),
            (Input::TimedOut, Stage::Settling(_)) => self.settled(true),
            (
                Input::Start
                | Input::Observed(..)
                | Input::Gone(..)
                | Input::Synced(_)
                | Input::Lost(..)
                | Input::TimedOut,
                _,
            ) => {}
        }
        if self.end.is_none() {
            self.settled(false);
        }
        self.desk.take()
    }

    fn end(&self) -> Option<&Self::End> {
        self.end.as_ref()
    }
}
