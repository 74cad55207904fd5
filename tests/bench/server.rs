//! The API server as the bench itself sees it, past every link: how many requests a user has made, when the last pod
//! became ready, when a namespace is at rest.
//!
//! Requests are counted by the server: those of the bench's user match a FlowSchema of its own. A watch counts when it
//! begins.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::{Api, Client, Config};
use serde_json::json;
use tokio::task::JoinHandle;

/// Whom the contenders are to the API server: an administrator, by impersonation.
pub const USER: &str = "backout-bench";

/// The API server of the lab.
pub struct Server {
    client: Client,
    kubeconfig: PathBuf,
}

impl Server {
    /// Opens it, and makes the bench's user.
    pub async fn open(lab: &Path) -> Result<Self> {
        let kubeconfig = lab.join("kube/admin.yaml");
        let read = kube::config::Kubeconfig::read_from(&kubeconfig)?;
        let config = Config::from_custom_kubeconfig(read, &kube::config::KubeConfigOptions::default()).await?;
        let server = Self { client: Client::try_from(config)?, kubeconfig };
        server.user().await?;
        Ok(server)
    }

    async fn user(&self) -> Result<()> {
        let subject = json!({"kind": "User", "name": USER, "apiGroup": "rbac.authorization.k8s.io"});
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": USER},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [subject],
        });
        let schema = json!({
            "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": {"name": USER},
            "spec": {"matchingPrecedence": 2, "priorityLevelConfiguration": {"name": "exempt"}, "rules": [{
                "subjects": [{"kind": "User", "user": {"name": USER}}],
                "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true, "namespaces": ["*"]}],
                "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            }]},
        });
        for (path, body) in [
            ("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding),
            ("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", schema),
        ] {
            let apply = format!("{path}/{USER}?fieldManager=bench&force=true");
            let request = http::Request::patch(apply).header("content-type", "application/apply-patch+yaml");
            self.client.request::<serde_json::Value>(request.body(body.to_string().into_bytes())?).await?;
        }
        Ok(())
    }

    /// A kubeconfig of the bench's user that leads to that port.
    pub fn kubeconfig(&self, port: u16, to: &Path) -> Result<()> {
        let text = std::fs::read_to_string(&self.kubeconfig)?;
        let ours = text.replace("https://127.0.0.1:6443", &format!("https://127.0.0.1:{port}"));
        let ours = ours.replace("  user:\n", &format!("  user:\n    as: {USER}\n"));
        ensure!(ours.contains(&format!("as: {USER}")), "the lab's kubeconfig has another form");
        Ok(std::fs::write(to, ours)?)
    }

    /// What the bench's user has asked so far.
    pub async fn requests(&self) -> Result<u64> {
        let text = self.client.request_text(http::Request::get("/metrics").body(Vec::new())?).await?;
        let ours = format!("flow_schema=\"{USER}\"");
        let counts = text
            .lines()
            .filter(|line| line.starts_with("apiserver_flowcontrol_dispatched_requests_total{") && line.contains(&ours))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(counts.sum::<f64>() as u64)
    }

    /// Waits until every Deployment of the namespace is rolled out and no old pod is left.
    pub async fn rest(&self, namespace: &str) -> Result<()> {
        let deployments: Api<Deployment> = Api::namespaced(self.client.clone(), namespace);
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let began = Instant::now();
        loop {
            let all = deployments.list(&ListParams::default()).await?.items;
            let pods = pods.list_metadata(&ListParams::default()).await?.items.len();
            if all.iter().all(is_done) && pods == all.len() {
                return Ok(());
            }
            ensure!(began.elapsed() < Duration::from_mins(2), "{namespace} comes to no rest");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Watches the pods of a namespace from now on.
    pub async fn witness(&self, namespace: &str) -> Result<Witness> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let seen = Arc::new(Mutex::new(None));
        let noted = seen.clone();
        let listed = pods.list(&ListParams::default()).await?;
        let mut ready: BTreeSet<_> =
            listed.items.iter().filter(|p| is_ready(p)).map(|p| p.metadata.uid.clone()).collect();
        let version = listed.metadata.resource_version.context("a list has a version")?;
        let events = pods.watch(&WatchParams::default().timeout(290), &version).await?;
        let watching = tokio::spawn(async move {
            let mut events = std::pin::pin!(events);
            while let Some(Ok(event)) = events.next().await {
                if let WatchEvent::Added(pod) | WatchEvent::Modified(pod) = event
                    && is_ready(&pod)
                    && ready.insert(pod.metadata.uid.clone())
                {
                    *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                }
            }
        });
        Ok(Witness { seen, watching })
    }
}

/// Who saw the last pod become ready.
pub struct Witness {
    seen: Arc<Mutex<Option<Instant>>>,
    watching: JoinHandle<()>,
}

impl Witness {
    /// When that was, if one became ready at all.
    pub fn last_ready(self) -> Option<Instant> {
        self.watching.abort();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|s| s.conditions.iter().flatten());
    conditions.into_iter().any(|c| c.type_ == "Ready" && c.status == "True")
}

fn is_done(deployment: &Deployment) -> bool {
    let wanted = deployment.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
    deployment.status.as_ref().is_some_and(|s| {
        let all = [s.replicas, s.updated_replicas, s.available_replicas];
        s.observed_generation == deployment.metadata.generation && all.iter().all(|n| n.unwrap_or(0) == wanted)
    })
}
