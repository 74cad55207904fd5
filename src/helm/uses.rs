//! Who reads which ConfigMaps and Secrets, by the pod templates of a manifest.
//!
//! Never: a value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{images, manifest, needs};
use crate::domain::change::{Kind, Object, Uses};
use crate::domain::name::Service;
use crate::domain::text::clean;

/// What the pods of a pod spec read; what is optional counts too.
pub fn read_by(spec: &Value) -> BTreeSet<Object> {
    let configures = |(kind, name, _)| {
        let kind = [Kind::ConfigMap, Kind::Secret].into_iter().find(|k| k.word() == kind)?;
        Some(Object { kind, name: clean(name) })
    };
    needs::named(spec, needs::Optional::Too).into_iter().filter_map(configures).collect()
}

/// Readers by what they read.
pub fn of(objects: &[Value]) -> Uses {
    let mut uses = Uses::new();
    for (workload, spec) in objects.iter().filter_map(|o| Some((o, images::pod_spec(o)?))) {
        for object in read_by(spec) {
            uses.entry(object).or_default().insert(Service::new(manifest::name(workload)));
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_way_of_reading_a_configmap_or_secret_is_seen() {
        let workload = |kind: &str, name: &str, spec: Value| json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {"template": {"spec": spec}}});
        let env =
            json!([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "key", "key": "a", "optional": true}}}]);
        let objects = [
            workload(
                "Deployment",
                "web",
                json!({
                    "containers": [{"name": "web", "env": env, "envFrom": [{"configMapRef": {"name": "all"}}]}],
                    "volumes": [{"name": "v", "secret": {"secretName": "tls"}}],
                }),
            ),
            workload(
                "StatefulSet",
                "db",
                json!({"initContainers": [{"name": "i", "envFrom": [{"configMapRef": {"name": "all"}}]}], "containers": []}),
            ),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "all"}}),
        ];
        let told: Vec<String> = of(&objects)
            .into_iter()
            .map(|(object, by)| {
                let by: Vec<&str> = by.iter().map(Service::as_str).collect();
                format!("{object}: {}", by.join(", "))
            })
            .collect();
        assert_eq!(told, ["ConfigMap all: db, web", "ConfigMap key: web", "Secret tls: web"]);
    }

    #[test]
    fn what_the_pods_read_is_found_wherever_it_is_named() {
        let spec = json!({
            "volumes": [{"configMap": {"name": "conf"}}, {"secret": {"secretName": "tls"}},
                {"projected": {"sources": [{"secret": {"name": "token"}}]}}],
            "containers": [{"envFrom": [{"configMapRef": {"name": "env"}}],
                "env": [{"valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}}]}]});
        let told: Vec<String> = read_by(&spec).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["ConfigMap conf", "ConfigMap env", "Secret keys", "Secret tls", "Secret token"]);
        assert_eq!(read_by(&Value::Null), BTreeSet::new());
    }
}
