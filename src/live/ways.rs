//! The facts about how traffic gets to the pods: four watches (EndpointSlices, Ingresses, Nodes, PodDisruptionBudgets),
//! each told whole when something of it that matters has changed, and each failing alone.
//!
//! Never: a fact that says what was said before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::sync::mpsc::Sender;

use crate::domain::fact::{Fact, Source};
use crate::domain::fault::Fault;
use crate::domain::name::Service;
use crate::domain::ways::{Budget, Endpoints, Entrance, Node};

use super::address;
use super::connect::Connection;
use super::follow::{Extent, Followed, Seen, follow};
use super::way::{RawBudget, RawIngress, RawNode, RawSlice, Slice};

/// Tells all facts about the ways, until nobody listens.
pub(super) async fn tell(connection: Arc<Connection>, facts: Sender<Fact>) {
    let own = connection.namespace.as_str().to_owned();
    let followed = |group: &str, plural: &str, namespace: Option<&str>| Followed {
        path: address::of_parts(group, "v1", plural, namespace),
        labels: "",
        fields: "",
        extent: Extent::Whole,
        resource: plural.to_owned(),
        namespace: namespace.map(str::to_owned),
    };
    let slices = followed("discovery.k8s.io", "endpointslices", Some(&own));
    let ingresses = followed("networking.k8s.io", "ingresses", Some(&own));
    let budgets = followed("policy", "poddisruptionbudgets", Some(&own));
    let nodes = followed("", "nodes", None);
    let mut all = stream::SelectAll::new();
    all.push(follow::<RawSlice>(Arc::clone(&connection), slices).map(|s| Heard::Slice(Box::new(s))).boxed());
    all.push(follow::<RawIngress>(Arc::clone(&connection), ingresses).map(|s| Heard::Ingress(Box::new(s))).boxed());
    all.push(follow::<RawBudget>(Arc::clone(&connection), budgets).map(|s| Heard::Budget(Box::new(s))).boxed());
    all.push(follow::<RawNode>(connection, nodes).map(|s| Heard::Node(Box::new(s))).boxed());
    let mut known = Known::default();
    while let Some(heard) = all.next().await {
        if let Some(fact) = known.fold(heard)
            && facts.send(fact).await.is_err()
        {
            return;
        }
    }
}

enum Heard {
    Slice(Box<Seen<RawSlice>>),
    Ingress(Box<Seen<RawIngress>>),
    Node(Box<Seen<RawNode>>),
    Budget(Box<Seen<RawBudget>>),
}

#[derive(Default)]
struct Known {
    slices: Table<Slice>,
    /// What stands behind each Service, counted once for each change of one of its slices.
    behind: BTreeMap<Service, Endpoints>,
    ingresses: Table<Entrance>,
    nodes: Table<Node>,
    budgets: Table<Budget>,
}

impl Known {
    fn fold(&mut self, heard: Heard) -> Option<Fact> {
        match heard {
            Heard::Slice(seen) => self.slice(*seen),
            Heard::Ingress(seen) => {
                let told = self.ingresses.fold(*seen, |raw| (raw.metadata.name.clone(), raw.entrance()));
                told.fact(Source::Ingresses, || Fact::Ingresses(self.ingresses.all()))
            }
            Heard::Node(seen) => {
                let told = self.nodes.fold(*seen, |raw| (raw.metadata.name.clone(), raw.node()));
                told.fact(Source::Nodes, || Fact::Nodes(self.nodes.all()))
            }
            Heard::Budget(seen) => {
                let told = self.budgets.fold(*seen, |raw| (raw.metadata.name.clone(), raw.budget()));
                told.fact(Source::Budgets, || Fact::Budgets(self.budgets.all()))
            }
        }
    }

    /// While many pods change, slices do: only the Service of this one is counted anew.
    fn slice(&mut self, seen: Seen<RawSlice>) -> Option<Fact> {
        let whose = match &seen {
            Seen::Is(raw) | Seen::Gone(raw) => Some(raw.service()),
            Seen::Page { .. } | Seen::Steady | Seen::Failing(_) | Seen::Silent(..) => None,
        };
        let told = self.slices.fold(seen, |raw| (raw.metadata.name.clone(), raw.slice()));
        let told = match (told, whose) {
            (Told::Changed, None) => {
                self.behind = behind(self.slices.rows.values());
                Told::Changed
            }
            (Told::Changed, Some(service)) => {
                let now = behind(self.slices.rows.values().filter(|s| s.service == service)).remove(&service);
                let same = self.behind.get(&service) == now.as_ref();
                match now {
                    Some(endpoints) => self.behind.insert(service, endpoints),
                    None => self.behind.remove(&service),
                };
                if same { Told::Nothing } else { Told::Changed }
            }
            (told, _) => told,
        };
        told.fact(Source::Endpoints, || Fact::Endpoints(self.behind.values().cloned().collect()))
    }
}

/// The endpoints by Service; one that stands in several slices (one for each family of addresses) counts once.
fn behind<'a>(slices: impl Iterator<Item = &'a Slice>) -> BTreeMap<Service, Endpoints> {
    let mut services: BTreeMap<&Service, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for slice in slices {
        let (ready, all) = services.entry(&slice.service).or_default();
        for (who, takes) in &slice.endpoints {
            all.insert(who);
            if *takes {
                ready.insert(who);
            }
        }
    }
    let count = |set: &BTreeSet<&str>| u32::try_from(set.len()).unwrap_or(u32::MAX);
    let of = |(service, (ready, all)): (&Service, (BTreeSet<&str>, BTreeSet<&str>))| {
        (service.clone(), Endpoints { service: service.clone(), ready: count(&ready), all: count(&all) })
    };
    services.into_iter().map(of).collect()
}

