//! What a value was judged by, raw: one line for each thing that was asked, then its answer as it came.
//!
//! Never: a secret; the answers were masked before they were kept.

pub mod changes;
pub mod health;
pub mod logs;
pub mod usage;
pub mod ways;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::model::dialog::Behind;
use crate::ui::look::Look;
use crate::ui::theme::Role;
use crate::ui::widgets::text::wrap;

use super::{columns, show};

/// Columns of the dialog at most.
const WIDE: u16 = 150;

/// Draws what is behind a value.
pub fn draw(look: Look<'_>, value: Behind, scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, WIDE);
    let lines = match value {
        Behind::Changes => changes::lines(look, columns),
        Behind::Logs => logs::lines(look, columns),
        Behind::Health => {
            let (said, ways) = (health::lines(look, columns), ways::lines(look, columns));
            let usage = usage::lines(look, columns);
            if ways::is_cut(look) {
                ways.into_iter().skip(1).chain([Line::raw("")]).chain(said).chain(usage).collect()
            } else {
                said.into_iter().chain(usage).chain(ways).collect()
            }
        }
    };
    show(look, value.title(), lines, scroll, (area, WIDE), buf);
}

/// A line as it came, below its head: its own indentation is kept.
fn raw(look: Look<'_>, line: &str, columns: usize) -> Vec<Line<'static>> {
    let own = line.chars().take_while(|c| *c == ' ').count();
    let indent = (own + 4).min(columns / 2);
    let parts = wrap(line, columns.saturating_sub(indent));
    parts.into_iter().map(|p| Line::styled(format!("{:indent$}{p}", ""), look.theme.style(Role::Dim))).collect()
}
