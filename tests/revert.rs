//! A ConfigMap or Secret put back, as rules and machines: what is written, who is restarted, what is refused, and that an
//! act killed at any instant is finished by the next one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::time::Duration;

use backout::domain::change::{Kind, Object};
use backout::domain::event::Ending;
use backout::domain::name::Revision;
use backout::domain::release::Status;
use backout::helm::choices::Wait;
use backout::helm::engine::{Engine, Input, Request};
use backout::helm::ownership;
use backout::helm::plan::{Level, Method, Refusal};
use backout::kubectl::change::mark;
use backout::revert::ask::Ask;
use backout::revert::execution::Execution;
use backout::revert::plan::{Plan, Write};
use backout::revert::planner::Planner;
use serde_json::{Value, json};

#[path = "helm/world.rs"]
#[allow(dead_code, reason = "shared with the tests of helm's engine")]
mod world;
use world::{World, unreachable};

/// A ConfigMap, a Secret, and who reads them: `web` and `jobs` the ConfigMap, `jobs` the Secret; `batch` has no pods.
fn manifest(url: &str) -> String {
    let reads = |name: &str, replicas: u32, spec: &Value| {
        let mut spec = spec.clone();
        spec["containers"][0]["name"] = name.into();
        spec["containers"][0]["image"] = format!("registry.example/{name}:1").into();
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec}}})
    };
    let env = json!({"containers": [{"envFrom": [{"configMapRef": {"name": "conf"}}]}]});
    let files = json!({"volumes": [{"name": "v", "configMap": {"name": "conf"}}, {"name": "k", "secret": {"secretName": "keys"}}],
        "containers": [{"volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "k", "mountPath": "/b"}]}]});
    let all = [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"URL": url, "LEVEL": "info"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"key": format!("s3cret-{url}")}}),
        reads("web", 2, &env),
        reads("jobs", 1, &files),
        reads("batch", 0, &env),
        reads("other", 1, &json!({"containers": [{}]})),
    ];
    all.map(|o| format!("---\n{o}\n")).concat()
}

/// Revision 1 says `old`, revision 2, which is live, says `good`.
fn shop(method: Option<Method>) -> World {
    let rows = [
        (Status::Superseded, "Install complete", manifest("old")),
        (Status::Deployed, "Upgrade complete", manifest("good")),
    ];
    let rows: Vec<world::Row<'_>> = rows.iter().map(|(s, d, m)| (*s, *d, m.as_str(), Vec::new())).collect();
    let mut world = world::shop(&rows, method);
    world.log.clear();
    world
}

/// Somebody edits the ConfigMap past Helm.
fn edited(world: &mut World) {
    let mut conf = world.get("configmaps", "conf").unwrap().clone();
    conf["data"] = json!({"URL": "bad", "MORE": "x"});
    world.put(&conf, "kubectl-edit");
}

fn named(kind: Kind, name: &str) -> Object {
    Object { kind, name: name.into() }
}

fn asked(object: Object, to: Option<u32>) -> Ask {
    let (release, namespace, context) = ("shop".into(), "prod".into(), "lab".into());
    Ask { release, namespace, context, object, to: to.map(Revision) }
}

fn plan_of(world: &mut World, object: Object, to: Option<u32>) -> Result<Plan, Refusal> {
    world.run(&mut Planner::new(asked(object, to)))
}

fn plan(world: &mut World) -> Result<Plan, Refusal> {
    plan_of(world, named(Kind::ConfigMap, "conf"), None)
}

fn run(world: &mut World, plan: &Plan) -> Ending {
    world.told.clear();
    world.run(&mut Execution::new(plan.clone(), Duration::from_mins(5), Wait::ForReady))
}

fn content(world: &World) -> &Value {
    &world.get("configmaps", "conf").unwrap()["data"]
}

/// Who has the mark of a restart.
fn restarted(world: &World) -> Vec<&'static str> {
    let all = ["web", "jobs", "batch", "other"].into_iter();
    all.filter(|name| mark(world.get("deployments", name).unwrap()).is_some()).collect()
}

fn good() -> Value {
    json!({"URL": "good", "LEVEL": "info"})
}

