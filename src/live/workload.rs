//! One Deployment, StatefulSet or DaemonSet as the API server tells it, and the row that an operator reads of it.
//!
//! Never: a whole object; nor a rollout called done that `kubectl rollout status` would still wait for.

use serde::Deserialize;

use crate::domain::name::{Image, ReleaseName, Service};
use crate::domain::text::clean;
use crate::domain::workload::{Rollout, Workload, WorkloadKind};

use super::follow::Versioned;
use super::meta::{Meta, or_empty};

/// The wanted labels and annotations of a workload.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Marks {
    #[serde(rename = "deployment.kubernetes.io/revision")]
    revision: String,
    #[serde(rename = "meta.helm.sh/release-name")]
    release: String,
    #[serde(rename = "argocd.argoproj.io/tracking-id")]
    argo_tracking: String,
    #[serde(rename = "argocd.argoproj.io/instance")]
    argo_instance: String,
    #[serde(rename = "kustomize.toolkit.fluxcd.io/name")]
    flux_kustomization: String,
    #[serde(rename = "helm.toolkit.fluxcd.io/name")]
    flux_release: String,
}

/// The wanted members of a workload of any of the three kinds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawWorkload {
    pub metadata: Meta<Marks>,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    replicas: Option<u32>,
    paused: bool,
    template: Template,
    update_strategy: Strategy,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Template {
    spec: TemplateSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct TemplateSpec {
    #[serde(deserialize_with = "or_empty")]
    containers: Vec<TemplateContainer>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct TemplateContainer {
    image: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Strategy {
    r#type: String,
    rolling_update: Rolling,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Rolling {
    partition: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    observed_generation: i64,
    replicas: u32,
    updated_replicas: u32,
    ready_replicas: u32,
    available_replicas: u32,
    current_revision: String,
    update_revision: String,
    desired_number_scheduled: u32,
    updated_number_scheduled: u32,
    number_ready: u32,
    number_available: u32,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Condition {
    r#type: String,
    reason: String,
    message: String,
}

impl Versioned for RawWorkload {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

impl RawWorkload {
    /// The row; the autoscaler is found elsewhere.
    pub fn row(&self, kind: WorkloadKind, autoscaled: Option<(u32, u32)>) -> Workload {
        let status = &self.status;
        let (desired, updated, ready, available) = match kind {
            WorkloadKind::Deployment | WorkloadKind::StatefulSet => {
                (self.wanted(), status.updated_replicas, status.ready_replicas, status.available_replicas)
            }
            WorkloadKind::DaemonSet => (
                status.desired_number_scheduled,
                status.updated_number_scheduled,
                status.number_ready,
                status.number_available,
            ),
        };
        let annotations = &self.metadata.annotations;
        Workload {
            kind,
            name: Service::new(&self.metadata.name),
            desired,
            updated,
            ready,
            available,
            images: self.spec.template.spec.containers.iter().map(|c| Image::new(&c.image)).collect(),
            rollout: self.rollout(kind),
            revision: annotations.revision.parse().unwrap_or(0),
            release: (!annotations.release.is_empty()).then(|| ReleaseName::new(&annotations.release)),
            autoscaled,
            gitops: self.gitops(),
        }
    }

    fn wanted(&self) -> u32 {
        self.spec.replicas.unwrap_or(1)
    }

    /// kubectl's rules (k8s.io/kubectl `pkg/polymorphichelpers/rollout_status.go`).
    fn rollout(&self, kind: WorkloadKind) -> Rollout {
        if self.spec.paused {
            return Rollout::Paused;
        }
        if self.status.observed_generation < self.metadata.generation {
            return Rollout::Going("the change is not seen yet".into());
        }
        match kind {
            WorkloadKind::Deployment => self.deployment(),
            WorkloadKind::StatefulSet => self.stateful_set(),
            WorkloadKind::DaemonSet => self.daemon_set(),
        }
    }

    fn deployment(&self) -> Rollout {
        let (status, wanted) = (&self.status, self.wanted());
        let stuck = |c: &&Condition| c.r#type == "Progressing" && c.reason == "ProgressDeadlineExceeded";
        if let Some(condition) = status.conditions.iter().find(stuck) {
            return Rollout::Stuck(format!("progress deadline exceeded: {}", clean(&condition.message)));
        }
        if status.updated_replicas < wanted {
            return Rollout::Going(format!("{} of {wanted} updated", status.updated_replicas));
        }
        if status.replicas > status.updated_replicas {
            return Rollout::Going(format!("{} old to end", status.replicas - status.updated_replicas));
        }
        available(status.available_replicas, status.updated_replicas)
    }

    fn stateful_set(&self) -> Rollout {
        let (status, wanted) = (&self.status, self.wanted());
        if status.ready_replicas < wanted {
            return Rollout::Going(format!("{} of {wanted} ready", status.ready_replicas));
        }
        if self.spec.update_strategy.r#type == "OnDelete" {
            return by_hand(status.updated_replicas, wanted, status.update_revision != status.current_revision);
        }
        if let Some(partition) = self.spec.update_strategy.rolling_update.partition.filter(|p| *p > 0) {
            let due = wanted.saturating_sub(partition);
            return if status.updated_replicas < due {
                Rollout::Going(format!("{} of {due} updated (partition {partition})", status.updated_replicas))
            } else {
                Rollout::Done
            };
        }
        if status.update_revision != status.current_revision {
            return Rollout::Going(format!("{} of {wanted} updated", status.updated_replicas));
        }
        Rollout::Done
    }

    fn daemon_set(&self) -> Rollout {
        let (status, wanted) = (&self.status, self.status.desired_number_scheduled);
        if status.updated_number_scheduled < wanted {
            if self.spec.update_strategy.r#type == "OnDelete" {
                return by_hand(status.updated_number_scheduled, wanted, true);
            }
            return Rollout::Going(format!("{} of {wanted} updated", status.updated_number_scheduled));
        }
        available(status.number_available, wanted)
    }

    /// Marks of the tools that would undo a change (Argo CD resource tracking; Flux' owner labels).
    fn gitops(&self) -> Option<String> {
        let (labels, annotations) = (&self.metadata.labels, &self.metadata.annotations);
        let tracked = annotations.argo_tracking.split(':').next().unwrap_or_default();
        let argo = [tracked, &labels.argo_instance, &annotations.argo_instance].into_iter().find(|n| !n.is_empty());
        let marks = [
            argo.map(|n| format!("Argo CD app {n}")),
            named(&labels.flux_release, "Flux HelmRelease"),
            named(&labels.flux_kustomization, "Flux Kustomization"),
        ];
        marks.into_iter().flatten().next().map(|m| clean(&m))
    }
}

/// Strategy OnDelete: nothing moves until somebody deletes the old pods.
fn by_hand(updated: u32, wanted: u32, differs: bool) -> Rollout {
    if differs && updated < wanted {
        Rollout::Stuck(format!("{updated} of {wanted} updated; strategy OnDelete waits for the old pods' deletion"))
    } else {
        Rollout::Done
    }
}

fn available(available: u32, wanted: u32) -> Rollout {
    if available < wanted { Rollout::Going(format!("{available} of {wanted} available")) } else { Rollout::Done }
}

fn named(name: &str, kind: &str) -> Option<String> {
    (!name.is_empty()).then(|| format!("{kind} {name}"))
}
