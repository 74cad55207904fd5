//! What the journal records: one event per fact, in the order in which it happened.
//!
//! The incident is the fold of these events ([`super::incident::Incident::apply`]); the timeline is how a person reads
//! them ([`Event::sentence`]).
//!
//! Never: a secret value; a bare "ok".

use serde::{Deserialize, Serialize};

use super::alert::{Labels, Silence};
use super::change::Object;
use super::checklist::Proof;
use super::figure::count;
use super::identity::Identity;
use super::moment::Moment;
use super::name::{IncidentId, JobId, Namespace, Person, ReleaseName, Revision, StepNo};
use super::severity::Severity;
use super::workload::WorkloadRef;

/// One line of the journal, before it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The incident was declared, by a person or by confirming a rollback.
    Opened {
        /// Its id.
        incident: IncidentId,
        /// Its first severity.
        severity: Severity,
        /// Which cluster.
        identity: Identity,
        /// Which release, where one is known.
        release: Option<ReleaseName>,
        /// What is wrong, from the situation line.
        symptom: String,
        /// Somebody confirmed a rollback before declaring.
        by_rollback: bool,
    },
    /// The severity was chosen, raised or lowered; lowering has a reason.
    SeveritySet {
        /// The new one.
        severity: Severity,
        /// Why; empty where it was raised or confirmed.
        why: String,
    },
    /// Somebody commands.
    CommanderNamed {
        /// Who.
        commander: Person,
    },
    /// A target was chosen.
    TargetChosen {
        /// Of which release.
        release: ReleaseName,
        /// Which revision.
        revision: Revision,
        /// Its verdict in words.
        why: String,
    },
    /// Work on a step began.
    StepBegan {
        /// Which.
        step: StepNo,
    },
    /// A step was ticked.
    StepTicked {
        /// Which.
        step: StepNo,
        /// The value that was seen.
        value: String,
        /// How it is proved.
        proof: Proof,
    },
    /// A step was left out.
    StepSkipped {
        /// Which.
        step: StepNo,
        /// Why.
        why: String,
    },
    /// The evidence of a ticked step was lost.
    StepReopened {
        /// Which.
        step: StepNo,
        /// What the evidence says now.
        now: String,
    },
    /// Something was noted.
    Note {
        /// The text.
        text: String,
    },
    /// It was not stable in time, and somebody decided to go on as before.
    WentOn {
        /// Why.
        why: String,
    },
    /// Something is to be done afterwards.
    FollowUp {
        /// The text.
        text: String,
    },
    /// The world showed something by itself: an onset, an alert, a recovery.
    Seen {
        /// When it happened, which may be before it was written.
        when: Moment,
        /// What, in one sentence.
        what: String,
    },
    /// An act was confirmed; written before it runs.
    ActAsked {
        /// Its number.
        job: JobId,
        /// The step that it serves; it waits until the act has ended.
        step: Option<StepNo>,
        /// What it is.
        act: Act,
        /// The hash of the plan that was confirmed.
        plan: String,
        /// What would be typed to do it by hand.
        command: String,
    },
    /// A fact of a running act that later readers need (the record was written, helm is done).
    ActProgressed {
        /// Which act.
        job: JobId,
        /// What happened.
        what: String,
    },
    /// An act ended.
    ActEnded {
        /// Which act.
        job: JobId,
        /// How.
        ending: Ending,
    },
    /// The cockpit came back to an incident that was open.
    Resumed {
        /// Acts that have no result: their outcome is unknown, none is repeated.
        in_flight: Vec<JobId>,
    },
    /// The incident was closed.
    Closed {
        /// One sentence.
        summary: String,
    },
}

/// What an act is, on which object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Act {
    /// A Helm rollback.
    RollBack {
        /// Which release.
        release: ReleaseName,
        /// Where.
        namespace: Namespace,
        /// The newest revision before it.
        from: Revision,
        /// The revision whose content comes back.
        to: Revision,
        /// The number of the new record.
        writes: Revision,
    },
    /// One workload back to an earlier template.
    Undo {
        /// Which.
        workload: WorkloadRef,
        /// Where.
        namespace: Namespace,
        /// To which of its revisions.
        to: u64,
        /// The object that keeps that revision; after the undo it has another number.
        keeper: String,
    },
    /// One workload's pods replaced one by one.
    Restart {
        /// Which.
        workload: WorkloadRef,
        /// Where.
        namespace: Namespace,
        /// The mark that its template gets, by which it is found again: a time, RFC 3339.
        mark: String,
    },
    /// Every workload of a release stopped for maintenance, its counts saved in the cluster.
    Stop {
        /// Which.
        release: ReleaseName,
        /// Where.
        namespace: Namespace,
    },
    /// A ConfigMap or Secret back to the content that a revision gave it, and its readers restarted.
    PutBack {
        /// Which.
        object: Object,
        /// Of which release.
        release: ReleaseName,
        /// Where.
        namespace: Namespace,
        /// Whose content.
        to: Revision,
    },
    /// One alert silenced.
    Silence {
        /// Its name, with its service.
        alert: String,
        /// By what it is found again.
        labels: Labels,
        /// What was made.
        silence: Silence,
    },
    /// Functional tests of which some write.
    Test {
        /// Where.
        namespace: Namespace,
        /// What they are called, in their order.
        tests: Vec<String>,
        /// What they create, in the team's words.
        creates: Vec<String>,
    },
    /// A release back from maintenance, every count as it was saved.
    BringBack {
        /// Which.
        release: ReleaseName,
        /// Where.
        namespace: Namespace,
    },
}

