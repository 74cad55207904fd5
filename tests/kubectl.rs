//! Undo and restart of one workload as rules and machines: what is planned, what is refused, what is written, and how it
//! ends when the server does not play along.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use backout::domain::event::Ending;
use backout::domain::workload::{WorkloadKind, WorkloadRef};
use backout::helm::api::Refused;
use backout::helm::plan::{Level, Refusal};
use backout::helm::progress::Progress;
use backout::helm::rollback::Wait;
use backout::kubectl::ask::{Ask, Errand};
use backout::kubectl::execution::Execution;
use backout::kubectl::plan::Plan;
use backout::kubectl::planner::Planner;
use backout::kubectl::standing::{self, Begun};
use serde_json::{Value, json};

#[path = "helm/world.rs"]
#[allow(dead_code, reason = "shared with the tests of helm's engine")]
mod world;
use world::{World, unreachable};

fn template(version: u32) -> Value {
    json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": format!("registry.example/web:{version}")}]},
    })
}

fn deployment(version: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "annotations": {
            "deployment.kubernetes.io/revision": "3", "kubernetes.io/change-cause": "release 3"}},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template(version)},
    })
}

fn set(revision: &str, version: u32, owner: &Value) -> Value {
    let mut template = template(version);
    template["metadata"]["labels"]["pod-template-hash"] = format!("hash{version}").into();
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": format!("web-v{version}"), "labels": {"app": "web"},
            "annotations": {"deployment.kubernetes.io/revision": revision,
                "kubernetes.io/change-cause": format!("release {version}")},
            "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true, "uid": owner}]},
        "spec": {"replicas": 0, "template": template},
    })
}

/// `web` runs version 3; versions 1 and 2 are kept; somebody else's set has the same labels.
fn world(change: impl FnOnce(&mut Value)) -> World {
    let mut world = World::default();
    // Three changes, one after the other: the controller of this world counts them as revisions.
    for version in 1..=2 {
        world.put(&deployment(version), "kubectl");
    }
    let mut object = deployment(3);
    change(&mut object);
    world.put(&object, "kubectl");
    let uid = world.get("deployments", "web").unwrap()["metadata"]["uid"].clone();
    for version in 1..=3 {
        world.put(&set(&version.to_string(), version, &uid), "kube-controller-manager");
    }
    let mut foreign = set("9", 9, &"another".into());
    foreign["metadata"]["name"] = "web-canary".into();
    world.put(&foreign, "kube-controller-manager");
    world
}

fn as_it_is() -> World {
    world(|_| {})
}

fn plan(world: &mut World, errand: Errand) -> Result<Plan, Refusal> {
    let workload = WorkloadRef { kind: WorkloadKind::Deployment, name: "web".into() };
    world.run(&mut Planner::new(Ask { workload, namespace: "prod".into(), context: "lab".into(), errand }))
}

fn undo(to: u64) -> Errand {
    Errand::Undo { to }
}

fn run(world: &mut World, plan: &Plan) -> Ending {
    world.told.clear();
    world.run(&mut Execution::new(plan.clone(), Duration::from_mins(5), Wait::ForReady))
}

fn image(world: &World) -> String {
    let object = world.get("deployments", "web").unwrap();
    object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()
}

#[test]
fn a_status_that_moves_while_the_change_is_tried_is_no_fault_of_the_plan() {
    for errand in [undo(2), Errand::Restart] {
        let mut world = as_it_is();
        world.restless = true;
        let plan = plan(&mut world, errand).unwrap();
        assert!(plan.findings.iter().all(|f| f.level != Level::Block), "{:?}", plan.findings);
    }
}

#[test]
fn an_undo_means_the_revision_that_kubectl_means() {
    let cases = [(0, 2), (1, 1), (2, 2)];
    for (asked, to) in cases {
        let plan = plan(&mut as_it_is(), undo(asked)).unwrap();
        let command = format!("kubectl rollout undo deployment/web --to-revision={to} -n prod --context lab");
        assert_eq!((plan.from, plan.command.as_str()), (Some(3), command.as_str()), "{asked}");
        let moved = plan.images.iter().map(|i| (i.from.as_str(), i.to.as_str())).collect::<Vec<_>>();
        assert_eq!(moved, [("registry.example/web:3", format!("registry.example/web:{to}").as_str())]);
    }
}

