//! Makes the plan of a return: reads Helm's records, the object and every workload, finds who reads it, tries each write as
//! a dry run, and judges.
//!
//! Never: writing. Every call is a read or a dry run.

mod drafting;

use std::collections::BTreeMap;

use serde_json::Value;

use super::ask::{self, Ask};
use super::content;
use super::findings::{self, Known};
use super::plan::{Plan, Write};
use super::readers::{self, Reader};
use crate::domain::moment::Moment;
use crate::domain::name::Revision;
use crate::domain::text::clean;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::api::{Answer, Call, Mode, Refused, Resource, Verb};
use crate::helm::desk::Desk;
use crate::helm::diff::{self, Newest, Versions};
use crate::helm::engine::{CallId, Engine, Input, Request};
use crate::helm::known::Right;
use crate::helm::payload::Driver;
use crate::helm::plan::{Finding, Method, PlanHash, Refusal};
use crate::helm::record::Record;
use crate::helm::{history, manifest};
use crate::kubectl::change::{self, Change};
use crate::kubectl::{ask as kubectl, findings as of_restart};

/// The machine.
#[derive(Debug, Clone)]
pub struct Planner {
    ask: Ask,
    desk: Desk,
    open: BTreeMap<CallId, Question>,
    records: Vec<Record>,
    unreadable: Vec<(Revision, String)>,
    live: Option<Value>,
    workloads: BTreeMap<WorkloadRef, Value>,
    budgets: Result<Vec<Value>, String>,
    lacking: Vec<Right>,
    unknown: Vec<String>,
    draft: Option<Draft>,
    dry: BTreeMap<usize, Result<Value, Refused>>,
    started: bool,
    end: Option<Result<Plan, Refusal>>,
}

/// What is to be done, before it is tried.
#[derive(Debug, Clone)]
struct Draft {
    to: Revision,
    live: Option<Revision>,
    method: Method,
    content: Value,
    write: Write,
    readers: Vec<Reader>,
    mark: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Question {
    Records(Driver),
    Object,
    Workloads(WorkloadKind),
    Budgets,
    Right(Right),
    /// The write of the object (0), or the restart of a reader (its place and one).
    Dry(usize),
}

impl Planner {
    /// A planner for one return.
    pub fn new(ask: Ask) -> Self {
        Self {
            ask,
            desk: Desk::default(),
            open: BTreeMap::new(),
            records: Vec::new(),
            unreadable: Vec::new(),
            live: None,
            workloads: BTreeMap::new(),
            budgets: Ok(Vec::new()),
            lacking: Vec::new(),
            unknown: Vec::new(),
            draft: None,
            dry: BTreeMap::new(),
            started: false,
            end: None,
        }
    }

    fn call(&mut self, question: Question, call: Call) {
        let id = self.desk.call(call);
        self.open.insert(id, question);
    }

    fn list(&mut self, question: Question, resource: Resource, labels: String) {
        let namespace = Some(self.ask.namespace.clone());
        self.call(question, Call::List { resource, namespace, labels });
    }

    fn records(&mut self, driver: Driver) {
        let labels = history::records_of(&self.ask.release);
        self.list(Question::Records(driver), crate::helm::ask::store(driver), labels);
    }

    fn start(&mut self) {
        if !self.ask.object.kind.configures() {
            let sentence = format!("{} is no ConfigMap and no Secret", self.ask.object);
            self.end = Some(Err(self.ask.refuse(sentence, "A workload goes back by U, or by `backout undo`.")));
            return;
        }
        self.records(Driver::Secret);
        let target = ask::address(&self.ask.object, &self.ask.namespace);
        self.call(Question::Object, Call::Object { target, verb: Verb::Get, mode: Mode::DryRun });
        for kind in WorkloadKind::ALL {
            self.list(Question::Workloads(kind), kubectl::resource(kind), String::new());
        }
        self.list(Question::Budgets, kubectl::budgets(), String::new());
    }

