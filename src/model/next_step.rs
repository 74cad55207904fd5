//! The one safe next step after a rollback that failed part way, or whose pods were not seen ready.
//!
//! Never: towards the revision that was left; a step that is taken by itself.

use crate::domain::event::Ending;
use crate::domain::evidence::{Sensor, Verdict};
use crate::domain::name::{JobId, PodName, Revision};
use crate::helm::choices::Choices;
use crate::helm::progress::{Lot, Stage};

use super::Model;
use super::jobs::{Job, Lights};

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Not every object is as planned: the same rollback once more, when its cause is gone.
    Again {
        /// The revision whose content comes back.
        to: Revision,
        /// The revision that was left.
        not: Revision,
        /// What was chosen beside the target.
        choices: Choices,
    },
    /// A pod of the target itself does not come up: waiting mends nothing before it is known why.
    LookAt {
        /// Which pod.
        pod: PodName,
        /// `CrashLoopBackOff, exit 1`
        why: String,
        /// The revision that was left.
        not: Revision,
    },
    /// Nothing is seen to be wrong with a pod: they need more time, or somebody's hand.
    Watch {
        /// The revision that was left.
        not: Revision,
    },
}

impl NextStep {
    /// After that act; `None` where it needs none: it runs, was seen, or is no rollback. What is void or unknown says
    /// itself what to do.
    pub fn after(job: &Job) -> Option<Self> {
        let plan = job.plan.rollback()?;
        let not = plan.from;
        match job.ending.as_ref()? {
            Ending::Failed { .. } => Some(Self::Again { to: plan.to, not, choices: plan.choices.clone() }),
            Ending::Unseen { .. } if !job.lights.ready => Some(match failing(&job.lights) {
                Some((pod, why)) => Self::LookAt { pod, why, not },
                None => Self::Watch { not },
            }),
            Ending::Unseen { .. } | Ending::Seen { .. } | Ending::Void { .. } | Ending::Unknown { .. } => None,
        }
    }

    /// After the newest act, as long as the cluster does not show that it is no longer needed.
    pub fn open(model: &Model) -> Option<(JobId, Self)> {
        let (id, job) = model.jobs.newest().filter(|_| model.open_incident().is_some())?;
        let next = Self::after(job)?;
        let proof = match next {
            Self::Again { .. } => Sensor::RolledBack,
            Self::LookAt { .. } | Self::Watch { .. } => Sensor::RolloutsDone,
        };
        let step = model.settings.runbook.steps().find(|s| s.sensor == Some(proof));
        let seen = step.and_then(|s| model.evidence.get(&s.no)).is_some_and(|e| e.verdict == Verdict::Met);
        (!seen).then_some((id, next))
    }

    /// `look at order-service-7d9f-x2x4k, which does not come up (CrashLoopBackOff, exit 1); never back to 3`
    pub fn sentence(&self) -> String {
        match self {
            Self::Again { to, not, .. } => format!("roll back to {to} again when the cause is gone, never to {not}"),
            Self::LookAt { pod, why, not } => {
                format!("look at {pod}, which does not come up ({why}); never back to {not}")
            }
            Self::Watch { not } => format!("watch the pods, the rollback itself is done; never back to {not}"),
        }
    }
}

/// The first pod of the target that does not come up.
fn failing(lights: &Lights) -> Option<(PodName, String)> {
    lights.pods.values().flatten().filter(|p| p.lot == Lot::New).find_map(|p| match &p.stage {
        Stage::Failing { why, .. } => Some((p.pod.clone(), why.clone())),
        Stage::Starting | Stage::Ready | Stage::Leaving => None,
    })
}
