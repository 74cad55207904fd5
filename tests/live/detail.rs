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

/// A pod whose migration fails: its own container has never started.
fn unmigrated() -> Value {
    let ended = json!({"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:00:00Z"}});
    let (waits, done) = (
        json!({"waiting": {"reason": "CrashLoopBackOff"}}),
        json!({"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": "2026-01-01T00:00:00Z"}}),
    );
    json!({
        "metadata": {"name": "web-1"}, "spec": {"containers": [{"name": "app", "image": "i"}], "initContainers": [
            {"name": "wait", "image": "w"}, {"name": "migrate", "image": "m"},
            {"name": "proxy", "image": "p", "restartPolicy": "Always"}]},
        "status": {"phase": "Pending", "initContainerStatuses": [
            {"name": "wait", "ready": true, "restartCount": 0, "state": done},
            {"name": "migrate", "ready": false, "restartCount": 3, "state": waits, "lastState": ended},
        ], "containerStatuses": [
            {"name": "app", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}},
        ]},
    })
}

#[tokio::test]
async fn a_migration_that_fails_before_the_pod_starts_shows_its_exit_and_its_log() {
    let waits = "container \"app\" in pod \"web-1\" is waiting to start: PodInitializing";
    let detail = detail(move |asked| {
        Some(match asked.path.as_str() {
            path if path.contains("container=migrate") && path.contains("previous=true") => {
                Reply::Text(200, "Flyway 10\nERROR: relation users is locked\n".into())
            }
            path if path.contains("/log?") => status(400, "BadRequest", waits),
            path if path.contains("/events?") => return None,
            _ => Reply::Json(200, unmigrated()),
        })
    })
    .await;
    let exits: Vec<_> = detail
        .init
        .iter()
        .map(|c| (c.name.as_str(), c.state.as_str(), c.restarts, c.last_exit.as_ref().map(|e| e.code)))
        .collect();
    assert_eq!(exits, [("wait", "Completed", 0, Some(0)), ("migrate", "CrashLoopBackOff", 3, Some(1))]);
    let logs: Vec<_> = detail.logs.iter().map(|l| (l.container.as_str(), l.previous, l.lines.clone())).collect();
    let told = |lines: &[&str]| Ok(lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>());
    assert_eq!(
        logs,
        [
            ("migrate", true, told(&["Flyway 10", "ERROR: relation users is locked"])),
            ("app", false, Err(waits.to_owned())),
            ("proxy", false, Err(waits.to_owned())),
        ]
    );
    assert_eq!(detail.last_line(Some(&"migrate".into())), Some("ERROR: relation users is locked"));
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

#[tokio::test]
async fn what_a_log_or_an_event_tells_of_passwords_and_tokens_is_hidden_where_it_comes_in() {
    let told = "dial postgres://app:hunter2@db/shop: pass\u{1b}[0mword=hunter2\n> Authorization: Bearer hunter2\n";
    let mut failed = event("Failed", "2026-01-01T00:00:01Z");
    failed["message"] = told.into();
    let detail = detail(move |asked| match asked.path.as_str() {
        path if path.contains("/events?") => Some(Reply::Json(200, list("1", "", std::slice::from_ref(&failed)))),
        path if path.contains("/log?") => Some(Reply::Text(200, told.into())),
        _ => None,
    })
    .await;
    let wanted = ["dial postgres://app:(hidden)@db/shop: password=(hidden)", "> Authorization: Bearer (hidden)"];
    assert_eq!(detail.logs, [log(false, Ok(&wanted)), log(true, Ok(&wanted))]);
    assert_eq!(detail.events[0].message, wanted.join(" "));
    assert_eq!(detail.last_line(None), Some(wanted[1]));
}
