//! Error rate and P95: the worst service with enough traffic to judge, its curve against the limit, and what was
//! deployed meanwhile. Alone on the screen: all services together, every service, and how it was asked.
//!
//! Never: an average over services in the place of the worst, nor "no data" drawn as zero.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::band::{Band, Bands};
use crate::domain::figure::{limit, value};
use crate::domain::metrics::{Curves, FRESH, Signal};
use crate::domain::name::Service;
use crate::domain::series::Series;
use crate::model::feed::Reading;
use crate::model::headline::lacking;
use crate::model::panes::Pane;
use crate::ui::look::Look;
use crate::ui::panes::how;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::curve_line::Scale;
use crate::ui::widgets::text::{fit_middle, fit_right};
use crate::ui::widgets::{border, reading};

/// Draws the pane of a signal.
pub fn draw(look: Look<'_>, signal: Signal, area: Rect, buf: &mut Buffer) {
    let pane = match signal {
        Signal::ErrorRatio | Signal::Traffic => Pane::Errors,
        Signal::P95 => Pane::P95,
    };
    let service = shown(look, signal);
    let read = look.model.measured(signal, service.as_ref());
    let title = service.as_ref().map_or_else(|| pane.title().into(), |s| format!("{} · {s}", pane.title()));
    let inner = border::pane(look, pane, &title, reading::age(look.theme, &read), area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    let (lines, below) = match &read {
        Reading::Loading => (reading::loading(look.theme, "Prometheus", columns), Vec::new()),
        Reading::Dark { fault, .. } => (reading::dark(look.theme, fault, columns, rows), Vec::new()),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            curves(look, signal, value, service.as_ref(), (columns, rows))
        }
    };
    let above = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(inner.height);
    border::put(lines, inner, buf);
    if !below.is_empty() {
        let area = Rect { y: inner.y + above, height: inner.height - above, ..inner };
        let scroll = u16::try_from(look.model.panes.curve_scroll).unwrap_or(u16::MAX);
        border::put_scrolled(look, below, scroll, area, buf);
    }
    if reading::is_stale(&read) {
        buf.set_style(inner, look.theme.style(Role::Dim));
    }
}

/// Whose curve is drawn: the worst of those that can be judged now, else of those that were last. Where all are well in
/// an incident it stays with who was not, so that one sees it fall.
fn shown(look: Look<'_>, signal: Signal) -> Option<Service> {
    if look.model.headline(signal).worst.as_ref().is_some_and(|w| bands(look, signal).of(w.value) == Some(Band::Well))
        && let Some(accused) = &look.model.accused
        && look.model.feeds.curves(signal).known().is_some_and(|c| c.services.contains_key(accused))
    {
        return Some(accused.clone());
    }
    let last = || {
        let curves = look.model.feeds.curves(signal).known()?;
        curves.worst(look.model.feeds.traffic.known(), FRESH).map(|w| w.service)
    };
    look.model.headline(signal).worst.as_ref().map(|w| w.service.clone()).or_else(last)
}

/// The limits of a signal.
fn bands(look: Look<'_>, signal: Signal) -> Bands {
    let limits = look.model.settings.limits;
    limits.bands(signal).unwrap_or_else(|| limits.errors())
}

