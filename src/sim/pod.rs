//! One simulated pod and where it stands in its life.
//!
//! Never: what happens next; that is [`super::kubelet`].

use std::time::Duration;

use serde_json::Value;

use super::conduct::Conduct;
use super::store::Key;
use crate::domain::moment::{Moment, since};
use crate::domain::name::{Container, Image, PodName, Service};
use crate::domain::workload::{ContainerRow, Exit, Pod as Row, PodState, RESTART_WINDOW, Restarts};

/// Where a pod stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    /// Made, not on a node yet.
    Scheduling,
    /// On a node; image and sandbox are being fetched.
    Creating,
    /// The image could not be pulled, that many times.
    PullFailed(u32),
    /// Waiting to try the pull again, after that many failures.
    PullWaits(u32),
    /// Its containers run; it is not ready.
    Booting,
    /// Ready.
    Ready,
    /// Its main container has just ended badly.
    Crashed,
    /// Waiting to start the container again.
    BackOff,
    /// On its way out.
    Leaving,
    /// Ended well (a Job's).
    Succeeded,
    /// Ended badly for good (a Job's).
    Failed,
}

/// One container as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerSpec {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: Image,
}

/// One pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Pod {
    /// Its name.
    pub name: PodName,
    /// The object that made it: a ReplicaSet, StatefulSet, DaemonSet or Job.
    pub owner: Key,
    /// Whose traffic it takes: label `app.kubernetes.io/name`, else its owner's name.
    pub service: Service,
    /// Label `pod-template-hash` (or the StatefulSet's, DaemonSet's revision).
    pub template: String,
    /// Its labels.
    pub labels: Value,
    /// The pod template's spec.
    pub spec: Value,
    /// Its containers; the first is the one that serves and crashes.
    pub containers: Vec<ContainerSpec>,
    /// The ConfigMap that its main container reads when it starts.
    pub config: Option<String>,
    /// When it was made.
    pub created: Moment,
    /// The node; empty until scheduled.
    pub node: String,
    /// Where it stands, and since when.
    pub life: Life,
    /// Since when.
    pub since: Moment,
    /// When its main container last started.
    pub started: Option<Moment>,
    /// How its main container behaves, from what it read when it last started.
    pub conduct: Conduct,
    /// When its main container was started again, each time.
    pub restarts: Vec<Moment>,
    /// How it last ended.
    pub last_exit: Option<Exit>,
    /// Rises with each change of life, so that an old appointment is not kept.
    pub epoch: u64,
}

impl Pod {
    /// Whether it takes traffic.
    pub fn ready(&self) -> bool {
        self.life == Life::Ready
    }

    /// Whether it has ended or is on its way out; its owner then wants another.
    pub const fn counts(&self) -> bool {
        !matches!(self.life, Life::Leaving | Life::Succeeded | Life::Failed)
    }

    /// Whether its containers run.
    pub const fn runs(&self) -> bool {
        matches!(self.life, Life::Booting | Life::Ready | Life::Leaving)
    }

    /// The reason its main container waits or ended with; `Running` where it runs.
    pub fn reason(&self) -> &str {
        match self.life {
            Life::Scheduling => "Pending",
            Life::Creating => "ContainerCreating",
            Life::PullFailed(_) => "ErrImagePull",
            Life::PullWaits(_) => "ImagePullBackOff",
            Life::Booting | Life::Ready | Life::Leaving => "Running",
            Life::Crashed | Life::Failed => self.last_exit.as_ref().map_or("Error", |e| e.reason.as_str()),
            Life::BackOff => "CrashLoopBackOff",
            Life::Succeeded => "Completed",
        }
    }

    /// Restarts within the five minutes before `now`.
    pub fn recent_restarts(&self, now: Moment) -> u32 {
        let recent = self.restarts.iter().filter(|r| **r <= now && since(**r, now) < RESTART_WINDOW).count();
        u32::try_from(recent).unwrap_or(u32::MAX)
    }

    /// Restarts at all.
    pub fn all_restarts(&self) -> u32 {
        u32::try_from(self.restarts.len()).unwrap_or(u32::MAX)
    }

    /// The row that an operator reads.
    pub fn row(&self, now: Moment) -> Row {
        let reason = self.reason().to_owned();
        let state = match self.life {
            Life::Scheduling | Life::Creating => PodState::Starting(reason.clone()),
            Life::PullFailed(_) | Life::PullWaits(_) | Life::Crashed | Life::BackOff | Life::Failed => {
                PodState::Failing(reason.clone())
            }
            Life::Booting | Life::Ready => PodState::Running,
            Life::Leaving => PodState::Terminating,
            Life::Succeeded => PodState::Completed,
        };
        let row = |(index, c): (usize, &ContainerSpec)| {
            let main = index == 0;
            ContainerRow {
                name: Container::new(&c.name),
                image: c.image.clone(),
                ready: self.ready(),
                restarts: if main { self.all_restarts() } else { 0 },
                state: reason.clone(),
                last_exit: self.last_exit.clone().filter(|_| main),
            }
        };
        Row {
            name: self.name.clone(),
            service: Some(self.service.clone()),
            state,
            containers: self.containers.iter().enumerate().map(row).collect(),
            restarts: Restarts::Exactly(self.recent_restarts(now)),
            created: self.created,
            node: self.node.clone(),
            template: self.template.clone(),
            sizes: super::usage::sizes(&self.spec),
        }
    }

    /// How long the container waits before its next start, after `ends` ends (kubelet: 10 s, doubled up to 5 min; the
    /// first restart is at once).
    pub fn back_off(ends: usize) -> Duration {
        match u32::try_from(ends).unwrap_or(u32::MAX) {
            0 | 1 => Duration::from_secs(1),
            n => Duration::from_secs(10 * 2_u64.pow((n - 2).min(5))).min(Duration::from_mins(5)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_five_minutes() {
        let seconds: Vec<u64> = (0..9).map(|n| Pod::back_off(n).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 10, 20, 40, 80, 160, 300, 300]);
    }
}
