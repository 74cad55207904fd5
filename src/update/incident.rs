//! Declaring, severity, closing.

use crate::domain::checklist::Proof;
use crate::domain::event::{Act, Ending, Event};
use crate::domain::evidence::Sensor;
use crate::domain::incident::{Incident, JobRecord};
use crate::domain::name::{IncidentId, StepNo};
use crate::domain::severity::Severity;
use crate::effect::Effect;
use crate::model::dialog::{Dialog, Purpose};
use crate::model::feeds::POLL;
use crate::model::{Holds, Model, Tone, undone};

use super::{journal, open, text};

/// The severity that the alarms suggest; in doubt the higher one.
pub fn suggested(model: &Model) -> Severity {
    model.suggestion.as_ref().map_or(Severity::Sev2, |s| s.severity)
}

/// The declare dialog; on a declared incident it sets the severity.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    let severity = model.open_incident().map_or_else(|| suggested(model), |i| i.severity);
    open(model, Dialog::Declare { severity });
    Vec::new()
}

/// The person chose a severity in the dialog.
pub fn chosen(model: &mut Model, severity: Severity) -> Vec<Effect> {
    if let Some(present) = model.open_incident().map(|i| i.severity) {
        model.dialog = None;
        if severity < present {
            text::ask(model, Purpose::Lower(severity));
            return Vec::new();
        }
        let mut events = vec![Event::SeveritySet { severity, why: String::new() }];
        events.extend(sensed(model, Sensor::SeverityChosen, &severity.to_string()));
        return journal::append(model, events);
    }
    let Some(opened) = opened(model, severity, false) else {
        // The choice stays on screen: the same Enter declares as soon as the cluster is known.
        let why = format!("Nothing is declared: {}", unidentified(model));
        journal::notice_while(model, Holds::Unidentified, Tone::Refused, why);
        return Vec::new();
    };
    model.dialog = None;
    let mut events = vec![opened];
    let declared = format!("{severity} declared {}", model.now.wall.format("%H:%M"));
    events.extend(sensed(model, Sensor::Declared, &declared));
    events.extend(sensed(model, Sensor::SeverityChosen, &severity.to_string()));
    journal::append(model, events)
}

/// Why nothing can be declared or run yet.
pub fn unidentified(model: &Model) -> String {
    match model.identity.fault() {
        None => "the cluster has not said who it is yet, Enter again in a moment".into(),
        Some(fault) => {
            format!("the cluster does not say who it is; it is asked every {} s. {}", POLL.as_secs(), fault.sentence())
        }
    }
}

/// The opening event; `None` while the cluster is not identified.
pub fn opened(model: &Model, severity: Severity, by_rollback: bool) -> Option<Event> {
    let identity = model.identity.known()?.clone();
    let prefix = match identity.realm {
        crate::domain::identity::Realm::Live => "INC",
        crate::domain::identity::Realm::Drill => "DRILL",
    };
    Some(Event::Opened {
        incident: IncidentId::new(&format!("{prefix}-{}", model.now.wall.format("%Y-%m-%d-%H%M%S"))),
        severity,
        identity,
        release: model.release.clone(),
        symptom: model.situation.sentence().to_owned(),
        by_rollback,
    })
}

/// The tick of a step whose evidence is the person's own act in a dialog; none where it is settled.
pub fn sensed(model: &Model, sensor: Sensor, value: &str) -> Option<Event> {
    let step = step_with(model, sensor)?;
    let settled = model.open_incident().is_some_and(|i| i.step(step).is_settled());
    (!settled).then(|| Event::StepTicked { step, value: value.into(), proof: Proof::Sensed })
}

/// The step that a sensor proves.
pub fn step_with(model: &Model, sensor: Sensor) -> Option<StepNo> {
    model.settings.runbook.steps().find(|s| s.sensor == Some(sensor)).map(|s| s.no)
}

/// One severity worse.
pub fn raise(model: &mut Model) -> Vec<Effect> {
    let Some(incident) = model.open_incident() else { return Vec::new() };
    let severity = incident.severity.raised();
    raise_to(model, severity)
}

/// That severity, where it is worse than the present one.
pub fn raise_to(model: &mut Model, severity: Severity) -> Vec<Effect> {
    let Some(incident) = model.open_incident() else {
        journal::notice(model, Tone::Refused, "no incident is open: Enter on step 1 declares it");
        return Vec::new();
    };
    if severity <= incident.severity {
        journal::notice(model, Tone::Info, format!("it is {} already", incident.severity));
        return Vec::new();
    }
    journal::notice(model, Tone::Info, format!("{severity}: {}", severity.escalate()));
    journal::append(model, vec![Event::SeveritySet { severity, why: String::new() }])
}

/// One severity milder; it wants a reason.
pub fn lower(model: &mut Model) -> Vec<Effect> {
    let Some(incident) = model.open_incident() else { return Vec::new() };
    let severity = incident.severity.lowered();
    if severity == incident.severity {
        journal::notice(model, Tone::Info, "it is SEV-4 already");
    } else {
        text::ask(model, Purpose::Lower(severity));
    }
    Vec::new()
}

/// All steps are settled: the person closes the incident.
pub fn close(model: &mut Model) -> Vec<Effect> {
    if let Some(job) = model.jobs.busy() {
        journal::notice(model, Tone::Refused, format!("job {job} is running: its end belongs in the record"));
        return Vec::new();
    }
    let Some(incident) = model.open_incident() else { return Vec::new() };
    let took = crate::domain::moment::long(crate::domain::moment::since(incident.opened, model.now.wall));
    let target = back_on(incident).unwrap_or_else(|| "nothing was rolled back".into());
    let skipped =
        incident.steps.values().filter(|s| matches!(s, crate::domain::checklist::StepState::Skipped { .. })).count();
    let record = model.release().and_then(|r| r.live()).map(|r| r.revision);
    let reminder = record.and_then(|record| undone::reminder(&model.undone(), record));
    let reminder = reminder.map(|r| format!(". {r}")).unwrap_or_default();
    let summary = format!("{took} after the declaration; {target}; {skipped} steps skipped{reminder}");
    journal::append(model, vec![Event::Closed { summary }])
}

/// `ecommerce-app back on revision 2`, where that was seen.
fn back_on(incident: &Incident) -> Option<String> {
    let one = |job: &JobRecord| match (&job.act, &job.ending) {
        (Act::RollBack { release, to, .. }, Some(Ending::Seen { .. })) => {
            Some(format!("{release} back on revision {to}"))
        }
        (Act::RollBack { release, to, .. }, _) => Some(format!("{release} to revision {to} was asked for, not seen")),
        (Act::Undo { workload, to, .. }, Some(Ending::Seen { .. })) => {
            Some(format!("{workload} back on its revision {to}"))
        }
        (Act::Undo { workload, to, .. }, _) => Some(format!("{workload} to revision {to} was asked for, not seen")),
        (
            Act::Restart { .. }
            | Act::Stop { .. }
            | Act::BringBack { .. }
            | Act::PutBack { .. }
            | Act::Silence { .. }
            | Act::Test { .. },
            _,
        ) => None,
    };
    incident.jobs.values().rev().find_map(one)
}
