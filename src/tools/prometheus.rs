//! PromQL: what is asked of Prometheus, as data.
//!
//! A service whose 5xx counter does not exist yet has 0 %, one without requests has no ratio at all (0/0 is NaN, which
//! is a gap); P95 needs `rate()` and `le` (design §11).
//!
//! Never: an average over services (all together is a ratio of sums, a quantile of summed buckets); a reply (that is [`reply`]).

pub mod reply;

use std::time::Duration;

use crate::domain::metrics::{MetricsRequest, Scope, Signal};
use crate::domain::name::Namespace;
use crate::domain::usage::Resource;

/// The scrape interval assumed where none is known.
pub const SCRAPE_INTERVAL: Duration = Duration::from_secs(15);

/// Templates of the queries; `$namespace` and `$window` are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queries {
    /// Errors over all requests, per service, 0..1.
    pub errors: String,
    /// 95th percentile per service, seconds.
    pub p95: String,
    /// Requests per second, per service.
    pub traffic: String,
    /// Errors over all requests, of all services together; `None` = nobody knows how to ask.
    pub errors_together: Option<String>,
    /// 95th percentile of the requests to all services, seconds; `None` = nobody knows how to ask.
    pub p95_together: Option<String>,
}

/// A set of metric names and labels that a framework or mesh brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// The name in the config.
    pub name: &'static str,
    /// The counter of requests, with the selector that holds for all three queries.
    requests: &'static str,
    /// The matcher of failed requests.
    failed: &'static str,
    /// The histogram's buckets.
    buckets: &'static str,
    /// The selector without braces, joined with `failed`.
    selector: &'static str,
    /// The grouping: labels that may name the service.
    by: &'static str,
    /// What turns the histogram's unit into seconds.
    seconds: &'static str,
}

/// All presets; the first is the default.
pub const PRESETS: [Preset; 3] = [
    Preset {
        name: "spring-boot",
        requests: "http_server_requests_seconds_count",
        failed: r#"status=~"5..""#,
        buckets: "http_server_requests_seconds_bucket",
        selector: r#"namespace="$namespace""#,
        by: "service, application, app, job",
        seconds: "",
    },
    Preset {
        name: "opentelemetry",
        requests: "http_server_request_duration_seconds_count",
        failed: r#"http_response_status_code=~"5..""#,
        buckets: "http_server_request_duration_seconds_bucket",
        selector: r#"namespace="$namespace""#,
        by: "service, service_name, app, job",
        seconds: "",
    },
    Preset {
        name: "istio",
        requests: "istio_requests_total",
        failed: r#"response_code=~"5..""#,
        buckets: "istio_request_duration_milliseconds_bucket",
        selector: r#"reporter="destination", destination_workload_namespace="$namespace""#,
        by: "destination_workload",
        seconds: " / 1000",
    },
];

impl Preset {
    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        PRESETS.into_iter().find(|p| p.name == name)
    }

    /// Its queries.
    pub fn queries(&self) -> Queries {
        let Self { requests, failed, buckets, selector, by, seconds, .. } = self;
        let all = format!("sum by ({by}) (rate({requests}{{{selector}}}[$window]))");
        let bad = format!("sum by ({by}) (rate({requests}{{{selector}, {failed}}}[$window]))");
        let rates = format!("sum by (le, {by}) (rate({buckets}{{{selector}}}[$window]))");
        let all_together = format!("sum(rate({requests}{{{selector}}}[$window]))");
        let bad_together = format!("sum(rate({requests}{{{selector}, {failed}}}[$window]))");
        let rates_together = format!("sum by (le) (rate({buckets}{{{selector}}}[$window]))");
        Queries {
            errors: format!("({bad} or {all} * 0) / {all}"),
            p95: format!("histogram_quantile(0.95, {rates}){seconds}"),
            traffic: all,
            errors_together: Some(format!("({bad_together} or {all_together} * 0) / {all_together}")),
            p95_together: Some(format!("histogram_quantile(0.95, {rates_together}){seconds}")),
        }
    }
}

impl Default for Queries {
    /// Spring Boot's.
    fn default() -> Self {
        let [spring_boot, ..] = PRESETS;
        spring_boot.queries()
    }
}

impl Queries {
    /// The query for a signal, filled in; `None` where there is none for all services together.
    pub fn query(&self, signal: Signal, scope: Scope, namespace: &Namespace, window: Duration) -> Option<String> {
        let template = match (signal, scope) {
            (Signal::ErrorRatio, Scope::Each) => Some(&self.errors),
            (Signal::P95, Scope::Each) => Some(&self.p95),
            (Signal::Traffic, Scope::Each) => Some(&self.traffic),
            (Signal::ErrorRatio, Scope::Together) => self.errors_together.as_ref(),
            (Signal::P95, Scope::Together) => self.p95_together.as_ref(),
            (Signal::Traffic, Scope::Together) => None,
        }?;
        Some(template.replace("$namespace", &escaped(namespace.as_str())).replace("$window", &promql(window)))
    }
}

/// The window of a rate: four scrape intervals, at least a minute (design §13).
pub fn window(scrape_interval: Duration) -> Duration {
    (scrape_interval * 4).max(Duration::from_mins(1))
}

