//! How revisions did while they were live: the curves of their windows, the worst service of each that had enough traffic
//! to judge.
//!
//! Never: a verdict. What the metrics do not hold is told from what they did not answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::fault::Fault;
use crate::domain::metrics::{Curves, ENOUGH_TRAFFIC, MetricsRequest, Scope, Signal};
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, Revision, Service};
use crate::domain::release::{Life, Lived};
use crate::domain::series::Series;
use crate::ports::World;

/// Values per window: enough for a mean, few enough for a slow link.
const VALUES: u32 = 60;

/// Reads each life of a release with these workloads (empty: not known). One too short to be measured has no figures.
pub async fn read(
    world: &World,
    namespace: &Namespace,
    services: &BTreeSet<Service>,
    lives: &[(Revision, Life)],
) -> BTreeMap<Revision, Lived> {
    let reads = lives.iter().map(|(revision, life)| async move {
        let (errors, p95, unread) = match life.settled() {
            Some(window) => figures(world, namespace, services, window).await,
            None => (None, None, None),
        };
        (*revision, Lived { from: life.from, to: life.to, errors, p95, unread })
    });
    futures::future::join_all(reads).await.into_iter().collect()
}

async fn figures(
    world: &World,
    namespace: &Namespace,
    services: &BTreeSet<Service>,
    window: Life,
) -> (Option<f64>, Option<f64>, Option<Fault>) {
    let fetch = |signal| {
        let step = Duration::from_secs((window.length() / VALUES).as_secs().max(15));
        let (scope, namespace) = (Scope::Each, namespace.clone());
        let request = MetricsRequest { signal, scope, namespace, from: window.from, to: window.to, step };
        world.metrics.fetch(request)
    };
    let reads = (fetch(Signal::ErrorRatio), fetch(Signal::P95), fetch(Signal::Traffic));
    let (errors, p95, traffic) = futures::future::join3(reads.0, reads.1, reads.2).await;
    let traffic = traffic.ok();
    let mut unread = None;
    let mut worst = |curves: Result<Curves, Fault>| match curves {
        Ok(curves) => self::worst(&curves, traffic.as_ref(), services, window),
        Err(fault) => {
            unread.get_or_insert(fault);
            None
        }
    };
    let (errors, p95) = (worst(errors), worst(p95));
    (errors, p95, unread)
}

/// The worst mean of a service of these, of the moments at which it had enough traffic to judge. Where the curves name
/// none of these services they go by other names, and all count; without traffic curves every moment counts.
fn worst(curves: &Curves, traffic: Option<&Curves>, services: &BTreeSet<Service>, window: Life) -> Option<f64> {
    let foreign = !curves.services.keys().any(|s| services.contains(s));
    let own = curves.services.iter().filter(|(service, _)| foreign || services.contains(*service));
    let means = own.filter_map(|(service, series)| match traffic {
        None => series.mean(window.from, window.to),
        Some(traffic) => judged(series, traffic.services.get(service)?).mean(window.from, window.to),
    });
    means.max_by(f64::total_cmp)
}

/// The curve, with gaps where too few requests came.
fn judged(series: &Series, traffic: &Series) -> Series {
    let busy: BTreeSet<Moment> =
        traffic.points().filter(|(_, v)| v.is_some_and(|rps| rps >= ENOUGH_TRAFFIC)).map(|(t, _)| t).collect();
    let values = series.points().map(|(t, v)| v.filter(|_| busy.contains(&t))).collect();
    Series { start: series.start, step: series.step, values }
}
