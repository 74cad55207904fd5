//! Makes the plan of an undo or a restart: reads the workload and its revisions, refuses what kubectl refuses, tries the
//! very patch as a dry run, and judges.
//!
//! Never: writing. Every call is a read or a dry run.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

use super::ask::{self, Ask, Errand};
use super::change::{self, Change};
use super::findings::{self, Known};
use super::plan::Plan;
use super::revisions::{self, Kept, template_of};
use super::{strategy, template};
use crate::domain::moment::Moment;
use crate::domain::name::Service;
use crate::domain::text::clean;
use crate::domain::workload::WorkloadKind;
use crate::helm::api::{Answer, Call, Mode, Refused, Verb};
use crate::helm::desk::Desk;
use crate::helm::diff::{self, Newest, Versions};
use crate::helm::digest;
use crate::helm::engine::{CallId, Engine, Input, Request};
use crate::helm::plan::{ImageChange, PlanHash, Refusal};

/// The machine.
#[derive(Debug, Clone)]
pub struct Planner {
    ask: Ask,
    desk: Desk,
    open: BTreeMap<CallId, Question>,
    live: Option<Value>,
    keepers: Vec<Value>,
    budgets: Result<Vec<Value>, String>,
    allowed: Result<bool, String>,
    change: Option<Change>,
    dry: Option<Result<Value, Refused>>,
    started: bool,
    end: Option<Result<Plan, Refusal>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Workload,
    Right,
    Keepers,
    Budgets,
    Dry,
}

impl Planner {
    /// A planner for one act.
    pub fn new(ask: Ask) -> Self {
        Self {
            ask,
            desk: Desk::default(),
            open: BTreeMap::new(),
            live: None,
            keepers: Vec::new(),
            budgets: Ok(Vec::new()),
            allowed: Ok(true),
            change: None,
            dry: None,
            started: false,
            end: None,
        }
    }

    fn call(&mut self, question: Question, call: Call) {
        let id = self.desk.call(call);
        self.open.insert(id, question);
    }

    fn start(&mut self) {
        let target = ask::address(&self.ask.workload, &self.ask.namespace);
        let resource = target.resource.clone();
        let namespace = Some(self.ask.namespace.clone());
        self.call(Question::Workload, Call::Object { target, verb: Verb::Get, mode: Mode::DryRun });
        let resource_of = |resource| Call::List { resource, namespace: namespace.clone(), labels: String::new() };
        let budgets = resource_of(ask::budgets());
        self.call(Question::Budgets, budgets);
        self.call(Question::Right, Call::May { verb: "patch".into(), resource, namespace });
    }

    fn learn(&mut self, now: Moment, question: Question, answer: Answer) {
        let what = self.ask.workload.to_string();
        match (question, answer) {
            (Question::Workload, Answer::Object(object)) => self.found(now, object),
            (Question::Workload, Answer::Refused(refused)) => self.end = Some(Err(self.ask.unread(&what, &refused))),
            (Question::Keepers, Answer::List(objects)) => {
                self.keepers = objects;
                self.decide(now);
            }
            (Question::Keepers, Answer::Refused(refused)) => {
                self.end = Some(Err(self.ask.unread(&format!("The revisions of {what}"), &refused)));
            }
            (Question::Budgets, Answer::List(objects)) => self.budgets = Ok(objects),
            (Question::Budgets, Answer::Refused(refused)) => self.budgets = Err(clean(&refused.message())),
            (Question::Right, Answer::Allowed(granted)) => self.allowed = Ok(granted),
            (Question::Right, Answer::Refused(refused)) => self.allowed = Err(clean(&refused.message())),
            (Question::Dry, Answer::Object(object)) => self.dry = Some(Ok(object)),
            (Question::Dry, Answer::Refused(refused)) => self.dry = Some(Err(refused)),
            (Question::Workload | Question::Keepers | Question::Dry, _) => {
                let sentence = format!("{what}: the server answered something else than was asked");
                self.end = Some(Err(self.ask.refuse(sentence, "Nothing was written. Try again.", String::new())));
            }
            (Question::Budgets, _) => self.budgets = Err("the answer is of another kind".into()),
            (Question::Right, _) => self.allowed = Err("the answer is of another kind".into()),
        }
    }

    /// The workload is there: refuse what kubectl refuses, and ask for its revisions.
    fn found(&mut self, now: Moment, live: Value) {
        if revisions::is_paused(&live) {
            let verb = if self.ask.errand == Errand::Restart { "restarted" } else { "undone" };
            let sentence = format!("{} is paused: it cannot be {verb} until it is resumed", self.ask.workload);
            let cure = "Somebody paused it, perhaps with a reason. Resume it first, then plan again.";
            self.end = Some(Err(self.ask.refuse(sentence, cure, self.ask.rollout("resume", ""))));
            return;
        }
        let labels = selector(&live);
        self.live = Some(live);
        match self.ask.errand {
            Errand::Undo { .. } => {
                let resource = ask::keeper(self.ask.workload.kind);
                let namespace = Some(self.ask.namespace.clone());
                self.call(Question::Keepers, Call::List { resource, namespace, labels });
            }
            Errand::Restart => self.decide(now),
        }
    }

    /// Everything that the change needs is known: try it.
    fn decide(&mut self, now: Moment) {
        let Some(live) = &self.live else { return };
        let kind = self.ask.workload.kind;
        let change = match self.ask.errand {
            Errand::Restart => self.restart(live, now),
            Errand::Undo { to } => self.undo(live, to),
        };
        match change {
            Err(refusal) => self.end = Some(Err(refusal)),
            Ok(change) => {
                let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
                let verb = change.verb(kind, change::manager(live, &change), &version);
                let target = ask::address(&self.ask.workload, &self.ask.namespace);
                self.change = Some(change);
                self.call(Question::Dry, ask::trial(target, verb));
            }
        }
    }

