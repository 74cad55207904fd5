//! Runs the hooks of one event, one after another (helm `action/hooks.go`): clear the old object and wait until it is
//! really gone, note the run in the record, create, wait until the Job or Pod has ended, clear again by policy.
//!
//! Never: two hooks at once, and never a hook that ended unseen taken for one that ended well.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::Value;

use super::api::{Answer, Mode, PatchKind, Refused, Verb};
use super::choices::Manner;
use super::desk::Desk;
use super::draft::{Item, called};
use super::engine::{CallId, Input, WatchId};
use super::hook::{DeletePolicy, Phase};
use super::plan::Method;
use super::progress::{HookState, Progress};
use super::record::{Dialect, Record};
use super::{ledger, manifest, rollout};
use crate::domain::moment::Moment;
use crate::domain::text::clean;

/// The hooks of one event on their way.
#[derive(Debug, Clone)]
pub struct HookRun {
    event: &'static str,
    queue: VecDeque<(usize, Vec<Item>)>,
    past: Vec<(usize, Vec<Item>)>,
    /// Objects of the present hook that are still to be dealt with in the present stage.
    todo: VecDeque<Item>,
    stage: Stage,
    started: Moment,
    method: Method,
    manner: Manner,
    timeout: Duration,
    end: Option<Result<(), String>>,
}

#[derive(Debug, Clone)]
enum Stage {
    Idle,
    Clearing(CallId, Item),
    Vanishing { watch: WatchId, item: Item, seen: bool },
    Noting(CallId),
    Creating(CallId, Item),
    Running { watch: WatchId, item: Item, uid: String },
    Tidying(BTreeSet<CallId>, Result<(), String>),
}

impl HookRun {
    /// Begins with the first hook; ended at once where there is none.
    pub fn start(
        event: &'static str,
        hooks: Vec<(usize, Vec<Item>)>,
        (method, manner, timeout): (Method, Manner, Duration),
        (desk, record): (&mut Desk, &mut Record),
        now: Moment,
    ) -> Self {
        let mut run = Self {
            event,
            queue: hooks.into(),
            past: Vec::new(),
            todo: VecDeque::new(),
            stage: Stage::Idle,
            started: now,
            method,
            manner,
            timeout,
            end: None,
        };
        run.begin(desk, record, now);
        run
    }

    /// How it ended.
    pub fn end(&self) -> Option<&Result<(), String>> {
        self.end.as_ref()
    }

