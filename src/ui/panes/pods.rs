//! Pods, faults first.
//!
//! Never: work that grows with the number of pods; only the rows in view are looked at.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::moment::{short, since};
use crate::domain::workload::{Pod, PodState};
use crate::model::feed::Reading;
use crate::model::panes::Pane;
use crate::model::pods::{Extent, PodTable};
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::{cut, fit, fit_middle, fit_right};
use crate::ui::widgets::{border, reading};

/// Draws the pane.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let read = look.model.feeds.pods.read(look.model.now);
    let inner = border::pane(look, Pane::Pods, &title(look), reading::age(look.theme, &read), area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    let lines = match &read {
        Reading::Loading => reading::loading(look.theme, "pods", columns),
        Reading::Dark { fault, .. } => reading::dark(look.theme, fault, columns),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => table(look, value, (columns, rows)),
    };
    border::put(lines, inner, buf);
    if reading::is_stale(&read) {
        buf.set_style(inner, look.theme.style(Role::Dim));
    }
}

/// `Pods · 8 of 10 ready`, `Pods · 500 of ?`, `Pods · with "order": 2`.
fn title(look: Look<'_>) -> String {
    let Some(table) = look.model.feeds.pods.known() else { return Pane::Pods.title().into() };
    let filter = match table.filter() {
        "" => String::new(),
        text => format!(" · {} with \"{text}\"", table.shown()),
    };
    match table.extent {
        Extent::Partial => format!("Pods · {} of ?{filter}", table.len()),
        Extent::Whole => {
            let (well, wanted) = table.serving();
            format!("Pods · {well} of {wanted} ready{filter}")
        }
    }
}

/// The columns that there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    name: usize,
    state: usize,
    version: usize,
    age: usize,
    node: usize,
}

impl Columns {
    fn of(columns: usize) -> Self {
        let fixed = 2 + 6 + 5;
        let (state, version, age, node) = match columns {
            0..60 => (11, 7, 0, 0),
            60..100 => (18, 10, 8, 0),
            _ => (20, 16, 8, 22),
        };
        Self { name: columns.saturating_sub(fixed + state + version + age + node), state, version, age, node }
    }
}

fn table(look: Look<'_>, table: &PodTable, size: (usize, usize)) -> Vec<Line<'static>> {
    let (columns, rows) = size;
    if table.shown() == 0 {
        let sentence = match (table.extent, table.filter()) {
            (Extent::Partial, _) => return reading::loading(look.theme, "pods", columns),
            (Extent::Whole, "") => format!("no pods in namespace {}", look.model.settings.namespace),
            (Extent::Whole, filter) => format!("no pod with \"{filter}\"; Esc shows all {}", table.len()),
        };
        return reading::empty(look.theme, &sentence, columns);
    }
    let widths = Columns::of(columns);
    let mut lines = vec![head(look, widths)];
    let (pods, selected) = table.window(look.model.panes.pod.as_ref(), rows.saturating_sub(1));
    let focused = look.model.focus() == Pane::Pods;
    for (index, pod) in pods.into_iter().enumerate() {
        let line = row(look, pod, widths);
        lines.push(if focused && selected == Some(index) {
            line.patch_style(look.theme.style(Role::Cursor))
        } else {
            line
        });
    }
    lines
}

fn head(look: Look<'_>, widths: Columns) -> Line<'static> {
    let mut text = format!(
        "  {} {:<5} {} {} {}",
        fit("pod", widths.name.saturating_sub(1)),
        "ready",
        fit("state", widths.state.saturating_sub(1)),
        "in 5m",
        fit("version", widths.version.saturating_sub(1)),
    );
    if widths.age > 0 {
        text.push_str(&fit(" age", widths.age));
    }
    if widths.node > 0 {
        text.push_str(&fit("node", widths.node));
    }
    Line::styled(text, look.theme.style(Role::Dim))
}

/// Sign and role of a pod.
pub fn sign(pod: &Pod) -> (&'static str, Role) {
    match pod.state {
        PodState::Failing(_) => (glyph::BAD, Role::Bad),
        PodState::Running if pod.is_well() => (glyph::OK, Role::Ok),
        PodState::Running => (glyph::WARN, Role::Warn),
        PodState::Starting(_) => (glyph::WAITING, Role::Warn),
        PodState::Terminating => (glyph::INFO, Role::Dim),
        PodState::Completed => (glyph::OK, Role::Dim),
    }
}

/// The word of a pod's state; running but not ready is said as such.
pub fn word(pod: &Pod) -> String {
    let (ready, all) = pod.ready();
    match &pod.state {
        PodState::Running if ready < all => "not ready".into(),
        PodState::Running if !pod.is_well() => "restarting".into(),
        state @ (PodState::Running
        | PodState::Completed
        | PodState::Starting(_)
        | PodState::Terminating
        | PodState::Failing(_)) => state.word().into(),
    }
}

fn row(look: Look<'_>, pod: &Pod, widths: Columns) -> Line<'static> {
    let (sign, role) = sign(pod);
    let style = look.theme.style(role);
    let (ready, all) = pod.ready();
    let version = pod.containers.first().map_or("", |c| c.image.tag());
    let mut spans = vec![
        Span::styled(format!("{sign} "), style),
        Span::raw(format!("{} ", fit_middle(pod.name.as_str(), widths.name.saturating_sub(1)))),
        Span::styled(format!("{:<5} ", format!("{ready}/{all}")), style),
        Span::styled(format!("{} ", fit(&word(pod), widths.state.saturating_sub(1))), style),
        Span::styled(
            format!("{} ", fit_right(&pod.restarts.to_string(), 4)),
            if pod.restarts.count() > 0 { style } else { look.theme.style(Role::Dim) },
        ),
        Span::raw(format!(" {}", fit_middle(version, widths.version.saturating_sub(1)))),
    ];
    if widths.age > 0 {
        let age = short(since(pod.created, look.now()));
        spans.push(Span::styled(format!(" {}", fit(&age, widths.age - 1)), look.theme.style(Role::Dim)));
    }
    if widths.node > 0 {
        spans.push(Span::styled(cut(&pod.node, widths.node), look.theme.style(Role::Dim)));
    }
    Line::from(spans)
}
