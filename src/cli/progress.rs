//! The lines of a running act on stderr: one per fact, with its time. Stdout is for the result alone.
//!
//! Never: success before the cluster shows it; "helm done" says itself that it proves no pod.

use std::io::Write;

use crate::app::headless::Leave;
use crate::domain::figure::count;
use crate::domain::identity::Identity;
use crate::domain::text::{clean, clean_lines};
use crate::helm::plan::{Change, Plan as RollBack};
use crate::helm::progress::HookState;
use crate::kubectl;
use crate::maintenance::ask::Errand;
use crate::maintenance::plan::Plan as Maintenance;
use crate::model::jobs::Lights;
use crate::model::{Model, Tone};
use crate::plan::Plan;
use crate::revert;
use crate::ui::theme::glyph;

use super::reading::place;

/// Says it on stderr.
pub fn tell(text: &str) {
    // Nobody listens any more: the rollback goes on all the same.
    let _ = writeln!(std::io::stderr(), "{}", clean_lines(text));
}

/// Asks on stderr; the cursor stays behind the question.
pub fn ask(question: &str) {
    let mut err = std::io::stderr();
    let _ = write!(err, "{}", clean(question)).and_then(|()| err.flush());
}

/// What was told so far.
pub struct Lines {
    place: String,
    noun: &'static str,
    told: Option<Lights>,
    notice: String,
    leave: Leave,
}

impl Lines {
    /// Of an act there: a `rollback`.
    pub fn new(identity: &Identity, noun: &'static str) -> Self {
        Self { place: place(identity), noun, told: None, notice: String::new(), leave: Leave::NotAsked }
    }

    /// Tells what is new.
    pub fn fold(&mut self, model: &Model, leave: Leave) {
        let at = model.now.wall.format("%H:%M:%S");
        if leave != self.leave {
            self.leave = leave;
            tell(&format!("{at} asked to end: the {} is finished first; asked again, it is left as it is", self.noun));
        }
        let Some((_, job)) = model.jobs.newest() else { return };
        let old = if let Some(old) = self.told.take() {
            old
        } else {
            let incident = model.incident.as_ref().map(|i| i.id.to_string()).unwrap_or_default();
            tell(&format!("{at} {} in {}, incident {incident}", job.plan.doing(), self.place));
            Lights::default()
        };
        let lines = match &job.plan {
            Plan::RollBack(plan) => of_release(plan, &old, &job.lights),
            Plan::Workload(plan) => of_workload(plan, &old, &job.lights),
            Plan::Maintenance(plan) => of_maintenance(plan, &old, &job.lights),
            Plan::Revert(plan) => of_revert(plan, &old, &job.lights),
            // Only a cockpit makes them.
            Plan::Silence(_) | Plan::Tests(_) => Vec::new(),
        };
        for line in lines {
            tell(&format!("{at} {line}"));
        }
        self.told = Some(job.lights.clone());
        if let Some(notice) =
            model.notice.as_ref().filter(|n| n.tone != Tone::Info && n.text != self.notice && job.ending.is_none())
        {
            self.notice.clone_from(&notice.text);
            tell(&format!("{at} {}", notice.text));
        }
    }
}

/// The facts of a workload's act that are new.
fn of_workload(plan: &kubectl::plan::Plan, old: &Lights, new: &Lights) -> Vec<String> {
    let mut lines = Vec::new();
    if new.checked && !old.checked {
        lines.push(format!("{} {} is as planned", glyph::OK, plan.workload));
    }
    if let (Some(written), None) = (new.objects.get(&0), old.objects.get(&0)) {
        lines.push(match written {
            Ok(_) => format!("{} the change is written, which proves no pod yet", glyph::OK),
            Err(why) => format!("{} {}: {why}", glyph::BAD, plan.workload),
        });
    }
    let images = match &plan.change {
        kubectl::change::Change::Undo { to, .. } => Some(format!("its revision {to}")),
        kubectl::change::Change::Restart { .. } => None,
    };
    lines.extend(pods(old, new, images.as_deref(), "every pod is new and ready"));
    lines
}

/// The facts of a return of a ConfigMap or Secret that are new.
fn of_revert(plan: &revert::plan::Plan, old: &Lights, new: &Lights) -> Vec<String> {
    let mut lines = Vec::new();
    if new.checked && !old.checked {
        lines.push(format!("{} {} and who reads it are as planned", glyph::OK, plan.object));
    }
    for (index, done) in new.objects.iter().filter(|(index, done)| old.objects.get(*index) != Some(*done)) {
        let what = match index.checked_sub(1).and_then(|at| plan.readers.get(at)) {
            Some(reader) => format!("the restart of {} is written", reader.workload),
            None => format!("{} has the content of revision {}", plan.object, plan.to),
        };
        lines.push(match done {
            Ok(_) => format!("{} {what}", glyph::OK),
            Err(why) => format!("{} {what}: {why}", glyph::BAD),
        });
    }
    lines.extend(pods(old, new, None, "every pod is new and ready"));
    lines
}

