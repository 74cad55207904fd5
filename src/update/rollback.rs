//! The prepared rollback: from the wish over the plan and the datum to the permit. It opens; it never fires by itself.

use std::sync::Arc;

use crate::domain::event::{Act, Ending, Event};
use crate::domain::evidence::Sensor;
use crate::domain::name::{ReleaseName, Revision};
use crate::domain::severity::Severity;
use crate::effect::{Effect, Terms};
use crate::helm::ask::CutOff;
use crate::helm::choices::{Choices, Replicas};
use crate::helm::plan::{Plan, Refusal};
use crate::intent::{Availability, Intent};
use crate::model::dialog::{Dialog, RollbackDialog, RollbackState, Sheet};
use crate::model::feed::Generation;
use crate::model::{Model, Tone};
use crate::permit::Permit;

use super::{incident, journal, open};

/// Opens the prepared rollback to the chosen (else the proposed) target; without one, the chooser.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    if let Some(to) = model.target() {
        return prepare(model, to, Choices::default());
    }
    choose(model);
    Vec::new()
}

/// Opens the chooser of targets.
pub fn choose(model: &mut Model) {
    let first = model.target().or_else(|| model.release().and_then(|r| r.last()).map(|r| r.revision));
    match first {
        Some(revision) => open(model, Dialog::Targets { revision }),
        None => journal::notice(model, Tone::Refused, "no revision of a Helm release is known here"),
    }
}

/// The plan to that revision is asked for; the dialog opens at once.
pub fn prepare(model: &mut Model, to: Revision, choices: Choices) -> Vec<Effect> {
    let Some(release) = model.release.clone() else { return Vec::new() };
    model.plans = Generation(model.plans.0.wrapping_add(1));
    let generation = model.plans;
    let state = RollbackState::Planning { since: model.now.mono };
    open(model, Dialog::Rollback(RollbackDialog { generation, to, choices: choices.clone(), state }));
    let cut_off = cut_off(model, &release);
    vec![Effect::Prepare(generation, release, to, Terms { choices, cut_off })]
}

/// The last rollback of that release from here, where its end was not seen.
fn cut_off(model: &Model, of: &ReleaseName) -> Option<CutOff> {
    let (_, record) = model.open_incident()?.last_rollback()?;
    match (&record.act, &record.ending) {
        (Act::RollBack { release, to, writes, .. }, Some(Ending::Unknown { .. })) if release == of => {
            Some(CutOff { writes: *writes, to: *to, asked: record.asked })
        }
        (Act::RollBack { .. } | Act::Undo { .. } | Act::Restart { .. }, _) => None,
    }
}

/// A command without a screen names release and revision: the prepared rollback opens, as `R` opens it.
pub fn wanted(model: &mut Model, release: ReleaseName, to: Revision, choices: Choices) -> Vec<Effect> {
    if model.release.as_ref() != Some(&release) {
        model.lived.clear();
        model.release = Some(release);
    }
    if let Availability::Disabled(why) = Intent::RollBack.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    prepare(model, to, choices)
}

/// The plan on show with another choice: it is made anew, and wants its datum anew.
pub fn chosen_otherwise(model: &mut Model, intent: Intent) -> Vec<Effect> {
    if let Availability::Disabled(why) = intent.availability(model) {
        complain(model, why);
        return Vec::new();
    }
    let Some(Dialog::Rollback(dialog)) = model.dialog.as_ref().map(|o| &o.dialog) else { return Vec::new() };
    let RollbackState::Ready { plan, .. } = &dialog.state else { return Vec::new() };
    let (to, mut choices) = (dialog.to, dialog.choices.clone());
    if intent == Intent::KeepReplicas {
        choices.replicas = match choices.replicas {
            Replicas::AsTarget => Replicas::AsLive,
            Replicas::AsLive => Replicas::AsTarget,
        };
    } else if choices.force.is_empty() {
        choices.force = plan.conflicts.iter().cloned().collect();
    } else {
        choices.force.clear();
    }
    prepare(model, to, choices)
}

fn complain(model: &mut Model, why: String) {
    if let Some(opened) = &mut model.dialog
        && let Dialog::Rollback(dialog) = &mut opened.dialog
        && let RollbackState::Ready { complaint, .. } = &mut dialog.state
    {
        *complaint = Some(why);
    }
}

/// A plan came back, or a refusal. An answer to an older question is dropped.
pub fn prepared(model: &mut Model, generation: Generation, plan: Result<Plan, Refusal>) -> Vec<Effect> {
    let frame = model.frame;
    let Some(opened) = &mut model.dialog else { return Vec::new() };
    let Dialog::Rollback(dialog) = &mut opened.dialog else { return Vec::new() };
    if dialog.generation != generation || !matches!(dialog.state, RollbackState::Planning { .. }) {
        return Vec::new();
    }
    // What was typed before the plan was on screen must not answer it.
    opened.from = crate::model::FrameNo(frame.0.saturating_add(1));
    dialog.state = match plan {
        Ok(plan) => ready(Arc::new(plan), None),
        Err(refusal) => RollbackState::Refused(refusal),
    };
    Vec::new()
}

