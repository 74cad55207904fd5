//! Prometheus' replies: samples are strings, NaN and infinities among them; steps without a sample are absent.
//!
//! Never: a gap filled; a page of HTML taken for a reply.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::alert::Alert;
use crate::domain::metrics::MetricsRequest;
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, PodName, Service};
use crate::domain::series::Series;
use crate::domain::text::clean;
use crate::tools::alertmanager::{Raised, own};

/// The longest curve that is built; Prometheus itself refuses more than 11,000 steps.
const MOST_STEPS: usize = 11_001;

#[derive(Deserialize)]
struct Reply<'a, T> {
    status: String,
    #[serde(rename = "errorType", default)]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default = "Option::default", bound(deserialize = "T: Deserialize<'de>"))]
    data: Option<T>,
    #[serde(skip)]
    _text: std::marker::PhantomData<&'a str>,
}

#[derive(Deserialize)]
struct Results<T> {
    #[serde(default = "Option::default", bound(deserialize = "T: Deserialize<'de>"))]
    result: Option<Vec<T>>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

#[derive(Deserialize)]
struct Labelled {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    value: (f64, String),
}

#[derive(Deserialize)]
struct Point {
    value: (f64, String),
}

#[derive(Deserialize)]
struct Alerts {
    #[serde(default)]
    alerts: Vec<Raised>,
}

/// The curves of a range query's reply, per service; a service without a single value is left out. Where several
/// series name the same service, the greater value counts (one bad job of two is not averaged away).
///
/// # Errors
/// Prometheus' own message, or what came instead of a reply, in words.
pub fn curves(body: &str, request: &MetricsRequest) -> Result<BTreeMap<Service, Series>, String> {
    let results: Results<Line> = data(body)?;
    let step = i64::try_from(request.step.as_secs().max(1)).unwrap_or(i64::MAX);
    let steps = usize::try_from((request.to - request.from).num_seconds() / step + 1).unwrap_or(0).min(MOST_STEPS);
    let mut curves: BTreeMap<Service, Vec<Option<f64>>> = BTreeMap::new();
    for line in results.result.into_iter().flatten() {
        let values = curves.entry(service(&line.metric)).or_insert_with(|| vec![None; steps]);
        for (at, sample) in line.values {
            let index = ((at - request.from.timestamp() as f64) / step as f64).round();
            let slot = (index >= 0.0).then(|| values.get_mut(index as usize)).flatten();
            if let (Some(slot), Some(value)) = (slot, finite(&sample)) {
                *slot = Some(slot.map_or(value, |other| other.max(value)));
            }
        }
    }
    let curve =
        |values| Series { start: request.from, step: std::time::Duration::from_secs(step.unsigned_abs()), values };
    Ok(curves
        .into_iter()
        .filter(|(_, values): &(_, Vec<Option<f64>>)| values.iter().any(Option::is_some))
        .map(|(service, values)| (service, curve(values)))
        .collect())
}

/// The one number of an instant query's reply; `None` where there is none.
///
/// # Errors
/// As [`curves`].
pub fn number(body: &str) -> Result<Option<f64>, String> {
    let results: Results<Point> = data(body)?;
    Ok(results.result.iter().flatten().next().and_then(|p| finite(&p.value.1)))
}

/// The newest value of each pod of an instant query's reply, and when it was.
///
/// # Errors
/// As [`curves`].
pub fn by_pod(body: &str) -> Result<BTreeMap<PodName, (Moment, f64)>, String> {
    let results: Results<Labelled> = data(body)?;
    let of = |one: Labelled| {
        let at = chrono::DateTime::from_timestamp_millis((one.value.0 * 1_000.0) as i64)?;
        Some((PodName::new(&clean(one.metric.get("pod")?)), (at, finite(&one.value.1)?)))
    };
    Ok(results.result.into_iter().flatten().filter_map(of).collect())
}

/// The alerts that Prometheus' own rules raise (`/api/v1/alerts`), those that concern the namespace.
///
/// # Errors
/// As [`curves`].
pub fn alerts(body: &str, namespace: &Namespace) -> Result<Vec<Alert>, String> {
    let alerts: Alerts = data(body)?;
    Ok(own(&alerts.alerts, namespace))
}

/// Prometheus' message in a reply that is an error; `None` where the body is none of its replies.
pub fn refusal(body: &str) -> Option<String> {
    let reply: Reply<'_, serde::de::IgnoredAny> = serde_json::from_str(body).ok()?;
    (reply.status == "error").then(|| format!("Prometheus refuses it: {}", said(&reply)))
}

fn said<T>(reply: &Reply<'_, T>) -> String {
    let text = if reply.error.is_empty() { &reply.error_type } else { &reply.error };
    clean(text).chars().take(200).collect()
}

fn data<T: for<'de> Deserialize<'de>>(body: &str) -> Result<T, String> {
    if body.trim().is_empty() {
        return Err("the answer is empty".into());
    }
    if body.trim_start().starts_with('<') {
        return Err("the answer is a page of HTML, not JSON; is this address Prometheus' own?".into());
    }
    if let Some(refusal) = refusal(body) {
        return Err(refusal);
    }
    let reply: Reply<'_, T> = serde_json::from_str(body).map_err(|e| {
        if e.is_eof() {
            "the answer ends in the middle".to_owned()
        } else {
            "the answer is not one of Prometheus' replies; is this address Prometheus' own?".to_owned()
        }
    })?;
    match (reply.status.as_str(), reply.data) {
        ("success", Some(data)) => Ok(data),
        _ => Err("the answer is not one of Prometheus' replies; is this address Prometheus' own?".into()),
    }
}

