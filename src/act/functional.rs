//! Functional tests over the ports: one after the other, each asked once, what one keeps handed to the next.
//!
//! Never: a test that writes without its plan; who calls this has been confirmed. A test asked again by itself.

use std::time::Duration;

use crate::domain::event::Ending;
use crate::functional::answer::Outcome;
use crate::functional::plan::Plan;
use crate::functional::results::Ran;
use crate::functional::test::Test;
use crate::functional::words::Words;
use crate::ports::World;

/// Asks all of them in their order; each result goes to `tell` as soon as it is there.
pub async fn run(world: &World, tests: &[Test], mut tell: impl FnMut(usize, Ran)) {
    let mut kept = Words::default();
    for (place, test) in tests.iter().enumerate() {
        let at = world.clock.now();
        let (took, outcome) = one(world, test, &mut kept).await;
        tell(place, Ran { name: test.name.clone(), at: at.wall, took, outcome });
    }
}

/// Runs exactly that plan, each test once; what each said goes to `tell` with its place.
pub async fn act(world: &World, plan: &Plan, mut tell: impl FnMut(usize, &Ran)) -> Ending {
    let mut all = Vec::new();
    run(world, &plan.tests, |place, ran| {
        tell(place, &ran);
        all.push(ran);
    })
    .await;
    plan.ending(&all)
}

/// Where a run stands whose end nobody saw: what it may have made can only be looked for.
pub fn standing(creates: &[String]) -> String {
    format!("How far the tests came is not known: look for {} before they are run again.", creates.join(", "))
}

async fn one(world: &World, test: &Test, kept: &mut Words) -> (Duration, Outcome) {
    let unasked = |why: String| (Duration::ZERO, Outcome::Unasked(format!("not asked: {why}")));
    let mut words = kept.clone();
    for (name, source) in &test.secrets {
        match world.cluster.secret(source.clone()).await {
            Ok(value) => words.put(name, value),
            Err(fault) => {
                return unasked(format!("its secret {{{name}}} cannot be read: {}", fault.sentence()));
            }
        }
    }
    let request = match test.request(&words) {
        Ok(request) => request,
        Err(why) => return unasked(why),
    };
    let reply = world.cluster.test(request).await;
    let outcome = test.judge(&reply, &mut words);
    if outcome == Outcome::Passed {
        test.keep.keys().for_each(|name| kept.take(name, &words));
    }
    (reply.took, outcome)
}
