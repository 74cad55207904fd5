//! What the services of the release use of the CPU and memory that they may have: when it is asked, and what the answer
//! proves.
//!
//! Never: asking while nobody needs to know, nor a service that is not measured taken for one that is well.

use std::collections::BTreeMap;

use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::fault::Fault;
use crate::domain::moment::{Moment, since};
use crate::domain::name::{PodName, Service};
use crate::domain::usage::{Judged, OLDEST, Resource, Share, Usage, Used, percent};
use crate::domain::workload::{Pod, PodState};
use crate::effect::Effect;
use crate::model::Model;
use crate::model::feed::Generation;
use crate::model::pods::Extent;

use super::derive::derive;
use super::evidence::{feed_word, say};
use super::health::is_wanted;

/// The question that is due.
pub fn due(model: &mut Model) -> Option<Effect> {
    if !is_wanted(model) || !model.feeds.usage.is_due(model.now) {
        return None;
    }
    Some(Effect::ReadUsage(model.feeds.usage.ask(model.now)))
}

/// An answer came back, or a fault.
pub fn read(model: &mut Model, generation: Generation, usage: Result<Usage, Fault>) -> Vec<Effect> {
    if !model.feeds.usage.is_current(generation) {
        return Vec::new();
    }
    match usage {
        Ok(usage) => model.feeds.usage.put(usage, model.now),
        Err(fault) => model.feeds.usage.fail(fault, model.now),
    }
    derive(model)
}

/// What is known of that resource.
pub fn judged(model: &Model, resource: Resource) -> Judged {
    let now = model.now.wall;
    let unknown = |why: String| Judged { evidence: say(Verdict::Unknown, why, now), shares: Vec::new() };
    if !is_wanted(model) {
        return unknown("asked while an incident is open".into());
    }
    let Some(usage) = model.feeds.usage.fresh(model.now) else {
        return unknown(feed_word(resource.title(), &model.feeds.usage, model));
    };
    let running = match running(model) {
        Ok(running) => running,
        Err(why) => return unknown(why),
    };
    let used: BTreeMap<&PodName, &Used> = usage.pods.iter().map(|u| (&u.pod, u)).collect();
    let share = |(service, pods): (&Service, Vec<&Pod>)| {
        let pods: Vec<_> = pods.into_iter().map(|p| (p.sizes, used.get(&p.name).copied())).collect();
        Share::of(service.clone(), resource, &pods, now)
    };
    let mut shares: Vec<Share> = running.into_iter().map(share).collect();
    // What is known to be full first; of what is not known, the name decides.
    shares.sort_by(|a, b| {
        let of = |s: &Share| s.ratio().unwrap_or(-1.0);
        of(b).total_cmp(&of(a)).then_with(|| a.service.cmp(&b.service))
    });
    Judged { evidence: together(&shares, resource, oldest(usage, now)), shares }
}

/// When the oldest of the samples was taken that still counts.
fn oldest(usage: &Usage, now: Moment) -> Moment {
    usage.pods.iter().map(|u| u.at).filter(|at| since(*at, now) <= OLDEST).min().unwrap_or(now)
}

/// Every service is below the limit of success.
fn together(shares: &[Share], resource: Resource, at: Moment) -> Evidence {
    let title = resource.title();
    let Some(fullest) = shares.first() else {
        return say(Verdict::Unknown, "no workload of the release is seen".into(), at);
    };
    let full = shares.iter().filter(|s| s.verdict(resource) == Verdict::NotMet).count();
    let untold = shares.iter().find(|s| s.verdict(resource) == Verdict::Unknown);
    let more = if full > 1 { format!(", {} more above {}", full - 1, limit(resource)) } else { String::new() };
    let most = format!("{title} {}", fullest.short());
    match (full, untold) {
        (0, None) => say(Verdict::Met, format!("{most} at most"), at),
        (0, Some(untold)) if untold.service == fullest.service => {
            say(Verdict::Unknown, format!("{title}: {}", untold.words(resource)), at)
        }
        (0, Some(untold)) => say(Verdict::Unknown, format!("{most} at most, but {}", untold.words(resource)), at),
        (_, _) => say(Verdict::NotMet, format!("{most}{more}"), at),
    }
}

/// `70 %`
fn limit(resource: Resource) -> String {
    percent(resource.bands().well)
}

/// The pods that run, by workload of the release that should; else why that is not known.
fn running(model: &Model) -> Result<BTreeMap<&Service, Vec<&Pod>>, String> {
    let whole = model.feeds.pods.fresh(model.now).filter(|t| t.extent == Extent::Whole);
    let table = whole.ok_or_else(|| feed_word("pods", &model.feeds.pods, model))?;
    let workloads = model.feeds.workloads.fresh(model.now);
    let workloads = workloads.ok_or_else(|| feed_word("workloads", &model.feeds.workloads, model))?;
    let release = model.release().ok_or("no release is seen")?;
    let wanted = workloads.values().filter(|w| w.release.as_ref() == Some(&release.name) && w.desired > 0);
    let mut running: BTreeMap<&Service, Vec<&Pod>> = wanted.map(|w| (&w.name, Vec::new())).collect();
    for pod in table.urgent_first().filter(|p| p.state == PodState::Running) {
        if let Some(pods) = pod.service.as_ref().and_then(|s| running.get_mut(s)) {
            pods.push(pod);
        }
    }
    Ok(running)
}
