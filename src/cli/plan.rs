//! `backout plan`: what a rollback would do, for a person or as JSON. Nothing is changed.
//!
//! Never: a revision taken for granted. Without `--to` it is the proposed one, and the page says why.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::act::rollback::Terms;
use crate::app::headless::Waited;
use crate::domain::name::{ReleaseName, Revision};
use crate::helm::choices::Choices;
use crate::helm::plan::{Instead, Plan, Refusal};
use crate::model::Model;
use crate::model::dialog::PlanState;
use crate::msg::Msg;
use crate::plan;

use super::chosen::Chosen;
use super::outcome::{Outcome, REFUSED, UNKNOWN};
use super::reading::{Reader, code, found, proposal, within};
use super::{Globals, plan_page, revision};

/// A plan is made within this long, or nobody knows.
const PLANNING: Duration = Duration::from_mins(2);

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct Wish {
    /// The Helm release.
    pub release: String,
    /// The revision to go back to; else the proposed one.
    #[arg(long, value_name = "REVISION", value_parser = revision, allow_negative_numbers = true)]
    pub to: Option<Revision>,
    /// What is chosen beside the target.
    #[command(flatten)]
    pub chosen: Chosen,
    /// As JSON on stdout: the fields of the plan, and `proposal` (null where nothing is known): `target`, `bare` (what
    /// a bare helm rollback would take), `why`, and `revisions` with number, status, verdict, reason. Without a plan
    /// there is `refusal` (sentence, cure, command) beside it.
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Sheet<'a> {
    #[serde(flatten)]
    plan: Option<&'a Plan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a Refusal>,
    proposal: Value,
}

/// How the question for a plan ended.
pub enum Planned<P> {
    /// It stands in the dialog.
    Ready(P),
    /// There is none; with the exit code.
    Refused(Refusal, u8),
}

/// Prints the plan.
pub fn run(globals: &Globals, wish: &Wish) -> Outcome {
    let release = ReleaseName::new(&wish.release);
    within(globals, Some(release), Terms::default(), async |reader| {
        shown(reader, wish).await.unwrap_or_else(|outcome| outcome)
    })
}

async fn shown(mut reader: Reader, wish: &Wish) -> Result<Outcome, Outcome> {
    let release = ReleaseName::new(&wish.release);
    reader.read(proposal).await?;
    let identity = found(reader.model(), &release)?;
    let proposed = reader.model().choice.as_ref().and_then(|c| c.target);
    let Some(to) = wish.to.or(proposed) else {
        let why = reader.model().choice.as_ref().map_or_else(String::new, |c| c.why.clone());
        let refusal = Refusal {
            sentence: why,
            cure: format!("Name one: {}", "--to REVISION"),
            command: String::new(),
            instead: Instead::Nobody,
        };
        return Ok(refused(reader.model(), wish, &refusal, REFUSED));
    };
    let planned = prepared(&mut reader, release, to, wish.chosen.choices()).await?;
    let model = reader.model();
    Ok(match planned {
        Planned::Refused(refusal, code) => refused(model, wish, &refusal, code),
        Planned::Ready(plan) => {
            let out = if wish.json {
                sheet(&Sheet { plan: Some(&plan), refusal: None, proposal: proposed_as_json(model) })
            } else {
                plan_page::page(model, &identity, &plan, wish.to)
            };
            let blocked = plan.blocked().map(|f| format!("This plan will not run: {}. {}", f.sentence, f.cure));
            let code = if blocked.is_some() { REFUSED } else { 0 };
            Outcome { out, err: blocked.unwrap_or_default(), code }
        }
    })
}

fn refused(model: &Model, wish: &Wish, refusal: &Refusal, code: u8) -> Outcome {
    let out = if wish.json {
        sheet(&Sheet { plan: None, refusal: Some(refusal), proposal: proposed_as_json(model) })
    } else {
        String::new()
    };
    Outcome { out, err: plan_page::refusal(refusal), code }
}

fn sheet(sheet: &Sheet<'_>) -> String {
    serde_json::to_string_pretty(sheet).unwrap_or_else(|e| format!("{{\"fault\":\"{e}\"}}"))
}

/// Asks for the plan to that revision and waits for it.
///
/// # Errors
/// The outcome, where the process is asked to end or no plan came.
pub async fn prepared(
    reader: &mut Reader,
    release: ReleaseName,
    to: Revision,
    choices: Choices,
) -> Result<Planned<Arc<Plan>>, Outcome> {
    Ok(match asked_for(reader, Msg::Wanted(release, to, choices)).await? {
        Planned::Ready(plan) => Planned::Ready(plan.rollback().cloned().ok_or_else(gone)?),
        Planned::Refused(refusal, code) => Planned::Refused(refusal, code),
    })
}

fn gone() -> Outcome {
    Outcome::failed(UNKNOWN, "the plan is gone")
}

/// Asks for a plan, of whatever kind the act is, and waits for it.
///
/// # Errors
/// As [`prepared`].
pub async fn asked_for(reader: &mut Reader, wanted: Msg) -> Result<Planned<plan::Plan>, Outcome> {
    let session = &mut reader.headless.session;
    session.hear(wanted);
    if session.model.dialog.is_none() {
        let why = session.model.notice.as_ref().map_or("what is to be changed is not known", |n| n.text.as_str());
        return Err(Outcome::failed(REFUSED, why));
    }
    let waited = reader.headless.until(PLANNING, |model| state(model).is_some(), |_, _| {}).await;
    if waited != Waited::Come {
        return Err(Outcome::failed(UNKNOWN, "no plan was made; nothing was changed"));
    }
    let planned = state(reader.model()).ok_or_else(gone)?;
    Ok(match planned {
        Ok(plan) => Planned::Ready(plan),
        Err(refusal) => {
            // A cluster that answers has refused; one that does not is not known.
            let asked = reader.headless.session.executor.world.cluster.identity().await;
            Planned::Refused(refusal, asked.map_or_else(|fault| code(&fault), |_| REFUSED))
        }
    })
}

/// The plan or the refusal in the dialog; `None` while it is being made.
pub fn state(model: &Model) -> Option<Result<plan::Plan, Refusal>> {
    match model.plan_on_show()? {
        PlanState::Planning { .. } => None,
        PlanState::Refused(refusal) => Some(Err(refusal.clone())),
        PlanState::Ready { plan, .. } | PlanState::Confirmed { plan } => Some(Ok(plan.clone())),
    }
}

fn proposed_as_json(model: &Model) -> Value {
    let (Some(choice), Some(release)) = (&model.choice, model.release()) else { return Value::Null };
    let revisions: Vec<Value> = release
        .revisions
        .iter()
        .map(|facts| {
            let judged = choice.verdicts.get(&facts.revision);
            json!({
                "revision": facts.revision,
                "status": facts.status,
                "updated": facts.updated,
                "verdict": judged.map(|(verdict, _)| verdict),
                "reason": judged.map(|(_, reason)| reason),
            })
        })
        .collect();
    json!({ "target": choice.target, "bare": choice.bare, "why": choice.why, "revisions": revisions })
}
