//! The second sheet of a plan: every object and every field, live against target, then all findings with their cures.

use ratatui::text::{Line, Span};

use crate::helm;
use crate::helm::plan::{Change, FieldChange, Operation};
use crate::plan::Plan;
use crate::ui::look::Look;
use crate::ui::theme::Role;
use crate::ui::widgets::text::{width, wrap};

use super::summary::gravity;
use super::{functional, maintenance, revert, silence, text};

/// All lines.
pub fn lines(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let mut lines =
        text(look, "What is live now (-) against what it becomes (+); secrets are masked.", columns, Role::Dim);
    match plan {
        Plan::RollBack(plan) => lines.extend(objects(look, plan, columns)),
        Plan::Workload(plan) => {
            lines.push(Line::styled(plan.workload.to_string(), look.theme.style(Role::Key)));
            plan.fields.iter().for_each(|f| lines.extend(field(look, f, columns)));
        }
        Plan::Maintenance(plan) => lines.extend(maintenance::lines(look, plan, columns)),
        Plan::Silence(plan) => lines.extend(silence::lines(look, plan, columns)),
        Plan::Tests(plan) => lines.extend(functional::run::lines(look, plan, columns)),
        Plan::Revert(plan) => {
            lines.push(Line::styled(plan.object.to_string(), look.theme.style(Role::Key)));
            plan.fields.iter().for_each(|f| lines.extend(field(look, f, columns)));
            lines.extend(revert::lines(look, plan, columns));
        }
    }
    lines.push(Line::raw(""));
    let mut findings: Vec<_> = plan.findings().iter().collect();
    findings.sort_by_key(|f| f.level);
    for finding in findings {
        let (sign, word, role) = gravity(finding.level);
        lines.extend(text(look, &format!("{sign} {word}: {}", finding.sentence), columns, role));
        lines.extend(indented(look, &finding.cure, columns, Role::Plain));
    }
    lines.extend(text(look, &format!("plan {}", plan.hash()), columns, Role::Dim));
    lines
}

fn objects(look: Look<'_>, plan: &helm::plan::Plan, columns: usize) -> Vec<Line<'static>> {
    if plan.program.is_some() {
        return text(look, "helm tries nothing first: no change is known beforehand.", columns, Role::Warn);
    }
    let changed = plan.operations.iter().filter(|o| o.change != Change::Same);
    let mut lines: Vec<_> = changed.flat_map(|operation| object(look, operation, columns)).collect();
    let same: Vec<String> = plan.of(Change::Same).map(|o| format!("{} {}", o.kind, o.name)).collect();
    if !same.is_empty() {
        lines.extend(text(look, &format!("same: {}", same.join(", ")), columns, Role::Dim));
    }
    lines
}

fn object(look: Look<'_>, operation: &Operation, columns: usize) -> Vec<Line<'static>> {
    let role = match operation.change {
        Change::Delete => Role::Bad,
        Change::Create | Change::Update | Change::Adopt | Change::Keep | Change::Same => Role::Key,
    };
    let place = operation.namespace.as_ref().map_or_else(|| " (whole cluster)".into(), |_| String::new());
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{:<9} ", operation.change.word()), look.theme.style(role)),
        Span::styled(format!("{} {}{place}", operation.kind, operation.name), look.theme.style(role)),
    ])];
    for field in &operation.fields {
        lines.extend(self::field(look, field, columns));
    }
    lines
}

fn field(look: Look<'_>, field: &FieldChange, columns: usize) -> Vec<Line<'static>> {
    let live = field.live.as_deref().unwrap_or("(absent)");
    let target = field.target.as_deref().unwrap_or("(removed)");
    let short = format!("  {}  {live} -> {target}", field.path);
    let mut lines = if width(&short) <= columns && !live.contains('\n') && !target.contains('\n') {
        vec![Line::from(vec![
            Span::raw(format!("  {}  ", field.path)),
            Span::styled(format!("{live} -> {target}"), look.theme.style(Role::Target)),
        ])]
    } else {
        let mut lines = indented(look, &field.path, columns, Role::Plain);
        lines.extend(marked(look, "-", live, columns, Role::Bad));
        lines.extend(marked(look, "+", target, columns, Role::Ok));
        lines
    };
    if let Some(who) = &field.drift {
        lines.extend(indented(look, &format!("  changed by hand since: {who}"), columns, Role::Warn));
    }
    lines
}

fn marked(look: Look<'_>, mark: &str, value: &str, columns: usize, role: Role) -> Vec<Line<'static>> {
    let style = look.theme.style(role);
    value
        .split('\n')
        .flat_map(|line| wrap(line, columns.saturating_sub(6)))
        .map(|part| Line::styled(format!("    {mark} {part}"), style))
        .collect()
}

fn indented(look: Look<'_>, told: &str, columns: usize, role: Role) -> Vec<Line<'static>> {
    let style = look.theme.style(role);
    wrap(told, columns.saturating_sub(2)).into_iter().map(|l| Line::styled(format!("  {l}"), style)).collect()
}
