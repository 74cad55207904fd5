//! The release's revisions, newest first, each with a verdict in words; the target is marked.
//!
//! Never: the chart's app version taken for what runs; the images tell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::moment::{Moment, since};
use crate::domain::name::Revision;
use crate::domain::release::{Release, RevisionFacts, Verdict};
use crate::model::Model;
use crate::model::feed::Reading;
use crate::model::panes::Pane;
use crate::model::undone::sentence;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::versions;
use crate::ui::widgets::text::{clip, fit, fit_end, wrap_within};
use crate::ui::widgets::{border, reading};

use super::first_shown;

/// Draws the pane.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let read = look.model.feeds.releases.read(look.model.now);
    let title = match &look.model.release {
        Some(name) => format!("Helm · {name}"),
        None => Pane::History.title().into(),
    };
    let inner = border::pane(look, Pane::History, &title, reading::age(look.theme, &read), area, buf);
    let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
    let lines = match (&read, look.model.release()) {
        (Reading::Loading, _) => reading::loading(look.theme, "Helm releases", columns),
        (Reading::Dark { fault, .. }, _) => reading::dark(look.theme, fault, columns, rows),
        (Reading::Fresh { .. } | Reading::Stale { .. }, Some(release)) => revisions(look, release, (columns, rows)),
        (Reading::Fresh { value, .. } | Reading::Stale { value, .. }, None) => {
            reading::empty(look.theme, &nothing(look.model, value), columns)
        }
    };
    border::put(lines, inner, buf);
    if reading::is_stale(&read) {
        buf.set_style(inner, look.theme.style(Role::Dim));
    }
}

fn nothing(model: &Model, releases: &[Release]) -> String {
    let namespace = &model.settings.namespace;
    match (&model.release, releases) {
        (_, []) => format!("no Helm release in namespace {namespace}"),
        (Some(name), [_, ..]) => format!("no release {name} in namespace {namespace}"),
        (None, [_, ..]) => "no release chosen; e chooses one".into(),
    }
}

/// A verdict with its words; the target's is the target that holds, chosen or proposed.
pub fn verdict(model: &Model, revision: &RevisionFacts) -> (&'static str, Role, String) {
    if let Some(why) = &revision.unreadable {
        return (glyph::UNKNOWN, Role::Unknown, format!("unreadable: {why}"));
    }
    let no = revision.revision;
    let judged = model.choice.as_ref().and_then(|c| c.verdicts.get(&no));
    let chosen = model.incident.as_ref().is_some_and(|i| i.target == Some(no));
    let Some((verdict, why)) = judged else {
        let text = if revision.content.is_none() { "reading its record …" } else { "fetching health while live …" };
        return (glyph::INFO, Role::Dim, text.into());
    };
    if let Some(current) = again(model, revision) {
        return (glyph::OK, Role::Ok, format!("runs again, as revision {current}"));
    }
    if *verdict == Verdict::Current
        && let Some(undone) = sentence(&model.undone())
    {
        return (glyph::WARN, Role::Warn, format!("current, but {undone}"));
    }
    if model.target() == Some(no) {
        let word = if chosen { "TARGET, chosen" } else { "TARGET" };
        return (glyph::TARGET, Role::Target, format!("{word}: {why}"));
    }
    let (sign, role, word) = match verdict {
        Verdict::Target | Verdict::Possible => (glyph::INFO, Role::Plain, "possible"),
        Verdict::Current => (glyph::CURRENT, Role::Key, "current"),
        Verdict::Failed => (glyph::BAD, Role::Bad, "ruled out"),
        Verdict::Pending => (glyph::WAITING, Role::Warn, "pending"),
        Verdict::Unknown => (glyph::UNKNOWN, Role::Unknown, "unknown"),
    };
    let text = if why.starts_with(word) { why.clone() } else { format!("{word}: {why}") };
    (sign, role, text)
}

