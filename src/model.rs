//! The whole state of the cockpit as plain data. `update` alone changes it; `ui` alone reads it to draw.
//!
//! Never: a channel, a lock, a handle to the world, the clock.

pub mod arm;
pub mod dialog;
pub mod feed;
pub mod feeds;
pub mod headline;
pub mod jobs;
pub mod journal;
pub mod lives;
pub mod overdue;
pub mod panes;
pub mod pods;
pub mod settings;
pub mod situation;
pub mod told;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::criteria::Stretch;
use crate::domain::evidence::Evidence;
use crate::domain::identity::Identity;
use crate::domain::incident::Incident;
use crate::domain::moment::{Moment, Now};
use crate::domain::name::{ReleaseName, Revision, Service, StepNo};
use crate::domain::release::{Choice, Release};
use crate::domain::score::Score;

use arm::Arm;
use dialog::Dialog;
use feed::Feed;
use feeds::Feeds;
use jobs::Jobs;
use journal::JournalState;
use lives::Lives;
use panes::{Pane, Panes};
use settings::Settings;
use situation::Situation;
use told::Told;

/// A frame's number; a key carries the frame that was on screen when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FrameNo(pub u64);

/// Everything.
#[derive(Debug)]
pub struct Model {
    /// What does not change while it runs.
    pub settings: Settings,
    /// When it began.
    pub started: Now,
    /// The time of the last tick.
    pub now: Now,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The newest frame that was drawn.
    pub frame: FrameNo,
    /// Which cluster.
    pub identity: Feed<Identity>,
    /// What the world shows.
    pub feeds: Feeds,
    /// The incident, where one is open (or was just closed).
    pub incident: Option<Incident>,
    /// The looks at this machine's journals, with what they complained of; not looked at where nothing is taken up by
    /// itself.
    pub others: Feed<Option<String>>,
    /// The journal's state.
    pub journal: JournalState,
    /// Read-only, safe or armed.
    pub arm: Arm,
    /// Which release is at work; chosen by the person or by what changed last.
    pub release: Option<ReleaseName>,
    /// How its revisions did while they were live.
    pub lives: Lives,
    /// The proposal for it.
    pub choice: Option<Choice>,
    /// What is wrong, in a sentence.
    pub situation: Situation,
    /// When each service last had requests enough to be judged by.
    pub busy: BTreeMap<Service, Moment>,
    /// Evidence by step, as the sensors see it now.
    pub evidence: BTreeMap<StepNo, Evidence>,
    /// How long everything has been well without a break.
    pub stretch: Stretch,
    /// What the timeline already tells, so that it is told once.
    pub told: Told,
    /// Acts of this process.
    pub jobs: Jobs,
    /// Where the eye is.
    pub panes: Panes,
    /// What lies over the cockpit, with the first frame that shows it.
    pub dialog: Option<Opened>,
    /// A line for the person, until its time.
    pub notice: Option<Notice>,
    /// The newest question for a plan.
    pub plans: feed::Generation,
    /// The newest question for a detail.
    pub details: feed::Generation,
    /// Keys pressed, for a drill's score.
    pub keys: u32,
    /// The score, once a drill is closed.
    pub score: Option<Score>,
    /// It wants to end.
    pub leaving: bool,
}

/// A dialog and the first frame in which it is drawn: keys of earlier frames never answer it.
#[derive(Debug)]
pub struct Opened {
    /// What is open.
    pub dialog: Dialog,
    /// The first frame that shows it.
    pub from: FrameNo,
}

/// A line for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// Since when, monotonic.
    pub since: Duration,
    /// Until when, monotonic.
    pub until: Duration,
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// By the way.
    Info,
    /// It did not work, or cannot be done now.
    Refused,
    /// Something was lost or went wrong.
    Alarm,
}

impl Model {
    /// The cockpit before anything is known.
    pub fn new(settings: Settings, now: Now, size: (u16, u16)) -> Self {
        let arm = if settings.read_only { Arm::ReadOnly } else { Arm::Safe };
        let panes = Panes::new(settings.runbook.steps().next().map_or(StepNo(1), |s| s.no));
        Self {
            release: settings.release.clone(),
            settings,
            started: now,
            now,
            size,
            frame: FrameNo::default(),
            identity: Feed::watched(),
            feeds: Feeds::new(),
            incident: None,
            others: Feed::watched(),
            journal: JournalState::Ready,
            arm,
            lives: Lives::default(),
            choice: None,
            situation: Situation::Reading,
            busy: BTreeMap::new(),
            evidence: BTreeMap::new(),
            stretch: Stretch::Unseen,
            told: Told::default(),
            jobs: Jobs::default(),
            panes,
            dialog: None,
            notice: None,
            plans: feed::Generation::default(),
            details: feed::Generation::default(),
            keys: 0,
            score: None,
            leaving: false,
        }
    }

    /// The release at work.
    pub fn release(&self) -> Option<&Release> {
        let releases = self.feeds.releases.known()?;
        let name = self.release.as_ref()?;
        releases.iter().find(|r| r.name == *name)
    }

    /// The incident while it is open.
    pub fn open_incident(&self) -> Option<&Incident> {
        self.incident.as_ref().filter(|i| i.closed.is_none())
    }

    /// The target: chosen by the person, else proposed.
    pub fn target(&self) -> Option<Revision> {
        self.incident.as_ref().and_then(|i| i.target).or_else(|| self.choice.as_ref().and_then(|c| c.target))
    }

    /// The pane that has the keys.
    pub const fn focus(&self) -> Pane {
        self.panes.focus
    }
}
