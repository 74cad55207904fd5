//! What is refused here and done by helm itself: refused with its command line, planned with its argv, confirmed by the
//! same datum, journaled before and after, unknown after a crash. The helm of a drill is no process.

use backout::domain::earlier::Earlier;
use backout::domain::event::{Ending, Event};
use backout::domain::name::{JobId, Revision};
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, Resource, Verb};
use backout::helm::payload;
use backout::helm::plan::Plan;
use backout::model::dialog::{Dialog, PlanState};
use backout::msg::Msg;
use backout::sim::{Drill, Trouble, What, drill as played};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::executor::block_on;
use serde_json::Value;

use super::elsewhere;
use super::rehearsal::Rehearsal;
use super::solve::*;

/// The drill `plan`, where the manifest of revision 2 holds a character that ends a line for helm alone.
fn odd(change: impl FnOnce(&mut Drill)) -> Rehearsal {
    let mut changed = played("plan").unwrap();
    change(&mut changed);
    let mut drill = Rehearsal::open_on(&changed, |_| {}, (80, 24));
    let resource = Resource { gvk: Gvk::new("v1", "Secret"), plural: "secrets".into(), namespaced: true };
    let name = "sh.helm.release.v1.ecommerce-app.v2".to_owned();
    let target = ObjectRef { resource, namespace: Some("prod".into()), name };
    let ask = |verb| {
        let call = Call::Object { target: target.clone(), verb, mode: Mode::Commit };
        block_on(drill.handle.world().cluster.call(call))
    };
    let Answer::Object(mut object) = ask(Verb::Get) else { panic!("revision 2 is there") };
    let json = payload::inflate(&payload::text(&object).unwrap()).unwrap();
    let mut release: Value = serde_json::from_slice(&json).unwrap();
    release["manifest"] = format!("# Sale\u{2028}\n{}", release["manifest"].as_str().unwrap()).into();
    let text = payload::deflate(&serde_json::to_vec(&release).unwrap()).unwrap();
    object["data"]["release"] = STANDARD.encode(text).into();
    assert!(matches!(ask(Verb::Replace(object)), Answer::Object(_)));
    drill.wait(1);
    drill
}

fn state(drill: &Rehearsal) -> &PlanState {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(dialog)) => &dialog.state,
        other => panic!("{other:?}"),
    }
}

fn plan(drill: &Rehearsal) -> Plan {
    match state(drill) {
        PlanState::Ready { plan, .. } => (**plan.rollback().unwrap()).clone(),
        other => panic!("{other:?}"),
    }
}

fn accepted(name: &str, drill: &Rehearsal) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("drills__{name}@80x24"), drill.screen()));
}

fn events(drill: &Rehearsal) -> Vec<Event> {
    drill.journal.entries.lock().unwrap().iter().map(|e| e.event.clone()).collect()
}

#[test]
fn what_is_refused_here_is_done_by_helm_under_the_same_datum_lock_and_journal() {
    let mut drill = odd(|_| {});
    drill.keys("R");
    let PlanState::Refused(refusal) = state(&drill) else { panic!("{}", drill.screen()) };
    assert!(refusal.sentence.contains("U+2028") && refusal.command.starts_with("helm rollback ecommerce-app 2 "));
    accepted("refused-here", &drill);
    drill.keys("H");
    accepted("planned-for-helm", &drill);
    let planned = plan(&drill);
    let program = planned.program.clone().unwrap();
    let argv = "rollback ecommerce-app 2 -n prod --kube-context drill --history-max 0 --wait --timeout 5m";
    assert_eq!((program.path.as_str(), program.arguments.join(" ").as_str()), ("helm", argv));
    assert_eq!(program.environment, [("HELM_DRIVER".to_owned(), "secret".to_owned())]);
    assert_eq!((planned.from, planned.to, planned.writes), (Revision(3), Revision(2), Revision(4)));
    // Enter alone, unarmed, or with another datum it does not run.
    drill.keys("<Enter>2<Enter><Back>aa3<Enter>");
    assert!(drill.session.model.jobs.all.is_empty());
    read(&mut drill);
    drill.keys("<Back>2<Enter>");
    ended(&mut drill);
    accepted("done-by-helm", &drill);
    let what = "rev 2 as rev 4, deployed by helm v4.3.1, which ended with exit code 0 and says every workload is ready";
    assert_eq!(job(&drill.session.model).ending, Some(Ending::Seen { what: what.into() }));
    assert_eq!(job(&drill.session.model).lights.said, ["Rollback was a success! Happy Helming!"]);
    let events = events(&drill);
    let asked = events.iter().position(|e| matches!(e, Event::ActAsked { command, .. } if *command == planned.command));
    let done = events.iter().position(|e| matches!(e, Event::ActEnded { .. }));
    assert!(asked.is_some() && asked < done, "{}", drill.timeline());
    drill.wait(2);
    assert_eq!(revisions(&drill), [1, 2, 3, 4]);
    drill.keys("<Esc>").skip_until("the rollouts of the target", |m| met(m, 5) && met(m, 6));
}

