//! A Helm rollback over the ports: its plan, and its execution.

use std::time::Duration;

use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::helm::ask::Ask;
use crate::helm::choices::{By, Choices, Wait};
use crate::helm::engine::Engine;
use crate::helm::holder::Holder;
use crate::helm::lock::{self, Claim, Held, Keeping, Kept, Purpose, Taken, Taking};
use crate::helm::plan::{Plan, Refusal};
use crate::helm::planner::Planner;
use crate::helm::progress::{Outcome, Progress};
use crate::helm::recover::{self, Begun};
use crate::helm::rollback::Rollback;
use crate::ports::World;

use super::drive::drive;
use super::external;

/// Hooks and workloads are waited for this long each (helm's own default).
pub const TIMEOUT: Duration = Duration::from_mins(5);

/// What is waited for, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How long for each hook, and for the workloads.
    pub timeout: Duration,
    /// Whether the workloads are waited for.
    pub wait: Wait,
    /// Who does it, as others are told.
    pub holder: Holder,
}

impl Default for Terms {
    fn default() -> Self {
        Self { timeout: TIMEOUT, wait: Wait::ForReady, holder: Holder::default() }
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
    let holder = Holder::default();
    planned(world, Ask { release, namespace, to, context, timeout, wait, choices, holder, cut_off: None }).await
}

/// Makes the plan that is asked for; nothing is written.
///
/// # Errors
/// As [`plan`].
pub async fn planned(world: &World, ask: Ask) -> Result<Plan, Refusal> {
    if ask.choices.by == By::Helm {
        return external::planned(world, ask).await;
    }
    let lost = ask.refuse("the plan came to no end: this is a fault of backout", "Use the helm command line below");
    let mut planner = Planner::new(ask);
    drive(&mut planner, world, |_| {}).await;
    planner.end().cloned().unwrap_or(Err(lost))
}

/// Runs exactly that plan; every fact of it goes to `tell`.
pub async fn run(world: &World, plan: &Plan, context: &str, terms: Terms, tell: impl FnMut(Progress)) -> Outcome {
    let claim = Claim {
        release: plan.release.clone(),
        namespace: plan.namespace.clone(),
        holder: terms.holder.clone(),
        writes: plan.writes,
        over: plan.over.clone(),
    };
    let mut taking = Taking::new(claim);
    drive(&mut taking, world, |_| {}).await;
    let held = match taking.end().cloned() {
        Some(Taken::Busy(who)) => {
            let why = format!("{who}: nothing was done here. Wait until that has ended, then look at the history");
            return Outcome::Void { why };
        }
        Some(Taken::Held(held)) => Some(held),
        Some(Taken::Without(_)) | None => None,
    };
    let before = held.as_ref().and_then(|h| h.before.clone());
    let mut outcome = None;
    let running = async {
        outcome = if let Some(program) = &plan.program {
            Some(external::run(world, (plan, program), context, &terms, tell).await)
        } else {
            let mut engine = Rollback::new(plan.clone(), context, terms.timeout, terms.wait).after(before);
            drive(&mut engine, world, tell).await;
            engine.end().cloned()
        };
    };
    let held = held_while(world, held, running).await;
    if let Some(held) = held {
        drive(&mut Keeping::new(held, Purpose::GiveBack), world, |_| {}).await;
    }
    outcome.unwrap_or_else(|| Outcome::Unknown { why: "the engine came to no end: this is a fault of backout".into() })
}

/// Renews a lease as long as that runs; what is still held of it afterwards.
async fn held_while(
    world: &World,
    mut held: Option<Box<Held>>,
    running: impl Future<Output = ()>,
) -> Option<Box<Held>> {
    let renewing = async {
        while let Some(lease) = &held {
            world.clock.sleep(lock::RENEWED).await;
            let mut keeping = Keeping::new(lease.clone(), Purpose::Renew);
            drive(&mut keeping, world, |_| {}).await;
            if let Some(kept) = keeping.end() {
                held = match kept {
                    Kept::Held(lease) => Some(lease.clone()),
                    Kept::Gone => None,
                };
            }
        }
        futures::future::pending::<()>().await;
    };
    let running = std::pin::pin!(running);
    futures::future::select(running, std::pin::pin!(renewing)).await;
    held
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
