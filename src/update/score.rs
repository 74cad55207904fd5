//! The end of a drill: how it went.

use crate::domain::checklist::{Proof, StepState};
use crate::domain::criteria::Stretch;
use crate::domain::event::{Act, Ending};
use crate::domain::incident::{Incident, JobRecord};
use crate::domain::moment::{Moment, since};
use crate::domain::name::{JobId, Revision};
use crate::domain::score::Score;
use crate::model::Model;
use crate::model::dialog::Dialog;

/// Whether an undo was part of the cure: production got well after it and before anything was rolled back, and where it
/// still stands the workload runs what the revision to go back to runs.
fn cured(model: &Model, incident: &Incident, id: JobId, back_to: Revision, well_since: Option<Moment>) -> bool {
    let Some((job, well)) = incident.jobs.get(&id).zip(well_since) else { return false };
    let Act::Undo { workload, .. } = &job.act else { return false };
    let between = |other: &JobRecord| other.asked > job.asked && other.asked <= well;
    let undone_again = |act: &Act| matches!(act, Act::Undo { workload: w, .. } if w == workload);
    let given_up = incident
        .jobs
        .values()
        .any(|other| between(other) && (matches!(other.act, Act::RollBack { .. }) || undone_again(&other.act)));
    let stands = model.undone().iter().any(|u| u.job == id);
    let target = model.release().and_then(|r| r.revision(back_to));
    let right = target.and_then(|t| {
        let changed = model.differing(t)?.contains(&workload.name);
        Some(changed && model.runs(t, &workload.name)?)
    });
    job.asked <= well && !given_up && (!stands || right != Some(false))
}

/// The incident is closed: a drill shows its score.
pub fn closed(model: &mut Model) {
    let Some(card) = model.settings.drill.clone() else { return };
    let Some(incident) = &model.incident else { return };
    let count = |wanted: fn(&StepState) -> bool| {
        u32::try_from(incident.steps.values().filter(|s| wanted(s)).count()).unwrap_or(u32::MAX)
    };
    let well_since = match &model.stretch {
        Stretch::Holding { since: began, .. } => Some(*began),
        Stretch::Unseen | Stretch::Broken { .. } => None,
    };
    let mut helped = 0_usize;
    let mut wrong = 0_usize;
    for (id, job) in &incident.jobs {
        let seen = matches!(job.ending, Some(Ending::Seen { .. }));
        match &job.act {
            // Once it is back, a second one to the same place is one too many.
            Act::RollBack { to, .. } if Some(*to) == card.back_to && seen && helped == 0 => helped += 1,
            Act::Undo { .. } if seen && card.back_to.is_some_and(|to| cured(model, incident, *id, to, well_since)) => {}
            // Once it is back, a second one only finishes its restarts.
            Act::PutBack { object, .. } if Some(object) == card.put_back.as_ref() && seen => {}
            Act::RollBack { .. } | Act::Undo { .. } | Act::PutBack { .. } => wrong += 1,
            Act::Restart { .. } | Act::Stop { .. } | Act::BringBack { .. } | Act::Silence { .. } | Act::Test { .. } => {
            }
        }
    }
    let recovery = well_since.map(|began| since(model.started.wall, began));
    model.score = Some(Score {
        recovery,
        total: since(model.started.wall, model.now.wall),
        keys: model.keys,
        wrong_turns: u32::try_from(wrong).unwrap_or(u32::MAX),
        skipped: count(|s| matches!(s, StepState::Skipped { .. })),
        overridden: count(|s| matches!(s, StepState::Done { proof: Proof::Overridden, .. })),
        par_minutes: card.par_minutes,
    });
    super::open(model, Dialog::Score);
}
