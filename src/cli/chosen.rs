//! The choices of a rollback as options, the same for `plan` and `rollback`.
//!
//! Never: a default that is not helm's own behaviour, but for its pitfalls.

use crate::helm::choices::{Apply, By, Choices, Forced, Hooks, Manner, Replicas};

/// What is chosen beside the target.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line, given or not")]
pub struct Chosen {
    /// Every workload keeps the number of pods that is live, whatever the target says: an autoscaler's or a person's.
    #[arg(long)]
    pub keep_replicas: bool,
    /// Take over the fields of this object that others manage (server-side apply); may be given several times.
    #[arg(long, value_name = "KIND/NAME", value_parser = forced)]
    pub force: Vec<Forced>,
    /// Run none of the target's rollback hooks.
    #[arg(long)]
    pub no_hooks: bool,
    /// How objects are applied, as helm 4 knows it: auto (as the target was), true (by the server), false (by a merge).
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = apply)]
    pub server_side: Apply,
    /// As helm to the letter, its pitfalls too: a failed hook leaves the record pending, pods that do not come up make it
    /// failed, taking an object over deletes what the target lacks, a rollback that went on meanwhile is superseded, and
    /// what the server will refuse is tried all the same.
    #[arg(long)]
    pub helm_exact: bool,
    /// Have the helm of this machine do it, where it is refused here: its exact argv is the plan, nothing is previewed;
    /// confirmed, locked and journaled as everything else.
    #[arg(long)]
    pub with_helm: bool,
}

fn forced(text: &str) -> Result<Forced, String> {
    Forced::read(text).ok_or_else(|| "an object is named KIND/NAME, as in deployment/web".into())
}

fn apply(text: &str) -> Result<Apply, String> {
    Apply::read(text).ok_or_else(|| "auto, true or false is wanted".into())
}

impl Chosen {
    /// As the engine takes them.
    pub fn choices(&self) -> Choices {
        Choices {
            replicas: if self.keep_replicas { Replicas::AsLive } else { Replicas::AsTarget },
            hooks: if self.no_hooks { Hooks::Skip } else { Hooks::Run },
            force: self.force.iter().cloned().collect(),
            apply: self.server_side,
            manner: if self.helm_exact { Manner::Exact } else { Manner::Mended },
            by: if self.with_helm { By::Helm } else { By::Backout },
        }
    }
}

/// The options that make these choices: ` --keep-replicas --force deployment/web`; empty where none is made.
pub fn options(choices: &Choices) -> String {
    let mut all = String::new();
    if choices.replicas == Replicas::AsLive {
        all.push_str(" --keep-replicas");
    }
    if choices.hooks == Hooks::Skip {
        all.push_str(" --no-hooks");
    }
    for forced in &choices.force {
        all.extend([" --force ".to_owned(), forced.to_string()]);
    }
    if choices.apply != Apply::AsTarget {
        all.extend([" --server-side ", choices.apply.word()]);
    }
    if choices.manner == Manner::Exact {
        all.push_str(" --helm-exact");
    }
    if choices.by == By::Helm {
        all.push_str(" --with-helm");
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_say_back_what_was_chosen() {
        let force = vec![Forced { kind: "deployment".into(), name: "web".into() }];
        let server_side = Apply::ServerSide;
        let chosen =
            Chosen { keep_replicas: true, force, no_hooks: true, server_side, helm_exact: true, with_helm: true };
        let said = options(&chosen.choices());
        assert_eq!(
            said,
            " --keep-replicas --no-hooks --force deployment/web --server-side true --helm-exact --with-helm"
        );
        assert_eq!(options(&Choices::default()), "");
    }
}
