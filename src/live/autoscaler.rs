//! One horizontal autoscaler: what it scales, and between which counts.

use serde::Deserialize;

use super::follow::Versioned;
use super::meta::Meta;

/// The wanted labels and annotations: none.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct NoMarks {}

/// The wanted members of an autoscaling/v2 HorizontalPodAutoscaler.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Autoscaler {
    pub metadata: Meta<NoMarks>,
    spec: Spec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    scale_target_ref: Target,
    min_replicas: Option<u32>,
    max_replicas: u32,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Target {
    kind: String,
    name: String,
}

impl Versioned for Autoscaler {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

impl Autoscaler {
    /// The kind and name of what it scales.
    pub fn target(&self) -> (&str, &str) {
        (&self.spec.scale_target_ref.kind, &self.spec.scale_target_ref.name)
    }

    /// The least (1 where it is not said) and most replicas.
    pub fn bounds(&self) -> (u32, u32) {
        (self.spec.min_replicas.unwrap_or(1), self.spec.max_replicas)
    }
}
