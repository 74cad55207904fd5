//! How revisions did while they were live: the curves of their windows, the worst service of each.
//!
//! Never: a verdict. "Not measured" is said as such.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::metrics::{Curves, MetricsRequest, Signal};
use crate::domain::moment::{Moment, since};
use crate::domain::name::{Namespace, Revision};
use crate::domain::release::Lived;
use crate::domain::series::Series;
use crate::ports::World;

/// Values per window: enough for a mean, few enough for a slow link.
const VALUES: u32 = 60;

/// Reads each window; one that cannot be read is not measured.
pub async fn read(
    world: &World,
    namespace: &Namespace,
    windows: &[(Revision, Moment, Moment)],
) -> BTreeMap<Revision, Lived> {
    let reads = windows.iter().map(|(revision, from, to)| async move {
        let errors = window(world, namespace, Signal::ErrorRatio, *from, *to);
        let p95 = window(world, namespace, Signal::P95, *from, *to);
        let (errors, p95) = futures::future::join(errors, p95).await;
        (*revision, Lived { from: *from, to: *to, errors, p95 })
    });
    futures::future::join_all(reads).await.into_iter().collect()
}

async fn window(world: &World, namespace: &Namespace, signal: Signal, from: Moment, to: Moment) -> Option<f64> {
    let step = Duration::from_secs((since(from, to) / VALUES).as_secs().max(15));
    let request = MetricsRequest { signal, namespace: namespace.clone(), from, to, step };
    let curves: Curves = world.metrics.fetch(request).await.ok()?;
    let means = curves.services.values().filter_map(|s: &Series| s.mean(from, to));
    means.max_by(f64::total_cmp)
}
