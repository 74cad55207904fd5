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

/// API groups whose kinds are compiled into Helm (client-go's scheme and apiextensions): they are patched strategically.
const NATIVE: [&str; 21] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
];

/// Whether Helm patches this kind strategically; anything else (custom resources) by plain JSON merge.
pub fn native(gvk: &Gvk) -> bool {
    NATIVE.contains(&gvk.group.as_str()) || ["storage.k8s.io", "storagemigration.k8s.io"].contains(&gvk.group.as_str())
}

/// Type, field, the field's type, its rule.
type Row = (&'static str, &'static str, &'static str, Rule);

const ROWS: [Row; 60] = [
    ("ObjectMeta", "ownerReferences", "", Rule::Keyed("uid")),
    ("ObjectMeta", "finalizers", "", Rule::Set),
    ("Status", "conditions", "", Rule::Keyed("type")),
    ("Deployment", "spec", "DeploymentSpec", Rule::Whole),
    ("DeploymentSpec", "template", "PodTemplate", Rule::Whole),
    ("DeploymentSpec", "strategy", "", Rule::Retain),
    ("StatefulSet", "spec", "Templated", Rule::Whole),
    ("DaemonSet", "spec", "Templated", Rule::Whole),
    ("ReplicaSet", "spec", "Templated", Rule::Whole),
    ("ReplicationController", "spec", "Templated", Rule::Whole),
    ("Job", "spec", "Templated", Rule::Whole),
    ("CronJob", "spec", "CronJobSpec", Rule::Whole),
    ("CronJobSpec", "jobTemplate", "JobTemplate", Rule::Whole),
    ("JobTemplate", "metadata", "ObjectMeta", Rule::Whole),
    ("JobTemplate", "spec", "Templated", Rule::Whole),
    ("Templated", "template", "PodTemplate", Rule::Whole),
    ("PodTemplate", "metadata", "ObjectMeta", Rule::Whole),
    ("PodTemplate", "spec", "PodSpec", Rule::Whole),
    ("Pod", "spec", "PodSpec", Rule::Whole),
    ("Pod", "status", "PodStatus", Rule::Whole),
    ("PodStatus", "conditions", "", Rule::Keyed("type")),
    ("PodStatus", "hostIPs", "", Rule::Keyed("ip")),
    ("PodStatus", "podIPs", "", Rule::Keyed("ip")),
    ("PodStatus", "resourceClaimStatuses", "", Rule::KeyedRetain("name")),
    ("PodSpec", "volumes", "", Rule::KeyedRetain("name")),
    ("PodSpec", "initContainers", "Container", Rule::Keyed("name")),
    ("PodSpec", "containers", "Container", Rule::Keyed("name")),
    ("PodSpec", "ephemeralContainers", "Container", Rule::Keyed("name")),
    ("PodSpec", "imagePullSecrets", "", Rule::Keyed("name")),
    ("PodSpec", "hostAliases", "", Rule::Keyed("ip")),
    ("PodSpec", "topologySpreadConstraints", "", Rule::Keyed("topologyKey")),
    ("PodSpec", "schedulingGates", "", Rule::Keyed("name")),
    ("PodSpec", "resourceClaims", "", Rule::KeyedRetain("name")),
    ("PodSpec", "evictionResponders", "", Rule::Keyed("name")),
    ("Container", "ports", "", Rule::Keyed("containerPort")),
    ("Container", "env", "", Rule::Keyed("name")),
    ("Container", "volumeMounts", "", Rule::Keyed("mountPath")),
    ("Container", "volumeDevices", "", Rule::Keyed("devicePath")),
    ("Service", "spec", "ServiceSpec", Rule::Whole),
    ("ServiceSpec", "ports", "", Rule::Keyed("port")),
    ("ServiceAccount", "secrets", "", Rule::Keyed("name")),
    ("PodDisruptionBudget", "spec", "PodDisruptionBudgetSpec", Rule::Whole),
    ("PodDisruptionBudgetSpec", "selector", "", Rule::Replace),
    ("MutatingWebhookConfiguration", "webhooks", "Webhook", Rule::Keyed("name")),
    ("ValidatingWebhookConfiguration", "webhooks", "Webhook", Rule::Keyed("name")),
    ("Webhook", "matchConditions", "", Rule::Keyed("name")),
    ("ValidatingAdmissionPolicy", "spec", "AdmissionPolicySpec", Rule::Whole),
    ("MutatingAdmissionPolicy", "spec", "AdmissionPolicySpec", Rule::Whole),
    ("AdmissionPolicySpec", "matchConditions", "", Rule::Keyed("name")),
    ("AdmissionPolicySpec", "variables", "", Rule::Keyed("name")),
    ("Node", "spec", "NodeSpec", Rule::Whole),
    ("Node", "status", "NodeStatus", Rule::Whole),
    ("NodeSpec", "podCIDRs", "", Rule::Set),
    ("NodeStatus", "conditions", "", Rule::Keyed("type")),
    ("NodeStatus", "addresses", "", Rule::Keyed("type")),
    ("CSINode", "spec", "CSINodeSpec", Rule::Whole),
    ("CSINodeSpec", "drivers", "", Rule::Keyed("name")),
    ("ResourceClaim", "status", "ResourceClaimStatus", Rule::Whole),
    ("ResourceClaimStatus", "reservedFor", "", Rule::Keyed("uid")),
    ("CustomResourceDefinition", "status", "", Rule::Whole),
];

/// What an object of a kind is; a custom resource has no rules but those of its metadata.
pub fn root(gvk: &Gvk) -> Shape {
    if !native(gvk) {
        return Shape("Object");
    }
    ROWS.iter().map(|r| r.0).find(|t| *t == gvk.kind).map_or(Shape("Object"), Shape)
}

impl Shape {
    /// Of no rules.
    pub const fn plain() -> Self {
        PLAIN
    }

    fn is_root(self) -> bool {
        self.0 == "Object"
            || ROWS.iter().any(|r| r.0 == self.0 && (r.1 == "spec" || r.1 == "webhooks"))
                && !["PodTemplate", "JobTemplate"].contains(&self.0)
            || self.0 == "ServiceAccount"
            || self.0 == "CustomResourceDefinition"
    }

    /// A field's type and its rule in a strategic merge.
    pub fn field(self, name: &str) -> (Self, Rule) {
        if let Some(row) = ROWS.iter().find(|r| r.0 == self.0 && r.1 == name) {
            return (Self(row.2), row.3);
        }
        match name {
            "metadata" if self.is_root() => (Self("ObjectMeta"), Rule::Whole),
            "status" if self.is_root() => (Self("Status"), Rule::Whole),
            _ => (PLAIN, Rule::Whole),
        }
    }

    /// The keys of a list in server-side apply; `None`: the list is owned whole. A set has no keys.
    pub fn apply_keys(self, name: &str) -> Option<&'static [&'static str]> {
        Some(match (self.0, name) {
            ("Container", "ports") => &["containerPort", "protocol"],
            ("ServiceSpec", "ports") => &["port", "protocol"],
            ("PodSpec", "topologySpreadConstraints") => &["topologyKey", "whenUnsatisfiable"],
            _ => match self.field(name).1 {
                Rule::Set => &[],
                Rule::Keyed("uid") => &["uid"],
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
