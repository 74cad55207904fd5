//! Objects as the API server tells them, and the rows an operator reads of them.

use backout::domain::fact::{Aside, Fact, PodNews, Source, WorkloadNews};
use backout::domain::fault::Fault;
use backout::domain::moment::Moment;
use backout::domain::workload::{
    ContainerRow, Exit, Pod, PodState, Restarts, Rollout, Warning, Workload, WorkloadKind,
};
use futures::StreamExt;
use serde_json::{Value, json};

use super::server::{Reply, list, status, world};

/// The first fact that `pick` takes, of a namespace where `plural` has these objects.
async fn told<T>(plural: &'static str, items: Vec<Value>, mut pick: impl FnMut(Fact) -> Option<T>) -> T {
    let world = world(move |asked| {
        if asked.path.contains("watch=true") {
            return Reply::Stream(vec![]);
        }
        let mine = asked.path.contains(&format!("/{plural}?"));
        Reply::Json(200, list("7", "", if mine { &items } else { &[] }))
    })
    .await;
    let mut facts = world.cluster.facts();
    loop {
        if let Some(found) = pick(facts.next().await.expect("facts never end")) {
            return found;
        }
    }
}

async fn pods(items: Vec<Value>) -> Vec<Pod> {
    told("pods", items, |fact| match fact {
        Fact::Pods(PodNews::Page(rows)) => Some(rows),
        _ => None,
    })
    .await
}

fn at(s: &str) -> Moment {
    chrono::DateTime::parse_from_rfc3339(s).unwrap().to_utc()
}

#[tokio::test]
async fn a_pod_becomes_a_row_with_its_service_and_its_crash() {
    let raw = json!({
        "metadata": {
            "name": "order-service-579b56455f-m8lnb", "namespace": "prod", "uid": "u", "resourceVersion": "5",
            "creationTimestamp": "2020-01-01T00:00:00Z", "managedFields": [{"manager": "x", "fieldsV1": {"f:a": {}}}],
            "labels": {"app": "order-service", "pod-template-hash": "579b56455f"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "order-service-579b56455f", "controller": true}],
        },
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "r/order-service:2.4.0"}]},
        "status": {"phase": "Running", "containerStatuses": [{
            "name": "app", "ready": false, "restartCount": 9, "image": "sha256:x",
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
            "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2020-01-02T00:00:00Z"}},
        }]},
    });
    let exit = Exit { code: 137, reason: "OOMKilled".into(), at: at("2020-01-02T00:00:00Z") };
    let wanted = Pod {
        name: "order-service-579b56455f-m8lnb".into(),
        service: Some("order-service".into()),
        state: PodState::Failing("CrashLoopBackOff".into()),
        containers: vec![ContainerRow {
            name: "app".into(),
            image: "r/order-service:2.4.0".into(),
            ready: false,
            restarts: 9,
            state: "CrashLoopBackOff".into(),
            last_exit: Some(exit),
        }],
        restarts: Restarts::Exactly(0),
        created: at("2020-01-01T00:00:00Z"),
        node: "node-1".into(),
        template: "579b56455f".into(),
        sizes: backout::domain::usage::Sizes::default(),
    };
    assert_eq!(pods(vec![raw]).await, vec![wanted]);
}

/// A pod with one container in this state.
fn with(phase: &str, state: &Value) -> Value {
    let running = state.get("running").is_some();
    json!({
        "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "i"}]},
        "status": {"phase": phase, "containerStatuses": [{"name": "a", "ready": running, "state": state}]},
    })
}

fn initialising(statuses: &Value) -> Value {
    let init = json!([{"name": "i1", "image": "x"}, {"name": "i2", "image": "y"}]);
    let containers = json!([{"name": "a", "image": "i"}]);
    json!({
        "metadata": {"name": "p"}, "spec": {"containers": containers, "initContainers": init},
        "status": {"phase": "Pending", "initContainerStatuses": statuses},
    })
}

