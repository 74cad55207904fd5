//! A rollback by helm itself: its plan, where it is refused here, and its run, line by line to its end.
//!
//! Never: a shell; a run whose history has moved since the plan.

use futures::StreamExt;

use crate::domain::text::clean;
use crate::helm::ask::Ask;
use crate::helm::choices::By;
use crate::helm::external::{self, Exit, Program};
use crate::helm::mask;
use crate::helm::plan::{Instead, Plan, Refusal};
use crate::helm::progress::{Outcome, Progress};
use crate::ports::{Output, World};

use super::rollback::{self, Terms};

/// So many of its lines are kept.
const KEPT: usize = 200;
/// So many of its last lines are told with its end.
const LAST: usize = 3;

/// Makes the plan; nothing is written.
///
/// # Errors
/// It is not refused here, helm cannot do it either, or there is no helm.
pub async fn planned(world: &World, ask: Ask) -> Result<Plan, Refusal> {
    let mut own = ask.clone();
    own.choices.by = By::Backout;
    let refusal = match Box::pin(rollback::planned(world, own)).await {
        Ok(plan) => {
            if let Some(finding) = plan.blocked() {
                let cure = format!("That stands in helm's way, too. {}", finding.cure);
                return Err(ask.hopeless(finding.sentence.clone(), cure));
            }
            let sentence = format!("backout rolls {} back to {} itself, and shows what changes", ask.release, ask.to);
            return Err(ask.hopeless(sentence, "Leave helm (--with-helm) out: it is for what is refused here."));
        }
        Err(refusal) => refusal,
    };
    if refusal.instead == Instead::Nobody {
        return Err(refusal);
    }
    let by_hand = |why: String| {
        let cure = format!("{}: the command can only be run by hand.", clean(&why));
        Refusal { cure, instead: Instead::Nobody, ..refusal.clone() }
    };
    let helm = world.programs.helm().await.map_err(by_hand)?;
    let records = world.cluster.records(ask.release.clone()).await.map_err(|fault| by_hand(fault.sentence()))?;
    external::plan(&ask, &refusal, &records, &helm, world.clock.now().wall)
}

/// Runs exactly that program; every line of it goes to `tell`.
pub async fn run(
    world: &World,
    (plan, program): (&Plan, &Program),
    context: &str,
    terms: &Terms,
    mut tell: impl FnMut(Progress),
) -> Outcome {
    let ask = Ask {
        release: plan.release.clone(),
        namespace: plan.namespace.clone(),
        to: plan.to,
        context: context.to_owned(),
        timeout: terms.timeout,
        wait: terms.wait,
        choices: plan.choices.clone(),
        holder: terms.holder.clone(),
        cut_off: None,
    };
    if let Some(finding) = plan.blocked() {
        return Outcome::Void { why: finding.sentence.clone() };
    }
    match world.cluster.records(plan.release.clone()).await {
        Ok(records) => {
            if let Some(why) = external::moved(plan, &ask, &records) {
                return Outcome::Void { why };
            }
        }
        Err(fault) => return Outcome::Void { why: format!("the history cannot be read again: {}", fault.sentence()) },
    }
    tell(Progress::Checked);
    let mut raw: Vec<String> = Vec::new();
    let mut exit = Exit::Lost("its output ended without a word of it".into());
    let mut output = world.programs.run(program.clone());
    while let Some(news) = output.next().await {
        match news {
            Output::Line(line) if line.trim().is_empty() => {}
            Output::Line(line) => {
                raw.push(clean(&line));
                raw.drain(..raw.len().saturating_sub(KEPT));
                tell(Progress::Said(masked(&raw).pop().unwrap_or_default()));
            }
            Output::Ended(how) => exit = how,
        }
    }
    let said = masked(&raw);
    let last = said.get(said.len().saturating_sub(LAST)..).unwrap_or_default();
    let records = world.cluster.records(plan.release.clone()).await.map_err(|fault| fault.sentence());
    let outcome = external::ended((plan, program), &exit, last, records, terms.wait);
    if let Outcome::SeenReady { revision } | Outcome::Applied { revision, .. } = outcome {
        tell(Progress::Recorded(revision));
        tell(Progress::HelmDone(revision));
    }
    outcome
}

/// The lines with what is secret in them hidden; what one of them begins, the next may go on with.
fn masked(lines: &[String]) -> Vec<String> {
    mask::text::log(&lines.join("\n"))
}
