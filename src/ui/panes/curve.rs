//! Error rate and P95: the worst service with enough traffic to judge, its curve against the limit, and what was
//! deployed meanwhile. Alone on the screen: every service, and how it was asked.
//!
//! Never: an average over services, nor "no data" drawn as zero.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::fault::Fault;
use crate::domain::metrics::{Curves, Signal};
use crate::domain::moment::short;
use crate::domain::name::Service;
use crate::domain::series::Series;
use crate::model::feed::{Feed, Reading};
use crate::model::panes::Pane;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::curve_line::Scale;
use crate::ui::widgets::number::{limit, value};
use crate::ui::widgets::text::{cut, fit_middle, fit_right, styled, wrap_within};
use crate::ui::widgets::{border, reading};

/// A value older than this before the newest one is nobody's headline.
pub const HEADLINE: Duration = Duration::from_secs(30);

/// Draws the pane of a signal.
pub fn draw(look: Look<'_>, signal: Signal, area: Rect, buf: &mut Buffer) {
    let pane = match signal {
        Signal::ErrorRatio | Signal::Traffic => Pane::Errors,
        Signal::P95 => Pane::P95,
    };
    let feed = feed(look, signal);
    let read = feed.read(look.model.now);
    let worst = known(feed).and_then(|c| c.worst(look.model.feeds.traffic.known(), HEADLINE));
    let title = worst.as_ref().map_or_else(|| pane.title().into(), |w| format!("{} · {}", pane.title(), w.service));
    let inner = border::pane(look, pane, &title, reading::age(look.theme, &read), area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    let lines = match &read {
        Reading::Loading => reading::loading(look.theme, "Prometheus", columns),
        Reading::Dark { fault, .. } => reading::dark(look.theme, fault, columns, rows),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            let asked = if is_zoomed(look) { asked(look, value, feed.fault(), (columns, rows)) } else { Vec::new() };
            curves(look, signal, value, worst.as_ref().map(|w| &w.service), (columns, rows), asked)
        }
    };
    border::put(lines, inner, buf);
    if reading::is_stale(&read) {
        buf.set_style(inner, look.theme.style(Role::Dim));
    }
}

fn feed(look: Look<'_>, signal: Signal) -> &Feed<Curves> {
    match signal {
        Signal::ErrorRatio | Signal::Traffic => &look.model.feeds.errors,
        Signal::P95 => &look.model.feeds.p95,
    }
}

fn known(feed: &Feed<Curves>) -> Option<&Curves> {
    feed.known()
}

/// The limits of a signal: well, bad.
fn limits(look: Look<'_>, signal: Signal) -> (f64, f64) {
    let limits = look.model.settings.limits;
    match signal {
        Signal::ErrorRatio | Signal::Traffic => (limits.errors_well, limits.errors_bad),
        Signal::P95 => (limits.p95_well, limits.p95_bad),
    }
}

/// How a value stands to the limits, in words. A value that is no longer known to be so has stood there.
fn standing(look: Look<'_>, signal: Signal, number: f64) -> (&'static str, String, Role) {
    let (well, bad) = limits(look, signal);
    let (sign, words, role) = if number > bad {
        (glyph::BAD, format!("over {}", limit(signal, bad)), Role::Bad)
    } else if number > well {
        (glyph::WARN, format!("over {}", limit(signal, well)), Role::Warn)
    } else {
        (glyph::OK, format!("under {}", limit(signal, well)), Role::Ok)
    };
    if reading::is_stale(&feed(look, signal).read(look.model.now)) {
        return (glyph::UNKNOWN, format!("was {words}"), Role::Unknown);
    }
    (sign, words, role)
}

/// Window, scale and marks that the curves of this pane share.
fn scale(look: Look<'_>, signal: Signal, curves: &Curves) -> Scale {
    let to = look.now();
    let from =
        to - chrono::Duration::from_std(look.model.settings.history).unwrap_or_else(|_| chrono::Duration::hours(1));
    let peak = curves.services.values().filter_map(Series::peak).map(|(_, v)| v).fold(0.0, f64::max);
    let (_, bad) = limits(look, signal);
    let marks = look.model.release().map_or_else(Vec::new, |release| {
        release.revisions.iter().map(|r| (r.updated, r.revision)).filter(|(at, _)| *at >= from && *at <= to).collect()
    });
    Scale { from, to, top: peak.max(bad), limit: bad, marks }
}

