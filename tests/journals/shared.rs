//! Several cockpits on one machine.

use std::sync::Arc;
use std::time::Duration;

use backout::app::claim::Claim;
use backout::app::journal::JournalFile;
use backout::domain::earlier::Earlier;
use backout::domain::event::{Entry, Event};
use backout::domain::identity::Realm;
use backout::domain::incident::Incident;
use backout::domain::name::{IncidentId, Person};
use backout::domain::writer::Writer;
use backout::model::arm::Arm;
use backout::model::feed::{Feed, Pace};
use backout::model::journal::JournalState;
use backout::msg::Msg;
use backout::ports::{Journal, Unwritten};
use backout::update::follow::EVERY;
use futures::executor::block_on;

use super::desk::{Folder, at, note, opening, target};
use super::rehearsal::Rehearsal;

const LIVE: Realm = Realm::Live;

#[test]
fn two_that_open_an_incident_of_one_target_together_leave_one_and_the_second_learns_who_holds_it() {
    let folder = Folder::new();
    let (ana, luis) = (folder.ledger("ana"), folder.ledger("luis"));
    let first = block_on(ana.append(vec![opening("INC-1", LIVE)], at())).unwrap();
    let second = block_on(luis.append(vec![opening("INC-2", LIVE)], at()));
    assert_eq!(second, Err(Unwritten::Held(Writer::Other(Person::new("ana")), first)));
    assert_eq!(folder.journals(), ["INC-1.jsonl"]);
    // What was closed is nobody's any more; a drill is nobody else's at any time.
    block_on(ana.append(vec![Event::Closed { summary: "over".into() }], at())).unwrap();
    assert!(block_on(luis.append(vec![opening("INC-2", LIVE)], at())).is_ok());
    for (who, incident) in [("ana", "DRILL-1"), ("eva", "DRILL-2")] {
        assert!(block_on(folder.ledger(who).append(vec![opening(incident, Realm::Drill)], at())).is_ok());
    }
    assert_eq!(folder.journals(), ["DRILL-1.jsonl", "DRILL-2.jsonl", "INC-1.jsonl", "INC-2.jsonl"]);
}

#[test]
fn who_is_about_to_open_an_incident_holds_its_target_before_there_is_a_journal() {
    let folder = Folder::new();
    let _claim = Claim::take(folder.0.path(), &target(LIVE), &Person::new("ana")).unwrap();
    let second = block_on(folder.ledger("luis").append(vec![opening("INC-2", LIVE)], at()));
    assert_eq!(second, Err(Unwritten::Held(Writer::Other(Person::new("ana")), Vec::new())));
    assert_eq!(folder.journals(), Vec::<String>::new());
}

#[test]
fn an_incident_that_somebody_took_up_again_keeps_others_from_opening_one_beside_it() {
    let folder = Folder::new();
    let written = folder.left("INC-1", vec![opening("INC-1", LIVE)]);
    let (ana, luis) = (folder.ledger("ana"), folder.ledger("luis"));
    let ours = Earlier::Ours { entries: written.clone(), aside: None };
    assert_eq!(block_on(ana.look(target(LIVE), None)), ours);
    let beside = block_on(luis.append(vec![opening("INC-2", LIVE)], at()));
    assert_eq!(beside, Err(Unwritten::Held(Writer::Other(Person::new("ana")), written)));
    assert_eq!(folder.journals(), ["INC-1.jsonl"]);
}

#[test]
fn nobody_opens_a_second_incident_beside_one_that_was_left_open() {
    let folder = Folder::new();
    folder.left("INC-1", vec![opening("INC-1", LIVE)]);
    let luis = folder.ledger("luis");
    let beside = block_on(luis.append(vec![opening("INC-2", LIVE)], at()));
    assert_eq!(beside, Err(Unwritten::Disk("INC-1 of this target was left open here: take it up first".into())));
    assert_eq!(folder.journals(), ["INC-1.jsonl"]);
}

