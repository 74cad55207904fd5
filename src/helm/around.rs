//! What a plan reads around the release, beside the objects themselves: autoscalers, quotas, webhooks, older ReplicaSets,
//! what pods need, what was left behind. All of it in parallel; none of it stops a plan.
//!
//! Never: silent about what could not be read; it is named, as nobody has looked at it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::api::{Answer, Call, Gvk, Mode, ObjectRef, Refused, Resource, Verb};
use super::desk::Desk;
use super::draft::Draft;
use super::engine::CallId;
use super::needs::{Found, Need};
use super::past::Former;
use super::plan::{Change, Finding, Level};
use super::risks::finding;
use super::webhooks::Strict;
use super::{images, known, look, needs, past, quota, readiness, rollout, webhooks};
use crate::domain::moment::Moment;
use crate::domain::name::{Image, Namespace, Revision};

/// A Deployment keeps ten older ReplicaSets by default; with more of them than this in a list, they are of others.
const SETS: usize = 15;

/// The machine.
#[derive(Debug, Clone, Default)]
pub struct Around {
    open: BTreeMap<CallId, Question>,
    /// Autoscalers of the namespaces at work.
    pub autoscalers: Vec<Value>,
    needs: Vec<(Need, Found)>,
    quotas: Vec<Value>,
    orphans: Vec<(ObjectRef, Revision)>,
    configurations: Vec<Value>,
    dead: BTreeSet<Strict>,
    /// By operation: the images of its ReplicaSets, old ones too.
    ran: BTreeMap<usize, BTreeSet<Image>>,
    /// What could not be read.
    unread: BTreeSet<String>,
}

#[derive(Debug, Clone)]
enum Question {
    Autoscalers,
    Need(Need),
    Quotas,
    Configurations,
    Slices(Strict),
    Sets(usize),
    /// The older ReplicaSets of all these Deployments of one namespace, if they are not more than that.
    AllSets(Vec<usize>, usize),
    Kind(Gvk, Vec<(Former, Revision)>),
    Former(ObjectRef, Revision),
}

impl Around {
    /// Asks everything that can be asked at once.
    pub fn start(&mut self, draft: &Draft, desk: &mut Desk) {
        for need in needs::of(draft) {
            let id = desk.object(&need.at, Verb::Get, Mode::Commit);
            self.open.insert(id, Question::Need(need));
        }
        for namespace in scaled_in(draft) {
            let ask = |resource| Call::List { resource, namespace: Some(namespace.clone()), labels: String::new() };
            self.open.insert(desk.call(ask(known::autoscaler())), Question::Autoscalers);
            self.open.insert(desk.call(ask(quotas())), Question::Quotas);
        }
        if draft.ops.iter().any(|o| o.verb.is_some()) {
            for resource in webhooks::configurations() {
                let id = desk.call(Call::List { resource, namespace: None, labels: String::new() });
                self.open.insert(id, Question::Configurations);
            }
        }
        let mut places: BTreeMap<Option<Namespace>, Vec<usize>> = BTreeMap::new();
        for (at, op) in draft.ops.iter().enumerate().filter(|(_, o)| o.change == Change::Update) {
            let of = |v: &Option<Value>| v.as_ref().map(images::of);
            if op.at.resource.gvk.kind == "Deployment" && of(&op.live) != of(&op.modified) {
                places.entry(op.at.namespace.clone()).or_default().push(at);
            }
        }
        for (namespace, deployments) in places {
            if deployments.len() < look::SEVERAL {
                self.sets(draft, deployments, desk);
            } else {
                let most = deployments.len() * SETS;
                let call = Call::Some { resource: sets(), namespace, labels: String::new(), most };
                self.open.insert(desk.call(call), Question::AllSets(deployments, most));
            }
        }
        self.formers(draft, desk);
    }

