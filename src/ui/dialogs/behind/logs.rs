//! The error lines of each service against what was usual before the incident, those with the most above it first; then
//! the newest error lines of all, and the newest lines of any kind, the newest on top.
//!
//! Never: a secret; the lines were masked before they were kept.

use std::collections::VecDeque;

use ratatui::text::{Line, Span};

use crate::domain::logbook::Written;
use crate::domain::logbook::tally::Tally;
use crate::domain::moment::short;
use crate::model::feed::Reading;
use crate::ui::dialogs::text;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;

use super::raw;

/// Error lines that are shown.
const ERRORS: usize = 100;
/// Lines of any kind that are shown.
const LINES: usize = 200;

/// The lines.
pub fn lines(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let model = look.model;
    let read = model.feeds.logs.read(model.now);
    let rule = &model.settings.logs;
    let since = model.logs_since;
    let head = match since {
        Some(since) => format!("Error lines of the pods that run now, since {}  ", since.format("%H:%M:%S")),
        None => "Error lines of the pods that run now  ".to_owned(),
    };
    let mut lines =
        vec![Line::from(vec![Span::styled(head, look.theme.style(Role::Key)), reading::age(look.theme, &read)])];
    match &read {
        Reading::Loading if model.open_incident().is_none() => {
            lines.extend(reading::empty(look.theme, "they are read while an incident is open", columns));
            return lines;
        }
        Reading::Loading => lines.extend(reading::loading(look.theme, "logs", columns)),
        Reading::Dark { fault, .. } => lines.extend(reading::dark(look.theme, fault, columns, 4)),
        Reading::Fresh { .. } | Reading::Stale { .. } => {
            let since = since.unwrap_or(model.now.wall);
            for tally in model.logs.tallies(since, model.now.wall) {
                let (sign, role, said) = told(&tally, rule.limit);
                let role = if reading::is_stale(&read) { Role::Dim } else { role };
                lines.extend(text(look, &format!("{sign} {said}"), columns, role));
            }
            let more = format!("{} more than usual of a pod are too many; window {}", rule.limit, short(rule.window));
            lines.extend(text(look, &more, columns, Role::Dim));
        }
    }
    lines.extend(newest(look, "The newest error lines", model.logs.errors(), ERRORS, columns));
    lines.extend(newest(look, "The newest lines of any kind", model.logs.lines(), LINES, columns));
    lines
}

fn told(tally: &Tally, limit: u32) -> (&'static str, Role, String) {
    let before =
        tally.usual.map_or_else(|| "before the incident: not known".to_owned(), |n| format!("{n} before the incident"));
    let counted = format!("{}: {}, {before}", tally.service, tally.errors);
    if tally.is_over(limit) {
        return (glyph::BAD, Role::Bad, counted);
    }
    match &tally.unread {
        Some(why) => (glyph::UNKNOWN, Role::Unknown, format!("{counted}; {}", why.words())),
        None => (glyph::OK, Role::Ok, counted),
    }
}

fn newest(look: Look<'_>, title: &str, all: &VecDeque<Written>, most: usize, columns: usize) -> Vec<Line<'static>> {
    let (filter, now) = (&look.model.panes.lines, look.model.now.wall);
    let with = if filter.typed.is_empty() { String::new() } else { format!(" with {}", filter.typed) };
    let mut lines = vec![Line::raw(""), Line::styled(format!("{title}{with}"), look.theme.style(Role::Key))];
    let shown = all.iter().rev().filter(|w| filter.lets(w, now)).take(most);
    lines.extend(shown.flat_map(|w| {
        let at = w.line.at.format("%H:%M:%S");
        raw(look, &format!("{at} {}: {}", w.service, w.line.text), columns)
    }));
    if lines.len() == 2 {
        lines.extend(reading::empty(
            look.theme,
            if with.is_empty() { "none is kept" } else { "none is kept that has that" },
            columns,
        ));
    }
    lines
}
