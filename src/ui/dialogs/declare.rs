//! Declaring the incident, or choosing its severity: what each means, how soon, and whom to call.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::moment::short;
use crate::domain::severity::Severity;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::fit;

use super::{columns, show, text};

/// Draws the menu.
pub fn draw(look: Look<'_>, chosen: Severity, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 76);
    let open = look.model.open_incident();
    let mut lines = text(look, look.model.situation.sentence(), columns, Role::Plain);
    lines.push(Line::raw(""));
    let mut cursor = 0;
    for severity in Severity::ALL {
        if severity == chosen {
            cursor = lines.len();
        }
        let now = if open.is_some_and(|i| i.severity == severity) { " (now)" } else { "" };
        let mark = if severity == chosen { glyph::CURSOR } else { " " };
        let head = format!("{mark} {severity}{now}  {}", severity.means());
        let within = short(severity.respond_within());
        let more = format!("         act within {within} · {}", severity.escalate());
        let style = look.theme.style(if severity == chosen { Role::Cursor } else { Role::Plain });
        lines.push(Line::styled(fit(&head, columns), style));
        lines.push(Line::styled(fit(&more, columns), style));
    }
    lines.push(Line::raw(""));
    lines.extend(text(look, "In doubt the higher one: raising is one key, lowering asks why.", columns, Role::Dim));
    let title = if open.is_some() { "Severity" } else { "Declare the incident: how bad is it?" };
    // What is chosen is on screen with its second line, however small that is.
    let rows = usize::from(area.height.saturating_sub(4));
    let scroll = if lines.len() <= rows { 0 } else { (cursor + 3).saturating_sub(rows) };
    show(look, title, lines, u16::try_from(scroll).unwrap_or(0), (area, 76), buf);
}
