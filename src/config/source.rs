//! `[prometheus]` and `[alertmanager]`: where curves and alerts come from, if not found in the cluster; `[grafana]`: where
//! the team looks at them.
//!
//! Never: a secret's value; `token_env` names the environment variable that holds the bearer token. Never judging a
//! query beyond its placeholders: Prometheus does that.

use std::collections::BTreeMap;
use std::time::Duration;

use super::mistake::Sheet;
use super::section::{Section, nearest};
use crate::domain::dashboard::Dashboard;
use crate::domain::metrics::{Scope, Signal};

pub(super) const PROMETHEUS: &[&str] = &["url", "token_env", "preset", "scrape_interval", "queries"];
pub(super) const QUERIES: &[&str] = &["error_ratio", "p95", "traffic", "error_ratio_overall", "p95_overall"];
pub(super) const ALERTMANAGER: &[&str] = &["url", "token_env"];
pub(super) const GRAFANA: &[&str] = &["dashboard"];

/// What may stand in an own query; `{window}` is the rate window that the cockpit shows.
pub const PLACEHOLDERS: [&str; 2] = ["namespace", "window"];

/// Which names the metrics have, unless there is an own query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// Micrometer: `http_server_requests_seconds_*`, 5xx by `status`.
    #[default]
    SpringBoot,
    /// OpenTelemetry's HTTP conventions: `http_server_request_duration_seconds_*`, 5xx by `http_response_status_code`.
    OpenTelemetry,
    /// The service mesh: `istio_requests_total`, `istio_request_duration_milliseconds_*`.
    Istio,
}

impl Preset {
    /// Every preset by its word in the file.
    pub const WORDS: [(&str, Self); 3] =
        [("spring-boot", Self::SpringBoot), ("opentelemetry", Self::OpenTelemetry), ("istio", Self::Istio)];
}

/// Where curves come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prometheus {
    /// Its address; `None` = found in the cluster, reached through the API server.
    pub url: Option<String>,
    /// The environment variable with its bearer token.
    pub token_env: Option<String>,
    /// Which names the metrics have.
    pub preset: Preset,
    /// Own queries, each giving one curve per label `service` (of all together: one), with `{namespace}` and `{window}`
    /// to be filled in.
    pub queries: BTreeMap<(Signal, Scope), String>,
    /// How often Prometheus scrapes; `None` = asked of it.
    pub scrape_interval: Option<Duration>,
}

/// Where alerts come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alertmanager {
    /// Its address; `None` = found in the cluster, else Prometheus' own alerts.
    pub url: Option<String>,
    /// The environment variable with its bearer token.
    pub token_env: Option<String>,
}

impl Prometheus {
    pub(super) fn of(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Self {
        let interval = Duration::from_secs(1)..=Duration::from_mins(5);
        Self {
            url: url(sheet, section),
            token_env: variable(sheet, section),
            preset: section.choice(sheet, "preset", &Preset::WORDS).unwrap_or_default(),
            queries: section.section(sheet, "queries").map(|s| queries(sheet, &s)).unwrap_or_default(),
            scrape_interval: section.length(sheet, "scrape_interval", interval),
        }
    }
}

impl Alertmanager {
    pub(super) fn of(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Self {
        Self { url: url(sheet, section), token_env: variable(sheet, section) }
    }
}

/// The dashboard; its address may have variables, but no time: that is the incident's.
pub(super) fn dashboard(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<Dashboard> {
    let said = section.text(sheet, "dashboard")?.trim();
    let (place, variables) = said.split_once('?').unwrap_or((said, ""));
    if variables.split('&').any(|v| v.starts_with("from=") || v.starts_with("to=")) {
        section.wrong(sheet, "dashboard", "has a time of its own", "leave out from and to: the incident's are put in");
        return None;
    }
    let wanted = "an address like \"https://grafana.example/d/shop/shop?var-namespace=prod\" is wanted";
    let sound = address(sheet, section, "dashboard", (place, wanted, "leave it out: who opens the link logs in there"))
        .is_some();
    if sound && said.contains(['#', ' ']) {
        section.wrong(sheet, "dashboard", "has a part after # or a space", wanted);
        return None;
    }
    sound.then(|| Dashboard::at(said))
}

fn queries(sheet: &mut Sheet<'_>, section: &Section<'_>) -> BTreeMap<(Signal, Scope), String> {
    const WORDS: [(&str, Signal, Scope); 5] = [
        ("error_ratio", Signal::ErrorRatio, Scope::Each),
        ("p95", Signal::P95, Scope::Each),
        ("traffic", Signal::Traffic, Scope::Each),
        ("error_ratio_overall", Signal::ErrorRatio, Scope::Together),
        ("p95_overall", Signal::P95, Scope::Together),
    ];
    section.only(sheet, QUERIES, |key| super::belongs(key, "prometheus.queries"));
    let mut queries = BTreeMap::new();
    for (word, signal, scope) in WORDS {
        let Some(query) = section.text(sheet, word) else { continue };
        for unknown in placeholders(query).filter(|p| !PLACEHOLDERS.contains(p)) {
            let cure = nearest(unknown, &PLACEHOLDERS)
                .map_or("{namespace} and {window} are filled in".into(), |near| format!("{{{near}}} is filled in"));
            section.wrong(sheet, word, &format!("holds {{{unknown}}}"), cure);
        }
        queries.insert((signal, scope), query.trim().into());
    }
    queries
}

/// Bare words in braces: no PromQL selector looks like that, since each wants an operator and a value.
fn placeholders(query: &str) -> impl Iterator<Item = &str> {
    query
        .split('{')
        .skip(1)
        .filter_map(|tail| tail.split_once('}').map(|(inside, _)| inside))
        .filter(|inside| !inside.is_empty() && inside.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// An address without path tricks and without a secret in it; neither is echoed where it may hold one.
fn url(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<String> {
    let said = section.text(sheet, "url")?.trim();
    let wanted = "an address like \"https://prometheus.example:9090\" is wanted";
    let secret =
        "a secret never stands in a file: put the token into an environment variable and write its name in token_env";
    address(sheet, section, "url", (said, wanted, secret))
}

/// What is said, what is wanted, and what to do about a secret in it.
fn address(
    sheet: &mut Sheet<'_>,
    section: &Section<'_>,
    key: &str,
    (said, wanted, cure): (&str, &str, &str),
) -> Option<String> {
    if said.contains('@') {
        section.wrong(sheet, key, "holds a user or password", cure);
        return None;
    }
    if said.contains(['?', '#']) {
        section.wrong(sheet, key, "has a part after ? or #", wanted);
        return None;
    }
    let parsed: Option<http::Uri> = said.parse().ok();
    let sound = parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    if !sound {
        section.wrong(sheet, key, &format!("is {}", super::section::quote(said)), wanted);
        return None;
    }
    Some(said.trim_end_matches('/').into())
}

/// The name of an environment variable. A value that is no name may be the token itself, so it is not echoed.
fn variable(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<String> {
    let said = section.text(sheet, "token_env")?;
    let inner = said.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !inner || said.starts_with(|c: char| c.is_ascii_digit()) || said.len() > 64 {
        let cure = "a name like \"PROMETHEUS_TOKEN\" is wanted, never the token itself";
        section.wrong(sheet, "token_env", "is not the name of an environment variable", cure);
        return None;
    }
    Some(said.into())
}
