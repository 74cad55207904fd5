//! The decision tree in the drills: each branch reached by what the cockpit knows, what it cannot know asked of the person
//! one question a screen, and what its end opens.

use backout::domain::decision::{Answer, Next};
use backout::domain::event::Event;
use backout::domain::severity::Severity;
use backout::model::dialog::Dialog;
use backout::sim::{Drill, Trouble, What, drill};

use super::changes::{at, by_hand, config, database, image};
use super::rehearsal::Rehearsal;
use super::solve::{self, declare};
use super::story::Story;

fn open(played: &Drill) -> Rehearsal {
    let mut rehearsal = Rehearsal::open_on(played, |_| {}, (80, 24));
    rehearsal.wait(60);
    rehearsal
}

/// The answers on the path on show, who gave each, and the title of the way or the question where it stands.
fn path(rehearsal: &Rehearsal) -> (Answers, String) {
    let model = &rehearsal.session.model;
    let Some(Dialog::Decide { path, .. }) = model.dialog.as_ref().map(|o| &o.dialog) else { panic!("no tree is open") };
    let word = |a| if a == Answer::Yes { "yes" } else { "no" };
    let passed = path.passed.iter().map(|p| (word(p.answer), p.value.is_some())).collect();
    let tree = &model.settings.decisions;
    let at = match path.at {
        Next::Question(no) => tree.questions[no.0].ask.clone(),
        Next::Way(no) => tree.ways[no.0].title.clone(),
    };
    (passed, at)
}

/// Yes or no, each with whether it was known.
type Answers = Vec<(&'static str, bool)>;

/// Answered by what is known.
const KNOWN: bool = true;
/// Answered by the person.
const SAID: bool = false;

#[test]
fn each_branch_is_reached_by_what_is_known() {
    let mut node = by_hand(Vec::new());
    let ails = |condition: &str| What::Node { name: "aks-pool1-vmss000000".into(), condition: condition.into() };
    node.troubles.extend(["NotReady", "DiskPressure"].map(|c| Trouble {
        from: at("04:30:00"),
        until: None,
        what: ails(c),
    }));
    let first = [("no", KNOWN), ("yes", KNOWN)];
    let and = |more: &[(&'static str, bool)]| [first.as_slice(), more].concat();
    let cases: [(&str, Drill, Answers, &str); 6] = [
        (
            "two services of one revision",
            drill("plan").unwrap(),
            and(&[("yes", KNOWN), ("no", KNOWN)]),
            "Roll the release back",
        ),
        ("one service", drill("one-service").unwrap(), and(&[("yes", KNOWN), ("yes", KNOWN)]), "Put one workload back"),
        (
            "a ConfigMap by hand",
            by_hand(vec![image("04:29:40", "payment-service", "2.4.0"), config("04:29:50", "payment-service-config")]),
            and(&[("no", KNOWN), ("yes", KNOWN)]),
            "Put the configuration back",
        ),
        (
            "an image by hand",
            by_hand(vec![image("04:29:40", "payment-service", "2.4.0")]),
            and(&[("no", KNOWN), ("no", KNOWN), ("yes", KNOWN)]),
            "Put one workload back",
        ),
        (
            "a database that is slow",
            database(),
            and(&[("no", KNOWN), ("no", KNOWN), ("no", KNOWN)]),
            "Does every service reach its database, and is it quick?",
        ),
        ("a node", node, vec![("no", KNOWN), ("no", KNOWN)], "Call who owns the ground"),
    ];
    for (name, played, passed, at) in cases {
        let mut rehearsal = open(&played);
        rehearsal.keys("d");
        assert_eq!(path(&rehearsal), (passed, at.to_owned()), "{name}\n{}", rehearsal.screen());
    }
}

#[test]
fn a_database_that_says_that_it_is_down_is_found_once_its_services_are_asked() {
    let mut rehearsal = open(&drill("innocent-release").unwrap());
    declare(&mut rehearsal);
    rehearsal.wait(30);
    rehearsal.keys("d");
    let (passed, at) = path(&rehearsal);
    assert_eq!(
        (passed.last(), at.as_str()),
        (Some(&("no", KNOWN)), "Call who owns the database"),
        "{}",
        rehearsal.screen()
    );
}

#[test]
fn what_nobody_can_know_from_here_is_asked_one_question_a_screen_and_the_answer_leads_on() {
    let mut rehearsal = open(&database());
    rehearsal.keys("d");
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("decide-asks@80x24", rehearsal.screen());
        insta::assert_snapshot!("decide-asks@120x40", rehearsal.screen_at(120, 40));
    });
    rehearsal.keys("<Enter>");
    assert!(rehearsal.session.model.dialog.is_some(), "Enter answers no question");
    rehearsal.keys("n");
    let (passed, at) = path(&rehearsal);
    assert_eq!((passed.last(), at.as_str()), (Some(&("no", SAID)), "Call who owns the database"));
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("decide-way@80x24", rehearsal.screen());
    });
}

#[test]
fn a_way_opens_what_it_offers_notes_the_decision_and_fires_nothing() {
    let mut rehearsal = open(&drill("plan").unwrap());
    declare(&mut rehearsal);
    rehearsal.keys("d<Enter>");
    let model = &rehearsal.session.model;
    assert!(matches!(model.dialog.as_ref().map(|o| &o.dialog), Some(Dialog::Plan(_))), "{}", rehearsal.screen());
    assert!(model.jobs.newest().is_none());
    let noted = |e: &Event| matches!(e, Event::Note { text } if text == "Decided: Roll the release back (application)");
    assert!(model.incident.as_ref().unwrap().entries.iter().any(|e| noted(&e.event)), "{}", rehearsal.timeline());
}

#[test]
fn after_an_act_the_tree_says_hold_then_document_and_where_it_does_not_help_escalate() {
    let mut story = Story::open("plan");
    declare(&mut story.drill);
    solve::roll_back(&mut story, 2);
    let drill = &mut story.drill;
    drill.keys("d");
    assert_eq!(path(drill), (vec![("yes", KNOWN), ("no", KNOWN), ("no", KNOWN)], "Hold, and watch".into()));
    drill.keys("<Esc>");
    drill.wait(1_100);
    drill.keys("d");
    assert_eq!(path(drill), (vec![("yes", KNOWN), ("yes", KNOWN)], "Tell everyone, write it down".into()));

    let mut story = Story::open("innocent-release");
    declare(&mut story.drill);
    solve::roll_back(&mut story, 2);
    let drill = &mut story.drill;
    drill.wait(1_900);
    drill.keys("d");
    assert_eq!(path(drill).1, "Escalate to SEV-1", "{}", drill.screen());
    drill.keys("<Enter>");
    assert_eq!(drill.session.model.incident.as_ref().unwrap().severity, Severity::Sev1);
}
