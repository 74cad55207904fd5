//! One Kubernetes request as data, and its answer: what the engine asks for and a world answers.
//!
//! Never: sending it. Every call names its object whole: group, version, resource, namespace, name (invariant 4).

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::domain::fault::Fault;
use crate::domain::name::Namespace;

/// A kind as a manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gvk {
    /// API group; empty for the core group.
    pub group: String,
    /// `v1`
    pub version: String,
    /// `Deployment`
    pub kind: String,
}

impl Gvk {
    /// From `apiVersion` and `kind`.
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// `apps/v1`, `v1`
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// As helm's messages have it (apimachinery `GroupVersionKind.String`): `apps/v1, Kind=Deployment`, `/v1, Kind=Secret`.
impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}, Kind={}", self.group, self.version, self.kind)
    }
}

/// How the server serves a kind (discovery).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// The kind it serves.
    pub gvk: Gvk,
    /// `deployments`
    pub plural: String,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

/// One object's address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// What it is.
    pub resource: Resource,
    /// Where; `None` for a cluster-scoped object.
    pub namespace: Option<Namespace>,
    /// Its name.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.resource.gvk.kind, self.name)
    }
}

/// How a patch is to be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchKind {
    /// `application/strategic-merge-patch+json`
    Strategic,
    /// `application/merge-patch+json` (RFC 7386)
    Merge,
    /// `application/json-patch+json` (RFC 6902)
    Json,
    /// `application/apply-patch+yaml` (server-side apply); `force` takes over fields that others own.
    Apply {
        /// Take over conflicting fields.
        force: bool,
    },
}

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// GET one object.
    Get,
    /// POST it.
    Create(Value),
    /// PATCH it.
    Patch(PatchKind, Value),
    /// PATCH it in the name of another field manager than Helm's.
    PatchAs(&'static str, PatchKind, Value),
    /// PUT it whole; the body's resourceVersion guards it.
    Replace(Value),
    /// DELETE it, dependents in the background.
    Delete,
}

/// Whether the server only pretends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `dryRun=All`: nothing is stored.
    DryRun,
    /// For real. Only execution, under a permit, uses this for anything but `Get`.
    Commit,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Which resource serves this kind? Answer: [`Answer::Resource`].
    Discover(Gvk),
    /// One object. Answer: [`Answer::Object`] (or [`Answer::Gone`] after a delete).
    Object {
        /// Which.
        target: ObjectRef,
        /// What to do with it.
        verb: Verb,
        /// Pretend or commit.
        mode: Mode,
    },
    /// The objects of a resource in a namespace (`None`: all namespaces), by label selector. Answer: [`Answer::List`].
    List {
        /// What.
        resource: Resource,
        /// Where.
        namespace: Option<Namespace>,
        /// `owner=helm,name=shop`; empty for all.
        labels: String,
    },
    /// As [`Call::List`], but not many more than `most` of them: whoever asks does not rely on seeing all.
    /// Answer: [`Answer::List`].
    Some {
        /// What.
        resource: Resource,
        /// Where.
        namespace: Option<Namespace>,
        /// As of a list.
        labels: String,
        /// How many.
        most: usize,
    },
    /// May I? SelfSubjectAccessReview. Answer: [`Answer::Allowed`].
    May {
        /// `patch`
        verb: String,
        /// On what.
        resource: Resource,
        /// Where.
        namespace: Option<Namespace>,
    },
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// How a kind is served; `None`: the server does not know it.
    Resource(Option<Resource>),
    /// The object as the server has it (or, in a dry run, would have it).
    Object(Value),
    /// The objects.
    List(Vec<Value>),
    /// Deleted, or being deleted.
    Gone,
    /// Allowed or not.
    Allowed(bool),
    /// It did not work.
    Refused(Refused),
}

/// Why a call did not work.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// 404
    NotFound(String),
    /// 409 AlreadyExists
    AlreadyExists(String),
    /// 409 Conflict: somebody else's write, or (server-side apply) somebody else's field.
    Conflict {
        /// The server's message.
        message: String,
        /// The fields and their managers, where the server named them.
        fields: Vec<FieldConflict>,
    },
    /// 422: immutable field, validation.
    Invalid(String),
    /// 429: the server is overloaded and has turned the request away without a look at it. It may be asked again.
    Busy {
        /// What it said, for a person.
        said: String,
        /// How long it asks to be left alone (`retryAfterSeconds` of its answer), where it says so.
        rest: Option<Duration>,
    },
    /// Any other fault: 401, 403, 5xx, no answer.
    Fault {
        /// The kind of fault, for a person.
        fault: Fault,
        /// The server's message, verbatim (as Helm would print it); empty when nobody answered.
        message: String,
    },
}

/// One field that somebody else manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    /// `kubectl-client-side-apply`, `kubectl with subresource "scale"`
    pub manager: String,
    /// `.spec.replicas`
    pub field: String,
}

impl Refused {
    /// The server's message as Helm would print it.
    pub fn message(&self) -> String {
        match self {
            Self::NotFound(m)
            | Self::AlreadyExists(m)
            | Self::Invalid(m)
            | Self::Busy { said: m, .. }
            | Self::Conflict { message: m, .. } => m.clone(),
            Self::Fault { fault, message } => {
                if message.is_empty() {
                    fault.sentence()
                } else {
                    message.clone()
                }
            }
        }
    }
}
