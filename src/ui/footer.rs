//! The last line: the keys that mean something now, as many as fit, from the one table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::intent::{Availability, Intent};
use crate::keymap::{Binding, Scope, TABLE};
use crate::model::Model;

use super::look::Look;
use super::theme::Role;
use super::widgets::border::put;

/// Keys that are worth a hint now: those that could never be had here are left out.
fn hints(model: &Model) -> impl Iterator<Item = &'static Binding> {
    let scope = Scope::of(model);
    TABLE
        .iter()
        .filter(move |b| b.scope == scope && !b.hint.is_empty())
        .filter(move |b| b.intent != Intent::SkipAhead || b.intent.availability(model) == Availability::Ready)
}

/// Draws the line. The last hint of the scope (the way out) and help always fit first.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(1);
    let all: Vec<(String, &'static str, Intent)> = hints(look.model).map(|b| (b.label(), b.hint, b.intent)).collect();
    let cost = |(key, hint, _): &(String, &str, Intent)| key.chars().count() + hint.chars().count() + 3;
    let must = |intent: Intent| matches!(intent, Intent::Help | Intent::Quit | Intent::Back);
    let mut left = room.saturating_sub(all.iter().filter(|h| must(h.2)).map(cost).sum());
    let mut spans = vec![Span::raw(" ")];
    for hint in &all {
        if !must(hint.2) {
            if cost(hint) > left {
                continue;
            }
            left -= cost(hint);
        }
        spans.push(Span::styled(hint.0.clone(), look.theme.style(Role::Key)));
        spans.push(Span::styled(format!(" {}  ", hint.1), look.theme.style(Role::Dim)));
    }
    put(vec![Line::from(spans)], area, buf);
}
