//! Who commands, and what is overdue.

use std::time::Duration;

use backout::domain::event::Event;
use backout::domain::name::Person;

use super::rehearsal::Rehearsal;
use super::solve::*;

/// Lets minutes pass, in strides in which no poll is missed: a time without a value would not count as well.
fn minutes(drill: &mut Rehearsal, minutes: u64) {
    for _ in 0..minutes * 12 {
        drill.session.pass(Duration::from_secs(5));
        drill.settle();
    }
}

fn calls(drill: &Rehearsal) -> Vec<String> {
    let entries = drill.journal.entries.lock().unwrap();
    let seen = entries.iter().filter_map(|e| match &e.event {
        Event::Seen { when, what } if what.contains("production is not well") || what.contains("Not stable") => {
            Some(format!("{} {what}", (*when - entries[0].at).num_minutes()))
        }
        _ => None,
    });
    seen.collect()
}

#[test]
fn fifteen_minutes_at_sev_2_say_whom_to_call_on_screen_and_in_the_timeline_once() {
    let mut drill = Rehearsal::open("plan");
    declare(&mut drill);
    minutes(&mut drill, 14);
    assert_eq!(calls(&drill), Vec::<String>::new());
    minutes(&mut drill, 2);
    let sentence = "SEV-2: 15 min since the declaration and production is not well: call the Tech Lead now";
    assert_eq!(calls(&drill), [format!("15 {sentence}")]);
    assert_eq!(said(&drill), sentence);
    // The alarm is read and gone; the line stays until production is well.
    drill.session.model.notice = None;
    assert!(drill.screen().contains("▲ SEV-2: 15 min since the declaration"), "{}", drill.screen());
    minutes(&mut drill, 2);
    assert_eq!(calls(&drill).len(), 1);
    // Raised, it is due by the other table at once.
    drill.keys("+").wait(1);
    let worse = "5 SEV-1: 5 min since the declaration and production is not well: call the Tech Lead and the CTO now";
    assert_eq!(calls(&drill)[1..], [worse]);
}

#[test]
fn what_is_well_again_is_not_overdue() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter>");
    ended(&mut drill);
    drill.keys("<Esc>");
    minutes(&mut drill, 40);
    assert_eq!(calls(&drill), Vec::<String>::new());
}

#[test]
fn a_rollback_that_has_not_helped_for_half_an_hour_asks_for_sev_1() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR3<Back>2<Enter>");
    ended(&mut drill);
    super::elsewhere::roll_back(&drill.handle, 3);
    drill.keys("<Esc>");
    minutes(&mut drill, 35);
    let told = calls(&drill);
    assert!(
        told.last().is_some_and(
            |l| l.contains("Not stable in time, a decision is due since") && l.contains("+ raises to SEV-1")
        ),
        "{told:?}"
    );
}

#[test]
fn another_commander_is_named_by_a_key_and_written_down() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("C");
    assert_eq!(said(&drill), "no incident is open: Enter on step 1 declares it");
    declare(&mut drill);
    assert_eq!(drill.session.model.incident.as_ref().unwrap().commander, Person::new("ana"));
    drill.keys("C");
    assert!(drill.screen().contains("Who commands from now on?"), "{}", drill.screen());
    drill.write("marta");
    assert_eq!(drill.session.model.incident.as_ref().unwrap().commander, Person::new("marta"));
    assert!(drill.screen_at(160, 40).contains("IC marta"), "{}", drill.screen_at(160, 40));
    assert!(drill.timeline().contains("marta commands"), "{}", drill.timeline());
    // By its name in the palette, too.
    drill.keys(":who commands").keys("<Enter>").write("luis");
    assert_eq!(drill.session.model.incident.as_ref().unwrap().commander, Person::new("luis"));
}