/// What a sight of an object changed.
enum Told {
    Nothing,
    Changed,
    Steady,
    Failing(Fault),
    Silent(Fault, Duration),
}

impl Told {
    fn fact(self, source: Source, whole: impl FnOnce() -> Fact) -> Option<Fact> {
        match self {
            Self::Nothing => None,
            Self::Changed => Some(whole()),
            Self::Steady => Some(Fact::Alive(source)),
            Self::Failing(fault) => Some(Fact::Failing(source, fault)),
            Self::Silent(fault, silence) => Some(Fact::Silent(source, fault, silence)),
        }
    }
}

/// The rows of one kind; nothing is told of them before they were listed whole.
struct Table<T> {
    rows: BTreeMap<String, T>,
    listing: BTreeMap<String, T>,
    listed: bool,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), listing: BTreeMap::new(), listed: false }
    }
}

impl<T: PartialEq + Clone> Table<T> {
    fn all(&self) -> Vec<T> {
        self.rows.values().cloned().collect()
    }

    fn fold<R>(&mut self, seen: Seen<R>, row: impl Fn(R) -> (String, T)) -> Told {
        match seen {
            Seen::Page { first, items, last } => {
                if first {
                    self.listing.clear();
                }
                self.listing.extend(items.into_iter().map(&row));
                if !last {
                    return Told::Nothing;
                }
                self.rows = std::mem::take(&mut self.listing);
                self.listed = true;
                Told::Changed
            }
            Seen::Is(raw) => {
                let (name, new) = row(raw);
                let same = self.rows.get(&name) == Some(&new);
                self.rows.insert(name, new);
                if same || !self.listed { Told::Nothing } else { Told::Changed }
            }
            Seen::Gone(raw) => {
                self.rows.remove(&row(raw).0);
                if self.listed { Told::Changed } else { Told::Nothing }
            }
            Seen::Steady => Told::Steady,
            Seen::Failing(fault) => Told::Failing(fault),
            Seen::Silent(fault, silence) => Told::Silent(fault, silence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_pod_in_two_slices_counts_once_and_a_service_without_pods_is_told() {
        let slice = |service: &str, endpoints: &[(&str, bool)]| Slice {
            service: Service::new(service),
            endpoints: endpoints.iter().map(|(n, r)| ((*n).to_owned(), *r)).collect(),
        };
        let slices =
            [slice("a", &[("p1", true), ("p2", false)]), slice("a", &[("p1", true), ("p2", false)]), slice("b", &[])];
        let endpoints = |service: &str, ready, all| Endpoints { service: Service::new(service), ready, all };
        let counted: Vec<Endpoints> = behind(slices.iter()).into_values().collect();
        assert_eq!(counted, [endpoints("a", 1, 2), endpoints("b", 0, 0)]);
    }

    #[test]
    fn nothing_is_told_before_the_list_was_complete_nor_twice() {
        let mut table: Table<u8> = Table::default();
        let row = |(name, value): (&str, u8)| (name.to_owned(), value);
        let page = |first, items, last| Seen::Page { first, items, last };
        let mut tell = |seen| matches!(table.fold(seen, row), Told::Changed);
        assert!(!tell(page(true, vec![("a", 1)], false)));
        assert!(tell(page(false, vec![("b", 1)], true)));
        assert!(!tell(Seen::Is(("a", 1))));
        assert!(tell(Seen::Is(("a", 2))));
        assert!(tell(Seen::Gone(("a", 2))));
    }

    #[test]
    fn a_change_of_a_slice_that_changes_no_count_is_not_told() {
        let raw = |name: &str, service: &str, pods: &[(&str, bool)]| {
            let endpoint = |(pod, ready): &(&str, bool)| json!({"addresses": ["10.0.0.1"], "conditions": {"ready": ready}, "targetRef": {"name": pod}});
            let labels = json!({"kubernetes.io/service-name": service});
            let endpoints: Vec<Value> = pods.iter().map(endpoint).collect();
            serde_json::from_value(json!({"metadata": {"name": name, "labels": labels}, "endpoints": endpoints}))
                .unwrap()
        };
        let mut known = Known::default();
        let mut tell = |seen: Seen<RawSlice>| {
            let Some(Fact::Endpoints(all)) = known.fold(Heard::Slice(Box::new(seen))) else { return None };
            Some(all.iter().map(|e| format!("{} {}/{}", e.service, e.ready, e.all)).collect::<Vec<_>>().join(", "))
        };
        let first = vec![raw("a-1", "a", &[("p1", true)]), raw("b-1", "b", &[("q1", true)])];
        let steps = [
            (Seen::Page { first: true, items: first, last: true }, Some("a 1/1, b 1/1")),
            (Seen::Is(raw("a-1", "a", &[("p2", true)])), None),
            (Seen::Is(raw("a-1", "a", &[("p2", false)])), Some("a 0/1, b 1/1")),
            (Seen::Is(raw("a-2", "a", &[("p3", true)])), Some("a 1/2, b 1/1")),
            (Seen::Gone(raw("a-1", "a", &[])), Some("a 1/1, b 1/1")),
            (Seen::Gone(raw("b-1", "b", &[])), Some("a 1/1")),
        ];
        for (seen, wanted) in steps {
            assert_eq!(tell(seen).as_deref(), wanted);
        }
    }
}