/// The dialog with a plan on show.
pub fn ready(plan: Arc<Plan>, complaint: Option<String>) -> RollbackState {
    RollbackState::Ready { plan, typed: String::new(), sheet: Sheet::Summary, scroll: 0, complaint }
}

/// Somebody moved the history while the plan was on show: it is void.
pub fn history_moved(model: &mut Model) {
    let newest = model.release().map(|r| (r.name.clone(), r.last().map(|l| l.revision)));
    let Some(opened) = &mut model.dialog else { return };
    let Dialog::Rollback(dialog) = &mut opened.dialog else { return };
    let RollbackState::Ready { plan, .. } = &dialog.state else { return };
    let Some((name, newest)) = newest else { return };
    if name == plan.release && newest != Some(plan.from) {
        let now = newest.map_or_else(|| "gone".into(), |r| format!("at revision {r}"));
        dialog.state = RollbackState::Refused(Refusal {
            sentence: format!("{name} was moved by somebody else: it was at revision {}, it is {now}", plan.from),
            cure: "Look at the Helm history; Esc, then R makes a new plan".into(),
            command: String::new(),
        });
    }
}

/// The person pressed Enter on the plan: with the right datum it becomes a permit, else a complaint.
pub fn confirm(model: &mut Model) -> Vec<Effect> {
    let arm = model.arm.at(model.now.mono);
    let running = model.jobs.busy();
    let closing = journal::is_pending(model, |e| matches!(e, Event::Closed { .. }));
    let Some(opened) = &mut model.dialog else { return Vec::new() };
    let Dialog::Rollback(dialog) = &mut opened.dialog else { return Vec::new() };
    let RollbackState::Ready { plan, typed, complaint, sheet, scroll } = &mut dialog.state else { return Vec::new() };
    // Only the sheet that shows the warnings and what was typed can confirm.
    if *sheet == Sheet::Changes {
        (*sheet, *scroll) = (Sheet::Summary, 0);
        return Vec::new();
    }
    if let Some(job) = running {
        *complaint = Some(format!("job {job} is running: one act at a time"));
        return Vec::new();
    }
    if closing {
        *complaint = Some("the incident is being closed: once more in a moment".into());
        return Vec::new();
    }
    let permit = match Permit::confirm(plan, typed, arm) {
        Ok(permit) => permit,
        Err(why) => {
            *complaint = Some(why);
            return Vec::new();
        }
    };
    let plan = plan.clone();
    dialog.state = RollbackState::Confirmed { plan: plan.clone() };
    fire(model, plan, permit)
}

fn fire(model: &mut Model, plan: Arc<Plan>, permit: Permit) -> Vec<Effect> {
    let mut events = Vec::new();
    if model.open_incident().is_none() {
        let severity = incident::suggested(model).max(Severity::Sev2);
        let Some(event) = incident::opened(model, severity, true) else {
            journal::notice(model, Tone::Refused, "the cluster has not said who it is: nothing was run");
            model.dialog = None;
            return Vec::new();
        };
        events.push(event);
    }
    if model.open_incident().and_then(|i| i.target) != Some(plan.to) {
        events.extend(chosen(model, plan.to));
    }
    let job = model.open_incident().map_or(crate::domain::name::JobId(1), crate::domain::incident::Incident::next_job);
    let step = incident::step_with(model, Sensor::RolledBack)
        .filter(|no| model.open_incident().is_none_or(|i| !i.step(*no).is_settled()));
    events.push(Event::ActAsked {
        job,
        step,
        act: Act::RollBack {
            release: plan.release.clone(),
            namespace: plan.namespace.clone(),
            from: plan.from,
            to: plan.to,
            writes: plan.writes,
        },
        plan: plan.hash.0.clone(),
        command: plan.command.clone(),
    });
    let mut effects = journal::append(model, events);
    if !effects.is_empty() {
        model.jobs.confirmed = Some((job, plan.clone()));
        effects.push(Effect::Run(job, plan, permit));
    }
    effects
}

/// A target was chosen: the event, and the tick of the step that asks for it.
fn chosen(model: &Model, revision: Revision) -> Vec<Event> {
    let why = model.choice.as_ref().and_then(|c| c.verdicts.get(&revision)).map(|(_, why)| why.clone());
    let why = why.unwrap_or_else(|| "chosen by hand".into());
    let value = format!("rev {revision}: {why}");
    let release = model.release.clone().unwrap_or_else(|| "".into());
    let tick = incident::sensed(model, Sensor::TargetChosen, &value);
    std::iter::once(Event::TargetChosen { release, revision, why }).chain(tick).collect()
}

/// The person chose a target in the chooser.
pub fn target_taken(model: &mut Model, revision: Revision) -> Vec<Effect> {
    model.dialog = None;
    if model.open_incident().is_none() {
        return prepare(model, revision, Choices::default());
    }
    let events = chosen(model, revision);
    journal::append(model, events)
}
