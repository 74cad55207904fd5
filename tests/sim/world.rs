//! Looks at a drill's world, and the hands that roll it back, for tests.

use std::time::Duration;

use backout::act::drive::drive;
use backout::act::rollback::Terms;
use backout::act::{revert, rollback};
use backout::domain::change::Object;
use backout::domain::event::Ending;
use backout::domain::fact::{Fact, PodNews};
use backout::domain::metrics::{Curves, MetricsRequest, Scope, Signal};
use backout::domain::moment::Moment;
use backout::domain::name::{Namespace, ReleaseName, Revision};
use backout::domain::series::Series;
use backout::domain::workload::Pod;
use backout::helm::engine::Engine;
use backout::helm::plan::{Plan, Refusal};
use backout::helm::progress::{Outcome, Progress};
use backout::helm::rollback::{Rollback, Wait};
use backout::revert::ask::Ask;
use backout::sim::{Handle, Production, drill};
use futures::executor::LocalPool;
use futures::stream::BoxStream;
use futures::task::LocalSpawnExt;
use futures::{FutureExt, StreamExt};

/// The world of that drill at its start.
pub fn world(name: &str) -> Handle {
    Handle::new(Production::load(&drill(name).unwrap()))
}

/// The last half minute of a signal.
pub fn last(world: &Production, signal: Signal) -> MetricsRequest {
    let now = world.now().wall;
    request(signal, now - chrono::TimeDelta::seconds(30), now)
}

fn request(signal: Signal, from: Moment, to: Moment) -> MetricsRequest {
    MetricsRequest {
        signal,
        scope: Scope::Each,
        namespace: Namespace::new("prod"),
        from,
        to,
        step: Duration::from_secs(15),
    }
}

fn curves(handle: &Handle, signal: Signal) -> Option<Curves> {
    handle.with(|w| w.curves(&last(w, signal))).ok()
}

fn newest(handle: &Handle, signal: Signal, service: &str) -> Option<f64> {
    curves(handle, signal)?.services.get(service)?.last().map(|(_, v)| v)
}

/// The newest error ratio of a service.
pub fn errors(handle: &Handle, service: &str) -> Option<f64> {
    newest(handle, Signal::ErrorRatio, service)
}

/// The newest P95 of a service, seconds.
pub fn p95(handle: &Handle, service: &str) -> Option<f64> {
    newest(handle, Signal::P95, service)
}

/// The newest traffic of a service, requests a second.
pub fn traffic(handle: &Handle, service: &str) -> Option<f64> {
    newest(handle, Signal::Traffic, service)
}

/// The newest value of the worst service; 1000 where nothing is measured.
pub fn worst(handle: &Handle, signal: Signal) -> f64 {
    let worst = curves(handle, signal).and_then(|c| c.worst(None, Duration::from_mins(1)));
    worst.map_or(1_000.0, |w| w.value)
}

/// The greatest value of any service between two moments.
pub fn peak(handle: &Handle, signal: Signal, from: Moment, to: Moment) -> Option<f64> {
    let mut asked = request(signal, from, to);
    asked.step = Duration::from_mins(15);
    let curves = handle.with(|w| w.curves(&asked)).ok()?;
    curves.services.values().filter_map(Series::peak).map(|(_, v)| v).max_by(f64::total_cmp)
}

/// Everything that a stream has to say now.
pub fn drained_now<T>(stream: &mut BoxStream<'static, T>) -> Vec<T> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten()).collect()
}

/// The same, of a stream that is not needed any more.
pub fn drained<T>(mut stream: BoxStream<'static, T>) -> Vec<T> {
    drained_now(&mut stream)
}

/// What one is told who asks for facts now.
pub fn facts(handle: &Handle) -> Vec<Fact> {
    drained(handle.world().cluster.facts())
}

/// The pods as they are now.
pub fn pods(handle: &Handle) -> Vec<Pod> {
    let page = |f| if let Fact::Pods(PodNews::Page(rows)) = f { Some(rows) } else { None };
    facts(handle).into_iter().find_map(page).unwrap_or_default()
}

/// Lets a future and the world go on in turn until the future has ended.
pub fn play<T: 'static>(handle: &Handle, future: impl Future<Output = T> + 'static) -> T {
    let mut pool = LocalPool::new();
    let mut ended = pool.spawner().spawn_local_with_handle(future).unwrap();
    loop {
        pool.run_until_stalled();
        if let Some(result) = (&mut ended).now_or_never() {
            return result;
        }
        handle.advance(handle.next_due().expect("nothing will ever happen"));
    }
}

/// The plan of a rollback of the drill's release.
pub fn plan(handle: &Handle, to: Revision) -> Result<Plan, Refusal> {
    let world = handle.world();
    let (release, namespace) = (ReleaseName::new("ecommerce-app"), Namespace::new("prod"));
    play(handle, async move { rollback::plan(&world, release, namespace, to, "aks-prod-eu", rollback::TIMEOUT).await })
}

/// Runs a plan to its end.
pub fn run(handle: &Handle, plan: Plan) -> (Outcome, Vec<Progress>) {
    let world = handle.world();
    play(handle, async move {
        let mut told = Vec::new();
        let mut engine = Rollback::new(plan, "aks-prod-eu", rollback::TIMEOUT, Wait::ForReady);
        drive(&mut engine, &world, |progress| told.push(progress)).await;
        (engine.end().cloned().unwrap(), told)
    })
}

/// Plans and runs a rollback.
pub fn roll_back(handle: &Handle, to: Revision) -> Outcome {
    run(handle, plan(handle, to).unwrap()).0
}

/// Puts an object back to the content of the live revision.
pub fn put_back(handle: &Handle, object: Object) -> Ending {
    let world = handle.world();
    let (release, namespace) = (ReleaseName::new("ecommerce-app"), Namespace::new("prod"));
    let ask = Ask { release, namespace, context: "aks-prod-eu".into(), object, to: None };
    play(handle, async move {
        let plan = revert::planned(&world, ask).await.unwrap();
        revert::run(&world, &plan, Terms::default(), |_| {}).await
    })
}
