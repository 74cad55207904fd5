//! A Helm release and its revisions, as far as choosing a target needs.
//!
//! Never: the record's encoding (that is `helm/record`), nor the choice itself (`helm/target`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::change::Uses;
use super::fault::Fault;
use super::health::Port;
use super::moment::{Moment, since};
use super::name::{Image, Namespace, ReleaseName, Revision, Service};

/// Helm's status words (helm `pkg/release/status.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Helm does not know either.
    Unknown,
    /// The one that holds.
    Deployed,
    /// Removed, history kept.
    Uninstalled,
    /// Was deployed once (or, after two failures, perhaps never: the description tells).
    Superseded,
    /// Its install, upgrade or rollback failed.
    Failed,
    /// Being removed.
    Uninstalling,
    /// An install is under way, or died.
    PendingInstall,
    /// An upgrade is under way, or died.
    PendingUpgrade,
    /// A rollback is under way, or died.
    PendingRollback,
}

impl Status {
    /// Helm's own word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Deployed => "deployed",
            Self::Uninstalled => "uninstalled",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalling => "uninstalling",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
        }
    }

    /// From Helm's word; a word we do not know is `Unknown`.
    pub fn from_word(word: &str) -> Self {
        const ALL: [Status; 9] = [
            Status::Unknown,
            Status::Deployed,
            Status::Uninstalled,
            Status::Superseded,
            Status::Failed,
            Status::Uninstalling,
            Status::PendingInstall,
            Status::PendingUpgrade,
            Status::PendingRollback,
        ];
        ALL.into_iter().find(|s| s.word() == word).unwrap_or(Self::Unknown)
    }

    /// What it holds has been put into the cluster, wholly or in part. Helm writes an upgrade's objects while its record
    /// is pending, so an upgrade that waits (or died) counts; a rollback under way is the answer, not the change.
    pub const fn went_live(self) -> bool {
        match self {
            Self::Deployed | Self::Superseded | Self::Failed | Self::PendingInstall | Self::PendingUpgrade => true,
            Self::PendingRollback | Self::Unknown | Self::Uninstalled | Self::Uninstalling => false,
        }
    }

    /// One of the three pending states.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback)
    }

    /// A revision with this status ran, well or badly.
    pub const fn served(self) -> bool {
        match self {
            Self::Deployed
            | Self::Superseded
            | Self::Failed
            | Self::PendingUpgrade
            | Self::PendingRollback
            | Self::PendingInstall => true,
            Self::Unknown | Self::Uninstalled | Self::Uninstalling => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One revision of a release, from its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionFacts {
    /// Its number.
    pub revision: Revision,
    /// Helm's status.
    pub status: Status,
    /// When it was written (`info.last_deployed`, else the record's creation).
    pub updated: Moment,
    /// What only the record's payload tells; `None` until it has been read (a list of records shows labels only).
    pub content: Option<Content>,
    /// Why the payload cannot be used, in words: corrupt, too large, an unknown format.
    pub unreadable: Option<String>,
}

/// What a record's payload tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// `ecommerce-app-0.1.0`
    pub chart: String,
    /// The chart's app version, which may be the same in every revision.
    pub app_version: String,
    /// Helm's description: `Upgrade complete`, `Rollback to 2`, `Upgrade "x" failed: …`.
    pub description: String,
    /// Images by workload and container order.
    pub images: BTreeMap<Service, Vec<Image>>,
    /// Its Kubernetes Services (those that lead to pods) with their ports.
    pub services: BTreeMap<Service, Vec<Port>>,
    /// Its Ingresses by name.
    pub ingresses: BTreeSet<String>,
    /// Its PodDisruptionBudgets by name.
    pub budgets: BTreeSet<String>,
    /// Which of its workloads read which ConfigMaps and Secrets.
    pub uses: Uses,
    /// SHA-256 of the manifest and hooks, hex: equal means equal content.
    pub digest: String,
    /// The number that this revision is a rollback to, where the description says so.
    pub rollback_of: Option<Revision>,
}

/// A release with its revisions, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: ReleaseName,
    /// Where its records are.
    pub namespace: Namespace,
    /// Its revisions, ascending.
    pub revisions: Vec<RevisionFacts>,
}

