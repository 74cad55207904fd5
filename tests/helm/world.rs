//! A cluster in a few lines for the engine's own tests: objects, faults on request, and controllers that finish at once.
//!
//! Never: the drill's world; that one has time, traffic and pods.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use backout::domain::moment::Moment;
use backout::domain::name::{Namespace, Revision};
use backout::domain::release::Status;
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, Refused, Resource, Verb};
use backout::helm::ask::Ask;
use backout::helm::birth::Birth;
use backout::helm::choices::Choices;
use backout::helm::engine::{Engine, Input, Request, WatchId};
use backout::helm::holder::Holder;
use backout::helm::payload::Driver;
use backout::helm::plan::{Method, Plan, Refusal};
use backout::helm::planner::Planner;
use backout::helm::progress::{Outcome, Progress};
use backout::helm::record::Record;
use backout::helm::rollback::{Rollback, Wait};
use backout::helm::{apply, manifest};
use chrono::DateTime;
use serde_json::{Value, json};

type Key = (String, Option<Namespace>, String);

/// The cluster.
#[derive(Default)]
pub struct World {
    pub objects: BTreeMap<Key, Value>,
    /// Verb, object name, and what the server says to it, once each.
    pub faults: Vec<(&'static str, &'static str, Refused)>,
    /// Refused although it was carried out: the answer got lost.
    pub lost: Option<(&'static str, &'static str)>,
    /// One number for each call to come: a small one is a fault, the smallest ones also lose an answer.
    pub chaos: VecDeque<u8>,
    /// Every write that was committed.
    pub log: Vec<String>,
    /// Everything that was told.
    pub told: Vec<Progress>,
    /// Images that never come up.
    pub broken: Vec<&'static str>,
    pub denied: Vec<&'static str>,
    /// Resources of which no list is given.
    pub denied_lists: Vec<&'static str>,
    /// Everything that was asked.
    pub calls: usize,
    /// What somebody else puts there right after that write.
    pub meanwhile: Option<(&'static str, Value)>,
    /// The status of whatever is tried moves just before it is tried, as in an incident.
    pub restless: bool,
    clock: i64,
    version: u64,
}

pub fn now() -> Moment {
    DateTime::from_timestamp(1_764_563_400, 0).expect("a time")
}

pub fn resource(gvk: &Gvk) -> Option<Resource> {
    let plural = match gvk.kind.as_str() {
        "Ingress" if gvk.version == "v1beta1" => return None,
        "Ingress" => "ingresses".into(),
        kind => format!("{}s", kind.to_lowercase()),
    };
    let namespaced = !["Namespace", "ClusterRole", "CustomResourceDefinition"].contains(&gvk.kind.as_str());
    Some(Resource { gvk: gvk.clone(), plural, namespaced })
}

fn key(at: &ObjectRef) -> Key {
    (at.resource.plural.clone(), at.namespace.clone(), at.name.clone())
}

impl World {
    /// Puts an object there as somebody else would.
    pub fn put(&mut self, object: &Value, manager: &str) {
        let gvk = manifest::gvk(object);
        let resource = resource(&gvk).expect("a served kind");
        let mut object = object.clone();
        manifest::place(&mut object, resource.namespaced, &"prod".into());
        let at = ObjectRef { namespace: manifest::namespace(&object), name: manifest::name(&object).into(), resource };
        let live = self.objects.get(&key(&at)).cloned().unwrap_or_default();
        let new = apply::replace_as(manager, &gvk, &live, &object);
        self.store(&at, new);
    }

    /// Helm applies an object on the server.
    #[allow(dead_code, reason = "not every test that shares this file needs it")]
    pub fn apply(&mut self, object: &Value) {
        self.install(object, Some(Method::Ssa));
        self.log.clear();
    }

    pub fn get(&self, plural: &str, name: &str) -> Option<&Value> {
        self.objects.get(&(plural.into(), Some("prod".into()), name.into()))
    }