#[test]
fn what_helm_says_when_it_fails_is_told_with_what_the_records_say() {
    let mut drill = odd(|d| {
        let what = What::Forbidden { verb: "create".into(), resource: "secrets".into() };
        d.troubles.push(Trouble { from: d.start + chrono::Duration::seconds(5), until: None, what });
    });
    drill.keys("aaRH");
    read(&mut drill);
    drill.wait(6).keys("2<Enter>");
    ended(&mut drill);
    let Some(Ending::Failed { why }) = &job(&drill.session.model).ending else { panic!("{}", drill.timeline()) };
    assert!(why.starts_with("helm v4.3.1 ended with exit code 1: Error: "), "{why}");
    assert!(why.contains("you may not create secrets") && why.contains("revision 4 was not written"), "{why}");
    assert_eq!(revisions(&drill), [1, 2, 3]);
}

#[test]
fn a_history_that_moved_since_the_plan_starts_no_helm() {
    let mut drill = odd(|_| {});
    drill.keys("aaRH");
    read(&mut drill);
    drill.keys("2").press("<Enter>");
    elsewhere::roll_back(&drill.handle, 1);
    drill.settle();
    let ending = job(&drill.session.model).ending.clone();
    assert!(matches!(&ending, Some(Ending::Void { why }) if why.contains("has moved on: revision 4")), "{ending:?}");
    assert_eq!(job(&drill.session.model).lights.said, Vec::<String>::new());
}

#[test]
fn a_helm_that_a_crash_cut_off_is_unknown_looked_at_and_never_started_again() {
    let mut before = odd(|_| {});
    before.keys("aaRH");
    read(&mut before);
    before.keys("2<Enter>");
    let entries = before.journal.entries.lock().unwrap().clone();
    let asked = entries.iter().position(|e| matches!(e.event, Event::ActAsked { .. })).unwrap();
    let entries = entries[..=asked].to_vec();
    let mut drill = odd(|_| {});
    *drill.journal.entries.lock().unwrap() = entries.clone();
    drill.hear(Msg::Looked(drill.session.model.others.generation, Earlier::Ours { entries, aside: None }));
    assert!(drill.session.model.jobs.all.is_empty());
    let incident = drill.session.model.incident.clone().unwrap();
    assert!(matches!(incident.jobs[&JobId(1)].ending, Some(Ending::Unknown { .. })));
    let notice = drill.session.model.notice.clone().unwrap().text;
    assert!(notice.contains("revision 4 was not written"), "{notice}");
    assert_eq!(revisions(&drill), [1, 2, 3]);
}

#[test]
fn what_may_not_be_read_stands_in_helms_way_too_and_is_not_offered() {
    let mut drill = odd(|d| {
        let what = What::Forbidden { verb: "list".into(), resource: "secrets".into() };
        d.troubles.push(Trouble { from: d.start + chrono::Duration::seconds(5), until: None, what });
    });
    drill.wait(6).keys("R");
    let PlanState::Refused(refusal) = state(&drill) else { panic!("{}", drill.screen()) };
    assert!(refusal.sentence.contains("cannot be read") && !refusal.command.is_empty(), "{refusal:?}");
    assert!(!drill.screen().contains("H plans it"), "{}", drill.screen());
    drill.keys("H");
    assert_eq!(said(&drill), "helm itself is asked only for what cannot be done here exactly");
}

#[test]
fn helm_is_not_asked_for_what_is_done_here() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("R").keys("H");
    assert!(plan(&drill).program.is_none(), "H is no key of a plan that stands");
}
