//! The recording API server: a store of objects, discovery as helm 3 and helm 4 read it, and a note of every request.
//!
//! Patches are applied by our own rules, well enough that helm goes on; nothing is judged by what comes of them. A patch
//! that cannot be applied is answered with the object as it was. Never: defaulting, validation, watches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use backout::helm::api::{Gvk, PatchKind};
use backout::helm::apply;
use serde_json::{Value, json};

use super::kinds::{Kind, Kinds};
use super::proto;
use super::server::{self, Asked, Reply};

/// One request that would write, as the wire had it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub content_type: String,
    pub body: Value,
}

impl Wire {
    pub fn is_dry(&self) -> bool {
        self.query.contains_key("dryRun")
    }
}

/// Objects by path, and what was asked.
#[derive(Default)]
pub struct Store {
    pub objects: BTreeMap<String, Value>,
    pub wires: Vec<Wire>,
    /// How often a write to that path is still refused with a conflict.
    pub conflicts: BTreeMap<String, usize>,
}

/// A running server.
#[derive(Clone)]
pub struct Api {
    pub address: String,
    store: Arc<Mutex<Store>>,
}

impl Api {
    pub fn start(kinds: Arc<Kinds>) -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let held = Arc::clone(&store);
        let address = server::serve(move |asked| held.lock().expect("the store").answer(&kinds, asked));
        Self { address, store }
    }

    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("the store")
    }
}

/// Where an object is served.
pub fn path(kind: &Kind, namespace: &str, name: &str) -> String {
    let root =
        if kind.gvk.group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{}", kind.gvk.api_version()) };
    let inside = if kind.namespaced { format!("/namespaces/{namespace}") } else { String::new() };
    format!("{root}{inside}/{}/{name}", kind.plural)
}

fn reply(status: u16, body: &Value) -> Reply {
    (status, "application/json", body.to_string().into_bytes())
}

fn refusal(code: u16, reason: &str) -> Reply {
    reply(
        code,
        &json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
        "message": format!("the recording server says {reason}"), "metadata": {}}),
    )
}

impl Store {
    fn answer(&mut self, kinds: &Kinds, asked: &Asked) -> Reply {
        let path = asked.path.as_str();
        if let Some(answer) = discovery(kinds, asked) {
            return answer;
        }
        if path.ends_with("/selfsubjectaccessreviews") {
            return reply(
                201,
                &json!({"kind": "SelfSubjectAccessReview",
                "apiVersion": "authorization.k8s.io/v1", "status": {"allowed": true}}),
            );
        }
        if asked.method == "GET" {
            let query = query(&asked.query);
            return match self.objects.get(path) {
                Some(object) => reply(200, object),
                None => match kinds.kinds.iter().find(|k| path.ends_with(&format!("/{}", k.plural))) {
                    Some(kind) => reply(200, &self.list(kind, path, query.get("labelSelector"))),
                    None => refusal(404, "NotFound"),
                },
            };
        }
        let body =
            proto::object(&asked.body).unwrap_or_else(|| serde_json::from_slice(&asked.body).unwrap_or_default());
        let wire = Wire {
            method: asked.method.clone(),
            path: path.to_owned(),
            query: query(&asked.query),
            content_type: asked.content_type.clone(),
            body,
        };
        self.wires.push(wire.clone());
        self.write(&wire)
    }

    fn write(&mut self, wire: &Wire) -> Reply {
        if let Some(left) = self.conflicts.get_mut(&wire.path).filter(|left| **left > 0 && !wire.is_dry()) {
            *left -= 1;
            return refusal(409, "Conflict");
        }
        let path = if wire.method == "POST" {
            format!("{}/{}", wire.path, wire.body["metadata"]["name"].as_str().unwrap_or_default())
        } else {
            wire.path.clone()
        };
        let live = self.objects.get(&path).cloned();
        let gvk =
            |o: &Value| Gvk::new(o["apiVersion"].as_str().unwrap_or_default(), o["kind"].as_str().unwrap_or_default());
        let new = match (wire.method.as_str(), live) {
            ("POST", Some(_)) => return refusal(409, "AlreadyExists"),
            ("POST" | "PUT", _) => wire.body.clone(),
            ("DELETE", Some(live)) => {
                if !wire.is_dry() {
                    self.objects.remove(&path);
                }
                return reply(200, &live);
            }
            ("PATCH", Some(live)) => {
                let kind = patch_kind(wire);
                let mut new =
                    kind.and_then(|k| apply::patch(k, &gvk(&live), &live, &wire.body).ok()).unwrap_or(live.clone());
                // An object stays what and where it is, whatever a patch says.
                for name in ["apiVersion", "kind"] {
                    new[name] = live[name].clone();
                }
                for name in ["name", "namespace"].into_iter().filter(|n| live["metadata"].get(n).is_some()) {
                    new["metadata"][name] = live["metadata"][name].clone();
                }
                new
            }
            ("PATCH", None) if wire.content_type.starts_with("application/apply-patch") => wire.body.clone(),
            _ => return refusal(404, "NotFound"),
        };
        if !wire.is_dry() {
            self.objects.insert(path, new.clone());
        }
        reply(200, &new)
    }

