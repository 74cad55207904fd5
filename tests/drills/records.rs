//! The journal as the operator meets it: a disk that is full, a tick whose proof is lost, a cockpit that died, and one
//! that somebody else holds.

use backout::domain::checklist::{Lost, StepState};
use backout::domain::earlier::Earlier;
use backout::domain::event::{Ending, Entry, Event};
use backout::domain::incident::Incident;
use backout::domain::name::{JobId, Person, StepNo};
use backout::domain::writer::Writer;
use backout::model::Tone;
use backout::model::arm::Arm;
use backout::model::journal::JournalState;
use backout::msg::Msg;

use super::elsewhere;
use super::rehearsal::Rehearsal;
use super::solve::*;

#[test]
fn a_journal_that_cannot_be_written_lets_nothing_run_and_says_why_on_the_dialog() {
    let mut drill = Rehearsal::open("plan");
    *drill.journal.full.lock().unwrap() = true;
    drill.keys("aaR2<Enter>");
    assert!(drill.session.model.jobs.all.is_empty());
    assert_eq!(revisions(&drill), [1, 2, 3]);
    let screen = drill.screen();
    assert!(screen.contains("the journal cannot be written") && screen.contains("nothing was run"), "{screen}");
    assert!(matches!(&drill.session.model.journal, JournalState::Broken { why } if why.contains("No space left")));
    // Neither is anything else taken for done.
    drill.keys("<Esc><Enter><Enter>");
    assert!(drill.session.model.incident.is_none());
    // With space again the same plan wants its datum again, and runs.
    *drill.journal.full.lock().unwrap() = false;
    drill.keys("<Esc>R<Enter>");
    assert!(drill.session.model.jobs.all.is_empty(), "the datum was not kept");
    drill.keys("2<Enter>");
    assert_eq!(drill.session.model.jobs.all.len(), 1);
}

#[test]
fn evidence_that_is_lost_after_the_tick_reopens_the_step_loudly_with_both_values() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter>");
    ended(&mut drill);
    drill.keys("<Esc>");
    drill.skip_until("low errors", |m| met(m, 9));
    drill.session.model.panes.step = StepNo(9);
    drill.keys("<Space>");
    let was = ticked(&drill.session.model, 9).0;
    elsewhere::roll_back(&drill.handle, 3);
    let open = |m: &backout::model::Model| !step(m, 9).is_settled();
    drill.skip_until("step 9 reopened", open);
    let StepState::Doing { reopened: Some(Lost { was: before, now }), .. } = step(&drill.session.model, 9) else {
        panic!("{}", drill.timeline())
    };
    assert_eq!(before, was);
    assert!(now.starts_with("errors ") && now != was, "{now}");
    assert_eq!(drill.session.model.panes.step, StepNo(9), "the cursor is on it");
    let notice = drill.session.model.notice.clone().unwrap();
    assert_eq!((notice.tone, notice.text), (Tone::Alarm, format!("step 9 is open again: was {was}, now {now}")));
    let screen = drill.screen_at(120, 40);
    let figure = |value: &str| value.split(" (").next().unwrap().to_owned();
    let (was, now_seen) = (format!("was {}", figure(&was)), format!("now {}", figure(&now)));
    assert!(screen.contains(&was) && screen.contains(&now_seen), "both values are on screen\n{screen}");
    assert!(drill.timeline().contains(&format!("Step 9 reopened: now {now}")));
}

/// The journal of a cockpit that was killed right after the act was asked for, as `plan` leaves it.
fn cut_short() -> Vec<Entry> {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>aaR2<Enter>");
    let entries = drill.journal.entries.lock().unwrap().clone();
    let asked = entries.iter().position(|e| matches!(e.event, Event::ActAsked { .. })).unwrap();
    entries[..=asked].to_vec()
}

/// What a look tells that finds those entries left open.
fn found(drill: &Rehearsal, entries: &[Entry]) -> Msg {
    let ours = Earlier::Ours { entries: entries.to_vec(), aside: None };
    Msg::Looked(drill.session.model.others.generation, ours)
}

/// A cockpit that finds those entries on its machine.
fn resumed(entries: &[Entry]) -> Rehearsal {
    let mut drill = Rehearsal::open("plan");
    *drill.journal.entries.lock().unwrap() = entries.to_vec();
    drill.hear(found(&drill, entries));
    drill
}

