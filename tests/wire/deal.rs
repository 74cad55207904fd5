//! A random case from a seed: an object of some kind in the target, a variant of it in the newest revision, and what a
//! server, other managers and people have made of that.
//!
//! Never: the same seed, another case; not on another machine either.

use serde_json::{Map, Value, json};

use super::case::{Case, NAMESPACE};
use super::chance::Chance;
use super::draw::Draw;
use super::kinds::{Kind, Kinds};

/// Kinds that charts are made of are drawn more often than all others together.
const USUAL: [&str; 14] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Pod",
    "Service",
    "ServiceAccount",
    "ConfigMap",
    "PodDisruptionBudget",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "CustomResourceDefinition",
    "Cart",
];

/// The case of that seed.
pub fn case(kinds: &Kinds, seed: u64) -> Case {
    let mut draw = Draw { kinds, chance: Chance::new(seed), nulls: true };
    let usual: Vec<&Kind> = kinds.kinds.iter().filter(|k| USUAL.contains(&k.gvk.kind.as_str())).collect();
    let all = draw.chance.below(kinds.kinds.len());
    let kind = if draw.chance.percent(60) { *draw.chance.one(&usual) } else { &kinds.kinds[all] };
    let percent = [5, 15, 30][draw.chance.below(3)];
    let target = draw.object(kind, "x");
    let newest = draw.variant(kind, &target, percent);
    draw.nulls = false;
    let base = match draw.chance.below(10) {
        0 => draw.object(kind, "x"),
        1 => target.clone(),
        _ => newest.clone(),
    };
    let live = if draw.chance.percent(40) { base } else { draw.variant(kind, &base, percent) };
    let mut live = draw.lived(live, kind.namespaced.then_some(NAMESPACE));
    let owners = owners(&mut draw.chance, &live, &kind.gvk.api_version());
    let own = |e: &Value| e["manager"] == "helm" && e["operation"] == "Update" && e.get("subresource").is_none();
    let migrated = owners.as_array().is_some_and(|all| all.iter().any(own));
    live["metadata"]["managedFields"] = owners;
    let conflicts = if migrated && draw.chance.percent(15) { 1 + draw.chance.below(3) } else { 0 };
    let whole = Case { original: Some(newest), modified: Some(target), live: Some(live), conflicts };
    match draw.chance.below(100) {
        0..5 => Case { live: None, conflicts: 0, ..whole },
        5..8 => Case { live: None, original: None, conflicts: 0, ..whole },
        8..12 => Case { original: None, ..whole },
        12..16 => {
            let mut live = whole.live.unwrap_or_default();
            if draw.chance.percent(30) {
                live["metadata"]["annotations"]["helm.sh/resource-policy"] = "keep".into();
            }
            Case { modified: None, live: Some(live), conflicts: 0, ..whole }
        }
        _ => whole,
    }
}

/// Entries of managed fields, as a server would hold them: each manager once for a way and a version.
fn owners(chance: &mut Chance, object: &Value, version: &str) -> Value {
    let mut entries: Vec<Value> = Vec::new();
    for _ in 0..chance.below(5) {
        let mut entry = json!({
            "manager": *chance.one(&["helm", "helm", "helm", "kubectl", "meddler"]),
            "operation": *chance.one(&["Apply", "Update", "Update"]),
            "apiVersion": if chance.percent(85) { version } else { "old.example/v1beta1" },
            "time": *chance.one(&["2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"]),
            "fieldsType": "FieldsV1",
        });
        if chance.percent(10) {
            entry["subresource"] = (*chance.one(&["status", "scale"])).into();
        }
        let same = |e: &Value| ["manager", "operation", "apiVersion", "subresource"].iter().all(|n| e[*n] == entry[*n]);
        if !entries.iter().any(same) {
            entry["fieldsV1"] = trie(chance, object, 0);
            entries.push(entry);
        }
    }
    Value::Array(entries)
}

/// Nobody owns these.
const UNOWNED: [&str; 9] = [
    "apiVersion",
    "kind",
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
    "generation",
];

/// Some of an object's fields, in the order in which a server writes them.
fn trie(chance: &mut Chance, value: &Value, depth: usize) -> Value {
    let mut steps: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if chance.percent(60) && !UNOWNED.contains(&name.as_str()) {
                    steps.insert(format!("f:{name}"), trie(chance, value, depth + 1));
                }
            }
        }
        Value::Array(items) => {
            for item in items.iter().filter(|_| chance.percent(70)).collect::<Vec<_>>() {
                let step = match item.get("name") {
                    Some(name) => format!("k:{}", escaped(&json!({"name": name}))),
                    None if item.is_string() || item.is_number() => format!("v:{}", escaped(item)),
                    None => continue,
                };
                steps.insert(step, trie(chance, item, depth + 1));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    if depth > 0 && !steps.is_empty() && chance.percent(30) {
        steps.insert(".".into(), json!({}));
    }
    Value::Object(steps.into_iter().collect::<Map<_, _>>())
}

/// JSON inside a step, as a server writes it: Go escapes what HTML would read.
fn escaped(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
