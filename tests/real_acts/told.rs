//! What is told of a workload against what kubectl tells: its history, how far its rollout is, what pausing means.
//!
//! Never: our words against kubectl's; what is compared are numbers, reasons and the verdict.

use std::time::{Duration, Instant};

use backout::act::workload;
use backout::domain::name::{Namespace, Service};
use backout::domain::workload::{Rollout, WorkloadKind, WorkloadRef};
use backout::helm::rollout;
use backout::kubectl::ask::Errand;
use serde_json::Value;

use crate::{Twins, floor, kubectl};

impl Twins {
    /// kubectl on our twin.
    fn on_ours(&self, arguments: &[&str]) -> (bool, String) {
        let typed = self.typed();
        kubectl(&[arguments, &[typed.as_str(), "-n", &self.names[1]]].concat())
    }

    /// Our reading of our twin as it is, in the words of kubectl's verdict.
    fn verdict(&self) -> String {
        let (_, said) = self.on_ours(&["get", "-o", "json"]);
        let object: Value = serde_json::from_str(&said).expect("JSON");
        match rollout::of(&object) {
            Rollout::Done => "done".into(),
            Rollout::Going(how) => how,
            Rollout::Stuck(why) => format!("stuck: {why}"),
            Rollout::Paused => "paused".into(),
        }
    }

    /// kubectl's verdict in our words.
    fn theirs_in_our_words(&self) -> String {
        let (_, said) = self.on_ours(&["rollout", "status", "--watch=false"]);
        let numbers: Vec<&str> = said.split_whitespace().filter(|w| w.parse::<u32>().is_ok()).collect();
        let of = |what: &str| format!("{} of {} {what}", numbers[0], numbers[1]);
        let ready = |n: &str| format!("{} of 2 ready", 2 - n.parse::<u32>().expect("a number"));
        match said.as_str() {
            // A StatefulSet's rollout always has a partition, be it 0: `partitioned roll out complete: 2 new pods …`.
            s if ["successfully rolled out", "roll out complete", "rolling update complete"]
                .iter()
                .any(|done| s.contains(done)) =>
            {
                "done".into()
            }
            s if s.contains("have been updated") => of("updated"),
            s if s.contains("updated replicas are available") || s.contains("updated pods are available") => {
                of("available")
            }
            s if s.contains("pending termination") => format!("{} old still to go", numbers[0]),
            s if s.contains("pods to be ready") => ready(numbers[0]),
            s if s.contains("exceeded its progress deadline") => "stuck: progress deadline exceeded".into(),
            s if s.contains("only available for RollingUpdate") => "paused".into(),
            s if s.contains("spec update to be observed") => "its controller has not seen the change yet".into(),
            other => format!("kubectl says {other}"),
        }
    }

    /// Both verdicts of one state: the workload moves, so they are taken until it stood still between them.
    fn both(&self) -> (String, String) {
        let began = Instant::now();
        loop {
            let (before, theirs, after) = (self.verdict(), self.theirs_in_our_words(), self.verdict());
            if before == after {
                return (after, theirs);
            }
            assert!(began.elapsed() < Duration::from_mins(1), "it does not stand still: {before}, {after}");
        }
    }

    fn set_image(&self, tag: &str) {
        let image = format!("web=registry.example/web:{tag}");
        floor::run("kubectl", &["set", "image", &self.typed(), &image, "-n", &self.names[1]]);
    }
}

