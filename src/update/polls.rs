//! Time and cadence: what is due on a tick, and the curves and alerts that come back.
//!
//! Cadence lives here, not in timers, so that a skipping drill ages nothing.

use std::time::Duration;

use chrono::DateTime;

use crate::domain::alert::Alert;
use crate::domain::fact::Source;
use crate::domain::fault::Fault;
use crate::domain::metrics::{Curves, MetricsRequest, Scope, Signal};
use crate::domain::moment::{Moment, Now};
use crate::effect::Effect;
use crate::model::Model;
use crate::model::feed::{Asked, Feed, Generation};
use crate::model::feeds::{POLL, STEP};

use super::derive::derive;
use super::{follow, traffic};

/// Time passed.
pub fn tick(model: &mut Model, now: Now) -> Vec<Effect> {
    model.now = now;
    model.arm = model.arm.at(now.mono);
    if model.notice.as_ref().is_some_and(|n| n.until <= now.mono) {
        model.notice = None;
    }
    let mut effects = due(model);
    effects.extend(follow::due(model));
    effects.extend(super::targets::ask_lived(model));
    effects.extend(super::dialogs::look_again(model));
    effects.extend(derive(model));
    effects
}

fn due(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let mut effects = Vec::new();
    if is_unidentified(model) {
        model.identity.ask(now);
        effects.push(Effect::Identify);
    }
    let history = model.settings.history;
    for (signal, scope, feed) in model.feeds.measured() {
        if feed.is_due(now) {
            let from = newest(feed, now.wall).map_or_else(|| back(now.wall, history), |t| back(t, STEP * 4));
            let generation = feed.ask(now);
            let request = MetricsRequest {
                signal,
                scope,
                namespace: model.settings.namespace.clone(),
                from: aligned(from),
                to: aligned(now.wall),
                step: STEP,
            };
            effects.push(Effect::Measure(generation, request));
        }
    }
    if model.feeds.alerts.is_due(now) {
        effects.push(Effect::ReadAlerts(model.feeds.alerts.ask(now)));
    }
    effects.extend(super::health::due(model));
    effects.extend(super::changes::due(model));
    effects.extend(super::maintenance::due(model));
    effects.extend(super::usage::due(model));
    effects.extend(super::logs::due(model));
    effects
}

/// Nobody has said yet which cluster this is, and nobody is being asked. Without it nothing can be declared or run, so
/// it is asked until it is said; a question always ends, so none is put beside another.
fn is_unidentified(model: &Model) -> bool {
    let idle = match model.identity.asked {
        Asked::Idle(None) => true,
        Asked::Idle(Some(last)) => model.now.mono.saturating_sub(last) >= POLL,
        Asked::Since(_) => false,
    };
    idle && model.identity.known().is_none()
}

/// The newest sample; none where it lies ahead of a clock that was set back: then all is read anew.
fn newest(feed: &Feed<Curves>, now: Moment) -> Option<Moment> {
    feed.known()?.newest().filter(|t| *t <= now + STEP)
}

fn back(t: Moment, by: Duration) -> Moment {
    t - chrono::Duration::from_std(by).unwrap_or_default()
}

/// On the grid of steps, so that overlapping reads fall on the same moments.
pub fn aligned(t: Moment) -> Moment {
    let step = i64::try_from(STEP.as_secs()).unwrap_or(1).max(1);
    DateTime::from_timestamp(t.timestamp().div_euclid(step) * step, 0).unwrap_or(t)
}

/// Curves came back, or a fault.
pub fn measured(
    model: &mut Model,
    (signal, scope): (Signal, Scope),
    generation: Generation,
    curves: Result<Curves, Fault>,
) -> Vec<Effect> {
    let now = model.now;
    let keep = usize::try_from(model.settings.history.as_secs() / STEP.as_secs().max(1)).unwrap_or(240).max(1);
    let feeds = model.feeds.measured().into_iter();
    let Some(feed) = feeds.filter(|(s, of, _)| (*s, *of) == (signal, scope)).map(|(_, _, feed)| feed).next() else {
        return Vec::new();
    };
    if !feed.is_current(generation) {
        return Vec::new();
    }
    match curves {
        Ok(newer) => {
            let merged = match feed.known().filter(|_| newest(feed, now.wall).is_some()) {
                Some(old) => old.clone().extended(newer, keep),
                None => newer,
            };
            feed.put(merged, now);
            traffic::remember(model);
        }
        Err(fault) => feed.fail(fault, now),
    }
    derive(model)
}

/// Alerts came back, or a fault.
pub fn alerts(model: &mut Model, generation: Generation, alerts: Result<Vec<Alert>, Fault>) -> Vec<Effect> {
    let now = model.now;
    if !model.feeds.alerts.is_current(generation) {
        return Vec::new();
    }
    match alerts {
        Ok(mut list) => {
            list.sort_by(|a, b| b.weight.cmp(&a.weight).then(a.name.cmp(&b.name)).then(a.service.cmp(&b.service)));
            model.feeds.alerts.put(list, now);
        }
        Err(fault) => model.feeds.fail(Source::Alerts, fault, now),
    }
    derive(model)
}
