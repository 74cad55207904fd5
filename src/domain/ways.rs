//! How traffic gets to the pods: the endpoints behind each Service, the addresses of the ingresses, the nodes below, and
//! how many pods may be taken away.
//!
//! Never: a Kubernetes object; only what a line or a rule needs.

use super::name::Service;

/// What is judged of the ways, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Services lead to pods.
    Endpoints,
    /// Ingresses have addresses.
    Ingresses,
    /// PodDisruptionBudgets are kept.
    Budgets,
    /// Nodes are up and short of nothing.
    Nodes,
}

impl Way {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Endpoints, Self::Ingresses, Self::Budgets, Self::Nodes];

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Endpoints => "endpoints",
            Self::Ingresses => "ingresses",
            Self::Budgets => "budgets",
            Self::Nodes => "nodes",
        }
    }
}

/// What stands behind a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The Service.
    pub service: Service,
    /// Endpoints that take traffic.
    pub ready: u32,
    /// All of them.
    pub all: u32,
}

/// An Ingress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// Its name.
    pub name: String,
    /// The hosts that it serves.
    pub hosts: Vec<String>,
    /// Where it can be reached; empty where no controller has given it an address.
    pub addresses: Vec<String>,
}

/// A PodDisruptionBudget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// Pods of it that are healthy.
    pub healthy: u32,
    /// How many must be.
    pub needed: u32,
    /// How many may be taken away now.
    pub spare: u32,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether it can run pods.
    pub state: NodeState,
    /// What it runs out of: `MemoryPressure`, `DiskPressure`, `PIDPressure`.
    pub pressures: Vec<String>,
    /// Nothing new is scheduled on it.
    pub cordoned: bool,
}

/// Whether a node can run pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeState {
    /// It can.
    Ready,
    /// It says that it cannot, and why.
    NotReady(String),
    /// Nobody has heard of it lately.
    Silent,
}

impl Node {
    /// What is wrong with it, in a few words behind its name; `None` where nothing is.
    pub fn trouble(&self) -> Option<String> {
        let state = match &self.state {
            NodeState::Ready => None,
            NodeState::NotReady(why) if why.is_empty() => Some("is not ready".to_owned()),
            NodeState::NotReady(why) => Some(format!("is not ready ({why})")),
            NodeState::Silent => Some("has not been heard of".into()),
        };
        let pressures = (!self.pressures.is_empty()).then(|| format!("has {}", self.pressures.join(", ")));
        let all: Vec<String> = state.into_iter().chain(pressures).collect();
        (!all.is_empty()).then(|| all.join(" and "))
    }
}
