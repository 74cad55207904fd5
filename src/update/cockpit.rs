//! Wishes of the cockpit itself: moving the eye, and what the line under the cursor offers.

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::board::Criterion;
use crate::domain::moment::short;
use crate::domain::name::StepNo;
use crate::effect::Effect;
use crate::intent::enter::Enter;
use crate::intent::{Availability, Intent};
use crate::model::arm::Arm;
use crate::model::dialog::{Behind, Deed, Dialog, Purpose};
use crate::model::panes::Pane;
use crate::model::{Holds, Model, Tone};

use super::{
    checklist, decision, dialogs, functional, incident, journal, maintenance, open, revert, rollback, silence, targets,
    text, workload,
};

/// A dashboard shows so much before and behind the incident.
const AROUND: TimeDelta = TimeDelta::minutes(30);

/// The second key that arms is waited for so long.
const ASKED_FOR: Duration = Duration::from_secs(5);
/// Lines below the services of a curve that fills the screen: how it was asked.
const QUERY_LINES: usize = 10;
/// Lines of a page.
const PAGE: isize = 10;

/// Grants a wish.
pub fn grant(model: &mut Model, intent: Intent) -> Vec<Effect> {
    match intent {
        Intent::Up => moved(model, -1),
        Intent::Down => moved(model, 1),
        Intent::PageUp => moved(model, -PAGE),
        Intent::PageDown => moved(model, PAGE),
        Intent::First => moved(model, -100_000),
        Intent::Last => moved(model, 100_000),
        Intent::NextPane => look_at(model, model.panes.focus.step(1)),
        Intent::PreviousPane => look_at(model, model.panes.focus.step(-1)),
        Intent::Go(pane) => look_at(model, pane),
        Intent::Zoom => zoom(model),
        Intent::Act => act(model),
        Intent::Tick => checklist::tick(model),
        Intent::Skip => asked(model, Purpose::Skip(model.panes.step)),
        Intent::Note => asked(model, Purpose::Note),
        Intent::NameCommander => asked(model, Purpose::Commander),
        Intent::FollowUp => asked(model, Purpose::FollowUp),
        Intent::GoOn => asked(model, Purpose::GoOn),
        Intent::Filter => asked(model, Purpose::Filter),
        Intent::RollBack => rollback::ask(model),
        Intent::Undo => workload::ask(model, Deed::Undo),
        Intent::Restart => workload::ask(model, Deed::Restart),
        Intent::Maintenance => maintenance::ask(model),
        Intent::Revert => revert::ask(model),
        Intent::Silence => silence::ask(model),
        Intent::ChooseTarget => shown(model, rollback::choose),
        Intent::NextRelease => targets::next_release(model),
        Intent::Arm => shown(model, arm),
        Intent::RaiseSeverity => incident::raise(model),
        Intent::LowerSeverity => incident::lower(model),
        Intent::Refresh => shown(model, refresh),
        Intent::Help => shown(model, |m| open(m, Dialog::Help { scroll: 0 })),
        Intent::Palette => shown(model, |m| open(m, Dialog::Palette { typed: String::new(), cursor: 0 })),
        Intent::SkipAhead => vec![Effect::SkipAhead],
        Intent::LookAtStep => shown(model, dialogs::look_at_step),
        Intent::WhatChanged => {
            model.panes.suspect = None;
            shown(model, |m| open(m, Dialog::Behind { value: Behind::Changes, scroll: 0 }))
        }
        Intent::Decide => shown(model, decision::ask),
        Intent::Tests => shown(model, functional::look),
        Intent::CopyLink => link(model),
        Intent::ShowJob => shown(model, show_job),
        Intent::ShowScore => shown(model, |m| open(m, Dialog::Score)),
        Intent::Back => shown(model, back),
        Intent::Suspend => vec![Effect::Suspend],
        Intent::Quit => quit(model),
        Intent::KeepReplicas
        | Intent::Force
        | Intent::OtherSheet
        | Intent::CopyCommand
        | Intent::WithHelm
        | Intent::Yes
        | Intent::No
        | Intent::Confirm => Vec::new(),
    }
}

