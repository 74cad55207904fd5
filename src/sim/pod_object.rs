//! A pod as the API shows it.
//!
//! Never: more of its status than readers use: phase, conditions, container statuses.

use serde_json::{Value, json};

use super::field;
use super::pod::{Life, Pod};
use super::store::stamp;

impl Pod {
    /// The Pod object; what the store adds (uid, versions) is not in it.
    pub fn object(&self) -> Value {
        let mut meta = json!({
            "name": self.name.as_str(),
            "labels": self.labels,
            "creationTimestamp": stamp(self.created),
            "ownerReferences": [{
                "apiVersion": if self.owner.group.is_empty() { "v1".into() } else { format!("{}/v1", self.owner.group) },
                "kind": self.owner.kind, "name": self.owner.name, "controller": true,
            }],
        });
        if self.life == Life::Leaving {
            field::set(&mut meta, &["deletionTimestamp"], json!(stamp(self.since)));
        }
        let mut spec = self.spec.clone();
        if !self.node.is_empty() {
            field::set(&mut spec, &["nodeName"], json!(self.node));
        }
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": self.status()})
    }

    const fn phase(&self) -> &'static str {
        match self.life {
            Life::Scheduling | Life::Creating | Life::PullFailed(_) | Life::PullWaits(_) => "Pending",
            Life::Booting | Life::Ready | Life::Crashed | Life::BackOff | Life::Leaving => "Running",
            Life::Succeeded => "Succeeded",
            Life::Failed => "Failed",
        }
    }

    fn status(&self) -> Value {
        let truth = |t: bool| if t { "True" } else { "False" };
        let scheduled = self.life != Life::Scheduling;
        let condition = |kind: &str, holds: bool| json!({"type": kind, "status": truth(holds), "lastTransitionTime": stamp(self.since)});
        json!({
            "phase": self.phase(),
            "startTime": stamp(self.created),
            "conditions": [
                condition("PodScheduled", scheduled),
                condition("Initialized", scheduled),
                condition("ContainersReady", self.ready()),
                condition("Ready", self.ready()),
            ],
            "containerStatuses": if scheduled { self.container_statuses() } else { Vec::new() },
        })
    }

    fn container_statuses(&self) -> Vec<Value> {
        let status = |(index, c): (usize, &super::pod::ContainerSpec)| {
            let main = index == 0;
            let mut last = json!({});
            if let (Some(exit), true) = (&self.last_exit, main && !self.all_over()) {
                last = json!({"terminated": {
                    "exitCode": exit.code, "reason": exit.reason, "finishedAt": stamp(exit.at),
                }});
            }
            json!({
                "name": c.name,
                "image": c.image.as_str(),
                "imageID": format!("{}@sha256:drill", c.image),
                "ready": self.ready(),
                "started": self.runs(),
                "restartCount": if main { self.all_restarts() } else { 0 },
                "state": self.container_state(),
                "lastState": last,
            })
        };
        self.containers.iter().enumerate().map(status).collect()
    }

    const fn all_over(&self) -> bool {
        matches!(self.life, Life::Succeeded | Life::Failed)
    }

    fn container_state(&self) -> Value {
        match self.life {
            Life::Booting | Life::Ready | Life::Leaving => {
                json!({"running": {"startedAt": stamp(self.started.unwrap_or(self.since))}})
            }
            Life::Crashed | Life::Succeeded | Life::Failed => {
                let code = self.last_exit.as_ref().map_or(0, |e| e.code);
                json!({"terminated": {"exitCode": code, "reason": self.reason(), "finishedAt": stamp(self.since)}})
            }
            Life::Scheduling | Life::Creating | Life::PullFailed(_) | Life::PullWaits(_) | Life::BackOff => {
                json!({"waiting": {"reason": self.reason(), "message": self.waiting_for()}})
            }
        }
    }

    /// The kubelet's words on why the main container waits; empty where it does not.
    pub fn waiting_for(&self) -> String {
        let image = self.containers.first().map_or("", |c| c.image.as_str());
        let container = self.containers.first().map_or("", |c| c.name.as_str());
        match self.life {
            Life::PullFailed(_) => format!("failed to pull and unpack image \"{image}\": not found"),
            Life::PullWaits(_) => format!("Back-off pulling image \"{image}\""),
            Life::BackOff => format!(
                "back-off {} restarting failed container={container} pod={}",
                go_duration(Self::back_off(self.restarts.len() + 1).as_secs()),
                self.name
            ),
            Life::Scheduling
            | Life::Creating
            | Life::Booting
            | Life::Ready
            | Life::Crashed
            | Life::Leaving
            | Life::Succeeded
            | Life::Failed => String::new(),
        }
    }
}

/// `40s`, `2m40s`, as Go prints a duration.
fn go_duration(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}
