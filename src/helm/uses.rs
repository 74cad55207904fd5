//! Who reads which ConfigMaps and Secrets, by the pod templates of a manifest.
//!
//! Never: a value.

use serde_json::Value;

use super::{images, manifest, needs};
use crate::domain::change::{Kind, Object, Uses};
use crate::domain::name::Service;

/// Readers by what they read; what is optional counts too.
pub fn of(objects: &[Value]) -> Uses {
    let mut uses = Uses::new();
    for (workload, spec) in objects.iter().filter_map(|o| Some((o, images::pod_spec(o)?))) {
        for (kind, name, _) in needs::named(spec, needs::Optional::Too) {
            let kind = match kind {
                "ConfigMap" => Kind::ConfigMap,
                "Secret" => Kind::Secret,
                _ => continue,
            };
            let by = uses.entry(Object { kind, name: name.to_owned() }).or_default();
            by.insert(Service::new(manifest::name(workload)));
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
}
