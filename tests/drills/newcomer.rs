//! What somebody stumbles on who knows the README and `?` and nothing else: keys that act, keys that are silent, and what
//! is said before a key is pressed.

use backout::domain::checklist::{Proof, StepState};
use backout::domain::event::Event;
use backout::domain::fact::{Fact, PodNews};
use backout::domain::name::StepNo;
use backout::intent::enter::Enter;
use backout::model::arm::Arm;
use backout::model::dialog::{Dialog, Extent, PlanState};
use backout::model::feed::Feed;
use backout::model::panes::Pane;
use backout::model::{FrameNo, Model};
use backout::msg::Msg;
use backout::sim::drill;
use backout::update::update;

use super::rehearsal::{Rehearsal, parse, settings};
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
    drill.keys("u");
    assert_eq!(said(&drill), "u is no key here: n writes a note, ? shows all keys");
    drill.keys("Ru");
    assert_eq!(said(&drill), "u is no key here: ? shows the keys");
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
        assert!(!footer(&drill).contains("Space") && !footer(&drill).contains("skip"), "{}", footer(&drill));
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
        (8, Enter::Tick, "8 Ask every service: Enter ticks it with: 10/10 UP", "Enter tick"),
        (9, Enter::Tick, "9 Errors below 1 %: Enter ticks it with: errors", "Enter tick"),
        (11, Enter::Show(Pane::Criteria), "11 Hold for 15 minutes: Enter shows the eight criteria", "Enter criteria"),
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
    assert_eq!(drill.session.model.panes.zoom, Some(Pane::Criteria));
    assert!(promised(&drill).contains("Enter or Esc"), "{}", promised(&drill));
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

/// Why the last Enter on the plan did nothing.
fn complaint(drill: &Rehearsal) -> Option<String> {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Ready { complaint, .. } => complaint.clone(),
            other => panic!("no plan is on show: {other:?}"),
        },
        other => panic!("no plan is on show: {other:?}"),
    }
}

pub fn footer(drill: &Rehearsal) -> String {
    drill.screen().lines().last().unwrap().trim_matches('"').trim().to_owned()
}

#[test]
fn a_plan_that_was_not_on_screen_to_its_end_is_not_confirmed() {
    let mut drill = Rehearsal::open_sized("plan", 60, 15);
    drill.keys("aaR2<Enter>");
    let why = complaint(&drill).unwrap();
    assert!(why.ends_with("lines of this plan were not on screen yet: ↓ or PgDn"), "{why}");
    drill.keys("<Up>");
    assert!(drill.screen().contains("more lines to know first: ↓ or PgDn"), "{}", drill.screen());
    assert!(!drill.screen().contains("db-migrate"), "the warning is what is not seen\n{}", drill.screen());
    let mut pages = 0;
    while drill.screen().contains("more lines to know first") {
        drill.keys("<PgDn>");
        pages += 1;
        assert!(pages < 9, "{}", drill.screen());
    }
    assert_eq!(written(&drill), []);
    drill.keys("<Enter>");
    assert!(written(&drill).iter().any(|e| matches!(e, Event::ActAsked { .. })), "{}", drill.screen());
}

#[test]
fn a_screen_too_small_for_a_line_of_the_plan_confirms_nothing() {
    let mut drill = Rehearsal::open_sized("plan", 20, 5);
    drill.keys("aaR2<Enter><Down><Down><Enter><PgDn><Enter>");
    assert_eq!(written(&drill), []);
}

#[test]
fn each_warning_of_a_plan_has_its_cure_beside_it_at_80_by_24() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("R");
    let screen = drill.screen().replace("\"\n\"", " ");
    let words: Vec<_> = screen.split(|c: char| c.is_whitespace() || c == '┃').filter(|w| !w.is_empty()).collect();
    let screen = words.join(" ");
    for cure in ["Know what it does before you confirm", "Ask the DBA on call if the database of now fits revision 2."]
    {
        assert!(screen.contains(cure), "{cure}\n{}", drill.screen());
    }
    assert!(!screen.contains("more lines to know first"), "{}", drill.screen());
}

#[test]
fn rolling_back_to_what_already_runs_says_so_instead_of_a_plan() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter>");
    ended(&mut drill);
    drill.keys("<Esc>R");
    assert!(
        drill.screen().contains("What revision 2 had already runs, as revision 4: there is nothing"),
        "{}",
        drill.screen()
    );
    drill.keys("2<Enter>");
    assert_eq!(revisions(&drill), [1, 2, 3, 4]);
}

