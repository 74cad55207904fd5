//! Undo and restart of one workload, from the key to what the cluster shows.

use backout::domain::earlier::Earlier;
use backout::domain::event::{Ending, Entry, Event};
use backout::domain::evidence::Verdict;
use backout::domain::incident::Incident;
use backout::domain::name::{JobId, Service, StepNo};
use backout::domain::workload::WorkloadKind;
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, Resource, Verb};
use backout::helm::plan::Level;
use backout::model::dialog::{Dialog, PlanState};
use backout::model::{Model, Tone};
use backout::msg::Msg;
use backout::plan::Plan;
use backout::sim::drill;
use serde_json::{Value, json};

use super::rehearsal::Rehearsal;
use super::solve::*;
use super::story::Story;

const PAYMENT: &str = "payment-service";

fn deployment() -> ObjectRef {
    let resource = Resource { gvk: Gvk::new("apps/v1", "Deployment"), plural: "deployments".into(), namespaced: true };
    ObjectRef { resource, namespace: Some("prod".into()), name: PAYMENT.into() }
}

fn ask(drill: &Rehearsal, verb: Verb) -> Value {
    let call = Call::Object { target: deployment(), verb, mode: Mode::Commit };
    match futures::executor::block_on(drill.handle.world().cluster.call(call)) {
        Answer::Object(object) => object,
        other => panic!("{other:?}"),
    }
}

fn image(model: &Model) -> &str {
    let workloads = model.feeds.workloads.known().unwrap();
    workloads[&(WorkloadKind::Deployment, Service::new(PAYMENT))].images[0].tag()
}

fn pods(model: &Model) -> Vec<String> {
    let table = model.feeds.pods.known().unwrap();
    let mut names: Vec<String> = table
        .urgent_first()
        .filter(|p| p.service.as_ref().is_some_and(|s| s.as_str() == PAYMENT))
        .map(|p| p.name.to_string())
        .collect();
    names.sort();
    names
}

/// What the dialog with a plan shows: the plan, and why the last Enter did nothing.
fn on_show(drill: &Rehearsal) -> (Plan, Option<String>) {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Ready { plan, complaint, .. } => (plan.clone(), complaint.clone()),
            other => panic!("no plan is on show: {other:?}"),
        },
        other => panic!("no plan is on show: {other:?}"),
    }
}

fn asked(drill: &Rehearsal) -> usize {
    let entries = drill.journal.entries.lock().unwrap();
    entries.iter().filter(|e| matches!(e.event, Event::ActAsked { .. })).count()
}

#[test]
fn one_bad_deployment_is_undone_alone_and_helm_knows_nothing_of_it() {
    let mut story = Story::open("one-service").named("one-service-undo");
    declare(&mut story.drill);
    story.drill.keys("U");
    story.moment("which workload");
    story.drill.keys("<Enter>");
    story.moment("its revisions");
    story.drill.keys("<Enter>");
    story.moment("the plan");
    story.drill.keys("aa1<Enter>");
    story.moment("asked");
    ended(&mut story.drill);
    story.moment("the end of the undo");
    let model = &story.drill.session.model;
    let what = "Deployment payment-service back on its revision 1 (payment-service:2.3.0), every pod new and ready";
    assert_eq!(job(model).ending, Some(Ending::Seen { what: what.into() }));
    assert_eq!((image(model), revisions(&story.drill)), ("2.3.0", vec![1, 2, 3]));
    let live = ask(&story.drill, Verb::Get);
    assert_eq!(live.pointer("/metadata/annotations/deployment.kubernetes.io~1revision"), Some(&json!("3")));
    assert_eq!(live.pointer("/metadata/annotations/meta.helm.sh~1release-name"), Some(&json!("ecommerce-app")));
    story.drill.keys("<Esc>");
    story.drill.skip_until("low errors", |m| met(m, 9));
    story.moment("errors are low again");
    let model = &story.drill.session.model;
    let undone: Vec<(String, u64)> = model.undone().iter().map(|u| (u.workload.to_string(), u.to)).collect();
    assert_eq!(undone, [("Deployment payment-service".into(), 1)]);
    let screen = story.drill.screen();
    assert!(screen.contains("current, but") && screen.contains("payment-service undone"), "{screen}");
    // The step counts it for what it is, once the target is chosen: its images run, helm's record is another.
    story.drill.keys("v<Enter>");
    let said = &story.drill.session.model.evidence[&StepNo(5)];
    let wanted = "by undo of payment-service: rev 2's images run; helm's record is rev 3";
    assert_eq!((said.verdict, said.value.as_str()), (Verdict::Met, wanted));
    story.end();
}

