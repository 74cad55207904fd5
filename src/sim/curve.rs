//! The curves: traffic, error ratio and P95 of every service at every moment, from what ran then.
//!
//! A pure function of seed, moment and past: callers suffer from whom they call, pods that are too few let their callers
//! wait, and a rate looks back over its window, so that an onset and a recovery take as long as they do in life.
//!
//! Never: a value that no scrape could have seen; what was not measured is a gap.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::chance::Chance;
use super::past::{Lot, Past};
use super::shop::{self, SHOP, Trade};
use super::trouble::Troubles;
use crate::domain::metrics::{Scope, Signal, TOGETHER};
use crate::domain::moment::Moment;
use crate::domain::name::Service;

/// Over how long a rate looks back.
pub const WINDOW: Duration = Duration::from_mins(1);

/// How far apart two scrapes are, milliseconds.
const SCRAPE: i64 = 15_000;

/// One service at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vitals {
    /// Requests per second.
    pub rate: f64,
    /// Share answered 5xx, 0..1.
    pub errors: f64,
    /// 95th percentile, seconds.
    pub p95: f64,
}

/// All services at one scrape, in the shop's order; `None` where no pod takes a service's traffic.
type Scrape = [Option<Vitals>; SHOP.len()];

/// What the curves follow from, and the scrapes that were worked out for this look.
#[derive(Debug)]
pub struct Scene<'a> {
    chance: Chance,
    past: &'a Past,
    troubles: &'a Troubles,
    scrapes: RefCell<BTreeMap<Moment, Scrape>>,
}

impl<'a> Scene<'a> {
    /// Of these dice, this past and what failed around the shop.
    pub const fn new(chance: Chance, past: &'a Past, troubles: &'a Troubles) -> Self {
        Self { chance, past, troubles, scrapes: RefCell::new(BTreeMap::new()) }
    }

    /// The signal of a service over the window before `at`; `None` where fewer than two scrapes saw it.
    pub fn value(&self, trade: &Trade, signal: Signal, at: Moment) -> Option<f64> {
        let seen = self.seen(SHOP.iter().position(|t| t.name == trade.name)?, at);
        let requests: f64 = seen.iter().map(|v| v.rate).sum();
        let value = match signal {
            Signal::ErrorRatio => weighted(&seen, |v| v.errors),
            Signal::P95 => weighted(&seen, |v| v.p95),
            Signal::Traffic => requests / seen.len() as f64,
        };
        value.is_finite().then_some(value)
    }

    /// The signal of all services together over the window before `at`: the ratio of all their requests, the percentile
    /// of all their waits; `None` where no service was seen.
    pub fn together(&self, signal: Signal, at: Moment) -> Option<f64> {
        let services: Vec<Vec<Vitals>> = (0..SHOP.len()).map(|place| self.seen(place, at)).collect();
        let requests: f64 = services.iter().flatten().map(|v| v.rate).sum();
        let value = match signal {
            Signal::ErrorRatio => weighted(&services.concat(), |v| v.errors),
            Signal::P95 if requests > 0.0 => {
                let seen = services.iter().filter(|s| !s.is_empty());
                let part = |s: &Vec<Vitals>| (s.iter().map(|v| v.rate).sum::<f64>() / requests, weighted(s, |v| v.p95));
                percentile(&seen.map(part).collect::<Vec<_>>())
            }
            Signal::P95 => f64::NAN,
            Signal::Traffic => {
                let seen = services.iter().filter(|s| !s.is_empty());
                seen.map(|s| s.iter().map(|v| v.rate).sum::<f64>() / s.len() as f64).sum()
            }
        };
        value.is_finite().then_some(value)
    }

    /// A service at the scrapes of the window before `at`; none where fewer than two saw it.
    fn seen(&self, place: usize, at: Moment) -> Vec<Vitals> {
        let seen: Vec<Vitals> = scrapes(at)
            .filter(|t| self.troubles.metrics_down(*t).is_none())
            .filter_map(|t| self.scrape(t).get(place).copied().flatten())
            .collect();
        if seen.len() < 2 { Vec::new() } else { seen }
    }

    fn scrape(&self, at: Moment) -> Scrape {
        if let Some(known) = self.scrapes.borrow().get(&at) {
            return *known;
        }
        let mut scrape = [None; SHOP.len()];
        for place in shop::CALLEES_FIRST {
            let seen = SHOP.get(place).and_then(|trade| self.vitals(trade, at, &scrape));
            if let Some(vitals) = scrape.get_mut(place) {
                *vitals = seen;
            }
        }
        self.scrapes.borrow_mut().insert(at, scrape);
        scrape
    }