#[tokio::test]
async fn the_state_of_a_pod_is_kubectls_word_sorted_by_what_it_means() {
    let failing = |word: &str| PodState::Failing(word.into());
    let starting = |word: &str| PodState::Starting(word.into());
    let waiting = |reason: &str| json!({"waiting": {"reason": reason}});
    let ended = |code: i32, reason: &str| json!({"terminated": {"exitCode": code, "reason": reason}});
    let status = |status: Value| json!({"metadata": {"name": "p"}, "spec": {}, "status": status});
    let unscheduled = json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]);
    let done = json!({"name": "i1", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}});
    let mut leaving = with("Running", &json!({"running": {}}));
    leaving["metadata"]["deletionTimestamp"] = json!("2020-01-01T00:00:00Z");
    let mut lost = leaving.clone();
    lost["status"]["reason"] = json!("NodeLost");
    let cases = vec![
        (with("Running", &json!({"running": {"startedAt": "2020-01-01T00:00:00Z"}})), PodState::Running),
        (with("Pending", &waiting("ContainerCreating")), starting("ContainerCreating")),
        (with("Pending", &waiting("ImagePullBackOff")), failing("ImagePullBackOff")),
        (with("Pending", &waiting("CreateContainerConfigError")), failing("CreateContainerConfigError")),
        (with("Running", &waiting("CrashLoopBackOff")), failing("CrashLoopBackOff")),
        (with("Running", &ended(1, "Error")), failing("Error")),
        (with("Running", &ended(2, "")), failing("ExitCode:2")),
        (with("Succeeded", &ended(0, "Completed")), PodState::Completed),
        (status(json!({"phase": "Failed", "reason": "Evicted"})), failing("Evicted")),
        (status(json!({"phase": "Pending"})), starting("Pending")),
        (status(json!({"phase": "Pending", "conditions": unscheduled})), starting("Unschedulable")),
        (initialising(&json!([done, {"name": "i2", "state": {"running": {}}}])), starting("Init:1/2")),
        (
            initialising(&json!([{"name": "i1", "state": waiting("CrashLoopBackOff")}])),
            failing("Init:CrashLoopBackOff"),
        ),
        (initialising(&json!([{"name": "i1", "state": ended(3, "Error")}])), failing("Init:Error")),
        (leaving, PodState::Terminating),
        (lost, failing("Unknown")),
        (status(json!({"phase": "Pending\u{1b}[2J"})), starting("Pending")),
    ];
    for (raw, wanted) in cases {
        let rows = pods(vec![raw.clone()]).await;
        assert_eq!(rows.first().map(|p| &p.state), Some(&wanted), "{raw:#}");
    }
}

#[tokio::test]
async fn a_pods_service_is_its_workload() {
    let owned = |kind: &str, name: &str, labels: Value| {
        let owner = json!([{"kind": kind, "name": name, "controller": true}]);
        json!({"metadata": {"name": "p", "labels": labels, "ownerReferences": owner}, "spec": {}, "status": {}})
    };
    let cases = [
        (owned("ReplicaSet", "web-abc", json!({"pod-template-hash": "abc"})), Some("web")),
        (owned("ReplicaSet", "web-abc", json!({"rollouts-pod-template-hash": "abc"})), Some("web")),
        (owned("ReplicaSet", "by-hand", json!({})), Some("by-hand")),
        (owned("StatefulSet", "db", json!({"controller-revision-hash": "db-1"})), Some("db")),
        (owned("DaemonSet", "agent", json!({})), Some("agent")),
        (owned("Node", "node-1", json!({})), None),
        (json!({"metadata": {"name": "bare"}, "spec": {}, "status": {}}), None),
    ];
    for (raw, wanted) in cases {
        let rows = pods(vec![raw.clone()]).await;
        let service = rows.first().and_then(|p| p.service.as_ref()).map(|s| s.as_str().to_owned());
        assert_eq!(service.as_deref(), wanted, "{raw:#}");
    }
}

