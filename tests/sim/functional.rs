//! The drills' own functional tests on their production: what fails is what is broken, and a rollback mends it.

use backout::act::functional::run;
use backout::config::functional::of_drills;
use backout::domain::name::Revision;
use backout::functional::answer::Outcome;
use backout::sim::Handle;
use futures::executor::block_on;

use super::sim_world::{roll_back, world};

fn outcomes(handle: &Handle) -> Vec<(String, Outcome)> {
    let mut all = Vec::new();
    block_on(run(&handle.world(), &of_drills().unwrap(), |_, ran| all.push((ran.name, ran.outcome))));
    all
}

#[test]
fn the_plans_four_calls_fail_where_production_is_broken_and_pass_after_the_rollback() {
    let handle = world("plan");
    let told = |outcomes: &[(String, Outcome)]| -> Vec<String> {
        outcomes.iter().map(|(name, outcome)| format!("{name}: {}", outcome.words())).collect()
    };
    let before = outcomes(&handle);
    assert_eq!(before.len(), 4);
    assert!(before.iter().any(|(_, o)| *o != Outcome::Passed), "{before:?}");
    let wanted =
        ["login: passed", "product list: passed", "create order: passed", "payment: expected 201, answered 500"];
    assert_eq!(told(&before), wanted);
    roll_back(&handle, Revision(2));
    handle.advance(std::time::Duration::from_mins(5));
    let after = outcomes(&handle);
    assert!(after.iter().all(|(_, o)| *o == Outcome::Passed), "{after:?}");
}