    /// Revision and status of every record, and the description of the newest.
    #[allow(dead_code, reason = "not every test that shares this file needs it")]
    pub fn statuses(&self) -> (Vec<(u32, Status)>, String) {
        let mut all: Vec<Record> = self
            .objects
            .iter()
            .filter(|((plural, ..), o)| plural == "secrets" && o["type"] == "helm.sh/release.v1")
            .map(|(_, o)| Record::decode(o).expect("a record"))
            .collect();
        all.sort_by_key(|r| r.revision);
        let last = all.last().map(|r| r.description.clone()).unwrap_or_default();
        (all.iter().map(|r| (r.revision.0, r.status)).collect(), last)
    }

    fn store(&mut self, at: &ObjectRef, mut object: Value) -> Value {
        self.version += 1;
        let before = self.objects.get(&key(at)).cloned().unwrap_or_default();
        let generation = before["metadata"]["generation"].as_i64().unwrap_or(0);
        let changed = before["spec"] != object["spec"];
        object["kind"] = at.resource.gvk.kind.clone().into();
        object["metadata"]["generation"] = (generation + i64::from(changed)).into();
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let uid = before["metadata"]["uid"].as_str().map_or_else(|| format!("uid-{}", self.version), str::to_owned);
        object["metadata"]["uid"] = uid.into();
        self.control(at, &mut object);
        self.objects.insert(key(at), object.clone());
        object
    }

    fn control(&mut self, at: &ObjectRef, object: &mut Value) {
        let replicas = object["spec"]["replicas"].as_i64().unwrap_or(1);
        let image =
            object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap_or_default().to_owned();
        let works = !self.broken.contains(&image.as_str());
        match at.resource.gvk.kind.as_str() {
            "Deployment" => {
                let available = if works { replicas } else { 0 };
                object["status"] = json!({"observedGeneration": object["metadata"]["generation"], "replicas": replicas,
                    "updatedReplicas": replicas, "availableReplicas": available});
                // A number of pods makes no new revision.
                let before = self.objects.get(&key(at)).map(|o| &o["spec"]["template"]);
                if before != Some(&object["spec"]["template"]) {
                    object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] =
                        object["metadata"]["generation"].to_string().into();
                }
                self.pods(at, object, works);
            }
            "StatefulSet" => {
                let ready = if works { replicas } else { 0 };
                object["status"] = json!({"observedGeneration": object["metadata"]["generation"], "replicas": replicas,
                    "updatedReplicas": replicas, "readyReplicas": ready, "availableReplicas": ready,
                    "currentRevision": "r", "updateRevision": "r"});
            }
            "Job" => {
                let kind = if works { "Complete" } else { "Failed" };
                object["status"] = json!({"conditions": [{"type": kind, "status": "True", "reason": "BackoffLimitExceeded",
                    "message": "Job has reached the specified backoff limit"}]});
            }
            _ => {}
        }
    }

    fn pods(&mut self, at: &ObjectRef, deployment: &Value, works: bool) {
        if deployment["spec"]["replicas"] == 0 {
            let own = format!("{}-", at.name);
            self.objects.retain(|(plural, _, name), _| plural != "pods" || !name.starts_with(&own));
            return;
        }
        let hash = deployment["metadata"]["generation"].to_string();
        let state = if works { json!({"running": {}}) } else { json!({"waiting": {"reason": "CrashLoopBackOff"}}) };
        let namespace = at.namespace.clone();
        let space = namespace.clone().map(String::from);
        let uid = format!("set-{}-{hash}", at.name);
        let set = json!({"kind": "ReplicaSet", "metadata": {"name": format!("{}-{hash}", at.name), "namespace": space,
            "uid": uid,
            "labels": {"pod-template-hash": hash}, "ownerReferences": [{"uid": deployment["metadata"]["uid"]}],
            "annotations": {"deployment.kubernetes.io/revision": hash}}, "spec": deployment["spec"]});
        let mut labels = deployment["spec"]["template"]["metadata"]["labels"].clone();
        labels["pod-template-hash"] = hash.clone().into();
        let pod = json!({"kind": "Pod", "metadata": {"name": format!("{}-{hash}-a", at.name), "namespace": space,
            "labels": labels, "ownerReferences": [{"uid": uid}]}, "status": {"containerStatuses": [{"state": state,
            "lastState": {"terminated": {"exitCode": 1}}}],
            "conditions": [{"type": "Ready", "status": if works { "True" } else { "False" }}]}});
        self.objects.insert(("replicasets".into(), namespace.clone(), format!("{}-{hash}", at.name)), set);
        self.objects.insert(("pods".into(), namespace, format!("{}-{hash}-a", at.name)), pod);
    }

