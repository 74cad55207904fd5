//! The drill's door: the ports to the simulated production, for as many tasks as like.
//!
//! The lock is held for one question or one step of time, never across an await; that is why a plain mutex is right.
//! Living through a drill's history takes a while: the first who asks for more than the time waits for it.
//!
//! Never: a thread, the real clock, the network.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::StreamExt;
use futures::future::{BoxFuture, ready};
use futures::stream::BoxStream;
use serde_json::Value;

use super::drill::Drill;
use super::production::Production;
use crate::domain::alert::{Labels, Rung, Silence};
use crate::domain::change::Changes;
use crate::domain::detail::PodDetail;
use crate::domain::fact::Fact;
use crate::domain::fault::Fault;
use crate::domain::health::{Ask, Checked};
use crate::domain::identity::Identity;
use crate::domain::logs::{Heard, LogAsk, LogRule};
use crate::domain::metrics::{Curves, MetricsRequest};
use crate::domain::moment::{Moment, Now};
use crate::domain::name::{Namespace, PodName, ReleaseName};
use crate::domain::usage::Usage;
use crate::functional::answer::{Reply, Request};
use crate::functional::test::SecretPlace;
use crate::helm::api::{Answer, Call, Resource};
use crate::helm::external::{Helm, Program};
use crate::ports::{Alerts, Clock, Cluster, Hushed, Metrics, ObjectNews, Output, Programs, World};

/// A handle on one simulated production; clones see the same one.
#[derive(Debug, Clone)]
pub struct Handle {
    drill: Arc<Drill>,
    inner: Arc<OnceLock<Mutex<Production>>>,
}

impl Handle {
    /// Of a production.
    pub fn new(production: Production) -> Self {
        let drill = Arc::new(production.drill().clone());
        Self { drill, inner: Arc::new(OnceLock::from(Mutex::new(production))) }
    }

    /// Of a drill's production, which is not loaded before somebody asks.
    pub fn of(drill: Drill) -> Self {
        Self { drill: Arc::new(drill), inner: Arc::default() }
    }

    /// All ports.
    pub fn world(&self) -> World {
        World {
            cluster: Arc::new(self.clone()),
            metrics: Arc::new(self.clone()),
            alerts: Arc::new(self.clone()),
            clock: Arc::new(self.clone()),
            programs: Arc::new(self.clone()),
        }
    }

    /// Lets time pass; sleepers whose time has come wake.
    pub fn advance(&self, by: Duration) {
        self.lock().advance(by);
    }

    /// Lets time pass up to that moment of the monotonic clock (for a drill that follows the real one).
    pub fn advance_to(&self, mono: Duration) {
        self.lock().advance_to(mono);
    }

    /// When the world next does something by itself or wakes a sleeper; `None`: never again. To let everybody act in
    /// their turn, advance by this, run the tasks until they wait, and ask again.
    pub fn next_due(&self) -> Option<Duration> {
        let world = self.lock();
        world.next_event().into_iter().chain(world.next_waking()).min()
    }

    /// Looks at or changes the production itself; not from within another look.
    pub fn with<T>(&self, look: impl FnOnce(&mut Production) -> T) -> T {
        look(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Production> {
        let production = self.inner.get_or_init(|| Mutex::new(Production::load(&self.drill)));
        production.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the API server answers, as late as it is slow.
    fn late<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Production) -> T + Send + 'static,
    ) -> BoxFuture<'static, T> {
        let handle = self.clone();
        let wait = {
            let mut world = handle.lock();
            let late = world.lateness();
            (!late.is_zero()).then(|| world.sleep(late))
        };
        match wait {
            None => ready(handle.with(ask)).boxed(),
            Some(wait) => async move {
                let _dropped = wait.await;
                handle.with(ask)
            }
            .boxed(),
        }
    }
}

impl Cluster for Handle {
    fn identity(&self) -> BoxFuture<'_, Result<Identity, Fault>> {
        let handle = self.clone();
        async move { handle.late(|w| w.identity()).await }.boxed()
    }

    fn facts(&self) -> BoxStream<'static, Fact> {
        if self.inner.get().is_some() {
            return self.lock().subscribe().boxed();
        }
        let handle = self.clone();
        futures::stream::once(async move { handle.lock().subscribe() }).flatten().boxed()
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        self.late(|w| w.answer(call))
    }

    fn watch(&self, resource: Resource, namespace: Option<Namespace>) -> BoxStream<'static, ObjectNews> {
        self.lock().watch(resource, namespace).boxed()
    }

    fn records(&self, release: ReleaseName) -> BoxFuture<'_, Result<Vec<Value>, Fault>> {
        self.late(move |w| w.readable("list", "secrets").map(|()| w.records(Some(release.as_str()))))
    }

    fn pod_detail(&self, pod: PodName) -> BoxFuture<'_, Result<PodDetail, Fault>> {
        self.late(move |w| w.pod_detail(&pod))
    }

    fn changes(&self, since: Moment) -> BoxFuture<'_, Changes> {
        self.late(move |w| w.changes(since))
    }

    fn health(&self, asks: Vec<Ask>) -> BoxFuture<'_, Vec<Checked>> {
        self.late(move |w| w.health(asks))
    }

    fn test(&self, request: Request) -> BoxFuture<'_, Reply> {
        self.late(move |w| w.test(&request))
    }

    fn secret(&self, _: SecretPlace) -> BoxFuture<'_, Result<String, Fault>> {
        // A drill reads nothing of this machine.
        ready(Ok("drill".to_owned())).boxed()
    }

    fn logs(&self, asks: Vec<LogAsk>, rule: LogRule) -> BoxFuture<'_, Vec<Heard>> {
        self.late(move |w| w.logs(asks, &rule))
    }
}

impl Programs for Handle {
    fn helm(&self) -> BoxFuture<'_, Result<Helm, String>> {
        ready(Ok(Production::helm())).boxed()
    }

    fn run(&self, program: Program) -> BoxStream<'static, Output> {
        futures::stream::iter(self.lock().run_program(&program)).boxed()
    }
}

impl Metrics for Handle {
    fn fetch(&self, request: MetricsRequest) -> BoxFuture<'_, Result<Curves, Fault>> {
        ready(self.lock().curves(&request)).boxed()
    }

    fn usage(&self, _: Namespace) -> BoxFuture<'_, Result<Usage, Fault>> {
        self.late(|w| w.usage())
    }
}

impl Alerts for Handle {
    fn alerts(&self) -> BoxFuture<'_, Result<Rung, Fault>> {
        ready(self.lock().alerts().map(|alerts| Rung { alerts, lacking: None })).boxed()
    }

    fn silence(&self, alert: Labels, from: Moment, silence: Silence) -> BoxFuture<'_, Hushed> {
        ready(self.lock().silence(alert, from, silence)).boxed()
    }
}

impl Clock for Handle {
    fn now(&self) -> Now {
        if self.inner.get().is_some() {
            self.lock().now()
        } else {
            Now { wall: self.drill.start, mono: Duration::ZERO }
        }
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        self.lock().sleep(length).map(|_dropped| ()).boxed()
    }
}
