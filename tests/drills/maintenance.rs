//! A release stopped for maintenance and brought back, from the key to what the cluster shows; and found so by a cockpit
//! that knows nothing of it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use backout::domain::event::{Act, Ending, Event};
use backout::domain::evidence::Verdict;
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, PatchKind, Resource, Verb};
use backout::helm::choices::Wait;
use backout::helm::engine::{Engine, Input, Request};
use backout::helm::holder::Holder;
use backout::helm::plan::Level;
use backout::maintenance::ask::{Ask, Errand, Meanwhile, place};
use backout::maintenance::execution::Execution;
use backout::model::dialog::{Dialog, PlanState};
use backout::model::situation::Situation;
use backout::plan::Plan;

use backout::sim::{Drill, Handle, Trouble, What, drill};
use futures::executor::block_on;
use serde_json::{Value, json};

use super::rehearsal::Rehearsal;
use super::solve::*;
use super::story::Story;

const NAME: &str = "ecommerce-app";

fn played() -> Drill {
    drill("one-service").unwrap()
}

fn kind(name: &str) -> Resource {
    let (group, kind) = match name {
        "deployments" => ("apps/v1", "Deployment"),
        "statefulsets" => ("apps/v1", "StatefulSet"),
        "horizontalpodautoscalers" => ("autoscaling/v2", "HorizontalPodAutoscaler"),
        other => panic!("no such kind: {other}"),
    };
    Resource { gvk: Gvk::new(group, kind), plural: name.into(), namespaced: true }
}

fn call(handle: &Handle, call: Call) -> Answer {
    block_on(handle.world().cluster.call(call))
}

fn write(handle: &Handle, plural: &str, name: &str, verb: Verb) {
    let target = ObjectRef { resource: kind(plural), namespace: Some("prod".into()), name: name.into() };
    let answer = call(handle, Call::Object { target, verb, mode: Mode::Commit });
    assert!(matches!(answer, Answer::Object(_)), "{answer:?}");
}

/// The spec of everything that has a count, and of what scales it.
fn specs(handle: &Handle) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for plural in ["deployments", "statefulsets", "horizontalpodautoscalers"] {
        let list = Call::List { resource: kind(plural), namespace: Some("prod".into()), labels: String::new() };
        let Answer::List(objects) = call(handle, list) else { panic!("no list of {plural}") };
        let named = |o: &Value| format!("{plural}/{}", o["metadata"]["name"].as_str().unwrap_or_default());
        all.extend(objects.iter().map(|o| (named(o), o["spec"].clone())));
    }
    all
}

fn count(handle: &Handle, name: &str) -> Value {
    specs(handle)[name]["replicas"].clone()
}

fn is_kept(handle: &Handle) -> bool {
    let target = place(&"prod".into(), &NAME.into());
    matches!(call(handle, Call::Object { target, verb: Verb::Get, mode: Mode::DryRun }), Answer::Object(_))
}

/// A shop with mixed counts: 2, 5, three by an autoscaler, none, and one that keeps a state.
fn mixed(drill: &mut Rehearsal) {
    let scaled = |n: u32| Verb::PatchAs("luis", PatchKind::Strategic, json!({"spec": {"replicas": n}}));
    write(&drill.handle, "deployments", "order-service", scaled(5));
    write(&drill.handle, "deployments", "cart-service", scaled(0));
    let store = json!({"metadata": {"name": "session-store", "annotations": {
            "meta.helm.sh/release-name": NAME, "meta.helm.sh/release-namespace": "prod"}},
        "spec": {"replicas": 2, "serviceName": "session-store", "selector": {"matchLabels": {"app": "session-store"}},
            "template": {"metadata": {"labels": {"app": "session-store"}},
                "spec": {"containers": [{"name": "session-store", "image": "acrshop.example/shop/session-store:1.0.0"}]}}}});
    write(&drill.handle, "statefulsets", "session-store", Verb::Create(store));
    drill.session.executor.terms.holder = Holder { person: "ana".into(), host: "bastion".into(), pid: 7 };
    drill.wait(90);
}

fn on_show(drill: &Rehearsal) -> Plan {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Ready { plan, .. } => plan.clone(),
            other => panic!("no plan is on show: {other:?}"),
        },
        other => panic!("no plan is on show: {other:?}"),
    }
}

