//! After Helm is done: are the target's pods there, and do they run? Seen in the cluster, not in an answer.
//!
//! Every workload is watched with its pods, so that a crash or an image that cannot be pulled is named at once and not
//! after five minutes (helm's wait stops at the first object that is not ready and says nothing of why).
//!
//! Never: writing; and never ready because nothing was seen.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{Gvk, ObjectRef, Resource};
use super::desk::Desk;
use super::engine::WatchId;
use super::plan::Change;
use super::progress::Progress;
use super::{images, manifest, rollout};
use crate::domain::name::{Image, Namespace, Service};
use crate::domain::text::clean;
use crate::domain::workload::Rollout;

/// A workload whose rollout is waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Which.
    pub at: ObjectRef,
    /// The images of the target.
    pub images: Vec<Image>,
    /// Its generation when it was changed; an older one shows the world before.
    pub generation: i64,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Every workload runs the target.
    Ready,
    /// Not all do, and the sentence says which and why.
    Unready(String),
}

/// The machine.
#[derive(Debug, Clone)]
pub struct Readiness {
    tracks: Vec<Track>,
    watches: BTreeMap<WatchId, (Resource, Option<Namespace>)>,
    sets: BTreeMap<Key, Value>,
    pods: BTreeMap<Key, PodFacts>,
    /// Watches that are interrupted, and why.
    lost: BTreeMap<WatchId, String>,
}

type Key = (Option<Namespace>, String);

/// The annotation that tells which ReplicaSet is the newest of a Deployment.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// What tells pods of one template from others.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template {
    /// Uid of the ReplicaSet, StatefulSet or DaemonSet.
    owner: String,
    /// The hash, revision or generation.
    label: String,
}

#[derive(Debug, Clone)]
struct Track {
    wanted: Wanted,
    object: Option<Value>,
    told: Option<(u32, u32, Option<String>)>,
}

impl Track {
    fn state(&self) -> Rollout {
        let Some(object) = &self.object else { return Rollout::Going("not seen yet".into()) };
        if rollout::number(object, "/metadata/generation") < self.wanted.generation {
            return Rollout::Going("the change is not seen yet".into());
        }
        let images = images::of(object);
        if images != self.wanted.images {
            let now: Vec<_> = images.iter().map(|i| i.short().to_owned()).collect();
            return Rollout::Stuck(format!("somebody changed it since: it has {}", now.join(", ")));
        }
        rollout::of(object)
    }
}

#[derive(Debug, Clone)]
struct PodFacts {
    template: Template,
    ready: bool,
    trouble: Option<String>,
}

/// Whether an object is waited for: a workload that runs on, and a Job that this rollback starts. A Job that was there
/// before ended long ago, well or not.
pub fn is_waited_for(gvk: &Gvk, change: Change) -> bool {
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet") => true,
        ("batch", "Job") => change == Change::Create,
        _ => false,
    }
}

fn resource(api_version: &str, kind: &str, plural: &str) -> Resource {
    Resource { gvk: Gvk::new(api_version, kind), plural: plural.into(), namespaced: true }
}

impl Readiness {
    /// Begins to watch.
    pub fn start(wanted: Vec<Wanted>, desk: &mut Desk) -> Self {
        let mut needed: Vec<(Resource, Option<Namespace>)> = Vec::new();
        for one in &wanted {
            let pods = resource("v1", "Pod", "pods");
            let sets = resource("apps/v1", "ReplicaSet", "replicasets");
            let deployment = one.at.resource.gvk.kind == "Deployment";
            for resource in [one.at.resource.clone(), pods].into_iter().chain(deployment.then_some(sets)) {
                let need = (resource, one.at.namespace.clone());
                if !needed.contains(&need) {
                    needed.push(need);
                }
            }
        }
        let watches = needed.into_iter().map(|(r, n)| (desk.watch(&r, n.as_ref()), (r, n))).collect();
        let tracks = wanted.into_iter().map(|wanted| Track { wanted, object: None, told: None }).collect();
        Self { tracks, watches, sets: BTreeMap::new(), pods: BTreeMap::new(), lost: BTreeMap::new() }
    }

    /// An object was seen, or is gone.
    pub fn observed(&mut self, desk: &mut Desk, watch: WatchId, object: Value, gone: bool) {
        let Some((resource, _)) = self.watches.get(&watch) else { return };
        self.lost.remove(&watch);
        let key = (manifest::namespace(&object), manifest::name(&object).to_owned());
        match (resource.gvk.kind.as_str(), gone) {
            ("Pod", true) => drop(self.pods.remove(&key)),
            ("Pod", false) => drop(self.pods.insert(key, pod(&object))),
            ("ReplicaSet", true) => drop(self.sets.remove(&key)),
            ("ReplicaSet", false) => drop(self.sets.insert(key, object)),
            (kind, gone) => {
                let named = |t: &&mut Track| {
                    let at = &t.wanted.at;
                    at.resource.gvk.kind == kind && at.namespace == key.0 && at.name == key.1
                };
                if let Some(track) = self.tracks.iter_mut().find(named) {
                    let kind = Value::from(kind);
                    track.object = (!gone).then(|| with_kind(object, kind));
                }
            }
        }
        self.tell(desk);
    }

    /// A watch is interrupted.
    pub fn lost(&mut self, watch: WatchId, why: &str) {
        if let Some((resource, _)) = self.watches.get(&watch) {
            self.lost.insert(watch, format!("{} cannot be watched: {}", resource.plural, clean(why)));
        }
    }

    /// A watch has shown everything that exists.
    pub fn synced(&mut self, watch: WatchId) {
        self.lost.remove(&watch);
    }

