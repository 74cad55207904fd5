//! What each service said of its health, the worst first: sign, word, latency, place, and the answer as it came.

use ratatui::text::{Line, Span};

use crate::domain::evidence::Verdict;
use crate::domain::health::{Answer, Checked, Finding, Reply};
use crate::model::feed::Reading;
use crate::ui::dialogs::text;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;

use super::raw;

/// Lines of an answer that are shown.
const BODY: usize = 40;

/// The lines.
pub fn lines(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let read = look.model.feeds.health.read(look.model.now);
    let mut lines = vec![Line::from(vec![
        Span::styled("Each is asked itself, through the API server  ", look.theme.style(Role::Key)),
        reading::age(look.theme, &read),
    ])];
    match &read {
        Reading::Loading if look.model.open_incident().is_none() => {
            lines.extend(reading::empty(look.theme, "they are asked while an incident is open", columns));
        }
        Reading::Loading => lines.extend(reading::loading(look.theme, "health", columns)),
        Reading::Dark { fault, .. } => lines.extend(reading::dark(look.theme, fault, columns, 4)),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            lines.extend(each(look, value, columns, reading::is_stale(&read)));
        }
    }
    lines
}

fn each(look: Look<'_>, answers: &[Checked], columns: usize, stale: bool) -> Vec<Line<'static>> {
    let asking = &look.model.settings.health;
    let mut all: Vec<_> = answers.iter().map(|c| (c, c.finding(asking))).collect();
    all.sort_by_key(|(_, finding)| match finding.verdict() {
        Verdict::NotMet => 0,
        Verdict::Unknown => 1,
        Verdict::Met => 2,
    });
    let mut lines = Vec::new();
    for (checked, finding) in all {
        let (sign, role) = match finding.verdict() {
            Verdict::Met => (glyph::OK, Role::Ok),
            Verdict::NotMet => (glyph::BAD, Role::Bad),
            Verdict::Unknown => (glyph::UNKNOWN, Role::Unknown),
        };
        let role = if stale { Role::Dim } else { role };
        let head = format!("{sign} {}: {}, {} ms", checked.ask.place(), finding.words(), checked.took.as_millis());
        lines.extend(text(look, &head, columns, role));
        if let Answer::Said(reply) = &checked.answer {
            lines.extend(body(look, reply, finding == Finding::Up, columns));
        }
    }
    lines
}

/// The answer as it came; of a service that is well, in as few lines as it takes.
fn body(look: Look<'_>, reply: &Reply, well: bool, columns: usize) -> Vec<Line<'static>> {
    if well {
        let short: Vec<&str> = reply.body.lines().map(str::trim).collect();
        return raw(look, &short.join(" "), columns);
    }
    let all = reply.body.lines().count();
    let mut lines: Vec<Line<'static>> = reply.body.lines().take(BODY).flat_map(|l| raw(look, l, columns)).collect();
    if all > BODY {
        lines.extend(raw(look, &format!("{} lines more", all - BODY), columns));
    }
    lines
}
