//! The live world: a cluster of a kubeconfig, its Prometheus, its Alertmanager, the machine's clock.
//!
//! ```text
//! kubeconfig ── connect ─┬─ cluster ── pods, workloads, warnings, releases (each follows its objects) ──> Fact
//!                        │          └─ call, objects, records, detail ──> answers
//!                        └─ find ── prometheus, alertmanager (by URL, or through the service proxy)
//! ```
//!
//! Never: a decision; a retry that nobody asked for; a sentence made of an error's debug form.

mod address;
mod alertmanager;
mod asked;
mod autoscaler;
mod call;
mod cause;
mod changes;
mod clock;
mod cluster;
mod connect;
mod credentials;
mod detail;
mod discover;
mod endpoint;
mod event;
mod find;
mod follow;
mod functional;
mod health;
mod kubeconfig;
mod later;
mod login;
mod logs;
mod meta;
mod objects;
mod pod;
mod pods;
mod process;
mod prometheus;
mod pulse;
mod records;
mod releases;
mod restarts;
mod usage;
mod warnings;
mod way;
mod ways;
mod workload;
mod workloads;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use alertmanager::LiveAlerts;
pub use clock::LiveClock;
pub use cluster::LiveCluster;
pub use login::Login;
pub use prometheus::LiveMetrics;

use crate::domain::fault::Fault;
use crate::domain::identity::Identity;
use crate::domain::name::{Context, Namespace};
use crate::ports::World;
use crate::tools::prometheus::Queries;

/// What to open. All of it may be left out: then it is the cluster of the current context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The kubeconfig; else those of `KUBECONFIG`, else the one at home.
    pub kubeconfig: Option<PathBuf>,
    /// The context; else the current one.
    pub context: Option<Context>,
    /// The namespace; else the context's.
    pub namespace: Option<Namespace>,
    /// Prometheus: a URL, or `NAMESPACE/SERVICE:PORT` of the cluster; else it is looked for.
    pub prometheus: Option<String>,
    /// Alertmanager, likewise.
    pub alertmanager: Option<String>,
    /// How Prometheus at a URL knows us.
    pub prometheus_login: Login,
    /// How Alertmanager at a URL knows us.
    pub alertmanager_login: Login,
    /// How often Prometheus scrapes; else it is asked.
    pub scrape_interval: Option<Duration>,
    /// What is asked of Prometheus.
    pub queries: Queries,
    /// How long one question to the API server may take; else 10 s.
    pub limit: Option<Duration>,
}

/// Opens the live world, without a word to the cluster yet: the identity is what the kubeconfig tells, and
/// [`crate::ports::Cluster::identity`] pins it by the uid of `kube-system`. Credential plugins run here (up to 30 s,
/// without a terminal), so it is called beside the first frame, on a tokio runtime.
///
/// # Errors
/// No kubeconfig ([`Fault::Absent`], the sentence offers the drill), no such context, a file that cannot be used
/// ([`Fault::Bad`], with its line), a plugin that failed ([`Fault::Unauthorized`]).
pub async fn open(options: Options) -> Result<(Identity, World), Fault> {
    let chosen = kubeconfig::choose(&options).await?;
    connected(chosen, options).await
}

/// As [`open`], for a cockpit: the kubeconfig is read now, the client is built beside the first frame, and the world
/// answers when it stands.
///
/// # Errors
/// Those of the kubeconfig; those of the client become each source's fault.
pub async fn begin(options: Options) -> Result<(Context, Namespace, World), Fault> {
    let chosen = kubeconfig::choose(&options).await?;
    let (context, namespace) = (chosen.context.clone(), chosen.namespace.clone());
    let programs = chosen.programs();
    let opening: later::Opening = Box::new(move || {
        let (chosen, options) = (chosen.clone(), options.clone());
        Box::pin(async move { connected(chosen, options).await.map(|(_, world)| world) })
    });
    Ok((context, namespace, later::world(opening, programs)))
}

async fn connected(chosen: kubeconfig::Chosen, options: Options) -> Result<(Identity, World), Fault> {
    let programs = chosen.programs();
    let connection = connect::Connection::open(chosen, options.limit).await?;
    let source =
        Arc::new(prometheus::Source::new(Arc::clone(&connection), options.prometheus, options.prometheus_login));
    let alerts =
        LiveAlerts::new(Arc::clone(&connection), options.alertmanager, options.alertmanager_login, Arc::clone(&source));
    let identity = connection.unasked();
    let world = World {
        cluster: Arc::new(LiveCluster::of(connection)),
        metrics: Arc::new(LiveMetrics::new(source, options.queries, options.scrape_interval)),
        alerts: Arc::new(alerts),
        clock: Arc::new(LiveClock::start()),
        programs: Arc::new(programs),
    };
    Ok((identity, world))
}
