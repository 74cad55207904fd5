//! `backout check`, the shipped binary, on a cluster and a Prometheus that have nothing to say, or nothing sensible:
//! what is not known is never told as a figure.

use std::time::Duration;

use assert_cmd::Command;
use backout::cli::cockpit::board;
use backout::live::{Options, begin};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

use super::launch::{at, hears, opening};
use super::server::{Reply, kubeconfig, list, serve};

/// A cluster in which there is nothing, and a Prometheus with these curves: their addresses.
async fn places(curves: fn() -> Value, alerts: fn() -> Value) -> (String, String) {
    let prometheus = serve(move |asked| {
        let data = match asked.path.as_str() {
            path if path.starts_with("/api/v2/alerts") => return Reply::Json(200, alerts()),
            path if path.starts_with("/api/v1/alerts") => json!({"alerts": []}),
            path if path.contains("query_range") => json!({"result": curves()}),
            _ => json!({"result": []}),
        };
        Reply::Json(200, json!({"status": "success", "data": data}))
    })
    .await;
    let api = serve(|asked| match asked.path.as_str() {
        path if path.contains("watch=true") => Reply::Stream(Vec::new()),
        path if path.contains("kube-system") => Reply::Json(200, json!({"metadata": {"uid": "u-1"}})),
        _ => Reply::Json(200, list("1", "", &[])),
    })
    .await;
    (format!("http://{api}"), format!("http://{prometheus}"))
}

/// The exit code of a check, and what it says of what is not known.
async fn check(places: &(String, String)) -> (i32, Vec<String>) {
    let (code, out) = checked(places).await;
    (code, out.lines().filter(|l| l.starts_with("? ")).map(str::to_owned).collect())
}

/// The exit code of a check, and all that it says.
async fn checked((api, prometheus): &(String, String)) -> (i32, String) {
    let config = kubeconfig(api, &json!({"token": "t"}));
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_backout"));
    command.env_clear().env("HOME", home.path()).env("USER", "ana").timeout(Duration::from_secs(30));
    command
        .args(["check", "--prometheus", prometheus, "--alertmanager", prometheus, "--kubeconfig"])
        .arg(config.path());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// The cockpit's screen when it has heard of the error ratio.
async fn screen((api, prometheus): &(String, String)) -> String {
    let config = kubeconfig(api, &json!({"token": "t"}));
    let options = Options {
        kubeconfig: Some(config.path().to_owned()),
        prometheus: Some(prometheus.clone()),
        ..Options::default()
    };
    let (context, _, world) = begin(options).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut session, _) = board(opening(world, folder.path(), context.to_string()), (120, 40));
    session.hear(at(0));
    hears(&mut session, "the curves", |s| {
        s.model.feeds.errors.known().is_some() && s.model.feeds.p95.known().is_some()
    })
    .await;
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
    let drawn = terminal.draw(|frame| {
        backout::ui::view(&session.model, frame);
    });
    drawn.unwrap();
    terminal.backend().to_string()
}

#[tokio::test]
async fn a_critical_alert_that_is_silenced_makes_a_check_unwell_all_the_same() {
    let silenced = || {
        json!([{"labels": {"alertname": "ErrorsHigh", "severity": "critical", "service": "order-service"},
            "annotations": {"summary": "18 %"}, "startsAt": "2026-01-01T00:00:00Z", "status": {"state": "suppressed"}}])
    };
    let (code, out) = checked(&places(|| json!([]), silenced).await).await;
    let told: Vec<&str> = out.lines().filter(|l| l.contains("silenced")).collect();
    assert_eq!((code, told.len()), (1, 3), "{out}");
    assert!(told[0].contains("unwell: critical alert ErrorsHigh rings (order-service), silenced"), "{out}");
    assert!(told[1].starts_with('✖') && told[1].contains("0 firing, 0 pending, 1 silenced"), "{out}");
    assert!(told[2].contains("ErrorsHigh (order-service) for") && told[2].ends_with(", silenced: 18 %"), "{out}");
}

#[tokio::test]
async fn an_empty_prometheus_and_one_of_nan_alone_are_no_data_and_never_nought() {
    type Case = (&'static str, fn() -> Value);
    let cases: [Case; 3] = [
        ("empty", || json!([])),
        ("no values", || json!([{"metric": {"service": "web"}, "values": []}])),
        ("NaN", || {
            // Where the check looks, and where the clock of the screen stands.
            let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() / 15 * 15;
            let times = [now, now - 15, now - 30, 1_699_999_995, 1_699_999_980];
            json!([{"metric": {"service": "web"}, "values": times.map(|at| json!([at, "NaN"]))}])
        }),
    ];
    let wanted = [
        "? unknown: no service is measured: the error rate cannot be judged",
        "? release   unknown  there is no Helm release in namespace prod  (now)",
        "? rollouts  unknown  no workload of the release is seen  (now)",
        "? pods      unknown  no pod of the release is seen  (now)",
        "? endpoints unknown  no Service of a release is known  (now)",
        "? nodes     unknown  no node is seen  (now)",
        "? health    unknown  no Service to ask is known",
        "? logs      unknown  no pod of a release is seen",
        "? cpu       unknown  no release is seen  (now)",
        "? memory    unknown  no release is seen  (now)",
        "? errors    unknown  errors: no data, nothing is measured  (now)",
        "? p95       unknown  P95: no data, nothing is measured  (now)",
        "? rules     unknown  none rings, but not everything can be seen",
    ];
    for (what, curves) in cases {
        let places = places(curves, || json!([])).await;
        assert_eq!(check(&places).await, (2, wanted.map(str::to_owned).to_vec()), "{what}");
        let screen = screen(&places).await;
        assert_eq!(screen.matches("? no data: no service was measured").count(), 2, "{what}: {screen}");
        assert!(!screen.contains("0.0 %") && !screen.contains(" 0 ms"), "{what}: {screen}");
    }
}
