//! Carries out exactly one plan: record first, hooks, objects, deletions, records again; then watches until the
//! workloads run what the plan promised.
//!
//! As helm does it (helm `action/rollback.go`), with what helm leaves to chance made certain: nothing is written when
//! the plan no longer holds; a failure is recorded as failed and never left pending; nothing is deleted after an error;
//! records are written against their resource version; the outcome says what is live and what to do next.
//!
//! Never: anything that the plan does not say, and never success before the cluster shows it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::api::{Answer, Mode, Refused, Verb};
use super::ask::Ask;
use super::batch::{Batch, Done};
use super::choices::Manner;
use super::closing::{self, Failed};
use super::desk::Desk;
use super::draft::{self, Draft};
use super::engine::{CallId, Engine, Input, Request};
use super::holder::Holder;
use super::hookrun::HookRun;
use super::ledger;
use super::opening::Opening;
use super::plan::Plan;
use super::progress::{Outcome, Progress};
use super::readiness::{Readiness, Seen};
use super::record::{Dialect, Record};
use super::run::{Run, hooks_at, numbered, wanted};
use super::sealing::Sealing;
use super::settling::{Settling, Stopped};
use super::survey::Survey;
use crate::domain::moment::Moment;
use crate::domain::name::Revision;
use crate::domain::release::Status;
use crate::domain::text::clean;

pub use super::choices::Wait;

/// The machine.
#[derive(Debug, Clone)]
pub struct Rollback {
    plan: Plan,
    ask: Ask,
    /// Who held the lock before, and which revision they wrote.
    before: Option<(String, Revision)>,
    desk: Desk,
    stage: Stage,
    run: Option<Box<Run>>,
    end: Option<Outcome>,
}

#[derive(Debug, Clone)]
enum Stage {
    Idle,
    Surveying(Box<Survey>),
    Opening(Opening),
    PreHooks(HookRun),
    /// Hooks ran, so what is live is read again.
    Refreshing(BTreeMap<CallId, usize>),
    Updating(Batch),
    Deleting(Batch),
    PostHooks(HookRun),
    Settling(Settling),
    /// The failure is being recorded.
    Failing {
        older: Option<CallId>,
        sealing: Sealing,
        why: String,
    },
    Watching(Readiness),
}

impl Rollback {
    /// For a plan that was confirmed. `context` is for the command line in texts, `timeout` for each hook and for the
    /// workloads.
    pub fn new(plan: Plan, context: &str, timeout: Duration, wait: Wait) -> Self {
        let ask = Ask {
            release: plan.release.clone(),
            namespace: plan.namespace.clone(),
            to: plan.to,
            context: context.to_owned(),
            timeout,
            wait,
            choices: plan.choices.clone(),
            holder: Holder::default(),
            cut_off: None,
        };
        Self { before: None, plan, ask, desk: Desk::default(), stage: Stage::Idle, run: None, end: None }
    }

    /// Knowing who held the lock before: a history that has moved on is then told with a name.
    #[must_use]
    pub fn after(self, before: Option<(String, Revision)>) -> Self {
        Self { before, ..self }
    }

    fn begin(&mut self) {
        if let Some(finding) = self.plan.blocked() {
            self.end = Some(Outcome::Void { why: finding.sentence.clone() });
            return;
        }
        let mut survey = Survey::new(self.ask.clone());
        survey.start(&mut self.desk);
        self.stage = Stage::Surveying(Box::new(survey));
    }

    /// The plan is compared with the world; only if both are what they were is anything written.
    fn surveyed(&mut self, found: Result<Draft, super::plan::Refusal>, now: Moment) {
        let checked = found.map_err(|r| r.sentence).and_then(|draft| {
            closing::moved(&self.plan, &draft, self.before.as_ref()).map_or(Ok(()), Err)?;
            let record = Record::rollback(&draft.last, &draft.target, draft.method, now)?;
            let opening = Opening::start(&record, &mut self.desk)?;
            Ok((Run { draft, record, done: Done::default(), stale: String::new() }, opening))
        });
        match checked {
            Ok((run, opening)) => {
                self.desk.report(Progress::Checked);
                self.run = Some(Box::new(run));
                self.stage = Stage::Opening(opening);
            }
            Err(why) => self.end = Some(Outcome::Void { why }),
        }
    }

