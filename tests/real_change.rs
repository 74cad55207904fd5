//! What was changed past Helm, as a real kubectl and a real helm leave it on a real API server (tests/real): the managers
//! that tell of it, and what may not be seen.
//!
//! Run inside the lab's network, as tests/real_live.rs. It makes a namespace of its own.
#![cfg(feature = "real")]
#![expect(clippy::disallowed_methods, reason = "a test runs kubectl")]

use std::path::PathBuf;
use std::process::Command;

use backout::domain::change::{Change, Changes, Deed, Kind};
use backout::domain::fault::Fault;
use backout::domain::name::Namespace;
use backout::live::{Options, open};

const NAMESPACE: &str = "by-hand";

fn kubeconfig(user: &str) -> PathBuf {
    let lab = std::env::var_os("LAB_DIR").expect("LAB_DIR names the lab; run through tests/real/in.sh");
    PathBuf::from(lab).join("kube").join(format!("{user}.yaml"))
}

fn kubectl(line: &str) {
    let mut command = Command::new("kubectl");
    command.env("KUBECONFIG", kubeconfig("admin")).args(line.split_whitespace());
    let output = command.output().expect("the lab has kubectl");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What the controller of an autoscaler writes when it has scaled.
fn rescale() {
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let event = serde_json::json!({
        "apiVersion": "v1", "kind": "Event", "type": "Normal", "reason": "SuccessfulRescale",
        "metadata": {"name": "web.rescaled", "namespace": NAMESPACE},
        "involvedObject": {"kind": "HorizontalPodAutoscaler", "name": "web", "namespace": NAMESPACE},
        "message": "New size: 5; reason: cpu resource utilization above target",
        "firstTimestamp": now, "lastTimestamp": now, "count": 1,
    });
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), event.to_string()).expect("written");
    kubectl(&format!("create -f {}", file.path().display()));
}

async fn changes(user: &str, namespace: &str, minutes: i64) -> Changes {
    let options = Options {
        kubeconfig: Some(kubeconfig(user)),
        namespace: Some(Namespace::new(namespace)),
        ..Options::default()
    };
    let world = open(options).await.expect("the lab is up").1;
    let since = world.clock.now().wall - chrono::Duration::minutes(minutes);
    world.cluster.changes(since).await
}

#[tokio::test]
async fn every_hand_that_wrote_past_helm_is_named_and_controllers_are_not() {
    kubectl(&format!("delete namespace {NAMESPACE} --ignore-not-found"));
    for line in [
        "create namespace by-hand",
        "create deployment web -n by-hand --image=web:1 --replicas=1",
        "create configmap web-config -n by-hand --from-literal=a=1",
        "create secret generic web-token -n by-hand --from-literal=token=very-secret",
        "set image deployment/web -n by-hand web=web:2",
        // The server keeps no time of this one.
        "scale deployment/web -n by-hand --replicas=2",
        "patch configmap web-config -n by-hand --type=merge -p {\"data\":{\"a\":\"2\"}}",
        // The controllers write its status and their annotations.
        "rollout status deployment/web -n by-hand --timeout=60s",
    ] {
        kubectl(line);
    }
    rescale();
    let seen = changes("admin", NAMESPACE, 30).await;
    assert!(seen.unseen.is_empty(), "{seen:?}");
    let newest_first = seen.all.is_sorted_by_key(|c| std::cmp::Reverse(c.at));
    assert!(newest_first && seen.all.iter().all(|c| !c.to_string().contains("very-secret")), "{seen:?}");
    let mut told: Vec<(String, Deed)> =
        seen.all.iter().map(|Change { object, by, deed, .. }| (format!("{object} by {by}"), *deed)).collect();
    told.sort();
    let wanted = [
        ("ConfigMap web-config by kubectl-create", Deed::Written),
        ("ConfigMap web-config by kubectl-patch", Deed::Written),
        ("Deployment web by kubectl-create", Deed::Written),
        ("Deployment web by kubectl-set", Deed::Written),
        ("HorizontalPodAutoscaler web by New size: 5; reason: cpu resource utilization above target", Deed::Scaled),
        ("Secret web-token by kubectl-create", Deed::Written),
    ];
    let wanted = wanted.map(|(what, deed)| (what.to_owned(), deed));
    assert_eq!(told, wanted);
    let later = changes("admin", NAMESPACE, -1).await;
    assert_eq!(later, Changes::default(), "nothing is from the future");
    kubectl(&format!("delete namespace {NAMESPACE} --wait=false"));
}

#[tokio::test]
async fn helms_own_writes_are_told_by_its_history_alone() {
    let seen = changes("admin", "prod4", 24 * 60).await;
    let helms = |c: &&Change| c.by == "helm" || c.object.name.starts_with("sh.helm.release");
    assert_eq!(seen.all.iter().find(helms), None, "{seen:?}");
}

#[tokio::test]
async fn what_may_not_be_listed_is_said_kind_by_kind() {
    let seen = changes("narrow", "prod", 30).await;
    let forbidden = |kind: Kind| Fault::Forbidden {
        verb: "list".into(),
        resource: format!("{} in namespace prod", kind.place().1),
    };
    assert_eq!(seen.unseen, Kind::ALL.map(|kind| (kind, forbidden(kind))).into());
    assert_eq!(seen.all, []);
}