    pub fn answer(&mut self, call: Call) -> Answer {
        self.calls += 1;
        match call {
            Call::Discover(gvk) => Answer::Resource(resource(&gvk)),
            Call::May { verb, .. } => Answer::Allowed(!self.denied.contains(&verb.as_str())),
            Call::List { resource, namespace, labels } => {
                Answer::List(self.list(&resource, namespace.as_ref(), &labels))
            }
            Call::Some { resource, .. } if self.denied_lists.contains(&resource.plural.as_str()) => {
                Answer::Refused(unreachable())
            }
            Call::Some { resource, namespace, labels, most } => {
                Answer::List(self.list(&resource, namespace.as_ref(), &labels).into_iter().take(most).collect())
            }
            Call::Object { target, verb, mode } => self.object(&target, verb, mode),
        }
    }

    fn list(&self, resource: &Resource, namespace: Option<&Namespace>, labels: &str) -> Vec<Value> {
        let here = |((plural, ns, _), _): &(&Key, &Value)| {
            *plural == resource.plural && (namespace.is_none() || ns.as_ref() == namespace)
        };
        let labelled = |o: &&Value| {
            labels.split(',').filter_map(|l| l.split_once('=')).all(|(k, v)| o["metadata"]["labels"][k] == v)
        };
        self.objects.iter().filter(here).map(|(_, o)| o).filter(labelled).cloned().collect()
    }

    fn object(&mut self, at: &ObjectRef, verb: Verb, mode: Mode) -> Answer {
        let word = match &verb {
            Verb::Get => "GET",
            Verb::Create(_) => "POST",
            Verb::Patch(..) | Verb::PatchAs(..) => "PATCH",
            Verb::Replace(_) => "PUT",
            Verb::Delete => "DELETE",
        };
        let commit = mode == Mode::Commit;
        let tried = self.restless && !commit && word == "PATCH";
        if let Some(live) = self.objects.get_mut(&key(at)).filter(|_| tried) {
            self.version += 1;
            live["metadata"]["resourceVersion"] = self.version.to_string().into();
        }
        let hit = self.faults.iter().position(|(w, n, _)| *w == word && *n == at.name && (commit || *n != "late"));
        if let Some(found) = hit {
            return Answer::Refused(self.faults.remove(found).2);
        }
        let chance = self.chaos.pop_front().unwrap_or(u8::MAX);
        if let Some(refused) = chaotic(chance) {
            if commit && chance.is_multiple_of(2) && verb != Verb::Get {
                self.log.push(format!("{word} {} {}", at.resource.plural, at.name));
                self.carry_out(at, verb, commit);
                return Answer::Refused(unreachable());
            }
            self.log.push(format!("refused {word} {} {}", at.resource.plural, at.name));
            return Answer::Refused(refused);
        }
        if commit && verb != Verb::Get {
            self.log.push(format!("{word} {} {}", at.resource.plural, at.name));
        }
        let answer = self.carry_out(at, verb, commit);
        if let Some((after, object)) = self.meanwhile.take() {
            if self.log.last().is_some_and(|l| l == after) {
                self.put(&object, "helm");
            } else {
                self.meanwhile = Some((after, object));
            }
        }
        if commit && self.lost.is_some_and(|(w, n)| w == word && n == at.name) {
            self.lost = None;
            return Answer::Refused(unreachable());
        }
        answer
    }

