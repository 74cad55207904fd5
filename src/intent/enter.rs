//! What Enter does now: one answer for the key, the action line and the footer, so that what is said before it is
//! pressed is what happens.
//!
//! On a step Enter does the next thing: it ticks what its sensor has proved, else opens what the step offers, else asks
//! for the person's word. In a pane it looks closer.
//!
//! Never: an act of its own; everything that changes the world opens a plan.

use crate::domain::board::Criterion;
use crate::domain::checklist::StepState;
use crate::domain::evidence::Verdict;
use crate::domain::name::{PodName, Revision, StepNo};
use crate::domain::runbook::{Offer, Step};
use crate::model::Model;
use crate::model::dialog::Behind;
use crate::model::panes::Pane;

/// What Enter does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enter {
    /// It opens the declaration.
    Declare,
    /// It closes the incident.
    Close,
    /// It goes on to the first open step.
    GoOn(StepNo),
    /// It shows the act that the step waits for.
    ShowJob,
    /// It ticks the step with the value that is seen.
    Tick,
    /// It asks what was done or seen, and ticks with that.
    Attest,
    /// It asks why an unproved step is ticked all the same.
    Override,
    /// It opens the choice of severity.
    ChooseSeverity,
    /// It opens the choice of the target.
    ChooseTarget,
    /// It opens the prepared rollback.
    RollBack,
    /// It shows a pane alone.
    Show(Pane),
    /// It asks for something to be done afterwards.
    FollowUp,
    /// It looks closer at a pod.
    LookAtPod(PodName),
    /// It shows the raw data behind a value.
    LookBehind(Behind),
    /// It shows the functional tests.
    Tests,
    /// It compares a revision with the current one.
    LookAtRevision(Revision),
    /// It puts the cursor of the pane on its first line.
    First,
    /// It brings the other panes back.
    Unzoom,
    /// It shows how the drill went.
    ShowScore,
}

impl Enter {
    /// What it does now, where no dialog is open.
    pub fn of(model: &Model) -> Self {
        match model.focus() {
            Pane::Checklist => Self::on_checklist(model),
            Pane::Pods => model.panes.pod.clone().map_or(Self::First, Self::LookAtPod),
            Pane::History => model.panes.revision.map_or(Self::First, Self::LookAtRevision),
            Pane::Criteria if model.open_incident().is_some() => Self::on_criterion(model),
            Pane::Errors | Pane::P95 | Pane::Alerts | Pane::Timeline | Pane::Criteria if model.panes.zoom.is_some() => {
                Self::Unzoom
            }
            pane @ (Pane::Errors | Pane::P95 | Pane::Alerts | Pane::Timeline | Pane::Criteria) => Self::Show(pane),
        }
    }

    /// From a criterion to what is behind it.
    const fn on_criterion(model: &Model) -> Self {
        match model.panes.criterion {
            None if model.panes.zoom.is_none() => Self::Show(Pane::Criteria),
            None => Self::Unzoom,
            Some(Criterion::Tests) => Self::Tests,
            Some(criterion @ (Criterion::Health | Criterion::Logs | Criterion::Users)) => match Behind::of(criterion) {
                Some(value) => Self::LookBehind(value),
                None => Self::Show(Pane::Checklist),
            },
            Some(Criterion::Pods) => Self::Show(Pane::Pods),
            Some(Criterion::Errors) => Self::Show(Pane::Errors),
            Some(Criterion::P95) => Self::Show(Pane::P95),
            Some(Criterion::Alerts) => Self::Show(Pane::Alerts),
        }
    }

    fn on_checklist(model: &Model) -> Self {
        let Some(incident) = model.open_incident() else {
            return if model.score.is_some() { Self::ShowScore } else { Self::Declare };
        };
        let Some(open) = incident.first_open(&model.settings.runbook) else { return Self::Close };
        let Some(step) = model.settings.runbook.step(model.panes.step) else { return Self::GoOn(open) };
        match incident.step(step.no) {
            StepState::Done { .. } | StepState::Skipped { .. } => Self::GoOn(open),
            StepState::Waiting { .. } if model.jobs.newest().is_some() => Self::ShowJob,
            StepState::Todo | StepState::Doing { .. } | StepState::Waiting { .. } | StepState::Failed { .. } => {
                Self::on_step(model, step)
            }
        }
    }

    fn on_step(model: &Model, step: &Step) -> Self {
        if model.evidence.get(&step.no).is_some_and(|e| e.verdict == Verdict::Met) {
            return Self::Tick;
        }
        match (step.offer, step.sensor) {
            (Some(Offer::Declare), _) => Self::Declare,
            (Some(Offer::ChooseSeverity), _) => Self::ChooseSeverity,
            (Some(Offer::ChooseTarget), _) => Self::ChooseTarget,
            (Some(Offer::RollBack), _) => Self::RollBack,
            (Some(Offer::ShowRollouts | Offer::ShowPods), _) => Self::Show(Pane::Pods),
            (Some(Offer::ShowHealth), _) => Self::LookBehind(Behind::Health),
            (Some(Offer::ShowTests), _) => Self::Tests,
            (Some(Offer::ShowErrors), _) => Self::Show(Pane::Errors),
            (Some(Offer::ShowCriteria), _) => Self::Show(Pane::Criteria),
            (Some(Offer::ShowTimeline), _) => Self::Show(Pane::Timeline),
            // One item is enough to go on; t writes more.
            (Some(Offer::WriteFollowUp), _) if model.incident.as_ref().is_some_and(|i| !i.follow_ups.is_empty()) => {
                Self::Attest
            }
            (Some(Offer::WriteFollowUp), _) => Self::FollowUp,
            (None, None) => Self::Attest,
            (None, Some(_)) => Self::Override,
        }
    }

    /// One or two words for the footer.
    pub fn hint(&self) -> String {
        match self {
            Self::Declare => "declare".into(),
            Self::Close => "close incident".into(),
            Self::GoOn(step) => format!("to step {step}"),
            Self::ShowJob => "show rollback".into(),
            Self::Tick | Self::Attest => "tick".into(),
            Self::Override => "tick, why".into(),
            Self::ChooseSeverity => "severity".into(),
            Self::ChooseTarget => "target".into(),
            Self::RollBack => "plan".into(),
            Self::Show(pane) => pane.title().to_lowercase(),
            Self::FollowUp => "follow-up".into(),
            Self::Tests => "tests".into(),
            Self::LookBehind(Behind::Health) => "health".into(),
            Self::LookBehind(Behind::Changes) => "changes".into(),
            Self::LookBehind(Behind::Logs) => "logs".into(),
            Self::LookAtPod(_) => "look closer".into(),
            Self::LookAtRevision(_) => "compare".into(),
            Self::First => "choose".into(),
            Self::Unzoom => "all panes".into(),
            Self::ShowScore => "score".into(),
        }
    }
}