    fn learn(&mut self, question: Question, answer: Answer) {
        let why = match &answer {
            Answer::Refused(refused) => clean(&refused.message()),
            Answer::Resource(_) | Answer::Object(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                "the server answered something else than was asked".into()
            }
        };
        match (question, answer) {
            (Question::Records(Driver::Secret), Answer::List(all)) if all.is_empty() => {
                self.records(Driver::ConfigMap);
            }
            (Question::Records(_), Answer::List(all)) => all.iter().for_each(|object| self.record(object)),
            (Question::Records(_), Answer::Refused(refused)) => {
                let what = format!("The Helm history of {}", self.ask.release);
                self.end = Some(Err(self.ask.unread(&what, &refused)));
            }
            (Question::Object, Answer::Object(object)) => self.live = Some(object),
            (Question::Object, Answer::Refused(Refused::NotFound(_))) | (Question::Right(_), Answer::Allowed(true)) => {
            }
            (Question::Object, Answer::Refused(refused)) => {
                self.end = Some(Err(self.ask.unread(&self.ask.object.to_string(), &refused)));
            }
            (Question::Workloads(kind), Answer::List(all)) => {
                let typed = all.into_iter().map(|o| readers::typed(kind, o));
                self.workloads.extend(typed.map(|o| (WorkloadRef { kind, name: manifest::name(&o).into() }, o)));
            }
            // Who reads it must be known: who is not restarted goes on with what is bad.
            (Question::Workloads(kind), Answer::Refused(refused)) => {
                let what = format!("Who reads {} ({})", self.ask.object, kubectl::resource(kind).plural);
                self.end = Some(Err(self.ask.unread(&what, &refused)));
            }
            (Question::Budgets, Answer::List(all)) => self.budgets = Ok(all),
            (Question::Budgets, _) => self.budgets = Err(why),
            (Question::Right(right), Answer::Allowed(false)) => self.lacking.push(right),
            (Question::Right(right), _) => {
                self.unknown
                    .push(format!("Whether you may {} {} is not known: {why}", right.verb, right.resource.plural));
            }
            (Question::Dry(at), Answer::Object(object)) => drop(self.dry.insert(at, Ok(object))),
            (Question::Dry(at), Answer::Refused(refused)) => drop(self.dry.insert(at, Err(refused))),
            (Question::Records(_) | Question::Object | Question::Workloads(_) | Question::Dry(_), _) => {
                self.end = Some(Err(self.ask.refuse(why, "Nothing was written. Try again.")));
            }
        }
    }

    fn record(&mut self, object: &Value) {
        match (Record::decode(object), history::facts(object)) {
            (Ok(record), _) if record.name == self.ask.release => self.records.push(record),
            (Err(why), Some((_, facts))) => self.unreadable.push((facts.revision, why)),
            (Ok(_), _) | (Err(_), None) => {}
        }
    }

    /// Everything is read: what becomes of the object and of each reader, and each write is tried.
    fn try_it(&mut self, now: Moment) {
        match self.drafted(now) {
            Err(refusal) => self.end = Some(Err(refusal)),
            Ok(draft) => {
                self.dry_runs(&draft);
                for right in findings::needs(&self.ask, &draft.write, &draft.readers) {
                    let Right { verb, resource, namespace, .. } = right.clone();
                    self.call(Question::Right(right), Call::May { verb, resource, namespace });
                }
                self.draft = Some(draft);
            }
        }
    }

    fn dry_runs(&mut self, draft: &Draft) {
        let target = ask::address(&self.ask.object, &self.ask.namespace);
        let verb = match (&draft.write, &self.live) {
            (Write::Content, Some(live)) => Some(content::verb(live, &draft.content)),
            (Write::Whole(whole), _) => Some(Verb::Create(whole.clone())),
            (Write::Content, None) | (Write::Nothing, _) => None,
        };
        if let Some(verb) = verb {
            self.call(Question::Dry(0), kubectl::trial(target, verb));
        }
        for (at, reader) in draft.readers.iter().enumerate().filter(|(_, r)| r.is_restarted()) {
            let Some(live) = self.workloads.get(&reader.workload) else { continue };
            let restart = Change::Restart { at: draft.mark.clone() };
            let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
            let verb = restart.verb(reader.workload.kind, change::manager(live, &restart), &version);
            let target = kubectl::address(&reader.workload, &self.ask.namespace);
            self.call(Question::Dry(at.saturating_add(1)), kubectl::trial(target, verb));
        }
    }

