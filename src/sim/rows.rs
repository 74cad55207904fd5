//! Workloads as rows, from their objects.
//!
//! Never: a judgement beyond kubectl's `rollout status`.

use serde_json::Value;

use super::field;
use super::kinds;
use super::store::Store;
use crate::domain::name::{Image, ReleaseName, Service};
use crate::domain::workload::{Rollout, Workload, WorkloadKind};
use crate::helm::manifest::RELEASE_NAME;

/// The kind of workload that an object's kind is.
pub fn workload_kind(kind: &str) -> Option<WorkloadKind> {
    [WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet]
        .into_iter()
        .find(|k| k.kind() == kind)
}

/// The row of a workload.
pub fn workload(kind: WorkloadKind, object: &Value, store: &Store) -> Workload {
    let counts = Counts::of(kind, object);
    let containers = object.pointer("/spec/template/spec/containers").and_then(Value::as_array);
    let images = containers.into_iter().flatten().map(|c| Image::new(field::text(c, "/image"))).collect();
    Workload {
        kind,
        name: Service::new(field::name(object)),
        desired: counts.desired,
        updated: counts.updated,
        ready: counts.ready,
        available: counts.available,
        images,
        rollout: rollout(kind, object, counts),
        revision: field::annotation(object, "deployment.kubernetes.io/revision")
            .and_then(|r| r.parse().ok())
            .unwrap_or(0),
        release: field::annotation(object, RELEASE_NAME).map(ReleaseName::new),
        autoscaled: autoscaled(object, store),
        gitops: gitops(object),
    }
}

#[derive(Debug, Clone, Copy)]
struct Counts {
    desired: u32,
    total: u32,
    updated: u32,
    ready: u32,
    available: u32,
}

impl Counts {
    fn of(kind: WorkloadKind, object: &Value) -> Self {
        let status = |name: &str| field::number(object, &format!("/status/{name}")).unwrap_or(0);
        match kind {
            WorkloadKind::Deployment | WorkloadKind::StatefulSet => Self {
                desired: field::number(object, "/spec/replicas").unwrap_or(1),
                total: status("replicas"),
                updated: status("updatedReplicas"),
                ready: status("readyReplicas"),
                available: status("availableReplicas"),
            },
            WorkloadKind::DaemonSet => Self {
                desired: status("desiredNumberScheduled"),
                total: status("currentNumberScheduled"),
                updated: status("updatedNumberScheduled"),
                ready: status("numberReady"),
                available: status("numberAvailable"),
            },
        }
    }
}

/// kubectl `pkg/polymorphichelpers/rollout_status.go`.
fn rollout(kind: WorkloadKind, object: &Value, counts: Counts) -> Rollout {
    let Counts { desired, total, updated, ready: _, available } = counts;
    if field::at(object, "/spec/paused") == Some(&Value::Bool(true)) {
        return Rollout::Paused;
    }
    if field::number(object, "/metadata/generation") > field::number(object, "/status/observedGeneration") {
        return Rollout::Going("the change has not been seen yet".into());
    }
    if reason(object, "Progressing") == Some("ProgressDeadlineExceeded") {
        return Rollout::Stuck(format!("{updated} of {desired} updated, no progress for 10 min"));
    }
    if updated < desired {
        return Rollout::Going(format!("{updated} of {desired} updated"));
    }
    if kind == WorkloadKind::Deployment && total > updated {
        return Rollout::Going(format!("{} old to go", total - updated));
    }
    if available < updated {
        return Rollout::Going(format!("{available} of {updated} available"));
    }
    Rollout::Done
}

/// The reason of a condition.
pub fn reason<'a>(object: &'a Value, condition: &str) -> Option<&'a str> {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array)?;
    conditions.iter().find(|c| field::text(c, "/type") == condition).map(|c| field::text(c, "/reason"))
}

/// The bounds of the autoscaler of a workload.
pub fn autoscaled(object: &Value, store: &Store) -> Option<(u32, u32)> {
    let resource = kinds::resource("autoscaling/v2", "HorizontalPodAutoscaler");
    let scales = |hpa: &Value| {
        field::text(hpa, "/spec/scaleTargetRef/kind") == field::text(object, "/kind")
            && field::text(hpa, "/spec/scaleTargetRef/name") == field::name(object)
    };
    let found = store.of(&resource, None).map(|(_, hpa)| hpa).find(|hpa| scales(hpa))?;
    Some((field::number(found, "/spec/minReplicas").unwrap_or(1), field::number(found, "/spec/maxReplicas")?))
}

/// Argo CD's tracking annotation or Flux's labels.
fn gitops(object: &Value) -> Option<String> {
    if let Some(tracked) = field::annotation(object, "argocd.argoproj.io/tracking-id") {
        return Some(format!("Argo CD app {}", tracked.split_once(':').map_or(tracked, |(app, _)| app)));
    }
    field::label(object, "helm.toolkit.fluxcd.io/name").map(|name| format!("Flux HelmRelease {name}"))
}
