//! A revision, closely: values and manifest against the current one (the current one against the one before it), secrets
//! masked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::name::Revision;
use crate::domain::release::Release;
use crate::ui::look::Look;
use crate::ui::panes::history::verdict;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;

use super::{columns, show, text};

/// Draws the diff, lines as they are: each begins with ` `, `-` or `+`.
pub fn draw(
    look: Look<'_>,
    revision: Revision,
    diff: Option<&Result<Vec<String>, String>>,
    scroll: u16,
    area: Rect,
    buf: &mut Buffer,
) {
    let columns = columns(area, 150);
    let mut lines = Vec::new();
    if let Some(facts) = look.model.release().and_then(|r| r.revision(revision)) {
        let (sign, role, words) = verdict(look.model, facts);
        lines.extend(text(
            look,
            &format!("{sign} {}, {} · {words}", facts.status, facts.updated.format("%d %b %H:%M")),
            columns,
            role,
        ));
        if let Some(content) = &facts.content {
            let told = format!("{}, app {} · {}", content.chart, content.app_version, content.description);
            lines.extend(text(look, &told, columns, Role::Dim));
        }
        lines.push(Line::raw(""));
    }
    match diff {
        None => lines.extend(reading::loading(look.theme, "values and manifest", columns)),
        Some(Err(why)) => lines.extend(text(look, &format!("{} {why}", glyph::UNKNOWN), columns, Role::Unknown)),
        Some(Ok(diff)) => lines.extend(diff.iter().map(|l| Line::styled(l.clone(), look.theme.style(role(l))))),
    }
    let current = look.model.release().and_then(Release::current).is_some_and(|c| c.revision == revision);
    let title = if current {
        format!("Revision {revision}, current (+) against the one before it (-)")
    } else {
        format!("Revision {revision} (+) against the current one (-)")
    };
    show(look, &title, lines, scroll, (area, 150), buf);
}

fn role(line: &str) -> Role {
    match line.chars().next() {
        Some('+') => Role::Ok,
        Some('-') => Role::Bad,
        Some(_) | None => Role::Plain,
    }
}
