//! The panes: each a question of the operator, answered with value and age.

pub mod alerts;
pub mod checklist;
pub mod criteria;
pub mod curve;
pub mod history;
pub mod how;
pub mod pods;
pub mod steps;
pub mod timeline;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::metrics::Signal;
use crate::model::panes::Pane;

use super::look::Look;

/// Draws a pane.
pub fn draw(look: Look<'_>, pane: Pane, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    match pane {
        Pane::Checklist => checklist::draw(look, area, buf),
        Pane::Errors => curve::draw(look, Signal::ErrorRatio, area, buf),
        Pane::P95 => curve::draw(look, Signal::P95, area, buf),
        Pane::Pods => pods::draw(look, area, buf),
        Pane::History => history::draw(look, area, buf),
        Pane::Alerts => alerts::draw(look, area, buf),
        Pane::Timeline => timeline::draw(look, area, buf),
        Pane::Criteria => criteria::draw(look, area, buf),
    }
}

/// The first line to show of so many, so that the one at `cursor` is in view.
pub fn first_shown(lines: usize, rows: usize, cursor: usize) -> usize {
    let last = lines.saturating_sub(rows);
    cursor.saturating_sub(rows / 2).min(last)
}

/// On a small screen, whose place a pane takes while it has the keys.
pub const fn stands_in(pane: Pane) -> Pane {
    match pane {
        Pane::Alerts => Pane::Pods,
        Pane::Timeline => Pane::History,
        Pane::Criteria => Pane::Checklist,
        Pane::Checklist | Pane::Errors | Pane::P95 | Pane::Pods | Pane::History => pane,
    }
}