/// Closes the incident with every step settled, whatever its evidence says.
fn close(drill: &mut Rehearsal) {
    for _ in 0..40 {
        let Some(incident) = drill.session.model.open_incident() else { return };
        match incident.first_open(&drill.session.model.settings.runbook) {
            Some(no) => {
                drill.session.model.panes.step = no;
                drill.keys("S").write("rehearsed");
            }
            None => {
                drill.keys("<Enter>");
            }
        }
    }
}

#[test]
fn an_undo_that_cures_is_no_wrong_turn_and_one_that_does_not_is() {
    // The service, the revision of it, the wrong turns.
    for (service, wrong) in [("payment-service", 0), ("cart-service", 1)] {
        let mut drill = Rehearsal::open("one-service");
        declare(&mut drill);
        drill.keys("4/").write(service).keys("<Down>U");
        drill.keys("<Enter>aa");
        let (plan, _) = on_show(&drill);
        read(&mut drill);
        drill.write(&plan.datum().wanted);
        ended(&mut drill);
        drill.keys("<Esc>1");
        if wrong == 0 {
            drill.skip_until("low errors", |m| met(m, 9));
            drill.wait(120);
        }
        close(&mut drill);
        let model = &drill.session.model;
        let closed = model.incident.as_ref().unwrap().entries.last().unwrap().event.sentence();
        let overwritten =
            format!("The next helm upgrade overwrites the undo of {service}: helm's record is still revision 3");
        assert!(closed.contains(&overwritten), "{closed}");
        assert_eq!(model.score.as_ref().map(|s| s.wrong_turns), Some(wrong), "{service}\n{}", drill.screen());
    }
}

#[test]
fn what_helm_writes_later_is_undone_no_more() {
    let mut drill = Rehearsal::open("one-service");
    declare(&mut drill);
    drill.keys("U<Enter><Enter>aa1<Enter>");
    ended(&mut drill);
    assert_eq!(drill.session.model.undone().len(), 1);
    drill.keys("<Esc>aaR");
    read(&mut drill);
    drill.keys("2<Enter>");
    drill.skip_until("a rollback", |m| m.jobs.all.len() == 2);
    ended(&mut drill);
    assert!(drill.session.model.undone().is_empty());
}

#[test]
fn an_undo_leaves_a_wrong_configuration_as_it_is_and_the_plan_says_so() {
    let mut drill = Rehearsal::open("wrong-config");
    drill.keys("aaU<Enter><Enter>");
    let (plan, _) = on_show(&drill);
    let said =
        plan.findings().iter().any(|f| f.level == Level::Confirm && f.sentence.contains("payment-service-config"));
    assert!(said, "{:#?}", plan.findings());
    drill.keys("1<Enter>");
    ended(&mut drill);
    drill.wait(180);
    assert!(!met(&drill.session.model, 9), "the ConfigMap still points at the sandbox\n{}", drill.screen());
}

#[test]
fn a_restart_replaces_every_pod_and_nothing_else() {
    let mut drill = Rehearsal::open("one-service");
    let before = pods(&drill.session.model);
    drill.keys("aaP<Enter>");
    let (plan, _) = on_show(&drill);
    assert_eq!(plan.datum().wanted, PAYMENT);
    drill.keys("payment<Enter>");
    assert_eq!(
        on_show(&drill).1.as_deref(),
        Some("type the workload's name, payment-service, to confirm, not payment")
    );
    drill.keys("-service<Enter>");
    drill.skip_until("the old pods are gone", |m| job(m).ending.is_some() && pods(m).len() == before.len());
    let after = pods(&drill.session.model);
    assert!(after.iter().all(|name| !before.contains(name)), "{before:?} {after:?}");
    assert_eq!((image(&drill.session.model), revisions(&drill)), ("2.4.0", vec![1, 2, 3]));
    assert!(matches!(&job(&drill.session.model).ending, Some(Ending::Seen { what }) if what.contains("restarted")));
    let mark = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt";
    assert!(ask(&drill, Verb::Get).pointer(mark).is_some());
}

