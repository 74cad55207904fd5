//! The kinds that the simulated API server serves: the built-in ones that charts use, and two custom ones.
//!
//! Never: objects.

use crate::helm::api::{Gvk, Resource};

/// Group and version, kind, plural, namespaced.
const SERVED: [(&str, &str, &str, bool); 33] = [
    ("v1", "ConfigMap", "configmaps", true),
    ("v1", "Secret", "secrets", true),
    ("v1", "Service", "services", true),
    ("v1", "ServiceAccount", "serviceaccounts", true),
    ("v1", "Pod", "pods", true),
    ("v1", "Event", "events", true),
    ("v1", "Endpoints", "endpoints", true),
    ("v1", "LimitRange", "limitranges", true),
    ("v1", "ResourceQuota", "resourcequotas", true),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("v1", "PersistentVolume", "persistentvolumes", false),
    ("v1", "Namespace", "namespaces", false),
    ("v1", "Node", "nodes", false),
    ("apps/v1", "Deployment", "deployments", true),
    ("apps/v1", "ReplicaSet", "replicasets", true),
    ("apps/v1", "StatefulSet", "statefulsets", true),
    ("apps/v1", "DaemonSet", "daemonsets", true),
    ("batch/v1", "Job", "jobs", true),
    ("batch/v1", "CronJob", "cronjobs", true),
    ("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
    ("networking.k8s.io/v1", "Ingress", "ingresses", true),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", true),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", false),
    ("coordination.k8s.io/v1", "Lease", "leases", true),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false),
    ("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", true),
    ("argoproj.io/v1alpha1", "Application", "applications", true),
];

/// How a kind is served; `None` where the server does not know it.
pub fn discover(gvk: &Gvk) -> Option<Resource> {
    let version = gvk.api_version();
    SERVED.iter().find(|(v, k, _, _)| *v == version && *k == gvk.kind).map(|(_, _, plural, namespaced)| Resource {
        gvk: gvk.clone(),
        plural: (*plural).into(),
        namespaced: *namespaced,
    })
}

/// The resource of a kind that is known to be served.
pub fn resource(api_version: &str, kind: &str) -> Resource {
    let gvk = Gvk::new(api_version, kind);
    discover(&gvk).unwrap_or_else(|| Resource { plural: kind.to_lowercase(), namespaced: true, gvk })
}

/// Whether the generation of such objects rises with their spec (apimachinery: kinds with a spec and a strategy).
pub fn counts_generations(kind: &str) -> bool {
    !matches!(kind, "ConfigMap" | "Secret" | "Event" | "Endpoints" | "ServiceAccount" | "Pod" | "Service" | "Node")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_served_only_in_its_versions() {
        let found = discover(&Gvk::new("apps/v1", "Deployment")).map(|r| (r.plural, r.namespaced));
        assert_eq!(found, Some(("deployments".into(), true)));
        assert_eq!(discover(&Gvk::new("extensions/v1beta1", "Ingress")), None);
    }
}
