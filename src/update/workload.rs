//! Undo and restart of one workload: which one, to which of its revisions. It opens; it never fires by itself.

use crate::domain::metrics::Signal;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::effect::{Effect, Wanted};
use crate::helm::plan::{Instead, Refusal};
use crate::intent::{Availability, Intent};
use crate::kubectl::ask::Errand;
use crate::kubectl::revisions::History;
use crate::model::dialog::{Deed, Dialog, PlanState, Wish};
use crate::model::feed::Generation;
use crate::model::feeds::Workloads;
use crate::model::panes::Pane;
use crate::model::{FrameNo, Model, Tone, workloads};
use crate::plan::Plan;

use super::{act, journal, open};

/// The wish: for the workload of the pod under the cursor; elsewhere one is chosen first.
pub fn ask(model: &mut Model, deed: Deed) -> Vec<Effect> {
    let pod = model.panes.pod.clone().filter(|_| model.focus() == Pane::Pods);
    if let Some(workload) = pod.and_then(|pod| workloads::of_pod(model, &pod)) {
        return taken(model, deed, workload);
    }
    let first = worst(model).or_else(|| model.feeds.workloads.known().and_then(first));
    if let Some(cursor) = first {
        open(model, Dialog::Workloads { deed, cursor });
    } else {
        let why = model.no_workload().unwrap_or_default();
        journal::notice(model, Tone::Refused, why);
    }
    Vec::new()
}

/// The workload that fails most, where one is over the limit.
fn worst(model: &Model) -> Option<WorkloadRef> {
    let worst =
        model.headline(Signal::ErrorRatio).worst.as_ref().filter(|w| w.value > model.settings.limits.errors_bad)?;
    model.feeds.workloads.known()?.values().find(|w| w.name == worst.service).map(workloads::reference)
}

fn first(all: &Workloads) -> Option<WorkloadRef> {
    workloads::urgent_first(all).first().map(|w| workloads::reference(w))
}

/// A workload was chosen.
pub fn taken(model: &mut Model, deed: Deed, workload: WorkloadRef) -> Vec<Effect> {
    match deed {
        Deed::Restart => prepare(model, workload, Errand::Restart),
        Deed::Undo => {
            model.details = Generation(model.details.0.wrapping_add(1));
            let generation = model.details;
            open(model, Dialog::Kept { workload: workload.clone(), generation, history: None, cursor: None });
            vec![Effect::ReadHistory(generation, workload)]
        }
    }
}

/// The revisions of a workload came back; the one before the current is under the cursor.
pub fn history_read(model: &mut Model, generation: Generation, read: Result<History, String>) -> Vec<Effect> {
    let frame = model.frame;
    if let Some(opened) = &mut model.dialog
        && let Dialog::Kept { generation: wanted, history, cursor, .. } = &mut opened.dialog
        && *wanted == generation
    {
        // What was typed before they were on screen must not choose one.
        opened.from = FrameNo(frame.0.saturating_add(1));
        *cursor = read.as_ref().ok().and_then(|h| h.before.or_else(|| h.rows.first().map(|r| r.revision)));
        *history = Some(read);
    }
    Vec::new()
}

/// A revision was chosen.
pub fn revision_taken(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Kept { workload, cursor: Some(to), .. }) = model.dialog.as_ref().map(|o| &o.dialog) else {
        return Vec::new();
    };
    let (workload, to) = (workload.clone(), *to);
    prepare(model, workload, Errand::Undo { to })
}

fn prepare(model: &mut Model, workload: WorkloadRef, errand: Errand) -> Vec<Effect> {
    act::prepare(model, Wish::Workload(workload.clone(), errand), Wanted::Workload(workload, errand))
}

/// A command without a screen names the workload: the prepared act opens, as its key opens it.
pub fn wanted(model: &mut Model, workload: WorkloadRef, errand: Errand) -> Vec<Effect> {
    let wish = match errand {
        Errand::Undo { .. } => Intent::Undo,
        Errand::Restart => Intent::Restart,
    };
    if let Availability::Disabled(why) = wish.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    prepare(model, workload, errand)
}

/// Somebody moved the workload while its plan was on show: it is void.
pub fn moved(model: &mut Model) {
    let Some(opened) = &mut model.dialog else { return };
    let Dialog::Plan(dialog) = &mut opened.dialog else { return };
    let PlanState::Ready { plan: Plan::Workload(plan), .. } = &dialog.state else { return };
    let WorkloadRef { kind, name } = &plan.workload;
    let Some(all) = model.feeds.workloads.known() else { return };
    let now = match (all.get(&(*kind, name.clone())), plan.from) {
        (None, _) => "gone".to_owned(),
        (Some(live), Some(from)) if *kind == WorkloadKind::Deployment && live.revision != from => {
            format!("at its revision {}", live.revision)
        }
        (Some(_), _) => return,
    };
    let was = plan.from.map_or_else(String::new, |from| format!("it was at its revision {from}, "));
    dialog.state = PlanState::Refused(Refusal {
        sentence: format!("{} was changed by somebody else: {was}it is {now}", plan.workload),
        cure: "Look at it, then plan again".into(),
        command: String::new(),
        instead: Instead::Nobody,
    });
}
