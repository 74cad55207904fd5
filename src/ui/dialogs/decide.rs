//! The decision tree: the question that is asked, or the way; below it what led there, the newest first.
//!
//! Never: a way without the path that led to it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::decision::{Answer, Next, Offer, Passed, Path, Question, Way};
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::wrap;

use super::{columns, show, text};

/// Columns of the dialog at most.
const WIDE: u16 = 110;

/// Draws the path.
pub fn draw(look: Look<'_>, path: &Path, scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, WIDE);
    let tree = &look.model.settings.decisions;
    let mut lines: Vec<Line<'static>> = match path.at {
        Next::Question(no) => {
            tree.questions.get(no.0).map(|q| asked(look, q, path.why.as_deref(), columns)).unwrap_or_default()
        }
        Next::Way(no) => tree.ways.get(no.0).map(|w| way(look, w, columns)).unwrap_or_default(),
    };
    if !path.passed.is_empty() {
        lines.push(Line::raw(""));
        lines.extend(text(look, "What led here:", columns, Role::Dim));
    }
    for step in path.passed.iter().rev() {
        if let Some(question) = tree.questions.get(step.question.0) {
            lines.extend(passed(look, question, step, columns));
        }
    }
    show(look, "What kind of trouble, and which way back", lines, scroll, (area, WIDE), buf);
}

/// `yes  Did a revision come just before?  rev 3 (order-service 2.3.1 -> 2.4.0), 2 min before`
fn passed(look: Look<'_>, question: &Question, step: &Passed, columns: usize) -> Vec<Line<'static>> {
    let answer = match step.answer {
        Answer::Yes => "yes ",
        Answer::No => "no  ",
    };
    let by = step.value.as_deref().unwrap_or("you said so");
    let parts = wrap(&format!("{} {by}", question.ask), columns.saturating_sub(4));
    let mut lines: Vec<Line<'static>> = Vec::new();
    for part in parts {
        let head = if lines.is_empty() { answer } else { "    " };
        lines.push(Line::from(vec![
            Span::styled(head, look.theme.style(Role::Key)),
            Span::styled(part, look.theme.style(Role::Dim)),
        ]));
    }
    lines
}

fn asked(look: Look<'_>, question: &Question, why: Option<&str>, columns: usize) -> Vec<Line<'static>> {
    let mut lines = text(look, &question.ask, columns, Role::Key);
    if let Some(why) = why {
        lines.extend(text(look, &format!("{} not known from here: {why}", glyph::UNKNOWN), columns, Role::Unknown));
    }
    lines.extend(text(look, &format!("Look at: {}", question.look), columns, Role::Plain));
    lines.push(Line::raw(""));
    lines.extend(text(look, "y: yes · n: no · Esc: back to the panes", columns, Role::Key));
    lines
}

fn way(look: Look<'_>, way: &Way, columns: usize) -> Vec<Line<'static>> {
    let mut lines = text(look, &format!("{} {} ({})", glyph::DOING, way.title, way.kind.word()), columns, Role::Key);
    lines.extend(text(look, &way.text, columns, Role::Plain));
    lines.push(Line::raw(""));
    lines.extend(text(look, &format!("Enter {}.", offered(way.offer)), columns, Role::Key));
    if !way.commands.is_empty() {
        lines.extend(text(look, "By hand (c copies; <…> is for you to fill in):", columns, Role::Dim));
        for command in way.commands.lines() {
            lines.extend(text(look, &format!("$ {command}"), columns, Role::Plain));
        }
    }
    lines
}

const fn offered(offer: Offer) -> &'static str {
    match offer {
        Offer::RollBack => "opens the prepared rollback; nothing runs before you confirm it",
        Offer::Undo => "chooses the workload to undo; nothing runs before you confirm it",
        Offer::Restart => "chooses the workload to restart; nothing runs before you confirm it",
        Offer::WhatChanged => "shows what was changed, and by whom",
        Offer::Criteria => "shows the eight criteria",
        Offer::RaiseSeverity => "raises the severity by one",
        Offer::Escalate => "raises to SEV-1",
        Offer::Document => "goes on with the checklist",
    }
}
