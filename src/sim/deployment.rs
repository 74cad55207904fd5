//! The Deployment controller: ReplicaSets by template, rolled within the strategy's bounds, and the status that tells
//! of it (kubernetes `pkg/controller/deployment`).
//!
//! Never: the arithmetic of a step; that is [`super::rollout`].

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::field;
use super::kinds;
use super::production::{Due, Production};
use super::rollout::{Bounds, Count, roll};
use super::rows;
use super::store::{Key, stamp};
use crate::domain::moment::Moment;
use crate::domain::name::PodName;
use crate::helm::api::{Gvk, PatchKind};
use crate::helm::apply;

/// The annotation that counts a Deployment's templates.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// The annotation that names the numbers that a ReplicaSet had before.
const PAST: &str = "deployment.kubernetes.io/revision-history";

/// A ReplicaSet of a Deployment.
struct Set {
    key: Key,
    revision: u64,
    count: Count,
}

impl Production {
    /// A controller looks at its object and does what is to be done now.
    pub(super) fn reconcile(&mut self, key: &Key) {
        match (key.kind.as_str(), self.store.get(key).cloned()) {
            ("Deployment", Some(object)) => self.deployment(key, &object),
            ("Job", Some(object)) => self.job(key, &object),
            ("StatefulSet" | "DaemonSet", Some(object)) => self.one_by_one(key, &object),
            ("ReplicaSet", Some(_)) => self.fill(key),
            (_, Some(_)) => {}
            (_, None) => self.orphaned(key),
        }
    }

    fn deployment(&mut self, key: &Key, object: &Value) {
        let scaled = self.autoscaled(key, object);
        let object = scaled.as_ref().unwrap_or(object);
        let hash = template_hash(object);
        let new = Key { kind: "ReplicaSet".into(), name: format!("{}-{hash}", key.name), ..key.clone() };
        let mut sets = self.sets(key);
        let top = sets.iter().map(|s| s.revision).max().unwrap_or(0);
        let newest = sets.iter().any(|s| s.key == new && s.revision == top);
        let paused = field::at(object, "/spec/paused") == Some(&Value::Bool(true));
        let revision = if newest || paused { top } else { top + 1 };
        if !newest && !paused {
            self.write_set(&new, key, object, &hash, revision);
            sets = self.sets(key);
        }
        let wanted = field::number(object, "/spec/replicas").unwrap_or(1);
        let bounds = Bounds::of(object, wanted);
        if !paused {
            self.step(object, bounds, &new, &sets);
        }
        for set in sets {
            self.fill(&set.key);
        }
        self.forget_old(object, &new, key);
        self.deployment_status(key, &new, bounds, revision);
    }

    /// The autoscaler's bounds hold: as the autoscaler writes the count, it owns the field from then on.
    fn autoscaled(&mut self, key: &Key, object: &Value) -> Option<Value> {
        let (low, high) = rows::autoscaled(object, &self.store)?;
        let asked = field::number(object, "/spec/replicas").unwrap_or(1);
        // It does not scale what is at 0 (`pkg/controller/podautoscaler/horizontal.go`).
        if asked == 0 && low > 0 {
            return None;
        }
        let held = asked.clamp(low, high.max(low));
        if held == asked {
            return None;
        }
        let gvk = Gvk::new("apps/v1", "Deployment");
        let patch = json!({"spec": {"replicas": held}});
        let scaled = apply::patch_as("kube-controller-manager", PatchKind::Merge, &gvk, object, &patch).ok()?;
        Some(self.store.put(key, scaled, self.now))
    }

    fn step(&mut self, object: &Value, bounds: Bounds, new: &Key, sets: &[Set]) {
        let count = sets.iter().find(|s| s.key == *new).map_or(Count { told: 0, available: 0 }, |s| s.count);
        let mut olds: Vec<&Set> = sets.iter().filter(|s| s.key != *new).collect();
        olds.sort_by_key(|s| s.revision);
        let counts: Vec<Count> = olds.iter().map(|s| s.count).collect();
        let recreate = field::text(object, "/spec/strategy/type") == "Recreate";
        let (grown, told) = if recreate {
            let still = olds.iter().any(|s| self.pods.values().any(|p| p.owner == s.key));
            (if still { count.told.min(bounds.wanted) } else { bounds.wanted }, vec![0; olds.len()])
        } else {
            roll(bounds, count, &counts)
        };
        self.tell_set(new, grown);
        for (set, told) in olds.iter().zip(told) {
            self.tell_set(&set.key, told);
        }
    }

    /// The ReplicaSets of a Deployment.
    fn sets(&self, deployment: &Key) -> Vec<Set> {
        let resource = kinds::resource("apps/v1", "ReplicaSet");
        let of = self.store.of(&resource, deployment.namespace.as_ref());
        let named = of.filter(|(k, _)| k.name.starts_with(&deployment.name));
        let owned = named.filter(|(_, o)| field::text(o, "/metadata/ownerReferences/0/name") == deployment.name);
        let set = |(key, object): (&Key, &Value)| Set {
            key: key.clone(),
            revision: field::annotation(object, REVISION).and_then(|r| r.parse().ok()).unwrap_or(0),
            count: Count { told: field::number(object, "/spec/replicas").unwrap_or(0), available: self.ready_of(key) },
        };
        owned.map(set).collect()
    }

