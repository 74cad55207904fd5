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

#[test]
fn the_plans_own_incident_is_solved_from_declare_to_closed() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>"); // declare: steps 1 and 2
    drill.keys("<Space>").write("called Marta, she takes the phone"); // 3, attested
    drill.keys("<Enter><Enter>"); // 4: choose the proposed target
    drill.keys("aR2<Enter>"); // 5: arm, prepared rollback, datum
    println!("{}\n{}", drill.screen(), drill.timeline());
    drill.skip_until("the rollback ended", |m| m.jobs.newest().is_some_and(|(_, j)| j.ending.is_some()));
    println!("{}\n{}", drill.screen(), drill.timeline());
    drill.keys("<Esc>");
    for _ in 0..3 {
        drill.skip_until("step proved", |m| {
            m.evidence.get(&m.panes.step).is_some_and(|e| e.verdict == backout::domain::evidence::Verdict::Met)
        });
        drill.keys("<Space>");
    }
    println!("{}\n{}", drill.screen(), drill.timeline());
}