/// What the containers of each pod use: cores by the rate over the window. Where two jobs scrape the same kubelet, each
/// container counts once.
pub fn usage_query(resource: Resource, namespace: &Namespace, window: Duration) -> String {
    let of = format!(r#"namespace="{}", container!="", container!="POD""#, escaped(namespace.as_str()));
    let each = match resource {
        Resource::Cpu => format!("rate(container_cpu_usage_seconds_total{{{of}}}[{}])", promql(window)),
        Resource::Memory => format!("container_memory_working_set_bytes{{{of}}}"),
    };
    format!("sum by (pod) (max by (pod, container) ({each}))")
}

/// How many samples of the last two minutes there are, at most: tells the scrape interval.
pub fn samples_query(namespace: &Namespace) -> String {
    let namespace = escaped(namespace.as_str());
    format!(r#"max(count_over_time(up{{namespace="{namespace}"}}[2m]) or count_over_time(up[2m]))"#)
}

/// The usual scrape interval nearest to so many samples in two minutes.
pub fn scrape_interval(samples: f64) -> Duration {
    const USUAL: [u64; 9] = [1, 2, 5, 10, 15, 20, 30, 60, 120];
    if !samples.is_finite() || samples < 1.0 {
        return SCRAPE_INTERVAL;
    }
    let measured = 120.0 / samples;
    let distance = |s: &u64| (*s as f64 - measured).abs();
    let nearest = USUAL.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.map_or(SCRAPE_INTERVAL, Duration::from_secs)
}

/// Parameters of `/api/v1/query_range`: times in seconds.
pub fn range(request: &MetricsRequest, query: &str) -> [(&'static str, String); 4] {
    [
        ("query", query.to_owned()),
        ("start", request.from.timestamp().to_string()),
        ("end", request.to.timestamp().to_string()),
        ("step", request.step.as_secs().max(1).to_string()),
    ]
}

/// A duration as PromQL writes it.
fn promql(length: Duration) -> String {
    match length.as_secs().max(1) {
        s if s.is_multiple_of(3_600) => format!("{}h", s / 3_600),
        s if s.is_multiple_of(60) => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

/// A name within a quoted PromQL string.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_queries_are_ratios_and_quantiles_per_service() {
        let queries = Queries::default();
        let namespace = Namespace::new("prod");
        let ask = |signal| queries.query(signal, Scope::Each, &namespace, Duration::from_mins(1)).unwrap();
        let by = "service, application, app, job";
        let all = format!(r#"sum by ({by}) (rate(http_server_requests_seconds_count{{namespace="prod"}}[1m]))"#);
        let bad = format!(
            r#"sum by ({by}) (rate(http_server_requests_seconds_count{{namespace="prod", status=~"5.."}}[1m]))"#
        );
        assert_eq!(ask(Signal::ErrorRatio), format!("({bad} or {all} * 0) / {all}"));
        assert_eq!(ask(Signal::Traffic), all);
        let rates = format!(r#"sum by (le, {by}) (rate(http_server_requests_seconds_bucket{{namespace="prod"}}[1m]))"#);
        assert_eq!(ask(Signal::P95), format!("histogram_quantile(0.95, {rates})"));
    }

    #[test]
    fn all_services_together_are_a_ratio_of_sums_and_a_quantile_of_summed_buckets() {
        let namespace = Namespace::new("prod");
        let queries = Queries::default();
        let ask = |signal| queries.query(signal, Scope::Together, &namespace, Duration::from_mins(1));
        let all = r#"sum(rate(http_server_requests_seconds_count{namespace="prod"}[1m]))"#;
        let bad = r#"sum(rate(http_server_requests_seconds_count{namespace="prod", status=~"5.."}[1m]))"#;
        let rates = r#"sum by (le) (rate(http_server_requests_seconds_bucket{namespace="prod"}[1m]))"#;
        assert_eq!(ask(Signal::ErrorRatio), Some(format!("({bad} or {all} * 0) / {all}")));
        assert_eq!(ask(Signal::P95), Some(format!("histogram_quantile(0.95, {rates})")));
        assert_eq!(ask(Signal::Traffic), None);
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let own = Queries { errors: r#"x{ns="$namespace"}[$window]"#.into(), ..Queries::default() };
        let hostile = Namespace::new(r#"a"} or up{b=""#);
        let query = own.query(Signal::ErrorRatio, Scope::Each, &hostile, Duration::from_secs(90));
        assert_eq!(query.as_deref(), Some(r#"x{ns="a\"} or up{b=\""}[90s]"#));
    }

    #[test]
    fn the_window_is_four_scrapes_and_at_least_a_minute() {
        let cases = [(60.0, 2, 60), (8.0, 15, 60), (4.0, 30, 120), (2.0, 60, 240), (1.0, 120, 480), (f64::NAN, 15, 60)];
        for (samples, interval, wanted) in cases {
            let interval = (scrape_interval(samples).as_secs(), interval);
            assert_eq!(interval.0, interval.1, "{samples}");
            assert_eq!(window(Duration::from_secs(interval.0)).as_secs(), wanted);
        }
    }

    #[test]
    fn every_preset_has_its_name_and_fills_in() {
        for preset in PRESETS {
            assert_eq!(Preset::named(preset.name), Some(preset));
            for scope in [Scope::Each, Scope::Together] {
                let namespace = Namespace::new("prod");
                let query = preset.queries().query(Signal::P95, scope, &namespace, Duration::from_mins(2)).unwrap();
                assert!(query.contains("\"prod\"") && query.contains("[2m]") && !query.contains('$'), "{query}");
            }
        }
    }
}
