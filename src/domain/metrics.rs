//! What is measured: error ratio, P95 and traffic, per service.
//!
//! The headline is the worst service that has enough traffic to judge, not the average (design: one bad service of ten
//! disappears in a mean). No traffic is no data, never 0 %.
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

/// A question to a source of metrics, in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsRequest {
    /// What.
    pub signal: Signal,
    /// Whose.
    pub namespace: Namespace,
    /// From when, inclusive.
    pub from: Moment,
    /// Until when, inclusive.
    pub to: Moment,
    /// One value per step, whole seconds.
    pub step: Duration,
}

/// The answer: one curve per service and how it was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// One curve per service that has any data.
    pub services: BTreeMap<Service, Series>,
    /// The query as it was sent, for the person who wants to see it.
    pub query: String,
    /// The window of the rate.
    pub window: Duration,
}

/// Below this a service's ratio says nothing: requests per second over the rate window.
pub const ENOUGH_TRAFFIC: f64 = 0.05;

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

impl Curves {
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
}
