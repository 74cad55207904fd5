//! Objects of any kind, whole: as members of a list, and followed as they change.
//!
//! Never: silence about an object that vanished while the watch was down.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use serde_json::{Value, json};

use crate::domain::name::Namespace;
use crate::helm::api::Resource;
use crate::ports::ObjectNews;

use super::address;
use super::connect::Connection;
use super::follow::{Extent, Followed, Seen, follow};

/// The members of a list, each with the `apiVersion` and `kind` that the API server leaves out of lists.
pub(super) fn members(list: Value) -> Vec<Value> {
    let Value::Object(mut list) = list else { return Vec::new() };
    let text = |v: Option<&Value>| v.and_then(Value::as_str).unwrap_or_default().to_owned();
    let api_version = text(list.get("apiVersion"));
    let kind = text(list.get("kind")).strip_suffix("List").map(str::to_owned).unwrap_or_default();
    let Some(Value::Array(items)) = list.remove("items") else { return Vec::new() };
    items.into_iter().map(|item| typed(item, &api_version, &kind)).collect()
}

fn typed(mut object: Value, api_version: &str, kind: &str) -> Value {
    if let Value::Object(members) = &mut object {
        for (name, value) in [("apiVersion", api_version), ("kind", kind)] {
            if !value.is_empty() {
                members.entry(name).or_insert_with(|| value.into());
            }
        }
    }
    object
}

/// Objects of a resource as they are and as they change.
pub(super) fn watch(
    connection: Arc<Connection>,
    resource: &Resource,
    namespace: Option<&Namespace>,
) -> BoxStream<'static, ObjectNews> {
    let scope = namespace.map(Namespace::as_str);
    let followed = Followed {
        path: address::of(resource, scope),
        labels: "",
        fields: "",
        extent: Extent::Whole,
        resource: resource.plural.clone(),
        namespace: scope.map(str::to_owned),
    };
    let mut known =
        Known { api_version: resource.gvk.api_version(), kind: resource.gvk.kind.clone(), ..Known::default() };
    let seen = follow::<Value>(connection, followed);
    seen.flat_map(move |seen| stream::iter(known.fold(seen))).boxed()
}

type Key = (String, String);

#[derive(Default)]
struct Known {
    api_version: String,
    kind: String,
    /// Uid by namespace and name.
    there: BTreeMap<Key, String>,
    listed: BTreeMap<Key, String>,
}

impl Known {
    fn fold(&mut self, seen: Seen<Value>) -> Vec<ObjectNews> {
        match seen {
            Seen::Page { first, items, last } => {
                if first {
                    self.listed.clear();
                }
                let mut news = Vec::with_capacity(items.len());
                for item in items {
                    let object = typed(item, &self.api_version, &self.kind);
                    let (key, uid) = identity(&object);
                    self.listed.insert(key, uid);
                    news.push(ObjectNews::Is(object));
                }
                if last {
                    let before = std::mem::replace(&mut self.there, std::mem::take(&mut self.listed));
                    let gone = before.into_iter().filter(|(key, _)| !self.there.contains_key(key));
                    let gone: Vec<ObjectNews> =
                        gone.map(|(key, uid)| ObjectNews::Gone(self.remains(&key, &uid))).collect();
                    news.splice(0..0, gone);
                    news.push(ObjectNews::Synced);
                }
                news
            }
            Seen::Is(object) => {
                let (key, uid) = identity(&object);
                self.there.insert(key, uid);
                vec![ObjectNews::Is(object)]
            }
            Seen::Gone(object) => {
                self.there.remove(&identity(&object).0);
                vec![ObjectNews::Gone(object)]
            }
            Seen::Steady => Vec::new(),
            Seen::Failing(fault) | Seen::Silent(fault, _) => vec![ObjectNews::Failing(fault)],
        }
    }

    /// What is known of an object that vanished unseen.
    fn remains(&self, (namespace, name): &Key, uid: &str) -> Value {
        let mut metadata = json!({"name": name, "uid": uid});
        if !namespace.is_empty() {
            metadata["namespace"] = namespace.as_str().into();
        }
        json!({"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata})
    }
}

fn identity(object: &Value) -> (Key, String) {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    ((text("/metadata/namespace"), text("/metadata/name")), text("/metadata/uid"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "prod", "name": name, "uid": format!("uid-{name}")}})
    }

    #[test]
    fn an_object_that_vanished_while_the_watch_was_down_is_told_gone() {
        let mut known = Known { api_version: "v1".into(), kind: "Pod".into(), ..Known::default() };
        let page =
            |names: &[&str]| Seen::Page { first: true, items: names.iter().map(|n| pod(n)).collect(), last: true };
        assert_eq!(
            known.fold(page(&["a", "b"])),
            vec![ObjectNews::Is(pod("a")), ObjectNews::Is(pod("b")), ObjectNews::Synced]
        );
        assert_eq!(
            known.fold(page(&["b"])),
            vec![ObjectNews::Gone(pod("a")), ObjectNews::Is(pod("b")), ObjectNews::Synced]
        );
    }

    #[test]
    fn the_members_of_a_list_get_the_kind_that_the_server_leaves_out() {
        let list = json!({"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{"metadata": {"name": "web"}}]});
        let wanted = json!({"metadata": {"name": "web"}, "apiVersion": "apps/v1", "kind": "Deployment"});
        assert_eq!(members(list), vec![wanted]);
    }
}
