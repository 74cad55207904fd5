//! The parts of a check that tell how traffic gets to the pods.
//!
//! Never: a part for what the release does not have.

use serde_json::json;

use crate::domain::ways::{NodeState, Way};
use crate::model::Model;
use crate::update::health::live;
use crate::update::ways;

use super::check::{Health, Part};
use super::check_parts::{ROWS, sensed};

/// How traffic gets to the pods: endpoints and nodes always, Ingresses and budgets where the release has some.
pub(super) fn ways(model: &Model) -> Vec<Part> {
    let feeds = &model.feeds;
    let one = |way: Way| {
        let (name, evidence) = (way.word(), ways::sense(model, way)?);
        Some(match way {
            Way::Endpoints => endpoints(model, sensed(name, evidence, &feeds.endpoints, model)),
            Way::Ingresses => sensed(name, evidence, &feeds.ingresses, model),
            Way::Budgets => sensed(name, evidence, &feeds.budgets, model),
            Way::Nodes => nodes(model, sensed(name, evidence, &feeds.nodes, model)),
        })
    };
    Way::ALL.into_iter().filter_map(one).collect()
}

fn endpoints(model: &Model, mut part: Part) -> Part {
    let Some((all, content)) = model.feeds.endpoints.fresh(model.now).zip(live(model)) else { return part };
    let mine = || all.iter().filter(|e| content.services.contains_key(&e.service));
    let short = mine().filter(|e| e.ready < e.all || e.ready == 0);
    part.details.extend(short.take(ROWS).map(|e| format!("{}: {} of {} ready", e.service, e.ready, e.all)));
    part.figures.insert("reached".into(), json!(mine().filter(|e| e.ready > 0).count()));
    part.figures.insert("services".into(), json!(content.services.len()));
    part
}

/// A node that runs short of something is to be watched; one that bears pods of ours and is down is bad.
fn nodes(model: &Model, mut part: Part) -> Part {
    if part.health == Health::Unwell && ways::fallen(model).is_none() {
        part.health = Health::Raised;
    }
    part.details.extend(ways::troubled(model).into_iter().take(ROWS).map(|(node, pods)| {
        let pods = pods.map_or_else(String::new, |n| format!(", {n} pods of the namespace on it"));
        format!("{} {}{pods}", node.name, node.trouble().unwrap_or_default())
    }));
    if let Some(all) = model.feeds.nodes.fresh(model.now) {
        part.figures.insert("ready".into(), json!(all.iter().filter(|n| n.state == NodeState::Ready).count()));
        part.figures.insert("nodes".into(), json!(all.len()));
    }
    part
}