impl Act {
    /// Whether other pods run after it than before.
    pub const fn changes_what_runs(&self) -> bool {
        match self {
            Self::RollBack { .. }
            | Self::Undo { .. }
            | Self::Restart { .. }
            | Self::PutBack { .. }
            | Self::Stop { .. }
            | Self::BringBack { .. } => true,
            Self::Silence { .. } | Self::Test { .. } => false,
        }
    }

    /// What it acts on: `release ecommerce-app`, `Deployment order-service`.
    pub fn target(&self) -> String {
        match self {
            Self::RollBack { release, .. } | Self::Stop { release, .. } | Self::BringBack { release, .. } => {
                format!("release {release}")
            }
            Self::Undo { workload, .. } | Self::Restart { workload, .. } => workload.to_string(),
            Self::PutBack { object, .. } => object.to_string(),
            Self::Silence { alert, .. } => format!("alert {alert}"),
            Self::Test { namespace, .. } => format!("namespace {namespace}"),
        }
    }

    /// `Roll back ecommerce-app to revision 2`
    pub fn sentence(&self) -> String {
        match self {
            Self::RollBack { release, to, .. } => format!("Roll back {release} to revision {to}"),
            Self::Undo { workload, to, .. } => format!("Undo {workload} to its revision {to}"),
            Self::Restart { workload, .. } => format!("Restart {workload}"),
            Self::PutBack { object, to, .. } => format!("Put {object} back to its content of revision {to}"),
            Self::Silence { alert, silence, .. } => {
                format!("Silence {alert} until {}: {}", silence.until.format("%H:%M"), silence.why)
            }
            Self::Test { tests, creates, .. } => {
                format!("Run {}, which create {}", count(tests.len(), "test", "tests"), creates.join(", "))
            }
            Self::Stop { release, .. } => format!("Stop {release} for maintenance"),
            Self::BringBack { release, .. } => format!("Bring {release} back from maintenance"),
        }
    }
}

/// How an act ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "kebab-case")]
pub enum Ending {
    /// The cluster showed the result.
    Seen {
        /// What was seen: `rev 2 as rev 4, 7 workloads ready`.
        what: String,
    },
    /// It was done, its result not (yet) seen.
    Unseen {
        /// What is not seen.
        what: String,
    },
    /// It failed.
    Failed {
        /// Why, and what is live.
        why: String,
    },
    /// Nothing was done.
    Void {
        /// Why.
        why: String,
    },
    /// Nobody knows.
    Unknown {
        /// What was under way.
        why: String,
    },
}

/// A sealed line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was written.
    pub at: Moment,
    /// Who.
    pub by: Person,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

impl Event {
    /// The event as the timeline shows it.
    pub fn sentence(&self) -> String {
        match self {
            Self::Opened { severity, symptom, by_rollback, .. } => {
                let how = if *by_rollback { "declared by confirming a change" } else { "declared" };
                format!("Incident {how}, {severity}: {symptom}")
            }
            Self::SeveritySet { severity, why } if why.is_empty() => format!("Severity {severity}"),
            Self::SeveritySet { severity, why } => format!("Severity {severity}: {why}"),
            Self::CommanderNamed { commander } => format!("{commander} commands"),
            Self::TargetChosen { release, revision, why } => format!("Target: {release} revision {revision} ({why})"),
            Self::StepBegan { step } => format!("Step {step} begun"),
            Self::StepTicked { step, value, proof } => match proof {
                Proof::Sensed => format!("Step {step} done: {value}"),
                Proof::Attested => format!("Step {step} attested: {value}"),
                Proof::Overridden => format!("Step {step} ticked against its evidence: {value}"),
            },
            Self::StepSkipped { step, why } => format!("Step {step} skipped: {why}"),
            Self::StepReopened { step, now } => format!("Step {step} reopened: now {now}"),
            Self::Note { text } => text.clone(),
            Self::WentOn { why } => format!("Not stable in time; going on: {why}"),
            Self::FollowUp { text } => format!("Follow-up: {text}"),
            Self::ActAsked { act, .. } => format!("Asked: {}", act.sentence()),
            Self::Seen { what, .. } | Self::ActProgressed { what, .. } => what.clone(),
            Self::ActEnded { ending, .. } => match ending {
                Ending::Seen { what } => format!("Seen: {what}"),
                Ending::Unseen { what } => format!("Done, not yet seen: {what}"),
                Ending::Failed { why } => format!("Failed: {why}"),
                Ending::Void { why } => format!("Not run: {why}"),
                Ending::Unknown { why } => format!("Outcome unknown: {why}"),
            },
            Self::Resumed { in_flight } if in_flight.is_empty() => "Cockpit resumed".into(),
            Self::Resumed { in_flight } => {
                let ids: Vec<String> = in_flight.iter().map(|j| format!("job {j}")).collect();
                format!("Cockpit resumed; outcome unknown: {}", ids.join(", "))
            }
            Self::Closed { summary } => format!("Closed: {summary}"),
        }
    }
}
