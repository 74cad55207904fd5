//! Below 80x24: words instead of panes, what matters most first. On a screen that is only a little smaller, the pane
//! that has the keys stands alone between them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::metrics::Signal;

use super::action;
use super::footer;
use super::header;
use super::layout::Bands;
use super::look::Look;
use super::panes::{self, curve, steps};
use super::situation;
use super::theme::Role;
use super::widgets::border::put;

/// Draws what fits.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width);
    if area.width < 50 || area.height < 12 {
        return put(words(look, columns, usize::from(area.height)), area, buf);
    }
    let said = situation::lines(look, columns, 3);
    let warned = action::warnings(look, columns, 1);
    let offered = action::lines(look, columns, 2);
    let count = |lines: &[Line<'_>]| u16::try_from(lines.len()).unwrap_or(1);
    let bands = Bands::of(area, count(&said), count(&warned), count(&offered));
    header::draw(look, bands.header, buf);
    put(said, bands.situation, buf);
    panes::draw(look, look.model.panes.zoom.unwrap_or_else(|| look.model.focus()), bands.middle, buf);
    put(warned, bands.warnings, buf);
    put(offered, bands.action, buf);
    footer::draw(look, bands.footer, buf);
}

/// The situation, the step, its action; then the rest, as far as there is room.
fn words(look: Look<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let model = look.model;
    let mut lines = situation::lines(look, columns, (rows / 3).clamp(1, 4));
    lines.extend(action::lines(look, columns, (rows / 3).clamp(2, 4)));
    lines.extend(action::warnings(look, columns, 3));
    let place = steps::place(model).filter(|at| *at != model.panes.step);
    if let Some(step) = place.and_then(|at| model.settings.runbook.step(at)) {
        lines.push(Line::raw(format!(" you were at {} {}", step.no, step.title)));
    }
    let severity = model.open_incident().map_or_else(|| "no incident".into(), |i| i.severity.to_string());
    lines.push(Line::from(vec![header::environment(look), Span::raw(format!(" {severity} ")), header::arm(look)]));
    for (signal, name) in [(Signal::ErrorRatio, "errors"), (Signal::P95, "P95")] {
        lines.push(Line::raw(format!(" {name} {}", curve::in_words(look, signal))));
    }
    if let Some(table) = model.feeds.pods.known() {
        let (well, wanted) = table.serving();
        lines.push(Line::raw(format!(" pods {well} of {wanted} ready")));
    }
    if let Some(target) = model.target() {
        lines.push(Line::styled(format!(" target revision {target}"), look.theme.style(Role::Target)));
    }
    lines.push(Line::styled(" ? all keys  q end", look.theme.style(Role::Dim)));
    lines
}
