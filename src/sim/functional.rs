//! What the shop's services answer to the calls of its business: it follows from what runs behind their Service and from
//! what it waits for.
//!
//! Never: an answer of a pod that is not ready; no Service leads to it.

use std::time::Duration;

use serde_json::{Value, json};

use super::pod::{Life, Pod};
use super::production::Production;
use super::store::Key;
use crate::domain::health::Nobody;
use crate::functional::answer::{Came, Reply, Request};
use crate::functional::test::Method;

impl Production {
    /// Puts it to the service itself, through the API server.
    pub fn test(&mut self, request: &Request) -> Reply {
        let verb = if request.method.is_safe() { "get" } else { "create" };
        let quick = |came| Reply { took: Duration::from_millis(6), came };
        if let Err(fault) = self.readable(verb, "services/proxy") {
            return quick(Came::Dark(fault));
        }
        let route = Key::new("", "Service", &self.drill.namespace, request.service.as_str());
        if self.store.get(&route).is_none() {
            return quick(Came::Nobody(Nobody::Service));
        }
        let ready: Vec<&Pod> =
            self.pods.values().filter(|p| p.service == request.service && p.life == Life::Ready).collect();
        let (service, second) = (request.service.as_str(), self.now.timestamp().unsigned_abs());
        // The proxy takes any of them, and another one the next time.
        let drawn = self.chance.other(6).draw(service, second) as usize;
        let Some(pod) = drawn.checked_rem(ready.len()).and_then(|place| ready.get(place)) else {
            return quick(Came::Nobody(Nobody::Endpoint));
        };
        let (waits, lost) = self.troubles.drag(self.now, service);
        let own = self.chance.between(service, second, Duration::from_millis(12), Duration::from_millis(90));
        let took = own + Duration::from_secs_f64(waits.max(0.0));
        if took > request.within {
            return Reply { took: request.within, came: Came::Silent };
        }
        // What needs the column that is not there fails every time, whoever asks.
        let broken = pod.conduct.db_down.is_some() || self.troubles.db_down(self.now, &request.service).is_some();
        let fails = broken || self.chance.other(7).unit(service, second) < (pod.conduct.errors + lost).min(1.0);
        let (code, body) = match business(request) {
            None => (404, json!({"status": 404, "error": "Not Found"})),
            Some(_) if fails => (500, json!({"status": 500, "error": "Internal Server Error"})),
            Some((code, body)) => (code, body),
        };
        if code == 201 {
            self.made = self.made.saturating_add(1);
        }
        Reply { took, came: Came::Said { code, body: self.numbered(body).to_string() } }
    }

    /// What was made has a number of its own.
    fn numbered(&self, mut body: Value) -> Value {
        if body.get("status").and_then(Value::as_str) == Some("ACCEPTED") {
            body["id"] = json!(48_210 + self.made);
        }
        body
    }
}

/// The four calls of the plan («Funcionalidad de Negocio»).
fn business(request: &Request) -> Option<(u16, Value)> {
    let path = request.path.split('?').next().unwrap_or_default();
    match (request.service.as_str(), request.method, path) {
        ("user-service", Method::Post, "/api/users/login") => {
            Some((200, json!({"token": "drill-token", "expiresIn": 3600})))
        }
        ("product-service", Method::Get, "/api/products") => {
            Some((200, json!({"content": [{"id": 1, "name": "Teapot", "price": 19.9}], "totalElements": 1})))
        }
        ("order-service", Method::Post, "/api/orders") | ("payment-service", Method::Post, "/api/payments") => {
            Some((201, json!({"status": "ACCEPTED"})))
        }
        _ => None,
    }
}
