//! A cockpit that breaks gives the terminal back, and the shell sees why. It is this very test program, started once
//! more in a terminal with the product's own loop on a world that breaks.

use std::sync::Arc;

use backout::cli::{Cli, cockpit, drill};
use backout::domain::fault::Fault;
use backout::domain::metrics::{Curves, MetricsRequest};
use backout::domain::name::Namespace;
use backout::domain::usage::Usage;
use backout::ports::Metrics;
use clap::Parser;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::seat::{Seat, given_back};

/// Which way to break, in the environment of the second start.
const WAY: &str = "BACKOUT_TEST_BREAKS";

/// Breaks while it is asked, as a fault in any task would.
struct Broken;

impl Metrics for Broken {
    fn fetch(&self, _: MetricsRequest) -> BoxFuture<'_, Result<Curves, Fault>> {
        async { panic!("the task broke") }.boxed()
    }

    fn usage(&self, _: Namespace) -> BoxFuture<'_, Result<Usage, Fault>> {
        async { panic!("the task broke") }.boxed()
    }
}

/// The second start; in the first there is nothing to do.
#[test]
fn breaks() {
    let Ok(way) = std::env::var(WAY) else { return };
    let globals = Cli::parse_from(["backout"]).globals;
    let mut opening = drill::opening(Some("plan"), &globals).unwrap();
    match way.as_str() {
        "loop" => {
            let arrival = opening.advance.take().unwrap().1;
            opening.advance = Some((Box::new(|_| panic!("the loop broke")), arrival));
        }
        "task" => {
            // Without a drill's clock its tasks are the runtime's, as live ones are.
            opening.advance = None;
            opening.world.metrics = Arc::new(Broken);
        }
        other => panic!("no such way: {other}"),
    }
    let runtime = cockpit::runtime().unwrap();
    println!("{:?}", cockpit::fly(&runtime, opening));
}

#[test]
fn a_panic_in_the_loop_or_in_a_task_ends_the_process_and_gives_the_terminal_back() {
    let here = std::env::current_exe().unwrap();
    for way in ["loop", "task"] {
        let arguments = ["--exact", "broken::breaks", "--nocapture", "--test-threads=1"];
        let mut seat = Seat::open_with(&[(WAY, way)], here.to_str().unwrap(), &arguments);
        let status = seat.terminal.wait_exit().unwrap_or_else(|e| panic!("{way}: {e}"));
        let screen = seat.terminal.screen();
        assert_eq!(status.code(), Some(101), "{way}\n{screen}");
        given_back(&screen);
        assert!(screen.contains(&format!("the {way} broke")), "{way}: nobody says why\n{screen}");
    }
}

#[test]
fn an_error_before_the_first_frame_is_told_on_a_terminal_that_is_as_it_was() {
    let mut seat = Seat::open(&["drill", "nosuch"]);
    let status = seat.terminal.wait_exit().unwrap();
    assert!(!status.success());
    let screen = seat.terminal.screen();
    given_back(&screen);
    assert!(screen.contains("nosuch"), "{screen}");
}
