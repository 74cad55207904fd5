//! The invariants of lib.rs, asked of every batch of effects and of the model after every message.

use backout::domain::checklist::Proof;
use backout::domain::earlier::Earlier;
use backout::domain::event::{Entry, Event};
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::health::{Checked, Finding};
use backout::domain::incident::Incident;
use backout::domain::name::{JobId, StepNo};
use backout::domain::ways::Way;
use backout::effect::Effect;
use backout::helm::plan::PlanHash;
use backout::model::Model;
use backout::model::arm::Arm;
use backout::model::dialog::{Dialog, PlanState};
use backout::model::journal::JournalState;
use backout::model::pods::Extent;
use backout::msg::Msg;
use backout::permit::Permit;
use crossterm::event::KeyCode;

use super::run::Seen;

/// What was so just before a message.
pub struct Before {
    /// The plan on show, what was typed, and whether it is blocked.
    ready: Option<(PlanHash, String, bool)>,
    armed: bool,
    held: bool,
    running: usize,
    met: Vec<StepNo>,
    is_enter: bool,
    is_paste: bool,
    too_early: bool,
}

impl Before {
    pub fn of(model: &Model, msg: &Msg) -> Self {
        let ready = match model.dialog.as_ref().map(|o| &o.dialog) {
            Some(Dialog::Plan(d)) => match &d.state {
                PlanState::Ready { plan, typed, .. } => {
                    let wanted = plan.datum().wanted;
                    (typed.trim() == wanted).then(|| (plan.hash().clone(), wanted, plan.blocked().is_some()))
                }
                PlanState::Planning { .. } | PlanState::Refused(_) | PlanState::Confirmed { .. } => None,
            },
            Some(_) | None => None,
        };
        Self {
            ready,
            armed: matches!(model.arm.at(model.now.mono), Arm::Armed { .. }),
            held: matches!(model.journal, JournalState::HeldBy { .. })
                && !matches!(msg, Msg::Looked(_, Earlier::Ours { .. })),
            running: running(model).len(),
            met: model.evidence.iter().filter(|(_, e)| e.verdict == Verdict::Met).map(|(no, _)| *no).collect(),
            is_enter: matches!(msg, Msg::Key(key, _) if key.code == KeyCode::Enter),
            is_paste: matches!(msg, Msg::Pasted(_)),
            too_early: matches!((msg, &model.dialog), (Msg::Key(_, frame), Some(opened)) if *frame < opened.from),
        }
    }

    /// Invariants 2, 3 and 5, of what one message brings about.
    pub fn hold(&self, model: &Model, effects: &[Effect], seen: &mut Seen) {
        assert!(!self.is_paste || effects.is_empty(), "a paste did something: {effects:?}");
        assert!(!self.too_early || effects.is_empty(), "a key answered a dialog that was not drawn: {effects:?}");
        let mut asked: Vec<(JobId, &str)> = Vec::new();
        let mut ran = 0;
        for effect in effects {
            match effect {
                Effect::Append(events) => {
                    assert!(!events.is_empty() && !self.held, "an entry for nobody's journal: {events:?}");
                    for event in events {
                        self.entry(model, event, seen);
                        if let Event::ActAsked { job, plan, .. } = event {
                            asked.push((*job, plan));
                        }
                    }
                }
                Effect::Run(job, plan, permit) => {
                    ran += 1;
                    assert!(asked.contains(&(*job, plan.hash().0.as_str())), "an act without its intent: {effects:?}");
                    assert!(permit.is_for(plan), "a permit for another plan");
                    self.may_act(plan.hash());
                    assert_eq!(Permit::confirm(plan, &self.ready.as_ref().unwrap().1, model.arm).as_ref(), Ok(permit));
                }
                Effect::Quit => assert!(model.leaving),
                _ => {}
            }
        }
        assert_eq!(ran, asked.len(), "asked for and not run, or twice: {effects:?}");
        assert!(ran <= 1);
        seen.runs += ran;
    }

    fn may_act(&self, plan: &PlanHash) {
        assert!(self.is_enter, "an act without Enter");
        assert!(self.armed, "an act without arming");
        assert!(!self.held, "an act on somebody else's incident");
        assert_eq!(self.running, 0, "a second act at once");
        let Some((shown, _, blocked)) = &self.ready else { panic!("an act without its datum") };
        assert_eq!(shown, plan, "an act that was not on show");
        assert!(!blocked, "an act that is blocked");
    }

