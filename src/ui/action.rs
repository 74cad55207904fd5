//! The bottom of the screen: warnings first, then what the line under the cursor offers and on which key, or why not.

use ratatui::text::{Line, Span};

use crate::domain::checklist::StepState;
use crate::domain::event::Ending;
use crate::domain::evidence::Verdict;
use crate::domain::moment::short;
use crate::domain::runbook::{Offer, Step};
use crate::intent::{Availability, Intent};
use crate::model::Model;
use crate::model::feed::Reading;
use crate::model::journal::JournalState;
use crate::model::overdue::overdue;
use crate::model::panes::Pane;

use super::look::Look;
use super::panes::steps::state;
use super::situation::{notice, notice_line};
use super::theme::{Role, glyph};
use super::widgets::text::{styled, wrap_within};

/// Warnings and the notice in at most so many lines; the notice first, because it answers the last key.
pub fn warnings(look: Look<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(notice) = notice(look) {
        lines.push(notice_line(look, notice));
    }
    for (text, role) in standing(look.model) {
        let sign = if role == Role::Bad { glyph::BAD } else { glyph::WARN };
        let wrapped =
            wrap_within(&format!("{sign} {text}"), columns.saturating_sub(4), rows.saturating_sub(lines.len()));
        let indented = wrapped.into_iter().enumerate().map(|(i, l)| format!("{}{l}", if i == 0 { " " } else { "   " }));
        lines.extend(styled(indented.collect(), look.theme.style(role)));
        if lines.len() >= rows {
            break;
        }
    }
    lines.truncate(rows);
    lines
}

/// What to know before acting, the gravest first.
fn standing(model: &Model) -> Vec<(String, Role)> {
    let mut all = Vec::new();
    match &model.journal {
        JournalState::Broken { why } => {
            all.push((format!("The journal cannot be written, so nothing is run: {why}"), Role::Bad));
        }
        JournalState::HeldBy { who } => {
            let age = match model.others.read(model.now) {
                Reading::Fresh { age: Some(age), .. } | Reading::Stale { age, .. } => {
                    format!("read {} ago", short(age))
                }
                Reading::Fresh { age: None, .. } | Reading::Loading | Reading::Dark { .. } => {
                    "not read again yet".into()
                }
            };
            let text = format!("{who} holds this incident ({age}); it is only shown here");
            all.push((text, Role::Warn));
        }
        JournalState::Edited { why } => all.push((format!("Nothing is run: {why}"), Role::Bad)),
        JournalState::Ready | JournalState::Writing(_) => {}
    }
    if let Some(incident) = model.open_incident()
        && let Some((id, record)) = incident.last_rollback()
        && let Some(Ending::Unknown { why }) = &record.ending
    {
        let text =
            format!("Outcome of job {id} unknown ({}): {why}. It is not repeated by itself.", record.act.sentence());
        all.push((text, Role::Bad));
    }
    if let Some(overdue) = overdue(model) {
        all.push((overdue.what, Role::Warn));
    }
    let step = model.settings.runbook.step(model.panes.step).filter(|_| model.focus() == Pane::Checklist);
    if let Some(step) = step.filter(|s| !s.warns.is_empty() && !state(model, s.no).is_settled()) {
        all.push((step.warns.clone(), Role::Warn));
    }
    all
}

/// The action line.
pub fn lines(look: Look<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let (lead, text, refused) = sentence(look.model);
    let mut wrapped = wrap_within(&format!("{lead}{text}"), columns.saturating_sub(4), rows).into_iter();
    let role = if refused { Role::Warn } else { Role::Key };
    let first = Line::from(vec![
        Span::styled(format!(" {} ", glyph::DOING), look.theme.style(Role::Focus)),
        Span::styled(wrapped.next().unwrap_or_default(), look.theme.style(role)),
    ]);
    let mut lines = vec![first];
    lines.extend(styled(wrapped.map(|l| format!("   {l}")).collect(), look.theme.style(role)));
    lines
}

/// Where the cursor is, what can be done there, and whether that is a refusal.
fn sentence(model: &Model) -> (String, String, bool) {
    if let Some((job, running)) = model.jobs.running() {
        let text = format!("{}; J shows how far it is.", running.plan.doing());
        return (format!("Job {job}: "), text, false);
    }
    let pane = model.focus();
    if pane == Pane::Checklist {
        return match model.settings.runbook.step(model.panes.step) {
            None => (String::new(), "The runbook has no steps.".into(), true),
            Some(step) => {
                let (text, refused) = step_sentence(model, step);
                (format!("{} {}: ", step.no, step.title), text, refused)
            }
        };
    }
    let alone = if model.panes.zoom.is_some() { "Esc brings the other panes back." } else { "z shows it alone." };
    (format!("{}: ", pane.title()), format!("{} {alone}", pane_sentence(model, pane)), false)
}

