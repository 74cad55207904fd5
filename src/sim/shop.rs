//! The shop: its ten services, how busy they are, whom they call and how they do when they are well.
//!
//! Never: what is wrong with them in a drill; that is the drill's.

use crate::domain::name::Service;

/// One service as its builders know it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Its name; also its Deployment's, Service's and image's.
    pub name: &'static str,
    /// Pods, where the drill says nothing else.
    pub replicas: u32,
    /// The port it serves.
    pub port: u16,
    /// Requests per second, mean of the day.
    pub rate: f64,
    /// Its P95 when well, seconds.
    pub p95: f64,
    /// Its error ratio when well.
    pub errors: f64,
    /// Seconds until a pod is ready after its container started.
    pub start: f64,
    /// Whom it calls, and in what share of its requests.
    pub calls: &'static [(&'static str, f64)],
}

const fn trade(name: &'static str, replicas: u32, port: u16, rate: f64, p95: f64, start: f64) -> Trade {
    Trade { name, replicas, port, rate, p95, errors: 0.001, start, calls: &[] }
}

/// All ten, in the order of the chart's templates.
pub const SHOP: [Trade; 10] = [
    Trade {
        errors: 0.0005,
        calls: &[
            ("user-service", 0.18),
            ("product-service", 0.34),
            ("order-service", 0.12),
            ("payment-service", 0.07),
            ("shipping-service", 0.04),
            ("favourite-service", 0.06),
            ("cart-service", 0.12),
            ("inventory-service", 0.05),
            ("notification-service", 0.02),
        ],
        ..trade("api-gateway", 2, 8080, 26.0, 0.21, 9.0)
    },
    Trade { errors: 0.0012, ..trade("user-service", 2, 8081, 7.1, 0.16, 14.0) },
    trade("product-service", 2, 8082, 10.4, 0.14, 13.0),
    Trade {
        errors: 0.002,
        calls: &[("user-service", 0.30), ("payment-service", 0.25), ("inventory-service", 0.40)],
        ..trade("order-service", 2, 8083, 4.4, 0.24, 17.0)
    },
    Trade { errors: 0.0018, ..trade("payment-service", 2, 8084, 3.0, 0.31, 15.0) },
    trade("shipping-service", 1, 8085, 1.2, 0.18, 12.0),
    Trade { calls: &[("product-service", 0.25)], ..trade("favourite-service", 1, 8086, 1.6, 0.13, 11.0) },
    Trade {
        calls: &[("product-service", 0.30), ("inventory-service", 0.20)],
        ..trade("cart-service", 1, 8087, 3.9, 0.15, 12.0)
    },
    trade("inventory-service", 1, 8088, 3.8, 0.12, 12.0),
    trade("notification-service", 1, 8089, 1.1, 0.20, 10.0),
];

/// Places in [`SHOP`] so ordered that whoever is called comes before its callers.
pub const CALLEES_FIRST: [usize; SHOP.len()] = [1, 2, 4, 5, 8, 9, 3, 6, 7, 0];

/// The service of that name.
pub fn find(name: &str) -> Option<&'static Trade> {
    SHOP.iter().find(|t| t.name == name)
}

impl Trade {
    /// As the domain names it.
    pub fn service(&self) -> Service {
        Service::new(self.name)
    }

    /// Requests per second that one pod can take before its callers wait: a third more than a fair share at the peak.
    pub fn capacity(&self) -> f64 {
        self.rate * 1.35 * 1.35 / f64::from(self.replicas.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_called_exists_and_comes_before_its_callers() {
        let mut seen = Vec::new();
        for trade in CALLEES_FIRST.map(|place| SHOP[place]) {
            assert!(trade.calls.iter().all(|(callee, _)| seen.contains(callee)), "{}", trade.name);
            seen.push(trade.name);
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), SHOP.len());
    }
}
