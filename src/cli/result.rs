//! How a headless rollback ended: the sentence, the exit code, and the same as JSON.
//!
//! Never: 0 for what the cluster did not show, unless nobody wanted to wait for it.

use serde::Serialize;

use crate::domain::event::{Ending, Event};
use crate::domain::moment::since;
use crate::domain::name::{IncidentId, JobId, Namespace, ReleaseName, Revision};
use crate::model::Model;

use super::outcome::{FAILED, Outcome, REFUSED, UNKNOWN, USAGE};
use super::reading::Reader;
use super::rollback::Wish;

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

/// What `--json` prints; its fields are the ones that the help names.
#[derive(Serialize)]
struct Result<'a> {
    outcome: &'static str,
    exit: u8,
    sentence: &'a str,
    release: &'a ReleaseName,
    namespace: &'a Namespace,
    from: Option<Revision>,
    to: Option<Revision>,
    revision: Option<Revision>,
    plan: Option<&'a str>,
    command: Option<&'a str>,
    incident: Option<&'a IncidentId>,
    journal: Option<String>,
    seconds: Option<u64>,
}

/// The outcome of the command.
pub fn of(reader: &Reader, wish: &Wish, ended: &Ended) -> Outcome {
    let (code, word, sentence) = match ended {
        Ended::Early { code, sentence } => (*code, early(*code), sentence.clone()),
        Ended::Act(ending) => {
            let (code, word) = judged(ending, wish.no_wait);
            let sentence = Event::ActEnded { job: JobId(1), ending: ending.clone() }.sentence();
            (code, word, sentence.trim_end_matches([';', ' ']).to_owned())
        }
    };
    if wish.json {
        let out = json(reader, wish, (code, word, &sentence));
        return Outcome { out, err: sentence, code };
    }
    if code == 0 { Outcome::said(sentence) } else { Outcome::failed(code, sentence) }
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

fn json(reader: &Reader, wish: &Wish, (exit, outcome, sentence): (u8, &'static str, &str)) -> String {
    let model: &Model = reader.model();
    let job = model.jobs.newest().map(|(_, job)| job);
    let incident = model.incident.as_ref().map(|i| &i.id);
    let release = ReleaseName::new(&wish.release);
    let result = Result {
        outcome,
        exit,
        sentence,
        release: &release,
        namespace: &model.settings.namespace,
        from: job.and_then(|j| j.plan.rollback()).map(|p| p.from),
        to: wish.to,
        revision: job.and_then(|j| j.lights.recorded),
        plan: job.map(|j| j.plan.hash().0.as_str()),
        command: job.map(|j| j.plan.command()),
        incident,
        journal: incident.map(|id| reader.folder.join(format!("{id}.jsonl")).display().to_string()),
        seconds: job.map(|j| since(j.asked, model.now.wall).as_secs()),
    };
    serde_json::to_string_pretty(&result).unwrap_or_default()
}
