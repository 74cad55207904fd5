//! Ticking, skipping, reopening, and the place keeper.
//!
//! Never: a tick without a person, or without the value that was seen.

use crate::domain::checklist::{Proof, StepState};
use crate::domain::event::Event;
use crate::domain::evidence::{Evidence, Sensor, Verdict};
use crate::domain::name::StepNo;
use crate::effect::Effect;
use crate::model::Model;
use crate::model::dialog::Purpose;

use super::{journal, text};

/// The person ticks the step under the cursor.
pub fn tick(model: &mut Model) -> Vec<Effect> {
    let step = model.panes.step;
    if journal::is_pending(model, |e| matches!(e, Event::StepTicked { step: s, .. } if *s == step)) {
        return Vec::new();
    }
    match model.evidence.get(&step) {
        Some(Evidence { verdict: Verdict::Met, value, .. }) => {
            let value = value.clone();
            journal::append(model, vec![Event::StepTicked { step, value, proof: Proof::Sensed }])
        }
        Some(Evidence { verdict: Verdict::NotMet | Verdict::Unknown, .. }) => {
            text::ask(model, Purpose::Override(step));
            Vec::new()
        }
        None => {
            text::ask(model, Purpose::Attest(step));
            Vec::new()
        }
    }
}

/// The value of a tick against the evidence: what was seen, and why it was ticked all the same.
pub fn overridden(model: &Model, step: StepNo, why: &str) -> Event {
    let seen = model.evidence.get(&step).map_or("no evidence", |e| e.value.as_str());
    Event::StepTicked { step, value: format!("{seen}; {why}"), proof: Proof::Overridden }
}

/// After a settled step the eye goes to the next open one.
pub fn move_on(model: &mut Model) {
    let Some(incident) = &model.incident else { return };
    if incident.step(model.panes.step).is_settled()
        && let Some(next) = incident.first_open(&model.settings.runbook)
    {
        model.panes.step = next;
    }
}

/// Work on the first open step begins by itself: the place keeper and the time box need its moment.
pub fn begin_next(model: &mut Model) -> Vec<Effect> {
    let Some(incident) = model.open_incident() else { return Vec::new() };
    let Some(step) = incident.first_open(&model.settings.runbook) else { return Vec::new() };
    let fresh = matches!(incident.step(step), StepState::Todo);
    let settling = journal::is_pending(model, |e| {
        matches!(e, Event::StepBegan { .. } | Event::StepTicked { .. } | Event::StepSkipped { .. })
    });
    if fresh && !settling { journal::append(model, vec![Event::StepBegan { step }]) } else { Vec::new() }
}

/// Steps whose evidence was lost after a sensed tick. Only "not met" reopens: not knowing is no news.
pub fn lost(model: &Model) -> Vec<Event> {
    let Some(incident) = model.open_incident() else { return Vec::new() };
    let watched = |no: StepNo| {
        let sensor = model.settings.runbook.step(no).and_then(|s| s.sensor);
        sensor.is_some_and(|s| s.shows_an_effect() || s == Sensor::RolledBack)
    };
    incident
        .steps
        .iter()
        .filter(|(no, state)| matches!(state, StepState::Done { proof: Proof::Sensed, .. }) && watched(**no))
        .filter_map(|(no, _)| model.evidence.get(no).filter(|e| e.verdict == Verdict::NotMet).map(|e| (*no, e)))
        .filter(|(no, _)| !journal::is_pending(model, |e| matches!(e, Event::StepReopened { step, .. } if step == no)))
        .map(|(step, evidence)| Event::StepReopened { step, now: evidence.value.clone() })
        .collect()
}
