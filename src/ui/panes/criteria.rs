//! The eight criteria of success on one board: what each says, how old that is and since when it stands like that; how
//! long the calm has held, and what broke it.
//!
//! Never: a person's word with the look of evidence, nor an unknown that looks well.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::board::{Break, Criterion, Row, Standing};
use crate::domain::criteria::Stretch;
use crate::domain::evidence::Verdict;
use crate::domain::moment::{clock, long, short, since};
use crate::model::panes::Pane;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::{clip, fit, wrap, wrap_within};
use crate::ui::widgets::{border, reading};

/// Columns of a criterion's name, cursor and sign before it.
const NAME: usize = 22;
/// Columns of a value that are worth more than when it was measured.
const VALUE: usize = 16;
/// Lines of the value under the cursor at most: it must be read whole.
const CHOSEN: usize = 5;

/// Draws the pane.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let inner = border::pane(look, Pane::Criteria, Pane::Criteria.title(), Span::raw(""), area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    if look.model.open_incident().is_none() {
        let text = "no incident is open; the criteria are watched from its declaration on";
        return border::put(reading::empty(look.theme, text, columns), inner, buf);
    }
    let mut lines = calm(look, columns);
    let room = rows.saturating_sub(lines.len());
    let tall = if room >= Criterion::ALL.len() * 2 { 2 } else { 1 };
    for (criterion, row) in &look.model.board.rows {
        let chosen = look.model.panes.criterion == Some(*criterion) && look.model.focus() == Pane::Criteria;
        lines.extend(line(look, (*criterion, chosen), row, columns, if chosen { CHOSEN } else { tall }));
    }
    lines.extend(look.model.board.breaks.iter().rev().flat_map(|b| told(look, b, columns)));
    lines.truncate(rows);
    border::put(lines, inner, buf);
}

/// How long all that is sensed has been well.
fn calm(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let hold = look.model.settings.limits.hold;
    let words = vouched(look);
    let (text, role) = match &look.model.stretch {
        Stretch::Unseen => (format!("{} not measured yet", glyph::UNKNOWN), Role::Unknown),
        Stretch::Broken { at, why } => {
            (format!("{} not stable: broken {}, {why}", glyph::BAD, at.format("%H:%M:%S")), Role::Bad)
        }
        Stretch::Holding { since, .. } => {
            let held = look.model.stretch.held();
            let from = since.format("%H:%M:%S");
            if look.model.board.sensed() != Verdict::Met {
                let text = format!("{} stable {} since {from}, but not known now", glyph::UNKNOWN, clock(held));
                (text, Role::Unknown)
            } else if held >= hold {
                (format!("{} stable {} since {from}", glyph::OK, clock(held)), Role::Ok)
            } else {
                (format!("{} stable {} of {} since {from}", glyph::WAITING, clock(held), clock(hold)), Role::Warn)
            }
        }
    };
    let mut lines: Vec<Line<'static>> =
        wrap_within(&text, columns, 2).into_iter().map(|l| Line::styled(l, look.theme.style(role))).collect();
    if look.model.board.rows.is_empty() {
        return lines;
    }
    lines.extend(wrap(&words, columns).into_iter().map(|l| Line::styled(l, look.theme.style(Role::Dim))));
    lines
}

/// How many are sensed, vouched for, and neither.
fn vouched(look: Look<'_>) -> String {
    let rows = || look.model.board.rows.values();
    let sensed = rows().filter(|r| r.verdict().is_some()).count();
    let attested = rows().filter(|r| r.standing == Standing::Attested).count();
    let nobody = rows().filter(|r| r.standing == Standing::Unattested).count();
    format!("{sensed} of {} by sensors, {attested} by a person's word, {nobody} by nobody yet", rows().count())
}

const fn sign(standing: Standing) -> (&'static str, Role) {
    match standing {
        Standing::Sensed(Verdict::Met) => (glyph::OK, Role::Ok),
        Standing::Sensed(Verdict::NotMet) => (glyph::BAD, Role::Bad),
        Standing::Sensed(Verdict::Unknown) | Standing::Unattested => (glyph::UNKNOWN, Role::Unknown),
        Standing::Attested => (glyph::ATTESTED, Role::Attested),
    }
}

/// One criterion: sign, name, value; then its age and since when.
fn line(
    look: Look<'_>,
    (criterion, chosen): (Criterion, bool),
    row: &Row,
    columns: usize,
    tall: usize,
) -> Vec<Line<'static>> {
    let cursor = if chosen { glyph::CURSOR } else { " " };
    let (sign, role) = sign(row.standing);
    let now = look.now();
    let times = match row.standing {
        Standing::Unattested => String::new(),
        Standing::Attested => format!("  {} ago", short(since(row.at, now))),
        Standing::Sensed(_) => format!("  {} · since {}", short(since(row.at, now)), row.since.format("%H:%M:%S")),
    };
    let head = fit(&format!("{cursor}{sign} {}", criterion.title()), NAME);
    // In a narrow pane the value comes before its times.
    let (times, room) = match columns.saturating_sub(NAME + times.chars().count()) {
        room if room < VALUE => (String::new(), columns.saturating_sub(NAME)),
        room => (times, room),
    };
    let mut lines = Vec::new();
    let mut parts = wrap_within(&row.value, room, tall);
    if parts.is_empty() {
        // No criterion is left out, whatever there is to say of it.
        parts.push(String::new());
    }
    for (index, part) in parts.into_iter().enumerate() {
        let style = look.theme.style(role);
        let (first, last) = if index == 0 { (head.clone(), times.clone()) } else { (" ".repeat(NAME), String::new()) };
        let spans = vec![
            Span::styled(first, style),
            Span::styled(fit(&part, room), style),
            Span::styled(last, look.theme.style(Role::Dim)),
        ];
        lines.push(clip(Line::from(spans), columns));
    }
    lines
}

/// `broken 04:40:15 for 45 s: P95 2.3 s (order-service)`
fn told(look: Look<'_>, broken: &Break, columns: usize) -> Vec<Line<'static>> {
    let length = match broken.until {
        Some(until) => format!("for {}", long(since(broken.from, until))),
        None => format!("{} ago, still so", long(since(broken.from, look.now()))),
    };
    let text = format!("{} broken {} {length}: {}", glyph::INFO, broken.from.format("%H:%M:%S"), broken.what);
    wrap_within(&text, columns, 2).into_iter().map(|l| Line::styled(l, look.theme.style(Role::Plain))).collect()
}
