//! What was meant: the operator's wishes, whichever key said them, and whether each can be had now.
//!
//! Never: a key. A wish that cannot be had has a reason in words, and stays visible.

pub mod enter;

use crate::domain::checklist::StepState;
use crate::domain::identity::Realm;
use crate::model::Model;
use crate::model::arm::Arm;
use crate::model::dialog::{Behind, Dialog};
use crate::model::panes::Pane;

/// Why no number of pods is kept.
const NONE_TO_KEEP: &str = "no number of pods changes: there is nothing to keep";

/// Why helm is not asked.
const NOT_BY_HELM: &str = "helm itself is asked only for what cannot be done here exactly";
/// Why no link is copied.
const NO_DASHBOARD: &str = "no dashboard is configured: [grafana] in backout.toml names it";
/// Why a key that needs an incident does nothing.
const UNDECLARED: &str = "no incident is open: Enter on step 1 declares it";

/// A wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Intent {
    /// The line above.
    Up,
    /// The line below.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first line.
    First,
    /// The last line.
    Last,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// That pane.
    Go(Pane),
    /// Fill the screen with the pane, or give the others back.
    Zoom,
    /// What the line under the cursor offers.
    Act,
    /// Tick the step under the cursor.
    Tick,
    /// Leave the step out.
    Skip,
    /// Write a note.
    Note,
    /// Write a follow-up.
    FollowUp,
    /// Go on though it is not stable in time, with a reason.
    GoOn,
    /// The prepared rollback.
    RollBack,
    /// One workload back to a revision of its own.
    Undo,
    /// One workload's pods replaced.
    Restart,
    /// The release stopped for maintenance, or brought back.
    Maintenance,
    /// A ConfigMap or Secret put back, its readers restarted.
    Revert,
    /// An alert silenced for a while.
    Silence,
    /// Choose the target.
    ChooseTarget,
    /// Another release.
    NextRelease,
    /// Arm, or disarm.
    Arm,
    /// A severity worse.
    RaiseSeverity,
    /// A severity milder, with a reason.
    LowerSeverity,
    /// Name another commander.
    NameCommander,
    /// Which pods to show.
    Filter,
    /// Ask all sources again now.
    Refresh,
    /// All keys.
    Help,
    /// All commands.
    Palette,
    /// Move the drill on.
    SkipAhead,
    /// The whole step under the cursor.
    LookAtStep,
    /// What was changed before it went wrong.
    WhatChanged,
    /// The decision tree.
    Decide,
    /// Yes, to the question that is asked.
    Yes,
    /// No.
    No,
    /// The functional tests.
    Tests,
    /// The link of the dashboard at the incident's time.
    CopyLink,
    /// The running act.
    ShowJob,
    /// How the drill went.
    ShowScore,
    /// The other sheet of the dialog.
    OtherSheet,
    /// The command line onto the clipboard.
    CopyCommand,
    /// The plan with the live numbers of pods, or with the target's again.
    KeepReplicas,
    /// The plan that takes over fields from others, or not again.
    Force,
    /// The plan of helm itself, where it is refused here.
    WithHelm,
    /// Yes, to what the dialog asks.
    Confirm,
    /// Back, cancel, close.
    Back,
    /// Stop the process until continued.
    Suspend,
    /// End.
    Quit,
}

/// Whether a wish can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    Ready,
    /// No, and why.
    Disabled(String),
}

impl Availability {
    /// An act needs something to act on, and that no other runs.
    fn act(model: &Model, nothing: Option<String>) -> Self {
        match (nothing, model.jobs.running()) {
            (Some(why), _) => Self::Disabled(why),
            (None, Some((job, _))) => Self::Disabled(format!("job {job} is running: one act at a time")),
            (None, None) => Self::Ready,
        }
    }

    /// The open dialog can do that.
    fn within(model: &Model, can: fn(&Dialog) -> bool, why: &str) -> Self {
        Self::unless(!model.dialog.as_ref().is_some_and(|o| can(&o.dialog)), why)
    }

    fn unless(condition: bool, why: &str) -> Self {
        if condition { Self::Disabled(why.into()) } else { Self::Ready }
    }
}

/// Whether the drill can be moved on.
fn skip(model: &Model) -> Availability {
    match (model.settings.realm, model.nothing_to_wait_for()) {
        (Realm::Live, _) => Availability::Disabled("only a drill can be moved on".into()),
        (Realm::Drill, Some(why)) => Availability::Disabled(why),
        (Realm::Drill, None) => Availability::Ready,
    }
}

