//! The bottom of the screen: warnings first, then what the line under the cursor offers and on which key, or why not.

use ratatui::text::{Line, Span};

use crate::domain::checklist::StepState;
use crate::domain::earlier::LEFT;
use crate::domain::event::Ending;
use crate::domain::moment::short;
use crate::domain::name::{Revision, Service};
use crate::domain::runbook::Step;
use crate::intent::enter::Enter;
use crate::intent::{Availability, Intent};
use crate::model::Model;
use crate::model::dialog::Behind;
use crate::model::feed::Reading;
use crate::model::journal::JournalState;
use crate::model::next_step::NextStep;
use crate::model::overdue::{Pressing, overdue};
use crate::model::panes::Pane;
use crate::model::undone;

use super::look::Look;
use super::panes::steps::state;
use super::situation::{notice, notice_line};
use super::theme::{Role, glyph};
use super::widgets::text::{cut, styled, width, wrap, wrap_within};

/// Warnings and the notice in at most so many lines; the notice first, because it answers the last key.
pub fn warnings(look: Look<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(notice) = notice(look).filter(|_| look.model.dialog.is_none()) {
        lines.push(notice_line(look, notice));
    }
    for (text, role, more) in standing(look.model) {
        let sign = if role == Role::Bad { glyph::BAD } else { glyph::WARN };
        let rows = rows.saturating_sub(lines.len());
        let wrapped = cut_with(&format!("{sign} {text}"), columns.saturating_sub(4), rows, more);
        let indented = wrapped.into_iter().enumerate().map(|(i, l)| format!("{}{l}", if i == 0 { " " } else { "   " }));
        lines.extend(styled(indented.collect(), look.theme.style(role)));
        if rows == 0 {
            break;
        }
    }
    lines.truncate(rows);
    lines
}

/// The text in at most so many lines; where it is cut, it says which key shows the rest.
fn cut_with(text: &str, columns: usize, rows: usize, more: &str) -> Vec<String> {
    let whole = wrap(text, columns);
    if whole.len() <= rows || more.is_empty() {
        return wrap_within(text, columns, rows);
    }
    let Some(last) = rows.checked_sub(1) else { return Vec::new() };
    let rest = whole.get(last..).unwrap_or_default().join(" ");
    let mut kept: Vec<String> = whole.into_iter().take(last).collect();
    kept.push(format!("{} {more}", cut(&rest, columns.saturating_sub(width(more) + 1))));
    kept
}

/// What to know before acting, the gravest first, and which key shows the rest where it is cut.
fn standing(model: &Model) -> Vec<(String, Role, &'static str)> {
    let mut all = Vec::new();
    if let Reading::Dark { fault, .. } = model.identity.read(model.now) {
        let text = format!(
            "Nothing can be declared or run: the cluster does not say who it is. {}.{} It is asked again by itself.",
            fault.sentence().trim_end_matches('.'),
            fault.cure()
        );
        all.push((text, Role::Bad, ""));
    }
    match &model.journal {
        JournalState::Broken { why } => {
            all.push((format!("The journal cannot be written, so nothing is run: {why}"), Role::Bad, ""));
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
            let text = format!("{} this incident ({age}); it is only shown here", who.holds());
            all.push((text, Role::Warn, ""));
        }
        JournalState::Left => all.push((format!("Nobody holds this incident: {LEFT}"), Role::Warn, "")),
        JournalState::Edited { why } => all.push((format!("Nothing is run: {why}"), Role::Bad, "")),
        JournalState::Ready | JournalState::Writing(_) => {}
    }
    if let Some(incident) = model.open_incident()
        && let Some((id, record)) = incident.unknown().first()
        && let Some(Ending::Unknown { why }) = &record.ending
    {
        let text =
            format!("Outcome of job {id} unknown ({}): {why}. It is not repeated by itself.", record.act.sentence());
        all.push((text, Role::Bad, ""));
    }
    if let Some(overdue) = overdue(model) {
        let role = match overdue.pressing {
            Pressing::Decide => Role::Bad,
            Pressing::Call => Role::Warn,
        };
        all.push((overdue.what, role, ""));
    }
    if let Some(reminder) = overwritten(model) {
        all.push((reminder, Role::Warn, ""));
    }
    let step = model.settings.runbook.step(model.panes.step).filter(|_| model.focus() == Pane::Checklist);
    if let Some(step) = step.filter(|s| !s.warns.is_empty() && !state(model, s.no).is_settled()) {
        all.push((step.warns.clone(), Role::Warn, "i: all"));
    }
    all
}

