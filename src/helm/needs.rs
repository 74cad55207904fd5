//! What the target's pods need that is not in the target: ConfigMaps, Secrets, accounts, claims. A rollback brings none of
//! them back, and without them no pod starts.
//!
//! Never: a value; only names and keys are looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::api::{Gvk, ObjectRef, Resource};
use super::draft::{Draft, Op, called};
use super::plan::{Change, Finding, Level};
use super::risks::finding;
use super::{images, manifest, ownership};
use crate::domain::moment::{Moment, long, since};
use crate::domain::name::Namespace;
use crate::domain::text::clean;

/// One thing that pods need, and which keys of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Where it has to be.
    pub at: ObjectRef,
    /// Keys that are read by name.
    pub keys: BTreeSet<String>,
    /// Whose pods need it: `Deployment prod/web`.
    pub by: BTreeSet<String>,
}

/// What was found in its place.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It is there.
    There(Value),
    /// It is not.
    Missing,
}

/// Everything that pods of changed or created workloads need from outside the target.
pub fn of(draft: &Draft) -> Vec<Need> {
    let mut all: BTreeMap<ObjectRef, Need> = BTreeMap::new();
    for op in draft.ops.iter().filter(|o| o.verb.is_some()) {
        let Some((spec, namespace)) = op.modified.as_ref().and_then(images::pod_spec).zip(op.at.namespace.as_ref())
        else {
            continue;
        };
        let own = claims_of_its_own(op);
        for (kind, name, key) in named(spec, Optional::Not) {
            let at = place(kind, name, namespace);
            let made = draft.ops.iter().any(|o| o.modified.is_some() && o.at == at);
            if made || name.is_empty() || (kind == "PersistentVolumeClaim" && own.contains(name)) {
                continue;
            }
            let empty = || Need { at: at.clone(), keys: BTreeSet::new(), by: BTreeSet::new() };
            let need = all.entry(at.clone()).or_insert_with(empty);
            need.keys.extend(key.map(str::to_owned));
            need.by.insert(op.called());
        }
    }
    all.into_values().collect()
}

/// Claims that a StatefulSet makes by itself are named like its volumes.
fn claims_of_its_own(op: &Op) -> BTreeSet<&str> {
    let templates =
        op.modified.as_ref().and_then(|m| m.pointer("/spec/volumeClaimTemplates")).and_then(Value::as_array);
    templates.into_iter().flatten().map(manifest::name).collect()
}

fn place(kind: &str, name: &str, namespace: &Namespace) -> ObjectRef {
    let plural = format!("{}s", kind.to_lowercase());
    let resource = Resource { gvk: Gvk::new("v1", kind), plural, namespaced: true };
    ObjectRef { resource, namespace: Some(namespace.clone()), name: name.to_owned() }
}

/// Kind, name and key.
pub type Named<'a> = (&'static str, &'a str, Option<&'a str>);

/// Whether what a pod spec calls optional counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// A pod starts without it.
    Not,
    /// A pod reads it where it is.
    Too,
}

/// Kind, name and key of everything that a pod spec names.
pub fn named(spec: &Value, optional: Optional) -> Vec<Named<'_>> {
    let source = |from, field, kind, name| source(from, field, kind, name, optional);
    let mut all = Vec::new();
    let account = text(spec, "/serviceAccountName").filter(|a| *a != "default");
    all.extend(account.map(|name| ("ServiceAccount", name, None)));
    for secret in list(spec, "imagePullSecrets") {
        all.extend(text(secret, "/name").map(|name| ("Secret", name, None)));
    }
    for container in list(spec, "initContainers").chain(list(spec, "containers")) {
        for from in list(container, "envFrom") {
            all.extend(source(from, "configMapRef", "ConfigMap", "/name"));
            all.extend(source(from, "secretRef", "Secret", "/name"));
        }
        for from in list(container, "env").filter_map(|e| e.get("valueFrom")) {
            for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                let key = from.get(field).and_then(|f| text(f, "/key"));
                all.extend(source(from, field, kind, "/name").map(|(kind, name, _)| (kind, name, key)));
            }
        }
    }
    for volume in list(spec, "volumes") {
        all.extend(source(volume, "configMap", "ConfigMap", "/name"));
        all.extend(source(volume, "secret", "Secret", "/secretName"));
        all.extend(source(volume, "persistentVolumeClaim", "PersistentVolumeClaim", "/claimName"));
        for projected in volume.get("projected").into_iter().flat_map(|p| list(p, "sources")) {
            all.extend(source(projected, "configMap", "ConfigMap", "/name"));
            all.extend(source(projected, "secret", "Secret", "/name"));
        }
    }
    all
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn source<'a>(from: &'a Value, field: &str, kind: &'static str, name: &str, optional: Optional) -> Option<Named<'a>> {
    let needed = |f: &&Value| optional == Optional::Too || f.get("optional") != Some(&Value::Bool(true));
    let named = from.get(field).filter(needed)?;
    Some((kind, named.pointer(name).and_then(Value::as_str)?, None))
}

/// What to know of them.
pub fn findings(draft: &Draft, found: &[(Need, Found)], now: Moment) -> Vec<Finding> {
    found.iter().filter_map(|(need, found)| judged(draft, need, found, now)).collect()
}

fn judged(draft: &Draft, need: &Need, found: &Found, now: Moment) -> Option<Finding> {
    let (what, by) = (called(&need.at), need.by.iter().cloned().collect::<Vec<_>>().join(", "));
    let object = match found {
        Found::Missing => {
            let sentence = format!("{what} does not exist, and {by} of the target needs it: no pod will start");
            let cure = "Create it first; it is not part of the release, so no rollback brings it back.";
            return Some(finding(Level::Confirm, sentence, cure));
        }
        Found::There(object) => object,
    };
    if draft.ops.iter().any(|o| o.change == Change::Delete && o.at == need.at) {
        let sentence = format!("{what} is deleted by this rollback, but {by} of the target needs it");
        let cure = "Annotate it with helm.sh/resource-policy: keep.";
        return Some(finding(Level::Confirm, sentence, cure));
    }
    let has = |key: &&String| {
        ["data", "binaryData", "stringData"].iter().any(|part| object.get(*part).is_some_and(|p| p.get(*key).is_some()))
    };
    let lacking: Vec<String> = need.keys.iter().filter(|k| !has(k)).map(|k| clean(k)).collect();
    if !lacking.is_empty() {
        let keys = lacking.join(", ");
        let sentence = format!("{what} has no key {keys}, which {by} of the target reads: no pod will start");
        return Some(finding(Level::Confirm, sentence, "Add the key first; the rollback does not bring it back."));
    }
    let configures = ["ConfigMap", "Secret"].contains(&need.at.resource.gvk.kind.as_str());
    let changed = ownership::last_written(object).filter(|at| configures && *at > draft.target.updated())?;
    let sentence = format!(
        "{what} was changed {} ago, after revision {} was written: {by} will run with what it says now",
        long(since(changed, now)),
        draft.target.revision
    );
    Some(finding(Level::Warn, sentence, ""))
}
