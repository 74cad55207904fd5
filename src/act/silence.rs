//! A silence over the ports: the plan by the alerts as they ring now, the silence made once, and read back.
//!
//! Never: asked for twice; believed before Alertmanager itself shows the alert as silenced.

use crate::domain::alert::{Alert, AlertState, Labels};
use crate::domain::event::Ending;
use crate::domain::fault::Fault;
use crate::helm::plan::{Change, Refusal};
use crate::helm::progress::Progress;
use crate::ports::{Hushed, World};
use crate::silence::ask::{self, Ask};
use crate::silence::plan::Plan;

/// Makes the plan; nothing is written.
///
/// # Errors
/// The refusal, with what to do now.
pub async fn planned(world: &World, ask: Ask) -> Result<Plan, Refusal> {
    let alerts = known(world).await.map_err(|fault| {
        let sentence = format!("Whether it still rings cannot be read. {}", fault.sentence());
        ask::refuse(sentence, "Nothing was written. Try again, or silence it by amtool.")
    })?;
    let alert = ask::among(&ask.labels, &alerts)?;
    Ok(Plan::of(&ask, alert, world.clock.now().wall))
}

async fn known(world: &World) -> Result<Vec<Alert>, Fault> {
    world.alerts.alerts().await.map(|rung| rung.alerts)
}

/// Runs exactly that plan; every fact of it goes to `tell`.
pub async fn run(world: &World, plan: &Plan, mut tell: impl FnMut(Progress)) -> Ending {
    let called = &plan.called;
    let now = world.clock.now().wall;
    match known(world).await {
        Err(fault) => return Ending::Void { why: format!("whether {called} still rings: {}", fault.sentence()) },
        Ok(alerts) => {
            if let Err(refusal) = ask::among(&plan.labels, &alerts) {
                return Ending::Void { why: format!("{}. Nothing was written", refusal.sentence) };
            }
        }
    }
    if now >= plan.silence.until {
        return Ending::Void { why: "its time is over already. Nothing was written; plan again".into() };
    }
    tell(Progress::Checked);
    let asked = world.alerts.silence(plan.labels.clone(), now, plan.silence.clone()).await;
    let object = |error| Progress::Object { index: 0, change: Change::Create, error };
    let lost = match asked {
        Hushed::Refused(why) => {
            tell(object(Some(why.clone())));
            return Ending::Failed { why: format!("{called} is not silenced: {why}") };
        }
        Hushed::Made => {
            tell(object(None));
            None
        }
        Hushed::Lost(why) => Some(why),
    };
    let seen = known(world).await.is_ok_and(|alerts| shows(&alerts, plan));
    let until = plan.silence.until.format("%H:%M");
    match (seen, lost) {
        (true, _) => {
            tell(Progress::Ready);
            Ending::Seen { what: format!("{called} is silenced until {until}; it still rings here") }
        }
        (false, None) => Ending::Unseen {
            what: format!(
                "the silence of {called} until {until} is made; Alertmanager does not show it as silenced yet"
            ),
        },
        (false, Some(why)) => Ending::Unknown {
            why: format!(
                "the answer to the silence of {called} got lost ({why}): it may still stand. Look at the alerts"
            ),
        },
    }
}

fn shows(alerts: &[Alert], plan: &Plan) -> bool {
    let ours = |a: &Alert| a.silences.iter().any(|s| s.by == plan.silence.by && s.why == plan.silence.why);
    alerts.iter().any(|a| a.labels.as_ref() == Some(&plan.labels) && ours(a))
}

/// Where a silence stands whose end nobody saw: a sentence. Nothing is written.
pub async fn standing(world: &World, alert: &str, labels: &Labels) -> String {
    match known(world).await {
        Err(fault) => format!("Whether {alert} is silenced is not known. {}", fault.sentence()),
        Ok(alerts) => match alerts.iter().find(|a| a.labels.as_ref() == Some(labels)) {
            None => format!("{alert} rings no more; whether a silence was made is not shown by it."),
            Some(a) if a.state == AlertState::Silenced => {
                let who = a.silence().map_or_else(String::new, |s| format!(" {}", s.words()));
                format!("{alert} is silenced{who}.")
            }
            Some(_) => format!("{alert} is not silenced. x opens it again."),
        },
    }
}
