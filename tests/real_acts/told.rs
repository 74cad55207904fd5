//! What is told of a workload against what kubectl tells: its history, what pausing means, a restart that comes twice.
//!
//! Never: our words against kubectl's; what is compared are numbers and reasons.

use std::time::{Duration, Instant};

use backout::act::workload;
use backout::domain::name::{Namespace, Service};
use backout::domain::workload::{WorkloadKind, WorkloadRef};
use backout::kubectl::ask::Errand;

use crate::{Twins, floor, kubectl};

impl Twins {
    /// kubectl on our twin.
    fn on_ours(&self, arguments: &[&str]) -> (bool, String) {
        let typed = self.typed();
        kubectl(&[arguments, &[typed.as_str(), "-n", &self.names[1]]].concat())
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