#[test]
fn a_resumed_cockpit_says_where_you_were_and_what_is_unknown_and_repeats_nothing() {
    let entries = cut_short();
    let mut drill = resumed(&entries);
    // Where the act stands was read from the cluster: nothing was begun.
    assert!(drill.session.model.jobs.all.is_empty(), "no act is repeated by itself");
    assert_eq!(revisions(&drill), [1, 2, 3]);
    let model = &drill.session.model;
    let incident = model.incident.as_ref().unwrap();
    let ending = incident.jobs[&JobId(1)].ending.clone();
    assert!(matches!(&ending, Some(Ending::Unknown { .. })), "{ending:?}");
    assert_eq!(model.panes.step, StepNo(3), "the first open step");
    let notice = model.notice.clone().unwrap();
    assert_eq!(notice.tone, Tone::Alarm);
    assert!(notice.text.contains("ecommerce-app"), "{}", notice.text);
    let timeline = drill.timeline();
    assert!(timeline.contains("Cockpit resumed; outcome unknown: job 1"), "{timeline}");
    assert!(timeline.contains("After the restart, job 1:"), "{timeline}");
    // The journal still folds to what is on screen.
    let folded = Incident::fold(&drill.journal.entries.lock().unwrap());
    assert_eq!(folded, drill.session.model.incident);
    // It goes on by hand, as a new act with a new number.
    drill.keys("aaR2<Enter>");
    assert_eq!(drill.session.model.jobs.all.keys().copied().collect::<Vec<_>>(), [JobId(2)]);
}

#[test]
fn what_a_resume_says_first_names_the_step_and_the_unknown_act() {
    let entries = cut_short();
    let mut drill = Rehearsal::open("plan");
    *drill.journal.entries.lock().unwrap() = entries.clone();
    drill.wait(60);
    let msg = found(&drill, &entries);
    backout::update::update(&mut drill.session.model, msg);
    let text = said(&drill);
    assert!(text.contains("you were at step 3, 1 min 0 s ago"), "{text}");
    assert!(text.contains("outcome UNKNOWN: Roll back ecommerce-app to revision 2"), "{text}");
}

#[test]
fn a_place_is_kept_without_an_act_too() {
    let mut before = Rehearsal::open("plan");
    declare(&mut before);
    let entries = before.journal.entries.lock().unwrap().clone();
    let drill = resumed(&entries);
    let text = said(&drill);
    assert!(text.contains("you were at step 4") && !text.contains("UNKNOWN"), "{text}");
    assert_eq!(drill.session.model.panes.step, StepNo(4));
}

#[test]
fn an_incident_that_another_cockpit_holds_is_read_only_and_says_who_holds_it() {
    let entries = cut_short();
    let mut drill = Rehearsal::open("plan");
    drill.hear(Msg::Held(Writer::Other(Person::new("luis@bastion-2")), entries.clone()));
    assert_eq!(said(&drill), "luis@bastion-2 holds this incident: this cockpit is read-only");
    assert_eq!(drill.session.model.arm, Arm::ReadOnly);
    drill.keys("aa<Space>x<Enter>").keys("<Esc>+n").write("x").keys("<Esc>R2<Enter><Esc>");
    assert_eq!(drill.journal.entries.lock().unwrap().len(), 0, "it writes nothing");
    assert!(drill.session.model.jobs.all.is_empty());
    assert_eq!(drill.session.model.incident, Incident::fold(&entries));
    assert!(drill.screen().contains("luis@bastion-2"), "{}", drill.screen());
}

#[test]
fn at_every_end_the_journal_folds_to_the_incident_on_screen() {
    let mut drill = Rehearsal::open("wrong-config");
    drill.keys("aaR2<Enter>");
    ended(&mut drill);
    drill.keys("<Esc>n").write("half of payments failed").keys("+").wait(30);
    let folded = Incident::fold(&drill.journal.entries.lock().unwrap());
    assert_eq!(folded, drill.session.model.incident);
}

#[test]
fn an_incident_is_not_closed_over_a_running_act() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter><Esc>");
    for no in 1..=15 {
        drill.session.model.panes.step = StepNo(no);
        drill.keys("S").write("left out");
    }
    assert!((1..=15).all(|no| step(&drill.session.model, no).is_settled()), "{}", drill.timeline());
    drill.keys("<Enter>");
    assert_eq!(said(&drill), "job 1 is running: its end belongs in the record");
    assert!(drill.session.model.open_incident().is_some());
    ended(&mut drill);
    // Its end puts the step that it served back into the hand, skipped or not.
    drill.keys("<Esc>");
    drill.session.model.panes.step = StepNo(5);
    tick(&mut drill, 5);
    drill.keys("<Enter>");
    assert!(drill.session.model.open_incident().is_none(), "{}", drill.screen());
}
