//! The object store behind the simulated API server: objects by address, resource versions, generations, watchers.
//!
//! Never: whether somebody may, nor what an object brings about.

use std::collections::BTreeMap;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use serde_json::{Value, json};

use super::chance::Chance;
use super::field;
use super::kinds;
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::name::Namespace;
use crate::helm::api::{ObjectRef, Resource};
use crate::ports::ObjectNews;

/// An object's address, whatever version of its group it is asked in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// API group; empty for the core group.
    pub group: String,
    /// `Deployment`
    pub kind: String,
    /// Where; `None` for a cluster-scoped object.
    pub namespace: Option<Namespace>,
    /// Its name.
    pub name: String,
}

impl Key {
    /// In a namespace.
    pub fn new(group: &str, kind: &str, namespace: &Namespace, name: &str) -> Self {
        Self { group: group.into(), kind: kind.into(), namespace: Some(namespace.clone()), name: name.into() }
    }

    /// Of a reference.
    pub fn of(target: &ObjectRef) -> Self {
        Self {
            group: target.resource.gvk.group.clone(),
            kind: target.resource.gvk.kind.clone(),
            namespace: target.namespace.clone(),
            name: target.name.clone(),
        }
    }

    fn is_of(&self, resource: &Resource, namespace: Option<&Namespace>) -> bool {
        self.group == resource.gvk.group
            && self.kind == resource.gvk.kind
            && namespace.is_none_or(|n| self.namespace.as_ref() == Some(n))
    }
}

#[derive(Debug)]
struct Watcher {
    resource: Resource,
    namespace: Option<Namespace>,
    down: bool,
    to: UnboundedSender<ObjectNews>,
}

impl Watcher {
    fn say(&self, news: ObjectNews) {
        let _gone = self.to.unbounded_send(news);
    }
}

/// The objects.
#[derive(Debug)]
pub struct Store {
    chance: Chance,
    objects: BTreeMap<Key, Value>,
    version: u64,
    made: u64,
    watchers: Vec<Watcher>,
    changed: Vec<Key>,
}

impl Store {
    /// An empty store; uids are drawn from `chance`.
    pub const fn new(chance: Chance) -> Self {
        Self { chance, objects: BTreeMap::new(), version: 1000, made: 0, watchers: Vec::new(), changed: Vec::new() }
    }

    /// One object.
    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key)
    }

    /// Keys and objects of a kind in a namespace.
    pub fn of<'a>(
        &'a self,
        resource: &'a Resource,
        namespace: Option<&'a Namespace>,
    ) -> impl Iterator<Item = (&'a Key, &'a Value)> {
        self.objects.iter().filter(move |(k, _)| k.is_of(resource, namespace))
    }

    /// The object as it would be stored: uid, creation, generation and resource version as the server keeps them.
    pub fn dressed(&self, key: &Key, mut object: Value, now: Moment) -> Value {
        let old = self.objects.get(key);
        field::set(&mut object, &["metadata", "name"], json!(key.name));
        if let Some(namespace) = &key.namespace {
            field::set(&mut object, &["metadata", "namespace"], json!(namespace.as_str()));
        }
        let kept = |path: &str| old.and_then(|o| o.pointer(path)).cloned();
        let uid = kept("/metadata/uid").unwrap_or_else(|| json!(self.uid()));
        let born = kept("/metadata/creationTimestamp").unwrap_or_else(|| json!(stamp(now)));
        field::set(&mut object, &["metadata", "uid"], uid);
        field::set(&mut object, &["metadata", "creationTimestamp"], born);
        if kinds::counts_generations(&key.kind) {
            let before = kept("/metadata/generation").and_then(|g| g.as_u64()).unwrap_or(0);
            let moved = old.is_none_or(|o| o.get("spec") != object.get("spec"));
            field::set(&mut object, &["metadata", "generation"], json!(before + u64::from(moved)));
        }
        stamp_managers(&mut object, old, now);
        let version = kept("/metadata/resourceVersion").unwrap_or_else(|| json!("0"));
        field::set(&mut object, &["metadata", "resourceVersion"], version);
        object
    }

    /// Stores an object; a write that changes nothing keeps its resource version (as the API server does).
    pub fn put(&mut self, key: &Key, object: Value, now: Moment) -> Value {
        let mut object = self.dressed(key, object, now);
        if self.objects.get(key) == Some(&object) {
            return object;
        }
        self.version += 1;
        self.made += u64::from(!self.objects.contains_key(key));
        field::set(&mut object, &["metadata", "resourceVersion"], json!(self.version.to_string()));
        self.tell(key, || ObjectNews::Is(object.clone()));
        self.objects.insert(key.clone(), object.clone());
        self.changed.push(key.clone());
        object
    }

    /// Takes an object away.
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let old = self.objects.remove(key)?;
        self.version += 1;
        self.tell(key, || ObjectNews::Gone(old.clone()));
        self.changed.push(key.clone());
        Some(old)
    }

    /// What was written or taken away since the last time this was asked.
    pub fn take_changed(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.changed)
    }

    /// The objects of a kind as they are and as they change; while `fault` stands, only that.
    pub fn watch(
        &mut self,
        resource: Resource,
        namespace: Option<Namespace>,
        fault: Option<Fault>,
    ) -> UnboundedReceiver<ObjectNews> {
        let (to, news) = unbounded();
        let watcher = Watcher { resource, namespace, down: fault.is_some(), to };
        match fault {
            Some(fault) => watcher.say(ObjectNews::Failing(fault)),
            None => self.show(&watcher),
        }
        self.watchers.push(watcher);
        news
    }

    /// A watch that is down now says so once; one that is back shows everything anew.
    pub fn renew(&mut self, fault: impl Fn(&Resource, Option<&Namespace>) -> Option<Fault>) {
        let mut watchers = std::mem::take(&mut self.watchers);
        for watcher in &mut watchers {
            let fault = fault(&watcher.resource, watcher.namespace.as_ref());
            let was = std::mem::replace(&mut watcher.down, fault.is_some());
            match fault {
                Some(fault) if !was => watcher.say(ObjectNews::Failing(fault)),
                None if was => self.show(watcher),
                Some(_) | None => {}
            }
        }
        self.watchers = watchers;
    }

    fn show(&self, watcher: &Watcher) {
        for (_, object) in self.of(&watcher.resource, watcher.namespace.as_ref()) {
            watcher.say(ObjectNews::Is(object.clone()));
        }
        watcher.say(ObjectNews::Synced);
    }

    fn tell(&mut self, key: &Key, news: impl Fn() -> ObjectNews) {
        self.watchers.retain(|w| !w.to.is_closed());
        for watcher in self.watchers.iter().filter(|w| !w.down && key.is_of(&w.resource, w.namespace.as_ref())) {
            watcher.say(news());
        }
    }

    fn uid(&self) -> String {
        let (a, b) = (self.chance.draw("uid", self.made), self.chance.draw("uid-low", self.made));
        let part = |n: u64, shift: u32, mask: u64| (n >> shift) & mask;
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            part(a, 32, 0xffff_ffff),
            part(a, 16, 0xffff),
            part(a, 0, 0xfff),
            part(b, 48, 0xfff),
            part(b, 0, 0xffff_ffff_ffff)
        )
    }
}

