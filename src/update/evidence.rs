//! The sensors: what proves each step, from feeds that are fresh. Old data proves nothing.
//!
//! Never: ticking.

use std::collections::BTreeMap;

use crate::domain::band::Band;
use crate::domain::criteria::Stretch;
use crate::domain::evidence::{Evidence, Sensor, Verdict};
use crate::domain::figure::{ratio, seconds};
use crate::domain::metrics::Signal;
use crate::domain::moment::{Moment, clock, short};
use crate::domain::name::{Revision, Service, StepNo};
use crate::domain::release::{Release, RevisionFacts, Status};
use crate::domain::workload::{Rollout, Workload};
use crate::model::Model;
use crate::model::feed::{Feed, Reading};
use crate::model::headline::lacking;
use crate::model::pods::Extent;
use crate::model::undone;

use super::health;

/// The evidence of every step that has a sensor.
pub fn all(model: &Model) -> BTreeMap<StepNo, Evidence> {
    model
        .settings
        .runbook
        .steps()
        .filter_map(|step| step.sensor.map(|sensor| (step.no, in_turn(model, sensor, weighed(model, sensor)))))
        .collect()
}

/// What shows that production is well shows nothing while the release is stopped.
fn weighed(model: &Model, sensor: Sensor) -> Evidence {
    let evidence = sense(model, sensor);
    match sensor {
        Sensor::Declared | Sensor::SeverityChosen | Sensor::TargetChosen | Sensor::RolledBack => evidence,
        Sensor::RolloutsDone
        | Sensor::PodsReady
        | Sensor::HealthUp
        | Sensor::LogsClean
        | Sensor::TestsPass
        | Sensor::ErrorsLow
        | Sensor::Stable => super::maintenance::weighed(model, evidence),
    }
}

/// What shows that a rollback worked shows nothing before it: until an act was asked for (or its step is settled) the value
/// is said as one from before.
fn in_turn(model: &Model, sensor: Sensor, evidence: Evidence) -> Evidence {
    let begun = |no| {
        model
            .incident
            .as_ref()
            .is_some_and(|i| i.jobs.values().any(|j| j.act.changes_what_runs()) || i.step(no).is_settled())
    };
    let step = model.settings.runbook.steps().find(|s| s.sensor == Some(Sensor::RolledBack));
    if !sensor.shows_an_effect() || evidence.verdict != Verdict::Met || step.is_none_or(|s| begun(s.no)) {
        return evidence;
    }
    say(Verdict::NotMet, format!("before the rollback, {}", evidence.value), evidence.at)
}

/// What that sensor says now.
pub fn sense(model: &Model, sensor: Sensor) -> Evidence {
    match sensor {
        Sensor::Declared => declared(model),
        Sensor::SeverityChosen => severity_chosen(model),
        Sensor::TargetChosen => target_chosen(model),
        Sensor::RolledBack => rolled_back(model),
        Sensor::RolloutsDone => rollouts_done(model),
        Sensor::PodsReady => pods_ready(model),
        Sensor::HealthUp => health::evidence(model),
        Sensor::LogsClean => super::logs::evidence(model),
        Sensor::TestsPass => super::functional::evidence(model),
        Sensor::ErrorsLow => errors_low(model),
        Sensor::Stable => stable(model),
    }
}

pub(super) const fn say(verdict: Verdict, value: String, at: Moment) -> Evidence {
    Evidence { verdict, value, at }
}

fn declared(model: &Model) -> Evidence {
    match &model.incident {
        Some(i) => say(Verdict::Met, format!("{} declared {}", i.severity, i.opened.format("%H:%M")), i.opened),
        None => say(Verdict::NotMet, "not declared".into(), model.now.wall),
    }
}

fn severity_chosen(model: &Model) -> Evidence {
    match &model.incident {
        Some(i) if i.severity_chosen => say(Verdict::Met, i.severity.to_string(), model.now.wall),
        Some(i) => say(Verdict::NotMet, format!("{} assumed, not confirmed", i.severity), model.now.wall),
        None => say(Verdict::NotMet, "not chosen".into(), model.now.wall),
    }
}

/// A chosen target in words: `rev 2: 3 d at 0.2 %`; one that is ruled out is called that.
pub fn target(model: &Model, revision: Revision) -> String {
    use crate::domain::release::Verdict::{Current, Failed, Pending, Possible, Target, Unknown};
    match model.choice.as_ref().and_then(|c| c.verdicts.get(&revision)) {
        Some((Failed | Pending | Unknown, why)) => format!("rev {revision}, against advice: {why}"),
        Some((Target | Current | Possible, why)) => format!("rev {revision}: {why}"),
        None => format!("rev {revision}: chosen by hand"),
    }
}

