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
use super::widgets::text::width;

/// Keys that are worth a hint now: those that could never be had here are left out.
fn hints(model: &Model) -> impl Iterator<Item = &'static Binding> {
    let scope = Scope::of(model);
    TABLE
        .iter()
        .filter(move |b| b.scope == scope && !b.hint.is_empty())
        .filter(move |b| b.intent != Intent::SkipAhead || b.intent.availability(model) == Availability::Ready)
}

/// How much a hint is wanted when not all fit.
fn rank(model: &Model, binding: &Binding) -> u8 {
    match binding.intent {
        Intent::Help | Intent::Quit | Intent::Back | Intent::Confirm => 0,
        intent if intent.availability(model) == Availability::Ready => 1,
        _ => 2,
    }
}

/// Draws the line: the way out first, then what can be done now, then the rest; in the order of the table.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let all: Vec<(usize, &Binding)> = hints(look.model).enumerate().collect();
    let cost = |b: &Binding| width(&b.label()) + width(b.hint) + 3;
    let mut left = usize::from(area.width);
    let mut by_rank = all.clone();
    by_rank.sort_by_key(|(place, b)| (rank(look.model, b), *place));
    let mut chosen = Vec::new();
    for (place, binding) in by_rank {
        if cost(binding) <= left {
            left -= cost(binding);
            chosen.push(place);
        }
    }
    let mut spans = vec![Span::raw(" ")];
    for (_, binding) in all.iter().filter(|(place, _)| chosen.contains(place)) {
        spans.push(Span::styled(binding.label(), look.theme.style(Role::Key)));
        spans.push(Span::styled(format!(" {}  ", binding.hint), look.theme.style(Role::Dim)));
    }
    put(vec![Line::from(spans)], area, buf);
}