    fn judge(&mut self) {
        let Some(draft) = self.draft.take() else { return };
        let dry = self.dry.get(&0);
        let newest = self.records.iter().max_by_key(|r| r.revision).map(|r| (r.revision, r.status));
        let strangers: Vec<String> =
            draft.readers.iter().filter(|r| r.is_restarted()).filter_map(|r| self.stranger(r)).collect();
        let known = Known {
            ask: &self.ask,
            to: draft.to,
            live_revision: draft.live,
            newest,
            live: self.live.as_ref(),
            content: &draft.content,
            write: &draft.write,
            readers: &draft.readers,
            strangers: &strangers,
            refused: dry.and_then(|dry| dry.as_ref().err()),
            lacking: &self.lacking,
            unknown: &self.unknown,
        };
        let mut all = findings::of(known);
        all.extend(self.of_restarts(&draft));
        all.sort_by_key(|f| f.level);
        let recorded = self.records.iter().find(|r| Some(r.revision) == draft.live);
        let recorded = recorded.and_then(|r| self.in_record(r).ok().flatten()).map(|o| content::of(&o));
        let after = dry.and_then(|dry| dry.as_ref().ok());
        let versions =
            Versions { live: self.live.as_ref(), after, recorded: recorded.as_ref(), newest: Newest::Applied };
        let keys = self.live.as_ref().map_or_else(Vec::new, |live| {
            content::differing(live, &draft.content).into_iter().map(|(_, key)| clean(&key)).collect()
        });
        let plan = Plan {
            release: self.ask.release.clone(),
            namespace: self.ask.namespace.clone(),
            object: self.ask.object.clone(),
            to: draft.to,
            live: draft.live,
            keys,
            fields: diff::fields(&ask::resource(self.ask.object.kind).gvk, versions),
            readers: draft.readers,
            findings: all,
            command: self.ask.command(Some(draft.to)),
            method: draft.method,
            basis: self.live.as_ref().map(content::basis).unwrap_or_default(),
            write: draft.write,
            content: draft.content,
            hash: PlanHash(String::new()),
        };
        self.end = Some(Ok(plan.sealed()));
    }

    fn stranger(&self, reader: &Reader) -> Option<String> {
        let live = self.workloads.get(&reader.workload)?;
        let ours = manifest::annotation(live, manifest::RELEASE_NAME) == Some(self.ask.release.as_str());
        (!ours).then(|| reader.workload.to_string())
    }

    fn of_restarts(&self, draft: &Draft) -> Vec<Finding> {
        let restart = Change::Restart { at: draft.mark.clone() };
        let one = |(at, reader): (usize, &Reader)| {
            let (live, dry) = (self.workloads.get(&reader.workload)?, self.dry.get(&at.saturating_add(1))?);
            let (budgets, allowed) = (&self.budgets, &Ok(true));
            let workload = &reader.workload;
            let known = of_restart::Known { workload, live, change: &restart, dry, budgets, allowed };
            Some(of_restart::of_part(known))
        };
        draft.readers.iter().enumerate().filter_map(one).flatten().collect()
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
                self.start();
            }
            Input::Answer(id, answer) => {
                if let Some(question) = self.open.remove(&id) {
                    self.learn(question, answer);
                }
            }
            Input::Start
            | Input::Observed(..)
            | Input::Gone(..)
            | Input::Synced(_)
            | Input::Lost(..)
            | Input::TimedOut => {}
        }
        if self.end.is_none() && self.started && self.open.is_empty() && self.draft.is_none() {
            self.try_it(now);
        }
        if self.end.is_none() && self.started && self.open.is_empty() {
            self.judge();
        }
        self.desk.take()
    }

    fn end(&self) -> Option<&Self::End> {
        self.end.as_ref()
    }
}