fn is_current(model: &Model, revision: &RevisionFacts) -> bool {
    let verdict = model.choice.as_ref().and_then(|c| c.verdicts.get(&revision.revision));
    verdict.is_some_and(|(v, _)| *v == Verdict::Current)
}

/// The current revision, where it is another one with this one's content: the rollback has been written.
fn again(model: &Model, revision: &RevisionFacts) -> Option<Revision> {
    let current = model.release()?.current()?;
    let same = current.content.as_ref()?.digest == revision.content.as_ref()?.digest;
    (same && current.revision != revision.revision && model.target() == Some(revision.revision))
        .then_some(current.revision)
}

/// `04:30` within a day, `Mon` within a week, else `12 Nov`.
pub fn when(at: Moment, now: Moment) -> String {
    let hours = since(at, now).as_secs() / 3_600;
    let format = match hours {
        0..20 => "%H:%M",
        20..160 => "%a",
        _ => "%d %b",
    };
    at.format(format).to_string()
}

fn revisions(look: Look<'_>, release: &Release, size: (usize, usize)) -> Vec<Line<'static>> {
    let (columns, rows) = size;
    let focused = look.model.focus() == Pane::History;
    let wide = columns >= 70;
    let all: Vec<&RevisionFacts> = release.revisions.iter().rev().collect();
    let cursor = look.model.panes.revision.and_then(|r| all.iter().position(|f| f.revision == r)).unwrap_or(0);
    let from = first_shown(all.len(), rows, cursor);
    let shown: Vec<&RevisionFacts> = all.into_iter().skip(from).take(rows).collect();
    let mut spare = rows.saturating_sub(shown.len());
    let mut order: Vec<usize> = (0..shown.len()).collect();
    // What contradicts the record is read whole, then why the target is the target.
    let undone = |f: &RevisionFacts| !look.model.undone().is_empty() && is_current(look.model, f);
    order.sort_by_key(|i| {
        let facts = shown.get(*i);
        let target = facts.is_some_and(|f| look.model.target() == Some(f.revision));
        (!facts.is_some_and(|f| undone(f)), !target)
    });
    let mut extra = vec![0; shown.len()];
    for index in order {
        let Some(facts) = shown.get(index) else { continue };
        let more = row(look, release, facts, columns, wide, 3).len().saturating_sub(1).min(spare);
        spare -= more;
        if let Some(slot) = extra.get_mut(index) {
            *slot = more;
        }
    }
    let mut lines = Vec::new();
    for (facts, more) in shown.into_iter().zip(extra) {
        let selected = focused && look.model.panes.revision == Some(facts.revision);
        for line in row(look, release, facts, columns, wide, 1 + more) {
            lines.push(if selected { line.patch_style(look.theme.style(Role::Cursor)) } else { line });
        }
    }
    lines
}

/// One revision in at most so many lines.
fn row(
    look: Look<'_>,
    release: &Release,
    facts: &RevisionFacts,
    columns: usize,
    wide: bool,
    rows: usize,
) -> Vec<Line<'static>> {
    let (sign, role, words) = verdict(look.model, facts);
    let style = look.theme.style(role);
    let tag = versions::tag(release, facts.revision).unwrap_or_else(|| "?".into());
    let mut head = vec![
        Span::styled(format!("{sign} {:<2} ", facts.revision), style),
        Span::raw(fit(&when(facts.updated, look.now()), 7)),
    ];
    if wide {
        head.push(Span::raw(fit(facts.status.word(), 17)));
    }
    head.push(Span::raw(format!("{} ", fit_end(&tag, if wide { 13 } else { 6 }))));
    let indent = Line::from(head.clone()).width();
    let words = wrap_within(&words, columns.saturating_sub(indent), rows);
    let mut lines = Vec::new();
    for (index, part) in words.into_iter().enumerate() {
        let mut spans = if index == 0 { std::mem::take(&mut head) } else { vec![Span::raw(" ".repeat(indent))] };
        spans.push(Span::styled(part, style));
        lines.push(clip(Line::from(spans), columns));
    }
    lines
}