/// What can be done in a pane.
fn pane_sentence(model: &Model, pane: Pane) -> String {
    match pane {
        Pane::Checklist | Pane::Errors | Pane::P95 => String::new(),
        Pane::Pods => match &model.panes.pod {
            Some(pod) => format!("Enter shows {pod} with its log; / filters."),
            None => "↓ chooses a pod; / filters.".into(),
        },
        Pane::History => match model.panes.revision {
            Some(revision) => format!("Enter compares revision {revision} with the current one; v chooses the target."),
            None => "↓ chooses a revision; v chooses the target.".into(),
        },
        Pane::Alerts | Pane::Timeline => "↑ ↓ scroll.".into(),
    }
}

fn step_sentence(model: &Model, step: &Step) -> (String, bool) {
    let Some(incident) = &model.incident else {
        return ("Enter declares the incident.".into(), false);
    };
    if incident.closed.is_some() {
        return ("the incident is closed; Enter declares a new one.".into(), false);
    }
    if model.settings.runbook.steps().all(|s| incident.step(s.no).is_settled()) {
        return ("every step is settled: Enter closes the incident.".into(), false);
    }
    match incident.step(step.no) {
        StepState::Done { value, .. } => return (format!("done: {value}."), false),
        StepState::Waiting { on, .. } => {
            return (format!("waiting: {on}. It is done when the cluster shows it."), false);
        }
        StepState::Todo | StepState::Doing { .. } | StepState::Failed { .. } | StepState::Skipped { .. } => {}
    }
    let tick = tick_sentence(model, step);
    let met = model.evidence.get(&step.no).is_some_and(|e| e.verdict == Verdict::Met);
    let Some(offer) = step.offer.filter(|_| !met) else {
        return match Intent::Tick.availability(model) {
            Availability::Ready => (tick, false),
            Availability::Disabled(why) => (format!("{why}."), true),
        };
    };
    match availability(model, offer) {
        Availability::Disabled(why) => (format!("{why}."), true),
        Availability::Ready => (format!("Enter {}. {tick}", offered(model, offer)), false),
    }
}

/// How the step is ticked.
fn tick_sentence(model: &Model, step: &Step) -> String {
    if Intent::Tick.availability(model) != Availability::Ready {
        return String::new();
    }
    match (step.sensor, model.evidence.get(&step.no)) {
        (None, _) => "Space ticks it with your word.".into(),
        (Some(_), Some(e)) if e.verdict == Verdict::Met => format!("Space ticks it with: {}", e.value),
        (Some(_), _) if step.offer.is_none() => "Space asks why, if you must tick it unproved.".into(),
        (Some(_), _) => String::new(),
    }
}

fn availability(model: &Model, offer: Offer) -> Availability {
    match offer {
        Offer::RollBack => Intent::RollBack.availability(model),
        Offer::ChooseTarget => Intent::ChooseTarget.availability(model),
        Offer::WriteFollowUp => Intent::FollowUp.availability(model),
        Offer::ChooseSeverity => Intent::RaiseSeverity.availability(model),
        Offer::Declare | Offer::ShowRollouts | Offer::ShowPods | Offer::ShowErrors | Offer::ShowTimeline => {
            Availability::Ready
        }
    }
}

/// What Enter does, in words.
fn offered(model: &Model, offer: Offer) -> String {
    match offer {
        Offer::Declare => "declares the incident".into(),
        Offer::ChooseSeverity => "chooses the severity".into(),
        Offer::ChooseTarget => match model.target() {
            Some(target) => format!("chooses the target; proposed: revision {target}"),
            None => "chooses the target; none can be proposed".into(),
        },
        Offer::RollBack => match (model.release(), model.target()) {
            (Some(release), Some(target)) => {
                format!("plans {} back to revision {target}; nothing runs yet", release.name)
            }
            (Some(_), None) | (None, _) => "chooses a target first: none can be proposed".into(),
        },
        Offer::ShowRollouts => "shows the rollouts".into(),
        Offer::ShowPods => "shows the pods".into(),
        Offer::ShowErrors => "shows the error rate of every service".into(),
        Offer::ShowTimeline => "shows the timeline".into(),
        Offer::WriteFollowUp => "writes a follow-up".into(),
    }
}
