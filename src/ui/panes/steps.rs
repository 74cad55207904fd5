//! One step of the checklist as lines: its sign, its title, its clock, and the value behind it.
//!
//! Never: a proposal that looks like a tick, nor a person's word that looks like a sensor's.

use std::time::Duration;

use ratatui::text::{Line, Span};

use crate::domain::checklist::{Proof, StepState};
use crate::domain::event::Event;
use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::moment::{Moment, clock, short, since};
use crate::domain::name::StepNo;
use crate::domain::runbook::Step;
use crate::model::Model;
use crate::model::journal::JournalState;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::text::{spread, width, wrap_within};

/// Where that step stands.
pub fn state(model: &Model, no: StepNo) -> &StepState {
    model.incident.as_ref().map_or(&StepState::Todo, |i| i.step(no))
}

/// The step that one was at: what is under way, else the first that is not settled.
pub fn place(model: &Model) -> Option<StepNo> {
    let began = |no: StepNo| match state(model, no) {
        StepState::Doing { since, .. } | StepState::Waiting { since, .. } => Some(*since),
        StepState::Todo | StepState::Done { .. } | StepState::Failed { .. } | StepState::Skipped { .. } => None,
    };
    let steps = || model.settings.runbook.steps().map(|s| s.no);
    steps()
        .filter_map(|no| began(no).map(|at| (at, no)))
        .max()
        .map(|(_, no)| no)
        .or_else(|| steps().find(|no| !state(model, *no).is_settled()))
}

/// Whether a tick or skip of it is on its way to the disk.
fn writing(model: &Model, step: StepNo) -> bool {
    let JournalState::Writing(events) = &model.journal else { return false };
    events
        .iter()
        .any(|e| matches!(e, Event::StepTicked { step: s, .. } | Event::StepSkipped { step: s, .. } if *s == step))
}

/// The sign of a state.
pub fn sign(state: &StepState) -> (&'static str, Role) {
    match state {
        StepState::Todo => (glyph::TODO, Role::Dim),
        StepState::Doing { reopened: Some(_), .. } => (glyph::REOPENED, Role::Loud),
        StepState::Doing { reopened: None, .. } => (glyph::DOING, Role::Focus),
        StepState::Waiting { .. } => (glyph::WAITING, Role::Warn),
        StepState::Done { proof: Proof::Sensed, .. } => (glyph::OK, Role::Ok),
        StepState::Done { proof: Proof::Attested, .. } => (glyph::ATTESTED, Role::Attested),
        StepState::Done { proof: Proof::Overridden, .. } => (glyph::OVERRIDDEN, Role::Warn),
        StepState::Failed { .. } => (glyph::BAD, Role::Bad),
        StepState::Skipped { .. } => (glyph::SKIPPED, Role::Dim),
    }
}

/// The time box: what is left of it, or by how much it is overrun, always in words.
fn time_box(look: Look<'_>, began: Moment, allowed: Duration) -> (String, Role) {
    let spent = since(began, look.now());
    match allowed.checked_sub(spent) {
        _ if allowed.is_zero() => (clock(spent), Role::Dim),
        Some(left) => (format!("{} left", clock(left)), Role::Dim),
        None => (format!("{} {} over", glyph::WARN, clock(spent.saturating_sub(allowed))), Role::Warn),
    }
}

/// What stands at the right of the title: the clock while it runs, the time when it is over, the box before.
fn right(look: Look<'_>, step: &Step, state: &StepState) -> (String, Role) {
    match state {
        _ if writing(look.model, step.no) => ("writing …".into(), Role::Dim),
        StepState::Todo => (short(step.time_box), Role::Dim),
        StepState::Doing { since, .. } | StepState::Waiting { since, .. } => time_box(look, *since, step.time_box),
        StepState::Done { at, .. } | StepState::Failed { at, .. } | StepState::Skipped { at, .. } => {
            (at.format("%H:%M").to_string(), Role::Dim)
        }
    }
}

/// What the sensor says now, as a proposal or as what is missing.
fn proposal(look: Look<'_>, evidence: &Evidence) -> (String, Role) {
    let age = since(evidence.at, look.now());
    let old = if age > Duration::from_secs(15) { format!(" ({} ago)", short(age)) } else { String::new() };
    match evidence.verdict {
        Verdict::Met => (format!("{} {}{old}", glyph::PROPOSED, evidence.value), Role::Proposal),
        Verdict::NotMet => (format!("{} not yet: {}{old}", glyph::INFO, evidence.value), Role::Plain),
        Verdict::Unknown => (format!("{} unknown: {}{old}", glyph::UNKNOWN, evidence.value), Role::Unknown),
    }
}

/// The lines of detail below the title, worst first.
fn detail(look: Look<'_>, step: &Step, state: &StepState) -> Vec<(String, Role)> {
    let evidence = look.model.evidence.get(&step.no).map(|e| proposal(look, e));
    match state {
        StepState::Todo => evidence.into_iter().collect(),
        StepState::Doing { reopened: Some(lost), .. } => {
            vec![(format!("reopened: was {}, now {}", lost.was, lost.now), Role::Bad)]
        }
        StepState::Doing { reopened: None, .. } => {
            let by_hand = step.sensor.is_none().then(|| ("your word ticks it".into(), Role::Dim));
            evidence.or(by_hand).into_iter().collect()
        }
        StepState::Waiting { on, .. } => {
            let mut lines = vec![(format!("asked, waiting: {on}"), Role::Warn)];
            lines.extend(evidence);
            lines
        }
        StepState::Done { by, value, proof, .. } => vec![match proof {
            Proof::Sensed => (value.clone(), Role::Ok),
            Proof::Attested => (format!("by hand, {by}: {value}"), Role::Attested),
            Proof::Overridden => (format!("unproved, {by}: {value}"), Role::Warn),
        }],
        StepState::Failed { why, .. } => vec![(format!("failed: {why}"), Role::Bad)],
        StepState::Skipped { by, why, .. } => vec![(format!("skipped by {by}: {why}"), Role::Dim)],
    }
}

/// The lines of a step: title and, below it, the value in at most `depth` lines; more where something must be read.
pub fn lines(look: Look<'_>, step: &Step, columns: usize, depth: usize) -> Vec<Line<'static>> {
    let state = state(look.model, step.no);
    let (sign, role) = sign(state);
    let selected = look.model.panes.step == step.no;
    let cursor = if selected { glyph::CURSOR } else { " " };
    let title = Line::from(vec![
        Span::styled(cursor, look.theme.style(Role::Focus)),
        Span::styled(sign, look.theme.style(role)),
        Span::styled(
            format!(" {:>2} {}", step.no, step.title),
            look.theme.style(if selected { Role::Key } else { Role::Plain }),
        ),
    ]);
    let (clock, clock_role) = right(look, step, state);
    // Where the title leaves no room for its words the clock has a line of its own: half a clock reads as another.
    let fits = title.width() + 1 + width(&clock) <= columns;
    let beside = if fits { Span::styled(clock.clone(), look.theme.style(clock_role)) } else { Span::raw("") };
    let mut lines = vec![spread(title, Line::from(beside), columns)];
    if !fits {
        lines.push(Line::styled(format!("      {clock}"), look.theme.style(clock_role)));
    }
    let reading = selected || matches!(state, StepState::Failed { .. } | StepState::Doing { reopened: Some(_), .. });
    for (text, role) in detail(look, step, state) {
        let rows = if reading { 3 } else { depth };
        for part in wrap_within(&text, columns.saturating_sub(6), rows) {
            lines.push(Line::styled(format!("      {part}"), look.theme.style(role)));
        }
    }
    lines
}
