//! The end of a drill: how it went.

use crate::domain::checklist::{Proof, StepState};
use crate::domain::criteria::Stretch;
use crate::domain::event::{Act, Ending};
use crate::domain::moment::since;
use crate::domain::score::Score;
use crate::model::Model;
use crate::model::dialog::Dialog;

/// The incident is closed: a drill shows its score.
pub fn closed(model: &mut Model) {
    let Some(card) = model.settings.drill.clone() else { return };
    let Some(incident) = &model.incident else { return };
    let count = |wanted: fn(&StepState) -> bool| {
        u32::try_from(incident.steps.values().filter(|s| wanted(s)).count()).unwrap_or(u32::MAX)
    };
    let rollbacks = incident.jobs.values().filter(|j| matches!(j.act, Act::RollBack { .. }));
    let mut helped = 0_usize;
    let mut wrong = 0_usize;
    for job in rollbacks {
        let there = matches!(&job.act, Act::RollBack { to, .. } if Some(*to) == card.back_to);
        let seen = matches!(job.ending, Some(Ending::Seen { .. }));
        // Once it is back, a second one to the same place is one too many.
        if there && seen && helped == 0 { helped += 1 } else { wrong += 1 }
    }
    let recovery = match &model.stretch {
        Stretch::Holding { since: began, .. } => Some(since(model.started.wall, *began)),
        Stretch::Unseen | Stretch::Broken { .. } => None,
    };
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
