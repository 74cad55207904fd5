//! How a container behaves, by what it runs: its image's tag and the configuration it read when it started.
//!
//! Never: the time of day or who deployed it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::shop::Trade;
use crate::domain::name::{Image, Service};

/// What becomes of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It starts and serves.
    Serves,
    /// It ends by itself, that long after each start.
    Crashes {
        /// How long it lives.
        after: Duration,
        /// Its exit code.
        code: i32,
        /// `Error`, `OOMKilled`
        reason: String,
    },
    /// It runs, but its readiness probe never succeeds.
    NeverReady,
    /// The registry does not have its image.
    NoSuchImage,
}

/// How a container behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Conduct {
    /// What becomes of it.
    pub fate: Fate,
    /// From its start until it is ready.
    pub start: Duration,
    /// Its share of requests answered 5xx, 0..1.
    pub errors: f64,
    /// Its P95, seconds, when not overloaded.
    pub p95: f64,
    /// What it logs beyond its requests.
    pub log: Vec<String>,
    /// Why its health says that its database is down; `None`: it says that it is up.
    pub db_down: Option<String>,
}

impl Conduct {
    /// A service that is well.
    pub fn well(trade: &Trade) -> Self {
        Self {
            fate: Fate::Serves,
            start: Duration::from_secs_f64(trade.start),
            errors: trade.errors,
            p95: trade.p95,
            log: Vec::new(),
            db_down: None,
        }
    }

    /// Whether it ends before it was ever ready.
    pub fn fate_before_ready(&self) -> bool {
        matches!(&self.fate, Fate::Crashes { after, .. } if *after <= self.start)
    }
}

/// What behaves how: a service with a tag, with a configuration, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Whose.
    pub service: Service,
    /// The image's tag; `None` fits any.
    pub tag: Option<String>,
    /// Configuration values that must stand so; empty fits any.
    pub config: BTreeMap<String, String>,
    /// What it then does.
    pub conduct: Conduct,
}

impl Rule {
    /// Whether a container of this service, image and configuration (a ConfigMap's `data`) does so.
    pub fn fits(&self, service: &Service, image: &Image, config: Option<&Value>) -> bool {
        let reads = |key: &str| config.and_then(|c| c.get(key)).and_then(Value::as_str);
        self.service == *service
            && self.tag.as_deref().is_none_or(|tag| image.tag() == tag)
            && self.config.iter().all(|(key, value)| reads(key) == Some(value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::shop;
    use serde_json::json;

    #[test]
    fn a_rule_wants_its_tag_and_its_configuration() {
        let trade = shop::find("order-service").unwrap();
        let rule = |tag: Option<&str>, config: &[(&str, &str)]| Rule {
            service: trade.service(),
            tag: tag.map(Into::into),
            config: config.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
            conduct: Conduct::well(trade),
        };
        let image = Image::new("r/order-service:2.4.0");
        let config = json!({"DB": "a"});
        let cases = [
            (rule(Some("2.4.0"), &[]), true),
            (rule(Some("2.3.1"), &[]), false),
            (rule(None, &[("DB", "a")]), true),
            (rule(None, &[("DB", "b")]), false),
            (rule(Some("2.4.0"), &[("NO", "a")]), false),
        ];
        for (rule, wanted) in cases {
            assert_eq!(rule.fits(&trade.service(), &image, Some(&config)), wanted, "{rule:?}");
        }
        assert!(!rule(Some("2.4.0"), &[]).fits(&Service::new("user-service"), &image, None));
    }
}
