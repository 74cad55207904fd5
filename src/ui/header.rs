//! The first line: where one is, on which release, how bad, since when, and whether acts are allowed.
//!
//! Never: dropping environment, severity or arm state; what is less is dropped first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::identity::{Environment, Identity, Pin, Realm};
use crate::domain::moment::{clock, since};
use crate::domain::release::Status;
use crate::model::arm::Arm;
use crate::model::feed::Reading;
use crate::model::journal::JournalState;

use super::look::Look;
use super::theme::{Role, glyph};
use super::versions;
use super::widgets::border::put;
use super::widgets::text::{fit_middle, spread};

/// Draws the line.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width);
    let mut shown = Vec::new();
    for detail in 0..=5 {
        let left = left(look, detail);
        let right = right(look, detail);
        if detail == 5 || left.width() + right.width() < columns {
            shown = vec![spread(left, right, columns)];
            break;
        }
    }
    put(shown, area, buf);
}

/// Environment, cluster, release; with less detail the higher the number.
fn left(look: Look<'_>, less: u8) -> Line<'static> {
    let theme = look.theme;
    let mut spans = vec![environment(look), Span::raw(" ")];
    match look.model.identity.read(look.model.now) {
        Reading::Loading => spans.push(Span::styled("reading which cluster …", theme.style(Role::Dim))),
        Reading::Dark { fault, .. } => {
            spans.push(Span::styled(format!("cluster unknown: {}", fault.word()), theme.style(Role::Unknown)));
        }
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            let context = value.context.as_str();
            let context = match less {
                0..=2 => context.into(),
                4 => fit_middle(context, context.chars().count().min(8)),
                _ => fit_middle(context, context.chars().count().min(14)),
            };
            spans.push(Span::styled(format!("{context}/{}", value.namespace), theme.style(Role::Key)));
            if value.pin == Pin::ServerAndCa && less < 3 {
                let how = if less < 1 { " (known by server and CA only)" } else { " (server+CA)" };
                spans.push(Span::styled(how, theme.style(Role::Warn)));
            }
        }
    }
    spans.push(Span::raw("  "));
    spans.extend(release(look, less));
    Line::from(spans)
}

/// PROD, DRILL or another.
pub fn environment(look: Look<'_>) -> Span<'static> {
    let identity = look.model.identity.known();
    let realm = identity.map_or(look.model.settings.realm, |i| i.realm);
    let (word, role) = match (realm, identity.map(|i| &i.environment)) {
        (Realm::Drill, _) => ("DRILL".into(), Role::Elsewhere),
        (Realm::Live, Some(Environment::Other(name))) => (name.clone(), Role::Elsewhere),
        (Realm::Live, Some(Environment::Production) | None) => ("PROD".into(), Role::Prod),
    };
    Span::styled(format!(" {word} "), look.theme.style(role))
}

/// How surely a cluster is known, for a confirmation.
pub fn pinned(identity: &Identity) -> String {
    match &identity.pin {
        Pin::Uid(uid) => format!("cluster uid {}", uid.get(..13).unwrap_or(uid)),
        Pin::ServerAndCa => match &identity.ca {
            Some(ca) => format!("known by server and CA {ca} only"),
            None => "known by its server's address only".into(),
        },
    }
}

fn release(look: Look<'_>, less: u8) -> Vec<Span<'static>> {
    let theme = look.theme;
    let Some(release) = look.model.release() else {
        let text = match look.model.feeds.releases.read(look.model.now) {
            Reading::Loading => "reading releases …".into(),
            Reading::Dark { fault, .. } => format!("releases {}", fault.word()),
            Reading::Fresh { .. } | Reading::Stale { .. } => match &look.model.release {
                Some(name) => format!("no release {name} here"),
                None => "no Helm release here".into(),
            },
        };
        return vec![Span::styled(text, theme.style(Role::Unknown))];
    };
    let Some(live) = release.live().or_else(|| release.last()) else {
        return vec![Span::raw(release.name.to_string())];
    };
    let mut spans = match less {
        0..=4 => vec![Span::raw(format!("{} rev {}", release.name, live.revision))],
        _ => vec![Span::raw(format!("rev {}", live.revision))],
    };
    if less < 2
        && let Some(tag) = versions::tag(release, live.revision)
    {
        spans.push(Span::raw(format!(" ({tag})")));
    }
    // What is in the cluster by an operation that did not get through is said so.
    if live.status == Status::Failed || live.status.is_pending() {
        spans.push(Span::styled(format!(" {}", live.status), theme.style(Role::Warn)));
    }
    if let Some(newest) = release.last().filter(|n| n.revision != live.revision && n.status.is_pending()) {
        let text = if less < 3 { format!(", rev {} {}", newest.revision, newest.status) } else { " …".into() };
        spans.push(Span::styled(text, theme.style(Role::Warn)));
    }
    spans
}

/// Severity, clock, commander, journal, arm.
fn right(look: Look<'_>, less: u8) -> Line<'static> {
    let theme = look.theme;
    let mut spans = Vec::new();
    match &look.model.incident {
        None => spans.push(Span::styled("no incident", theme.style(Role::Dim))),
        Some(incident) => {
            let word = Span::styled(incident.severity.to_string(), theme.style(Role::Bad));
            let age = clock(since(incident.opened, incident.closed.unwrap_or_else(|| look.now())));
            let word = if incident.closed.is_some() { Span::styled("closed", theme.style(Role::Ok)) } else { word };
            spans.extend([word, Span::raw(format!(" T+{age}"))]);
            if less < 1 {
                spans.push(Span::raw(format!("  IC {}", incident.commander)));
            }
        }
    }
    match &look.model.journal {
        JournalState::Writing(_) if less < 2 => spans.push(Span::styled("  writing", theme.style(Role::Dim))),
        JournalState::Ready | JournalState::Writing(_) => {}
        JournalState::Broken { .. } | JournalState::Edited { .. } => {
            spans.push(Span::styled(format!("  {} no journal", glyph::BAD), theme.style(Role::Bad)));
        }
        JournalState::HeldBy { who } => {
            let who = who.briefly();
            spans.push(Span::styled(format!("  {} held by {who}", glyph::WARN), theme.style(Role::Warn)));
        }
        JournalState::Left => {
            spans.push(Span::styled(format!("  {} held by nobody", glyph::WARN), theme.style(Role::Warn)));
        }
    }
    spans.extend([Span::raw(" "), arm(look)]);
    Line::from(spans)
}

/// The arm state in words.
pub fn arm(look: Look<'_>) -> Span<'static> {
    let now = look.model.now.mono;
    match look.model.arm.at(now) {
        Arm::ReadOnly => Span::styled(" read-only ", look.theme.style(Role::Ok)),
        Arm::Safe => Span::styled(" safe ", look.theme.style(Role::Ok)),
        Arm::Asked { .. } => Span::styled(" a arms ", look.theme.style(Role::Warn)),
        Arm::Armed { until } => {
            let left = until.saturating_sub(now).as_secs();
            Span::styled(format!(" ARMED {}:{:02} ", left / 60, left % 60), look.theme.style(Role::Loud))
        }
    }
}