async fn history(name: &str, kind: WorkloadKind) {
    let _quiet = floor::among_others();
    let twins = Twins::new(name, kind);
    // Back to the first: a Deployment's revisions are numbered anew, and those of the others, too.
    let (well, said) = twins.on_ours(&["rollout", "undo", "--to-revision=1"]);
    assert!(well, "{said}");
    twins.rolled_out(&twins.names[1]);
    let (well, said) = twins.on_ours(&["rollout", "history"]);
    assert!(well, "{said}");
    let line = |l: &str| {
        let (number, cause) = l.split_once(' ')?;
        Some((number.parse::<u64>().ok()?, cause.trim().to_owned()))
    };
    let theirs: Vec<_> = said.lines().filter_map(line).collect();
    let reference = WorkloadRef { kind, name: Service::new(&twins.workload) };
    let namespace = Namespace::new(&twins.names[1]);
    let ours = workload::history(&twins.world().await, reference, &namespace).await.expect("a history");
    let row = |r: &backout::kubectl::revisions::Row| (r.revision, r.cause.clone().unwrap_or_else(|| "<none>".into()));
    let mut ours: Vec<_> = ours.rows.iter().map(row).collect();
    ours.reverse();
    assert_eq!(ours, theirs, "{name}");
    assert_eq!(theirs.len(), 3, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_deployment_is_kubectls() {
    history("history", WorkloadKind::Deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_stateful_set_is_kubectls() {
    history("history-sts", WorkloadKind::StatefulSet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_daemon_set_is_kubectls() {
    history("history-ds", WorkloadKind::DaemonSet).await;
}

/// From one image to the next, every verdict on the way.
fn followed(twins: &Twins, tag: &str, last: &str) -> Vec<String> {
    twins.set_image(tag);
    let began = Instant::now();
    let mut seen: Vec<String> = Vec::new();
    while seen.last().is_none_or(|s| s != last) {
        assert!(began.elapsed() < Duration::from_secs(90), "{tag}: never {last:?}: {seen:?}");
        let (ours, theirs) = twins.both();
        assert_eq!(ours, theirs, "{tag}, after {seen:?}");
        if seen.last() != Some(&ours) {
            seen.push(ours);
        }
    }
    seen
}

#[test]
fn how_far_a_deployment_is_is_what_kubectl_says() {
    let _quiet = floor::among_others();
    let twins = Twins::new("status", WorkloadKind::Deployment);
    assert_eq!(twins.both(), ("done".into(), "done".into()));
    let (well, said) = twins.on_ours(&["patch", "--type=merge", "-p", r#"{"spec":{"progressDeadlineSeconds":8}}"#]);
    assert!(well, "{said}");
    let seen = followed(&twins, "4-pull", "stuck: progress deadline exceeded");
    assert!(seen.contains(&"1 of 2 updated".into()), "{seen:?}");
    let seen = followed(&twins, "5", "done");
    assert!(seen.len() > 1, "{seen:?}");
}

#[test]
fn how_far_a_stateful_set_is_is_what_kubectl_says() {
    let _quiet = floor::among_others();
    let twins = Twins::new("status-sts", WorkloadKind::StatefulSet);
    followed(&twins, "4", "done");
    let seen = followed(&twins, "5-pull", "1 of 2 ready");
    assert!(!seen.contains(&"done".into()), "{seen:?}");
}

#[test]
fn a_daemon_set_that_waits_for_deletions_has_no_rollout_to_follow() {
    let _quiet = floor::among_others();
    let twins = Twins::new("status-ds", WorkloadKind::DaemonSet);
    followed(&twins, "4", "done");
    let strategy = r#"{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}"#;
    let (well, said) = twins.on_ours(&["patch", "--type=merge", "-p", strategy]);
    assert!(well, "{said}");
    assert_eq!(twins.both(), ("paused".into(), "paused".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_while_paused_is_undone_after_it_was_resumed() {
    let _quiet = floor::among_others();
    let twins = Twins::new("paused", WorkloadKind::Deployment);
    for namespace in &twins.names {
        let rollout = |verb| floor::run("kubectl", &["rollout", verb, &twins.typed(), "-n", namespace]);
        rollout("pause");
        let image = "web=registry.example/web:4";
        floor::run("kubectl", &["set", "image", &twins.typed(), image, "-n", namespace]);
        assert!(!kubectl(&["rollout", "pause", &twins.typed(), "-n", namespace]).0, "twice paused");
    }
    assert_eq!(twins.verdict(), "paused");
    let refusal = twins.plan(Errand::Undo { to: 0 }).await.expect_err("a refusal");
    // The very command of the refusal, but for the context, which is the operator's.
    let resume = refusal.command.replace(" --context lab", "");
    floor::run("kubectl", &resume.split_whitespace().skip(1).collect::<Vec<_>>());
    floor::run("kubectl", &["rollout", "resume", &twins.typed(), "-n", &twins.names[0]]);
    for namespace in &twins.names {
        twins.rolled_out(namespace);
    }
    let (well, said) = twins.theirs(&["undo"]);
    assert!(well, "{said}");
    twins.ours(Errand::Undo { to: 0 }).await;
    twins.equal();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_restart_within_the_same_second_is_refused_as_by_kubectl() {
    let _quiet = floor::among_others();
    let twins = Twins::new("twice", WorkloadKind::Deployment);
    let began = Instant::now();
    // The mark counts whole seconds: two in a row fall into one of them sooner or later.
    let theirs = loop {
        twins.theirs(&["restart"]);
        let (well, said) = twins.theirs(&["restart"]);
        if !well {
            break said;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "kubectl never refuses");
    };
    assert!(theirs.contains("within the past second"), "{theirs}");
    let ours = loop {
        twins.on_ours(&["rollout", "restart"]);
        match twins.plan(Errand::Restart).await {
            Err(refusal) => break refusal,
            Ok(_) => assert!(began.elapsed() < Duration::from_secs(90), "we never refuse"),
        }
    };
    assert!(ours.sentence.contains("was restarted in this very second"), "{}", ours.sentence);
}
