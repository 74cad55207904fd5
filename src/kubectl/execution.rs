//! Carries out exactly one plan on one workload: reads it once more, writes the one patch, then watches its pods until
//! they are what the plan promised.
//!
//! Never: anything that the plan does not say; a second patch after one whose answer is not known; success before the
//! cluster shows it.

use std::time::Duration;

use serde_json::Value;

use super::ask;
use super::change::{self, Change};
use super::plan::Plan;
use crate::domain::event::Ending;
use crate::domain::fault::Fault;
use crate::domain::moment::{Moment, short};
use crate::domain::text::clean;
use crate::helm::api::{Answer, Mode, Refused, Verb};
use crate::helm::desk::Desk;
use crate::helm::engine::{CallId, Engine, Input, Request};
use crate::helm::plan;
use crate::helm::progress::Progress;
use crate::helm::readiness::{Readiness, Seen, Wanted};
use crate::helm::rollback::Wait;
use crate::helm::rollout::number;

/// The workload is read anew so often when its status moves between reading and writing.
const TRIES: u32 = 8;

/// The machine.
#[derive(Debug, Clone)]
pub struct Execution {
    plan: Plan,
    timeout: Duration,
    wait: Wait,
    desk: Desk,
    stage: Stage,
    tries: u32,
    end: Option<Ending>,
}

#[derive(Debug, Clone)]
enum Stage {
    Idle,
    Reading(CallId),
    Writing(CallId),
    /// The answer to the patch got lost: does the object show it?
    Looking(CallId, String),
    /// The change is there, from that generation on; helm gets its fields back.
    Handing(CallId, i64),
    /// Its status moved meanwhile: how is it now?
    Renewing(CallId, i64),
    Settling(Box<Readiness>),
}

impl Execution {
    /// A machine for one confirmed plan.
    pub fn new(plan: Plan, timeout: Duration, wait: Wait) -> Self {
        Self { plan, timeout, wait, desk: Desk::default(), stage: Stage::Idle, tries: 0, end: None }
    }

    fn read(&mut self) -> CallId {
        let target = ask::address(&self.plan.workload, &self.plan.namespace);
        self.desk.object(&target, Verb::Get, Mode::DryRun)
    }

