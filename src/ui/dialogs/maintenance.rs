//! A release stopped for maintenance or brought back: the choice between the two, the plan workload by workload, and how
//! far it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::figure::count;
use crate::maintenance::ask::Errand;
use crate::maintenance::plan::{Fate, Plan, Row};
use crate::maintenance::{saved, standing};
use crate::model::jobs::Job;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::fit;

use super::progress::Light;
use super::{columns, labelled, show, text};

/// The widest that the choice gets.
const WIDE: u16 = 76;

/// Draws the choice.
pub fn draw(look: Look<'_>, chosen: Errand, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, WIDE);
    let told = look.model.maintenance_words().unwrap_or_else(|| "It is in maintenance no more.".into());
    let mut lines = text(look, &format!("{} {told}.", glyph::WARN), columns, Role::Warn);
    lines.push(Line::raw(""));
    for errand in look.model.maintenance_choices() {
        let what = match errand {
            Errand::Stop => "stop it: every count is saved in the cluster first",
            Errand::Finish => "stop the rest of it; what was saved stays as it is",
            Errand::BringBack(_) => "bring it back: every count as it was saved",
        };
        let mark = if errand == chosen { glyph::CURSOR } else { " " };
        let role = if errand == chosen { Role::Cursor } else { Role::Plain };
        lines.push(Line::styled(fit(&format!("{mark} {what}"), columns), look.theme.style(role)));
    }
    lines.push(Line::raw(""));
    lines.extend(text(look, "Either opens its plan; nothing runs before its datum is typed.", columns, Role::Dim));
    show(look, "Maintenance", lines, 0, (area, WIDE), buf);
}

