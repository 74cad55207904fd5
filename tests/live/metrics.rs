//! Prometheus and Alertmanager that are wrong, ill or missing.

use std::time::Duration;

use backout::domain::alert::AlertState;
use backout::domain::fault::Fault;
use backout::domain::metrics::{Curves, MetricsRequest, Scope, Signal};
use backout::live::{Login, Options, open};
use backout::ports::World;
use serde_json::json;
use tokio::net::TcpListener;

use super::server::{Asked, Reply, kubeconfig, list, serve, status, world};

pub fn request() -> MetricsRequest {
    asked(Signal::Traffic, Scope::Each)
}

fn asked(signal: Signal, scope: Scope) -> MetricsRequest {
    let at = |s| chrono::DateTime::from_timestamp(s, 0).unwrap();
    let step = Duration::from_secs(5);
    MetricsRequest { signal, scope, namespace: "prod".into(), from: at(1_000), to: at(1_010), step }
}

#[tokio::test]
async fn all_services_together_are_one_curve_and_their_query_has_no_service_in_it() {
    let address = serve(|asked| {
        let together = !asked.path.contains("service%2C") && !asked.path.contains("by+%28service");
        assert!(together || !asked.path.contains("query_range"), "{}", asked.path);
        curve(asked)
    })
    .await;
    let world = with_prometheus(&format!("http://{address}")).await;
    let curves = world.metrics.fetch(asked(Signal::P95, Scope::Together)).await.unwrap();
    let values = curves.together().map(|s| s.values.clone());
    assert_eq!((values, curves.services.len()), (Some(vec![Some(1.0), None, Some(3.0)]), 1));
    assert!(curves.query.starts_with("histogram_quantile(0.95, sum by (le) ("), "{}", curves.query);
    // Nobody knows how to ask it where the queries per service are the team's own.
    let unknown = world.metrics.fetch(asked(Signal::Traffic, Scope::Together)).await;
    assert!(matches!(unknown, Err(Fault::Absent { .. })), "{unknown:?}");
}

async fn errors(world: &World) -> String {
    match world.metrics.fetch(request()).await {
        Ok(curves) => format!("{curves:?}"),
        Err(fault) => fault.sentence(),
    }
}

/// A world whose Prometheus is at this address.
async fn with_prometheus(url: &str) -> World {
    let config = kubeconfig("http://127.0.0.1:1", &json!({}));
    let options = Options {
        kubeconfig: Some(config.path().to_owned()),
        prometheus: Some(url.to_owned()),
        alertmanager: Some(url.to_owned()),
        ..Options::default()
    };
    open(options).await.unwrap().1
}

fn curve(asked: &Asked) -> Reply {
    let series = json!([{"metric": {"service": "web"}, "values": [[1000, "1"], [1005, "NaN"], [1010, "3"]]}]);
    let result = if asked.path.contains("query_range") { series } else { json!([]) };
    Reply::Json(200, json!({"status": "success", "data": {"result": result}}))
}

#[tokio::test]
async fn a_prometheus_that_cannot_be_used_says_why() {
    type Script = fn(&Asked) -> Reply;
    let cases: [(Script, &str); 8] = [
        (
            |_| Reply::Text(401, "no".into()),
            "Not logged in: {} wants a login (401): put its bearer token into an environment variable, and that \
             variable's name as token_env under [prometheus] in backout.toml",
        ),
        (|_| Reply::Text(403, "no".into()), "Forbidden: you may not read http://{}"),
        (
            |_| {
                Reply::Json(
                    400,
                    json!({"status": "error", "errorType": "bad_data", "error": "parse error: unexpected )"}),
                )
            },
            "http://{}: Prometheus refuses it: parse error: unexpected ); the query was: {query}",
        ),
        (
            |_| Reply::Text(404, "<html>Not Found</html>".into()),
            "http://{}: it answered 404; the answer is a page of HTML, not JSON; is this address Prometheus' own?",
        ),
        (
            |_| Reply::Text(200, "<html>Sign in</html>".into()),
            "http://{}: the answer is a page of HTML, not JSON; is this address Prometheus' own?",
        ),
        (|_| Reply::Text(200, String::new()), "http://{}: the answer is empty"),
        (|_| Reply::Trickle, "Unreachable: no whole answer within 5 s ({})"),
        (
            |_| Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"status".to_vec()),
            "Could not ask http://{}: {} broke off in the middle of its answer",
        ),
    ];
    for (script, wanted) in cases {
        let address = serve(script).await;
        let world = with_prometheus(&format!("http://{address}")).await;
        assert_eq!(errors(&world).await, wanted.replace("{query}", QUERY).replace("{}", &address));
    }
}