/// The facts of a stop or a return that are new.
fn of_maintenance(plan: &Maintenance, old: &Lights, new: &Lights) -> Vec<String> {
    let mut lines = Vec::new();
    let back = matches!(plan.errand, Errand::BringBack(_));
    if new.checked && !old.checked {
        lines.push(format!("{} every count is as planned", glyph::OK));
    }
    for (index, done) in new.objects.iter().filter(|(index, done)| old.objects.get(*index) != Some(*done)) {
        let row = index.checked_sub(1).and_then(|at| plan.rows.get(at));
        let what = match row {
            Some(row) => format!("{} {} -> {}", row.workload, row.now, if back { row.saved } else { 0 }),
            None if back => "every count was read back; what was saved is deleted".into(),
            None => "every count is saved in the cluster; nothing is stopped yet".into(),
        };
        lines.push(match done {
            Ok(_) => format!("{} {what}", glyph::OK),
            Err(why) => format!("{} {what}: {why}", glyph::BAD),
        });
    }
    if back {
        lines.extend(pods(old, new, None, "every pod is ready"));
        return lines;
    }
    for (service, (left, ..)) in new.rolling.iter().filter(|(service, now)| old.rolling.get(*service) != Some(*now)) {
        let sign = if *left == 0 { glyph::OK } else { glyph::WAITING };
        lines.push(format!(
            "{sign} {service}: {} still there",
            count(usize::try_from(*left).unwrap_or(0), "pod", "pods")
        ));
    }
    if new.ready && !old.ready {
        lines.push(format!("{} no pod is left", glyph::OK));
    }
    lines
}

/// The facts of a rollback that are new.
fn of_release(plan: &RollBack, old: &Lights, new: &Lights) -> Vec<String> {
    let mut lines = Vec::new();
    if new.checked && !old.checked {
        lines.push(format!("{} revision {} is still the newest", glyph::OK, plan.from));
    }
    if let Some(revision) = new.recorded.filter(|_| old.recorded.is_none()) {
        lines.push(format!("{} revision {revision} recorded as pending", glyph::OK));
    }
    // What is kept is cut at its beginning: the lines that are new are at its end.
    let known =
        new.said.windows(old.said.len().max(1)).rposition(|w| w == old.said).map_or(0, |at| at + old.said.len());
    lines.extend(new.said.iter().skip(known).map(|line| format!("helm: {line}")));
    let (before, after): (Vec<_>, Vec<_>) = hooks(old, new).partition(|(name, _)| is_before(plan, name));
    lines.extend(before.into_iter().map(|(_, line)| line));
    for (index, done) in new.objects.iter().filter(|(index, done)| old.objects.get(*index) != Some(*done)) {
        let name = plan.operations.get(*index).map(|o| format!("{} {}", o.kind, o.name)).unwrap_or_default();
        match done {
            Ok(Change::Same | Change::Keep) => {}
            Ok(change) => lines.push(format!("{} {name}: {}", glyph::OK, change.word())),
            Err(why) => lines.push(format!("{} {name}: {why}", glyph::BAD)),
        }
    }
    lines.extend(after.into_iter().map(|(_, line)| line));
    if let Some(revision) = new.helm_done.filter(|_| old.helm_done.is_none()) {
        lines.push(format!("{} helm done: revision {revision} is deployed, which proves no pod yet", glyph::OK));
    }
    lines.extend(pods(
        old,
        new,
        Some(&format!("revision {}", plan.to)),
        "every workload is ready with the target's images",
    ));
    lines
}

/// What is new of the pods. `images`: whose images they are to run, where that is a question.
fn pods(old: &Lights, new: &Lights, images: Option<&str>, ready: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (service, now) in new.rolling.iter().filter(|(service, now)| old.rolling.get(*service) != Some(*now)) {
        let (there, desired, trouble) = now;
        // All of them are ready now: what one of them was a moment ago is no news.
        if new.ready && there < desired {
            continue;
        }
        let (sign, why) = match trouble {
            Some(why) => (glyph::BAD, format!(": {why}")),
            None if there >= desired => (glyph::OK, String::new()),
            None => (glyph::WAITING, String::new()),
        };
        lines.push(format!("{sign} {service} {there} of {desired} pods ready{why}"));
    }
    for (service, last) in new.last_lines.iter().filter(|(s, l)| l.line.is_some() && old.last_lines.get(*s) != Some(*l))
    {
        let line = last.line.as_deref().unwrap_or_default();
        lines.push(format!("{} {service}: last log line of {}: {line}", glyph::BAD, last.pod));
    }
    let equal = |lights: &Lights| matches!(lights.equal(), (equal, all) if all > 0 && equal == all);
    if let Some(images) = images.filter(|_| equal(new) && !equal(old)) {
        lines.push(format!("{} images equal those of {images}, pods ready or not", glyph::OK));
    }
    if new.ready && !old.ready {
        lines.push(format!("{} {ready}", glyph::OK));
    }
    lines
}

/// The hooks that have moved, by name, with their lines.
fn hooks<'a>(old: &'a Lights, new: &'a Lights) -> impl Iterator<Item = (&'a str, String)> {
    let moved = new.hooks.iter().filter(|(name, state)| old.hooks.get(*name) != Some(*state));
    moved.map(|(name, state)| {
        let line = match state {
            HookState::Running => format!("{} hook {name} runs", glyph::WAITING),
            HookState::Succeeded => format!("{} hook {name} done", glyph::OK),
            HookState::Failed(why) => format!("{} hook {name} failed: {why}", glyph::BAD),
        };
        (name.as_str(), line)
    })
}

/// Whether that hook runs before the objects.
fn is_before(plan: &RollBack, name: &str) -> bool {
    plan.hooks.iter().any(|h| h.runs && h.name == name && h.event.starts_with("pre-"))
}
