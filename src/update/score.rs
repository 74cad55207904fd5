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
    let failed = rollbacks.clone().filter(|j| !matches!(j.ending, Some(Ending::Seen { .. }))).count();
    let superfluous = rollbacks.count().saturating_sub(failed).saturating_sub(1);
    let recovery = match &model.stretch {
        Stretch::Holding { since: began, .. } => Some(since(model.started.wall, *began)),
        Stretch::Unseen | Stretch::Broken { .. } => None,
    };
    model.score = Some(Score {
        recovery,
        total: since(model.started.wall, model.now.wall),
        keys: model.keys,
        wrong_turns: u32::try_from(failed + superfluous).unwrap_or(u32::MAX),
        skipped: count(|s| matches!(s, StepState::Skipped { .. })),
        overridden: count(|s| matches!(s, StepState::Done { proof: Proof::Overridden, .. })),
        par_minutes: card.par_minutes,
    });
    super::open(model, Dialog::Score);
}
