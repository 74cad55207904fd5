//! The board of the eight criteria, "stable" on the moments of the samples, and the decision that is due without it.

use crate::domain::alert::{AlertState, AlertWeight};
use crate::domain::board::{Board, Criterion, Standing};
use crate::domain::checklist::{Proof, StepState};
use crate::domain::criteria::{Sample, Stretch};
use crate::domain::event::{Act, Event};
use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::fault::Fault;
use crate::domain::metrics::{Curves, Signal};
use crate::domain::moment::Moment;
use crate::domain::severity::Severity;
use crate::model::Model;
use crate::model::feed::Reading;

use super::evidence::{errors_low, feed_word, p95_low, pods_ready, say};
use super::{functional, health, logs, maintenance};

/// Folds what is measured now into the board and the stretch, while an incident is open.
pub fn sample(model: &mut Model) {
    if model.open_incident().is_none() {
        (model.stretch, model.board, model.decision_due) = (Stretch::Unseen, Board::default(), None);
        return;
    }
    let mut board = std::mem::take(&mut model.board);
    let now = model.now.wall;
    for criterion in Criterion::ALL {
        let (standing, value, at) = stands(model, criterion);
        board.stand(criterion, standing, value, at, now);
    }
    let verdict = board.sensed();
    let value = board.first(Verdict::NotMet).map(|row| row.value.clone()).unwrap_or_default();
    let at = match verdict {
        Verdict::Met => known_until(model).unwrap_or(now),
        Verdict::NotMet => board.first(Verdict::NotMet).map_or(now, |row| row.at),
        Verdict::Unknown => now,
    };
    if verdict == Verdict::Met && !is_even(model) {
        model.board = board;
        model.decision_due = decision_due(model);
        return;
    }
    let held = matches!(model.stretch, Stretch::Holding { .. });
    let stretch = std::mem::replace(&mut model.stretch, Stretch::Unseen).after(&Sample {
        at,
        newest: newest(model).unwrap_or(at),
        verdict,
        value,
    });
    match &stretch {
        Stretch::Broken { at, why } if held => board.broke(why.clone(), *at),
        Stretch::Holding { since, .. } if !held => board.calm(*since),
        Stretch::Unseen | Stretch::Broken { .. } | Stretch::Holding { .. } => {}
    }
    (model.stretch, model.board) = (stretch, board);
    model.decision_due = decision_due(model);
}

/// Until when both curves of every service that can be judged are known: well later than that is nobody's word.
fn known_until(model: &Model) -> Option<Moment> {
    [Signal::ErrorRatio, Signal::P95].into_iter().filter_map(|signal| model.headline(signal).until).min()
}

/// Whether both curves reach equally far. While the answer of one is still under way, what it does not know yet would
/// hide a gap of the other.
fn is_even(model: &Model) -> bool {
    let newest = |signal| model.feeds.curves(signal).known().and_then(Curves::newest);
    newest(Signal::ErrorRatio) == newest(Signal::P95)
}

/// The newest of all that was asked for: samples of the curves, and what services and logs said.
fn newest(model: &Model) -> Option<Moment> {
    let newest = |signal| model.feeds.curves(signal).known().and_then(Curves::newest);
    let curves = [Signal::ErrorRatio, Signal::P95].into_iter().filter_map(newest);
    let answers = [model.feeds.health.good_at(), model.feeds.logs.good_at()].into_iter().flatten().map(|now| now.wall);
    curves.chain(answers).filter(|at| *at <= model.now.wall).max()
}

