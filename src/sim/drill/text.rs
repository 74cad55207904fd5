//! A drill as its file spells it: what may be left out, and what is then meant.
//!
//! Never: meaning; [`super::check`] gives it.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;

use super::{Chart, Hand, Health, Par, Solution};
use crate::domain::moment::Moment;
use crate::domain::name::{Context, Namespace, Revision, Service};
use crate::domain::release::Status;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DrillText {
    pub(super) title: String,
    pub(super) teaches: String,
    pub(super) start: Moment,
    pub(super) incident_at: Moment,
    pub(super) seed: u64,
    pub(super) context: Context,
    pub(super) namespace: Namespace,
    pub(super) solution: Solution,
    pub(super) par: Par,
    pub(super) release: Chart,
    pub(super) revision: Vec<DeployText>,
    #[serde(default)]
    pub(super) behaviour: Vec<RuleText>,
    #[serde(default)]
    pub(super) fault: Vec<TroubleText>,
    #[serde(default)]
    pub(super) hand: Vec<Hand>,
}

/// One `[[revision]]`; services that it does not name stay as they were.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DeployText {
    pub(super) number: Revision,
    pub(super) at: Moment,
    pub(super) status: Status,
    pub(super) description: String,
    pub(super) health: Health,
    pub(super) app_version: Option<String>,
    #[serde(default)]
    pub(super) versions: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) config: BTreeMap<Service, BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) replicas: BTreeMap<Service, u32>,
}

/// One `[[behaviour]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuleText {
    pub(super) service: Service,
    pub(super) tag: Option<String>,
    #[serde(default)]
    pub(super) config: BTreeMap<String, String>,
    pub(super) errors: Option<f64>,
    pub(super) p95: Option<f64>,
    pub(super) start: Option<f64>,
    pub(super) crash_after: Option<f64>,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) never_ready: bool,
    #[serde(default)]
    pub(super) no_such_image: bool,
    #[serde(default)]
    pub(super) log: Vec<String>,
    pub(super) db_down: Option<String>,
}

/// The kinds of `[[fault]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TroubleKind {
    MetricsDown,
    AlertsDown,
    ApiDown,
    SlowApi,
    Forbidden,
    Latency,
    Conflict,
    Node,
    NoAddress,
}

/// One `[[fault]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TroubleText {
    pub(super) kind: TroubleKind,
    pub(super) from: Moment,
    pub(super) until: Option<Moment>,
    pub(super) seconds: Option<f64>,
    pub(super) errors: Option<f64>,
    #[serde(default)]
    pub(super) services: Vec<Service>,
    pub(super) verb: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) object: Option<String>,
    pub(super) node: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) ingress: Option<String>,
    #[serde(default)]
    pub(super) log: Vec<String>,
    pub(super) db_down: Option<String>,
}

/// A parser's message with file and line.
pub(super) fn sentence(file: &str, toml: &str, span: Option<Range<usize>>, message: &str) -> String {
    let message = message.trim_end();
    match span.and_then(|s| toml.get(..s.start)) {
        Some(before) => format!("{file}:{}: {message}", before.matches('\n').count() + 1),
        None => format!("{file}: {message}"),
    }
}
