//! Whether a namespace's quotas leave room for the pods that a rollout starts beside the old ones.
//!
//! Never: exact about what a scheduler will do; a quota is compared with the most that can be asked for at once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::{Draft, Op};
use super::plan::{Change, Finding, Level};
use super::risks::finding;
use super::{images, manifest};
use crate::domain::name::Namespace;
use crate::domain::text::clean;

/// A Kubernetes quantity in its base unit: cores, bytes, pieces (apimachinery `resource.Quantity`).
pub fn quantity(value: &Value) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 13] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
    ];
    let text = match value {
        Value::Number(n) => return n.as_f64(),
        Value::String(text) => text.as_str(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let split = SUFFIXES.iter().find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)));
    let (number, factor) = split.unwrap_or((text, 1.0));
    number.parse::<f64>().ok().map(|n| n * factor)
}

/// What each quota lacks for this rollback.
pub fn findings(draft: &Draft, quotas: &[Value]) -> Vec<Finding> {
    let mut all = Vec::new();
    for quota in quotas {
        let Some(namespace) = manifest::namespace(quota) else { continue };
        // A quota with scopes counts only some pods; which, is not ours to guess.
        if quota.pointer("/spec/scopes").is_some() || quota.pointer("/spec/scopeSelector").is_some() {
            continue;
        }
        let wanted = wanted(draft, &namespace);
        let hard = quota.pointer("/status/hard").and_then(Value::as_object);
        for (key, limit) in hard.into_iter().flatten() {
            let used = quota.pointer("/status/used").and_then(|u| u.get(key)).and_then(quantity).unwrap_or(0.0);
            let (Some(limit_number), Some(more)) = (quantity(limit), wanted.get(counted(key))) else { continue };
            if *more > 0.0 && used + more > limit_number {
                let (name, limit) = (clean(manifest::name(quota)), clean(&shown(limit)));
                let used = quota.pointer("/status/used").and_then(|u| u.get(key)).map_or_else(String::new, shown);
                let sentence = format!(
                    "ResourceQuota {namespace}/{name} allows {key} {limit}, {} are used: the new pods do not fit beside \
                     the old ones",
                    clean(&used)
                );
                let cure = "The rollout goes slower, or stands still where no old pod may go first: raise the quota.";
                all.push(finding(Level::Warn, sentence, cure));
            }
        }
    }
    all
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Different names of one limit.
fn counted(key: &str) -> &str {
    match key {
        "count/pods" => "pods",
        "cpu" => "requests.cpu",
        "memory" => "requests.memory",
        other => other,
    }
}

/// The most that is asked for beside what runs, by the name of the limit.
fn wanted(draft: &Draft, namespace: &Namespace) -> BTreeMap<&'static str, f64> {
    let mut all = BTreeMap::new();
    let changed = |o: &&Op| o.at.namespace.as_ref() == Some(namespace) && o.verb.is_some();
    for op in draft.ops.iter().filter(changed) {
        let (Some(modified), pods) = (&op.modified, more_pods(op)) else { continue };
        if pods <= 0.0 {
            continue;
        }
        *all.entry("pods").or_insert(0.0) += pods;
        let list = images::pod_spec(modified).and_then(|s| s.get("containers")).and_then(Value::as_array);
        for container in list.into_iter().flatten() {
            for (key, path) in [
                ("requests.cpu", "/resources/requests/cpu"),
                ("requests.memory", "/resources/requests/memory"),
                ("limits.cpu", "/resources/limits/cpu"),
                ("limits.memory", "/resources/limits/memory"),
            ] {
                let one = container.pointer(path).and_then(quantity).unwrap_or(0.0);
                *all.entry(key).or_insert(0.0) += one * pods;
            }
        }
    }
    all
}

/// Pods of a workload that may run beside those that run now: the surge of a rolling update, and what is scaled up.
fn more_pods(op: &Op) -> f64 {
    let Some(modified) = &op.modified else { return 0.0 };
    let count = |o: &Value| o.pointer("/spec/replicas").and_then(Value::as_f64).unwrap_or(1.0);
    let target = count(modified);
    match (op.at.resource.gvk.kind.as_str(), &op.live) {
        ("Deployment" | "StatefulSet", None) => target,
        ("Deployment", Some(live)) => {
            let template = |o: &Value| images::pod_spec(o).map(|_| images::of(o));
            let rolls = op.change == Change::Update && template(live) != template(modified);
            let recreates = modified.pointer("/spec/strategy/type").and_then(Value::as_str) == Some("Recreate");
            let surge = match modified.pointer("/spec/strategy/rollingUpdate/maxSurge") {
                Some(Value::Number(n)) => n.as_f64().unwrap_or(0.0),
                Some(Value::String(percent)) => {
                    let share = percent.trim_end_matches('%').parse::<f64>().unwrap_or(25.0) / 100.0;
                    (target * share).ceil()
                }
                Some(_) | None => (target * 0.25).ceil(),
            };
            let surge = if rolls && !recreates { surge } else { 0.0 };
            (target - count(live)).max(0.0) + surge
        }
        ("StatefulSet", Some(live)) => (target - count(live)).max(0.0),
        ("Pod", None) => 1.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_are_kubernetes_own() {
        let cases = [("250m", 0.25), ("2", 2.0), ("1Gi", 1_073_741_824.0), ("1.5k", 1500.0), ("3e2", 300.0)];
        for (text, wanted) in cases {
            assert_eq!(quantity(&json!(text)), Some(wanted), "{text}");
        }
        assert_eq!((quantity(&json!(4)), quantity(&json!("much"))), (Some(4.0), None));
    }
}
