//! The live cluster behind the port: everything is asked of one connection.
//!
//! Never: a decision; nor a task that outlives the stream it feeds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use kube::api::GetParams;
use kube::core::Request as Question;
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;

use crate::domain::change::Changes;
use crate::domain::detail::PodDetail;
use crate::domain::fact::Fact;
use crate::domain::fault::Fault;
use crate::domain::health::{Ask, Checked};
use crate::domain::identity::{Identity, Pin as Pinned};
use crate::domain::logs::{Heard, LogAsk, LogRule};
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, PodName, ReleaseName};
use crate::domain::text::clean;
use crate::functional::answer::{Reply, Request};
use crate::functional::test::SecretPlace;
use crate::helm::api::{Answer, Call, Resource};
use crate::ports::{Cluster, ObjectNews};

use super::asked::Asked;
use super::connect::Connection;
use super::discover::Discovered;
use super::follow::built;
use super::{
    call, changes, detail, functional, health, logs, objects, pods, records, releases, warnings, ways, workloads,
};

/// Facts that may wait to be heard before the sources pause.
const WAITING: usize = 256;

/// A cluster, reached by kube.
#[derive(Debug)]
pub struct LiveCluster {
    connection: Arc<Connection>,
    discovered: Discovered,
}

impl LiveCluster {
    pub(super) fn of(connection: Arc<Connection>) -> Self {
        Self { connection, discovered: Discovered::default() }
    }
}

impl Cluster for LiveCluster {
    fn identity(&self) -> BoxFuture<'_, Result<Identity, Fault>> {
        Box::pin(async {
            let asked = Asked::new("get", "namespaces kube-system", None);
            let request = Question::new("/api/v1/namespaces").get("kube-system", &GetParams::default());
            let read = match built(&asked, request) {
                Ok(request) => self.connection.json::<Value>(&asked, request).await,
                Err(trouble) => Err(trouble),
            };
            let unasked = self.connection.unasked();
            match read.map_err(|trouble| trouble.fault(&asked)) {
                Ok(namespace) => match namespace.pointer("/metadata/uid").and_then(Value::as_str) {
                    Some(uid) => Ok(Identity { pin: Pinned::Uid(clean(uid)), ..unasked }),
                    None => Err(asked.bad("it has no uid")),
                },
                Err(Fault::Forbidden { .. }) => Ok(unasked),
                Err(fault) => Err(fault),
            }
        })
    }

    fn facts(&self) -> BoxStream<'static, Fact> {
        let (told, heard) = channel(WAITING);
        let mut tasks = JoinSet::new();
        let of = || Arc::clone(&self.connection);
        tasks.spawn(pods::tell(of(), told.clone()));
        tasks.spawn(releases::tell(of(), told.clone()));
        tasks.spawn(workloads::tell(of(), told.clone()));
        tasks.spawn(ways::tell(of(), told.clone()));
        tasks.spawn(warnings::tell(of(), told));
        Box::pin(Facts { heard, _tasks: tasks })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(call::answer(&self.connection, &self.discovered, call))
    }

    fn watch(&self, resource: Resource, namespace: Option<Namespace>) -> BoxStream<'static, ObjectNews> {
        objects::watch(Arc::clone(&self.connection), &resource, namespace.as_ref())
    }

    fn records(&self, release: ReleaseName) -> BoxFuture<'_, Result<Vec<Value>, Fault>> {
        Box::pin(async move { records::of_release(&self.connection, &release).await })
    }

    fn pod_detail(&self, pod: PodName) -> BoxFuture<'_, Result<PodDetail, Fault>> {
        Box::pin(async move { detail::of_pod(&self.connection, &pod).await })
    }

    fn changes(&self, since: Moment) -> BoxFuture<'_, Changes> {
        Box::pin(changes::since(&self.connection, since))
    }

    fn health(&self, asks: Vec<Ask>) -> BoxFuture<'_, Vec<Checked>> {
        Box::pin(health::of_all(&self.connection, asks))
    }

    fn test(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(functional::put(&self.connection, request))
    }

    fn secret(&self, source: SecretPlace) -> BoxFuture<'_, Result<String, Fault>> {
        Box::pin(functional::secret(&self.connection, source))
    }

    fn logs(&self, asks: Vec<LogAsk>, rule: LogRule) -> BoxFuture<'_, Vec<Heard>> {
        Box::pin(logs::of_all(&self.connection, asks, rule))
    }
}

/// The sources' facts; when it is dropped, their tasks are.
struct Facts {
    heard: Receiver<Fact>,
    _tasks: JoinSet<()>,
}

impl Stream for Facts {
    type Item = Fact;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Fact>> {
        self.heard.poll_recv(context)
    }
}