#[test]
fn what_kubectl_refuses_is_refused_with_the_next_step() {
    type Case = (Box<dyn FnOnce(&mut Value)>, Errand, &'static str, &'static str);
    let paused = |object: &mut Value| object["spec"]["paused"] = true.into();
    let cases: [Case; 4] = [
        (Box::new(|_| {}), undo(9), "Deployment web keeps no revision 9 (kept: 1, 2, 3)", ""),
        (
            Box::new(|_| {}),
            undo(3),
            "The template of Deployment web is that of revision 3 already: nothing would change",
            "",
        ),
        (
            Box::new(paused),
            undo(1),
            "Deployment web is paused: it cannot be undone until it is resumed",
            "kubectl rollout resume deployment/web -n prod --context lab",
        ),
        (
            Box::new(paused),
            Errand::Restart,
            "Deployment web is paused: it cannot be restarted until it is resumed",
            "kubectl rollout resume deployment/web -n prod --context lab",
        ),
    ];
    for (change, errand, sentence, command) in cases {
        let mut world = world(change);
        let refusal = plan(&mut world, errand).unwrap_err();
        assert_eq!((refusal.sentence.as_str(), refusal.command.as_str()), (sentence, command));
        assert_eq!(world.log, [] as [&str; 0]);
    }
    let mut single = World::default();
    single.put(&deployment(1), "kubectl");
    let refusal = plan(&mut single, undo(0)).unwrap_err();
    assert_eq!(refusal.sentence, "Deployment web has no earlier revision to go back to (none is kept)");
    let refusal = plan(&mut World::default(), undo(0)).unwrap_err();
    assert_eq!(refusal.sentence, "Deployment web is not there (namespace prod)");
}

#[test]
fn an_undo_brings_template_and_annotations_back_and_nothing_else() {
    let mut world = as_it_is();
    let plan = plan(&mut world, undo(1)).unwrap();
    let ending = run(&mut world, &plan);
    let what = "Deployment web back on its revision 1 (web:1), every pod new and ready".to_owned();
    assert_eq!(ending, Ending::Seen { what });
    let object = world.get("deployments", "web").unwrap();
    assert_eq!(object["spec"]["template"], template(1), "without the hash of the ReplicaSet");
    let wanted = json!({"deployment.kubernetes.io/revision": "4", "kubernetes.io/change-cause": "release 1"});
    assert_eq!((&object["metadata"]["annotations"], &object["spec"]["replicas"]), (&wanted, &json!(2)));
    assert_eq!(world.log, ["PATCH deployments web"]);
}

#[test]
fn a_restart_marks_the_template_with_the_time_of_its_plan() {
    let mut world = as_it_is();
    let plan = plan(&mut world, Errand::Restart).unwrap();
    assert_eq!(plan.images, []);
    assert!(matches!(run(&mut world, &plan), Ending::Seen { what } if what.starts_with("Deployment web restarted")));
    let object = world.get("deployments", "web").unwrap();
    let mark = &object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"];
    assert!(mark.as_str().unwrap().starts_with("2025-12-01T04:3"), "{mark}");
    assert_eq!(image(&world), "registry.example/web:3");
}

#[test]
fn a_second_restart_in_the_same_second_is_refused() {
    let mark = |o: &mut Value, at: &str| {
        o["spec"]["template"]["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/restartedAt": at});
    };
    // As kubectl writes it: in the time zone of whoever restarted.
    let zone = chrono::FixedOffset::east_opt(7200).unwrap();
    let at = |seconds| (world::now() + chrono::TimeDelta::seconds(seconds)).with_timezone(&zone).to_rfc3339();
    // This world's clock moves with every answer; of these seconds one is that of the plan.
    let plans = (0..12).filter_map(|second| plan(&mut world(|o| mark(o, &at(second))), Errand::Restart).err());
    let said: Vec<String> = plans.map(|refusal| refusal.sentence).collect();
    assert_eq!(said, ["Deployment web was restarted in this very second: its pods are being replaced"]);
}

