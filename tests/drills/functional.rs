//! Functional tests from the cockpit: what only reads runs at once, what writes by a plan, each once; and what they said
//! before the last act counts no more.

use backout::domain::event::{Ending, Event};
use backout::domain::evidence::Verdict;
use backout::model::dialog::Dialog;

use super::rehearsal::Rehearsal;
use super::solve::*;
use super::story::Story;

fn verdict(drill: &Rehearsal) -> (Verdict, String) {
    let evidence = evidence(&drill.session.model, 10);
    (evidence.verdict, evidence.value.clone())
}

fn read_only(drill: &mut Rehearsal) {
    drill.keys("T<Enter>");
    drill.skip_until("the tests that only read", |m| m.tests.asked.is_none());
}

/// What the journal holds of the tests.
fn told(drill: &Rehearsal) -> Vec<String> {
    let entries = drill.journal.entries.lock().unwrap();
    let what = |e: &backout::domain::event::Entry| match &e.event {
        Event::ActProgressed { what, .. } if what.starts_with("test ") => Some(what.clone()),
        _ => None,
    };
    entries.iter().filter_map(what).collect()
}

#[test]
fn what_writes_is_asked_once_by_a_plan_and_what_was_said_before_an_act_counts_no_more() {
    let mut story = Story::open("plan").named("tests");
    declare(&mut story.drill);
    story.drill.keys("T");
    story.moment("the list");
    story.drill.keys("<Enter>");
    story.drill.skip_until("the tests that only read", |m| m.tests.asked.is_none());
    story.moment("what only reads has passed");
    assert_eq!(told(&story.drill), Vec::<String>::new());
    story.drill.keys("<Esc>aaT<Enter>");
    story.moment("the plan of what writes");
    read(&mut story.drill);
    story.drill.keys("prod<Enter>");
    ended(&mut story.drill);
    story.moment("while it is broken");
    let why = "2 of 4 tests passed, create order: expected 201, answered 500; perhaps made, look for it: one order of 2 \
               items, by the test account";
    assert_eq!(job(&story.drill.session.model).ending, Some(Ending::Failed { why: why.into() }));
    let all = [
        "test login: passed",
        "test product list: passed",
        "test create order: expected 201, answered 500",
        "test payment: not asked: {order} is not known",
    ];
    assert_eq!(told(&story.drill), all);
    let said = (Verdict::NotMet, "2/4 tests passed, create order: expected 201, answered 500".to_owned());
    assert_eq!(verdict(&story.drill), said);
    story.drill.keys("<Esc>");
    roll_back(&mut story, 2);
    assert_eq!(verdict(&story.drill), (Verdict::Unknown, "none of 4 tests run".to_owned()));
    story.drill.keys("T");
    story.moment("from before the rollback");
    story.drill.keys("<Esc>");
    read_only(&mut story.drill);
    assert_eq!(
        verdict(&story.drill),
        (Verdict::Unknown, "2/4 tests passed, create order not run, it writes; 1 more".into())
    );
    story.drill.keys("<Esc>aaT<Enter>");
    assert!(story.drill.screen().contains("They wrote at"), "{}", story.drill.screen());
    read(&mut story.drill);
    story.drill.keys("prod<Enter>");
    ended(&mut story.drill);
    story.drill.keys("<Esc>");
    assert_eq!(verdict(&story.drill).0, Verdict::Met);
    assert_eq!(told(&story.drill).len(), 8);
    story.end();
}

#[test]
fn nothing_that_writes_is_offered_before_what_reads_has_passed_and_nothing_runs_unarmed() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("T");
    assert!(drill.screen().contains("What writes comes after they"), "{}", drill.screen());
    drill.keys("<Esc>");
    read_only(&mut drill);
    drill.keys("<Enter>");
    assert!(matches!(drill.session.model.dialog.as_ref().map(|o| &o.dialog), Some(Dialog::Plan(_))));
    read(&mut drill);
    drill.keys("prod<Enter>");
    assert!(drill.screen().contains("not confirmed"), "{}", drill.screen());
    assert!(drill.session.model.incident.is_none() && told(&drill).is_empty());
}

#[test]
fn without_a_test_the_step_is_ticked_by_word_and_the_list_says_how_one_is_written() {
    let played = backout::sim::drill("plan").unwrap();
    let mut drill = Rehearsal::open_on(&played, |s| *s = s.clone().with_tests(Vec::new()), (80, 24));
    drill.keys("T");
    assert!(drill.screen().contains("No test is configured"), "{}", drill.screen());
    drill.keys("<Enter>");
    assert!(drill.session.model.dialog.is_none());
    let step = drill.session.model.settings.runbook.steps().find(|s| s.no.0 == 10).unwrap();
    assert_eq!((step.sensor, step.offer), (None, None));
}
