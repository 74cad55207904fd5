//! The edge of a pane or dialog, with title and age in it. The pane that has the keys has the thick one, so that it is
//! seen without colour.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Clear, Paragraph, Widget};

use crate::model::dialog::Extent;
use crate::model::panes::Pane;
use crate::ui::look::{Look, Room};
use crate::ui::situation::{notice, notice_line};
use crate::ui::theme::Role;

use super::text::clip;

/// Draws the edge of a pane and gives what is left inside. Small screens have a rule above instead of a box.
pub fn pane(look: Look<'_>, pane: Pane, title: &str, age: Span<'static>, area: Rect, buf: &mut Buffer) -> Rect {
    let focused = look.model.dialog.is_none() && look.model.focus() == pane;
    let borders = match look.room {
        Room::Small => Borders::TOP,
        Room::Medium | Room::Large => Borders::ALL,
    };
    let style = look.theme.style(if focused { Role::Focus } else { Role::Dim });
    let block = Block::new()
        .borders(borders)
        .border_type(if focused { BorderType::Thick } else { BorderType::Rounded })
        .border_style(style);
    let number = Pane::ALL.iter().position(|p| *p == pane).map_or(0, |i| i + 1);
    let name =
        Span::styled(format!(" {number} {title} "), look.theme.style(if focused { Role::Focus } else { Role::Key }));
    framed(block, Line::from(name), age, area, buf)
}

/// Draws the edge of a dialog over what is there.
pub fn dialog(look: Look<'_>, title: &str, note: Span<'static>, area: Rect, buf: &mut Buffer) -> Rect {
    Clear.render(area.intersection(buf.area), buf);
    let block = Block::bordered().border_type(BorderType::Thick).border_style(look.theme.style(Role::Focus));
    let room = usize::from(area.width.saturating_sub(2));
    // It answers the last key: a dialog must not hide it.
    let block = match notice(look) {
        Some(notice) => block.title_bottom(clip(notice_line(look, notice), room)),
        None => block,
    };
    framed(block, Line::from(Span::styled(format!(" {title} "), look.theme.style(Role::Focus))), note, area, buf)
}

fn framed(block: Block<'_>, title: Line<'static>, note: Span<'static>, area: Rect, buf: &mut Buffer) -> Rect {
    let area = area.intersection(buf.area);
    let inner = block.inner(area);
    let room = usize::from(area.width.saturating_sub(2));
    let wide = if note.content.is_empty() { 0 } else { note.width() + 2 };
    let block = if wide < room {
        let note = Line::from(vec![Span::raw(" "), note, Span::raw(" ")]);
        let block = block.title(clip(title, room - wide));
        if wide > 0 { block.title(note.right_aligned()) } else { block }
    } else {
        block.title(clip(title, room))
    };
    block.render(area, buf);
    inner
}

/// Puts lines into an area, each cut to its width.
pub fn put(lines: Vec<Line<'static>>, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let columns = usize::from(area.width);
    let rows = usize::from(area.height);
    let lines: Vec<Line<'static>> = lines.into_iter().take(rows).map(|l| clip(l, columns)).collect();
    Paragraph::new(lines).render(area, buf);
}

/// Puts lines into an area from `scroll` on, never past their end; says below how many are hidden there.
pub fn put_scrolled(look: Look<'_>, lines: Vec<Line<'static>>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let rows = usize::from(area.intersection(buf.area).height);
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    if lines.len() <= rows {
        look.extent.set(Extent { lines: count(lines.len()), rows: count(rows) });
        return put(lines, area, buf);
    }
    let shown = rows.saturating_sub(1);
    look.extent.set(Extent { lines: count(lines.len()), rows: count(shown) });
    let from = usize::from(scroll).min(lines.len().saturating_sub(shown));
    let hidden = lines.len().saturating_sub(from + shown);
    let mut page: Vec<Line<'static>> = lines.into_iter().skip(from).take(shown).collect();
    let more = match (from, hidden) {
        (0, below) => format!("↓ {below} more"),
        (above, 0) => format!("↑ {above} above · end"),
        (above, below) => format!("↑ {above} above · ↓ {below} more"),
    };
    page.push(Line::styled(more, look.theme.style(Role::Dim)));
    put(page, area, buf);
}
