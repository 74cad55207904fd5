//! The API server as the suite asks it: plain requests by path, every object that it serves, its admission rules.
//!
//! Never: through backout's own client, which is what is tested.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::{Method, Request};
use serde_json::{Value, json};

/// The field manager of a person.
pub const MEDDLER: &str = "meddler";

const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const BINDINGS: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";

pub fn lab() -> PathBuf {
    std::env::var_os("LAB_DIR").map(PathBuf::from).expect("LAB_DIR names the lab; run through tests/real/in.sh")
}

pub fn kubeconfig() -> PathBuf {
    lab().join("kube/admin.yaml")
}

#[derive(Clone)]
pub struct Server {
    client: kube::Client,
}

impl Server {
    pub async fn open() -> Self {
        let file = kube::config::Kubeconfig::read_from(kubeconfig()).expect("a kubeconfig");
        let choice = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(file, &choice).await.expect("a config");
        Self { client: kube::Client::try_from(config).expect("a client") }
    }

    pub async fn get(&self, path: &str) -> Option<Value> {
        let request = Request::get(path).body(Vec::new()).expect("a request");
        match self.client.request(request).await {
            Ok(answer) => Some(answer),
            Err(kube::Error::Api(status)) if status.code == 404 => None,
            Err(e) => panic!("GET {path}: {e}"),
        }
    }

    /// Any other request, as its answer or the server's message.
    pub async fn send(&self, method: Method, path: &str, kind: &str, body: &Value) -> Result<Value, String> {
        let request = Request::builder().method(method).uri(path).header("content-type", kind);
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.client.request(request.body(bytes).expect("a request")).await.map_err(|e| e.to_string())
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.send(Method::POST, path, "application/json", body).await
    }

    pub async fn edit(&self, path: &str, patch: &Value) -> Result<Value, String> {
        self.send(Method::PATCH, path, "application/merge-patch+json", patch).await
    }

    pub async fn delete(&self, path: &str) {
        drop(self.send(Method::DELETE, path, "application/json", &Value::Null).await);
    }

    /// Every resource that can be listed, in its preferred version: kind and path.
    async fn resources(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let groups = self.get("/apis").await.expect("the groups");
        let preferred = groups["groups"].as_array().into_iter().flatten();
        let preferred = preferred.filter_map(|g| g["preferredVersion"]["groupVersion"].as_str());
        let paths: Vec<String> = preferred.map(|v| format!("/apis/{v}")).chain(["/api/v1".into()]).collect();
        for path in paths {
            let list = self.get(&path).await.unwrap_or_default();
            for resource in list["resources"].as_array().into_iter().flatten() {
                let [name, kind] = ["name", "kind"].map(|n| resource[n].as_str().unwrap_or_default());
                let listed = resource["verbs"].as_array().is_some_and(|v| v.contains(&"list".into()));
                if listed && !name.contains('/') {
                    all.push((kind.to_owned(), format!("{path}/{name}")));
                }
            }
        }
        all
    }

    /// Every object of these namespaces (and every cluster-wide one that carries such a name), by namespace, then by
    /// kind and name. What controllers make of other objects, and events, are theirs, not helm's.
    pub async fn dump(&self, namespaces: &[String]) -> BTreeMap<String, BTreeMap<String, Value>> {
        const OTHERS: [&str; 6] =
            ["Event", "Endpoints", "EndpointSlice", "Namespace", "ServiceCIDR", "ValidatingAdmissionPolicy"];
        let mut all: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for (kind, path) in self.resources().await {
            if OTHERS.contains(&kind.as_str()) || kind == "ValidatingAdmissionPolicyBinding" {
                continue;
            }
            let Some(list) = self.get(&path).await else { continue };
            for object in list["items"].as_array().into_iter().flatten() {
                let [name, space] =
                    ["name", "namespace"].map(|n| object["metadata"][n].as_str().unwrap_or_default().to_owned());
                let controlled = object["metadata"]["ownerReferences"][0]["controller"] == true;
                let given = ["kube-root-ca.crt", "default"].contains(&name.as_str());
                let place = if space.is_empty() { &name } else { &space };
                let side = namespaces.iter().find(|n| place.contains(n.as_str()));
                if let Some(side) = side.filter(|_| !controlled && !given) {
                    let called = if space.is_empty() || space == *side { name } else { format!("{space}/{name}") };
                    let called = called.replace(side, "NAMESPACE");
                    all.entry(side.clone()).or_default().insert(format!("{kind} {called}"), object.clone());
                }
            }
        }
        all
    }

    /// From now on only what fulfils this is admitted in a namespace; waits until that is so.
    pub async fn admit(&self, namespace: &str, condition: &str) {
        let subject = "request.operation == 'DELETE' ? oldObject : object";
        let policy = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": namespace},
            "spec": {
                "matchConstraints": {"resourceRules": [{"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"],
                    "operations": ["CREATE", "UPDATE", "DELETE"]}]},
                "variables": [
                    {"name": "it", "expression": subject},
                    {"name": "name", "expression": "variables.it.metadata.name"},
                    {"name": "verb", "expression": "request.operation"},
                ],
                "validations": [
                    {"expression": format!("request.dryRun || ({condition})"), "message": "not today"},
                    {"expression": "variables.name != 'probe'", "message": "it is in force"},
                ],
            },
        });
        let binding = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": namespace},
            "spec": {"policyName": namespace, "validationActions": ["Deny"], "matchResources": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}},
        });
        self.post(POLICIES, &policy).await.expect("a policy");
        self.post(BINDINGS, &binding).await.expect("a binding");
        let probe = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}});
        let path = format!("/api/v1/namespaces/{namespace}/configmaps?dryRun=All");
        while self.post(&path, &probe).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn forget(&self, namespace: &str) {
        self.delete(&format!("{BINDINGS}/{namespace}")).await;
        self.delete(&format!("{POLICIES}/{namespace}")).await;
        self.delete(&format!("/api/v1/namespaces/{namespace}")).await;
    }
}
