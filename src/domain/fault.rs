//! Why a source gives nothing: the faults of the world in four kinds, each with its own sentence.
//!
//! Never: "empty". An empty answer is an answer; it is a feed's value, not its fault.

use serde::{Deserialize, Serialize};

/// What went wrong with one call or one source. `what` names the object and the cluster part in plain words, stripped
/// of control sequences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Nobody answered: refused, no route, no name, timed out, TLS broke.
    Unreachable {
        /// The deepest cause: `connection refused (10.0.0.1:6443)`.
        what: String,
    },
    /// The server answered, but does not know us: 401, expired credentials, a plugin that failed.
    Unauthorized {
        /// What the server or the credential plugin said.
        what: String,
    },
    /// Known, but not allowed: 403.
    Forbidden {
        /// `list`
        verb: String,
        /// `secrets in namespace prod`
        resource: String,
    },
    /// It answered something we cannot use: HTML, half a reply, a status of 4xx/5xx, NaN everywhere.
    Bad {
        /// What was asked and what came back, in words.
        what: String,
    },
    /// There is no such source: no Prometheus was found, no release exists under that name.
    Absent {
        /// What was looked for, and where it can be configured.
        what: String,
    },
}

impl Fault {
    /// One word for a pane's title.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Unauthorized { .. } => "not logged in",
            Self::Forbidden { .. } => "forbidden",
            Self::Bad { .. } => "bad answer",
            Self::Absent { .. } => "not found",
        }
    }

    /// What a person can do where it is the cluster that gives nothing, as a sentence with a space before it; empty where
    /// the fault's own sentence says it.
    pub const fn cure(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => {
                " Check the network (VPN, proxy), and that this is the context you mean (--context names another)."
            }
            Self::Forbidden { .. } => " Ask whoever grants rights there, or name a context that has them (--context).",
            Self::Bad { .. } => " Ask again; if it stays so, see what answers there: kubectl get --raw /version.",
            Self::Unauthorized { .. } | Self::Absent { .. } => "",
        }
    }

    /// The whole sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Unreachable { what } => format!("Unreachable: {what}"),
            Self::Unauthorized { what } => format!("Not logged in: {what}"),
            Self::Forbidden { verb, resource } => format!("Forbidden: you may not {verb} {resource}"),
            Self::Bad { what } | Self::Absent { what } => what.clone(),
        }
    }
}
