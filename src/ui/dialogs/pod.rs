//! A pod, closely: its containers with their last exit, its events, the end of its logs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::detail::PodDetail;
use crate::domain::moment::{short, since};
use crate::domain::name::PodName;
use crate::domain::workload::{ContainerRow, Pod};
use crate::model::feed::{Feed, Reading};
use crate::ui::look::Look;
use crate::ui::panes::alerts::warning;
use crate::ui::panes::pods::{sign, word};
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;

use super::{columns, show, text};

/// Draws the detail; the row is live, the rest has its age.
pub fn draw(look: Look<'_>, name: &PodName, detail: &Feed<PodDetail>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 150);
    let mut lines = Vec::new();
    let read = detail.read(look.model.now);
    let init = detail.known().map_or(&[][..], |d| d.init.as_slice());
    match look.model.feeds.pods.known().and_then(|t| t.get(name)) {
        Some(pod) => lines.extend(row(look, pod, init, columns)),
        None => lines.extend(text(look, "This pod is gone.", columns, Role::Warn)),
    }
    lines.push(Line::raw(""));
    lines.push(Line::from(vec![
        Span::styled("Events and logs  ", look.theme.style(Role::Key)),
        reading::age(look.theme, &read),
    ]));
    match &read {
        Reading::Loading => lines.extend(reading::loading(look.theme, "events and logs", columns)),
        Reading::Dark { fault, .. } => lines.extend(reading::dark(look.theme, fault, columns, 6)),
        Reading::Fresh { value, .. } => lines.extend(more(look, value, columns)),
        Reading::Stale { value, fault, .. } => {
            lines.extend(fault.iter().flat_map(|f| reading::dark(look.theme, f, columns, 3)));
            lines.extend(more(look, value, columns));
        }
    }
    show(look, name.as_str(), lines, scroll, (area, 150), buf);
}

fn row(look: Look<'_>, pod: &Pod, init: &[ContainerRow], columns: usize) -> Vec<Line<'static>> {
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
    let rows = init.iter().map(|c| ("init ", c)).chain(pod.containers.iter().map(|c| ("", c)));
    for (kind, container) in rows {
        let role = if container.ready { Role::Plain } else { Role::Bad };
        lines.extend(text(look, &self::container(look, kind, container), columns, role));
    }
    lines
}

/// `✖ order-service (order-service:2.4.0) CrashLoopBackOff, 4 restarts ever; last exit 1 Error, 22 s ago`
fn container(look: Look<'_>, kind: &str, container: &ContainerRow) -> String {
    let sign = if container.ready { glyph::OK } else { glyph::BAD };
    let exit = container.last_exit.as_ref().map_or_else(
        || "never ended".into(),
        |e| format!("last exit {} {}, {} ago", e.code, e.reason, short(since(e.at, look.now()))),
    );
    let ready = if container.ready { "ready" } else { "not ready" };
    format!(
        "{sign} {kind}{} ({}) {}, {ready}, {} restarts ever; {exit}",
        container.name,
        container.image.short(),
        container.state,
        container.restarts,
    )
}

fn more(look: Look<'_>, detail: &PodDetail, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if detail.events.is_empty() {
        lines.extend(reading::empty(look.theme, "no events are kept for this pod", columns));
    }
    for event in &detail.events {
        lines.extend(text(look, &warning(look, event), columns, Role::Warn));
    }
    for log in &detail.logs {
        let run = if log.previous { ", the run before" } else { "" };
        lines.push(Line::raw(""));
        lines.push(Line::styled(
            format!("Log of {}{run} (End: the newest line)", log.container),
            look.theme.style(Role::Key),
        ));
        match &log.lines {
            Err(why) => lines.extend(text(look, &format!("{} {why}", glyph::UNKNOWN), columns, Role::Unknown)),
            Ok(told) if told.is_empty() => lines.extend(reading::empty(look.theme, "the log is empty", columns)),
            Ok(told) => told.iter().for_each(|l| lines.extend(text(look, l, columns, Role::Plain))),
        }
    }
    lines
}
