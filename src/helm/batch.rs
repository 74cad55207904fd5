//! Carries out operations as Helm does, only faster: runs of equal kind in the stored order, parallel inside a run, a
//! barrier between runs (Helm creates that way and updates one after another).
//!
//! Errors as in Helm's `update`: an object that cannot be created stops what follows; an update's error is collected.
//! As helm to the letter every creation stands alone: what follows a refused one is left out, of the same kind, too.
//!
//! Never: deleting beside an update; a batch is one or the other.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::api::{Answer, Mode, PatchKind, Refused, Verb};
use super::choices::Manner;
use super::desk::Desk;
use super::diff::{self, Newest, Versions};
use super::draft::{self, Op};
use super::engine::CallId;
use super::plan::{Change, Method};
use super::progress::Progress;
use super::rollout;
use crate::domain::text::{clean, clean_lines};

/// How often the migration of managed fields is tried when somebody else writes at the same time (as Helm does).
const MIGRATIONS: u32 = 5;

/// Operations on their way.
#[derive(Debug, Clone)]
pub struct Batch {
    runs: VecDeque<Vec<Job>>,
    open: BTreeMap<CallId, Job>,
    method: Method,
    done: Done,
}

/// What came of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// What went wrong, by the place in the plan, in Helm's words.
    pub errors: BTreeMap<usize, String>,
    /// Objects that were changed.
    pub changed: usize,
    /// The generation that each changed object has now.
    pub generations: BTreeMap<usize, i64>,
    stopped: bool,
}

impl Done {
    /// All errors as Helm joins them.
    pub fn error(&self) -> Option<String> {
        let all: Vec<&str> = self.errors.values().map(String::as_str).collect();
        (!all.is_empty()).then(|| all.join(" && "))
    }
}

#[derive(Debug, Clone)]
struct Job {
    index: usize,
    op: Op,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// The managed fields are being migrated, for the n-th time.
    Migrate(u32),
    /// The object is read again, because the migration met another writer.
    Again(u32),
    /// The request itself.
    Send,
}

impl Batch {
    /// Of operations with their places in the plan; starts with the first run.
    pub fn start(ops: Vec<(usize, Op)>, (method, manner): (Method, Manner), desk: &mut Desk) -> Self {
        let beside = |a: &Op, b: &Op| {
            let alone = manner == Manner::Exact && [a.change, b.change].contains(&Change::Create);
            a.at.resource.gvk == b.at.resource.gvk && !alone
        };
        let mut runs: VecDeque<Vec<Job>> = VecDeque::new();
        for (index, op) in ops {
            let job = Job { index, op, stage: Stage::Send };
            match runs.back_mut() {
                Some(run) if run.last().is_some_and(|j| beside(&j.op, &job.op)) => run.push(job),
                Some(_) | None => runs.push_back(vec![job]),
            }
        }
        let mut batch = Self { runs, open: BTreeMap::new(), method, done: Done::default() };
        batch.next(desk);
        batch
    }

    /// What came of it, once nothing is open any more.
    pub fn end(&self) -> Option<&Done> {
        (self.open.is_empty() && self.runs.is_empty()).then_some(&self.done)
    }

