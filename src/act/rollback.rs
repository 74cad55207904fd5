//! A Helm rollback over the ports: its plan, and its execution.

use std::time::Duration;

use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::helm::ask::Ask;
use crate::helm::choices::{Choices, Wait};
use crate::helm::engine::Engine;
use crate::helm::plan::{Plan, Refusal};
use crate::helm::planner::Planner;
use crate::helm::progress::{Outcome, Progress};
use crate::helm::recover::{self, Begun};
use crate::helm::rollback::Rollback;
use crate::ports::World;

use super::drive::drive;

/// Hooks and workloads are waited for this long each (helm's own default).
pub const TIMEOUT: Duration = Duration::from_mins(5);

/// What is waited for, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long for each hook, and for the workloads.
    pub timeout: Duration,
    /// Whether the workloads are waited for.
    pub wait: Wait,
}

impl Default for Terms {
    fn default() -> Self {
        Self { timeout: TIMEOUT, wait: Wait::ForReady }
    }
}

/// Makes the plan; nothing is written.
///
/// # Errors
/// The refusal, with the helm command line where it can be done by hand.
pub async fn plan(
    world: &World,
    release: ReleaseName,
    namespace: Namespace,
    to: Revision,
    context: &str,
    timeout: Duration,
) -> Result<Plan, Refusal> {
    let (context, wait, choices) = (context.to_owned(), Wait::ForReady, Choices::default());
    planned(world, Ask { release, namespace, to, context, timeout, wait, choices, cut_off: None }).await
}

/// Makes the plan that is asked for; nothing is written.
///
/// # Errors
/// As [`plan`].
pub async fn planned(world: &World, ask: Ask) -> Result<Plan, Refusal> {
    let lost = ask.refuse("the plan came to no end: this is a fault of backout", "Use the helm command line below");
    let mut planner = Planner::new(ask);
    drive(&mut planner, world, |_| {}).await;
    planner.end().cloned().unwrap_or(Err(lost))
}

/// Runs exactly that plan; every fact of it goes to `tell`.
pub async fn run(world: &World, plan: &Plan, context: &str, terms: Terms, tell: impl FnMut(Progress)) -> Outcome {
    let mut engine = Rollback::new(plan.clone(), context, terms.timeout, terms.wait);
    drive(&mut engine, world, tell).await;
    let lost = || Outcome::Unknown { why: "the engine came to no end: this is a fault of backout".into() };
    engine.end().cloned().unwrap_or_else(lost)
}

/// Where a rollback stands whose end nobody saw: a sentence with the safe next step. Nothing is written.
pub async fn standing(world: &World, begun: &Begun) -> String {
    match world.cluster.records(begun.release.clone()).await {
        Ok(records) => recover::standing(begun, &records).sentence(begun),
        Err(fault) => {
            format!("Where the rollback of {} to {} stands is not known. {}", begun.release, begun.to, fault.sentence())
        }
    }
}