fn finite(sample: &str) -> Option<f64> {
    sample.parse::<f64>().ok().filter(|v| v.is_finite())
}

/// Whose series: by the first of the usual labels, else by its only one, else of all.
fn service(labels: &BTreeMap<String, String>) -> Service {
    const USUAL: [&str; 6] = ["service", "application", "app", "destination_workload", "service_name", "job"];
    let usual = USUAL.into_iter().filter_map(|l| labels.get(l)).find(|v| !v.is_empty());
    let only = || labels.values().next().filter(|_| labels.len() == 1);
    usual.or_else(only).map_or_else(|| Service::new("all"), |name| Service::new(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::domain::metrics::{Scope, Signal};
    use crate::domain::moment::Moment;

    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(s, 0).unwrap()
    }

    fn request() -> MetricsRequest {
        MetricsRequest {
            signal: Signal::ErrorRatio,
            scope: Scope::Each,
            namespace: Namespace::new("prod"),
            from: at(1_000),
            to: at(1_020),
            step: Duration::from_secs(5),
        }
    }

    fn body(result: &str) -> String {
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":{result}}}}}"#)
    }

    fn read(result: &str) -> Vec<(String, Vec<Option<f64>>)> {
        let curves = curves(&body(result), &request()).unwrap();
        curves.into_iter().map(|(service, series)| (service.as_str().to_owned(), series.values)).collect()
    }

    #[test]
    fn samples_stand_at_their_step_and_everything_else_is_a_gap() {
        let result = r#"[{"metric":{"service":"order"},"values":
            [[1000,"0.5"],[1005.000,"NaN"],[1010,"+Inf"],[1020.001,"0.25"],[1025,"9"],[995,"9"],[1015,"x"]]}]"#;
        assert_eq!(read(result), vec![("order".into(), vec![Some(0.5), None, None, None, Some(0.25)])]);
    }

    #[test]
    fn a_service_is_named_by_the_first_usual_label() {
        let cases = [
            (r#"{"service":"a","application":"b","job":"c"}"#, "a"),
            (r#"{"service":"","application":"b","job":"c"}"#, "b"),
            (r#"{"app":"d","job":"kubernetes-pods"}"#, "d"),
            (r#"{"job":"c"}"#, "c"),
            (r#"{"deployment":"own"}"#, "own"),
            (r#"{"x":"1","y":"2"}"#, "all"),
            ("{}", "all"),
        ];
        for (metric, wanted) in cases {
            let result = format!(r#"[{{"metric":{metric},"values":[[1000,"1"]]}}]"#);
            assert_eq!(read(&result).first().map(|(name, _)| name.as_str()), Some(wanted), "{metric}");
        }
    }

    #[test]
    fn a_service_without_a_value_is_left_out_and_of_two_series_the_worse_counts() {
        let result = r#"[{"metric":{"service":"idle"},"values":[[1000,"NaN"]]},
            {"metric":{"service":"a","job":"x"},"values":[[1000,"0.1"],[1005,"0.3"]]},
            {"metric":{"service":"a","job":"y"},"values":[[1000,"0.2"],[1005,"0.1"]]}]"#;
        assert_eq!(read(result), vec![("a".into(), vec![Some(0.2), Some(0.3), None, None, None])]);
        assert_eq!(read("[]"), vec![]);
    }

    #[test]
    fn what_is_no_reply_is_said_in_words() {
        let foreign = "the answer is not one of Prometheus' replies; is this address Prometheus' own?";
        let cases = [
            (
                r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected \")\""}"#,
                "Prometheus refuses it: 1:5: parse error: unexpected \")\"",
            ),
            ("<html>login</html>", "the answer is a page of HTML, not JSON; is this address Prometheus' own?"),
            ("", "the answer is empty"),
            (r#"{"status":"success","data":{"result":[{"#, "the answer ends in the middle"),
            ("[]", foreign),
            (r#"{"hello":1}"#, foreign),
            (r#"{"status":"success"}"#, foreign),
        ];
        for (body, wanted) in cases {
            assert_eq!(curves(body, &request()), Err(wanted.to_owned()), "{body}");
        }
    }

    #[test]
    fn the_one_number_of_an_instant_query() {
        let cases = [(r#"[{"value":[1,"8"]}]"#, Some(8.0)), ("[]", None), (r#"[{"value":[1,"NaN"]}]"#, None)];
        for (result, wanted) in cases {
            assert_eq!(number(&body(result)), Ok(wanted));
        }
    }
}
