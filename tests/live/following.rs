//! Lists in pages and watches that break: nothing is lost, nothing invisible is told, and each source fails alone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backout::domain::fact::{Fact, PodNews, Source, WorkloadNews};
use backout::domain::fault::Fault;
use backout::domain::workload::Restarts;
use backout::ports::World;
use futures::StreamExt;
use serde_json::{Value, json};

use super::server::{Asked, Reply, list, status, world};

fn pod(name: &str, version: &str, phase: &str) -> Value {
    json!({
        "metadata": {"name": name, "uid": name, "resourceVersion": version, "creationTimestamp": "2020-01-01T00:00:00Z"},
        "spec": {}, "status": {"phase": phase},
    })
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"type": kind, "object": object})
}

/// Answers about pods by `pods`; everything else is there and empty.
async fn with_pods(pods: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> World {
    world(move |asked| {
        if asked.path.contains("/pods?") {
            return pods(asked);
        }
        if asked.path.contains("watch=true") { Reply::Stream(vec![]) } else { Reply::Json(200, list("1", "", &[])) }
    })
    .await
}

/// What is told of pods, in short words, until `last` was said.
async fn said(world: &World, last: &str) -> Vec<String> {
    let mut facts = world.cluster.facts();
    let mut said: Vec<String> = Vec::new();
    let read = async {
        while said.last().is_none_or(|s| s != last) {
            let word = match facts.next().await.expect("facts never end") {
                Fact::Pods(PodNews::Listing) => "listing".into(),
                Fact::Pods(PodNews::Page(rows)) => {
                    let names: Vec<_> = rows.iter().map(|p| p.name.as_str()).collect();
                    format!("page {}", names.join(" "))
                }
                Fact::Pods(PodNews::Complete) => "complete".into(),
                Fact::Pods(PodNews::Changed(pod)) => format!("{} {}", pod.name, pod.state.word()),
                Fact::Pods(PodNews::Gone(name)) => format!("{name} gone"),
                Fact::Alive(Source::Pods) => "alive".into(),
                Fact::Failing(Source::Pods, fault) | Fact::Silent(Source::Pods, fault, _) => {
                    format!("failing: {}", fault.word())
                }
                _ => continue,
            };
            said.push(word);
        }
    };
    let timely = tokio::time::timeout(Duration::from_secs(10), read).await.is_ok();
    assert!(timely, "{last:?} was not said: {said:?}");
    said
}

#[tokio::test]
async fn the_first_page_is_told_before_the_second_is_asked() {
    let world = with_pods(|asked| {
        let path = &asked.path;
        match () {
            () if path.contains("watch=true") => Reply::Stream(vec![event("DELETED", &pod("b", "9", "Running"))]),
            () if path.contains("continue=more") => Reply::Json(200, list("7", "", &[pod("b", "2", "Running")])),
            () => Reply::Json(200, list("7", "more", &[pod("a", "1", "Running")])),
        }
    })
    .await;
    let wanted = ["listing", "page a", "page b", "complete", "alive", "b gone"];
    assert_eq!(said(&world, "b gone").await, wanted);
}

#[tokio::test]
async fn a_change_that_no_row_shows_is_not_told() {
    let world = with_pods(|asked| {
        if !asked.path.contains("watch=true") {
            return Reply::Json(200, list("7", "", &[pod("a", "1", "Running")]));
        }
        let mut invisible = pod("a", "8", "Running");
        invisible["metadata"]["annotations"] = json!({"touched": "1"});
        invisible["metadata"]["managedFields"] = json!([{"manager": "m", "time": "2026-01-01T00:00:00Z"}]);
        let bookmark =
            event("BOOKMARK", &json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}}));
        Reply::Stream(vec![event("MODIFIED", &invisible), bookmark, event("MODIFIED", &pod("a", "10", "Failed"))])
    })
    .await;
    assert_eq!(said(&world, "a Failed").await, ["listing", "page a", "complete", "alive", "alive", "a Failed"]);
}

#[tokio::test]
async fn a_watch_that_breaks_is_opened_again_where_it_was() {
    let watches = AtomicUsize::new(0);
    let world = with_pods(move |asked| {
        if !asked.path.contains("watch=true") {
            return Reply::Json(200, list("7", "", &[pod("a", "1", "Running")]));
        }
        match (watches.fetch_add(1, Ordering::SeqCst), asked.path.contains("resourceVersion=8")) {
            (0, _) => Reply::CutStream(vec![event("MODIFIED", &pod("a", "8", "Pending"))]),
            (1, true) => Reply::Bytes(vec![]),
            (2, true) => Reply::Stream(vec![event("ADDED", &pod("b", "9", "Running"))]),
            (n, _) => panic!("watch {n} of {}", asked.path),
        }
    })
    .await;
    let wanted = ["listing", "page a", "complete", "alive", "a Pending", "failing: bad answer", "alive", "b Running"];
    assert_eq!(said(&world, "b Running").await, wanted);
}

