//! Maintenance of the release at work: when it is asked about, and the prepared stop or return. It opens; it never fires
//! by itself.

use std::sync::Arc;

use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::fault::Fault;
use crate::domain::name::ReleaseName;
use crate::domain::workload::{Workload, WorkloadKind};
use crate::effect::{Effect, Wanted};
use crate::helm::plan::{Finding, Level};
use crate::helm::progress::Progress;
use crate::intent::{Availability, Intent};
use crate::maintenance;
use crate::maintenance::ask::Errand;
use crate::maintenance::saved::Found;
use crate::model::dialog::{Dialog, Wish};
use crate::model::feed::{Asked, Generation, Reading};
use crate::model::{Model, Tone};
use crate::plan::Plan;

use super::derive::derive;
use super::{act, journal, open};

/// The question that is due.
pub fn due(model: &mut Model) -> Option<Effect> {
    let feed = &mut model.feeds.maintenance;
    feed.is_due(model.now).then(|| Effect::ReadMaintenance(feed.ask(model.now), model.release.clone()))
}

/// What was just done to it is asked about at once.
pub fn ask_again(model: &mut Model) -> Option<Effect> {
    model.feeds.maintenance.asked = Asked::Idle(None);
    due(model)
}

/// It was read.
pub fn read(model: &mut Model, generation: Generation, found: Result<Vec<Found>, Fault>) -> Vec<Effect> {
    let now = model.now;
    if !model.feeds.maintenance.is_current(generation) {
        return Vec::new();
    }
    match found {
        Ok(found) => model.feeds.maintenance.put(found, now),
        Err(fault) => model.feeds.maintenance.fail(fault, now),
    }
    derive(model)
}

/// What the journal keeps of a fact of a stop or a return.
pub fn told(plan: &maintenance::plan::Plan, progress: &Progress) -> Option<String> {
    let kept = maintenance::saved::name(&plan.release);
    match (progress, plan.errand) {
        (Progress::Object { index: 0, error: None, .. }, Errand::Stop) => {
            Some(format!("every count is saved in ConfigMap {kept}; nothing is stopped yet"))
        }
        (Progress::Object { index, error: None, .. }, Errand::BringBack(_)) if *index == plan.place_of_saved() => {
            Some(format!("every count is back as it was saved; ConfigMap {kept} is deleted"))
        }
        (Progress::Ready, Errand::Stop | Errand::Finish) => Some("no pod of the stopped workloads is left".into()),
        (Progress::Ready, Errand::BringBack(_)) => Some("every pod is ready".into()),
        (
            Progress::Checked
            | Progress::Recorded(_)
            | Progress::HelmDone(_)
            | Progress::Hook { .. }
            | Progress::Object { .. }
            | Progress::Rolling { .. }
            | Progress::Pods { .. }
            | Progress::Images { .. }
            | Progress::Said(_),
            _,
        ) => None,
    }
}

/// The wish: where there is a choice it is offered.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    let choices = model.maintenance_choices();
    match (choices.first(), model.release.clone()) {
        (Some(cursor), Some(_)) if choices.len() > 1 => {
            open(model, Dialog::Maintenance { cursor: *cursor });
            Vec::new()
        }
        (Some(errand), Some(release)) => prepare(model, release, *errand),
        (None, _) | (_, None) => Vec::new(),
    }
}

/// One was chosen.
pub fn taken(model: &mut Model, errand: Errand) -> Vec<Effect> {
    model.release.clone().map(|release| prepare(model, release, errand)).unwrap_or_default()
}

/// A command without a screen names the release: the prepared act opens, as its key opens it.
pub fn wanted(model: &mut Model, release: ReleaseName, errand: Errand) -> Vec<Effect> {
    if let Availability::Disabled(why) = Intent::Maintenance.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    prepare(model, release, errand)
}

fn prepare(model: &mut Model, release: ReleaseName, errand: Errand) -> Vec<Effect> {
    act::prepare(model, Wish::Maintenance(release.clone(), errand), Wanted::Maintenance(release, errand))
}

/// Helm knows nothing of a maintenance: that a rollback ends it in part belongs to what one knows before saying yes.
pub fn remembered(model: &Model, plan: Plan) -> Plan {
    let Some(words) = model.maintenance_words() else { return plan };
    match plan {
        Plan::RollBack(plan) => {
            let finding = Finding {
                level: Level::Confirm,
                sentence: format!("{words}; helm sets the counts that the chart names, and starts those workloads"),
                cure: "M brings the saved counts back, before or after; what was saved stays until then.".into(),
            };
            Plan::RollBack(Arc::new(Arc::unwrap_or_clone(plan).with(finding)))
        }
        plan @ (Plan::Workload(_) | Plan::Maintenance(_) | Plan::Revert(_) | Plan::Silence(_) | Plan::Tests(_)) => plan,
    }
}

/// Where a workload wants no pods, and nobody can read whether that is a maintenance, nothing is proved.
pub fn doubted(model: &Model, mine: &[&Workload]) -> Option<String> {
    let Reading::Dark { fault, .. } = model.feeds.maintenance.read(model.now) else { return None };
    let idle = mine.iter().find(|w| w.kind != WorkloadKind::DaemonSet && w.desired == 0)?;
    Some(format!("{} wants no pods, and whether that is a maintenance is {}", idle.name, fault.word()))
}

/// A release that is stopped is not well because nothing of it is seen to be wrong.
pub fn weighed(model: &Model, evidence: Evidence) -> Evidence {
    match model.maintenance_words() {
        Some(words) if evidence.verdict != Verdict::NotMet => {
            Evidence { verdict: Verdict::NotMet, value: words, at: model.now.wall }
        }
        Some(_) | None => evidence,
    }
}
