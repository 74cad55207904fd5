//! The Alertmanager of a drill: the labels of its alerts, and the silences that were made.
//!
//! Never: an alert that rings less for a silence.

use crate::domain::alert::{Alert, AlertState, AlertWeight, Labels, Silence};
use crate::domain::moment::Moment;
use crate::ports::Hushed;

use super::production::Production;

impl Production {
    /// Its alerts as Alertmanager tells them.
    pub(super) fn told(&self, alerts: Vec<Alert>) -> Vec<Alert> {
        alerts.into_iter().map(|alert| self.told_as(alert)).collect()
    }

    fn told_as(&self, mut alert: Alert) -> Alert {
        let weight = match alert.weight {
            AlertWeight::Critical => "critical",
            AlertWeight::Warning => "warning",
            AlertWeight::Info => "info",
        };
        let service = alert.service.as_ref().map(|s| ("service", s.as_str()));
        let labels =
            [("alertname", alert.name.as_str()), ("severity", weight), ("namespace", self.drill.namespace.as_str())];
        let labels = labels.into_iter().chain(service).map(|(n, v)| (n.to_owned(), v.to_owned()));
        let labels = Labels(labels.collect());
        let live = |(of, silence): &&(Labels, Silence)| *of == labels && silence.until > self.now;
        alert.silences = self.silences.iter().filter(live).map(|(_, s)| s.clone()).collect();
        // What is pending is known to Prometheus alone.
        if alert.state == AlertState::Firing {
            if !alert.silences.is_empty() {
                alert.state = AlertState::Silenced;
            }
            alert.labels = Some(labels);
        }
        alert
    }

    /// Makes a silence.
    pub(super) fn silence(&mut self, labels: Labels, _: Moment, silence: Silence) -> Hushed {
        if let Some(fault) = self.troubles.alerts(self.now) {
            return Hushed::Lost(fault.sentence());
        }
        self.silences.push((labels, silence));
        Hushed::Made
    }
}