fn target_chosen(model: &Model) -> Evidence {
    let chosen = model.incident.as_ref().and_then(|i| i.target);
    let undone = model.undone();
    let instead = undone.last().filter(|_| chosen.is_none());
    if let Some(newest) = instead {
        let more = if undone.len() > 1 { format!(" and {} more", undone.len() - 1) } else { String::new() };
        let value = format!("undone instead: {} to its revision {}{more}", newest.workload.name, newest.to);
        return say(Verdict::Met, value, newest.at);
    }
    match (chosen, model.choice.as_ref().and_then(|c| c.target)) {
        (Some(revision), _) => say(Verdict::Met, target(model, revision), model.now.wall),
        (None, Some(revision)) => say(Verdict::NotMet, format!("proposed: rev {revision}"), model.now.wall),
        (None, None) => say(Verdict::Unknown, "no target can be proposed".into(), model.now.wall),
    }
}

/// The newest record is deployed and its content is the target's.
fn rolled_back(model: &Model) -> Evidence {
    let now = model.now.wall;
    let Some(release) = model.release().filter(|_| model.feeds.releases.fresh(model.now).is_some()) else {
        return say(Verdict::Unknown, "Helm history not readable".into(), now);
    };
    let Some(target) = model.incident.as_ref().and_then(|i| i.target) else {
        let proposed = model.choice.as_ref().and_then(|c| c.target).and_then(|to| release.revision(to));
        let by_undo = release.last().zip(proposed).and_then(|(last, target)| by_undo(model, last, target));
        if let Some(evidence) = by_undo.filter(|e| e.verdict == Verdict::Met) {
            return evidence;
        }
        let undone = undone::sentence(&model.undone()).map(|what| format!("{what}, and no target is chosen"));
        return say(Verdict::NotMet, undone.unwrap_or_else(|| "no target chosen".into()), now);
    };
    let (Some(last), Some(wanted)) = (release.last(), release.revision(target)) else {
        return say(Verdict::Unknown, format!("revision {target} is not in the history"), now);
    };
    let digests = (last.content.as_ref().map(|c| &c.digest), wanted.content.as_ref().map(|c| &c.digest));
    match digests {
        (Some(a), Some(b)) if a == b && last.status == Status::Deployed => {
            say(Verdict::Met, format!("rev {target} as rev {}", last.revision), now)
        }
        (Some(_), Some(_)) => by_undo(model, last, wanted)
            .unwrap_or_else(|| say(Verdict::NotMet, format!("rev {} is {}", last.revision, last.status), now)),
        _ => say(Verdict::Unknown, "a record cannot be read".into(), now),
    }
}

/// What undos have brought back of the target; `None` where nothing is undone. It is the target that runs only where
/// every workload that differs was taken back to the target's images, and the record still says another.
fn by_undo(model: &Model, last: &RevisionFacts, target: &RevisionFacts) -> Option<Evidence> {
    let undone = model.undone();
    let names: Vec<&str> = undone.iter().map(|u| u.workload.name.as_str()).collect();
    let at = undone.last()?.at;
    let (record, no) = (last.revision, target.revision);
    let differing = model.differing(target).unwrap_or_default();
    let other = differing.iter().find(|s| !undone.iter().any(|u| u.workload.name == **s) || !runs(model, target, s));
    Some(match other {
        None if !differing.is_empty() => say(
            Verdict::Met,
            format!("by undo of {}: rev {no}'s images run; helm's record is rev {record}", names.join(", ")),
            at,
        ),
        None => say(Verdict::NotMet, format!("{} undone, rev {record} is not rolled back", names.join(", ")), at),
        Some(other) => {
            let rest = format!("{other} does not run rev {no}'s images");
            say(Verdict::NotMet, format!("{} undone, but {rest}; helm's record is rev {record}", names.join(", ")), at)
        }
    })
}

fn runs(model: &Model, target: &RevisionFacts, service: &Service) -> bool {
    model.runs(target, service) == Some(true)
}

/// The workloads of the release at work.
fn workloads<'a>(model: &'a Model, release: Option<&'a Release>) -> Vec<&'a Workload> {
    let Some(all) = model.feeds.workloads.known() else { return Vec::new() };
    all.values().filter(|w| release.is_none_or(|r| w.release.as_ref() == Some(&r.name))).collect()
}

fn rollouts_done(model: &Model) -> Evidence {
    let now = model.now.wall;
    if model.feeds.workloads.fresh(model.now).is_none() {
        return say(Verdict::Unknown, feed_word("rollouts", &model.feeds.workloads, model), now);
    }
    let mine = workloads(model, model.release());
    if mine.is_empty() {
        return say(Verdict::Unknown, "no workload of the release is seen".into(), now);
    }
    if let Some(stopped) = model.maintenance_words() {
        return say(Verdict::NotMet, stopped, now);
    }
    let done = mine.iter().filter(|w| w.rollout == Rollout::Done).count();
    let value = format!("{done} of {} rollouts done", mine.len());
    if done == mine.len() {
        return say(Verdict::Met, value, now);
    }
    let slow = mine.iter().find_map(|w| match &w.rollout {
        Rollout::Stuck(how) => Some(format!("{value}, {} stuck: {how}", w.name)),
        Rollout::Paused => Some(format!("{value}, {} is paused", w.name)),
        Rollout::Done | Rollout::Going(_) => None,
    });
    say(Verdict::NotMet, slow.unwrap_or(value), now)
}

