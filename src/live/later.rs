//! The live world before its client stands: every question waits for the connection, so that the first frame does not.
//! An opening that failed (a login that had expired, a plugin that could not ask) is tried again by whoever asks next.
//!
//! Never: a second connection beside the first; one that stands stays the only one, opened from the kubeconfig read at
//! the start.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, Shared};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::time::Instant;

use crate::domain::alert::{Labels, Rung, Silence};
use crate::domain::change::Changes;
use crate::domain::detail::PodDetail;
use crate::domain::fact::{Fact, Source};
use crate::domain::fault::Fault;
use crate::domain::health::{Ask, Checked};
use crate::domain::identity::Identity;
use crate::domain::logs::{Heard, LogAsk, LogRule};
use crate::domain::metrics::{Curves, MetricsRequest};
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, PodName, ReleaseName};
use crate::domain::usage::Usage;
use crate::functional::answer::{Came, Reply, Request};
use crate::functional::test::SecretPlace;
use crate::helm::api::{Answer, Call, Refused, Resource};
use crate::ports::{Alerts, Cluster, Hushed, Metrics, ObjectNews, World};

use super::LiveClock;
use super::process::LivePrograms;

/// Makes the world; asked again after a failure.
pub(super) type Opening = Box<dyn Fn() -> BoxFuture<'static, Result<World, Fault>> + Send + Sync>;

type Opened = Shared<BoxFuture<'static, Result<(World, Instant), (Fault, Instant)>>>;

/// What the watches are asked for; all of them fail with the connection.
const WATCHED: [Source; 8] = [
    Source::Pods,
    Source::Workloads,
    Source::Warnings,
    Source::Releases,
    Source::Endpoints,
    Source::Ingresses,
    Source::Nodes,
    Source::Budgets,
];

/// A failed opening stands for so long: a credential plugin is no thing to be run in a hurry.
const AGAIN: Duration = Duration::from_secs(3);

#[derive(Clone)]
struct Later {
    door: Arc<Door>,
}

struct Door {
    opening: Opening,
    opened: Mutex<Option<Opened>>,
}

/// A world that begins at once and answers when the connection stands, or says why it does not.
pub(super) fn world(opening: Opening, programs: LivePrograms) -> World {
    let later = Arc::new(Later { door: Arc::new(Door { opening, opened: Mutex::new(None) }) });
    let (clock, programs) = (Arc::new(LiveClock::start()), Arc::new(programs));
    World { cluster: later.clone(), metrics: later.clone(), alerts: later, clock, programs }
}

impl Later {
    async fn open(&self) -> Result<World, Fault> {
        self.opened().await.map(|(world, _)| world).map_err(|(fault, _)| fault)
    }

    /// The one opening under way or done; another one where it failed a while ago.
    fn opened(&self) -> Opened {
        let mut opened = self.door.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = |o: &Opened| matches!(o.peek(), Some(Err((_, at))) if at.elapsed() >= AGAIN);
        if let Some(standing) = opened.as_ref().filter(|o| !spent(o)) {
            return standing.clone();
        }
        let attempt = (self.door.opening)();
        let attempt = async move {
            match attempt.await {
                Ok(world) => Ok((world, Instant::now())),
                Err(fault) => {
                    tracing::warn!(fault = fault.sentence(), "the connection was not opened");
                    Err((fault, Instant::now()))
                }
            }
        };
        let fresh = attempt.boxed().shared();
        *opened = Some(fresh.clone());
        fresh
    }

    /// What the world tells, for ever; until it stands, what its absence means, again and again.
    fn told<T: Send + 'static>(
        &self,
        of: impl Fn(World) -> BoxStream<'static, T> + Send + 'static,
        failing: impl Fn(Fault) -> Vec<T> + Send + 'static,
    ) -> BoxStream<'static, T> {
        let parts = stream::unfold((self.clone(), of, failing, false), |(later, of, failing, again)| async move {
            if again {
                tokio::time::sleep(AGAIN).await;
            }
            let part = match later.open().await {
                Ok(world) => of(world),
                Err(fault) => stream::iter(failing(fault)).boxed(),
            };
            Some((part, (later, of, failing, true)))
        });
        parts.flatten().boxed()
    }
}

