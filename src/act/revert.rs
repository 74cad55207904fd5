//! A ConfigMap or Secret put back over the ports: the plan, its execution, where one stands after a crash.

use crate::domain::event::Ending;
use crate::helm::engine::Engine;
use crate::helm::plan::Refusal;
use crate::helm::progress::Progress;
use crate::ports::World;
use crate::revert::ask::Ask;
use crate::revert::execution::Execution;
use crate::revert::plan::{Plan, Write};
use crate::revert::planner::Planner;

use super::drive::drive;
use super::rollback::Terms;

/// Makes the plan; nothing is written.
///
/// # Errors
/// The refusal, with what to do now.
pub async fn planned(world: &World, ask: Ask) -> Result<Plan, Refusal> {
    let lost = ask.refuse("the plan came to no end: this is a fault of backout", "Edit the object by hand");
    let mut planner = Planner::new(ask);
    drive(&mut planner, world, |_| {}).await;
    planner.end().cloned().unwrap_or(Err(lost))
}

/// Runs exactly that plan; every fact of it goes to `tell`.
pub async fn run(world: &World, plan: &Plan, terms: Terms, tell: impl FnMut(Progress)) -> Ending {
    let mut engine = Execution::new(plan.clone(), terms.timeout, terms.wait);
    drive(&mut engine, world, tell).await;
    let lost = || Ending::Unknown { why: "the act came to no end: this is a fault of backout".into() };
    engine.end().cloned().unwrap_or_else(lost)
}

/// Where a return stands whose end nobody saw: what a plan of the same would still have to do. Nothing is written.
pub async fn standing(world: &World, ask: Ask) -> String {
    let (object, again) = (ask.object.to_string(), ask.command(ask.to));
    match planned(world, ask).await {
        Err(refusal) => format!("{}.", refusal.sentence.trim_end_matches('.')),
        Ok(plan) if plan.write == Write::Nothing => {
            let rest: Vec<String> = plan.restarted().map(|(_, r)| r.workload.to_string()).collect();
            let rest = if rest.is_empty() {
                "all who read it are restarted".into()
            } else {
                format!("not yet restarted: {}", rest.join(", "))
            };
            format!("{object} has the content of revision {}; {rest}. Plan it again to finish it: {again}", plan.to)
        }
        Ok(plan) => format!(
            "{object} does not have the content of revision {}: it was never written, or somebody went on since. Plan it \
             again if it is wanted.",
            plan.to
        ),
    }
}
