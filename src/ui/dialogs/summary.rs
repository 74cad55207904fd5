//! The first sheet of a plan: what changes in a few lines, what to know before, the command it stands for, and the line
//! where the datum is typed. On the smallest screen the changes scroll; findings, command and datum never do.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::domain::name::Service;
use crate::helm;
use crate::helm::plan::{Change, Finding, Level, Method, Operation};
use crate::model::Model;
use crate::model::arm::Arm;
use crate::plan::{DatumKind, Plan};
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;
use crate::ui::widgets::text::wrap_within;

use super::{labelled, plan, text, workload};

/// What was typed, and why the last Enter did nothing.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Typed so far.
    pub typed: &'a str,
    /// The complaint.
    pub complaint: Option<&'a str>,
}

/// Lines that the whole sheet wants.
pub fn rows(look: Look<'_>, plan: &Plan, answer: Answer<'_>, columns: usize) -> usize {
    top(look, plan, columns).len()
        + content(look, plan, columns).len()
        + findings(look, plan, columns, usize::MAX).len()
        + bottom(look, plan, answer, columns).len()
}

/// The command and the line to type in.
fn bottom(look: Look<'_>, plan: &Plan, answer: Answer<'_>, columns: usize) -> Vec<Line<'static>> {
    let mut lines = text(look, &format!("$ {}", plan.command()), columns, Role::Dim);
    lines.truncate(2);
    lines.extend(datum(look, plan, answer, columns));
    lines
}

