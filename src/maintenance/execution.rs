//! Carries out exactly one plan: compares what is live with it, saves before it stops, writes every count by its resource
//! version, then watches until no pod is left, or until every pod is back.
//!
//! A return reads every count back before it deletes what was saved. Killed at any instant it leaves either nothing done,
//! or the ConfigMap, by which the next one finishes it or brings it back.
//!
//! Never: a count that is not saved written to 0; what was saved written over; success before the cluster shows it.

mod saving;
mod seeing;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::ask::{self, Errand, SCALED};
use super::emptying::Emptying;
use super::plan::{Fate, Plan, Row};
use super::saved::{self, Saved};
use super::scale;
use super::writing::{Outcome, Writing};
use crate::domain::event::Ending;
use crate::domain::figure::count;
use crate::domain::moment::Moment;
use crate::domain::text::clean;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::api::{Answer, Call, Mode, ObjectRef, Refused, Verb};
use crate::helm::choices::Wait;
use crate::helm::desk::Desk;
use crate::helm::engine::{CallId, Engine, Input, Request};
use crate::helm::plan::Change;
use crate::helm::progress::Progress;
use crate::helm::readiness::Readiness;
use crate::kubectl::ask as kubectl;

/// The machine.
#[derive(Debug, Clone)]
pub struct Execution {
    plan: Plan,
    timeout: Duration,
    wait: Wait,
    desk: Desk,
    stage: Stage,
    live: BTreeMap<WorkloadRef, Value>,
    saved: Option<Saved>,
    writing: Writing,
    end: Option<Ending>,
}

#[derive(Debug, Clone)]
enum Stage {
    Idle,
    /// What was saved and what is live, compared with the plan.
    Reading(BTreeMap<CallId, Asked>),
    Saving(CallId),
    /// The answer to the create got lost: is it ours?
    Looking(CallId, String),
    Writing,
    /// Every count is written: are they seen?
    Verifying(BTreeMap<CallId, WorkloadKind>),
    Forgetting(CallId),
    Emptying(Box<Emptying>),
    Settling(Box<Readiness>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Saved,
    Workloads(WorkloadKind),
}

impl Execution {
    /// A machine for one confirmed plan.
    pub fn new(plan: Plan, timeout: Duration, wait: Wait) -> Self {
        let writing = Writing::new(plan.namespace.clone());
        let (desk, stage) = (Desk::default(), Stage::Idle);
        Self { plan, timeout, wait, desk, stage, live: BTreeMap::new(), saved: None, writing, end: None }
    }

    fn place(&self) -> ObjectRef {
        ask::place(&self.plan.namespace, &self.plan.release)
    }

    fn look(&mut self) -> CallId {
        let place = self.place();
        self.desk.object(&place, Verb::Get, Mode::DryRun)
    }

    fn lists(&mut self) -> Vec<(CallId, WorkloadKind)> {
        let list = |kind| Call::List {
            resource: kubectl::resource(kind),
            namespace: Some(self.plan.namespace.clone()),
            labels: String::new(),
        };
        SCALED.map(|kind| (kind, list(kind))).into_iter().map(|(kind, call)| (self.desk.call(call), kind)).collect()
    }

