//! A rollback that is not seen ready, or fails part way: what is live, what is not ready and why, and the one safe next
//! step, on the dialog, on the action line, and on the key that they name.

use std::time::Duration;

use backout::domain::event::Ending;
use backout::domain::name::Revision;
use backout::model::dialog::{Dialog, PlanState, Wish};
use backout::model::panes::Pane;
use backout::sim::{Drill, Trouble, What, drill as played};

use super::rehearsal::Rehearsal;
use super::solve::*;

/// Confirmed, and run to its end with that much patience.
fn rolled_back(played: &Drill, to: u32, patience: Duration) -> Rehearsal {
    let mut drill = Rehearsal::open_on(played, |_| {}, (80, 24));
    drill.session.executor.terms.timeout = patience;
    drill.keys("<Enter><Enter>aav");
    for _ in 0..9 {
        match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
            Some(Dialog::Targets { revision }) if revision.0 > to => drill.keys("<Down>"),
            Some(Dialog::Targets { revision }) if revision.0 < to => drill.keys("<Up>"),
            _ => break,
        };
    }
    drill.keys("<Enter>R");
    read(&mut drill);
    drill.wait(5).keys(&format!("{to}<Enter>"));
    ended(&mut drill);
    drill
}

fn open(drill: &Rehearsal) -> Option<&Dialog> {
    drill.session.model.dialog.as_ref().map(|o| &o.dialog)
}

fn flat(screen: &str) -> String {
    screen.lines().map(|l| l.trim_matches(['"', '┃', ' '])).collect::<Vec<_>>().join(" ")
}

/// Holds the screen to what was accepted.
fn accepted(name: &str, drill: &Rehearsal) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("drills__{name}@80x24"), drill.screen()));
}

#[test]
fn a_rollback_that_failed_part_way_says_what_is_live_and_enter_plans_it_again() {
    let mut broken = played("plan").unwrap();
    broken.troubles.push(Trouble {
        from: broken.start + chrono::Duration::seconds(4),
        until: Some(broken.start + chrono::Duration::seconds(20)),
        what: What::Conflict { object: "Deployment/order-service".into() },
    });
    let mut drill = rolled_back(&broken, 2, Duration::from_mins(5));
    let Some(Ending::Failed { why }) = &job(&drill.session.model).ending else { panic!("{}", drill.timeline()) };
    assert!(
        why.contains("Live is now a mix: of 2 objects that differ 1 are as in revision 2, the others as in 3"),
        "{why}"
    );
    accepted("failed-part-way", &drill);
    let next = "Next: roll back to 2 again when the cause is gone, never to 3";
    assert!(
        flat(&drill.screen()).contains(&format!("{next}. Enter plans it; nothing runs yet.")),
        "{}",
        drill.screen()
    );
    drill.keys("<Esc>");
    assert!(flat(&drill.screen()).contains(&format!("{next} (J, Enter).")), "{}", drill.screen());
    drill.wait(30).keys("J<Enter>");
    match open(&drill) {
        Some(Dialog::Plan(dialog)) => {
            assert!(matches!(&dialog.wish, Wish::RollBack(Revision(2), _)), "{:?}", dialog.wish);
            assert!(matches!(dialog.state, PlanState::Ready { .. }), "{:?}", dialog.state);
        }
        other => panic!("{other:?}"),
    }
    // The plan opens; only its datum runs it, and then nothing more is to be done.
    assert_eq!(drill.session.model.jobs.all.len(), 1);
    drill.keys("aa");
    read(&mut drill);
    drill.keys("2<Enter>");
    drill.skip_until("the second rollback", |m| m.jobs.all.len() == 2);
    ended(&mut drill);
    drill.keys("<Esc>");
    assert!(!drill.screen().contains("Next:"), "{}", drill.screen());
}

#[test]
fn pods_of_the_target_that_crash_are_what_to_look_at_and_the_way_is_never_back() {
    let mut drill = rolled_back(&played("naive-trap").unwrap(), 3, Duration::from_mins(2));
    let Some(Ending::Unseen { what }) = &job(&drill.session.model).ending else { panic!("{}", drill.timeline()) };
    assert!(what.starts_with("rev 3 as rev 5 is live; user-service "), "{what}");
    accepted("not-ready-in-time", &drill);
    let said = flat(&drill.screen());
    assert!(
        said.contains("which does not come up (") && said.contains("never back to 4. Enter shows it with its log.")
    );
    drill.keys("<Enter>");
    match open(&drill) {
        Some(Dialog::Pod { pod, .. }) => assert!(pod.as_str().starts_with("order-service-"), "{pod}"),
        other => panic!("{other:?}"),
    }
    drill.keys("<Esc>");
    assert!(flat(&drill.screen()).contains("Next: look at order-service-"), "{}", drill.screen());
}

#[test]
fn pods_that_only_need_time_are_to_be_watched_until_they_are_ready() {
    let mut drill = rolled_back(&played("plan").unwrap(), 2, Duration::from_secs(12));
    assert!(matches!(&job(&drill.session.model).ending, Some(Ending::Unseen { .. })), "{}", drill.timeline());
    let next = "Next: watch the pods, the rollback itself is done; never back to 3";
    assert!(flat(&drill.screen()).contains(&format!("{next}. Enter shows them.")), "{}", drill.screen());
    drill.keys("<Enter>");
    assert!(open(&drill).is_none() && drill.session.model.focus() == Pane::Pods);
    assert!(flat(&drill.screen()).contains(&format!("{next} (J, Enter).")), "{}", drill.screen());
    drill.skip_until("every rollout", |m| met(m, 6));
    assert!(!drill.screen().contains("Next:"), "what was waited for is there\n{}", drill.screen());
}