#[test]
fn a_release_is_stopped_for_maintenance_and_every_count_comes_back_as_it_was() {
    let mut story = Story::open("one-service").named("maintenance");
    mixed(&mut story.drill);
    let before = specs(&story.drill.handle);
    story.drill.keys("aaM");
    story.moment("the plan of the stop");
    read(&mut story.drill);
    assert_eq!(on_show(&story.drill).datum().wanted, NAME);
    story.drill.write(NAME);
    story.moment("asked");
    ended(&mut story.drill);
    story.moment("the end of the stop");
    assert!(
        matches!(&job(&story.drill.session.model).ending, Some(Ending::Seen { what }) if what.contains("no pod of them is left")),
        "{:?}",
        job(&story.drill.session.model).ending
    );
    assert!(is_kept(&story.drill.handle));
    let stopped = specs(&story.drill.handle);
    let counted = |(name, spec): (&String, &Value)| {
        (!name.starts_with("horizontal")).then(|| spec["replicas"].as_u64().unwrap_or(1))
    };
    assert_eq!(stopped.iter().filter_map(counted).sum::<u64>(), 0);
    assert_eq!(
        stopped["horizontalpodautoscalers/payment-service"], before["horizontalpodautoscalers/payment-service"],
        "what scales it is not touched"
    );
    story.drill.keys("<Esc>").wait(30);
    story.moment("in maintenance");
    for no in [6, 7, 9] {
        assert_eq!(evidence(&story.drill.session.model, no).verdict, Verdict::NotMet, "step {no}");
    }
    let situation = &story.drill.session.model.situation;
    assert!(situation.sentence().starts_with("ecommerce-app is in maintenance since 04:"), "{situation:?}");
    assert!(!matches!(situation, Situation::Well(_)), "{situation:?}");
    story.drill.keys("aaM");
    story.moment("the plan of the return");
    read(&mut story.drill);
    story.drill.write(NAME);
    ended(&mut story.drill);
    story.moment("the end of the return");
    assert!(
        matches!(&job(&story.drill.session.model).ending, Some(Ending::Seen { what }) if what.contains("every pod ready"))
    );
    assert_eq!((specs(&story.drill.handle), is_kept(&story.drill.handle)), (before, false));
    story.drill.keys("<Esc>");
    assert_eq!(story.drill.session.model.maintenance_words(), None);
    let entries = story.drill.journal.entries.lock().unwrap().clone();
    let acts: Vec<&Act> = entries
        .iter()
        .filter_map(|e| if let Event::ActAsked { act, .. } = &e.event { Some(act) } else { None })
        .collect();
    assert!(matches!(acts.as_slice(), [Act::Stop { .. }, Act::BringBack { .. }]), "{acts:?}");
    story.end();
}

/// Somebody's process carries out that errand and dies after so many writes.
fn killed_after(drill: &Rehearsal, errand: Errand, writes: usize) {
    let world = drill.handle.world();
    let holder = Holder { person: "ben".into(), host: "laptop".into(), pid: 9 };
    let ask = Ask { release: NAME.into(), namespace: "prod".into(), context: String::new(), errand, holder };
    let plan = block_on(backout::act::maintenance::planned(&world, ask)).unwrap();
    let mut engine = Execution::new(plan, Duration::from_mins(5), Wait::ForReady);
    let mut queue: VecDeque<Input> = [Input::Start].into();
    let mut left = writes;
    while let Some(input) = queue.pop_front() {
        for request in engine.step(world.clock.now().wall, input) {
            let Request::Call(id, call) = request else { continue };
            let commits = matches!(&call, Call::Object { mode: Mode::Commit, .. });
            queue.push_back(Input::Answer(id, block_on(world.cluster.call(call))));
            left -= usize::from(commits);
            if left == 0 {
                return;
            }
        }
    }
    panic!("it had fewer than {writes} writes");
}

