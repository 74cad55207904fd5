//! Wishes within a dialog, and the answers that dialogs wait for.

use crate::domain::detail::PodDetail;
use crate::domain::fault::Fault;
use crate::domain::name::{PodName, Revision};
use crate::domain::severity::Severity;
use crate::effect::Effect;
use crate::intent::Intent;
use crate::keymap::{Scope, found};
use crate::model::dialog::{Dialog, PlanState, Sheet};
use crate::model::feed::Generation;
use crate::model::{Model, Tone};

use super::{act, cockpit, incident, journal, keys, open, rollback, text};

/// Lines of a page.
const PAGE: i32 = 10;

/// Grants a wish within the open dialog.
pub fn grant(model: &mut Model, intent: Intent) -> Vec<Effect> {
    match intent {
        Intent::Back => back(model),
        Intent::Confirm => confirm(model),
        Intent::Up => moved(model, -1),
        Intent::Down => moved(model, 1),
        Intent::PageUp => moved(model, -PAGE),
        Intent::PageDown => moved(model, PAGE),
        Intent::OtherSheet => other_sheet(model),
        Intent::CopyCommand => copy(model),
        Intent::Arm => {
            cockpit::arm(model);
            Vec::new()
        }
        Intent::SkipAhead => vec![Effect::SkipAhead],
        Intent::Suspend => vec![Effect::Suspend],
        Intent::First
        | Intent::Last
        | Intent::NextPane
        | Intent::PreviousPane
        | Intent::Go(_)
        | Intent::Zoom
        | Intent::Act
        | Intent::Tick
        | Intent::Skip
        | Intent::Note
        | Intent::FollowUp
        | Intent::NameCommander
        | Intent::RollBack
        | Intent::ChooseTarget
        | Intent::NextRelease
        | Intent::RaiseSeverity
        | Intent::LowerSeverity
        | Intent::Filter
        | Intent::Refresh
        | Intent::Help
        | Intent::Palette
        | Intent::ShowJob
        | Intent::Quit => Vec::new(),
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
        Some(Dialog::Declare { severity }) => {
            let severity = *severity;
            incident::chosen(model, severity)
        }
        Some(Dialog::Targets { revision }) => {
            let revision = *revision;
            rollback::target_taken(model, revision)
        }
        Some(Dialog::Plan(_)) => act::confirm(model),
        Some(Dialog::Ask(_)) => text::written(model),
        Some(Dialog::Palette { typed, cursor }) => {
            let chosen = found(typed).nth(*cursor).map(|b| b.intent);
            model.dialog = None;
            chosen.map(|intent| keys::meant(model, Scope::Cockpit, intent)).unwrap_or_default()
        }
        Some(Dialog::Leave) => {
            model.leaving = true;
            vec![Effect::Quit]
        }
        Some(
            Dialog::Progress { .. }
            | Dialog::Pod { .. }
            | Dialog::Revision { .. }
            | Dialog::Help { .. }
            | Dialog::Score,
        )
        | None => back(model),
    }
}

fn moved(model: &mut Model, by: i32) -> Vec<Effect> {
    let revisions: Vec<Revision> =
        model.release().map(|r| r.revisions.iter().rev().map(|f| f.revision).collect()).unwrap_or_default();
    let Some(opened) = &mut model.dialog else { return Vec::new() };
    match &mut opened.dialog {
        Dialog::Declare { severity } => *severity = step(&Severity::ALL, *severity, by),
        Dialog::Targets { revision } => *revision = step(&revisions, *revision, by),
        Dialog::Palette { typed, cursor } => {
            let last = found(typed).count().saturating_sub(1);
            *cursor = cursor.saturating_add_signed(by as isize).min(last);
        }
        Dialog::Plan(dialog) => {
            if let PlanState::Ready { scroll, .. } = &mut dialog.state {
                *scroll = scrolled(*scroll, by);
            }
        }
        Dialog::Progress { scroll, .. }
        | Dialog::Pod { scroll, .. }
        | Dialog::Revision { scroll, .. }
        | Dialog::Help { scroll } => *scroll = scrolled(*scroll, by),
        Dialog::Ask(_) | Dialog::Score | Dialog::Leave => {}
    }
    Vec::new()
}

fn scrolled(at: u16, by: i32) -> u16 {
    u16::try_from((i32::from(at) + by).clamp(0, 20_000)).unwrap_or(0)
}

fn step<T: Copy + PartialEq>(items: &[T], here: T, by: i32) -> T {
    let at = items.iter().position(|i| *i == here).unwrap_or(0);
    let there = at.saturating_add_signed(by as isize).min(items.len().saturating_sub(1));
    items.get(there).copied().unwrap_or(here)
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
    let command = match model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Ready { plan, .. } | PlanState::Confirmed { plan } => Some(plan.command().to_owned()),
            PlanState::Refused(refusal) => Some(refusal.command.clone()),
            PlanState::Planning { .. } => None,
        },
        Some(Dialog::Progress { job, .. }) => model.jobs.all.get(job).map(|j| j.plan.command().to_owned()),
        Some(_) | None => None,
    };
    match command.filter(|c| !c.is_empty()) {
        Some(command) => {
            journal::notice(model, Tone::Info, "copied to the clipboard, if this terminal allows it (OSC 52)");
            vec![Effect::Copy(command)]
        }
        None => Vec::new(),
    }
}

/// Opens a pod's detail.
pub fn look_at_pod(model: &mut Model, pod: PodName) -> Vec<Effect> {
    model.details = Generation(model.details.0.wrapping_add(1));
    let generation = model.details;
    open(model, Dialog::Pod { pod: pod.clone(), generation, detail: None, scroll: 0 });
    vec![Effect::ReadPod(generation, pod)]
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
        && let Dialog::Pod { generation: wanted, detail, .. } = &mut opened.dialog
        && *wanted == generation
    {
        *detail = Some(read);
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