/// How a criterion stands: by its sensor, else by the word of the person who settled its step.
fn stands(model: &Model, criterion: Criterion) -> (Standing, String, Moment) {
    let sensed = match criterion {
        Criterion::Pods => Some(pods_calm(model)),
        Criterion::Errors => Some(errors_low(model)),
        Criterion::P95 => Some(p95_low(model)),
        Criterion::Alerts => alerts_silent(model),
        Criterion::Health => health::sensed(model),
        Criterion::Logs => logs::sensed(model),
        Criterion::Tests => functional::sensed(model),
        Criterion::Users => None,
    };
    if let Some(Evidence { verdict, value, at }) = sensed.map(|evidence| maintenance::weighed(model, evidence)) {
        return (Standing::Sensed(verdict), value, at);
    }
    let no = criterion.attested_at();
    // What a sensor proved of the step is no word on what it does not see.
    if let Some(StepState::Done { at, by, value, proof: Proof::Attested | Proof::Overridden }) =
        model.open_incident().map(|i| i.step(no))
    {
        return (Standing::Attested, format!("{by}: {value}"), *at);
    }
    let why = match criterion {
        Criterion::Health => health::blind(model),
        Criterion::Logs => logs::blind(model),
        Criterion::Tests => functional::blind(model),
        Criterion::Pods | Criterion::Errors | Criterion::P95 | Criterion::Alerts | Criterion::Users => {
            "no sensor yet".into()
        }
    };
    let value = match model.settings.runbook.step(no) {
        Some(step) if step.sensor.is_none() || criterion == Criterion::Health => {
            format!("cannot know: {why}; whoever ticks {no} {} says so", step.title)
        }
        Some(_) | None => format!("cannot know: {why}"),
    };
    (Standing::Unattested, value, model.now.wall)
}

/// Every pod of the release is ready and none restarted within the window.
fn pods_calm(model: &Model) -> Evidence {
    let ready = pods_ready(model);
    let restarted = model.feeds.pods.known().and_then(|t| t.urgent_first().find(|p| p.restarts.count() > 0));
    match restarted.filter(|_| ready.verdict == Verdict::Met) {
        Some(pod) => say(
            Verdict::NotMet,
            format!("{}, but {} restarted {} times in 5 min", ready.value, pod.name, pod.restarts),
            ready.at,
        ),
        None => ready,
    }
}

/// No critical alert rings; one that somebody silenced rings all the same. Where nothing is measured, none can: silence is
/// then no calm. `None` where there is no source of alerts at all.
fn alerts_silent(model: &Model) -> Option<Evidence> {
    let now = model.now.wall;
    if matches!(model.feeds.alerts.read(model.now), Reading::Dark { fault: Fault::Absent { .. }, .. }) {
        return None;
    }
    let Some(all) = model.feeds.alerts.fresh(model.now) else {
        return Some(say(Verdict::Unknown, feed_word("alerts", &model.feeds.alerts, model), now));
    };
    let critical = |state| all.iter().filter(move |a| a.state == state && a.weight == AlertWeight::Critical);
    let ringing = || critical(AlertState::Firing).chain(critical(AlertState::Silenced));
    let at = model.feeds.alerts.good_at().map_or(now, |good| good.wall);
    Some(match ringing().next() {
        Some(first) => {
            let service = first.service.as_ref().map(|s| format!(" ({s})")).unwrap_or_default();
            let more = ringing().count() - 1;
            let more = if more > 0 { format!(", {more} more") } else { String::new() };
            let rings = match (first.state, first.silence()) {
                (AlertState::Silenced, Some(s)) => {
                    format!("still rings, silenced by {} until {}", s.by, s.until.format("%H:%M"))
                }
                (AlertState::Silenced, None) => "still rings, silenced".into(),
                (AlertState::Firing | AlertState::Pending, _) => "rings".into(),
            };
            say(Verdict::NotMet, format!("{} {rings}{service}{more}", first.name), at)
        }
        None if !matches!(model.measured(Signal::ErrorRatio, None), Reading::Fresh { .. }) => {
            say(Verdict::Unknown, "none rings, but what they measure is dark".into(), now)
        }
        None => say(Verdict::Met, "no critical alert rings".into(), at),
    })
}

/// Since when a decision is due: that long after the newest rollback (or the last such decision) it is not stable.
fn decision_due(model: &Model) -> Option<Moment> {
    let due = deadline(model)?;
    let stable = model.stretch.held() >= model.settings.limits.hold;
    (!stable && due <= model.now.wall).then_some(due)
}

/// Until when it should be stable after the newest rollback, or after the last decision to go on; `None` before any.
pub fn deadline(model: &Model) -> Option<Moment> {
    let incident = model.open_incident().filter(|_| model.maintenance().is_none())?;
    let (_, job) = incident.last_rollback()?;
    let decided = incident.entries.iter().rev().find(|e| {
        matches!(
            e.event,
            Event::WentOn { .. }
                | Event::SeveritySet { severity: Severity::Sev1, .. }
                | Event::ActAsked { act: Act::Stop { .. }, .. }
        )
    });
    let began = decided.map_or(job.asked, |e| e.at.max(job.asked));
    Some(began + chrono::Duration::from_std(model.settings.limits.decide).unwrap_or_default())
}