/// In the last block, and while every step is settled: what the next upgrade does to what was undone.
fn overwritten(model: &Model) -> Option<String> {
    let (runbook, incident) = (&model.settings.runbook, model.open_incident()?);
    let block = incident.first_open(runbook).and_then(|no| runbook.block_of(no));
    let closing = block.is_none_or(|block| block + 1 == runbook.blocks.len());
    undone::reminder(&model.undone(), model.release()?.live()?.revision).filter(|_| closing)
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

/// Where the cursor is, what Enter does there and what else can be done, and whether that is a refusal.
fn sentence(model: &Model) -> (String, String, bool) {
    let pane = model.focus();
    let (lead, text, refused) = if pane == Pane::Checklist {
        match model.settings.runbook.step(model.panes.step) {
            None => (String::new(), "The runbook has no steps.".into(), true),
            Some(step) => {
                let (text, refused) = step_sentence(model, step);
                (format!("{} {}: ", step.no, step.title), text, refused)
            }
        }
    } else {
        (format!("{}: ", pane.title()), pane_sentence(model, pane), false)
    };
    match (model.jobs.running(), NextStep::open(model)) {
        (None, None) => (lead, text, refused),
        (None, Some((_, next))) => (format!("Next: {} (J, Enter). {lead}", next.sentence()), text, refused),
        (Some((job, running)), _) => {
            (format!("Job {job}: {} (J shows it). {lead}", running.plan.doing()), text, refused)
        }
    }
}

/// What can be done in a pane.
fn pane_sentence(model: &Model, pane: Pane) -> String {
    let alone = if model.panes.zoom.is_some() { "Esc goes back." } else { "z shows it alone." };
    let text = match Enter::of(model) {
        Enter::LookAtPod(pod) => format!("Enter shows {pod} with its log; / filters."),
        Enter::LookAtRevision(revision) => {
            format!("Enter compares revision {revision} with the current one; v chooses the target.")
        }
        Enter::LookBehind(value) => format!("Enter shows {}.", behind(value)),
        Enter::Tests => "Enter shows the functional tests.".into(),
        Enter::First if pane == Pane::Pods => "Enter or ↓ chooses a pod; / filters.".into(),
        Enter::First => "Enter or ↓ chooses a revision; v chooses the target.".into(),
        Enter::Unzoom => return format!("{}Enter or Esc goes back.", scrolls(pane)),
        Enter::Show(other) if other != pane => format!("Enter shows {}.", shown(other)),
        Enter::Show(_) => return format!("{}Enter or z shows it alone.", scrolls(pane)),
        Enter::Declare
        | Enter::Close
        | Enter::GoOn(_)
        | Enter::ShowJob
        | Enter::Tick
        | Enter::Attest
        | Enter::Override
        | Enter::ChooseSeverity
        | Enter::ChooseTarget
        | Enter::RollBack
        | Enter::ShowScore
        | Enter::FollowUp => String::new(),
    };
    format!("{text} {alone}")
}

const fn scrolls(pane: Pane) -> &'static str {
    match pane {
        Pane::Criteria => "↓ chooses a criterion. ",
        Pane::Alerts | Pane::Timeline => "↑ ↓ scroll. ",
        Pane::Checklist | Pane::Errors | Pane::P95 | Pane::Pods | Pane::History => "",
    }
}

