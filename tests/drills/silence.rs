//! An alert silenced from the cockpit: a key opens, a line says how long and why, the datum confirms; and no calm comes
//! of it.

use backout::domain::alert::AlertState;
use backout::domain::board::Criterion;
use backout::domain::event::Ending;
use backout::domain::evidence::Verdict;
use backout::model::dialog::Dialog;

use super::rehearsal::Rehearsal;
use super::solve::*;
use super::story::Story;

fn silenced(drill: &Rehearsal) -> Vec<String> {
    let all = drill.session.model.feeds.alerts.known().unwrap().iter();
    all.filter(|a| a.state == AlertState::Silenced)
        .map(|a| format!("{} {}", a.called(), a.silence().unwrap().words()))
        .collect()
}

fn asks(drill: &Rehearsal) -> bool {
    matches!(drill.session.model.dialog.as_ref().map(|o| &o.dialog), Some(Dialog::Ask(_)))
}

#[test]
fn an_alert_is_silenced_with_a_reason_and_rings_on_in_here() {
    let mut story = Story::open("one-service").named("silence");
    story.drill.skip_until("it rings", |m| m.alerts_to_silence().next().is_some());
    declare(&mut story.drill);
    story.drill.keys("aax");
    story.moment("which alert");
    story.drill.keys("<Enter>");
    assert!(asks(&story.drill));
    story.moment("for how long, and why");
    story.drill.write("known, ana is on it");
    story.moment("the plan of the silence");
    read(&mut story.drill);
    assert_eq!(silenced(&story.drill), Vec::<String>::new());
    story.drill.write("HighErrorRate");
    ended(&mut story.drill);
    story.moment("silenced");
    let ending = job(&story.drill.session.model).ending.clone();
    assert!(matches!(&ending, Some(Ending::Seen { what }) if what.contains("it still rings here")), "{ending:?}");
    story.drill.keys("<Esc>").wait(15);
    assert_eq!(silenced(&story.drill).len(), 1);
    let row = &story.drill.session.model.board.rows[&Criterion::Alerts];
    assert_eq!(
        (row.verdict(), row.value.as_str()),
        (Some(Verdict::NotMet), "HighErrorRate rings (payment-service), 1 more")
    );
    story.drill.keys("6z");
    story.moment("the alerts afterwards");
    story.end();
}

#[test]
fn a_silence_wants_a_time_a_reason_an_alert_that_rings_and_none_before_it() {
    let mut drill = Rehearsal::open("one-service");
    drill.skip_until("it rings", |m| m.alerts_to_silence().next().is_some());
    for (before, says) in [("<Home>", "begin with for how long"), ("", "write why")] {
        drill.keys(&format!("x<Enter>{before}")).write(if before.is_empty() { "" } else { "x" });
        assert!(said(&drill).contains(says), "{}", said(&drill));
        assert!(drill.session.model.dialog.is_none());
    }
    drill.keys("aax").keys("<Enter>").write("known");
    drill.settle();
    read(&mut drill);
    drill.write("HighErrorRate");
    ended(&mut drill);
    drill.keys("<Esc>").wait(15);
    // Those that call somebody come first: the one that is silent is now the last.
    drill.keys("x<Down><Enter>").write("again");
    drill.settle();
    let screen = drill.screen();
    assert!(screen.contains("is silenced already by ana until"), "{screen}");
}
