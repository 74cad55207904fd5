//! The prepared rollback: which release, to which revision. It opens; it never fires by itself.

use std::sync::Arc;

use crate::domain::checklist::{Proof, StepState};
use crate::domain::event::{Act, Ending, Event};
use crate::domain::evidence::Sensor;
use crate::domain::name::{ReleaseName, Revision};
use crate::domain::release::Status;
use crate::effect::{Effect, Wanted};
use crate::helm::ask::CutOff;
use crate::helm::choices::{By, Choices, Replicas};
use crate::helm::plan::{Change, Finding, Instead, Level, Refusal};
use crate::intent::{Availability, Intent};
use crate::model::dialog::{Dialog, PlanState, Wish};
use crate::model::{Model, Tone};
use crate::plan::Plan;

use super::{act, evidence, incident, journal, open};

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
    let Some(revision) = first else {
        let why = model.no_release().unwrap_or_else(|| "this Helm release has no revision that is known".into());
        return journal::notice(model, Tone::Refused, why);
    };
    open(model, Dialog::Targets { revision });
}

/// The plan to that revision is asked for; the dialog opens at once.
pub fn prepare(model: &mut Model, to: Revision, choices: Choices) -> Vec<Effect> {
    let Some(release) = model.release.clone() else { return Vec::new() };
    let cut_off = cut_off(model, &release);
    act::prepare(model, Wish::RollBack(to, choices.clone()), Wanted::RollBack(release, to, choices, cut_off))
}

/// The last rollback of that release from here, where its end was not seen.
fn cut_off(model: &Model, of: &ReleaseName) -> Option<CutOff> {
    let (_, record) = model.open_incident()?.last_rollback()?;
    match (&record.act, &record.ending) {
        (Act::RollBack { release, to, writes, .. }, Some(Ending::Unknown { .. })) if release == of => {
            Some(CutOff { writes: *writes, to: *to, asked: record.asked })
        }
        (
            Act::RollBack { .. }
            | Act::Undo { .. }
            | Act::Restart { .. }
            | Act::Stop { .. }
            | Act::BringBack { .. }
            | Act::PutBack { .. }
            | Act::Silence { .. }
            | Act::Test { .. },
            _,
        ) => None,
    }
}

/// A command without a screen names release and revision: the prepared rollback opens, as `R` opens it.
pub fn wanted(model: &mut Model, release: ReleaseName, to: Revision, choices: Choices) -> Vec<Effect> {
    if model.release.as_ref() != Some(&release) {
        model.lives.clear();
        model.release = Some(release);
    }
    again(model, to, choices)
}

/// The prepared rollback to that very revision opens, where one can be prepared now.
pub fn again(model: &mut Model, to: Revision, choices: Choices) -> Vec<Effect> {
    if let Availability::Disabled(why) = Intent::RollBack.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    prepare(model, to, choices)
}

/// The plan on show with another choice: it is made anew, and wants its datum anew.
pub fn chosen_otherwise(model: &mut Model, intent: Intent) -> Vec<Effect> {
    let availability = intent.availability(model);
    let Some(Dialog::Plan(dialog)) = model.dialog.as_mut().map(|o| &mut o.dialog) else { return Vec::new() };
    let PlanState::Ready { plan, complaint, .. } = &mut dialog.state else { return Vec::new() };
    let Wish::RollBack(to, choices) = &dialog.wish else { return Vec::new() };
    let (to, mut choices) = (*to, choices.clone());
    if let Availability::Disabled(why) = availability {
        *complaint = Some(why);
        return Vec::new();
    }
    if intent == Intent::KeepReplicas {
        choices.replicas = match choices.replicas {
            Replicas::AsTarget => Replicas::AsLive,
            Replicas::AsLive => Replicas::AsTarget,
        };
    } else if choices.force.is_empty() {
        choices.force = plan.rollback().map(|p| p.conflicts.iter().cloned().collect()).unwrap_or_default();
    } else {
        choices.force.clear();
    }
    prepare(model, to, choices)
}

/// The refused rollback on show is planned for helm itself: another plan, with its own datum.
pub fn with_helm(model: &mut Model) -> Vec<Effect> {
    if let Availability::Disabled(why) = Intent::WithHelm.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    let Some(Dialog::Plan(dialog)) = model.dialog.as_ref().map(|o| &o.dialog) else { return Vec::new() };
    let Wish::RollBack(to, choices) = &dialog.wish else { return Vec::new() };
    let (to, choices) = (*to, Choices { by: By::Helm, ..choices.clone() });
    prepare(model, to, choices)
}

