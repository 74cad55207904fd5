//! `backout rollback`: the rollback without a screen. It drives the same `update` as the cockpit does: the plan opens in
//! the same dialog, `--yes` or the typed datum arms and confirms it, and the one check of a permit decides.
//!
//! Never: a revision of its own choice, a second way to a permit, an act repeated.

use std::io::IsTerminal;
use std::time::Duration;

use crate::act::rollback::{TIMEOUT, Terms};
use crate::app::headless::Waited;
use crate::domain::earlier::{self, Earlier};
use crate::domain::event::Event;
use crate::domain::identity::Identity;
use crate::domain::incident::Incident;
use crate::domain::name::{ReleaseName, Revision};
use crate::helm::choices::Wait;
use crate::helm::plan::{Datum, Plan};
use crate::intent::Intent;
use crate::model::Model;
use crate::model::arm::Arm;
use crate::model::dialog::{Dialog, PlanState};
use crate::model::journal::JournalState;
use crate::msg::Msg;
use crate::ports::Journal;

use super::chosen::Chosen;
use super::consent::{Consent, consent};
use super::outcome::{Outcome, UNKNOWN, USAGE};
use super::plan::{Planned, prepared, state};
use super::progress::{Lines, tell};
use super::reading::{Reader, answered, found, proposal, within};
use super::result::{Ended, of};
use super::{Globals, length, plan_page, revision};

/// A running rollback ends by its own time-outs; nothing here cuts it short.
const UNBOUNDED: Duration = Duration::MAX;