    fn start(&mut self) {
        let mut open: BTreeMap<CallId, Asked> =
            self.lists().into_iter().map(|(id, kind)| (id, Asked::Workloads(kind))).collect();
        open.insert(self.look(), Asked::Saved);
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
                        self.compare(now);
                    }
                }
            }
            Stage::Saving(asked) if *asked == id => self.made(answer),
            Stage::Looking(asked, why) if *asked == id => {
                let why = why.clone();
                self.found_again(answer, &why);
            }
            Stage::Writing => {
                if let Some((at, outcome)) = self.writing.answered(&mut self.desk, id, answer) {
                    self.tell(at, &outcome);
                }
                if self.writing.is_over() {
                    self.written();
                }
            }
            Stage::Verifying(open) => {
                if let Some(kind) = open.remove(&id) {
                    let done = open.is_empty();
                    self.seen_back(kind, answer, done);
                }
            }
            Stage::Forgetting(asked) if *asked == id => self.forgotten(answer),
            Stage::Idle
            | Stage::Saving(_)
            | Stage::Looking(..)
            | Stage::Forgetting(_)
            | Stage::Emptying(_)
            | Stage::Settling(_) => {}
        }
    }

    fn read(&mut self, asked: Asked, answer: Answer) {
        let release = self.plan.release.clone();
        match (asked, answer) {
            (Asked::Workloads(kind), Answer::List(all)) => self.learn(kind, all),
            (Asked::Saved, Answer::Object(object)) => {
                let found = saved::found(&object);
                match (&self.plan.guard, found.saved) {
                    (None, Ok(saved)) => self.void(&format!("{} put it there first", first(&saved))),
                    (None, Err(why)) => {
                        self.void(&format!("somebody else put {release} in maintenance first, and {why}"));
                    }
                    (Some(guard), Ok(saved)) if guard.uid == found.guard.uid => self.saved = Some(saved),
                    (Some(_), _) => {
                        self.void(&format!("the maintenance of {release} is another one than was planned for"));
                    }
                }
            }
            (Asked::Saved, Answer::Refused(Refused::NotFound(_))) if self.plan.guard.is_none() => {}
            (Asked::Saved, Answer::Refused(Refused::NotFound(_))) => {
                self.void(&format!("somebody else ended the maintenance of {release}"));
            }
            (Asked::Saved | Asked::Workloads(_), answer) => {
                self.void(&format!("{release} cannot be read: {}", odd(&answer)));
            }
        }
    }

    fn learn(&mut self, kind: WorkloadKind, all: Vec<Value>) {
        self.live.extend(all.into_iter().map(|object| (scale::reference(kind, &object), scale::typed(kind, object))));
    }

    /// Whether what is live is what was planned for. The count of what an autoscaler scales moves all the time.
    fn compare(&mut self, now: Moment) {
        for row in &self.plan.rows {
            let why = match (self.live.get(&row.workload), &row.fate) {
                (_, Fate::Left(_)) => None,
                (None, Fate::To(_) | Fate::Same) => Some(format!("{} is gone", row.workload)),
                (Some(live), Fate::To(_) | Fate::Same) => {
                    let (count, other) = (scale::count(live), scale::uid(live) != row.uid);
                    let scaled = row.scaler.is_some() && count > 0 && row.now > 0;
                    (other || (count != row.now && !scaled)).then(|| {
                        format!("{} was changed by somebody else since it was planned: it is at {count}", row.workload)
                    })
                }
            };
            if let Some(why) = why {
                self.void(&format!("{why}. Look at it, plan again"));
                return;
            }
        }
        self.desk.report(Progress::Checked);
        match self.plan.errand {
            Errand::Stop => {
                let saved = self.to_save(now);
                let place = self.place();
                let body = saved.object();
                self.saved = Some(saved);
                self.stage = Stage::Saving(self.desk.object(&place, Verb::Create(body), Mode::Commit));
            }
            Errand::Finish | Errand::BringBack(_) => self.write(),
        }
    }

    /// All counts at once; each is guarded by the version that was compared.
    fn write(&mut self) {
        if self.plan.errand == Errand::Stop {
            self.desk.report(Progress::Object { index: 0, change: Change::Create, error: None });
        }
        self.stage = Stage::Writing;
        for (at, row) in self.plan.rows.iter().enumerate() {
            match (&row.fate, self.live.get(&row.workload)) {
                (Fate::To(count), Some(live)) => self.writing.begin(&mut self.desk, at, row, *count, live),
                (Fate::Same, Some(live)) => self.writing.resume(&mut self.desk, at, row, live),
                (Fate::To(_) | Fate::Same, None) | (Fate::Left(_), _) => {}
            }
        }
        if self.writing.is_over() {
            self.written();
        }
    }

    fn tell(&mut self, at: usize, outcome: &Outcome) {
        if !self.plan.rows.get(at).is_some_and(Row::is_written) {
            return;
        }
        let error = match outcome {
            Outcome::Written(_) => None,
            Outcome::Refused(why) | Outcome::Unknown(why) => Some(why.clone()),
        };
        self.desk.report(Progress::Object { index: at.saturating_add(1), change: Change::Update, error });
    }

    fn written(&mut self) {
        let (refused, unknown) = self.writing.amiss();
        let name = |(at, why): &(usize, String)| {
            format!("{}: {why}", self.plan.rows.get(*at).map(|r| r.workload.to_string()).unwrap_or_default())
        };
        let all: Vec<String> = refused.iter().chain(&unknown).map(name).collect();
        if all.is_empty() {
            match self.plan.errand {
                Errand::Stop | Errand::Finish => self.empty(),
                Errand::BringBack(_) => {
                    let open = self.lists().into_iter().collect();
                    self.stage = Stage::Verifying(open);
                }
            }
            return;
        }
        let (wanted, saved) = (self.plan.written().count(), saved::name(&self.plan.release));
        let done = format!("{} of {}", wanted.saturating_sub(all.len()), count(wanted, "count", "counts"));
        let why = format!(
            "{done} written; {}. What was saved stays in ConfigMap {saved}: M finishes it or brings it back",
            all.join("; ")
        );
        self.end = Some(if unknown.is_empty() { Ending::Failed { why } } else { Ending::Unknown { why } });
    }
}

/// `ana has shop in maintenance since 04:31:`
fn first(saved: &Saved) -> String {
    format!("{} has {} in maintenance since {}:", saved.who(), saved.release, saved.since.format("%H:%M"))
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
            (Input::Observed(watch, object), Stage::Emptying(emptying)) => {
                emptying.observed(&mut self.desk, watch, &object, false);
            }
            (Input::Gone(watch, object), Stage::Emptying(emptying)) => {
                emptying.observed(&mut self.desk, watch, &object, true);
            }
            (Input::Synced(watch), Stage::Emptying(emptying)) => emptying.synced(watch, &mut self.desk),
            (Input::Lost(watch, why), Stage::Emptying(emptying)) => emptying.lost(watch, &why),
            (Input::TimedOut, Stage::Emptying(_)) => self.emptied(true),
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
            self.emptied(false);
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
