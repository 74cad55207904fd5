//! How a headless act ended: the sentence, the exit code, and the same as JSON.
//!
//! Never: 0 for what the cluster did not show, unless nobody wanted to wait for it.

use serde::Serialize;

use crate::domain::change::Object;
use crate::domain::event::{Ending, Event};
use crate::domain::moment::since;
use crate::domain::name::{IncidentId, JobId, Namespace, ReleaseName, Revision};
use crate::domain::text::shell_quoted;
use crate::domain::workload::WorkloadRef;
use crate::model::Model;
use crate::model::next_step::NextStep;

use super::chosen::options;
use super::outcome::{FAILED, Outcome, REFUSED, UNKNOWN, USAGE};
use super::reading::Reader;

/// How it ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// The act ran, or was void.
    Act(Ending),
    /// It did not come to that.
    Early {
        /// The exit code.
        code: u8,
        /// Why.
        sentence: String,
    },
}

impl Ended {
    /// It did not come to the act.
    pub fn early(code: u8, sentence: impl Into<String>) -> Self {
        Self::Early { code, sentence: sentence.into() }
    }

    /// It was refused; nothing was changed.
    pub fn refused(sentence: impl Into<String>) -> Self {
        Self::early(REFUSED, sentence)
    }

    /// The command line is wrong.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self::early(USAGE, sentence)
    }
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        Self::Early { code: outcome.code, sentence: outcome.err }
    }
}

/// What was asked for, and which revision it was before; as `--json` names it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Asked {
    /// A release back to a revision.
    Release {
        /// Which.
        release: ReleaseName,
        /// The newest revision before; `None` where it did not come to a plan.
        from: Option<Revision>,
        /// The revision whose content comes back.
        to: Option<Revision>,
        /// The record that was written.
        revision: Option<Revision>,
    },
    /// A workload undone or restarted.
    Workload {
        /// Which.
        workload: WorkloadRef,
        /// Its revision before, where it is one that is kept.
        from: Option<u64>,
        /// The revision whose template comes back; `None` for a restart.
        to: Option<u64>,
    },
    /// A ConfigMap or Secret put back.
    Object {
        /// Of which release.
        release: ReleaseName,
        /// Which.
        object: Object,
        /// The revision whose content it gets.
        to: Option<Revision>,
        /// Who is restarted.
        restarts: Vec<WorkloadRef>,
    },
    /// A release stopped for maintenance or brought back.
    Maintenance {
        /// Which.
        release: ReleaseName,
        /// Workload by workload: its count before, and the one that was saved.
        workloads: Vec<Counted>,
    },
}

/// One workload's count.
#[derive(Debug, Clone, Serialize)]
pub struct Counted {
    /// Which.
    pub workload: WorkloadRef,
    /// Its count before.
    pub from: u32,
    /// The count that is saved, or was.
    pub saved: u32,
}

/// What `--json` prints; its fields are the ones that the help names.
#[derive(Serialize)]
struct Result<'a> {
    outcome: &'static str,
    exit: u8,
    sentence: &'a str,
    #[serde(flatten)]
    asked: Asked,
    namespace: &'a Namespace,
    plan: Option<&'a str>,
    command: Option<&'a str>,
    /// What to do then.
    next: Option<&'a str>,
    incident: Option<&'a IncidentId>,
    journal: Option<String>,
    seconds: Option<u64>,
}

/// The outcome of the command.
pub fn of(reader: &Reader, asked: Asked, (no_wait, as_json): (bool, bool), ended: &Ended) -> Outcome {
    let (code, word, sentence) = match ended {
        Ended::Early { code, sentence } => (*code, early(*code), sentence.clone()),
        Ended::Act(ending) => {
            let (code, word) = judged(ending, no_wait);
            let sentence = Event::ActEnded { job: JobId(1), ending: ending.clone() }.sentence();
            (code, word, sentence.trim_end_matches([';', ' ']).to_owned())
        }
    };
    let next = next(reader.model());
    let told = next.as_ref().map_or_else(|| sentence.clone(), |next| format!("{sentence}\n{next}"));
    if as_json {
        let out = json(reader, asked, (code, word, &sentence), next.as_deref());
        return Outcome { out, err: told, code };
    }
    if code == 0 { Outcome::said(told) } else { Outcome::failed(code, told) }
}

const fn early(code: u8) -> &'static str {
    match code {
        FAILED => "failed",
        UNKNOWN => "unknown",
        _ => "refused",
    }
}

/// The exit code of an ending, and its word. What was not seen ready in time has failed, as `helm --wait` has it.
const fn judged(ending: &Ending, no_wait: bool) -> (u8, &'static str) {
    match ending {
        Ending::Seen { .. } => (0, "seen-ready"),
        Ending::Unseen { .. } if no_wait => (0, "not-seen-ready"),
        Ending::Unseen { .. } => (FAILED, "not-seen-ready"),
        Ending::Failed { .. } => (FAILED, "failed"),
        Ending::Void { .. } => (REFUSED, "refused"),
        Ending::Unknown { .. } => (UNKNOWN, "unknown"),
    }
}

/// The safe next step, with the command line that takes it.
fn next(model: &Model) -> Option<String> {
    let (_, job) = model.jobs.newest()?;
    let (next, plan) = (NextStep::after(job)?, job.plan.rollback()?);
    let context = model.identity.known().map_or_else(String::new, |i| i.context.to_string());
    let place = format!("-n {} --context {}", shell_quoted(plan.namespace.as_str()), shell_quoted(&context));
    let command = match &next {
        NextStep::Again { to, choices, .. } => {
            format!("backout rollback {} --to {to} {place}{}", plan.release, options(choices))
        }
        NextStep::LookAt { pod, .. } => format!("kubectl describe pod {pod} {place}"),
        NextStep::Watch { .. } => format!("backout check {place}"),
    };
    Some(format!("Next: {}.\n$ {command}", next.sentence()))
}

fn json(
    reader: &Reader,
    asked: Asked,
    (exit, outcome, sentence): (u8, &'static str, &str),
    next: Option<&str>,
) -> String {
    let model: &Model = reader.model();
    let job = model.jobs.newest().map(|(_, job)| job);
    let incident = model.incident.as_ref().map(|i| &i.id);
    let result = Result {
        outcome,
        exit,
        sentence,
        asked,
        namespace: &model.settings.namespace,
        plan: job.map(|j| j.plan.hash().0.as_str()),
        command: job.map(|j| j.plan.command()),
        next,
        incident,
        journal: incident.map(|id| reader.folder.join(format!("{id}.jsonl")).display().to_string()),
        seconds: job.map(|j| since(j.asked, model.now.wall).as_secs()),
    };
    serde_json::to_string_pretty(&result).unwrap_or_default()
}
