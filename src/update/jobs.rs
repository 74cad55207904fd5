//! Running acts: what they tell, and how they end.

use crate::domain::event::{Ending, Event};
use crate::domain::name::{JobId, PodName};
use crate::effect::Effect;
use crate::helm::progress::Progress;
use crate::model::arm::Arm;
use crate::model::dialog::Dialog;
use crate::model::jobs::{Job, Lights};
use crate::model::{Model, Tone};
use crate::plan::Plan;

use super::{journal, maintenance, open, revert};

/// The intent is on disk: the act runs. Its plan is the one that was confirmed.
pub fn asked(model: &mut Model, job: JobId) {
    let Some((_, plan)) = model.jobs.confirmed.take_if(|(confirmed, _)| *confirmed == job) else { return };
    let fresh = Job { plan, asked: model.now.wall, lights: Lights::default(), ending: None };
    model.jobs.all.insert(job, fresh);
    if matches!(model.arm, Arm::Asked { .. } | Arm::Armed { .. }) {
        model.arm = Arm::Safe;
        journal::notice(model, Tone::Info, "disarmed again: one arming is for one act");
    }
    open(model, Dialog::Progress { job, scroll: 0 });
}

/// What is acted on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Release,
    Workload,
}

/// What the journal keeps of a fact.
fn told(extent: Extent, progress: &Progress) -> Option<String> {
    match (progress, extent) {
        (Progress::Object { error: None, .. }, Extent::Workload) => {
            Some("the change is written; no new pod is seen yet".into())
        }
        (Progress::Ready, Extent::Workload) => Some("every pod is new and ready".into()),
        (Progress::Ready, Extent::Release) => Some("every workload is ready with the target's images".into()),
        (Progress::Recorded(revision), _) => Some(format!("revision {revision} recorded as pending")),
        (Progress::HelmDone(revision), _) => Some(format!("helm done: revision {revision} is deployed")),
        (
            Progress::Checked
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

/// An act told something.
pub fn progressed(model: &mut Model, job: JobId, progress: Progress) -> Vec<Effect> {
    let event = match model.jobs.all.get(&job).map(|j| &j.plan) {
        Some(Plan::Maintenance(plan)) => maintenance::told(plan, &progress),
        Some(Plan::Revert(plan)) => revert::told(plan, &progress),
        Some(Plan::Silence(_) | Plan::Tests(_)) => None,
        Some(Plan::RollBack(_)) | None => told(Extent::Release, &progress),
        Some(Plan::Workload(_)) => told(Extent::Workload, &progress),
    };
    let mut effects = Vec::new();
    if let Some(running) = model.jobs.all.get_mut(&job) {
        running.lights.fold(progress);
        if let Some((service, asked, container)) = running.lights.unread() {
            effects.push(Effect::ReadLastLine(job, asked.pod.clone(), container));
            running.lights.last_lines.insert(service, asked);
        }
    }
    if let Some(what) = event {
        effects.extend(journal::append(model, vec![Event::ActProgressed { job, what }]));
    }
    effects
}

/// The last line of a failing pod came, or there is none.
pub fn last_line(model: &mut Model, job: JobId, pod: &PodName, line: Option<String>) {
    let lines = model.jobs.all.get_mut(&job).map(|running| running.lights.last_lines.values_mut());
    if let Some(asked) = lines.and_then(|mut lines| lines.find(|l| l.pod == *pod)) {
        asked.line = line;
    }
}

/// An act ended.
pub fn ended(model: &mut Model, job: JobId, ending: Ending) -> Vec<Effect> {
    let mut maintained = false;
    if let Some(running) = model.jobs.all.get_mut(&job) {
        running.ending = Some(ending.clone());
        maintained = matches!(running.plan, Plan::Maintenance(_));
    }
    let asked = if maintained { maintenance::ask_again(model) } else { None };
    let (tone, text) = match &ending {
        Ending::Seen { what } => (Tone::Info, format!("seen: {what}")),
        Ending::Unseen { what } => (Tone::Alarm, format!("done, but not seen ready: {what}")),
        Ending::Failed { why } => (Tone::Alarm, format!("failed: {why}")),
        Ending::Void { why } => (Tone::Alarm, format!("not run: {why}")),
        Ending::Unknown { why } => (Tone::Alarm, format!("outcome unknown: {why}")),
    };
    journal::notice(model, tone, text);
    asked.into_iter().chain(journal::append(model, vec![Event::ActEnded { job, ending }])).collect()
}
