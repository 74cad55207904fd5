//! What a rollback does object by object, before anybody judged it: the three versions of each object and the request
//! that makes the target of the live one (helm `kube/client.go`, `update`).
//!
//! Never: reading the cluster; what is live is handed in.

use serde_json::{Value, json};

use super::api::{ObjectRef, PatchKind, Verb};
use super::choices::{Apply, Choices, Manner, Replicas};
use super::plan::{Change, Method};
use super::record::Record;
use super::{digest, manifest, ownership, threeway};
use crate::domain::name::Revision;
use crate::domain::release::Status;

/// One object of a manifest and its address.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// As the manifest has it, placed in its namespace.
    pub object: Value,
    /// Where it is.
    pub at: ObjectRef,
}

impl Item {
    /// Helm's identity of an object: name, namespace, group and kind; not the version.
    pub fn same(&self, other: &ObjectRef) -> bool {
        let (a, b) = (&self.at, other);
        (&a.name, &a.namespace, &a.resource.gvk.group, &a.resource.gvk.kind)
            == (&b.name, &b.namespace, &b.resource.gvk.group, &b.resource.gvk.kind)
    }
}

/// One object and what is done to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Op {
    /// What happens.
    pub change: Change,
    /// Where it is.
    pub at: ObjectRef,
    /// What is live.
    pub live: Option<Value>,
    /// What the newest record has.
    pub original: Option<Value>,
    /// What the target has, stamped; `None` for a deletion.
    pub modified: Option<Value>,
    /// What is sent; `None` where nothing is.
    pub verb: Option<Verb>,
}

impl Op {
    /// What is sent, as a digest: equal means the same request for the same object.
    pub fn fingerprint(&self) -> String {
        let (word, body) = match &self.verb {
            None => (format!("{:?}", self.change), Value::Null),
            Some(Verb::Create(body)) => ("create".into(), body.clone()),
            Some(Verb::Patch(kind, body)) => (format!("patch {kind:?}"), body.clone()),
            Some(Verb::PatchAs(manager, kind, body)) => (format!("patch {kind:?} as {manager}"), body.clone()),
            Some(Verb::Replace(body)) => ("replace".into(), body.clone()),
            Some(Verb::Get) => ("get".into(), Value::Null),
            Some(Verb::Delete) => ("delete".into(), Value::Null),
        };
        digest::text(&json!([word, body]).to_string()).chars().take(16).collect()
    }

    /// `Deployment prod/web`
    pub fn called(&self) -> String {
        called(&self.at)
    }
}

/// `Deployment prod/web`, `ClusterRole web`
pub fn called(at: &ObjectRef) -> String {
    let kind = &at.resource.gvk.kind;
    at.namespace.as_ref().map_or_else(|| format!("{kind} {}", at.name), |ns| format!("{kind} {ns}/{}", at.name))
}

/// A record of the history, as far as it is needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its number.
    pub revision: Revision,
    /// Its status by label.
    pub status: Status,
    /// Its object.
    pub object: Value,
}

/// A rollback, drafted.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The history, ascending.
    pub history: Vec<Stored>,
    /// The newest record.
    pub last: Record,
    /// The record whose content comes back.
    pub target: Record,
    /// How objects are patched: as the target's own record says.
    pub method: Method,
    /// What is chosen beside the target.
    pub choices: Choices,
    /// Objects of the target in its order, then deletions in the order of the newest record.
    pub ops: Vec<Op>,
    /// The objects of each hook that a rollback runs, by its place in the target's hooks.
    pub hooks: Vec<(usize, Vec<Item>)>,
}

/// The two manifests and what is live of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Objects {
    /// Of the newest record.
    pub original: Vec<Item>,
    /// Of the target.
    pub target: Vec<Item>,
    /// Live, found by address.
    pub live: Vec<(ObjectRef, Value)>,
}

/// Helm 4's `auto`: as the target's record was applied; every helm 3 record is client-side. Or as was chosen.
pub fn method(target: &Record, apply: Apply) -> Method {
    match apply {
        Apply::AsTarget => target.method.unwrap_or(Method::Csa),
        Apply::ServerSide => Method::Ssa,
        Apply::ClientSide => Method::Csa,
    }
}

