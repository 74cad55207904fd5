//! What lies over the cockpit: one at a time, each in exactly one state. While it is open the panes stay live.
//!
//! Never: answered by a key that was read before it was drawn (see [`super::Opened`]).

use std::time::Duration;

use tui_textarea::TextArea;

use crate::domain::detail::PodDetail;
use crate::domain::fault::Fault;
use crate::domain::name::{JobId, PodName, Revision, StepNo};
use crate::domain::severity::Severity;
use crate::helm::plan::Refusal;
use crate::plan::Plan;

use super::feed::Generation;

/// A dialog.
#[derive(Debug)]
pub enum Dialog {
    /// Declare the incident: choose its severity.
    Declare {
        /// The severity under the cursor.
        severity: Severity,
    },
    /// Choose the target revision.
    Targets {
        /// The revision under the cursor.
        revision: Revision,
    },
    /// The prepared act.
    Plan(PlanDialog),
    /// A running (or ended) act.
    Progress {
        /// Which.
        job: JobId,
        /// Lines skipped.
        scroll: u16,
    },
    /// A line of text is wanted.
    Ask(Box<AskDialog>),
    /// A pod, closely.
    Pod {
        /// Which.
        pod: PodName,
        /// The question's number.
        generation: Generation,
        /// What came.
        detail: Option<Result<PodDetail, Fault>>,
        /// Lines skipped.
        scroll: u16,
    },
    /// A revision, closely: values and manifest against the current one, secrets masked.
    Revision {
        /// Which.
        revision: Revision,
        /// The question's number.
        generation: Generation,
        /// The lines of the diff (first character ` `, `-`, `+`), or why it cannot be had.
        lines: Option<Result<Vec<String>, String>>,
        /// Lines skipped.
        scroll: u16,
    },
    /// All keys.
    Help {
        /// Lines skipped.
        scroll: u16,
    },
    /// All commands, filtered by what is typed.
    Palette {
        /// What is typed.
        typed: String,
        /// The line under the cursor.
        cursor: usize,
    },
    /// The end of a drill.
    Score,
    /// Leaving while an act runs.
    Leave,
}

/// What was wished for when a plan was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The release at work back to that revision.
    RollBack(Revision),
}

/// A prepared act, from the question to the answer.
#[derive(Debug)]
pub struct PlanDialog {
    /// The question's number.
    pub generation: Generation,
    /// What is wished for.
    pub wish: Wish,
    /// How far.
    pub state: PlanState,
}

/// How far the prepared act is.
#[derive(Debug)]
pub enum PlanState {
    /// The plan is being made since then (monotonic).
    Planning {
        /// Since when.
        since: Duration,
    },
    /// There is no plan, and why.
    Refused(Refusal),
    /// The plan stands; the datum is wanted.
    Ready {
        /// The plan.
        plan: Plan,
        /// What is typed so far.
        typed: String,
        /// What is shown.
        sheet: Sheet,
        /// Lines skipped.
        scroll: u16,
        /// Why the last Enter did nothing.
        complaint: Option<String>,
    },
    /// Confirmed; the journal is being written.
    Confirmed {
        /// The plan.
        plan: Plan,
    },
}

/// What the dialog shows of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// Summary, warnings, datum.
    Summary,
    /// Every object with its fields, live against target.
    Changes,
}

/// A line of text is wanted.
#[derive(Debug)]
pub struct AskDialog {
    /// What for.
    pub purpose: Purpose,
    /// What is typed.
    pub text: TextArea<'static>,
}

/// What a line of text is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Why a step is left out.
    Skip(StepNo),
    /// What was seen, for a step without a sensor.
    Attest(StepNo),
    /// Why a step is ticked against its evidence.
    Override(StepNo),
    /// A note.
    Note,
    /// Something to be done afterwards.
    FollowUp,
    /// Why the severity is lowered.
    Lower(Severity),
    /// Who commands from now on.
    Commander,
    /// Which pods to show.
    Filter,
}

impl Purpose {
    /// The question.
    pub fn question(&self) -> String {
        match self {
            Self::Skip(step) => format!("Why is step {step} skipped?"),
            Self::Attest(step) => format!("Step {step}: what did you do or see?"),
            Self::Override(step) => format!("Step {step} is not proved. Why tick it all the same?"),
            Self::Note => "Note for the timeline".into(),
            Self::FollowUp => "To be done afterwards".into(),
            Self::Lower(severity) => format!("Why lower to {severity}?"),
            Self::Commander => "Who commands from now on?".into(),
            Self::Filter => "Show pods with … (name, service or state; empty for all)".into(),
        }
    }
}