    fn opened(&mut self, run: &mut Run, now: Moment) {
        self.desk.report(Progress::Recorded(run.record.revision));
        let hooks = hooks_at(run, "pre-rollback");
        let limits = (run.draft.method, self.ask.choices.manner, self.ask.timeout);
        let hooks = HookRun::start("pre-rollback", hooks, limits, (&mut self.desk, &mut run.record), now);
        self.stage = Stage::PreHooks(hooks);
    }

    fn refresh(&mut self, run: &mut Run) {
        let mut open = BTreeMap::new();
        if !hooks_at(run, "pre-rollback").is_empty() {
            let of_target = run.draft.ops.iter().enumerate().filter(|(_, op)| op.modified.is_some());
            open.extend(of_target.map(|(at, op)| (self.desk.object(&op.at, Verb::Get, Mode::Commit), at)));
        }
        self.refreshed(run, open, None);
    }

    fn refreshed(&mut self, run: &mut Run, open: BTreeMap<CallId, usize>, answer: Option<(usize, Answer)>) {
        let (method, choices) = (run.draft.method, run.draft.choices.clone());
        if let Some((op, answer)) = answer.and_then(|(at, a)| run.draft.ops.get_mut(at).map(|op| (op, a))) {
            op.live = match answer {
                Answer::Object(object) => Some(object),
                Answer::Refused(Refused::NotFound(_)) => None,
                Answer::Refused(_) | Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                    op.live.take()
                }
            };
            if let Err(why) = draft::decide(op, (method, &choices)) {
                let why = format!("{}: {why}", op.called());
                return self.fail(run, &why, Failed::Before, None);
            }
        }
        if !open.is_empty() {
            self.stage = Stage::Refreshing(open);
            return;
        }
        let ops = numbered(run, |op| op.modified.is_some());
        let manner = self.ask.choices.manner;
        self.stage = Stage::Updating(Batch::start(ops, (method, manner), &mut self.desk));
    }

    fn updated(&mut self, run: &mut Run, done: Done, now: Moment) {
        let error = done.error();
        run.done = done;
        if let Some(why) = error {
            return self.fail(run, &why, Failed::Changing, Some(now));
        }
        let ops = numbered(run, |op| op.modified.is_none());
        let how = (run.draft.method, self.ask.choices.manner);
        self.stage = Stage::Deleting(Batch::start(ops, how, &mut self.desk));
    }

    fn deleted(&mut self, run: &mut Run, done: &Done, now: Moment) {
        // Helm 3 goes on as if what cannot be deleted were gone, and tells nobody (3.22.0); helm 4 fails (4.3.1).
        let untold = self.ask.choices.manner == Manner::Exact && run.record.dialect() == Dialect::Helm3;
        if let Some(why) = done.error().filter(|_| !untold) {
            return self.fail(run, &why, Failed::Changing, Some(now));
        }
        match (self.ask.choices.manner, self.ask.wait) {
            (Manner::Exact, Wait::ForReady) => self.watch(run, now),
            (Manner::Exact, Wait::Not) | (Manner::Mended, _) => self.post_hooks(run, now),
        }
    }

    fn post_hooks(&mut self, run: &mut Run, now: Moment) {
        let hooks = hooks_at(run, "post-rollback");
        let limits = (run.draft.method, self.ask.choices.manner, self.ask.timeout);
        let hooks = HookRun::start("post-rollback", hooks, limits, (&mut self.desk, &mut run.record), now);
        self.stage = Stage::PostHooks(hooks);
    }

    fn helm_done(&mut self, run: &mut Run, now: Moment) {
        let revision = run.record.revision;
        self.desk.report(Progress::HelmDone(revision));
        match (self.ask.wait, self.ask.choices.manner) {
            (Wait::Not, _) => self.end = Some(Outcome::Applied { revision, unready: String::new() }),
            (Wait::ForReady, Manner::Exact) => self.end = Some(Outcome::SeenReady { revision }),
            (Wait::ForReady, Manner::Mended) => self.watch(run, now),
        }
    }

    fn watch(&mut self, run: &mut Run, now: Moment) {
        self.desk.deadline(self.ask.timeout);
        self.stage = Stage::Watching(Readiness::start(wanted(run), &mut self.desk));
        self.watched(run, false, now);
    }

    /// The pods are another light than the record, which says deployed by now. As helm to the letter they decide what the
    /// record will say: deployed, or failed, and then the newest revision stays deployed beside it (3.22.0 and 4.3.1).
    fn watched(&mut self, run: &mut Run, late: bool, now: Moment) {
        let Stage::Watching(readiness) = &self.stage else { return };
        let Some(seen) = readiness.end(late) else { return };
        readiness.stop(&mut self.desk);
        let revision = run.record.revision;
        if self.ask.choices.manner == Manner::Exact {
            return match seen {
                Seen::Ready => {
                    self.desk.report(Progress::Ready);
                    self.post_hooks(run, now);
                }
                Seen::Unready(_) if late && run.record.dialect() == Dialect::Helm3 => {
                    self.fail(run, "context deadline exceeded", Failed::Waiting, Some(now));
                }
                Seen::Unready(why) => self.fail(run, &why, Failed::Waiting, Some(now)),
            };
        }
        if seen == Seen::Ready {
            self.desk.report(Progress::Ready);
        }
        self.end = Some(closing::seen(revision, seen, &run.stale, late.then_some(self.ask.timeout)));
    }

    /// Records the failure. As in helm the newest record is superseded only where objects were being changed; a record
    /// that had failed itself stays failed (helm rewrites it, and it looks good ever after).
    fn fail(&mut self, run: &mut Run, why: &str, at: Failed, now: Option<Moment>) {
        let now = now.unwrap_or_else(|| run.record.updated());
        let exact = self.ask.choices.manner == Manner::Exact;
        if exact && at.is_of_hook() {
            self.end = Some(closing::left_pending(&self.plan, why));
            return;
        }
        let message = at.message(&run.record.name, why);
        let mut older = None;
        if at == Failed::Changing && (exact || run.draft.last.status == Status::Deployed) {
            let put = run.draft.last.supersede().and_then(|()| ledger::put(&run.draft.last, now, &mut self.desk));
            older = put.ok();
        }
        let live = at.live(&self.plan, run.done.changed);
        // A description that cannot be set leaves the old one; the status is what counts.
        drop(run.record.set_status(Status::Failed, &message));
        let sealing = Sealing::start(&run.record, &mut self.desk, now);
        self.stage = Stage::Failing { older, sealing, why: format!("{}.{live}", clean(&message)) };
    }

    fn advance(&mut self, run: &mut Run, input: Input, now: Moment) {
        match (std::mem::replace(&mut self.stage, Stage::Idle), input) {
            (Stage::Opening(mut opening), Input::Answer(of, answer)) => {
                opening.answer(&mut run.record, &mut self.desk, of, answer);
                self.stage = Stage::Opening(opening);
            }
            (Stage::PreHooks(mut hooks), input) => {
                hooks.step(input, (&mut self.desk, &mut run.record), now);
                self.stage = Stage::PreHooks(hooks);
            }
            (Stage::Refreshing(mut open), Input::Answer(of, answer)) => {
                let answer = open.remove(&of).map(|at| (at, answer));
                self.refreshed(run, open, answer);
            }
            (Stage::Updating(mut batch), Input::Answer(of, answer)) => {
                batch.answer(&mut self.desk, of, answer);
                self.stage = Stage::Updating(batch);
            }
            (Stage::Deleting(mut batch), Input::Answer(of, answer)) => {
                batch.answer(&mut self.desk, of, answer);
                self.stage = Stage::Deleting(batch);
            }
            (Stage::PostHooks(mut hooks), input) => {
                hooks.step(input, (&mut self.desk, &mut run.record), now);
                self.stage = Stage::PostHooks(hooks);
            }
            (Stage::Settling(mut settling), Input::Answer(of, answer)) => {
                settling.answer(&mut run.record, &mut self.desk, (of, answer), now);
                self.stage = Stage::Settling(settling);
            }
            (Stage::Failing { older, mut sealing, why }, Input::Answer(of, answer)) => {
                let older = older.filter(|id| *id != of);
                sealing.answer(&mut run.record, &mut self.desk, (of, answer), now);
                self.stage = Stage::Failing { older, sealing, why };
            }
            (Stage::Watching(mut readiness), input) => {
                let late = input == Input::TimedOut;
                match input {
                    Input::Observed(of, object) => readiness.observed(&mut self.desk, of, object, false),
                    Input::Gone(of, object) => readiness.observed(&mut self.desk, of, object, true),
                    Input::Lost(of, why) => readiness.lost(of, &why),
                    Input::Synced(of) => readiness.synced(of, &mut self.desk),
                    Input::Start | Input::Answer(..) | Input::TimedOut => {}
                }
                self.stage = Stage::Watching(readiness);
                self.watched(run, late, now);
            }
            (stage, _) => self.stage = stage,
        }
        self.settle(run, now);
    }

    /// Goes on as long as a stage has ended by itself: no hooks, nothing to delete.
    fn settle(&mut self, run: &mut Run, now: Moment) {
        while self.end.is_none() {
            match &self.stage {
                Stage::Opening(opening) => match opening.end().cloned() {
                    Some(Ok(())) => self.opened(run, now),
                    Some(Err(outcome)) => self.end = Some(outcome),
                    None => return,
                },
                Stage::PreHooks(hooks) => match hooks.end().cloned() {
                    Some(Ok(())) => self.refresh(run),
                    Some(Err(why)) => self.fail(run, &why, Failed::Before, Some(now)),
                    None => return,
                },
                Stage::Updating(batch) => match batch.end().cloned() {
                    Some(done) => self.updated(run, done, now),
                    None => return,
                },
                Stage::Deleting(batch) => match batch.end().cloned() {
                    Some(done) => self.deleted(run, &done, now),
                    None => return,
                },
                Stage::PostHooks(hooks) => match hooks.end().cloned() {
                    Some(Ok(())) => {
                        let manner = self.ask.choices.manner;
                        let settling =
                            Settling::start(&run.draft.history, &mut run.record, manner, &mut self.desk, now);
                        self.stage = Stage::Settling(settling);
                    }
                    Some(Err(why)) => self.fail(run, &why, Failed::After, Some(now)),
                    None => return,
                },
                Stage::Settling(settling) => match settling.end().cloned() {
                    Some(Ok(())) => {
                        run.stale = settling.stale();
                        self.helm_done(run, now);
                    }
                    Some(Err(Stopped::Open(outcome))) => self.end = Some(outcome),
                    Some(Err(Stopped::Overtaken(why))) => self.fail(run, &why, Failed::Overtaken, Some(now)),
                    None => return,
                },
                Stage::Failing { older: None, sealing, why } => match sealing.end() {
                    Some(sealed) => self.end = Some(closing::failed(&self.plan, why, sealed)),
                    None => return,
                },
                Stage::Idle
                | Stage::Surveying(_)
                | Stage::Refreshing(_)
                | Stage::Failing { .. }
                | Stage::Watching(_) => {
                    return;
                }
            }
        }
    }
}

impl Engine for Rollback {
    type End = Outcome;

    fn step(&mut self, now: Moment, input: Input) -> Vec<Request> {
        if self.end.is_some() {
            return Vec::new();
        }
        if let Some(mut run) = self.run.take() {
            self.advance(&mut run, input, now);
            self.run = Some(run);
            return self.desk.take();
        }
        match (std::mem::replace(&mut self.stage, Stage::Idle), input) {
            (Stage::Idle, Input::Start) => self.begin(),
            (Stage::Surveying(mut survey), Input::Answer(id, answer)) => {
                survey.answer(&mut self.desk, id, answer);
                let found = survey.end();
                self.stage = Stage::Surveying(survey);
                if let Some(found) = found {
                    self.surveyed(found, now);
                }
            }
            (stage, _) => self.stage = stage,
        }
        self.desk.take()
    }

    fn end(&self) -> Option<&Outcome> {
        self.end.as_ref()
    }
}
