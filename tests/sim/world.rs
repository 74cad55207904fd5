//! Looks at a drill's world, and the hands that roll it back, for tests.

use std::time::Duration;

use backout::domain::fact::{Fact, PodNews};
use backout::domain::metrics::{Curves, MetricsRequest, Signal};
use backout::domain::moment::Moment;
use backout::domain::name::{Namespace, ReleaseName, Revision};
use backout::domain::workload::Pod;
use backout::helm::api::{Answer, Call, Mode, ObjectRef, Verb};
use backout::helm::manifest;
use backout::helm::record::Record;
use backout::helm::threeway;
use backout::sim::{Handle, Production, drill};
use futures::executor::block_on;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use serde_json::Value;

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
    MetricsRequest { signal, namespace: Namespace::new("prod"), from, to, step: Duration::from_secs(15) }
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
    let worst = curves(handle, signal).and_then(|c| c.worst(None, Duration::from_secs(60)));
    worst.map_or(1_000.0, |w| w.value)
}

/// The greatest value of any service between two moments.
pub fn peak(handle: &Handle, signal: Signal, from: Moment, to: Moment) -> Option<f64> {
    let mut asked = request(signal, from, to);
    asked.step = Duration::from_secs(900);
    let curves = handle.with(|w| w.curves(&asked)).ok()?;
    curves.services.values().filter_map(|s| s.peak()).map(|(_, v)| v).max_by(f64::total_cmp)
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

/// One call, answered.
pub fn call(handle: &Handle, call: Call) -> Answer {
    block_on(handle.world().cluster.call(call))
}

/// The address of an object of the namespace.
pub fn address(handle: &Handle, object: &Value) -> ObjectRef {
    let gvk = manifest::gvk(object);
    let Answer::Resource(Some(resource)) = call(handle, Call::Discover(gvk.clone())) else { panic!("{gvk}") };
    ObjectRef { resource, namespace: Some(Namespace::new("prod")), name: manifest::name(object).into() }
}

fn record(handle: &Handle, revision: Option<Revision>) -> Record {
    let objects = block_on(handle.world().cluster.records(ReleaseName::new("ecommerce-app"))).unwrap();
    let records = objects.iter().map(|o| Record::decode(o).unwrap());
    let wanted = |r: &Record| revision.is_none_or(|n| r.revision == n);
    records.filter(wanted).max_by_key(|r| r.revision).unwrap()
}

/// Puts a revision's objects back as helm's three-way merge does, one after another.
pub fn roll_back(handle: &Handle, to: Revision) {
    let (namespace, name) = (Namespace::new("prod"), ReleaseName::new("ecommerce-app"));
    let objects = |r: &Record| {
        let mut objects = manifest::parse(&r.manifest).unwrap();
        objects.iter_mut().for_each(|o| manifest::stamp(o, &name, &namespace));
        objects
    };
    let current = objects(&record(handle, None));
    for target in objects(&record(handle, Some(to))) {
        let at = address(handle, &target);
        let ask = |verb| call(handle, Call::Object { target: at.clone(), verb, mode: Mode::Commit });
        let Answer::Object(live) = ask(Verb::Get) else { panic!("{at} is not there") };
        let original = current.iter().find(|o| address(handle, o) == at).unwrap();
        let (kind, patch) = threeway::make(&at.resource.gvk, original, &target, &live).unwrap();
        if patch.as_object().is_some_and(|p| !p.is_empty()) {
            let answer = ask(Verb::Patch(kind, patch));
            assert!(matches!(answer, Answer::Object(_)), "{at}: {answer:?}");
        }
    }
}
