//! An alert as Alertmanager (or Prometheus itself) tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::moment::Moment;
use super::name::{Person, Service};
use super::text::clean;

/// Is it ringing?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Ringing.
    Firing,
    /// Its condition holds, its "for" has not passed.
    Pending,
    /// Ringing, but nobody is called: somebody silenced it, or another alert stands for it.
    Silenced,
}

/// How loud its author meant it, from the label `severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertWeight {
    /// `info`, `none`
    Info,
    /// `warning`, or a word we do not know.
    Warning,
    /// `critical`, `page`, `error`.
    Critical,
}

/// The labels of an alert, by which alone Alertmanager tells it from others; raw, as they must be sent back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(pub BTreeMap<String, String>);

impl Labels {
    /// `alertname="ErrorsHigh"`, one each, as Alertmanager's own matchers are written.
    pub fn shown(&self) -> impl Iterator<Item = String> {
        let quoted = |value: &str| clean(value).replace('\\', r"\\").replace('"', "\\\"");
        self.0.iter().map(move |(name, value)| format!("{}=\"{}\"", clean(name), quoted(value)))
    }
}

/// A silence, as Alertmanager keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Who made it.
    pub by: Person,
    /// Until when.
    pub until: Moment,
    /// The comment.
    pub why: String,
}

impl Silence {
    /// `by ana until 05:30: known`
    pub fn words(&self) -> String {
        format!("by {} until {}: {}", self.by, self.until.format("%H:%M"), self.why)
    }
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Label `alertname`.
    pub name: String,
    /// From label `severity`.
    pub weight: AlertWeight,
    /// From label `service` (or `application`, `job`), where there is one.
    pub service: Option<Service>,
    /// Since when.
    pub since: Moment,
    /// Ringing, pending, silenced.
    pub state: AlertState,
    /// Annotation `summary` or `description`, in one line.
    pub summary: String,
    /// As Alertmanager has them; `None` where it does not know this alert, so that it cannot be silenced.
    pub labels: Option<Labels>,
    /// Who silenced it, as far as that could be read.
    pub silences: Vec<Silence>,
}

impl Alert {
    /// `ErrorsHigh (order-service)`
    pub fn called(&self) -> String {
        self.service.as_ref().map_or_else(|| self.name.clone(), |s| format!("{} ({s})", self.name))
    }

    /// The silence that lasts longest.
    pub fn silence(&self) -> Option<&Silence> {
        self.silences.iter().max_by_key(|s| s.until)
    }
}

/// What there is of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Why one of those who were asked said nothing; what it alone would know is not in the list.
    pub lacking: Option<Fault>,
}
