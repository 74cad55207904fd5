//! Makes the plan of a stop, of the rest of one, or of a return: reads what was saved and every workload of the release,
//! tries each write as a dry run, and judges.
//!
//! Never: writing. Every call is a read or a dry run.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ask::{self, Ask, Errand, Meanwhile, SCALED};
use super::findings::{self, Known, Need};
use super::plan::{Fate, Plan, Row};
use super::saved::{self, Found, Kept, Saved};
use super::{scale, standing};
use crate::domain::moment::Moment;
use crate::domain::text::clean;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::api::{Answer, Call, Mode, Refused, Verb};
use crate::helm::desk::Desk;
use crate::helm::engine::{CallId, Engine, Input, Request};
use crate::helm::payload::Driver;
use crate::helm::plan::{PlanHash, Refusal};
use crate::helm::{history, images, known};
use crate::kubectl::ask as kubectl;

/// The machine.
#[derive(Debug, Clone)]
pub struct Planner {
    ask: Ask,
    desk: Desk,
    open: BTreeMap<CallId, Question>,
    saved: Option<Found>,
    live: BTreeMap<WorkloadRef, Value>,
    known: Known,
    rows: Option<Vec<Row>>,
    started: bool,
    end: Option<Result<Plan, Refusal>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Question {
    Saved,
    Workloads(WorkloadKind),
    Scalers,
    Records(Driver),
    Budgets,
    Right(Need),
    Dry(usize),
}

impl Planner {
    /// A planner for one maintenance.
    pub fn new(ask: Ask) -> Self {
        Self {
            ask,
            desk: Desk::default(),
            open: BTreeMap::new(),
            saved: None,
            live: BTreeMap::new(),
            known: Known::default(),
            rows: None,
            started: false,
            end: None,
        }
    }

    fn call(&mut self, question: Question, call: Call) {
        let id = self.desk.call(call);
        self.open.insert(id, question);
    }

    fn list(&mut self, question: Question, resource: crate::helm::api::Resource, labels: String) {
        let namespace = Some(self.ask.namespace.clone());
        self.call(question, Call::List { resource, namespace, labels });
    }

    fn start(&mut self) {
        let target = ask::place(&self.ask.namespace, &self.ask.release);
        self.call(Question::Saved, Call::Object { target, verb: Verb::Get, mode: Mode::DryRun });
        for kind in WorkloadKind::ALL {
            self.list(Question::Workloads(kind), kubectl::resource(kind), String::new());
        }
        self.list(Question::Scalers, known::autoscaler(), String::new());
        self.list(Question::Budgets, kubectl::budgets(), String::new());
        self.records(Driver::Secret);
        for need in findings::needs(self.ask.errand) {
            let (verb, resource) = (need.verb.to_owned(), need.resource.clone());
            let namespace = Some(self.ask.namespace.clone());
            self.call(Question::Right(need), Call::May { verb, resource, namespace });
        }
    }

    fn records(&mut self, driver: Driver) {
        let labels = history::records_of(&self.ask.release);
        self.list(Question::Records(driver), crate::helm::ask::store(driver), labels);
    }

