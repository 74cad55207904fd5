//! What happened: every message is a past fact. `update` hears nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use crossterm::event::KeyEvent;

use crate::domain::alert::Alert;
use crate::domain::change::Changes;
use crate::domain::change::Object;
use crate::domain::detail::PodDetail;
use crate::domain::earlier::Earlier;
use crate::domain::event::{Ending, Entry};
use crate::domain::fact::Fact;
use crate::domain::fault::Fault;
use crate::domain::health::Checked;
use crate::domain::identity::Identity;
use crate::domain::logs::Heard;
use crate::domain::metrics::{Curves, Scope, Signal};
use crate::domain::moment::Now;
use crate::domain::name::{JobId, PodName, ReleaseName, Revision};
use crate::domain::release::Lived;
use crate::domain::usage::Usage;
use crate::domain::workload::WorkloadRef;
use crate::domain::writer::Writer;
use crate::functional::results::Ran;
use crate::helm::choices::Choices;
use crate::helm::plan::Refusal;
use crate::helm::progress::Progress;
use crate::intent::Intent;
use crate::kubectl::ask::Errand;
use crate::kubectl::revisions::History;
use crate::maintenance;
use crate::maintenance::saved::Found;
use crate::model::FrameNo;
use crate::model::dialog::Extent;
use crate::model::feed::Generation;
use crate::plan::Plan;

/// A message.
#[derive(Debug, Clone)]
pub enum Msg {
    /// Time passed.
    Tick(Now),
    /// A key was pressed while that frame was on screen.
    Key(KeyEvent, FrameNo),
    /// Keys came faster than a hand types words, while that frame was on screen: a paste that says nothing of itself.
    /// Where letters are commands they are none.
    Burst(Vec<KeyEvent>, FrameNo),
    /// A command without a screen means that; it is granted as if its key were pressed.
    Meant(Intent),
    /// A command without a screen wants the prepared rollback of that release to that revision. It opens, it never
    /// fires.
    Wanted(ReleaseName, Revision, Choices),
    /// A command without a screen wants that workload undone or restarted. It opens, it never fires.
    WorkloadWanted(WorkloadRef, Errand),
    /// A command without a screen wants that release stopped for maintenance, or brought back. It opens, it never fires.
    MaintenanceWanted(ReleaseName, maintenance::ask::Errand),
    /// A command without a screen wants that ConfigMap or Secret of that release put back. It opens, it never fires.
    RevertWanted(ReleaseName, Object, Option<Revision>),
    /// Text was pasted; text only.
    Pasted(String),
    /// The terminal has that many columns and rows.
    Resized(u16, u16),
    /// That frame was drawn, with so much of the text that scrolls in it.
    Drawn(FrameNo, Extent),
    /// Which cluster this is, or why it cannot be known.
    Identified(Result<Identity, Fault>),
    /// The world reported a fact.
    Fact(Fact),
    /// Curves were read.
    Measured((Signal, Scope), Generation, Result<Curves, Fault>),
    /// Alerts were read.
    AlertsRead(Generation, Result<Vec<Alert>, Fault>),
    /// What was changed beside Helm was read.
    ChangesRead(Generation, Changes),
    /// Services were asked for their health.
    HealthRead(Generation, Vec<Checked>),
    /// A functional test that only reads was run.
    TestRan(Generation, Ran),
    /// A functional test of an act was run; its place in the plan.
    Tested(JobId, usize, Ran),
    /// What the pods use was read.
    UsageRead(Generation, Result<Usage, Fault>),
    /// Logs were read.
    LogsRead(Generation, Vec<Heard>),
    /// What is in maintenance was read.
    MaintenanceRead(Generation, Result<Vec<Found>, Fault>),
    /// How revisions did while they were live.
    LivedRead(ReleaseName, BTreeMap<Revision, Lived>),
    /// A plan was made, or refused.
    Prepared(Generation, Box<Result<Plan, Refusal>>),
    /// A pod's detail was read.
    PodRead(Generation, Result<PodDetail, Fault>),
    /// A revision's diff was made.
    RevisionRead(Generation, Result<Vec<String>, String>),
    /// The revisions that a workload keeps, or why they cannot be had.
    HistoryRead(Generation, Result<History, String>),
    /// These entries are on disk.
    Appended(Vec<Entry>),
    /// The journal could not be written: nothing was run.
    NotAppended(String),
    /// Where an act stands whose end nobody saw, in a sentence.
    StandingRead(JobId, String),
    /// This machine's journals were looked at.
    Looked(Generation, Earlier),
    /// Another cockpit holds the incident; its entries so far.
    Held(Writer, Vec<Entry>),
    /// An act told something.
    Progressed(JobId, Progress),
    /// The last line that a failing pod of an act logged, where one is kept.
    LastLineRead(JobId, PodName, Option<String>),
    /// An act ended.
    Ended(JobId, Ending),
    /// A drill was moved on by that much, and nothing happened.
    SkippedInVain(Duration),
    /// The process was asked to end (SIGTERM, SIGHUP).
    Signalled,
}
