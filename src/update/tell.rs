//! What the world shows by itself goes into the timeline when it happens: onsets, recoveries, alerts.

use crate::domain::alert::AlertState;
use crate::domain::event::Event;
use crate::domain::metrics::Curves;
use crate::domain::series::Onset;
use crate::model::Model;
use crate::model::feed::Feed;
use crate::model::told::Side;

use super::evidence::{headline, percent, seconds};
use super::situation::onset;

/// The news since the last time, while an incident is open.
pub fn news(model: &mut Model) -> Vec<Event> {
    if model.open_incident().is_none() {
        return Vec::new();
    }
    let limits = model.settings.limits;
    let errors = crossing(model, &model.feeds.errors, model.told.errors, (limits.errors_well, limits.errors_bad));
    let p95 = crossing(model, &model.feeds.p95, model.told.p95, (limits.p95_well, limits.p95_bad));
    let mut events = Vec::new();
    if let Some(c) = errors {
        model.told.errors = c.side;
        events.push(c.event("Errors", percent));
    }
    if let Some(c) = p95 {
        model.told.p95 = c.side;
        events.push(c.event("P95", seconds));
    }
    events.extend(alerts(model));
    events
}

struct Crossing {
    side: Side,
    when: crate::domain::moment::Moment,
    value: f64,
    limit: f64,
    service: crate::domain::name::Service,
}

impl Crossing {
    fn event(self, what: &str, unit: fn(f64) -> String) -> Event {
        let how = if self.side == Side::Bad { "above" } else { "below" };
        let sentence = format!("{what} {how} {}: {} ({})", unit(self.limit), unit(self.value), self.service);
        Event::Seen { when: self.when, what: sentence }
    }
}

fn crossing(model: &Model, feed: &Feed<Curves>, told: Side, (well, bad): (f64, f64)) -> Option<Crossing> {
    let worst = headline(model, feed)?;
    let (side, limit) = if worst.value > bad {
        (Side::Bad, bad)
    } else if worst.value < well {
        (Side::Well, well)
    } else {
        return None;
    };
    if side == told || (told == Side::Untold && side == Side::Well) {
        return None;
    }
    let when = if side == Side::Bad { onset(feed, &worst, bad) } else { None }.map_or(worst.at, Onset::moment);
    Some(Crossing { side, when, value: worst.value, limit, service: worst.service })
}

fn alerts(model: &mut Model) -> Vec<Event> {
    let Some(list) = model.feeds.alerts.fresh(model.now) else { return Vec::new() };
    let firing: std::collections::BTreeMap<String, (crate::domain::moment::Moment, String)> = list
        .iter()
        .filter(|a| a.state == AlertState::Firing)
        .map(|a| {
            let name = a.service.as_ref().map_or_else(|| a.name.clone(), |s| format!("{} ({s})", a.name));
            (name, (a.since, a.summary.clone()))
        })
        .collect();
    let mut events = Vec::new();
    for (name, (since, summary)) in &firing {
        if !model.told.alerts.contains(name) {
            events.push(Event::Seen { when: *since, what: format!("Alert firing: {name}: {summary}") });
        }
    }
    for name in model.told.alerts.iter().filter(|n| !firing.contains_key(*n)) {
        events.push(Event::Seen { when: model.now.wall, what: format!("Alert resolved: {name}") });
    }
    model.told.alerts = firing.into_keys().collect();
    events
}