#[test]
fn a_plan_says_its_keys_and_how_it_is_left() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("R");
    assert_eq!(footer(&drill), "Enter confirm  Tab all changes  ↓ scroll  a arm  c copy  ? keys  Esc cancel");
    drill.keys("<Tab>");
    assert!(footer(&drill).contains("Tab summary"), "{}", footer(&drill));
    drill.keys("<Tab>q");
    assert!(drill.screen().contains("Esc cancels this plan, then q ends: nothing of it has run"), "{}", drill.screen());
    drill.keys("?");
    assert!(drill.screen().contains("Keys here") && drill.screen().contains("copy the command line"));
    drill.keys("2");
    assert!(!drill.screen().contains("Keys here"), "any key closes it");
    drill.keys("<Enter>");
    assert_eq!(
        complaint(&drill).as_deref(),
        Some("not armed: press a twice to arm for a while; and type the target revision, 2, to confirm"),
        "all that is missing at once, and the key that closed the keys was no datum"
    );
    drill.keys("<Esc>");
    assert!(drill.session.model.dialog.is_none());
    // Leaving has keys of its own.
    drill.keys("aaR2<Enter><Esc>q");
    assert_eq!(footer(&drill), "Enter leave  Esc stay");
}

#[test]
fn a_time_box_says_in_words_what_is_left_and_by_how_much_it_is_over() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>");
    assert!(drill.screen().contains("00:30 left") || drill.screen().contains("00:29 left"), "{}", drill.screen());
    assert!(!drill.screen().contains("-00:"), "{}", drill.screen());
    drill.wait(40);
    assert!(drill.screen().contains("▲ 00:1") && drill.screen().contains(" over"), "{}", drill.screen());
}

#[test]
fn what_a_sensor_sees_before_the_rollback_is_said_as_such_and_ticks_nothing() {
    let mut drill = Rehearsal::open("plan");
    declare(&mut drill);
    drill.session.model.panes.step = StepNo(6);
    assert_eq!(evidence(&drill.session.model, 6).value, "before the rollback, 10 of 10 rollouts done");
    assert!(!met(&drill.session.model, 6) && !met(&drill.session.model, 7));
    assert!(!drill.screen().contains('◇'), "{}", drill.screen());
    drill.keys("<Space><Enter>");
    assert!(!step(&drill.session.model, 6).is_settled());
    // Where the rollback is left out on purpose it holds nobody up.
    drill.session.model.panes.step = StepNo(5);
    drill.keys("S").write("the release is innocent");
    assert!(met(&drill.session.model, 7));
}

#[test]
fn the_whole_caution_and_the_commands_of_a_step_are_one_key_away() {
    let mut drill = Rehearsal::open("plan");
    declare(&mut drill);
    for no in [4, 5] {
        drill.session.model.panes.step = StepNo(no);
        let warns = drill.session.model.settings.runbook.step(StepNo(no)).unwrap().warns.clone();
        let last = warns.split_whitespace().next_back().unwrap().to_owned();
        let screen = drill.screen();
        assert!(screen.contains(&last) || screen.contains("i: all"), "step {no}\n{screen}");
    }
    drill.session.model.panes.step = StepNo(10);
    assert!(footer(&drill).contains("i step"), "{}", footer(&drill));
    drill.session.model.panes.step = StepNo(8);
    drill.keys("i");
    assert!(drill.screen().contains("$ kubectl --context drill -n prod get services"), "{}", drill.screen());
    assert!(footer(&drill).contains("c copy"), "{}", footer(&drill));
    drill.keys("c");
    let copied = drill.copied.last().unwrap();
    assert!(copied.contains("--context drill") && copied.contains("<name>:<port>/proxy"), "{copied}");
}

#[test]
fn a_target_that_nobody_measured_is_planned_with_that_said() {
    let mut drill = Rehearsal::open("blind");
    drill.keys("R");
    assert!(drill.screen().contains("revision 2 was never measured: nobody knows that it was"), "{}", drill.screen());
    let mut drill = Rehearsal::open("plan");
    drill.keys("R");
    assert!(drill.screen().contains("3 d 18 h at 0.2 %") && !drill.screen().contains("never measured"));
}

#[test]
fn nothing_scrolls_past_its_end() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("?");
    for _ in 0..80 {
        drill.keys("<Down>");
    }
    let end = drill.screen();
    drill.keys("<Up>");
    assert_ne!(drill.screen(), end, "one key back is one line back");
}