    /// The objects below a path, of one namespace or of all, that carry these labels.
    fn list(&self, kind: &Kind, path: &str, labels: Option<&String>) -> Value {
        let (head, plural) = path.rsplit_once('/').unwrap_or_default();
        let selector = labels.map(String::as_str).unwrap_or_default();
        let items: Vec<&Value> = self
            .objects
            .iter()
            .filter(|(p, _)| p.strip_prefix(head).is_some_and(|rest| rest.rsplit('/').nth(1) == Some(plural)))
            .map(|(_, o)| o)
            .filter(|o| selects(selector, o))
            .collect();
        json!({"kind": format!("{}List", kind.gvk.kind), "apiVersion": kind.gvk.api_version(),
            "metadata": {"resourceVersion": "1"}, "items": items})
    }
}

/// `a=b,c=d`: no other selectors are asked for.
fn selects(selector: &str, object: &Value) -> bool {
    let label = |pair: &str| pair.split_once('=').is_none_or(|(k, v)| object["metadata"]["labels"][k] == v);
    selector.split(',').all(label)
}

fn patch_kind(wire: &Wire) -> Option<PatchKind> {
    Some(match wire.content_type.split(';').next()? {
        "application/strategic-merge-patch+json" => PatchKind::Strategic,
        "application/merge-patch+json" => PatchKind::Merge,
        "application/json-patch+json" => PatchKind::Json,
        "application/apply-patch+yaml" => PatchKind::Apply { force: true },
        _ => return None,
    })
}

fn query(text: &str) -> BTreeMap<String, String> {
    let plain = |t: &str| t.replace("%3D", "=").replace("%2C", ",").replace("%21", "!");
    let pair = |p: &str| p.split_once('=').map_or((p.to_owned(), String::new()), |(k, v)| (k.to_owned(), plain(v)));
    // A time limit is the client's own matter, and no force is what is meant where nothing is said.
    let meant = |(k, v): &(String, String)| k != "timeout" && (k.as_str(), v.as_str()) != ("force", "false");
    text.split('&').filter(|p| !p.is_empty()).map(pair).filter(meant).collect()
}

/// `/version`, `/api`, `/apis` (aggregated), `/apis/GROUP/VERSION`.
fn discovery(kinds: &Kinds, asked: &Asked) -> Option<Reply> {
    const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    let aggregated = |core: bool| {
        let list = json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
            "items": groups(kinds, core)});
        (200, AGGREGATED, list.to_string().into_bytes())
    };
    match asked.path.as_str() {
        "/version" => Some(reply(200, &json!({"major": "1", "minor": "36", "gitVersion": "v1.36.3"}))),
        "/api" => Some(aggregated(true)),
        "/apis" => Some(aggregated(false)),
        path => {
            let version = path.strip_prefix("/apis/").or_else(|| path.strip_prefix("/api/"))?;
            let of = |k: &&Kind| k.gvk.api_version() == version;
            let resource = |k: &Kind| {
                json!({"name": k.plural, "singularName": "", "namespaced": k.namespaced,
                "kind": k.gvk.kind, "verbs": ["get", "patch"]})
            };
            let resources: Vec<Value> = kinds.kinds.iter().filter(of).map(resource).collect();
            (!resources.is_empty()).then(|| {
                reply(
                    200,
                    &json!({"kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": version, "resources": resources}),
                )
            })
        }
    }
}

fn groups(kinds: &Kinds, core: bool) -> Vec<Value> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, Vec<Value>>> = BTreeMap::new();
    for kind in kinds.kinds.iter().filter(|k| k.gvk.group.is_empty() == core) {
        let Gvk { group, version, kind: name } = &kind.gvk;
        let scope = if kind.namespaced { "Namespaced" } else { "Cluster" };
        let verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];
        groups.entry(group).or_default().entry(version).or_default().push(json!({"resource": kind.plural,
            "responseKind": {"group": group, "version": version, "kind": name}, "scope": scope,
            "singularResource": name.to_lowercase(), "verbs": verbs}));
    }
    let version = |(version, resources): (&str, Vec<Value>)| json!({"version": version, "resources": resources, "freshness": "Current"});
    let group = |(name, versions): (&str, BTreeMap<&str, Vec<Value>>)| json!({"metadata": {"name": name}, "versions": versions.into_iter().map(version).collect::<Vec<_>>()});
    groups.into_iter().map(group).collect()
}
