//! After each event: controllers are asked to look, the past is noted, listeners are told what changed.
//!
//! Never: an event of its own.

use std::collections::BTreeSet;

use super::field;
use super::kinds;
use super::observe::WATCHED;
use super::past::Lot;
use super::pod::Life;
use super::production::Production;
use super::rows;
use super::store::Key;
use super::trouble::What;
use crate::domain::fact::Source;
use crate::domain::fact::{Fact, PodNews, WorkloadNews};
use crate::domain::name::{PodName, Service};
use crate::domain::workload::{Warning, WorkloadKind};
use crate::helm::history;

impl Production {
    /// Brings everything that follows from a change up to date, at the same moment.
    pub(super) fn settle(&mut self) {
        let moved = std::mem::take(&mut self.moved);
        for name in &moved {
            self.show_pod(name);
        }
        let changed: BTreeSet<Key> = self.store.take_changed().into_iter().collect();
        for key in &changed {
            if matches!(key.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "Job") {
                self.ask(key.clone());
            }
        }
        self.note_past(&moved);
        self.tell(&moved, &changed);
    }

    /// Stores a pod's object as it is now, or takes it away.
    fn show_pod(&mut self, name: &PodName) {
        let key = Key::new("", "Pod", &self.drill.namespace, name.as_str());
        match self.pods.get(name) {
            Some(pod) => {
                let (mut object, owner) = (pod.object(), pod.owner.clone());
                let uid = self.store.get(&owner).map(|o| field::text(o, "/metadata/uid").to_owned());
                if let (Some(reference), Some(uid)) = (object.pointer_mut("/metadata/ownerReferences/0"), uid) {
                    field::set(reference, &["uid"], uid.into());
                }
                self.store.put(&key, object, self.now);
                self.ask(self.controller_of(&owner));
            }
            None => {
                self.store.remove(&key);
            }
        }
    }

    /// The object whose controller answers for the owner of a pod.
    pub(super) fn controller_of(&self, owner: &Key) -> Key {
        let set = self.store.get(owner).filter(|_| owner.kind == "ReplicaSet");
        let above = set.and_then(|s| s.pointer("/metadata/ownerReferences/0/name")).and_then(|n| n.as_str());
        match above {
            Some(name) => Key::new("apps", "Deployment", &self.drill.namespace, name),
            None => owner.clone(),
        }
    }

    fn note_past(&mut self, moved: &BTreeSet<PodName>) {
        let mut services: BTreeSet<Service> =
            moved.iter().filter_map(|n| self.pods.get(n)).map(|p| p.service.clone()).collect();
        if moved.iter().any(|n| !self.pods.contains_key(n)) {
            services.extend(self.past.services().cloned());
        }
        for service in services {
            let lots = self.lots(&service);
            self.past.note(&service, self.now, lots);
        }
    }

    /// The ready pods that take a service's traffic, those that behave alike together; none where its Service is gone.
    fn lots(&self, service: &Service) -> Vec<Lot> {
        let route = Key::new("", "Service", &self.drill.namespace, service.as_str());
        if self.store.get(&route).is_none() {
            return Vec::new();
        }
        let mut lots: Vec<Lot> = Vec::new();
        for pod in self.pods.values().filter(|p| p.service == *service && p.life == Life::Ready) {
            let (errors, p95) = (pod.conduct.errors, pod.conduct.p95);
            match lots.iter_mut().find(|l| l.errors.to_bits() == errors.to_bits() && l.p95.to_bits() == p95.to_bits()) {
                Some(lot) => lot.pods += 1,
                None => lots.push(Lot { pods: 1, errors, p95 }),
            }
        }
        lots
    }

    fn tell(&mut self, moved: &BTreeSet<PodName>, changed: &BTreeSet<Key>) {
        self.listeners.retain(|l| !l.is_closed());
        if self.listeners.is_empty() {
            return;
        }
        for name in moved {
            let news = match self.pods.get(name) {
                Some(pod) => PodNews::Changed(Box::new(pod.row(self.now))),
                None => PodNews::Gone(name.clone()),
            };
            self.say(Source::Pods, &Fact::Pods(news));
        }
        if !moved.is_empty() || changed.iter().any(|k| k.kind == "Service") {
            self.list(Source::Endpoints);
        }
        if !moved.is_empty() || changed.iter().any(|k| k.kind == "PodDisruptionBudget") {
            self.list(Source::Budgets);
        }
        if changed.iter().any(|k| k.kind == "Ingress") {
            self.list(Source::Ingresses);
        }
        for key in changed {
            if let Some(kind) = rows::workload_kind(&key.kind) {
                let news = match self.store.get(key) {
                    Some(object) => WorkloadNews::Changed(Box::new(rows::workload(kind, object, &self.store))),
                    None => WorkloadNews::Gone(kind, Service::new(&key.name)),
                };
                self.say(Source::Workloads, &Fact::Workloads(news));
            }
        }
        if changed.iter().any(|k| k.kind == "HorizontalPodAutoscaler") {
            self.list(Source::Workloads);
        }
        if changed.iter().any(|k| k.kind == "Secret" && k.name.starts_with("sh.helm.release.")) {
            self.list(Source::Releases);
        }
    }

