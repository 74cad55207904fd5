//! A silence put to an Alertmanager: made, refused, or nobody knows; and posted once, whatever it answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backout::act::silence::{planned, run};
use backout::domain::alert::Labels;
use backout::domain::event::Ending;
use backout::live::{Options, open};
use backout::ports::World;
use backout::silence::ask::Ask;
use serde_json::{Value, json};

use super::server::{Reply, kubeconfig, serve};

fn labels() -> Labels {
    let all = [("alertname", "ErrorsHigh"), ("namespace", "prod"), ("severity", "critical")];
    Labels(all.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
}

fn alert(status: &Value) -> Value {
    json!([{"labels": labels(), "startsAt": "2026-01-01T00:00:00Z", "status": status}])
}

/// A world whose Alertmanager answers a POST so; how often it was posted to.
async fn world(answer: fn() -> Reply) -> (World, Arc<AtomicUsize>) {
    let posted = Arc::new(AtomicUsize::new(0));
    let made = Arc::new(Mutex::new(false));
    let (count, stands) = (posted.clone(), made.clone());
    let address = serve(move |asked| match asked.path.as_str() {
        path if asked.head.starts_with("POST") => {
            count.fetch_add(1, Ordering::SeqCst);
            assert!(path.starts_with("/api/v2/silences"), "{path}");
            let reply = answer();
            *stands.lock().unwrap() = matches!(&reply, Reply::Json(200, _));
            reply
        }
        path if path.starts_with("/api/v2/silences") => Reply::Json(
            200,
            json!([{"id": "s-1", "createdBy": "ana", "comment": "known", "endsAt": "2126-01-01T00:00:00Z"}]),
        ),
        path if path.starts_with("/api/v2/alerts") && *stands.lock().unwrap() => {
            Reply::Json(200, alert(&json!({"state": "suppressed", "silencedBy": ["s-1"]})))
        }
        path if path.starts_with("/api/v2/alerts") => Reply::Json(200, alert(&json!({"state": "active"}))),
        _ => Reply::Json(200, json!({"status": "success", "data": {"alerts": [], "result": []}})),
    })
    .await;
    let url = format!("http://{address}");
    let config = kubeconfig("http://127.0.0.1:1", &json!({}));
    let options = Options {
        kubeconfig: Some(config.path().to_owned()),
        prometheus: Some(url.clone()),
        alertmanager: Some(url),
        ..Options::default()
    };
    (open(options).await.unwrap().1, posted)
}

#[tokio::test]
async fn a_silence_is_made_once_and_its_end_is_what_alertmanager_shows() {
    type Case = (&'static str, fn() -> Reply, fn(&Ending) -> bool);
    let cases: [Case; 5] = [
        (
            "made",
            || Reply::Json(200, json!({"silenceID": "s-1"})),
            |e| matches!(e, Ending::Seen { what } if what.starts_with("ErrorsHigh is silenced until")),
        ),
        (
            "refused",
            || Reply::Text(400, "\"bad matcher\u{1b}[2J\"".into()),
            |e| matches!(e, Ending::Failed { why } if why.contains("answered 400: \"bad matcher\"")),
        ),
        (
            "forbidden",
            || Reply::Text(403, "no".into()),
            |e| matches!(e, Ending::Failed { why } if why.contains("you may not write to")),
        ),
        (
            "broken",
            || Reply::Text(502, "oh".into()),
            |e| matches!(e, Ending::Unknown { why } if why.contains("it may still stand")),
        ),
        (
            "cut off",
            || Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{".to_vec()),
            |e| matches!(e, Ending::Unknown { why } if why.contains("got lost")),
        ),
    ];
    for (what, answer, wanted) in cases {
        let (world, posted) = world(answer).await;
        let ask = Ask { labels: labels(), length: Duration::from_hours(1), why: "known".into(), by: "ana".into() };
        let plan = planned(&world, ask).await.unwrap();
        assert_eq!(
            plan.command,
            "amtool silence add --duration=60m --author=ana --comment=known 'alertname=\"ErrorsHigh\"' \
             'namespace=\"prod\"' 'severity=\"critical\"'"
        );
        assert_eq!(posted.load(Ordering::SeqCst), 0, "a plan writes nothing");
        let ending = run(&world, &plan, |_| {}).await;
        assert!(wanted(&ending), "{what}: {ending:?}");
        assert_eq!(posted.load(Ordering::SeqCst), 1, "{what}");
    }
}
