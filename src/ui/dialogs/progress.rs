//! An act under way: "helm done", "pods ready" and "images equal target" are lights of their own, because none
//! proves the next. The first failure is said where it happens.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::event::{Ending, Event};
use crate::domain::figure::count;
use crate::domain::moment::{clock, since};
use crate::domain::name::{JobId, Service};
use crate::helm::plan::{Change, Operation, Plan as RollBack};
use crate::helm::progress::{HookState, Images, Lot, PodStep, Stage};
use crate::kubectl;
use crate::kubectl::change::Change as Write;
use crate::model::jobs::{Job, Lights};
use crate::model::next_step::NextStep;
use crate::plan::Plan;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::{cut, fit, fit_middle, wrap, wrap_within};

use super::{columns, functional, maintenance, revert, show, silence, text};

/// How a light is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// Not yet.
    Off,
    /// Under way.
    Going,
    /// Seen.
    On,
    /// It went wrong.
    Failed,
    /// Nobody knows.
    Unknown,
}

impl Light {
    /// On, else under way, else off.
    pub const fn on_if(on: bool, going: bool) -> Self {
        match (on, going) {
            (true, _) => Self::On,
            (false, true) => Self::Going,
            (false, false) => Self::Off,
        }
    }

    const fn sign(self) -> (&'static str, Role) {
        match self {
            Self::Off => (glyph::TODO, Role::Dim),
            Self::Going => (glyph::WAITING, Role::Warn),
            Self::On => (glyph::OK, Role::Ok),
            Self::Failed => (glyph::BAD, Role::Bad),
            Self::Unknown => (glyph::UNKNOWN, Role::Unknown),
        }
    }
}

/// Draws the dialog.
pub fn draw(look: Look<'_>, id: JobId, scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 110);
    let Some(job) = look.model.jobs.all.get(&id) else {
        let lines = text(look, &format!("Job {id} was not run from this cockpit."), columns, Role::Unknown);
        return show(look, &format!("Job {id}"), lines, 0, (area, 110), buf);
    };
    let title = format!("Job {id}: {}", job.plan.title());
    show(look, &title, lines(look, id, job, columns), scroll, (area, 110), buf);
}