async fn workloads(plural: &'static str, kind: WorkloadKind, raw: Value) -> Workload {
    told(plural, vec![raw], |fact| match fact {
        Fact::Workloads(WorkloadNews::All(k, rows)) if k == kind => rows.into_iter().next(),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_deployment_becomes_a_row_with_its_release_and_its_gitops_owner() {
    let raw = json!({
        "metadata": {
            "name": "order-service", "generation": 4,
            "annotations": {
                "deployment.kubernetes.io/revision": "3", "meta.helm.sh/release-name": "shop",
                "argocd.argoproj.io/tracking-id": "shop-prod:apps/Deployment:prod/order-service",
            },
        },
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"image": "r/o:1"}, {"image": "r/side:2"}]}}},
        "status": {"observedGeneration": 4, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2},
    });
    let wanted = Workload {
        kind: WorkloadKind::Deployment,
        name: "order-service".into(),
        desired: 2,
        updated: 2,
        ready: 2,
        available: 2,
        images: vec!["r/o:1".into(), "r/side:2".into()],
        rollout: Rollout::Done,
        revision: 3,
        release: Some("shop".into()),
        autoscaled: None,
        gitops: Some("Argo CD app shop-prod".into()),
    };
    assert_eq!(workloads("deployments", WorkloadKind::Deployment, raw).await, wanted);
}

#[tokio::test]
async fn a_rollout_is_judged_as_kubectl_rollout_status_judges_it() {
    let going = |s: &str| Rollout::Going(s.into());
    let deployment = |spec: Value, status: Value| ("deployments", WorkloadKind::Deployment, spec, status);
    let set = |spec: Value, status: Value| ("statefulsets", WorkloadKind::StatefulSet, spec, status);
    let daemons = |spec: Value, status: Value| ("daemonsets", WorkloadKind::DaemonSet, spec, status);
    let late = json!([{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "has timed out"}]);
    let on_delete = json!({"replicas": 2, "updateStrategy": {"type": "OnDelete"}});
    let partition = json!({"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}});
    let revisions = |updated: u32, current: &str| {
        json!({"observedGeneration": 2, "readyReplicas": 2, "updatedReplicas": updated,
            "currentRevision": current, "updateRevision": "b"})
    };
    let by_hand = "1 of 2 updated; strategy OnDelete waits for the old pods' deletion";
    let cases = [
        (deployment(json!({"replicas": 2}), json!({"observedGeneration": 1})), going("the change is not seen yet")),
        (deployment(json!({"replicas": 2, "paused": true}), json!({"observedGeneration": 2})), Rollout::Paused),
        (
            deployment(json!({"replicas": 2}), json!({"observedGeneration": 2, "conditions": late})),
            Rollout::Stuck("progress deadline exceeded: has timed out".into()),
        ),
        (
            deployment(json!({"replicas": 2}), json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1})),
            going("1 of 2 updated"),
        ),
        (
            deployment(json!({"replicas": 2}), json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 2})),
            going("1 old to end"),
        ),
        (
            deployment(
                json!({"replicas": 2}),
                json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 1}),
            ),
            going("1 of 2 available"),
        ),
        (deployment(json!({"replicas": 0}), json!({"observedGeneration": 2})), Rollout::Done),
        (set(json!({"replicas": 3}), revisions(0, "a")), going("2 of 3 ready")),
        (set(json!({"replicas": 2}), revisions(1, "a")), going("1 of 2 updated")),
        (set(json!({"replicas": 2}), revisions(2, "b")), Rollout::Done),
        (set(on_delete, revisions(1, "a")), Rollout::Stuck(by_hand.into())),
        (set(partition, json!({"observedGeneration": 2, "readyReplicas": 3})), going("0 of 1 updated (partition 2)")),
        (
            daemons(
                json!({}),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 1}),
            ),
            going("1 of 3 updated"),
        ),
        (
            daemons(
                json!({}),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3,
                    "numberAvailable": 2}),
            ),
            going("2 of 3 available"),
        ),
    ];
    for ((plural, kind, spec, status), wanted) in cases {
        let raw = json!({"metadata": {"name": "w", "generation": 2}, "spec": spec, "status": status});
        assert_eq!(workloads(plural, kind, raw.clone()).await.rollout, wanted, "{raw:#}");
    }
}

