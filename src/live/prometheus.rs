//! Curves from a real Prometheus: found once, asked for one range at a time.
//!
//! Never: polling by itself; who calls says which range.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::domain::fault::Fault;
use crate::domain::metrics::{Curves, MetricsRequest, Scope, TOGETHER};
use crate::domain::name::{Namespace, Service};
use crate::domain::series::Series;
use crate::domain::text::clean;
use crate::domain::usage::Usage;
use crate::ports::Metrics;
use crate::tools::prometheus::{Queries, SCRAPE_INTERVAL, range, reply, samples_query, scrape_interval, window};

use super::connect::Connection;
use super::endpoint::{Endpoint, Reply};
use super::find::{self, PROMETHEUS};
use super::login::Login;
use super::usage;

/// A scrape interval that was read is believed for so long.
const BELIEVED: Duration = Duration::from_mins(5);
/// After nothing was found it is not looked for again for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// An own query per service says nothing of how to ask for all.
const NOT_ASKED: &str = "not asked: backout.toml has its own query per service and none for all services together \
                         (error_ratio_overall, p95_overall)";

/// How Prometheus' own message begins.
const REFUSES: &str = "Prometheus refuses it";

/// Where the cluster's Prometheus is, once it is known.
#[derive(Debug)]
pub(super) struct Source {
    connection: Arc<Connection>,
    given: Option<String>,
    login: Login,
    found: Mutex<Option<(Result<Endpoint, Fault>, Instant)>>,
}

impl Source {
    pub(super) fn new(connection: Arc<Connection>, given: Option<String>, login: Login) -> Self {
        Self { connection, given, login, found: Mutex::new(None) }
    }

    /// Its endpoint; whoever asks first looks for it, the others wait.
    pub(super) async fn endpoint(&self) -> Result<Endpoint, Fault> {
        let mut found = self.found.lock().await;
        match &*found {
            Some((Ok(endpoint), _)) => return Ok(endpoint.clone()),
            Some((Err(fault), at)) if at.elapsed() < PATIENCE && is_lasting(fault) => return Err(fault.clone()),
            Some(_) | None => {}
        }
        let endpoint = find::endpoint(&self.connection, self.given.as_deref(), &self.login, PROMETHEUS).await;
        *found = Some((endpoint.clone(), Instant::now()));
        endpoint
    }

    /// Asks; a service that vanished is looked for anew the next time.
    pub(super) async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<(Endpoint, Reply), Fault> {
        let endpoint = self.endpoint().await?;
        match endpoint.get(path, parameters).await {
            Ok(reply) => Ok((endpoint, reply)),
            Err(fault) => {
                if matches!(fault, Fault::Absent { .. }) && self.given.is_none() {
                    *self.found.lock().await = None;
                }
                Err(fault)
            }
        }
    }
}

/// Not to be had by asking again at once.
pub(super) const fn is_lasting(fault: &Fault) -> bool {
    matches!(fault, Fault::Absent { .. } | Fault::Forbidden { .. })
}

/// The metrics of a live Prometheus.
#[derive(Debug)]
pub struct LiveMetrics {
    source: Arc<Source>,
    queries: Queries,
    configured: Option<Duration>,
    interval: Mutex<Option<(Duration, Instant)>>,
}

impl LiveMetrics {
    pub(super) fn new(source: Arc<Source>, queries: Queries, configured: Option<Duration>) -> Self {
        Self { source, queries, configured, interval: Mutex::new(None) }
    }

    /// The scrape interval: as configured, else by how many samples there are; the usual one where it cannot be told.
    async fn interval(&self, namespace: &Namespace) -> Duration {
        if let Some(configured) = self.configured {
            return configured;
        }
        let mut known = self.interval.lock().await;
        if let Some((interval, at)) = *known
            && at.elapsed() < BELIEVED
        {
            return interval;
        }
        let query = samples_query(namespace);
        let read = self.source.get("/api/v1/query", &[("query", query.as_str())]).await;
        let samples = read.ok().and_then(|(_, reply)| reply::number(&reply.body).ok()).flatten();
        let Some(samples) = samples else { return SCRAPE_INTERVAL };
        let interval = scrape_interval(samples);
        *known = Some((interval, Instant::now()));
        interval
    }

    async fn curves(&self, request: MetricsRequest) -> Result<Curves, Fault> {
        // Where it is comes first: a source that is not there is said at once.
        self.source.endpoint().await?;
        let window = window(self.interval(&request.namespace).await);
        let Some(query) = self.queries.query(request.signal, request.scope, &request.namespace, window) else {
            return Err(Fault::Absent { what: NOT_ASKED.into() });
        };
        let parameters = range(&request, &query);
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let (endpoint, reply) = self.source.get("/api/v1/query_range", &parameters).await?;
        match reply::curves(&reply.body, &request) {
            Ok(services) => Ok(Curves { services: named(request.scope, services), query, window }),
            // Only the query itself tells what is wrong with it.
            Err(why) if why.starts_with(REFUSES) => {
                Err(endpoint.bad(&format!("{why}; the query was: {}", clean(&query))))
            }
            Err(why) => Err(unusable(&endpoint, &reply, &why)),
        }
    }
}

/// The one curve of all services is that, whatever its labels say.
fn named(scope: Scope, services: BTreeMap<Service, Series>) -> BTreeMap<Service, Series> {
    match scope {
        Scope::Each => services,
        Scope::Together => services.into_values().next().map(|s| (Service::new(TOGETHER), s)).into_iter().collect(),
    }
}

/// A reply that cannot be used: Prometheus' own message, or the status that came.
pub(super) fn unusable(endpoint: &Endpoint, reply: &Reply, why: &str) -> Fault {
    match reply.code {
        200 => endpoint.bad(why),
        _ if why.starts_with(REFUSES) => endpoint.bad(why),
        code => endpoint.bad(&format!("it answered {code}; {why}")),
    }
}

impl Metrics for LiveMetrics {
    fn fetch(&self, request: MetricsRequest) -> BoxFuture<'_, Result<Curves, Fault>> {
        Box::pin(self.curves(request))
    }

    fn usage(&self, namespace: Namespace) -> BoxFuture<'_, Result<Usage, Fault>> {
        Box::pin(async move {
            match usage::of_api(&self.source.connection, &namespace).await {
                Err(fault) => {
                    let window = window(self.interval(&namespace).await);
                    usage::of_prometheus(&self.source, &namespace, window)
                        .await
                        .map_err(|why| usage::neither(&fault, &why))
                }
                Ok(usage) => Ok(usage),
            }
        })
    }
}