/// What the dialog is called.
pub fn title(plan: Errand, release: &str) -> String {
    let sentence = plan.sentence(&release.into());
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// What moves.
pub fn moves(look: Look<'_>, plan: &Plan) -> Vec<Line<'static>> {
    let (workloads, pods) = (plan.written().count(), usize::try_from(plan.pods()).unwrap_or(usize::MAX));
    let counted = format!("{}, {}", count(workloads, "workload", "workloads"), count(pods, "pod", "pods"));
    let since = plan
        .since
        .as_ref()
        .map(|(since, by)| format!(" · as saved at {} by {by}", standing::clock(*since, look.now())));
    let (moves, rest) = match plan.errand {
        Errand::Stop => (format!("{}: {counted} -> 0", plan.release), " · every count is saved first".into()),
        Errand::Finish => (format!("{}: {counted} more -> 0", plan.release), " · what was saved stays".into()),
        Errand::BringBack(_) => (format!("{}: {counted} back", plan.release), since.unwrap_or_default()),
    };
    vec![Line::from(vec![
        Span::styled(moves, look.theme.style(Role::Target)),
        Span::styled(rest, look.theme.style(Role::Dim)),
    ])]
}

/// Workload by workload, those that move first.
pub fn content(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let back = matches!(plan.errand, Errand::BringBack(_));
    let moving = |row: &Row| {
        let scaled = row.scaler.as_ref().map_or_else(String::new, |s| format!(" (HPA {}-{})", s.min, s.max));
        match row.fate {
            Fate::To(to) if back && row.now > 0 => Some(format!("{} {} -> {to}{scaled}", row.workload.name, row.now)),
            Fate::To(to) if back => Some(format!("{} {to}{scaled}", row.workload.name)),
            Fate::To(_) => Some(format!("{} {}{scaled}", row.workload.name, row.now)),
            Fate::Same | Fate::Left(_) => None,
        }
    };
    let all: Vec<String> = plan.rows.iter().filter_map(moving).collect();
    let mut lines = Vec::new();
    if all.is_empty() {
        lines.extend(labelled(look, "back", "every count is as it was saved already", columns, Role::Plain));
    } else {
        let label = if back { "back" } else { "stop" };
        lines.extend(labelled(look, label, &all.join(", "), columns, Role::Plain));
    }
    let kept = match plan.errand {
        Errand::Stop => "made before the first is stopped; never written over",
        Errand::Finish => "stays as it is",
        Errand::BringBack(_) => "deleted when every count was read back",
    };
    lines.extend(labelled(
        look,
        "saved",
        &format!("in ConfigMap {}, {kept}", saved::name(&plan.release)),
        columns,
        Role::Plain,
    ));
    let still: Vec<String> = plan.rows.iter().filter_map(still).collect();
    if !still.is_empty() {
        let label = if back { "as it is" } else { "at 0" };
        lines.extend(labelled(look, label, &still.join(", "), columns, Role::Plain));
    }
    lines
}

fn still(row: &Row) -> Option<String> {
    let name = &row.workload.name;
    match row.fate {
        Fate::Same if row.now == 0 => Some(format!("{name}, and stays so")),
        Fate::Same => Some(format!("{name} {}", row.now)),
        Fate::To(_) | Fate::Left(_) => None,
    }
}

/// Every workload, one a line.
pub fn lines(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let line = |row: &Row| {
        let scaled = row.scaler.as_ref().map_or_else(String::new, |s| format!("  HPA {} {}-{}", s.name, s.min, s.max));
        let told = match &row.fate {
            Fate::To(to) => format!("{}  .spec.replicas  {} -> {to}{scaled}", row.workload, row.now),
            Fate::Same => format!("{}  .spec.replicas  {}, as it is{scaled}", row.workload, row.now),
            Fate::Left(why) => format!("{}  {}, left as it is: {why}", row.workload, row.now),
        };
        text(look, &told, columns, if row.is_written() { Role::Key } else { Role::Plain })
    };
    let mut lines: Vec<_> = plan.rows.iter().flat_map(line).collect();
    lines.push(Line::raw(""));
    lines.extend(text(look, "What kubectl would do for it, saving nothing:", columns, Role::Dim));
    lines.extend(plan.by_hand.iter().flat_map(|by_hand| text(look, &format!("$ {by_hand}"), columns, Role::Plain)));
    lines
}

/// What is said while the journal is being written.
pub fn confirmed(plan: &Plan) -> String {
    let then = match plan.errand {
        Errand::Stop => "every count is saved, then everything stops",
        Errand::Finish => "the rest stops",
        Errand::BringBack(_) => "every count comes back",
    };
    format!("Confirmed. The journal is being written; then {then}. Nothing runs before.")
}

/// The lights in the order in which they go on.
pub fn lights(plan: &Plan, job: &Job) -> Vec<(Light, &'static str, String)> {
    let (lights, over) = (&job.lights, job.ending.is_some());
    let going = lights.checked && !over;
    let planned = if lights.checked { "as planned".into() } else { String::new() };
    let mut rows = vec![(Light::on_if(lights.checked, !over), "counts checked", planned)];
    let kept = saved::name(&plan.release);
    let place = plan.place_of_saved();
    let record = match lights.objects.get(&place) {
        Some(Err(why)) => (Light::Failed, why.clone()),
        Some(Ok(_)) => (Light::On, format!("ConfigMap {kept}")),
        None => (Light::on_if(false, going), String::new()),
    };
    let stops = !matches!(plan.errand, Errand::BringBack(_));
    if plan.errand == Errand::Stop {
        rows.push((record.0, "counts saved", record.1.clone()));
    }
    rows.push(written(plan, job, going));
    if stops {
        rows.push(gone(job));
    } else {
        rows.push((record.0, "record deleted", record.1));
        let done = lights.rolling.values().filter(|(ready, desired, _)| ready >= desired).count();
        let all = lights.rolling.len();
        let told = if all == 0 { String::new() } else { format!("{done} of {}", count(all, "workload", "workloads")) };
        let failed = lights.trouble().is_some() && done < all;
        let light = if failed { Light::Failed } else { Light::on_if(lights.ready, all > 0) };
        rows.push((light, "pods ready", told));
    }
    rows
}

fn written(plan: &Plan, job: &Job, going: bool) -> (Light, &'static str, String) {
    let (all, place) = (plan.written().count(), plan.place_of_saved());
    let own = || job.lights.objects.iter().filter(|(index, _)| **index != place);
    let done = own().filter(|(_, o)| o.is_ok()).count();
    let told = format!("{done} of {all}");
    match own().find_map(|(index, o)| Some((index.checked_sub(1)?, o.as_ref().err()?))) {
        Some((at, why)) => {
            let name = plan.rows.get(at).map(|row| row.workload.to_string()).unwrap_or_default();
            (Light::Failed, "counts written", format!("{told}; {name}: {why}"))
        }
        None => (Light::on_if(done >= all && job.lights.checked, going), "counts written", told),
    }
}

/// Pods that are still there, workload by workload.
fn gone(job: &Job) -> (Light, &'static str, String) {
    let lights = &job.lights;
    let left: Vec<String> = lights
        .rolling
        .iter()
        .filter(|(_, (left, ..))| *left > 0)
        .map(|(s, (left, ..))| format!("{s} {left}"))
        .collect();
    let told = match (lights.ready, left.is_empty()) {
        (true, _) => "none is left".into(),
        (false, true) => String::new(),
        (false, false) => format!("still there: {}", left.join(", ")),
    };
    (Light::on_if(lights.ready, !lights.rolling.is_empty()), "pods gone", told)
}
