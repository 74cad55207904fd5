//! The cursor of a list in a dialog, and how far a text in one is scrolled.
//!
//! Never: a cursor beside its list.

use crate::domain::name::Revision;
use crate::domain::severity::Severity;
use crate::domain::workload::WorkloadRef;
use crate::effect::Effect;
use crate::keymap::found;
use crate::model::dialog::{Dialog, PlanState};
use crate::model::{Model, workloads};

/// More lines than any text has.
pub const FAR: i32 = 20_000;

/// Moves by so many lines.
pub fn moved(model: &mut Model, by: i32) -> Vec<Effect> {
    let revisions: Vec<Revision> =
        model.release().map(|r| r.revisions.iter().rev().map(|f| f.revision).collect()).unwrap_or_default();
    let all = model.feeds.workloads.known().map(|w| workloads::urgent_first(w).into_iter().map(workloads::reference));
    let all: Vec<WorkloadRef> = all.into_iter().flatten().collect();
    let offered = model.maintenance_choices();
    let alerts: Vec<_> = model.alerts_to_silence().map(|(labels, _)| labels.clone()).collect();
    let (objects, suspect) = (model.configurations().into_iter().map(|(o, ..)| o).collect::<Vec<_>>(), model.suspect());
    if let Some(suspect) = suspect.filter(|_| by.abs() == 1) {
        let next = step(&model.suspected(), suspect.clone(), by);
        if next != suspect {
            model.panes.suspect = Some(next);
            return Vec::new();
        }
    }
    let Some(opened) = &mut model.dialog else { return Vec::new() };
    match &mut opened.dialog {
        Dialog::Workloads { cursor, .. } => *cursor = step(&all, cursor.clone(), by),
        Dialog::Kept { history: Some(Ok(history)), cursor: Some(cursor), .. } => {
            let kept: Vec<u64> = history.rows.iter().map(|r| r.revision).collect();
            *cursor = step(&kept, *cursor, by);
        }
        Dialog::Maintenance { cursor } => *cursor = step(&offered, *cursor, by),
        Dialog::Configurations(cursor) => *cursor = step(&objects, cursor.clone(), by),
        Dialog::Contents { cursor, .. } => *cursor = step(&revisions, *cursor, by),
        Dialog::Alerts(cursor) => *cursor = step(&alerts, cursor.clone(), by),
        Dialog::Declare { severity } => *severity = step(&Severity::ALL, *severity, by),
        Dialog::Targets { revision } => *revision = step(&revisions, *revision, by),
        Dialog::Palette { typed, cursor } => {
            let last = found(typed).count().saturating_sub(1);
            *cursor = cursor.saturating_add_signed(by as isize).min(last);
        }
        Dialog::Plan(dialog) => {
            if let PlanState::Ready { scroll, complaint, .. } = &mut dialog.state {
                *complaint = None;
                *scroll = scrolled(*scroll, by);
            }
        }
        Dialog::Progress { scroll, .. }
        | Dialog::Pod { scroll, .. }
        | Dialog::Behind { scroll, .. }
        | Dialog::Revision { scroll, .. }
        | Dialog::Step { scroll, .. }
        | Dialog::Decide { scroll, .. }
        | Dialog::Tests { scroll }
        | Dialog::Help { scroll } => *scroll = scrolled(*scroll, by),
        Dialog::Kept { .. } | Dialog::Ask(_) | Dialog::Score | Dialog::Leave => {}
    }
    Vec::new()
}

fn scrolled(at: u16, by: i32) -> u16 {
    u16::try_from((i32::from(at) + by).clamp(0, FAR)).unwrap_or(0)
}

fn step<T: Clone + PartialEq>(items: &[T], here: T, by: i32) -> T {
    let at = items.iter().position(|i| *i == here).unwrap_or(0);
    let there = at.saturating_add_signed(by as isize).min(items.len().saturating_sub(1));
    items.get(there).cloned().unwrap_or(here)
}
