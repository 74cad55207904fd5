//! The parts of a check: each from its feed, judged by the sensor that proves the checklist's step.
//!
//! Never: an empty answer taken for a good one.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::domain::alert::{AlertState, AlertWeight};
use crate::domain::band::Band;
use crate::domain::detection::{Tier, by_rule};
use crate::domain::evidence::{Evidence, Sensor, Verdict};
use crate::domain::health::{Checked, Finding};
use crate::domain::identity::Pin;
use crate::domain::metrics::{Curves, Signal};
use crate::domain::moment::{short, since};
use crate::domain::release::Status;
use crate::domain::series::Series;
use crate::domain::usage::Resource;
use crate::domain::workload::{Pod, Rollout};
use crate::model::Model;
use crate::model::feed::{Feed, Reading};
use crate::update::evidence::{band, errors_low, p95_low, pods_ready, sense, words};
use crate::update::health::asks;

use super::check::{Health, Part};
use super::check_logs::logs;
use super::check_usage::usage;
use super::check_ways::ways;

/// Rows shown of what may be many.
pub(super) const ROWS: usize = 5;

/// All parts, in the order in which they are told.
pub fn parts(model: &Model) -> Vec<Part> {
    let mut parts = vec![cluster(model), release(model), rollouts(model), pods(model)];
    parts.extend(ways(model));
    parts.extend([
        health_of_all(model),
        logs(model),
        usage(model, Resource::Cpu),
        usage(model, Resource::Memory),
        curve(model, "errors", Signal::ErrorRatio),
        curve(model, "p95", Signal::P95),
        alerts(model),
        rules(model),
    ]);
    parts
}

const fn health(verdict: Verdict) -> Health {
    match verdict {
        Verdict::Met => Health::Well,
        Verdict::NotMet => Health::Unwell,
        Verdict::Unknown => Health::Unknown,
    }
}

fn part(part: &'static str, health: Health, value: impl Into<String>, age: Option<Duration>) -> Part {
    let age_seconds = age.map(|a| a.as_secs());
    Part { part, health, value: value.into(), age_seconds, details: Vec::new(), figures: Map::new() }
}

/// The age of what a feed knows, and the sentence of its fault.
fn age<T>(feed: &Feed<T>, model: &Model) -> (Option<Duration>, Option<String>) {
    match feed.read(model.now) {
        Reading::Loading => (None, Some("no answer yet".into())),
        Reading::Fresh { age, .. } => (Some(age.unwrap_or_default()), None),
        Reading::Stale { age, fault, .. } => (Some(age), fault.map(crate::domain::fault::Fault::sentence)),
        Reading::Dark { fault, .. } => (None, Some(fault.sentence())),
    }
}

/// What a sensor says, with the age and the fault of its feed.
pub(super) fn sensed<T>(name: &'static str, evidence: Evidence, feed: &Feed<T>, model: &Model) -> Part {
    let (age, fault) = age(feed, model);
    let mut part = part(name, health(evidence.verdict), evidence.value, age);
    part.details.extend(fault);
    part
}

fn cluster(model: &Model) -> Part {
    match model.identity.read(model.now) {
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            let how = match &value.pin {
                Pin::Uid(_) => "known by the uid of kube-system",
                Pin::ServerAndCa => "known by server and CA; the uid of kube-system may not be read",
            };
            part("cluster", Health::Well, format!("{}, {how}", value.server), Some(Duration::ZERO))
        }
        Reading::Dark { fault, .. } => part("cluster", Health::Unknown, fault.sentence(), None),
        Reading::Loading => part("cluster", Health::Unknown, "no answer", None),
    }
}

fn release(model: &Model) -> Part {
    let (age, fault) = age(&model.feeds.releases, model);
    let namespace = &model.settings.namespace;
    let Some(last) = model.release().and_then(|r| r.last().map(|last| (r, last))) else {
        let why = fault.unwrap_or_else(|| match &model.settings.release {
            Some(name) => format!("there is no Helm release {name} in namespace {namespace}"),
            None => format!("there is no Helm release in namespace {namespace}"),
        });
        return part("release", Health::Unknown, why, age);
    };
    let (release, last) = last;
    let health = match last.status {
        Status::Deployed => Health::Well,
        Status::Failed
        | Status::Uninstalled
        | Status::Superseded
        | Status::Uninstalling
        | Status::PendingInstall
        | Status::PendingUpgrade
        | Status::PendingRollback => Health::Unwell,
        Status::Unknown => Health::Unknown,
    };
    let ago = short(since(last.updated, model.now.wall));
    let value = format!("{} revision {} {}, {ago} ago", release.name, last.revision, last.status);
    let health = if fault.is_some() { health.max(Health::Unknown) } else { health };
    let mut part = part("release", health, value, age);
    part.details.extend(last.content.as_ref().map(|c| format!("{}: {}", c.chart, c.description)));
    part.details.extend(fault);
    part.figures.insert("name".into(), json!(release.name));
    part.figures.insert("revision".into(), json!(last.revision));
    part.figures.insert("status".into(), json!(last.status));
    part
}

