//! Which Services a manifest has, on which ports they can be asked, and what stands before and beside them.
//!
//! Never: a Service that leads to no pod (ExternalName, or without a selector); nobody here can answer for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::health::Port;
use crate::domain::name::Service;

/// The Services by name, with their TCP ports in order.
pub fn with_ports(objects: &[Value]) -> BTreeMap<Service, Vec<Port>> {
    let is = |o: &&Value| {
        o.get("kind").and_then(Value::as_str) == Some("Service")
            && o.get("apiVersion").and_then(Value::as_str) == Some("v1")
            && o.pointer("/spec/type").and_then(Value::as_str) != Some("ExternalName")
            && o.pointer("/spec/selector").and_then(Value::as_object).is_some_and(|selector| !selector.is_empty())
    };
    let named = |o: &Value| Some((Service::new(o.pointer("/metadata/name")?.as_str()?), ports(o)));
    objects.iter().filter(is).filter_map(named).collect()
}

/// The names of the objects of that group and kind, in whatever version.
pub fn named(objects: &[Value], group: &str, kind: &str) -> BTreeSet<String> {
    let is = |o: &&Value| {
        let api = o.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        o.get("kind").and_then(Value::as_str) == Some(kind) && api.split_once('/').is_some_and(|(g, _)| g == group)
    };
    let name = |o: &Value| Some(crate::domain::text::clean(o.pointer("/metadata/name")?.as_str()?));
    objects.iter().filter(is).filter_map(name).collect()
}

fn ports(service: &Value) -> Vec<Port> {
    let all = service.pointer("/spec/ports").and_then(Value::as_array);
    let port = |p: &Value| {
        let udp = p.get("protocol").and_then(Value::as_str).is_some_and(|protocol| protocol != "TCP");
        let number = p.get("port").and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok()).filter(|_| !udp)?;
        let name = p.get("name").and_then(Value::as_str).unwrap_or_default();
        Some(Port { name: crate::domain::text::clean(name), number })
    };
    all.into_iter().flatten().filter_map(port).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn services_are_read_with_their_ports_and_those_that_lead_out_are_not() {
        let service = |name: &str, spec: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec});
        let objects = [
            service(
                "shop",
                json!({"selector": {"app": "shop"}, "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "http", "port": 80}]}),
            ),
            service("db", json!({"type": "ExternalName", "externalName": "db.example", "ports": [{"port": 5432}]})),
            service("bare", json!({"selector": {"app": "bare"}})),
            service("elsewhere", json!({"ports": [{"port": 80}]})),
            json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "knative"}}),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}),
        ];
        let wanted = [("bare", vec![]), ("shop", vec![Port { name: "http".into(), number: 80 }])];
        assert_eq!(with_ports(&objects), wanted.map(|(n, p)| (Service::new(n), p)).into());
        let one = |api: &str, name: &str| json!({"apiVersion": api, "kind": "Ingress", "metadata": {"name": name}});
        let ingresses = [
            one("networking.k8s.io/v1", "a"),
            one("networking.k8s.io/v1beta1", "b"),
            one("v1", "c"),
            one("example.com/v1", "d"),
        ];
        assert_eq!(named(&ingresses, "networking.k8s.io", "Ingress"), ["a", "b"].map(String::from).into());
        assert_eq!(named(&ingresses, "networking.k8s.io", "Gateway"), BTreeSet::new());
    }
}