/// Draws the sheet.
pub fn draw(look: Look<'_>, plan: &Plan, answer: Answer<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    let top = top(look, plan, columns);
    let bottom = bottom(look, plan, answer, columns);
    let middle = content(look, plan, columns);
    let room = rows.saturating_sub(top.len() + bottom.len());
    let findings = findings(look, plan, columns, room.saturating_sub(middle.len().min(room / 2)));
    let count = |lines: &[Line<'_>]| Constraint::Length(u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let [above, changes, known, below] =
        Layout::vertical([count(&top), Constraint::Fill(1), count(&findings), count(&bottom)]).areas(area);
    border::put(top, above, buf);
    border::put_scrolled(look, middle, scroll, changes, buf);
    border::put(findings, known, buf);
    border::put(bottom, below, buf);
}

fn top(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let mut lines = plan::identity(look, columns);
    lines.extend(match plan {
        Plan::RollBack(plan) => moves(look, plan),
        Plan::Workload(plan) => workload::moves(look, plan),
    });
    lines
}

/// What the acted-on thing is and becomes.
fn content(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    match plan {
        Plan::RollBack(plan) => of_release(look, plan, columns),
        Plan::Workload(plan) => workload::content(look, plan, columns),
    }
}

fn moves(look: Look<'_>, plan: &helm::plan::Plan) -> Vec<Line<'static>> {
    let method = match plan.method {
        Method::Csa => "three-way merge",
        Method::Ssa => "server-side apply",
    };
    let moves = format!("{}: revision {} -> {}, written as revision {}", plan.release, plan.from, plan.to, plan.writes);
    let same = plan.of(Change::Same).count();
    vec![
        Line::from(vec![
            Span::styled(moves, look.theme.style(Role::Target)),
            Span::styled(format!(" · {method}"), look.theme.style(Role::Dim)),
        ]),
        Line::styled(format!("{}, {same} same", plan.summary()), look.theme.style(Role::Key)),
    ]
}

/// `Deployment order-service, payment-service · Secret keys`
fn by_kind(operations: &[&Operation]) -> String {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for operation in operations {
        match kinds.iter_mut().find(|(kind, _)| *kind == operation.kind) {
            Some((_, names)) => names.push(&operation.name),
            None => kinds.push((&operation.kind, vec![&operation.name])),
        }
    }
    kinds.iter().map(|(kind, names)| format!("{kind} {}", names.join(", "))).collect::<Vec<_>>().join(" · ")
}

/// Images, objects, replicas, hooks: what cannot be undone and what is most asked for first.
fn of_release(look: Look<'_>, plan: &helm::plan::Plan, columns: usize) -> Vec<Line<'static>> {
    let images: Vec<String> =
        plan.images.iter().map(|i| format!("{} {} -> {}", i.service, i.from.tag(), i.to.tag())).collect();
    let images = if images.is_empty() { "none changes".into() } else { images.join(", ") };
    let mut lines = labelled(look, "images", &images, columns, Role::Plain);
    for change in [Change::Delete, Change::Create, Change::Update, Change::Adopt] {
        lines.extend(objects(look, plan, change, columns));
    }
    let replicas: Vec<String> = plan.operations.iter().filter_map(|o| replicas(look.model, o)).collect();
    if !replicas.is_empty() {
        lines.extend(labelled(look, "replicas", &replicas.join(", "), columns, Role::Plain));
    }
    let hooks: Vec<String> = plan
        .hooks
        .iter()
        .map(|h| format!("{} {} {} ({})", h.kind, h.name, if h.runs { "runs" } else { "does not run" }, h.event))
        .collect();
    if !hooks.is_empty() {
        lines.extend(labelled(look, "hooks", &hooks.join(", "), columns, Role::Plain));
    }
    lines.extend(objects(look, plan, Change::Keep, columns));
    lines
}

/// The objects to which one thing happens.
fn objects(look: Look<'_>, plan: &helm::plan::Plan, change: Change, columns: usize) -> Vec<Line<'static>> {
    let operations: Vec<&Operation> = plan.of(change).collect();
    if operations.is_empty() {
        return Vec::new();
    }
    let role = if change == Change::Delete { Role::Bad } else { Role::Plain };
    labelled(look, change.word(), &by_kind(&operations), columns, role)
}

/// How many pods a workload gets, and who scales it besides.
fn replicas(model: &Model, operation: &Operation) -> Option<String> {
    let field = operation.fields.iter().find(|f| f.path == ".spec.replicas")?;
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "unset".into());
    let service = Service::new(&operation.name);
    let scaled = model
        .feeds
        .workloads
        .known()
        .and_then(|w| w.values().find(|w| w.name == service && w.kind.kind() == operation.kind))
        .and_then(|w| w.autoscaled)
        .map_or_else(String::new, |(least, most)| format!(" (HPA scales {least} to {most})"));
    Some(format!("{} {} -> {}{scaled}", operation.name, shown(&field.live), shown(&field.target)))
}

/// Sign, word and role of a finding's gravity.
pub const fn gravity(level: Level) -> (&'static str, &'static str, Role) {
    match level {
        Level::Block => (glyph::BAD, "blocked", Role::Bad),
        Level::Confirm => (glyph::WARN, "mind", Role::Warn),
        Level::Warn => (glyph::WARN, "warning", Role::Warn),
        Level::Info => (glyph::INFO, "note", Role::Plain),
    }
}

/// The findings, the gravest first, in at most so many rows; what does not fit is counted.
fn findings(look: Look<'_>, plan: &Plan, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let mut all: Vec<&Finding> = plan.findings().iter().collect();
    all.sort_by_key(|f| f.level);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (index, finding) in all.iter().enumerate() {
        let (sign, word, role) = gravity(finding.level);
        let told = wrap_within(&format!("{sign} {word}: {}", finding.sentence), columns, 2);
        let last = index + 1 == all.len();
        if lines.len() + told.len() + usize::from(!last) > rows {
            let left = all.len() - index;
            lines.push(Line::styled(format!("… {left} more to know: Tab"), look.theme.style(Role::Warn)));
            break;
        }
        lines.extend(told.into_iter().map(|l| Line::styled(l, look.theme.style(role))));
    }
    lines
}

/// What is to be typed, what was, and what stands in the way.
fn datum(look: Look<'_>, plan: &Plan, answer: Answer<'_>, columns: usize) -> Vec<Line<'static>> {
    if let Some(finding) = plan.blocked() {
        let told = format!("{} This plan will not run. {}", glyph::BAD, finding.cure);
        return text(look, &told, columns, Role::Bad);
    }
    let mut lines = armed(look, plan, answer, columns);
    let datum = plan.datum();
    let why = if datum.why.is_empty() { String::new() } else { format!(": {}", datum.why) };
    let told = format!(" ({}{why}), then Enter: ", datum.what);
    let asked = vec![Span::styled(format!("Type {}", datum.wanted), look.theme.style(Role::Key)), Span::raw(told)];
    let typed = Span::styled(format!(" {}▏ ", answer.typed), look.theme.style(Role::Cursor));
    let mut line = Line::from(asked);
    if line.width() + typed.width() <= columns {
        line.spans.push(typed);
        lines.push(line);
    } else {
        lines.extend([line, Line::from(typed)]);
    }
    if let Some(complaint) = answer.complaint {
        lines.extend(text(look, &format!("{} not confirmed: {complaint}", glyph::BAD), columns, Role::Bad));
    }
    lines
}

/// What the arm state lets through, where it does not let this through.
fn armed(look: Look<'_>, plan: &Plan, answer: Answer<'_>, columns: usize) -> Vec<Line<'static>> {
    let told = match (look.model.arm.at(look.model.now.mono), plan.datum().kind) {
        (Arm::Armed { .. }, _) => return Vec::new(),
        (Arm::Safe, DatumKind::Number) if answer.complaint.is_some() => return Vec::new(),
        (Arm::Safe, DatumKind::Number) => "safe: nothing can run yet; a arms",
        (Arm::Safe, DatumKind::Name) => "safe: nothing can run yet; Esc, then a arms, then come back here",
        (Arm::ReadOnly, _) => "read-only: nothing can be changed from here; the command above can be copied",
    };
    text(look, &format!("{} {told}", glyph::WARN), columns, Role::Warn)
}
