//! What lies over the cockpit: one at a time, each in exactly one state. While it is open the panes stay live.
//!
//! Never: answered by a key that was read before it was drawn (see [`super::Opened`]).

mod read;

use std::time::Duration;

use tui_textarea::TextArea;

use crate::domain::alert::Labels;
use crate::domain::board::Criterion;
use crate::domain::change::Object;
use crate::domain::decision::{Path, Said};
use crate::domain::detail::PodDetail;
use crate::domain::name::{JobId, PodName, ReleaseName, Revision, StepNo};
use crate::domain::severity::Severity;
use crate::domain::workload::WorkloadRef;
use crate::helm::choices::{By, Choices};
use crate::helm::plan::{Instead, Refusal};
use crate::kubectl::ask::Errand;
use crate::kubectl::revisions::History;
use crate::maintenance;
use crate::plan::Plan;

use super::feed::{Feed, Generation};

pub use read::{Extent, Read};

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
        /// What is read of it, again and again while it is on show.
        detail: Box<Feed<PodDetail>>,
        /// Lines skipped.
        scroll: u16,
    },
    /// What a value was judged by, raw.
    Behind {
        /// Which value.
        value: Behind,
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
    /// A step, whole: what to do, what to beware of, the commands for doing it by hand.
    Step {
        /// Which.
        step: StepNo,
        /// Its commands with all that is known filled in, one a line.
        commands: String,
        /// What to put in the place of what is not known.
        open: Vec<&'static str>,
        /// Lines skipped.
        scroll: u16,
    },
    /// The decision tree: what kind of trouble it is, and by which way it is put back.
    Decide {
        /// What the person answered.
        said: Said,
        /// The path on what is known now.
        path: Path,
        /// Lines skipped.
        scroll: u16,
    },
    /// Choose the workload to act on.
    Workloads {
        /// What for.
        deed: Deed,
        /// The one under the cursor.
        cursor: WorkloadRef,
    },
    /// Choose the revision that a workload goes back to.
    Kept {
        /// Which workload.
        workload: WorkloadRef,
        /// The question's number.
        generation: Generation,
        /// Its kept revisions, or why they cannot be had.
        history: Option<Result<History, String>>,
        /// The revision under the cursor.
        cursor: Option<u64>,
    },
    /// The release is in maintenance: brought back, or the rest of it stopped?
    Maintenance {
        /// What is under the cursor.
        cursor: maintenance::ask::Errand,
    },
    /// The functional tests, and what they said.
    Tests {
        /// Lines skipped.
        scroll: u16,
    },
    /// Choose the ConfigMap or Secret to put back; this one is under the cursor.
    Configurations(Object),
    /// Choose the revision whose content it gets.
    Contents {
        /// What is put back.
        object: Object,
        /// The revision under the cursor.
        cursor: Revision,
    },
    /// Choose the alert to silence; this one is under the cursor.
    Alerts(Labels),
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

impl Dialog {
    /// Whether the plan on show can keep the live numbers of pods.
    pub fn can_keep_replicas(&self) -> bool {
        self.rollback().is_some_and(crate::helm::plan::Plan::can_keep_replicas)
    }

    /// Whether the plan on show can force what others manage.
    pub fn can_force(&self) -> bool {
        self.rollback().is_some_and(crate::helm::plan::Plan::can_force)
    }

    /// Whether a rollback is refused that helm itself may do.
    pub fn can_go_to_helm(&self) -> bool {
        let Self::Plan(PlanDialog { wish: Wish::RollBack(_, choices), state: PlanState::Refused(refusal), .. }) = self
        else {
            return false;
        };
        choices.by == By::Backout && refusal.instead == Instead::Helm
    }

    fn rollback(&self) -> Option<&crate::helm::plan::Plan> {
        let Self::Plan(dialog) = self else { return None };
        let PlanState::Ready { plan, .. } = &dialog.state else { return None };
        plan.rollback().map(|p| &**p)
    }
}

/// A value whose raw data can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// What each service said of its health.
    Health,
    /// What was changed before it went wrong.
    Changes,
    /// What the pods write.
    Logs,
}

impl Behind {
    /// What is behind a criterion, where that is no pane of its own.
    pub const fn of(criterion: Criterion) -> Option<Self> {
        match criterion {
            Criterion::Health => Some(Self::Health),
            Criterion::Logs => Some(Self::Logs),
            Criterion::Pods
            | Criterion::Errors
            | Criterion::P95
            | Criterion::Tests
            | Criterion::Alerts
            | Criterion::Users => None,
        }
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Health => "What each service says of its health",
            Self::Changes => "What was changed before it went wrong",
            Self::Logs => "What the pods write",
        }
    }
}

/// What was wished for when a plan was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The release at work back to that revision, with these choices.
    RollBack(Revision, Choices),
    /// That workload undone or restarted.
    Workload(WorkloadRef, Errand),
    /// That release stopped for maintenance, or brought back.
    Maintenance(ReleaseName, maintenance::ask::Errand),
    /// That ConfigMap or Secret put back to that revision; `None`: to the one that is live.
    Revert(Object, Option<Revision>),
    /// That alert silenced: what it is called.
    Silence(String),
    /// Functional tests of which some write.
    Tests,
}

/// What a workload is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// To go back to an earlier revision of its own.
    Undo,
    /// To have its pods replaced.
    Restart,
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
        /// How far its summary has been on screen.
        read: Read,
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
    /// Why one goes on though it is not stable in time.
    GoOn,
    /// Why the severity is lowered.
    Lower(Severity),
    /// Who commands from now on.
    Commander,
    /// Which pods to show.
    Filter,
    /// Which lines of the logs to show.
    Lines,
    /// For how long an alert of that name is silenced, and why.
    Silence(String, Labels),
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
            Self::GoOn => "Not stable in time. Why go on as it is?".into(),
            Self::Lower(severity) => format!("Why lower to {severity}?"),
            Self::Commander => "Who commands from now on?".into(),
            Self::Silence(alert, _) => format!("Silence {alert}: for how long, and why?"),
            Self::Lines => "Show lines with … (service, pod or text; 2m first: of the last two minutes)".into(),
            Self::Filter => "Show pods with … (name, service or state; empty for all)".into(),
        }
    }
}
