//! What fails around the shop, between two moments: sources that do not answer, a database that is slow.
//!
//! Never: what a deployed version does; that is [`super::conduct`].

use std::time::Duration;

use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, Service};

/// One trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// From when, inclusive.
    pub from: Moment,
    /// Until when, exclusive; `None`: for good.
    pub until: Option<Moment>,
    /// What fails.
    pub what: What,
}

/// What fails.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Prometheus does not answer, and scrapes nothing meanwhile.
    MetricsDown,
    /// Alertmanager does not answer.
    AlertsDown,
    /// The API server does not answer.
    ApiDown,
    /// The API server answers this late.
    SlowApi(Duration),
    /// The operator may not.
    Forbidden {
        /// `list`, or `*`
        verb: String,
        /// `secrets`, `pods`
        resource: String,
    },
    /// Each write to this object meets somebody else's write: `Deployment/order-service`.
    Conflict {
        /// Kind and name.
        object: String,
    },
    /// A node has this condition: `DiskPressure`, or `NotReady`.
    Node {
        /// Its name.
        name: String,
        /// The condition.
        condition: String,
    },
    /// The controller of this Ingress gives it no address.
    NoAddress {
        /// Its name.
        ingress: String,
    },
    /// Something below these services is slow.
    Latency {
        /// Who waits.
        services: Vec<Service>,
        /// How much longer, seconds.
        seconds: f64,
        /// The share of requests that time out, 0..1.
        errors: f64,
        /// What the waiting services log.
        log: Vec<String>,
        /// Why their health says that their database is down, where it does.
        db_down: Option<String>,
    },
}

impl Trouble {
    /// Whether it is there at that moment.
    pub fn holds(&self, at: Moment) -> bool {
        self.from <= at && self.until.is_none_or(|u| at < u)
    }
}

/// The troubles of a drill.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Troubles(pub Vec<Trouble>);

impl Troubles {
    fn at(&self, moment: Moment) -> impl Iterator<Item = &What> {
        self.0.iter().filter(move |t| t.holds(moment)).map(|t| &t.what)
    }

    /// Whether Prometheus scrapes and answers.
    pub fn metrics_down(&self, at: Moment) -> Option<&Trouble> {
        self.0.iter().find(|t| t.what == What::MetricsDown && t.holds(at))
    }

    /// Why Alertmanager does not answer.
    pub fn alerts(&self, at: Moment) -> Option<Fault> {
        self.at(at).find(|w| **w == What::AlertsDown).map(|_| Fault::Unreachable {
            what: "Alertmanager: connection refused (alertmanager.monitoring:9093)".into(),
        })
    }

    /// Why the API server does not answer.
    pub fn api(&self, at: Moment) -> Option<Fault> {
        self.at(at)
            .find(|w| **w == What::ApiDown)
            .map(|_| Fault::Unreachable { what: "the API server: connection refused (10.20.0.1:443)".into() })
    }

    /// How late the API server answers.
    pub fn lateness(&self, at: Moment) -> Duration {
        let late = |w: &What| if let What::SlowApi(by) = w { Some(*by) } else { None };
        self.at(at).filter_map(late).max().unwrap_or_default()
    }

    /// Why the operator may not do this to these.
    pub fn denied(&self, at: Moment, verb: &str, plural: &str, namespace: Option<&Namespace>) -> Option<Fault> {
        let denies = |w: &&What| match w {
            What::Forbidden { verb: v, resource } => (v == verb || v == "*") && resource == plural,
            What::MetricsDown
            | What::AlertsDown
            | What::ApiDown
            | What::SlowApi(_)
            | What::Conflict { .. }
            | What::Node { .. }
            | What::NoAddress { .. }
            | What::Latency { .. } => false,
        };
        self.at(at).find(denies).map(|_| Fault::Forbidden {
            verb: verb.into(),
            resource: match namespace {
                Some(namespace) => format!("{plural} in namespace {namespace}"),
                None => plural.into(),
            },
        })
    }

    /// The conditions that a node has now, beside being ready.
    pub fn conditions(&self, at: Moment, node: &str) -> Vec<&str> {
        let all = self.at(at).filter_map(|what| match what {
            What::Node { name, condition } if name == node => Some(condition.as_str()),
            What::Node { .. }
            | What::NoAddress { .. }
            | What::MetricsDown
            | What::AlertsDown
            | What::ApiDown
            | What::SlowApi(_)
            | What::Conflict { .. }
            | What::Forbidden { .. }
            | What::Latency { .. } => None,
        });
        all.collect()
    }

    /// Whether this Ingress has lost its address.
    pub fn without_address(&self, at: Moment, name: &str) -> bool {
        self.at(at).any(|w| matches!(w, What::NoAddress { ingress } if ingress == name))
    }

    /// Whether somebody else keeps writing this object.
    pub fn contested(&self, at: Moment, kind: &str, name: &str) -> bool {
        let wanted = format!("{kind}/{name}");
        self.at(at).any(|w| matches!(w, What::Conflict { object } if *object == wanted))
    }

    /// How much longer this service waits on what is below it, and the share that times out.
    /// It builds up and ebbs within half a minute, as queues do.
    pub fn drag(&self, at: Moment, service: &str) -> (f64, f64) {
        let ramp = |from: Moment, to: Moment| ((to - from).as_seconds_f64() / 30.0).clamp(0.0, 1.0);
        let mut drag = (0.0, 0.0);
        for trouble in &self.0 {
            if let What::Latency { services, seconds, errors, .. } = &trouble.what
                && services.iter().any(|s| s.as_str() == service)
            {
                let gone = trouble.until.map_or(0.0, |u| ramp(u, at));
                let share = ramp(trouble.from, at) * (1.0 - gone);
                drag = (drag.0 + seconds * share, drag.1 + errors * share);
            }
        }
        drag
    }

    /// Why this service's health says that its database is down.
    pub fn db_down(&self, at: Moment, service: &Service) -> Option<&str> {
        self.at(at).find_map(|what| match what {
            What::Latency { services, db_down, .. } if services.contains(service) => db_down.as_deref(),
            What::MetricsDown
            | What::AlertsDown
            | What::ApiDown
            | What::SlowApi(_)
            | What::Conflict { .. }
            | What::Forbidden { .. }
            | What::Node { .. }
            | What::NoAddress { .. }
            | What::Latency { .. } => None,
        })
    }

    /// What a waiting service logs.
    pub fn log(&self, at: Moment, service: &Service) -> Vec<&str> {
        fn lines<'a>(what: &'a What, service: &Service) -> &'a [String] {
            match what {
                What::Latency { services, log, .. } if services.contains(service) => log,
                What::MetricsDown
                | What::AlertsDown
                | What::ApiDown
                | What::SlowApi(_)
                | What::Conflict { .. }
                | What::Forbidden { .. }
                | What::Node { .. }
                | What::NoAddress { .. }
                | What::Latency { .. } => &[],
            }
        }
        self.at(at).flat_map(|what| lines(what, service)).map(String::as_str).collect()
    }
}
