//! A rollback as a plan: what would change, computed before it is confirmed. What is confirmed is what runs.
//!
//! Never: changing after it was made; its [`Plan::hash`] is what a permit names.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::choices::{Choices, Forced, Replicas};
use super::digest;
use super::external::Program;
use crate::domain::name::{Image, Namespace, ReleaseName, Revision, Service};

/// The plan of one Helm rollback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The release.
    pub release: ReleaseName,
    /// Its namespace.
    pub namespace: Namespace,
    /// The newest revision when the plan was made; if somebody moved it, the plan is void.
    pub from: Revision,
    /// The revision whose content comes back.
    pub to: Revision,
    /// The number of the record that will be written.
    pub writes: Revision,
    /// Client-side three-way merge (helm 3 records) or server-side apply (as helm 4's `auto` decides by the target).
    pub method: Method,
    /// What was chosen beside the target.
    #[serde(default)]
    pub choices: Choices,
    /// Object by object, in the order of execution.
    pub operations: Vec<Operation>,
    /// Hooks that will run, in order, and hooks of the chart that will not.
    pub hooks: Vec<HookPlan>,
    /// Objects with fields that others manage: what can be forced.
    #[serde(default)]
    pub conflicts: Vec<Forced>,
    /// The holder of a lock that is taken over, as it died: only ever a process of this person on this machine.
    #[serde(default)]
    pub over: Option<String>,
    /// What the images become, where they change.
    pub images: Vec<ImageChange>,
    /// What to know before saying yes, the gravest first.
    pub findings: Vec<Finding>,
    /// The helm command line that this plan stands for; copyable.
    pub command: String,
    /// What runs where it is not done here but by helm itself.
    #[serde(default)]
    pub program: Option<Program>,
    /// Resource versions that execution depends on: (object, resourceVersion).
    pub depends_on: Vec<(String, String)>,
    /// SHA-256 over everything above, hex.
    pub hash: PlanHash,
}

/// How objects are patched (helm 4's `apply_method`; absent = csa).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Three-way strategic merge.
    Csa,
    /// Server-side apply.
    Ssa,
}

/// The identity of one plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanHash(pub String);

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(..12).unwrap_or(&self.0))
    }
}

/// What happens to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is not there and comes back.
    Create,
    /// It differs and is patched.
    Update,
    /// It is there but not of this release's newest record: it is taken over.
    Adopt,
    /// The target does not have it: it is deleted.
    Delete,
    /// The target does not have it, but it says `helm.sh/resource-policy: keep`.
    Keep,
    /// Nothing changes.
    Same,
}

impl Change {
    /// The word on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "change",
            Self::Adopt => "take over",
            Self::Delete => "delete",
            Self::Keep => "keep",
            Self::Same => "same",
        }
    }
}

/// One object of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// What happens.
    pub change: Change,
    /// `Deployment`
    pub kind: String,
    /// Its namespace; `None` for a cluster-scoped object.
    pub namespace: Option<Namespace>,
    /// Its name.
    pub name: String,
    /// Fields that change against what is *live*, secrets masked.
    pub fields: Vec<FieldChange>,
}

/// One field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// `.spec.template.spec.containers[order-service].image`
    pub path: String,
    /// What is live; `None` = absent.
    pub live: Option<String>,
    /// What it becomes; `None` = removed.
    pub target: Option<String>,
    /// Somebody changed it by hand since the newest record (its manager, where known).
    pub drift: Option<String>,
}

/// One hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookPlan {
    /// `Job`
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `pre-rollback`
    pub event: String,
    /// Whether a rollback runs it (an upgrade's migration hook does not run).
    pub runs: bool,
}

/// One image that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageChange {
    /// Whose.
    pub service: Service,
    /// What runs now, by the live object.
    pub from: Image,
    /// What will run.
    pub to: Image,
}

/// How grave a finding is. `Block` cannot be accepted by anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It will not be done.
    Block,
    /// It must be accepted by itself.
    Confirm,
    /// To know.
    Warn,
    /// By the way.
    Info,
}

/// Something to know before saying yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How grave.
    pub level: Level,
    /// What, in one sentence.
    pub sentence: String,
    /// What to do about it; may be empty.
    pub cure: String,
}

/// What a confirmation must type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// The number of the target revision.
    Revision(Revision),
    /// The release's name, where CRDs, PVCs or namespaces would be deleted.
    Release(ReleaseName),
}

impl Plan {
    /// With its hash, which is over all the rest.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.hash = PlanHash(String::new());
        self.hash = PlanHash(digest::text(&serde_json::to_string(&self).unwrap_or_default()));
        self
    }

    /// With one more thing to know before saying yes.
    #[must_use]
    pub fn with(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self.findings.sort_by_key(|f| f.level);
        self.sealed()
    }

    /// What has to be typed to confirm it (design §7 rule 6).
    pub fn datum(&self) -> Datum {
        let irreplaceable = ["CustomResourceDefinition", "PersistentVolumeClaim", "Namespace"];
        let loses =
            self.operations.iter().any(|o| o.change == Change::Delete && irreplaceable.contains(&o.kind.as_str()));
        if loses { Datum::Release(self.release.clone()) } else { Datum::Revision(self.to) }
    }

    /// Whether keeping the live numbers of pods would change anything, or does.
    pub fn can_keep_replicas(&self) -> bool {
        let counts = self.operations.iter().flat_map(|o| &o.fields).any(|f| f.path == ".spec.replicas");
        counts || self.choices.replicas == Replicas::AsLive
    }

    /// Whether forcing would change anything, or does.
    pub fn can_force(&self) -> bool {
        !self.conflicts.is_empty() || !self.choices.force.is_empty()
    }

    /// The operations of one kind of change.
    pub fn of(&self, change: Change) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(move |o| o.change == change)
    }

    /// The first reason why it cannot run at all.
    pub fn blocked(&self) -> Option<&Finding> {
        self.findings.iter().find(|f| f.level == Level::Block)
    }

    /// `2 objects change, 0 deleted, 1 hook runs`
    pub fn summary(&self) -> String {
        if let Some(program) = &self.program {
            return format!("{} does it; what changes is not known beforehand", program.called());
        }
        let changed = self
            .operations
            .iter()
            .filter(|o| matches!(o.change, Change::Create | Change::Update | Change::Adopt))
            .count();
        let deleted = self.of(Change::Delete).count();
        let hooks = self.hooks.iter().filter(|h| h.runs).count();
        let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        format!(
            "{}, {deleted} deleted, {}",
            plural(changed, "object changes", "objects change"),
            plural(hooks, "hook runs", "hooks run")
        )
    }
}

/// Why there is no plan at all: said before anything was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{sentence}")]
pub struct Refusal {
    /// What stands in the way, on which object.
    pub sentence: String,
    /// What to do now.
    pub cure: String,
    /// The helm command line for the person who must do it by hand; empty where there is none.
    pub command: String,
    /// Who can do it from here instead.
    #[serde(skip)]
    pub instead: Instead,
}

/// Who can do from here what is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Instead {
    /// Nobody, as far as is known: what stands in the way here stands in helm's way, too.
    #[default]
    Nobody,
    /// helm itself: it is only that it cannot be done here exactly.
    Helm,
}
