//! What the shop's services answer when they are asked for their health: it follows from what runs behind their Service
//! and from what it waits for.
//!
//! Never: an answer of a pod that is not ready; no Service leads to it.

use std::time::Duration;

use serde_json::json;

use super::pod::{Life, Pod};
use super::production::Production;
use super::store::Key;
use crate::domain::health::{Answer, Ask, Checked, Nobody};
use crate::tools::actuator;

impl Production {
    /// Asks each of these services itself, through the API server.
    pub fn health(&self, asks: Vec<Ask>) -> Vec<Checked> {
        asks.into_iter().map(|ask| self.asked(ask)).collect()
    }

    fn asked(&self, ask: Ask) -> Checked {
        if let Err(fault) = self.readable("get", "services/proxy") {
            return Checked::dark(ask, fault);
        }
        let route = Key::new("", "Service", &self.drill.namespace, ask.service.as_str());
        if self.store.get(&route).is_none() {
            return Checked { ask, took: Duration::from_millis(6), answer: Answer::Nobody(Nobody::Service) };
        }
        let ready: Vec<&Pod> =
            self.pods.values().filter(|p| p.service == ask.service && p.life == Life::Ready).collect();
        // The proxy takes any of them, and another one the next time.
        let second = self.now.timestamp().unsigned_abs();
        let drawn = self.chance.other(5).draw(ask.service.as_str(), second) as usize;
        let Some(pod) = drawn.checked_rem(ready.len()).and_then(|place| ready.get(place)) else {
            return Checked { ask, took: Duration::from_millis(6), answer: Answer::Nobody(Nobody::Endpoint) };
        };
        let quick =
            self.chance.between(ask.service.as_str(), second, Duration::from_millis(9), Duration::from_millis(48));
        let waits = self.troubles.drag(self.now, ask.service.as_str()).0;
        let took = quick + Duration::from_secs_f64(waits.max(0.0));
        let (code, body) = answer(pod, self.troubles.db_down(self.now, &ask.service), &ask.path);
        Checked { ask, took, answer: Answer::Said(actuator::reply(code, &body)) }
    }
}

/// Spring Boot's answer, with details.
fn answer(pod: &Pod, waits: Option<&str>, path: &str) -> (u16, String) {
    if path != crate::domain::health::PATH {
        return (404, json!({"status": 404, "error": "Not Found", "path": path}).to_string());
    }
    let up = json!({"status": "UP"});
    let mut components = json!({"diskSpace": up, "livenessState": up, "ping": up, "readinessState": up});
    // The gateway has no database.
    let has_db = pod.service.as_str() != "api-gateway";
    let down = pod.conduct.db_down.as_deref().or(waits).filter(|_| has_db);
    if has_db {
        components["db"] = match down {
            Some(why) => json!({"status": "DOWN", "details": {"error": why}}),
            None => json!({"status": "UP", "details": {"database": "PostgreSQL", "validationQuery": "isValid()"}}),
        };
    }
    let (code, word) = if down.is_some() { (503, "DOWN") } else { (200, "UP") };
    (code, json!({"status": word, "components": components}).to_string())
}