/// What is asked for the traffic, resolved.
const QUERY: &str =
    r#"sum by (service, application, app, job) (rate(http_server_requests_seconds_count{namespace="prod"}[1m]))"#;

#[tokio::test]
async fn a_wrong_address_is_told_without_its_password() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let world = with_prometheus(&format!("http://ana:secret@{free}")).await;
    assert_eq!(errors(&world).await, format!("Unreachable: connection refused ({free})"));
    let world = with_prometheus("ftp://ana:secret@host/x").await;
    let wanted = "The address ftp://host/x cannot be used: it must begin with http:// or https://";
    assert_eq!(errors(&world).await, wanted);
    let world = with_prometheus("prometheus").await;
    let wanted = "Prometheus is neither a URL nor a service of the cluster (NAMESPACE/SERVICE:PORT): prometheus";
    assert_eq!(errors(&world).await, wanted);
}

#[tokio::test]
async fn curves_of_a_prometheus_behind_a_path_keep_their_gaps() {
    let address = serve(|asked| {
        assert!(asked.path.starts_with("/prom/api/v1/query"), "{}", asked.path);
        curve(asked)
    })
    .await;
    let world = with_prometheus(&format!("http://{address}/prom/")).await;
    let Curves { services, window, .. } = world.metrics.fetch(request()).await.unwrap();
    let values =
        services.into_iter().map(|(name, series)| (name.as_str().to_owned(), series.values)).collect::<Vec<_>>();
    assert_eq!((values, window.as_secs()), (vec![("web".into(), vec![Some(1.0), None, Some(3.0)])], 60));
}

fn prometheus_service() -> serde_json::Value {
    json!({
        "metadata": {"namespace": "monitoring", "name": "prometheus"},
        "spec": {"ports": [{"name": "http", "port": 9090}]},
    })
}

#[tokio::test]
async fn prometheus_is_found_in_the_cluster_and_asked_through_the_service_proxy() {
    let world = world(|asked| match asked.path.split('?').next() {
        Some("/api/v1/namespaces/monitoring/services") => Reply::Json(200, list("1", "", &[prometheus_service()])),
        Some(path) if path.starts_with("/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/") => {
            curve(asked)
        }
        _ => Reply::Json(200, list("1", "", &[])),
    })
    .await;
    let curves = world.metrics.fetch(request()).await.unwrap();
    assert_eq!(curves.services.len(), 1);
}

#[tokio::test]
async fn behind_the_proxy_a_refusal_of_prometheus_is_told_from_one_of_the_api_server() {
    let proxy = |reply: fn() -> Reply| {
        world(move |asked| {
            if asked.path.contains("/proxy/") {
                return reply();
            }
            let all = [prometheus_service()];
            let here = if asked.path.contains("/monitoring/services?") { &all[..] } else { &[] };
            Reply::Json(200, list("1", "", here))
        })
    };
    type Script = fn() -> Reply;
    let cases: [(Script, &str); 3] = [
        (
            || Reply::Json(422, json!({"status": "error", "errorType": "execution", "error": "too many samples"})),
            "monitoring/prometheus:9090: Prometheus refuses it: too many samples; the query was: {query}",
        ),
        (
            || status(403, "Forbidden", "cannot get resource \"services/proxy\""),
            "Forbidden: you may not get services/proxy in namespace monitoring",
        ),
        (
            || status(503, "ServiceUnavailable", "no endpoints available for service \"http:prometheus:9090\""),
            "Unreachable: service prometheus in namespace monitoring does not answer: no endpoints available for \
             service \"http:prometheus:9090\"",
        ),
    ];
    for (reply, wanted) in cases {
        assert_eq!(errors(&proxy(reply).await).await, wanted.replace("{query}", QUERY));
    }
}

