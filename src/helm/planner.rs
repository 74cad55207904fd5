//! Makes the plan of a rollback: surveys, tries every request as a dry run, asks for rights, and judges.
//!
//! Never: writing. Every call is a read or a dry run.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{Answer, Call, Mode, PatchKind, Refused, Verb};
use super::around::Around;
use super::ask::Ask;
use super::choices::{Forced, Wait};
use super::desk::Desk;
use super::diff::{self, Newest, Versions};
use super::draft::{self, Draft, Op};
use super::engine::{CallId, Engine, Input, Request};
use super::known::{self, Known, Right};
use super::ownership::HELM;
use super::plan::{Change, ImageChange, Operation, Plan, PlanHash, Refusal};
use super::record::Record;
use super::survey::Survey;
use super::{findings, images, lock, needed, risks};
use crate::domain::moment::Moment;
use crate::domain::name::{Image, Service};
use crate::domain::release::Status;

/// The machine.
#[derive(Debug, Clone)]
pub struct Planner {
    ask: Ask,
    desk: Desk,
    survey: Survey,
    draft: Option<Draft>,
    open: BTreeMap<CallId, Question>,
    known: Known,
    around: Around,
    started: bool,
    end: Option<Result<Plan, Refusal>>,
}

#[derive(Debug, Clone)]
enum Question {
    /// The request of this operation.
    Dry(usize),
    /// The same, taking over what Helm itself owns by updates and will have migrated by then.
    DryOwn(usize),
    Right(Right),
    Lock,
    Customs(usize),
}

impl Planner {
    /// A planner for one rollback.
    pub fn new(ask: Ask) -> Self {
        Self {
            survey: Survey::new(ask.clone()),
            ask,
            desk: Desk::default(),
            draft: None,
            open: BTreeMap::new(),
            known: Known::default(),
            around: Around::default(),
            started: false,
            end: None,
        }
    }

    fn gather(&mut self, draft: Draft) {
        for (at, op) in draft.ops.iter().enumerate() {
            let tried = op.verb.clone().filter(|v| !matches!(v, Verb::Delete));
            if let Some(verb) = tried {
                let id = self.desk.object(&op.at, verb, Mode::DryRun);
                self.open.insert(id, Question::Dry(at));
            }
            let crd = op.at.resource.gvk.kind == "CustomResourceDefinition" && op.change == Change::Delete;
            if let (true, Some(resource)) = (crd, op.live.as_ref().and_then(known::customs_of)) {
                let id = self.desk.call(Call::List { resource, namespace: None, labels: String::new() });
                self.open.insert(id, Question::Customs(at));
            }
        }
        let lease = lock::place(&self.ask.namespace, &self.ask.release);
        let id = self.desk.object(&lease, Verb::Get, Mode::Commit);
        self.open.insert(id, Question::Lock);
        self.around.start(&draft, &mut self.desk);
        for right in needed::rights(&draft, self.ask.wait) {
            let Right { verb, resource, namespace, .. } = right.clone();
            let id = self.desk.call(Call::May { verb, resource, namespace });
            self.open.insert(id, Question::Right(right));
        }
        self.draft = Some(draft);
    }

    fn learn(&mut self, question: Question, answer: Answer) {
        match (question, answer) {
            (Question::Dry(at), Answer::Refused(refused)) => self.refused(at, refused),
            (Question::Dry(at) | Question::DryOwn(at), Answer::Object(object)) => {
                self.known.dry.insert(at, Ok(object));
            }
            (Question::DryOwn(at), Answer::Refused(refused)) => {
                self.known.dry.insert(at, Err(refused));
            }
            (Question::Right(right), Answer::Allowed(granted)) => {
                self.known.rights.insert(right, granted);
            }
            (Question::Lock, Answer::Object(lease)) => self.known.lock = Some(lease),
            // No lock, or none that may be read: that right is asked for by itself.
            (Question::Lock, _) => {}
            (Question::Customs(at), Answer::List(objects)) => {
                self.known.customs.insert(at, Some(objects.len()));
            }
            (Question::Customs(at), _) => {
                self.known.customs.insert(at, None);
            }
            (question, _) => self.known.unknown.push(question.unknown()),
        }
    }

