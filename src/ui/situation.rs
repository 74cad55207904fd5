//! The situation line: what is wrong, since when, and what changed just before; and the notice for the person.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::model::situation::Situation;
use crate::model::{Notice, Tone};

use super::look::Look;
use super::theme::{Role, glyph};
use super::widgets::border::put;
use super::widgets::text::{styled, wrap_within};

/// The sentence in at most so many lines.
pub fn lines(look: Look<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let situation = &look.model.situation;
    let (sign, role) = match situation {
        Situation::Reading => ("…", Role::Dim),
        Situation::Well(_) => (glyph::OK, Role::Ok),
        Situation::Raised(_) => (glyph::WARN, Role::Warn),
        Situation::Unwell(_) => (glyph::BAD, Role::Bad),
        Situation::Unknown(_) => (glyph::UNKNOWN, Role::Unknown),
    };
    let text = format!("{sign} {}", situation.sentence());
    let wrapped = wrap_within(&text, columns.saturating_sub(2), rows);
    let indented = wrapped.into_iter().enumerate().map(|(i, l)| format!("{}{l}", if i == 0 { " " } else { "   " }));
    styled(indented.collect(), look.theme.style(role))
}

/// Draws it.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    put(lines(look, usize::from(area.width), usize::from(area.height)), area, buf);
}

/// The notice, while it is to be seen.
pub fn notice(look: Look<'_>) -> Option<&Notice> {
    look.model.notice.as_ref().filter(|n| look.model.now.mono < n.until)
}

/// The notice as a line.
pub fn notice_line(look: Look<'_>, notice: &Notice) -> Line<'static> {
    let (sign, role) = match notice.tone {
        Tone::Info => (glyph::INFO, Role::Plain),
        Tone::Refused => (glyph::WARN, Role::Warn),
        Tone::Alarm => (glyph::BAD, Role::Loud),
    };
    Line::styled(format!(" {sign} {}", notice.text), look.theme.style(role))
}