#[tokio::test]
async fn a_cluster_without_prometheus_says_how_to_name_one() {
    let world = world(|_| Reply::Json(200, list("1", "", &[]))).await;
    let what = "No Prometheus was found in the cluster; name it with --prometheus URL, or as url under [prometheus] in \
                backout.toml";
    let wanted = Fault::Absent { what: what.into() };
    assert_eq!(world.metrics.fetch(request()).await, Err(wanted.clone()));
    assert_eq!(world.alerts.alerts().await, Err(wanted));
}

#[tokio::test]
async fn an_alertmanager_that_does_not_answer_is_missed_in_words_and_no_silence_is_taken_for_quiet() {
    let beside = |alerts: fn() -> serde_json::Value| async move {
        let address = serve(move |asked| match asked.path.as_str() {
            path if path.starts_with("/api/v2") => Reply::Text(500, "no".into()),
            path if path.starts_with("/api/v1/alerts") => {
                Reply::Json(200, json!({"status": "success", "data": {"alerts": alerts()}}))
            }
            _ => curve(asked),
        })
        .await;
        let fault = Fault::Bad { what: format!("http://{address}: it answered 500 to /api/v2/alerts") };
        (with_prometheus(&format!("http://{address}")).await.alerts.alerts().await, fault)
    };
    let (quiet, fault) = beside(|| json!([])).await;
    assert_eq!(quiet, Err(fault));
    let (rung, fault) = beside(|| json!([raised("ErrorsHigh", "firing")])).await;
    let rung = rung.unwrap();
    assert_eq!((rung.alerts.len(), rung.lacking), (1, Some(fault)));
}

/// One alert as Prometheus' own rules tell it, and as Alertmanager does.
fn raised(name: &str, state: &str) -> serde_json::Value {
    let labels = json!({"alertname": name, "namespace": "prod", "severity": "critical"});
    json!({"labels": labels, "activeAt": "2026-01-01T00:00:00Z", "state": state})
}

fn rung(name: &str, state: &str) -> serde_json::Value {
    let labels = json!({"alertname": name, "namespace": "prod", "severity": "critical"});
    json!({"labels": labels, "startsAt": "2026-01-01T00:00:00Z", "status": {"state": state}})
}

/// The alerts of a cluster with a Prometheus that fires, and an Alertmanager that answers so; none where it is not there.
async fn told_beside_a_firing_prometheus(alertmanager: Option<fn() -> Reply>) -> Vec<(String, AlertState)> {
    let world = world(move |asked| {
        let path = asked.path.as_str();
        if path.contains("alertmanager:9093/proxy/") {
            return alertmanager.map_or_else(|| status(404, "NotFound", "no such service"), |reply| reply());
        }
        if path.contains("prometheus:9090/proxy/") {
            let all = [raised("ErrorsHigh", "firing"), raised("P95High", "pending")];
            return Reply::Json(200, json!({"status": "success", "data": {"alerts": all}}));
        }
        let mut all = vec![prometheus_service()];
        if alertmanager.is_some() {
            let ports = json!([{"name": "http", "port": 9093}]);
            all.push(
                json!({"metadata": {"namespace": "monitoring", "name": "alertmanager"}, "spec": {"ports": ports}}),
            );
        }
        let here = if path.contains("/monitoring/services?") { &all[..] } else { &[] };
        Reply::Json(200, list("1", "", here))
    })
    .await;
    world.alerts.alerts().await.unwrap().alerts.into_iter().map(|a| (a.name, a.state)).collect()
}

