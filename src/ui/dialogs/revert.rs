//! A ConfigMap or Secret put back: which one, to which revision's content, the plan key by key, and how far it is.
//!
//! Never: a value that is secret; the fields of a plan are masked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::change::Object;
use crate::domain::figure::count;
use crate::domain::name::Revision;
use crate::model::jobs::Job;
use crate::revert::plan::{Plan, Write};
use crate::revert::readers::{Fate, Reader};
use crate::ui::layout::over;
use crate::ui::look::Look;
use crate::ui::panes::first_shown;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;
use crate::ui::widgets::text::fit;

use super::progress::{Light, pods};
use super::{columns, labelled, margin, text};

/// The widest that a choice gets.
const WIDE: u16 = 110;

/// Keys of a plan that are named in its summary.
const KEYS: usize = 6;

/// Draws the choice of the object, what was changed past Helm on top.
pub fn configurations(look: Look<'_>, cursor: &Object, area: Rect, buf: &mut Buffer) {
    let all = look.model.configurations();
    let at = all.iter().position(|(object, ..)| object == cursor).unwrap_or(0);
    let row = |(object, change, readers): &(
        Object,
        Option<&crate::domain::change::Change>,
        Vec<&crate::domain::name::Service>,
    )| {
        let changed = change.map(|c| format!("changed {} by {}", c.at.format("%H:%M:%S"), c.by));
        let readers: Vec<&str> = readers.iter().map(|s| s.as_str()).collect();
        let read = (!readers.is_empty()).then(|| format!("read by {}", readers.join(", ")));
        let told: Vec<String> = [changed, read].into_iter().flatten().collect();
        format!("{object}  {}", told.join("; "))
    };
    let rows = all.iter().map(row).collect();
    list(look, "Put which ConfigMap or Secret back?", rows, at, area, buf);
}

/// Draws the choice of the revision; the one that is live undoes what was written past Helm.
pub fn contents(look: Look<'_>, object: &Object, cursor: Revision, area: Rect, buf: &mut Buffer) {
    let live = look.model.live_revision();
    let all = look.model.contents();
    let at = all.iter().position(|r| r.revision == cursor).unwrap_or(0);
    let row = |r: &&crate::domain::release::RevisionFacts| {
        let mark = if Some(r.revision) == live { "  live: undoes what was written past Helm" } else { "" };
        format!("revision {:<4} {}  {}{mark}", r.revision.0, r.updated.format("%m-%d %H:%M"), r.status)
    };
    list(look, &format!("{object}: the content of which revision?"), all.iter().map(row).collect(), at, area, buf);
}

/// Draws a list to choose from.
pub(super) fn list(look: Look<'_>, title: &str, rows: Vec<String>, at: usize, area: Rect, buf: &mut Buffer) {
    let inside = columns(area, WIDE);
    let line = |(i, told): (usize, String)| {
        let (mark, role) = if i == at { (glyph::CURSOR, Role::Cursor) } else { (" ", Role::Plain) };
        Line::styled(fit(&format!("{mark} {told}"), inside), look.theme.style(role))
    };
    let lines: Vec<Line<'static>> = rows.into_iter().enumerate().map(line).collect();
    let place = over(area, WIDE, u16::try_from(lines.len() + 2).unwrap_or(u16::MAX));
    let inner = margin(border::dialog(look, title, Span::raw(""), place, buf));
    let from = first_shown(lines.len(), usize::from(inner.height), at);
    border::put(lines.into_iter().skip(from).collect(), inner, buf);
}

/// What moves.
pub fn moves(look: Look<'_>, plan: &Plan) -> Vec<Line<'static>> {
    let restarts = count(plan.restarted().count(), "workload restarts", "workloads restart");
    let what = match &plan.write {
        Write::Content => {
            format!("{}: {} back to revision {}", plan.object, count(plan.keys.len(), "key", "keys"), plan.to)
        }
        Write::Whole(_) => format!("{}: made anew as in revision {}", plan.object, plan.to),
        Write::Nothing => format!("{}: has the content of revision {}", plan.object, plan.to),
    };
    vec![Line::from(vec![
        Span::styled(what, look.theme.style(Role::Target)),
        Span::styled(format!(" · {restarts}"), look.theme.style(Role::Dim)),
    ])]
}

/// Keys with their values, who reads it, who restarts.
pub fn content(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for field in plan.fields.iter().take(KEYS) {
        let name = field.path.trim_start_matches(".data.").trim_start_matches(".binaryData.");
        let (live, target) =
            (field.live.as_deref().unwrap_or("(absent)"), field.target.as_deref().unwrap_or("(removed)"));
        lines.extend(labelled(look, "key", &format!("{name}: {live} -> {target}"), columns, Role::Plain));
    }
    if let Some(more) = plan.fields.len().checked_sub(KEYS).filter(|n| *n > 0) {
        lines.extend(labelled(look, "keys", &format!("{more} more; Tab shows all"), columns, Role::Plain));
    }
    let read = |r: &Reader| format!("{} {}", r.workload.name, r.by.word());
    let readers: Vec<String> = plan.readers.iter().map(read).collect();
    if !readers.is_empty() {
        lines.extend(labelled(look, "read by", &readers.join(", "), columns, Role::Plain));
    }
    for (_, reader) in plan.restarted() {
        let told = format!("{}: {}", reader.workload.name, reader.strategy);
        lines.extend(labelled(look, "restart", &told, columns, Role::Plain));
    }
    lines
}

/// Every reader, one a line.
pub fn lines(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let line = |reader: &Reader| {
        let told = match &reader.fate {
            Fate::Restart => format!("{}  reads it {}; {}", reader.workload, reader.by.word(), reader.strategy),
            Fate::Left(why) => format!("{}  reads it {}; not restarted: {why}", reader.workload, reader.by.word()),
        };
        text(look, &told, columns, if reader.is_restarted() { Role::Key } else { Role::Plain })
    };
    plan.readers.iter().flat_map(line).collect()
}

/// The lights in the order in which they go on.
pub fn lights(plan: &Plan, job: &Job) -> Vec<(Light, &'static str, String)> {
    let (lights, over) = (&job.lights, job.ending.is_some());
    let going = lights.checked && !over;
    let planned = if lights.checked { "as planned".into() } else { String::new() };
    let mut rows = vec![(Light::on_if(lights.checked, !over), "objects checked", planned)];
    rows.push(match (&plan.write, lights.objects.get(&0)) {
        (_, Some(Err(why))) => (Light::Failed, "content written", why.clone()),
        (Write::Nothing, _) => (Light::on_if(lights.checked, going), "content written", "it was there already".into()),
        (_, Some(Ok(_))) => (Light::On, "content written", "running pods keep what they read".into()),
        (_, None) => (Light::on_if(false, going), "content written", String::new()),
    });
    let all = plan.restarted().count();
    let own = || lights.objects.iter().filter(|(index, _)| **index > 0);
    let done = own().filter(|(_, o)| o.is_ok()).count();
    let told = format!("{done} of {}", count(all, "workload", "workloads"));
    rows.push(match own().find_map(|(index, o)| Some((index.checked_sub(1)?, o.as_ref().err()?))) {
        Some((at, why)) => {
            let name = plan.readers.get(at).map(|r| r.workload.to_string()).unwrap_or_default();
            (Light::Failed, "restarts written", format!("{told}; {name}: {why}"))
        }
        None => (Light::on_if(done >= all && lights.checked, going), "restarts written", told),
    });
    rows.push(pods(lights));
    rows
}
