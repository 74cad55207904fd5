//! What an operator chooses about a rollback: each choice changes the plan, its hash, and what is done; none is made by
//! itself.

#[path = "helm/world.rs"]
mod world;

use backout::domain::name::Revision;
use backout::domain::release::Status::{Deployed, Failed, PendingRollback, Superseded};
use backout::helm::api::Refused;
use backout::helm::ask::Ask;
use backout::helm::choices::{Apply, Choices, Forced, Hooks, Manner, Replicas, Wait};
use backout::helm::plan::{Change, Finding, Level, Method, Plan};
use backout::helm::progress::Outcome;
use serde_json::{Value, json};
use world::{Row, World, ask, shop};

fn web(tag: &str, replicas: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  {replicas}\n  template:\n    \
         spec:\n      containers:\n      - {{name: app, image: 'r/web:{tag}'}}\n"
    )
}

fn config(name: &str, value: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{k: '{value}'}}\n")
}

fn release(old: &str, new: &str, hooks: Vec<Value>, method: Option<Method>) -> World {
    let rows: [Row<'_>; 2] =
        [(Superseded, "Install complete", old, hooks), (Deployed, "Upgrade complete", new, vec![])];
    shop(&rows, method)
}

fn scaled(world: &mut World, replicas: u32) {
    let mut live = world.get("deployments", "web").expect("it is live").clone();
    live["spec"]["replicas"] = replicas.into();
    world.put(&live, "kubectl");
}

fn with(choices: Choices) -> Ask {
    Ask { choices, ..ask(1) }
}

fn said<'a>(plan: &'a Plan, text: &str) -> Option<&'a Finding> {
    plan.findings.iter().find(|f| f.sentence.contains(text))
}

#[test]
fn the_live_number_of_pods_is_kept_only_where_it_was_chosen() {
    let both = [("replicas: 2", None), ("replicas: 2", Some(Method::Ssa)), ("minReadySeconds: 0", None)];
    for (target, method) in both {
        let mut world = release(&web("1", target), &web("2", "replicas: 2"), vec![], method);
        scaled(&mut world, 7);
        let choices = Choices { replicas: Replicas::AsLive, ..Choices::default() };
        let kept = world.plan_as(with(choices)).unwrap();
        let plain = world.plan(1).unwrap();
        assert_ne!(kept.hash, plain.hash);
        let path = |p: &Plan| p.operations[0].fields.iter().any(|f| f.path == ".spec.replicas");
        if method.is_none() {
            assert_eq!((path(&plain), path(&kept)), (true, false), "{target}");
        }
        assert_eq!(said(&kept, "The live numbers of pods are kept").map(|f| f.level), Some(Level::Info));
        assert_eq!(world.execute(kept), Outcome::SeenReady { revision: Revision(3) });
        let live = world.get("deployments", "web").unwrap();
        assert_eq!(live["spec"]["replicas"], 7);
        assert_eq!(live["spec"]["template"]["spec"]["containers"][0]["image"], "r/web:1");
    }
}

#[test]
fn a_conflict_is_forced_only_on_the_object_that_was_named() {
    let manifests = [config("a", "1"), config("b", "1")].concat();
    let next = [config("a", "2"), config("b", "2")].concat();
    let mut world = release(&manifests, &next, vec![], Some(Method::Ssa));
    for name in ["a", "b"] {
        let mut live = world.get("configmaps", name).unwrap().clone();
        live["data"]["k"] = "mine".into();
        world.put(&live, "kubectl");
    }
    let forced = |names: &[&str]| {
        let force = names.iter().filter_map(|n| Forced::read(&format!("ConfigMap/{n}"))).collect();
        with(Choices { force, ..Choices::default() })
    };
    let plain = world.plan(1).unwrap();
    assert_eq!(plain.conflicts, [Forced::read("configmap/a").unwrap(), Forced::read("configmap/b").unwrap()]);
    let one = world.plan_as(forced(&["a"])).unwrap();
    assert_eq!(one.conflicts, [Forced::read("configmap/b").unwrap()]);
    assert!(one.blocked().is_some_and(|f| f.sentence.contains("ConfigMap prod/b: others manage fields")), "{one:#?}");
    let strange = world.plan_as(forced(&["a", "b", "c"])).unwrap();
    assert!(strange.blocked().is_some_and(|f| f.sentence.contains("no such object")), "{strange:#?}");
    let both = world.plan_as(forced(&["a", "b"])).unwrap();
    assert_eq!(both.blocked(), None);
    assert_eq!(said(&both, "fields that others manage are taken over").map(|f| f.level), Some(Level::Confirm));
    assert!(both.command.ends_with(" --force-conflicts"), "{}", both.command);
    world.execute(both);
    assert_eq!(world.get("configmaps", "a").unwrap()["data"]["k"], "1");
}

