//! After the counts are written: until no pod of the stopped workloads is left. Seen in the cluster, not in an answer.
//!
//! A pod on its way out is still there: it may hold a connection, a lock or a volume.
//!
//! Never: stopped because nothing was seen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::plan::Row;
use super::scale;
use crate::domain::name::{Namespace, Service};
use crate::domain::text::clean;
use crate::domain::workload::WorkloadRef;
use crate::helm::api::{Gvk, Resource};
use crate::helm::desk::Desk;
use crate::helm::engine::WatchId;
use crate::helm::manifest;
use crate::helm::progress::Progress;
use crate::helm::rollout::{number, text};
use crate::kubectl::{ask, budget};

/// Pods that are named where they do not go.
const NAMED: usize = 3;

/// The machine.
#[derive(Debug, Clone)]
pub struct Emptying {
    tracks: Vec<Track>,
    watches: BTreeMap<WatchId, Kind>,
    unsynced: BTreeSet<WatchId>,
    lost: BTreeMap<WatchId, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pods,
    Workloads(crate::domain::workload::WorkloadKind),
}

#[derive(Debug, Clone)]
struct Track {
    workload: WorkloadRef,
    /// As a budget has it: `{"spec": {"selector": …}}`.
    selector: Value,
    /// Its generation when the count was written; an older one shows the world before.
    generation: i64,
    pods: BTreeSet<String>,
    told: Option<usize>,
    /// The controller has seen the count, and counts no pod.
    settled: bool,
    /// Somebody set another count since.
    risen: Option<u32>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// No pod is left.
    Empty,
    /// Somebody starts them again.
    Risen(String),
    /// Not in time, and which.
    Left(String),
}

fn pods() -> Resource {
    Resource { gvk: Gvk::new("v1", "Pod"), plural: "pods".into(), namespaced: true }
}

impl Emptying {
    /// Begins to watch these workloads, each from the generation that its count was written with.
    pub fn start<'a>(rows: impl Iterator<Item = (&'a Row, i64)>, namespace: &Namespace, desk: &mut Desk) -> Self {
        let track = |(row, generation): (&Row, i64)| Track {
            workload: row.workload.clone(),
            selector: json!({"spec": {"selector": row.selector}}),
            generation,
            pods: BTreeSet::new(),
            told: None,
            settled: false,
            risen: None,
        };
        let tracks: Vec<Track> = rows.map(track).collect();
        let mut watches = BTreeMap::from([(desk.watch(&pods(), Some(namespace)), Kind::Pods)]);
        for kind in super::ask::SCALED {
            if tracks.iter().any(|t| t.workload.kind == kind) {
                watches.insert(desk.watch(&ask::resource(kind), Some(namespace)), Kind::Workloads(kind));
            }
        }
        let unsynced = watches.keys().copied().collect();
        Self { tracks, watches, unsynced, lost: BTreeMap::new() }
    }

    /// An object was seen, or is gone.
    pub fn observed(&mut self, desk: &mut Desk, watch: WatchId, object: &Value, gone: bool) {
        self.lost.remove(&watch);
        match self.watches.get(&watch) {
            None => return,
            Some(Kind::Pods) => {
                let over = matches!(text(object, "/status/phase"), "Succeeded" | "Failed");
                let name = manifest::name(object);
                for track in &mut self.tracks {
                    if gone || over {
                        track.pods.remove(name);
                    } else if budget::selects(&track.selector, object) {
                        track.pods.insert(name.to_owned());
                    }
                }
            }
            Some(Kind::Workloads(kind)) => {
                let reference = scale::reference(*kind, object);
                let generation = number(object, "/metadata/generation");
                let fits = |t: &&mut Track| t.workload == reference && (gone || generation >= t.generation);
                if let Some(track) = self.tracks.iter_mut().find(fits) {
                    let count = if gone { 0 } else { scale::count(object) };
                    let seen = number(object, "/status/observedGeneration") >= generation;
                    track.risen = (count > 0).then_some(count);
                    track.settled = gone || (count == 0 && seen && number(object, "/status/replicas") == 0);
                }
            }
        }
        self.tell(desk);
    }

    /// A watch has shown everything that exists.
    pub fn synced(&mut self, watch: WatchId, desk: &mut Desk) {
        self.lost.remove(&watch);
        self.unsynced.remove(&watch);
        self.tell(desk);
    }

    /// A watch is interrupted: until it is back nothing is known of what it shows, and everything is shown anew.
    pub fn lost(&mut self, watch: WatchId, why: &str) {
        match self.watches.get(&watch) {
            None => return,
            Some(Kind::Pods) => self.tracks.iter_mut().for_each(|t| t.pods.clear()),
            Some(Kind::Workloads(_)) => {}
        }
        self.unsynced.insert(watch);
        self.lost.insert(watch, clean(why));
    }

    fn tell(&mut self, desk: &mut Desk) {
        if !self.unsynced.is_empty() {
            return;
        }
        for track in self.tracks.iter_mut().filter(|t| t.told != Some(t.pods.len())) {
            track.told = Some(track.pods.len());
            let ready = u32::try_from(track.pods.len()).unwrap_or(u32::MAX);
            let service = Service::new(track.workload.name.as_str());
            desk.report(Progress::Rolling { service, ready, desired: 0, trouble: None });
        }
    }

    /// Ended, or `None` while it goes on. `late`: the time is up.
    pub fn end(&self, late: bool) -> Option<Seen> {
        let risen: Vec<String> =
            self.tracks.iter().filter_map(|t| Some(format!("{} is at {} again", t.workload, t.risen?))).collect();
        if !risen.is_empty() {
            return Some(Seen::Risen(risen.join(", ")));
        }
        if self.unsynced.is_empty() && self.tracks.iter().all(|t| t.settled && t.pods.is_empty()) {
            return Some(Seen::Empty);
        }
        late.then(|| Seen::Left(self.left()))
    }

    fn left(&self) -> String {
        if !self.lost.is_empty() {
            let whys: Vec<&str> = self.lost.values().map(String::as_str).collect();
            return format!("whether a pod is left cannot be seen: {}", whys.join("; "));
        }
        let names: Vec<&String> = self.tracks.iter().flat_map(|t| &t.pods).collect();
        let Some(first) = names.get(..NAMED.min(names.len())).filter(|first| !first.is_empty()) else {
            return "the controllers have not seen every count yet".into();
        };
        let named = first.iter().map(|n| clean(n)).collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(first.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let (verb, pod) = if names.len() == 1 { ("is", "pod") } else { ("are", "pods") };
        format!("{} {pod} {verb} still there ({named}{more})", names.len())
    }

    /// No longer wanted.
    pub fn stop(&self, desk: &mut Desk) {
        self.watches.keys().for_each(|watch| desk.unwatch(*watch));
    }
}
