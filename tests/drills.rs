//! Whole incidents, each solved by a script of keys on its drill, to the closed incident.

#[path = "support/rehearsal.rs"]
mod rehearsal;

use rehearsal::Rehearsal;

#[test]
fn the_situation_names_what_is_wrong_since_when_and_what_changed_before() {
    let drill = Rehearsal::open("plan");
    let sentence = drill.session.model.situation.sentence().to_owned();
    assert!(sentence.starts_with("errors "), "{sentence}");
    assert!(sentence.contains("after rev 3"), "{sentence}");
}

#[test]
fn declaring_ticks_the_first_two_steps_and_the_cursor_moves_on() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>");
    println!("{}\n{}", drill.screen(), drill.timeline());
    let incident = drill.session.model.incident.as_ref().unwrap();
    assert!(incident.step(backout::domain::name::StepNo(1)).is_settled());
    assert!(incident.step(backout::domain::name::StepNo(2)).is_settled());
    assert_eq!(drill.session.model.panes.step, backout::domain::name::StepNo(3));
}
