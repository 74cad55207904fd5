//! A pod, closely: its containers with their last exit, its events, the end of its logs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::detail::PodDetail;
use crate::domain::fault::Fault;
use crate::domain::moment::{short, since};
use crate::domain::name::PodName;
use crate::domain::workload::{ContainerRow, Pod};
use crate::ui::look::Look;
use crate::ui::panes::alerts::warning;
use crate::ui::panes::pods::{sign, word};
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;

use super::{columns, show, text};

/// Draws the detail; the row is live, the rest is as it was when it was asked for.
pub fn draw(
    look: Look<'_>,
    name: &PodName,
    detail: Option<&Result<PodDetail, Fault>>,
    scroll: u16,
    area: Rect,
    buf: &mut Buffer,
) {
    let columns = columns(area, 150);
    let mut lines = Vec::new();
    match look.model.feeds.pods.known().and_then(|t| t.get(name)) {
        Some(pod) => lines.extend(row(look, pod, columns)),
        None => lines.extend(text(look, "This pod is gone.", columns, Role::Warn)),
    }
    lines.push(Line::raw(""));
    match detail {
        None => lines.extend(reading::loading(look.theme, "events and logs", columns)),
        Some(Err(fault)) => lines.extend(reading::dark(look.theme, fault, columns, 6)),
        Some(Ok(detail)) => lines.extend(more(look, detail, columns)),
    }
    show(look, name.as_str(), lines, scroll, (area, 150), buf);
}

fn row(look: Look<'_>, pod: &Pod, columns: usize) -> Vec<Line<'static>> {
    let (glyph, role) = sign(pod);
    let (ready, all) = pod.ready();
    let head = format!(
        "{glyph} {}, {ready} of {all} ready, {} restarts in 5 min, made {} ago",
        word(pod),
        pod.restarts,
        short(since(pod.created, look.now())),
    );
    let mut lines = text(look, &head, columns, role);
    let node = if pod.node.is_empty() { "not scheduled" } else { &pod.node };
    lines.extend(text(look, &format!("node {node} · template {}", pod.template), columns, Role::Dim));
    for container in &pod.containers {
        lines.extend(text(
            look,
            &self::container(look, container),
            columns,
            if container.ready { Role::Plain } else { Role::Bad },
        ));
    }
    lines
}

/// `✖ order-service (order-service:2.4.0) CrashLoopBackOff, 4 restarts ever; last exit 1 Error, 22 s ago`
fn container(look: Look<'_>, container: &ContainerRow) -> String {
    let sign = if container.ready { glyph::OK } else { glyph::BAD };
    let exit = container.last_exit.as_ref().map_or_else(
        || "never ended".into(),
        |e| format!("last exit {} {}, {} ago", e.code, e.reason, short(since(e.at, look.now()))),
    );
    let ready = if container.ready { "ready" } else { "not ready" };
    format!(
        "{sign} {} ({}) {}, {ready}, {} restarts ever; {exit}",
        container.name,
        container.image.short(),
        container.state,
        container.restarts,
    )
}

fn more(look: Look<'_>, detail: &PodDetail, columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled("Events", look.theme.style(Role::Key))];
    if detail.events.is_empty() {
        lines.extend(reading::empty(look.theme, "no events are kept for this pod", columns));
    }
    for event in &detail.events {
        lines.extend(text(look, &warning(look, event), columns, Role::Warn));
    }
    for log in &detail.logs {
        let run = if log.previous { ", the run before" } else { "" };
        lines.push(Line::raw(""));
        lines.push(Line::styled(format!("Log of {}{run}", log.container), look.theme.style(Role::Key)));
        match &log.lines {
            Err(why) => lines.extend(text(look, &format!("{} {why}", glyph::UNKNOWN), columns, Role::Unknown)),
            Ok(told) if told.is_empty() => lines.extend(reading::empty(look.theme, "the log is empty", columns)),
            Ok(told) => told.iter().for_each(|l| lines.extend(text(look, l, columns, Role::Plain))),
        }
    }
    lines
}
