//! An incident: the fold of its journal.
//!
//! Never: anything that is not in the journal. Folding the same events always gives the same incident.

use std::collections::BTreeMap;

use super::checklist::StepState;
use super::event::{Act, Ending, Entry, Event};
use super::identity::Identity;
use super::moment::Moment;
use super::name::{IncidentId, JobId, Person, ReleaseName, Revision, StepNo};
use super::severity::Severity;

/// One outage, as its journal tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// When it was declared.
    pub opened: Moment,
    /// When it was closed.
    pub closed: Option<Moment>,
    /// How bad.
    pub severity: Severity,
    /// A person chose or confirmed the severity.
    pub severity_chosen: bool,
    /// Which cluster.
    pub identity: Identity,
    /// Who commands.
    pub commander: Person,
    /// Which release it is about.
    pub release: Option<ReleaseName>,
    /// The chosen target.
    pub target: Option<Revision>,
    /// Steps that are not todo.
    pub steps: BTreeMap<StepNo, StepState>,
    /// Acts, in order.
    pub jobs: BTreeMap<JobId, JobRecord>,
    /// Follow-ups, in order.
    pub follow_ups: Vec<String>,
    /// All entries, in order.
    pub entries: Vec<Entry>,
}

/// One act as the journal tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// What was confirmed.
    pub act: Act,
    /// The step that it serves.
    pub step: Option<StepNo>,
    /// When.
    pub asked: Moment,
    /// The newest fact of it.
    pub progress: String,
    /// How it ended; `None` while it runs, or when nobody knows.
    pub ending: Option<Ending>,
}

impl Incident {
    /// The incident that an [`Event::Opened`] begins; `None` for any other entry.
    pub fn open(entry: &Entry) -> Option<Self> {
        let Event::Opened { incident, severity, identity, release, by_rollback, .. } = &entry.event else {
            return None;
        };
        let mut fresh = Self {
            id: incident.clone(),
            opened: entry.at,
            closed: None,
            severity: *severity,
            severity_chosen: !by_rollback,
            identity: identity.clone(),
            commander: entry.by.clone(),
            release: release.clone(),
            target: None,
            steps: BTreeMap::new(),
            jobs: BTreeMap::new(),
            follow_ups: Vec::new(),
            entries: Vec::new(),
        };
        fresh.entries.push(entry.clone());
        Some(fresh)
    }

    /// Folds a whole journal; `None` where it does not begin with an opening.
    pub fn fold(entries: &[Entry]) -> Option<Self> {
        let (first, rest) = entries.split_first()?;
        let mut incident = Self::open(first)?;
        for entry in rest {
            incident.apply(entry);
        }
        Some(incident)
    }

    /// Folds one more entry. Total: an event that does not fit is kept in the timeline and changes nothing else.
    pub fn apply(&mut self, entry: &Entry) {
        self.entries.push(entry.clone());
        match &entry.event {
            Event::SeveritySet { severity, .. } => {
                self.severity = *severity;
                self.severity_chosen = true;
            }
            Event::CommanderNamed { commander } => self.commander = commander.clone(),
            Event::TargetChosen { release, revision, .. } => {
                self.release = Some(release.clone());
                self.target = Some(*revision);
            }
            Event::StepBegan { .. }
            | Event::StepTicked { .. }
            | Event::StepSkipped { .. }
            | Event::StepReopened { .. } => self.move_step(entry),
            Event::FollowUp { text } => self.follow_ups.push(text.clone()),
            Event::ActAsked { job, step, act, .. } => {
                let fresh =
                    JobRecord { act: act.clone(), step: *step, asked: entry.at, progress: String::new(), ending: None };
                self.jobs.insert(*job, fresh);
                let waiting = step.map(|no| (no, self.step(no).wait(entry.at, &act.sentence())));
                self.settle(waiting);
            }
            Event::ActProgressed { job, what } => {
                if let Some(record) = self.jobs.get_mut(job) {
                    record.progress.clone_from(what);
                }
            }
            Event::ActEnded { job, ending } => self.end_job(*job, ending, entry.at),
            Event::Resumed { in_flight } => {
                for job in in_flight {
                    let unknown = Ending::Unknown { why: "the cockpit ended while it ran".into() };
                    self.end_job(*job, &unknown, entry.at);
                }
            }
            Event::Closed { .. } => self.closed = Some(entry.at),
            Event::Opened { .. } | Event::Note { .. } | Event::Seen { .. } => {}
        }
    }

    fn move_step(&mut self, entry: &Entry) {
        let (step, moved) = match &entry.event {
            Event::StepBegan { step } => (*step, self.step(*step).begin(entry.at)),
            Event::StepTicked { step, value, proof } => {
                (*step, self.step(*step).tick(entry.at, &entry.by, value, *proof))
            }
            Event::StepSkipped { step, why } => (*step, self.step(*step).skip(entry.at, &entry.by, why)),
            Event::StepReopened { step, now } => (*step, self.step(*step).reopen(entry.at, now)),
            Event::Opened { .. }
            | Event::SeveritySet { .. }
            | Event::CommanderNamed { .. }
            | Event::TargetChosen { .. }
            | Event::Note { .. }
            | Event::FollowUp { .. }
            | Event::Seen { .. }
            | Event::ActAsked { .. }
            | Event::ActProgressed { .. }
            | Event::ActEnded { .. }
            | Event::Resumed { .. }
            | Event::Closed { .. } => return,
        };
        self.settle(Some((step, moved)));
    }

    fn settle(&mut self, moved: Option<(StepNo, Result<StepState, super::checklist::Illegal>)>) {
        if let Some((step, Ok(state))) = moved {
            self.steps.insert(step, state);
        }
    }

    fn end_job(&mut self, job: JobId, ending: &Ending, at: Moment) {
        let Some(record) = self.jobs.get_mut(&job) else { return };
        record.ending = Some(ending.clone());
        let Some(no) = record.step else { return };
        let moved = match ending {
            Ending::Failed { why } | Ending::Void { why } => self.step(no).fail(at, why),
            Ending::Seen { .. } | Ending::Unseen { .. } | Ending::Unknown { .. } => self.step(no).begin(at),
        };
        self.settle(Some((no, moved)));
    }

    /// Where a step stands.
    pub fn step(&self, no: StepNo) -> &StepState {
        self.steps.get(&no).unwrap_or(&StepState::Todo)
    }

    /// Acts without an ending.
    pub fn in_flight(&self) -> Vec<JobId> {
        self.jobs.iter().filter(|(_, j)| j.ending.is_none()).map(|(id, _)| *id).collect()
    }

    /// The number that the next act gets.
    pub fn next_job(&self) -> JobId {
        JobId(self.jobs.keys().next_back().map_or(1, |j| j.0.saturating_add(1)))
    }

    /// The newest act on each thing, where nobody knows how it ended; the newest first.
    pub fn unknown(&self) -> Vec<(JobId, &JobRecord)> {
        let mut seen: Vec<String> = Vec::new();
        let mut newest = |record: &JobRecord| {
            let target = record.act.target();
            let first = !seen.contains(&target);
            seen.push(target);
            first
        };
        let all = self.jobs.iter().rev().filter(|(_, j)| newest(j));
        all.filter(|(_, j)| matches!(j.ending, Some(Ending::Unknown { .. }))).map(|(id, j)| (*id, j)).collect()
    }

    /// The newest rollback that was asked for.
    pub fn last_rollback(&self) -> Option<(JobId, &JobRecord)> {
        self.jobs.iter().rev().find(|(_, j)| matches!(j.act, Act::RollBack { .. })).map(|(id, j)| (*id, j))
    }
}
