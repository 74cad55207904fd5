//! Which services have had traffic: as long as one of them cannot be judged, the whole is at best unknown.
//!
//! Never: forgetting one during an incident because it has been silent for long; that is what a dead service looks like.

use chrono::Duration;

use crate::domain::name::Service;
use crate::model::Model;

/// Takes what the traffic curve shows, and forgets who is gone: outside an incident, after the curves' own length; at any
/// time, a service whose workload was deleted.
pub fn remember(model: &mut Model) {
    let Some(traffic) = model.feeds.traffic.known() else { return };
    let seen: Vec<_> = traffic.busy_moments().map(|(service, at)| (service.clone(), at)).collect();
    model.busy.extend(seen);
    let since = model.open_incident().map_or(model.now.wall, |i| i.opened);
    let oldest = since - Duration::from_std(model.settings.history).unwrap_or_default();
    let kept = model.busy.iter().filter(|(service, at)| **at >= oldest && !gone(model, service));
    model.busy = kept.map(|(service, at)| (service.clone(), *at)).collect();
}

/// Whether its workload was deleted, where workloads and curves go by the same names.
fn gone(model: &Model, service: &Service) -> bool {
    let Some(workloads) = model.feeds.workloads.fresh(model.now) else { return false };
    let is = |name: &Service| workloads.keys().any(|(_, w)| w == name);
    !is(service) && model.busy.keys().any(is)
}
