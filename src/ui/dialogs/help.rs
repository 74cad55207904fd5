//! All keys, from the one table, and what the signs mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::keymap::{Scope, TABLE};
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::{cut, fit, width, wrap};

use super::{columns, show};

/// Draws the help.
pub fn draw(look: Look<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 110);
    let mut lines = Vec::new();
    let scopes = [
        (Scope::Cockpit, "In the cockpit"),
        (Scope::Plan, "In a plan"),
        (Scope::Menu, "In a list"),
        (Scope::Reading, "In a text"),
    ];
    for (scope, title) in scopes {
        lines.push(Line::styled(title, look.theme.style(Role::Key)));
        lines.extend(in_two(look, &keys(scope), columns));
        lines.push(Line::raw(""));
    }
    lines.push(Line::styled("Signs", look.theme.style(Role::Key)));
    let signs: Vec<(String, &str)> = SIGNS.iter().map(|(sign, words)| ((*sign).to_string(), *words)).collect();
    lines.extend(in_two(look, &signs, columns));
    let log = &look.model.settings.log;
    if !log.is_empty() {
        lines.push(Line::raw(""));
        lines.push(Line::styled("What backout saw and did stands in its log", look.theme.style(Role::Key)));
        lines.extend(wrap(log, columns.saturating_sub(2)).into_iter().map(Line::from));
    }
    show(look, "Keys", lines, scroll, (area, 110), buf);
}

/// Draws the keys of the open dialog over it.
pub fn over(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 64);
    let mut lines = in_two(look, &keys(Scope::of(look.model)), columns);
    lines.push(Line::raw(""));
    lines.push(Line::styled("Any key goes back to the dialog.", look.theme.style(Role::Dim)));
    show(look, "Keys here", lines, 0, (area, 64), buf);
}

/// What the signs mean.
const SIGNS: [(&str, &str); 16] = [
    (glyph::OK, "well; ticked, and a sensor saw it"),
    (glyph::ATTESTED, "ticked by hand: your word"),
    (glyph::OVERRIDDEN, "ticked though it was not proved"),
    (glyph::PROPOSED, "a sensor proposes; Space ticks"),
    (glyph::DOING, "under way"),
    (glyph::WAITING, "asked, waiting for the cluster"),
    (glyph::SKIPPED, "left out, with a reason"),
    (glyph::REOPENED, "was done, its evidence was lost"),
    (glyph::BAD, "unwell, failed"),
    (glyph::WARN, "mind this; not well, but not bad yet"),
    (glyph::UNKNOWN, "nobody can know now"),
    (glyph::TODO, "still to do"),
    (glyph::INFO, "to know; nothing follows from it"),
    (glyph::CURRENT, "the revision that runs now"),
    (glyph::TARGET, "the revision to go back to"),
    (glyph::MARK, "a revision was deployed here"),
];

/// Keys of a scope with what they do; aliases stand beside.
fn keys(scope: Scope) -> Vec<(String, &'static str)> {
    let mut keys: Vec<(String, &'static str)> = Vec::new();
    for binding in TABLE.iter().filter(|b| b.scope == scope) {
        match keys.last_mut() {
            Some((labels, _)) if binding.help.is_empty() => {
                labels.push(' ');
                labels.push_str(&binding.label());
            }
            Some(_) | None => keys.push((binding.label(), binding.help)),
        }
    }
    keys
}

/// Two columns where there is room, read downwards.
fn in_two(look: Look<'_>, entries: &[(String, &'static str)], columns: usize) -> Vec<Line<'static>> {
    let across = if columns >= 100 { 2 } else { 1 };
    let rows = entries.len().div_ceil(across);
    let wide = columns / across;
    let label = entries.iter().map(|(key, _)| width(key)).max().unwrap_or(0) + 2;
    (0..rows)
        .map(|row| {
            let cells = (0..across).filter_map(|column| entries.get(row + column * rows));
            let spans = cells.flat_map(|(key, told)| {
                [
                    Span::styled(fit(key, label), look.theme.style(Role::Key)),
                    Span::raw(fit(&cut(told, wide.saturating_sub(label + 1)), wide.saturating_sub(label))),
                ]
            });
            spans.collect::<Line<'static>>()
        })
        .collect()
}
