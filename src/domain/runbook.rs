//! The runbook: title, four blocks, fifteen steps. Data, not code: `assets/runbooks` or the team's own file.
//!
//! Never: running anything. A step names its sensor and the act it offers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::evidence::Sensor;
use super::name::StepNo;

/// The whole page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbook {
    /// Its title.
    pub title: String,
    /// `en`, `es`
    pub language: String,
    /// Its blocks, in order; each has at least one step.
    pub blocks: Vec<Block>,
}

/// A block of steps with a pause after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `Roll back`
    pub title: String,
    /// How it is worked through.
    pub mode: Mode,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// How a block is worked through (design §7; checklists of aviation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Read a line, do it, tick it, then the next: for what is rare or cannot be undone.
    ReadDo,
    /// Do from memory, then confirm line by line: for what runs in parallel.
    DoConfirm,
}

/// One line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number, 1 to 15, ascending through the blocks.
    pub no: StepNo,
    /// At most 22 columns: `Roll back`.
    pub title: String,
    /// What to do, in one or two plain sentences.
    pub instruction: String,
    /// How long it may take.
    pub time_box: Duration,
    /// What proves it; `None` = attested by hand.
    pub sensor: Option<Sensor>,
    /// What Enter offers on it; `None` = nothing but a tick.
    pub offer: Option<Offer>,
    /// What the hand must not do from memory, and why; may be empty.
    pub warns: String,
    /// Commands for paper, corrected (design §11), one per line; may be empty.
    pub commands: String,
}

/// What a step offers on Enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// Declare the incident.
    Declare,
    /// Choose the severity.
    ChooseSeverity,
    /// Choose the target revision.
    ChooseTarget,
    /// The prepared rollback.
    RollBack,
    /// See the rollouts.
    ShowRollouts,
    /// See the pods.
    ShowPods,
    /// See what each service says of its health.
    ShowHealth,
    /// See the functional tests.
    ShowTests,
    /// See the error rate.
    ShowErrors,
    /// See the criteria of success.
    ShowCriteria,
    /// See the timeline.
    ShowTimeline,
    /// Write a follow-up.
    WriteFollowUp,
}

impl Runbook {
    /// With nothing that needs that sensor or offers that: those steps are ticked by a person's word.
    #[must_use]
    pub fn without(mut self, sensor: Sensor, offer: Offer) -> Self {
        for step in self.blocks.iter_mut().flat_map(|block| &mut block.steps) {
            step.sensor = step.sensor.filter(|s| *s != sensor);
            step.offer = step.offer.filter(|o| *o != offer);
        }
        self
    }

    /// All steps in order.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.blocks.iter().flat_map(|b| b.steps.iter())
    }

    /// That step.
    pub fn step(&self, no: StepNo) -> Option<&Step> {
        self.steps().find(|s| s.no == no)
    }

    /// The block that a step is in, by its place.
    pub fn block_of(&self, no: StepNo) -> Option<usize> {
        self.blocks.iter().position(|b| b.steps.iter().any(|s| s.no == no))
    }
}
