//! What lies over the cockpit: one question, one list or one thing to read. The panes behind stay live; header and keys
//! stay in view.

pub mod ask;
pub mod behind;
pub mod changes;
pub mod decide;
pub mod declare;
pub mod functional;
pub mod help;
pub mod kept;
pub mod leave;
pub mod maintenance;
pub mod palette;
pub mod plan;
pub mod pod;
pub mod progress;
pub mod revert;
pub mod revision;
pub mod score;
pub mod silence;
pub mod step;
pub mod summary;
pub mod targets;
pub mod workload;
pub mod workloads;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::model::Keys;
use crate::model::dialog::Dialog;

use super::layout::{over, wide};
use super::look::Look;
use super::theme::Role;
use super::widgets::border;
use super::widgets::text::wrap;

/// Draws the open dialog, where one is.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let Some(opened) = &look.model.dialog else { return };
    match &opened.dialog {
        Dialog::Declare { severity } => declare::draw(look, *severity, area, buf),
        Dialog::Targets { revision } => targets::draw(look, *revision, area, buf),
        Dialog::Plan(dialog) => plan::draw(look, dialog, area, buf),
        Dialog::Progress { job, scroll } => progress::draw(look, *job, *scroll, area, buf),
        Dialog::Ask(ask) => ask::draw(look, ask, area, buf),
        Dialog::Pod { pod, detail, scroll, .. } => pod::draw(look, pod, detail, *scroll, area, buf),
        Dialog::Behind { value, scroll } => behind::draw(look, *value, *scroll, area, buf),
        Dialog::Revision { revision, lines, scroll, .. } => {
            revision::draw(look, *revision, lines.as_ref(), *scroll, area, buf);
        }
        Dialog::Step { step, commands, open, scroll } => {
            step::draw(look, *step, (commands.as_str(), open.as_slice()), *scroll, area, buf);
        }
        Dialog::Decide { path, scroll, .. } => decide::draw(look, path, *scroll, area, buf),
        Dialog::Workloads { deed, cursor } => workloads::draw(look, *deed, cursor, area, buf),
        Dialog::Kept { workload, history, cursor, .. } => {
            kept::draw(look, workload, history.as_ref(), *cursor, area, buf);
        }
        Dialog::Maintenance { cursor } => maintenance::draw(look, *cursor, area, buf),
        Dialog::Tests { scroll } => functional::draw(look, *scroll, area, buf),
        Dialog::Configurations(cursor) => revert::configurations(look, cursor, area, buf),
        Dialog::Contents { object, cursor } => revert::contents(look, object, *cursor, area, buf),
        Dialog::Alerts(cursor) => silence::draw(look, cursor, area, buf),
        Dialog::Help { scroll } => help::draw(look, *scroll, area, buf),
        Dialog::Palette { typed, cursor } => palette::draw(look, typed, *cursor, area, buf),
        Dialog::Score => score::draw(look, area, buf),
        Dialog::Leave => leave::draw(look, area, buf),
    }
    if opened.keys == Keys::Shown {
        help::over(look, area, buf);
    }
}

/// Columns inside a dialog of at most that many, edge and margin taken off.
fn columns(area: Rect, at_most: u16) -> usize {
    usize::from(wide(area.width, at_most).saturating_sub(4))
}

/// Draws a dialog that is as tall as its lines.
fn show(look: Look<'_>, title: &str, lines: Vec<Line<'static>>, scroll: u16, size: (Rect, u16), buf: &mut Buffer) {
    let (area, at_most) = size;
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = border::dialog(look, title, Span::raw(""), over(area, at_most, rows), buf);
    border::put_scrolled(look, lines, scroll, margin(inner), buf);
}

/// The inside without a column at either side.
fn margin(inner: Rect) -> Rect {
    Rect { x: inner.x.saturating_add(1), width: inner.width.saturating_sub(2), ..inner }
}

/// Text in lines of one role.
fn text(look: Look<'_>, text: &str, columns: usize, role: Role) -> Vec<Line<'static>> {
    wrap(text, columns).into_iter().map(|l| Line::styled(l, look.theme.style(role))).collect()
}

/// Text beside a label, its further lines below its first.
fn labelled(look: Look<'_>, label: &str, told: &str, columns: usize, role: Role) -> Vec<Line<'static>> {
    let indent = 10.min(columns);
    let parts = wrap(told, columns.saturating_sub(indent));
    parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| {
            let label = if index == 0 { label } else { "" };
            Line::from(vec![
                Span::styled(format!("{label:<indent$}"), look.theme.style(Role::Dim)),
                Span::styled(part, look.theme.style(role)),
            ])
        })
        .collect()
}