    /// The older ReplicaSets of these Deployments, of each by itself.
    fn sets(&mut self, draft: &Draft, deployments: Vec<usize>, desk: &mut Desk) {
        for at in deployments {
            let Some(op) = draft.ops.get(at) else { continue };
            let labels = op.live.as_ref().map(selector).unwrap_or_default();
            let call = Call::List { resource: sets(), namespace: op.at.namespace.clone(), labels };
            self.open.insert(desk.call(call), Question::Sets(at));
        }
    }

    /// Objects of older revisions: by the kinds that are known already, and those that must be asked for.
    fn formers(&mut self, draft: &Draft, desk: &mut Desk) {
        let mut strange: BTreeMap<Gvk, Vec<(Former, Revision)>> = BTreeMap::new();
        for (former, revision) in past::formers(draft) {
            let known = draft.ops.iter().map(|o| &o.at.resource).find(|r| r.gvk == former.gvk);
            match known.cloned() {
                Some(resource) => self.look(draft, resource, (former, revision), desk),
                None => strange.entry(former.gvk.clone()).or_default().push((former, revision)),
            }
        }
        for (gvk, of) in strange {
            let id = desk.call(Call::Discover(gvk.clone()));
            self.open.insert(id, Question::Kind(gvk, of));
        }
    }

    fn look(&mut self, draft: &Draft, resource: Resource, (former, revision): (Former, Revision), desk: &mut Desk) {
        let namespace = former.namespace.unwrap_or_else(|| draft.last.namespace.clone());
        let namespace = resource.namespaced.then_some(namespace);
        let at = ObjectRef { resource, namespace, name: former.name };
        let id = desk.object(&at, Verb::Get, Mode::Commit);
        self.open.insert(id, Question::Former(at, revision));
    }

    /// Whether nothing is open any more.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes an answer; false where it is not one of these.
    pub fn answer(&mut self, draft: &Draft, desk: &mut Desk, id: CallId, answer: Answer) -> bool {
        let Some(question) = self.open.remove(&id) else { return false };
        match (question, answer) {
            (Question::Autoscalers, Answer::List(objects)) => self.autoscalers.extend(objects),
            (Question::Need(need), Answer::Object(object)) => self.needs.push((need, Found::There(object))),
            (Question::Need(need), Answer::Refused(Refused::NotFound(_))) => self.needs.push((need, Found::Missing)),
            (Question::Quotas, Answer::List(objects)) => self.quotas.extend(objects),
            (Question::Configurations, Answer::List(objects)) => {
                for strict in webhooks::strict(draft, &objects) {
                    let labels = format!("kubernetes.io/service-name={}", strict.service);
                    let (resource, namespace) = (webhooks::slices(), Some(strict.namespace.clone()));
                    let id = desk.call(Call::List { resource, namespace, labels });
                    self.open.insert(id, Question::Slices(strict));
                }
                self.configurations.extend(objects);
            }
            (Question::Slices(strict), Answer::List(slices)) => {
                if !webhooks::answers(&slices) {
                    self.dead.insert(strict);
                }
            }
            (Question::Sets(at), Answer::List(sets)) => {
                let ran = sets.iter().flat_map(ran).collect();
                self.ran.insert(at, ran);
            }
            (Question::AllSets(deployments, most), Answer::List(sets)) if sets.len() < most => {
                for at in deployments {
                    let owner =
                        draft.ops.get(at).and_then(|op| op.live.as_ref()).map(|o| rollout::text(o, "/metadata/uid"));
                    let own = sets.iter().filter(|set| readiness::owns(owner.unwrap_or_default(), set));
                    self.ran.insert(at, own.flat_map(ran).collect());
                }
            }
            // Others have too many there.
            (Question::AllSets(deployments, _), Answer::List(_)) => self.sets(draft, deployments, desk),
            (Question::Kind(_, of), Answer::Resource(Some(resource))) => {
                for former in of {
                    self.look(draft, resource.clone(), former, desk);
                }
            }
            // What is no longer served cannot be left behind.
            (Question::Kind(..), Answer::Resource(None))
            | (Question::Former(..), Answer::Refused(Refused::NotFound(_))) => {}
            (Question::Former(at, revision), Answer::Object(live)) => {
                if past::is_orphan(draft, &live) {
                    self.orphans.push((at, revision));
                }
            }
            (question, _) => {
                self.unread.insert(question.what());
            }
        }
        true
    }

