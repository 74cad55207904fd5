//! What a side is after a rollback, without what must differ: uids, versions, times, addresses that the server allots.
//!
//! Never: dropping what helm or we write. Field managers stay with their operations and fields.

use std::collections::BTreeMap;

use backout::helm::payload;
use serde_json::{Value, json};

pub type Objects = BTreeMap<String, Value>;
/// By namespace.
pub type Namespaces = BTreeMap<String, Objects>;

/// The objects of a namespace, comparable with those of another. `before` is the same namespace before the rollback: an
/// object made anew is told from one that was changed.
pub fn comparable(now: &Objects, before: &Objects, namespace: &str) -> Objects {
    let mut text: BTreeMap<String, String> = BTreeMap::new();
    for (called, object) in now {
        // The lock is ours alone, by design; helm has none.
        if called == "Lease backout-par" {
            continue;
        }
        let anew = before.get(called).is_none_or(|b| b["metadata"]["uid"] != object["metadata"]["uid"]);
        let mut object = object.clone();
        normal(&mut object, anew);
        text.insert(called.clone(), object.to_string().replace(namespace, "NAMESPACE"));
    }
    for (called, object) in now.iter().chain(before) {
        let uid = object["metadata"]["uid"].as_str().unwrap_or("-").to_owned();
        let name = format!("uid of {called}");
        text.values_mut().filter(|t| t.contains(&uid)).for_each(|t| *t = t.replace(&uid, &name));
    }
    text.into_iter().map(|(called, t)| (called, serde_json::from_str(&t).expect("JSON"))).collect()
}

fn normal(object: &mut Value, anew: bool) {
    // A status is its controller's, and moves by itself.
    remove(object, "status");
    let metadata = &mut object["metadata"];
    for field in ["resourceVersion", "creationTimestamp"] {
        remove(metadata, field);
    }
    metadata["uid"] = if anew { "made by the rollback" } else { "as before" }.into();
    for stamp in ["createdAt", "modifiedAt"] {
        if let Some(value) = metadata["labels"].as_object_mut().and_then(|l| l.get_mut(stamp)) {
            *value = "TIME".into();
        }
    }
    if let Some(entries) = metadata.get_mut("managedFields").and_then(Value::as_array_mut) {
        entries.retain(|e| e["subresource"] != "status");
        for entry in entries.iter_mut() {
            remove(entry, "time");
        }
        // The server sorts them by time.
        entries.sort_by_key(|e| format!("{}{}{}{}", e["manager"], e["operation"], e["subresource"], e["apiVersion"]));
    }
    let spec = &mut object["spec"];
    if spec.is_object() {
        for allotted in ["clusterIP", "clusterIPs", "healthCheckNodePort", "nodeName"] {
            if let Some(value) = spec.get_mut(allotted).filter(|v| **v != "None") {
                *value = "ALLOTTED".into();
            }
        }
        for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(value) = port.get_mut("nodePort") {
                *value = "ALLOTTED".into();
            }
        }
    }
    if object["metadata"]["labels"]["owner"] == "helm"
        && let Ok(json) = payload::text(object).and_then(|t| payload::inflate(&t))
        && let Ok(mut release) = serde_json::from_slice::<Value>(&json)
    {
        timeless(&mut release);
        object["data"] = json!({ "release": release });
    }
}

fn remove(value: &mut Value, member: &str) {
    if let Some(map) = value.as_object_mut() {
        map.remove(member);
    }
}

/// The times of a release that are its own; those of its chart's files are not.
fn timeless(release: &mut Value) {
    let mut stamps: Vec<&mut Value> = Vec::new();
    if let Some(info) = release.get_mut("info").and_then(Value::as_object_mut) {
        stamps.extend(info.iter_mut().filter(|(k, _)| k.ends_with("_deployed") || *k == "deleted").map(|(_, v)| v));
    }
    for value in stamps {
        timed(value);
    }
    let hooks: Vec<&mut Value> = release.get_mut("hooks").and_then(Value::as_array_mut).into_iter().flatten().collect();
    let started = |hook: &Value| time(&hook["last_run"]["started_at"]);
    let mut order: Vec<_> = hooks.iter().filter_map(|h| started(h)).collect();
    order.sort();
    for hook in hooks {
        // When a hook began is its own; which of them began first is not.
        let place = started(hook).and_then(|at| order.iter().position(|t| *t == at));
        if let Some(run) = hook["last_run"].as_object_mut() {
            if let Some(completed) = run.get_mut("completed_at") {
                timed(completed);
            }
            if let Some(place) = place {
                run.insert("started_at".into(), format!("TIME, as number {}", place + 1).into());
            }
        }
    }
}

fn time(value: &Value) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok()
}

/// A time is a time; what is none stays as it is.
fn timed(value: &mut Value) {
    if time(value).is_some() {
        *value = "TIME".into();
    }
}

/// Every place where two states differ: `Secret x /data/release/info/status: "failed" | "deployed"`, helm's first.
pub fn differences(theirs: &Objects, ours: &Objects) -> Vec<String> {
    let mut all = Vec::new();
    let names: std::collections::BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
    for name in names {
        match (theirs.get(name), ours.get(name)) {
            (Some(a), Some(b)) => differ(&format!("{name} "), a, b, &mut all),
            (Some(_), None) => all.push(format!("{name}: only helm's")),
            (None, _) => all.push(format!("{name}: only ours")),
        }
    }
    all
}

fn differ(at: &str, a: &Value, b: &Value, all: &mut Vec<String>) {
    if a == b {
        return;
    }
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let names: std::collections::BTreeSet<_> = x.keys().chain(y.keys()).collect();
            for name in names {
                match (x.get(name), y.get(name)) {
                    (Some(a), Some(b)) => differ(&format!("{at}/{name}"), a, b, all),
                    (a, b) => all.push(format!("{at}/{name}: {} | {}", short(a), short(b))),
                }
            }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            for (place, (a, b)) in x.iter().zip(y).enumerate() {
                differ(&format!("{at}/{place}"), a, b, all);
            }
        }
        _ => all.push(format!("{at}: {} | {}", short(Some(a)), short(Some(b)))),
    }
}

fn short(value: Option<&Value>) -> String {
    value.map_or_else(|| "-".into(), |v| v.to_string().chars().take(400).collect())
}
