//! A closer look at one pod: its events, and the logs that tell why it crashed.

use backout::domain::detail::{LogTail, PodDetail};
use serde_json::{Value, json};

use super::server::{Asked, Reply, list, status, world};

/// A pod whose one container crashed and runs again.
fn crashed() -> Value {
    let last = json!({"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:00:00Z"}});
    let state = json!({"running": {"startedAt": "2026-01-01T00:00:05Z"}});
    json!({
        "metadata": {"name": "web-1"}, "spec": {"containers": [{"name": "app", "image": "i"}]},
        "status": {"phase": "Running", "containerStatuses": [
            {"name": "app", "ready": true, "restartCount": 2, "state": state, "lastState": last},
        ]},
    })
}

fn event(reason: &str, at: &str) -> Value {
    let object = json!({"kind": "Pod", "name": "web-1"});
    json!({"metadata": {"name": reason}, "involvedObject": object, "reason": reason, "message": "m", "lastTimestamp": at})
}

async fn detail(script: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> PodDetail {
    let world = world(move |asked| {
        script(asked).unwrap_or_else(|| match asked.path.as_str() {
            path if path.contains("/events?") => Reply::Json(200, list("1", "", &[])),
            path if path.contains("previous=true") => Reply::Text(200, "boot\npanic: \u{1b}[31mno database\n".into()),
            path if path.contains("/log?") => Reply::Text(200, "up\n".into()),
            _ => Reply::Json(200, crashed()),
        })
    })
    .await;
    world.cluster.pod_detail("web-1".into()).await.unwrap()
}

fn log(previous: bool, lines: Result<&[&str], &str>) -> LogTail {
    let lines = lines.map(|lines| lines.iter().map(|l| (*l).to_owned()).collect()).map_err(str::to_owned);
    LogTail { container: "app".into(), previous, lines }
}

#[tokio::test]
async fn events_come_newest_first_and_a_crash_brings_the_run_before_it() {
    let events = [event("Pulled", "2026-01-01T00:00:01Z"), event("BackOff", "2026-01-01T00:00:02Z")];
    let detail = detail(move |asked| {
        asked.path.contains("/events?").then(|| {
            assert!(asked.path.contains("involvedObject.name%3Dweb-1"), "{}", asked.path);
            Reply::Json(200, list("1", "", &events))
        })
    })
    .await;
    assert_eq!(detail.events.iter().map(|e| e.reason.as_str()).collect::<Vec<_>>(), ["BackOff", "Pulled"]);
    assert_eq!(detail.logs, [log(false, Ok(&["up"])), log(true, Ok(&["boot", "panic: no database"]))]);
}

#[tokio::test]
async fn what_may_not_be_read_is_said_in_its_place_and_the_rest_is_there() {
    let detail = detail(|asked| {
        let hidden = asked.path.contains("/events?") || asked.path.contains("previous=true");
        hidden.then(|| status(403, "Forbidden", "no"))
    })
    .await;
    let said: Vec<_> = detail.events.iter().map(|e| (e.reason.as_str(), e.message.as_str())).collect();
    assert_eq!(said, [("NoEvents", "Forbidden: you may not list events in namespace prod")]);
    let no_log = "Forbidden: you may not get pods/log in namespace prod";
    assert_eq!(detail.logs, [log(false, Ok(&["up"])), log(true, Err(no_log))]);
}
