//! The last line: the keys that mean something now, as many as fit, from the one table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::evidence::Verdict;
use crate::intent::enter::Enter;
use crate::intent::{Availability, Intent};
use crate::keymap::{Binding, Scope, TABLE};
use crate::model::Model;
use crate::model::arm::Arm;
use crate::model::dialog::{Dialog, PlanState, Sheet};

use super::look::Look;
use super::theme::Role;
use super::widgets::border::put;
use super::widgets::text::width;

/// The keys that do something now, with what they do in a word or two; those that would only refuse are left out.
fn hints(model: &Model) -> impl Iterator<Item = (&'static Binding, String)> {
    let scope = Scope::of(model);
    TABLE
        .iter()
        .filter(move |b| b.scope == scope && b.intent.availability(model) == Availability::Ready)
        .map(|b| (b, hint(model, b)))
        .filter(|(_, hint)| !hint.is_empty())
}

/// What a key does now; empty where it is not for the footer.
fn hint(model: &Model, binding: &Binding) -> String {
    match binding.intent {
        Intent::Act => Enter::of(model).hint(),
        // Enter says it already.
        Intent::Tick if matches!(Enter::of(model), Enter::Tick | Enter::Attest | Enter::Override) => String::new(),
        Intent::Tick if is_unproved(model) => "tick, why".into(),
        Intent::OtherSheet if sheet(model) == Some(Sheet::Changes) => "summary".into(),
        Intent::Arm if matches!(model.arm, Arm::Armed { .. }) => "disarm".into(),
        Intent::Arm if matches!(model.arm, Arm::Asked { .. }) => "again: arm".into(),
        _ => binding.hint.into(),
    }
}

/// The step under the cursor has a sensor, and what it sees does not prove it: a tick asks why.
fn is_unproved(model: &Model) -> bool {
    model.evidence.get(&model.panes.step).is_some_and(|e| e.verdict != Verdict::Met)
}

fn sheet(model: &Model) -> Option<Sheet> {
    match model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match d.state {
            PlanState::Ready { sheet, .. } => Some(sheet),
            PlanState::Planning { .. } | PlanState::Refused(_) | PlanState::Confirmed { .. } => None,
        },
        Some(_) | None => None,
    }
}

/// How much a hint is wanted when not all fit: the way on and out first, in a drill its clock, then the rest.
fn rank(model: &Model, intent: Intent) -> u8 {
    match intent {
        // Where Enter leads to the proof, a tick without it is the last way out: caution, commands and skip come first.
        Intent::Tick
            if is_unproved(model)
                && matches!(Enter::of(model), Enter::ChooseTarget | Enter::RollBack | Enter::Tests) =>
        {
            3
        }
        Intent::Act | Intent::Help | Intent::Quit | Intent::Back | Intent::Confirm => 0,
        Intent::SkipAhead | Intent::Arm | Intent::RollBack | Intent::Tick => 1,
        _ => 2,
    }
}

/// Draws the line: the way out first, then what can be done now, then the rest; in the order of the table.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let all: Vec<(usize, (&Binding, String))> = hints(look.model).enumerate().collect();
    let cost = |(b, hint): &(&Binding, String)| width(&b.label()) + width(hint) + 3;
    // One column before the first, no gap behind the last.
    let mut left = usize::from(area.width) + 1;
    let mut by_rank = all.clone();
    by_rank.sort_by_key(|(place, (b, _))| (rank(look.model, b.intent), *place));
    let mut chosen = Vec::new();
    for (place, hint) in by_rank {
        if cost(&hint) <= left {
            left -= cost(&hint);
            chosen.push(place);
        }
    }
    let mut spans = Vec::new();
    for (_, (binding, hint)) in all.into_iter().filter(|(place, _)| chosen.contains(place)) {
        spans.push(Span::raw(if spans.is_empty() { " " } else { "  " }));
        spans.push(Span::styled(binding.label(), look.theme.style(Role::Key)));
        spans.push(Span::styled(format!(" {hint}"), look.theme.style(Role::Dim)));
    }
    put(vec![Line::from(spans)], area, buf);
}
