//! The first sheet of a plan: what changes in a few lines, what to know before, the command it stands for, and the line
//! where the datum is typed. What does not fit scrolls, and nothing is confirmed before all of it was on screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::domain::fact::Aside;
use crate::domain::name::Service;
use crate::domain::severity::Severity;
use crate::helm;
use crate::helm::choices::Replicas;
use crate::helm::plan::{Change, Finding, Level, Method, Operation};
use crate::model::Model;
use crate::model::arm::Arm;
use crate::model::dialog::Read;
use crate::plan::{DatumKind, Plan};
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;
use crate::ui::widgets::text::{styled, wrap};

use super::{functional, labelled, maintenance, plan, revert, silence, text, workload};

/// What was typed, what is still unread, and why the last Enter did nothing.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Typed so far.
    pub typed: &'a str,
    /// How far the sheet has been on screen.
    pub read: Read,
    /// The complaint.
    pub complaint: Option<&'a str>,
}

/// Lines that the whole sheet wants.
pub fn rows(look: Look<'_>, plan: &Plan, answer: Answer<'_>, columns: usize) -> usize {
    body(look, plan, columns).len() + datum(look, plan, answer, 0, columns).len()
}

/// Draws the sheet: what is to be known scrolls, the line to type in stands.
pub fn draw(look: Look<'_>, plan: &Plan, answer: Answer<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width);
    let body = body(look, plan, columns);
    let unread = match answer.read {
        Read::Whole => 0,
        Read::To { of: 0, .. } => {
            let rows = usize::from(area.height).saturating_sub(datum(look, plan, answer, 0, columns).len());
            body.len().saturating_sub(rows)
        }
        Read::To { .. } => usize::from(answer.read.left()),
    };
    let bottom = datum(look, plan, answer, unread, columns);
    let rows = Constraint::Length(u16::try_from(bottom.len()).unwrap_or(u16::MAX));
    let [above, below] = Layout::vertical([Constraint::Fill(1), rows]).areas(area);
    border::put_scrolled(look, body, scroll, above, buf);
    border::put(bottom, below, buf);
}

/// All that is to be known before saying yes.
fn body(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let mut lines = top(look, plan, columns);
    lines.extend(content(look, plan, columns));
    lines.extend(findings(look, plan, columns));
    if look.model.open_incident().is_none() {
        let severity = look.model.suggestion.as_ref().map_or(Severity::Sev2, |s| s.severity.max(Severity::Sev2));
        let opens = format!("{} note: No incident is open: confirming this declares one, {severity}.", glyph::INFO);
        lines.extend(text(look, &opens, columns, Role::Plain));
    }
    lines.extend(command(look, plan, columns));
    lines
}

/// The command line, where one does the same.
pub fn command(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    match plan.command() {
        "" => Vec::new(),
        command => text(look, &format!("$ {command}"), columns, Role::Dim),
    }
}

fn top(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let mut lines = plan::identity(look, columns);
    lines.extend(match plan {
        Plan::RollBack(plan) => moves(look, plan),
        Plan::Workload(plan) => workload::moves(look, plan),
        Plan::Maintenance(plan) => maintenance::moves(look, plan),
        Plan::Revert(plan) => revert::moves(look, plan),
        Plan::Silence(plan) => silence::moves(look, plan),
        Plan::Tests(plan) => functional::run::moves(look, plan),
    });
    lines
}

/// What the acted-on thing is and becomes.
fn content(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    match plan {
        Plan::RollBack(plan) => of_release(look, plan, columns),
        Plan::Workload(plan) => workload::content(look, plan, columns),
        Plan::Maintenance(plan) => maintenance::content(look, plan, columns),
        Plan::Revert(plan) => revert::content(look, plan, columns),
        Plan::Silence(plan) => silence::content(look, plan, columns),
        Plan::Tests(plan) => functional::run::content(look, plan, columns),
    }
}