#[tokio::test]
async fn a_watch_that_dies_alone_is_opened_again_when_its_bookmark_is_overdue_and_nothing_is_missed() {
    let watches = AtomicUsize::new(0);
    let world = with_pods(move |asked| {
        if !asked.path.contains("watch=true") {
            return Reply::Json(200, list("7", "", &[pod("a", "1", "Running")]));
        }
        match (watches.fetch_add(1, Ordering::SeqCst), asked.path.contains("resourceVersion=8")) {
            (0, _) => Reply::Stream(vec![event("MODIFIED", &pod("a", "8", "Pending"))]),
            (1, true) => Reply::Stream(vec![event("ADDED", &pod("b", "9", "Running"))]),
            (n, _) => panic!("watch {n} of {}", asked.path),
        }
    })
    .await;
    let wanted = ["listing", "page a", "complete", "alive", "a Pending", "alive", "b Running"];
    assert_eq!(said(&world, "b Running").await, wanted);
}

#[tokio::test]
async fn a_watch_that_is_too_old_lists_anew_and_names_what_is_left() {
    let lists = AtomicUsize::new(0);
    let world = with_pods(move |asked| {
        if !asked.path.contains("watch=true") {
            let first = lists.fetch_add(1, Ordering::SeqCst) == 0;
            let (a, b) = (pod("a", "1", "Running"), pod("b", "2", "Running"));
            return Reply::Json(200, if first { list("7", "", &[a, b]) } else { list("20", "", &[b]) });
        }
        if asked.path.contains("resourceVersion=20") {
            return Reply::Stream(vec![event("ADDED", &pod("c", "21", "Running"))]);
        }
        let gone = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"});
        Reply::Stream(vec![event("ERROR", &gone)])
    })
    .await;
    let wanted = ["listing", "page a b", "complete", "alive", "listing", "page b", "complete", "alive", "c Running"];
    assert_eq!(said(&world, "c Running").await, wanted);
}

#[tokio::test]
async fn a_list_that_fails_is_told_and_asked_again() {
    let lists = AtomicUsize::new(0);
    let world =
        with_pods(move |asked| match (asked.path.contains("watch=true"), lists.fetch_add(1, Ordering::SeqCst)) {
            (false, 0) => status(503, "ServiceUnavailable", "starting"),
            (false, _) => Reply::Json(200, list("7", "", &[])),
            (true, _) => Reply::Stream(vec![]),
        })
        .await;
    assert_eq!(said(&world, "alive").await, ["failing: bad answer", "listing", "page ", "complete", "alive"]);
}

#[tokio::test]
async fn restarts_are_counted_while_watching() {
    let crashed = |version: &str, count: u32| {
        let mut pod = pod("a", version, "Running");
        pod["status"]["containerStatuses"] = json!([{"name": "c", "restartCount": count}]);
        pod
    };
    let world = with_pods(move |asked| {
        if !asked.path.contains("watch=true") {
            return Reply::Json(200, list("7", "", &[crashed("1", 9)]));
        }
        Reply::Stream(vec![event("MODIFIED", &crashed("8", 10)), event("MODIFIED", &crashed("9", 12))])
    })
    .await;
    let mut facts = world.cluster.facts();
    let mut counts = Vec::new();
    while counts.len() < 3 {
        match facts.next().await.expect("facts never end") {
            Fact::Pods(PodNews::Page(rows)) => counts.extend(rows.iter().map(|p| p.restarts)),
            Fact::Pods(PodNews::Changed(pod)) => counts.push(pod.restarts),
            _ => {}
        }
    }
    assert_eq!(counts, [Restarts::Exactly(0), Restarts::Exactly(1), Restarts::Exactly(3)]);
}

fn record(store: &str, revision: u32, version: &str) -> Value {
    let name = format!("sh.helm.release.v1.shop.v{revision}");
    let labels = json!({"owner": "helm", "name": "shop", "version": revision.to_string(), "status": "deployed"});
    json!({"kind": store, "metadata": {"name": name, "resourceVersion": version, "labels": labels}})
}

