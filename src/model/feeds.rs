//! Everything the world shows, one feed per source; each fails alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::alert::Alert;
use crate::domain::change::Changes;
use crate::domain::fact::{Aside, Source, WorkloadNews};
use crate::domain::fault::Fault;
use crate::domain::health::Checked;
use crate::domain::metrics::{Curves, Scope, Signal};
use crate::domain::moment::Now;
use crate::domain::name::Service;
use crate::domain::release::Release;
use crate::domain::usage::Usage;
use crate::domain::ways::{Budget, Endpoints, Entrance, Node};
use crate::domain::workload::{Warning, Workload, WorkloadKind};
use crate::maintenance::saved::Found;

use super::feed::Feed;
use super::pods::PodTable;

/// How often what fails is asked again.
pub const POLL: Duration = Duration::from_secs(5);

/// The distance of two values of a curve. They lie on the clock's own steps, so that overlapping reads fall on the same
/// moments: between two steps there is nothing new to ask for.
pub const STEP: Duration = Duration::from_secs(15);

/// What was scraped at a step has arrived so long after it.
const ARRIVED: Duration = Duration::from_secs(1);

/// How often alerts are asked (a rule rings after minutes); and services for their health and their logs, while somebody
/// needs to know.
pub const ASKED: Duration = Duration::from_secs(10);

/// How often what was changed is read again, while somebody needs to know.
pub const REREAD: Duration = Duration::from_secs(30);

/// Warnings kept, newest first.
pub const WARNINGS: usize = 50;

/// The workloads by kind and name.
pub type Workloads = BTreeMap<(WorkloadKind, Service), Workload>;

/// All feeds.
#[derive(Debug)]
pub struct Feeds {
    /// Pods of the namespace.
    pub pods: Feed<PodTable>,
    /// Workloads of the namespace; nothing is known of them before every kind was listed.
    pub workloads: Feed<Workloads>,
    /// Workloads of the first listings, while a kind is still missing.
    pub listing: Listing,
    /// Warning events, newest first.
    pub warnings: Feed<Vec<Warning>>,
    /// Releases of the namespace.
    pub releases: Feed<Vec<Release>>,
    /// What stands behind each Service.
    pub endpoints: Feed<Vec<Endpoints>>,
    /// Ingresses of the namespace.
    pub ingresses: Feed<Vec<Entrance>>,
    /// Nodes of the cluster.
    pub nodes: Feed<Vec<Node>>,
    /// PodDisruptionBudgets of the namespace.
    pub budgets: Feed<Vec<Budget>>,
    /// Error ratio 0..1 per service.
    pub errors: Feed<Curves>,
    /// P95 in seconds per service.
    pub p95: Feed<Curves>,
    /// Requests per second per service.
    pub traffic: Feed<Curves>,
    /// Error ratio 0..1 of all services together.
    pub errors_together: Feed<Curves>,
    /// P95 in seconds of all services together.
    pub p95_together: Feed<Curves>,
    /// Alerts, the loudest first.
    pub alerts: Feed<Vec<Alert>>,
    /// What the services of the release say of their health.
    pub health: Feed<Vec<Checked>>,
    /// What was changed beside Helm.
    pub changes: Feed<Changes>,
    /// Releases in maintenance.
    pub maintenance: Feed<Vec<Found>>,
    /// What the pods use of CPU and memory.
    pub usage: Feed<Usage>,
    /// That the logs were read; what they say is in the model's book.
    pub logs: Feed<()>,
    /// Who is asked beside a source and gives nothing now, and why.
    pub lacking: BTreeMap<Aside, Fault>,
}

impl Feeds {
    /// All feeds, loading.
    pub fn new() -> Self {
        Self {
            pods: Feed::watched(),
            workloads: Feed::watched(),
            listing: Listing::default(),
            warnings: Feed::watched(),
            releases: Feed::watched(),
            endpoints: Feed::watched(),
            ingresses: Feed::watched(),
            nodes: Feed::watched(),
            budgets: Feed::watched(),
            errors: Feed::stepped(STEP, ARRIVED, POLL),
            p95: Feed::stepped(STEP, ARRIVED, POLL),
            traffic: Feed::stepped(STEP, ARRIVED, POLL),
            errors_together: Feed::stepped(STEP, ARRIVED, POLL),
            p95_together: Feed::stepped(STEP, ARRIVED, POLL),
            alerts: Feed::polled(ASKED),
            health: Feed::polled(ASKED),
            changes: Feed::polled(REREAD),
            maintenance: Feed::polled(REREAD),
            usage: Feed::polled(ASKED),
            logs: Feed::polled(ASKED),
            lacking: BTreeMap::new(),
        }
    }

    /// The curves of a signal.
    pub const fn curves(&self, signal: Signal) -> &Feed<Curves> {
        match signal {
            Signal::ErrorRatio => &self.errors,
            Signal::P95 => &self.p95,
            Signal::Traffic => &self.traffic,
        }
    }

    /// What all services do together; nobody asks for their traffic.
    pub const fn together(&self, signal: Signal) -> Option<&Feed<Curves>> {
        match signal {
            Signal::ErrorRatio => Some(&self.errors_together),
            Signal::P95 => Some(&self.p95_together),
            Signal::Traffic => None,
        }
    }

