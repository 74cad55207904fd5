//! The reading that a plan and an execution have in common: the history, the two records, how their kinds are served,
//! what is live.
//!
//! Never: writing, and never going on with half of an answer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{Answer, Call, Gvk, ObjectRef, Refused, Resource};
use super::ask::{Ask, store};
use super::choices::Hooks;
use super::desk::Desk;
use super::draft::{self, Draft, Item, Objects, Stored};
use super::engine::CallId;
use super::look::{self, Look};
use super::payload::Driver;
use super::plan::Refusal;
use super::record::{Record, labels};
use super::{baseline, history, hook, manifest};
use crate::domain::name::Revision;
use crate::domain::release::Status;

/// The machine.
#[derive(Debug, Clone)]
pub struct Survey {
    ask: Ask,
    open: BTreeMap<CallId, Question>,
    driver: Driver,
    history: Vec<Stored>,
    records: Option<Box<(Record, Record)>>,
    wanted: Wanted,
    resources: BTreeMap<Gvk, Resource>,
    objects: Objects,
    hooks: Vec<(usize, Vec<Item>)>,
    end: Option<Result<Draft, Refusal>>,
}

#[derive(Debug, Clone)]
enum Question {
    Records,
    Kind(Gvk),
    Live(Look),
}

/// The manifests as objects, not placed yet.
#[derive(Debug, Clone, Default)]
struct Wanted {
    original: Vec<Value>,
    target: Vec<Value>,
    hooks: Vec<(usize, Vec<Value>)>,
}

impl Survey {
    /// A survey for one rollback.
    pub fn new(ask: Ask) -> Self {
        Self {
            ask,
            open: BTreeMap::new(),
            driver: Driver::Secret,
            history: Vec::new(),
            records: None,
            wanted: Wanted::default(),
            resources: BTreeMap::new(),
            objects: Objects { original: Vec::new(), target: Vec::new(), live: Vec::new() },
            hooks: Vec::new(),
            end: None,
        }
    }

    /// Begins with the history.
    pub fn start(&mut self, desk: &mut Desk) {
        let labels = history::records_of(&self.ask.release);
        let namespace = Some(self.ask.namespace.clone());
        let id = desk.call(Call::List { resource: store(self.driver), namespace, labels });
        self.open.insert(id, Question::Records);
    }

    /// What came of it.
    pub fn end(&mut self) -> Option<Result<Draft, Refusal>> {
        self.end.take()
    }

    /// Takes an answer; not its own ones are ignored.
    pub fn answer(&mut self, desk: &mut Desk, id: CallId, answer: Answer) {
        let Some(question) = self.open.remove(&id) else { return };
        let taken = match (question, answer) {
            (Question::Records, Answer::List(objects)) => self.records(desk, objects),
            (Question::Kind(gvk), Answer::Resource(resource)) => self.kind(desk, gvk, resource),
            (Question::Live(Look::One(at)), Answer::Object(object)) => {
                self.objects.live.push((at, object));
                self.drafted()
            }
            (Question::Live(Look::One(_)), Answer::Refused(Refused::NotFound(_))) => self.drafted(),
            (Question::Live(Look::Several(.., wanted)), Answer::List(list)) => {
                let (found, open) = look::shown(wanted, list);
                self.objects.live.extend(found);
                self.look(desk, open.into_iter().map(Look::One));
                self.drafted()
            }
            // Whoever may not list may still get.
            (Question::Live(Look::Several(.., wanted)), Answer::Refused(_)) => {
                self.look(desk, wanted.into_iter().map(Look::One));
                Ok(())
            }
            (question, Answer::Refused(refused)) => Err(self.ask.unread(&question.what(&self.ask), &refused)),
            (question, _) => {
                Err(self.ask.refuse(format!("{} got an answer of another kind", question.what(&self.ask)), ""))
            }
        };
        if let Err(refusal) = taken {
            self.open.clear();
            self.end = Some(Err(refusal));
        }
    }

