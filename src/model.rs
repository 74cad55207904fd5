//! The whole state of the cockpit as plain data. `update` alone changes it; `ui` alone reads it to draw.
//!
//! Never: a channel, a lock, a handle to the world, the clock.

pub mod arm;
pub mod dialog;
pub mod feed;
pub mod feeds;
pub mod functional;
pub mod headline;
pub mod jobs;
pub mod journal;
pub mod lives;
pub mod maintenance;
pub mod next_step;
pub mod nothing;
pub mod overdue;
pub mod panes;
pub mod pods;
pub mod revert;
pub mod settings;
pub mod silence;
pub mod situation;
pub mod suspects;
pub mod told;
pub mod undone;
pub mod workloads;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::board::Board;
use crate::domain::criteria::Stretch;
use crate::domain::detection::{Alarm, Suggestion};
use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::identity::Identity;
use crate::domain::incident::Incident;
use crate::domain::logbook::LogBook;
use crate::domain::moment::{Moment, Now};
use crate::domain::name::{ReleaseName, Revision, Service, StepNo};
use crate::domain::release::{Choice, Release};
use crate::domain::runbook::Step;
use crate::domain::score::Score;
use crate::domain::usage::{Judged, Resource};
use crate::domain::ways::Way;

use arm::Arm;
use dialog::{Dialog, Extent, PlanState};
use feed::Feed;
use feeds::Feeds;
use functional::Tests;
use headline::Headlines;
use jobs::Jobs;
use journal::JournalState;
use lives::Lives;
use panes::{Pane, Panes};
use settings::Settings;
use situation::Situation;
use suspects::{Onsets, Suspects};
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
    /// What of the text that scrolls it had room for.
    pub extent: Extent,
    /// Which cluster.
    pub identity: Feed<Identity>,
    /// What the world shows.
    pub feeds: Box<Feeds>,
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
    /// What the curves say, in one value each.
    pub headlines: Headlines,
    /// When each service last had requests enough to be judged by.
    pub busy: BTreeMap<Service, Moment>,
    /// Evidence by step, as the sensors see it now.
    pub evidence: BTreeMap<StepNo, Evidence>,
    /// How traffic gets to the pods; without what the release has nothing of.
    pub ways: BTreeMap<Way, Evidence>,
    /// What the services use of what they may have.
    pub usage: BTreeMap<Resource, Judged>,
    /// What the pods write.
    pub logs: LogBook,
    /// From when on their error lines count; `None` while nobody reads them.
    pub logs_since: Option<Moment>,
    /// What the functional tests said.
    pub tests: Tests,
    /// How long everything has been well without a break.
    pub stretch: Stretch,
    /// The rules that ring, the gravest first.
    pub alarms: Vec<Alarm>,
    /// The severity that they suggest.
    pub suggestion: Option<Suggestion>,
    /// When what is bad was seen to begin.
    pub onsets: Onsets,
    /// What may have made it go wrong.
    pub suspects: Option<Suspects>,
    /// Who was worst last, while an incident is open: whose curves one wants to see fall.
    pub accused: Option<Service>,
    /// The eight criteria.
    pub board: Board,
    /// Since when somebody has to decide how to go on without being stable.
    pub decision_due: Option<Moment>,
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
    /// Whether its keys lie over it.
    pub keys: Keys,
}

/// Whether a dialog's keys lie over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keys {
    /// No.
    #[default]
    Hidden,
    /// Yes, until the next key.
    Shown,
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
    /// What has to be so for it to be true.
    pub holds: Holds,
}

