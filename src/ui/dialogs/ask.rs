//! A line of text: the question, the line, nothing else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::domain::identity::Realm;
use crate::model::dialog::{AskDialog, Purpose};
use crate::ui::layout::over;
use crate::ui::look::Look;
use crate::ui::theme::Role;
use crate::ui::widgets::border;

use super::{columns, margin, text};

/// Draws the question.
pub fn draw(look: Look<'_>, ask: &AskDialog, area: Rect, buf: &mut Buffer) {
    let inside = columns(area, 76);
    let mut lines = text(look, &context(look, &ask.purpose), inside, Role::Dim);
    let rows = u16::try_from(lines.len()).unwrap_or(0);
    let inner = border::dialog(look, &ask.purpose.question(), Span::raw(""), over(area, 76, rows + 5), buf);
    lines.insert(0, Line::raw(""));
    let [field, below] = ratatui::layout::Layout::vertical([
        ratatui::layout::Constraint::Length(1),
        ratatui::layout::Constraint::Fill(1),
    ])
    .areas(margin(inner));
    let mut line = ask.text.clone();
    line.set_cursor_line_style(Style::new());
    line.set_cursor_style(look.theme.style(Role::Cursor));
    line.render(field.intersection(buf.area), buf);
    border::put(lines, below, buf);
}

/// What the answer is for.
fn context(look: Look<'_>, purpose: &Purpose) -> String {
    let step = |no| look.model.settings.runbook.step(no);
    match purpose {
        Purpose::Skip(no) => format!(
            "{}The step stays visible as skipped, with your reason.",
            step(*no).map_or_else(String::new, |s| format!("{}. ", s.title))
        ),
        Purpose::Attest(no) => {
            let drill = match look.model.settings.realm {
                Realm::Live => "",
                Realm::Drill => " In a drill nobody is there: write what you would have done.",
            };
            step(*no).map_or_else(String::new, |s| format!("{}{drill}", s.instruction))
        }
        Purpose::Override(no) => {
            let says = look.model.evidence.get(no).map_or_else(|| "nothing".into(), |e| e.value.clone());
            format!("The sensor says: {says}. Your reason is kept with the tick, which never looks like evidence.")
        }
        Purpose::Note => "It goes into the timeline as you write it, with the time and your name.".into(),
        Purpose::FollowUp => "It becomes an action item of the report.".into(),
        Purpose::GoOn => "It goes into the timeline; the next decision is due as long after it again.".into(),
        Purpose::Lower(_) => "In doubt the higher severity holds.".into(),
        Purpose::Commander => look.model.open_incident().map_or_else(String::new, |i| {
            format!("Until now {} does. The change goes into the timeline; say it aloud, too.", i.commander)
        }),
        Purpose::Silence(..) => {
            "First the time, then a colon and the reason, which whoever finds the silence reads. Enter plans it.".into()
        }
        Purpose::Filter | Purpose::Lines => String::new(),
    }
}
