//! What somebody stumbles on who knows the README and `?` and nothing else: keys that act, keys that are silent, and what
//! is said before a key is pressed.

use backout::domain::checklist::{Proof, StepState};
use backout::domain::event::Event;
use backout::domain::name::StepNo;
use backout::intent::enter::Enter;
use backout::model::FrameNo;
use backout::model::arm::Arm;
use backout::model::panes::Pane;
use backout::msg::Msg;

use super::rehearsal::{Rehearsal, parse};
use super::solve::*;

/// What the journal holds, without what the world showed by itself.
fn written(drill: &Rehearsal) -> Vec<Event> {
    let entries = drill.journal.entries.lock().unwrap();
    entries.iter().map(|e| e.event.clone()).filter(|e| !matches!(e, Event::Seen { .. })).collect()
}

fn burst(drill: &mut Rehearsal, text: &str) {
    let frame = drill.session.model.frame;
    drill.hear(Msg::Burst(parse(text), frame));
}

#[test]
fn words_typed_where_nothing_asks_for_them_arm_nothing_and_skip_nothing() {
    for words in ["called Marta<Enter>", "again<Enter>", "all payments fail since 04:30<Enter>", "is down<Enter>"] {
        let mut drill = Rehearsal::open("plan");
        declare(&mut drill);
        drill.keys(words);
        let model = &drill.session.model;
        assert_eq!(model.arm, Arm::Safe, "{words}");
        assert!(!written(&drill).iter().any(|e| matches!(e, Event::StepSkipped { .. } | Event::ActAsked { .. })));
    }
}

#[test]
fn arming_wants_the_same_key_twice_and_anything_between_keeps_it_safe() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("a");
    assert_eq!(said(&drill), "a once more arms for 10 min; any other key stays safe");
    assert!(drill.screen().lines().next().unwrap().contains("a arms"), "{}", drill.screen());
    drill.keys("<Down>");
    for between in ["<Down>", "x", "<Enter><Esc>", "R<Esc>"] {
        drill.keys("a").keys(between);
        assert_eq!(drill.session.model.arm, Arm::Safe, "{between}");
    }
    drill.keys("a").wait(6);
    assert_eq!(drill.session.model.arm, Arm::Safe, "the second key came too late");
    drill.keys("aa");
    assert!(matches!(drill.session.model.arm, Arm::Armed { .. }));
    drill.keys("a");
    assert_eq!((drill.session.model.arm, said(&drill).as_str()), (Arm::Safe, "disarmed: nothing can run"));
}

#[test]
fn what_comes_faster_than_a_hand_is_no_command() {
    let mut drill = Rehearsal::open("plan");
    for text in ["note", "aaR2<Enter>", "Roll back", "<Enter>aa"] {
        burst(&mut drill, text);
        let model = &drill.session.model;
        assert!(model.dialog.is_none() && model.arm == Arm::Safe, "{text}");
        assert!(said(&drill).starts_with("several letters came at once"), "{text}: {}", said(&drill));
    }
    assert_eq!(written(&drill), []);
    // In a plan it neither arms nor types the datum.
    drill.keys("R");
    burst(&mut drill, "aa2<Enter>");
    assert_eq!((drill.session.model.arm, written(&drill).len()), (Arm::Safe, 0));
    // Where words are wanted they are words.
    drill.keys("<Esc><Enter><Enter>n");
    burst(&mut drill, "half of payments fail<Enter>");
    assert_eq!(written(&drill).last(), Some(&Event::Note { text: "half of payments fail".into() }));
}

#[test]
fn a_letter_that_is_no_key_says_so() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("x");
    assert_eq!(said(&drill), "x is no key here: n writes a note, ? shows all keys");
    drill.keys("Rx");
    assert_eq!(said(&drill), "x is no key here: ? shows the keys");
}

#[test]
fn a_key_does_nothing_to_a_step_that_is_not_on_screen() {
    for away in ["4z", "2z", "5z"] {
        let mut drill = Rehearsal::open("plan");
        declare(&mut drill);
        let before = written(&drill).len();
        drill.keys(away).keys("<Space>S");
        assert_eq!(said(&drill), "the checklist is not on screen: 1 goes to it", "{away}");
        assert_eq!((written(&drill).len(), drill.session.model.dialog.is_none()), (before, true), "{away}");
        let footer = drill.screen().lines().last().unwrap().to_owned();
        assert!(!footer.contains("Space") && !footer.contains("skip"), "{footer}");
        drill.keys("<Esc>");
        assert_eq!((drill.session.model.panes.zoom, drill.session.model.focus()), (None, Pane::Checklist));
    }
    // Below 80x24 only the pane that has the keys is on screen.
    let mut drill = Rehearsal::open_sized("plan", 60, 15);
    declare(&mut drill);
    drill.keys("4<Space>");
    assert_eq!(said(&drill), "the checklist is not on screen: 1 goes to it");
    drill.keys("1<Enter>");
    assert!(drill.session.model.dialog.is_some());
}