    fn learn(&mut self, question: Question, answer: Answer) {
        let why = match &answer {
            Answer::Refused(refused) => clean(&refused.message()),
            Answer::Resource(_) | Answer::Object(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
                "the server answered something else than was asked".into()
            }
        };
        match (question, answer) {
            (Question::Saved, Answer::Object(object)) => self.saved = Some(saved::found(&object)),
            (Question::Saved, Answer::Refused(Refused::NotFound(_)))
            | (Question::Right(_), Answer::Allowed(true))
            | (Question::Dry(_), Answer::Object(_)) => {}
            (Question::Saved, Answer::Refused(refused)) => {
                let what = format!("Whether {} is in maintenance (ConfigMap {})", self.ask.release, self.called());
                self.end = Some(Err(self.ask.unread(&what, &refused)));
            }
            (Question::Workloads(kind), Answer::List(all)) => {
                self.live.extend(all.into_iter().map(|o| (scale::reference(kind, &o), scale::typed(kind, o))));
            }
            (Question::Workloads(kind), Answer::Refused(refused)) if kind != WorkloadKind::DaemonSet => {
                self.end = Some(Err(self.ask.unread(&kubectl::resource(kind).plural, &refused)));
            }
            (Question::Workloads(WorkloadKind::DaemonSet), _) => {
                self.known.unknown.push(format!("The DaemonSets cannot be read: {why}"));
            }
            (Question::Scalers, Answer::List(all)) => self.known.scalers = all,
            (Question::Scalers, _) => {
                self.known.unknown.push(format!("What scales the workloads is not known: {why}"));
            }
            (Question::Records(Driver::Secret), Answer::List(all)) if all.is_empty() => {
                self.records(Driver::ConfigMap);
            }
            (Question::Records(_), Answer::List(all)) => {
                let all = all.iter().filter_map(history::facts).map(|(_, facts)| facts);
                self.known.newest = all.max_by_key(|f| f.revision);
            }
            (Question::Records(_), _) => {
                self.known.unknown.push(format!("The Helm history cannot be read: {why}"));
            }
            (Question::Budgets, Answer::List(all)) => self.known.budgets = all,
            (Question::Budgets, _) => {
                self.known.unknown.push(format!("The disruption budgets cannot be read: {why}"));
            }
            (Question::Right(need), Answer::Allowed(false)) => self.known.lacking.push(need),
            (Question::Right(need), _) => {
                let what = format!("Whether you may {} {} is not known: {why}", need.verb, need.resource.plural);
                self.known.unknown.push(what);
            }
            (Question::Dry(at), Answer::Refused(refused)) => drop(self.known.dry.insert(at, refused)),
            (Question::Saved | Question::Workloads(_) | Question::Dry(_), _) => {
                self.end = Some(Err(self.ask.refuse(why, "Nothing was written. Try again.")));
            }
        }
    }

    fn called(&self) -> String {
        saved::name(&self.ask.release)
    }

    /// Everything is read: what becomes of each workload, and each write is tried.
    fn draft(&mut self, now: Moment) {
        let drafted = match (self.ask.errand, self.saved.clone()) {
            (Errand::Stop, None) => self.stopped(),
            (Errand::Stop, Some(found)) => Err(self.already(&found, now)),
            (Errand::Finish | Errand::BringBack(_), None) => Err(self.ask.refuse(
                format!("{} is not in maintenance: there is no ConfigMap {}", self.ask.release, self.called()),
                "Nothing is saved, so nothing can be brought back. If it was ended elsewhere, look at the pods.",
            )),
            (Errand::Finish | Errand::BringBack(_), Some(found)) => match found.saved {
                Err(why) => Err(self.ask.refuse(
                    why,
                    format!("Look at it: kubectl get configmap {} -o yaml {}", self.called(), self.ask.whereabouts()),
                )),
                Ok(saved) => self.resumed(&saved),
            },
        };
        match drafted {
            Err(refusal) => self.end = Some(Err(refusal)),
            Ok(rows) => {
                self.try_each(&rows);
                self.rows = Some(rows);
            }
        }
    }

    fn try_each(&mut self, rows: &[Row]) {
        for (at, row) in rows.iter().enumerate() {
            if let (Fate::To(count), Some(live)) = (&row.fate, self.live.get(&row.workload)) {
                let verb = scale::verb(live, *count);
                let target = kubectl::address(&row.workload, &self.ask.namespace);
                self.call(Question::Dry(at), kubectl::trial(target, verb));
            }
        }
    }

    /// A second stop: somebody was first.
    fn already(&self, found: &Found, now: Moment) -> Refusal {
        let sentence = match &found.saved {
            Ok(saved) => {
                let count = |w: &WorkloadRef| self.live.get(w).map(scale::count);
                standing::sentence(saved, Some(standing::tally(saved, count)), now)
            }
            Err(why) => format!("{} is in maintenance already, and {why}", self.ask.release),
        };
        let (back, rest) = (self.ask.own(Errand::BringBack(Meanwhile::AsSaved)), self.ask.own(Errand::Finish));
        self.ask
            .refuse(sentence, format!("Esc, then M offers to bring it back or to stop the rest; or: {back}; {rest}"))
    }

    /// A row as it is now.
    fn row(&self, workload: &WorkloadRef, live: &Value, saved: u32, fate: Fate) -> Row {
        Row {
            workload: workload.clone(),
            uid: scale::uid(live).to_owned(),
            now: scale::count(live),
            saved,
            scaler: scale::scaler_of(workload, &self.known.scalers).map(scale::scaler),
            fate,
            runs: images::of(live),
            selector: live.pointer("/spec/selector").cloned().unwrap_or_default(),
        }
    }