#[tokio::test]
async fn events_of_one_object_and_reason_are_folded() {
    let event = |name: &str, count: u32, at: &str, message: &str| {
        json!({
            "metadata": {"name": name}, "involvedObject": {"kind": "Pod", "name": "web-1"}, "reason": "BackOff",
            "message": message, "count": count, "lastTimestamp": at,
        })
    };
    let items = vec![
        event("e1", 3, "2026-01-01T00:00:02Z", "new\u{1b}[31m one"),
        event("e2", 4, "2026-01-01T00:00:01Z", "old one"),
    ];
    let warning = told("events", items, |fact| match fact {
        Fact::Warned(warning) => Some(warning),
        _ => None,
    })
    .await;
    let wanted = Warning {
        kind: "Pod".into(),
        object: "web-1".into(),
        reason: "BackOff".into(),
        message: "new one".into(),
        count: 7,
        at: at("2026-01-01T00:00:02Z"),
    };
    assert_eq!(warning, wanted);
}

#[tokio::test]
async fn an_autoscaler_that_comes_later_changes_its_workloads_row() {
    let world = world(|asked| {
        let of = |plural: &str| asked.path.contains(&format!("/{plural}?"));
        let deployments = [json!({"metadata": {"name": "web"}, "spec": {"replicas": 0}, "status": {}})];
        if !asked.path.contains("watch=true") {
            return Reply::Json(200, list("7", "", if of("deployments") { &deployments[..] } else { &[] }));
        }
        let target = json!({"kind": "Deployment", "name": "web"});
        let scaler = json!({"metadata": {"name": "web"}, "spec": {"scaleTargetRef": target, "maxReplicas": 6}});
        let event = json!({"type": "ADDED", "object": scaler});
        Reply::Stream(if of("horizontalpodautoscalers") { vec![event] } else { vec![] })
    })
    .await;
    let mut facts = world.cluster.facts();
    let bounds = async {
        loop {
            let rows = match facts.next().await.expect("facts never end") {
                Fact::Workloads(WorkloadNews::Changed(row)) => vec![*row],
                Fact::Workloads(WorkloadNews::All(_, rows)) => rows,
                _ => vec![],
            };
            if let Some(bounds) = rows.iter().find_map(|row| row.autoscaled) {
                return bounds;
            }
        }
    };
    let bounds = tokio::time::timeout(std::time::Duration::from_secs(5), bounds).await;
    assert_eq!(bounds.expect("it is told"), (1, 6));
}

#[tokio::test]
async fn an_autoscaler_that_may_not_be_read_is_told_with_verb_and_resource_and_darkens_nothing() {
    let world = world(|asked| match asked.path.as_str() {
        path if path.contains("/horizontalpodautoscalers?") => status(403, "Forbidden", "no"),
        path if path.contains("watch=true") => Reply::Stream(Vec::new()),
        _ => Reply::Json(200, list("7", "", &[])),
    })
    .await;
    let mut facts = world.cluster.facts();
    let told = async {
        let (mut lacking, mut alive) = (None, false);
        while lacking.is_none() || !alive {
            match facts.next().await.expect("facts never end") {
                Fact::Lacking(Aside::Autoscalers, fault) => lacking = fault,
                Fact::Alive(Source::Workloads) => alive = true,
                Fact::Failing(Source::Workloads, fault) => panic!("{fault:?}"),
                _ => {}
            }
        }
        lacking
    };
    let told = tokio::time::timeout(std::time::Duration::from_secs(5), told).await.expect("it is told");
    let resource = "horizontalpodautoscalers in namespace prod".into();
    assert_eq!(told, Some(Fault::Forbidden { verb: "list".into(), resource }));
}