    /// Takes an answer; false where it is not one of this batch's.
    pub fn answer(&mut self, desk: &mut Desk, id: CallId, answer: Answer) -> bool {
        let Some(job) = self.open.remove(&id) else { return false };
        match (job.stage, answer) {
            (Stage::Migrate(tries), Answer::Refused(Refused::Conflict { .. })) if tries < MIGRATIONS => {
                let id = desk.object(&job.op.at, Verb::Get, Mode::Commit);
                self.open.insert(id, Job { stage: Stage::Again(tries), ..job });
            }
            (Stage::Again(tries), Answer::Object(live)) => {
                let op = Op { live: Some(live), ..job.op };
                self.dispatch(Job { op, ..job }, tries + 1, desk);
            }
            (Stage::Migrate(_), Answer::Object(_)) => self.send(job, desk),
            (Stage::Migrate(_) | Stage::Again(_), Answer::Refused(refused)) => {
                let at = &job.op.at;
                let what =
                    format!("failed to patch object to upgrade CSA field manager {} {}", at.name, at.resource.gvk);
                self.failed(&job, &format!("{what}: {}", refused.message()), desk);
            }
            (Stage::Send, Answer::Object(object)) => {
                self.done.generations.insert(job.index, rollout::number(&object, "/metadata/generation"));
                self.succeeded(job.index, came_of(&job.op, &object), desk);
            }
            (Stage::Send, Answer::Gone) => self.succeeded(job.index, job.op.change, desk),
            (Stage::Send, Answer::Refused(Refused::NotFound(_))) if job.op.verb == Some(Verb::Delete) => {
                self.succeeded(job.index, job.op.change, desk);
            }
            (Stage::Send, Answer::Refused(refused)) => {
                let why = wording(&job.op, &refused);
                self.failed(&job, &why, desk);
            }
            (_, Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_)) => {
                self.failed(&job, &format!("{}: the server gave an answer of another kind", job.op.called()), desk);
            }
        }
        if self.open.is_empty() {
            self.next(desk);
        }
        true
    }

    fn next(&mut self, desk: &mut Desk) {
        if self.done.stopped {
            self.runs.clear();
        }
        while let Some(run) = self.runs.pop_front() {
            for job in run {
                self.dispatch(job, 1, desk);
            }
            if !self.open.is_empty() {
                return;
            }
        }
    }

    fn dispatch(&mut self, job: Job, tries: u32, desk: &mut Desk) {
        match draft::migration(&job.op, self.method) {
            Some(patch) if job.op.verb.is_some() && job.op.verb != Some(Verb::Delete) => {
                let id = desk.object(&job.op.at, Verb::Patch(PatchKind::Json, patch), Mode::Commit);
                self.open.insert(id, Job { stage: Stage::Migrate(tries), ..job });
            }
            Some(_) | None => self.send(job, desk),
        }
    }

    fn send(&mut self, job: Job, desk: &mut Desk) {
        let Some(verb) = job.op.verb.clone() else {
            let generation = job.op.live.as_ref().map_or(0, |l| rollout::number(l, "/metadata/generation"));
            self.done.generations.insert(job.index, generation);
            desk.report(Progress::Object { index: job.index, change: job.op.change, error: None });
            return;
        };
        let id = desk.object(&job.op.at, verb, Mode::Commit);
        self.open.insert(id, Job { stage: Stage::Send, ..job });
    }

    fn succeeded(&mut self, index: usize, change: Change, desk: &mut Desk) {
        self.done.changed += usize::from(change != Change::Same);
        desk.report(Progress::Object { index, change, error: None });
    }

    fn failed(&mut self, job: &Job, why: &str, desk: &mut Desk) {
        self.done.stopped |= job.op.change == Change::Create;
        desk.report(Progress::Object { index: job.index, change: job.op.change, error: Some(clean(why)) });
        // The record keeps a message of several lines as helm keeps it.
        self.done.errors.insert(job.index, clean_lines(why));
    }
}

/// What came of an object, told as the plan tells it: a request that changed none of its fields is no change. A Secret
/// with `stringData`, a custom resource and every server-side apply are sent each time.
fn came_of(op: &Op, after: &Value) -> Change {
    let recorded = op.original.as_ref();
    let versions = Versions { live: op.live.as_ref(), after: Some(after), recorded, newest: Newest::Applied };
    let still = op.change == Change::Update && diff::fields(&op.at.resource.gvk, versions).is_empty();
    if still { Change::Same } else { op.change }
}

/// An error as Helm words it (helm `kube/client.go`, 4.3.1; helm 3.22.0 knows no apply).
fn wording(op: &Op, refused: &Refused) -> String {
    let (name, kind, message) = (&op.at.name, &op.at.resource.gvk.kind, refused.message());
    let space = op.at.namespace.as_ref().map_or("", |n| n.as_str());
    let applied = |what: &str| format!("{what} object {space}/{name} {}: {message}", op.at.resource.gvk);
    let why = match (&op.verb, refused) {
        (Some(Verb::Delete), _) => {
            return format!("failed to delete resource namespace={space}, name={name}, kind={kind}: {message}");
        }
        (Some(Verb::Patch(PatchKind::Apply { .. }, _)), Refused::Conflict { .. }) => {
            applied("conflict occurred while applying")
        }
        (Some(Verb::Patch(PatchKind::Apply { .. }, _)), _) => applied("server-side apply failed for"),
        (Some(Verb::Create(_)), _) => message,
        (Some(Verb::Get | Verb::Patch(..) | Verb::PatchAs(..) | Verb::Replace(_)) | None, _) => {
            format!("cannot patch \"{name}\" with kind {kind}: {message}")
        }
    };
    if op.live.is_none() { format!("failed to create resource: {why}") } else { why }
}
