//! The timeline: the incident's journal as a person reads it, the newest last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::event::{Ending, Entry, Event};
use crate::domain::figure::count;
use crate::domain::moment::{Moment, short};
use crate::model::feed::Reading;
use crate::model::journal::JournalState;
use crate::model::panes::Pane;
use crate::ui::look::Look;
use crate::ui::theme::Role;
use crate::ui::widgets::text::wrap;
use crate::ui::widgets::{border, reading};

/// Draws the pane.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let (title, note) = match &look.model.incident {
        None => (Pane::Timeline.title().into(), Span::raw("")),
        Some(incident) => (format!("Timeline · {}", incident.id), written(look, incident.entries.len())),
    };
    let inner = border::pane(look, Pane::Timeline, &title, note, area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    let Some(incident) = &look.model.incident else {
        let text = "no incident is open; what happens is written down from its declaration on";
        return border::put(reading::empty(look.theme, text, columns), inner, buf);
    };
    let skip = look.model.panes.timeline_scroll.min(incident.entries.len().saturating_sub(1));
    let mut lines: Vec<Line<'static>> = Vec::new();
    for entry in incident.entries.iter().rev().skip(skip) {
        let mut these = entry_lines(look, entry, columns);
        these.reverse();
        lines.extend(these);
        if lines.len() >= rows {
            break;
        }
    }
    lines.truncate(rows);
    lines.reverse();
    border::put(lines, inner, buf);
}

/// What the journal holds, and whether it can be written.
fn written(look: Look<'_>, entries: usize) -> Span<'static> {
    match &look.model.journal {
        JournalState::Ready => Span::styled(count(entries, "entry", "entries"), look.theme.style(Role::Dim)),
        JournalState::Writing(events) => Span::styled(format!("writing {}", events.len()), look.theme.style(Role::Dim)),
        JournalState::Broken { .. } => Span::styled("cannot be written", look.theme.style(Role::Bad)),
        JournalState::Edited { .. } => Span::styled("a line was edited", look.theme.style(Role::Bad)),
        JournalState::HeldBy { who } => {
            let age = match look.model.others.read(look.model.now) {
                Reading::Fresh { age: Some(age), .. } | Reading::Stale { age, .. } => format!(" · {}", short(age)),
                Reading::Fresh { age: None, .. } | Reading::Loading | Reading::Dark { .. } => String::new(),
            };
            Span::styled(format!("held by {}{age}", who.briefly()), look.theme.style(Role::Warn))
        }
        JournalState::Left => Span::styled("only shown", look.theme.style(Role::Warn)),
    }
}

/// When it happened (which may be before it was written), and who did or saw it.
fn moment_and_who(entry: &Entry) -> (Moment, String) {
    if let Event::Seen { when, .. } = &entry.event {
        return (*when, "seen".into());
    }
    (entry.at, entry.by.to_string())
}

const fn role(event: &Event) -> Role {
    match event {
        Event::StepReopened { .. }
        | Event::ActEnded { ending: Ending::Failed { .. } | Ending::Unknown { .. } | Ending::Void { .. }, .. } => {
            Role::Bad
        }
        Event::ActEnded { ending: Ending::Unseen { .. }, .. } | Event::StepSkipped { .. } => Role::Warn,
        Event::ActEnded { ending: Ending::Seen { .. }, .. } | Event::Closed { .. } => Role::Ok,
        Event::ActAsked { .. } => Role::Focus,
        Event::Seen { .. } => Role::Key,
        Event::Opened { .. }
        | Event::SeveritySet { .. }
        | Event::CommanderNamed { .. }
        | Event::TargetChosen { .. }
        | Event::StepBegan { .. }
        | Event::StepTicked { .. }
        | Event::Note { .. }
        | Event::WentOn { .. }
        | Event::FollowUp { .. }
        | Event::ActProgressed { .. }
        | Event::Resumed { .. } => Role::Plain,
    }
}

fn entry_lines(look: Look<'_>, entry: &Entry, columns: usize) -> Vec<Line<'static>> {
    let (at, who) = moment_and_who(entry);
    let head = format!("{}Z {who:<5} ", at.format("%H:%M:%S"));
    let indent = head.chars().count().min(columns / 2);
    let mut lines = Vec::new();
    for (index, part) in wrap(&entry.event.sentence(), columns.saturating_sub(indent)).into_iter().enumerate() {
        let lead = if index == 0 { head.clone() } else { " ".repeat(indent) };
        lines.push(Line::from(vec![
            Span::styled(lead, look.theme.style(Role::Dim)),
            Span::styled(part, look.theme.style(role(&entry.event))),
        ]));
    }
    lines
}
