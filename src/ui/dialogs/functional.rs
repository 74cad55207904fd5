//! The functional tests: what each asks, what it creates, and what it last said and when.
//!
//! Never: a kept value or a secret; an old result with the look of a new one.

pub mod run;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::evidence::Verdict;
use crate::domain::figure::count;
use crate::domain::moment::{short, since};
use crate::functional::test::Test;
use crate::model::functional::Next;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};

use super::{columns, show, text};

/// The widest it gets.
const WIDE: u16 = 110;

/// Draws the list.
pub fn draw(look: Look<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, WIDE);
    let lines = if look.model.settings.tests.is_empty() { none(look, columns) } else { lines(look, columns) };
    show(look, "Functional tests", lines, scroll, (area, WIDE), buf);
}

fn none(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let mut lines = text(look, "No test is configured: whoever ticks the step says so.", columns, Role::Unknown);
    lines.push(Line::raw(""));
    let told = "Each is an HTTP request to one service, with what its answer must be: write it as [[test]] into \
                backout.toml. `backout init` writes the file with an example of a login and an order.";
    lines.extend(text(look, told, columns, Role::Plain));
    lines
}

fn lines(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let model = look.model;
    let summary = model.tests_summary();
    let (sign, role) = sign(summary.verdict);
    let mut lines = text(look, &format!("{sign} {}", summary.value), columns, role);
    let offer = match (model.next_tests(), model.tests.asked) {
        (Next::Wait, asked) => {
            let (age, left) =
                asked.map_or((String::new(), 0), |a| (short(model.now.mono.saturating_sub(a.since)), a.left));
            format!("{} Running for {age}: {left} to come.", glyph::WAITING)
        }
        (Next::Read(tests), _) => {
            let which = count(tests.len(), "test that only reads", "tests that only read");
            format!("Enter runs {which}, each once. What writes comes after they have passed.")
        }
        (Next::Write(tests), _) => {
            let writes = tests.iter().filter(|t| t.writes.is_some()).count();
            format!("Enter plans the {writes} that write; nothing runs before you confirm.")
        }
        (Next::Nothing, _) => "All have passed. Enter goes back.".into(),
    };
    lines.extend(text(look, &offer, columns, Role::Key));
    for test in model.tests_placed() {
        lines.push(Line::raw(""));
        lines.extend(one(look, &test, columns));
    }
    lines
}

fn one(look: Look<'_>, test: &Test, columns: usize) -> Vec<Line<'static>> {
    let (sign, role, said) = match look.model.test_result(test) {
        None => (glyph::TODO, Role::Dim, "not run yet".into()),
        Some((ran, outdated)) => {
            let words = ran.outcome.words();
            let took = if ran.took.is_zero() { String::new() } else { format!(", {} ms", ran.took.as_millis()) };
            let age = short(since(ran.at, look.now()));
            let told = format!("{words}{took} at {}, {age} ago", ran.at.format("%H:%M:%S"));
            match outdated {
                None => {
                    let (sign, role) = self::sign(ran.outcome.verdict());
                    (sign, role, told)
                }
                Some(why) => (glyph::UNKNOWN, Role::Unknown, format!("unknown now, {}: {told}", why.words())),
            }
        }
    };
    let mut lines = text(look, &format!("{sign} {}: {said}", test.name), columns, role);
    let mut asks = vec![format!("{} -> {}", test.asks(), test.status)];
    asks.extend(test.expects.iter().map(ToString::to_string));
    asks.push(format!("within {}", short_length(test)));
    lines.extend(indented(look, &asks.join(", "), columns, Role::Dim));
    if let Some(creates) = &test.writes {
        lines.extend(indented(look, &format!("{} it writes: {creates}", glyph::WARN), columns, Role::Warn));
    }
    lines
}

fn short_length(test: &Test) -> String {
    if test.within.subsec_millis() > 0 { format!("{} ms", test.within.as_millis()) } else { short(test.within) }
}

fn indented(look: Look<'_>, told: &str, columns: usize, role: Role) -> Vec<Line<'static>> {
    let lines = text(look, told, columns.saturating_sub(2), role);
    lines.into_iter().map(|l| Line::styled(format!("  {l}"), l.style)).collect()
}

const fn sign(verdict: Verdict) -> (&'static str, Role) {
    match verdict {
        Verdict::Met => (glyph::OK, Role::Ok),
        Verdict::NotMet => (glyph::BAD, Role::Bad),
        Verdict::Unknown => (glyph::UNKNOWN, Role::Unknown),
    }
}