#[test]
fn a_stop_that_was_killed_is_found_by_another_cockpit_finished_or_brought_back() {
    let played = played();
    // After so many writes; what the other cockpit chooses; the count of a workload then.
    for (writes, keys, finished) in [(1, "<Enter>", false), (4, "<Enter>", false), (4, "<Down><Enter>", true)] {
        let mut before = Rehearsal::open("one-service");
        mixed(&mut before);
        let specs_before = specs(&before.handle);
        killed_after(&before, Errand::Stop, writes);
        let mut drill = before.elsewhere(&played);
        let words = drill.session.model.maintenance_words().unwrap();
        let stopped = writes - 1;
        assert!(words.contains(&format!("by ben: {stopped} of ")), "{words}");
        let screen = drill.screen();
        assert!(screen.contains("ecommerce-app is in maintenance since"), "{screen}");
        assert_eq!(evidence(&drill.session.model, 7).verdict, Verdict::NotMet);
        drill.keys("aaM");
        let choice = drill.screen();
        assert!(choice.contains("bring it back") && choice.contains("stop the rest of it"), "{choice}");
        drill.keys(keys);
        read(&mut drill);
        drill.write(NAME);
        ended(&mut drill);
        assert!(
            matches!(job(&drill.session.model).ending, Some(Ending::Seen { .. })),
            "{:?}",
            job(&drill.session.model)
        );
        assert_eq!(is_kept(&drill.handle), finished);
        if finished {
            assert_eq!(count(&drill.handle, "deployments/order-service"), 0);
            drill.keys("<Esc>aaM");
            read(&mut drill);
            drill.write(NAME);
            drill.skip_until("it is back", |m| m.jobs.all.len() == 2 && job(m).ending.is_some());
        }
        assert_eq!((specs(&drill.handle), is_kept(&drill.handle)), (specs_before, false), "{writes} {keys}");
    }
}

#[test]
fn a_return_that_was_killed_is_brought_to_its_end_by_another_cockpit() {
    let played = played();
    for writes in [1, 3] {
        let mut before = Rehearsal::open("one-service");
        mixed(&mut before);
        let specs_before = specs(&before.handle);
        before.keys("aaM");
        read(&mut before);
        before.write(NAME);
        ended(&mut before);
        killed_after(&before, Errand::BringBack(Meanwhile::AsSaved), writes);
        let mut drill = before.elsewhere(&played);
        drill.keys("aaM<Enter>");
        assert_eq!(on_show(&drill).noun(), "return");
        read(&mut drill);
        drill.write(NAME);
        ended(&mut drill);
        assert_eq!((specs(&drill.handle), is_kept(&drill.handle)), (specs_before, false), "{writes}");
    }
}

#[test]
fn neither_fires_unarmed_read_only_or_without_its_datum() {
    let mut drill = Rehearsal::open("one-service");
    drill.keys("M");
    read(&mut drill);
    drill.write(NAME);
    let complaint = drill.screen();
    assert!(complaint.contains("not armed"), "{complaint}");
    let mut drill = Rehearsal::open("one-service");
    drill.keys("aaM<Enter><Enter>");
    read(&mut drill);
    drill.write("ecommerce");
    drill.paste(&format!("{NAME}\n"));
    let mut closed = Rehearsal::open_on(&played(), |s| s.read_only = true, (80, 24));
    closed.keys("M");
    read(&mut closed);
    closed.write(NAME);
    for drill in [drill, closed] {
        assert!(!drill.timeline().contains("Asked"), "{}", drill.timeline());
        assert!(!is_kept(&drill.handle));
    }
}

#[test]
fn a_rollback_in_the_middle_of_a_maintenance_is_told_what_it_starts() {
    let mut drill = Rehearsal::open("one-service");
    drill.keys("aaM");
    read(&mut drill);
    drill.write(NAME);
    ended(&mut drill);
    drill.keys("<Esc>R");
    let plan = on_show(&drill);
    let said = plan.findings().iter().find(|f| f.sentence.contains("is in maintenance since"));
    assert_eq!(said.map(|f| f.level), Some(Level::Confirm), "{:#?}", plan.findings());
}

#[test]
fn whoever_may_not_read_configmaps_is_not_told_that_a_stopped_release_is_well() {
    let mut played = played();
    let what = What::Forbidden { verb: "*".into(), resource: "configmaps".into() };
    played.troubles.push(Trouble { from: played.start, until: None, what });
    let mut drill = Rehearsal::open_on(&played, |_| {}, (80, 24));
    write(
        &drill.handle,
        "deployments",
        "cart-service",
        Verb::PatchAs("luis", PatchKind::Strategic, json!({"spec": {"replicas": 0}})),
    );
    drill.wait(120);
    let said = evidence(&drill.session.model, 7);
    assert_eq!(said.verdict, Verdict::Unknown, "{said:?}");
}
