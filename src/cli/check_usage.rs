//! The parts of a check that tell what the services use of CPU and memory.
//!
//! Never: a share of what is neither limited nor requested.

use serde_json::{Map, Value, json};

use crate::domain::band::Band;
use crate::domain::moment::since;
use crate::domain::usage::{Bound, Resource, Share};
use crate::model::Model;
use crate::update::usage::judged;

use super::check::{Health, Part};
use super::check_parts::{ROWS, sensed};

/// One of both: the fullest services line by line, all of them in numbers.
pub(super) fn usage(model: &Model, resource: Resource) -> Part {
    let judged = judged(model, resource);
    let measured = since(judged.evidence.at, model.now.wall).as_secs();
    let mut part = sensed(resource.word(), judged.evidence, &model.feeds.usage, model);
    part.age_seconds = part.age_seconds.map(|age| age.max(measured));
    let worst = judged.shares.iter().filter_map(|s| s.band(resource)).max();
    if part.health == Health::Unwell && matches!(worst, Some(Band::Raised | Band::Watch)) {
        part.health = Health::Raised;
    }
    part.details.extend(judged.shares.iter().take(ROWS).map(|s| s.words(resource)));
    if judged.shares.len() > ROWS {
        part.details.push(format!("{} more use less or are not known", judged.shares.len() - ROWS));
    }
    if let Some(usage) = model.feeds.usage.fresh(model.now).filter(|_| !judged.shares.is_empty()) {
        part.figures.insert("source".into(), json!(usage.origin.word()));
        part.figures.insert("services".into(), judged.shares.iter().map(figures).collect::<Map<_, _>>().into());
    }
    part
}

fn figures(share: &Share) -> (String, Value) {
    let (of, most) = match share.bound {
        Bound::Limits(most) => (json!("limits"), json!(most)),
        Bound::Requests(most) => (json!("requests"), json!(most)),
        Bound::None => (Value::Null, Value::Null),
    };
    let Share { used, pods, measured, .. } = share;
    let told = json!({
        "used": used, "of": of, "most": most, "ratio": share.ratio(), "pods": pods, "measured": measured,
    });
    (share.service.to_string(), told)
}
