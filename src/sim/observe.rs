//! What the world shows to whom looks at it: curves, alerts, a pod's detail, and which sources are in the dark.
//!
//! Never: changing it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::channel::mpsc::{UnboundedReceiver, unbounded};

use super::alarm;
use super::curve::{self, Scene};
use super::logs;
use super::production::Production;
use crate::domain::alert::Alert;
use crate::domain::detail::PodDetail;
use crate::domain::fact::{Fact, Source};
use crate::domain::fault::Fault;
use crate::domain::identity::{Environment, Identity, Pin, Realm};
use crate::domain::metrics::{Curves, MetricsRequest, Scope, Signal};
use crate::domain::name::{Namespace, PodName};
use crate::domain::series::Series;
use crate::helm::api::Resource;
use crate::ports::ObjectNews;

/// After this without news from Prometheus, Alertmanager takes an alert for resolved (its `resolve_timeout`).
const RESOLVE: Duration = Duration::from_mins(5);

/// What is watched, in the order in which it is told first.
pub(super) const WATCHED: [Source; 8] = [
    Source::Pods,
    Source::Workloads,
    Source::Releases,
    Source::Warnings,
    Source::Endpoints,
    Source::Ingresses,
    Source::Nodes,
    Source::Budgets,
];

/// How many lines of a log a detail shows.
const LINES: usize = 40;

impl Production {
    pub(super) fn scene(&self) -> Scene<'_> {
        Scene::new(self.chance, &self.past, &self.troubles)
    }

    /// Curves per service over any range of the past; what lies ahead is not told.
    ///
    /// # Errors
    /// Prometheus does not answer now.
    pub fn curves(&self, request: &MetricsRequest) -> Result<Curves, Fault> {
        if self.troubles.metrics_down(self.now).is_some() {
            return Err(Fault::Unreachable {
                what: "Prometheus: connection refused (prometheus.monitoring:9090)".into(),
            });
        }
        let step = request.step.max(Duration::from_secs(1));
        let range = (request.from, request.to.min(self.now));
        let known = request.namespace == self.drill.namespace;
        let services = curve::curves(&self.scene(), (request.signal, request.scope), range, step)
            .into_iter()
            .filter(|(_, values)| known && values.iter().any(Option::is_some))
            .map(|(service, values)| (service, Series { start: request.from, step, values }))
            .collect::<BTreeMap<_, _>>();
        let what = match request.signal {
            Signal::ErrorRatio => "requests answered 5xx / all requests",
            Signal::P95 => "95th percentile of the response time",
            Signal::Traffic => "requests per second",
        };
        let whose = match request.scope {
            Scope::Each => "by service",
            Scope::Together => "all services together",
        };
        let query = format!("(drill) {what}, {whose}, over 1 min, namespace {}", request.namespace);
        Ok(Curves { services, query, window: curve::WINDOW })
    }

    /// The alerts as Alertmanager shows them. While Prometheus is down it keeps those it had for five minutes and then
    /// shows none, as the real one does.
    ///
    /// # Errors
    /// Alertmanager does not answer now.
    pub fn alerts(&self) -> Result<Vec<Alert>, Fault> {
        if let Some(fault) = self.troubles.alerts(self.now) {
            return Err(fault);
        }
        let at = match self.troubles.metrics_down(self.now) {
            Some(down) if crate::domain::moment::since(down.from, self.now) < RESOLVE => down.from,
            Some(_) => return Ok(Vec::new()),
            None => self.now,
        };
        let genesis = self.drill.revisions.first().map_or(self.drill.start, |d| d.at);
        Ok(self.told(alarm::alerts(&self.scene(), self.pods.values(), at, genesis)))
    }

    /// More about one pod.
    ///
    /// # Errors
    /// It is gone, or the operator may not see it.
    pub fn pod_detail(&self, name: &PodName) -> Result<PodDetail, Fault> {
        self.readable("get", "pods")?;
        let Some(pod) = self.pods.get(name) else {
            return Err(Fault::Absent { what: format!("Pod {name} is gone.") });
        };
        let mut events: Vec<_> = self.recent_warnings();
        events.retain(|w| w.kind == "Pod" && w.object == name.as_str());
        events.reverse();
        let trouble = self.troubles.log(self.now, &pod.service);
        let mut logs = logs::tails(self.chance, pod, &trouble, self.now, LINES);
        if let Err(fault) = self.readable("get", "pods/log") {
            for tail in &mut logs {
                tail.lines = Err(fault.sentence());
            }
        }
        Ok(PodDetail { init: Vec::new(), events, logs })
    }

    /// Whether the operator may read these now.
    ///
    /// # Errors
    /// The API server does not answer, or forbids it.
    pub fn readable(&self, verb: &str, plural: &str) -> Result<(), Fault> {
        let fault = self.troubles.api(self.now);
        match fault.or_else(|| self.troubles.denied(self.now, verb, plural, Some(&self.drill.namespace))) {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    /// Why a source says nothing now.
    pub(super) fn dark(&self, source: Source) -> Option<Fault> {
        let plural = match source {
            Source::Pods => "pods",
            Source::Workloads => "deployments",
            Source::Warnings => "events",
            Source::Releases => "secrets",
            Source::Endpoints => "endpointslices",
            Source::Ingresses => "ingresses",
            Source::Nodes => "nodes",
            Source::Budgets => "poddisruptionbudgets",
            Source::Errors | Source::P95 | Source::Traffic | Source::Alerts => return None,
        };
        self.readable("list", plural).and_then(|()| self.readable("watch", plural)).err()
    }

    /// Facts from now on, beginning with everything that is known.
    pub fn subscribe(&mut self) -> UnboundedReceiver<Fact> {
        let (to, facts) = unbounded();
        for source in WATCHED {
            let known = match self.dark(source) {
                Some(fault) => vec![Fact::Failing(source, fault)],
                None => self.whole(source),
            };
            for fact in known {
                let _gone = to.unbounded_send(fact);
            }
        }
        self.listeners.push(to);
        facts
    }

    /// Objects of a kind as they are and as they change.
    pub fn watch(&mut self, resource: Resource, namespace: Option<Namespace>) -> UnboundedReceiver<ObjectNews> {
        let fault = self.readable("watch", &resource.plural).err();
        self.store.watch(resource, namespace, fault)
    }

    /// How late the API server answers now.
    pub fn lateness(&self) -> Duration {
        self.troubles.lateness(self.now)
    }

    /// Which cluster this plays.
    ///
    /// # Errors
    /// The API server does not answer now.
    pub fn identity(&self) -> Result<Identity, Fault> {
        if let Some(fault) = self.troubles.api(self.now) {
            return Err(fault);
        }
        let kube_system = super::store::Key {
            group: String::new(),
            kind: "Namespace".into(),
            namespace: None,
            name: "kube-system".into(),
        };
        let uid = self.store.get(&kube_system).map_or("", |o| super::field::text(o, "/metadata/uid"));
        Ok(Identity {
            realm: Realm::Drill,
            environment: Environment::Production,
            context: self.drill.context.clone(),
            server: format!("https://{}.drill.invalid", self.drill.context),
            ca: None,
            pin: Pin::Uid(uid.into()),
            namespace: self.drill.namespace.clone(),
        })
    }
}
