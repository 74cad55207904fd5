//! A silence: which alert, the plan of it, and how far it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::alert::{Alert, AlertState, AlertWeight, Labels};
use crate::domain::event::Ending;
use crate::domain::moment::{short, since};
use crate::model::jobs::Job;
use crate::silence::plan::Plan;
use crate::ui::look::Look;
use crate::ui::theme::Role;

use super::progress::Light;
use super::revert::list;
use super::{labelled, text};

/// Draws the choice of the alert.
pub fn draw(look: Look<'_>, cursor: &Labels, area: Rect, buf: &mut Buffer) {
    let at = look.model.alerts_to_silence().position(|(labels, _)| labels == cursor).unwrap_or(0);
    let rows = look.model.alerts_to_silence().map(|(_, alert)| row(look, alert)).collect();
    list(look, "Silence which alert?", rows, at, area, buf);
}

/// `critical  HighErrorRate (order-service)  12 min`
fn row(look: Look<'_>, alert: &Alert) -> String {
    let word = match (alert.state, alert.weight) {
        (AlertState::Silenced, _) => "silenced",
        (AlertState::Pending, _) => "pending",
        (AlertState::Firing, AlertWeight::Critical) => "critical",
        (AlertState::Firing, AlertWeight::Warning) => "warning",
        (AlertState::Firing, AlertWeight::Info) => "info",
    };
    let age = short(since(alert.since, look.now()));
    let who = alert.silence().map_or_else(String::new, |s| format!("  {}", s.words()));
    format!("{word:<8}  {}  {age}{who}", alert.called())
}

/// What moves.
pub fn moves(look: Look<'_>, plan: &Plan) -> Vec<Line<'static>> {
    let until = plan.silence.until.format("%H:%M");
    vec![Line::from(vec![
        Span::styled(format!("{}: nobody is called for it until {until}", plan.called), look.theme.style(Role::Target)),
        Span::styled(" · in Alertmanager", look.theme.style(Role::Dim)),
    ])]
}

/// By whom, why, and what it matches.
pub fn content(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let mut lines = labelled(look, "why", &plan.silence.why, columns, Role::Plain);
    lines.extend(labelled(look, "by", plan.silence.by.as_str(), columns, Role::Plain));
    let matched: Vec<String> = plan.labels.shown().collect();
    lines.extend(labelled(look, "exactly", &matched.join(" "), columns, Role::Plain));
    lines
}

/// Every label that is matched, one a line.
pub fn lines(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    plan.labels.shown().flat_map(|label| text(look, &label, columns, Role::Plain)).collect()
}

/// The lights in the order in which they go on.
pub fn lights(plan: &Plan, job: &Job) -> Vec<(Light, &'static str, String)> {
    let (lights, over) = (&job.lights, job.ending.is_some());
    let rings = if lights.checked { format!("{} still rings", plan.called) } else { String::new() };
    let made = match lights.objects.get(&0) {
        Some(Err(why)) => (Light::Failed, "silence made", why.clone()),
        Some(Ok(_)) => (Light::On, "silence made", "this alone proves no quiet".into()),
        None => (Light::on_if(lights.ready, lights.checked && !over), "silence made", String::new()),
    };
    let unseen = matches!(job.ending, Some(Ending::Unseen { .. }));
    let shown = if unseen { "Alertmanager does not show it yet" } else { "" };
    vec![
        (Light::on_if(lights.checked, !over), "alert checked", rings),
        made,
        (Light::on_if(lights.ready, lights.checked && !over), "alert is silenced", shown.into()),
    ]
}
