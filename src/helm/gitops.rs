//! The marks of tools that keep the cluster at what a repository says: they put back what somebody else changes.
//!
//! Never: asking such a tool; its marks on the object are enough to warn.

use serde_json::Value;

use super::manifest;
use crate::domain::text::clean;

/// A tool that manages an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// `Argo CD`
    pub tool: &'static str,
    /// The command that suspends it, without the name.
    pub cure: &'static str,
    /// What it calls the object's app, release or kustomization.
    pub app: String,
}

/// The tools whose marks an object carries.
pub fn owners(object: &Value) -> Vec<Owner> {
    const MARKS: [(&str, &str, &str); 4] = [
        ("helm.toolkit.fluxcd.io/name", "Flux", "flux suspend helmrelease"),
        ("kustomize.toolkit.fluxcd.io/name", "Flux", "flux suspend kustomization"),
        ("argocd.argoproj.io/tracking-id", "Argo CD", "argocd app set --sync-policy none"),
        ("argocd.argoproj.io/instance", "Argo CD", "argocd app set --sync-policy none"),
    ];
    let mut found = Vec::new();
    for (mark, tool, cure) in MARKS {
        let label = object.pointer("/metadata/labels").and_then(|l| l.get(mark)).and_then(Value::as_str);
        if let Some(value) = label.or_else(|| manifest::annotation(object, mark)) {
            let app = clean(value.split(':').next().unwrap_or(value));
            found.push(Owner { tool, cure, app });
        }
    }
    found
}