#[test]
fn what_somebody_wrote_past_helm_is_put_back_and_all_who_read_it_restart() {
    let mut world = shop(None);
    edited(&mut world);
    let plan = plan(&mut world).unwrap();
    let fields: Vec<(&str, Option<&str>, Option<&str>)> =
        plan.fields.iter().map(|f| (f.path.as_str(), f.live.as_deref(), f.target.as_deref())).collect();
    assert_eq!(
        fields,
        [
            (".data.URL", Some("bad"), Some("good")),
            (".data.LEVEL", None, Some("info")),
            (".data.MORE", Some("x"), None)
        ]
    );
    assert_eq!((plan.to, plan.blocked()), (Revision(2), None));
    assert_eq!(plan.command, "backout revert shop configmap/conf --to 2 -n prod --context lab");
    let told: Vec<&str> = plan.findings.iter().map(|f| f.sentence.as_str()).collect();
    assert!(told.iter().any(|t| t.contains("kubectl-edit wrote MORE, URL of ConfigMap conf, past Helm")), "{told:#?}");
    assert!(told.iter().any(|t| t.starts_with("Deployment batch is not restarted: it wants no pods")), "{told:#?}");
    let ending = run(&mut world, &plan);
    let what = "ConfigMap conf back to its content of revision 2, 2 workloads restarted, every pod new and ready";
    assert_eq!(ending, Ending::Seen { what: what.into() });
    assert_eq!((content(&world), restarted(&world)), (&good(), vec!["web", "jobs"]));
    assert_eq!(world.log, ["PATCH configmaps conf", "PATCH deployments jobs", "PATCH deployments web"]);
}

#[test]
fn where_helm_applies_its_fields_are_its_own_again_and_the_mark_of_a_restart_is_not() {
    let mut world = shop(Some(Method::Ssa));
    edited(&mut world);
    let planned = plan(&mut world).unwrap();
    assert!(matches!(run(&mut world, &planned), Ending::Seen { .. }));
    assert_eq!(content(&world), &good());
    let managers = |plural, name| -> Vec<(String, bool)> {
        let entries = ownership::entries(world.get(plural, name).unwrap());
        entries.iter().filter(|e| !e.set.is_empty()).map(|e| (e.manager().to_owned(), e.is("helm", "Apply"))).collect()
    };
    assert!(
        managers("configmaps", "conf").iter().all(|(m, applied)| m != "helm" || *applied),
        "no update of helm's is left"
    );
    assert!(managers("deployments", "web").contains(&("backout".to_owned(), false)));
    assert!(!managers("deployments", "web").contains(&("helm".to_owned(), false)));
}

#[test]
fn an_earlier_revision_may_be_chosen_and_helm_will_not_know() {
    let mut world = shop(None);
    let plan = plan_of(&mut world, named(Kind::ConfigMap, "conf"), Some(1)).unwrap();
    assert!(plan.findings.iter().any(|f| f.level == Level::Warn && f.sentence.starts_with("Helm will not know")));
    assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }));
    assert_eq!(content(&world)["URL"], "old");
}

#[test]
fn a_secret_is_put_back_and_never_shown() {
    let mut world = shop(None);
    let mut keys = world.get("secrets", "keys").unwrap().clone();
    keys["data"] = json!({"key": "bGVha2Vk"});
    keys.as_object_mut().unwrap().remove("stringData");
    world.put(&keys, "kubectl-edit");
    let plan = plan_of(&mut world, named(Kind::Secret, "keys"), None).unwrap();
    let shown = format!("{:?} {:?} {}", plan.fields, plan.findings, plan.command);
    for secret in ["bGVha2Vk", "leaked", "s3cret", "czNjcmV0LWdvb2Q="] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert_eq!(plan.keys, ["key"]);
    assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }));
    assert_eq!(world.get("secrets", "keys").unwrap()["data"]["key"], "czNjcmV0LWdvb2Q=");
    assert_eq!(restarted(&world), ["jobs"]);
}

#[test]
fn what_is_gone_is_made_anew_with_helms_marks() {
    for method in [None, Some(Method::Ssa)] {
        let mut world = shop(method);
        world.objects.remove(&("configmaps".into(), Some("prod".into()), "conf".into()));
        let plan = plan(&mut world).unwrap();
        assert!(matches!(plan.write, Write::Whole(_)));
        assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }), "{method:?}");
        let conf = world.get("configmaps", "conf").unwrap();
        assert_eq!(
            (&conf["data"], &conf["metadata"]["annotations"]["meta.helm.sh/release-name"]),
            (&good(), &json!("shop"))
        );
        let applied = ownership::entries(conf).iter().all(|e| e.is("helm", "Apply"));
        assert_eq!(applied, method == Some(Method::Ssa), "{conf}");
    }
}