#[test]
fn the_pod_under_the_cursor_names_the_workload() {
    let mut drill = Rehearsal::open("one-service");
    drill.keys("4/").write("payment").keys("<Down>U");
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Kept { workload, cursor, .. }) => {
            assert_eq!((workload.to_string().as_str(), *cursor), ("Deployment payment-service", Some(1)));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn neither_fires_unarmed_read_only_or_without_its_datum() {
    for keys in ["U<Enter><Enter>", "P<Enter>"] {
        let mut drill = Rehearsal::open("one-service");
        drill.keys(keys);
        let datum = on_show(&drill).0.datum().wanted;
        drill.keys(&format!("{datum}<Enter>"));
        assert_eq!(on_show(&drill).1.as_deref(), Some("not armed: press a twice to arm for a while"));
        let mut drill = Rehearsal::open("one-service");
        drill.keys(&format!("aa{keys}<Enter><Enter>7<Enter>")).paste(&format!("{datum}\n"));
        assert!(on_show(&drill).1.is_some_and(|why| why.starts_with("type the ")));
        assert_eq!((asked(&drill), image(&drill.session.model)), (0, "2.4.0"));
        let mut drill = Rehearsal::open_on(&drill_of("one-service"), |s| s.read_only = true, (80, 24));
        drill.keys(&format!("aa{keys}{datum}<Enter>"));
        assert!(on_show(&drill).1.is_some_and(|why| why.contains("read-only")));
        assert_eq!(asked(&drill), 0);
    }
}

fn drill_of(name: &str) -> backout::sim::Drill {
    drill(name).unwrap()
}

#[test]
fn a_second_act_waits_for_the_first() {
    let mut drill = Rehearsal::open("one-service");
    drill.keys("aaU<Enter><Enter>1<Enter><Esc>");
    for keys in ["P", "U", "R"] {
        drill.keys(keys);
        assert_eq!(said(&drill), "job 1 is running: one act at a time", "{keys}");
    }
    ended(&mut drill);
    drill.keys("P<Enter>");
    assert_eq!(on_show(&drill).0.noun(), "restart");
}

#[test]
fn a_plan_is_void_when_somebody_else_moves_the_workload() {
    let mut drill = Rehearsal::open("one-service");
    drill.keys("aaU<Enter><Enter>");
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": PAYMENT, "image": "acrshop.example/shop/payment-service:2.3.0"}]}}}});
    ask(&drill, Verb::PatchAs("luis", backout::helm::api::PatchKind::Strategic, patch));
    drill.wait(1);
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Refused(refusal) => assert_eq!(
                refusal.sentence,
                "Deployment payment-service was changed by somebody else: it was at its revision 2, it is at its revision 3"
            ),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
    drill.keys("1<Enter>");
    assert_eq!(asked(&drill), 0);
}

#[test]
fn gitops_stands_above_the_datum_of_an_undo() {
    let mut drill = Rehearsal::open("gitops");
    drill.keys("U<Enter><Enter>");
    let (plan, _) = on_show(&drill);
    let grave = plan.findings().iter().filter(|f| f.level == Level::Confirm && f.sentence.contains("Argo CD"));
    assert_eq!(grave.count(), 1, "{:#?}", plan.findings());
}

/// The journal up to and with the first entry like that.
fn until(drill: &Rehearsal, like: impl Fn(&Event) -> bool) -> Vec<Entry> {
    let entries = drill.journal.entries.lock().unwrap();
    let at = entries.iter().position(|e| like(&e.event)).unwrap();
    entries[..=at].to_vec()
}

#[test]
fn an_act_that_a_crash_cut_short_is_unknown_looked_at_and_never_repeated() {
    let cases = [
        (
            "aaU<Enter><Enter>1<Enter>",
            "Undo Deployment payment-service to its revision 1",
            "the undo was never written",
        ),
        ("aaP<Enter>payment-service<Enter>", "Restart Deployment payment-service", "was never written"),
    ];
    for (keys, act, stands) in cases {
        let mut before = Rehearsal::open("one-service");
        before.keys(keys);
        let entries = until(&before, |e| matches!(e, Event::ActAsked { .. }));
        let mut drill = Rehearsal::open("one-service");
        *drill.journal.entries.lock().unwrap() = entries.clone();
        let ours = Earlier::Ours { entries, aside: None };
        drill.hear(Msg::Looked(drill.session.model.others.generation, ours));
        assert!(drill.session.model.jobs.all.is_empty(), "no act is repeated by itself");
        let incident = drill.session.model.incident.clone().unwrap();
        assert!(matches!(incident.jobs[&JobId(1)].ending, Some(Ending::Unknown { .. })));
        let notice = drill.session.model.notice.clone().unwrap();
        assert_eq!(notice.tone, Tone::Alarm);
        assert!(notice.text.contains(stands), "{}", notice.text);
        assert!(drill.timeline().contains("Cockpit resumed; outcome unknown: job 1"), "{}", drill.timeline());
        let screen = drill.screen_at(160, 40);
        assert!(screen.contains(&format!("Outcome of job 1 unknown ({act})")), "{screen}");
        assert_eq!(Incident::fold(&drill.journal.entries.lock().unwrap()), drill.session.model.incident);
        assert_eq!(image(&drill.session.model), "2.4.0");
    }
}
