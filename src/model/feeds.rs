//! Everything the world shows, one feed per source; each fails alone.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::alert::Alert;
use crate::domain::fact::{Aside, Source};
use crate::domain::fault::Fault;
use crate::domain::metrics::Curves;
use crate::domain::moment::Now;
use crate::domain::name::Service;
use crate::domain::release::Release;
use crate::domain::workload::{Warning, Workload, WorkloadKind};

use super::feed::Feed;
use super::pods::PodTable;

/// How often metrics and alerts are asked.
pub const POLL: Duration = Duration::from_secs(5);

/// Warnings kept, newest first.
pub const WARNINGS: usize = 50;

/// The workloads by kind and name.
pub type Workloads = BTreeMap<(WorkloadKind, Service), Workload>;

/// All feeds.
#[derive(Debug)]
pub struct Feeds {
    /// Pods of the namespace.
    pub pods: Feed<PodTable>,
    /// Workloads of the namespace.
    pub workloads: Feed<Workloads>,
    /// Warning events, newest first.
    pub warnings: Feed<Vec<Warning>>,
    /// Releases of the namespace.
    pub releases: Feed<Vec<Release>>,
    /// Error ratio 0..1 per service.
    pub errors: Feed<Curves>,
    /// P95 in seconds per service.
    pub p95: Feed<Curves>,
    /// Requests per second per service.
    pub traffic: Feed<Curves>,
    /// Alerts, the loudest first.
    pub alerts: Feed<Vec<Alert>>,
    /// Who is asked beside a source and gives nothing now, and why.
    pub lacking: BTreeMap<Aside, Fault>,
}

impl Feeds {
    /// All feeds, loading.
    pub fn new() -> Self {
        Self {
            pods: Feed::watched(),
            workloads: Feed::watched(),
            warnings: Feed::watched(),
            releases: Feed::watched(),
            errors: Feed::polled(POLL),
            p95: Feed::polled(POLL),
            traffic: Feed::polled(POLL),
            alerts: Feed::polled(POLL),
            lacking: BTreeMap::new(),
        }
    }

    /// That source fails now.
    pub fn fail(&mut self, source: Source, fault: Fault, now: Now) {
        match source {
            Source::Pods => self.pods.fail(fault, now),
            Source::Workloads => self.workloads.fail(fault, now),
            Source::Warnings => self.warnings.fail(fault, now),
            Source::Releases => self.releases.fail(fault, now),
            Source::Errors => self.errors.fail(fault, now),
            Source::P95 => self.p95.fail(fault, now),
            Source::Traffic => self.traffic.fail(fault, now),
            Source::Alerts => self.alerts.fail(fault, now),
        }
    }

    /// That source works. A watched one that never had a value is now known to be empty.
    pub fn alive(&mut self, source: Source, now: Now) {
        match source {
            Source::Pods => self.pods.fold(now, |_| {}),
            Source::Workloads => self.workloads.fold(now, |_| {}),
            Source::Warnings => self.warnings.fold(now, |_| {}),
            Source::Releases => self.releases.fold(now, |_| {}),
            Source::Errors => self.errors.alive(now),
            Source::P95 => self.p95.alive(now),
            Source::Traffic => self.traffic.alive(now),
            Source::Alerts => self.alerts.alive(now),
        }
    }
}

impl Default for Feeds {
    fn default() -> Self {
        Self::new()
    }
}
