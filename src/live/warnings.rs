//! The facts about Warning events, folded by object and reason.
//!
//! Never: more of them at the start than a pane could show.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::StreamExt;
use tokio::sync::mpsc::Sender;

use crate::domain::fact::{Fact, Source};
use crate::domain::workload::Warning;

use super::address;
use super::connect::Connection;
use super::event::RawEvent;
use super::follow::{Extent, Followed, Seen, follow};

/// Warnings told of the list at the start: the newest.
const AT_START: usize = 200;

/// Tells all Warning events of the namespace, until nobody listens.
pub(super) async fn tell(connection: Arc<Connection>, facts: Sender<Fact>) {
    let namespace = connection.namespace.as_str().to_owned();
    let followed = Followed {
        path: address::of_parts("", "v1", "events", Some(&namespace)),
        labels: "",
        fields: "type=Warning",
        extent: Extent::Whole,
        resource: "events".into(),
        namespace: Some(namespace),
    };
    let mut seen = Box::pin(follow::<RawEvent>(connection, followed));
    let mut known = Known::default();
    while let Some(news) = seen.next().await {
        for fact in known.fold(news) {
            if facts.send(fact).await.is_err() {
                return;
            }
        }
    }
}

type Key = (String, String, String);

/// Several events may say the same of one object: (kind, object, reason) -> event name -> what it says.
#[derive(Default)]
struct Known {
    events: HashMap<Key, BTreeMap<String, Warning>>,
    listed: Vec<Key>,
}

impl Known {
    fn fold(&mut self, seen: Seen<RawEvent>) -> Vec<Fact> {
        match seen {
            Seen::Page { first, items, last } => {
                if first {
                    self.events.clear();
                    self.listed.clear();
                }
                let keys: Vec<Key> = items.into_iter().map(|event| self.put(event)).collect();
                self.listed.extend(keys);
                if last { self.listed() } else { Vec::new() }
            }
            Seen::Is(event) => {
                let key = self.put(event);
                self.folded(&key).map(Fact::Warned).into_iter().collect()
            }
            Seen::Gone(event) => {
                let warning = event.warning();
                let key = (warning.kind, warning.object, warning.reason);
                if let Some(same) = self.events.get_mut(&key) {
                    same.remove(&event.metadata.name);
                    if same.is_empty() {
                        self.events.remove(&key);
                    }
                }
                Vec::new()
            }
            Seen::Steady => vec![Fact::Alive(Source::Warnings)],
            Seen::Failing(fault) => vec![Fact::Failing(Source::Warnings, fault)],
            Seen::Silent(fault, silence) => vec![Fact::Silent(Source::Warnings, fault, silence)],
        }
    }

    fn put(&mut self, event: RawEvent) -> Key {
        let warning = event.warning();
        let key = (warning.kind.clone(), warning.object.clone(), warning.reason.clone());
        self.events.entry(key.clone()).or_default().insert(event.metadata.name, warning);
        key
    }

    fn folded(&self, key: &Key) -> Option<Warning> {
        let same = self.events.get(key)?;
        let newest = same.values().max_by_key(|w| w.at)?;
        Some(Warning { count: same.values().map(|w| w.count).fold(0, u32::saturating_add), ..newest.clone() })
    }

    /// The newest of the list, the oldest of them first.
    fn listed(&mut self) -> Vec<Fact> {
        let mut keys = std::mem::take(&mut self.listed);
        keys.sort();
        keys.dedup();
        let mut warnings: Vec<Warning> = keys.iter().filter_map(|key| self.folded(key)).collect();
        warnings.sort_by_key(|w| w.at);
        let surplus = warnings.len().saturating_sub(AT_START);
        let told = warnings.into_iter().skip(surplus).map(Fact::Warned);
        told.chain([Fact::Alive(Source::Warnings)]).collect()
    }
}
