//! Pods, faults first.
//!
//! Never: work that grows with the number of pods; only the rows in view are looked at.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::fact::Aside;
use crate::domain::moment::{short, since};
use crate::domain::workload::{Pod, PodState, Restarts};
use crate::model::feed::Reading;
use crate::model::panes::Pane;
use crate::model::pods::{Extent, PodTable};
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::{fit, fit_end, fit_middle, fit_right};
use crate::ui::widgets::{border, reading};

/// Draws the pane.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let read = look.model.feeds.pods.read(look.model.now);
    let inner = border::pane(look, Pane::Pods, &title(look), reading::age(look.theme, &read), area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    let aside = unscaled(look, columns, rows);
    let rows = rows.saturating_sub(aside.len());
    let mut lines = match &read {
        Reading::Loading => reading::loading(look.theme, "pods", columns),
        Reading::Dark { fault, .. } => reading::dark(look.theme, fault, columns, rows),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => table(look, value, (columns, rows)),
    };
    lines.extend(aside);
    border::put(lines, inner, buf);
    if reading::is_stale(&read) {
        buf.set_style(inner, look.theme.style(Role::Dim));
    }
}

/// Why it is not known what scales the pods, where there is room beside the pods themselves.
fn unscaled(look: Look<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    match look.model.feeds.lacking.get(&Aside::Autoscalers) {
        Some(fault) if rows >= 8 => reading::lacking(look.theme, Aside::Autoscalers, fault, columns),
        Some(_) | None => Vec::new(),
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
        Extent::Whole if table.is_empty() => "Pods · none".into(),
        Extent::Whole => {
            let (well, wanted) = table.serving();
            format!("Pods · {well} of {wanted} ready{filter}")
        }
    }
}

/// The columns that there is room for, each with its gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    name: usize,
    ready: usize,
    state: usize,
    restarts: usize,
    version: usize,
    age: usize,
    node: usize,
}

impl Columns {
    fn of(columns: usize) -> Self {
        let (ready, state, restarts, version, age, node) = match columns {
            0..60 => (4, 11, 4, 7, 0, 0),
            60..100 => (6, 18, 9, 10, 8, 0),
            _ => (6, 20, 9, 24, 8, 22),
        };
        let name = columns.saturating_sub(2 + ready + state + restarts + version + age + node);
        Self { name, ready, state, restarts, version, age, node }
    }

    /// Whether there is room to name them.
    const fn named(self) -> bool {
        self.age > 0
    }
}

/// A cell with its gap; nothing where the column is not there.
fn cell(text: &str, columns: usize, fitted: fn(&str, usize) -> String) -> String {
    match columns {
        0 => String::new(),
        _ => format!("{} ", fitted(text, columns - 1)),
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
    let mut lines = if widths.named() && rows > 3 { vec![head(look, widths)] } else { Vec::new() };
    let (pods, selected) = table.window(look.model.panes.pod.as_ref(), rows.saturating_sub(lines.len()));
    let focused = look.model.focus() == Pane::Pods;
    for (index, pod) in pods.into_iter().enumerate() {
        let line = row(look, pod, widths);
        let selected = focused && selected == Some(index);
        lines.push(if selected { line.patch_style(look.theme.style(Role::Cursor)) } else { line });
    }
    lines
}

fn head(look: Look<'_>, widths: Columns) -> Line<'static> {
    let text = [
        ("", 2),
        ("pod", widths.name),
        ("ready", widths.ready),
        ("state", widths.state),
        ("in 5 min", widths.restarts),
        ("version", widths.version),
        ("age", widths.age),
        ("node", widths.node),
    ]
    .map(|(name, columns)| cell(name, columns, fit))
    .concat();
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
    let (style, dim) = (look.theme.style(role), look.theme.style(Role::Dim));
    let (ready, all) = pod.ready();
    let version = pod.containers.first().map_or("", |c| c.image.tag());
    let age = short(since(pod.created, look.now()));
    let restarts = match pod.restarts {
        // Without a heading a number of nothing is a riddle.
        Restarts::Exactly(0) if !widths.named() => String::new(),
        Restarts::Exactly(n) => format!("{n}×"),
        Restarts::AtLeast(n) => format!("≥{n}×"),
    };
    Line::from(vec![
        Span::styled(format!("{sign} "), style),
        Span::raw(cell(pod.name.as_str(), widths.name, fit_middle)),
        Span::styled(cell(&format!("{ready}/{all}"), widths.ready, fit), style),
        Span::styled(cell(&word(pod), widths.state, fit), style),
        Span::styled(
            cell(&restarts, widths.restarts, if widths.named() { fit } else { fit_right }),
            if pod.restarts.count() > 0 { style } else { dim },
        ),
        Span::raw(cell(version, widths.version, fit_end)),
        Span::styled(cell(&age, widths.age, fit), dim),
        Span::styled(cell(&pod.node, widths.node, fit_middle), dim),
    ])
}
