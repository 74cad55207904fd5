//! What an operator asks for: this release, back to that revision, in this cluster.
//!
//! Never: a rollback without a revision; `helm rollback` without one takes the number before the newest, good or bad.

use std::time::Duration;

use super::api::{Gvk, Refused, Resource};
use super::choices::{Apply, Choices, Hooks, Wait};
use super::holder::Holder;
use super::payload::Driver;
use super::plan::{Instead, Refusal};
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::text::shell_quoted;

/// A rollback that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The release.
    pub release: ReleaseName,
    /// Its namespace.
    pub namespace: Namespace,
    /// The revision whose content shall come back.
    pub to: Revision,
    /// The kubeconfig context, for the command line that a person could type instead.
    pub context: String,
    /// How long to wait for each hook and for the workloads.
    pub timeout: Duration,
    /// Whether the workloads are waited for.
    pub wait: Wait,
    /// What is chosen beside the target.
    pub choices: Choices,
    /// Who asks, as others are told.
    pub holder: Holder,
    /// What an earlier rollback from here has left behind.
    pub cut_off: Option<CutOff>,
}

/// A rollback from this machine whose end nobody saw. Its process is gone: whoever asks now holds its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// The number of its record.
    pub writes: Revision,
    /// To which revision.
    pub to: Revision,
    /// When its intent was journaled, by the clock that also dates its record.
    pub asked: Moment,
}

impl Ask {
    /// The helm command line that does the same, every target named.
    pub fn command(&self) -> String {
        let quoted: Vec<String> = self.arguments().iter().map(|word| shell_quoted(word)).collect();
        format!("helm {}", quoted.join(" "))
    }

    /// The same, an argument each.
    pub fn arguments(&self) -> Vec<String> {
        let seconds = self.timeout.as_secs();
        let timeout = if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") };
        let to = self.to.to_string();
        let mut all = vec!["rollback", self.release.as_str(), &to, "-n", self.namespace.as_str()];
        all.extend(["--kube-context", &self.context, "--history-max", "0"]);
        if self.wait == Wait::ForReady {
            all.push("--wait");
        }
        all.extend(["--timeout", &timeout]);
        if self.choices.hooks == Hooks::Skip {
            all.push("--no-hooks");
        }
        let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        if self.choices.apply != Apply::AsTarget {
            all.push(format!("--server-side={}", self.choices.apply.word()));
        }
        // helm forces all objects or none.
        if !self.choices.force.is_empty() {
            all.push("--force-conflicts".into());
        }
        all
    }

    /// No plan can be made, and helm could not do it either: there is no command to show.
    pub fn hopeless(&self, sentence: impl Into<String>, cure: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), cure: cure.into(), command: String::new(), instead: Instead::Nobody }
    }

    /// No plan can be made, but helm may do it; the sentence says why, the cure what to do.
    pub fn refuse(&self, sentence: impl Into<String>, cure: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), cure: cure.into(), command: self.command(), instead: Instead::Helm }
    }

    /// Something that must be known cannot be read.
    pub fn unread(&self, what: &str, refused: &Refused) -> Refusal {
        let cure = match refused {
            Refused::Fault { fault: crate::domain::fault::Fault::Forbidden { .. }, .. } => {
                "Ask for the right, or have somebody who has it run the command."
            }
            Refused::NotFound(_)
            | Refused::AlreadyExists(_)
            | Refused::Conflict { .. }
            | Refused::Invalid(_)
            | Refused::Busy { .. }
            | Refused::Fault { .. } => "Nothing was written. Try again, or run the command by hand.",
        };
        let sentence = format!("{what} cannot be read: {}", crate::domain::text::clean(&refused.message()));
        Refusal { instead: Instead::Nobody, ..self.refuse(sentence, cure) }
    }
}

/// The resource that stores records.
pub fn store(driver: Driver) -> Resource {
    let plural = match driver {
        Driver::Secret => "secrets",
        Driver::ConfigMap => "configmaps",
    };
    Resource { gvk: Gvk::new("v1", driver.kind()), plural: plural.into(), namespaced: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_everything() {
        let ask = Ask {
            release: "shop".into(),
            namespace: "prod".into(),
            to: Revision(2),
            context: "aks prod's".into(),
            timeout: Duration::from_mins(5),
            wait: Wait::ForReady,
            choices: Choices::default(),
            holder: Holder::default(),
            cut_off: None,
        };
        let start = r"helm rollback shop 2 -n prod --kube-context 'aks prod'\''s' --history-max 0";
        assert_eq!(ask.command(), format!("{start} --wait --timeout 5m"));
        let force = super::super::choices::Forced::read("Deployment/web").into_iter().collect();
        let choices = Choices { hooks: Hooks::Skip, force, apply: Apply::ServerSide, ..Choices::default() };
        let brief = Ask { wait: Wait::Not, choices, timeout: Duration::from_secs(90), ..ask };
        assert_eq!(brief.command(), format!("{start} --timeout 90s --no-hooks --server-side=true --force-conflicts"));
    }
}
