//! What a dialog takes for an answer, and what it never does.

use backout::domain::checklist::StepState;
use backout::domain::dashboard::Dashboard;
use backout::domain::event::{Ending, Event};
use backout::domain::name::{Revision, StepNo};
use backout::domain::severity::Severity;
use backout::helm::progress::{Images, Lot, Stage};
use backout::model::Model;
use backout::model::arm::Arm;
use backout::model::dialog::{Dialog, Extent, PlanState};
use backout::sim::drill as played;

use super::elsewhere;
use super::rehearsal::Rehearsal;
use super::solve::*;

/// Whether any act was ever asked for.
fn acted(drill: &Rehearsal) -> bool {
    let entries = drill.journal.entries.lock().unwrap();
    let asked = entries.iter().any(|e| matches!(e.event, Event::ActAsked { .. }));
    asked || !drill.session.model.jobs.all.is_empty() || revisions(drill).len() != 3
}

/// The plan's dialog: what is typed, and why the last Enter did nothing.
fn answer(drill: &Rehearsal) -> (String, Option<String>) {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Ready { typed, complaint, .. } => (typed.clone(), complaint.clone()),
            other => panic!("no plan is on show: {other:?}"),
        },
        other => panic!("no plan is on show: {other:?}"),
    }
}

/// The refusal that the dialog shows.
fn refusal(drill: &Rehearsal) -> String {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Refused(refusal) => refusal.sentence.clone(),
            other => panic!("it is not refused: {other:?}"),
        },
        other => panic!("it is not refused: {other:?}"),
    }
}

#[test]
fn a_pasted_datum_with_an_enter_never_confirms() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR");
    for text in ["2\n", "2\r\n2\n", "2", "\n", "\u{1b}[201~2\n"] {
        drill.paste(text);
        assert!(!acted(&drill), "{text:?}");
        assert_eq!(answer(&drill), (String::new(), None), "{text:?}");
    }
    drill.keys("2<Enter>");
    assert!(acted(&drill), "the same by hand does");
}

#[test]
fn a_paste_goes_into_a_line_of_text_and_only_its_first_line() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>n").paste("ring \u{1b}[31mMarta\nR2\n").keys("<Enter>");
    let entries = drill.journal.entries.lock().unwrap();
    assert_eq!(entries.last().map(|e| e.event.clone()), Some(Event::Note { text: "ring Marta".into() }));
}

#[test]
fn keys_that_were_typed_before_a_dialog_was_drawn_never_answer_it() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aa");
    // All four at once: the plan comes back between them, but no frame has shown it.
    drill.press("R2<Enter>");
    drill.settle();
    assert!(!acted(&drill));
    assert_eq!(answer(&drill), (String::new(), None));
    // While "making the plan" was on screen: read for that frame, they do not answer the plan either.
    let mut drill = Rehearsal::open("plan");
    drill.keys("aa").press("R");
    let planning =
        backout::msg::Msg::Drawn(backout::model::FrameNo(drill.session.model.frame.0 + 1), Extent::default());
    drill.session.hear(planning);
    let frame = drill.session.model.frame;
    futures::executor::block_on(drill.session.settled());
    for key in super::rehearsal::parse("2<Enter>") {
        drill.session.hear(backout::msg::Msg::Key(key, frame));
    }
    drill.settle();
    assert!(!acted(&drill));
    assert_eq!(answer(&drill), (String::new(), None));
}

#[test]
fn enter_alone_never_rolls_production_back() {
    for before in ["", "aa", "<Enter><Enter>aa", "aaR", "aav", "v"] {
        let mut drill = Rehearsal::open("plan");
        drill.keys(before);
        for _ in 0..30 {
            drill.keys("<Enter>");
        }
        for step in 1..=15 {
            drill.keys("<Esc><Esc>1").session.model.panes.step = StepNo(step);
            drill.keys("<Enter><Enter><Enter><Enter>");
        }
        assert!(!acted(&drill), "after {before:?}\n{}", drill.timeline());
    }
}

#[test]
fn what_is_not_the_datum_does_not_confirm() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR");
    for (typed, said) in [("", ""), ("3", ", not 3"), ("22", ", not 22"), ("02", ", not 02")] {
        drill.keys(typed).keys("<Enter>");
        let wanted = format!("type the target revision, 2, to confirm{said}");
        assert_eq!(answer(&drill).1, Some(wanted), "{typed:?}");
        drill.keys("<Back><Back>");
    }
    assert!(!acted(&drill));
}

#[test]
fn a_cockpit_that_is_not_armed_refuses_in_a_sentence() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("R2<Enter>");
    assert_eq!(answer(&drill), ("2".into(), Some("not armed: press a twice to arm for a while".into())));
    assert!(!acted(&drill));
    drill.keys("aa<Enter>");
    assert!(acted(&drill), "armed in the dialog, the datum still stands\n{}", drill.screen());
}

