//! Files become a validated configuration and runbook; every mistake is named by file, line and key, with its cure.
//!
//! No file is needed to start: everything here has a default or is found in the cluster. A key with an empty text
//! counts as not set.
//!
//! Never: reading a file or the environment (texts are handed in), a secret's value (a file names the environment
//! variable that holds it).

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::criteria::Limits;
use crate::domain::dashboard::Dashboard;
use crate::domain::detection::Rule;
use crate::domain::health::Asking;
use crate::domain::logs::LogRule;
use crate::domain::name::{Context, Namespace, Person, ReleaseName};
use crate::functional::test::Test;

pub mod cluster;
pub mod decisions;
pub mod functional;
mod health;
pub mod language;
pub mod length;
mod limits;
mod logs;
pub mod mistake;
mod names;
pub mod rules;
pub mod runbook;
pub mod screen;
mod section;
pub mod source;
pub mod starter;

use cluster::Cluster;
use language::Language;
use mistake::{Mistakes, Sheet};
use screen::Background;
use section::{Section, nearest};
use source::{Alertmanager, Prometheus};

/// How long an armed cockpit stays armed unless the config says otherwise.
pub const ARM_FOR: Duration = Duration::from_mins(10);

/// Everything that `backout.toml` can say.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The language of runbook, messages and report; `None` = by the environment.
    pub language: Option<Language>,
    /// Who sits here: the name in the journal, and the commander of an incident declared here.
    pub person: Option<Person>,
    /// The kubeconfig context; `None` = the current one.
    pub context: Option<Context>,
    /// The namespace; `None` = the context's own.
    pub namespace: Option<Namespace>,
    /// The Helm release; `None` = found, the one changed last.
    pub release: Option<ReleaseName>,
    /// The cockpit cannot be armed at all.
    pub read_only: bool,
    /// How long an armed cockpit stays armed.
    pub arm_for: Duration,
    /// The team's runbook as written; `None` = the built-in one.
    pub runbook: Option<PathBuf>,
    /// Clusters known by what cannot be renamed, and what the operator calls them.
    pub clusters: Vec<Cluster>,
    /// Where metrics come from.
    pub prometheus: Prometheus,
    /// Where alerts come from.
    pub alertmanager: Alertmanager,
    /// The team's dashboard in Grafana.
    pub dashboard: Option<Dashboard>,
    /// When errors and P95 are well, and when they are bad.
    pub limits: Limits,
    /// How the services are asked for their health.
    pub health: Asking,
    /// The functional tests of the business, in their order.
    pub tests: Vec<Test>,
    /// Which lines of the logs count as errors.
    pub logs: LogRule,
    /// The team's own rules of detection.
    pub rules: Vec<Rule>,
    /// What the terminal's letters stand on; `None` = as the terminal says, else dark.
    pub background: Option<Background>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            language: None,
            person: None,
            context: None,
            namespace: None,
            release: None,
            read_only: false,
            arm_for: ARM_FOR,
            runbook: None,
            clusters: Vec::new(),
            prometheus: Prometheus::default(),
            alertmanager: Alertmanager::default(),
            dashboard: None,
            limits: Limits::default(),
            health: Asking::default(),
            tests: Vec::new(),
            logs: LogRule::default(),
            rules: Vec::new(),
            background: None,
        }
    }
}

impl Config {
    /// Reads a `backout.toml`. `file` is its name as the operator knows it, for the mistakes only.
    ///
    /// # Errors
    /// All mistakes of the file at once; where it is not TOML, only those.
    pub fn read(text: &str, file: &str) -> Result<Self, Mistakes> {
        let mut sheet = Sheet::new(text, file);
        let table = section::document(&mut sheet, text);
        let config = table.map_or_else(Self::default, |table| Self::of(&mut sheet, &Section::top(&table)));
        sheet.verdict(config)
    }

    /// The team's runbook, seen from the folder of the config file.
    pub fn runbook_beside(&self, config_file: &Path) -> Option<PathBuf> {
        let written = self.runbook.as_ref()?;
        Some(config_file.parent().map_or_else(|| written.clone(), |folder| folder.join(written)))
    }

