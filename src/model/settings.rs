//! What was settled before the first frame and does not change.

use std::time::Duration;

use crate::domain::change::Object;
use crate::domain::criteria::Limits;
use crate::domain::dashboard::Dashboard;
use crate::domain::decision::Tree;
use crate::domain::detection::Rule;
use crate::domain::evidence::Sensor;
use crate::domain::health::Asking;
use crate::domain::identity::Realm;
use crate::domain::logs::LogRule;
use crate::domain::name::{Namespace, Person, ReleaseName, Revision};
use crate::domain::runbook::{Offer, Runbook};
use crate::functional::test::Test;

/// The settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Live or drill.
    pub realm: Realm,
    /// What the drill is called and teaches; empty when live.
    pub drill: Option<DrillCard>,
    /// Who sits here.
    pub person: Person,
    /// The namespace at work.
    pub namespace: Namespace,
    /// The release, where the config names one.
    pub release: Option<ReleaseName>,
    /// The checklist.
    pub runbook: Runbook,
    /// What kind of trouble it is, and which way leads back.
    pub decisions: Tree,
    /// The limits.
    pub limits: Limits,
    /// The rules that ring.
    pub rules: Vec<Rule>,
    /// How the services are asked for their health.
    pub health: Asking,
    /// The functional tests, in their order.
    pub tests: Vec<Test>,
    /// The team's dashboard.
    pub dashboard: Option<Dashboard>,
    /// Which lines of the logs count as errors.
    pub logs: LogRule,
    /// When services are asked.
    pub asked: Asked,
    /// Never act.
    pub read_only: bool,
    /// How long arming lasts.
    pub arm_for: Duration,
    /// How much of the past the curves show.
    pub history: Duration,
    /// Which colours may be used.
    pub palette: Palette,
    /// Prometheus' address for who asks it by hand; `None` where it is not known as a URL.
    pub prometheus: Option<String>,
    /// Where backout's own log is, or why there is none.
    pub log: String,
}

impl Settings {
    /// With these tests. Where there is none, what they would prove is for a person to say.
    #[must_use]
    pub fn with_tests(mut self, tests: Vec<Test>) -> Self {
        if tests.is_empty() {
            self.runbook = self.runbook.without(Sensor::TestsPass, Offer::ShowTests);
        }
        Self { tests, ..self }
    }
}

/// When services are asked for what only they can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asked {
    /// While an incident is open: an idle cockpit asks nobody.
    #[default]
    InIncident,
    /// At once: a command wants to know now.
    Always,
    /// Not at all: a command acts and is gone, and nobody would read the answers.
    Never,
}

impl Asked {
    /// Whether they are asked now.
    pub const fn now(self, in_incident: bool) -> bool {
        match self {
            Self::InIncident => in_incident,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Which of the terminal's own colours can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Those that are read on a dark background.
    #[default]
    OnDark,
    /// Those that are read on a light one.
    OnLight,
    /// None: `NO_COLOR` is set (no-color.org) or the terminal has none.
    Plain,
}

/// What a drill is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillCard {
    /// Its name on the command line.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Simulated minutes that a practised person needs.
    pub par_minutes: u32,
    /// Keys to the closed incident that a practised person needs.
    pub par_keys: u32,
    /// What it was, in a sentence; told with the score.
    pub solution: String,
    /// The revision to go back to; `None` = no rollback helps.
    pub back_to: Option<Revision>,
    /// The ConfigMap or Secret to put back, where that solves it.
    pub put_back: Option<Object>,
}