    fn records(&mut self, desk: &mut Desk, objects: Vec<Value>) -> Result<(), Refusal> {
        if objects.is_empty() {
            if self.driver == Driver::Secret {
                self.driver = Driver::ConfigMap;
                self.start(desk);
                return Ok(());
            }
            let (release, namespace) = (&self.ask.release, &self.ask.namespace);
            let sentence = format!("There is no Helm release {release} in namespace {namespace}");
            let cure = "Look at the name and the namespace. Records in SQL (HELM_DRIVER=sql) are only known to helm.";
            return Err(self.ask.hopeless(sentence, cure));
        }
        self.history = objects.into_iter().filter_map(|o| stored(&self.ask, o)).collect();
        self.history.sort_by_key(|s| s.revision);
        let last = self.decode(self.history.last().map(|s| s.revision))?;
        let target = self.decode(Some(self.ask.to))?;
        self.wanted = Wanted {
            original: self.baseline(&last)?,
            target: self.parse(&target)?,
            hooks: self
                .events()
                .iter()
                .flat_map(|event| hook::at(&target.hooks, event))
                .map(|(place, hook)| Ok((place, self.documents(&hook.manifest, &format!("hook {}", hook.name))?)))
                .collect::<Result<_, Refusal>>()?,
        };
        self.records = Some(Box::new((last, target)));
        let all = self.wanted.original.iter().chain(&self.wanted.target);
        let all = all.chain(self.wanted.hooks.iter().flat_map(|(_, objects)| objects));
        let mut kinds: Vec<Gvk> = all.map(manifest::gvk).collect();
        kinds.sort();
        kinds.dedup();
        for gvk in kinds {
            let id = desk.call(Call::Discover(gvk.clone()));
            self.open.insert(id, Question::Kind(gvk));
        }
        self.places(desk)
    }

    /// The objects that may have been applied before.
    fn baseline(&self, last: &Record) -> Result<Vec<Value>, Refusal> {
        let newest = self.parse(last)?;
        let Some(stored) = baseline::beside(last, &self.history, self.ask.choices.manner) else { return Ok(newest) };
        let deployed = self.parse(&self.decode(Some(stored.revision))?)?;
        baseline::both(deployed, newest).map_err(|why| {
            let sentence = format!("What a cut-off rollback has left cannot be put together: {why}");
            self.ask.refuse(sentence, "Roll back with helm itself.")
        })
    }

    fn decode(&self, revision: Option<Revision>) -> Result<Record, Refusal> {
        let found = revision.and_then(|r| self.history.iter().find(|s| s.revision == r));
        let Some(stored) = found else {
            let known: Vec<_> = self.history.iter().map(|s| s.revision.to_string()).collect();
            let sentence = format!("{} has no revision {}: it was pruned, or never was", self.ask.release, self.ask.to);
            return Err(self.ask.hopeless(sentence, format!("It has {}.", known.join(", "))));
        };
        Record::decode(&stored.object).map_err(|why| {
            self.ask.hopeless(
                format!("The record of revision {} cannot be read: {why}", stored.revision),
                "helm cannot read it either; choose another revision, or restore the record from a backup.",
            )
        })
    }