fn lines(look: Look<'_>, id: JobId, job: &Job, columns: usize) -> Vec<Line<'static>> {
    let mut lines = ending(look, id, job, columns);
    if let Some(next) = NextStep::after(job) {
        let enter = match next {
            NextStep::Again { .. } => "plans it; nothing runs yet",
            NextStep::LookAt { .. } => "shows it with its log",
            NextStep::Watch { .. } => "shows them",
        };
        lines.extend(text(look, &format!("Next: {}. Enter {enter}.", next.sentence()), columns, Role::Key));
    }
    lines.push(Line::raw(""));
    for (light, name, told) in lights(job) {
        lines.extend(row(look, light, name, &told, columns));
    }
    lines.extend(workloads(look, &job.lights, columns));
    lines.extend(steps(look, job, columns));
    lines.push(Line::raw(""));
    lines.extend(super::summary::command(look, &job.plan, columns));
    lines
}

/// How it ended, or that it runs.
fn ending(look: Look<'_>, id: JobId, job: &Job, columns: usize) -> Vec<Line<'static>> {
    let asked = job.asked.format("%H:%M:%S");
    match &job.ending {
        None => {
            let age = clock(since(job.asked, look.now()));
            let told = format!(
                "Under way for {age}, asked at {asked}. Esc closes this view, not the {}; J brings it back.",
                job.plan.noun()
            );
            text(look, &told, columns, Role::Key)
        }
        Some(ending) => {
            let (sign, role) = match ending {
                Ending::Seen { .. } => (glyph::OK, Role::Ok),
                Ending::Unseen { .. } => (glyph::WARN, Role::Warn),
                Ending::Failed { .. } | Ending::Void { .. } => (glyph::BAD, Role::Bad),
                Ending::Unknown { .. } => (glyph::UNKNOWN, Role::Unknown),
            };
            let sentence = Event::ActEnded { job: id, ending: ending.clone() }.sentence();
            text(look, &format!("{sign} {sentence}"), columns, role)
        }
    }
}

const PODS: &str = "pods ready";

/// The lights in the order in which they go on.
fn lights(job: &Job) -> Vec<(Light, &'static str, String)> {
    let mut rows = match &job.plan {
        Plan::RollBack(plan) => of_release(plan, job),
        Plan::Workload(plan) => of_workload(plan, job),
        Plan::Maintenance(plan) => maintenance::lights(plan, job),
        Plan::Revert(plan) => revert::lights(plan, job),
        Plan::Silence(plan) => silence::lights(plan, job),
        Plan::Tests(plan) => functional::run::lights(plan, job),
    };
    let unknown = matches!(job.ending, Some(Ending::Unknown { .. }));
    for (light, _, _) in &mut rows {
        if unknown && *light != Light::On && *light != Light::Failed {
            *light = Light::Unknown;
        }
    }
    rows
}

fn of_workload(plan: &kubectl::plan::Plan, job: &Job) -> Vec<(Light, &'static str, String)> {
    let (lights, over) = (&job.lights, job.ending.is_some());
    let written = match lights.objects.get(&0) {
        Some(Err(why)) => (Light::Failed, "change written", why.clone()),
        Some(Ok(_)) => (Light::On, "change written", "this alone proves no pod".into()),
        None => (Light::on_if(false, lights.checked && !over), "change written", String::new()),
    };
    let unchanged = if lights.checked { format!("{} is as planned", plan.workload) } else { String::new() };
    let last = match &plan.change {
        Write::Undo { to, .. } => images(lights, &format!("as in its revision {to}")),
        Write::Restart { .. } => {
            let told = if lights.ready { "all of the marked template".into() } else { String::new() };
            (Light::on_if(lights.ready, false), "every pod is new", told)
        }
    };
    vec![(Light::on_if(lights.checked, !over), "workload checked", unchanged), written, pods(lights), last]
}

fn of_release(plan: &RollBack, job: &Job) -> Vec<(Light, &'static str, String)> {
    let (lights, over) = (&job.lights, job.ending.is_some());
    let mut rows = vec![
        (Light::on_if(lights.checked, !over), "history checked", checked(plan, lights)),
        (
            Light::on_if(lights.recorded.is_some(), lights.checked && !over),
            "record written",
            lights.recorded.map_or_else(String::new, |r| format!("revision {r}")),
        ),
    ];
    if plan.hooks.iter().any(|h| h.runs) || !lights.hooks.is_empty() {
        rows.push(hooks(plan, lights));
    }
    if let Some(program) = &plan.program {
        let failed = matches!(job.ending, Some(Ending::Failed { .. }));
        let going = Light::on_if(over, lights.checked);
        let last = lights.said.last().cloned().unwrap_or_default();
        rows.insert(
            1,
            (if failed { Light::Failed } else { going }, "helm ran", format!("{}  {last}", program.called())),
        );
        return rows;
    }
    rows.push(objects(plan, lights));
    rows.push((
        Light::on_if(lights.helm_done.is_some(), false),
        "helm done",
        lights.helm_done.map_or_else(String::new, |r| format!("revision {r} deployed; this alone proves no pod")),
    ));
    rows.push(pods(lights));
    rows.push(images(lights, &format!("as in revision {}", plan.to)));
    rows
}

/// What runs has the target's images: seen on the pods, ready or not.
fn images(lights: &Lights, target: &str) -> (Light, &'static str, String) {
    let (equal, all) = lights.equal();
    let on = lights.ready || (all > 0 && equal == all);
    let others: u32 = lights
        .images
        .values()
        .map(|i| match i {
            Images::Mixed(others) => *others,
            Images::Unseen | Images::Target => 0,
        })
        .sum();
    let told = match (on, all, others) {
        (true, ..) => target.to_owned(),
        (false, 0, _) => String::new(),
        (false, _, 0) => format!("{equal} of {}", count(all, "workload", "workloads")),
        (false, ..) => format!(
            "{equal} of {}, {} still on others",
            count(all, "workload", "workloads"),
            count(usize::try_from(others).unwrap_or(usize::MAX), "pod", "pods")
        ),
    };
    (Light::on_if(on, all > 0), "images equal target", told)
}

fn checked(plan: &RollBack, lights: &Lights) -> String {
    if lights.checked { format!("revision {} is still the newest", plan.from) } else { String::new() }
}

fn hooks(plan: &RollBack, lights: &Lights) -> (Light, &'static str, String) {
    let wanted = plan.hooks.iter().filter(|h| h.runs).count();
    let told: Vec<String> = lights
        .hooks
        .iter()
        .map(|(name, state)| match state {
            HookState::Running => format!("{name} runs"),
            HookState::Succeeded => format!("{name} done"),
            HookState::Failed(why) => format!("{name} failed: {why}"),
        })
        .collect();
    let failed = lights.hooks.values().any(|s| matches!(s, HookState::Failed(_)));
    let done = lights.hooks.values().filter(|s| **s == HookState::Succeeded).count();
    let light = if failed { Light::Failed } else { Light::on_if(done >= wanted, !lights.hooks.is_empty()) };
    (light, "hooks", if told.is_empty() { count(wanted, "to run", "to run") } else { told.join(", ") })
}

fn objects(plan: &RollBack, lights: &Lights) -> (Light, &'static str, String) {
    let all = plan.operations.iter().filter(|o| o.change != Change::Keep).count();
    let done = lights.objects.values().filter(|o| o.is_ok()).count();
    let failed = lights.objects.iter().find_map(|(index, o)| o.as_ref().err().map(|why| (index, why)));
    if let Some((index, why)) = failed {
        let name = plan.operations.get(*index).map_or_else(String::new, |o| format!("{} {}: ", o.kind, o.name));
        return (Light::Failed, "objects", format!("{done} of {all}; {name}{why}"));
    }
    let light = Light::on_if(lights.helm_done.is_some() || done >= all, lights.recorded.is_some());
    (light, "objects", format!("{done} of {all}"))
}

/// How many of those that are waited for are ready.
pub fn pods(lights: &Lights) -> (Light, &'static str, String) {
    let all = lights.rolling.len();
    let ready = lights.rolling.values().filter(|(ready, desired, _)| ready >= desired).count();
    let told = if all == 0 { String::new() } else { format!("{ready} of {}", count(all, "workload", "workloads")) };
    if lights.trouble().is_some() && ready < all {
        return (Light::Failed, PODS, told);
    }
    (Light::on_if(lights.ready || (all > 0 && ready == all && lights.helm_done.is_some()), all > 0), PODS, told)
}

/// Workloads that are not there yet, those in trouble first, pod by pod.
fn workloads(look: Look<'_>, lights: &Lights, columns: usize) -> Vec<Line<'static>> {
    let moving = |service: &Service| lights.images.get(service).is_some_and(|i| *i != Images::Target);
    let mut waiting: Vec<_> = lights
        .rolling
        .iter()
        .filter(|(service, (ready, desired, trouble))| {
            !lights.ready && (ready < desired || trouble.is_some() || moving(service))
        })
        .collect();
    waiting.sort_by_key(|(_, (_, _, trouble))| trouble.is_none());
    let mut lines = Vec::new();
    for (service, (ready, desired, trouble)) in waiting {
        let (sign, role, why) = match trouble {
            Some(why) => (glyph::BAD, Role::Bad, format!("  {why}")),
            None => (glyph::WAITING, Role::Plain, String::new()),
        };
        lines.push(Line::raw(""));
        lines.extend(text(look, &format!("{sign} {service} {ready} of {desired} new pods ready{why}"), columns, role));
        for step in lights.pods.get(service).into_iter().flatten() {
            lines.push(pod(look, step, columns));
            let said = lights.last_lines.get(service).filter(|l| l.pod == step.pod).and_then(|l| l.line.as_ref());
            let said = said.map(|line| wrap_within(&format!("last log line: {line}"), columns.saturating_sub(8), 3));
            lines.extend(
                said.into_iter().flatten().map(|l| Line::styled(format!("{:8}{l}", ""), look.theme.style(Role::Bad))),
            );
        }
    }
    lines
}

/// `  ✖ new order-service-7d9f8-x2x4k  CrashLoopBackOff, exit 1`
fn pod(look: Look<'_>, step: &PodStep, columns: usize) -> Line<'static> {
    let lot = match step.lot {
        Lot::New => "new",
        Lot::Old => "old",
    };
    let (sign, role, word) = match (&step.stage, step.lot) {
        (Stage::Failing { why, .. }, Lot::New) => (glyph::BAD, Role::Bad, why.as_str()),
        (Stage::Failing { why, .. }, Lot::Old) => (glyph::INFO, Role::Dim, why.as_str()),
        (Stage::Starting, _) => (glyph::WAITING, Role::Plain, "not ready yet"),
        (Stage::Ready, Lot::New) => (glyph::OK, Role::Ok, "ready"),
        (Stage::Ready, Lot::Old) => (glyph::INFO, Role::Plain, "still serves"),
        (Stage::Leaving, _) => (glyph::INFO, Role::Dim, "ends"),
    };
    let told =
        format!("  {sign} {lot} {} {word}", fit_middle(step.pod.as_str(), columns.saturating_sub(8).clamp(12, 40)));
    Line::styled(cut(&told, columns), look.theme.style(role))
}

/// Object by object, those that change.
fn steps(look: Look<'_>, job: &Job, columns: usize) -> Vec<Line<'static>> {
    let Some(plan) = job.plan.rollback() else { return Vec::new() };
    if plan.program.is_some() {
        let said = job.lights.said.iter().flat_map(|line| text(look, line, columns, Role::Plain));
        return std::iter::once(Line::raw("")).chain(said).collect();
    }
    let changing = |(_, o): &(usize, &Operation)| !matches!(o.change, Change::Same | Change::Keep);
    let operations: Vec<_> = plan.operations.iter().enumerate().filter(changing).collect();
    let mut lines = vec![Line::raw("")];
    if operations.is_empty() {
        lines.extend(text(look, "No object changes.", columns, Role::Dim));
    }
    for (index, operation) in operations {
        let (light, why) = match job.lights.objects.get(&index) {
            Some(Ok(_)) => (Light::On, String::new()),
            Some(Err(why)) => (Light::Failed, format!(": {why}")),
            None if matches!(job.ending, Some(Ending::Unknown { .. })) => (Light::Unknown, String::new()),
            None => (Light::Off, String::new()),
        };
        let (sign, role) = light.sign();
        let told = format!("{sign} {} {} {}{why}", operation.change.word(), operation.kind, operation.name);
        lines.extend(text(look, &told, columns, role));
    }
    lines
}

fn row(look: Look<'_>, light: Light, name: &str, told: &str, columns: usize) -> Vec<Line<'static>> {
    let (sign, role) = light.sign();
    let word = match light {
        Light::Off | Light::Going | Light::On => "",
        Light::Failed => "failed: ",
        Light::Unknown => "unknown ",
    };
    let mut parts = wrap(&format!("{word}{told}"), columns.saturating_sub(24)).into_iter();
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{sign} {} ", fit(name, 21)), look.theme.style(role)),
        Span::styled(
            parts.next().unwrap_or_default(),
            look.theme.style(if light == Light::Failed { role } else { Role::Plain }),
        ),
    ])];
    lines.extend(parts.map(|l| Line::styled(format!("{:24}{l}", ""), look.theme.style(role))));
    lines
}
