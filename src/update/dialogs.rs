//! Wishes within a dialog, and the answers that dialogs wait for.

use std::time::Duration;

use crate::config::runbook::{self, Filled};
use crate::domain::decision::Answer;
use crate::domain::detail::PodDetail;
use crate::domain::fault::Fault;
use crate::domain::identity::Realm;
use crate::domain::name::{PodName, Revision};
use crate::effect::Effect;
use crate::intent::Intent;
use crate::keymap::{Scope, found};
use crate::model::dialog::{Behind, Dialog, Extent, PlanDialog, PlanState, Purpose, Sheet};
use crate::model::feed::{Feed, Generation};
use crate::model::next_step::NextStep;
use crate::model::panes::Pane;
use crate::model::{FrameNo, Keys, Model, Tone};

use super::cursor::{FAR, moved};
use super::{
    act, cockpit, decision, functional, incident, journal, keys, maintenance, open, revert, rollback, silence, text,
    workload,
};

/// A detail on show is read again this often.
const AGAIN: Duration = Duration::from_secs(5);

/// Lines of a page: as many as are on screen, so that none is skipped unseen.
fn page(model: &Model) -> i32 {
    match model.extent.rows {
        0 => 10,
        rows => i32::from(rows),
    }
}

/// Grants a wish within the open dialog.
pub fn grant(model: &mut Model, intent: Intent) -> Vec<Effect> {
    match intent {
        Intent::Back => back(model),
        Intent::Confirm => confirm(model),
        Intent::Up => moved(model, -1),
        Intent::Down => moved(model, 1),
        Intent::PageUp => moved(model, -page(model)),
        Intent::PageDown => moved(model, page(model)),
        Intent::First => moved(model, -FAR),
        Intent::Last => moved(model, FAR),
        Intent::OtherSheet => other_sheet(model),
        Intent::CopyCommand => copy(model),
        Intent::WithHelm => rollback::with_helm(model),
        Intent::KeepReplicas | Intent::Force => rollback::chosen_otherwise(model, intent),
        Intent::Arm => {
            cockpit::arm(model);
            answered(model);
            Vec::new()
        }
        Intent::SkipAhead => vec![Effect::SkipAhead],
        Intent::Filter => {
            text::ask(model, Purpose::Lines);
            Vec::new()
        }
        Intent::Yes => decision::answered(model, Answer::Yes),
        Intent::No => decision::answered(model, Answer::No),
        Intent::Help => show_keys(model),
        Intent::Quit => cannot_quit(model),
        Intent::Suspend => vec![Effect::Suspend],
        Intent::NextPane
        | Intent::PreviousPane
        | Intent::Go(_)
        | Intent::Zoom
        | Intent::Act
        | Intent::Tick
        | Intent::Skip
        | Intent::Note
        | Intent::FollowUp
        | Intent::GoOn
        | Intent::NameCommander
        | Intent::RollBack
        | Intent::Undo
        | Intent::Restart
        | Intent::Maintenance
        | Intent::Revert
        | Intent::Silence
        | Intent::ChooseTarget
        | Intent::NextRelease
        | Intent::RaiseSeverity
        | Intent::LowerSeverity
        | Intent::Refresh
        | Intent::Palette
        | Intent::LookAtStep
        | Intent::WhatChanged
        | Intent::Decide
        | Intent::Tests
        | Intent::CopyLink
        | Intent::ShowJob
        | Intent::ShowScore => Vec::new(),
    }
}

fn back(model: &mut Model) -> Vec<Effect> {
    // A confirmed rollback waits for the journal: closing its dialog would lose the plan that is about to run.
    let waits = matches!(
        model.dialog.as_ref().map(|o| &o.dialog),
        Some(Dialog::Plan(d)) if matches!(d.state, PlanState::Confirmed { .. })
    );
    if !waits {
        model.dialog = None;
    }
    Vec::new()
}

