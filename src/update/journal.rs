//! The journal's side of the model: what is asked to be written, and what is on disk. The incident changes only by
//! what is on disk.

use std::time::Duration;

use crate::domain::event::{Entry, Event};
use crate::domain::incident::Incident;
use crate::domain::name::Person;
use crate::effect::Effect;
use crate::model::arm::Arm;
use crate::model::dialog::{Dialog, RollbackState};
use crate::model::journal::JournalState;
use crate::model::panes::Pane;
use crate::model::{Model, Notice, Tone};

use super::checklist;

/// A line for the person, for some seconds.
pub fn notice(model: &mut Model, tone: Tone, text: impl Into<String>) {
    let length = if tone == Tone::Info { 6 } else { 15 };
    model.notice = Some(Notice { text: text.into(), tone, until: model.now.mono + Duration::from_secs(length) });
}

/// Asks for events to be written. Nothing is asked where nothing can be written.
pub fn append(model: &mut Model, events: Vec<Event>) -> Vec<Effect> {
    if events.is_empty() {
        return Vec::new();
    }
    match &mut model.journal {
        JournalState::HeldBy { .. } => return Vec::new(),
        JournalState::Writing(pending) => pending.extend(events.iter().cloned()),
        JournalState::Ready | JournalState::Broken { .. } => model.journal = JournalState::Writing(events.clone()),
    }
    vec![Effect::Append(events)]
}

/// Whether an event like this is on its way to the disk.
pub fn is_pending(model: &Model, like: impl Fn(&Event) -> bool) -> bool {
    match &model.journal {
        JournalState::Writing(pending) => pending.iter().any(like),
        JournalState::Ready | JournalState::Broken { .. } | JournalState::HeldBy { .. } => false,
    }
}

/// Entries are on disk: the incident is what they fold to.
pub fn appended(model: &mut Model, entries: &[Entry]) -> Vec<Effect> {
    if let JournalState::Writing(pending) = &mut model.journal {
        pending.drain(..entries.len().min(pending.len()));
        if pending.is_empty() {
            model.journal = JournalState::Ready;
        }
    }
    for entry in entries {
        fold(model, entry);
    }
    let mut effects = checklist::begin_next(model);
    effects.extend(super::derive::derive(model));
    effects
}

fn fold(model: &mut Model, entry: &Entry) {
    match &mut model.incident {
        Some(incident) if incident.closed.is_none() => incident.apply(entry),
        Some(_) | None => {
            if let Some(fresh) = Incident::open(entry) {
                model.incident = Some(fresh);
            }
        }
    }
    match &entry.event {
        Event::ActAsked { job, .. } => super::jobs::asked(model, *job),
        Event::StepTicked { .. } | Event::StepSkipped { .. } => checklist::move_on(model),
        Event::StepReopened { step, now } => {
            model.panes.step = *step;
            notice(model, Tone::Alarm, format!("step {step} is open again: now {now}"));
        }
        Event::Closed { .. } => super::score::closed(model),
        Event::Opened { .. }
        | Event::SeveritySet { .. }
        | Event::CommanderNamed { .. }
        | Event::TargetChosen { .. }
        | Event::StepBegan { .. }
        | Event::Note { .. }
        | Event::FollowUp { .. }
        | Event::Seen { .. }
        | Event::ActProgressed { .. }
        | Event::ActEnded { .. }
        | Event::Resumed { .. } => {}
    }
}

/// The journal could not be written: nothing was run.
pub fn not_appended(model: &mut Model, why: String) -> Vec<Effect> {
    notice(model, Tone::Alarm, format!("journal not written, nothing was run: {why}"));
    let complaint = format!("the journal cannot be written ({why}): nothing was run");
    model.journal = JournalState::Broken { why };
    if let Some(opened) = &mut model.dialog
        && let Dialog::Rollback(dialog) = &mut opened.dialog
        && let RollbackState::Confirmed { plan } = &dialog.state
    {
        dialog.state = super::rollback::ready(plan.clone(), Some(complaint));
    }
    Vec::new()
}

/// An open incident was found on this machine: the place is kept.
pub fn found(model: &mut Model, entries: &[Entry]) -> Vec<Effect> {
    let Some(incident) = Incident::fold(entries) else { return Vec::new() };
    let in_flight = incident.in_flight();
    model.release = incident.release.clone().or_else(|| model.release.clone());
    let place = checklist::first_open(&model.settings.runbook, &incident);
    let left = incident.entries.last().map(|e| crate::domain::moment::since(e.at, model.now.wall));
    let away = left.map(crate::domain::moment::long).unwrap_or_default();
    let where_ = place.map_or_else(|| "all steps are settled".into(), |no| format!("you were at step {no}"));
    let text = if in_flight.is_empty() {
        format!("resumed {}: {where_}, {away} ago", incident.id)
    } else {
        let what = incident.last_rollback().map(|(_, j)| j.act.sentence()).unwrap_or_default();
        format!(
            "resumed {}: {where_}, {away} ago; outcome UNKNOWN: {what}. Look at Helm before anything else",
            incident.id
        )
    };
    let tone = if in_flight.is_empty() { Tone::Info } else { Tone::Alarm };
    if !in_flight.is_empty() {
        model.panes.focus = Pane::Checklist;
    }
    model.incident = Some(incident);
    if let Some(no) = place {
        model.panes.step = no;
    }
    notice(model, tone, text);
    append(model, vec![Event::Resumed { in_flight }])
}

/// Another cockpit holds the incident: look, but do not touch.
pub fn held(model: &mut Model, who: Person, entries: &[Entry]) -> Vec<Effect> {
    model.incident = Incident::fold(entries);
    model.arm = Arm::ReadOnly;
    notice(model, Tone::Alarm, format!("{who} holds this incident: this cockpit is read-only"));
    model.journal = JournalState::HeldBy { who };
    Vec::new()
}