fn step_sentence(model: &Model, step: &Step) -> (String, bool) {
    let enter = Enter::of(model);
    if let Some(wish) = wish(&enter)
        && let Availability::Disabled(why) = wish.availability(model)
    {
        return (format!("not now, {why}."), true);
    }
    if enter == Enter::Declare && model.identity.known().is_none() {
        return ("not yet, the cluster has not said who it is.".into(), true);
    }
    let evidence = || model.evidence.get(&step.no).map_or("", |e| e.value.as_str());
    let text = match enter {
        Enter::ShowScore => "the incident is closed; Enter shows the score, q ends.".into(),
        Enter::Declare if model.incident.is_some() => "the incident is closed; Enter declares a new one.".into(),
        Enter::Declare => "Enter declares the incident.".into(),
        Enter::Close => "every step is settled: Enter closes the incident.".into(),
        Enter::GoOn(next) => match state(model, step.no) {
            StepState::Done { value, .. } => format!("Enter goes on to step {next}; this one is done: {value}."),
            StepState::Skipped { why, .. } => format!("Enter goes on to step {next}; this one was left out: {why}."),
            StepState::Todo | StepState::Doing { .. } | StepState::Waiting { .. } | StepState::Failed { .. } => {
                format!("Enter goes on to step {next}.")
            }
        },
        Enter::ShowJob => "Enter shows how far it is; it is done when the cluster shows it.".into(),
        Enter::Tick => format!("Enter ticks it with: {}", evidence()),
        Enter::Attest => "Enter asks what you did or saw, and ticks it with that.".into(),
        Enter::Override => "Enter asks why, if you must tick it unproved.".into(),
        Enter::ChooseSeverity => "Enter chooses the severity.".into(),
        Enter::ChooseTarget => match model.target() {
            Some(target) => format!("Enter chooses the target; proposed: revision {target}."),
            None => "Enter chooses the target; none can be proposed.".into(),
        },
        Enter::RollBack => match (model.release(), model.target()) {
            (Some(release), Some(target)) => {
                let alone = alone(model, target).map_or_else(String::new, |s| format!(" U: {s} alone."));
                format!("Enter plans {} back to revision {target}; nothing runs yet.{alone}", release.name)
            }
            (Some(_), None) | (None, _) => "Enter chooses a target first: none can be proposed.".into(),
        },
        Enter::Show(pane) => format!("Enter shows {}.{}", shown(pane), by_word(step)),
        Enter::FollowUp => format!("Enter writes an action item.{}", by_word(step)),
        Enter::LookBehind(value) => format!("Enter shows {}.{}", behind(value), by_word(step)),
        Enter::Tests => format!("Enter shows the functional tests; nothing runs yet. {}", evidence()),
        Enter::LookAtPod(_) | Enter::LookAtRevision(_) | Enter::First | Enter::Unzoom => String::new(),
    };
    (text, false)
}

/// The one workload whose images differ from that revision's, where it is one of many.
fn alone(model: &Model, target: Revision) -> Option<Service> {
    let release = model.release()?;
    match model.differing(release.revision(target)?)?.as_slice() {
        [one] if release.services().len() > 1 && Intent::Undo.availability(model) == Availability::Ready => {
            Some(one.clone())
        }
        _ => None,
    }
}

/// The wish that Enter stands for, where it can be refused.
const fn wish(enter: &Enter) -> Option<Intent> {
    match enter {
        Enter::RollBack => Some(Intent::RollBack),
        Enter::ChooseTarget => Some(Intent::ChooseTarget),
        Enter::ChooseSeverity => Some(Intent::RaiseSeverity),
        Enter::FollowUp => Some(Intent::FollowUp),
        Enter::Tick | Enter::Attest | Enter::Override => Some(Intent::Tick),
        Enter::Declare
        | Enter::Close
        | Enter::GoOn(_)
        | Enter::ShowJob
        | Enter::Show(_)
        | Enter::LookAtPod(_)
        | Enter::LookBehind(_)
        | Enter::Tests
        | Enter::LookAtRevision(_)
        | Enter::First
        | Enter::ShowScore
        | Enter::Unzoom => None,
    }
}

const fn behind(value: Behind) -> &'static str {
    match value {
        Behind::Health => "what each service says of its health",
        Behind::Changes => "what was changed before it went wrong",
        Behind::Logs => "what the pods write",
    }
}

const fn shown(pane: Pane) -> &'static str {
    match pane {
        Pane::Checklist => "the checklist",
        Pane::Errors => "the error rate of every service",
        Pane::P95 => "the P95 of every service",
        Pane::Pods => "the pods",
        Pane::History => "the revisions",
        Pane::Alerts => "the alerts",
        Pane::Timeline => "the timeline",
        Pane::Criteria => "the eight criteria",
    }
}

/// How a step is ticked whose Enter does something else.
const fn by_word(step: &Step) -> &'static str {
    match step.sensor {
        None => " Space ticks it with your word.",
        Some(_) => "",
    }
}