    /// A dry run of an apply meets what Helm owns by updates, which the real run migrates first: tried again with force.
    fn refused(&mut self, at: usize, refused: Refused) {
        let op = self.draft.as_ref().and_then(|d| d.ops.get(at).map(|op| (op, d.method)));
        let own = matches!(&refused, Refused::Conflict { fields, .. }
            if !fields.is_empty() && fields.iter().all(|f| f.manager == HELM));
        match op {
            Some((op, method)) if own && draft::migration(op, method).is_some() => {
                let body = op.modified.clone().unwrap_or_default();
                let verb = Verb::Patch(PatchKind::Apply { force: true }, body);
                let id = self.desk.object(&op.at.clone(), verb, Mode::DryRun);
                self.open.insert(id, Question::DryOwn(at));
            }
            Some(_) | None => {
                self.known.dry.insert(at, Err(refused));
            }
        }
    }

    fn judge(&mut self, now: Moment) {
        let Some(draft) = &self.draft else { return };
        let next = Record::rollback(&draft.last, &draft.target, draft.method, now).and_then(|r| r.text());
        if let Err(why) = next {
            let cure = "The charts of this release are too big for the API server; helm cannot store it either.";
            self.end = Some(Err(self.ask.hopeless(why, cure)));
            return;
        }
        let silent = self.known.dry.values().filter_map(|d| d.as_ref().err());
        if let Some(refused) = silent.into_iter().find(|r| unreachable(r)) {
            self.end = Some(Err(self.ask.unread("What the requests would do", refused)));
            return;
        }
        self.known.autoscalers.clone_from(&self.around.autoscalers);
        self.known.around = self.around.findings(draft, now);
        let operations: Vec<Operation> = draft
            .ops
            .iter()
            .enumerate()
            .map(|(at, op)| operation(op, self.known.dry.get(&at), newest(draft)))
            .collect();
        let findings = findings::of(draft, &self.known, &operations, &self.ask, now);
        let plan = Plan {
            release: draft.last.name.clone(),
            namespace: draft.last.namespace.clone(),
            from: draft.last.revision,
            to: draft.target.revision,
            writes: draft.last.revision.next(),
            method: draft.method,
            choices: draft.choices.clone(),
            operations,
            hooks: findings::plans(draft),
            conflicts: conflicts(draft, &self.known),
            over: findings::dead_holder(&self.known, &self.ask, now),
            images: draft.ops.iter().enumerate().flat_map(|(at, op)| new_images(op, self.known.dry.get(&at))).collect(),
            findings,
            command: command(draft, &self.ask),
            program: None,
            depends_on: draft.depends_on(),
            hash: PlanHash(String::new()),
        };
        self.end = Some(Ok(plan.sealed()));
    }
}

impl Engine for Planner {
    type End = Result<Plan, Refusal>;

    fn step(&mut self, now: Moment, input: Input) -> Vec<Request> {
        if self.end.is_some() {
            return Vec::new();
        }
        match input {
            Input::Start if !self.started => {
                self.started = true;
                self.survey.start(&mut self.desk);
            }
            Input::Answer(id, answer) => match self.open.remove(&id) {
                Some(question) => self.learn(question, answer),
                None => match &self.draft {
                    Some(draft) => drop(self.around.answer(draft, &mut self.desk, id, answer)),
                    None => self.survey.answer(&mut self.desk, id, answer),
                },
            },
            Input::Start
            | Input::Observed(..)
            | Input::Gone(..)
            | Input::Synced(_)
            | Input::Lost(..)
            | Input::TimedOut => {}
        }
        match self.survey.end() {
            Some(Ok(draft)) => self.gather(draft),
            Some(Err(refusal)) => self.end = Some(Err(refusal)),
            None => {}
        }
        if self.draft.is_some() && self.open.is_empty() && self.around.is_done() {
            self.judge(now);
        }
        self.desk.take()
    }

