//! The journal's side of the model: what is asked to be written, and what is on disk. The incident changes only by
//! what is on disk.

use std::time::Duration;

use crate::domain::checklist::StepState;
use crate::domain::event::{Act, Entry, Event};
use crate::domain::incident::Incident;
use crate::domain::name::JobId;
use crate::domain::writer::Writer;
use crate::effect::Effect;
use crate::intent::Intent;
use crate::model::arm::Arm;
use crate::model::dialog::{Dialog, PlanState};
use crate::model::journal::JournalState;
use crate::model::panes::Pane;
use crate::model::{Holds, Model, Notice, Tone};

use super::checklist;

/// An alarm stays at least this long.
const READABLE: Duration = Duration::from_secs(4);

/// A line for the person, for some time.
pub fn notice(model: &mut Model, tone: Tone, text: impl Into<String>) {
    notice_while(model, Holds::Anyway, tone, text);
}

/// A wish cannot be had: said for some time, or until what it lacks is there.
pub fn refuse(model: &mut Model, wish: Intent, why: String) {
    let on_release = matches!(wish, Intent::RollBack | Intent::ChooseTarget | Intent::Maintenance | Intent::Revert);
    let on_workload = matches!(wish, Intent::Undo | Intent::Restart);
    let holds = if on_release && model.no_release().is_some() {
        Holds::NoRelease
    } else if on_workload && model.no_workload().is_some() {
        Holds::NoWorkload
    } else {
        Holds::Anyway
    };
    notice_while(model, holds, Tone::Refused, why);
}

/// A line for the person, for some time, and no longer than it is true.
pub fn notice_while(model: &mut Model, holds: Holds, tone: Tone, text: impl Into<String>) {
    let length = match tone {
        Tone::Info => Duration::from_secs(6),
        Tone::Refused => Duration::from_secs(15),
        // It stays until a key says that somebody is there.
        Tone::Alarm => Duration::from_hours(24),
    };
    let since = model.now.mono;
    model.notice = Some(Notice { text: text.into(), tone, since, until: since + length, holds });
}

/// A wish is granted: what an earlier one was refused is no answer to it.
pub fn granted(model: &mut Model) {
    if model.notice.as_ref().is_some_and(|n| n.tone == Tone::Refused) {
        model.notice = None;
    }
}

/// What is no longer so is no longer said.
pub fn retract(model: &mut Model) {
    let so = model.notice.as_ref().is_none_or(|n| match n.holds {
        Holds::Anyway => true,
        Holds::NoRelease => model.no_release().is_some(),
        Holds::NoWorkload => model.no_workload().is_some(),
        Holds::Unidentified => model.identity.known().is_none(),
        Holds::Arming => matches!(model.arm, Arm::Asked { .. }),
        Holds::Foreign => matches!(model.journal, JournalState::HeldBy { .. } | JournalState::Left),
    });
    if !so {
        model.notice = None;
    }
}

/// A key was pressed: an alarm that could be read is taken as read.
pub fn read(model: &mut Model) {
    let old = |n: &Notice| model.now.mono.saturating_sub(n.since) >= READABLE;
    if model.notice.as_ref().is_some_and(|n| n.tone == Tone::Alarm && old(n)) {
        model.notice = None;
    }
}

/// Asks for events to be written. Nothing is asked where nothing can be written.
pub fn append(model: &mut Model, events: Vec<Event>) -> Vec<Effect> {
    if events.is_empty() {
        return Vec::new();
    }
    match &mut model.journal {
        JournalState::HeldBy { .. } | JournalState::Edited { .. } | JournalState::Left => return Vec::new(),
        JournalState::Writing(pending) => pending.extend(events.iter().cloned()),
        JournalState::Ready | JournalState::Broken { .. } => model.journal = JournalState::Writing(events.clone()),
    }
    vec![Effect::Append(events)]
}

/// Why nothing at all can be written now, so that nothing is run; what may be written again is tried.
pub fn refusal(model: &Model) -> Option<String> {
    match &model.journal {
        JournalState::HeldBy { who } => Some(format!("{} this incident: nothing was run", who.holds())),
        JournalState::Left => Some("this cockpit is read-only and only shows this incident: nothing was run".into()),
        JournalState::Edited { why } => Some(format!("nothing was run: {why}")),
        JournalState::Ready | JournalState::Writing(_) | JournalState::Broken { .. } => None,
    }
}