#[test]
fn arming_expires_and_then_refuses() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2").wait(600).keys("<Enter>");
    assert_eq!(drill.session.model.arm, Arm::Safe);
    assert_eq!(answer(&drill).1.as_deref(), Some("not armed: press a twice to arm for a while"));
    assert!(!acted(&drill));
}

#[test]
fn a_read_only_cockpit_shows_the_plan_and_refuses_the_rest() {
    let mut reader = Rehearsal::open_on(&played("plan").unwrap(), |s| s.read_only = true, (80, 24));
    reader.keys("aa");
    assert_eq!(said(&reader), "this cockpit is read-only");
    reader.keys("R2<Enter>");
    assert_eq!(answer(&reader).1.as_deref(), Some("this cockpit is read-only: nothing can be changed from here"));
    reader.keys("aa<Enter>");
    assert!(!acted(&reader));
    assert!(reader.screen().contains("read-only"), "{}", reader.screen());
}

#[test]
fn a_history_that_somebody_else_moved_voids_the_plan_on_show() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2");
    elsewhere::roll_back(&drill.handle, 1);
    drill.wait(1);
    assert_eq!(refusal(&drill), "ecommerce-app was moved by somebody else: it was at revision 3, it is at revision 4");
    drill.keys("<Enter>");
    let entries = drill.journal.entries.lock().unwrap();
    assert!(!entries.iter().any(|e| matches!(e.event, Event::ActAsked { .. })));
}

#[test]
fn a_history_moved_between_the_confirmation_and_the_act_ends_it_void() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2").press("<Enter>");
    // Confirmed and asked for, not yet begun: somebody is faster.
    elsewhere::roll_back(&drill.handle, 1);
    drill.settle();
    let ending = job(&drill.session.model).ending.clone();
    assert!(matches!(&ending, Some(Ending::Void { .. })), "{ending:?}");
    drill.wait(1);
    assert_eq!(revisions(&drill), [1, 2, 3, 4], "nothing of ours was written");
    let StepState::Failed { why, .. } = step(&drill.session.model, 5) else { panic!("{}", drill.timeline()) };
    assert!(why.contains('4'), "{why}");
}

#[test]
fn only_one_act_at_a_time() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter><Esc>R");
    assert_eq!(said(&drill), "job 1 is running: one act at a time");
    assert!(drill.session.model.dialog.is_none());
    ended(&mut drill);
    drill.keys("<Esc>R");
    assert!(drill.session.model.dialog.is_some(), "{}", drill.screen());
}

#[test]
fn skipping_wants_a_reason() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>S<Enter>");
    assert_eq!(said(&drill), "nothing was written: the line was empty");
    assert!(!step(&drill.session.model, 3).is_settled());
    drill.keys("S").write("   ");
    assert!(!step(&drill.session.model, 3).is_settled());
    drill.keys("S").write("I am the lead");
    let StepState::Skipped { why, by, .. } = step(&drill.session.model, 3) else { panic!("{}", drill.timeline()) };
    assert_eq!((why.as_str(), by.as_str()), ("I am the lead", "ana"));
    assert!(drill.screen().contains("skipped"), "a skipped step stays visible\n{}", drill.screen());
}

#[test]
fn raising_the_severity_is_one_key_and_lowering_asks_why() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>+");
    let severity = |d: &Rehearsal| d.session.model.incident.as_ref().unwrap().severity;
    assert_eq!(severity(&drill), Severity::Sev1);
    drill.keys("-");
    assert!(drill.screen().contains("Why lower to SEV-2?"), "{}", drill.screen());
    drill.keys("<Enter>");
    assert_eq!(severity(&drill), Severity::Sev1, "without a reason it stays");
    drill.keys("-").write("payments work");
    assert_eq!(severity(&drill), Severity::Sev2);
    assert!(drill.timeline().contains("Severity SEV-2: payments work"));
    // The declare dialog is no way around it, where a rollback has opened the incident.
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter><Esc>");
    drill.session.model.panes.step = StepNo(2);
    drill.keys("<Enter><Down><Enter>");
    assert!(drill.screen().contains("Why lower to SEV-3?"), "{}", drill.screen());
    drill.keys("<Esc>");
    assert_eq!(severity(&drill), Severity::Sev2);
}

#[test]
fn an_unavailable_wish_has_a_reason_in_words() {
    let mut drill = Rehearsal::open("plan");
    for (key, reason) in [
        ("n", "no incident is open: Enter on step 1 declares it"),
        ("S", "no incident is open: Enter on step 1 declares it"),
        ("J", "nothing was run from here"),
        ("e", "there is only one release here"),
    ] {
        drill.keys(key);
        assert_eq!(said(&drill), reason, "{key}");
    }
}

#[test]
fn a_target_chosen_by_hand_is_the_one_that_is_planned() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter>v<Down><Enter>");
    assert_eq!(drill.session.model.target(), Some(Revision(1)));
    drill.keys("R");
    assert!(drill.screen().contains("revision 3 -> 1, written as revision 4"), "{}", drill.screen());
}