#[test]
fn a_look_follows_the_holder_and_takes_up_what_the_holder_let_go() {
    let folder = Folder::new();
    let luis = folder.ledger("luis");
    let look = |known: bool| block_on(luis.look(target(LIVE), known.then(|| IncidentId::new("INC-1"))));
    assert_eq!(look(false), Earlier::Nothing);
    let ana = Person::new("ana");
    let claim = Claim::take(folder.0.path(), &target(LIVE), &ana).unwrap();
    let mut journal = JournalFile::open(&folder.path("INC-1"), &ana).unwrap().file;
    let mut entries = journal.append(vec![opening("INC-1", LIVE)], at()).unwrap();
    assert_eq!(look(false), Earlier::Held(Writer::Other(ana.clone()), entries.clone()));
    entries.extend(journal.append(vec![note("half of payments fail")], at()).unwrap());
    assert_eq!(look(true), Earlier::Held(Writer::Other(ana.clone()), entries.clone()));
    drop((claim, journal));
    assert_eq!(look(true), Earlier::Ours { entries: entries.clone(), aside: None });
    let goes_on = block_on(luis.append(vec![note("mine now")], at())).unwrap();
    assert_eq!((goes_on[0].seq, goes_on[0].by.as_str()), (3, "luis"));
}

#[test]
fn what_the_holder_closed_is_over_for_those_who_followed() {
    let folder = Folder::new();
    let entries = folder.left("INC-1", vec![opening("INC-1", LIVE), Event::Closed { summary: "over".into() }]);
    let luis = folder.ledger("luis");
    assert_eq!(block_on(luis.look(target(LIVE), Some(IncidentId::new("INC-1")))), Earlier::Over(entries));
    assert_eq!(block_on(luis.look(target(LIVE), None)), Earlier::Nothing);
}

#[test]
fn who_may_only_look_leaves_an_open_incident_to_who_can_act() {
    let folder = Folder::new();
    let written = folder.left("INC-1", vec![opening("INC-1", LIVE)]);
    let (eva, ana) = (folder.looking("eva"), folder.ledger("ana"));
    let look = || block_on(eva.look(target(LIVE), None));
    assert_eq!(look(), Earlier::Left(written.clone()));
    assert_eq!(block_on(ana.look(target(LIVE), None)), Earlier::Ours { entries: written.clone(), aside: None });
    assert_eq!(look(), Earlier::Held(Writer::Other(Person::new("ana")), written.clone()));
    let entries = [written, block_on(ana.append(vec![note("half of payments fail")], at())).unwrap()].concat();
    assert_eq!(look(), Earlier::Held(Writer::Other(Person::new("ana")), entries));
}

#[test]
fn a_person_with_two_terminals_is_no_stranger_to_herself() {
    let folder = Folder::new();
    let first = folder.ledger("ana");
    let entries = block_on(first.append(vec![opening("INC-1", LIVE)], at())).unwrap();
    let told = |who: &str| match block_on(folder.ledger(who).look(target(LIVE), None)) {
        Earlier::Held(holder, shown) if shown == entries => holder,
        other => panic!("{other:?}"),
    };
    assert_eq!(told("luis"), Writer::Other(Person::new("ana")));
    let me = told("ana").to_string();
    let head = format!("you, in another terminal (pid {}, since ", std::process::id());
    let clock = me.strip_prefix(&head).and_then(|rest| rest.strip_suffix(" UTC)"));
    assert!(clock.is_some_and(|clock| clock.len() == 5 && clock.as_bytes()[2] == b':'), "{me}");
}

/// A cockpit that looks at this machine's journals; what it finds is scripted.
fn looking() -> Rehearsal {
    let mut drill = Rehearsal::open("plan");
    drill.session.model.others = Feed::polled(EVERY);
    drill
}

fn finds(drill: &mut Rehearsal, earlier: Earlier) {
    *drill.journal.found.lock().unwrap() = Some(earlier);
    drill.wait(EVERY.as_secs());
}

fn entries(events: Vec<Event>) -> Vec<Entry> {
    let entry = |(seq, event)| Entry { seq, at: at(), by: Person::new("luis"), event };
    (1..).zip(events).map(entry).collect()
}

