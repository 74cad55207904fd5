//! Invariant 4, asked of every call to the cluster and of every command on show: it names what it is about.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backout::domain::change::Changes;
use backout::domain::detail::PodDetail;
use backout::domain::fact::Fact;
use backout::domain::fault::Fault;
use backout::domain::health::{Ask, Checked};
use backout::domain::identity::Identity;
use backout::domain::logs::{Heard, LogAsk, LogRule};
use backout::domain::moment::Moment;
use backout::domain::name::{Namespace, PodName, ReleaseName};
use backout::functional::answer::{Reply, Request};
use backout::functional::test::SecretPlace;
use backout::helm::api::{Answer, Call, Resource};
use backout::plan::Plan;
use backout::ports::{Cluster, ObjectNews};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use serde_json::Value;

/// A cluster that refuses to be asked about nothing in particular.
pub struct Watched {
    pub inner: Arc<dyn Cluster>,
    pub namespace: Namespace,
    pub calls: Arc<AtomicUsize>,
}

impl Watched {
    /// What lives in a namespace is asked for in the one at work, and in no other.
    fn within(&self, resource: &Resource, namespace: Option<&Namespace>) {
        let wanted = resource.namespaced.then_some(&self.namespace);
        assert_eq!(namespace, wanted, "{resource:?} in another namespace, or in none");
    }

    fn named(&self, call: &Call) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match call {
            Call::Discover(gvk) => assert!(!gvk.kind.is_empty() && !gvk.version.is_empty(), "{gvk:?}"),
            Call::Object { target, .. } => {
                assert!(!target.name.is_empty(), "an object without a name: {call:?}");
                self.within(&target.resource, target.namespace.as_ref());
            }
            Call::List { resource, namespace, .. }
            | Call::Some { resource, namespace, .. }
            | Call::May { resource, namespace, .. } => {
                self.within(resource, namespace.as_ref());
            }
        }
    }
}

impl Cluster for Watched {
    fn identity(&self) -> BoxFuture<'_, Result<Identity, Fault>> {
        self.inner.identity()
    }

    fn facts(&self) -> BoxStream<'static, Fact> {
        self.inner.facts()
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        self.named(&call);
        self.inner.call(call)
    }

    fn watch(&self, resource: Resource, namespace: Option<Namespace>) -> BoxStream<'static, ObjectNews> {
        self.within(&resource, namespace.as_ref());
        self.inner.watch(resource, namespace)
    }

    fn records(&self, release: ReleaseName) -> BoxFuture<'_, Result<Vec<Value>, Fault>> {
        assert!(!release.as_str().is_empty());
        self.inner.records(release)
    }

    fn pod_detail(&self, pod: PodName) -> BoxFuture<'_, Result<PodDetail, Fault>> {
        assert!(!pod.as_str().is_empty());
        self.inner.pod_detail(pod)
    }

    fn changes(&self, since: Moment) -> BoxFuture<'_, Changes> {
        self.inner.changes(since)
    }

    fn health(&self, asks: Vec<Ask>) -> BoxFuture<'_, Vec<Checked>> {
        assert!(!asks.is_empty(), "nobody is asked for health");
        for ask in &asks {
            assert!(!ask.service.as_str().is_empty() && !ask.port.is_empty() && ask.path.starts_with('/'), "{ask:?}");
        }
        self.inner.health(asks)
    }

    fn test(&self, request: Request) -> BoxFuture<'_, Reply> {
        assert!(!request.service.as_str().is_empty() && request.path.starts_with('/'), "{request:?}");
        self.inner.test(request)
    }

    fn secret(&self, place: SecretPlace) -> BoxFuture<'_, Result<String, Fault>> {
        self.inner.secret(place)
    }

    fn logs(&self, asks: Vec<LogAsk>, rule: LogRule) -> BoxFuture<'_, Vec<Heard>> {
        assert!(!asks.is_empty(), "no log is asked for");
        for ask in &asks {
            let writer = &ask.writer;
            assert!(!writer.pod.as_str().is_empty() && !writer.container.as_str().is_empty(), "{ask:?}");
            assert!(ask.until.is_none_or(|until| ask.from < until), "{ask:?}");
        }
        self.inner.logs(asks, rule)
    }
}

/// A command names namespace and context, a rollback's the release and revision too: a bare `helm rollback` chooses for
/// itself.
pub fn command(plan: &Plan, namespace: &Namespace) {
    let command = plan.command();
    match plan {
        // No command line does the same.
        Plan::Tests(_) => return assert_eq!(command, ""),
        // Alertmanager knows no context: the labels are what it goes by.
        Plan::Silence(silence) => {
            return assert!(silence.labels.shown().all(|label| command.contains(&label)), "{command}");
        }
        Plan::RollBack(_) | Plan::Workload(_) | Plan::Maintenance(_) | Plan::Revert(_) => {}
    }
    let context = if plan.rollback().is_some() { "--kube-context drill" } else { "--context drill" };
    if let Some(rollback) = plan.rollback() {
        let wanted = format!("helm rollback {} {} ", rollback.release, rollback.to);
        assert!(command.starts_with(&wanted), "{command}");
    }
    for flag in [format!("-n {namespace}"), context.into()] {
        assert!(command.contains(&flag), "{flag} is missing: {command}");
    }
}