#[test]
fn what_cannot_be_put_back_is_refused_in_words_and_nothing_is_written() {
    let conf = || named(Kind::ConfigMap, "conf");
    type Case = (Object, Option<u32>, fn(&mut World), &'static str);
    let cases: [Case; 7] = [
        (conf(), None, |_| {}, "nothing would change"),
        (conf(), Some(9), edited, "shop has no revision 9 (kept: 1, 2)"),
        (named(Kind::ConfigMap, "none"), None, |_| {}, "Revision 2 of shop has no ConfigMap none"),
        (named(Kind::Deployment, "web"), None, |_| {}, "Deployment web is no ConfigMap and no Secret"),
        (
            conf(),
            None,
            |world| {
                edited(world);
                let mut conf = world.get("configmaps", "conf").unwrap().clone();
                conf["immutable"] = true.into();
                world.put(&conf, "kubectl");
            },
            "ConfigMap conf is immutable: its content cannot be changed, only deleted and made anew",
        ),
        (
            conf(),
            None,
            |world| {
                edited(world);
                let mut conf = world.get("configmaps", "conf").unwrap().clone();
                conf["metadata"]["annotations"]["meta.helm.sh/release-name"] = "elsewhere".into();
                world.put(&conf, "kubectl");
            },
            "ConfigMap conf is of another release: elsewhere in prod",
        ),
        (
            conf(),
            None,
            |world| world.faults.push(("GET", "conf", unreachable())),
            "ConfigMap conf cannot be read (namespace prod): ",
        ),
    ];
    for (object, to, change, wanted) in cases {
        let mut world = shop(None);
        // So that those who read it need no restart.
        if wanted == "nothing would change" {
            for name in ["web", "jobs"] {
                let mut workload = world.get("deployments", name).unwrap().clone();
                workload["spec"]["replicas"] = 0.into();
                world.put(&workload, "kubectl");
            }
        }
        change(&mut world);
        let refusal = plan_of(&mut world, object, to).unwrap_err();
        assert!(refusal.sentence.contains(wanted), "{}", refusal.sentence);
        assert_eq!(world.log, Vec::<String>::new());
        if wanted.contains("immutable") {
            assert_eq!(refusal.command, "kubectl delete configmap/conf -n prod --context lab");
            assert!(
                refusal.cure.ends_with("backout revert shop configmap/conf --to 2 -n prod --context lab"),
                "{}",
                refusal.cure
            );
        }
    }
}

#[test]
fn rights_and_owners_are_told_before() {
    let mut world = shop(None);
    edited(&mut world);
    let mut conf = world.get("configmaps", "conf").unwrap().clone();
    conf["metadata"]["labels"]["argocd.argoproj.io/instance"] = "shop".into();
    conf["metadata"]["ownerReferences"] = json!([{"kind": "SealedSecret", "name": "conf"}]);
    conf["data"]["LEVEL"] = "debug".into();
    world.put(&conf, "config-operator");
    world.denied = vec!["patch"];
    let plan = plan(&mut world).unwrap();
    let told: Vec<(Level, &str)> = plan.findings.iter().map(|f| (f.level, f.sentence.as_str())).collect();
    for wanted in [
        (Level::Block, "You may not patch configmaps in namespace prod"),
        (Level::Block, "You may not patch deployments in namespace prod"),
        (Level::Confirm, "Argo CD (shop) manages ConfigMap conf: it will write again what its repository says"),
        (Level::Confirm, "ConfigMap conf belongs to SealedSecret conf, whose controller may write it again"),
        (Level::Confirm, "config-operator wrote LEVEL of ConfigMap conf, and may write it again"),
    ] {
        assert!(told.contains(&wanted), "{wanted:?}: {told:#?}");
    }
}

/// Steps a machine until so many writes were committed, and then lets it fall; false: it came to its end before.
fn killed_after(world: &mut World, engine: &mut impl Engine, writes: usize) -> bool {
    let before = world.log.len();
    let mut queue: VecDeque<Input> = [Input::Start].into();
    while let Some(input) = queue.pop_front() {
        for request in engine.step(world::now(), input) {
            if let Request::Call(id, call) = request {
                queue.push_back(Input::Answer(id, world.answer(call)));
                if world.log.len() - before == writes {
                    return true;
                }
            }
        }
        if engine.end().is_some() {
            return false;
        }
    }
    false
}

#[test]
fn killed_at_any_write_the_next_one_finishes_it() {
    for (method, all) in [(None, 3), (Some(Method::Ssa), 4)] {
        for writes in 1..=all {
            let mut world = shop(method);
            edited(&mut world);
            let begun = plan(&mut world).unwrap();
            let mut engine = Execution::new(begun, Duration::from_mins(5), Wait::ForReady);
            assert!(killed_after(&mut world, &mut engine, writes), "{method:?} {writes}");
            assert_eq!(content(&world), &good(), "{method:?} {writes}");
            let next = plan(&mut world).unwrap();
            assert_eq!(next.write, Write::Nothing, "{method:?} {writes}");
            assert!(matches!(run(&mut world, &next), Ending::Seen { .. }), "{method:?} {writes}");
            assert_eq!(restarted(&world), ["web", "jobs"], "{method:?} {writes}");
            let helm = ownership::entries(world.get("configmaps", "conf").unwrap());
            let left = helm.iter().any(|e| e.is("helm", "Update") && !e.set.is_empty());
            assert_eq!(left, method.is_none(), "{method:?} {writes}");
        }
    }
}

#[test]
fn what_moves_while_the_writes_are_tried_is_no_fault_of_the_plan() {
    let mut world = shop(None);
    edited(&mut world);
    world.restless = true;
    let plan = plan(&mut world).unwrap();
    assert_eq!(plan.blocked(), None, "{:?}", plan.findings);
    assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }));
}

