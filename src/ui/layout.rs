//! Where everything stands. Wider and taller screens show more, never other words.
//!
//! ```text
//! 80x24                                   from 110x32 (170x48 the same, larger)
//! ┌ header ─────────────────────────────┐ ┌ header ──────────────────────────────────┐
//! │ situation (1-2)                     │ │ situation (1-2)                          │
//! │ checklist 35    │ errors            │ │ checklist 43    │ errors     │ P95       │
//! │                 │ P95               │ │                 │ pods                   │
//! │                 │ pods              │ │                 │ Helm                   │
//! │                 │ Helm              │ │                 │ alerts     │ timeline  │
//! │ warning or notice                   │ │ warnings, notice                         │
//! │ action of the step                  │ │ action of the step                       │
//! └ keys ───────────────────────────────┘ └ keys ────────────────────────────────────┘
//! ```
//! A zoomed pane takes the whole middle. Below 80x24 see [`super::compact`].

use ratatui::layout::{Constraint, Layout, Rect};

use crate::model::panes::Pane;

use super::look::Room;

/// The horizontal bands of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bands {
    /// One line.
    pub header: Rect,
    /// One or two lines.
    pub situation: Rect,
    /// The panes.
    pub middle: Rect,
    /// Warnings and notice.
    pub warnings: Rect,
    /// What the step offers.
    pub action: Rect,
    /// The keys.
    pub footer: Rect,
}

impl Bands {
    /// The bands, by how many lines the situation, the warnings and the action want.
    pub fn of(area: Rect, situation: u16, warnings: u16, action: u16) -> Self {
        let [header, situation, middle, warnings, action, footer] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(situation),
            Constraint::Fill(1),
            Constraint::Length(warnings),
            Constraint::Length(action),
            Constraint::Length(1),
        ])
        .areas(area);
        Self { header, situation, middle, warnings, action, footer }
    }
}

/// The place of each pane in the middle; panes without a place are reached by their digit and zoom.
pub fn places(room: Room, middle: Rect, services: u16, revisions: u16) -> Vec<(Pane, Rect)> {
    match room {
        Room::Small => small(middle, revisions),
        Room::Medium => boxes(middle, 43, 6, revisions),
        Room::Large => boxes(middle, 60, (9 + services).clamp(9, 21), revisions),
    }
}

fn small(middle: Rect, revisions: u16) -> Vec<(Pane, Rect)> {
    let [left, _, right] =
        Layout::horizontal([Constraint::Length(35), Constraint::Length(1), Constraint::Fill(1)]).areas(middle);
    let history = (revisions + 2).clamp(5, (middle.height.saturating_sub(4) / 2).max(5));
    let [errors, p95, pods, history] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(2),
        Constraint::Fill(1),
        Constraint::Length(history),
    ])
    .areas(right);
    vec![
        (Pane::Checklist, left),
        (Pane::Errors, errors),
        (Pane::P95, p95),
        (Pane::Pods, pods),
        (Pane::History, history),
    ]
}

fn boxes(middle: Rect, spine: u16, curves: u16, revisions: u16) -> Vec<(Pane, Rect)> {
    let [left, right] = Layout::horizontal([Constraint::Length(spine), Constraint::Fill(1)]).areas(middle);
    let rest = middle.height.saturating_sub(curves);
    let history = (revisions + 3).clamp(5, (rest / 3).max(5));
    let last = (rest / 4).clamp(6, 14);
    let [top, pods, history, last] = Layout::vertical([
        Constraint::Length(curves),
        Constraint::Fill(1),
        Constraint::Length(history),
        Constraint::Length(last),
    ])
    .areas(right);
    let [errors, p95] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(top);
    let [alerts, timeline] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(last);
    vec![
        (Pane::Checklist, left),
        (Pane::Errors, errors),
        (Pane::P95, p95),
        (Pane::Pods, pods),
        (Pane::History, history),
        (Pane::Alerts, alerts),
        (Pane::Timeline, timeline),
    ]
}

/// The place of a dialog of that size over the middle: everything between header and footer at most. Columns beside it
/// too few to show anything are its own.
pub fn over(area: Rect, columns: u16, rows: u16) -> Rect {
    let free = Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(2), ..area };
    let (columns, rows) = (wide(free.width, columns), rows.min(free.height));
    Rect { x: free.x + (free.width - columns) / 2, y: free.y + (free.height - rows) / 2, width: columns, height: rows }
}

/// Columns of a dialog of at most that many on a screen so wide.
pub fn wide(screen: u16, at_most: u16) -> u16 {
    if screen < at_most.saturating_add(SLIVER) { screen } else { at_most }
}

/// What is left beside a dialog, on both sides together, shows nothing worth it below this many columns.
const SLIVER: u16 = 12;
