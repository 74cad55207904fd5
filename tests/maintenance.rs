//! Maintenance of a release as rules and machines: what is saved, what is refused, and that a release killed at any
//! instant of a stop or a return is brought back exactly as it was.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::time::Duration;

use backout::domain::event::Ending;
use backout::helm::api::{Answer, Call, Mode, Refused};
use backout::helm::choices::Wait;
use backout::helm::engine::{Engine, Input, Request};
use backout::helm::holder::Holder;
use backout::helm::plan::{Level, Refusal};
use backout::maintenance::ask::{Ask, Errand, Meanwhile};
use backout::maintenance::execution::Execution;
use backout::maintenance::plan::{Fate, Plan};
use backout::maintenance::planner::Planner;
use backout::maintenance::saved::{self, Saved};
use serde_json::{Value, json};

#[path = "helm/world.rs"]
#[allow(dead_code, reason = "shared with the tests of helm's engine")]
mod world;
use world::{World, unreachable};

const BACK: Errand = Errand::BringBack(Meanwhile::AsSaved);
const SAVED: &str = "backout-maintenance-shop";

fn workload(kind: &str, name: &str, replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": kind,
        "metadata": {"name": name, "annotations": {
            "meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "prod"}},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": name, "image": format!("registry.example/{name}:1")}]}}},
    })
}

/// Three, five by an autoscaler, one that has state, one that has no pods; a DaemonSet, and one that is not the release's.
fn shop() -> World {
    let mut world = World::default();
    world.put(&workload("Deployment", "web", 3), "helm");
    world.put(&workload("Deployment", "orders", 5), "helm");
    world.put(&workload("StatefulSet", "db", 2), "helm");
    world.put(&workload("Deployment", "batch", 0), "helm");
    world.put(&workload("DaemonSet", "agent", 1), "helm");
    let mut other = workload("Deployment", "elsewhere", 4);
    other["metadata"]["annotations"] = json!({});
    world.put(&other, "kubectl");
    world.put(&autoscaler(2, 10), "helm");
    world
}

fn autoscaler(min: u32, max: u32) -> Value {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "orders"},
        "spec": {"minReplicas": min, "maxReplicas": max, "scaleTargetRef": {"kind": "Deployment", "name": "orders"}}})
}

fn asked(errand: Errand) -> Ask {
    let holder = Holder { person: "ana".into(), host: "bastion".into(), pid: 7 };
    Ask { release: "shop".into(), namespace: "prod".into(), context: "lab".into(), errand, holder }
}

fn plan(world: &mut World, errand: Errand) -> Result<Plan, Refusal> {
    world.run(&mut Planner::new(asked(errand)))
}

fn run(world: &mut World, plan: &Plan) -> Ending {
    world.told.clear();
    world.run(&mut Execution::new(plan.clone(), Duration::from_mins(5), Wait::ForReady))
}

fn planned_and_run(world: &mut World, errand: Errand) -> Ending {
    let plan = plan(world, errand).unwrap();
    run(world, &plan)
}

fn counts(world: &World) -> [i64; 5] {
    let count = |plural, name| world.get(plural, name).unwrap()["spec"]["replicas"].as_i64().unwrap();
    [
        count("deployments", "web"),
        count("deployments", "orders"),
        count("statefulsets", "db"),
        count("deployments", "batch"),
        count("deployments", "elsewhere"),
    ]
}

const BEFORE: [i64; 5] = [3, 5, 2, 0, 4];
const STOPPED: [i64; 5] = [0, 0, 0, 0, 4];

fn kept(world: &World) -> Option<Saved> {
    world.get("configmaps", SAVED).map(|object| saved::found(object).saved.unwrap())
}

fn set(world: &mut World, plural: &str, name: &str, count: u32) {
    let mut object = world.get(plural, name).unwrap().clone();
    object["spec"]["replicas"] = count.into();
    world.put(&object, "kubectl");
}

