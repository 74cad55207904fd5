//! The plan of a return: which keys change, who reads the object, and who is restarted. What is confirmed is what runs.
//!
//! Never: changing after it was made; its [`Plan::hash`] is what a permit names. Its fields are masked; its content is not
//! and is never shown.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::readers::Reader;
use crate::domain::change::Object;
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::helm::digest;
use crate::helm::plan::{FieldChange, Finding, Level, Method, PlanHash};

/// The plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Of which release.
    pub release: ReleaseName,
    /// Where.
    pub namespace: Namespace,
    /// Which object.
    pub object: Object,
    /// Whose content it gets.
    pub to: Revision,
    /// The revision that is live.
    pub live: Option<Revision>,
    /// What is written into the object.
    pub write: Write,
    /// Keys that change.
    pub keys: Vec<String>,
    /// Every field that changes, live against what the server would store; secrets masked.
    pub fields: Vec<FieldChange>,
    /// Who reads it.
    pub readers: Vec<Reader>,
    /// What to know before saying yes, the gravest first.
    pub findings: Vec<Finding>,
    /// The command line that it stands for; copyable.
    pub command: String,
    /// How Helm applies the release.
    pub method: Method,
    /// The content that it is to have.
    pub content: Value,
    /// What the plan rests on ([`super::content::basis`]); null where there is no such object.
    pub basis: Value,
    /// SHA-256 over everything above, hex.
    pub hash: PlanHash,
}

/// What is written into the object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Write {
    /// Its keys.
    Content,
    /// The whole object, which is gone.
    Whole(Value),
    /// Nothing: it has that content.
    Nothing,
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

    /// Who is restarted, each with its place among the readers.
    pub fn restarted(&self) -> impl Iterator<Item = (usize, &Reader)> {
        self.readers.iter().enumerate().filter(|(_, r)| r.is_restarted())
    }

    /// `ConfigMap payment-service-config back to its content of revision 2`
    pub fn sentence(&self) -> String {
        format!("{} back to its content of revision {}", self.object, self.to)
    }
}