    /// The events whose hooks run.
    fn events(&self) -> &'static [&'static str] {
        match self.ask.choices.hooks {
            Hooks::Run => &["pre-rollback", "post-rollback"],
            Hooks::Skip => &[],
        }
    }

    fn parse(&self, record: &Record) -> Result<Vec<Value>, Refusal> {
        self.documents(&record.manifest, &format!("the manifest of revision {}", record.revision))
    }

    fn documents(&self, text: &str, what: &str) -> Result<Vec<Value>, Refusal> {
        let objects = manifest::parse(text)
            .map_err(|why| self.ask.refuse(format!("{what} cannot be read: {why}"), "Roll back with helm itself."))?;
        match objects.iter().find(|o| manifest::name(o).is_empty()) {
            None => Ok(objects),
            Some(object) => {
                let kind = manifest::gvk(object).kind;
                let sentence = format!("{what} holds a {kind} without a name (generateName), which helm cannot update");
                Err(self.ask.hopeless(sentence, "Choose another revision."))
            }
        }
    }

    fn kind(&mut self, desk: &mut Desk, gvk: Gvk, resource: Option<Resource>) -> Result<(), Refusal> {
        let Some(resource) = resource else {
            let (version, kind) = (gvk.api_version(), &gvk.kind);
            let sentence = format!("This cluster does not serve {kind} in {version}, which the records name");
            let cure = "helm would stop in the middle. Rewrite the record first: helm plugin mapkubeapis.";
            return Err(self.ask.hopeless(sentence, cure));
        };
        self.resources.insert(gvk, resource);
        self.places(desk)
    }

    /// When every kind is known: places every object and asks what is live.
    fn places(&mut self, desk: &mut Desk) -> Result<(), Refusal> {
        if !self.open.is_empty() {
            return Ok(());
        }
        let Wanted { original, target, hooks } = std::mem::take(&mut self.wanted);
        self.objects.original = self.place(original);
        self.objects.target = self.place(target);
        self.hooks = hooks.into_iter().map(|(at, objects)| (at, self.place(objects))).collect();
        let mut all: Vec<ObjectRef> = self.objects.target.iter().map(|i| i.at.clone()).collect();
        all.extend(self.objects.original.iter().map(|i| i.at.clone()));
        self.look(desk, Look::at(all));
        self.drafted()
    }

    fn look(&mut self, desk: &mut Desk, looks: impl IntoIterator<Item = Look>) {
        for look in looks {
            self.open.insert(desk.call(look.call()), Question::Live(look));
        }
    }

    fn place(&self, objects: Vec<Value>) -> Vec<Item> {
        let placed = |mut object: Value| {
            let resource = self.resources.get(&manifest::gvk(&object))?.clone();
            let namespace = manifest::place(&mut object, resource.namespaced, &self.ask.namespace);
            let namespace = namespace.filter(|_| resource.namespaced);
            let at = ObjectRef { resource, namespace, name: manifest::name(&object).to_owned() };
            Some(Item { object, at })
        };
        objects.into_iter().filter_map(placed).collect()
    }

    fn drafted(&mut self) -> Result<(), Refusal> {
        if !self.open.is_empty() {
            return Ok(());
        }
        let Some(records) = self.records.take() else { return Ok(()) };
        let (last, target) = *records;
        let choices = self.ask.choices.clone();
        let method = draft::method(&target, choices.apply);
        let ops = draft::operations(&self.objects, &last, (method, &choices)).map_err(|why| {
            self.ask.refuse(format!("{why}, so its patch cannot be made"), "Roll back with helm itself.")
        })?;
        let (history, hooks) = (std::mem::take(&mut self.history), std::mem::take(&mut self.hooks));
        self.end = Some(Ok(Draft { history, last, target, method, choices, ops, hooks }));
        Ok(())
    }
}

impl Question {
    fn what(&self, ask: &Ask) -> String {
        match self {
            Self::Records => format!("The history of {}", ask.release),
            Self::Kind(gvk) => format!("How {} is served", gvk.kind),
            Self::Live(Look::One(at)) => draft::called(at),
            Self::Live(Look::Several(resource, ..)) => format!("Every {}", resource.gvk.kind),
        }
    }
}

/// A record of this release, told by its labels.
fn stored(ask: &Ask, object: Value) -> Option<Stored> {
    let labels = labels(&object);
    let ours = labels.get("owner")? == "helm" && labels.get("name")? == ask.release.as_str();
    let revision = Revision(labels.get("version")?.parse().ok()?);
    let status = Status::from_word(labels.get("status").map_or("", String::as_str));
    ours.then_some(Stored { revision, status, object })
}
