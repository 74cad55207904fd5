//! What an execution watches of a pod: whose it is, of which template, which images, how far.
//!
//! Never: several pods together; that is [`super::readiness`].

use serde_json::Value;

use super::progress::{Lot, PodStep, Stage};
use super::{images, rollout};
use crate::domain::name::{Image, PodName};

/// Labels by which a controller tells its templates.
const LABELS: [&str; 3] = ["pod-template-hash", "pod-template-generation", "controller-revision-hash"];

/// What tells pods of one template from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Uid of the ReplicaSet, StatefulSet or DaemonSet.
    pub owner: String,
    /// The hash, revision or generation.
    pub label: String,
}

/// A pod as far as a rollout needs it.
#[derive(Debug, Clone)]
pub struct PodFacts {
    /// Its template.
    pub template: Template,
    /// What it runs.
    pub images: Vec<Image>,
    /// How far it is.
    pub stage: Stage,
}

/// Reads a pod.
pub fn of(pod: &Value) -> PodFacts {
    let labels = pod.pointer("/metadata/labels");
    let label = LABELS.iter().find_map(|name| labels?.get(name)?.as_str()).unwrap_or_default().to_owned();
    let owner = rollout::text(pod, "/metadata/ownerReferences/0/uid").to_owned();
    let images = images::in_spec(pod.get("spec"));
    PodFacts { template: Template { owner, label }, images, stage: stage(pod) }
}

fn stage(pod: &Value) -> Stage {
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        return Stage::Leaving;
    }
    match rollout::failing(pod) {
        Some((container, why)) => Stage::Failing { container, why },
        None if rollout::ready(pod) => Stage::Ready,
        None => Stage::Starting,
    }
}

impl PodFacts {
    /// What is wrong with it.
    pub fn trouble(&self) -> Option<&str> {
        match &self.stage {
            Stage::Failing { why, .. } => Some(why),
            Stage::Starting | Stage::Ready | Stage::Leaving => None,
        }
    }

    /// As it is told.
    pub fn step(&self, name: &str, lot: Lot) -> PodStep {
        PodStep { pod: PodName::new(name), lot, stage: self.stage.clone() }
    }
}
