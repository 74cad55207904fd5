//! A prepared act, whatever it is: from the plan over the datum to the permit. It never fires by itself.

use crate::domain::event::Event;
use crate::domain::evidence::Sensor;
use crate::domain::severity::Severity;
use crate::effect::{Effect, Wanted};
use crate::helm::plan::Refusal;
use crate::model::dialog::{Dialog, PlanDialog, PlanState, Read, Sheet, Wish};
use crate::model::feed::Generation;
use crate::model::{Holds, Model, Tone};
use crate::permit::Permit;
use crate::plan::Plan;

use super::{incident, journal, maintenance, open, rollback, situation};

/// The plan is asked for; the dialog opens at once.
pub fn prepare(model: &mut Model, wish: Wish, wanted: Wanted) -> Vec<Effect> {
    model.plans = Generation(model.plans.0.wrapping_add(1));
    let generation = model.plans;
    let state = PlanState::Planning { since: model.now.mono };
    open(model, Dialog::Plan(PlanDialog { generation, wish, state }));
    vec![Effect::Prepare(generation, wanted)]
}

/// A plan came back, or a refusal. An answer to an older question is dropped.
pub fn prepared(model: &mut Model, generation: Generation, plan: Result<Plan, Refusal>) -> Vec<Effect> {
    let frame = model.frame;
    let plan = plan.and_then(|plan| match rollback::runs_already(model, &plan) {
        Some(refusal) => Err(refusal),
        None => Ok(plan),
    });
    let plan = plan.map(|plan| maintenance::remembered(model, plan));
    let doubt = situation::doubt(model);
    let Some(opened) = &mut model.dialog else { return Vec::new() };
    let Dialog::Plan(dialog) = &mut opened.dialog else { return Vec::new() };
    if dialog.generation != generation || !matches!(dialog.state, PlanState::Planning { .. }) {
        return Vec::new();
    }
    // What was typed before the plan was on screen must not answer it.
    opened.from = crate::model::FrameNo(frame.0.saturating_add(1));
    dialog.state = match plan {
        Ok(plan) => ready(rollback::doubted(plan, doubt), None),
        Err(refusal) => PlanState::Refused(refusal),
    };
    Vec::new()
}

/// The dialog with a plan on show.
pub fn ready(plan: Plan, complaint: Option<String>) -> PlanState {
    PlanState::Ready { plan, typed: String::new(), sheet: Sheet::Summary, scroll: 0, read: Read::NOTHING, complaint }
}

/// The person pressed Enter on the plan: with the right datum it becomes a permit, else a complaint.
pub fn confirm(model: &mut Model) -> Vec<Effect> {
    let arm = model.arm.at(model.now.mono);
    let running = model.jobs.busy();
    let closing = journal::is_pending(model, |e| matches!(e, Event::Closed { .. }));
    let unwritable = journal::refusal(model);
    let Some(opened) = &mut model.dialog else { return Vec::new() };
    let Dialog::Plan(dialog) = &mut opened.dialog else { return Vec::new() };
    let PlanState::Ready { plan, typed, complaint, sheet, scroll, read } = &mut dialog.state else { return Vec::new() };
    // Only the sheet that shows the warnings and what was typed can confirm.
    if *sheet == Sheet::Changes {
        (*sheet, *scroll) = (Sheet::Summary, 0);
        return Vec::new();
    }
    if let Some(job) = running {
        *complaint = Some(format!("job {job} is running: one act at a time"));
        return Vec::new();
    }
    if *read != Read::Whole {
        *complaint = Some(format!("{} lines of this plan were not on screen yet: ↓ or PgDn", read.left()));
        return Vec::new();
    }
    if closing {
        *complaint = Some("the incident is being closed: once more in a moment".into());
        return Vec::new();
    }
    if let Some(why) = unwritable {
        *complaint = Some(why);
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
    dialog.state = PlanState::Confirmed { plan: plan.clone() };
    fire(model, plan, permit)
}

fn fire(model: &mut Model, plan: Plan, permit: Permit) -> Vec<Effect> {
    let mut events = Vec::new();
    if model.open_incident().is_none() {
        let severity = incident::suggested(model).max(Severity::Sev2);
        let Some(event) = incident::opened(model, severity, true) else {
            let why = format!("nothing was run: {}", super::incident::unidentified(model));
            journal::notice_while(model, Holds::Unidentified, Tone::Refused, why);
            model.dialog = None;
            return Vec::new();
        };
        events.push(event);
    }
    events.extend(plan.rollback().map(|p| rollback::taken(model, p.to)).unwrap_or_default());
    let job = model.open_incident().map_or(crate::domain::name::JobId(1), crate::domain::incident::Incident::next_job);
    let step = plan
        .rollback()
        .and_then(|_| incident::step_with(model, Sensor::RolledBack))
        .filter(|no| model.open_incident().is_none_or(|i| !i.step(*no).is_settled()));
    events.push(Event::ActAsked {
        job,
        step,
        act: plan.act(),
        plan: plan.hash().0.clone(),
        command: plan.command().to_owned(),
    });
    let mut effects = journal::append(model, events);
    if !effects.is_empty() {
        model.jobs.confirmed = Some((job, plan.clone()));
        effects.push(Effect::Run(job, plan, permit));
    }
    effects
}