#[tokio::test]
async fn what_prometheus_itself_fires_is_told_whatever_becomes_of_alertmanager() {
    let own = || vec![("ErrorsHigh".to_owned(), AlertState::Firing), ("P95High".into(), AlertState::Pending)];
    let silenced = || vec![("ErrorsHigh".to_owned(), AlertState::Silenced), ("P95High".into(), AlertState::Pending)];
    type Case = (&'static str, Option<fn() -> Reply>, Vec<(String, AlertState)>);
    let cases: [Case; 5] = [
        ("absent", None, own()),
        ("503", Some(|| status(503, "ServiceUnavailable", "no endpoints available")), own()),
        ("no JSON", Some(|| Reply::Text(200, "<html>".into())), own()),
        ("never told of it", Some(|| Reply::Json(200, json!([]))), own()),
        ("it has it silenced", Some(|| Reply::Json(200, json!([rung("ErrorsHigh", "suppressed")]))), silenced()),
    ];
    for (what, alertmanager, wanted) in cases {
        assert_eq!(told_beside_a_firing_prometheus(alertmanager).await, wanted, "{what}");
    }
}

/// A world whose Prometheus and Alertmanager are at this address, with this login.
async fn logged_in(url: &str, login: Login) -> World {
    let config = kubeconfig("http://127.0.0.1:1", &json!({}));
    let options = Options {
        kubeconfig: Some(config.path().to_owned()),
        prometheus: Some(url.to_owned()),
        alertmanager: Some(url.to_owned()),
        prometheus_login: login.clone(),
        alertmanager_login: login,
        ..Options::default()
    };
    open(options).await.unwrap().1
}

#[tokio::test]
async fn a_bearer_token_is_sent_to_those_it_is_for_and_to_nobody_else() {
    let address = serve(|asked| {
        if !asked.head.contains("authorization: Bearer s3cret\r\n") {
            return Reply::Text(401, "no".into());
        }
        if asked.path.starts_with("/api/v2") { Reply::Json(200, json!([])) } else { curve(asked) }
    })
    .await;
    let url = format!("http://{address}");
    let bearer = |token: &str| Login::Bearer { variable: "PROM_TOKEN".into(), token: token.into() };
    let world = logged_in(&url, bearer("s3cret")).await;
    assert_eq!(world.metrics.fetch(request()).await.map(|curves| curves.services.len()), Ok(1));
    let cases = [
        (
            Login::Missing { variable: "PROM_TOKEN".into() },
            "Not logged in: {} wants a login (401), and the environment variable PROM_TOKEN, which token_env names, is \
             not set",
        ),
        (
            bearer("0ld"),
            "Not logged in: {} does not accept the token in PROM_TOKEN (401): put a fresh one there and start again",
        ),
    ];
    for (login, wanted) in cases {
        let world = logged_in(&url, login).await;
        let wanted = wanted.replace("{}", &address);
        assert_eq!(errors(&world).await, wanted);
        assert_eq!(world.alerts.alerts().await.map_err(|fault| fault.sentence()), Err(wanted));
    }
    assert!(!format!("{:?}", bearer("s3cret")).contains("s3cret"), "a token has no place in any output");
}

#[tokio::test]
async fn the_window_is_of_the_scrape_interval_that_was_configured_and_it_is_not_asked_then() {
    let address = serve(|asked| {
        assert!(asked.path.starts_with("/api/v1/query_range"), "{} was asked", asked.path);
        curve(asked)
    })
    .await;
    let config = kubeconfig("http://127.0.0.1:1", &json!({}));
    let options = Options {
        kubeconfig: Some(config.path().to_owned()),
        prometheus: Some(format!("http://{address}")),
        scrape_interval: Some(Duration::from_secs(30)),
        ..Options::default()
    };
    let world = open(options).await.unwrap().1;
    let curves = world.metrics.fetch(request()).await.unwrap();
    assert_eq!((curves.window, curves.query.contains("[2m]")), (Duration::from_mins(2), true), "{}", curves.query);
}
