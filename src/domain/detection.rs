//! Detection: the rules that ring (the plan's «Procedimiento de Detección»), as data, judged over time.
//!
//! Missing data counts neither as well nor as failing: time without a sample is not counted, and after
//! [`PATIENCE`] without one the count begins anew.
//!
//! Never: an alarm without its samples.

use std::time::Duration;

use super::criteria::PATIENCE;
use super::figure::{ratio, seconds};
use super::metrics::FRESH;
use super::moment::{Moment, long, since};
use super::series::Series;
use super::severity::Severity;

/// What a rule watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Watched {
    /// Restarts of one pod within five minutes.
    Restarts,
    /// Pods that are failing: `CrashLoopBackOff`, `Error`.
    FailingPods,
    /// The share of pods that should serve and do not, 0..1.
    PodsDown,
    /// The error ratio of one service, 0..1.
    Errors,
    /// The P95 of one service, seconds.
    P95,
}

/// How grave an alarm is (the plan's three tiers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Watch it.
    Medium,
    /// Weigh a rollback.
    High,
    /// Roll back now.
    Critical,
}

impl Tier {
    /// What the plan says to do.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Medium => "watch it",
            Self::High => "weigh a rollback",
            Self::Critical => "roll back now",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name: `High error rate`.
    pub name: String,
    /// What it watches.
    pub watches: Watched,
    /// It rings above this, in the unit of what it watches.
    pub above: f64,
    /// For so long without a value at or below it.
    pub lasting: Duration,
    /// How grave.
    pub tier: Tier,
    /// The severity that it suggests.
    pub severity: Severity,
}

/// A rule that rings.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Which rule.
    pub rule: Rule,
    /// Of whom: a service or a pod.
    pub whom: String,
    /// The first of its samples.
    pub since: Moment,
    /// The values that made it ring, the oldest first.
    pub samples: Vec<(Moment, f64)>,
}

impl Alarm {
    /// `High error rate: payment-service 31.0 % for 3 min 15 s (14 samples)`
    pub fn sentence(&self, now: Moment) -> String {
        let value = self.samples.last().map_or(0.0, |(_, v)| *v);
        let value = match self.rule.watches {
            Watched::Errors => ratio(value),
            Watched::P95 => seconds(value),
            Watched::Restarts => format!("{value:.0} restarts in 5 min"),
            Watched::FailingPods => format!("and {:.0} more", (value - 1.0).max(0.0)),
            Watched::PodsDown => "not ready".into(),
        };
        let head = format!("{}: {} {value}", self.rule.name, self.whom);
        match self.samples.len() {
            0 | 1 => head,
            n => format!("{head} for {} ({n} samples)", long(since(self.since, now))),
        }
    }
}

/// The alarms by rule, in their order: the first of each rule, and how many more it has.
pub fn by_rule(alarms: &[Alarm]) -> Vec<(&Alarm, usize)> {
    let mut rules: Vec<(&Alarm, usize)> = Vec::new();
    for alarm in alarms {
        match rules.iter_mut().find(|(first, _)| first.rule.name == alarm.rule.name) {
            Some((_, more)) => *more += 1,
            None => rules.push((alarm, 0)),
        }
    }
    rules
}

/// What a rule says of one curve.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// The newest value is not above the limit.
    Quiet,
    /// It is, but not yet for long enough: so long so far.
    Pending(Duration),
    /// It rings, by these samples.
    Rings(Vec<(Moment, f64)>),
    /// There is no fresh value.
    Unknown,
}

impl Rule {
    /// Judges a curve at that moment, from its newest value back to where the stretch above the limit begins: what lies
    /// before costs nothing, however long the curve.
    pub fn judge(&self, series: &Series, now: Moment) -> Judged {
        let values = series.points().rev().filter(|(at, _)| *at <= now);
        let mut samples: Vec<(Moment, f64)> = Vec::new();
        let mut counted = Duration::ZERO;
        let mut seen = true;
        for (at, value) in values {
            let Some(value) = value.filter(|v| v.is_finite()) else {
                seen = false;
                continue;
            };
            match samples.last() {
                None if since(at, now) > FRESH => return Judged::Unknown,
                None if value <= self.above => return Judged::Quiet,
                None => {}
                Some((after, _)) => {
                    let passed = since(at, *after);
                    if value <= self.above || passed > PATIENCE {
                        break;
                    }
                    if seen {
                        counted += passed;
                    }
                }
            }
            samples.push((at, value));
            seen = true;
        }
        samples.reverse();
        if samples.is_empty() {
            Judged::Unknown
        } else if counted >= self.lasting {
            Judged::Rings(samples)
        } else {
            Judged::Pending(counted)
        }
    }
}