    /// Ready pods of an owner.
    pub(super) fn ready_of(&self, owner: &Key) -> u32 {
        let ready = self.pods.values().filter(|p| p.owner == *owner && p.ready()).count();
        u32::try_from(ready).unwrap_or(u32::MAX)
    }

    fn write_set(&mut self, set: &Key, owner: &Key, object: &Value, hash: &str, revision: u64) {
        let mut body = self.store.get(set).cloned().unwrap_or_else(|| {
            let mut template = object.pointer("/spec/template").cloned().unwrap_or_default();
            field::set(&mut template, &["metadata", "labels", "pod-template-hash"], json!(hash));
            let mut selector = object.pointer("/spec/selector").cloned().unwrap_or_default();
            field::set(&mut selector, &["matchLabels", "pod-template-hash"], json!(hash));
            json!({
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "labels": template.pointer("/metadata/labels"),
                    "ownerReferences": [{
                        "apiVersion": "apps/v1", "kind": "Deployment", "name": owner.name,
                        "uid": field::text(object, "/metadata/uid"), "controller": true, "blockOwnerDeletion": true,
                    }],
                },
                "spec": {"replicas": 0, "selector": selector, "template": template},
            })
        });
        for (name, value) in carried(object) {
            field::set(&mut body, &["metadata", "annotations", name], value.clone());
        }
        // It had a number before: an undo brings its template back.
        if let Some(before) = field::annotation(&body, REVISION).map(str::to_owned) {
            let past = field::annotation(&body, PAST).map_or_else(|| before.clone(), |past| format!("{past},{before}"));
            field::set(&mut body, &["metadata", "annotations", PAST], json!(past));
        }
        field::set(&mut body, &["metadata", "annotations", REVISION], json!(revision.to_string()));
        self.store.put(set, body, self.now);
    }

    fn tell_set(&mut self, set: &Key, pods: u32) {
        let differs = |o: &&Value| field::number(o, "/spec/replicas") != Some(pods);
        if let Some(mut object) = self.store.get(set).filter(differs).cloned() {
            field::set(&mut object, &["spec", "replicas"], json!(pods));
            self.store.put(set, object, self.now);
        }
    }

    /// A ReplicaSet makes the pods it lacks and dismisses those too many: the unready first, then the youngest.
    fn fill(&mut self, set: &Key) {
        let Some(object) = self.store.get(set) else { return };
        let told = field::number(object, "/spec/replicas").unwrap_or(0) as usize;
        let mut here: Vec<_> = self.pods.values().filter(|p| p.owner == *set && p.counts()).collect();
        here.sort_by_key(|p| (p.ready(), std::cmp::Reverse(p.created), p.name.clone()));
        let surplus: Vec<PodName> = here.iter().take(here.len().saturating_sub(told)).map(|p| p.name.clone()).collect();
        let lacking = told.saturating_sub(here.len());
        if lacking > 0 {
            let template = object.pointer("/spec/template").cloned().unwrap_or_default();
            let hash = field::text(object, "/spec/selector/matchLabels/pod-template-hash").to_owned();
            for _ in 0..lacking {
                let name = format!("{}-{}", set.name, self.chance.letters("pod", self.pods_made(), 5));
                self.make_pod(set, &name, &template, &hash);
            }
        }
        for name in surplus {
            self.dismiss(&name);
        }
        let (pods, ready) = (self.owned(set), self.ready_of(set));
        self.write_status(set, |object| {
            json!({
                "replicas": pods, "fullyLabeledReplicas": pods, "readyReplicas": ready, "availableReplicas": ready,
                "observedGeneration": object.pointer("/metadata/generation"),
            })
        });
    }

    /// Writes an object's status, where it differs.
    pub(super) fn write_status(&mut self, key: &Key, status: impl Fn(&Value) -> Value) {
        let Some(object) = self.store.get(key) else { return };
        let status = status(object);
        if object.get("status") != Some(&status) {
            let mut object = object.clone();
            field::set(&mut object, &["status"], status);
            self.store.put(key, object, self.now);
        }
    }

    /// Pods of an owner that are not on their way out.
    pub(super) fn owned(&self, owner: &Key) -> u32 {
        let pods = self.pods.values().filter(|p| p.owner == *owner && p.counts()).count();
        u32::try_from(pods).unwrap_or(u32::MAX)
    }

    /// Old ReplicaSets beyond the history limit go.
    fn forget_old(&mut self, object: &Value, new: &Key, deployment: &Key) {
        let limit = field::number(object, "/spec/revisionHistoryLimit").unwrap_or(10) as usize;
        let mut empty = self.sets(deployment);
        if empty.len() <= limit {
            return;
        }
        empty.retain(|s| s.key != *new && s.count.told == 0 && self.owned(&s.key) == 0);
        empty.sort_by_key(|s| s.revision);
        let surplus = empty.len().saturating_sub(limit);
        for set in empty.into_iter().take(surplus) {
            self.store.remove(&set.key);
        }
    }

    fn deployment_status(&mut self, key: &Key, new: &Key, bounds: Bounds, revision: u64) {
        let Some(object) = self.store.get(key) else { return };
        let sets = self.sets(key);
        let total: u32 = sets.iter().map(|s| self.owned(&s.key)).sum();
        let ready: u32 = sets.iter().map(|s| s.count.available).sum();
        let (updated, fresh) = (self.owned(new), self.ready_of(new));
        let done = updated == bounds.wanted && total == updated && fresh == updated;
        let before = [
            field::number(object, "/status/updatedReplicas").unwrap_or(0),
            field::number(object, "/status/readyReplicas").unwrap_or(0),
            field::number(object, "/status/replicas").unwrap_or(0),
        ];
        let new_template = field::annotation(object, REVISION) != Some(revision.to_string().as_str());
        let moved = before != [updated, ready, total] || new_template;
        let enough = ready >= bounds.wanted.saturating_sub(bounds.unavailable);
        let reason = if enough { "MinimumReplicasAvailable" } else { "MinimumReplicasUnavailable" };
        let available = condition(object, "Available", enough, reason, self.now);
        let (progress, deadline) = self.progress(object, done, moved);
        if let Some(at) = deadline {
            self.at(at, Due::Reconcile(key.clone()));
        }
        if new_template && let Some(mut object) = self.store.get(key).cloned() {
            field::set(&mut object, &["metadata", "annotations", REVISION], json!(revision.to_string()));
            self.store.put(key, object, self.now);
        }
        self.write_status(key, |object| {
            json!({
                "observedGeneration": object.pointer("/metadata/generation"),
                "replicas": total, "updatedReplicas": updated, "readyReplicas": ready, "availableReplicas": ready,
                "unavailableReplicas": bounds.wanted.saturating_sub(ready),
                "conditions": [available, progress],
            })
        });
    }

    /// The condition `Progressing`; a rollout without progress for its deadline is said to be stuck, and the moment at
    /// which that would be.
    fn progress(&self, object: &Value, done: bool, moved: bool) -> (Value, Option<Moment>) {
        let limit = i64::from(field::number(object, "/spec/progressDeadlineSeconds").unwrap_or(600));
        let limit = chrono::TimeDelta::seconds(limit);
        let old = rows::reason(object, "Progressing").unwrap_or_default();
        let since = field::text(object, "/status/conditions/1/lastUpdateTime");
        let since = chrono::DateTime::parse_from_rfc3339(since).map_or(self.now, |t| t.to_utc());
        let stale = !moved && self.now - since >= limit && old != "NewReplicaSetAvailable";
        let reason = match (done, stale) {
            (true, _) => "NewReplicaSetAvailable",
            (false, true) => "ProgressDeadlineExceeded",
            (false, false) if !moved && !old.is_empty() && old != "NewReplicaSetAvailable" => old,
            (false, false) => "ReplicaSetUpdated",
        }
        .to_owned();
        let fresh = moved || reason != old;
        let mut condition = condition(object, "Progressing", reason != "ProgressDeadlineExceeded", &reason, self.now);
        field::set(&mut condition, &["lastUpdateTime"], json!(stamp(if fresh { self.now } else { since })));
        let deadline = fresh && reason == "ReplicaSetUpdated";
        (condition, deadline.then(|| self.now + limit + chrono::TimeDelta::seconds(1)))
    }
}