fn shown(model: &mut Model, change: impl FnOnce(&mut Model)) -> Vec<Effect> {
    change(model);
    Vec::new()
}

fn asked(model: &mut Model, purpose: Purpose) -> Vec<Effect> {
    text::ask(model, purpose);
    Vec::new()
}

fn look_at(model: &mut Model, pane: Pane) -> Vec<Effect> {
    model.panes.focus = pane;
    model.panes.curve_scroll = 0;
    if model.panes.zoom.is_some() {
        model.panes.zoom = Some(pane);
    }
    Vec::new()
}

fn zoom(model: &mut Model) -> Vec<Effect> {
    model.panes.zoom = if model.panes.zoom.is_some() { None } else { Some(model.panes.focus) };
    Vec::new()
}

/// One step home: out of the zoom, then of the filter, and to the checklist.
/// The dashboard's link from well before it began; while it is open, to now.
fn link(model: &mut Model) -> Vec<Effect> {
    let Some(dashboard) = &model.settings.dashboard else { return Vec::new() };
    let incident = model.incident.as_ref();
    let began = model.onsets.values().copied().chain(incident.map(|i| i.opened)).min().unwrap_or(model.now.wall);
    let (from, to) = (began - AROUND, incident.and_then(|i| i.closed).map(|closed| closed + AROUND));
    let link = dashboard.link(from, to);
    let until = to.map_or_else(|| "now".to_owned(), |to| to.format("%H:%M").to_string());
    let told = format!("copied if this terminal allows it (OSC 52), {} to {until}: {link}", from.format("%H:%M"));
    journal::notice(model, Tone::Info, told);
    vec![Effect::Copy(link)]
}

fn back(model: &mut Model) {
    let zoomed = model.panes.zoom.take().is_some();
    if zoomed || model.panes.filter.is_empty() {
        model.panes.focus = Pane::Checklist;
        return;
    }
    model.panes.filter.clear();
    model.feeds.pods.amend(|table| table.set_filter(""));
}

/// Asked once it asks back, asked again it arms for a while; armed, it disarms.
pub fn arm(model: &mut Model) {
    let now = model.now.mono;
    let length = model.settings.arm_for;
    model.arm = match model.arm.at(now) {
        Arm::Safe => {
            let told = format!("a once more arms for {}; any other key stays safe", short(length));
            journal::notice_while(model, Holds::Arming, Tone::Info, told);
            Arm::Asked { until: now + ASKED_FOR }
        }
        Arm::Asked { .. } => {
            journal::notice(model, Tone::Info, format!("armed for {}, for one act; a disarms", short(length)));
            Arm::Armed { until: now + length }
        }
        Arm::Armed { .. } => {
            journal::notice(model, Tone::Info, "disarmed: nothing can run");
            Arm::Safe
        }
        Arm::ReadOnly => Arm::ReadOnly,
    };
}

fn refresh(model: &mut Model) {
    use crate::model::feed::Asked;
    for (_, _, feed) in model.feeds.measured() {
        feed.asked = Asked::Idle(None);
    }
    model.feeds.alerts.asked = Asked::Idle(None);
    model.feeds.health.asked = Asked::Idle(None);
    model.feeds.logs.asked = Asked::Idle(None);
    model.feeds.maintenance.asked = Asked::Idle(None);
}

fn show_job(model: &mut Model) {
    if let Some((job, _)) = model.jobs.newest() {
        open(model, Dialog::Progress { job, scroll: 0 });
    }
}

fn quit(model: &mut Model) -> Vec<Effect> {
    if model.jobs.running().is_some() {
        open(model, Dialog::Leave);
        return Vec::new();
    }
    model.leaving = true;
    vec![Effect::Quit]
}

