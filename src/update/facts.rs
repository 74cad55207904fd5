//! Facts of the watches, folded into their feeds.

use crate::domain::fact::Fact;
use crate::domain::fault::Fault;
use crate::domain::identity::Identity;
use crate::domain::workload::Warning;
use crate::effect::Effect;
use crate::model::Model;
use crate::model::feeds::WARNINGS;

use super::derive::derive;
use super::{follow, health, rollback, targets, workload};

/// The cluster said who it is.
pub fn identified(model: &mut Model, identity: Result<Identity, Fault>) -> Vec<Effect> {
    let now = model.now;
    match identity {
        Ok(identity) => model.identity.put(identity, now),
        Err(fault) => model.identity.fail(fault, now),
    }
    let mut effects = follow::due(model);
    effects.extend(derive(model));
    effects
}

/// The world reported a fact.
pub fn fact(model: &mut Model, fact: Fact) -> Vec<Effect> {
    let now = model.now;
    let mut effects = Vec::new();
    match fact {
        Fact::Pods(news) => {
            let filter = &model.panes.filter;
            model.feeds.pods.fold(now, |table| {
                table.fold(news);
                // It may have been written before there was a table.
                if table.filter() != filter {
                    table.set_filter(filter);
                }
            });
        }
        Fact::Workloads(news) => {
            model.feeds.workloads_told(news, now);
            workload::moved(model);
        }
        Fact::Warned(warning) => model.feeds.warnings.fold(now, |list| warned(list, warning)),
        Fact::Releases(releases) => {
            model.feeds.releases.put(releases, now);
            targets::select_release(model);
            rollback::history_moved(model);
            effects.extend(targets::ask_lived(model));
            effects.extend(health::due(model));
        }
        Fact::Endpoints(all) => model.feeds.endpoints.put(all, now),
        Fact::Ingresses(all) => model.feeds.ingresses.put(all, now),
        Fact::Nodes(all) => model.feeds.nodes.put(all, now),
        Fact::Budgets(all) => model.feeds.budgets.put(all, now),
        Fact::Alive(source) => model.feeds.alive(source, now),
        Fact::Lacking(aside, Some(fault)) => {
            model.feeds.lacking.insert(aside, fault);
        }
        Fact::Lacking(aside, None) => {
            model.feeds.lacking.remove(&aside);
        }
        Fact::Failing(source, fault) => model.feeds.fail(source, fault, now),
        Fact::Silent(source, fault, silence) => model.feeds.fail(source, fault, now.earlier(silence)),
    }
    effects.extend(derive(model));
    effects
}

fn warned(list: &mut Vec<Warning>, warning: Warning) {
    list.retain(|w| (&w.kind, &w.object, &w.reason) != (&warning.kind, &warning.object, &warning.reason));
    let place = list.iter().position(|w| w.at <= warning.at).unwrap_or(list.len());
    list.insert(place, warning);
    list.truncate(WARNINGS);
}
