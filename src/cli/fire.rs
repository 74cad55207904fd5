//! From a plan to the end of its act, without a screen. It drives the same `update` as the cockpit does: the plan opens
//! in the same dialog, `--yes` or the typed datum arms and confirms it, and the one check of a permit decides.
//!
//! Never: a second way to a permit, an act repeated.

use std::time::Duration;

use crate::app::headless::Waited;
use crate::domain::earlier::Earlier;
use crate::domain::event::Event;
use crate::domain::identity::Identity;
use crate::domain::incident::Incident;
use crate::intent::Intent;
use crate::model::Model;
use crate::model::arm::Arm;
use crate::model::dialog::PlanState;
use crate::model::journal::JournalState;
use crate::msg::Msg;
use crate::plan::{DatumKind, Plan};
use crate::ports::Journal;

use super::consent::{Consent, consent};
use super::outcome::{Outcome, UNKNOWN};
use super::plan::state;
use super::plan_page;
use super::progress::{Lines, tell};
use super::reading::Reader;
use super::result::Ended;

/// A running act ends by its own time-outs; nothing here cuts it short.
const UNBOUNDED: Duration = Duration::MAX;

/// Why nothing can be confirmed where stdin is no terminal.
pub const NOBODY: &str = "Nobody can be asked, as stdin is no terminal";

/// Takes up the incident of this cluster and namespace that was left open, where there is one and nobody holds it.
///
/// # Errors
/// Somebody holds it, the journal cannot be written, or nothing may be run from here.
pub async fn take_up(reader: &mut Reader, identity: Identity) -> Result<(), Ended> {
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
            let (holds, way_out) = (who.holds(), who.way_out());
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

/// From the plan to its permit: `--yes` or the typed datum arms and confirms. Where a release's data would be deleted,
/// `--yes` says its name.
///
/// # Errors
/// It is not confirmed.
pub async fn confirm(reader: &mut Reader, yes: Option<&str>, plan: &Plan) -> Result<(), Ended> {
    let datum = plan.datum();
    let loss = match plan {
        Plan::RollBack(_) if datum.kind == DatumKind::Name => {
            Some("Objects would be deleted that cannot come back (CRDs, PVCs or namespaces)")
        }
        Plan::Maintenance(_) => Some("All of production's workloads are set at once"),
        Plan::RollBack(_) | Plan::Workload(_) | Plan::Revert(_) | Plan::Silence(_) | Plan::Tests(_) => None,
    };
    if let (Some(why), Some("")) = (loss, yes) {
        return Err(Ended::refused(format!("{why}: --yes={} is wanted", datum.wanted)));
    }
    let grave = loss.is_some();
    loop {
        let datum = match yes {
            Some(name) if grave => name.to_owned(),
            Some(_) => datum.wanted.clone(),
            None => match consent(&mut reader.headless, plan).await {
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
            Some(why) if yes.is_some() => return Err(Ended::refused(format!("Not run: {why}"))),
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
    match model.plan_on_show()? {
        PlanState::Ready { complaint, .. } => complaint.clone(),
        PlanState::Refused(refusal) => Some(refusal.sentence.clone()),
        PlanState::Planning { .. } | PlanState::Confirmed { .. } => None,
    }
}

/// Tells the act, a `noun` such as "rollback", fact by fact until it has ended and its end is journaled.
///
/// # Errors
/// It did not come to the act.
pub async fn watch(reader: &mut Reader, identity: &Identity, noun: &'static str) -> Result<Ended, Ended> {
    let mut lines = Lines::new(identity, noun);
    let over = |model: &Model| {
        let writing = matches!(model.journal, JournalState::Writing(_));
        let ended = model.jobs.newest().is_some_and(|(_, job)| job.ending.is_some());
        let stopped = model.jobs.newest().is_none() && complaint(model).is_some();
        !writing && (ended || stopped || (model.jobs.newest().is_none() && model.dialog.is_none()))
    };
    let waited = reader.headless.until(UNBOUNDED, over, |model, leave| lines.fold(model, leave)).await;
    let model = reader.model();
    if waited == Waited::Signalled {
        let why = format!(
            "asked to end twice: the {noun} was left where it was, its outcome is unknown. Look at it (`helm history`, \
             `kubectl rollout status`) before anything else; backout shows it at its next start"
        );
        return Ok(Ended::early(UNKNOWN, why));
    }
    if let Some(ending) = model.jobs.newest().and_then(|(_, job)| job.ending.clone()) {
        return Ok(Ended::Act(ending));
    }
    let notice = model.notice.as_ref().map(|n| n.text.clone());
    let why = complaint(model).or(notice).unwrap_or_else(|| "nothing was run".into());
    Err(Ended::refused(why))
}
