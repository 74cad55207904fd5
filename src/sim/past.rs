//! What ran when: for every service, which ready pods of which conduct took its traffic, since when.
//!
//! The curves of any past minute follow from it, so nothing else has to be remembered.
//!
//! Never: forgetting; a drill's days are short.

use std::collections::BTreeMap;

use crate::domain::moment::Moment;
use crate::domain::name::Service;

/// Ready pods that behave alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lot {
    /// How many.
    pub pods: u32,
    /// Their own share of 5xx, 0..1.
    pub errors: f64,
    /// Their own P95, seconds.
    pub p95: f64,
}

/// The past of all services.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    services: BTreeMap<Service, Vec<(Moment, Vec<Lot>)>>,
}

impl Past {
    /// From now on these pods take the service's traffic.
    pub fn note(&mut self, service: &Service, at: Moment, lots: Vec<Lot>) {
        let past = self.services.entry(service.clone()).or_default();
        match past.last_mut() {
            Some((_, last)) if *last == lots => {}
            Some((then, last)) if *then == at => *last = lots,
            Some(_) | None => past.push((at, lots)),
        }
    }

    /// What took the service's traffic at that moment; empty where nothing did.
    pub fn at(&self, service: &str, moment: Moment) -> &[Lot] {
        let Some(past) = self.services.get(service) else { return &[] };
        let after = past.partition_point(|(from, _)| *from <= moment);
        after.checked_sub(1).and_then(|i| past.get(i)).map_or(&[], |(_, lots)| lots.as_slice())
    }

    /// When what took the service's traffic last changed before or at that moment.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_what_was_noted_last_before_the_moment() {
        let at = |s: i64| chrono::DateTime::from_timestamp(s, 0).unwrap();
        let lot = |pods| vec![Lot { pods, errors: 0.0, p95: 0.1 }];
        let mut past = Past::default();
        let service = Service::new("a");
        past.note(&service, at(10), lot(1));
        past.note(&service, at(20), lot(2));
        past.note(&service, at(20), lot(3));
        let seen: Vec<&[Lot]> = [9, 10, 19, 20, 99].iter().map(|s| past.at("a", at(*s))).collect();
        assert_eq!(seen, [&[] as &[Lot], &lot(1), &lot(1), &lot(3), &lot(3)]);
        assert_eq!(past.at("b", at(10)), &[]);
    }
}