impl Cluster for Later {
    fn identity(&self) -> BoxFuture<'_, Result<Identity, Fault>> {
        async move { self.open().await?.cluster.identity().await }.boxed()
    }

    fn facts(&self) -> BoxStream<'static, Fact> {
        let failing = |fault: Fault| WATCHED.map(|source| Fact::Failing(source, fault.clone())).to_vec();
        self.told(|world| world.cluster.facts(), failing)
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        async move {
            match self.open().await {
                Ok(world) => world.cluster.call(call).await,
                Err(fault) => Answer::Refused(Refused::Fault { fault, message: String::new() }),
            }
        }
        .boxed()
    }

    fn watch(&self, resource: Resource, namespace: Option<Namespace>) -> BoxStream<'static, ObjectNews> {
        let watch = move |world: World| world.cluster.watch(resource.clone(), namespace.clone());
        self.told(watch, |fault| vec![ObjectNews::Failing(fault)])
    }

    fn records(&self, release: ReleaseName) -> BoxFuture<'_, Result<Vec<Value>, Fault>> {
        async move { self.open().await?.cluster.records(release).await }.boxed()
    }

    fn pod_detail(&self, pod: PodName) -> BoxFuture<'_, Result<PodDetail, Fault>> {
        async move { self.open().await?.cluster.pod_detail(pod).await }.boxed()
    }

    fn changes(&self, since: Moment) -> BoxFuture<'_, Changes> {
        async move {
            match self.open().await {
                Ok(world) => world.cluster.changes(since).await,
                Err(fault) => Changes::dark(&fault),
            }
        }
        .boxed()
    }

    fn health(&self, asks: Vec<Ask>) -> BoxFuture<'_, Vec<Checked>> {
        async move {
            match self.open().await {
                Ok(world) => world.cluster.health(asks).await,
                Err(fault) => asks.into_iter().map(|ask| Checked::dark(ask, fault.clone())).collect(),
            }
        }
        .boxed()
    }

    fn test(&self, request: Request) -> BoxFuture<'_, Reply> {
        async move {
            match self.open().await {
                Ok(world) => world.cluster.test(request).await,
                Err(fault) => Reply { took: Duration::ZERO, came: Came::Dark(fault) },
            }
        }
        .boxed()
    }

    fn secret(&self, source: SecretPlace) -> BoxFuture<'_, Result<String, Fault>> {
        async move { self.open().await?.cluster.secret(source).await }.boxed()
    }

    fn logs(&self, asks: Vec<LogAsk>, rule: LogRule) -> BoxFuture<'_, Vec<Heard>> {
        async move {
            match self.open().await {
                Ok(world) => world.cluster.logs(asks, rule).await,
                Err(fault) => asks.into_iter().map(|ask| Heard { ask, excerpt: Err(fault.clone()) }).collect(),
            }
        }
        .boxed()
    }
}

impl Metrics for Later {
    fn fetch(&self, request: MetricsRequest) -> BoxFuture<'_, Result<Curves, Fault>> {
        async move { self.open().await?.metrics.fetch(request).await }.boxed()
    }

    fn usage(&self, namespace: Namespace) -> BoxFuture<'_, Result<Usage, Fault>> {
        async move { self.open().await?.metrics.usage(namespace).await }.boxed()
    }
}

impl Alerts for Later {
    fn alerts(&self) -> BoxFuture<'_, Result<Rung, Fault>> {
        async move { self.open().await?.alerts.alerts().await }.boxed()
    }

    fn silence(&self, alert: Labels, from: Moment, silence: Silence) -> BoxFuture<'_, Hushed> {
        async move {
            match self.open().await {
                Ok(world) => world.alerts.silence(alert, from, silence).await,
                Err(fault) => Hushed::Refused(fault.sentence()),
            }
        }
        .boxed()
    }
}