fn confirm(model: &mut Model) -> Vec<Effect> {
    match model.dialog.as_ref().map(|o| &o.dialog) {
        Some(&Dialog::Declare { severity }) => incident::chosen(model, severity),
        Some(&Dialog::Targets { revision }) => rollback::target_taken(model, revision),
        Some(Dialog::Workloads { deed, cursor }) => {
            let (deed, chosen) = (*deed, cursor.clone());
            workload::taken(model, deed, chosen)
        }
        Some(Dialog::Kept { .. }) => workload::revision_taken(model),
        Some(&Dialog::Maintenance { cursor }) => maintenance::taken(model, cursor),
        Some(Dialog::Alerts(cursor)) => {
            let labels = cursor.clone();
            silence::alert_taken(model, labels)
        }
        Some(Dialog::Configurations(cursor)) => {
            let object = cursor.clone();
            revert::object_taken(model, object)
        }
        Some(Dialog::Contents { object, cursor }) => {
            let (object, to) = (object.clone(), *cursor);
            revert::revision_taken(model, object, to)
        }
        Some(Dialog::Behind { value: Behind::Changes, .. }) => match model.suspect() {
            Some(object) => revert::object_taken(model, object),
            None => back(model),
        },
        Some(Dialog::Plan(PlanDialog { state: PlanState::Ready { .. }, .. })) => act::confirm(model),
        Some(Dialog::Ask(_)) => text::written(model),
        Some(Dialog::Palette { typed, cursor }) => {
            let chosen = found(typed).nth(*cursor).map(|b| b.intent);
            model.dialog = None;
            chosen.map(|intent| keys::meant(model, Scope::Cockpit, intent)).unwrap_or_default()
        }
        Some(Dialog::Decide { .. }) => decision::taken(model),
        Some(Dialog::Tests { .. }) => functional::taken(model),
        Some(Dialog::Leave) => {
            model.leaving = true;
            vec![Effect::Quit]
        }
        Some(Dialog::Progress { job, .. }) => {
            let next = model.jobs.all.get(job).and_then(NextStep::after);
            next_step(model, next)
        }
        Some(
            Dialog::Plan(_)
            | Dialog::Pod { .. }
            | Dialog::Behind { .. }
            | Dialog::Revision { .. }
            | Dialog::Step { .. }
            | Dialog::Help { .. }
            | Dialog::Score,
        )
        | None => back(model),
    }
}

/// What the end of an act offers is opened; nothing of it runs by itself.
fn next_step(model: &mut Model, next: Option<NextStep>) -> Vec<Effect> {
    let effects = back(model);
    match next {
        Some(NextStep::LookAt { pod, .. }) => look_at_pod(model, pod),
        Some(NextStep::Again { to, choices, .. }) => rollback::again(model, to, choices),
        Some(NextStep::Watch { .. }) => {
            model.panes.focus = Pane::Pods;
            effects
        }
        None => effects,
    }
}

fn other_sheet(model: &mut Model) -> Vec<Effect> {
    if let Some(opened) = &mut model.dialog
        && let Dialog::Plan(dialog) = &mut opened.dialog
        && let PlanState::Ready { sheet, scroll, .. } = &mut dialog.state
    {
        *scroll = 0;
        *sheet = match sheet {
            Sheet::Summary => Sheet::Changes,
            Sheet::Changes => Sheet::Summary,
        };
    }
    Vec::new()
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(command) = model.command_on_show().map(ToOwned::to_owned) else { return Vec::new() };
    journal::notice(model, Tone::Info, "copied to the clipboard, if this terminal allows it (OSC 52)");
    vec![Effect::Copy(command)]
}

/// `q` ends nothing here; it says how a plan is left.
fn cannot_quit(model: &mut Model) -> Vec<Effect> {
    journal::notice(model, Tone::Refused, "Esc cancels this plan, then q ends: nothing of it has run");
    Vec::new()
}

fn show_keys(model: &mut Model) -> Vec<Effect> {
    if let Some(opened) = &mut model.dialog {
        opened.keys = Keys::Shown;
    }
    Vec::new()
}