    fn end(&self) -> Option<&Self::End> {
        self.end.as_ref()
    }
}

impl Question {
    fn unknown(&self) -> String {
        match self {
            Self::Dry(_) | Self::DryOwn(_) => "A dry run got an answer of another kind".into(),
            Self::Right(right) => format!("Whether you may {} {} is not known", right.verb, right.resource.plural),
            Self::Lock => "The lock cannot be read".into(),
            Self::Customs(_) => "The custom resources cannot be counted".into(),
        }
    }
}

fn unreachable(refused: &Refused) -> bool {
    use crate::domain::fault::Fault;
    matches!(refused, Refused::Fault { fault: Fault::Unreachable { .. } | Fault::Unauthorized { .. }, .. })
        && !risks::forbidden(refused)
}

/// The command line: a Job that is started is waited for, which helm does only when it is told to.
fn command(draft: &Draft, ask: &Ask) -> String {
    let job = |op: &Op| op.at.resource.gvk.kind == "Job" && op.change == Change::Create;
    let jobs = ask.wait == Wait::ForReady && draft.ops.iter().any(job);
    if jobs { format!("{} --wait-for-jobs", ask.command()) } else { ask.command() }
}

/// The objects whose dry run met fields of others.
fn conflicts(draft: &Draft, known: &Known) -> Vec<Forced> {
    let contested = |(at, op): (usize, &Op)| match known.dry.get(&at) {
        Some(Err(Refused::Conflict { fields, .. })) if !fields.is_empty() => Some(Forced::of(&op.at)),
        Some(_) | None => None,
    };
    draft.ops.iter().enumerate().filter_map(contested).collect()
}

/// Whether all of the newest record was put into the cluster.
fn newest(draft: &Draft) -> Newest {
    if draft.last.status == Status::Deployed { Newest::Applied } else { Newest::Partly }
}

/// An operation as the operator sees it: fields by what the server itself said it would store.
fn operation(op: &Op, dry: Option<&Result<Value, Refused>>, newest: Newest) -> Operation {
    let after = dry.and_then(|d| d.as_ref().ok());
    let versions = Versions { live: op.live.as_ref(), after, recorded: op.original.as_ref(), newest };
    let fields = if after.is_some() { diff::fields(&op.at.resource.gvk, versions) } else { Vec::new() };
    // The request is sent all the same: a custom resource's patch carries Helm's own marks even where nothing differs.
    let still = op.change == Change::Update && after.is_some() && fields.is_empty();
    Operation {
        change: if still { Change::Same } else { op.change },
        kind: op.at.resource.gvk.kind.clone(),
        namespace: op.at.namespace.clone(),
        name: op.at.name.clone(),
        fields,
    }
}

/// Images that change, container by container, live against what would be stored.
fn new_images(op: &Op, dry: Option<&Result<Value, Refused>>) -> Vec<ImageChange> {
    let (Some(live), Some(Ok(after))) = (&op.live, dry) else { return Vec::new() };
    let containers = |o: &Value| -> Vec<(String, Image)> {
        let list = images::pod_spec(o).and_then(|s| s.get("containers")).and_then(Value::as_array);
        let text = |c: &Value, n: &str| c.get(n).and_then(Value::as_str).unwrap_or_default().to_owned();
        list.into_iter().flatten().map(|c| (text(c, "name"), Image::new(&text(c, "image")))).collect()
    };
    let now = containers(live);
    let changed = |(name, to): (String, Image)| {
        let from = now.iter().find(|(n, _)| *n == name).map(|(_, image)| image.clone())?;
        (from != to).then(|| ImageChange { service: Service::new(&op.at.name), from, to })
    };
    containers(after).into_iter().filter_map(changed).collect()
}
