//! The facts about workloads: four watches (Deployments, StatefulSets, DaemonSets and what scales them) become rows.
//!
//! The source fails as long as one of the three kinds does. An autoscaler that may not be read darkens nothing: it is
//! said that whatever scales is not known.
//!
//! Never: a row that has not changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use tokio::sync::mpsc::Sender;

use crate::domain::fact::{Aside, Fact, Source, WorkloadNews};
use crate::domain::fault::Fault;
use crate::domain::name::Service;
use crate::domain::workload::{Workload, WorkloadKind};

use super::address;
use super::autoscaler::Autoscaler;
use super::connect::Connection;
use super::follow::{Extent, Followed, Seen, follow};
use super::workload::RawWorkload;

const KINDS: [(WorkloadKind, &str); 3] = [
    (WorkloadKind::Deployment, "deployments"),
    (WorkloadKind::StatefulSet, "statefulsets"),
    (WorkloadKind::DaemonSet, "daemonsets"),
];

/// Tells all facts about the namespace's workloads, until nobody listens.
pub(super) async fn tell(connection: Arc<Connection>, facts: Sender<Fact>) {
    let namespace = connection.namespace.as_str().to_owned();
    let followed = |group: &str, version: &str, plural: &str| Followed {
        path: address::of_parts(group, version, plural, Some(&namespace)),
        labels: "",
        fields: "",
        extent: Extent::Whole,
        resource: plural.to_owned(),
        namespace: Some(namespace.clone()),
    };
    let mut all = stream::SelectAll::new();
    for (kind, plural) in KINDS {
        let seen = follow::<RawWorkload>(Arc::clone(&connection), followed("apps", "v1", plural));
        all.push(seen.map(move |s| Either::Workload(kind, Box::new(s))).boxed());
    }
    let scalers = follow::<Autoscaler>(connection, followed("autoscaling", "v2", "horizontalpodautoscalers"));
    all.push(scalers.map(|s| Either::Scaler(Box::new(s))).boxed());
    let mut known = Known::default();
    while let Some(news) = all.next().await {
        for fact in known.fold(news) {
            if facts.send(fact).await.is_err() {
                return;
            }
        }
    }
}

enum Either {
    Workload(WorkloadKind, Box<Seen<RawWorkload>>),
    Scaler(Box<Seen<Autoscaler>>),
}

type Key = (WorkloadKind, String);

/// Rows are few (hundreds at most), so they are kept whole.
#[derive(Default)]
struct Known {
    raw: BTreeMap<Key, RawWorkload>,
    sent: HashMap<Key, Workload>,
    /// By autoscaler: what it scales and its bounds.
    scalers: BTreeMap<String, (String, String, (u32, u32))>,
    faults: BTreeMap<WorkloadKind, Fault>,
    listing: BTreeMap<WorkloadKind, BTreeMap<Key, RawWorkload>>,
}

impl Known {
    fn fold(&mut self, news: Either) -> Vec<Fact> {
        let told = match news {
            Either::Workload(kind, seen) => self.workload(kind, *seen),
            Either::Scaler(seen) => self.scaler(*seen),
        };
        // The last word on the source is that one of its kinds fails.
        let fault = self.faults.values().next().cloned();
        told.into_iter().chain(fault.map(|f| Fact::Failing(Source::Workloads, f))).collect()
    }

    fn workload(&mut self, kind: WorkloadKind, seen: Seen<RawWorkload>) -> Vec<Fact> {
        match seen {
            Seen::Page { first, items, last } => {
                if first {
                    self.listing.insert(kind, BTreeMap::new());
                }
                let listed = self.listing.entry(kind).or_default();
                listed.extend(items.into_iter().map(|w| ((kind, w.metadata.name.clone()), w)));
                if !last {
                    return Vec::new();
                }
                self.faults.remove(&kind);
                self.raw.retain(|(k, _), _| *k != kind);
                self.sent.retain(|(k, _), _| *k != kind);
                self.raw.extend(self.listing.remove(&kind).unwrap_or_default());
                let keys: Vec<Key> = self.raw.keys().filter(|(k, _)| *k == kind).cloned().collect();
                let rows = keys.iter().filter_map(|key| self.changed(key)).collect();
                vec![Fact::Workloads(WorkloadNews::All(kind, rows))]
            }
            Seen::Is(raw) => {
                let key = (kind, raw.metadata.name.clone());
                self.raw.insert(key.clone(), raw);
                self.changed(&key).map(changed).into_iter().collect()
            }
            Seen::Gone(raw) => {
                let key = (kind, raw.metadata.name);
                self.raw.remove(&key);
                self.sent.remove(&key);
                vec![Fact::Workloads(WorkloadNews::Gone(kind, Service::new(&key.1)))]
            }
            Seen::Steady => {
                self.faults.remove(&kind);
                if self.faults.is_empty() { vec![Fact::Alive(Source::Workloads)] } else { Vec::new() }
            }
            Seen::Failing(fault) => {
                self.faults.insert(kind, fault);
                Vec::new()
            }
            Seen::Silent(fault, silence) => {
                self.faults.insert(kind, fault.clone());
                vec![Fact::Silent(Source::Workloads, fault, silence)]
            }
        }
    }

    fn scaler(&mut self, seen: Seen<Autoscaler>) -> Vec<Fact> {
        match seen {
            Seen::Page { first, items, .. } => {
                if first {
                    self.scalers.clear();
                }
                for scaler in items {
                    self.put(scaler);
                }
            }
            Seen::Is(scaler) => self.put(scaler),
            Seen::Gone(scaler) => {
                self.scalers.remove(&scaler.metadata.name);
            }
            Seen::Steady => return vec![Fact::Lacking(Aside::Autoscalers, None)],
            Seen::Failing(fault) | Seen::Silent(fault, _) => {
                return vec![Fact::Lacking(Aside::Autoscalers, Some(fault))];
            }
        }
        let keys: Vec<Key> = self.sent.keys().cloned().collect();
        keys.iter().filter_map(|key| self.changed(key)).map(changed).collect()
    }

    fn put(&mut self, scaler: Autoscaler) {
        let (kind, name) = scaler.target();
        let entry = (kind.to_owned(), name.to_owned(), scaler.bounds());
        self.scalers.insert(scaler.metadata.name, entry);
    }

    /// The row, if it differs from the one told last.
    fn changed(&mut self, key: &Key) -> Option<Workload> {
        let (kind, name) = key;
        let scaler = self.scalers.values().find(|(k, n, _)| k == kind.kind() && n == name);
        let row = self.raw.get(key)?.row(*kind, scaler.map(|(_, _, bounds)| *bounds));
        if self.sent.get(key) == Some(&row) {
            return None;
        }
        self.sent.insert(key.clone(), row.clone());
        Some(row)
    }
}

fn changed(row: Workload) -> Fact {
    Fact::Workloads(WorkloadNews::Changed(Box::new(row)))
}
