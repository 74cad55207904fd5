//! What an operator asks for: this release stopped, the rest of it stopped, or brought back, in this cluster.
//!
//! Never: a workload that the release does not own.

use crate::domain::event::Act;
use crate::domain::name::{Namespace, ReleaseName};
use crate::domain::text::{clean, shell_quoted};
use crate::domain::workload::WorkloadKind;
use crate::helm::api::{ObjectRef, Refused, Resource};
use crate::helm::ask::store;
use crate::helm::holder::Holder;
use crate::helm::payload::Driver;
use crate::helm::plan::{Instead, Refusal};
use crate::kubectl::ask::typed;

use super::plan::{Fate, Row};
use super::saved;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Errand {
    /// Save every count, then stop everything.
    Stop,
    /// Stop what of it still runs; what was saved stays as it is.
    Finish,
    /// Every count as it was saved.
    BringBack(Meanwhile),
}

/// What becomes of a count that somebody set while the release was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meanwhile {
    /// It becomes what was saved.
    AsSaved,
    /// It stays.
    AsLive,
}

/// A maintenance that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Of which release.
    pub release: ReleaseName,
    /// Where.
    pub namespace: Namespace,
    /// The kubeconfig context, for the command lines that a person could type instead.
    pub context: String,
    /// What.
    pub errand: Errand,
    /// Who asks, as others are told.
    pub holder: Holder,
}

/// The resource that keeps what was saved.
pub fn configmaps() -> Resource {
    store(Driver::ConfigMap)
}

/// Where it is kept.
pub fn place(namespace: &Namespace, release: &ReleaseName) -> ObjectRef {
    ObjectRef { resource: configmaps(), namespace: Some(namespace.clone()), name: saved::name(release) }
}

/// The kinds of workload that have a number of pods.
pub const SCALED: [WorkloadKind; 2] = [WorkloadKind::Deployment, WorkloadKind::StatefulSet];

impl Errand {
    /// What the journal calls it.
    pub const fn act(self, release: ReleaseName, namespace: Namespace) -> Act {
        match self {
            Self::Stop | Self::Finish => Act::Stop { release, namespace },
            Self::BringBack(_) => Act::BringBack { release, namespace },
        }
    }

    /// `stop ecommerce-app for maintenance`
    pub fn sentence(self, release: &ReleaseName) -> String {
        match self {
            Self::Stop => format!("stop {release} for maintenance"),
            Self::Finish => format!("stop the rest of {release} for maintenance"),
            Self::BringBack(_) => format!("bring {release} back from maintenance"),
        }
    }

    /// The word after `backout maintenance`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stop => "start",
            Self::Finish => "finish",
            Self::BringBack(_) => "end",
        }
    }
}

impl Ask {
    /// `-n prod --context aks-prod-eu`
    pub fn whereabouts(&self) -> String {
        let namespace = format!("-n {}", shell_quoted(self.namespace.as_str()));
        if self.context.is_empty() {
            namespace
        } else {
            format!("{namespace} --context {}", shell_quoted(&self.context))
        }
    }

    /// `backout maintenance end ecommerce-app -n prod`: what may be copied without loss, as kubectl alone saves nothing.
    pub fn own(&self, errand: Errand) -> String {
        let release = shell_quoted(self.release.as_str());
        let keep = if errand == Errand::BringBack(Meanwhile::AsLive) { " --keep-live" } else { "" };
        format!("backout maintenance {} {release} {}{keep}", errand.word(), self.whereabouts())
    }

    /// What kubectl would do for it, in the order of the counts.
    pub fn by_hand(&self, rows: &[Row]) -> Vec<String> {
        let mut counts: Vec<(u32, Vec<String>)> = Vec::new();
        for row in rows {
            let Fate::To(count) = row.fate else { continue };
            let name = typed(row.workload.kind, &row.workload.name);
            match counts.iter_mut().find(|(c, _)| *c == count) {
                Some((_, names)) => names.push(name),
                None => counts.push((count, vec![name])),
            }
        }
        let scale = |(count, names): &(u32, Vec<String>)| {
            format!("kubectl scale {} --replicas={count} {}", names.join(" "), self.whereabouts())
        };
        let mut lines: Vec<String> = counts.iter().map(scale).collect();
        if matches!(self.errand, Errand::BringBack(_)) {
            lines.push(format!("kubectl delete configmap {} {}", saved::name(&self.release), self.whereabouts()));
        }
        lines
    }

    /// No plan can be made; the sentence says so, the cure what to do.
    pub fn refuse(&self, sentence: impl Into<String>, cure: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), cure: cure.into(), command: String::new(), instead: Instead::Nobody }
    }

    /// Something that must be known cannot be read.
    pub fn unread(&self, what: &str, refused: &Refused) -> Refusal {
        let sentence = format!("{what} cannot be read (namespace {}): {}", self.namespace, clean(&refused.message()));
        self.refuse(sentence, "Nothing was written. Try again, or ask for the right to read it.")
    }
}
