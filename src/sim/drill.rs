//! A drill: which production, what happened to it and when, what its images and configurations do, and what solves it.
//!
//! Never: a curve, a pod's fate or an alert written down; those follow from what runs.

mod check;
mod embedded;
mod text;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

pub use embedded::{DEFAULT, drill, drills};

use super::conduct::Rule;
use super::trouble::Trouble;
use crate::domain::change::Object;
use crate::domain::moment::Moment;
use crate::domain::name::{Context, Namespace, ReleaseName, Revision, Service};
use crate::domain::release::Status;

/// One drill, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Drill {
    /// The name on the command line: `plan`.
    pub name: String,
    /// One line for `--list`.
    pub title: String,
    /// What one learns by it.
    pub teaches: String,
    /// When the operator is paged and the clock starts.
    pub start: Moment,
    /// When it went wrong.
    pub incident_at: Moment,
    /// The seed of every draw.
    pub seed: u64,
    /// What ends the incident.
    pub solution: Solution,
    /// What a practised operator needs.
    pub par: Par,
    /// The kubeconfig context's name.
    pub context: Context,
    /// The namespace at work.
    pub namespace: Namespace,
    /// The release and its chart.
    pub release: Chart,
    /// What was deployed, oldest first.
    pub revisions: Vec<Deploy>,
    /// What images and configurations do; the first that fits holds, what none fits is well.
    pub rules: Vec<Rule>,
    /// What fails by itself, and when.
    pub troubles: Vec<Trouble>,
    /// What somebody changes past Helm, and when.
    pub hands: Vec<Hand>,
}

/// A change past Helm.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hand {
    /// When.
    pub at: Moment,
    /// The field manager that it is written as: `kubectl-edit`.
    pub by: String,
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// A strategic merge patch.
    pub patch: serde_json::Value,
}

/// What ends the incident.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Solution {
    /// The way out.
    pub by: WayOut,
    /// The revision to go back to, where going back solves it.
    #[serde(default)]
    pub revision: Option<Revision>,
    /// The ConfigMap or Secret to put back, where that solves it.
    #[serde(default)]
    pub object: Option<Object>,
    /// In one sentence, for the score.
    pub sentence: String,
}

/// The way out of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayOut {
    /// Roll the release back.
    Rollback,
    /// Put one ConfigMap or Secret back to what the live revision says.
    Revert,
    /// Nothing that this cockpit rolls back: call those who can, and wait.
    Wait,
}

/// What a practised operator needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Par {
    /// Simulated minutes from the start to the recovery.
    pub minutes: u32,
    /// Keys to the closed incident.
    pub keys: u32,
}

/// The release and its chart.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Chart {
    /// The release's name.
    pub name: ReleaseName,
    /// The chart's name.
    pub chart: String,
    /// The chart's version.
    pub version: String,
    /// The chart's app version, which tells nothing: it is the same in every revision unless a revision says otherwise.
    pub app_version: String,
    /// Where images come from: `registry.example/shop`.
    pub registry: String,
    /// The GitOps tool whose marks stand on every object.
    #[serde(default)]
    pub gitops: Option<Gitops>,
    /// Autoscaled services and their bounds.
    #[serde(default)]
    pub autoscaled: BTreeMap<Service, (u32, u32)>,
}

/// A GitOps tool's marks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, tag = "tool", rename_all = "kebab-case")]
pub enum Gitops {
    /// Argo CD: the tracking annotation and label of its application.
    ArgoCd {
        /// The application's name.
        app: String,
    },
    /// Flux: the labels of its HelmRelease.
    Flux {
        /// The HelmRelease's name.
        name: String,
        /// The namespace of the HelmRelease.
        namespace: String,
    },
}

/// Whether a revision does what it should; written down so that a test can hold the world to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It serves.
    Good,
    /// It does not.
    Bad,
}

/// One revision: the whole content it put in place.
#[derive(Debug, Clone, PartialEq)]
pub struct Deploy {
    /// Its number.
    pub revision: Revision,
    /// When helm wrote it and applied it.
    pub at: Moment,
    /// How its record stood at the end of helm's run.
    pub ended: Status,
    /// Helm's description.
    pub description: String,
    /// The chart's app version of this revision.
    pub app_version: String,
    /// Image tag of every service.
    pub versions: BTreeMap<Service, String>,
    /// Configuration keys beyond the chart's own, by service.
    pub config: BTreeMap<Service, BTreeMap<String, String>>,
    /// Pods of every service.
    pub replicas: BTreeMap<Service, u32>,
    /// Whether it does what it should.
    pub health: Health,
}

/// Why a drill file cannot be played; the sentence names file, place and remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DrillFault(pub String);

impl Drill {
    /// Reads a drill file. `file` is named in every error; the drill's name is given by the caller.
    ///
    /// # Errors
    /// The first mistake, with file, line or key, and what to write instead.
    pub fn parse(name: &str, file: &str, toml: &str) -> Result<Self, DrillFault> {
        let raw: text::DrillText =
            toml::from_str(toml).map_err(|e| DrillFault(text::sentence(file, toml, e.span(), e.message())))?;
        raw.validated(name).map_err(|(key, what)| DrillFault(format!("{file}: {key}: {what}")))
    }

    /// How long the incident had been going on when the operator was paged.
    pub fn head_start(&self) -> Duration {
        crate::domain::moment::since(self.incident_at, self.start)
    }

    /// What ran before the newest revision that holds.
    pub fn deploy(&self, revision: Revision) -> Option<&Deploy> {
        self.revisions.iter().find(|d| d.revision == revision)
    }
}
