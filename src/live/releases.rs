//! The facts about Helm releases: their records are watched by metadata alone, and a payload is read only when its
//! record is new or changed, the newest first. Until then a revision shows what its labels tell.
//!
//! Helm keeps records in Secrets (default) or ConfigMaps. Secrets that may not be read darken the source, unless
//! ConfigMaps hold records.
//!
//! Never: a payload kept; what stays is what an operator may see of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, SelectAll, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use crate::domain::fact::{Fact, Source};
use crate::domain::fault::Fault;
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::release::{Release, RevisionFacts};
use crate::helm::history::{ALL_RECORDS, facts};

use super::address;
use super::asked::Trouble;
use super::connect::Connection;
use super::follow::{Extent, Followed, Seen, Versioned, follow};
use super::records::{self, Store};

/// Payloads read at the same time.
const READERS: usize = 4;
/// While many payloads are read, what is known so far is told this often.
const SO_FAR: Duration = Duration::from_millis(250);

impl Versioned for Value {
    fn version(&self) -> &str {
        self.pointer("/metadata/resourceVersion").and_then(Self::as_str).unwrap_or_default()
    }
}

/// Tells all releases of the namespace whenever one changes, until nobody listens.
pub(super) async fn tell(connection: Arc<Connection>, told: Sender<Fact>) {
    let mut all = SelectAll::new();
    for store in Store::ALL {
        let followed = Followed {
            path: address::of_parts("", "v1", store.plural(), Some(connection.namespace.as_str())),
            labels: ALL_RECORDS,
            fields: "",
            extent: Extent::Metadata,
            resource: store.plural().into(),
            namespace: Some(connection.namespace.as_str().to_owned()),
        };
        let seen = follow::<Value>(Arc::clone(&connection), followed);
        all.push(seen.map(move |s| (store, s)).boxed());
    }
    let mut known = Known::default();
    let mut readers: FuturesUnordered<BoxFuture<'static, Read>> = FuturesUnordered::new();
    let mut last_told = Instant::now();
    loop {
        while readers.len() < READERS
            && let Some((key, version)) = known.next_unread()
        {
            let connection = Arc::clone(&connection);
            readers.push(Box::pin(async move {
                let object = records::one(&connection, key.0, &key.1).await;
                Read { key, version, object }
            }));
        }
        let news = tokio::select! {
            Some(read) = readers.next() => {
                known.read(read);
                let more = !readers.is_empty() || known.has_unread();
                if more && last_told.elapsed() < SO_FAR { Vec::new() } else { known.all(&connection.namespace) }
            }
            Some((store, seen)) = all.next() => known.fold(store, seen, &connection.namespace),
        };
        for fact in news {
            last_told = Instant::now();
            if told.send(fact).await.is_err() {
                return;
            }
        }
    }
}

type Key = (Store, String);

struct Read {
    key: Key,
    version: String,
    object: Result<Value, Trouble>,
}

/// How far the list of one store is.
#[derive(Debug, Clone, PartialEq, Default)]
enum Listing {
    #[default]
    Waiting,
    Whole,
    Failing(Fault),
}

struct Record {
    version: String,
    release: ReleaseName,
    facts: RevisionFacts,
}

#[derive(Default)]
struct Known {
    records: BTreeMap<Key, Record>,
    /// Payloads to read, the newest revision last.
    unread: BTreeSet<(Revision, Key)>,
    /// Payloads that could not be read for a reason that may pass.
    later: BTreeSet<(Revision, Key)>,
    listings: BTreeMap<Store, Listing>,
    listed: BTreeMap<Store, BTreeSet<String>>,
    told: Option<Vec<Release>>,
}

impl Known {
    fn fold(&mut self, store: Store, seen: Seen<Value>, namespace: &Namespace) -> Vec<Fact> {
        match seen {
            Seen::Page { first, items, last } => {
                if first {
                    self.listed.insert(store, BTreeSet::new());
                }
                for object in items {
                    if let Some(name) = self.put(store, &object) {
                        self.listed.entry(store).or_default().insert(name);
                    }
                }
                if !last {
                    return Vec::new();
                }
                let listed = self.listed.remove(&store).unwrap_or_default();
                self.records.retain(|(s, name), _| *s != store || listed.contains(name));
                self.listings.insert(store, Listing::Whole);
            }
            Seen::Is(object) => {
                self.put(store, &object);
            }
            Seen::Gone(object) => {
                self.records.remove(&(store, name(&object)));
            }
            Seen::Steady => {
                self.unread.append(&mut self.later);
                let was_failing = matches!(self.listings.get(&store), Some(Listing::Failing(_)));
                self.listings.insert(store, Listing::Whole);
                // Before anything was told, a watch that stands says nothing of the store that is still being read.
                if !was_failing && self.told.is_some() {
                    return self.dark().map_or_else(|| vec![Fact::Alive(Source::Releases)], |f| vec![f]);
                }
            }
            Seen::Failing(fault) => {
                self.listings.insert(store, Listing::Failing(fault));
            }
            Seen::Silent(fault, silence) => {
                self.listings.insert(store, Listing::Failing(fault));
                let silent = |fact| match fact {
                    Fact::Failing(source, fault) => Fact::Silent(source, fault, silence),
                    fact => fact,
                };
                return self.all(namespace).into_iter().map(silent).collect();
            }
        }
        self.all(namespace)
    }