    fn carry_out(&mut self, at: &ObjectRef, verb: Verb, commit: bool) -> Answer {
        let live = self.objects.get(&key(at)).cloned();
        let gvk = &at.resource.gvk;
        let missing =
            || Answer::Refused(Refused::NotFound(format!("{} \"{}\" not found", at.resource.plural, at.name)));
        let new = match (verb, live) {
            (Verb::Get, Some(live)) => return Answer::Object(live),
            (Verb::Create(_), Some(_)) => {
                let message = format!("{} \"{}\" already exists", at.resource.plural, at.name);
                return Answer::Refused(Refused::AlreadyExists(message));
            }
            (Verb::Create(body), None) => apply::create(gvk, &body),
            (Verb::Patch(kind, body), _) => {
                return self.carry_out(at, Verb::PatchAs("helm", kind, body), commit);
            }
            (Verb::PatchAs(manager, kind, body), live) => {
                if live.is_none() && !matches!(kind, backout::helm::api::PatchKind::Apply { .. }) {
                    return missing();
                }
                let live = live.unwrap_or_default();
                match apply::patch_as(manager, kind, gvk, &live, &body) {
                    Ok(new) if new["metadata"]["resourceVersion"] != live["metadata"]["resourceVersion"] => {
                        return Answer::Refused(modified());
                    }
                    Ok(new) => new,
                    Err(refused) => return Answer::Refused(refused),
                }
            }
            (Verb::Replace(body), Some(live)) => {
                let guard = &body["metadata"]["resourceVersion"];
                if guard.is_string() && *guard != live["metadata"]["resourceVersion"] {
                    return Answer::Refused(modified());
                }
                apply::replace_as("helm", gvk, &live, &body)
            }
            (Verb::Delete, Some(_)) => {
                if commit {
                    self.objects.remove(&key(at));
                }
                return Answer::Gone;
            }
            (Verb::Get | Verb::Replace(_) | Verb::Delete, None) => return missing(),
        };
        Answer::Object(if commit { self.store(at, new) } else { new })
    }

    /// Time goes by.
    #[allow(dead_code, reason = "not every test that shares this file needs it")]
    pub fn pass(&mut self, seconds: i64) {
        self.clock += seconds;
    }

    /// Runs a machine to its end.
    pub fn run<E: Engine>(&mut self, engine: &mut E) -> E::End
    where
        E::End: Clone,
    {
        let mut queue: VecDeque<Input> = [Input::Start].into();
        let mut watches: BTreeMap<WatchId, (Resource, Option<Namespace>)> = BTreeMap::new();
        let mut deadline: Option<Duration> = None;
        loop {
            if let Some(end) = engine.end() {
                return end.clone();
            }
            let input = queue.pop_front().or_else(|| deadline.take().map(|_| Input::TimedOut));
            let input = input.expect("the machine waits for nothing");
            self.clock += 1;
            for request in engine.step(now() + chrono::Duration::seconds(self.clock), input) {
                match request {
                    Request::Call(id, call) => {
                        let answer = self.answer(call);
                        queue.push_back(Input::Answer(id, answer));
                        self.show(&watches, &mut queue);
                    }
                    Request::Watch(id, resource, namespace) => {
                        let seen = self.list(&resource, namespace.as_ref(), "");
                        queue.extend(seen.into_iter().map(|o| Input::Observed(id, o)));
                        queue.push_back(Input::Synced(id));
                        watches.insert(id, (resource, namespace));
                    }
                    Request::Unwatch(id) => drop(watches.remove(&id)),
                    Request::Report(progress) => self.told.push(progress),
                    Request::Deadline(after) => deadline = Some(after),
                }
            }
        }
    }

