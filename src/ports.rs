//! The narrow door to the world, typed in our words. `live/` and `sim/` implement it whole; a process opens exactly one
//! of them.
//!
//! Never: a query's text, a kube type, a decision.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use serde_json::Value;

use crate::domain::alert::{Labels, Rung, Silence};
use crate::domain::change::Changes;
use crate::domain::detail::PodDetail;
use crate::domain::earlier::Earlier;
use crate::domain::event::{Entry, Event};
use crate::domain::fact::Fact;
use crate::domain::fault::Fault;
use crate::domain::health::{Ask, Checked};
use crate::domain::identity::Identity;
use crate::domain::logs::{Heard, LogAsk, LogRule};
use crate::domain::metrics::{Curves, MetricsRequest};
use crate::domain::moment::{Moment, Now};
use crate::domain::name::{IncidentId, Namespace, PodName, ReleaseName};
use crate::domain::usage::Usage;
use crate::domain::writer::Writer;
use crate::functional::answer::{Reply, Request};
use crate::functional::test::SecretPlace;
use crate::helm::api::{Answer, Call, Resource};
use crate::helm::external::{Exit, Helm, Program};

/// What a cluster is asked.
pub trait Cluster: Send + Sync {
    /// Which cluster this is; asked once, and again to see that it is still the same.
    fn identity(&self) -> BoxFuture<'_, Result<Identity, Fault>>;

    /// Facts of the namespace, from now on until dropped: watches that reconnect by themselves and report their faults.
    fn facts(&self) -> BoxStream<'static, Fact>;

    /// One request, with a time-out of its own (10 s); never retried silently.
    fn call(&self, call: Call) -> BoxFuture<'_, Answer>;

    /// Objects of a resource as they are and as they change, until dropped. Reconnects by itself.
    fn watch(&self, resource: Resource, namespace: Option<Namespace>) -> BoxStream<'static, ObjectNews>;

    /// The raw record objects (Secrets or ConfigMaps) of one release, payload included.
    fn records(&self, release: ReleaseName) -> BoxFuture<'_, Result<Vec<Value>, Fault>>;

    /// More about one pod: its events and its containers' last lines.
    fn pod_detail(&self, pod: PodName) -> BoxFuture<'_, Result<PodDetail, Fault>>;

    /// What was changed beside Helm since then, as far as it can be seen.
    fn changes(&self, since: Moment) -> BoxFuture<'_, Changes>;

    /// Asks each of these services itself for its health, once; an answer for every question, in their order.
    fn health(&self, asks: Vec<Ask>) -> BoxFuture<'_, Vec<Checked>>;

    /// Puts a functional test's request to its service itself, once.
    fn test(&self, request: Request) -> BoxFuture<'_, Reply>;

    /// What is kept at that place, for a functional test; to be handed on, never shown.
    fn secret(&self, source: SecretPlace) -> BoxFuture<'_, Result<String, Fault>>;

    /// Reads these logs and counts by that rule, once; an answer for every question, in their order, each bounded.
    fn logs(&self, asks: Vec<LogAsk>, rule: LogRule) -> BoxFuture<'_, Vec<Heard>>;
}

/// What became of a watched object.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectNews {
    /// It is there, new or changed.
    Is(Value),
    /// Everything that exists now has been told.
    Synced,
    /// It is gone (its last state).
    Gone(Value),
    /// The watch is down; it will come back with everything anew.
    Failing(Fault),
}

/// What a source of metrics is asked.
pub trait Metrics: Send + Sync {
    /// Curves per service.
    fn fetch(&self, request: MetricsRequest) -> BoxFuture<'_, Result<Curves, Fault>>;

    /// What each pod of the namespace uses now: of the cluster's metrics API, where it has none of Prometheus.
    fn usage(&self, namespace: Namespace) -> BoxFuture<'_, Result<Usage, Fault>>;
}

/// What a source of alerts is asked.
pub trait Alerts: Send + Sync {
    /// All alerts that concern the namespace, pending and silenced ones too.
    fn alerts(&self) -> BoxFuture<'_, Result<Rung, Fault>>;

    /// Silences exactly that alert from then on. Asked once, never again by itself.
    fn silence(&self, alert: Labels, from: Moment, silence: Silence) -> BoxFuture<'_, Hushed>;
}

/// What became of a silence that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hushed {
    /// It stands.
    Made,
    /// It was refused, and why: nothing was written.
    Refused(String),
    /// The answer got lost, and how: it may stand.
    Lost(String),
}

/// Where facts are kept: the journal of one incident, opened by its first event.
pub trait Journal: Send + Sync {
    /// Puts events on disk, in the order of the calls; ready when they are fsynced. With an error nothing of it is in the
    /// journal.
    fn append(&self, events: Vec<Event>, at: Moment) -> BoxFuture<'static, Result<Vec<Entry>, Unwritten>>;

    /// Looks for an open incident of that target. One that nobody writes any more is ours from then on; `known` is the
    /// incident that another cockpit holds, as far as is known here, so that its end is found too.
    fn look(&self, target: Identity, known: Option<IncidentId>) -> BoxFuture<'static, Earlier>;
}

/// Why events are not in the journal.
#[derive(Debug, Clone, PartialEq)]
pub enum Unwritten {
    /// The sentence for the person: which file, what failed.
    Disk(String),
    /// Somebody else has an incident of this target open; its entries so far.
    Held(Writer, Vec<Entry>),
}

/// Time. A drill's clock is virtual: it can be moved on.
pub trait Clock: Send + Sync {
    /// Wall and monotonic time.
    fn now(&self) -> Now;
    /// Ready when that much time has passed on this clock.
    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()>;
}

/// The programs of this machine that a plan may have started, each with the very argv of that plan.
pub trait Programs: Send + Sync {
    /// The helm that is here, or the sentence why none can be run.
    fn helm(&self) -> BoxFuture<'_, Result<Helm, String>>;

    /// Runs it to its end, also where nobody listens any more; its end comes last.
    fn run(&self, program: Program) -> BoxStream<'static, Output>;
}

/// What a program tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A line of its output, raw.
    Line(String),
    /// It has ended.
    Ended(Exit),
}

/// Everything outside, of one kind.
#[derive(Clone)]
pub struct World {
    /// The cluster.
    pub cluster: Arc<dyn Cluster>,
    /// The metrics.
    pub metrics: Arc<dyn Metrics>,
    /// The alerts.
    pub alerts: Arc<dyn Alerts>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The programs.
    pub programs: Arc<dyn Programs>,
}