    fn of(sheet: &mut Sheet<'_>, top: &Section<'_>) -> Self {
        top.only(sheet, TOP, |key| belongs(key, ""));
        let default = Self::default();
        let minutes = Duration::from_mins;
        let part = |sheet: &mut Sheet<'_>, name: &str| {
            let section = top.section(sheet, name)?;
            section.only(sheet, keys_of(name), |key| belongs(key, name));
            Some(section)
        };
        Self {
            language: top.choice(sheet, "language", &Language::TAGS),
            person: top.text(sheet, "person").map(Person::new),
            context: top.text(sheet, "context").map(Context::new),
            namespace: names::namespace(sheet, top, "namespace"),
            release: names::release(sheet, top, "release"),
            read_only: top.switch(sheet, "read_only").unwrap_or(default.read_only),
            arm_for: top.length(sheet, "arm_for", minutes(1)..=minutes(60)).unwrap_or(default.arm_for),
            runbook: top.text(sheet, "runbook").map(PathBuf::from),
            clusters: cluster::read(sheet, top),
            prometheus: part(sheet, "prometheus").map(|s| Prometheus::of(sheet, &s)).unwrap_or_default(),
            alertmanager: part(sheet, "alertmanager").map(|s| Alertmanager::of(sheet, &s)).unwrap_or_default(),
            dashboard: part(sheet, "grafana").and_then(|s| source::dashboard(sheet, &s)),
            limits: part(sheet, "limits").map(|s| limits::read(sheet, &s)).unwrap_or_default(),
            health: part(sheet, "health").map(|s| health::read(sheet, &s)).unwrap_or_default(),
            tests: functional::read(sheet, top),
            logs: part(sheet, "logs").map(|s| logs::read(sheet, &s)).unwrap_or_default(),
            rules: rules::read(sheet, top),
            background: part(sheet, "screen").and_then(|s| screen::read(sheet, &s)),
        }
    }
}

const TOP: &[&str] = &[
    "language",
    "person",
    "context",
    "namespace",
    "release",
    "read_only",
    "arm_for",
    "runbook",
    "cluster",
    "prometheus",
    "alertmanager",
    "grafana",
    "limits",
    "health",
    "test",
    "logs",
    "rule",
    "screen",
];

/// Every section of the file with its keys; the top of the file is the empty name.
const SECTIONS: &[(&str, &[&str])] = &[
    ("", TOP),
    ("cluster", cluster::KEYS),
    ("prometheus", source::PROMETHEUS),
    ("prometheus.queries", source::QUERIES),
    ("alertmanager", source::ALERTMANAGER),
    ("grafana", source::GRAFANA),
    ("limits", limits::KEYS),
    ("health", health::KEYS),
    ("health.service", health::SERVICE),
    ("test", functional::KEYS),
    ("logs", logs::KEYS),
    ("rule", rules::KEYS),
    ("screen", screen::KEYS),
];

fn keys_of(section: &str) -> &'static [&'static str] {
    SECTIONS.iter().find(|(name, _)| *name == section).map_or(&[], |(_, keys)| keys)
}

/// What to do about a key that a section does not know: a secret, a key of another section, or a slip of the hand.
fn belongs(key: &str, section: &str) -> String {
    if ["token", "password", "username", "bearer_token", "api_key", "secret"].contains(&key) {
        return "a secret never stands in a file: put it into an environment variable and write its name in token_env"
            .into();
    }
    let known = keys_of(section);
    if let Some(near) = nearest(key, known) {
        return format!("the nearest known key is {near}");
    }
    let elsewhere = SECTIONS.iter().find(|(name, keys)| *name != section && keys.contains(&key)).map(|(name, _)| *name);
    match elsewhere {
        Some("") => format!("{key} belongs at the top of the file, above the first [section]"),
        Some(name) => format!("{key} belongs under [{name}]"),
        None => format!("known here are {}", known.join(", ")),
    }
}