/// Every pod of the release's workloads is ready and, once a target is chosen and asked for, runs the target's images.
pub fn pods_ready(model: &Model) -> Evidence {
    let now = model.now.wall;
    let Some(table) = model.feeds.pods.fresh(model.now).filter(|t| t.extent == Extent::Whole) else {
        return say(Verdict::Unknown, feed_word("pods", &model.feeds.pods, model), now);
    };
    if let Some(stopped) = model.maintenance_words() {
        return say(Verdict::NotMet, stopped, now);
    }
    let mine = workloads(model, model.release());
    if let Some(why) = super::maintenance::doubted(model, &mine) {
        return say(Verdict::Unknown, why, now);
    }
    let (well, wanted) = mine.iter().fold((0, 0), |(well, wanted), w| {
        let tally = table.tally(&w.name);
        (well + tally.well, wanted + tally.wanted.max(usize::try_from(w.desired).unwrap_or(usize::MAX)))
    });
    if wanted == 0 {
        return say(Verdict::Unknown, "no pod of the release is seen".into(), now);
    }
    if well < wanted {
        return say(Verdict::NotMet, format!("{well}/{wanted} ready"), now);
    }
    match other_image(model, &mine) {
        Some(service) => say(Verdict::NotMet, format!("{well}/{wanted} ready, {service} runs another image"), now),
        None => match super::ways::fallen(model) {
            Some(node) => say(Verdict::NotMet, format!("{well}/{wanted} ready, but {node}"), now),
            None => say(Verdict::Met, format!("{well}/{wanted} ready"), now),
        },
    }
}

/// The first workload whose images are not the target's, once a rollback to it was asked for.
fn other_image(model: &Model, mine: &[&Workload]) -> Option<Service> {
    let incident = model.incident.as_ref()?;
    incident.last_rollback()?;
    let target = model.release()?.revision(incident.target?)?.content.as_ref()?;
    mine.iter().find(|w| target.images.get(&w.name).is_some_and(|images| *images != w.images)).map(|w| w.name.clone())
}

/// The worst service's error ratio is below the limit, and no service that has had traffic is left out.
pub fn errors_low(model: &Model) -> Evidence {
    low(model, Signal::ErrorRatio)
}

/// The worst service's P95 is below the limit, and no service that has had traffic is left out.
pub fn p95_low(model: &Model) -> Evidence {
    low(model, Signal::P95)
}

fn low(model: &Model, signal: Signal) -> Evidence {
    let now = model.now.wall;
    let (what, unit) = words(signal);
    let headline = model.headline(signal);
    let lacking = lacking(headline);
    let Some((worst, band)) = headline.worst.as_ref().zip(band(model, signal)) else {
        let why = lacking.map(|who| format!("{what}: {who}"));
        return say(Verdict::Unknown, why.unwrap_or_else(|| feed_word(what, model.feeds.curves(signal), model)), now);
    };
    let value = format!("{what} {} ({})", unit(worst.value), worst.service);
    match (band, lacking) {
        (Band::Well, None) => say(Verdict::Met, value, worst.at),
        (Band::Well, Some(who)) => say(Verdict::Unknown, format!("{value}, but {who}"), now),
        (Band::Raised | Band::Watch | Band::High | Band::Critical, _) => say(Verdict::NotMet, value, worst.at),
    }
}

/// What a signal is called, and how its values are written.
pub fn words(signal: Signal) -> (&'static str, fn(f64) -> String) {
    match signal {
        Signal::ErrorRatio => ("errors", ratio),
        Signal::P95 => ("P95", seconds),
        Signal::Traffic => ("traffic", |v| format!("{v:.1} requests/s")),
    }
}

/// The band of the worst value that is known; `None` where none is.
pub fn band(model: &Model, signal: Signal) -> Option<Band> {
    let bands = model.settings.limits.bands(signal)?;
    bands.of(model.headline(signal).worst.as_ref()?.value)
}

fn stable(model: &Model) -> Evidence {
    let hold = model.settings.limits.hold;
    match &model.stretch {
        Stretch::Unseen => say(Verdict::Unknown, "not measured yet".into(), model.now.wall),
        Stretch::Broken { at, why } => say(Verdict::NotMet, format!("broken {}: {why}", at.format("%H:%M:%S")), *at),
        Stretch::Holding { since, last, .. } => {
            let held = model.stretch.held();
            if held >= hold {
                say(Verdict::Met, format!("stable {} since {}", clock(held), since.format("%H:%M:%S")), *last)
            } else {
                say(Verdict::NotMet, format!("stable {} of {}", clock(held), clock(hold)), *last)
            }
        }
    }
}

pub(super) fn feed_word<T>(what: &str, feed: &Feed<T>, model: &Model) -> String {
    match feed.read(model.now) {
        Reading::Loading => format!("{what}: reading …"),
        Reading::Fresh { .. } => format!("{what}: no data, nothing is measured"),
        Reading::Stale { age, fault: None, .. } => format!("{what}: {} old", short(age)),
        Reading::Stale { age, fault: Some(fault), .. } => format!("{what}: {}, {} old", fault.word(), short(age)),
        Reading::Dark { fault, .. } => format!("{what}: {}", fault.word()),
    }
}
