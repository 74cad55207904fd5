//! The alert rules of the shop (the plan's «Alertas Críticas»), evaluated as Prometheus does: every 15 seconds, with
//! their "for".
//!
//! Never: state; when an alert began follows from the past.

use std::time::Duration;

use chrono::TimeDelta;

use super::curve::Scene;
use super::pod::Pod;
use super::shop::{SHOP, Trade};
use crate::domain::alert::{Alert, AlertState, AlertWeight};
use crate::domain::metrics::Signal;
use crate::domain::moment::{Moment, since};

/// How often rules are evaluated, milliseconds.
const EVERY: i64 = 15_000;

/// One rule over a service's curve.
struct Rule {
    name: &'static str,
    weight: AlertWeight,
    signal: Signal,
    above: f64,
    lasting: Duration,
}

const RULES: [Rule; 2] = [
    Rule {
        name: "HighErrorRate",
        weight: AlertWeight::Critical,
        signal: Signal::ErrorRatio,
        above: 0.05,
        lasting: Duration::from_mins(3),
    },
    Rule {
        name: "HighResponseTime",
        weight: AlertWeight::Warning,
        signal: Signal::P95,
        above: 2.0,
        lasting: Duration::from_mins(5),
    },
];

/// More restarts than this within five minutes ring.
const RESTARTS: u32 = 2;

/// The alerts of the rules at that moment; none that began before `genesis`.
pub fn alerts<'a>(scene: &Scene<'_>, pods: impl Iterator<Item = &'a Pod>, now: Moment, genesis: Moment) -> Vec<Alert> {
    let Some(evaluated) = chrono::DateTime::from_timestamp_millis(now.timestamp_millis().div_euclid(EVERY) * EVERY)
    else {
        return Vec::new();
    };
    let mut alerts = Vec::new();
    for rule in &RULES {
        for trade in &SHOP {
            alerts.extend(curve_alert(scene, rule, trade, evaluated, genesis));
        }
    }
    alerts.extend(pods.filter_map(|pod| crash_alert(pod, evaluated)));
    alerts
}

fn curve_alert(scene: &Scene<'_>, rule: &Rule, trade: &Trade, now: Moment, genesis: Moment) -> Option<Alert> {
    let rings = |at: Moment| scene.value(trade, rule.signal, at).filter(|v| *v > rule.above);
    let value = rings(now)?;
    let every = TimeDelta::milliseconds(EVERY);
    let mut began = now;
    while began - every >= genesis && rings(began - every).is_some() {
        began -= every;
    }
    let firing = since(began, now) >= rule.lasting;
    let summary = match rule.signal {
        Signal::ErrorRatio => format!("{}: {:.1} % of requests answered 5xx", trade.name, value * 100.0),
        Signal::P95 => format!("{}: P95 {value:.1} s", trade.name),
        Signal::Traffic => format!("{}: {value:.1} requests a second", trade.name),
    };
    let lasting = TimeDelta::from_std(rule.lasting).unwrap_or_default();
    Some(Alert {
        name: rule.name.into(),
        weight: rule.weight,
        service: Some(trade.service()),
        since: if firing { began + lasting } else { began },
        state: if firing { AlertState::Firing } else { AlertState::Pending },
        summary,
        labels: None,
        silences: Vec::new(),
    })
}

fn crash_alert(pod: &Pod, now: Moment) -> Option<Alert> {
    let recent = pod.recent_restarts(now);
    let third = pod.restarts.iter().rev().filter(|r| **r <= now).nth(RESTARTS as usize)?;
    let newest_burst = pod.restarts.iter().rev().filter(|r| **r <= now).take(recent as usize).last().unwrap_or(third);
    let began = pod.restarts.iter().filter(|r| **r >= *newest_burst).nth(RESTARTS as usize)?;
    (recent > RESTARTS).then(|| Alert {
        name: "PodCrashLooping".into(),
        weight: AlertWeight::Critical,
        service: Some(pod.service.clone()),
        since: *began,
        state: AlertState::Firing,
        summary: format!("{}: {recent} restarts in 5 min", pod.name),
        labels: None,
        silences: Vec::new(),
    })
}