fn hook() -> Value {
    let manifest = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec: {template: {spec: {containers: \
        [{name: m, image: 'm:1'}]}}}\n";
    json!({"name": "migrate", "kind": "Job", "path": "shop/migrate.yaml", "manifest": manifest,
        "events": ["pre-rollback"], "weight": 0})
}

#[test]
fn without_hooks_none_runs_and_the_plan_says_so() {
    let mut world = release(&config("a", "1"), &config("a", "2"), vec![hook()], None);
    let plan = world.plan_as(with(Choices { hooks: Hooks::Skip, ..Choices::default() })).unwrap();
    assert_eq!(plan.hooks.iter().map(|h| h.runs).collect::<Vec<_>>(), [false]);
    assert_eq!(said(&plan, "does not run, as was chosen").map(|f| f.level), Some(Level::Warn));
    assert!(plan.command.ends_with("--wait --timeout 5m --no-hooks"), "{}", plan.command);
    assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) });
    assert!(world.get("jobs", "migrate").is_none());
}

#[test]
fn a_release_of_helm_3_is_applied_by_the_server_only_where_that_was_chosen() {
    let chosen = [(Apply::AsTarget, Method::Csa, ""), (Apply::ServerSide, Method::Ssa, " --server-side=true")];
    for (apply, method, option) in chosen {
        let mut world = release(&config("a", "1"), &config("a", "2"), vec![], None);
        let plan = world.plan_as(with(Choices { apply, ..Choices::default() })).unwrap();
        assert_eq!((plan.method, plan.command.ends_with(&format!("--timeout 5m{option}"))), (method, true));
        assert_eq!(said(&plan, "applied by the server, as was chosen").is_some(), method == Method::Ssa);
        world.execute(plan);
        let entries = world.get("configmaps", "a").unwrap()["metadata"]["managedFields"].to_string();
        assert_eq!(entries.contains("\"Apply\""), method == Method::Ssa, "{entries}");
    }
    let mut world = release(&config("a", "1"), &config("a", "2"), vec![], Some(Method::Ssa));
    let apply = Apply::ClientSide;
    assert_eq!(world.plan_as(with(Choices { apply, ..Choices::default() })).unwrap().method, Method::Csa);
}

#[test]
fn a_plan_that_is_not_waited_for_stands_for_a_command_that_does_not_wait() {
    let mut world = release(&config("a", "1"), &config("a", "2"), vec![], None);
    let plan = world.plan_as(Ask { wait: Wait::Not, ..ask(1) }).unwrap();
    assert_eq!(plan.command, "helm rollback shop 1 -n prod --kube-context lab --history-max 0 --timeout 5m");
}

#[test]
fn as_helm_to_the_letter_a_failed_hook_leaves_a_pending_record_and_a_failed_update_rewrites_the_last_one() {
    let exact = || with(Choices { manner: Manner::Exact, ..Choices::default() });
    let mut world = release(&config("a", "1"), &config("a", "2"), vec![hook()], None);
    world.broken.push("m:1");
    let plan = world.plan_as(exact()).unwrap();
    let outcome = world.execute(plan);
    assert!(matches!(&outcome, Outcome::Failed { why, .. } if why.contains("says pending-rollback")), "{outcome:?}");
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Deployed), (3, PendingRollback)]);

    let (old, new) = (config("a", "1"), config("a", "2"));
    let rows: [Row<'_>; 2] = [(Superseded, "Install complete", &old, vec![]), (Failed, "Upgrade failed", &new, vec![])];
    let mut world = shop(&rows, None);
    let plan = world.plan_as(exact()).unwrap();
    world.faults.push(("PATCH", "a", Refused::Invalid("no".into())));
    world.execute(plan);
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Superseded), (3, Failed)]);
}

#[test]
fn as_helm_to_the_letter_what_the_server_will_refuse_is_tried_all_the_same() {
    let mut world = release(&config("a", "1"), &config("a", "2"), vec![], Some(Method::Ssa));
    let mut live = world.get("configmaps", "a").unwrap().clone();
    live["data"]["k"] = "mine".into();
    world.put(&live, "kubectl");
    let plan = world.plan_as(with(Choices { manner: Manner::Exact, ..Choices::default() })).unwrap();
    assert_eq!((plan.blocked(), plan.of(Change::Update).count()), (None, 1));
    assert!(matches!(world.execute(plan), Outcome::Failed { .. }));
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Superseded), (3, Failed)]);
}
