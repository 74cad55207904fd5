//! What follows from what is known: situation, evidence, criteria, what the timeline must tell. Computed once per
//! event, never per frame.

use crate::domain::usage::Resource;
use crate::domain::ways::Way;
use crate::effect::Effect;
use crate::model::Model;
use crate::model::headline::Headlines;

use super::{checklist, criteria, decision, detection, evidence, health, logs, situation, targets, tell, usage, ways};

/// Brings everything derived up to date; the effects are journal entries about what the world showed by itself.
pub fn derive(model: &mut Model) -> Vec<Effect> {
    model.headlines = Headlines::of(model);
    situation::remember(model);
    targets::choose(model);
    model.ways = Way::ALL.into_iter().filter_map(|way| Some((way, ways::sense(model, way)?))).collect();
    model.usage = Resource::ALL.into_iter().map(|r| (r, usage::judged(model, r))).collect();
    model.logs_since = health::is_wanted(model).then(|| logs::since(model));
    criteria::sample(model);
    model.alarms = detection::alarms(model);
    model.suggestion = Some(detection::suggested(model));
    model.situation = situation::of(model);
    model.suspects = situation::suspects(model);
    match &model.suspects {
        Some(suspects) => model.accused = Some(suspects.service.clone()),
        None if model.open_incident().is_none() => model.accused = None,
        None => {}
    }
    model.evidence = evidence::all(model);
    decision::follow(model);
    let mut events = tell::news(model);
    events.extend(checklist::lost(model));
    super::journal::append(model, events)
}
