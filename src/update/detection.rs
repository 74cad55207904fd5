//! Which rules ring now, on what is fresh, and the severity that follows: the highest, and in doubt the higher.
//!
//! Never: an alarm from data that nobody vouches for, nor from a service with too few requests.

use crate::domain::band::Band;
use crate::domain::detection::{Alarm, Judged, Rule, Suggestion, Watched};
use crate::domain::metrics::{Lack, Signal};
use crate::domain::severity::Severity;
use crate::domain::workload::{Pod, PodState};
use crate::model::Model;
use crate::model::pods::Extent;

use super::evidence::band;

/// The alarms that ring, the gravest first.
pub fn alarms(model: &Model) -> Vec<Alarm> {
    let mut all: Vec<Alarm> = model.settings.rules.iter().flat_map(|rule| ringing(model, rule)).collect();
    all.sort_by(|a, b| (b.rule.severity, b.rule.tier, a.since).cmp(&(a.rule.severity, a.rule.tier, b.since)));
    all
}

fn ringing(model: &Model, rule: &Rule) -> Vec<Alarm> {
    match rule.watches {
        Watched::Errors => curves(model, rule, Signal::ErrorRatio),
        Watched::P95 => curves(model, rule, Signal::P95),
        Watched::Restarts => pods(model)
            .into_iter()
            .flatten()
            .filter_map(|p| pod(model, rule, p, f64::from(p.restarts.count())))
            .collect(),
        Watched::FailingPods => {
            let failing: Vec<&Pod> =
                pods(model).into_iter().flatten().filter(|p| matches!(p.state, PodState::Failing(_))).collect();
            let first = failing.first().filter(|_| failing.len() as f64 > rule.above);
            first.map(|p| now(model, rule, p.name.to_string(), failing.len() as f64)).into_iter().collect()
        }
        Watched::PodsDown => {
            let known = model.feeds.pods.fresh(model.now).filter(|t| t.extent == Extent::Whole);
            let (well, all) = known.map_or((0, 0), crate::model::pods::PodTable::serving);
            let down = (all > 0).then(|| (all - well.min(all)) as f64 / all as f64);
            let whom = format!("{} of {all} pods", all.saturating_sub(well));
            down.filter(|d| *d > rule.above).map(|d| now(model, rule, whom, d)).into_iter().collect()
        }
    }
}

fn pods(model: &Model) -> Option<impl Iterator<Item = &Pod>> {
    // Faults come first and the rest rings nothing: what does not fail nor restart is not looked through.
    Some(model.feeds.pods.fresh(model.now)?.urgent_first().take(200))
}

fn pod(model: &Model, rule: &Rule, pod: &Pod, value: f64) -> Option<Alarm> {
    (value > rule.above).then(|| now(model, rule, pod.name.to_string(), value))
}

fn now(model: &Model, rule: &Rule, whom: String, value: f64) -> Alarm {
    Alarm { rule: rule.clone(), whom, since: model.now.wall, samples: vec![(model.now.wall, value)] }
}

fn curves(model: &Model, rule: &Rule, signal: Signal) -> Vec<Alarm> {
    let Some(curves) = model.feeds.curves(signal).fresh(model.now) else { return Vec::new() };
    let headline = model.headline(signal);
    let weighed = |service| match headline.lacking.get(service) {
        None => model.busy.contains_key(service),
        // Where traffic is not measured at all, what is bad is bad.
        Some(Lack::Unweighed) => true,
        Some(Lack::Few(_) | Lack::Silent(_)) => false,
    };
    let judged = curves.services.iter().filter(|(service, _)| weighed(*service)).filter_map(|(service, series)| {
        match rule.judge(series, model.now.wall) {
            Judged::Rings(samples) => Some((service, samples)),
            Judged::Quiet | Judged::Pending(_) | Judged::Unknown => None,
        }
    });
    judged
        .filter_map(|(service, samples)| {
            let since = samples.first()?.0;
            Some(Alarm { rule: rule.clone(), whom: service.to_string(), since, samples })
        })
        .collect()
}

/// The severity that the alarms suggest, with its reason. Where not everything can be known, not less than SEV-2.
pub fn suggested(model: &Model) -> Suggestion {
    let worst = model.alarms.first();
    let known = model.sees_all();
    let bad = [Signal::ErrorRatio, Signal::P95].into_iter().any(|s| band(model, s) >= Some(Band::High));
    match worst {
        Some(alarm) if alarm.rule.severity >= Severity::Sev2 || known => {
            Suggestion { severity: alarm.rule.severity, why: alarm.sentence(model.now.wall) }
        }
        Some(alarm) => Suggestion {
            severity: Severity::Sev2,
            why: format!("{}, and not everything can be seen: the higher one", alarm.sentence(model.now.wall)),
        },
        None if known && !bad => {
            Suggestion { severity: Severity::Sev2, why: "no rule rings; in doubt the higher one".into() }
        }
        None => Suggestion { severity: Severity::Sev2, why: "not everything can be seen: the higher one".into() },
    }
}