/// A severity and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The severity.
    pub severity: Severity,
    /// The reason in words.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(lasting: u64) -> Rule {
        Rule {
            name: "High error rate".into(),
            watches: Watched::Errors,
            above: 0.05,
            lasting: Duration::from_secs(lasting),
            tier: Tier::High,
            severity: Severity::Sev2,
        }
    }
    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(s, 0).unwrap()
    }
    fn series(values: &[Option<f64>]) -> Series {
        Series { start: at(0), step: Duration::from_secs(15), values: values.to_vec() }
    }
    const B: Option<f64> = Some(0.2);
    const W: Option<f64> = Some(0.01);

    #[test]
    fn a_rule_rings_at_the_scrape_that_completes_its_time_and_not_before() {
        let rule = rule(180);
        let mut values = vec![W, W];
        for n in 0..14_i64 {
            values.push(B);
            let now = at((n + 2) * 15);
            let rings = matches!(rule.judge(&series(&values), now), Judged::Rings(_));
            assert_eq!(rings, n * 15 >= 180, "{n} scrapes after the first bad one");
        }
    }

    #[test]
    fn missing_data_is_neither_well_nor_failing() {
        let cases: [(&[Option<f64>], i64, Judged); 6] = [
            (&[B, None, B, None, B], 60, Judged::Pending(Duration::ZERO)),
            (&[B, B, None, B, B], 60, Judged::Pending(Duration::from_secs(30))),
            (&[B, B, None, None, None, None, B], 90, Judged::Pending(Duration::ZERO)),
            (&[B, B, B, B, W], 60, Judged::Quiet),
            (&[B, B, B, None, None, None, None, None], 105, Judged::Unknown),
            (&[None, None], 15, Judged::Unknown),
        ];
        for (values, now, wanted) in cases {
            assert_eq!(rule(60).judge(&series(values), at(now)), wanted, "{values:?}");
        }
        let rings = rule(45).judge(&series(&[W, B, B, B, B]), at(60));
        assert_eq!(rings, Judged::Rings((1..=4).map(|n| (at(n * 15), 0.2)).collect()));
    }

    proptest! {
        /// Whatever the stream, an alarm has samples that are all above the limit, none at or below it after the first
        /// of them, and that cover its time next to each other; a stream without them never rings.
        #[test]
        fn an_alarm_stands_on_its_samples(
            raw in prop::collection::vec(prop_oneof![
                5 => Just(Some(0.2)), 2 => Just(None), 1 => Just(Some(f64::NAN)), 1 => Just(Some(0.01)),
                1 => Just(Some(0.05)), 1 => Just(Some(f64::INFINITY)),
            ], 0..40),
            late in 0_i64..90, lasting in 0_u64..300,
        ) {
            let now = at(raw.len().cast_signed() as i64 * 15 + late - 45);
            let pairs = raw.windows(2).enumerate().filter(|(i, pair)| {
                let bad = |v: &Option<f64>| v.is_some_and(|v| v.is_finite() && v > 0.05);
                pair.iter().all(bad) && at((i.cast_signed() as i64 + 1) * 15) <= now
            });
            let most = Duration::from_secs(15 * pairs.count() as u64);
            if let Judged::Rings(samples) = rule(lasting).judge(&series(&raw), now) {
                prop_assert!(most >= Duration::from_secs(lasting), "{raw:?}");
                prop_assert!(samples.iter().all(|(t, v)| *v > 0.05 && v.is_finite() && *t <= now));
                let first = samples.first().map_or(now, |(t, _)| *t);
                let well = series(&raw).points().any(|(t, v)| t > first && t <= now && v.is_some_and(|v| v <= 0.05));
                prop_assert!(!well, "{raw:?}");
                prop_assert!(since(samples.last().map_or(first, |(t, _)| *t), now) <= FRESH);
            }
        }
    }
}