/// Whether there is a score to show.
fn score(model: &Model) -> Availability {
    match (model.settings.realm, &model.score) {
        (_, Some(_)) => Availability::Ready,
        (Realm::Live, None) => Availability::Disabled("only a drill has a score".into()),
        (Realm::Drill, None) => Availability::Disabled("the score comes when the incident is closed".into()),
    }
}

/// Whether the step under the cursor can be ticked or left out.
fn step(model: &Model) -> Availability {
    match model.open_incident() {
        None => Availability::Disabled(UNDECLARED.into()),
        Some(_) if !model.shows_checklist() => {
            Availability::Disabled("the checklist is not on screen: 1 goes to it".into())
        }
        Some(incident) => {
            Availability::unless(matches!(incident.step(model.panes.step), StepState::Done { .. }), "this step is done")
        }
    }
}

/// Whether there is an alert to silence.
fn silence(model: &Model) -> Availability {
    let none = model.alerts_to_silence().next().is_none();
    Availability::act(model, none.then(|| "no alert is known that Alertmanager could silence".into()))
}

/// Whether there is another release.
fn next_release(model: &Model) -> Availability {
    let alone = model.feeds.releases.known().is_none_or(|r| r.len() < 2);
    Availability::unless(alone, "there is only one release here")
}

impl Intent {
    /// Whether it can be had now.
    pub fn availability(self, model: &Model) -> Availability {
        match self {
            Self::Tick | Self::Skip => step(model),
            Self::Note | Self::FollowUp | Self::RaiseSeverity | Self::LowerSeverity | Self::NameCommander => {
                Availability::unless(model.open_incident().is_none(), UNDECLARED)
            }
            Self::GoOn => Availability::unless(model.decision_due.is_none(), "no decision is due"),
            Self::RollBack | Self::ChooseTarget | Self::Maintenance | Self::Revert => {
                Availability::act(model, model.no_release())
            }
            Self::Undo | Self::Restart => Availability::act(model, model.no_workload()),
            Self::Silence => silence(model),
            Self::NextRelease => next_release(model),
            Self::Arm => Availability::unless(model.arm == Arm::ReadOnly, "this cockpit is read-only"),
            Self::ShowJob => Availability::unless(model.jobs.newest().is_none(), "nothing was run from here"),
            Self::ShowScore => score(model),
            Self::SkipAhead => skip(model),
            Self::KeepReplicas => Availability::within(model, Dialog::can_keep_replicas, NONE_TO_KEEP),
            Self::Force => Availability::within(model, Dialog::can_force, "there is nothing to force"),
            Self::WithHelm => Availability::within(model, Dialog::can_go_to_helm, NOT_BY_HELM),
            Self::CopyCommand => Availability::unless(model.command_on_show().is_none(), "no command is on show here"),
            Self::Yes | Self::No => {
                let asks = |dialog: &Dialog| matches!(dialog, Dialog::Decide { .. });
                Availability::within(model, asks, "no question is asked here")
            }
            Self::CopyLink => Availability::unless(model.settings.dashboard.is_none(), NO_DASHBOARD),
            Self::Suspend => suspend(model),
            Self::Filter => filter(model),
            Self::Up
            | Self::Down
            | Self::PageUp
            | Self::PageDown
            | Self::First
            | Self::Last
            | Self::NextPane
            | Self::PreviousPane
            | Self::Go(_)
            | Self::Zoom
            | Self::Act
            | Self::Refresh
            | Self::LookAtStep
            | Self::WhatChanged
            | Self::Decide
            | Self::Tests
            | Self::Help
            | Self::Palette
            | Self::OtherSheet
            | Self::Confirm
            | Self::Back
            | Self::Quit => Availability::Ready,
        }
    }
}

/// Pods are filtered, and the lines of logs.
fn filter(model: &Model) -> Availability {
    let can =
        matches!(model.dialog.as_ref().map(|o| &o.dialog), None | Some(Dialog::Behind { value: Behind::Logs, .. }));
    Availability::unless(!can, "nothing can be filtered here")
}

/// A stopped process holds its half of the rollback, and the journal, until somebody remembers it.
fn suspend(model: &Model) -> Availability {
    match model.jobs.busy() {
        Some(job) => Availability::Disabled(format!("job {job} is running: stopped now, it would stay half done")),
        None => Availability::Ready,
    }
}