#[test]
fn a_workload_that_was_changed_since_is_not_written() {
    let changes: [fn(&mut Value); 3] = [
        |o| o["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/web:4".into(),
        |o| o["metadata"]["annotations"]["note"] = "mine".into(),
        |o| o["spec"]["paused"] = true.into(),
    ];
    for change in changes {
        let mut world = as_it_is();
        let plan = plan(&mut world, undo(1)).unwrap();
        let mut object = world.get("deployments", "web").unwrap().clone();
        change(&mut object);
        world.put(&object, "somebody");
        let before = image(&world);
        let ending = run(&mut world, &plan);
        assert!(matches!(&ending, Ending::Void { why } if why.contains("changed by somebody else")), "{ending:?}");
        assert_eq!((image(&world), world.log.len()), (before, 0));
    }
}

#[test]
fn a_status_that_moves_between_reading_and_writing_does_not_void_a_plan() {
    let mut world = as_it_is();
    let plan = plan(&mut world, undo(1)).unwrap();
    let conflict = Refused::Conflict { message: "the object has been modified".into(), fields: Vec::new() };
    world.faults.push(("PATCH", "web", conflict));
    assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }));
    assert_eq!(image(&world), "registry.example/web:1");
}

#[test]
fn how_it_ends_is_told_as_it_is() {
    let mut world = as_it_is();
    let plan = plan(&mut world, undo(1)).unwrap();
    // Written, but the answer got lost: the object shows it.
    world.lost = Some(("PATCH", "web"));
    assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }), "{:?}", world.log);

    let mut world = as_it_is();
    let plan = plan_of(&mut world);
    world.faults.push(("PATCH", "web", unreachable()));
    let ending = run(&mut world, &plan);
    assert!(matches!(&ending, Ending::Unknown { why } if why.contains("may still arrive")), "{ending:?}");

    let mut world = as_it_is();
    let plan = plan_of(&mut world);
    world.faults.push(("PATCH", "web", Refused::Invalid("no such registry".into())));
    let ending = run(&mut world, &plan);
    let why = "Deployment web: no such registry. It runs what it ran before".to_owned();
    assert_eq!(ending, Ending::Failed { why });

    let mut world = as_it_is();
    world.broken.push("registry.example/web:1");
    let plan = plan_of(&mut world);
    let ending = run(&mut world, &plan);
    assert!(matches!(&ending, Ending::Unseen { what } if what.contains("web 0 of 2 ready")), "{ending:?}");
    assert!(!world.told.contains(&Progress::Ready));
}