#[test]
fn what_was_changed_since_the_plan_makes_it_void() {
    type Case = (fn(&mut World), &'static str);
    let cases: [Case; 3] = [
        (
            |world| {
                let mut conf = world.get("configmaps", "conf").unwrap().clone();
                conf["data"]["URL"] = "worse".into();
                world.put(&conf, "kubectl-edit");
            },
            "ConfigMap conf was changed by somebody else since it was planned",
        ),
        (
            |world| {
                let mut web = world.get("deployments", "web").unwrap().clone();
                web["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/web:2".into();
                world.put(&web, "kubectl-set");
            },
            "Deployment web was changed by somebody else since it was planned",
        ),
        (
            |world| drop(world.objects.remove(&("configmaps".into(), Some("prod".into()), "conf".into()))),
            "ConfigMap conf is gone",
        ),
    ];
    for (change, wanted) in cases {
        let mut world = shop(None);
        edited(&mut world);
        let planned = plan(&mut world).unwrap();
        change(&mut world);
        let ending = run(&mut world, &planned);
        assert!(matches!(&ending, Ending::Void { why } if why.starts_with(wanted)), "{ending:?}");
        assert_eq!((world.log.len(), restarted(&world).len()), (0, 0), "{wanted}");
    }
    // Its labels may move, and so may the number of pods.
    let mut world = shop(None);
    edited(&mut world);
    let planned = plan(&mut world).unwrap();
    let mut conf = world.get("configmaps", "conf").unwrap().clone();
    conf["metadata"]["labels"]["team"] = "pay".into();
    world.put(&conf, "kubectl");
    let mut web = world.get("deployments", "web").unwrap().clone();
    web["spec"]["replicas"] = 5.into();
    world.put(&web, "kubectl");
    let ending = run(&mut world, &planned);
    assert!(matches!(ending, Ending::Seen { .. }), "{ending:?}");
}

#[test]
fn an_answer_that_got_lost_is_looked_for_and_a_restart_that_is_refused_is_told() {
    for name in ["conf", "web"] {
        let mut world = shop(None);
        edited(&mut world);
        let planned = plan(&mut world).unwrap();
        world.lost = Some(("PATCH", name));
        assert!(matches!(run(&mut world, &planned), Ending::Seen { .. }), "{name}");
        world.log.sort();
        assert_eq!(world.log, ["PATCH configmaps conf", "PATCH deployments jobs", "PATCH deployments web"], "{name}");
    }
    // Not carried out, and nobody knows: nothing is restarted, nothing is written again.
    let mut world = shop(None);
    edited(&mut world);
    let planned = plan(&mut world).unwrap();
    world.faults.push(("PATCH", "conf", unreachable()));
    let ending = run(&mut world, &planned);
    assert!(matches!(&ending, Ending::Unknown { why } if why.contains("Nothing was restarted")), "{ending:?}");
    assert_eq!(world.log, Vec::<String>::new());
    let mut world = shop(None);
    edited(&mut world);
    let planned = plan(&mut world).unwrap();
    let denied = backout::helm::api::Refused::Invalid("denied by policy".into());
    world.faults.push(("PATCH", "web", denied));
    let ending = run(&mut world, &planned);
    let Ending::Failed { why } = &ending else { panic!("{ending:?}") };
    let wanted =
        "ConfigMap conf back to its content of revision 2, 1 workload restarted, but Deployment web: denied by policy";
    assert!(why.starts_with(wanted), "{why}");
}