#[test]
fn a_release_is_stopped_and_brought_back_exactly_as_it_was() {
    let mut world = shop();
    let ending = planned_and_run(&mut world, Errand::Stop);
    let what = "shop in maintenance, 3 of 3 stopped, no pod of them is left".to_owned();
    assert_eq!((ending, counts(&world)), (Ending::Seen { what }, STOPPED));
    assert_eq!(world.log.first().map(String::as_str), Some("POST configmaps backout-maintenance-shop"));
    let saved = kept(&world).unwrap();
    let told: Vec<(String, u32, bool)> =
        saved.workloads.iter().map(|k| (k.workload.to_string(), k.replicas, k.scaler.is_some())).collect();
    let wanted = [("Deployment batch", 0, false), ("Deployment orders", 5, true), ("Deployment web", 3, false)];
    let wanted: Vec<(String, u32, bool)> =
        wanted.into_iter().chain([("StatefulSet db", 2, false)]).map(|(n, c, s)| (n.to_owned(), c, s)).collect();
    assert_eq!((told, saved.by.as_str()), (wanted, "ana@bastion (pid 7)"));

    let ending = planned_and_run(&mut world, BACK);
    let what = "shop back from maintenance, every count as it was saved, every pod ready".to_owned();
    assert_eq!((ending, counts(&world), kept(&world)), (Ending::Seen { what }, BEFORE, None));
    assert_eq!(world.log.last().map(String::as_str), Some("DELETE configmaps backout-maintenance-shop"));
}

#[test]
fn a_status_that_moves_while_the_counts_are_tried_is_no_fault_of_the_plan() {
    let mut world = shop();
    world.restless = true;
    for errand in [Errand::Stop, BACK] {
        let plan = plan(&mut world, errand).unwrap();
        assert!(plan.findings.iter().all(|f| f.level != Level::Block), "{:?}", plan.findings);
        assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }));
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
fn killed_at_any_write_of_a_stop_or_a_return_it_is_finished_or_brought_back() {
    // What was killed, and what is done by whoever comes next.
    for (killed, next) in [(Errand::Stop, Errand::Finish), (Errand::Stop, BACK), (BACK, BACK), (BACK, Errand::Finish)] {
        for writes in 1..=4 {
            let mut world = shop();
            if killed == BACK {
                planned_and_run(&mut world, Errand::Stop);
            }
            let begun = plan(&mut world, killed).unwrap();
            let mut engine = Execution::new(begun, Duration::from_mins(5), Wait::ForReady);
            assert!(killed_after(&mut world, &mut engine, writes), "{killed:?} {writes}");
            let case = format!("{killed:?} killed after {writes}, then {next:?}");
            assert_eq!(kept(&world).is_some(), (killed, writes) != (BACK, 4), "{case}");
            if kept(&world).is_none() {
                assert_eq!(counts(&world), BEFORE, "{case}: nothing is forgotten before it is back");
                continue;
            }
            match plan(&mut world, next) {
                Ok(plan) => assert!(matches!(run(&mut world, &plan), Ending::Seen { .. }), "{case}"),
                Err(refusal) => assert!(refusal.sentence.contains("is stopped already"), "{case}: {refusal}"),
            }
            if next == Errand::Finish {
                assert_eq!(counts(&world), STOPPED, "{case}");
                planned_and_run(&mut world, BACK);
            }
            assert_eq!((counts(&world), kept(&world)), (BEFORE, None), "{case}");
        }
    }
}

#[test]
fn who_comes_second_is_told_who_was_first_and_stops_nothing() {
    let mut world = shop();
    let second = plan(&mut world, Errand::Stop).unwrap();
    planned_and_run(&mut world, Errand::Stop);
    let refusal = plan(&mut world, Errand::Stop).unwrap_err();
    assert!(refusal.sentence.starts_with("shop is in maintenance since 04:30 by ana: 3 of 3 stopped"), "{refusal}");
    planned_and_run(&mut world, BACK);
    // Somebody is quicker between plan and run.
    let begun = plan(&mut world, Errand::Stop).unwrap();
    let mut engine = Execution::new(begun, Duration::from_mins(5), Wait::ForReady);
    assert!(killed_after(&mut world, &mut engine, 1));
    let writes = world.log.len();
    let ending = run(&mut world, &second);
    let first = "ana has shop in maintenance since";
    assert!(matches!(&ending, Ending::Void { why } if why.starts_with(first)), "{ending:?}");
    assert_eq!((world.log.len(), counts(&world)), (writes, BEFORE));
}