fn rollouts(model: &Model) -> Part {
    let mut part = sensed("rollouts", sense(model, Sensor::RolloutsDone), &model.feeds.workloads, model);
    let going =
        model.feeds.workloads.known().into_iter().flat_map(|all| all.values()).filter_map(|w| match &w.rollout {
            Rollout::Done => None,
            Rollout::Going(how) => Some(format!("{}: {how}", w.name)),
            Rollout::Stuck(how) => Some(format!("{} is stuck: {how}", w.name)),
            Rollout::Paused => Some(format!("{} is paused", w.name)),
        });
    part.details.extend(going.take(ROWS));
    part
}

fn pods(model: &Model) -> Part {
    let mut part = sensed("pods", pods_ready(model), &model.feeds.pods, model);
    let Some(table) = model.feeds.pods.known() else { return part };
    let (ready, wanted) = table.serving();
    let unwell: Vec<&Pod> = table.urgent_first().take_while(|p| !p.is_well()).take(ROWS + 1).collect();
    part.details.extend(unwell.iter().take(ROWS).map(|p| pod(p)));
    if part.health == Health::Unknown {
        part.details.push(format!("{ready} of {wanted} pods of the namespace are ready"));
    }
    if wanted.saturating_sub(ready) > ROWS {
        part.details.push(format!("{} more of the namespace are not ready", wanted - ready - ROWS));
    }
    part.figures.insert("ready".into(), json!(ready));
    part.figures.insert("wanted".into(), json!(wanted));
    part
}

fn pod(pod: &Pod) -> String {
    let (ready, all) = pod.ready();
    let restarts = match pod.restarts.count() {
        0 => String::new(),
        _ => format!(", {} restarts in 5 min", pod.restarts),
    };
    format!("{} {ready}/{all} {}{restarts}", pod.name, pod.state.word())
}

/// What the services say of themselves: those that are not well, with their latency.
fn health_of_all(model: &Model) -> Part {
    let mut part = sensed("health", sense(model, Sensor::HealthUp), &model.feeds.health, model);
    if asks(model).is_empty() {
        part.details.clear();
    }
    let asking = &model.settings.health;
    let answers = model.feeds.health.known().map(Vec::as_slice).unwrap_or_default();
    let bad = |c: &&Checked| c.finding(asking) != Finding::Up;
    part.details.extend(
        answers
            .iter()
            .filter(bad)
            .take(ROWS)
            .map(|c| format!("{}: {}, {} ms", c.ask.place(), c.finding(asking).words(), c.took.as_millis())),
    );
    let of = |c: &Checked| {
        let word = match c.finding(asking) {
            Finding::Up => "up",
            Finding::Down(_) => "down",
            Finding::Silent(_) | Finding::Blind(_) => "unknown",
        };
        (c.ask.service.to_string(), json!({"health": word, "ms": c.took.as_millis()}))
    };
    if !answers.is_empty() {
        let up = answers.iter().filter(|c| !bad(c)).count();
        part.figures.insert("up".into(), json!(up));
        part.figures.insert("asked".into(), json!(answers.len()));
        part.figures.insert("services".into(), answers.iter().map(of).collect::<Map<_, _>>().into());
    }
    part
}

/// Errors or P95: the worst service's band, by the one table of bands; the age is the sample's own.
fn curve(model: &Model, name: &'static str, signal: Signal) -> Part {
    let evidence = match signal {
        Signal::ErrorRatio | Signal::Traffic => errors_low(model),
        Signal::P95 => p95_low(model),
    };
    let mut part = sensed(name, evidence, model.feeds.curves(signal), model);
    let worst = model.headline(signal).worst.as_ref();
    let newest = model.measured(signal, worst.map(|w| &w.service));
    part.age_seconds = match newest {
        Reading::Fresh { age, .. } => age,
        Reading::Stale { age, .. } => Some(age),
        Reading::Loading | Reading::Dark { .. } => None,
    }
    .map(|a| a.as_secs());
    let (unit, (_, written)) = (if signal == Signal::P95 { "seconds" } else { "ratio" }, words(signal));
    let (told, figures) = together(model, signal, unit, written);
    part.details.push(told);
    part.figures.insert("overall".into(), figures);
    let Some((worst, bands)) = worst.zip(model.settings.limits.bands(signal)) else { return part };
    if matches!(band(model, signal), Some(Band::Raised | Band::Watch)) {
        part.health = Health::Raised;
    }
    let limits = [("well below", bands.well), ("to be watched above", bands.watch), ("bad above", bands.high)];
    part.details.push(limits.map(|(word, limit)| format!("{word} {}", written(limit))).join(", "));
    part.figures.insert(unit.into(), json!(worst.value));
    part.figures.insert("service".into(), json!(worst.service));
    part
}

