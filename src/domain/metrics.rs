//! What is measured: error ratio, P95 and traffic, per service and of all services together.
//!
//! The headline is the worst service that has enough traffic to judge, not the average (design: one bad service of ten
//! disappears in a mean); what all do together is told beside it and judged by nobody. No traffic is no data, never 0 %.
//!
//! Never: a query's text; that is `tools/prometheus`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::moment::Moment;
use super::name::{Namespace, Service};
use super::series::Series;

/// What a curve measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// Requests answered 5xx over all requests, ratio 0..1.
    ErrorRatio,
    /// 95th percentile of the response time, seconds.
    P95,
    /// Requests per second.
    Traffic,
}

impl Signal {
    /// In the order in which they are polled.
    pub const ALL: [Self; 3] = [Self::ErrorRatio, Self::P95, Self::Traffic];
}

/// Whose a curve is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Each service has its own.
    Each,
    /// One of all services together: failed requests of all over requests of all, the P95 of all requests.
    Together,
}

/// A question to a source of metrics, in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsRequest {
    /// What.
    pub signal: Signal,
    /// Each service's, or that of all together.
    pub scope: Scope,
    /// Where.
    pub namespace: Namespace,
    /// From when, inclusive.
    pub from: Moment,
    /// Until when, inclusive.
    pub to: Moment,
    /// One value per step, whole seconds.
    pub step: Duration,
}

/// The answer: one curve per service (of all together: one) and how it was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// One curve per service that has any data.
    pub services: BTreeMap<Service, Series>,
    /// The query as it was sent, for the person who wants to see it.
    pub query: String,
    /// The window of the rate.
    pub window: Duration,
}

/// The name under which the one curve of all services comes.
pub const TOGETHER: &str = "all";

/// Below this a service's ratio says nothing: requests per second over the rate window.
pub const ENOUGH_TRAFFIC: f64 = 0.05;

/// A sample older than this is nobody's value any more.
pub const FRESH: Duration = Duration::from_mins(1);

/// One service's newest value.
#[derive(Debug, Clone, PartialEq)]
pub struct Worst {
    /// Which service.
    pub service: Service,
    /// Its value, in the signal's unit.
    pub value: f64,
    /// When it was measured.
    pub at: Moment,
}

/// Why a service that has had traffic cannot be judged now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lack {
    /// It is measured, but gets too few requests to judge by: so many a second.
    Few(f64),
    /// There is no fresh sample of it; the newest is from then, where there ever was one.
    Silent(Option<Moment>),
    /// Nobody knows whether it gets enough requests: traffic is not measured.
    Unweighed,
}

/// The worst service of those that can be judged, and those that cannot, though they have had traffic.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Headline {
    /// The worst fresh value.
    pub worst: Option<Worst>,
    /// Until when all that can be judged is known: the oldest of their newest samples.
    pub until: Option<Moment>,
    /// Who cannot be judged, and why: as long as there is one, the whole is at best unknown.
    pub lacking: BTreeMap<Service, Lack>,
}

impl Headline {
    /// The value that speaks for all services; `None` as long as one of them cannot be judged.
    pub fn whole(&self) -> Option<&Worst> {
        self.worst.as_ref().filter(|_| self.lacking.is_empty())
    }
}

impl Curves {
    /// The headline at that moment. `busy` are the services that have had traffic. A sample older than [`FRESH`] is
    /// nobody's value, nor is one from the future (a clock that was set back).
    pub fn headline(&self, traffic: Option<&Self>, busy: &BTreeMap<Service, Moment>, now: Moment) -> Headline {
        let young =
            |last: Option<(Moment, f64)>| last.filter(|(at, _)| (now - *at).abs().to_std().is_ok_and(|d| d <= FRESH));
        let mut headline = Headline::default();
        let mut names: std::collections::BTreeSet<&Service> = self.services.keys().collect();
        names.extend(busy.keys());
        for service in names {
            let last = self.services.get(service).and_then(Series::last);
            let value = young(last);
            let requests = traffic.map(|t| young(t.services.get(service).and_then(Series::last)));
            let lack = match (requests, value) {
                (Some(Some((_, rps))), Some(_)) if rps >= ENOUGH_TRAFFIC => None,
                (Some(Some((_, rps))), _) if rps < ENOUGH_TRAFFIC => Some(Lack::Few(rps)),
                (Some(_), _) | (None, None) => Some(Lack::Silent(last.map(|(at, _)| at))),
                (None, Some(_)) => Some(Lack::Unweighed),
            };
            match lack {
                // What cannot be weighed may still be bad.
                None | Some(Lack::Unweighed) => {
                    let at = value.map(|(at, _)| at);
                    headline.until = headline.until.into_iter().chain(at).min();
                    let found = value.map(|(at, value)| Worst { service: service.clone(), value, at });
                    let worse = |w: &Worst| headline.worst.as_ref().is_none_or(|o| w.value > o.value);
                    headline.worst = found.filter(worse).or(headline.worst.take());
                    headline.lacking.extend(lack.map(|l| (service.clone(), l)));
                }
                Some(lack @ (Lack::Few(_) | Lack::Silent(_))) => {
                    headline.lacking.extend(busy.contains_key(service).then(|| (service.clone(), lack)));
                }
            }
        }
        headline
    }

