//! Functional tests: run when somebody asks, those that only read at once, and what they prove.
//!
//! Never: running one by itself, or one that writes without its plan.

use std::sync::Arc;

use crate::domain::event::{Act, Event};
use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::incident::JobRecord;
use crate::domain::name::JobId;
use crate::effect::Effect;
use crate::functional;
use crate::functional::answer::Outcome;
use crate::functional::results::{Ran, Summary};
use crate::functional::test::Test;
use crate::helm::plan::Change;
use crate::helm::progress::Progress;
use crate::model::dialog::{Dialog, PlanDialog, Wish};
use crate::model::feed::Generation;
use crate::model::functional::{Asked, Next};
use crate::model::{Model, Tone};
use crate::plan::Plan;

use super::derive::derive;
use super::evidence::say;
use super::{act, journal, open};

/// The list of tests.
pub fn look(model: &mut Model) {
    open(model, Dialog::Tests { scroll: 0 });
}

/// What Enter does in the list: those that only read are run at once; those that write get a plan.
pub fn taken(model: &mut Model) -> Vec<Effect> {
    match model.next_tests() {
        Next::Wait => Vec::new(),
        Next::Nothing => {
            model.dialog = None;
            Vec::new()
        }
        Next::Read(tests) => read(model, tests),
        Next::Write(tests) => {
            planned(model, tests);
            Vec::new()
        }
    }
}

fn read(model: &mut Model, tests: Vec<Test>) -> Vec<Effect> {
    let generation = Generation(model.tests.generation.0.wrapping_add(1));
    model.tests.generation = generation;
    model.tests.asked = Some(Asked { since: model.now.mono, left: tests.len(), live: model.live_revision() });
    vec![Effect::RunTests(generation, tests)]
}

/// Nothing has to be asked for it: the plan is what the team wrote.
fn planned(model: &mut Model, tests: Vec<Test>) {
    model.plans = Generation(model.plans.0.wrapping_add(1));
    let written = |record: &JobRecord| matches!(record.act, Act::Test { .. }).then_some(record.asked);
    let before = model.open_incident().and_then(|i| i.jobs.values().rev().find_map(written));
    let plan = Plan::Tests(Arc::new(functional::plan::Plan::of(model.settings.namespace.clone(), tests, before)));
    let state = act::ready(plan, None);
    open(model, Dialog::Plan(PlanDialog { generation: model.plans, wish: Wish::Tests, state }));
}

/// One of them was run.
pub fn ran(model: &mut Model, generation: Generation, ran: Ran) -> Vec<Effect> {
    let Some(asked) = model.tests.asked.filter(|_| model.tests.generation == generation) else { return Vec::new() };
    model.tests.put(ran, asked.live);
    let left = asked.left.saturating_sub(1);
    model.tests.asked = (left > 0).then_some(Asked { left, ..asked });
    let effects = derive(model);
    if left == 0 {
        let Summary { verdict, value, .. } = model.tests_summary();
        let tone = if verdict == Verdict::NotMet { Tone::Alarm } else { Tone::Info };
        journal::notice(model, tone, value);
    }
    effects
}

/// One of an act was run: it is on record at once, because what it made stays.
pub fn tested(model: &mut Model, job: JobId, place: usize, ran: Ran) -> Vec<Effect> {
    let what = format!("test {}: {}", ran.name, ran.outcome.words());
    let error = match &ran.outcome {
        Outcome::Passed => Some(None),
        Outcome::Failed(why) => Some(Some(why.clone())),
        Outcome::Unknown(_) | Outcome::Unasked(_) => None,
    };
    if let (Some(error), Some(running)) = (error, model.jobs.all.get_mut(&job)) {
        running.lights.fold(Progress::Object { index: place, change: Change::Create, error });
    }
    let live = model.live_revision();
    model.tests.put(ran, live);
    let mut effects = journal::append(model, vec![Event::ActProgressed { job, what }]);
    effects.extend(derive(model));
    effects
}

/// All have passed since the last act.
pub fn evidence(model: &Model) -> Evidence {
    let Summary { verdict, value, at } = model.tests_summary();
    say(verdict, value, at.unwrap_or(model.now.wall))
}

/// What they say for the board; `None` where they say nothing of now: no result is no break of the calm, and no calm.
pub fn sensed(model: &Model) -> Option<Evidence> {
    let evidence = evidence(model);
    (!model.settings.tests.is_empty() && evidence.verdict != Verdict::Unknown).then_some(evidence)
}

/// Why they say nothing.
pub fn blind(model: &Model) -> String {
    if model.settings.tests.is_empty() {
        return "backout.toml has no [[test]]".into();
    }
    format!("{} (T runs them)", evidence(model).value)
}
