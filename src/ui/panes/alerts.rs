//! Alerts, the loudest first; the rules that ring, each with its samples; and the cluster's Warning events.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::alert::{Alert, AlertState, AlertWeight};
use crate::domain::detection::{Tier, by_rule};
use crate::domain::fact::Aside;
use crate::domain::moment::{short, since};
use crate::domain::workload::Warning;
use crate::model::feed::Reading;
use crate::model::panes::Pane;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::wrap;
use crate::ui::widgets::{border, reading};

/// Draws the pane.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let read = look.model.feeds.alerts.read(look.model.now);
    let title = match look.model.feeds.alerts.known() {
        None => Pane::Alerts.title().into(),
        Some(alerts) => {
            let firing = alerts.iter().filter(|a| a.state == AlertState::Firing).count();
            format!("{} · {firing} firing", Pane::Alerts.title())
        }
    };
    let inner = border::pane(look, Pane::Alerts, &title, reading::age(look.theme, &read), area, buf);
    let columns = usize::from(inner.width);
    let mut lines = match &read {
        Reading::Loading => reading::loading(look.theme, "alerts", columns),
        Reading::Dark { fault, .. } => reading::dark(look.theme, fault, columns, 4),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } if value.is_empty() => {
            reading::empty(look.theme, "no alert is firing or pending", columns)
        }
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => value.iter().map(|a| alert(look, a)).collect(),
    };
    if let Some(fault) = look.model.feeds.lacking.get(&Aside::Alerts) {
        lines.extend(reading::lacking(look.theme, Aside::Alerts, fault, columns));
    }
    let stale = if reading::is_stale(&read) { lines.len() } else { 0 };
    for line in lines.iter_mut().take(stale) {
        *line = std::mem::take(line).patch_style(look.theme.style(Role::Dim));
    }
    lines.extend(rules(look, columns));
    lines.extend(warnings(look, columns));
    let scroll = u16::try_from(look.model.panes.alerts_scroll).unwrap_or(u16::MAX);
    border::put_scrolled(look, lines, scroll, inner, buf);
}

fn alert(look: Look<'_>, alert: &Alert) -> Line<'static> {
    let (sign, word, role) = match (alert.state, alert.weight) {
        (AlertState::Firing, AlertWeight::Critical) => (glyph::BAD, "critical", Role::Bad),
        (AlertState::Firing, AlertWeight::Warning) => (glyph::WARN, "warning", Role::Warn),
        (AlertState::Firing, AlertWeight::Info) => (glyph::INFO, "info", Role::Plain),
        (AlertState::Pending, _) => (glyph::WAITING, "pending", Role::Dim),
        (AlertState::Silenced, AlertWeight::Critical) => (glyph::WARN, "silenced", Role::Warn),
        (AlertState::Silenced, AlertWeight::Warning | AlertWeight::Info) => (glyph::INFO, "silenced", Role::Dim),
    };
    let service = alert.service.as_ref().map_or_else(String::new, |s| format!(" {s}"));
    let who = alert.silence().map_or_else(String::new, |s| format!(" {}", s.words()));
    Line::from(vec![
        Span::styled(format!("{sign} {word:<8} {}{service}", alert.name), look.theme.style(role)),
        Span::styled(
            format!(" {}{who}  {}", short(since(alert.since, look.now())), alert.summary),
            look.theme.style(if role == Role::Dim { Role::Dim } else { Role::Plain }),
        ),
    ])
}

/// The rules that ring, what each says to do, and by which samples; or why none does.
fn rules(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled("Rules", look.theme.style(Role::Key))];
    for (first, more) in by_rule(&look.model.alarms) {
        let (sign, role) = match first.rule.tier {
            Tier::Critical | Tier::High => (glyph::BAD, Role::Bad),
            Tier::Medium => (glyph::WARN, Role::Warn),
        };
        let more = if more == 0 { String::new() } else { format!(", {more} more") };
        let text = format!("{sign} {}{more}: {}", first.sentence(look.now()), first.rule.tier.advice());
        lines.extend(wrap(&text, columns).into_iter().map(|l| Line::styled(l, look.theme.style(role))));
    }
    match (lines.len(), look.model.sees_all()) {
        (1, true) => lines.extend(reading::empty(look.theme, "no rule rings", columns)),
        (_, true) => {}
        (_, false) => {
            let text = format!("{} not everything can be seen: a rule may ring unheard", glyph::UNKNOWN);
            lines.push(Line::styled(text, look.theme.style(Role::Unknown)));
        }
    }
    lines
}

/// The Warning events, or why there are none.
fn warnings(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let read = look.model.feeds.warnings.read(look.model.now);
    let mut lines = vec![Line::from(vec![
        Span::styled("Warning events  ", look.theme.style(Role::Key)),
        reading::age(look.theme, &read),
    ])];
    lines.extend(match &read {
        Reading::Loading => reading::loading(look.theme, "events", columns),
        Reading::Dark { fault, .. } => reading::dark(look.theme, fault, columns, 4),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } if value.is_empty() => {
            reading::empty(look.theme, "no Warning events", columns)
        }
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            value.iter().map(|w| Line::raw(warning(look, w))).collect()
        }
    });
    lines
}

/// `12 s BackOff order-service-… ×14: Back-off restarting failed container`
pub fn warning(look: Look<'_>, warning: &Warning) -> String {
    let times = if warning.count > 1 { format!(" ×{}", warning.count) } else { String::new() };
    let age = short(since(warning.at, look.now()));
    format!("{} {age:<6} {} {}{times}: {}", glyph::WARN, warning.reason, warning.object, warning.message)
}
