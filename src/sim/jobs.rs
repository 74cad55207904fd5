//! The controllers of Jobs, StatefulSets and DaemonSets, and what becomes of dependents whose owner is gone.
//!
//! Never: Deployments.

use serde_json::{Value, json};

use super::deployment::template_hash;
use super::field;
use super::kinds;
use super::pod::Life;
use super::production::Production;
use super::store::{Key, stamp};
use crate::domain::name::PodName;

/// Nodes of the simulated cluster, which a DaemonSet covers.
const NODES: u32 = 3;

impl Production {
    /// A Job: pods one after another until one ends well or too many ended badly.
    pub(super) fn job(&mut self, key: &Key, object: &Value) {
        let ended = |life: &Life| {
            let ended = self.pods.values().filter(|p| p.owner == *key && p.life == *life).count();
            u32::try_from(ended).unwrap_or(u32::MAX)
        };
        let (well, badly, active) = (ended(&Life::Succeeded), ended(&Life::Failed), self.owned(key));
        let limit = field::number(object, "/spec/backoffLimit").unwrap_or(6);
        let wanted = field::number(object, "/spec/completions").unwrap_or(1);
        let old = object.pointer("/status/conditions").and_then(Value::as_array).is_some_and(|c| !c.is_empty());
        if old {
            return;
        }
        let (done, failed) = (well >= wanted, badly > limit);
        if !done && !failed && active == 0 {
            let template = object.pointer("/spec/template").cloned().unwrap_or_default();
            let name = format!("{}-{}", key.name, self.chance.letters("job", self.pods_made(), 5));
            self.make_pod(key, &name, &template, "");
        }
        let condition = |kind: &str, reason: &str, message: &str| {
            json!([{"type": kind, "status": "True", "reason": reason, "message": message,
                    "lastTransitionTime": stamp(self.now)}])
        };
        let mut object = object.clone();
        let mut status = json!({"active": self.owned(key), "succeeded": well, "failed": badly});
        if done {
            field::set(&mut status, &["conditions"], condition("Complete", "CompletionsReached", ""));
            field::set(&mut status, &["completionTime"], json!(stamp(self.now)));
        } else if failed {
            let text = "Job has reached the specified backoff limit";
            field::set(&mut status, &["conditions"], condition("Failed", "BackoffLimitExceeded", text));
        }
        field::set(&mut object, &["status"], status);
        self.store.put(key, object, self.now);
    }

    /// A StatefulSet or DaemonSet: pods with fixed places, replaced one at a time, the highest place first.
    pub(super) fn one_by_one(&mut self, key: &Key, object: &Value) {
        let hash = template_hash(object);
        let daemon = key.kind == "DaemonSet";
        let wanted = if daemon { NODES } else { field::number(object, "/spec/replicas").unwrap_or(1) };
        let named = |place: u32| PodName::new(&format!("{}-{place}", key.name));
        let template = object.pointer("/spec/template").cloned().unwrap_or_default();
        let extra: Vec<PodName> = self.pods.values().filter(|p| p.owner == *key).map(|p| p.name.clone()).collect();
        for name in extra.iter().filter(|n| (0..wanted).all(|place| named(place) != **n)) {
            self.dismiss(name);
        }
        for place in 0..wanted {
            if !self.pods.contains_key(&named(place)) {
                self.make_pod(key, named(place).as_str(), &template, &hash);
                if !daemon {
                    break;
                }
            } else if !daemon && self.pods.get(&named(place)).is_some_and(|p| !p.ready() && p.template == hash) {
                break;
            }
        }
        let settled = (0..wanted).all(|p| self.pods.get(&named(p)).is_some_and(|p| p.ready() || p.template != hash));
        let stale = (0..wanted).rev().map(named).find(|n| self.pods.get(n).is_some_and(|p| p.template != hash));
        if let (true, Some(stale)) = (settled, stale) {
            self.dismiss(&stale);
        }
        let updated = self.pods.values().filter(|p| p.owner == *key && p.counts() && p.template == hash).count();
        let (pods, ready) = (self.owned(key), self.ready_of(key));
        let generation = object.pointer("/metadata/generation");
        let status = if daemon {
            json!({
                "observedGeneration": generation, "desiredNumberScheduled": wanted, "currentNumberScheduled": pods,
                "updatedNumberScheduled": updated, "numberReady": ready, "numberAvailable": ready,
            })
        } else {
            let revision = format!("{}-{hash}", key.name);
            let before = field::text(object, "/status/currentRevision");
            let current = if updated == wanted as usize || before.is_empty() { revision.as_str() } else { before };
            json!({
                "observedGeneration": generation, "replicas": pods, "updatedReplicas": updated, "readyReplicas": ready,
                "availableReplicas": ready, "currentRevision": current, "updateRevision": revision,
            })
        };
        let mut object = object.clone();
        field::set(&mut object, &["status"], status);
        self.store.put(key, object, self.now);
    }

    /// An owner is gone: its ReplicaSets and pods follow (garbage collection in the background).
    pub(super) fn orphaned(&mut self, owner: &Key) {
        if owner.kind == "Deployment" {
            let resource = kinds::resource("apps/v1", "ReplicaSet");
            let of = self.store.of(&resource, owner.namespace.as_ref());
            let owned = of.filter(|(_, o)| field::text(o, "/metadata/ownerReferences/0/name") == owner.name);
            let sets: Vec<Key> = owned.map(|(k, _)| k.clone()).collect();
            for set in sets {
                self.store.remove(&set);
                self.orphaned(&set);
            }
        }
        let pods: Vec<PodName> = self.pods.values().filter(|p| p.owner == *owner).map(|p| p.name.clone()).collect();
        for pod in pods {
            self.dismiss(&pod);
        }
    }

    /// A number for the next pod's name.
    pub(super) const fn pods_made(&mut self) -> u64 {
        self.count()
    }
}
