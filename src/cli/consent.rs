//! The datum, asked of the person at the terminal: a revision's number, or the name of what is restarted or of the
//! release whose objects would be deleted and cannot come back.
//!
//! Never: a default.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::headless::{Headless, Said};
use crate::keymap::{Scope, resolve};
use crate::plan::{Datum, DatumKind, Plan};

use super::progress::ask;

/// What came of the question.
pub enum Consent {
    /// This was typed; empty where it cannot be a datum at all.
    Typed(String),
    /// The person does not want it.
    Not(&'static str),
}

/// Asks once.
pub async fn consent(headless: &mut Headless, plan: &Plan) -> Consent {
    let Datum { kind, wanted, what, .. } = plan.datum();
    let act = match plan {
        Plan::RollBack(_) => "roll back".into(),
        Plan::Workload(_) => plan.noun().to_owned(),
        Plan::Maintenance(_) | Plan::Revert(_) | Plan::Silence(_) | Plan::Tests(_) => plan.title(),
    };
    match (plan, kind) {
        (Plan::RollBack(_), DatumKind::Name) => {
            ask(&format!("Objects would be deleted that cannot come back. Type {wanted} to {act}; Enter cancels: "));
        }
        (Plan::RollBack(_), DatumKind::Number)
        | (Plan::Workload(_) | Plan::Maintenance(_) | Plan::Revert(_) | Plan::Silence(_) | Plan::Tests(_), _) => {
            ask(&format!("Type {wanted} ({what}) to {act}; Enter cancels: "));
        }
    }
    match headless.answer().await {
        Said::Line(line) if line.trim().is_empty() => Consent::Not("Cancelled: nothing was changed."),
        Said::Line(line) => Consent::Typed(plausible(line.trim(), kind)),
        Said::Nothing => Consent::Not("No answer: nothing was changed."),
        Said::Signalled => Consent::Not("Interrupted: nothing was changed."),
    }
}

/// What was typed, if it is text to the dialog throughout: a key of the dialog in the middle of it makes it nothing.
fn plausible(line: &str, kind: DatumKind) -> String {
    let scope = match kind {
        DatumKind::Number => Scope::Plan,
        DatumKind::Name => Scope::PlanByName,
    };
    let is_text = |c: char| {
        let free = resolve(scope, KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).is_none();
        free && (scope == Scope::PlanByName || c.is_ascii_digit())
    };
    if line.chars().all(is_text) { line.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_no_datum() {
        for (line, taken) in [("2", "2"), ("12", "12"), ("2a", ""), ("c2", ""), ("2 ", ""), ("two", ""), ("-2", "")] {
            assert_eq!(plausible(line, DatumKind::Number), taken, "{line:?}");
        }
        assert_eq!(plausible("ecommerce-app", DatumKind::Name), "ecommerce-app");
    }
}
