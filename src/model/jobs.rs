//! Acts of this process while they run: what each light of it shows.
//!
//! Never: more than one dangerous job at once ([`Jobs::running`]).

use std::collections::BTreeMap;

use crate::domain::event::Ending;
use crate::domain::moment::Moment;
use crate::domain::name::{Container, JobId, PodName, Revision, Service};
use crate::helm::plan::Change;
use crate::helm::progress::{HookState, Images, Lot, PodStep, Progress, Stage};
use crate::plan::Plan;

/// All acts of this process.
#[derive(Debug, Default)]
pub struct Jobs {
    /// By number.
    pub all: BTreeMap<JobId, Job>,
    /// Confirmed, its intent on its way to the disk: it becomes a job when it is there.
    pub confirmed: Option<(JobId, Plan)>,
}

/// One act.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What was confirmed.
    pub plan: Plan,
    /// When it was asked for.
    pub asked: Moment,
    /// What is known of it.
    pub lights: Lights,
    /// How it ended.
    pub ending: Option<Ending>,
}

/// What is known of a running act. "Helm done", "pods ready" and "images equal target" are separate lights.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lights {
    /// The history was as planned.
    pub checked: bool,
    /// The record that was written.
    pub recorded: Option<Revision>,
    /// Hooks by name.
    pub hooks: BTreeMap<String, HookState>,
    /// Objects dealt with, by their place in the plan: what was done, or the server's message.
    pub objects: BTreeMap<usize, Result<Change, String>>,
    /// The records say deployed.
    pub helm_done: Option<Revision>,
    /// Workloads: ready, wanted, first trouble.
    pub rolling: BTreeMap<Service, (u32, u32, Option<String>)>,
    /// The pods of each workload, old and new.
    pub pods: BTreeMap<Service, Vec<PodStep>>,
    /// What the pods of each workload run.
    pub images: BTreeMap<Service, Images>,
    /// Of each workload with a failing pod, that pod and the last line it logged.
    pub last_lines: BTreeMap<Service, LastLine>,
    /// Every workload is ready with the target's images.
    pub ready: bool,
    /// What the external program that does it wrote, line by line; the last [`LINES_KEPT`].
    pub said: Vec<String>,
}

/// So many lines of a program are kept.
pub const LINES_KEPT: usize = 200;

/// The last line that a failing pod logged.
#[derive(Debug, Clone, PartialEq)]
pub struct LastLine {
    /// Which pod.
    pub pod: PodName,
    /// What was wrong with it when its log was asked for.
    pub why: String,
    /// The line; `None` while it is being read, or where none is kept.
    pub line: Option<String>,
}

impl Lights {
    /// Folds one fact.
    pub fn fold(&mut self, progress: Progress) {
        match progress {
            Progress::Checked => self.checked = true,
            Progress::Recorded(revision) => self.recorded = Some(revision),
            Progress::Hook { name, state } => {
                self.hooks.insert(name, state);
            }
            Progress::Object { index, change, error } => {
                self.objects.insert(index, error.map_or(Ok(change), Err));
            }
            Progress::HelmDone(revision) => self.helm_done = Some(revision),
            // A report that comes after the end of the waiting is older than it.
            Progress::Rolling { .. } if self.ready => {}
            Progress::Rolling { service, ready, desired, trouble } => {
                self.rolling.insert(service, (ready, desired, trouble));
            }
            Progress::Pods { service, pods } => {
                self.pods.insert(service, pods);
            }
            Progress::Images { service, images } => {
                self.images.insert(service, images);
            }
            Progress::Said(line) => {
                self.said.push(line);
                self.said.drain(..self.said.len().saturating_sub(LINES_KEPT));
            }
            Progress::Ready => {
                self.ready = true;
                for (ready, desired, trouble) in self.rolling.values_mut() {
                    (*ready, *trouble) = ((*ready).max(*desired), None);
                }
            }
        }
    }

    /// Workloads of which all that runs has the target's images, and all workloads.
    pub fn equal(&self) -> (usize, usize) {
        (self.images.values().filter(|i| **i == Images::Target).count(), self.images.len())
    }

    /// The failing pod whose log is to be asked for, with its container: the first of each workload, again while nothing
    /// is kept of it and it fails in another way.
    pub fn unread(&self) -> Option<(Service, LastLine, Option<Container>)> {
        self.pods.iter().find_map(|(service, pods)| {
            let failing = pods.iter().filter(|p| p.lot == Lot::New).find_map(|p| match &p.stage {
                Stage::Failing { container, why } => Some((p, container, why)),
                Stage::Starting | Stage::Ready | Stage::Leaving => None,
            });
            let (step, container, why) = failing?;
            let known = self.last_lines.get(service);
            let wanted = known.is_none_or(|k| k.line.is_none() && (k.pod != step.pod || k.why != *why));
            let asked = LastLine { pod: step.pod.clone(), why: why.clone(), line: None };
            wanted.then(|| (service.clone(), asked, container.clone()))
        })
    }

    /// The first trouble of a workload.
    pub fn trouble(&self) -> Option<(&Service, &str)> {
        self.rolling.iter().find_map(|(s, (_, _, t))| t.as_deref().map(|t| (s, t)))
    }
}

impl Jobs {
    /// The job that is still running, where there is one.
    pub fn running(&self) -> Option<(JobId, &Job)> {
        self.all.iter().find(|(_, j)| j.ending.is_none()).map(|(id, j)| (*id, j))
    }

    /// The act that is running or about to.
    pub fn busy(&self) -> Option<JobId> {
        self.confirmed.as_ref().map(|(id, _)| *id).or_else(|| self.running().map(|(id, _)| id))
    }

    /// The newest job.
    pub fn newest(&self) -> Option<(JobId, &Job)> {
        self.all.iter().next_back().map(|(id, j)| (*id, j))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_the_last_word_on_the_pods_whichever_report_comes_after_it() {
        let rolling = |ready, trouble: Option<&str>| Progress::Rolling {
            service: Service::new("order-service"),
            ready,
            desired: 2,
            trouble: trouble.map(Into::into),
        };
        for order in [
            [rolling(1, Some("CrashLoopBackOff")), Progress::Ready, rolling(1, None)],
            [rolling(1, None), rolling(2, None), Progress::Ready],
        ] {
            let mut lights = Lights::default();
            for fact in order {
                lights.fold(fact);
            }
            assert_eq!((lights.rolling[&Service::new("order-service")].clone(), lights.ready), ((2, 2, None), true));
        }
    }
}