fn moves(look: Look<'_>, plan: &helm::plan::Plan) -> Vec<Line<'static>> {
    let method = match plan.method {
        Method::Csa => "three-way merge",
        Method::Ssa => "server-side apply",
    };
    let moves = format!("{}: revision {} -> {}, written as revision {}", plan.release, plan.from, plan.to, plan.writes);
    let (method, told) = match &plan.program {
        Some(program) => (program.path.as_str(), plan.summary()),
        None => (method, format!("{}, {} same", plan.summary(), plan.of(Change::Same).count())),
    };
    vec![
        Line::from(vec![
            Span::styled(moves, look.theme.style(Role::Target)),
            Span::styled(format!(" · {method}"), look.theme.style(Role::Dim)),
        ]),
        Line::styled(told, look.theme.style(Role::Key)),
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

/// Target, images, objects, replicas: what cannot be undone and what is most asked for first; hooks are among the
/// findings.
fn of_release(look: Look<'_>, plan: &helm::plan::Plan, columns: usize) -> Vec<Line<'static>> {
    let images: Vec<String> =
        plan.images.iter().map(|i| format!("{} {} -> {}", i.service, i.from.tag(), i.to.tag())).collect();
    let images = if images.is_empty() { "none changes".into() } else { images.join(", ") };
    let mut lines = target(look, plan, columns);
    if plan.program.is_some() {
        return lines;
    }
    lines.extend(labelled(look, "images", &images, columns, Role::Plain));
    for change in [Change::Delete, Change::Create, Change::Update, Change::Adopt] {
        lines.extend(objects(look, plan, change, columns));
    }
    let replicas: Vec<String> = plan.operations.iter().filter_map(|o| replicas(look.model, o)).collect();
    if !replicas.is_empty() {
        lines.extend(labelled(look, "replicas", &replicas.join(", "), columns, Role::Plain));
    }
    lines.extend(objects(look, plan, Change::Keep, columns));
    let offers = offers(plan);
    if !offers.is_empty() && matches!(plan.datum(), helm::plan::Datum::Revision(_)) {
        lines.extend(labelled(look, "choose", &offers.join(" · "), columns, Role::Key));
    }
    lines
}

/// What speaks for the revision; loudly where nothing but its record does.
fn target(look: Look<'_>, plan: &helm::plan::Plan, columns: usize) -> Vec<Line<'static>> {
    let lived = look.model.lives.read.get(&plan.to);
    let verdict = look.model.choice.as_ref().and_then(|c| c.verdicts.get(&plan.to));
    let why = verdict.map_or("", |(_, why)| why.as_str());
    let measured = lived.is_some_and(|l| l.errors.is_some() || l.p95.is_some());
    if measured {
        return labelled(look, "target", why, columns, Role::Plain);
    }
    let never = format!("{} revision {} was never measured: nobody knows that it was good.", glyph::WARN, plan.to);
    let record = if why.is_empty() { String::new() } else { format!(" Its record: {why}.") };
    labelled(look, "target", &format!("{never}{record}"), columns, Role::Warn)
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
    let unknown = model.feeds.lacking.get(&Aside::Autoscalers);
    let unknown = unknown.map(|fault| format!(" (what scales it is not known: {})", fault.sentence()));
    let scaled = model
        .feeds
        .workloads
        .known()
        .and_then(|w| w.values().find(|w| w.name == service && w.kind.kind() == operation.kind))
        .and_then(|w| w.autoscaled)
        .map(|(least, most)| format!(" (HPA scales {least} to {most})"))
        .or(unknown)
        .unwrap_or_default();
    Some(format!("{} {} -> {}{scaled}", operation.name, shown(&field.live), shown(&field.target)))
}

/// What can be chosen otherwise, each on its key.
fn offers(plan: &helm::plan::Plan) -> Vec<&'static str> {
    let mut all = Vec::new();
    match plan.choices.replicas {
        Replicas::AsLive => all.push("live numbers of pods are kept; p sets the target's"),
        Replicas::AsTarget if plan.can_keep_replicas() => all.push("p keeps the live numbers of pods"),
        Replicas::AsTarget => {}
    }
    if !plan.choices.force.is_empty() {
        all.push("what others manage is taken over; f leaves it");
    } else if plan.can_force() {
        all.push("f takes over what others manage");
    }
    all
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

/// The findings, the gravest first, each with what to do about it.
fn findings(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let mut all: Vec<&Finding> = plan.findings().iter().collect();
    all.sort_by_key(|f| f.level);
    let mut lines = Vec::new();
    for finding in all {
        let (sign, word, role) = gravity(finding.level);
        let sentence = finding.sentence.trim_end_matches('.');
        let told = format!("{sign} {word}: {sentence}. {}", finding.cure);
        let parts = wrap(&told, columns.saturating_sub(2)).into_iter().enumerate();
        let indented = parts.map(|(i, part)| if i == 0 { part } else { format!("  {part}") });
        lines.extend(styled(indented.collect(), look.theme.style(role)));
    }
    lines
}

/// What is to be typed, what was, and what stands in the way: above all, lines that were not on screen yet.
fn datum(look: Look<'_>, plan: &Plan, answer: Answer<'_>, unread: usize, columns: usize) -> Vec<Line<'static>> {
    if let Some(finding) = plan.blocked() {
        let told = format!("{} This plan will not run. {}", glyph::BAD, finding.cure);
        return text(look, &told, columns, Role::Bad);
    }
    let mut lines = armed(look, plan, answer, columns);
    if unread > 0 && answer.complaint.is_none() {
        let told = format!("{} more lines to know first: ↓ or PgDn", glyph::WARN);
        lines.extend(text(look, &told, columns, Role::Warn));
    }
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
        (Arm::Asked { .. }, _) => "a once more arms; any other key stays safe",
        (Arm::Safe, DatumKind::Number) => "safe: nothing can run yet; a twice arms",
        (Arm::Safe, DatumKind::Name) => "safe: nothing can run yet; Esc, then a twice arms, then come back here",
        (Arm::ReadOnly, _) => "read-only: nothing can be changed from here; the command above can be copied",
    };
    text(look, &format!("{} {told}", glyph::WARN), columns, Role::Warn)
}
