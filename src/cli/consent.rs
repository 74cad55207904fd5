//! The datum, asked of the person at the terminal: the revision's number, or the release's name where objects would be
//! deleted that cannot come back.
//!
//! Never: a default.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::headless::{Headless, Said};
use crate::helm::plan::Datum;
use crate::keymap::{Scope, resolve};

use super::progress::ask;

/// What came of the question.
pub enum Consent {
    /// This was typed; empty where it cannot be a datum at all.
    Typed(String),
    /// The person does not want it.
    Not(&'static str),
}

/// Asks once.
pub async fn consent(headless: &mut Headless, wanted: &Datum) -> Consent {
    match wanted {
        Datum::Revision(revision) => {
            ask(&format!("Type {revision} (the target revision) to roll back; Enter cancels: "));
        }
        Datum::Release(release) => {
            ask(&format!(
                "Objects would be deleted that cannot come back. Type {release} to roll back; Enter cancels: "
            ));
        }
    }
    match headless.answer().await {
        Said::Line(line) if line.trim().is_empty() => Consent::Not("Cancelled: nothing was changed."),
        Said::Line(line) => Consent::Typed(plausible(line.trim(), wanted)),
        Said::Nothing => Consent::Not("No answer: nothing was changed."),
        Said::Signalled => Consent::Not("Interrupted: nothing was changed."),
    }
}

/// What was typed, if it is text to the dialog throughout: a key of the dialog in the middle of it makes it nothing.
fn plausible(line: &str, wanted: &Datum) -> String {
    let scope = match wanted {
        Datum::Revision(_) => Scope::Plan,
        Datum::Release(_) => Scope::PlanByName,
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
    use crate::domain::name::Revision;

    #[test]
    fn a_slip_of_the_hand_is_no_datum() {
        let number = Datum::Revision(Revision(2));
        for (line, taken) in [("2", "2"), ("12", "12"), ("2a", ""), ("c2", ""), ("2 ", ""), ("two", ""), ("-2", "")] {
            assert_eq!(plausible(line, &number), taken, "{line:?}");
        }
        let name = Datum::Release("ecommerce-app".into());
        assert_eq!(plausible("ecommerce-app", &name), "ecommerce-app");
    }
}