/// The annotations of a Deployment that its new ReplicaSet gets, too: all but the bookkeeping (deploymentutil
/// `copyDeploymentAnnotationsToReplicaSet`). An undo brings them back from there.
fn carried(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = object.pointer("/metadata/annotations").and_then(Value::as_object);
    let own = |name: &str| {
        name == "kubectl.kubernetes.io/last-applied-configuration" || name.starts_with("deployment.kubernetes.io/")
    };
    all.into_iter().flatten().map(|(k, v)| (k.as_str(), v)).filter(move |(k, _)| !own(k))
}

/// A condition; its transition time moves only with its status.
fn condition(object: &Value, kind: &str, holds: bool, reason: &str, now: Moment) -> Value {
    let status = if holds { "True" } else { "False" };
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let old = conditions.into_iter().flatten().find(|c| field::text(c, "/type") == kind);
    let kept = old.filter(|c| field::text(c, "/status") == status).map(|c| field::text(c, "/lastTransitionTime"));
    json!({
        "type": kind, "status": status, "reason": reason,
        "lastTransitionTime": kept.map_or_else(|| stamp(now), Into::into),
    })
}

/// The hash that names a template's ReplicaSet, in Kubernetes' alphabet.
pub(super) fn template_hash(object: &Value) -> String {
    let text = object.pointer("/spec/template").map(Value::to_string).unwrap_or_default();
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(9)
        .map(|b| b"bcdfghjklmnpqrstvwxz2456789".get(usize::from(*b) % 27).map_or('x', |c| char::from(*c)))
        .collect()
}