/// Whether an event like this is on its way to the disk.
pub fn is_pending(model: &Model, like: impl Fn(&Event) -> bool) -> bool {
    match &model.journal {
        JournalState::Writing(pending) => pending.iter().any(like),
        JournalState::Ready
        | JournalState::Broken { .. }
        | JournalState::HeldBy { .. }
        | JournalState::Left
        | JournalState::Edited { .. } => false,
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
            let lost = match model.incident.as_ref().map(|i| i.step(*step)) {
                Some(StepState::Doing { reopened: Some(lost), .. }) => format!("was {}, now {now}", lost.was),
                Some(_) | None => format!("now {now}"),
            };
            notice(model, Tone::Alarm, format!("step {step} is open again: {lost}"));
        }
        Event::Closed { .. } => super::score::closed(model),
        Event::Opened { .. }
        | Event::SeveritySet { .. }
        | Event::CommanderNamed { .. }
        | Event::TargetChosen { .. }
        | Event::StepBegan { .. }
        | Event::Note { .. }
        | Event::WentOn { .. }
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
    not_run(model, complaint);
    Vec::new()
}

/// What was confirmed does not run; its dialog says why.
pub(super) fn not_run(model: &mut Model, complaint: String) {
    model.jobs.confirmed = None;
    if let Some(opened) = &mut model.dialog
        && let Dialog::Plan(dialog) = &mut opened.dialog
        && let PlanState::Confirmed { plan } = &dialog.state
    {
        dialog.state = super::act::ready(plan.clone(), Some(complaint));
    }
}

/// An open incident was found on this machine, or whoever held it `before` is gone: the place is kept.
pub fn found(model: &mut Model, entries: &[Entry], before: Option<&Writer>) -> Vec<Effect> {
    let Some(incident) = Incident::fold(entries) else { return Vec::new() };
    let in_flight = incident.in_flight();
    model.release = incident.release.clone().or_else(|| model.release.clone());
    let place = incident.first_open(&model.settings.runbook);
    let left = incident.entries.last().map(|e| crate::domain::moment::since(e.at, model.now.wall));
    let away = left.map(crate::domain::moment::long).unwrap_or_default();
    let (who, stands) = before.map_or_else(
        || (format!("resumed {}: ", incident.id), "you were at"),
        |who| (format!("{}: {} is yours now, ", who.gone(), incident.id), "it stands at"),
    );
    let where_ = place.map_or_else(|| "all steps are settled".into(), |no| format!("{stands} step {no}"));
    let resumed = format!("{who}{where_}, {away} ago");
    let text = if in_flight.is_empty() {
        resumed
    } else {
        // What matters most stands first: a narrow screen cuts the end.
        let act = in_flight.last().and_then(|job| incident.jobs.get(job)).map(|j| &j.act);
        let what = act.map(Act::sentence).unwrap_or_default();
        let first = match act {
            Some(Act::Undo { workload, .. } | Act::Restart { workload, .. }) => workload.to_string(),
            Some(Act::PutBack { object, .. }) => object.to_string(),
            Some(Act::Silence { .. }) => "the alerts (6)".into(),
            Some(Act::Test { .. }) => "what they create".into(),
            Some(Act::Stop { .. } | Act::BringBack { .. }) => "what M shows".into(),
            Some(Act::RollBack { .. }) | None => "Helm".into(),
        };
        format!("outcome UNKNOWN: {what}. Look at {first} before anything else; {resumed}")
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
    let mut effects: Vec<Effect> = in_flight.iter().filter_map(|job| ask_standing(model, *job)).collect();
    effects.extend(append(model, vec![Event::Resumed { in_flight }]));
    effects
}

fn ask_standing(model: &Model, job: JobId) -> Option<Effect> {
    let record = model.incident.as_ref()?.jobs.get(&job)?;
    Some(Effect::ReadStanding(job, record.act.clone()))
}

/// Where an act stands whose end nobody saw: told, and written down.
pub fn standing(model: &mut Model, job: JobId, sentence: &str) -> Vec<Effect> {
    notice(model, Tone::Alarm, sentence);
    append(model, vec![Event::Seen { when: model.now.wall, what: format!("After the restart, job {job}: {sentence}") }])
}
