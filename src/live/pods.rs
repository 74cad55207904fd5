//! The facts about pods: first page first, then each change that a row would show, and no other.
//!
//! Never: a second copy of the rows; of a pod sent only its digest is kept.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::mpsc::Sender;

use crate::domain::fact::{Fact, PodNews, Source};
use crate::domain::moment::Moment;
use crate::domain::name::PodName;
use crate::domain::workload::{Pod, Restarts};

use super::address;
use super::clock::wall;
use super::connect::Connection;
use super::follow::{Extent, Followed, Seen, follow};
use super::pod::RawPod;
use super::restarts::Counted;

/// Tells all facts about the namespace's pods, until nobody listens.
pub(super) async fn tell(connection: Arc<Connection>, facts: Sender<Fact>) {
    let namespace = connection.namespace.as_str().to_owned();
    let followed = Followed {
        path: address::of_parts("", "v1", "pods", Some(&namespace)),
        labels: "",
        fields: "",
        extent: Extent::Whole,
        resource: "pods".into(),
        namespace: Some(namespace),
    };
    let mut seen = Box::pin(follow::<RawPod>(connection, followed));
    let mut known = Known::default();
    loop {
        let (news, due) = (seen.next(), known.due(wall()));
        let told = tokio::select! {
            biased;
            () = tokio::time::sleep(due) => known.tick(wall()),
            Some(news) = news => known.fold(news, wall()),
        };
        for fact in told {
            if facts.send(fact).await.is_err() {
                return;
            }
        }
    }
}

/// What is remembered of each pod.
#[derive(Default)]
struct Known {
    pods: HashMap<String, Held>,
    /// Pods with restarts in the window: (when the count changes by itself, name).
    changing: BTreeSet<(Moment, String)>,
    listed: Option<HashSet<String>>,
}

struct Held {
    uid: String,
    digest: u64,
    /// `None` while it never restarted.
    restarted: Option<Box<Restarted>>,
}

struct Restarted {
    counted: Counted,
    /// The newest state, to tell it again when a restart leaves the window.
    pod: RawPod,
    sent: Restarts,
    changes: Option<Moment>,
}

impl Known {
    fn fold(&mut self, seen: Seen<RawPod>, now: Moment) -> Vec<Fact> {
        match seen {
            Seen::Page { first, items, last } => self.page(first, items, last, now),
            Seen::Is(pod) => {
                let changed = self.put(pod, now);
                changed.map(|pod| Fact::Pods(PodNews::Changed(Box::new(pod)))).into_iter().collect()
            }
            Seen::Gone(pod) => {
                self.forget(&pod.metadata.name);
                vec![Fact::Pods(PodNews::Gone(PodName::new(&pod.metadata.name)))]
            }
            Seen::Steady => vec![Fact::Alive(Source::Pods)],
            Seen::Failing(fault) => vec![Fact::Failing(Source::Pods, fault)],
            Seen::Silent(fault, silence) => vec![Fact::Silent(Source::Pods, fault, silence)],
        }
    }

    fn page(&mut self, first: bool, items: Vec<RawPod>, last: bool, now: Moment) -> Vec<Fact> {
        let mut told = Vec::with_capacity(3);
        if first {
            told.push(Fact::Pods(PodNews::Listing));
            self.listed = Some(HashSet::new());
        }
        let mut rows = Vec::with_capacity(items.len());
        for pod in items {
            if let Some(listed) = &mut self.listed {
                listed.insert(pod.metadata.name.clone());
            }
            rows.push(self.put_always(pod, now));
        }
        told.push(Fact::Pods(PodNews::Page(rows)));
        if last {
            if let Some(listed) = self.listed.take() {
                let gone: Vec<String> = self.pods.keys().filter(|n| !listed.contains(*n)).cloned().collect();
                for name in &gone {
                    self.forget(name);
                }
            }
            told.push(Fact::Pods(PodNews::Complete));
        }
        told
    }

    /// The row, if it differs from the one told last.
    fn put(&mut self, pod: RawPod, now: Moment) -> Option<Pod> {
        let digest = digest(&pod);
        // The common case, a change that no row shows, ends here.
        if self.pods.get(&pod.metadata.name).is_some_and(|h| h.digest == digest) {
            return None;
        }
        Some(self.put_always(pod, now))
    }

    fn put_always(&mut self, pod: RawPod, now: Moment) -> Pod {
        let total = pod.total_restarts();
        let name = pod.metadata.name.clone();
        let created = pod.metadata.creation_timestamp.unwrap_or_default();
        let (uid, digest) = (pod.metadata.uid.clone(), digest(&pod));
        let (before, is_new) = match self.pods.entry(name.clone()) {
            Entry::Occupied(mut held) => {
                let is_new = held.get().uid != uid;
                let restarted = held.get_mut().restarted.take();
                held.insert(Held { uid, digest, restarted: None });
                (restarted, is_new)
            }
            Entry::Vacant(free) => {
                free.insert(Held { uid, digest, restarted: None });
                (None, true)
            }
        };
        if let Some(changes) = before.as_ref().and_then(|b| b.changes) {
            self.changing.remove(&(changes, name.clone()));
        }
        if total == 0 {
            return pod.row(Restarts::Exactly(0));
        }
        let mut counted = match before {
            Some(before) if !is_new => before.counted,
            // Known without restarts: every one of them happened while it was watched.
            None if !is_new => Counted::at_first_sight(0, created, None),
            Some(_) | None => Counted::at_first_sight(total, created, pod.last_end()),
        };
        counted.see(total, now);
        let sent = counted.restarts(now);
        let changes = counted.next_change(now);
        if let Some(changes) = changes {
            self.changing.insert((changes, name.clone()));
        }
        let row = pod.row(sent);
        if let Some(held) = self.pods.get_mut(&name) {
            held.restarted = Some(Box::new(Restarted { counted, pod, sent, changes }));
        }
        row
    }

    fn forget(&mut self, name: &str) {
        let held = self.pods.remove(name);
        if let Some(changes) = held.and_then(|h| h.restarted).and_then(|r| r.changes) {
            self.changing.remove(&(changes, name.to_owned()));
        }
    }

    /// How long until a count changes by itself.
    fn due(&self, now: Moment) -> Duration {
        const FAR: Duration = Duration::from_hours(1);
        self.changing.first().map_or(FAR, |(at, _)| (*at - now).to_std().unwrap_or(Duration::ZERO)).min(FAR)
    }

    /// Tells the pods whose count changed because a restart left the window.
    fn tick(&mut self, now: Moment) -> Vec<Fact> {
        let mut told = Vec::new();
        while self.changing.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, name)) = self.changing.pop_first() else { break };
            let Some(restarted) = self.pods.get_mut(&name).and_then(|h| h.restarted.as_mut()) else { continue };
            let restarts = restarted.counted.restarts(now);
            restarted.changes = restarted.counted.next_change(now);
            if let Some(changes) = restarted.changes {
                self.changing.insert((changes, name));
            }
            if restarts != restarted.sent {
                restarted.sent = restarts;
                told.push(Fact::Pods(PodNews::Changed(Box::new(restarted.pod.row(restarts)))));
            }
        }
        told
    }
}

fn digest(pod: &RawPod) -> u64 {
    let mut hasher = DefaultHasher::new();
    pod.hash(&mut hasher);
    hasher.finish()
}