    fn answered(&mut self, id: CallId, answer: Answer) {
        match self.stage.clone() {
            Stage::Reading(asked) if asked == id => self.compare(answer),
            Stage::Writing(asked) if asked == id => self.written(answer),
            Stage::Looking(asked, why) if asked == id => self.looked(answer, &why),
            Stage::Handing(asked, generation) if asked == id => match answer {
                Answer::Refused(Refused::Conflict { .. }) => {
                    self.stage = Stage::Renewing(self.read(), generation);
                }
                // Whose field it is changes nothing of the workload: else helm may have to be told to force.
                Answer::Object(_)
                | Answer::Refused(_)
                | Answer::Resource(_)
                | Answer::List(_)
                | Answer::Gone
                | Answer::Allowed(_) => self.settle(generation),
            },
            Stage::Renewing(asked, generation) if asked == id => match answer {
                Answer::Object(object) => self.hand(&object, generation),
                Answer::Refused(_) | Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                    self.settle(generation);
                }
            },
            Stage::Idle
            | Stage::Reading(_)
            | Stage::Writing(_)
            | Stage::Looking(..)
            | Stage::Handing(..)
            | Stage::Renewing(..)
            | Stage::Settling(_) => {}
        }
    }

    fn compare(&mut self, answer: Answer) {
        let what = self.plan.workload.to_string();
        match answer {
            Answer::Object(live) if change::basis(&live) == self.plan.basis => {
                if self.tries == 0 {
                    self.desk.report(Progress::Checked);
                }
                self.tries += 1;
                let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
                let verb =
                    self.plan.change.verb(self.plan.workload.kind, change::manager(&live, &self.plan.change), &version);
                let target = ask::address(&self.plan.workload, &self.plan.namespace);
                self.stage = Stage::Writing(self.desk.object(&target, verb, Mode::Commit));
            }
            Answer::Object(_) => {
                self.void(&format!("{what} was changed by somebody else since it was planned. Look at it, plan again"));
            }
            Answer::Refused(Refused::NotFound(_)) => self.void(&format!("{what} is gone")),
            Answer::Refused(refused) => {
                self.void(&format!("{what} cannot be read: {}", clean(&refused.message())));
            }
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                self.void(&format!("{what} cannot be read: the server answered something else"));
            }
        }
    }

    fn void(&mut self, why: &str) {
        self.end = Some(Ending::Void { why: format!("{why}. Nothing was written") });
    }

    fn written(&mut self, answer: Answer) {
        let what = self.plan.workload.to_string();
        match answer {
            Answer::Object(object) => self.shown(&object),
            // Its status moved between reading and writing: nothing was written, and it is read and compared again.
            Answer::Refused(Refused::Conflict { .. }) if self.tries < TRIES => {
                self.stage = Stage::Reading(self.read());
            }
            Answer::Refused(Refused::Conflict { message, .. }) => {
                self.void(&format!("{what} changes all the time, it could not be written: {}", clean(&message)));
            }
            Answer::Refused(Refused::Fault {
                fault: fault @ (Fault::Unreachable { .. } | Fault::Bad { .. }), ..
            }) => {
                let why = fault.sentence();
                self.stage = Stage::Looking(self.read(), why);
            }
            Answer::Refused(refused) => {
                let why = clean(&refused.message());
                self.told(Some(why.clone()));
                self.end = Some(Ending::Failed { why: format!("{what}: {why}. It runs what it ran before") });
            }
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                self.stage = Stage::Looking(self.read(), "the server answered something else".into());
            }
        }
    }

    fn looked(&mut self, answer: Answer, why: &str) {
        match answer {
            Answer::Object(object) if self.plan.change.is_in(&object) => self.shown(&object),
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => {
                self.end = Some(Ending::Unknown {
                    why: format!(
                        "the answer to the change of {} got lost ({why}) and the change is not seen: it may still \
                         arrive. Look at it before anything else",
                        self.plan.workload
                    ),
                });
            }
        }
    }

    fn told(&mut self, error: Option<String>) {
        self.desk.report(Progress::Object { index: 0, change: plan::Change::Update, error });
    }

    fn shown(&mut self, object: &Value) {
        self.told(None);
        self.tries = 0;
        self.hand(object, number(object, "/metadata/generation"));
    }

    fn hand(&mut self, object: &Value, generation: i64) {
        match change::handover(object, &self.plan.change).filter(|_| self.tries < TRIES) {
            Some(verb) => {
                self.tries += 1;
                let target = ask::address(&self.plan.workload, &self.plan.namespace);
                self.stage = Stage::Handing(self.desk.object(&target, verb, Mode::Commit), generation);
            }
            None => self.settle(generation),
        }
    }

    fn settle(&mut self, generation: i64) {
        if self.wait == Wait::Not {
            self.end = Some(Ending::Unseen { what: format!("{}; its pods were not waited for", self.done()) });
            return;
        }
        let wanted = Wanted {
            at: ask::address(&self.plan.workload, &self.plan.namespace),
            images: self.plan.runs.clone(),
            generation,
        };
        self.stage = Stage::Settling(Box::new(Readiness::start(vec![wanted], &mut self.desk)));
        self.desk.deadline(self.timeout);
    }

    /// `Deployment order-service back on revision 3 (order-service:2.3.1)`
    fn done(&self) -> String {
        let workload = &self.plan.workload;
        match &self.plan.change {
            Change::Undo { to, .. } => {
                let images: Vec<&str> = self.plan.runs.iter().map(crate::domain::name::Image::short).collect();
                format!("{workload} back on its revision {to} ({})", images.join(", "))
            }
            Change::Restart { .. } => format!("{workload} restarted"),
        }
    }

    fn look(&mut self, late: bool) {
        let Stage::Settling(readiness) = &self.stage else { return };
        let Some(seen) = readiness.end(late) else { return };
        readiness.stop(&mut self.desk);
        self.end = Some(match seen {
            Seen::Ready => {
                self.desk.report(Progress::Ready);
                Ending::Seen { what: format!("{}, every pod new and ready", self.done()) }
            }
            Seen::Unready(why) => {
                let time = if late { format!(" after {}", short(self.timeout)) } else { String::new() };
                Ending::Unseen { what: format!("{}; {why}{time}", self.done()) }
            }
        });
    }
}

impl Engine for Execution {
    type End = Ending;

    fn step(&mut self, _now: Moment, input: Input) -> Vec<Request> {
        if self.end.is_some() {
            return Vec::new();
        }
        match (input, &mut self.stage) {
            (Input::Start, Stage::Idle) => self.stage = Stage::Reading(self.read()),
            (Input::Answer(id, answer), _) => self.answered(id, answer),
            (Input::Observed(watch, object), Stage::Settling(readiness)) => {
                readiness.observed(&mut self.desk, watch, object, false);
                self.look(false);
            }
            (Input::Gone(watch, object), Stage::Settling(readiness)) => {
                readiness.observed(&mut self.desk, watch, object, true);
                self.look(false);
            }
            (Input::Synced(watch), Stage::Settling(readiness)) => readiness.synced(watch, &mut self.desk),
            (Input::Lost(watch, why), Stage::Settling(readiness)) => readiness.lost(watch, &why),
            (Input::TimedOut, Stage::Settling(_)) => self.look(true),
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
        self.desk.take()
    }

    fn end(&self) -> Option<&Self::End> {
        self.end.as_ref()
    }
}
