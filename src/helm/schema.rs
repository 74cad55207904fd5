//! How the API's lists and maps are merged: the patch tags of `k8s.io/api` (strategic merge) and the list keys of
//! server-side apply, which are other ones (a container's port is keyed by its number there, by number and protocol here).
//!
//! Never: which fields exist; what is not in the tables is merged as JSON merges it, lists whole.

use super::api::Gvk;

/// The Go type that a value is an instance of, as far as it matters here; the empty one has no rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(&'static str);

/// How a field is merged strategically.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Maps member by member, lists and scalars whole.
    Whole,
    /// A map that is replaced and never merged.
    Replace,
    /// A map of which only the listed members may stay (a union).
    Retain,
    /// A list of maps, merged by the text of this member.
    Keyed(&'static str),
    /// The same, its elements being unions.
    KeyedRetain(&'static str),
    /// A list of scalars, merged as a set.
    Set,
}

impl Rule {
    /// Whether the maps under it carry `$retainKeys`.
    pub const fn retains(self) -> bool {
        matches!(self, Self::Retain | Self::KeyedRetain(_))
    }

    /// The merge key, where it is a merged list; empty for a set.
    pub const fn list_key(self) -> Option<&'static str> {
        match self {
            Self::Keyed(key) | Self::KeyedRetain(key) => Some(key),
            Self::Set => Some(""),
            Self::Whole | Self::Replace | Self::Retain => None,
        }
    }
}

const PLAIN: Shape = Shape("");

