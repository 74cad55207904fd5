//! Pod templates as an undo compares and copies them.
//!
//! Never: a template with the hash of a ReplicaSet in it; the Deployment's own has none (kubectl
//! `polymorphichelpers/rollback.go`, `equalIgnoreHash`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::domain::name::Image;

/// The label by which a ReplicaSet tells its pods.
const HASH: &str = "pod-template-hash";

/// Annotations that stay the workload's own and are not taken from the revision (kubectl `annotationsToSkip`).
const OWN: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// The template as it goes into the workload: without the hash, and without the mark of a stored patch.
pub fn bare(template: &Value) -> Value {
    let mut bare = template.clone();
    if let Some(map) = bare.as_object_mut() {
        map.shift_remove("$patch");
    }
    if let Some(labels) = bare.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.shift_remove(HASH);
    }
    bare
}

/// Whether two templates make the same pods. What is absent and what is empty is the same in a template's metadata.
pub fn same(one: &Value, other: &Value) -> bool {
    canonical(one) == canonical(other)
}

fn canonical(template: &Value) -> Value {
    let mut bare = bare(template);
    let empty = |v: &Value| v.is_null() || v.as_object().is_some_and(Map::is_empty);
    if let Some(metadata) = bare.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|_, v| !empty(v));
    }
    if bare.get("metadata").is_some_and(empty)
        && let Some(map) = bare.as_object_mut()
    {
        map.shift_remove("metadata");
    }
    bare
}

/// The annotations of a Deployment after an undo: its own bookkeeping stays, everything else is the revision's; what the
/// revision does not have is dropped.
pub fn annotations(live: &Value, kept: &Map<String, Value>) -> Map<String, Value> {
    let live = live.pointer("/metadata/annotations").and_then(Value::as_object);
    let own = live.into_iter().flatten().filter(|(k, _)| OWN.contains(&k.as_str()));
    let taken = kept.iter().filter(|(k, _)| !OWN.contains(&k.as_str()));
    let sorted: BTreeMap<&String, &Value> = own.chain(taken).collect();
    sorted.into_iter().map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// The images of a template by container, in order.
pub fn images(template: &Value) -> Vec<(String, Image)> {
    let containers = template.pointer("/spec/containers").and_then(Value::as_array);
    let text = |c: &Value, n: &str| c.get(n).and_then(Value::as_str).unwrap_or_default().to_owned();
    containers.into_iter().flatten().map(|c| (text(c, "name"), Image::new(&text(c, "image")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn templates_are_compared_without_the_hash_and_without_empty_metadata() {
        let live = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"image": "web:1"}]}});
        let cases = [
            (
                json!({"metadata": {"labels": {"app": "web", "pod-template-hash": "7d9f"}},
                    "spec": {"containers": [{"image": "web:1"}]}}),
                true,
            ),
            (
                json!({"metadata": {"creationTimestamp": null, "annotations": {}, "labels": {"app": "web"}},
                    "spec": {"containers": [{"image": "web:1"}]}, "$patch": "replace"}),
                true,
            ),
            (json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"image": "web:2"}]}}), false),
            (
                json!({"metadata": {"labels": {"app": "web"}, "annotations": {"a": "b"}},
                    "spec": {"containers": [{"image": "web:1"}]}}),
                false,
            ),
        ];
        for (kept, wanted) in cases {
            assert_eq!(same(&kept, &live), wanted, "{kept}");
        }
    }

    #[test]
    fn annotations_are_the_revisions_but_the_bookkeeping_stays() {
        let live = json!({"metadata": {"annotations": {
            "deployment.kubernetes.io/revision": "5", "kubectl.kubernetes.io/last-applied-configuration": "{}",
            "kubernetes.io/change-cause": "bad", "note": "only now", "meta.helm.sh/release-name": "shop"}}});
        let kept = json!({"deployment.kubernetes.io/revision": "3", "deployment.kubernetes.io/max-replicas": "4",
            "kubernetes.io/change-cause": "good", "meta.helm.sh/release-name": "shop"});
        let wanted = json!({"deployment.kubernetes.io/revision": "5",
            "kubectl.kubernetes.io/last-applied-configuration": "{}", "kubernetes.io/change-cause": "good",
            "meta.helm.sh/release-name": "shop"});
        assert_eq!(Value::Object(annotations(&live, kept.as_object().unwrap())), wanted);
    }
}