/// That frame was drawn: nothing scrolls past its end, and what it showed of a plan is read.
pub fn drawn(model: &mut Model, frame: FrameNo, extent: Extent) -> Vec<Effect> {
    model.frame = frame;
    model.extent = extent;
    let Some(opened) = &mut model.dialog else {
        model.panes.alerts_scroll = model.panes.alerts_scroll.min(usize::from(extent.last()));
        return Vec::new();
    };
    if frame < opened.from {
        return Vec::new();
    }
    let scroll = match &mut opened.dialog {
        Dialog::Plan(dialog) => match &mut dialog.state {
            PlanState::Ready { scroll, read, sheet, .. } => {
                *scroll = (*scroll).min(extent.last());
                if *sheet == Sheet::Summary {
                    *read = read.shown(*scroll, extent);
                }
                return Vec::new();
            }
            PlanState::Planning { .. } | PlanState::Refused(_) | PlanState::Confirmed { .. } => return Vec::new(),
        },
        Dialog::Progress { scroll, .. }
        | Dialog::Pod { scroll, .. }
        | Dialog::Behind { scroll, .. }
        | Dialog::Revision { scroll, .. }
        | Dialog::Step { scroll, .. }
        | Dialog::Decide { scroll, .. }
        | Dialog::Tests { scroll }
        | Dialog::Help { scroll } => scroll,
        Dialog::Declare { .. }
        | Dialog::Targets { .. }
        | Dialog::Workloads { .. }
        | Dialog::Kept { .. }
        | Dialog::Maintenance { .. }
        | Dialog::Configurations(_)
        | Dialog::Contents { .. }
        | Dialog::Alerts(_)
        | Dialog::Ask(_)
        | Dialog::Palette { .. }
        | Dialog::Score
        | Dialog::Leave => return Vec::new(),
    };
    *scroll = (*scroll).min(extent.last());
    Vec::new()
}

/// Why the last Enter did nothing is over once the person has done something about it.
fn answered(model: &mut Model) {
    if let Some(Dialog::Plan(dialog)) = model.dialog.as_mut().map(|o| &mut o.dialog)
        && let PlanState::Ready { complaint, .. } = &mut dialog.state
    {
        *complaint = None;
    }
}

/// Opens the whole step under the cursor.
pub fn look_at_step(model: &mut Model) {
    let Some(step) = model.settings.runbook.step(model.panes.step) else { return };
    let filled = Filled {
        release: model.release.clone(),
        namespace: Some(model.settings.namespace.clone()),
        // A command that is copied out of a drill must not name a context that may be there.
        context: match model.settings.realm {
            Realm::Drill => Some("drill".into()),
            Realm::Live => model.identity.known().map(|i| i.context.clone()),
        },
        target: model.target(),
        prometheus: model.settings.prometheus.clone(),
    };
    let commands = filled.fill(step.commands.trim());
    let dialog = Dialog::Step { step: step.no, open: runbook::open(&commands), commands, scroll: 0 };
    open(model, dialog);
}

/// Opens a pod's detail.
pub fn look_at_pod(model: &mut Model, pod: PodName) -> Vec<Effect> {
    open(model, Dialog::Pod { pod, detail: Box::new(Feed::polled(AGAIN)), scroll: 0 });
    look_again(model)
}

/// Reads the detail on show again when it is due: events and logs go on while somebody looks at them.
pub fn look_again(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Pod { pod, detail, .. }) = model.dialog.as_mut().map(|o| &mut o.dialog) else { return Vec::new() };
    if !detail.is_due(model.now) {
        return Vec::new();
    }
    // Numbers go on over all dialogs: what was asked for another pod is no answer.
    detail.generation = model.details;
    model.details = detail.ask(model.now);
    vec![Effect::ReadPod(model.details, pod.clone())]
}

/// Opens a revision's detail.
pub fn look_at_revision(model: &mut Model, revision: Revision) -> Vec<Effect> {
    let Some(release) = model.release.clone() else { return Vec::new() };
    model.details = Generation(model.details.0.wrapping_add(1));
    let generation = model.details;
    open(model, Dialog::Revision { revision, generation, lines: None, scroll: 0 });
    vec![Effect::ReadRevision(generation, release, revision)]
}

/// A pod's detail came back.
pub fn pod_read(model: &mut Model, generation: Generation, read: Result<PodDetail, Fault>) -> Vec<Effect> {
    if let Some(opened) = &mut model.dialog
        && let Dialog::Pod { detail, .. } = &mut opened.dialog
        && detail.is_current(generation)
    {
        match read {
            Ok(read) => detail.put(read, model.now),
            Err(fault) => detail.fail(fault, model.now),
        }
    }
    Vec::new()
}

/// A revision's diff came back.
pub fn revision_read(model: &mut Model, generation: Generation, read: Result<Vec<String>, String>) -> Vec<Effect> {
    if let Some(opened) = &mut model.dialog
        && let Dialog::Revision { generation: wanted, lines, .. } = &mut opened.dialog
        && *wanted == generation
    {
        *lines = Some(read);
    }
    Vec::new()
}