/// The group versions that are compiled into helm 3.22 and 4.3 (client-go 0.37 `kubernetes/scheme/register.go`, and
/// apiextensions v1): their objects are patched strategically. A version that the server knows and helm does not
/// (scheduling v1alpha2 of Kubernetes 1.36) is patched as a custom resource.
const NATIVE: [(&str, &[&str]); 24] = [
    ("", &["v1"]),
    ("admissionregistration.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("apiextensions.k8s.io", &["v1"]),
    ("apps", &["v1", "v1beta1", "v1beta2"]),
    ("authentication.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("authorization.k8s.io", &["v1", "v1beta1"]),
    ("autoscaling", &["v1", "v2"]),
    ("batch", &["v1", "v1beta1"]),
    ("certificates.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("coordination.k8s.io", &["v1", "v1alpha2", "v1beta1"]),
    ("discovery.k8s.io", &["v1", "v1beta1"]),
    ("events.k8s.io", &["v1", "v1beta1"]),
    ("extensions", &["v1beta1"]),
    ("flowcontrol.apiserver.k8s.io", &["v1", "v1beta1", "v1beta2", "v1beta3"]),
    ("internal.apiserver.k8s.io", &["v1alpha1"]),
    ("lifecycle.k8s.io", &["v1alpha1"]),
    ("networking.k8s.io", &["v1", "v1beta1"]),
    ("node.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("policy", &["v1", "v1beta1"]),
    ("rbac.authorization.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("resource.k8s.io", &["v1", "v1alpha3", "v1beta1", "v1beta2"]),
    ("scheduling.k8s.io", &["v1", "v1alpha3", "v1beta1"]),
    ("storage.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("storagemigration.k8s.io", &["v1", "v1beta1"]),
];

/// Whether Helm patches this kind strategically; anything else (custom resources) by plain JSON merge.
pub fn native(gvk: &Gvk) -> bool {
    NATIVE.iter().any(|(group, versions)| *group == gvk.group && versions.contains(&gvk.version.as_str()))
}

/// Type, field, the field's type, its rule.
type Row = (&'static str, &'static str, &'static str, Rule);

/// Kinds as the API writes them, the types inside them in small letters.
const ROWS: [Row; 75] = [
    ("object-meta", "ownerReferences", "", Rule::Keyed("uid")),
    ("object-meta", "finalizers", "", Rule::Set),
    ("status", "conditions", "", Rule::Keyed("type")),
    ("Deployment", "spec", "deployment-spec", Rule::Whole),
    ("deployment-spec", "template", "pod-template", Rule::Whole),
    ("deployment-spec", "strategy", "", Rule::Retain),
    ("StatefulSet", "spec", "templated", Rule::Whole),
    ("DaemonSet", "spec", "templated", Rule::Whole),
    ("ReplicaSet", "spec", "templated", Rule::Whole),
    ("ReplicationController", "spec", "templated", Rule::Whole),
    ("Job", "spec", "templated", Rule::Whole),
    ("CronJob", "spec", "cron-job-spec", Rule::Whole),
    ("cron-job-spec", "jobTemplate", "job-template", Rule::Whole),
    ("job-template", "metadata", "object-meta", Rule::Whole),
    ("job-template", "spec", "templated", Rule::Whole),
    ("templated", "template", "pod-template", Rule::Whole),
    ("pod-template", "metadata", "object-meta", Rule::Whole),
    ("pod-template", "spec", "pod-spec", Rule::Whole),
    ("templated", "scheduling", "job-scheduling", Rule::Whole),
    ("job-scheduling", "resourceClaims", "", Rule::Keyed("name")),
    ("PodTemplate", "template", "pod-template", Rule::Whole),
    ("PodGroup", "spec", "pod-group-spec", Rule::Whole),
    ("pod-group-spec", "resourceClaims", "", Rule::KeyedRetain("name")),
    ("Pod", "spec", "pod-spec", Rule::Whole),
    ("Pod", "status", "pod-status", Rule::Whole),
    ("pod-status", "conditions", "", Rule::Keyed("type")),
    ("pod-status", "hostIPs", "", Rule::Keyed("ip")),
    ("pod-status", "podIPs", "", Rule::Keyed("ip")),
    ("pod-status", "resourceClaimStatuses", "", Rule::KeyedRetain("name")),
    ("pod-status", "nodeAllocatableResourceClaimStatuses", "", Rule::Keyed("resourceClaimName")),
    ("pod-spec", "volumes", "volume", Rule::KeyedRetain("name")),
    ("volume", "ephemeral", "ephemeral-volume", Rule::Whole),
    ("ephemeral-volume", "volumeClaimTemplate", "claim-template", Rule::Whole),
    ("claim-template", "metadata", "object-meta", Rule::Whole),
    ("ResourceClaimTemplate", "spec", "claim-template", Rule::Whole),
    ("pod-spec", "initContainers", "container", Rule::Keyed("name")),
    ("pod-spec", "containers", "container", Rule::Keyed("name")),
    ("pod-spec", "ephemeralContainers", "container", Rule::Keyed("name")),
    ("pod-spec", "imagePullSecrets", "", Rule::Keyed("name")),
    ("pod-spec", "hostAliases", "", Rule::Keyed("ip")),
    ("pod-spec", "topologySpreadConstraints", "", Rule::Keyed("topologyKey")),
    ("pod-spec", "schedulingGates", "", Rule::Keyed("name")),
    ("pod-spec", "resourceClaims", "", Rule::KeyedRetain("name")),
    ("pod-spec", "evictionResponders", "", Rule::Keyed("name")),
    ("container", "ports", "", Rule::Keyed("containerPort")),
    ("container", "env", "", Rule::Keyed("name")),
    ("container", "volumeMounts", "", Rule::Keyed("mountPath")),
    ("container", "volumeDevices", "", Rule::Keyed("devicePath")),
    ("Service", "spec", "service-spec", Rule::Whole),
    ("service-spec", "ports", "", Rule::Keyed("port")),
    ("ServiceAccount", "secrets", "", Rule::Keyed("name")),
    ("PodDisruptionBudget", "spec", "disruption-budget-spec", Rule::Whole),
    ("disruption-budget-spec", "selector", "", Rule::Replace),
    ("MutatingWebhookConfiguration", "webhooks", "webhook", Rule::Keyed("name")),
    ("ValidatingWebhookConfiguration", "webhooks", "webhook", Rule::Keyed("name")),
    ("webhook", "matchConditions", "", Rule::Keyed("name")),
    ("ValidatingAdmissionPolicy", "spec", "admission-policy-spec", Rule::Whole),
    ("MutatingAdmissionPolicy", "spec", "mutating-policy-spec", Rule::Whole),
    ("mutating-policy-spec", "matchConditions", "", Rule::Keyed("name")),
    ("admission-policy-spec", "matchConditions", "", Rule::Keyed("name")),
    ("admission-policy-spec", "variables", "", Rule::Keyed("name")),
    ("Node", "spec", "node-spec", Rule::Whole),
    ("Node", "status", "node-status", Rule::Whole),
    ("node-spec", "podCIDRs", "", Rule::Set),
    ("node-status", "conditions", "", Rule::Keyed("type")),
    ("node-status", "addresses", "", Rule::Keyed("type")),
    ("CSINode", "spec", "csi-node-spec", Rule::Whole),
    ("csi-node-spec", "drivers", "", Rule::Keyed("name")),
    ("ResourceClaim", "status", "claim-status", Rule::Whole),
    ("claim-status", "reservedFor", "", Rule::Keyed("uid")),
    ("CustomResourceDefinition", "status", "", Rule::Whole),
    ("CertificateSigningRequest", "status", "", Rule::Whole),
    ("ValidatingAdmissionPolicy", "status", "", Rule::Whole),
    ("StorageVersion", "status", "", Rule::Whole),
    ("ComponentStatus", "conditions", "", Rule::Keyed("type")),
];

/// What an object of a kind is; a custom resource has no rules but those of its metadata.
pub fn root(gvk: &Gvk) -> Shape {
    if !native(gvk) {
        return Shape("Object");
    }
    ROWS.iter().map(|r| r.0).find(|t| *t == gvk.kind && Shape(t).is_root()).map_or(Shape("Object"), Shape)
}

impl Shape {
    /// Of no rules.
    pub const fn plain() -> Self {
        PLAIN
    }

    /// A whole object: those have metadata and a status.
    fn is_root(self) -> bool {
        self.0.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// A field's type and its rule in a strategic merge.
    pub fn field(self, name: &str) -> (Self, Rule) {
        if let Some(row) = ROWS.iter().find(|r| r.0 == self.0 && r.1 == name) {
            return (Self(row.2), row.3);
        }
        match name {
            "metadata" if self.is_root() => (Self("object-meta"), Rule::Whole),
            "status" if self.is_root() => (Self("status"), Rule::Whole),
            _ => (PLAIN, Rule::Whole),
        }
    }

    /// The keys of a list in server-side apply; `None`: the list is owned whole. A set has no keys.
    pub fn apply_keys(self, name: &str) -> Option<&'static [&'static str]> {
        Some(match (self.0, name) {
            ("container", "ports") => &["containerPort", "protocol"],
            ("service-spec", "ports") => &["port", "protocol"],
            ("pod-spec", "topologySpreadConstraints") => &["topologyKey", "whenUnsatisfiable"],
            _ => match self.field(name).1 {
                Rule::Set => &[],
                Rule::Keyed("uid") => &["uid"],
                Rule::Keyed("resourceClaimName") => &["resourceClaimName"],
                Rule::Keyed("type") => &["type"],
                Rule::Keyed("ip") => &["ip"],
                Rule::Keyed("mountPath") => &["mountPath"],
                Rule::Keyed("devicePath") => &["devicePath"],
                Rule::Keyed(_) | Rule::KeyedRetain(_) => &["name"],
                Rule::Whole | Rule::Replace | Rule::Retain => return None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_down_to_a_containers_lists() {
        let mut shape = root(&Gvk::new("apps/v1", "Deployment"));
        for (field, rule) in [
            ("spec", Rule::Whole),
            ("template", Rule::Whole),
            ("spec", Rule::Whole),
            ("containers", Rule::Keyed("name")),
            ("ports", Rule::Keyed("containerPort")),
        ] {
            let (next, found) = shape.field(field);
            assert_eq!(found, rule, "{field}");
            shape = next;
        }
        assert_eq!(root(&Gvk::new("apps/v1", "Deployment")).field("spec").0.field("strategy").1, Rule::Retain);
    }

    #[test]
    fn every_object_has_metadata_and_a_custom_one_nothing_else() {
        for gvk in [
            Gvk::new("v1", "ConfigMap"),
            Gvk::new("v1", "ServiceAccount"),
            Gvk::new("v1", "PodTemplate"),
            Gvk::new("apps/v1", "StatefulSet"),
            Gvk::new("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            Gvk::new("shop.example/v1", "Deployment"),
        ] {
            assert_eq!(root(&gvk).field("metadata").0.field("finalizers").1, Rule::Set, "{gvk}");
        }
        assert_eq!(root(&Gvk::new("shop.example/v1", "Deployment")).field("spec").0, Shape::plain());
        assert_eq!(root(&Gvk::new("v1", "Pod")).field("spec").0.field("metadata").0, Shape::plain());
    }
}
