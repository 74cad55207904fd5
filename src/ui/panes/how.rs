//! What a curve that fills the screen tells beside the services: how all of them do together, how it was asked, and why
//! nothing newer came.
//!
//! Never: a verdict over all together; one bad service of ten disappears in it.

use ratatui::text::{Line, Span};

use crate::domain::figure::value;
use crate::domain::metrics::{Curves, Signal};
use crate::domain::moment::short;
use crate::domain::series::Series;
use crate::model::feed::Reading;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::curve_line::Scale;
use crate::ui::widgets::reading;
use crate::ui::widgets::text::{cut, fit, fit_right, styled, wrap, wrap_within};

/// Columns of a service's name.
pub fn names(columns: usize) -> usize {
    (columns / 4).clamp(8, 24)
}

/// All services together: value, age and curve; else why there is none.
pub fn together(look: Look<'_>, signal: Signal, scale: &Scale, columns: usize) -> Vec<Line<'static>> {
    let Some(read) = look.model.together(signal) else { return Vec::new() };
    let age = reading::age(look.theme, &read).content;
    let sentence = |text: &str, role| styled(wrap_within(text, columns, 2), look.theme.style(role));
    let (value_now, stale, series) = match &read {
        Reading::Loading => return sentence("all services: reading …", Role::Dim),
        Reading::Dark { fault, .. } => {
            return sentence(&format!("{} all services: {}", glyph::UNKNOWN, fault.sentence()), Role::Unknown);
        }
        Reading::Fresh { value, .. } => (last(value), false, value.together()),
        Reading::Stale { value, .. } => (last(value), true, value.together()),
    };
    let Some((now, series)) = value_now.zip(series) else {
        return sentence(&format!("{} all services: no data, {age}", glyph::UNKNOWN), Role::Unknown);
    };
    let said = if stale {
        return sentence(&format!("{} all services: was {}, {age}", glyph::UNKNOWN, value(signal, now)), Role::Stale);
    } else {
        fit_right(&value(signal, now), 8)
    };
    let head = format!("{} {} {said} ", glyph::INFO, fit(&format!("all services, {age}"), names(columns)));
    let mut spans = vec![Span::styled(head, look.theme.style(Role::Key))];
    spans.extend(scale.bar(look.theme, series, columns.saturating_sub(names(columns) + 12)).spans);
    vec![Line::from(spans)]
}

fn last(curves: &Curves) -> Option<f64> {
    curves.together().and_then(Series::last).map(|(_, v)| v)
}

/// How it was asked, the queries whole.
pub fn asked(look: Look<'_>, signal: Signal, curves: &Curves, columns: usize) -> Vec<Line<'static>> {
    let window = format!(
        "last {}, each value over {}, every {}",
        short(look.model.settings.history),
        short(curves.window),
        curves.services.values().next().map_or_else(|| "?".into(), |s| short(s.step)),
    );
    let mut lines = vec![cut(&window, columns)];
    lines.extend(wrap(&format!("query: {}", curves.query), columns));
    if let Some(together) = look.model.feeds.together(signal).and_then(|feed| feed.known()) {
        lines.extend(wrap(&format!("query for all services: {}", together.query), columns));
    }
    styled(lines, look.theme.style(Role::Dim))
}

/// Why nothing newer came.
pub fn failing(look: Look<'_>, signal: Signal, columns: usize) -> Vec<Line<'static>> {
    let fault = look.model.feeds.curves(signal).fault();
    let lines =
        fault.map_or_else(Vec::new, |f| wrap_within(&format!("{} {}", glyph::UNKNOWN, f.sentence()), columns, 2));
    styled(lines, look.theme.style(Role::Dim))
}
