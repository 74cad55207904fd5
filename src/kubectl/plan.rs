//! An act on one workload as a plan: what would change, computed before it is confirmed. What is confirmed is what runs.
//!
//! Never: changing after it was made; its [`Plan::hash`] is what a permit names.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::change::Change;
use crate::domain::name::{Image, Namespace};
use crate::domain::workload::WorkloadRef;
use crate::helm::plan::{FieldChange, Finding, ImageChange, Level, PlanHash};

/// The plan of an undo or a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Which workload.
    pub workload: WorkloadRef,
    /// Where.
    pub namespace: Namespace,
    /// What is written into it.
    pub change: Change,
    /// The number of its revision when the plan was made; `None` where its template is none that is kept.
    pub from: Option<u64>,
    /// How its pods are replaced, in words.
    pub strategy: String,
    /// What the images become, container by container, where they change.
    pub images: Vec<ImageChange>,
    /// The images that will run, in container order.
    pub runs: Vec<Image>,
    /// Every field that changes, live against what the server would store; secrets masked.
    pub fields: Vec<FieldChange>,
    /// What to know before saying yes, the gravest first.
    pub findings: Vec<Finding>,
    /// The kubectl command line that this plan stands for; copyable.
    pub command: String,
    /// What it rests on ([`super::change::basis`]); if the live object is another, the plan is void.
    pub basis: Value,
    /// SHA-256 over everything above, hex.
    pub hash: PlanHash,
}

impl Plan {
    /// The first reason why it cannot run at all.
    pub fn blocked(&self) -> Option<&Finding> {
        self.findings.iter().find(|f| f.level == Level::Block)
    }

    /// `Deployment order-service to its revision 3`, `Deployment order-service`
    pub fn object(&self) -> String {
        match &self.change {
            Change::Undo { to, .. } => format!("{} to its revision {to}", self.workload),
            Change::Restart { .. } => self.workload.to_string(),
        }
    }
}