/// Managers whose entry is not as it was have written now.
fn stamp_managers(object: &mut Value, old: Option<&Value>, now: Moment) {
    const PLACE: &str = "/metadata/managedFields";
    let before = old.and_then(|o| o.pointer(PLACE)).and_then(Value::as_array);
    let Some(entries) = object.pointer_mut(PLACE).and_then(Value::as_array_mut) else { return };
    for entry in entries {
        if !before.is_some_and(|b| b.contains(entry)) {
            field::set(entry, &["time"], json!(stamp(now)));
        }
    }
}

/// A moment as the API writes it.
pub fn stamp(at: Moment) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Whether labels fit a selector: `a=b`, `a==b`, `a!=b`, `a`, `!a`, joined by commas.
pub fn selects(selector: &str, object: &Value) -> bool {
    selector.split(',').map(str::trim).filter(|t| !t.is_empty()).all(|term| {
        if let Some((key, value)) = term.split_once("!=") {
            return field::label(object, key.trim()) != Some(value.trim());
        }
        if let Some((key, value)) = term.split_once('=') {
            return field::label(object, key.trim()) == Some(value.trim_start_matches('=').trim());
        }
        match term.strip_prefix('!') {
            Some(key) => field::label(object, key.trim()).is_none(),
            None => field::label(object, term).is_some(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (Store, Key, Moment) {
        let key = Key::new("apps", "Deployment", &Namespace::new("prod"), "web");
        (Store::new(Chance::new(1)), key, chrono::DateTime::from_timestamp(0, 0).unwrap())
    }

    #[test]
    fn a_write_that_changes_nothing_keeps_its_version_and_only_a_spec_raises_the_generation() {
        let (mut store, key, now) = store();
        let numbers = |o: &Value| {
            (field::text(o, "/metadata/resourceVersion").to_owned(), field::number(o, "/metadata/generation"))
        };
        let first = store.put(&key, json!({"spec": {"replicas": 1}}), now);
        assert_eq!(numbers(&first), ("1001".into(), Some(1)));
        assert_eq!(numbers(&store.put(&key, first.clone(), now)), ("1001".into(), Some(1)));
        let mut labelled = first.clone();
        field::set(&mut labelled, &["metadata", "labels", "a"], json!("b"));
        assert_eq!(numbers(&store.put(&key, labelled, now)), ("1002".into(), Some(1)));
        let scaled = store.put(&key, json!({"spec": {"replicas": 2}}), now);
        assert_eq!(numbers(&scaled), ("1003".into(), Some(2)));
        assert_eq!(first.pointer("/metadata/uid"), scaled.pointer("/metadata/uid"));
    }

    #[test]
    fn a_watcher_is_shown_what_is_there_and_what_becomes_of_it() {
        let (mut store, key, now) = store();
        let is = store.put(&key, json!({"spec": {}}), now);
        let mut news = store.watch(kinds::resource("apps/v1", "Deployment"), None, None);
        store.remove(&key);
        store.put(&Key::new("", "Secret", &Namespace::new("prod"), "s"), json!({}), now);
        drop(store);
        let mut seen = Vec::new();
        while let Ok(n) = news.try_recv() {
            seen.push(n);
        }
        assert_eq!(seen, [ObjectNews::Is(is.clone()), ObjectNews::Synced, ObjectNews::Gone(is)]);
    }

    #[test]
    fn selectors_read_as_kubernetes_reads_them() {
        let object = json!({"metadata": {"labels": {"owner": "helm", "name": "shop"}}});
        let cases = [
            ("", true),
            ("owner=helm,name=shop", true),
            ("owner==helm", true),
            ("owner=helm,name=other", false),
            ("name!=other", true),
            ("status", false),
            ("!status,name", true),
        ];
        for (selector, wanted) in cases {
            assert_eq!(selects(selector, &object), wanted, "{selector}");
        }
    }
}