fn plan_of(world: &mut World) -> Plan {
    plan(world, undo(1)).unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_there_is_to_know_stands_in_the_plan() {
    type Case = (fn(&mut Value), Errand, Level, &'static str);
    let cases: [Case; 9] = [
        (
            |o| o["spec"]["strategy"] = json!({"type": "Recreate"}),
            undo(1),
            Level::Warn,
            "it is down until its new pods run",
        ),
        (
            |o| {
                o["spec"]["replicas"] = 1.into();
                o["spec"]["strategy"] = json!({"rollingUpdate": {"maxUnavailable": 1}});
            },
            Errand::Restart,
            Level::Warn,
            "has one pod, and it goes before its successor is ready",
        ),
        (|o| o["spec"]["replicas"] = 0.into(), undo(1), Level::Warn, "wants no pods"),
        (
            |o| o["metadata"]["annotations"]["meta.helm.sh/release-name"] = "shop".into(),
            undo(1),
            Level::Warn,
            "Helm release shop owns it and will not know",
        ),
        (
            |o| o["metadata"]["annotations"]["meta.helm.sh/release-name"] = "shop".into(),
            undo(1),
            Level::Confirm,
            "Helm's own annotations go",
        ),
        (
            |o| o["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "shop:apps/Deployment:prod/web".into(),
            undo(1),
            Level::Confirm,
            "Argo CD (shop) manages it: it will put back what this undo changes",
        ),
        (
            |o| o["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] = "apps".into(),
            Errand::Restart,
            Level::Warn,
            "Flux (apps) manages it",
        ),
        (
            |o| o["metadata"]["annotations"]["note"] = "x".into(),
            undo(1),
            Level::Warn,
            "did not have go, as with kubectl: note",
        ),
        (
            |o| o["spec"]["template"]["spec"]["containers"][0]["envFrom"] = json!([{"configMapRef": {"name": "conf"}}]),
            Errand::Restart,
            Level::Info,
            "ConfigMap conf read anew by every pod",
        ),
    ];
    for (change, errand, level, words) in cases {
        let plan = plan(&mut world(change), errand).unwrap();
        let said = plan.findings.iter().any(|f| f.level == level && f.sentence.contains(words));
        assert!(said, "{words}: {:#?}", plan.findings);
    }
    assert_eq!(plan_of(&mut as_it_is()).findings, [], "nothing to know, nothing said");
}

#[test]
fn a_right_that_is_missing_a_refusing_server_and_a_budget_are_found_before_the_datum() {
    let mut world = as_it_is();
    world.denied.push("patch");
    assert!(plan_of(&mut world).blocked().is_some_and(|f| f.sentence.contains("You may not patch")));
    let mut world = as_it_is();
    world.faults.push(("PATCH", "web", Refused::Invalid("denied by policy".into())));
    assert!(plan_of(&mut world).blocked().is_some_and(|f| f.sentence.contains("denied by policy")));
    let mut world = world_with_budget();
    let findings = plan_of(&mut world).findings;
    let word = "Budget keep wants 2 pods up; a rollout does not heed it and may leave 1";
    assert!(findings.iter().any(|f| f.sentence == word), "{findings:#?}");
}

fn world_with_budget() -> World {
    let mut world = world(|o| o["spec"]["strategy"] = json!({"rollingUpdate": {"maxUnavailable": 1}}));
    let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "keep"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}});
    world.put(&budget, "kubectl");
    world
}

#[test]
fn the_same_world_gives_the_same_plan_and_another_revision_another_hash() {
    let plan = |to| plan(&mut as_it_is(), undo(to)).unwrap();
    assert_eq!(plan(1), plan(1));
    assert_ne!(plan(1).hash, plan(2).hash);
    assert_eq!(plan(0), plan(2), "0 is made a number before anything is planned");
}

#[test]
fn where_an_act_stands_after_a_crash_is_read_from_the_workload() {
    let web = WorkloadRef { kind: WorkloadKind::Deployment, name: "web".into() };
    let stands = |world: &World, begun: &Begun| {
        let sets: Vec<Value> =
            (1..=3).map(|v| world.get("replicasets", &format!("web-v{v}")).unwrap().clone()).collect();
        standing::sentence(&web, begun, world.get("deployments", "web").unwrap(), &sets)
    };
    let begun = |keeper: &str| Begun::Undo { to: 1, keeper: keeper.into() };
    let mut world = as_it_is();
    assert_eq!(
        stands(&world, &begun("web-v1")),
        "Deployment web does not run revision 1: the undo was never written, or somebody went on since. Plan it again \
         if it is wanted."
    );
    assert!(stands(&world, &begun("web-v0")).contains("no longer kept"));
    let never = stands(&world, &Begun::Restart { at: "2025-12-01T04:30:00Z".into() });
    assert_eq!(never, "The restart of Deployment web was never written. Plan it again if it is wanted.");
    let plan = plan_of(&mut world);
    run(&mut world, &plan);
    assert_eq!(
        stands(&world, &begun("web-v1")),
        "The undo of Deployment web to revision 1 was written; its rollout is done."
    );
}