#[test]
fn what_was_changed_since_the_plan_makes_it_void_but_an_autoscaler_moves_its_own() {
    let mut world = shop();
    let planned = plan(&mut world, Errand::Stop).unwrap();
    set(&mut world, "deployments", "web", 4);
    let ending = run(&mut world, &planned);
    assert!(matches!(&ending, Ending::Void { why } if why.contains("it is at 4")), "{ending:?}");
    assert_eq!((world.log.len(), kept(&world)), (0, None));

    let mut world = shop();
    let planned = plan(&mut world, Errand::Stop).unwrap();
    set(&mut world, "deployments", "orders", 7);
    assert!(matches!(run(&mut world, &planned), Ending::Seen { .. }));
    assert_eq!(kept(&world).unwrap().workloads[1].replicas, 7, "the count of the very instant is saved");
}

#[test]
fn what_became_of_a_workload_meanwhile_is_said_with_the_exact_choice() {
    let mut world = shop();
    planned_and_run(&mut world, Errand::Stop);
    world.objects.remove(&("statefulsets".into(), Some("prod".into()), "db".into()));
    set(&mut world, "deployments", "web", 1);
    set(&mut world, "deployments", "orders", 2);
    world.put(&autoscaler(2, 20), "kubectl");
    let back = plan(&mut world, BACK).unwrap();
    let fates: Vec<(String, Fate)> = back.rows.iter().map(|r| (r.workload.name.to_string(), r.fate.clone())).collect();
    let wanted =
        [("batch", Fate::Same), ("orders", Fate::Same), ("web", Fate::To(3)), ("db", Fate::Left("it is gone".into()))];
    assert_eq!(fates, wanted.map(|(name, fate)| (name.to_owned(), fate)));
    let said: Vec<(Level, &str)> = back.findings.iter().map(|f| (f.level, f.sentence.as_str())).collect();
    let wanted = [
        (Level::Confirm, "Deployment web was set to 1 since it was stopped; this sets it to 3"),
        (Level::Confirm, "StatefulSet db is not brought back to 2: it is gone; it stays at 0"),
        (Level::Warn, "The autoscaler of Deployment orders was orders (2-10), and is orders (2-20) now"),
        (Level::Info, "Deployment orders is at 2 already and its autoscaler at work; 5 were saved"),
    ];
    assert_eq!(said, wanted);
    let live = plan(&mut world, Errand::BringBack(Meanwhile::AsLive)).unwrap();
    assert_eq!(live.rows[2].fate, Fate::Left("somebody set its count since".into()));
    assert!(matches!(run(&mut world, &back), Ending::Seen { what } if what.contains("but for 1 left as they are")));
    assert_eq!(world.get("deployments", "web").unwrap()["spec"]["replicas"], 3);
}

#[test]
fn a_workload_made_anew_is_another_one() {
    let mut world = shop();
    planned_and_run(&mut world, Errand::Stop);
    world.objects.remove(&("deployments".into(), Some("prod".into()), "web".into()));
    world.put(&workload("Deployment", "web", 1), "helm");
    let back = plan(&mut world, BACK).unwrap();
    assert_eq!(back.rows[2].fate, Fate::Left("it was deleted and made anew since".into()));
    let by_hand = "kubectl scale deployment/web --replicas=3 -n prod --context lab";
    assert!(back.findings.iter().any(|f| f.cure.contains(by_hand)), "{:#?}", back.findings);
}