    fn owned(&self) -> impl Iterator<Item = (&WorkloadRef, &Value)> {
        let of = |live: &Value| scale::is_of(live, &self.ask.release, &self.ask.namespace);
        self.live.iter().filter(move |(w, live)| SCALED.contains(&w.kind) && of(live))
    }

    fn stopped(&self) -> Result<Vec<Row>, Refusal> {
        let row = |(workload, live): (&WorkloadRef, &Value)| {
            let count = scale::count(live);
            self.row(workload, live, count, if count == 0 { Fate::Same } else { Fate::To(0) })
        };
        let rows: Vec<Row> = self.owned().map(row).collect();
        let (release, namespace) = (&self.ask.release, &self.ask.namespace);
        if rows.is_empty() {
            let sentence = format!(
                "Release {release} owns no Deployment or StatefulSet in namespace {namespace}: nothing can be stopped"
            );
            return Err(self.ask.refuse(sentence, "Helm marks its own by an annotation; look at the objects."));
        }
        if !rows.iter().any(Row::is_written) {
            let sentence = format!("Every workload of {release} is at 0 already: there is nothing to stop or to save");
            return Err(self.ask.refuse(sentence, "Somebody stopped it by hand: ask who knows the counts."));
        }
        Ok(rows)
    }

    fn resumed(&mut self, saved: &Saved) -> Result<Vec<Row>, Refusal> {
        let strays = self
            .owned()
            .filter(|(w, live)| scale::count(live) > 0 && !saved.workloads.iter().any(|k| k.workload == **w));
        let strays: Vec<WorkloadRef> = strays.map(|(w, _)| w.clone()).collect();
        let rows: Vec<Row> = saved.workloads.iter().map(|kept| self.kept(kept)).collect();
        self.known.strays = strays;
        if self.ask.errand == Errand::Finish && !rows.iter().any(Row::is_written) {
            let sentence = format!("All of {} that was saved is stopped already", self.ask.release);
            let cure = format!(
                "Nothing is left to stop. To bring it back: {}",
                self.ask.own(Errand::BringBack(Meanwhile::AsSaved))
            );
            return Err(self.ask.refuse(sentence, cure));
        }
        Ok(rows)
    }

    /// What becomes of a workload that was saved.
    fn kept(&self, kept: &Kept) -> Row {
        let left = |why: &str| Fate::Left(why.to_owned());
        let Some(live) = self.live.get(&kept.workload) else {
            return Row {
                workload: kept.workload.clone(),
                uid: kept.uid.clone(),
                now: 0,
                saved: kept.replicas,
                scaler: kept.scaler.clone(),
                fate: left("it is gone"),
                runs: Vec::new(),
                selector: Value::Null,
            };
        };
        let now = scale::count(live);
        let scaled = scale::scaler_of(&kept.workload, &self.known.scalers).is_some();
        let fate = match self.ask.errand {
            _ if scale::uid(live) != kept.uid => left("it was deleted and made anew since"),
            Errand::Stop | Errand::Finish if now == 0 => Fate::Same,
            Errand::Stop | Errand::Finish if kept.replicas == 0 => left("it had no pods when it was saved"),
            Errand::Stop | Errand::Finish => Fate::To(0),
            Errand::BringBack(_) if now == kept.replicas => Fate::Same,
            // Its autoscaler is at work again, and knows better.
            Errand::BringBack(_) if now > 0 && scaled => Fate::Same,
            Errand::BringBack(Meanwhile::AsLive) if now > 0 => left("somebody set its count since"),
            Errand::BringBack(_) => Fate::To(kept.replicas),
        };
        self.row(&kept.workload, live, kept.replicas, fate)
    }

    fn judge(&mut self) {
        let Some(rows) = self.rows.take() else { return };
        let saved = self.saved.as_ref().and_then(|f| f.saved.as_ref().ok());
        let plan = Plan {
            release: self.ask.release.clone(),
            namespace: self.ask.namespace.clone(),
            errand: self.ask.errand,
            findings: findings::of(&self.ask, &rows, &self.live, saved, &self.known),
            command: self.ask.own(self.ask.errand),
            by_hand: self.ask.by_hand(&rows),
            rows,
            since: saved.map(|s| (s.since, s.by.clone())),
            guard: self.saved.as_ref().map(|f| f.guard.clone()),
            revision: self.known.newest.as_ref().map(|f| f.revision),
            by: self.ask.holder.to_string(),
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
        if self.end.is_none() && self.started && self.open.is_empty() && self.rows.is_none() {
            self.draft(now);
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