#[test]
fn a_rollback_that_crashes_shows_each_pod_and_what_it_last_said() {
    let mut drill = Rehearsal::open("naive-trap");
    drill.keys("aav<Up><Enter>3<Enter>");
    let said = |m: &Model| job(m).lights.last_lines.values().any(|l| l.line.is_some());
    drill.skip_until("a new pod fails and its last line is read", said);
    let lights = &job(&drill.session.model).lights;
    let (service, last) = lights.last_lines.iter().find(|(_, l)| l.line.is_some()).unwrap();
    assert!(last.line.as_ref().unwrap().ends_with("ERROR Terminating due to java.lang.OutOfMemoryError"), "{last:?}");
    let pods = &lights.pods[service];
    let is = |lot: Lot, stage: fn(&Stage) -> bool| pods.iter().any(|p| p.lot == lot && stage(&p.stage));
    assert!(is(Lot::New, |s| matches!(s, Stage::Failing { .. })), "{pods:#?}");
    assert!(is(Lot::Old, |s| *s == Stage::Ready), "{pods:#?}");
    assert!(matches!(lights.images[service], Images::Mixed(_)), "{:?}", lights.images);
    let screen = drill.screen();
    for words in ["OOMKilled, exit 137", "still serves", "last log line: 2025-12-01T04:", "images equal target"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    insta_screen("drills__crash_progress", &drill);
}

#[test]
fn images_equal_the_target_before_the_pods_are_ready() {
    // Only a line of configuration differs, so every pod has the target's images while none of the new ones is ready.
    let mut drill = Rehearsal::open("wrong-config");
    drill.keys("aaR2<Enter>");
    drill.skip_until("helm is done", |m| job(m).lights.helm_done.is_some());
    drill.settle();
    let lights = &job(&drill.session.model).lights;
    let (equal, all) = lights.equal();
    assert_eq!((equal, all, lights.ready), (10, 10, false), "{:?}", lights.images);
    let light = |word: &str| drill.screen().lines().find(|l| l.contains(word)).unwrap_or_default().to_owned();
    assert!(light("images equal target").contains('✔'), "{}", drill.screen());
    assert!(light("pods ready").contains('◷'), "{}", drill.screen());
}

#[test]
fn each_object_is_told_as_it_is_dealt_with() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter>");
    ended(&mut drill);
    drill.keys("<Down>");
    let screen = drill.screen_at(80, 40);
    assert!(screen.contains("✔ change Deployment order-service"), "{screen}");
    assert!(screen.contains("✔ images equal target"), "{screen}");
}

#[test]
fn a_pod_on_show_is_read_again_and_says_how_old_it_is() {
    let mut drill = Rehearsal::open("naive-trap");
    drill.keys("4<Down><Enter>");
    let lines = |drill: &Rehearsal| match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Pod { detail, .. }) => detail.known().unwrap().logs[0].lines.clone().unwrap(),
        other => panic!("no pod is on show: {other:?}"),
    };
    let first = lines(&drill);
    assert!(drill.screen().contains("Events and logs  0 s"), "{}", drill.screen());
    drill.wait(3);
    assert!(drill.screen().contains("Events and logs  3 s"), "{}", drill.screen());
    drill.wait(10);
    assert_ne!(lines(&drill), first, "a log that goes on is read again");
    drill.keys("<Esc>").wait(20);
    assert!(drill.session.model.dialog.is_none());
}

#[test]
fn the_command_on_show_is_copied_whole_and_read_only_too() {
    for read_only in [false, true] {
        let mut drill = Rehearsal::open_on(&played("plan").unwrap(), |s| s.read_only = read_only, (80, 24));
        drill.keys("R");
        let shown = match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
            Some(Dialog::Plan(d)) => match &d.state {
                PlanState::Ready { plan, .. } => plan.command().to_owned(),
                other => panic!("no plan is on show: {other:?}"),
            },
            other => panic!("no plan is on show: {other:?}"),
        };
        assert!(shown.starts_with("helm rollback ecommerce-app 2 -n prod"), "{shown}");
        drill.keys("c");
        assert_eq!(drill.copied, [shown]);
        assert_eq!(answer(&drill), (String::new(), None), "copying types nothing");
    }
}

/// Holds the screen at 80x24 to what was accepted.
fn insta_screen(name: &str, drill: &Rehearsal) {
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, drill.screen());
    });
}

#[test]
fn the_link_of_the_dashboard_has_the_time_of_the_incident_and_without_one_it_is_said_where_to_name_it() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("y");
    assert!(said(&drill).contains("[grafana] in backout.toml names it"), "{}", said(&drill));
    let dashboard = Dashboard::at("https://g.example/d/shop");
    drill.session.model.settings.dashboard = Some(dashboard.clone());
    drill.keys("y");
    // Half an hour before the first curve went beyond its limit.
    let from = "2025-12-01T04:00:45Z".parse().unwrap();
    assert_eq!(drill.copied, [dashboard.link(from, None)]);
    assert!(said(&drill).contains("04:00 to now: https://g.example/d/shop?from="), "{}", said(&drill));
}
