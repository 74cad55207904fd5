//! Seeded fuzz: random keys, pastes, sizes, answers in any order, ticks, faults of the world and of the disk, on random
//! drills. After every message the invariants of lib.rs hold; the same seed twice is the same screen.
//!
//! `BACKOUT_FUZZ_MESSAGES=100000 BACKOUT_FUZZ_SEED=1` are the defaults; more messages are a longer run by hand. A failure
//! prints the two that repeat it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::struct_excessive_bools,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::range_plus_one,
    reason = "a test fails by panicking"
)]

#[path = "fuzz/chance.rs"]
mod chance;
#[path = "fuzz/hands.rs"]
mod hands;
#[path = "fuzz/invariants.rs"]
mod invariants;
#[path = "support/rehearsal.rs"]
mod rehearsal;
#[path = "fuzz/rival.rs"]
mod rival;
#[path = "fuzz/run.rs"]
mod run;
#[path = "fuzz/troubles.rs"]
mod troubles;
#[path = "fuzz/watched.rs"]
mod watched;

use std::sync::atomic::{AtomicUsize, Ordering};

use run::{Run, Seen};

/// Messages of one world: long enough for a whole incident.
const EACH: usize = 5_000;

fn given(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

#[test]
fn no_key_answer_or_fault_breaks_an_invariant() {
    let seed = given("BACKOUT_FUZZ_SEED", 1);
    let messages = usize::try_from(given("BACKOUT_FUZZ_MESSAGES", 100_000)).unwrap();
    let worlds = messages.div_ceil(EACH);
    let next = AtomicUsize::new(0);
    let hand = || {
        let mut seen = Seen::default();
        loop {
            let world = next.fetch_add(1, Ordering::Relaxed);
            if world >= worlds {
                return seen;
            }
            let mut run = Run::open(seed + world as u64);
            run.hear(EACH.min(messages - world * EACH));
            seen.add(&run.seen);
        }
    };
    let seen = std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(2, |n| n.get().min(8));
        let hands: Vec<_> = (0..cores).map(|_| scope.spawn(hand)).collect();
        let mut all = Seen::default();
        for hand in hands {
            all.add(&hand.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
        }
        all
    });
    println!("{seen:#?}");
    assert!(seen.messages >= messages, "{} of {messages} messages", seen.messages);
    // What was never reached was not tested.
    if messages >= 100_000 {
        assert!(seen.complete(), "too little happened: {seen:#?}");
    }
}

#[test]
fn the_same_seed_twice_is_the_same_screen_and_the_same_timeline() {
    let seed = given("BACKOUT_FUZZ_SEED", 1);
    for seed in [seed, seed + 1_000] {
        let told = || {
            let mut run = Run::open(seed);
            let mut screens = Vec::new();
            for _ in 0..5 {
                run.hear(300);
                screens.push(run.drill.screen());
            }
            (screens, run.drill.timeline())
        };
        assert_eq!(told(), told(), "seed {seed}");
    }
}