#[test]
fn an_idle_cockpit_shows_what_another_one_declares_and_follows_it_with_its_age() {
    let mut drill = looking();
    drill.keys("a");
    let opened = entries(vec![opening("INC-1", LIVE)]);
    finds(&mut drill, Earlier::Held(Writer::Other(Person::new("luis")), opened.clone()));
    assert_eq!(
        (drill.session.model.arm, drill.session.model.incident.clone()),
        (Arm::ReadOnly, Incident::fold(&opened))
    );
    let more = entries(vec![opening("INC-1", LIVE), note("half of payments fail")]);
    finds(&mut drill, Earlier::Held(Writer::Other(Person::new("luis")), more.clone()));
    assert_eq!(drill.session.model.incident, Incident::fold(&more));
    drill.keys("7z");
    let screen = drill.screen();
    assert!(screen.contains("half of payments fail") && screen.contains("held by luis · "), "{screen}");
    // The looks stop: what is shown ages.
    drill.keys("z1");
    drill.session.model.others.put(None, drill.session.model.now);
    drill.session.model.others.pace = Pace::Polled { every: Duration::from_mins(1) };
    drill.wait(3);
    let screen = drill.screen_at(120, 40);
    assert!(screen.contains("luis holds this incident (read 3 s ago); it is only shown here"), "{screen}");
    drill.keys("aaR2<Enter><Esc>n").write("x");
    assert!(drill.journal.entries.lock().unwrap().is_empty() && drill.session.model.jobs.all.is_empty());
}

#[test]
fn a_cockpit_that_may_only_look_shows_what_nobody_holds_and_says_how_it_is_taken_up() {
    let mut drill = looking();
    drill.session.model.settings.read_only = true;
    drill.session.model.arm = Arm::ReadOnly;
    let left = entries(vec![opening("INC-1", LIVE)]);
    finds(&mut drill, Earlier::Left(left.clone()));
    let model = &drill.session.model;
    assert_eq!((&model.journal, model.incident.clone()), (&JournalState::Left, Incident::fold(&left)));
    let screen = drill.screen_at(120, 40);
    let way = "INC-1 is open and nobody holds it: this cockpit is read-only and leaves it to who can act";
    assert!(screen.contains(way) && screen.contains("held by nobody"), "{screen}");
    drill.keys("aan").write("x");
    assert!(drill.journal.entries.lock().unwrap().is_empty());
    // Somebody takes it up.
    finds(&mut drill, Earlier::Held(Writer::Other(Person::new("luis")), left));
    assert!(drill.screen_at(120, 40).contains("held by luis"));
}

#[test]
fn a_second_terminal_of_ones_own_is_told_as_such() {
    let mut drill = looking();
    let since = Some("2026-01-01T04:31:00Z".parse().unwrap());
    let me = Writer::You { process: Some(1234), since };
    let opened = entries(vec![opening("INC-1", LIVE)]);
    finds(&mut drill, Earlier::Held(me, opened.clone()));
    let said = |drill: &Rehearsal| drill.session.model.notice.as_ref().unwrap().text.clone();
    let wanted = "you, in another terminal (pid 1234, since 04:31 UTC), hold this incident: this cockpit is read-only";
    assert_eq!(said(&drill), wanted);
    assert!(drill.screen().contains("held by you "), "{}", drill.screen());
    finds(&mut drill, Earlier::Ours { entries: opened, aside: None });
    assert!(said(&drill).starts_with("your other terminal is gone: INC-1 is yours now"), "{}", said(&drill));
}

