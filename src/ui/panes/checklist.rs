//! The spine: four blocks, the one under the cursor open, the others one line each with their state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::checklist::StepState;
use crate::domain::figure::count;
use crate::domain::moment::since;
use crate::domain::runbook::{Block, Mode};
use crate::model::Model;
use crate::model::panes::Pane;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;
use crate::ui::widgets::text::{spread, styled, wrap_within};

use super::first_shown;
use super::steps::{self, place, state};

/// Draws the pane.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let runbook = &look.model.settings.runbook;
    let settled = runbook.steps().filter(|s| state(look.model, s.no).is_settled()).count();
    let progress = Span::styled(format!("{settled} of {}", runbook.steps().count()), look.theme.style(Role::Key));
    let inner = border::pane(look, Pane::Checklist, Pane::Checklist.title(), progress, area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    let (lines, cursor) = (1..=3)
        .rev()
        .map(|depth| lines(look, columns, rows, depth))
        .find(|(lines, _)| lines.len() <= rows)
        .unwrap_or_else(|| lines(look, columns, rows, 1));
    let from = first_shown(lines.len(), rows, cursor);
    border::put(lines.into_iter().skip(from).collect(), inner, buf);
}

/// All lines, and the one of the cursor; values in at most `depth` lines each.
fn lines(look: Look<'_>, columns: usize, rows: usize, depth: usize) -> (Vec<Line<'static>>, usize) {
    let runbook = &look.model.settings.runbook;
    let open = runbook.block_of(look.model.panes.step);
    let everything = look.model.panes.zoom == Some(Pane::Checklist);
    let mut lines = keeper(look, columns);
    let mut cursor = 0;
    for (index, block) in runbook.blocks.iter().enumerate() {
        lines.push(block_line(look, block, columns));
        if !everything && open != Some(index) {
            continue;
        }
        for step in &block.steps {
            let selected = look.model.panes.step == step.no;
            if selected {
                cursor = lines.len();
            }
            lines.extend(steps::lines(look, step, columns, depth));
        }
    }
    let spare = rows.saturating_sub(lines.len() + 1);
    if spare >= 2
        && let Some(step) = runbook.step(look.model.panes.step)
    {
        lines.push(Line::raw(""));
        let text = wrap_within(&step.instruction, columns.saturating_sub(2), spare);
        lines.extend(styled(text.into_iter().map(|t| format!(" {t}")).collect(), look.theme.style(Role::Plain)));
    }
    (lines, cursor)
}

/// The place keeper, while the cursor is elsewhere.
fn keeper(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let Some(at) = place(look.model).filter(|_| look.model.open_incident().is_some()) else { return Vec::new() };
    if at == look.model.panes.step {
        return Vec::new();
    }
    let began = match state(look.model, at) {
        StepState::Doing { since: began, .. } | StepState::Waiting { since: began, .. } => {
            format!(" since {}", began.format("%H:%M"))
        }
        StepState::Todo | StepState::Done { .. } | StepState::Failed { .. } | StepState::Skipped { .. } => {
            String::new()
        }
    };
    let text = wrap_within(&format!("{} you were at step {at}{began}", glyph::DOING), columns, 1);
    styled(text, look.theme.style(Role::Focus))
}

/// One line for a block: sign, title, numbers, how far.
fn block_line(look: Look<'_>, block: &Block, columns: usize) -> Line<'static> {
    let tally = Tally::of(look.model, block);
    let (sign, role) = tally.sign();
    let first = block.steps.first().map_or(0, |s| s.no.0);
    let last = block.steps.last().map_or(0, |s| s.no.0);
    let left = Line::from(vec![
        Span::styled(format!("{sign} "), look.theme.style(role)),
        Span::styled(block.title.clone(), look.theme.style(Role::Key)),
        Span::styled(format!("  {first}-{last}"), look.theme.style(Role::Dim)),
    ]);
    let words = tally.words(block.mode);
    spread(
        left,
        Line::styled(words, look.theme.style(if tally.reopened + tally.failed > 0 { role } else { Role::Dim })),
        columns,
    )
}

/// How far a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tally {
    all: usize,
    settled: usize,
    skipped: usize,
    begun: usize,
    reopened: usize,
    failed: usize,
    took: Option<std::time::Duration>,
}

impl Tally {
    fn of(model: &Model, block: &Block) -> Self {
        let mut tally = Self { all: block.steps.len(), ..Self::default() };
        let mut last = None;
        for step in &block.steps {
            match state(model, step.no) {
                StepState::Todo => {}
                StepState::Doing { reopened: Some(_), .. } => tally.reopened += 1,
                StepState::Doing { reopened: None, .. } | StepState::Waiting { .. } => tally.begun += 1,
                StepState::Done { at, .. } => {
                    tally.settled += 1;
                    last = last.max(Some(*at));
                }
                StepState::Failed { .. } => tally.failed += 1,
                StepState::Skipped { at, .. } => {
                    tally.settled += 1;
                    tally.skipped += 1;
                    last = last.max(Some(*at));
                }
            }
        }
        tally.took = model.incident.as_ref().zip(last).map(|(i, at)| since(i.opened, at));
        tally
    }

    fn sign(&self) -> (&'static str, Role) {
        if self.failed > 0 {
            (glyph::BAD, Role::Bad)
        } else if self.reopened > 0 {
            (glyph::REOPENED, Role::Loud)
        } else if self.settled == self.all {
            (glyph::OK, Role::Ok)
        } else if self.begun + self.settled > 0 {
            (glyph::DOING, Role::Focus)
        } else {
            (glyph::TODO, Role::Dim)
        }
    }

    fn words(&self, mode: Mode) -> String {
        if self.failed > 0 {
            return count(self.failed, "failed", "failed");
        }
        if self.reopened > 0 {
            return format!("{} reopened", self.reopened);
        }
        if self.settled == self.all {
            let skipped = if self.skipped > 0 { format!("{} skipped  ", self.skipped) } else { String::new() };
            let at = self.took.map_or_else(String::new, |t| format!("T+{}", crate::domain::moment::clock(t)));
            return format!("{skipped}{at}");
        }
        if self.settled + self.begun > 0 {
            return format!("{} of {}", self.settled, self.all);
        }
        match mode {
            Mode::ReadDo => "read, then do".into(),
            Mode::DoConfirm => "do, then confirm".into(),
        }
    }
}