/// All services together, in words and in numbers: beside the worst, and judged by nobody.
fn together(model: &Model, signal: Signal, unit: &str, written: fn(f64) -> String) -> (String, Value) {
    let last = |curves: &Curves| curves.together().and_then(Series::last).map(|(_, v)| v);
    let told = |text: String| (format!("all services together: {text}"), Value::Null);
    let query = |curves: &Curves| curves.query.clone();
    match model.together(signal) {
        None | Some(Reading::Loading) => told("no answer yet".into()),
        Some(Reading::Dark { fault, .. }) => told(fault.sentence()),
        Some(Reading::Stale { value, age, .. }) => told(match last(value) {
            Some(was) => format!("was {}, {} old", written(was), short(age)),
            None => "no data".into(),
        }),
        Some(Reading::Fresh { value, age }) => {
            let age = age.unwrap_or_default();
            let Some(now) = last(value) else { return told("no data".into()) };
            let figures = json!({unit: now, "age_seconds": age.as_secs(), "query": query(value)});
            (format!("all services together: {} ({} old)", written(now), short(age)), figures)
        }
    }
}

/// What rings. An alert of weight info is told and judged by nobody: many clusters have one that always rings.
fn alerts(model: &Model) -> Part {
    let (age, fault) = age(&model.feeds.alerts, model);
    let Some(all) = model.feeds.alerts.fresh(model.now) else {
        return part("alerts", Health::Unknown, fault.unwrap_or_else(|| "no answer".into()), age);
    };
    let in_state = |state| all.iter().filter(move |a| a.state == state);
    let ringing = in_state(AlertState::Firing).filter(|a| a.weight > AlertWeight::Info).count();
    let (pending, silenced) = (in_state(AlertState::Pending).count(), in_state(AlertState::Silenced).count());
    let health = if ringing > 0 { Health::Unwell } else { Health::Well };
    let mut part = part("alerts", health, format!("{ringing} firing, {pending} pending, {silenced} silenced"), age);
    part.details.extend(in_state(AlertState::Firing).take(ROWS).map(|a| {
        let service = a.service.as_ref().map(|s| format!(" ({s})")).unwrap_or_default();
        format!("{}{service} for {}: {}", a.name, short(since(a.since, model.now.wall)), a.summary)
    }));
    part.figures.insert("firing".into(), json!(ringing));
    part
}

/// The rules that ring, each alarm with the samples that made it.
fn rules(model: &Model) -> Part {
    let ringing = by_rule(&model.alarms);
    let health = match ringing.iter().map(|(first, _)| first.rule.tier).max() {
        Some(Tier::Critical | Tier::High) => Health::Unwell,
        Some(Tier::Medium) => Health::Raised,
        None if model.sees_all() => Health::Well,
        None => Health::Unknown,
    };
    let value = match (ringing.len(), model.sees_all()) {
        (0, true) => "none rings".into(),
        (0, false) => "none rings, but not everything can be seen".into(),
        (1, _) => "1 rings".into(),
        (n, _) => format!("{n} ring"),
    };
    let age = (health != Health::Unknown).then_some(Duration::ZERO);
    let mut part = part("rules", health, value, age);
    part.details.extend(ringing.iter().map(|(first, more)| {
        let more = if *more == 0 { String::new() } else { format!(", {more} more") };
        format!("{}{more}: {}", first.sentence(model.now.wall), first.rule.tier.advice())
    }));
    let alarms = model.alarms.iter().map(|a| {
        let samples: Vec<_> = a.samples.iter().map(|(at, value)| json!([at, value])).collect();
        json!({ "rule": a.rule.name, "of": a.whom, "severity": a.rule.severity, "samples": samples })
    });
    part.figures.insert("alarms".into(), alarms.collect());
    part
}