fn curves(
    look: Look<'_>,
    signal: Signal,
    curves: &Curves,
    worst: Option<&Service>,
    size: (usize, usize),
    asked: Vec<Line<'static>>,
) -> Vec<Line<'static>> {
    let (columns, rows) = size;
    let Some(series) = worst.and_then(|s| curves.services.get(s)) else {
        let text = if curves.services.is_empty() {
            "no data: no service was measured"
        } else {
            "no traffic: there is nothing to judge"
        };
        let mut lines = reading::empty(look.theme, &format!("{} {text}", glyph::UNKNOWN), columns);
        lines.extend(asked);
        return lines;
    };
    let newest = series.last().map_or(0.0, |(_, v)| v);
    let (sign, words, role) = standing(look, signal, newest);
    let scale = scale(look, signal, curves);
    let head = Span::styled(format!("{sign} {}", value(signal, newest)), look.theme.style(role));
    if rows < 2 {
        let words = format!(" {words}");
        let room = columns.saturating_sub(head.width() + 1 + words.chars().count());
        let mut spans = vec![head, Span::raw(" ")];
        spans.extend(scale.bar(look.theme, series, room).spans);
        spans.push(Span::styled(words, look.theme.style(Role::Dim)));
        return vec![Line::from(spans)];
    }
    let peak = series
        .peak()
        .map_or_else(String::new, |(at, v)| format!(" · peak {} {}", value(signal, v), at.format("%H:%M")));
    let mut lines =
        vec![Line::from(vec![head, Span::raw(format!(" {words}")), Span::styled(peak, look.theme.style(Role::Dim))])];
    let others = if rows >= 8 { curves.services.len() } else { 0 };
    let free = rows.saturating_sub(2 + asked.len());
    let least = if rows >= 12 { 3 } else { 1 };
    let tall = free.saturating_sub(others).clamp(least, 8).min(free.max(1));
    lines.extend(scale.bars(look.theme, series, columns, tall));
    if rows > lines.len() {
        lines.push(scale.marks(look.theme, columns));
    }
    let room = rows.saturating_sub(lines.len() + asked.len());
    let mut services = per_service(look, signal, curves, &scale, columns);
    let kept = if services.len() > room { room.saturating_sub(1) } else { services.len() }.min(others);
    let left = services.len().saturating_sub(kept);
    services.truncate(kept);
    if kept > 0 && left > 0 {
        services.push(Line::styled(format!("… {left} more, none worse"), look.theme.style(Role::Dim)));
    }
    lines.extend(services);
    lines.extend(asked);
    lines
}

/// One row per service, the worst first.
fn per_service(look: Look<'_>, signal: Signal, curves: &Curves, scale: &Scale, columns: usize) -> Vec<Line<'static>> {
    let traffic = look.model.feeds.traffic.known();
    let mut services: Vec<(&Service, &Series, Option<f64>)> =
        curves.services.iter().map(|(name, series)| (name, series, series.last().map(|(_, v)| v))).collect();
    services.sort_by(|a, b| b.2.unwrap_or(-1.0).total_cmp(&a.2.unwrap_or(-1.0)));
    let name_columns = (columns / 4).clamp(8, 24);
    services
        .into_iter()
        .map(|(name, series, newest)| {
            let busy = traffic.is_none_or(|t| t.busy(name));
            let (sign, text, role) = match newest {
                Some(v) if busy => {
                    let (sign, _, role) = standing(look, signal, v);
                    (sign, value(signal, v), role)
                }
                Some(_) => (glyph::UNKNOWN, "idle".into(), Role::Unknown),
                None => (glyph::UNKNOWN, "no data".into(), Role::Unknown),
            };
            let head = format!("{sign} {} {} ", fit_middle(name.as_str(), name_columns), fit_right(&text, 8));
            let room = columns.saturating_sub(name_columns + 12);
            let mut spans = vec![Span::styled(head, look.theme.style(role))];
            spans.extend(scale.bar(look.theme, series, room).spans);
            Line::from(spans)
        })
        .collect()
}

fn is_zoomed(look: Look<'_>) -> bool {
    look.model.panes.zoom.is_some_and(|p| matches!(p, Pane::Errors | Pane::P95))
}

/// How it was asked, the query whole where the pane holds it, and why nothing newer came.
fn asked(look: Look<'_>, curves: &Curves, fault: Option<&Fault>, size: (usize, usize)) -> Vec<Line<'static>> {
    let (columns, rows) = size;
    let window = format!(
        "last {}, each value over {}, every {}",
        short(look.model.settings.history),
        short(curves.window),
        curves.services.values().next().map_or_else(|| "?".into(), |s| short(s.step)),
    );
    let mut lines = vec![cut(&window, columns)];
    lines.extend(wrap_within(&format!("query: {}", curves.query), columns, rows.saturating_sub(8).max(3)));
    // A refusal quotes its query, which stands here already.
    let why = fault.map(|f| format!("{} {}", glyph::UNKNOWN, f.sentence()));
    lines.extend(why.into_iter().flat_map(|why| wrap_within(&why, columns, 2)));
    styled(lines, look.theme.style(Role::Dim))
}

/// The headline in words, with its age: `18.2 % order-service, 3 s`.
pub fn in_words(look: Look<'_>, signal: Signal) -> String {
    let feed = match signal {
        Signal::ErrorRatio | Signal::Traffic => &look.model.feeds.errors,
        Signal::P95 => &look.model.feeds.p95,
    };
    let read = feed.read(look.model.now);
    let age = reading::age(look.theme, &read).content;
    match feed.known().and_then(|c| c.worst(look.model.feeds.traffic.known(), HEADLINE)) {
        Some(worst) => format!("{} {}, {age}", value(signal, worst.value), worst.service),
        None => format!("no data, {age}"),
    }
}