    fn show(&self, watches: &BTreeMap<WatchId, (Resource, Option<Namespace>)>, queue: &mut VecDeque<Input>) {
        for (id, (resource, namespace)) in watches {
            queue.extend(self.list(resource, namespace.as_ref(), "").into_iter().map(|o| Input::Observed(*id, o)));
        }
    }

    pub fn plan(&mut self, to: u32) -> Result<Plan, Refusal> {
        self.plan_as(ask(to))
    }

    pub fn plan_as(&mut self, ask: Ask) -> Result<Plan, Refusal> {
        self.run(&mut Planner::new(ask))
    }

    #[allow(dead_code, reason = "not every test that shares this file needs it")]
    pub fn roll_back(&mut self, to: u32) -> Outcome {
        let plan = self.plan(to).expect("a plan");
        self.execute(plan)
    }

    pub fn execute(&mut self, plan: Plan) -> Outcome {
        self.run(&mut Rollback::new(plan, "lab", Duration::from_mins(5), Wait::ForReady))
    }
}

/// The fault that a chance stands for; most chances are none.
fn chaotic(chance: u8) -> Option<Refused> {
    let message = "chaos".to_owned();
    Some(match chance {
        0..4 => unreachable(),
        4..8 => Refused::Conflict { message, fields: Vec::new() },
        8..12 => Refused::Invalid(message),
        12..14 => Refused::NotFound(message),
        14..16 => Refused::AlreadyExists(message),
        _ => return None,
    })
}

fn modified() -> Refused {
    Refused::Conflict { message: "the object has been modified".into(), fields: Vec::new() }
}

pub fn unreachable() -> Refused {
    let fault = backout::domain::fault::Fault::Unreachable { what: "connection refused".into() };
    Refused::Fault { fault, message: String::new() }
}

pub fn ask(to: u32) -> Ask {
    Ask {
        release: "shop".into(),
        namespace: "prod".into(),
        to: Revision(to),
        context: "lab".into(),
        timeout: Duration::from_mins(5),
        wait: Wait::ForReady,
        choices: Choices::default(),
        holder: Holder::default(),
        cut_off: None,
    }
}

/// One revision of the release `shop`: status, description, manifest, hooks.
pub type Row<'a> = (Status, &'a str, &'a str, Vec<Value>);

/// A world in which the release has these revisions and the newest manifest is live.
pub fn shop(rows: &[Row<'_>], method: Option<Method>) -> World {
    let mut world = World::default();
    for (i, (status, description, manifest, hooks)) in rows.iter().enumerate() {
        let birth = Birth {
            name: "shop".into(),
            namespace: "prod".into(),
            revision: Revision(u32::try_from(i).expect("few") + 1),
            status: *status,
            description: (*description).into(),
            at: now() - chrono::Duration::days(3),
            chart: ("shop".into(), "1.0.0".into(), "1".into()),
            config: json!({"a": 1}),
            manifest: (*manifest).into(),
            hooks: hooks.clone(),
            method,
            driver: Driver::Secret,
        };
        world.put(&birth.object().expect("a record"), "helm");
    }
    let newest = rows.last().map_or("", |r| r.2);
    for mut object in manifest::parse(newest).expect("a manifest") {
        manifest::stamp(&mut object, &"shop".into(), &"prod".into());
        world.install(&object, method);
    }
    world.log.clear();
    world
}

impl World {
    fn install(&mut self, object: &Value, method: Option<Method>) {
        let gvk = manifest::gvk(object);
        let resource = resource(&gvk).expect("a served kind");
        let mut object = object.clone();
        manifest::place(&mut object, resource.namespaced, &"prod".into());
        let at = ObjectRef { namespace: manifest::namespace(&object), name: manifest::name(&object).into(), resource };
        let verb = match method {
            Some(Method::Ssa) => Verb::Patch(backout::helm::api::PatchKind::Apply { force: false }, object),
            Some(Method::Csa) | None => Verb::Create(object),
        };
        self.object(&at, verb, Mode::Commit);
    }
}
