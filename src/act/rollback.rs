//! A Helm rollback over the ports: its plan, and its execution.

use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::helm::plan::{Plan, Refusal};
use crate::helm::progress::{Outcome, Progress};
use crate::ports::World;

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
) -> Result<Plan, Refusal> {
    let _ = (world, namespace, context);
    Err(Refusal { sentence: format!("{release} {to}"), cure: String::new(), command: String::new() })
}

/// Runs exactly that plan.
pub async fn run(world: &World, plan: &Plan, tell: impl FnMut(Progress)) -> Outcome {
    let _ = (world, tell);
    Outcome::Void { why: plan.command.clone() }
}