    /// Takes a fact in.
    pub fn step(&mut self, input: Input, (desk, record): (&mut Desk, &mut Record), now: Moment) {
        match (std::mem::replace(&mut self.stage, Stage::Idle), input) {
            (Stage::Clearing(id, item), Input::Answer(of, answer)) if id == of => match answer {
                Answer::Refused(Refused::NotFound(_)) => self.clear(desk, record, now),
                Answer::Gone | Answer::Object(_) if !self.waits_for_deletions(record) => self.clear(desk, record, now),
                Answer::Gone | Answer::Object(_) => {
                    let watch = desk.watch(&item.at.resource, item.at.namespace.as_ref());
                    desk.deadline(self.timeout);
                    self.stage = Stage::Vanishing { watch, item, seen: false };
                }
                Answer::Refused(refused) => {
                    let why = format!("failed to delete {}: {}", called(&item.at), clean(&refused.message()));
                    self.fail(&why, (desk, record), now);
                }
                Answer::Resource(_) | Answer::List(_) | Answer::Allowed(_) => self.odd((desk, record), now),
            },
            (Stage::Vanishing { watch, item, .. }, Input::Gone(of, object)) if watch == of && names(&item, &object) => {
                desk.unwatch(watch);
                self.clear(desk, record, now);
            }
            (Stage::Vanishing { watch, item, .. }, Input::Observed(of, object))
                if watch == of && names(&item, &object) =>
            {
                self.stage = Stage::Vanishing { watch, item, seen: true };
            }
            (Stage::Vanishing { watch, seen: false, .. }, Input::Synced(of)) if watch == of => {
                desk.unwatch(watch);
                self.clear(desk, record, now);
            }
            (Stage::Noting(id), Input::Answer(of, answer)) if id == of => match ledger::wrote(record, answer) {
                Ok(()) => self.create(desk, record, now),
                Err(refused) => {
                    let why = format!("its start could not be recorded: {}", clean(&refused.message()));
                    self.fail(&why, (desk, record), now);
                }
            },
            (Stage::Creating(id, item), Input::Answer(of, answer)) if id == of => match answer {
                Answer::Object(object) => self.created(&object, item, (desk, record), now),
                Answer::Refused(refused) => {
                    let why = format!("failed to create {}: {}", called(&item.at), clean(&refused.message()));
                    self.fail(&why, (desk, record), now);
                }
                Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                    self.odd((desk, record), now);
                }
            },
            (stage @ Stage::Running { .. }, input) => self.running(stage, input, (desk, record), now),
            (Stage::Vanishing { watch, item, .. }, Input::TimedOut) => {
                desk.unwatch(watch);
                self.fail(&format!("the old {} does not go away", called(&item.at)), (desk, record), now);
            }
            (Stage::Tidying(mut open, result), Input::Answer(of, _)) => {
                open.remove(&of);
                self.tidied(open, result);
            }
            (stage, _) => self.stage = stage,
        }
    }

    /// Helm 4 goes on while the old object is still dying (4.3.1, but with `--wait`); helm 3 waits (3.22.0), and so do we.
    fn waits_for_deletions(&self, record: &Record) -> bool {
        self.manner == Manner::Mended || record.dialect() == Dialect::Helm3
    }

    fn running(&mut self, stage: Stage, input: Input, (desk, record): (&mut Desk, &mut Record), now: Moment) {
        let Stage::Running { watch, item, uid } = stage else { return };
        let ours =
            |object: &Value| names(&item, object) && (uid.is_empty() || rollout::text(object, "/metadata/uid") == uid);
        match input {
            Input::Observed(of, object) if of == watch && ours(&object) => {
                let mut object = object;
                let kind = manifest::member(&mut object, "kind");
                *kind = item.at.resource.gvk.kind.as_str().into();
                match rollout::ended(&object) {
                    None => self.stage = Stage::Running { watch, item, uid },
                    Some(ended) => {
                        desk.unwatch(watch);
                        match ended {
                            Ok(()) => self.create(desk, record, now),
                            Err(why) => self.fail(&why, (desk, record), now),
                        }
                    }
                }
            }
            Input::Gone(of, object) if of == watch && ours(&object) => {
                desk.unwatch(watch);
                self.fail(&format!("{} was deleted before its end was seen", called(&item.at)), (desk, record), now);
            }
            Input::TimedOut => {
                desk.unwatch(watch);
                self.fail(&format!("{}: timed out waiting for its end", called(&item.at)), (desk, record), now);
            }
            Input::Start
            | Input::Answer(..)
            | Input::Observed(..)
            | Input::Gone(..)
            | Input::Synced(_)
            | Input::Lost(..) => {
                self.stage = Stage::Running { watch, item, uid };
            }
        }
    }

    /// The next hook: first its old objects go, if its policy says so.
    fn begin(&mut self, desk: &mut Desk, record: &mut Record, now: Moment) {
        let Some((place, items)) = self.queue.front() else {
            let past = std::mem::take(&mut self.past);
            let last_first =
                past.iter().rev().filter(|(place, _)| deletes(record, *place, DeletePolicy::HookSucceeded));
            let doomed = last_first.flat_map(|(_, items)| items.clone()).collect();
            return self.tidy(doomed, Ok(()), desk);
        };
        self.started = now;
        self.todo = if deletes(record, *place, DeletePolicy::BeforeHookCreation) {
            items.iter().cloned().collect()
        } else {
            VecDeque::new()
        };
        self.clear(desk, record, now);
    }

    fn clear(&mut self, desk: &mut Desk, record: &mut Record, now: Moment) {
        if let Some(item) = self.todo.pop_front() {
            // Helm never deletes a CRD that is a hook.
            if item.at.resource.gvk.kind == "CustomResourceDefinition" {
                return self.clear(desk, record, now);
            }
            let id = desk.object(&item.at, Verb::Delete, Mode::Commit);
            self.stage = Stage::Clearing(id, item);
            return;
        }
        let Some((place, items)) = self.queue.front().cloned() else { return };
        self.todo = items.into();
        let dialect = record.dialect();
        let noted = match record.hooks.get_mut(place) {
            Some(hook) => {
                desk.report(Progress::Hook { name: clean(&hook.name), state: HookState::Running });
                hook.note(Phase::Running, now, None, dialect)
            }
            None => Err("the record has no such hook".into()),
        };
        match noted.and_then(|()| ledger::put(record, now, desk)) {
            Ok(id) => self.stage = Stage::Noting(id),
            Err(why) => self.fail(&why, (desk, record), now),
        }
    }

    /// The next object of the hook, or the end of the hook.
    fn create(&mut self, desk: &mut Desk, record: &mut Record, now: Moment) {
        if let Some(item) = self.todo.pop_front() {
            let verb = match self.method {
                Method::Csa => Verb::Create(item.object.clone()),
                Method::Ssa => Verb::Patch(PatchKind::Apply { force: false }, item.object.clone()),
            };
            let id = desk.object(&item.at, verb, Mode::Commit);
            self.stage = Stage::Creating(id, item);
            return;
        }
        let Some((place, items)) = self.queue.pop_front() else { return };
        let dialect = record.dialect();
        if let Some(hook) = record.hooks.get_mut(place) {
            desk.report(Progress::Hook { name: clean(&hook.name), state: HookState::Succeeded });
            if let Err(why) = hook.note(Phase::Succeeded, self.started, Some(now), dialect) {
                return self.fail(&why, (desk, record), now);
            }
        }
        self.past.push((place, items));
        self.begin(desk, record, now);
    }

    fn created(&mut self, object: &Value, item: Item, (desk, record): (&mut Desk, &mut Record), now: Moment) {
        if !["Job", "Pod"].contains(&item.at.resource.gvk.kind.as_str()) {
            return self.create(desk, record, now);
        }
        let watch = desk.watch(&item.at.resource, item.at.namespace.as_ref());
        desk.deadline(self.timeout);
        let uid = rollout::text(object, "/metadata/uid").to_owned();
        self.stage = Stage::Running { watch, item, uid };
    }

    fn odd(&mut self, to: (&mut Desk, &mut Record), now: Moment) {
        self.fail("the server gave an answer of another kind", to, now);
    }

    fn fail(&mut self, why: &str, (desk, record): (&mut Desk, &mut Record), now: Moment) {
        let mut doomed = Vec::new();
        let event = self.event;
        let mut named = String::new();
        let dialect = record.dialect();
        if let Some((place, items)) = self.queue.pop_front() {
            if deletes(record, place, DeletePolicy::HookFailed) {
                doomed.extend(items);
            }
            if let Some(hook) = record.hooks.get_mut(place) {
                named = clean(&hook.name);
                // A note that cannot be made changes nothing: the hook has failed either way.
                drop(hook.note(Phase::Failed, self.started, Some(now), dialect));
            }
            desk.report(Progress::Hook { name: named.clone(), state: HookState::Failed(why.to_owned()) });
        }
        for (place, items) in std::mem::take(&mut self.past) {
            if deletes(record, place, DeletePolicy::HookSucceeded) {
                doomed.extend(items);
            }
        }
        self.tidy(doomed, Err(format!("{event} hook {named} failed: {why}")), desk);
    }

    fn tidy(&mut self, items: Vec<Item>, result: Result<(), String>, desk: &mut Desk) {
        let kept = |item: &Item| item.at.resource.gvk.kind == "CustomResourceDefinition";
        let delete = |item: Item| desk.object(&item.at, Verb::Delete, Mode::Commit);
        let open: BTreeSet<CallId> = items.into_iter().filter(|i| !kept(i)).map(delete).collect();
        self.tidied(open, result);
    }

    fn tidied(&mut self, open: BTreeSet<CallId>, result: Result<(), String>) {
        if open.is_empty() {
            self.end = Some(result);
        } else {
            self.stage = Stage::Tidying(open, result);
        }
    }
}

fn names(item: &Item, object: &Value) -> bool {
    manifest::name(object) == item.at.name && manifest::namespace(object) == item.at.namespace
}

fn deletes(record: &Record, place: usize, policy: DeletePolicy) -> bool {
    record.hooks.get(place).is_some_and(|h| h.deletes(policy))
}
