//! A drill with more wrong in its world than its file says, and a server that refuses now and then.

use std::time::Duration;

use backout::domain::fault::Fault;
use backout::domain::name::Service;
use backout::helm::api::Refused;
use backout::sim::{Drill, Injected, SHOP, Trouble, What, drills};

use super::chance::Chance;

/// One of the drills, with up to four more troubles within the first hour.
pub fn drill(chance: &mut Chance) -> Drill {
    let mut all = drills();
    let (_, drill) = all.remove(chance.below(all.len()));
    let mut drill = drill.unwrap();
    for _ in 0..chance.below(5) {
        let from = drill.start + chrono::TimeDelta::seconds(i64::try_from(chance.below(1_800)).unwrap() - 300);
        let lasts = chrono::TimeDelta::seconds(5 + i64::try_from(chance.below(900)).unwrap());
        let until = if chance.percent(10) { None } else { Some(from + lasts) };
        drill.troubles.push(Trouble { from, until, what: what(chance) });
    }
    drill
}

fn what(chance: &mut Chance) -> What {
    match chance.below(10) {
        0 => What::MetricsDown,
        1 => What::AlertsDown,
        2 => What::ApiDown,
        3 | 4 => What::SlowApi(Duration::from_millis(50 + chance.draw() % 20_000)),
        5 => What::Forbidden {
            verb: (*chance.one(&["list", "watch", "get", "patch", "create", "update", "*"])).into(),
            resource: (*chance.one(&[
                "pods",
                "secrets",
                "deployments",
                "events",
                "configmaps",
                "jobs",
                "services/proxy",
                "endpointslices",
                "ingresses",
                "nodes",
                "poddisruptionbudgets",
            ]))
            .into(),
        },
        6 => What::Conflict { object: format!("Deployment/{}", chance.one(&SHOP).name) },
        7 => What::Node {
            name: "aks-pool1-vmss000001".into(),
            condition: (*chance.one(&["NotReady", "DiskPressure"])).into(),
        },
        8 => What::NoAddress { ingress: "shop".into() },
        _ => What::Latency {
            services: vec![Service::new(chance.one(&SHOP).name)],
            seconds: 2.6,
            errors: 0.3,
            log: vec!["\u{1b}[2Jslow".into()],
            db_down: chance.percent(50).then(|| "\u{1b}[2Jno connection".into()),
        },
    }
}

/// The next request of some kind is refused in some way.
pub fn injected(chance: &mut Chance) -> Injected {
    let verb = *chance.one(&["patch", "create", "get", "update", "delete", "list"]);
    let kind = (*chance.one(&["Secret", "Deployment", "Job", "ConfigMap", "Service", "Pod"])).into();
    let message = String::from("\u{1b}[31mthe server\u{7} is tired");
    let refused = match chance.below(5) {
        0 => Refused::NotFound(message),
        1 => Refused::AlreadyExists(message),
        2 => Refused::Invalid(message),
        3 => Refused::Conflict { message, fields: Vec::new() },
        _ => Refused::Fault { fault: Fault::Unreachable { what: "the API server".into() }, message },
    };
    Injected { verb, kind, name: String::new(), refused }
}