    /// The curve of all services together, where that was asked.
    pub fn together(&self) -> Option<&Series> {
        self.services.get(&Service::new(TOGETHER))
    }

    /// The moment of the newest sample of any service.
    pub fn newest(&self) -> Option<Moment> {
        self.services.values().filter_map(Series::last).map(|(at, _)| at).max()
    }

    /// When each service (as traffic) last got enough requests to be judged.
    pub fn busy_moments(&self) -> impl Iterator<Item = (&Service, Moment)> {
        self.services.iter().filter_map(|(service, series)| {
            let enough = |(at, v): (Moment, Option<f64>)| v.filter(|v| *v >= ENOUGH_TRAFFIC).map(|_| at);
            series.points().rev().find_map(enough).map(|at| (service, at))
        })
    }

    /// The worst service with enough traffic to judge. Without a traffic curve every service counts.
    /// Values older than `fresh` before the newest are no longer anybody's headline.
    pub fn worst(&self, traffic: Option<&Self>, fresh: Duration) -> Option<Worst> {
        let newest = self.services.values().filter_map(super::series::Series::last).map(|(t, _)| t).max()?;
        self.services
            .iter()
            .filter(|(service, _)| traffic.is_none_or(|t| t.busy(service)))
            .filter_map(|(service, series)| {
                series.last().map(|(at, value)| Worst { service: service.clone(), value, at })
            })
            .filter(|w| super::moment::since(w.at, newest) <= fresh)
            .max_by(|a, b| a.value.total_cmp(&b.value))
    }

    /// Whether (as traffic) this service gets enough requests to be judged.
    pub fn busy(&self, service: &Service) -> bool {
        self.services.get(service).and_then(Series::last).is_some_and(|(_, rps)| rps >= ENOUGH_TRAFFIC)
    }

    /// These curves with a newer read laid over their ends.
    pub fn extended(mut self, newer: Self, keep: usize) -> Self {
        for (service, series) in newer.services {
            let merged = match self.services.remove(&service) {
                Some(old) => old.extended(&series, keep),
                None => series,
            };
            self.services.insert(service, merged);
        }
        Self { services: self.services, query: newer.query, window: newer.window }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(rows: &[(&str, &[Option<f64>])]) -> Curves {
        let start = chrono::DateTime::from_timestamp(0, 0).unwrap();
        let step = Duration::from_secs(5);
        Curves {
            services: rows.iter().map(|(n, v)| (Service::new(n), Series { start, step, values: v.to_vec() })).collect(),
            query: String::new(),
            window: Duration::from_mins(1),
        }
    }

    #[test]
    fn the_headline_is_the_worst_service_that_has_traffic() {
        let errors = curves(&[("a", &[Some(0.01)]), ("b", &[Some(0.5)]), ("c", &[Some(0.18)])]);
        let traffic = curves(&[("a", &[Some(10.0)]), ("b", &[Some(0.01)]), ("c", &[Some(3.0)])]);
        let fresh = Duration::from_secs(30);
        assert_eq!(errors.worst(Some(&traffic), fresh).map(|w| w.service), Some(Service::new("c")));
        assert_eq!(errors.worst(None, fresh).map(|w| w.service), Some(Service::new("b")));
        assert_eq!(curves(&[("a", &[None])]).worst(None, fresh), None);
    }

    #[test]
    fn a_service_that_had_traffic_and_cannot_be_judged_now_is_never_passed_over() {
        let now = chrono::DateTime::from_timestamp(65, 0).unwrap();
        let old = Some(chrono::DateTime::from_timestamp(0, 0).unwrap());
        let errors =
            curves(&[("a", &[None, Some(0.0)]), ("b", &[None, Some(0.5)]), ("c", &[Some(0.2), None]), ("d", &[])]);
        let traffic = curves(&[
            ("a", &[None, Some(9.0)]),
            ("b", &[None, Some(0.01)]),
            ("c", &[Some(9.0), None]),
            ("d", &[None, Some(9.0)]),
            ("e", &[None, Some(0.0)]),
        ]);
        let busy = ["a", "b", "c", "d"].map(|n| (Service::new(n), now)).into();
        let lacking = |h: &Headline| h.lacking.iter().map(|(s, l)| (s.to_string(), *l)).collect::<Vec<_>>();
        let told = errors.headline(Some(&traffic), &busy, now);
        assert_eq!(told.worst.as_ref().map(|w| w.service.as_str()), Some("a"));
        let wanted = [("b", Lack::Few(0.01)), ("c", Lack::Silent(old)), ("d", Lack::Silent(None))];
        assert_eq!(lacking(&told), wanted.map(|(s, l)| (s.to_owned(), l)));
        assert_eq!(told.whole(), None);
        // Without a curve of the traffic what is bad is still bad, and nothing is well.
        let told = errors.headline(None, &BTreeMap::new(), now);
        assert_eq!(told.worst.as_ref().map(|w| w.service.as_str()), Some("b"));
        assert_eq!(lacking(&told), [("a".to_owned(), Lack::Unweighed), ("b".to_owned(), Lack::Unweighed)]);
        // What never had traffic is nobody's worry.
        let told = errors.headline(Some(&traffic), &BTreeMap::new(), now);
        assert_eq!((lacking(&told), told.whole().map(|w| w.value)), (vec![], Some(0.0)));
    }
}