#[test]
fn what_goes_on_and_who_starts_it_again_is_known_before_the_yes() {
    let mut world = shop();
    world.put(&autoscaler(0, 10), "helm");
    let mut web = workload("Deployment", "web", 3);
    web["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "shop:apps/Deployment:prod/web".into();
    world.put(&web, "helm");
    let said: Vec<String> = plan(&mut world, Errand::Stop).unwrap().findings.into_iter().map(|f| f.sentence).collect();
    let wanted = [
        "This takes shop down: 10 pods stop (3 workloads), and nobody is answered until it is brought back",
        "Argo CD (shop) manages these workloads: it will start again what this stops",
        "Autoscaler orders of Deployment orders has the minimum 0: it may start it again",
        "DaemonSets go on, they have no count that could be 0: agent",
        "What shop does not own goes on in this namespace: elsewhere",
    ];
    assert_eq!(said, wanted);
}

#[test]
fn a_right_that_is_missing_blocks_before_anything_is_written() {
    for (verb, level) in [("create", Level::Block), ("patch", Level::Block), ("delete", Level::Confirm)] {
        let mut world = shop();
        world.denied.push(verb);
        let planned = plan(&mut world, Errand::Stop).unwrap();
        let said = planned.findings.iter().find(|f| f.sentence.starts_with(&format!("You may not {verb}")));
        assert_eq!(said.map(|f| f.level), Some(level), "{verb}");
        assert_eq!(world.log, [] as [&str; 0]);
    }
}

#[test]
fn nothing_is_stopped_that_is_not_certainly_saved() {
    // The create did not arrive.
    let mut world = shop();
    let planned = plan(&mut world, Errand::Stop).unwrap();
    world.faults.push(("POST", SAVED, unreachable()));
    let ending = run(&mut world, &planned);
    assert!(matches!(&ending, Ending::Void { why } if why.contains("nothing is stopped")), "{ending:?}");
    assert_eq!((counts(&world), kept(&world)), (BEFORE, None));
    // It arrived, and its answer got lost.
    world.lost = Some(("POST", SAVED));
    let ending = planned_and_run(&mut world, Errand::Stop);
    assert!(matches!(ending, Ending::Seen { .. }), "{ending:?}");
}

#[test]
fn how_a_write_ended_is_told_as_it_is_and_what_was_saved_stays() {
    let forbidden = || Refused::Invalid("denied by policy".into());
    let mut world = shop();
    let planned = plan(&mut world, Errand::Stop).unwrap();
    world.faults.push(("PATCH", "web", forbidden()));
    let ending = run(&mut world, &planned);
    let Ending::Failed { why } = &ending else { panic!("{ending:?}") };
    assert!(why.starts_with("2 of 3 counts written; Deployment web: denied by policy. What was saved stays"), "{why}");
    assert!(kept(&world).is_some());
    assert!(matches!(planned_and_run(&mut world, Errand::Finish), Ending::Seen { .. }));
    let planned = plan(&mut world, BACK).unwrap();
    world.faults.push(("PATCH", "web", forbidden()));
    assert!(matches!(run(&mut world, &planned), Ending::Failed { .. }));
    assert!(kept(&world).is_some(), "not forgotten while a count is missing");
    // The answer got lost: the object shows it.
    world.lost = Some(("PATCH", "web"));
    assert!(matches!(planned_and_run(&mut world, BACK), Ending::Seen { .. }));
    assert_eq!((counts(&world), kept(&world)), (BEFORE, None));
}

#[test]
fn a_workload_that_somebody_starts_again_is_no_stop() {
    let mut world = shop();
    let mut web = workload("Deployment", "web", 3);
    web["metadata"]["uid"] = world.get("deployments", "web").unwrap()["metadata"]["uid"].clone();
    world.meanwhile = Some(("PATCH deployments web", web));
    let ending = planned_and_run(&mut world, Errand::Stop);
    let Ending::Failed { why } = &ending else { panic!("{ending:?}") };
    assert!(why.starts_with("Deployment web is at 3 again: somebody or something starts it"), "{why}");
}

#[test]
fn a_count_that_is_not_seen_back_keeps_what_was_saved() {
    let mut world = shop();
    planned_and_run(&mut world, Errand::Stop);
    let mut web = workload("Deployment", "web", 9);
    web["metadata"]["uid"] = world.get("deployments", "web").unwrap()["metadata"]["uid"].clone();
    world.meanwhile = Some(("PATCH deployments web", web));
    let ending = planned_and_run(&mut world, BACK);
    let Ending::Failed { why } = &ending else { panic!("{ending:?}") };
    assert!(why.starts_with("Deployment web does not show the count that was written"), "{why}");
    assert_eq!(kept(&world).unwrap().workloads[2].replicas, 3);
}

/// An engine that goes on with an answer that was held back.
struct Resumed<'a> {
    inner: &'a mut Execution,
    first: Option<Input>,
}

impl Engine for Resumed<'_> {
    type End = Ending;

    fn step(&mut self, now: backout::domain::moment::Moment, input: Input) -> Vec<Request> {
        let input = self.first.take().unwrap_or(input);
        self.inner.step(now, input)
    }

    fn end(&self) -> Option<&Ending> {
        self.inner.end()
    }
}