    /// Every feed of curves, in the order in which they are asked.
    pub const fn measured(&mut self) -> [(Signal, Scope, &mut Feed<Curves>); 5] {
        [
            (Signal::ErrorRatio, Scope::Each, &mut self.errors),
            (Signal::P95, Scope::Each, &mut self.p95),
            (Signal::Traffic, Scope::Each, &mut self.traffic),
            (Signal::ErrorRatio, Scope::Together, &mut self.errors_together),
            (Signal::P95, Scope::Together, &mut self.p95_together),
        ]
    }

    /// That source fails now.
    pub fn fail(&mut self, source: Source, fault: Fault, now: Now) {
        match source {
            Source::Pods => self.pods.fail(fault, now),
            Source::Workloads => {
                // What is known of the other kinds is shown, as old.
                if self.workloads.known().is_none() && !self.listing.rows.is_empty() {
                    self.workloads.put(std::mem::take(&mut self.listing.rows), now);
                }
                self.workloads.fail(fault, now);
            }
            Source::Warnings => self.warnings.fail(fault, now),
            Source::Releases => self.releases.fail(fault, now),
            Source::Endpoints => self.endpoints.fail(fault, now),
            Source::Ingresses => self.ingresses.fail(fault, now),
            Source::Nodes => self.nodes.fail(fault, now),
            Source::Budgets => self.budgets.fail(fault, now),
            Source::Errors => self.errors.fail(fault, now),
            Source::P95 => self.p95.fail(fault, now),
            Source::Traffic => self.traffic.fail(fault, now),
            Source::Alerts => self.alerts.fail(fault, now),
        }
    }

    /// That source works. Whether there is anything is only known from a whole list: a watch that stands says nothing of
    /// a list that is still being read. (Warnings are told one by one, and this fact is the end of their list.)
    pub fn alive(&mut self, source: Source, now: Now) {
        match source {
            Source::Pods => self.pods.alive(now),
            Source::Workloads if self.listing.is_whole() => self.workloads.alive(now),
            Source::Workloads => {}
            Source::Warnings => self.warnings.fold(now, |_| {}),
            Source::Releases => self.releases.alive(now),
            Source::Endpoints => self.endpoints.alive(now),
            Source::Ingresses => self.ingresses.alive(now),
            Source::Nodes => self.nodes.alive(now),
            Source::Budgets => self.budgets.alive(now),
            Source::Errors => self.errors.alive(now),
            Source::P95 => self.p95.alive(now),
            Source::Traffic => self.traffic.alive(now),
            Source::Alerts => self.alerts.alive(now),
        }
    }
}

impl Feeds {
    /// Folds news of workloads.
    pub fn workloads_told(&mut self, news: WorkloadNews, now: Now) {
        if let WorkloadNews::All(kind, _) = &news {
            self.listing.kinds.insert(*kind);
        }
        match (self.workloads.known().is_some(), self.listing.is_whole()) {
            (true, true) => self.workloads.fold(now, |rows| fold(rows, news)),
            (true, false) => self.workloads.amend(|rows| fold(rows, news)),
            (false, whole) => {
                fold(&mut self.listing.rows, news);
                if whole {
                    self.workloads.put(std::mem::take(&mut self.listing.rows), now);
                }
            }
        }
    }
}

/// How far the first listings of the workloads are.
#[derive(Debug, Default)]
pub struct Listing {
    kinds: BTreeSet<WorkloadKind>,
    rows: Workloads,
}

impl Listing {
    fn is_whole(&self) -> bool {
        WorkloadKind::ALL.iter().all(|kind| self.kinds.contains(kind))
    }
}

fn fold(rows: &mut Workloads, news: WorkloadNews) {
    match news {
        WorkloadNews::All(kind, all) => {
            rows.retain(|(k, _), _| *k != kind);
            rows.extend(all.into_iter().map(|w| ((kind, w.name.clone()), w)));
        }
        WorkloadNews::Changed(workload) => {
            rows.insert((workload.kind, workload.name.clone()), *workload);
        }
        WorkloadNews::Gone(kind, name) => {
            rows.remove(&(kind, name));
        }
    }
}

impl Default for Feeds {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feed::Reading;

    #[test]
    fn nothing_is_empty_before_its_list_was_complete() {
        let now = Now { wall: chrono::DateTime::from_timestamp(0, 0).unwrap(), mono: Duration::ZERO };
        let mut feeds = Feeds::new();
        for source in [Source::Pods, Source::Workloads, Source::Releases, Source::Endpoints, Source::Nodes] {
            feeds.alive(source, now);
        }
        assert!(matches!(feeds.pods.read(now), Reading::Loading));
        assert!(matches!(feeds.releases.read(now), Reading::Loading));
        assert!(matches!(feeds.endpoints.read(now), Reading::Loading));
        assert!(matches!(feeds.nodes.read(now), Reading::Loading));
        for kind in WorkloadKind::ALL {
            assert!(matches!(feeds.workloads.read(now), Reading::Loading), "{kind} is not listed yet");
            feeds.workloads_told(WorkloadNews::All(kind, Vec::new()), now);
            feeds.alive(Source::Workloads, now);
        }
        assert_eq!(feeds.workloads.read(now), Reading::Fresh { value: &Workloads::new(), age: None });
    }
}