#[test]
fn one_arming_is_for_one_act() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter>");
    assert_eq!(drill.session.model.arm, Arm::Safe);
    assert_eq!(said(&drill), "disarmed again: one arming is for one act");
    assert!(drill.screen().lines().next().unwrap().contains(" safe "), "{}", drill.screen());
    ended(&mut drill);
    drill.keys("<Esc>R1<Enter>");
    assert_eq!(revisions(&drill), [1, 2, 3, 4]);
}

/// What Enter does, as the action line has it.
fn promised(drill: &Rehearsal) -> String {
    let screen = drill.screen();
    let line = screen.lines().rev().find(|l| l.contains(" ▶ ")).unwrap_or_default();
    line.trim_matches('"').trim().to_owned()
}

#[test]
fn what_enter_does_is_said_before_it_is_pressed_on_every_step() {
    let mut drill = Rehearsal::open("plan");
    let footer = |d: &Rehearsal| d.screen().lines().last().unwrap().trim_matches('"').trim().to_owned();
    assert_eq!(Enter::of(&drill.session.model), Enter::Declare);
    assert!(footer(&drill).starts_with("Enter declare"), "{}", footer(&drill));
    drill.keys("aaR2<Enter>");
    ended(&mut drill);
    drill.keys("<Esc>");
    drill.skip_until("errors low", |m| met(m, 9));
    for (no, enter, said, hint) in [
        (1, Enter::Tick, "1 Declare the incident: Enter ticks it with: SEV-2 declared", "Enter tick"),
        (2, Enter::ChooseSeverity, "2 Choose the severity: Enter chooses the severity.", "Enter severity"),
        (3, Enter::Attest, "3 Call the on-call lead: Enter asks what you did or saw", "Enter tick"),
        (
            4,
            Enter::GoOn(StepNo(1)),
            "4 Find the good version: Enter goes on to step 1; this one is done",
            "Enter to step 1",
        ),
        (5, Enter::Tick, "5 Roll back: Enter ticks it with: rev 2 as rev 4", "Enter tick"),
        (6, Enter::Tick, "6 Watch the rollouts: Enter ticks it with: 10 of 10", "Enter tick"),
        (9, Enter::Tick, "9 Errors below 1 %: Enter ticks it with: errors", "Enter tick"),
        (11, Enter::Show(Pane::Errors), "11 Hold for 15 minutes: Enter shows the error rate", "Enter error rate"),
        (
            13,
            Enter::Show(Pane::Timeline),
            "13 Write the report: Enter shows the timeline. Space ticks",
            "Enter timeline",
        ),
        (15, Enter::FollowUp, "15 Note action items: Enter writes an action item. Space ticks", "Enter follow-up"),
    ] {
        drill.session.model.panes.step = StepNo(no);
        assert_eq!(Enter::of(&drill.session.model), enter, "step {no}");
        assert!(promised(&drill).starts_with(&format!("▶ {said}")), "{no}: {}", promised(&drill));
        assert!(footer(&drill).starts_with(hint), "step {no}: {}", footer(&drill));
    }
    // And it does so.
    drill.session.model.panes.step = StepNo(6);
    drill.keys("<Enter>");
    assert_eq!(ticked(&drill.session.model, 6).1, Proof::Sensed);
    drill.session.model.panes.step = StepNo(4);
    drill.keys("<Enter>");
    assert_eq!(drill.session.model.panes.step, StepNo(1));
    drill.session.model.panes.step = StepNo(11);
    drill.keys("<Enter>");
    assert_eq!(drill.session.model.panes.zoom, Some(Pane::Errors));
    assert!(promised(&drill).contains("Enter or Esc goes back"), "{}", promised(&drill));
    drill.keys("<Enter>");
    assert_eq!((drill.session.model.panes.zoom, drill.session.model.focus()), (None, Pane::Checklist));
    drill.session.model.panes.step = StepNo(3);
    drill.keys("<Enter>").write("called Marta");
    assert!(matches!(step(&drill.session.model, 3), StepState::Done { proof: Proof::Attested, .. }));
}

#[test]
fn keys_read_together_do_not_answer_what_the_first_of_them_opens() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aa");
    let frame = drill.session.model.frame;
    for key in parse("R2<Enter>") {
        drill.session.hear(Msg::Key(key, frame));
    }
    drill.settle();
    assert_eq!(written(&drill), []);
    assert!(drill.session.model.frame > FrameNo(0));
}
