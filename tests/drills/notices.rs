//! What the cockpit says in passing: that it is true, and that it goes when it is no longer so.

use backout::domain::earlier::Earlier;
use backout::domain::fact::{Fact, Source};
use backout::domain::fault::Fault;
use backout::domain::moment::Now;
use backout::domain::writer::Writer;
use backout::intent::{Availability, Intent};
use backout::model::Model;
use backout::model::arm::Arm;
use backout::msg::Msg;
use backout::sim::drill;
use backout::update::update;

use super::newcomer::footer;
use super::rehearsal::{Rehearsal, settings};
use super::solve::*;

#[test]
fn that_there_is_nothing_to_roll_back_is_told_by_its_kind() {
    let forbidden = Fault::Forbidden { verb: "list".into(), resource: "secrets in namespace prod".into() };
    let unreachable = Fault::Unreachable { what: "connection refused (10.0.0.1:6443)".into() };
    let fails = |source: Source, fault: &Fault| Msg::Fact(Fact::Failing(source, fault.clone()));
    for (told, releases, workloads) in [
        (
            None,
            "Helm's releases are still being read: wait a moment",
            "the workloads are still being read: wait a moment",
        ),
        (
            Some(&forbidden),
            "Helm's releases cannot be read. Forbidden: you may not list secrets in namespace prod",
            "the workloads cannot be read. Forbidden: you may not list secrets in namespace prod",
        ),
        (
            Some(&unreachable),
            "Helm's releases cannot be read. Unreachable: connection refused (10.0.0.1:6443)",
            "the workloads cannot be read. Unreachable: connection refused (10.0.0.1:6443)",
        ),
    ] {
        let mut model = unread();
        if let Some(fault) = told {
            update(&mut model, fails(Source::Releases, fault));
            update(&mut model, fails(Source::Workloads, fault));
        }
        for (wish, why) in [(Intent::RollBack, releases), (Intent::Maintenance, releases), (Intent::Undo, workloads)] {
            assert_eq!(wish.availability(&model), Availability::Disabled(why.into()));
        }
    }
    let mut model = unread();
    model.feeds.releases.put(Vec::new(), model.now);
    let none = "there is no Helm release in namespace prod";
    assert_eq!(Intent::RollBack.availability(&model), Availability::Disabled(none.into()));
}

/// A cockpit to which nothing has been told.
fn unread() -> Model {
    let now = Now { wall: chrono::DateTime::default(), mono: std::time::Duration::ZERO };
    Model::new(settings(&drill("plan").unwrap()), now, (80, 24))
}

#[test]
fn a_refusal_goes_with_the_next_wish_that_is_granted() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("<Enter><Enter><Enter><Enter>");
    assert_eq!(said(&drill), "nothing was written: the line was empty");
    drill.keys("<Enter>");
    assert_eq!(said(&drill), "", "the line is asked for again");
    drill.keys("called Marta<Enter>J");
    assert_eq!(said(&drill), "nothing was run from here");
    drill.keys("R");
    assert_eq!(said(&drill), "", "the plan is on show");
}

#[test]
fn that_a_second_key_arms_is_said_only_while_it_does() {
    let mut drill = Rehearsal::open("plan");
    for other in ["<Down>", "R<Esc>"] {
        drill.keys("a");
        assert!(said(&drill).starts_with("a once more arms"), "{}", said(&drill));
        drill.keys(other);
        assert_eq!((drill.session.model.arm, said(&drill).as_str()), (Arm::Safe, ""), "{other}");
    }
    drill.keys("a").wait(5);
    assert_eq!((drill.session.model.arm, said(&drill).as_str()), (Arm::Safe, ""));
}

#[test]
fn a_refusal_goes_when_its_reason_is_gone() {
    let mut model = unread();
    update(&mut model, Msg::Meant(Intent::RollBack));
    let told = |model: &Model| model.notice.as_ref().map(|n| n.text.clone());
    assert_eq!(told(&model).as_deref(), Some("Helm's releases are still being read: wait a moment"));
    let releases = Rehearsal::open("plan").session.model.feeds.releases.known().unwrap().clone();
    update(&mut model, Msg::Fact(Fact::Releases(releases)));
    assert_eq!(told(&model), None);
}

#[test]
fn that_somebody_holds_the_incident_is_said_only_while_somebody_does() {
    let mut model = unread();
    update(&mut model, Msg::Held(Writer::Other("eva on bastion-2".into()), Vec::new()));
    assert!(model.notice.as_ref().is_some_and(|n| n.text.contains("eva on bastion-2")), "{:?}", model.notice);
    let generation = model.others.ask(model.now);
    update(&mut model, Msg::Looked(generation, Earlier::Nothing));
    assert_eq!((model.arm, &model.notice), (Arm::Safe, &None));
}

#[test]
fn where_a_tick_would_want_a_reason_the_footer_names_the_whole_step_and_the_skip_first() {
    let mut drill = Rehearsal::open("plan");
    declare(&mut drill);
    for step in [4, 5] {
        assert_eq!(drill.session.model.panes.step.0, step);
        let footer = footer(&drill);
        assert!(footer.contains("i step") && footer.contains("S skip") && footer.contains("R rollback"), "{footer}");
        drill.keys("<Down>");
    }
}