#[test]
fn a_held_cockpit_takes_over_when_the_holder_is_gone_and_says_what_is_unknown() {
    let mut drill = looking();
    let left = entries(vec![opening("INC-1", LIVE), note("half of payments fail")]);
    finds(&mut drill, Earlier::Held(Writer::Other(Person::new("luis")), left.clone()));
    finds(&mut drill, Earlier::Ours { entries: left.clone(), aside: None });
    let model = &drill.session.model;
    assert_eq!((model.arm, &model.journal), (Arm::Safe, &JournalState::Ready));
    let text = &model.notice.as_ref().unwrap().text;
    assert!(text.starts_with("luis is gone: INC-1 is yours now, it stands at step 1"), "{text}");
    assert!(drill.timeline().contains("Cockpit resumed"), "{}", drill.timeline());
    drill.keys("aaR2<Enter>");
    assert_eq!(drill.session.model.jobs.all.len(), 1, "{}", drill.screen());
}

#[test]
fn a_held_cockpit_is_free_again_when_the_holder_closes() {
    let mut drill = looking();
    finds(&mut drill, Earlier::Held(Writer::Other(Person::new("luis")), entries(vec![opening("INC-1", LIVE)])));
    let over = entries(vec![opening("INC-1", LIVE), Event::Closed { summary: "over".into() }]);
    finds(&mut drill, Earlier::Over(over.clone()));
    let model = &drill.session.model;
    assert_eq!((model.arm, &model.incident), (Arm::Safe, &Incident::fold(&over)));
    assert_eq!(model.notice.as_ref().unwrap().text, "luis closed this incident");
    *drill.journal.found.lock().unwrap() = None;
    drill.keys("<Enter><Enter>");
    assert!(drill.session.model.open_incident().is_some_and(|i| i.id.as_str() != "INC-1"), "{}", drill.screen());
}

/// A cockpit on the live realm with its journals in that folder.
fn live(folder: &Folder, who: &str) -> Rehearsal {
    let mut drill = Rehearsal::open("plan");
    drill.session.executor.journal = Arc::new(folder.ledger(who));
    drill.session.model.others = Feed::polled(EVERY);
    drill.hear(Msg::Identified(Ok(target(LIVE))));
    drill
}

fn until(drill: &mut Rehearsal, what: &str, holds: impl Fn(&Rehearsal) -> bool) {
    for _ in 0..1_000 {
        if holds(drill) {
            return;
        }
        drill.wait(1);
    }
    panic!("never came: {what}\n{}", drill.screen());
}

#[test]
fn of_two_cockpits_that_were_open_before_the_declaration_one_fires_and_the_other_follows() {
    let folder = Folder::new();
    let (mut ana, mut luis) = (live(&folder, "ana"), live(&folder, "luis"));
    ana.keys("aaR2");
    luis.keys("aaR2");
    ana.keys("<Enter>");
    luis.keys("<Enter>");
    assert_eq!((ana.session.model.jobs.all.len(), luis.session.model.jobs.all.len()), (1, 0));
    assert!(luis.screen().contains("ana holds"), "{}", luis.screen());
    assert_eq!(folder.journals().len(), 1);
    ana.keys("<Esc>n").write("half of payments fail");
    until(&mut luis, "the holder's note", |d| d.session.model.incident == ana.session.model.incident);
    drop(ana);
    until(&mut luis, "the takeover", |d| d.session.model.journal == JournalState::Ready);
    assert_eq!(luis.session.model.arm, Arm::Safe);
}

#[test]
fn a_drill_that_begins_at_the_same_moment_again_has_a_journal_beside_the_earlier_one() {
    let folder = Folder::new();
    for wanted in [vec!["DRILL-1.jsonl"], vec!["DRILL-1-2.jsonl", "DRILL-1.jsonl"]] {
        let opened = block_on(folder.ledger("ana").append(vec![opening("DRILL-1", Realm::Drill)], at()));
        assert!(opened.is_ok(), "{opened:?}");
        assert_eq!(folder.journals(), wanted);
    }
    // Nobody has two live ones of a name.
    let folder = Folder::new();
    folder.left("INC-1", vec![opening("INC-1", Realm::Live), Event::Closed { summary: "over".into() }]);
    let again = block_on(folder.ledger("ana").append(vec![opening("INC-1", Realm::Live)], at()));
    let why = "INC-1 was opened and closed just now: once more in a second";
    assert_eq!(again, Err(Unwritten::Disk(why.into())));
}
