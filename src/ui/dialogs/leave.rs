//! Leaving while an act runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};

use super::{columns, show, text};

/// Draws the question.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 70);
    let told = match look.model.jobs.running() {
        Some((job, running)) => format!(
            "{} Job {job} is {}. Leaving closes the screen only: what was begun is finished without it, and journaled.",
            glyph::WARN,
            running.plan.doing()
        ),
        None => "Nothing is running any more.".into(),
    };
    let mut lines = text(look, &told, columns, Role::Warn);
    lines.push(Line::raw(""));
    lines.extend(text(look, "Enter leaves, Esc stays.", columns, Role::Key));
    show(look, "Leave?", lines, 0, (area, 70), buf);
}