    /// What to know.
    pub fn findings(&self, draft: &Draft, now: Moment) -> Vec<Finding> {
        let mut all = needs::findings(draft, &self.needs, now);
        all.extend(quota::findings(draft, &self.quotas));
        all.extend(webhooks::findings(&self.dead));
        all.extend(self.images(draft));
        let mut orphans = self.orphans.clone();
        orphans.sort();
        all.extend(past::orphans(&orphans));
        all.extend(past::budget(draft));
        all.extend(past::crds(draft));
        if !self.unread.is_empty() {
            let what = self.unread.iter().cloned().collect::<Vec<_>>().join(", ");
            let sentence = format!("Nobody has looked at these, as they could not be read: {what}");
            all.push(finding(Level::Info, sentence, ""));
        }
        all
    }

    /// Images of the target that no ReplicaSet of the Deployment runs or ran: perhaps nobody can pull them any more.
    fn images(&self, draft: &Draft) -> Vec<Finding> {
        let mut all = Vec::new();
        for (at, ran) in &self.ran {
            let Some((op, modified)) = draft.ops.get(*at).and_then(|o| Some((o, o.modified.as_ref()?))) else {
                continue;
            };
            let strange: Vec<String> =
                images::of(modified).iter().filter(|i| !ran.contains(*i)).map(|i| i.short().to_owned()).collect();
            if !strange.is_empty() {
                let sentence = format!(
                    "{} never ran {} as far as its ReplicaSets tell: it may have to be pulled",
                    op.called(),
                    strange.join(", ")
                );
                all.push(finding(Level::Warn, sentence, "Make sure that the registry still has it."));
            }
        }
        all
    }
}

impl Question {
    fn what(&self) -> String {
        match self {
            Self::Autoscalers => "autoscalers".into(),
            Self::Need(need) => super::draft::called(&need.at),
            Self::Quotas => "resource quotas".into(),
            Self::Configurations => "admission webhooks".into(),
            Self::Slices(strict) => format!("the endpoints of {}/{}", strict.namespace, strict.service),
            Self::Sets(_) | Self::AllSets(..) => "older ReplicaSets".into(),
            Self::Kind(gvk, _) => format!("{} of older revisions", gvk.kind),
            Self::Former(at, _) => super::draft::called(at),
        }
    }
}

/// The namespaces in which workloads change.
fn scaled_in(draft: &Draft) -> BTreeSet<Namespace> {
    let workloads =
        draft.ops.iter().filter(|o| ["Deployment", "StatefulSet"].contains(&o.at.resource.gvk.kind.as_str()));
    workloads.filter_map(|o| o.at.namespace.clone()).collect()
}

fn quotas() -> Resource {
    Resource { gvk: Gvk::new("v1", "ResourceQuota"), plural: "resourcequotas".into(), namespaced: true }
}

fn sets() -> Resource {
    Resource { gvk: Gvk::new("apps/v1", "ReplicaSet"), plural: "replicasets".into(), namespaced: true }
}

/// The images of a ReplicaSet; a member of a list may carry no kind.
fn ran(set: &Value) -> Vec<Image> {
    images::of(&json!({"kind": "ReplicaSet", "spec": set.get("spec")}))
}

/// The label selector of a workload, as far as it is of equalities; what it lets through beside them does no harm.
fn selector(object: &Value) -> String {
    let labels = object.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let one = |(name, value): (&String, &Value)| Some(format!("{name}={}", value.as_str()?));
    labels.into_iter().flatten().filter_map(one).collect::<Vec<_>>().join(",")
}