#[tokio::test]
async fn a_record_that_cannot_be_read_stays_in_the_history_with_the_reason() {
    let world = world(|asked| {
        let path = &asked.path;
        match () {
            () if path.contains("watch=true") => Reply::Stream(vec![]),
            () if path.contains("/secrets?") => {
                let items = [record("Secret", 1, "1"), record("Secret", 2, "2")];
                Reply::Json(200, list("7", "", &items))
            }
            () if path.contains("/secrets/") => {
                let mut whole = record("Secret", if path.contains(".v2") { 2 } else { 1 }, "1");
                whole["type"] = json!("helm.sh/release.v1");
                whole["data"] = json!({"release": "bm90IGEgcmVsZWFzZQ=="});
                Reply::Json(200, whole)
            }
            () => Reply::Json(200, list("7", "", &[])),
        }
    })
    .await;
    let mut facts = world.cluster.facts();
    let unreadable = async {
        loop {
            if let Fact::Releases(releases) = facts.next().await.expect("facts never end") {
                let revisions: Vec<_> = releases.iter().flat_map(|r| &r.revisions).collect();
                if revisions.len() == 2 && revisions.iter().all(|r| r.unreadable.is_some()) {
                    return revisions.iter().map(|r| r.revision.0).collect::<Vec<_>>();
                }
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(5), unreadable).await.expect("it is told"), [1, 2]);
}

#[tokio::test]
async fn releases_in_config_maps_are_shown_where_secrets_may_not_be_read() {
    let world = world(|asked| {
        let path = &asked.path;
        match () {
            () if path.contains("/secrets?") => status(403, "Forbidden", "no"),
            () if path.contains("watch=true") => Reply::Stream(vec![]),
            () if path.contains("/configmaps?") => Reply::Json(200, list("7", "", &[record("ConfigMap", 1, "1")])),
            () if path.contains("/configmaps/") => Reply::Json(200, record("ConfigMap", 1, "1")),
            () => Reply::Json(200, list("7", "", &[])),
        }
    })
    .await;
    let mut facts = world.cluster.facts();
    let found = async {
        loop {
            match facts.next().await.expect("facts never end") {
                Fact::Releases(releases) if !releases.is_empty() => return releases[0].name.as_str().to_owned(),
                Fact::Releases(_) => panic!("an empty history is not known"),
                _ => {}
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(5), found).await.expect("it is told"), "shop");
}

#[tokio::test]
async fn a_namespace_without_releases_is_told_empty_and_not_silent() {
    let world = with_pods(|_| Reply::Stream(vec![])).await;
    let mut facts = world.cluster.facts();
    loop {
        match facts.next().await.expect("facts never end") {
            Fact::Releases(releases) => return assert_eq!(releases, vec![]),
            Fact::Failing(Source::Releases, fault) => panic!("{fault:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_list_whose_items_are_null_is_an_empty_list() {
    let world = with_pods(|asked| {
        if asked.path.contains("watch=true") {
            return Reply::Stream(vec![]);
        }
        Reply::Json(200, json!({"metadata": {"resourceVersion": "7"}, "items": null}))
    })
    .await;
    assert_eq!(said(&world, "alive").await, ["listing", "page ", "complete", "alive"]);
}

#[tokio::test]
async fn one_forbidden_kind_of_workload_darkens_workloads_alone() {
    let world = world(|asked| {
        let path = &asked.path;
        match () {
            () if path.contains("/statefulsets?") => status(403, "Forbidden", "no"),
            () if path.contains("watch=true") => Reply::Stream(vec![]),
            () => Reply::Json(200, list("7", "", &[])),
        }
    })
    .await;
    let mut facts = world.cluster.facts();
    let mut last = BTreeMap::new();
    let mut kinds = Vec::new();
    let others = [Source::Pods, Source::Warnings, Source::Releases];
    let dark = Fault::Forbidden { verb: "list".into(), resource: "statefulsets in namespace prod".into() };
    let read = async {
        while kinds.len() < 2
            || others.iter().any(|o| last.get(o) != Some(&None))
            || last.get(&Source::Workloads) != Some(&Some(dark.clone()))
        {
            match facts.next().await.expect("facts never end") {
                Fact::Failing(source, fault) => last.insert(source, Some(fault)),
                Fact::Alive(source) => last.insert(source, None),
                Fact::Workloads(WorkloadNews::All(kind, _)) => {
                    kinds.push(kind);
                    // News of one kind says nothing of another.
                    last.insert(Source::Workloads, None)
                }
                _ => None,
            };
        }
    };
    let timely = tokio::time::timeout(Duration::from_secs(5), read).await.is_ok();
    assert!(timely, "{last:?} {kinds:?}");
}