    /// A service at one moment, given those it calls.
    fn vitals(&self, trade: &Trade, at: Moment, called: &Scrape) -> Option<Vitals> {
        let lots = self.past.at(trade.name, at);
        let pods: u32 = lots.iter().map(|l| l.pods).sum();
        if pods == 0 {
            return None;
        }
        let rate = self.rate(trade, at);
        let strain = rate / (f64::from(pods) * trade.capacity());
        let (wait, lost) = self.troubles.drag(at, trade.name);
        let share = |l: &Lot| f64::from(l.pods) / f64::from(pods);
        let mut served = lots.iter().map(|l| share(l) * (1.0 - l.errors)).sum::<f64>();
        served *= 1.0 - ((strain - 1.3) * 0.25).clamp(0.0, 0.5);
        served *= 1.0 - lost;
        let crowd = ((strain - 1.0) * 1.5).clamp(0.0, 6.0) + 1.0;
        let mut waits: Vec<(f64, f64)> = lots.iter().map(|l| (share(l), l.p95.mul_add(crowd, wait))).collect();
        for (callee, part) in trade.calls {
            let Some(place) = SHOP.iter().position(|t| t.name == *callee) else { continue };
            let (Some(normal), Some(there)) = (SHOP.get(place), called.get(place)) else { continue };
            served *= 1.0 - part * there.map_or(1.0, |v| (v.errors - normal.errors).max(0.0));
            let longer = there.map_or(0.0, |v| (v.p95 - normal.p95 * 1.25).max(0.0));
            if longer > 0.05 {
                let own = waits.first().map_or(trade.p95, |(_, p95)| *p95);
                for (weight, _) in &mut waits {
                    *weight *= 1.0 - part;
                }
                waits.push((*part, own + longer));
            }
        }
        let seconds = at.timestamp_millis() as f64 / 1_000.0;
        let noise = |salt: Chance, stride: f64| salt.ripple(trade.name, seconds, stride);
        let errors = (1.0 - served) * noise(self.chance.other(1), 20.0).mul_add(0.07, 1.0);
        let p95 = percentile(&waits) * noise(self.chance.other(2), 25.0).mul_add(0.06, 1.0);
        Some(Vitals { rate, errors: errors.clamp(0.0, 1.0), p95 })
    }

    /// Requests per second: quiet at night, busy in the evening, and a ripple.
    fn rate(&self, trade: &Trade, at: Moment) -> f64 {
        let seconds = at.timestamp_millis() as f64 / 1_000.0;
        let hour = (seconds / 3_600.0) % 24.0;
        let day = ((hour - 19.0) / 24.0 * std::f64::consts::TAU).cos().mul_add(0.35, 0.65);
        let ripple = self.chance.other(3).ripple(trade.name, seconds, 40.0).mul_add(0.08, 1.0);
        trade.rate * day * ripple
    }
}

/// The mean over requests; not a number where there were none.
fn weighted(seen: &[Vitals], of: fn(&Vitals) -> f64) -> f64 {
    let requests: f64 = seen.iter().map(|v| v.rate).sum();
    seen.iter().map(|v| v.rate * of(v)).sum::<f64>() / requests
}

/// The scrapes within the window before a moment, newest first.
fn scrapes(at: Moment) -> impl Iterator<Item = Moment> {
    let newest = at.timestamp_millis().div_euclid(SCRAPE) * SCRAPE;
    let count = i64::try_from(WINDOW.as_millis()).unwrap_or(SCRAPE) / SCRAPE;
    (0..count).filter_map(move |n| chrono::DateTime::from_timestamp_millis(newest - n * SCRAPE))
}

/// The 95th percentile of a mixture of exponential waits, given the weight and the P95 of each part.
fn percentile(parts: &[(f64, f64)]) -> f64 {
    let (mut low, mut high) = parts.iter().fold((f64::MAX, 0.0_f64), |(l, h), (_, p)| (l.min(*p), h.max(*p)));
    if parts.is_empty() || high - low < 0.01 {
        return high;
    }
    low = 0.0;
    for _ in 0..24 {
        let middle = f64::midpoint(low, high);
        let over: f64 = parts.iter().map(|(weight, p95)| weight * 20.0_f64.powf(-middle / p95)).sum();
        if over > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// What was asked over a range, one value per step: a curve of every service, or the one of all together.
pub fn curves(
    scene: &Scene<'_>,
    (signal, scope): (Signal, Scope),
    (from, to): (Moment, Moment),
    step: Duration,
) -> Vec<(Service, Vec<Option<f64>>)> {
    let step = chrono::TimeDelta::from_std(step.max(Duration::from_secs(1))).unwrap_or(chrono::TimeDelta::seconds(15));
    let points = || {
        let all = std::iter::successors(Some(from), move |t| t.checked_add_signed(step));
        all.take_while(move |t| *t <= to).take(20_000)
    };
    let each = |trade: &Trade| (trade.service(), points().map(|t| scene.value(trade, signal, t)).collect());
    match scope {
        Scope::Each => SHOP.iter().map(each).collect(),
        Scope::Together => {
            vec![(Service::new(TOGETHER), points().map(|t| scene.together(signal, t)).collect())]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_of_a_mixture_lies_where_a_twentieth_waits_longer() {
        assert!((percentile(&[(1.0, 0.2)]) - 0.2).abs() < 1e-9);
        let mixed = percentile(&[(0.9, 0.2), (0.1, 3.0)]);
        let over = 0.9 * 20.0_f64.powf(-mixed / 0.2) + 0.1 * 20.0_f64.powf(-mixed / 3.0);
        assert!((over - 0.05).abs() < 1e-4, "{mixed} {over}");
    }
}
