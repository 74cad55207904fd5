//! All commands by name; what cannot be had now says why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::intent::Availability;
use crate::keymap::{Binding, found};
use crate::ui::layout::over;
use crate::ui::look::Look;
use crate::ui::panes::first_shown;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;
use crate::ui::widgets::text::{fit, spread};

use super::{margin, text};

/// Draws the palette.
pub fn draw(look: Look<'_>, typed: &str, cursor: usize, area: Rect, buf: &mut Buffer) {
    let inner = margin(border::dialog(look, "Commands", Span::raw(""), over(area, 90, 22), buf));
    let columns = usize::from(inner.width);
    let rows = usize::from(inner.height).saturating_sub(2);
    let found: Vec<&Binding> = found(typed).collect();
    let mut lines = vec![
        Line::from(vec![Span::raw(": "), Span::styled(format!("{typed}▏"), look.theme.style(Role::Key))]),
        Line::raw(""),
    ];
    if found.is_empty() {
        lines.extend(text(look, &format!("no command has \"{typed}\" in its words"), columns, Role::Dim));
    }
    let from = first_shown(found.len(), rows, cursor);
    for (index, binding) in found.into_iter().enumerate().skip(from).take(rows) {
        lines.push(line(look, binding, index == cursor, columns));
    }
    border::put(lines, inner, buf);
}

fn line(look: Look<'_>, binding: &Binding, selected: bool, columns: usize) -> Line<'static> {
    let (why, role) = match binding.intent.availability(look.model) {
        Availability::Ready => (String::new(), Role::Plain),
        Availability::Disabled(why) => (format!("  not now: {why}"), Role::Dim),
    };
    let left = Line::from(vec![
        Span::raw(if selected { format!("{} ", glyph::CURSOR) } else { "  ".into() }),
        Span::styled(format!("{}{why}", binding.help), look.theme.style(role)),
    ]);
    let key = Line::styled(fit(&binding.label(), 9), look.theme.style(Role::Key));
    let line = spread(left, key, columns);
    if selected { line.patch_style(look.theme.style(Role::Cursor)) } else { line }
}
