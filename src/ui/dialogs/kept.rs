//! The chooser of the revision that a workload goes back to: its kept revisions with their images and age.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::domain::moment::{short, since};
use crate::domain::workload::WorkloadRef;
use crate::kubectl::revisions::{History, Row};
use crate::ui::layout::over;
use crate::ui::look::Look;
use crate::ui::panes::first_shown;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;
use crate::ui::widgets::reading;
use crate::ui::widgets::text::{cut, fit};

use super::{columns, margin, show, text};

/// The widest it gets.
const WIDE: u16 = 110;

/// Draws the chooser.
pub fn draw(
    look: Look<'_>,
    workload: &WorkloadRef,
    history: Option<&Result<History, String>>,
    cursor: Option<u64>,
    area: Rect,
    buf: &mut Buffer,
) {
    let inside = columns(area, WIDE);
    let title = format!("{workload}: back to which revision?");
    let history = match history {
        None => {
            let lines = reading::loading(look.theme, "its revisions", inside);
            return show(look, &title, lines, 0, (area, WIDE), buf);
        }
        Some(Err(why)) => {
            let lines = text(look, &format!("{} {why}", glyph::UNKNOWN), inside, Role::Unknown);
            return show(look, &title, lines, 0, (area, WIDE), buf);
        }
        Some(Ok(history)) if history.rows.is_empty() => {
            let lines = text(look, "no revision is kept: there is nothing to go back to", inside, Role::Warn);
            return show(look, &title, lines, 0, (area, WIDE), buf);
        }
        Some(Ok(history)) => history,
    };
    let mut top = text(look, "These numbers are the workload's own, not those of the Helm release.", inside, Role::Dim);
    if history.paused {
        let told = format!("{} it is paused: an undo is refused until it is resumed", glyph::WARN);
        top.extend(text(look, &told, inside, Role::Warn));
    }
    let at = history.rows.iter().position(|r| Some(r.revision) == cursor).unwrap_or(0);
    let lines: Vec<_> = history.rows.iter().enumerate().map(|(i, r)| row(look, history, r, i == at, inside)).collect();
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let place = over(area, WIDE, count(top.len() + lines.len() + 2));
    let inner = margin(border::dialog(look, &title, Span::raw(""), place, buf));
    let [above, list] = Layout::vertical([Constraint::Length(count(top.len())), Constraint::Fill(1)]).areas(inner);
    border::put(top, above, buf);
    let from = first_shown(lines.len(), usize::from(list.height), at);
    border::put(lines.into_iter().skip(from).collect(), list, buf);
}

/// `➤ 3    3d  2 pods  order-service:2.4.0  current`
fn row(look: Look<'_>, history: &History, row: &Row, selected: bool, columns: usize) -> Line<'static> {
    let age = row.created.map_or_else(|| "?".into(), |t| short(since(t, look.now())));
    let images: Vec<&str> = row.images.iter().map(crate::domain::name::Image::short).collect();
    let mut marks = Vec::new();
    if row.current {
        marks.push("current".to_owned());
    }
    if history.before == Some(row.revision) {
        marks.push("the one before".into());
    }
    marks.extend(row.cause.clone());
    let pods = if row.pods == 1 { "1 pod".into() } else { format!("{} pods", row.pods) };
    let told = format!(
        "{} {:<4} {} {} {}  {}",
        if selected { glyph::CURSOR } else { " " },
        row.revision,
        fit(&age, 5),
        fit(&pods, 8),
        images.join(", "),
        marks.join(", "),
    );
    let role = match (selected, row.current) {
        (true, _) => Role::Cursor,
        (false, true) => Role::Key,
        (false, false) => Role::Plain,
    };
    Line::styled(if selected { fit(&told, columns) } else { cut(&told, columns) }, look.theme.style(role))
}
