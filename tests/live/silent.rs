//! A server that is gone without a word: no watch is live for long, and what was seen comes back by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use backout::domain::fact::{Fact, Source};
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::server::{Reply, list, serve, world_at};
use super::wire::Wire;

/// What `world_at` gives one question.
const LIMIT: Duration = Duration::from_secs(1);

const WATCHED: [Source; 4] = [Source::Pods, Source::Workloads, Source::Warnings, Source::Releases];

/// Hears until each source said last what is wanted: how long it was silent, or `None` for alive.
async fn hears(facts: &mut BoxStream<'static, Fact>, silent: bool) -> BTreeMap<Source, (String, Duration)> {
    let mut last = BTreeMap::new();
    let read = async {
        while !WATCHED.iter().all(|s| last.get(s).is_some_and(|(fault, _): &(String, _)| fault.is_empty() != silent)) {
            match facts.next().await.expect("facts never end") {
                Fact::Silent(source, fault, silence) => last.insert(source, (fault.sentence(), silence)),
                // As long as one kind of workload is not back, the source is not.
                Fact::Failing(source @ Source::Workloads, fault) => {
                    last.get_mut(&source).and_then(|(said, _)| (!said.is_empty()).then(|| *said = fault.sentence()));
                    None
                }
                Fact::Failing(source, fault) => panic!("{source:?}: {fault:?}"),
                Fact::Alive(source) => last.insert(source, Default::default()),
                _ => None,
            };
        }
    };
    let timely = timeout(Duration::from_secs(15), read).await.is_ok();
    assert!(timely, "silent {silent}: {last:?}");
    last
}

#[tokio::test]
async fn a_wire_that_goes_dead_is_told_within_a_limit_and_a_wire_that_lives_again_is_used_again() {
    let server = serve(|asked| match asked.path.as_str() {
        path if path.contains("watch=true") => Reply::Stream(Vec::new()),
        "/livez" => Reply::Text(200, "ok".into()),
        _ => Reply::Json(200, list("7", "", &[])),
    })
    .await;
    let wire = Wire::to(&server).await;
    let world = world_at(&format!("http://{}", wire.address)).await.1;
    let mut facts = world.cluster.facts();
    hears(&mut facts, false).await;
    // A server that answers is never told silent, however little it has to say.
    let quiet = timeout(LIMIT * 3, async {
        while let Some(fact) = facts.next().await {
            assert!(!matches!(fact, Fact::Silent(..) | Fact::Failing(..)), "{fact:?}");
        }
    });
    assert!(quiet.await.is_err());

    let (died, said) = (Instant::now(), format!("Unreachable: no sign of life for 1 s ({})", wire.address));
    wire.die();
    let told = hears(&mut facts, true).await;
    assert!(died.elapsed() < LIMIT * 2, "{:?}", died.elapsed());
    for source in WATCHED {
        let (sentence, silence) = &told[&source];
        assert_eq!(sentence, &said);
        assert!(*silence >= LIMIT && *silence < LIMIT * 2, "{source:?}: {silence:?}");
    }

    wire.live();
    hears(&mut facts, false).await;
}

#[tokio::test]
async fn a_server_that_answers_other_questions_is_not_asked_for_a_sign_of_life() {
    let world = super::server::world(|asked| match asked.path.as_str() {
        "/livez" => panic!("it gave signs enough"),
        path if path.contains("watch=true") => Reply::Stream(Vec::new()),
        path if path.contains("kube-system") => Reply::Json(200, json!({"metadata": {"uid": "u-1"}})),
        _ => Reply::Json(200, list("7", "", &[])),
    })
    .await;
    let mut facts = world.cluster.facts();
    hears(&mut facts, false).await;
    let asks = async {
        for _ in 0..15 {
            assert!(world.cluster.identity().await.is_ok());
            tokio::time::sleep(LIMIT / 5).await;
        }
    };
    tokio::select! {
        () = asks => {}
        told = async {
            loop {
                if let Some(Fact::Silent(source, fault, _)) = facts.next().await {
                    break (source, fault);
                }
            }
        } => panic!("{told:?}"),
    }
}
