//! The plan of a silence: which alert, until when, by whom and why, and what to know of it before saying yes.
//!
//! Never: changing after it was made; its [`Plan::hash`] is what a permit names.

use serde::{Deserialize, Serialize};

use super::ask::Ask;
use crate::domain::alert::{Alert, AlertWeight, Labels, Silence};
use crate::domain::moment::Moment;
use crate::helm::digest;
use crate::helm::plan::{Finding, Level, PlanHash};

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The alert's name, which is what is typed.
    pub alert: String,
    /// The same with its service.
    pub called: String,
    /// By what it is told.
    pub labels: Labels,
    /// What is made.
    pub silence: Silence,
    /// What to know before saying yes, the gravest first.
    pub findings: Vec<Finding>,
    /// The command line that it stands for; copyable.
    pub command: String,
    /// SHA-256 over everything above, hex.
    pub hash: PlanHash,
}

impl Plan {
    /// Of an alert that rings now.
    pub fn of(ask: &Ask, alert: &Alert, now: Moment) -> Self {
        let until = now + chrono::Duration::from_std(ask.length).unwrap_or_default();
        let mut plan = Self {
            alert: alert.name.clone(),
            called: alert.called(),
            labels: ask.labels.clone(),
            command: ask.command(),
            silence: Silence { by: ask.by.clone(), until, why: ask.why.clone() },
            findings: findings(alert, until),
            hash: PlanHash(String::new()),
        };
        plan.hash = PlanHash(digest::text(&serde_json::to_string(&plan).unwrap_or_default()));
        plan
    }

    /// The first reason why it cannot run at all.
    pub fn blocked(&self) -> Option<&Finding> {
        self.findings.iter().find(|f| f.level == Level::Block)
    }
}

fn findings(alert: &Alert, until: Moment) -> Vec<Finding> {
    let until = until.format("%H:%M");
    let mut all = Vec::new();
    if alert.weight == AlertWeight::Critical {
        all.push(Finding {
            level: Level::Confirm,
            sentence: format!("It is critical: until {until} nobody is called for it, whatever it becomes"),
            cure: "Here it rings on: no criterion is met and no step is proved by a silence.".into(),
        });
    }
    all.push(Finding {
        level: Level::Info,
        sentence: "Of other alerts, also of the same rule on another service, nothing is silenced".into(),
        cure: String::new(),
    });
    all
}