    fn entry(&self, model: &Model, event: &Event, seen: &mut Seen) {
        match event {
            Event::StepTicked { step, value, proof } => {
                assert!(!value.trim().is_empty(), "a tick without a value");
                let sensor = model.settings.runbook.step(*step).and_then(|s| s.sensor);
                let own = matches!(sensor, Some(Sensor::Declared | Sensor::SeverityChosen | Sensor::TargetChosen));
                match proof {
                    Proof::Sensed => assert!(own || self.met.contains(step), "step {step}: a green tick unproved"),
                    Proof::Attested => assert_eq!(sensor, None, "step {step} has a sensor: a word is an override"),
                    Proof::Overridden => seen.overridden += 1,
                }
                seen.ticks += 1;
            }
            Event::StepSkipped { why, .. } => {
                assert!(!why.trim().is_empty(), "a skip without a reason");
                seen.skips += 1;
            }
            Event::SeveritySet { severity, why } => {
                let lowered = model.incident.as_ref().is_some_and(|i| i.closed.is_none() && *severity < i.severity);
                assert!(!lowered || !why.trim().is_empty(), "lowered without a reason");
            }
            Event::StepReopened { .. } => seen.reopened += 1,
            Event::Closed { .. } => seen.closed += 1,
            _ => {}
        }
    }
}

fn running(model: &Model) -> Vec<JobId> {
    model.jobs.all.iter().filter(|(_, j)| j.ending.is_none()).map(|(id, _)| *id).collect()
}

/// Invariants 5 and 6, of the model at rest: one act at most, nothing green that nobody can know.
pub fn rest(model: &Model) {
    assert!(running(model).len() <= 1, "two acts at once");
    ways(model);
    for step in model.settings.runbook.steps() {
        let (Some(sensor), Some(evidence)) = (step.sensor, model.evidence.get(&step.no)) else { continue };
        if evidence.verdict != Verdict::Met {
            continue;
        }
        let known = match sensor {
            Sensor::Declared | Sensor::SeverityChosen | Sensor::TargetChosen => model.incident.is_some(),
            Sensor::RolledBack => model.feeds.releases.fresh(model.now).is_some(),
            Sensor::RolloutsDone => model.feeds.workloads.fresh(model.now).is_some(),
            Sensor::PodsReady => model.feeds.pods.fresh(model.now).is_some_and(|t| t.extent == Extent::Whole),
            Sensor::HealthUp => {
                let answers = model.feeds.health.fresh(model.now);
                let up = |c: &Checked| c.finding(&model.settings.health) == Finding::Up;
                answers.is_some_and(|all| !all.is_empty() && all.iter().all(up))
            }
            Sensor::LogsClean => model.feeds.logs.known().is_some(),
            Sensor::TestsPass => model
                .settings
                .tests
                .iter()
                .all(|t| model.test_result(t).is_some_and(|(_, outdated)| outdated.is_none())),
            Sensor::ErrorsLow => model.feeds.errors.fresh(model.now).is_some(),
            Sensor::Stable => true,
        };
        assert!(known, "step {} is green, and nobody can know: {evidence:?}", step.no);
        assert!(!evidence.value.trim().is_empty(), "step {}: a bare green", step.no);
    }
}

/// A way is green only while its own watch knows, and the release's objects are known.
fn ways(model: &Model) {
    for (way, evidence) in &model.ways {
        let fresh = match way {
            Way::Endpoints => model.feeds.endpoints.fresh(model.now).is_some_and(|all| !all.is_empty()),
            Way::Ingresses => model.feeds.ingresses.fresh(model.now).is_some_and(|all| !all.is_empty()),
            Way::Budgets => model.feeds.budgets.fresh(model.now).is_some_and(|all| !all.is_empty()),
            Way::Nodes => model.feeds.nodes.fresh(model.now).is_some_and(|all| !all.is_empty()),
        };
        assert!(evidence.verdict != Verdict::Met || fresh, "{way:?} is green, and nobody can know: {evidence:?}");
    }
}

/// Invariant 1: the incident is the fold of what is on disk.
#[derive(Default)]
pub struct Told {
    entries: Vec<Entry>,
}

impl Told {
    pub fn found(entries: &[Entry]) -> Self {
        Self { entries: entries.to_vec() }
    }

    pub fn on_disk(&mut self, entries: &[Entry]) {
        for entry in entries {
            let over = self.entries.is_empty() || self.entries.iter().any(|e| matches!(e.event, Event::Closed { .. }));
            if !over {
                self.entries.push(entry.clone());
            } else if matches!(entry.event, Event::Opened { .. }) {
                self.entries = vec![entry.clone()];
            }
        }
    }

    pub fn hold(&self, model: &Model) {
        assert_eq!(Incident::fold(&self.entries), model.incident, "the incident is not the fold of its journal");
    }
}
