//! The proof of a confirmation for exactly one plan. `Effect::Run` takes nothing less.
//!
//! Never: made anywhere but in [`Permit::confirm`], where arm, blocks and datum are checked, once, for every act.

use crate::helm::plan::PlanHash;
use crate::model::arm::Arm;
use crate::plan::Plan;

/// A permit for one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    plan: PlanHash,
}

impl Permit {
    /// A permit for that plan, if the cockpit is armed, nothing blocks, and what was typed is the datum.
    ///
    /// # Errors
    /// The sentence for the dialog.
    pub fn confirm(plan: &Plan, typed: &str, arm: Arm) -> Result<Self, String> {
        if let Some(finding) = plan.blocked() {
            return Err(format!("blocked: {}", finding.sentence));
        }
        let datum = plan.datum();
        let typed = typed.trim();
        let instead = if typed.is_empty() { String::new() } else { format!(", not {typed}") };
        let datum =
            (typed != datum.wanted).then(|| format!("type {}, {}, to confirm{instead}", datum.what, datum.wanted));
        // All that is missing at once: one mistake after the other costs an Enter each.
        let missing: Vec<String> = arm.refusal().map(Into::into).into_iter().chain(datum).collect();
        if missing.is_empty() { Ok(Self { plan: plan.hash().clone() }) } else { Err(missing.join("; and ")) }
    }

    /// Whether it is for that plan.
    pub fn is_for(&self, plan: &Plan) -> bool {
        self.plan == *plan.hash()
    }
}