    /// The name of its object, if it is a record at all.
    fn put(&mut self, store: Store, object: &Value) -> Option<String> {
        let (release, new) = facts(object)?;
        let name = name(object);
        let key = (store, name.clone());
        let version = object.version().to_owned();
        let before = self.records.remove(&key);
        let known = before.as_ref().is_some_and(|b| b.version == version);
        if !known {
            self.unread.insert((new.revision, key.clone()));
        }
        // Its content stays on show while the changed payload is read: only the status changes in practice.
        let facts = match before {
            Some(before) if known => before.facts,
            Some(before) => RevisionFacts { status: new.status, ..before.facts },
            None => new,
        };
        self.records.insert(key, Record { version, release, facts });
        Some(name)
    }

    fn next_unread(&mut self) -> Option<(Key, String)> {
        loop {
            let (_, key) = self.unread.pop_last()?;
            // A record that is gone meanwhile is not read.
            if let Some(record) = self.records.get(&key) {
                return Some((key, record.version.clone()));
            }
        }
    }

    fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    fn read(&mut self, read: Read) {
        let Some(record) = self.records.get_mut(&read.key) else { return };
        match read.object {
            Ok(object) => {
                // Changed again since: then it stands in the queue again.
                if record.version == read.version
                    && let Some((_, new)) = facts(&object)
                {
                    record.facts = new;
                }
            }
            Err(trouble) if trouble.is_not_found() => {}
            Err(trouble) => {
                let fault = trouble.fault(&records::asked(read.key.0, &read.key.1, None));
                record.facts.unreadable = Some(fault.sentence());
                if !matches!(fault, Fault::Forbidden { .. }) {
                    self.later.insert((record.facts.revision, read.key));
                }
            }
        }
    }

    /// The whole source's fault, if it has one.
    fn dark(&self) -> Option<Fact> {
        let in_config_maps = self.records.keys().any(|(s, _)| *s == Store::ConfigMaps);
        match self.listings.get(&Store::Secrets) {
            Some(Listing::Failing(fault)) if !in_config_maps => Some(Fact::Failing(Source::Releases, fault.clone())),
            Some(Listing::Failing(_) | Listing::Whole | Listing::Waiting) | None => None,
        }
    }

    /// Everything known, or why nothing is.
    fn all(&mut self, namespace: &Namespace) -> Vec<Fact> {
        if let Some(dark) = self.dark() {
            return vec![dark];
        }
        let waiting = |store| matches!(self.listings.get(&store), None | Some(Listing::Waiting));
        let whole = self.listings.get(&Store::Secrets) == Some(&Listing::Whole);
        if !whole && Store::ALL.into_iter().any(waiting) {
            return Vec::new();
        }
        let mut releases: BTreeMap<&ReleaseName, BTreeMap<Revision, &RevisionFacts>> = BTreeMap::new();
        for record in self.records.values() {
            releases.entry(&record.release).or_default().insert(record.facts.revision, &record.facts);
        }
        let release = |(name, revisions): (&ReleaseName, BTreeMap<Revision, &RevisionFacts>)| Release {
            name: name.clone(),
            namespace: namespace.clone(),
            revisions: revisions.into_values().cloned().collect(),
        };
        let releases: Vec<Release> = releases.into_iter().map(release).collect();
        if self.told.as_ref() == Some(&releases) {
            return vec![Fact::Alive(Source::Releases)];
        }
        self.told = Some(releases.clone());
        vec![Fact::Releases(releases)]
    }
}

fn name(object: &Value) -> String {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(items: Vec<Value>) -> Seen<Value> {
        Seen::Page { first: true, items, last: true }
    }

    #[test]
    fn one_store_that_is_empty_is_no_history_while_the_other_is_still_read() {
        let namespace = Namespace::new("prod");
        let record = json!({"metadata": {
            "name": "sh.helm.release.v1.shop.v1", "namespace": "prod", "resourceVersion": "7",
            "creationTimestamp": "2026-11-24T16:00:00Z",
            "labels": {"owner": "helm", "name": "shop", "version": "1", "status": "deployed"}
        }});
        let mut known = Known::default();
        let mut tell = |store, seen| known.fold(store, seen, &namespace);
        assert_eq!(tell(Store::ConfigMaps, page(Vec::new())), []);
        assert_eq!(tell(Store::ConfigMaps, Seen::Steady), [], "nobody knows yet whether there is a release");
        let told = tell(Store::Secrets, page(vec![record]));
        assert!(matches!(&told[..], [Fact::Releases(all)] if all.len() == 1), "{told:?}");
        assert_eq!(tell(Store::Secrets, Seen::Steady), [Fact::Alive(Source::Releases)]);
    }
}
