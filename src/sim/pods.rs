//! The pods of the world: made, moved through their lives, dismissed; and the warnings that tell of their troubles.
//!
//! Never: how many there should be.

use std::time::Duration;

use serde_json::{Value, json};

use super::conduct::{Conduct, Fate};
use super::field;
use super::kubelet;
use super::pod::{ContainerSpec, Life, Pod};
use super::production::{Due, Production};
use super::shop;
use super::store::Key;
use crate::domain::fact::{Fact, Source};
use crate::domain::name::{Image, PodName, Service};
use crate::domain::workload::{RESTART_WINDOW, Warning};

impl Production {
    /// A pod of this owner from a pod template; `template` is the hash that tells old pods from new.
    pub(super) fn make_pod(&mut self, owner: &Key, name: &str, object: &Value, template: &str) {
        let of = |path: &str| object.pointer(path).cloned().unwrap_or_else(|| json!({}));
        let mut labels = of("/metadata/labels");
        let mark = if owner.kind == "ReplicaSet" { "pod-template-hash" } else { "controller-revision-hash" };
        if owner.kind == "Job" {
            field::set(&mut labels, &["job-name"], json!(owner.name));
        } else {
            field::set(&mut labels, &[mark], json!(template));
        }
        let spec = of("/spec");
        let service = labels.get("app.kubernetes.io/name").and_then(Value::as_str).unwrap_or(&owner.name);
        let container = |c: &Value| ContainerSpec {
            name: field::text(c, "/name").into(),
            image: Image::new(field::text(c, "/image")),
        };
        let containers = spec.get("containers").and_then(Value::as_array).into_iter().flatten();
        let config = spec.pointer("/containers/0/envFrom").and_then(Value::as_array).into_iter().flatten();
        let config = config.map(|e| field::text(e, "/configMapRef/name")).find(|n| !n.is_empty()).map(Into::into);
        let pod = Pod {
            name: PodName::new(name),
            owner: owner.clone(),
            service: Service::new(service),
            template: template.into(),
            containers: containers.map(container).collect(),
            config,
            created: self.now,
            node: String::new(),
            life: Life::Scheduling,
            since: self.now,
            started: None,
            conduct: plain(),
            restarts: Vec::new(),
            last_exit: None,
            epoch: 0,
            labels,
            spec,
        };
        self.put_pod(pod);
    }

    /// A pod is told to go.
    pub(super) fn dismiss(&mut self, name: &PodName) {
        if let Some(mut pod) = self.pods.get(name).filter(|p| p.life != Life::Leaving).cloned() {
            pod.life = Life::Leaving;
            pod.since = self.now;
            pod.epoch += 1;
            self.put_pod(pod);
        }
    }

    fn put_pod(&mut self, pod: Pod) {
        if let Some(length) = kubelet::lasts(self.chance, &pod) {
            self.after(length, Due::Pod(pod.name.clone(), pod.epoch));
        }
        self.moved.insert(pod.name.clone());
        self.pods.insert(pod.name.clone(), pod);
    }

    /// A stage of a pod's life is over.
    pub(super) fn pod_moves_on(&mut self, name: &PodName, epoch: u64) {
        let Some(pod) = self.pods.get(name).filter(|p| p.epoch == epoch).cloned() else { return };
        let Some(next) = kubelet::next(self.chance, &pod, self.now, |p| self.conduct_of(p)) else {
            self.pods.remove(name);
            self.moved.insert(name.clone());
            let owner = self.controller_of(&pod.owner);
            self.ask(owner);
            return;
        };
        self.warn_of(&next);
        if next.restarts.len() > pod.restarts.len() {
            self.after(RESTART_WINDOW, Due::Recount(name.clone()));
        }
        if next.life == Life::Booting && next.conduct.fate == Fate::NeverReady {
            self.after(next.conduct.start, Due::Unhealthy(name.clone(), next.epoch));
        }
        self.put_pod(next);
    }

    /// How a pod's main container behaves, by its image and by the ConfigMap as it stands now.
    fn conduct_of(&self, pod: &Pod) -> Conduct {
        let key = pod.config.as_ref().map(|name| Key::new("", "ConfigMap", &self.drill.namespace, name));
        let config = key.and_then(|k| self.store.get(&k)).and_then(|c| c.get("data"));
        let image = pod.containers.first().map(|c| &c.image);
        let rule = image.and_then(|image| self.drill.rules.iter().find(|r| r.fits(&pod.service, image, config)));
        match (rule, shop::find(pod.service.as_str())) {
            (Some(rule), _) => rule.conduct.clone(),
            (None, Some(trade)) if pod.owner.kind != "Job" => Conduct::well(trade),
            (None, _) => plain(),
        }
    }

    /// A readiness probe failed; it will fail again.
    pub(super) fn probe_fails(&mut self, name: &PodName, epoch: u64) {
        if self.pods.get(name).is_some_and(|p| p.epoch == epoch) {
            let text = "Readiness probe failed: HTTP probe failed with statuscode: 503";
            self.warn("Pod", name.as_str(), "Unhealthy", text);
            self.after(Duration::from_secs(10), Due::Unhealthy(name.clone(), epoch));
        }
    }

    fn warn_of(&mut self, pod: &Pod) {
        let container = pod.containers.first().map_or("", |c| c.name.as_str());
        match pod.life {
            Life::BackOff => {
                let text = format!(
                    "Back-off restarting failed container {container} in pod {}_{}",
                    pod.name, self.drill.namespace
                );
                self.warn("Pod", pod.name.as_str(), "BackOff", &text);
            }
            Life::PullFailed(_) | Life::PullWaits(_) => {
                let text = pod.waiting_for();
                self.warn("Pod", pod.name.as_str(), "Failed", &text);
            }
            Life::Scheduling
            | Life::Creating
            | Life::Booting
            | Life::Ready
            | Life::Crashed
            | Life::Leaving
            | Life::Succeeded
            | Life::Failed => {}
        }
    }

    /// A Warning event of the cluster, folded with those of the same object and reason.
    pub(super) fn warn(&mut self, kind: &str, object: &str, reason: &str, message: &str) {
        let key = (kind.to_owned(), object.to_owned(), reason.to_owned());
        let count = self.warnings.get(&key).map_or(0, |w| w.count) + 1;
        let warning = Warning {
            kind: kind.into(),
            object: object.into(),
            reason: reason.into(),
            message: message.into(),
            count,
            at: self.now,
        };
        self.warnings.insert(key, warning.clone());
        self.say(Source::Warnings, &Fact::Warned(warning));
    }
}

/// A container that nobody knows: it starts in a few seconds and does nothing wrong.
const fn plain() -> Conduct {
    Conduct { fate: Fate::Serves, start: Duration::from_secs(4), errors: 0.0, p95: 0.1, log: Vec::new(), db_down: None }
}