/// The operations.
///
/// # Errors
/// In words, naming the object that cannot be patched as Helm would.
pub fn operations(objects: &Objects, last: &Record, how: (Method, &Choices)) -> Result<Vec<Op>, String> {
    let live_of = |at: &ObjectRef| objects.live.iter().find(|(a, _)| a == at).map(|(_, v)| v.clone());
    let mut ops = Vec::new();
    for item in &objects.target {
        let original = objects.original.iter().find(|o| o.same(&item.at)).map(|o| o.object.clone());
        let mut modified = item.object.clone();
        manifest::stamp(&mut modified, &last.name, &last.namespace);
        let live = live_of(&item.at);
        if how.1.replicas == Replicas::AsLive {
            keep_replicas(&item.at, &mut modified, live.as_ref());
        }
        let mut op =
            Op { change: Change::Create, at: item.at.clone(), live, original, modified: Some(modified), verb: None };
        decide(&mut op, how).map_err(|why| format!("{}: {why}", op.called()))?;
        ops.push(op);
    }
    for item in &objects.original {
        if objects.target.iter().any(|t| t.same(&item.at)) {
            continue;
        }
        let Some(live) = live_of(&item.at) else { continue };
        let keep = manifest::annotation(&live, manifest::RESOURCE_POLICY) == Some("keep");
        ops.push(Op {
            change: if keep { Change::Keep } else { Change::Delete },
            at: item.at.clone(),
            live: Some(live),
            original: Some(item.object.clone()),
            modified: None,
            verb: (!keep).then_some(Verb::Delete),
        });
    }
    Ok(ops)
}

/// What is sent for an object of the target, given what is live.
///
/// # Errors
/// In words, where the three versions cannot be compared as Helm would.
pub fn decide(op: &mut Op, (method, choices): (Method, &Choices)) -> Result<(), String> {
    let Some(modified) = op.modified.clone() else { return Ok(()) };
    let force = choices.forces(&op.at);
    let apply = Verb::Patch(PatchKind::Apply { force }, modified.clone());
    let (change, verb) = match (&op.live, &op.original, method) {
        (None, _, Method::Csa) => (Change::Create, Some(Verb::Create(modified))),
        (None, _, Method::Ssa) => (Change::Create, Some(apply)),
        (Some(_), original, Method::Ssa) => {
            (if original.is_some() { Change::Update } else { Change::Adopt }, Some(apply))
        }
        (Some(live), original, Method::Csa) => {
            let nothing = json!({});
            // Helm takes what is live for the baseline of what it does not know, and so deletes what the target lacks.
            let unknown = match choices.manner {
                Manner::Mended => &nothing,
                Manner::Exact => live,
            };
            let baseline = original.as_ref().unwrap_or(unknown);
            let (kind, patch) = threeway::make(&op.at.resource.gvk, baseline, &modified, live)?;
            let empty = patch.as_object().is_none_or(serde_json::Map::is_empty);
            match (empty, original) {
                (true, _) => (Change::Same, None),
                (false, Some(_)) => (Change::Update, Some(Verb::Patch(kind, patch))),
                (false, None) => (Change::Adopt, Some(Verb::Patch(kind, patch))),
            }
        }
    };
    op.change = change;
    op.verb = verb;
    Ok(())
}

/// The number of pods that is live becomes the target's.
fn keep_replicas(at: &ObjectRef, modified: &mut Value, live: Option<&Value>) {
    let gvk = &at.resource.gvk;
    let scales = gvk.group == "apps" && ["Deployment", "StatefulSet", "ReplicaSet"].contains(&gvk.kind.as_str());
    let count = live.and_then(|l| l.pointer("/spec/replicas")).filter(|_| scales);
    if let (Some(count), Some(spec)) = (count, modified.get_mut("spec").and_then(Value::as_object_mut)) {
        spec.insert("replicas".into(), count.clone());
    }
}

impl Draft {
    /// What an execution depends on: the two records as they are stored, and the very request for each object.
    ///
    /// The request, not the object's resource version: a status that moves every second must not void a plan, a spec
    /// that somebody changed must.
    pub fn depends_on(&self) -> Vec<(String, String)> {
        let record = |r: &Record| (format!("record {}", r.key()), r.resource_version.clone());
        let objects = self.ops.iter().map(|op| (op.called(), format!("request {}", op.fingerprint())));
        [record(&self.last), record(&self.target)].into_iter().chain(objects).collect()
    }
}

/// The patch that must precede a server-side apply to this object; `None` where Helm never updated it.
pub fn migration(op: &Op, method: Method) -> Option<Value> {
    match method {
        Method::Csa => None,
        Method::Ssa => op.live.as_ref().and_then(ownership::migration),
    }
}