/// What Enter does, as it was said before it was pressed.
fn act(model: &mut Model) -> Vec<Effect> {
    match Enter::of(model) {
        Enter::Declare => incident::ask(model),
        Enter::ChooseSeverity => wished(model, Intent::RaiseSeverity, incident::ask),
        Enter::Close => incident::close(model),
        Enter::GoOn(step) => {
            model.panes.step = step;
            Vec::new()
        }
        Enter::ShowJob => shown(model, show_job),
        Enter::Tick | Enter::Attest | Enter::Override => wished(model, Intent::Tick, checklist::tick),
        Enter::ChooseTarget => wished(model, Intent::ChooseTarget, |m| shown(m, rollback::choose)),
        Enter::RollBack => wished(model, Intent::RollBack, rollback::ask),
        Enter::Show(pane) => look_closely(model, pane),
        Enter::FollowUp => wished(model, Intent::FollowUp, |m| asked(m, Purpose::FollowUp)),
        Enter::LookAtPod(pod) => dialogs::look_at_pod(model, pod),
        Enter::ShowScore => shown(model, |m| open(m, Dialog::Score)),
        Enter::LookBehind(value) => shown(model, |m| open(m, Dialog::Behind { value, scroll: 0 })),
        Enter::Tests => shown(model, functional::look),
        Enter::LookAtRevision(revision) => dialogs::look_at_revision(model, revision),
        Enter::First => moved(model, 0),
        Enter::Unzoom => shown(model, back),
    }
}

/// Grants it where that wish can be had, else says why not.
fn wished(model: &mut Model, wish: Intent, grant: impl FnOnce(&mut Model) -> Vec<Effect>) -> Vec<Effect> {
    match wish.availability(model) {
        Availability::Ready => grant(model),
        Availability::Disabled(why) => {
            journal::refuse(model, wish, why);
            Vec::new()
        }
    }
}

fn look_closely(model: &mut Model, pane: Pane) -> Vec<Effect> {
    model.panes.zoom = Some(pane);
    model.panes.focus = pane;
    journal::notice(model, Tone::Info, "Esc goes back to the checklist");
    Vec::new()
}

/// The cursor moves in the pane that has the keys.
fn moved(model: &mut Model, by: isize) -> Vec<Effect> {
    let scrolled = |at: usize| at.saturating_add_signed(by).min(10_000);
    match model.panes.focus {
        Pane::Checklist => {
            let steps: Vec<StepNo> = model.settings.runbook.steps().map(|s| s.no).collect();
            model.panes.step = neighbour(&steps, Some(model.panes.step), by).unwrap_or(model.panes.step);
        }
        Pane::Pods => model.panes.pod = next_pod(model, by),
        Pane::History => {
            let newest_first: Vec<_> =
                model.release().map(|r| r.revisions.iter().rev().map(|f| f.revision).collect()).unwrap_or_default();
            model.panes.revision = neighbour(&newest_first, model.panes.revision, by);
        }
        Pane::Alerts => model.panes.alerts_scroll = scrolled(model.panes.alerts_scroll),
        Pane::Timeline => {
            let last = model.incident.as_ref().map_or(0, |i| i.entries.len().saturating_sub(1));
            model.panes.timeline_scroll = model.panes.timeline_scroll.saturating_add_signed(-by).min(last);
        }
        // Only where it fills the screen does a curve have lines to go through.
        Pane::Errors | Pane::P95 if model.panes.zoom.is_some() => {
            let services = model.feeds.errors.known().map_or(0, |c| c.services.len());
            model.panes.curve_scroll = scrolled(model.panes.curve_scroll).min(services + QUERY_LINES);
        }
        Pane::Criteria => {
            let rows: Vec<Criterion> = model.board.rows.keys().copied().collect();
            model.panes.criterion = neighbour(&rows, model.panes.criterion, by);
        }
        Pane::Errors | Pane::P95 => {}
    }
    Vec::new()
}

fn next_pod(model: &Model, by: isize) -> Option<crate::domain::name::PodName> {
    model.feeds.pods.known()?.neighbour(model.panes.pod.as_ref(), by).cloned()
}

/// The item so many places from the selected one; the first where nothing is selected.
fn neighbour<T: Clone + PartialEq>(items: &[T], selected: Option<T>, by: isize) -> Option<T> {
    let here = selected.and_then(|s| items.iter().position(|i| *i == s));
    let there = here.map_or(0, |at| at.saturating_add_signed(by)).min(items.len().saturating_sub(1));
    items.get(there).cloned()
}