/// How the value of a service stands to the limits, in words. A value that is no longer known to be so has stood there.
fn standing(look: Look<'_>, signal: Signal, service: &Service, number: f64) -> (&'static str, String, Role) {
    let bands = bands(look, signal);
    let band = bands.of(number);
    let passed = limit(signal, band.map_or(bands.well, |b| bands.limit(b)));
    let (sign, words, role) = match band {
        Some(Band::High | Band::Critical) => (glyph::BAD, format!("over {passed}"), Role::Bad),
        Some(Band::Raised | Band::Watch) => (glyph::WARN, format!("over {passed}"), Role::Warn),
        Some(Band::Well) => (glyph::OK, format!("under {passed}"), Role::Ok),
        None => (glyph::UNKNOWN, "no number".into(), Role::Unknown),
    };
    if reading::is_stale(&look.model.measured(signal, Some(service))) {
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
    let bad = bands(look, signal).high;
    let marks = look.model.release().map_or_else(Vec::new, |release| {
        release.revisions.iter().map(|r| (r.updated, r.revision)).filter(|(at, _)| *at >= from && *at <= to).collect()
    });
    Scale { from, to, top: peak.max(bad), limit: bad, marks }
}

/// What stands, and what can be gone through below it where the pane fills the screen.
fn curves(
    look: Look<'_>,
    signal: Signal,
    curves: &Curves,
    worst: Option<&Service>,
    (columns, rows): (usize, usize),
) -> (Vec<Line<'static>>, Vec<Line<'static>>) {
    let zoomed = is_zoomed(look);
    let asked = if zoomed { how::asked(look, signal, curves, columns) } else { Vec::new() };
    let why = if zoomed { how::failing(look, signal, columns) } else { Vec::new() };
    let Some((service, series)) = worst.and_then(|s| curves.services.get_key_value(s)) else {
        let text = if curves.services.is_empty() {
            "no data: no service was measured"
        } else {
            "no traffic: there is nothing to judge"
        };
        let mut lines = reading::empty(look.theme, &format!("{} {text}", glyph::UNKNOWN), columns);
        lines.extend(why);
        return (lines, asked);
    };
    let newest = series.last().map_or(0.0, |(_, v)| v);
    let (mut sign, mut words, mut role) = standing(look, signal, service, newest);
    if let Some(who) = lacking(look.model.headline(signal)) {
        // As long as one cannot be judged, the others being well says nothing of the whole.
        if role == Role::Ok {
            (sign, role) = (glyph::UNKNOWN, Role::Unknown);
        }
        words = format!("{words} · {who}");
    }
    let scale = scale(look, signal, curves);
    let head = Span::styled(format!("{sign} {}", value(signal, newest)), look.theme.style(role));
    if rows < 2 {
        let words = format!(" {words}");
        let room = columns.saturating_sub(head.width() + 1 + words.chars().count());
        let mut spans = vec![head, Span::raw(" ")];
        spans.extend(scale.bar(look.theme, series, room).spans);
        spans.push(Span::styled(words, look.theme.style(Role::Dim)));
        return (vec![Line::from(spans)], Vec::new());
    }
    let peak = series
        .peak()
        .map_or_else(String::new, |(at, v)| format!(" · peak {} {}", value(signal, v), at.format("%H:%M")));
    let mut lines =
        vec![Line::from(vec![head, Span::raw(format!(" {words}")), Span::styled(peak, look.theme.style(Role::Dim))])];
    let mut services = per_service(look, signal, curves, &scale, columns);
    let together = if zoomed { how::together(look, signal, &scale, columns) } else { Vec::new() };
    let others = if rows >= 8 { services.len() + together.len() } else { 0 };
    let free = rows.saturating_sub(2 + why.len() + asked.len());
    let least = if rows >= 12 { 3 } else { 1 };
    let tall = free.saturating_sub(others).clamp(least, 8).min(free.max(1));
    lines.extend(scale.bars(look.theme, series, columns, tall));
    if rows > lines.len() {
        lines.push(scale.marks(look.theme, columns));
    }
    lines.extend(why);
    if zoomed {
        return (lines, [together, services, asked].concat());
    }
    let room = rows.saturating_sub(lines.len());
    let kept = if services.len() > room { room.saturating_sub(1) } else { services.len() }.min(others);
    let left = services.len().saturating_sub(kept);
    services.truncate(kept);
    if kept > 0 && left > 0 {
        services.push(Line::styled(format!("… {left} more, none worse"), look.theme.style(Role::Dim)));
    }
    lines.extend(services);
    (lines, Vec::new())
}

/// One row per service, the worst first.
fn per_service(look: Look<'_>, signal: Signal, curves: &Curves, scale: &Scale, columns: usize) -> Vec<Line<'static>> {
    let headline = look.model.headline(signal);
    let traffic = look.model.feeds.traffic.known();
    let mut services: Vec<(&Service, &Series, Option<f64>)> =
        curves.services.iter().map(|(name, series)| (name, series, series.last().map(|(_, v)| v))).collect();
    services.sort_by(|a, b| b.2.unwrap_or(-1.0).total_cmp(&a.2.unwrap_or(-1.0)));
    let name_columns = how::names(columns);
    services
        .into_iter()
        .map(|(name, series, newest)| {
            let busy = traffic.is_none_or(|t| t.busy(name));
            let (sign, text, role) = match newest {
                Some(v) if busy => {
                    let (sign, _, role) = standing(look, signal, name, v);
                    (sign, value(signal, v), role)
                }
                Some(_) if headline.lacking.contains_key(name) => (glyph::UNKNOWN, "too few".into(), Role::Unknown),
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

/// The headline in words, with its age: `18.2 % order-service, 3 s`.
pub fn in_words(look: Look<'_>, signal: Signal) -> String {
    let headline = look.model.headline(signal);
    let read = look.model.measured(signal, headline.worst.as_ref().map(|w| &w.service));
    let age = reading::age(look.theme, &read).content;
    let who = lacking(headline).map(|who| format!("; {who}")).unwrap_or_default();
    match &headline.worst {
        Some(worst) => format!("{} {}, {age}{who}", value(signal, worst.value), worst.service),
        None => format!("no data, {age}{who}"),
    }
}
