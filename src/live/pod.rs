//! One pod as the API server tells it, and the row that an operator reads of it.
//!
//! Never: a whole Pod; what no row shows is skipped while it is read.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::moment::Moment;
use crate::domain::name::{Container, Image, PodName, Service};
use crate::domain::text::clean;
use crate::domain::usage::{Amounts, Sizes};
use crate::domain::workload::{ContainerRow, Exit, Pod, PodState, Restarts};
use crate::helm::quota::quantity;

use super::follow::Versioned;
use super::meta::{Meta, or_empty};

/// The wanted labels of a pod.
#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
pub(super) struct Marks {
    #[serde(rename = "pod-template-hash")]
    replica_set: String,
    #[serde(rename = "rollouts-pod-template-hash")]
    rollout: String,
    #[serde(rename = "controller-revision-hash")]
    controller_revision: String,
}

/// The wanted members of a pod.
#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
pub(super) struct RawPod {
    pub metadata: Meta<Marks>,
    spec: Spec,
    pub status: PodStatus,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    node_name: String,
    #[serde(deserialize_with = "or_empty")]
    containers: Vec<ContainerSpec>,
    init_containers: Vec<ContainerSpec>,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(rename_all = "camelCase", default)]
struct ContainerSpec {
    name: String,
    image: String,
    restart_policy: Option<String>,
    resources: Resources,
}

/// What a container asks for and may have: quantities as they are written.
#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
struct Resources {
    requests: Quantities,
    limits: Quantities,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
pub(super) struct Quantities {
    cpu: Value,
    memory: Value,
}

impl Quantities {
    pub fn amounts(&self) -> Amounts {
        Amounts::of_base(quantity(&self.cpu), quantity(&self.memory))
    }
}

impl ContainerSpec {
    /// An init container that runs on beside the others.
    fn is_sidecar(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }

