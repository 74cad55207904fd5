//! What is to be done: effects are data. The executor does them in order; an [`Effect::Append`] that fails takes the
//! effects behind it with it.

use std::collections::BTreeSet;

use crate::domain::change::Object;
use crate::domain::event::{Act, Event};
use crate::domain::health::Ask as Health;
use crate::domain::identity::Identity;
use crate::domain::logs::{LogAsk, LogRule};
use crate::domain::metrics::MetricsRequest;
use crate::domain::moment::Moment;
use crate::domain::name::{Container, IncidentId, JobId, PodName, ReleaseName, Revision, Service};
use crate::domain::release::Life;
use crate::domain::workload::WorkloadRef;
use crate::functional::test::Test;
use crate::helm::ask::CutOff;
use crate::helm::choices::Choices;
use crate::kubectl::ask::Errand;
use crate::maintenance;
use crate::model::feed::Generation;
use crate::permit::Permit;
use crate::plan::Plan;
use crate::silence;

/// What a plan is wanted for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// That release back to that revision, with these choices, knowing which rollback from here was cut off.
    RollBack(ReleaseName, Revision, Choices, Option<CutOff>),
    /// That workload undone or restarted.
    Workload(WorkloadRef, Errand),
    /// That release stopped for maintenance, or brought back.
    Maintenance(ReleaseName, maintenance::ask::Errand),
    /// That ConfigMap or Secret of that release put back to that revision; `None`: to the one that is live.
    Revert(ReleaseName, Object, Option<Revision>),
    /// That alert silenced.
    Silence(silence::ask::Ask),
}

/// An effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the cluster who it is.
    Identify,
    /// Ask for curves.
    Measure(Generation, MetricsRequest),
    /// Ask for alerts.
    ReadAlerts(Generation),
    /// Ask what was changed beside Helm since then.
    ReadChanges(Generation, Moment),
    /// Ask these services for their health.
    ReadHealth(Generation, Vec<Health>),
    /// Run these functional tests, which only read, once, in their order.
    RunTests(Generation, Vec<Test>),
    /// Ask what the pods use of CPU and memory.
    ReadUsage(Generation),
    /// Read these logs, and count by that rule.
    ReadLogs(Generation, Vec<LogAsk>, LogRule),
    /// Ask what is in maintenance, and certainly whether that release is.
    ReadMaintenance(Generation, Option<ReleaseName>),
    /// Ask how revisions of a release with these workloads did in these lives.
    ReadLived(ReleaseName, BTreeSet<Service>, Vec<(Revision, Life)>),
    /// Make a plan.
    Prepare(Generation, Wanted),
    /// Ask for the last line that a failing container of an act's pod logged.
    ReadLastLine(JobId, PodName, Option<Container>),
    /// Ask for a pod's detail.
    ReadPod(Generation, PodName),
    /// Ask for the diff of a revision against the current one.
    ReadRevision(Generation, ReleaseName, Revision),
    /// Write events to the journal, fsynced.
    Append(Vec<Event>),
    /// Run a confirmed plan.
    Run(JobId, Plan, Permit),
    /// Read where an act stands whose end nobody saw.
    ReadStanding(JobId, Act),
    /// Ask for the revisions that a workload keeps.
    ReadHistory(Generation, WorkloadRef),
    /// Look for an open incident of that target on this machine; the one that another cockpit holds, where one is known.
    Look(Generation, Identity, Option<IncidentId>),
    /// Put text on the clipboard (OSC 52).
    Copy(String),
    /// Move a drill on to the next thing that happens or needs the operator.
    SkipAhead,
    /// Stop the process until it is continued (Ctrl-Z).
    Suspend,
    /// End.
    Quit,
}
