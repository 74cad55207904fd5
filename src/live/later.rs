//! The live world before its client stands: every question waits for the connection, so that the first frame does not.
//!
//! Never: a second connection; the one that was opened from the kubeconfig read at the start is the only one.

use std::sync::Arc;

use futures::future::{BoxFuture, Shared};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use serde_json::Value;

use crate::domain::alert::Alert;
use crate::domain::detail::PodDetail;
use crate::domain::fact::{Fact, Source};
use crate::domain::fault::Fault;
use crate::domain::identity::Identity;
use crate::domain::metrics::{Curves, MetricsRequest};
use crate::domain::name::{Namespace, PodName, ReleaseName};
use crate::helm::api::{Answer, Call, Refused, Resource};
use crate::ports::{Alerts, Cluster, Metrics, ObjectNews, World};

use super::LiveClock;

type Opened = Shared<BoxFuture<'static, Result<World, Fault>>>;

/// What the watches are asked for; all of them fail with the connection.
const WATCHED: [Source; 4] = [Source::Pods, Source::Workloads, Source::Warnings, Source::Releases];

#[derive(Clone)]
struct Later {
    opened: Opened,
}

/// A world that begins at once and answers when the connection stands, or says why it does not.
pub(super) fn world(opening: BoxFuture<'static, Result<World, Fault>>) -> World {
    let later = Arc::new(Later { opened: opening.shared() });
    World { cluster: later.clone(), metrics: later.clone(), alerts: later, clock: Arc::new(LiveClock::start()) }
}

impl Later {
    fn open(&self) -> Opened {
        self.opened.clone()
    }
}

impl Cluster for Later {
    fn identity(&self) -> BoxFuture<'_, Result<Identity, Fault>> {
        async move { self.open().await?.cluster.identity().await }.boxed()
    }

    fn facts(&self) -> BoxStream<'static, Fact> {
        let opened = self.open();
        let facts = async move {
            match opened.await {
                Ok(world) => world.cluster.facts(),
                Err(fault) => stream::iter(WATCHED.map(|source| Fact::Failing(source, fault.clone()))).boxed(),
            }
        };
        facts.flatten_stream().boxed()
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
        let opened = self.open();
        let news = async move {
            match opened.await {
                Ok(world) => world.cluster.watch(resource, namespace),
                Err(fault) => stream::iter([ObjectNews::Failing(fault)]).boxed(),
            }
        };
        news.flatten_stream().boxed()
    }

    fn records(&self, release: ReleaseName) -> BoxFuture<'_, Result<Vec<Value>, Fault>> {
        async move { self.open().await?.cluster.records(release).await }.boxed()
    }

    fn pod_detail(&self, pod: PodName) -> BoxFuture<'_, Result<PodDetail, Fault>> {
        async move { self.open().await?.cluster.pod_detail(pod).await }.boxed()
    }
}

impl Metrics for Later {
    fn fetch(&self, request: MetricsRequest) -> BoxFuture<'_, Result<Curves, Fault>> {
        async move { self.open().await?.metrics.fetch(request).await }.boxed()
    }
}

impl Alerts for Later {
    fn alerts(&self) -> BoxFuture<'_, Result<Vec<Alert>, Fault>> {
        async move { self.open().await?.alerts.alerts().await }.boxed()
    }
}
