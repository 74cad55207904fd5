//! Maintenance of a release over the ports: what is in it, the plan, its execution, where it stands after a crash.

use crate::domain::event::Ending;
use crate::domain::fault::Fault;
use crate::domain::name::{Namespace, ReleaseName};
use crate::domain::text::clean;
use crate::domain::workload::WorkloadRef;
use crate::helm::api::{Answer, Call, Mode, Refused, Verb};
use crate::helm::engine::Engine;
use crate::helm::plan::Refusal;
use crate::helm::progress::Progress;
use crate::kubectl::ask::address;
use crate::maintenance::ask::{Ask, configmaps, place};
use crate::maintenance::execution::Execution;
use crate::maintenance::plan::Plan;
use crate::maintenance::planner::Planner;
use crate::maintenance::saved::{self, Found, Saved};
use crate::maintenance::{scale, standing};
use crate::ports::World;

use super::drive::drive;
use super::rollback::Terms;

/// Makes the plan; nothing is written.
///
/// # Errors
/// The refusal, with what to do now.
pub async fn planned(world: &World, ask: Ask) -> Result<Plan, Refusal> {
    let lost = ask.refuse("the plan came to no end: this is a fault of backout", "Scale the workloads by hand");
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

/// The releases of a namespace that are in maintenance. Whoever may not list ConfigMaps may perhaps read that of one.
///
/// # Errors
/// Why it cannot be known.
pub async fn found(world: &World, namespace: &Namespace, release: Option<ReleaseName>) -> Result<Vec<Found>, Fault> {
    let list = Call::List { resource: configmaps(), namespace: Some(namespace.clone()), labels: saved::ALL.to_owned() };
    match (world.cluster.call(list).await, release) {
        (Answer::List(all), _) => Ok(all.iter().map(saved::found).collect()),
        (Answer::Refused(Refused::Fault { fault: Fault::Forbidden { .. }, .. }), Some(release)) => {
            let target = place(namespace, &release);
            match world.cluster.call(Call::Object { target, verb: Verb::Get, mode: Mode::DryRun }).await {
                Answer::Object(object) => Ok(vec![saved::found(&object)]),
                Answer::Refused(Refused::NotFound(_)) => Ok(Vec::new()),
                answer => Err(fault(answer)),
            }
        }
        (answer, _) => Err(fault(answer)),
    }
}

fn fault(answer: Answer) -> Fault {
    match answer {
        Answer::Refused(Refused::Fault { fault, .. }) => fault,
        Answer::Refused(refused) => Fault::Bad { what: clean(&refused.message()) },
        Answer::Resource(_) | Answer::Object(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
            Fault::Bad { what: "the server answered something else than was asked".into() }
        }
    }
}

/// Where the maintenance of a release stands whose stop or return nobody saw end: a sentence with the safe next step.
/// Nothing is written.
pub async fn standing(world: &World, release: &ReleaseName, namespace: &Namespace) -> String {
    match found(world, namespace, Some(release.clone())).await {
        Err(fault) => format!("Where the maintenance of {release} stands is not known. {}", fault.sentence()),
        Ok(all) => match all.into_iter().find(|f| f.release == *release).map(|f| f.saved) {
            None => format!(
                "{release} is not in maintenance: nothing was stopped, or every count was brought back. Look at its pods."
            ),
            Some(Err(why)) => format!("{release} is in maintenance, but {why}."),
            Some(Ok(saved)) => {
                let tally = counted(world, namespace, &saved).await;
                let told = standing::sentence(&saved, tally, world.clock.now().wall);
                format!("{told}. M stops the rest or brings it back.")
            }
        },
    }
}

/// How much of it is stopped; `None` where that cannot be read.
pub async fn counted(world: &World, namespace: &Namespace, saved: &Saved) -> Option<standing::Tally> {
    let read = |workload: WorkloadRef| async move {
        let target = address(&workload, namespace);
        match world.cluster.call(Call::Object { target, verb: Verb::Get, mode: Mode::DryRun }).await {
            Answer::Object(object) => Some((workload, Some(scale::count(&object)))),
            Answer::Refused(Refused::NotFound(_)) => Some((workload, None)),
            Answer::Refused(_) | Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => None,
        }
    };
    let reads = saved.workloads.iter().map(|kept| read(kept.workload.clone()));
    let all: Option<Vec<_>> = futures::future::join_all(reads).await.into_iter().collect();
    let all = all?;
    Some(standing::tally(saved, |w| all.iter().find(|(of, _)| of == w).and_then(|(_, count)| *count)))
}