/// Runs a plan; before the first committed request on an object of that name is answered, the world is changed, and the
/// server may say something else.
fn run_with(
    world: &mut World,
    plan: Plan,
    name: &str,
    meanwhile: impl FnOnce(&mut World),
    refused: Option<&Refused>,
) -> Ending {
    let mut engine = Execution::new(plan, Duration::from_mins(5), Wait::ForReady);
    let mut queue: VecDeque<Input> = [Input::Start].into();
    let mut meanwhile = Some(meanwhile);
    while let Some(input) = queue.pop_front() {
        for request in engine.step(world::now(), input) {
            let Request::Call(id, call) = request else { continue };
            let held = matches!(&call, Call::Object { target, mode: Mode::Commit, .. } if target.name == name);
            if let Some(change) = meanwhile.take_if(|_| held) {
                change(world);
                let answer = refused.cloned().map_or_else(|| world.answer(call), Answer::Refused);
                queue.push_back(Input::Answer(id, answer));
            } else {
                queue.push_back(Input::Answer(id, world.answer(call)));
            }
        }
        if meanwhile.is_none() && queue.len() == 1 {
            let first = queue.pop_front();
            return world.run(&mut Resumed { inner: &mut engine, first });
        }
        if let Some(end) = engine.end() {
            return end.clone();
        }
    }
    panic!("the machine waits for nothing")
}

#[test]
fn of_two_that_stop_at_once_one_saves_and_the_other_is_told_by_whom() {
    let mut world = shop();
    let (ours, theirs) = (plan(&mut world, Errand::Stop).unwrap(), asked(Errand::Stop));
    let ben = Holder { person: "ben".into(), host: "laptop".into(), pid: 9 };
    let theirs = world.run(&mut Planner::new(Ask { holder: ben, ..theirs })).unwrap();
    let ending = run_with(&mut world, ours, SAVED, |world| drop(run(world, &theirs)), None);
    assert!(matches!(&ending, Ending::Void { why } if why.starts_with("ben has shop in maintenance")), "{ending:?}");
    assert_eq!(kept(&world).unwrap().who(), "ben");
}

#[test]
fn a_count_that_somebody_sets_in_the_very_instant_is_left_so_and_said() {
    let conflict = Refused::Conflict { message: "the object has been modified".into(), fields: Vec::new() };
    let mut world = shop();
    let ours = plan(&mut world, Errand::Stop).unwrap();
    let change = |world: &mut World| set(world, "deployments", "web", 9);
    let ending = run_with(&mut world, ours, "web", change, Some(&conflict));
    let Ending::Failed { why } = &ending else { panic!("{ending:?}") };
    assert!(why.contains("Deployment web: somebody set it to 9 meanwhile, and it is left so"), "{why}");
    assert_eq!(counts(&world), [9, 0, 0, 0, 4]);
    // An autoscaler's is written all the same; a status that moved is nothing.
    for (name, count) in [("orders", Some(7)), ("web", None)] {
        let mut world = shop();
        let ours = plan(&mut world, Errand::Stop).unwrap();
        let change = |world: &mut World| count.into_iter().for_each(|n| set(world, "deployments", name, n));
        let ending = run_with(&mut world, ours, name, change, Some(&conflict));
        assert!(matches!(ending, Ending::Seen { .. }), "{name}: {ending:?}");
        assert_eq!(counts(&world), STOPPED, "{name}");
    }
}

/// Who owns the count of a Deployment, and by what.
fn owners(world: &World, name: &str) -> Vec<(String, String)> {
    let managed = world.get("deployments", name).unwrap()["metadata"]["managedFields"].as_array().cloned();
    let owns = |e: &&Value| !e["fieldsV1"]["f:spec"]["f:replicas"].is_null();
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    managed.unwrap().iter().filter(owns).map(|e| (text(&e["manager"]), text(&e["operation"]))).collect()
}

#[test]
fn what_helm_applied_is_its_own_again_after_each_write_also_after_a_kill() {
    let applied = || vec![("helm".to_owned(), "Apply".to_owned())];
    for writes in 1..=8 {
        let mut world = shop();
        let mut web = workload("Deployment", "web", 3);
        web["metadata"]["namespace"] = "prod".into();
        world.objects.remove(&("deployments".into(), Some("prod".into()), "web".into()));
        world.apply(&web);
        assert_eq!(owners(&world, "web"), applied());
        planned_and_run(&mut world, Errand::Stop);
        assert_eq!(owners(&world, "web"), applied(), "stopped");
        let begun = plan(&mut world, BACK).unwrap();
        let mut engine = Execution::new(begun, Duration::from_mins(5), Wait::ForReady);
        killed_after(&mut world, &mut engine, writes);
        if kept(&world).is_some() {
            planned_and_run(&mut world, BACK);
        }
        assert_eq!((owners(&world, "web"), counts(&world)), (applied(), BEFORE), "killed after {writes}");
    }
}