    /// Ended, or `None` while it goes on. `late`: the time is up.
    pub fn end(&self, late: bool) -> Option<Seen> {
        let states: Vec<_> = self.tracks.iter().map(|t| (t, t.state())).collect();
        if states.iter().all(|(_, s)| *s == Rollout::Done) {
            return Some(Seen::Ready);
        }
        let moving = states.iter().any(|(_, s)| matches!(s, Rollout::Going(_)));
        if moving && !late {
            return None;
        }
        let why = states.iter().filter_map(|(track, state)| {
            let name = &track.wanted.at.name;
            let ended = if track.wanted.at.resource.gvk.kind == "Job" { "done" } else { "ready" };
            let (ready, wanted, trouble) = self.figures(track);
            let trouble = trouble.map_or(String::new(), |t| format!(" ({t})"));
            match state {
                Rollout::Done => None,
                Rollout::Paused => Some(format!("{name} is paused or replaces pods only when they are deleted")),
                Rollout::Stuck(why) => Some(format!("{name} {ready} of {wanted} {ended}{trouble}, {why}")),
                Rollout::Going(_) => Some(format!("{name} {ready} of {wanted} {ended}{trouble}")),
            }
        });
        Some(Seen::Unready(why.chain(self.lost.values().cloned()).collect::<Vec<_>>().join("; ")))
    }

    /// Ends every watch.
    pub fn stop(&self, desk: &mut Desk) {
        self.watches.keys().for_each(|id| desk.unwatch(*id));
    }

    /// Ready pods of the target's template, wanted pods, and what is wrong with the first bad one.
    fn figures(&self, track: &Track) -> (u32, u32, Option<String>) {
        let count = |n: i64| u32::try_from(n).unwrap_or_default();
        let Some(object) = &track.object else { return (0, 0, None) };
        let wanted = count(rollout::wanted(object));
        let job = track.wanted.at.resource.gvk.kind == "Job";
        // Until its controller has seen the change, the newest pods are those of before (a restart keeps the images).
        // A Job's status knows no generation.
        if !job && rollout::number(object, "/status/observedGeneration") < track.wanted.generation {
            return (0, wanted, None);
        }
        let Some(template) = self.template(track, object) else { return (0, wanted, None) };
        let own = |((namespace, _), pod): &(&Key, &PodFacts)| {
            *namespace == track.wanted.at.namespace && pod.template == template
        };
        let pods: Vec<_> = self.pods.iter().filter(own).map(|(_, pod)| pod).collect();
        let ready = if job {
            usize::try_from(rollout::number(object, "/status/succeeded")).unwrap_or_default()
        } else {
            pods.iter().filter(|p| p.ready).count()
        };
        let trouble = pods.iter().find_map(|p| p.trouble.clone());
        (u32::try_from(ready).unwrap_or(u32::MAX), wanted, trouble)
    }

    /// Who owns the pods of the newest template, and how they are labelled; pods of other workloads may carry the same
    /// label, as the hash is of the template alone.
    fn template(&self, track: &Track, object: &Value) -> Option<Template> {
        let uid = rollout::text(object, "/metadata/uid").to_owned();
        let label = match track.wanted.at.resource.gvk.kind.as_str() {
            "Job" => return Some(Template { owner: uid, label: String::new() }),
            "StatefulSet" => rollout::text(object, "/status/updateRevision"),
            "DaemonSet" => manifest::annotation(object, "deprecated.daemonset.template.generation")?,
            _ => {
                let newest = manifest::annotation(object, REVISION);
                let owned = |s: &&Value| {
                    let owners = s.pointer("/metadata/ownerReferences").and_then(Value::as_array);
                    owners.is_some_and(|o| o.iter().any(|o| rollout::text(o, "/uid") == uid))
                };
                let set = self.sets.values().filter(owned).find(|s| manifest::annotation(s, REVISION) == newest)?;
                if images::of(&with_kind(set.clone(), "ReplicaSet".into())) != track.wanted.images {
                    return None;
                }
                let label = rollout::text(set, "/metadata/labels/pod-template-hash");
                return Some(Template {
                    owner: rollout::text(set, "/metadata/uid").to_owned(),
                    label: label.to_owned(),
                });
            }
        };
        (!label.is_empty()).then(|| Template { owner: uid.clone(), label: label.to_owned() })
    }

    fn tell(&mut self, desk: &mut Desk) {
        let news: Vec<_> = self.tracks.iter().map(|t| (self.figures(t), t.state())).collect();
        for (track, ((ready, desired, trouble), state)) in self.tracks.iter_mut().zip(news) {
            let stuck = match state {
                Rollout::Stuck(why) => Some(why),
                Rollout::Done | Rollout::Going(_) | Rollout::Paused => None,
            };
            let figures = (ready, desired, trouble.or(stuck));
            if track.object.is_some() && track.told.as_ref() != Some(&figures) {
                track.told = Some(figures.clone());
                let (ready, desired, trouble) = figures;
                desk.report(Progress::Rolling {
                    service: Service::new(&track.wanted.at.name),
                    ready,
                    desired,
                    trouble,
                });
            }
        }
    }
}

/// Members of a list carry no kind.
fn with_kind(mut object: Value, kind: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.entry("kind").or_insert(kind);
    }
    object
}

fn pod(object: &Value) -> PodFacts {
    const LABELS: [&str; 3] = ["pod-template-hash", "pod-template-generation", "controller-revision-hash"];
    let labels = object.pointer("/metadata/labels");
    let label = LABELS.iter().find_map(|name| labels?.get(name)?.as_str()).unwrap_or_default().to_owned();
    let template = Template { owner: rollout::text(object, "/metadata/ownerReferences/0/uid").to_owned(), label };
    PodFacts { template, ready: rollout::ready(object), trouble: rollout::trouble(object) }
}