impl Release {
    /// The newest revision, whatever its status: what Helm calls current.
    pub fn last(&self) -> Option<&RevisionFacts> {
        self.revisions.last()
    }

    /// The revision that holds: the newest with status deployed, else the newest at all.
    pub fn current(&self) -> Option<&RevisionFacts> {
        self.revisions.iter().rev().find(|r| r.status == Status::Deployed).or_else(|| self.last())
    }

    /// The newest revision whose content was put into the cluster, though Helm may call an older one deployed.
    pub fn live(&self) -> Option<&RevisionFacts> {
        self.revisions.iter().rev().find(|r| r.status.went_live())
    }

    /// That revision's facts.
    pub fn revision(&self, revision: Revision) -> Option<&RevisionFacts> {
        self.revisions.iter().find(|r| r.revision == revision)
    }

    /// The life of each revision that served. One that failed changed what runs all the same: it had its own life, and
    /// the one before it had none any more.
    pub fn lives(&self, now: Moment) -> BTreeMap<Revision, Life> {
        let served: Vec<&RevisionFacts> = self.revisions.iter().filter(|f| f.status.served()).collect();
        let ends = served.iter().skip(1).map(|next| next.updated).chain([now]);
        served.iter().zip(ends).map(|(f, to)| (f.revision, Life { from: f.updated, to })).collect()
    }

    /// The workloads of any of its revisions.
    pub fn services(&self) -> BTreeSet<Service> {
        self.revisions.iter().filter_map(|r| r.content.as_ref()).flat_map(|c| c.images.keys().cloned()).collect()
    }
}

/// A rollout is given this long before what is measured counts for its revision and not for the one before.
pub const SETTLING: Duration = Duration::from_mins(2);

/// From when until when a revision served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Its deployment.
    pub from: Moment,
    /// The next one's deployment, or now.
    pub to: Moment,
}

impl Life {
    /// How long.
    pub fn length(&self) -> Duration {
        since(self.from, self.to)
    }

    /// The part of it that can be measured: without the time its rollout took. `None` where it ended before that.
    pub fn settled(&self) -> Option<Self> {
        let from = self.from + chrono::Duration::from_std(SETTLING).unwrap_or_default();
        (from < self.to).then_some(Self { from, to: self.to })
    }
}

/// How a revision did while it was live, from the metrics of that window. Where neither value nor fault is there, the
/// metrics hold no data of that time.
#[derive(Debug, Clone, PartialEq)]
pub struct Lived {
    /// From its deployment.
    pub from: Moment,
    /// Until the next one took over, or until it was measured.
    pub to: Moment,
    /// Mean error ratio 0..1 of the worst service with enough traffic to judge; `None` = not measured.
    pub errors: Option<f64>,
    /// P95 in seconds of the worst service with enough traffic to judge; `None` = not measured.
    pub p95: Option<f64>,
    /// Why some of it could not be read.
    pub unread: Option<Fault>,
}

/// What to think of a revision as a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The one to go back to.
    Target,
    /// What runs now.
    Current,
    /// It could be a target too.
    Possible,
    /// It failed, or lived only in a bad time: never proposed.
    Failed,
    /// Somebody's operation is under way or died.
    Pending,
    /// Nothing is known of it.
    Unknown,
}

/// The verdict on each revision and the proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Verdict and its reason in words, by revision.
    pub verdicts: BTreeMap<Revision, (Verdict, String)>,
    /// The proposed target; `None` when none can be proposed.
    pub target: Option<Revision>,
    /// What a bare `helm rollback` would hit: the number before the newest, if it exists.
    pub bare: Option<Revision>,
    /// One sentence: why this target, which were skipped, and what the bare command would do.
    pub why: String,
}
