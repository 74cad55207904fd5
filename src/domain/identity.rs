//! Which cluster this is, so that nobody rolls back the wrong one.
//!
//! Never: trusting a context's name. A name is shown; the identity is what was pinned (Kubernetes has no cluster id of
//! its own, the uid of the `kube-system` namespace is the customary one).

use serde::{Deserialize, Serialize};

use super::name::{Context, Namespace};

/// Live or rehearsed. A process has exactly one world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Realm {
    /// The cluster of a kubeconfig.
    Live,
    /// The simulated production; it cannot reach the world.
    Drill,
}

/// What the operator calls it. Production unless the config says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Drawn as `PROD`.
    Production,
    /// Any other, by the name that the config gives it.
    Other(String),
}

/// How surely the cluster is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pin {
    /// The uid of `kube-system`, the surest.
    Uid(String),
    /// Server and CA only; the uid may not be read.
    ServerAndCa,
}

/// The pinned identity of one cluster and the namespace at work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Live or drill.
    pub realm: Realm,
    /// PROD or another.
    pub environment: Environment,
    /// The kubeconfig context it was opened by, for reading only.
    pub context: Context,
    /// The API server's URL.
    pub server: String,
    /// The first 12 hex digits of the SHA-256 of the CA certificate; `None` where TLS is not used.
    pub ca: Option<String>,
    /// How surely it is known.
    pub pin: Pin,
    /// The namespace at work.
    pub namespace: Namespace,
}
