//! What was changed beside Helm: when it is asked, and which of it may have made the services go wrong.
//!
//! Never: asking while all is well and nobody needs to know.

use std::time::Duration;

use crate::domain::change::{Change, Changes, Kind, Touch, Uses, distance};
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::name::Service;
use crate::effect::Effect;
use crate::model::Model;
use crate::model::feed::Generation;
use crate::model::situation::Situation;

use super::derive::derive;
use super::health::live;

/// A change that long before an onset is worth a word.
pub const BEFORE: Duration = Duration::from_mins(30);

/// The question that is due.
pub fn due(model: &mut Model) -> Option<Effect> {
    let unwell = matches!(model.situation, Situation::Unwell(_) | Situation::Raised(_));
    let wanted = model.settings.asked.now(unwell || model.open_incident().is_some());
    if !wanted || !model.feeds.changes.is_due(model.now) {
        return None;
    }
    Some(Effect::ReadChanges(model.feeds.changes.ask(model.now), window(model)))
}

/// As far back as an onset can be seen, and what came before it.
fn window(model: &Model) -> Moment {
    let back = chrono::Duration::from_std(model.settings.history + BEFORE).unwrap_or_default();
    model.now.wall - back
}

/// They were read.
pub fn read(model: &mut Model, generation: Generation, changes: Changes) -> Vec<Effect> {
    if !model.feeds.changes.is_current(generation) {
        return Vec::new();
    }
    if let Some(fault) = all_dark(&changes) {
        model.feeds.changes.fail(fault, model.now);
    } else {
        let earlier = model.feeds.changes.known().map_or([].as_slice(), |c| &c.all);
        let changes = changes.remembering(earlier, window(model));
        model.feeds.changes.put(changes, model.now);
    }
    derive(model)
}

/// Nothing at all could be read.
fn all_dark(changes: &Changes) -> Option<Fault> {
    let dark = Kind::ALL.iter().all(|kind| changes.unseen.contains_key(kind));
    if dark { changes.unseen.values().next().cloned() } else { None }
}

/// Who reads what, by what is live.
pub fn uses(model: &Model) -> Option<&Uses> {
    live(model).map(|content| &content.uses)
}

/// The change that most likely brought about what began with that service then, and its weighed distance.
pub fn nearest<'a>(model: &'a Model, onset: Moment, service: &Service) -> Option<(&'a Change, Duration)> {
    let nobody = Uses::new();
    model.feeds.changes.known()?.nearest(onset, BEFORE, service, uses(model).unwrap_or(&nobody))
}

/// Changes from within the time before an onset, the likeliest first, each with whom it touches.
pub fn ranked<'a>(model: &'a Model, onset: Moment, service: &Service) -> Vec<(&'a Change, Touch)> {
    let nobody = Uses::new();
    let uses = uses(model).unwrap_or(&nobody);
    let all = model.feeds.changes.known().map_or([].as_slice(), |c| &c.all);
    let far = |c: &'a Change| {
        let touch = c.touch(service, uses);
        Some((distance(c.at, onset, BEFORE, touch)?, c, touch))
    };
    let mut all: Vec<_> = all.iter().filter_map(far).collect();
    all.sort_by_key(|(far, ..)| *far);
    all.into_iter().map(|(_, c, touch)| (c, touch)).collect()
}

/// Whether all that could have been changed is seen now.
pub fn is_whole(model: &Model) -> bool {
    model.feeds.changes.fresh(model.now).is_some_and(|c| c.unseen.is_empty())
}
