//! What the world shows by itself goes into the timeline when it happens: onsets, recoveries, alerts, rules.

use std::collections::BTreeMap;

use crate::domain::alert::{Alert, AlertState};
use crate::domain::band::Band;
use crate::domain::detection::{Tier, Watched, by_rule};
use crate::domain::event::Event;
use crate::domain::figure::{ratio, seconds};
use crate::domain::metrics::Signal;
use crate::domain::moment::Moment;
use crate::domain::name::Service;
use crate::domain::series::Onset;
use crate::model::overdue::{Overdue, overdue};
use crate::model::told::Side;
use crate::model::{Model, Tone};

use super::journal;
use super::situation::onset;

/// The news since the last time, while an incident is open.
pub fn news(model: &mut Model) -> Vec<Event> {
    if model.open_incident().is_none() {
        return Vec::new();
    }
    let errors = crossing(model, Signal::ErrorRatio, model.told.errors);
    let p95 = crossing(model, Signal::P95, model.told.p95);
    let mut events = Vec::new();
    if let Some(c) = errors {
        model.told.errors = c.side;
        events.push(c.event("Errors", ratio));
    }
    if let Some(c) = p95 {
        model.told.p95 = c.side;
        events.push(c.event("P95", seconds));
    }
    events.extend(alerts(model));
    events.extend(rules(model));
    events.extend(late(model));
    events
}

/// A time that has passed, told once.
fn late(model: &mut Model) -> Option<Event> {
    let Overdue { when, what, .. } = overdue(model)?;
    let seen = Event::Seen { when, what: what.clone() };
    let told = |event: &Event| *event == seen;
    if model.open_incident()?.entries.iter().any(|e| told(&e.event)) || journal::is_pending(model, told) {
        return None;
    }
    journal::notice(model, Tone::Alarm, what);
    Some(seen)
}

struct Crossing {
    side: Side,
    when: Moment,
    value: f64,
    limit: f64,
    service: Service,
}

impl Crossing {
    fn event(self, what: &str, unit: fn(f64) -> String) -> Event {
        let how = if self.side == Side::Bad { "above" } else { "below" };
        let sentence = format!("{what} {how} {}: {} ({})", unit(self.limit), unit(self.value), self.service);
        Event::Seen { when: self.when, what: sentence }
    }
}

fn crossing(model: &Model, signal: Signal, told: Side) -> Option<Crossing> {
    let bands = model.settings.limits.bands(signal)?;
    let headline = model.headline(signal);
    let worst = headline.worst.clone()?;
    let side = match bands.of(worst.value)? {
        Band::High | Band::Critical => Side::Bad,
        // It is back when nobody is left out.
        Band::Well if headline.whole().is_some() => Side::Well,
        Band::Well | Band::Raised | Band::Watch => return None,
    };
    if side == told || (told == Side::Untold && side == Side::Well) {
        return None;
    }
    let limit = if side == Side::Bad { bands.high } else { bands.well };
    let since = if side == Side::Bad { onset(model, signal, &worst.service, limit) } else { None };
    let when = since.map_or(worst.at, Onset::moment);
    Some(Crossing { side, when, value: worst.value, limit, service: worst.service })
}

fn alerts(model: &mut Model) -> Vec<Event> {
    let Some(list) = model.feeds.alerts.fresh(model.now) else { return Vec::new() };
    let named = Alert::called;
    let in_state = |state| list.iter().filter(move |a| a.state == state);
    let firing: BTreeMap<String, (Moment, String)> =
        in_state(AlertState::Firing).map(|a| (named(a), (a.since, a.summary.clone()))).collect();
    let mut events = Vec::new();
    for (name, (since, summary)) in &firing {
        if !model.told.alerts.contains(name) {
            events.push(Event::Seen { when: *since, what: format!("Alert firing: {name}: {summary}") });
        }
    }
    for name in model.told.alerts.iter().filter(|n| !firing.contains_key(*n)) {
        let silenced = in_state(AlertState::Silenced).any(|a| named(a) == *name);
        let what = if silenced { "silenced, it still rings" } else { "resolved" };
        events.push(Event::Seen { when: model.now.wall, what: format!("Alert {what}: {name}") });
    }
    model.told.alerts = firing.into_keys().collect();
    events
}

/// The gravest rule of what it watches, when it begins to ring, at the sample that made it; one less grave tells nothing
/// new, and what is only to be watched is no news.
fn rules(model: &mut Model) -> Vec<Event> {
    let mut gravest: BTreeMap<Watched, (Tier, Moment, String)> = BTreeMap::new();
    for (first, more) in by_rule(&model.alarms).into_iter().filter(|(first, _)| first.rule.tier > Tier::Medium) {
        let more = if more == 0 { String::new() } else { format!(", {more} more") };
        let when = first.samples.last().map_or(model.now.wall, |(at, _)| *at);
        let what = format!("Rule rings: {}{more}", first.sentence(model.now.wall));
        gravest.entry(first.rule.watches).or_insert((first.rule.tier, when, what));
    }
    if model.sees_all() {
        model.told.rules.retain(|watched, _| gravest.contains_key(watched));
    }
    let news = gravest.into_iter().filter_map(|(watched, (tier, when, what))| {
        let told = model.told.rules.entry(watched).or_insert(Tier::Medium);
        let grave = *told < tier;
        *told = tier.max(*told);
        grave.then_some(Event::Seen { when, what })
    });
    news.collect()
}
