//! What an operator asks for: this ConfigMap or Secret of this release, back to what that revision gave it.
//!
//! Never: "the revision that is live" in what is run; it is made a number before anything is planned.

use crate::domain::change::{Kind, Object};
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::text::{clean, shell_quoted};
use crate::helm::api::{Gvk, ObjectRef, Refused, Resource};
use crate::helm::plan::{Instead, Refusal};

/// A return that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Of which release.
    pub release: ReleaseName,
    /// Where.
    pub namespace: Namespace,
    /// The kubeconfig context, for the command line that a person could type instead.
    pub context: String,
    /// Which object.
    pub object: Object,
    /// To which revision's content; `None`: to that of the one that is live.
    pub to: Option<Revision>,
}

/// The resource that serves a ConfigMap or Secret.
pub fn resource(kind: Kind) -> Resource {
    Resource { gvk: Gvk::new("v1", kind.word()), plural: kind.place().1.into(), namespaced: true }
}

/// The address of the object.
pub fn address(object: &Object, namespace: &Namespace) -> ObjectRef {
    ObjectRef { resource: resource(object.kind), namespace: Some(namespace.clone()), name: object.name.clone() }
}

impl Ask {
    /// `-n prod --context aks-prod-eu`
    pub fn whereabouts(&self) -> String {
        let namespace = format!("-n {}", shell_quoted(self.namespace.as_str()));
        if self.context.is_empty() {
            namespace
        } else {
            format!("{namespace} --context {}", shell_quoted(&self.context))
        }
    }

    /// `configmap/payment-service-config`
    pub fn typed(&self) -> String {
        format!("{}/{}", self.object.kind.word().to_lowercase(), shell_quoted(&self.object.name))
    }

    /// `backout revert ecommerce-app configmap/payment-service-config --to 2 -n prod`
    pub fn command(&self, to: Option<Revision>) -> String {
        let to = to.map_or_else(String::new, |to| format!(" --to {to}"));
        format!("backout revert {} {}{to} {}", shell_quoted(self.release.as_str()), self.typed(), self.whereabouts())
    }

    /// No plan can be made; the sentence says so, the cure what to do.
    pub fn refuse(&self, sentence: impl Into<String>, cure: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), cure: cure.into(), command: String::new(), instead: Instead::Nobody }
    }

    /// Something that must be known cannot be read.
    pub fn unread(&self, what: &str, refused: &Refused) -> Refusal {
        let sentence = format!("{what} cannot be read (namespace {}): {}", self.namespace, clean(&refused.message()));
        self.refuse(sentence, "Nothing was written. Try again, or ask for the right to read it.")
    }
}