    /// Says a fact to everyone, unless its source is in the dark.
    pub(super) fn say(&self, source: Source, fact: &Fact) {
        if self.dark(source).is_none() {
            for listener in &self.listeners {
                let _gone = listener.unbounded_send(fact.clone());
            }
        }
    }

    /// Says everything that a source knows, to everyone.
    fn list(&self, source: Source) {
        for fact in self.whole(source) {
            self.say(source, &fact);
        }
    }

    /// Everything that a source knows, as it is told to whom asks for the first time.
    pub(super) fn whole(&self, source: Source) -> Vec<Fact> {
        match source {
            Source::Pods => vec![
                Fact::Pods(PodNews::Listing),
                Fact::Pods(PodNews::Page(self.pods.values().map(|p| p.row(self.now)).collect())),
                Fact::Pods(PodNews::Complete),
            ],
            Source::Workloads => [WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet]
                .into_iter()
                .map(|kind| Fact::Workloads(WorkloadNews::All(kind, self.workloads(kind))))
                .collect(),
            Source::Warnings => {
                let mut facts: Vec<Fact> = self.recent_warnings().into_iter().map(Fact::Warned).collect();
                facts.push(Fact::Alive(Source::Warnings));
                facts
            }
            Source::Releases => vec![Fact::Releases(history::releases(&self.drill.namespace, &self.records(None)))],
            Source::Endpoints => vec![Fact::Endpoints(self.endpoints())],
            Source::Ingresses => vec![Fact::Ingresses(self.entrances())],
            Source::Nodes => vec![Fact::Nodes(self.nodes())],
            Source::Budgets => vec![Fact::Budgets(self.budgets())],
            Source::Errors | Source::P95 | Source::Traffic | Source::Alerts => Vec::new(),
        }
    }

    fn workloads(&self, kind: WorkloadKind) -> Vec<crate::domain::workload::Workload> {
        let resource = kinds::resource("apps/v1", kind.kind());
        let of = self.store.of(&resource, Some(&self.drill.namespace));
        of.map(|(_, object)| rows::workload(kind, object, &self.store)).collect()
    }

    /// The record objects, of one release or of all.
    pub(super) fn records(&self, release: Option<&str>) -> Vec<serde_json::Value> {
        let secrets = kinds::resource("v1", "Secret");
        let wanted = |o: &serde_json::Value| {
            field::label(o, "owner") == Some("helm") && release.is_none_or(|r| field::label(o, "name") == Some(r))
        };
        let of = self.store.of(&secrets, Some(&self.drill.namespace));
        of.filter(|(_, o)| wanted(o)).map(|(_, o)| o.clone()).collect()
    }

    /// Warnings of the last hour, oldest first (an API server forgets events after an hour).
    pub(super) fn recent_warnings(&self) -> Vec<Warning> {
        let hour = chrono::TimeDelta::hours(1);
        let mut recent: Vec<Warning> = self.warnings.values().filter(|w| self.now - w.at < hour).cloned().collect();
        recent.sort_by(|a, b| (a.at, &a.object).cmp(&(b.at, &b.object)));
        recent
    }

    /// A trouble began or ended: sources go dark, or come back and are told anew.
    pub(super) fn trouble_changed(&mut self) {
        for source in WATCHED {
            let fault = self.dark(source);
            let was = if fault.is_some() { !self.darkened.insert(source) } else { self.darkened.remove(&source) };
            let facts = match fault {
                Some(fault) if !was => vec![Fact::Failing(source, fault)],
                None if was => self.whole(source),
                Some(_) | None => Vec::new(),
            };
            for (fact, listener) in facts.iter().flat_map(|f| self.listeners.iter().map(move |l| (f, l))) {
                let _gone = listener.unbounded_send(fact.clone());
            }
        }
        if self.troubles.0.iter().any(|t| matches!(t.what, What::Node { .. })) {
            self.list(Source::Nodes);
        }
        if self.troubles.0.iter().any(|t| matches!(t.what, What::NoAddress { .. })) {
            self.list(Source::Ingresses);
        }
        let (troubles, now) = (self.troubles.clone(), self.now);
        self.store.renew(move |resource, namespace| {
            troubles.api(now).or_else(|| troubles.denied(now, "watch", &resource.plural, namespace))
        });
    }
}
