//! Undo and restart of one workload over the ports: its history, the plan, its execution, where one stands after a
//! crash.

use crate::domain::event::Ending;
use crate::domain::name::Namespace;
use crate::domain::text::clean;
use crate::domain::workload::WorkloadRef;
use crate::helm::api::{Answer, Call, Mode, Refused, Verb};
use crate::helm::engine::Engine;
use crate::helm::plan::{Instead, Refusal};
use crate::helm::progress::Progress;
use crate::kubectl::ask::{Ask, address, keeper};
use crate::kubectl::execution::Execution;
use crate::kubectl::plan::Plan;
use crate::kubectl::planner::{Planner, selector};
use crate::kubectl::revisions::{self, History};
use crate::kubectl::standing::{self, Begun};
use crate::ports::World;

use super::drive::drive;
use super::rollback::Terms;

/// Makes the plan; nothing is written.
///
/// # Errors
/// The refusal, with the command line that helps where there is one.
pub async fn planned(world: &World, ask: Ask) -> Result<Plan, Refusal> {
    let lost = Refusal {
        sentence: "the plan came to no end: this is a fault of backout".into(),
        cure: "Use the kubectl command line below".into(),
        command: ask.command(),
        instead: Instead::Nobody,
    };
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

/// The revisions that a workload keeps.
///
/// # Errors
/// Why they cannot be had, in a sentence.
pub async fn history(world: &World, workload: WorkloadRef, namespace: &Namespace) -> Result<History, String> {
    let (object, keepers) = read(world, &workload, namespace).await?;
    Ok(revisions::history(workload, &object, &keepers))
}

/// Where an act stands whose end nobody saw: a sentence with the safe next step. Nothing is written.
pub async fn standing(world: &World, workload: &WorkloadRef, namespace: &Namespace, begun: &Begun) -> String {
    match read(world, workload, namespace).await {
        Ok((object, keepers)) => standing::sentence(workload, begun, &object, &keepers),
        Err(why) => format!("Where the act on {workload} stands is not known: {why}"),
    }
}

async fn read(
    world: &World,
    workload: &WorkloadRef,
    namespace: &Namespace,
) -> Result<(serde_json::Value, Vec<serde_json::Value>), String> {
    let target = address(workload, namespace);
    let object = match world.cluster.call(Call::Object { target, verb: Verb::Get, mode: Mode::DryRun }).await {
        Answer::Object(object) => object,
        Answer::Refused(Refused::NotFound(_)) => return Err(format!("{workload} is not there")),
        answer => return Err(unread(&workload.to_string(), answer)),
    };
    let (resource, labels) = (keeper(workload.kind), selector(&object));
    let list = Call::List { resource, namespace: Some(namespace.clone()), labels };
    match world.cluster.call(list).await {
        Answer::List(keepers) => Ok((object, keepers)),
        answer => Err(unread(&format!("the revisions of {workload}"), answer)),
    }
}

fn unread(what: &str, answer: Answer) -> String {
    let why = match answer {
        Answer::Refused(refused) => clean(&refused.message()),
        Answer::Resource(_) | Answer::Object(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
            "the server answered something else".into()
        }
    };
    format!("{what} cannot be read: {why}")
}
