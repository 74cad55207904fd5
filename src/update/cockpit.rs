//! Wishes of the cockpit itself: moving the eye, and what the line under the cursor offers.

use crate::domain::name::StepNo;
use crate::domain::runbook::Offer;
use crate::effect::Effect;
use crate::intent::Intent;
use crate::model::arm::Arm;
use crate::model::dialog::{Dialog, Purpose};
use crate::model::panes::Pane;
use crate::model::{Model, Tone};

use super::{checklist, dialogs, incident, journal, open, rollback, targets, text};

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
        Intent::Filter => asked(model, Purpose::Filter),
        Intent::RollBack => rollback::ask(model),
        Intent::ChooseTarget => shown(model, rollback::choose),
        Intent::NextRelease => targets::next_release(model),
        Intent::Arm => shown(model, arm),
        Intent::RaiseSeverity => incident::raise(model),
        Intent::LowerSeverity => incident::lower(model),
        Intent::Refresh => shown(model, refresh),
        Intent::Help => shown(model, |m| open(m, Dialog::Help { scroll: 0 })),
        Intent::Palette => shown(model, |m| open(m, Dialog::Palette { typed: String::new(), cursor: 0 })),
        Intent::SkipAhead => vec![Effect::SkipAhead],
        Intent::ShowJob => shown(model, show_job),
        Intent::Back => shown(model, back),
        Intent::Suspend => vec![Effect::Suspend],
        Intent::Quit => quit(model),
        Intent::OtherSheet | Intent::CopyCommand | Intent::Confirm => Vec::new(),
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
    if model.panes.zoom.is_some() {
        model.panes.zoom = Some(pane);
    }
    Vec::new()
}

fn zoom(model: &mut Model) -> Vec<Effect> {
    model.panes.zoom = if model.panes.zoom.is_some() { None } else { Some(model.panes.focus) };
    Vec::new()
}

fn back(model: &mut Model) {
    if model.panes.zoom.take().is_none() && !model.panes.filter.is_empty() {
        model.panes.filter.clear();
        model.feeds.pods.amend(|table| table.set_filter(""));
    }
}

/// Arms for a while, or disarms.
pub fn arm(model: &mut Model) {
    let until = model.now.mono + model.settings.arm_for;
    model.arm = match model.arm.at(model.now.mono) {
        Arm::Safe => Arm::Armed { until },
        Arm::Armed { .. } => Arm::Safe,
        Arm::ReadOnly => Arm::ReadOnly,
    };
}

fn refresh(model: &mut Model) {
    use crate::model::feed::Asked;
    for feed in [&mut model.feeds.errors, &mut model.feeds.p95, &mut model.feeds.traffic] {
        feed.asked = Asked::Idle(None);
    }
    model.feeds.alerts.asked = Asked::Idle(None);
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

/// What the line under the cursor offers.
fn act(model: &mut Model) -> Vec<Effect> {
    match model.panes.focus {
        Pane::Checklist => offer(model),
        Pane::Pods => match model.panes.pod.clone() {
            Some(pod) => dialogs::look_at_pod(model, pod),
            None => moved(model, 0),
        },
        Pane::History => match model.panes.revision {
            Some(revision) => dialogs::look_at_revision(model, revision),
            None => moved(model, 0),
        },
        Pane::Errors | Pane::P95 | Pane::Alerts | Pane::Timeline => zoom(model),
    }
}

/// What the step under the cursor offers.
fn offer(model: &mut Model) -> Vec<Effect> {
    let all_settled =
        model.open_incident().is_some_and(|i| checklist::first_open(&model.settings.runbook, i).is_none());
    if all_settled {
        return incident::close(model);
    }
    let step = model.settings.runbook.step(model.panes.step).and_then(|s| s.offer);
    if model.open_incident().is_none() {
        return incident::ask(model);
    }
    match step {
        Some(Offer::Declare | Offer::ChooseSeverity) => incident::ask(model),
        Some(Offer::ChooseTarget) => wished(model, Intent::ChooseTarget),
        Some(Offer::RollBack) => wished(model, Intent::RollBack),
        Some(Offer::ShowRollouts | Offer::ShowPods) => look_closely(model, Pane::Pods),
        Some(Offer::ShowErrors) => look_closely(model, Pane::Errors),
        Some(Offer::ShowTimeline) => look_closely(model, Pane::Timeline),
        Some(Offer::WriteFollowUp) => asked(model, Purpose::FollowUp),
        None => checklist::tick(model),
    }
}

fn wished(model: &mut Model, intent: Intent) -> Vec<Effect> {
    super::keys::meant(model, crate::keymap::Scope::Cockpit, intent)
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
            model.panes.timeline_scroll = model.panes.timeline_scroll.saturating_add_signed(-by).min(10_000);
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
