//! One EndpointSlice, Ingress, Node or PodDisruptionBudget as the API server tells it, and the row that is kept of it.
//!
//! Never: a whole object.

use serde::Deserialize;

use crate::domain::name::Service;
use crate::domain::text::clean;
use crate::domain::ways::{Budget, Entrance, Node, NodeState};

use super::follow::Versioned;
use super::meta::{Meta, or_empty};

/// The wanted labels.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Marks {
    #[serde(rename = "kubernetes.io/service-name")]
    service: String,
}

/// The wanted members of a discovery.k8s.io/v1 EndpointSlice.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawSlice {
    pub metadata: Meta<Marks>,
    #[serde(deserialize_with = "or_empty")]
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Endpoint {
    #[serde(deserialize_with = "or_empty")]
    addresses: Vec<String>,
    conditions: Conditions,
    target_ref: Option<Target>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Conditions {
    ready: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Target {
    name: String,
}

/// What is kept of a slice: whose it is, and who stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slice {
    pub service: Service,
    /// The pod's name (else its address), and whether it takes traffic.
    pub endpoints: Vec<(String, bool)>,
}

impl RawSlice {
    /// Whose it is.
    pub fn service(&self) -> Service {
        Service::new(&self.metadata.labels.service)
    }

    /// An endpoint that does not say whether it is ready is ready (EndpointConditions).
    pub fn slice(self) -> Slice {
        let who = |e: &Endpoint| {
            let name = e.target_ref.as_ref().map(|t| t.name.as_str()).filter(|n| !n.is_empty());
            name.or_else(|| e.addresses.first().map(String::as_str)).unwrap_or_default().to_owned()
        };
        let endpoints = self.endpoints.iter().map(|e| (who(e), e.conditions.ready.unwrap_or(true))).collect();
        Slice { service: self.service(), endpoints }
    }
}

/// The wanted members of a networking.k8s.io/v1 Ingress.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawIngress {
    pub metadata: Meta<Marks>,
    spec: IngressSpec,
    status: IngressStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct IngressSpec {
    #[serde(deserialize_with = "or_empty")]
    rules: Vec<IngressRule>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct IngressRule {
    host: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct IngressStatus {
    load_balancer: Balancer,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Balancer {
    #[serde(deserialize_with = "or_empty")]
    ingress: Vec<Reached>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Reached {
    ip: String,
    hostname: String,
}

impl RawIngress {
    /// The row.
    pub fn entrance(self) -> Entrance {
        let hosts = self.spec.rules.iter().map(|r| if r.host.is_empty() { "*".into() } else { clean(&r.host) });
        let reached = |r: &Reached| clean(if r.hostname.is_empty() { &r.ip } else { &r.hostname });
        Entrance {
            name: clean(&self.metadata.name),
            hosts: hosts.collect(),
            addresses: self.status.load_balancer.ingress.iter().map(reached).filter(|a| !a.is_empty()).collect(),
        }
    }
}

/// The wanted members of a v1 Node.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawNode {
    pub metadata: Meta<Marks>,
    spec: NodeSpec,
    status: NodeStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct NodeSpec {
    unschedulable: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct NodeStatus {
    #[serde(deserialize_with = "or_empty")]
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Condition {
    r#type: String,
    status: String,
    reason: String,
}

impl RawNode {
    /// The row. A node that never said that it is ready is not known to be.
    pub fn node(self) -> Node {
        let ready = self.status.conditions.iter().find(|c| c.r#type == "Ready");
        let state = match ready.map(|c| c.status.as_str()) {
            Some("True") => NodeState::Ready,
            Some("False") => NodeState::NotReady(ready.map(|c| clean(&c.reason)).unwrap_or_default()),
            Some(_) | None => NodeState::Silent,
        };
        let presses = |c: &&Condition| c.r#type.ends_with("Pressure") && c.status == "True";
        Node {
            name: clean(&self.metadata.name),
            state,
            pressures: self.status.conditions.iter().filter(presses).map(|c| clean(&c.r#type)).collect(),
            cordoned: self.spec.unschedulable,
        }
    }
}

/// The wanted members of a policy/v1 PodDisruptionBudget.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawBudget {
    pub metadata: Meta<Marks>,
    status: BudgetStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BudgetStatus {
    current_healthy: u32,
    desired_healthy: u32,
    disruptions_allowed: u32,
}

impl RawBudget {
    /// The row.
    pub fn budget(self) -> Budget {
        let BudgetStatus { current_healthy: healthy, desired_healthy: needed, disruptions_allowed: spare } =
            self.status;
        Budget { name: clean(&self.metadata.name), healthy, needed, spare }
    }
}

impl Versioned for RawBudget {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

impl Versioned for RawSlice {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

impl Versioned for RawIngress {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

impl Versioned for RawNode {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn an_endpoint_is_ready_unless_it_says_that_it_is_not() {
        let pod = |name: &str| json!({"kind": "Pod", "name": name});
        let raw: RawSlice = from_value(json!({
            "metadata": {"name": "shop-x", "labels": {"kubernetes.io/service-name": "shop"}},
            "endpoints": [
                {"addresses": ["10.0.0.1"], "conditions": {"ready": true}, "targetRef": pod("a")},
                {"addresses": ["10.0.0.2"], "conditions": {"ready": false, "serving": true}, "targetRef": pod("b")},
                {"addresses": ["10.0.0.3"], "conditions": {}},
            ],
        }))
        .unwrap();
        let endpoints = [("a", true), ("b", false), ("10.0.0.3", true)].map(|(n, r)| (n.to_owned(), r)).into();
        assert_eq!(raw.slice(), Slice { service: Service::new("shop"), endpoints });
        let empty: RawSlice = from_value(json!({"metadata": {"name": "x"}, "endpoints": null})).unwrap();
        assert_eq!(empty.slice().endpoints, []);
    }

    #[test]
    fn an_ingress_without_an_address_has_none_and_a_node_that_says_nothing_is_silent() {
        let raw: RawIngress = from_value(json!({
            "metadata": {"name": "shop"},
            "spec": {"rules": [{"host": "a.example"}, {}]}, "status": {"loadBalancer": {}},
        }))
        .unwrap();
        let hosts = vec!["a.example".to_owned(), "*".into()];
        assert_eq!(raw.entrance(), Entrance { name: "shop".into(), hosts, addresses: vec![] });
        let raw: RawIngress = from_value(json!({
            "metadata": {"name": "shop"}, "spec": {},
            "status": {"loadBalancer": {"ingress": [{"ip": "20.1.2.3"}, {"hostname": "lb.example", "ports": []}, {}]}},
        }))
        .unwrap();
        assert_eq!(raw.entrance().addresses, ["20.1.2.3", "lb.example"]);
        let raw: RawBudget = from_value(json!({
            "metadata": {"name": "shop"}, "spec": {"minAvailable": "50%"},
            "status": {"currentHealthy": 1, "desiredHealthy": 2, "expectedPods": 4, "disruptionsAllowed": 0},
        }))
        .unwrap();
        assert_eq!(raw.budget(), Budget { name: "shop".into(), healthy: 1, needed: 2, spare: 0 });
        let condition =
            |kind: &str, status: &str, reason: &str| json!({"type": kind, "status": status, "reason": reason});
        let cases = [
            (
                json!([condition("Ready", "True", "x"), condition("DiskPressure", "True", "y")]),
                Some("has DiskPressure"),
            ),
            (json!([condition("Ready", "False", "KubeletDead")]), Some("is not ready (KubeletDead)")),
            (json!([condition("Ready", "Unknown", "z")]), Some("has not been heard of")),
            (json!(null), Some("has not been heard of")),
            (json!([condition("Ready", "True", "x"), condition("PIDPressure", "False", "y")]), None),
        ];
        for (conditions, trouble) in cases {
            let raw: RawNode =
                from_value(json!({"metadata": {"name": "n"}, "status": {"conditions": conditions}})).unwrap();
            assert_eq!(raw.node().trouble().as_deref(), trouble);
        }
    }
}