/// What has to be so for a notice to be true: it goes when that is over, whatever its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Nothing: it tells what happened.
    Anyway,
    /// No Helm release is at work.
    NoRelease,
    /// There is no workload to act on.
    NoWorkload,
    /// The cluster has not said who it is.
    Unidentified,
    /// The next key arms.
    Arming,
    /// The incident on screen is not this cockpit's.
    Foreign,
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
            extent: Extent::default(),
            identity: Feed::watched(),
            feeds: Box::new(Feeds::new()),
            incident: None,
            others: Feed::watched(),
            journal: JournalState::Ready,
            arm,
            lives: Lives::default(),
            choice: None,
            situation: Situation::Reading,
            headlines: Headlines::default(),
            busy: BTreeMap::new(),
            evidence: BTreeMap::new(),
            ways: BTreeMap::new(),
            usage: BTreeMap::new(),
            logs: LogBook::default(),
            logs_since: None,
            tests: Tests::default(),
            stretch: Stretch::Unseen,
            alarms: Vec::new(),
            suggestion: None,
            onsets: Onsets::new(),
            suspects: None,
            accused: None,
            board: Board::default(),
            decision_due: None,
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

    /// Whether the screen counts seconds: an incident's clock, what is armed, what somebody is looking into. Else it has
    /// ages alone.
    pub fn counts_seconds(&self) -> bool {
        let armed = !matches!(self.arm, Arm::Safe | Arm::ReadOnly);
        self.open_incident().is_some() || armed || self.notice.is_some() || self.dialog.is_some()
    }

    /// The target: chosen by the person, else proposed.
    pub fn target(&self) -> Option<Revision> {
        self.incident.as_ref().and_then(|i| i.target).or_else(|| self.choice.as_ref().and_then(|c| c.target))
    }

    /// The plan that lies over the cockpit, where one does.
    pub fn plan_on_show(&self) -> Option<&PlanState> {
        match &self.dialog.as_ref()?.dialog {
            Dialog::Plan(dialog) => Some(&dialog.state),
            Dialog::Declare { .. }
            | Dialog::Targets { .. }
            | Dialog::Progress { .. }
            | Dialog::Ask(_)
            | Dialog::Pod { .. }
            | Dialog::Behind { .. }
            | Dialog::Revision { .. }
            | Dialog::Step { .. }
            | Dialog::Decide { .. }
            | Dialog::Workloads { .. }
            | Dialog::Kept { .. }
            | Dialog::Maintenance { .. }
            | Dialog::Tests { .. }
            | Dialog::Configurations(_)
            | Dialog::Contents { .. }
            | Dialog::Alerts(_)
            | Dialog::Help { .. }
            | Dialog::Palette { .. }
            | Dialog::Score
            | Dialog::Leave => None,
        }
    }

    /// The command line that the open dialog shows, where it shows one.
    pub fn command_on_show(&self) -> Option<&str> {
        let command = match &self.dialog.as_ref()?.dialog {
            Dialog::Plan(dialog) => match &dialog.state {
                PlanState::Ready { plan, .. } | PlanState::Confirmed { plan } => plan.command(),
                PlanState::Refused(refusal) => &refusal.command,
                PlanState::Planning { .. } => return None,
            },
            Dialog::Progress { job, .. } => self.jobs.all.get(job)?.plan.command(),
            Dialog::Step { commands, .. } => commands,
            Dialog::Decide { path, .. } => self.settings.decisions.commands(path)?,
            Dialog::Declare { .. }
            | Dialog::Targets { .. }
            | Dialog::Workloads { .. }
            | Dialog::Kept { .. }
            | Dialog::Maintenance { .. }
            | Dialog::Tests { .. }
            | Dialog::Configurations(_)
            | Dialog::Contents { .. }
            | Dialog::Alerts(_)
            | Dialog::Ask(_)
            | Dialog::Pod { .. }
            | Dialog::Behind { .. }
            | Dialog::Revision { .. }
            | Dialog::Help { .. }
            | Dialog::Palette { .. }
            | Dialog::Score
            | Dialog::Leave => return None,
        };
        (!command.is_empty()).then_some(command)
    }

    /// The pane that has the keys.
    pub const fn focus(&self) -> Pane {
        self.panes.focus
    }

    /// Why waiting brings nothing: everything that the world can prove is proved, and the rest is for the person to do.
    /// `None` where something is still to come.
    pub fn nothing_to_wait_for(&self) -> Option<String> {
        let Some(incident) = &self.incident else { return None };
        if incident.closed.is_some() {
            return Some("the incident is closed: there is nothing to wait for".into());
        }
        let runbook = &self.settings.runbook;
        let to_come = |s: &Step| {
            let seen = self.evidence.get(&s.no).is_some_and(|e| e.verdict == Verdict::Met);
            s.sensor.is_some() && !seen && !incident.step(s.no).is_settled()
        };
        if self.jobs.busy().is_some() || runbook.steps().any(to_come) {
            return None;
        }
        let step = incident.first_open(runbook).map_or_else(String::new, |no| format!(": step {no} is yours to do"));
        Some(format!("nothing is left to wait for{step}"))
    }

    /// The pane that stands alone on the screen, where one does: zoomed, or all that a screen below 80x24 has room for.
    pub const fn alone(&self) -> Option<Pane> {
        match self.panes.zoom {
            Some(pane) => Some(pane),
            None if self.size.0 < 80 || self.size.1 < 24 => Some(self.panes.focus),
            None => None,
        }
    }

    /// Whether the checklist is on screen: what it does not show is not ticked or skipped.
    pub fn shows_checklist(&self) -> bool {
        self.alone().is_none_or(|pane| pane == Pane::Checklist)
    }
}
