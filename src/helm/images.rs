//! Which images a manifest runs, by workload.
//!
//! Never: what runs in fact; that is for the live objects.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::name::{Image, Service};

/// Kinds that bring up pods, and where their pod template is.
const POD_TEMPLATES: [(&str, &str); 8] = [
    ("Deployment", "/spec/template/spec"),
    ("StatefulSet", "/spec/template/spec"),
    ("DaemonSet", "/spec/template/spec"),
    ("ReplicaSet", "/spec/template/spec"),
    ("ReplicationController", "/spec/template/spec"),
    ("Job", "/spec/template/spec"),
    ("CronJob", "/spec/jobTemplate/spec/template/spec"),
    ("Pod", "/spec"),
];

/// The pod spec within an object, where it has one.
pub fn pod_spec(object: &Value) -> Option<&Value> {
    let kind = object.get("kind").and_then(Value::as_str)?;
    let (_, path) = POD_TEMPLATES.iter().find(|(k, _)| *k == kind)?;
    object.pointer(path)
}

/// The images of one object's containers, in their order.
pub fn of(object: &Value) -> Vec<Image> {
    in_spec(pod_spec(object))
}

/// The images of a pod spec's containers, in their order.
pub fn in_spec(spec: Option<&Value>) -> Vec<Image> {
    let containers = spec.and_then(|s| s.get("containers")).and_then(Value::as_array);
    let image = |c: &Value| c.get("image").and_then(Value::as_str).map(Image::new);
    containers.map(|c| c.iter().filter_map(image).collect()).unwrap_or_default()
}

/// Images by the name of the workload, for kinds that run on (no jobs).
pub fn by_workload(objects: &[Value]) -> BTreeMap<Service, Vec<Image>> {
    let lasting = |o: &&Value| {
        let kind = o.get("kind").and_then(Value::as_str).unwrap_or_default();
        ["Deployment", "StatefulSet", "DaemonSet"].contains(&kind)
    };
    let named = |o: &Value| Some((Service::new(o.pointer("/metadata/name")?.as_str()?), of(o)));
    objects.iter().filter(lasting).filter_map(named).collect()
}
