//! An alert as Alertmanager (or Prometheus itself) tells it.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::moment::Moment;
use super::name::Service;

/// Is it ringing?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Ringing.
    Firing,
    /// Its condition holds, its "for" has not passed.
    Pending,
    /// Ringing, but somebody silenced it.
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
}

/// What there is of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Why one of those who were asked said nothing; what it alone would know is not in the list.
    pub lacking: Option<Fault>,
}