const NOBODY: &str = "Nobody can be asked, as stdin is no terminal: look at `backout plan`, then confirm with --yes";

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
    /// (its hash), `command`, `incident`, `journal` (the file), `seconds`.
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
        return Outcome::failed(USAGE, NOBODY);
    }
    within(globals, Some(release.clone()), wish.terms(), async |mut reader| {
        let ended = match rolled_back(&mut reader, wish, &release).await {
            Ok(ended) | Err(ended) => ended,
        };
        of(&reader, wish, &ended)
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
    confirm(reader, wish, &plan).await?;
    watch(reader, &identity).await
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

/// Takes up the incident of this cluster and namespace that was left open, where there is one and nobody holds it.
async fn take_up(reader: &mut Reader, identity: Identity) -> Result<(), Ended> {
    let earlier = reader.ledger.look(identity, None).await;
    let (known, cut_off) = if let Earlier::Ours { entries, .. } = &earlier {
        (entries.len(), Incident::fold(entries).map_or(0, |incident| incident.in_flight().len()))
    } else {
        (0, 0)
    };
    let session = &mut reader.headless.session;
    session.hear(Msg::Looked(session.model.others.generation, earlier));
    session.settled().await;
    let model = reader.model();
    if let Some(notice) = &model.notice {
        tell(&notice.text);
    }
    if cut_off > 0 {
        explained(reader, known, cut_off).await?;
    }
    let model = reader.model();
    match (&model.journal, model.arm) {
        (JournalState::HeldBy { who }, _) => {
            let incident = model.incident.as_ref().map(|i| i.id.to_string()).unwrap_or_default();
            let (holds, way_out) = (earlier::holds(who), earlier::way_out(who));
            Err(Ended::refused(format!("{holds} the incident {incident}: nothing was done. {way_out}")))
        }
        (JournalState::Left, arm) => Err(Ended::refused(arm.refusal().unwrap_or_default())),
        (JournalState::Broken { why } | JournalState::Edited { why }, _) => {
            Err(Ended::refused(format!("The journal cannot be written, so nothing is run: {why}")))
        }
        (JournalState::Ready | JournalState::Writing(_), arm @ Arm::ReadOnly) => {
            Err(Ended::refused(arm.refusal().unwrap_or_default()))
        }
        (JournalState::Ready | JournalState::Writing(_), Arm::Safe | Arm::Asked { .. } | Arm::Armed { .. }) => Ok(()),
    }
}

/// Where acts stand whose end nobody saw, before anything else is planned.
async fn explained(reader: &mut Reader, known: usize, cut_off: usize) -> Result<(), Outcome> {
    let seen = |model: &Model| -> Vec<String> {
        let entries = model.incident.iter().flat_map(|i| i.entries.iter().skip(known));
        entries
            .filter_map(|e| if let Event::Seen { what, .. } = &e.event { Some(what.clone()) } else { None })
            .collect()
    };
    reader.read(|model| seen(model).len() >= cut_off).await?;
    for what in seen(reader.model()) {
        tell(&what);
    }
    Ok(())
}

/// From the plan to its permit: `--yes` or the typed datum arms and confirms.
async fn confirm(reader: &mut Reader, wish: &Wish, plan: &Plan) -> Result<(), Ended> {
    let given = wish.yes.as_deref();
    if let (Datum::Release(name), Some("")) = (plan.datum(), given) {
        return Err(Ended::refused(format!(
            "Objects would be deleted that cannot come back (CRDs, PVCs or namespaces): --yes={name} is wanted"
        )));
    }
    loop {
        let datum = match (given, plan.datum()) {
            (Some(_), Datum::Revision(revision)) => revision.to_string(),
            (Some(name), Datum::Release(_)) => name.to_owned(),
            (None, wanted) => match consent(&mut reader.headless, &wanted).await {
                Consent::Typed(datum) => datum,
                Consent::Not(why) => return Err(Ended::refused(why)),
            },
        };
        match state(reader.model()) {
            Some(Err(refusal)) => return Err(Ended::refused(plan_page::refusal(&refusal))),
            Some(Ok(_)) => {}
            None => return Err(Ended::refused("the plan is gone; nothing was changed")),
        }
        let complaint = pressed(reader, &datum);
        match complaint {
            None => return Ok(()),
            Some(why) if given.is_some() => return Err(Ended::refused(format!("Not run: {why}"))),
            Some(why) => tell(&format!("not confirmed: {why}")),
        }
    }
}

/// Arms, types and confirms as a person would; the dialog's complaint where it does not take it.
fn pressed(reader: &mut Reader, datum: &str) -> Option<String> {
    let headless = &mut reader.headless;
    if headless.session.model.arm.at(headless.session.model.now.mono) == Arm::Safe {
        // Asked, and asked again: as with keys.
        headless.session.hear(Msg::Meant(Intent::Arm));
        headless.session.hear(Msg::Meant(Intent::Arm));
    }
    headless.typed(datum);
    headless.session.hear(Msg::Meant(Intent::Confirm));
    complaint(&headless.session.model)
}

fn complaint(model: &Model) -> Option<String> {
    match &model.dialog.as_ref()?.dialog {
        Dialog::Plan(dialog) => match &dialog.state {
            PlanState::Ready { complaint, .. } => complaint.clone(),
            PlanState::Refused(refusal) => Some(refusal.sentence.clone()),
            PlanState::Planning { .. } | PlanState::Confirmed { .. } => None,
        },
        Dialog::Declare { .. }
        | Dialog::Targets { .. }
        | Dialog::Progress { .. }
        | Dialog::Ask(_)
        | Dialog::Pod { .. }
        | Dialog::Behind { .. }
        | Dialog::Revision { .. }
        | Dialog::Step { .. }
        | Dialog::Workloads { .. }
        | Dialog::Kept { .. }
        | Dialog::Help { .. }
        | Dialog::Palette { .. }
        | Dialog::Score
        | Dialog::Leave => None,
    }
}

/// Tells the rollback fact by fact until it has ended and its end is journaled.
async fn watch(reader: &mut Reader, identity: &Identity) -> Result<Ended, Ended> {
    let mut lines = Lines::new(identity);
    let over = |model: &Model| {
        let writing = matches!(model.journal, JournalState::Writing(_));
        let ended = model.jobs.newest().is_some_and(|(_, job)| job.ending.is_some());
        let stopped = model.jobs.newest().is_none() && complaint(model).is_some();
        !writing && (ended || stopped || (model.jobs.newest().is_none() && model.dialog.is_none()))
    };
    let waited = reader.headless.until(UNBOUNDED, over, |model, leave| lines.fold(model, leave)).await;
    let model = reader.model();
    if waited == Waited::Signalled {
        let why = "asked to end twice: the rollback was left where it was, its outcome is unknown. Look at \
                   `helm history` before anything else; backout shows it at its next start";
        return Ok(Ended::early(UNKNOWN, why));
    }
    if let Some(ending) = model.jobs.newest().and_then(|(_, job)| job.ending.clone()) {
        return Ok(Ended::Act(ending));
    }
    let notice = model.notice.as_ref().map(|n| n.text.clone());
    let why = complaint(model).or(notice).unwrap_or_else(|| "nothing was run".into());
    Err(Ended::refused(why))
}