    /// The mark is a second: a second restart in the same one would change nothing (kubectl `rollout restart`, 1.36.3:
    /// "restart has already been triggered within the past second").
    fn restart(&self, live: &Value, now: Moment) -> Result<Change, Refusal> {
        let at = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        let marked = change::mark(live).and_then(|m| DateTime::parse_from_rfc3339(m).ok());
        if marked.is_some_and(|m| m.timestamp() == now.timestamp()) {
            let sentence =
                format!("{} was restarted in this very second: its pods are being replaced", self.ask.workload);
            return Err(self.ask.refuse(
                sentence,
                "Watch its pods; plan another restart if one is wanted.",
                String::new(),
            ));
        }
        Ok(Change::Restart { at })
    }

    fn undo(&self, live: &Value, to: u64) -> Result<Change, Refusal> {
        let kind = self.ask.workload.kind;
        let what = &self.ask.workload;
        let kept = revisions::kept(live, kind, &self.keepers);
        let Some(meant) = revisions::meant(&kept, to) else {
            let numbers: Vec<String> = kept.iter().map(|k| k.revision.to_string()).collect();
            let keeps =
                if numbers.is_empty() { "none is kept".into() } else { format!("kept: {}", numbers.join(", ")) };
            let sentence = if to == 0 {
                format!("{what} has no earlier revision to go back to ({keeps})")
            } else {
                format!("{what} keeps no revision {to} ({keeps})")
            };
            let cure = "Choose another revision, or roll the Helm release back.";
            return Err(self.ask.refuse(sentence, cure, String::new()));
        };
        let Kept { revision, name, template: wanted, annotations, .. } = meant;
        if template::same(wanted, template_of(live)) {
            let sentence =
                format!("The template of {what} is that of revision {revision} already: nothing would change");
            let cure = "Choose another revision. A restart replaces its pods all the same.";
            return Err(self.ask.refuse(sentence, cure, String::new()));
        }
        let annotations = (kind == WorkloadKind::Deployment).then(|| template::annotations(live, annotations));
        Ok(Change::Undo { to: *revision, keeper: name.clone(), template: wanted.clone(), annotations })
    }

    fn judge(&mut self) {
        let (Some(live), Some(change), Some(dry)) = (&self.live, &self.change, &self.dry) else { return };
        if let Err(refused @ Refused::Fault { fault: crate::domain::fault::Fault::Unreachable { .. }, .. }) = dry {
            self.end = Some(Err(self.ask.unread("What the request would do", refused)));
            return;
        }
        let workload = &self.ask.workload;
        let known = Known { workload, live, change, dry, budgets: &self.budgets, allowed: &self.allowed };
        let findings = findings::of(known);
        let after = dry.as_ref().ok();
        let kept = revisions::kept(live, workload.kind, &self.keepers);
        let named = match change {
            Change::Undo { to, .. } => Errand::Undo { to: *to },
            Change::Restart { .. } => Errand::Restart,
        };
        let target = match change {
            Change::Undo { template, .. } => template,
            Change::Restart { .. } => template_of(live),
        };
        let versions = Versions { live: Some(live), after, recorded: None, newest: Newest::Applied };
        let mut plan = Plan {
            workload: workload.clone(),
            namespace: self.ask.namespace.clone(),
            change: change.clone(),
            from: number(live, &kept),
            strategy: strategy::of(live).words(strategy::pods(live)),
            images: images(&workload.name, live, target),
            runs: template::images(target).into_iter().map(|(_, image)| image).collect(),
            fields: diff::fields(&ask::resource(workload.kind).gvk, versions),
            findings,
            command: Ask { errand: named, ..self.ask.clone() }.command(),
            basis: change::basis(live),
            hash: PlanHash(String::new()),
        };
        plan.hash = PlanHash(digest::text(&serde_json::to_string(&plan).unwrap_or_default()));
        self.end = Some(Ok(plan));
    }
}

/// The number that the workload's revision has now.
fn number(live: &Value, kept: &[Kept]) -> Option<u64> {
    let written = live.pointer("/metadata/annotations").and_then(|a| a.get(revisions::REVISION));
    let written = written.and_then(Value::as_str).and_then(|r| r.parse().ok());
    written.or_else(|| revisions::current(live, kept))
}

fn images(service: &Service, live: &Value, target: &Value) -> Vec<ImageChange> {
    let now = template::images(template_of(live));
    let changed = |(name, to): (String, crate::domain::name::Image)| {
        let from = now.iter().find(|(n, _)| *n == name).map(|(_, image)| image.clone())?;
        (from != to).then(|| ImageChange { service: service.clone(), from, to })
    };
    template::images(target).into_iter().filter_map(changed).collect()
}

/// `app=web,tier=front`: the labels that a workload's keepers carry, too.
pub fn selector(workload: &Value) -> String {
    let labels = workload.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let mut terms: Vec<String> =
        labels.into_iter().flatten().filter_map(|(k, v)| Some(format!("{k}={}", v.as_str()?))).collect();
    terms.sort();
    terms.join(",")
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
                    self.learn(now, question, answer);
                }
            }
            Input::Start
            | Input::Observed(..)
            | Input::Gone(..)
            | Input::Synced(_)
            | Input::Lost(..)
            | Input::TimedOut => {}
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
