//! When an incident has taken longer than its severity allows (the plan's «Niveles de Severidad», «Escalation Matrix» and
//! «Si NO se cumplen criterios después de 30 min»), and whom to call then.
//!
//! Never: once production is well; calling anybody by itself.

use crate::domain::criteria::Stretch;
use crate::domain::moment::{Moment, short, since};
use crate::domain::severity::Severity;

use super::Model;

/// What is overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Since when.
    pub when: Moment,
    /// What, and whom to call, in a sentence.
    pub what: String,
    /// How pressing.
    pub pressing: Pressing,
}

/// How pressing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressing {
    /// Somebody is to be called.
    Call,
    /// The rollback was not the cure: somebody must decide.
    Decide,
}

/// What is overdue now: a decision before a call.
pub fn overdue(model: &Model) -> Option<Overdue> {
    let incident = model.open_incident()?;
    if let Some(when) = model.decision_due {
        let raise = match incident.severity {
            Severity::Sev1 => "call everybody",
            Severity::Sev2 | Severity::Sev3 | Severity::Sev4 => "+ raises to SEV-1 (call everybody)",
        };
        let what = format!(
            "Not stable in time, a decision is due since {}: {raise}, M stops all for maintenance, o goes on, with a reason.",
            when.format("%H:%M")
        );
        return Some(Overdue { when, what, pressing: Pressing::Decide });
    }
    if matches!(model.stretch, Stretch::Holding { .. }) {
        return None;
    }
    let (severity, within) = (incident.severity, incident.severity.respond_within());
    let when = incident.opened + within;
    let what =
        format!("{severity}: {} since the declaration and production is not well: {}", short(within), severity.call());
    (since(incident.opened, model.now.wall) >= within).then_some(Overdue { when, what, pressing: Pressing::Call })
}
