//! `backout rollback`: the rollback without a screen.
//!
//! Never: a revision of its own choice.

use std::io::IsTerminal;
use std::time::Duration;

use crate::act::rollback::{TIMEOUT, Terms};
use crate::domain::name::{ReleaseName, Revision};
use crate::helm::choices::Wait;
use crate::model::Model;
use crate::plan::Plan;

use super::chosen::Chosen;
use super::fire::{NOBODY, confirm, take_up, watch};
use super::outcome::{Outcome, USAGE};
use super::plan::{Planned, prepared};
use super::progress::tell;
use super::reading::{Reader, answered, found, proposal, within};
use super::result::{Asked, Ended, of};
use super::{Globals, length, plan_page, revision};

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct Wish {
    /// The Helm release.
    pub release: String,
    /// The revision whose content comes back. It has no default: the number before the newest may be worse.
    #[arg(long, value_name = "REVISION", value_parser = revision, allow_negative_numbers = true)]
    pub to: Option<Revision>,
    /// Confirm without being asked. Where CRDs, PVCs or namespaces would be deleted it wants the release's name:
    /// --yes=RELEASE. What is blocked stays blocked.
    #[arg(long, value_name = "RELEASE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub yes: Option<String>,
    /// Do not wait for the pods: the end is then what the records say, which proves no pod.
    #[arg(long)]
    pub no_wait: bool,
    /// What is chosen beside the target.
    #[command(flatten)]
    pub chosen: Chosen,
    /// How long each hook, and then the workloads, are waited for.
    #[arg(long, value_name = "LENGTH", default_value = "5m", value_parser = length)]
    pub timeout: Duration,
    /// The result as JSON on stdout: `outcome` (seen-ready, not-seen-ready, failed, unknown, refused), `exit`,
    /// `sentence`, `release`, `namespace`, `from`, `to`, `revision` (the record that was written, else null), `plan`
    /// (its hash), `command`, `next` (what to do then, else null), `incident`, `journal` (the file), `seconds`.
    #[arg(long)]
    pub json: bool,
}

impl Wish {
    fn terms(&self) -> Terms {
        let wait = if self.no_wait { Wait::Not } else { Wait::ForReady };
        Terms { timeout: if self.timeout.is_zero() { TIMEOUT } else { self.timeout }, wait, ..Terms::default() }
    }
}

/// Rolls back.
pub fn run(globals: &Globals, wish: &Wish) -> Outcome {
    let release = ReleaseName::new(&wish.release);
    if let Some(named) = wish.yes.as_ref().filter(|y| !y.is_empty() && y.as_str() != release.as_str()) {
        return Outcome::failed(USAGE, format!("--yes={named} names another release than {release}: nothing was done"));
    }
    if wish.yes.is_none() && wish.to.is_some() && !std::io::stdin().is_terminal() {
        return Outcome::failed(USAGE, format!("{NOBODY}: look at `backout plan`, then confirm with --yes"));
    }
    within(globals, Some(release.clone()), wish.terms(), async |mut reader| {
        let ended = match rolled_back(&mut reader, wish, &release).await {
            Ok(ended) | Err(ended) => ended,
        };
        of(&reader, asked(reader.model(), wish), (wish.no_wait, wish.json), &ended)
    })
}

async fn rolled_back(reader: &mut Reader, wish: &Wish, release: &ReleaseName) -> Result<Ended, Ended> {
    reader.read(|m| answered(m) && proposal(m)).await?;
    let Some(to) = wish.to else { return Err(Ended::usage(without_revision(reader.model(), release))) };
    let identity = found(reader.model(), release)?;
    take_up(reader, identity.clone()).await?;
    let plan = match prepared(reader, release.clone(), to, wish.chosen.choices()).await? {
        Planned::Ready(plan) => plan,
        Planned::Refused(refusal, code) => return Err(Ended::early(code, plan_page::refusal(&refusal))),
    };
    tell(&plan_page::summary(&identity, &plan));
    if let Some(finding) = plan.blocked() {
        let said = format!("Blocked, and nothing was changed: {}. {}", finding.sentence, finding.cure);
        return Err(Ended::refused(said.trim_end()));
    }
    let plan = Plan::RollBack(plan);
    confirm(reader, wish.yes.as_deref(), &plan).await?;
    watch(reader, &identity, plan.noun()).await
}

/// What was asked for, and what became of it.
fn asked(model: &Model, wish: &Wish) -> Asked {
    let job = model.jobs.newest().map(|(_, job)| job);
    Asked::Release {
        release: ReleaseName::new(&wish.release),
        from: job.and_then(|j| j.plan.rollback()).map(|p| p.from),
        to: wish.to,
        revision: job.and_then(|j| j.lights.recorded),
    }
}

/// Why a rollback names its revision, and which one is proposed.
fn without_revision(model: &Model, release: &ReleaseName) -> String {
    let rule = "--to is missing: a rollback always names its revision. A bare helm rollback takes the number before \
                the newest, whatever became of it.";
    let choice = model.choice.as_ref().filter(|_| model.release().is_some_and(|r| r.name == *release));
    match choice.map(|c| (c.target, &c.why)) {
        Some((Some(target), why)) => {
            format!("{rule}\nProposed: {why}\n$ backout plan {release} --to {target}")
        }
        Some((None, why)) => format!("{rule}\n{why}"),
        None => format!("{rule}\n$ backout plan {release}"),
    }
}