#[test]
fn a_drill_is_moved_on_only_while_something_is_to_come_and_never_by_half_an_hour() {
    let mut drill = Rehearsal::open("plan");
    declare(&mut drill);
    for no in [3, 4, 11] {
        drill.session.model.panes.step = StepNo(no);
        assert!(footer(&drill).contains("> ahead"), "step {no}: {}", footer(&drill));
    }
    for _ in 0..4 {
        let before = drill.session.model.now.wall;
        drill.keys(">");
        assert!(drill.session.model.now.wall - before <= chrono::Duration::minutes(5));
    }
    assert_eq!(said(&drill), "5 min passed and nothing happened");
    drill.session.model.panes.step = StepNo(4);
    drill.keys("<Enter><Enter>aaR2<Enter>");
    ended(&mut drill);
    drill.keys("<Esc>");
    tick(&mut drill, 5);
    verify(&mut drill);
    let before = drill.session.model.now.wall;
    drill.keys(">");
    assert_eq!(said(&drill), "nothing is left to wait for: step 12 is yours to do");
    assert_eq!(drill.session.model.now.wall, before);
    assert!(!footer(&drill).contains('>'), "{}", footer(&drill));
}

#[test]
fn the_headline_names_the_revision_that_is_live_where_it_is_not_the_one_of_the_onset() {
    let drill = Rehearsal::open("naive-trap");
    let sentence = drill.session.model.situation.sentence();
    assert!(sentence.contains("after rev 3 (order-service 2.3.1 -> 2.4.0, 1 more); rev 4 is live"), "{sentence}");
    let drill = Rehearsal::open("plan");
    assert!(!drill.session.model.situation.sentence().contains("is live"));
}

#[test]
fn a_filter_written_before_the_first_page_of_pods_holds() {
    let mut model = Model::new(settings(&drill("plan").unwrap()), Rehearsal::open("plan").session.model.now, (80, 24));
    for key in parse("/order") {
        let frame = FrameNo(model.frame.0 + 1);
        update(&mut model, Msg::Drawn(frame, Extent::default()));
        update(&mut model, Msg::Key(key, frame));
    }
    let frame = model.frame;
    update(&mut model, Msg::Key(parse("<Enter>").remove(0), frame));
    assert_eq!((model.panes.filter.as_str(), model.feeds.pods.known().is_none()), ("order", true));
    update(&mut model, Msg::Fact(Fact::Pods(PodNews::Page(Vec::new()))));
    assert_eq!(model.feeds.pods.known().map(|t| t.filter().to_owned()).as_deref(), Some("order"));
}

#[test]
fn what_is_chosen_in_a_list_is_on_screen_however_small_that_is() {
    let mut drill = Rehearsal::open_sized("plan", 60, 15);
    drill.keys("<Enter><Down><Down>");
    assert!(drill.screen().contains("› SEV-4"), "{}", drill.screen());
    drill.keys("<Up><Up><Up>");
    assert!(drill.screen().contains("› SEV-1"), "{}", drill.screen());
    let mut drill = Rehearsal::open_sized("innocent-release", 60, 15);
    drill.keys("v<Down><Down><Down>");
    assert!(drill.screen().contains("› · 1"), "{}", drill.screen());
}

#[test]
fn the_board_beside_other_panes_leaves_no_criterion_out() {
    let mut drill = Rehearsal::open("plan");
    declare(&mut drill);
    drill.keys("8");
    let screen = drill.screen();
    for criterion in backout::domain::board::Criterion::ALL {
        assert!(screen.contains(criterion.title()), "{}\n{screen}", criterion.title());
    }
}

#[test]
fn enter_before_the_cluster_has_said_who_it_is_keeps_the_choice_for_the_next_enter() {
    let mut drill = Rehearsal::open("one-service");
    let known = std::mem::replace(&mut drill.session.model.identity, Feed::watched());
    assert!(drill.screen().contains("not yet, the cluster has not said who it is"), "{}", drill.screen());
    drill.keys("<Enter><Enter>");
    assert!(
        drill.screen().contains("Nothing is declared: the cluster has not said who it is yet"),
        "{}",
        drill.screen()
    );
    assert!(drill.session.model.incident.is_none());
    drill.session.model.identity = known;
    drill.keys("<Enter>");
    assert!(drill.session.model.open_incident().is_some(), "{}", drill.screen());
}
