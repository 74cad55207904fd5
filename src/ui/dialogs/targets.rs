//! The chooser of the revision to go back to: how each did while it was live, what it changed, and what to think of it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::domain::figure::value;
use crate::domain::metrics::Signal;
use crate::domain::moment::{long, short, since};
use crate::domain::name::Revision;
use crate::domain::release::{Release, RevisionFacts};
use crate::ui::layout::over;
use crate::ui::look::Look;
use crate::ui::panes::first_shown;
use crate::ui::panes::history::verdict;
use crate::ui::theme::{Role, glyph};
use crate::ui::versions;
use crate::ui::widgets::border;
use crate::ui::widgets::text::{fit, wrap_within};

use super::{columns, margin, show, text};

/// The widest it gets.
const WIDE: u16 = 130;

/// Draws the chooser.
pub fn draw(look: Look<'_>, chosen: Revision, area: Rect, buf: &mut Buffer) {
    let inside = columns(area, WIDE);
    let Some(release) = look.model.release() else {
        let why = look.model.no_release().unwrap_or_default();
        let lines = text(look, &why, inside, Role::Unknown);
        return show(look, "To which revision?", lines, 0, (area, WIDE), buf);
    };
    // At least half of a small screen is the list's.
    let why = proposal(look, inside, usize::from(area.height / 2).max(4));
    let mut lines = Vec::new();
    let mut cursor = 0;
    for facts in release.revisions.iter().rev() {
        if facts.revision == chosen {
            cursor = lines.len() + 1;
        }
        lines.extend(revision(look, release, facts, chosen, inside));
    }
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let place = over(area, WIDE, count(why.len() + lines.len() + 2));
    let title = format!("To which revision of {}?", release.name);
    let inner = margin(border::dialog(look, &title, Span::raw(""), place, buf));
    let [top, list] = Layout::vertical([Constraint::Length(count(why.len())), Constraint::Fill(1)]).areas(inner);
    border::put(why, top, buf);
    let from = first_shown(lines.len(), usize::from(list.height), cursor);
    border::put(lines.into_iter().skip(from).collect(), list, buf);
}

/// Why the proposed one, which were skipped, and what the bare command would have hit.
fn proposal(look: Look<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let Some(choice) = &look.model.choice else {
        return text(look, "fetching health while live …", columns, Role::Dim);
    };
    let style = look.theme.style(Role::Key);
    let mut lines: Vec<Line<'static>> =
        wrap_within(&choice.why, columns, rows).into_iter().map(|l| Line::styled(l, style)).collect();
    lines.push(Line::raw(""));
    lines
}

/// One revision: facts, content, verdict.
fn revision(
    look: Look<'_>,
    release: &Release,
    facts: &RevisionFacts,
    chosen: Revision,
    columns: usize,
) -> Vec<Line<'static>> {
    let (sign, role, words) = verdict(look.model, facts);
    let selected = facts.revision == chosen;
    let cursor = if selected { glyph::CURSOR } else { " " };
    let ago = format!("{} ago", short(since(facts.updated, look.now())));
    let when = if columns >= 90 {
        format!("{}, {}", facts.updated.format("%d %b %H:%M"), fit(&ago, 10))
    } else {
        fit(&ago, 10)
    };
    let head = format!(
        "{cursor} {sign} {:<3} {when}  {}  {}",
        facts.revision,
        fit(facts.status.word(), 11),
        health(look, release, facts.revision),
    );
    let style = look.theme.style(if selected { Role::Cursor } else { role });
    let mut lines = vec![Line::styled(fit(&head, columns), style)];
    // Under the cursor all of it is said; the others say it when the cursor comes.
    let rows = if selected { usize::MAX } else { 1 };
    for (told, role) in [(content(release, facts), Role::Plain), (words, role)] {
        let told = wrap_within(&told, columns.saturating_sub(6), rows);
        lines.extend(told.into_iter().map(|l| Line::styled(format!("      {l}"), look.theme.style(role))));
    }
    lines
}

/// `live 3 d 4 h: errors 0.2 %, P95 180 ms`, or why there are no figures.
fn health(look: Look<'_>, release: &Release, revision: Revision) -> String {
    let Some(life) = release.lives(look.now()).get(&revision).copied() else { return "never live".into() };
    let age = long(life.length());
    if life.settled().is_none() {
        return format!("live {age}: too short to measure");
    }
    let Some(lived) = look.model.lives.read.get(&revision) else { return format!("live {age}: fetching health …") };
    let told: Vec<String> = [
        lived.errors.map(|v| format!("errors {}", value(Signal::ErrorRatio, v))),
        lived.p95.map(|v| format!("P95 {}", value(Signal::P95, v))),
        lived.unread.as_ref().map(|fault| format!("metrics {}", fault.word())),
    ]
    .into_iter()
    .flatten()
    .collect();
    if told.is_empty() { format!("live {age}: no data") } else { format!("live {age}: {}", told.join(", ")) }
}

/// Chart, app version and what its images changed.
fn content(release: &Release, facts: &RevisionFacts) -> String {
    if let Some(why) = &facts.unreadable {
        return format!("unreadable: {why}");
    }
    let Some(content) = &facts.content else { return "reading its record …".into() };
    let chart = format!("{}, app {}", content.chart, content.app_version);
    let older = versions::before(release, facts.revision);
    let images = match older.map(|older| versions::between(release, older, facts.revision)) {
        None => "the oldest one kept".into(),
        Some(None) => "the revision before cannot be read".into(),
        Some(Some(changed)) if changed.is_empty() => "same images as before".into(),
        Some(Some(changed)) => changed.iter().map(versions::Changed::sentence).collect::<Vec<_>>().join(", "),
    };
    format!("{images} · {chart}")
}
