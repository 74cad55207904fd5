//! The plan of a stop, of the rest of one, or of a return: every workload with the count that it has, the one that was
//! saved and the one that it gets. What is confirmed is what runs.
//!
//! Never: changing after it was made; its [`Plan::hash`] is what a permit names.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask::Errand;
use super::saved::{Guard, Scaler};
use crate::domain::moment::Moment;
use crate::domain::name::{Image, Namespace, ReleaseName, Revision};
use crate::domain::workload::WorkloadRef;
use crate::helm::digest;
use crate::helm::plan::{Finding, Level, PlanHash};

/// The plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Of which release.
    pub release: ReleaseName,
    /// Where.
    pub namespace: Namespace,
    /// What is to be done.
    pub errand: Errand,
    /// Workload by workload.
    pub rows: Vec<Row>,
    /// Since when it is stopped and by whom, where it is.
    pub since: Option<(Moment, String)>,
    /// The ConfigMap that it rests on, where there is one.
    pub guard: Option<Guard>,
    /// The newest revision of the release.
    pub revision: Option<Revision>,
    /// Who makes it.
    pub by: String,
    /// What to know before saying yes, the gravest first.
    pub findings: Vec<Finding>,
    /// The command line that it stands for; copyable.
    pub command: String,
    /// What kubectl would do for it, for who has nothing else.
    pub by_hand: Vec<String>,
    /// SHA-256 over everything above, hex.
    pub hash: PlanHash,
}

/// One workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub workload: WorkloadRef,
    /// The very object.
    pub uid: String,
    /// Its count when the plan was made.
    pub now: u32,
    /// The count that is saved, or will be.
    pub saved: u32,
    /// What scales it.
    pub scaler: Option<Scaler>,
    /// What becomes of it.
    pub fate: Fate,
    /// The images that it runs.
    pub runs: Vec<Image>,
    /// How its pods are told.
    pub selector: Value,
}

/// What becomes of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It gets that count.
    To(u32),
    /// It has the count that it is to have.
    Same,
    /// It is left as it is, and why.
    Left(String),
}

impl Row {
    /// Whether a count is written.
    pub const fn is_written(&self) -> bool {
        matches!(self.fate, Fate::To(_))
    }
}

impl Plan {
    /// With its hash, which is over all the rest.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.hash = PlanHash(String::new());
        self.hash = PlanHash(digest::text(&serde_json::to_string(&self).unwrap_or_default()));
        self
    }

    /// The first reason why it cannot run at all.
    pub fn blocked(&self) -> Option<&Finding> {
        self.findings.iter().find(|f| f.level == Level::Block)
    }

    /// The workloads whose count is written.
    pub fn written(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|r| r.is_written())
    }

    /// Pods that stop, or that come back.
    pub fn pods(&self) -> u32 {
        let moves = |row: &Row| match row.fate {
            Fate::To(count) => row.now.abs_diff(count),
            Fate::Same | Fate::Left(_) => 0,
        };
        self.rows.iter().map(moves).sum()
    }

    /// The place of the ConfigMap among what is dealt with: a stop makes it first, a return deletes it last.
    pub const fn place_of_saved(&self) -> usize {
        match self.errand {
            Errand::Stop | Errand::Finish => 0,
            Errand::BringBack(_) => self.rows.len().saturating_add(1),
        }
    }
}