/// Whether it is likely to help belongs to what one knows before saying yes.
pub fn doubted(plan: Plan, doubt: Option<String>) -> Plan {
    match (plan, doubt) {
        (Plan::RollBack(plan), Some(sentence)) => {
            let finding = Finding { level: Level::Confirm, sentence, cure: String::new() };
            Plan::RollBack(Arc::new(Arc::unwrap_or_clone(plan).with(finding)))
        }
        (
            plan @ (Plan::Workload(_) | Plan::Maintenance(_) | Plan::Revert(_) | Plan::Silence(_) | Plan::Tests(_)),
            _,
        )
        | (plan, None) => plan,
    }
}

/// Somebody moved the history while the plan was on show: it is void.
pub fn history_moved(model: &mut Model) {
    let newest = model.release().map(|r| (r.name.clone(), r.last().map(|l| l.revision)));
    let Some(opened) = &mut model.dialog else { return };
    let Dialog::Plan(dialog) = &mut opened.dialog else { return };
    let PlanState::Ready { plan: Plan::RollBack(plan), .. } = &dialog.state else { return };
    let Some((name, newest)) = newest else { return };
    if name == plan.release && newest != Some(plan.from) {
        let now = newest.map_or_else(|| "gone".into(), |r| format!("at revision {r}"));
        dialog.state = PlanState::Refused(Refusal {
            sentence: format!("{name} was moved by somebody else: it was at revision {}, it is {now}", plan.from),
            cure: "Look at the Helm history; Esc, then R makes a new plan".into(),
            command: String::new(),
            instead: Instead::Nobody,
        });
    }
}

/// Nothing would change, because what runs is the target's content already: that is said instead of a plan. Where
/// somebody changed an object by hand since, there is something to set back, and the plan stands.
pub(super) fn runs_already(model: &Model, plan: &Plan) -> Option<Refusal> {
    let plan = plan.rollback()?;
    let release = model.release().filter(|r| r.name == plan.release)?;
    let (current, target) = (release.current()?, release.revision(plan.to)?);
    let same = current.content.as_ref()?.digest == target.content.as_ref()?.digest;
    let still = plan.operations.iter().all(|o| matches!(o.change, Change::Same | Change::Keep));
    // A rollback that was cut off has the content, but no deployed record: doing it again is what closes it.
    let holds = current.status == Status::Deployed && release.last()?.revision == current.revision;
    if !same || !still || !holds {
        return None;
    }
    let runs = if current.revision == plan.to {
        format!("Revision {} already runs", plan.to)
    } else {
        format!("What revision {} had already runs, as revision {}", plan.to, current.revision)
    };
    Some(Refusal {
        sentence: format!("{runs}: there is nothing to roll back"),
        cure: "If it is still unwell, the cause is not in the release, or in an older one: v chooses another revision"
            .into(),
        command: String::new(),
        instead: Instead::Nobody,
    })
}

/// The target of a confirmed rollback, where it is another than the chosen one.
pub(super) fn taken(model: &Model, to: Revision) -> Vec<Event> {
    if model.open_incident().and_then(|i| i.target) == Some(to) { Vec::new() } else { chosen(model, to) }
}

/// A target was chosen: the event, and the tick of the step that asks for it.
fn chosen(model: &Model, revision: Revision) -> Vec<Event> {
    let why = model.choice.as_ref().and_then(|c| c.verdicts.get(&revision)).map(|(_, why)| why.clone());
    let why = why.unwrap_or_else(|| "chosen by hand".into());
    let value = evidence::target(model, revision);
    let release = model.release.clone().unwrap_or_else(|| "".into());
    let again = model.open_incident().zip(incident::step_with(model, Sensor::TargetChosen)).and_then(|(i, step)| {
        let done = matches!(i.step(step), StepState::Done { value: before, .. } if *before != value);
        done.then(|| Event::StepReopened { step, now: format!("another target: rev {revision}") })
    });
    let tick = match (&again, incident::step_with(model, Sensor::TargetChosen)) {
        (Some(_), Some(step)) => Some(Event::StepTicked { step, value, proof: Proof::Sensed }),
        (_, _) => incident::sensed(model, Sensor::TargetChosen, &value),
    };
    std::iter::once(Event::TargetChosen { release, revision, why }).chain(again).chain(tick).collect()
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