    fn row(&self, all: &[ContainerStatus]) -> ContainerRow {
        let status = all.iter().find(|s| s.name == self.name).cloned().unwrap_or_default();
        let ended = status.state.terminated.as_ref().or(status.last_state.terminated.as_ref());
        ContainerRow {
            name: Container::new(&self.name),
            image: Image::new(&self.image),
            ready: status.ready,
            restarts: status.restart_count,
            state: status.state.word(),
            last_exit: ended.and_then(Terminated::exit),
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PodStatus {
    phase: String,
    reason: String,
    conditions: Vec<Condition>,
    pub container_statuses: Vec<ContainerStatus>,
    pub init_container_statuses: Vec<ContainerStatus>,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
struct Condition {
    r#type: String,
    status: String,
    reason: String,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ContainerStatus {
    pub name: String,
    ready: bool,
    started: Option<bool>,
    pub restart_count: u32,
    state: RunState,
    last_state: RunState,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
struct RunState {
    waiting: Option<Waiting>,
    running: Option<Running>,
    terminated: Option<Terminated>,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
struct Waiting {
    reason: String,
}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
struct Running {}

#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(rename_all = "camelCase", default)]
struct Terminated {
    reason: String,
    exit_code: i32,
    signal: i32,
    finished_at: Option<Moment>,
}

impl Terminated {
    /// The reason as kubectl words it.
    fn word(&self) -> String {
        match (self.reason.as_str(), self.signal) {
            ("", 0) => format!("ExitCode:{}", self.exit_code),
            ("", signal) => format!("Signal:{signal}"),
            (reason, _) => clean(reason),
        }
    }

    fn exit(&self) -> Option<Exit> {
        self.finished_at.map(|at| Exit { code: self.exit_code, reason: self.word(), at })
    }
}

impl Versioned for RawPod {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

impl RawPod {
    /// Lifetime restarts of all containers, as kubectl counts them: those of init containers until they are through.
    pub fn total_restarts(&self) -> u32 {
        let of = |all: &[ContainerStatus]| all.iter().map(|c| c.restart_count).sum::<u32>();
        let initialised = self.status.conditions.iter().any(|c| c.r#type == "Initialized" && c.status == "True");
        let init = if initialised { 0 } else { of(&self.status.init_container_statuses) };
        of(&self.status.container_statuses).saturating_add(init)
    }

    /// When a container last ended.
    pub fn last_end(&self) -> Option<Moment> {
        let all = self.status.container_statuses.iter().chain(&self.status.init_container_statuses);
        all.flat_map(|c| [&c.state.terminated, &c.last_state.terminated]).flatten().filter_map(|t| t.finished_at).max()
    }

    /// The row. `restarts` is counted by who watches.
    pub fn row(&self, restarts: Restarts) -> Pod {
        let marks = &self.metadata.labels;
        let template =
            [&marks.replica_set, &marks.rollout, &marks.controller_revision].into_iter().find(|m| !m.is_empty());
        Pod {
            name: PodName::new(&self.metadata.name),
            service: self.service(),
            state: self.state(),
            containers: self.containers(),
            restarts,
            created: self.metadata.creation_timestamp.unwrap_or_default(),
            node: clean(&self.spec.node_name),
            template: template.map(|t| clean(t)).unwrap_or_default(),
            sizes: self.sizes(),
        }
    }

    /// The workload's name: of a ReplicaSet without the template hash that its Deployment gave it.
    fn service(&self) -> Option<Service> {
        let owner = self.metadata.owner_references.iter().find(|o| o.controller)?;
        let marks = &self.metadata.labels;
        let hash = if marks.replica_set.is_empty() { &marks.rollout } else { &marks.replica_set };
        let name = match owner.kind.as_str() {
            "ReplicaSet" if !hash.is_empty() => {
                owner.name.strip_suffix(hash.as_str()).and_then(|n| n.strip_suffix('-')).unwrap_or(&owner.name)
            }
            // The kubelet owns the pods of static manifests.
            "Node" => return None,
            _ => &owner.name,
        };
        Some(Service::new(name))
    }

    /// What all containers that run beside each other ask for and may have.
    fn sizes(&self) -> Sizes {
        let all = self.spec.containers.iter().chain(self.spec.init_containers.iter().filter(|c| c.is_sidecar()));
        let of = |c: &ContainerSpec| Sizes {
            requests: c.resources.requests.amounts(),
            limits: c.resources.limits.amounts(),
        };
        Sizes::together(all.map(of))
    }

    fn containers(&self) -> Vec<ContainerRow> {
        let sidecars = self.spec.init_containers.iter().filter(|c| c.is_sidecar());
        let sidecars = sidecars.map(|c| c.row(&self.status.init_container_statuses));
        self.spec.containers.iter().map(|c| c.row(&self.status.container_statuses)).chain(sidecars).collect()
    }

    /// The containers that run, and end, before the pod's own. No row shows them: a closer look does.
    pub fn init(&self) -> Vec<ContainerRow> {
        let before = self.spec.init_containers.iter().filter(|c| !c.is_sidecar());
        before.map(|c| c.row(&self.status.init_container_statuses)).collect()
    }

    /// kubectl's STATUS column (k8s.io/kubernetes `pkg/printers/internalversion/printers.go`, `printPod`), sorted into
    /// what it means.
    fn state(&self) -> PodState {
        if self.metadata.deletion_timestamp.is_some() {
            return if self.status.reason == "NodeLost" {
                PodState::Failing("Unknown".into())
            } else {
                PodState::Terminating
            };
        }
        if let Some(word) = self.initialising() {
            return sorted(word);
        }
        let mut word =
            if self.status.reason.is_empty() { clean(&self.status.phase) } else { clean(&self.status.reason) };
        let mut running = false;
        for status in self.status.container_statuses.iter().rev() {
            if let Some(waiting) = status.state.waiting.as_ref().filter(|w| !w.reason.is_empty()) {
                word = clean(&waiting.reason);
            } else if let Some(terminated) = &status.state.terminated {
                word = terminated.word();
            } else if status.ready && status.state.running.is_some() {
                running = true;
            }
        }
        if word == "Completed" && running {
            return PodState::Running;
        }
        if word == "Pending" {
            let scheduled = self.status.conditions.iter().find(|c| c.r#type == "PodScheduled" && c.status != "True");
            if let Some(why) = scheduled.filter(|c| !c.reason.is_empty()) {
                word = clean(&why.reason);
            }
        }
        sorted(word)
    }

    /// `Init:0/2`, `Init:CrashLoopBackOff`: the word while init containers are not through.
    fn initialising(&self) -> Option<String> {
        let all = self.spec.init_containers.len();
        for (done, status) in self.status.init_container_statuses.iter().enumerate() {
            let sidecar = self.spec.init_containers.iter().any(|c| c.name == status.name && c.is_sidecar());
            match &status.state {
                RunState { terminated: Some(ended), .. } if ended.exit_code == 0 => {}
                _ if sidecar && status.started == Some(true) => {}
                RunState { terminated: Some(ended), .. } => return Some(format!("Init:{}", ended.word())),
                RunState { waiting: Some(waiting), .. }
                    if !waiting.reason.is_empty() && waiting.reason != "PodInitializing" =>
                {
                    return Some(format!("Init:{}", clean(&waiting.reason)));
                }
                RunState { .. } => return Some(format!("Init:{done}/{all}")),
            }
        }
        None
    }
}

impl RunState {
    fn word(&self) -> String {
        match self {
            Self { running: Some(_), .. } => "Running".into(),
            Self { terminated: Some(ended), .. } => ended.word(),
            Self { waiting: Some(waiting), .. } => clean(&waiting.reason),
            Self { .. } => String::new(),
        }
    }
}

/// Words of a start that is under way, without a fault.
const STARTING: [&str; 7] =
    ["Pending", "ContainerCreating", "PodInitializing", "Unschedulable", "SchedulingGated", "SchedulerError", ""];

fn sorted(word: String) -> PodState {
    let counting = word.strip_prefix("Init:").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match word.as_str() {
        "Running" => PodState::Running,
        "Completed" | "Succeeded" => PodState::Completed,
        word if counting || STARTING.contains(&word) => PodState::Starting(word.to_owned()),
        _ => PodState::Failing(word),
    }
}
