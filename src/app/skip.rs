//! What makes a skipping drill stop: something happened, or something needs the operator.

use std::collections::BTreeMap;

use crate::domain::alert::AlertState;
use crate::domain::evidence::Verdict;
use crate::domain::name::StepNo;
use crate::model::Model;
use crate::model::dialog::{Dialog, PlanState};
use crate::model::situation::Situation;

/// What the operator would notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    verdicts: BTreeMap<StepNo, Verdict>,
    firing: usize,
    situation: u8,
    job: Option<(bool, bool, bool)>,
    planning: bool,
}

impl Attention {
    /// What the operator would notice now.
    pub fn of(model: &Model) -> Self {
        let planning = match model.dialog.as_ref().map(|o| &o.dialog) {
            Some(Dialog::Plan(d)) => matches!(d.state, PlanState::Planning { .. }),
            Some(_) | None => false,
        };
        Self {
            verdicts: model.evidence.iter().map(|(no, e)| (*no, e.verdict)).collect(),
            firing: model
                .feeds
                .alerts
                .known()
                .map_or(0, |a| a.iter().filter(|a| a.state == AlertState::Firing).count()),
            situation: match model.situation {
                Situation::Reading => 0,
                Situation::Well(_) => 1,
                Situation::Unwell(_) => 2,
                Situation::Unknown(_) => 3,
                Situation::Raised(_) => 4,
            },
            job: model
                .jobs
                .newest()
                .map(|(_, j)| (j.lights.helm_done.is_some(), j.lights.trouble().is_some(), j.ending.is_some())),
            planning,
        }
    }
}
