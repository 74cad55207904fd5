//! Alertmanager's alerts and silences (API v2), and the shape that Prometheus' own alerts share with them.
//!
//! Never: an alert of another namespace. One that names no namespace concerns everybody.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::alert::{Alert, AlertState, AlertWeight, Labels, Silence};
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, Person, Service};
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
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    state: String,
    /// Ids of silences.
    #[serde(default)]
    silenced_by: Vec<String>,
}

/// Silences: `GET` all that there are, `POST` one.
pub const SILENCES: &str = "/api/v2/silences";

/// Those of Alertmanager, by their ids.
#[derive(Debug, Default)]
pub struct Silences(BTreeMap<String, Silence>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    id: String,
    ends_at: Moment,
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    comment: String,
}

impl Silences {
    /// Of a reply; what cannot be read is nobody's: that an alert is silenced is known without.
    pub fn read(body: &str) -> Self {
        let all: Vec<Kept> = serde_json::from_str(body).unwrap_or_default();
        let silence = |k: Kept| {
            let by = Person::new(&clean(&k.created_by));
            (k.id, Silence { by, until: k.ends_at, why: clean(&k.comment) })
        };
        Self(all.into_iter().map(silence).collect())
    }
}

/// The body that makes a silence of exactly one alert: every label of it, each equal.
pub fn body(labels: &Labels, from: Moment, silence: &Silence) -> Value {
    let matcher =
        |(name, value): (&String, &String)| json!({"name": name, "value": value, "isRegex": false, "isEqual": true});
    json!({
        "matchers": labels.0.iter().map(matcher).collect::<Vec<_>>(),
        "startsAt": from,
        "endsAt": silence.until,
        "createdBy": silence.by.as_str(),
        "comment": silence.why,
    })
}

impl Raised {
    /// Whether somebody silenced it.
    pub fn is_silenced(&self) -> bool {
        !self.status.silenced_by.is_empty()
    }
}

/// Alertmanager's reply.
///
/// # Errors
/// What came instead of a reply, in words.
pub fn raised(body: &str) -> Result<Vec<Raised>, String> {
    if body.trim_start().starts_with('<') {
        return Err("the answer is a page of HTML, not JSON; is this address Alertmanager's own?".into());
    }
    serde_json::from_str(body).map_err(|e| {
        if e.is_eof() && !body.trim().is_empty() {
            "the answer ends in the middle".to_owned()
        } else {
            "the answer is no list of alerts; is this address Alertmanager's own?".to_owned()
        }
    })
}

/// Those of Alertmanager's that concern the namespace, in our words, the gravest first.
pub fn alerts(raised: &[Raised], silences: &Silences, namespace: &Namespace) -> Vec<Alert> {
    concerning(raised, namespace, |r| Alert {
        labels: Some(Labels(r.labels.clone())),
        silences: r.status.silenced_by.iter().filter_map(|id| silences.0.get(id)).cloned().collect(),
        ..alert(r)
    })
}

/// Those of Prometheus' own.
pub fn own(raised: &[Raised], namespace: &Namespace) -> Vec<Alert> {
    concerning(raised, namespace, alert)
}

fn concerning(raised: &[Raised], namespace: &Namespace, alert: impl Fn(&Raised) -> Alert) -> Vec<Alert> {
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
        labels: None,
        silences: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::prometheus::reply;

    fn at(s: &str) -> Moment {
        chrono::DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    fn labels(all: &[(&str, &str)]) -> Labels {
        Labels(all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn alertmanagers_alerts_of_this_namespace_the_gravest_first_and_who_silenced_them() {
        let body = r#"[
          {"labels":{"alertname":"Slow","severity":"warning","namespace":"prod","application":"order"},
           "annotations":{"description":"slow\nvery"},"startsAt":"2026-01-01T04:32:00Z",
           "status":{"state":"suppressed","silencedBy":["x","gone"]}},
          {"labels":{"alertname":"Errors","severity":"critical","namespace":"prod","service":"order"},
           "annotations":{"summary":"18 %"},"startsAt":"2026-01-01T04:32:00.5Z","status":{"state":"active"}},
          {"labels":{"alertname":"Other","namespace":"staging"},"startsAt":"2026-01-01T04:32:00Z"},
          {"labels":{"alertname":"Watchdog","severity":"none"},"startsAt":"2026-01-01T00:00:00Z","status":{"state":"active"}}]"#;
        let silences = r#"[{"id":"x","createdBy":"ana","comment":"known\u001b[1m","endsAt":"2026-01-01T06:00:00Z",
            "startsAt":"2026-01-01T04:00:00Z","status":{"state":"active"},"matchers":[]}]"#;
        let wanted = vec![
            Alert {
                name: "Errors".into(),
                weight: AlertWeight::Critical,
                service: Some(Service::new("order")),
                since: at("2026-01-01T04:32:00.5Z"),
                state: AlertState::Firing,
                summary: "18 %".into(),
                labels: Some(labels(&[
                    ("alertname", "Errors"),
                    ("severity", "critical"),
                    ("namespace", "prod"),
                    ("service", "order"),
                ])),
                silences: Vec::new(),
            },
            Alert {
                name: "Slow".into(),
                weight: AlertWeight::Warning,
                service: Some(Service::new("order")),
                since: at("2026-01-01T04:32:00Z"),
                state: AlertState::Silenced,
                summary: "slow very".into(),
                labels: Some(labels(&[
                    ("alertname", "Slow"),
                    ("severity", "warning"),
                    ("namespace", "prod"),
                    ("application", "order"),
                ])),
                silences: vec![Silence { by: "ana".into(), until: at("2026-01-01T06:00:00Z"), why: "known".into() }],
            },
            Alert {
                name: "Watchdog".into(),
                weight: AlertWeight::Info,
                service: None,
                since: at("2026-01-01T00:00:00Z"),
                state: AlertState::Firing,
                summary: String::new(),
                labels: Some(labels(&[("alertname", "Watchdog"), ("severity", "none")])),
                silences: Vec::new(),
            },
        ];
        let raised = raised(body).unwrap();
        assert_eq!(raised.iter().map(Raised::is_silenced).collect::<Vec<_>>(), [true, false, false, false]);
        assert_eq!(alerts(&raised, &Silences::read(silences), &Namespace::new("prod")), wanted);
        let nobody = alerts(&raised, &Silences::read("<html>"), &Namespace::new("prod"));
        assert_eq!(nobody[1], Alert { silences: Vec::new(), ..wanted[1].clone() });
    }

    #[test]
    fn a_silence_is_of_exactly_one_alert() {
        let silence = Silence { by: "ana".into(), until: at("2026-01-01T06:00:00Z"), why: "known".into() };
        let of = labels(&[("alertname", "Errors"), ("service", "a.*\"")]);
        let equal = |name, value| json!({"name": name, "value": value, "isRegex": false, "isEqual": true});
        let wanted = json!({"matchers": [equal("alertname", "Errors"), equal("service", "a.*\"")],
            "startsAt": "2026-01-01T05:00:00Z", "endsAt": "2026-01-01T06:00:00Z", "createdBy": "ana", "comment": "known"});
        assert_eq!(body(&of, at("2026-01-01T05:00:00Z"), &silence), wanted);
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
            assert_eq!(raised(body).unwrap_err(), wanted, "{body}");
        }
    }
}
