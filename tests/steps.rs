//! The legal transitions of a step: the whole table of states and events, and any run of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use backout::domain::checklist::{Illegal, Lost, Proof, StepState};
use backout::domain::moment::Moment;
use backout::domain::name::Person;
use proptest::prelude::*;

/// What can happen to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Begin,
    Wait,
    Tick,
    Skip,
    Fail,
    Reopen,
}

/// Where a step can stand, without when, who and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Todo,
    Doing,
    Waiting,
    Done,
    Failed,
    Skipped,
}

use Stand::{Doing, Done, Failed, Skipped, Todo, Waiting};
use What::{Begin, Fail, Reopen, Skip, Tick, Wait};

const STANDS: [Stand; 6] = [Todo, Doing, Waiting, Done, Failed, Skipped];
const WHATS: [What; 6] = [Begin, Wait, Tick, Skip, Fail, Reopen];

/// Where each leads, in the order of `WHATS`; `None` = there is no such transition.
const TABLE: [(Stand, [Option<Stand>; 6]); 6] = [
    //        begin        wait           tick        skip           fail          reopen
    (Todo, [Some(Doing), Some(Waiting), Some(Done), Some(Skipped), Some(Failed), None]),
    (Doing, [Some(Doing), Some(Waiting), Some(Done), Some(Skipped), Some(Failed), None]),
    (Waiting, [Some(Doing), Some(Waiting), Some(Done), Some(Skipped), Some(Failed), None]),
    (Done, [None, None, None, None, None, Some(Doing)]),
    (Failed, [Some(Doing), Some(Waiting), Some(Done), Some(Skipped), Some(Failed), None]),
    (Skipped, [Some(Doing), Some(Waiting), Some(Done), Some(Skipped), None, None]),
];

fn at(second: i64) -> Moment {
    chrono::DateTime::from_timestamp(second, 0).unwrap()
}

fn example(stand: Stand) -> StepState {
    let (by, why) = (Person::new("ana"), String::from("why"));
    match stand {
        Todo => StepState::Todo,
        Doing => StepState::Doing { since: at(1), reopened: None },
        Waiting => StepState::Waiting { since: at(1), on: "job 1".into() },
        Done => StepState::Done { at: at(1), by, value: "0.4 %".into(), proof: Proof::Sensed },
        Failed => StepState::Failed { at: at(1), why },
        Skipped => StepState::Skipped { at: at(1), by, why },
    }
}

fn stand(state: &StepState) -> Stand {
    match state {
        StepState::Todo => Todo,
        StepState::Doing { .. } => Doing,
        StepState::Waiting { .. } => Waiting,
        StepState::Done { .. } => Done,
        StepState::Failed { .. } => Failed,
        StepState::Skipped { .. } => Skipped,
    }
}

fn moved(state: &StepState, what: What, when: Moment, text: &str) -> Result<StepState, Illegal> {
    let luis = Person::new("luis");
    match what {
        Begin => state.begin(when),
        Wait => state.wait(when, text),
        Tick => state.tick(when, &luis, text, Proof::Attested),
        Skip => state.skip(when, &luis, text),
        Fail => state.fail(when, text),
        Reopen => state.reopen(when, text),
    }
}

fn wanted(from: Stand, what: What) -> Option<Stand> {
    let row = TABLE.iter().find(|(stand, _)| *stand == from).unwrap().1;
    row[WHATS.iter().position(|w| *w == what).unwrap()]
}

#[test]
fn every_state_and_event_lead_where_the_table_says_and_nowhere_else() {
    for from in STANDS {
        for what in WHATS {
            let to = moved(&example(from), what, at(9), "text").ok().as_ref().map(stand);
            assert_eq!(to, wanted(from, what), "{from:?} {what:?}");
        }
    }
}

#[test]
fn what_was_said_is_kept_to_the_letter() {
    let luis = Person::new("luis");
    let text = || String::from("text");
    let (from, when) = (example(Doing), at(9));
    let kept = |what| moved(&from, what, when, "text").unwrap();
    assert_eq!(kept(Wait), StepState::Waiting { since: when, on: text() });
    assert_eq!(kept(Tick), StepState::Done { at: when, by: luis.clone(), value: text(), proof: Proof::Attested });
    assert_eq!(kept(Skip), StepState::Skipped { at: when, by: luis, why: text() });
    assert_eq!(kept(Fail), StepState::Failed { at: when, why: text() });
    let lost = Some(Lost { was: "0.4 %".into(), now: text() });
    assert_eq!(example(Done).reopen(when, "text"), Ok(StepState::Doing { since: when, reopened: lost }));
    // What waited has been in hand since it was asked for; what is in hand stays so.
    assert_eq!(example(Waiting).begin(when), Ok(StepState::Doing { since: at(1), reopened: None }));
    assert_eq!(from.begin(when), Ok(from));
}

proptest! {
    /// Whatever happens in whatever order: each move is one of the table's, a tick has its value and a skip its reason,
    /// and only a lost proof takes a tick back.
    #[test]
    fn no_run_of_events_leaves_the_table(
        run in proptest::collection::vec((0_usize..6, prop_oneof![Just(""), Just(" "), Just("seen"), Just("why")]), 0..40)
    ) {
        let mut state = StepState::Todo;
        for (second, (what, text)) in (1..).zip(run) {
            let (from, what) = (stand(&state), WHATS[what]);
            let silent = text.trim().is_empty() && matches!(what, Tick | Skip);
            match moved(&state, what, at(second), text) {
                Ok(next) => {
                    prop_assert_eq!(Some(stand(&next)), wanted(from, what));
                    prop_assert!(!silent, "{:?} without a word", what);
                    prop_assert!(from != Done || what == Reopen, "a tick was taken back by {:?}", what);
                    prop_assert_eq!(next.is_settled(), matches!(stand(&next), Done | Skipped));
                    state = next;
                }
                Err(Illegal(why)) => {
                    prop_assert!(silent || wanted(from, what).is_none(), "{:?} {:?}: {}", from, what, why);
                    prop_assert!(!why.is_empty());
                }
            }
        }
    }
}
