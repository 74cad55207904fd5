//! What an operator chooses about a rollback beside its target, and what is waited for. A choice is part of the plan, so
//! of its hash: what is confirmed is what runs. By default everything is as helm does it.
//!
//! Never: chosen by itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::api::ObjectRef;

/// What to wait for after the records say deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Until every workload runs the target, or the time-out.
    ForReady,
    /// Not at all.
    Not,
}

/// The choices of one rollback.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// How many pods the workloads get.
    pub replicas: Replicas,
    /// Whether hooks run.
    pub hooks: Hooks,
    /// Objects whose fields are taken over from other managers, where the server would call it a conflict.
    pub force: BTreeSet<Forced>,
    /// How objects are applied.
    pub apply: Apply,
    /// As helm does it to the letter, or with its pitfalls mended.
    pub manner: Manner,
    /// Who does it.
    pub by: By,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The engine here: it shows what changes, and does exactly that.
    #[default]
    Backout,
    /// helm itself, an external program, where it is refused here.
    Helm,
}

/// How objects are applied (`helm rollback --server-side`, which only helm 4 has).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Apply {
    /// As the target was (helm's way).
    #[default]
    AsTarget,
    /// By the server, whatever the target was: what helm owned by updates is migrated first.
    ServerSide,
    /// By a three-way merge, whatever the target was.
    ClientSide,
}

impl Apply {
    /// From helm's own word: `auto`, `true`, `false`.
    pub fn read(text: &str) -> Option<Self> {
        [Self::AsTarget, Self::ServerSide, Self::ClientSide].into_iter().find(|a| a.word() == text)
    }

    /// Helm's own word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsTarget => "auto",
            Self::ServerSide => "true",
            Self::ClientSide => "false",
        }
    }
}

/// How many pods the workloads get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replicas {
    /// As the target says (helm's way).
    #[default]
    AsTarget,
    /// As many as are live: what an autoscaler or a person has set stays (deviation D11).
    AsLive,
}

/// Whether hooks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hooks {
    /// Those of the target (helm's way).
    #[default]
    Run,
    /// None (`helm rollback --no-hooks`).
    Skip,
}

/// How close to helm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// With the deviations that mend helm's pitfalls (helm-rollback D1-D10): no pending record is left behind, a failed
    /// revision stays failed, taking an object over deletes nothing of it, and what the server refuses blocks.
    #[default]
    Mended,
    /// As helm: what the server will refuse is tried all the same, one creation after another; pods that were waited for
    /// decide what the record says; a rollback that went on meanwhile is superseded; what cannot be deleted fails the
    /// rollback where helm 4 wrote one of the records, and is passed over in silence where only helm 3 did.
    Exact,
}

/// An object whose conflicts are forced: `Deployment/web`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Forced {
    /// `Deployment`, in any case.
    pub kind: String,
    /// `web`
    pub name: String,
}

impl Forced {
    /// From `KIND/NAME`; `None` where it is nothing of the kind.
    pub fn read(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        let whole = !kind.is_empty() && !name.is_empty() && !name.contains('/');
        whole.then(|| Self { kind: kind.to_lowercase(), name: name.to_owned() })
    }

    /// The object at that address.
    pub fn of(at: &ObjectRef) -> Self {
        Self { kind: at.resource.gvk.kind.to_lowercase(), name: at.name.clone() }
    }
}

impl std::fmt::Display for Forced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl Choices {
    /// Whether conflicts on that object are forced.
    pub fn forces(&self, at: &ObjectRef) -> bool {
        self.force.contains(&Forced::of(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_to_force_is_a_kind_and_a_name() {
        let read = |text: &str| Forced::read(text).map(|f| f.to_string());
        assert_eq!(read("Deployment/web"), Some("deployment/web".into()));
        assert_eq!([read("web"), read("/web"), read("Deployment/"), read("a/b/c")], [None, None, None, None]);
    }
}
