//! Alertmanager's alerts (API v2), and the shape that Prometheus' own alerts share with them.
//!
//! Never: an alert of another namespace. One that names no namespace concerns everybody.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::alert::{Alert, AlertState, AlertWeight};
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, Service};
use crate::domain::text::clean;

/// The question: `GET` this, silenced and inhibited ones too.
pub const PATH: &str = "/api/v2/alerts";
/// Its parameters.
pub const PARAMETERS: [(&str, &str); 4] =
    [("active", "true"), ("silenced", "true"), ("inhibited", "true"), ("unprocessed", "true")];

/// One alert as either of the two tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Raised {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    /// Alertmanager's `startsAt`, Prometheus' `activeAt`.
    #[serde(alias = "startsAt", alias = "activeAt")]
    since: Option<Moment>,
    /// Prometheus: `pending`, `firing`.
    #[serde(default)]
    state: String,
    /// Alertmanager.
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
struct Status {
    #[serde(default)]
    state: String,
}

/// The alerts of Alertmanager's reply that concern the namespace, the gravest first.
///
/// # Errors
/// What came instead of a reply, in words.
pub fn alerts(body: &str, namespace: &Namespace) -> Result<Vec<Alert>, String> {
    if body.trim_start().starts_with('<') {
        return Err("the answer is a page of HTML, not JSON; is this address Alertmanager's own?".into());
    }
    let raised: Vec<Raised> = serde_json::from_str(body).map_err(|e| {
        if e.is_eof() && !body.trim().is_empty() {
            "the answer ends in the middle".to_owned()
        } else {
            "the answer is no list of alerts; is this address Alertmanager's own?".to_owned()
        }
    })?;
    Ok(concerning(&raised, namespace))
}

/// Those that concern the namespace, in our words, the gravest first.
pub fn concerning(raised: &[Raised], namespace: &Namespace) -> Vec<Alert> {
    let concerns = |r: &Raised| r.labels.get("namespace").is_none_or(|n| n == namespace.as_str());
    let mut alerts: Vec<Alert> = raised.iter().filter(|r| concerns(r)).map(alert).collect();
    alerts
        .sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.since.cmp(&b.since)).then_with(|| a.name.cmp(&b.name)));
    alerts
}

fn alert(raised: &Raised) -> Alert {
    let label = |names: &[&str]| names.iter().find_map(|n| raised.labels.get(*n).filter(|v| !v.is_empty()));
    let annotated = ["summary", "description", "message"].into_iter().find_map(|n| raised.annotations.get(n));
    let weight = match label(&["severity"]).map(|s| s.to_ascii_lowercase()).as_deref() {
        Some("critical" | "page" | "error") => AlertWeight::Critical,
        Some("info" | "none") => AlertWeight::Info,
        Some(_) | None => AlertWeight::Warning,
    };
    Alert {
        name: clean(label(&["alertname"]).map_or("", String::as_str)),
        weight,
        service: label(&["service", "application", "app", "deployment", "job"]).map(|s| Service::new(s)),
        since: raised.since.unwrap_or_default(),
        state: match (raised.status.state.as_str(), raised.state.as_str()) {
            ("suppressed", _) => AlertState::Silenced,
            (_, "pending") => AlertState::Pending,
            _ => AlertState::Firing,
        },
        summary: clean(annotated.map_or("", String::as_str)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::prometheus::reply;

    fn at(s: &str) -> Moment {
        chrono::DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    #[test]
    fn alertmanagers_alerts_of_this_namespace_the_gravest_first() {
        let body = r#"[
          {"labels":{"alertname":"Slow","severity":"warning","namespace":"prod","application":"order"},
           "annotations":{"description":"slow\nvery"},"startsAt":"2026-01-01T04:32:00Z","status":{"state":"suppressed","silencedBy":["x"]}},
          {"labels":{"alertname":"Errors","severity":"critical","namespace":"prod","service":"order"},
           "annotations":{"summary":"18 %"},"startsAt":"2026-01-01T04:32:00.5Z","status":{"state":"active"}},
          {"labels":{"alertname":"Other","namespace":"staging"},"startsAt":"2026-01-01T04:32:00Z"},
          {"labels":{"alertname":"Watchdog","severity":"none"},"startsAt":"2026-01-01T00:00:00Z","status":{"state":"active"}}]"#;
        let wanted = vec![
            Alert {
                name: "Errors".into(),
                weight: AlertWeight::Critical,
                service: Some(Service::new("order")),
                since: at("2026-01-01T04:32:00.5Z"),
                state: AlertState::Firing,
                summary: "18 %".into(),
            },
            Alert {
                name: "Slow".into(),
                weight: AlertWeight::Warning,
                service: Some(Service::new("order")),
                since: at("2026-01-01T04:32:00Z"),
                state: AlertState::Silenced,
                summary: "slow very".into(),
            },
            Alert {
                name: "Watchdog".into(),
                weight: AlertWeight::Info,
                service: None,
                since: at("2026-01-01T00:00:00Z"),
                state: AlertState::Firing,
                summary: String::new(),
            },
        ];
        assert_eq!(alerts(body, &Namespace::new("prod")), Ok(wanted));
    }

    #[test]
    fn prometheus_own_alerts_know_pending() {
        let body = r#"{"status":"success","data":{"alerts":[{"labels":{"alertname":"Errors"},"annotations":{},
            "state":"pending","activeAt":"2026-01-01T04:32:00.123456789Z","value":"1e-01"}]}}"#;
        let alerts = reply::alerts(body, &Namespace::new("prod")).unwrap();
        assert_eq!(alerts.iter().map(|a| a.state).collect::<Vec<_>>(), vec![AlertState::Pending]);
    }

    #[test]
    fn what_is_no_reply_is_said_in_words() {
        let foreign = "the answer is no list of alerts; is this address Alertmanager's own?";
        let cases = [
            ("<html>", "the answer is a page of HTML, not JSON; is this address Alertmanager's own?"),
            ("", foreign),
            ("{}", foreign),
            ("[{", "the answer ends in the middle"),
        ];
        for (body, wanted) in cases {
            assert_eq!(alerts(body, &Namespace::new("prod")), Err(wanted.to_owned()), "{body}");
        }
    }
}
