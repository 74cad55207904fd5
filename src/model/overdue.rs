//! When an incident has taken longer than its severity allows (the plan's «Niveles de Severidad», «Escalation Matrix» and
//! «Si NO se cumplen criterios después de 30 min»), and whom to call then.
//!
//! Never: once production is well; calling anybody by itself.

use std::time::Duration;

use crate::domain::criteria::Stretch;
use crate::domain::event::Ending;
use crate::domain::incident::Incident;
use crate::domain::moment::{Moment, short, since};
use crate::domain::severity::Severity;

use super::Model;

/// A rollback that has not helped within this is not the cure.
pub const HELPS_WITHIN: Duration = Duration::from_mins(30);

/// What is overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Since when.
    pub when: Moment,
    /// What, and whom to call, in a sentence.
    pub what: String,
}

/// What is overdue now.
pub fn overdue(model: &Model) -> Option<Overdue> {
    let incident = model.open_incident()?;
    if matches!(model.stretch, Stretch::Holding { .. }) {
        return None;
    }
    let passed = |from: Moment, within: Duration| (since(from, model.now.wall) >= within).then(|| from + within);
    if incident.severity != Severity::Sev1
        && let Some(when) = rolled_back(incident).and_then(|asked| passed(asked, HELPS_WITHIN))
    {
        let what = format!(
            "{} since the rollback and production is not well: raise to SEV-1 (+), call the whole team, think of \
             maintenance mode",
            short(HELPS_WITHIN)
        );
        return Some(Overdue { when, what });
    }
    let (severity, within) = (incident.severity, incident.severity.respond_within());
    let when = passed(incident.opened, within)?;
    let what =
        format!("{severity}: {} since the declaration and production is not well: {}", short(within), severity.call());
    Some(Overdue { when, what })
}

/// When the newest rollback was asked for, if it was done.
fn rolled_back(incident: &Incident) -> Option<Moment> {
    let (_, record) = incident.last_rollback()?;
    matches!(record.ending, Some(Ending::Seen { .. } | Ending::Unseen { .. })).then_some(record.asked)
}
