//! What was meant: the operator's wishes, whichever key said them, and whether each can be had now.
//!
//! Never: a key. A wish that cannot be had has a reason in words, and stays visible.

use crate::domain::checklist::StepState;
use crate::domain::identity::Realm;
use crate::model::Model;
use crate::model::arm::Arm;
use crate::model::panes::Pane;

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
    /// The prepared rollback.
    RollBack,
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
    /// The running act.
    ShowJob,
    /// The other sheet of the dialog.
    OtherSheet,
    /// The command line onto the clipboard.
    CopyCommand,
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
    fn unless(condition: bool, why: &str) -> Self {
        if condition { Self::Disabled(why.into()) } else { Self::Ready }
    }
}

impl Intent {
    /// Whether it can be had now.
    pub fn availability(self, model: &Model) -> Availability {
        let open = model.open_incident();
        match self {
            Self::Tick | Self::Skip => match open {
                None => Availability::Disabled("no incident is open: Enter on step 1 declares it".into()),
                Some(incident) => Availability::unless(
                    matches!(incident.step(model.panes.step), StepState::Done { .. }),
                    "this step is done",
                ),
            },
            Self::Note | Self::FollowUp | Self::RaiseSeverity | Self::LowerSeverity | Self::NameCommander => {
                Availability::unless(open.is_none(), "no incident is open: Enter on step 1 declares it")
            }
            Self::RollBack | Self::ChooseTarget => {
                if model.release().is_none() {
                    Availability::Disabled("no Helm release is known here".into())
                } else if let Some((job, _)) = model.jobs.running() {
                    Availability::Disabled(format!("job {job} is running: one act at a time"))
                } else {
                    Availability::Ready
                }
            }
            Self::NextRelease => Availability::unless(
                model.feeds.releases.known().is_none_or(|r| r.len() < 2),
                "there is only one release here",
            ),
            Self::Arm => Availability::unless(model.arm == Arm::ReadOnly, "this cockpit is read-only"),
            Self::ShowJob => Availability::unless(model.jobs.newest().is_none(), "nothing was run from here"),
            Self::SkipAhead => {
                Availability::unless(model.settings.realm == Realm::Live, "only a drill can be moved on")
            }
            // A stopped process holds its half of the rollback, and the journal, until somebody remembers it.
            Self::Suspend => match model.jobs.busy() {
                Some(job) => {
                    Availability::Disabled(format!("job {job} is running: stopped now, it would stay half done"))
                }
                None => Availability::Ready,
            },
            Self::CopyCommand
            | Self::Up
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
            | Self::Filter
            | Self::Refresh
            | Self::Help
            | Self::Palette
            | Self::OtherSheet
            | Self::Confirm
            | Self::Back
            | Self::Quit => Availability::Ready,
        }
    }
}
