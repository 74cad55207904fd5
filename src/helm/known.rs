//! What a plan knows beyond the draft: the server's own answers to the requests as dry runs, rights, autoscalers.
//!
//! Never: judging it; that is [`super::findings`] and [`super::risks`].

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{Gvk, Refused, Resource};
use super::plan::Finding;
use crate::domain::name::Namespace;

/// A right that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// `patch`
    pub verb: String,
    /// On what.
    pub resource: Resource,
    /// Where.
    pub namespace: Option<Namespace>,
    /// What for.
    pub purpose: Purpose,
}

/// What a right is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Without it the rollback stops in the middle.
    Act,
    /// Without it nobody sees whether the pods come up.
    See,
    /// Without it no other rollback is told to wait.
    Lock,
}

/// The answers; a question that could not be answered is not in here, or says why.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// By operation: the object as it would be, or why not.
    pub dry: BTreeMap<usize, Result<Value, Refused>>,
    /// Rights and whether they are granted.
    pub rights: BTreeMap<Right, bool>,
    /// Autoscalers of the namespaces at work.
    pub autoscalers: Vec<Value>,
    /// By operation that deletes a CRD: how many custom resources go with it, `None` where they cannot be counted.
    pub customs: BTreeMap<usize, Option<usize>>,
    /// The lock of this release, where there is one.
    pub lock: Option<Value>,
    /// What was found around the release.
    pub around: Vec<Finding>,
    /// What could not be asked, in words.
    pub unknown: Vec<String>,
}

/// The kind that autoscales.
pub fn autoscaler() -> Resource {
    Resource {
        gvk: Gvk::new("autoscaling/v2", "HorizontalPodAutoscaler"),
        plural: "horizontalpodautoscalers".into(),
        namespaced: true,
    }
}

/// The custom resources of a CRD, as its newest stored version serves them.
pub fn customs_of(crd: &Value) -> Option<Resource> {
    let text = |path: &str| crd.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let versions = crd.pointer("/spec/versions").and_then(Value::as_array)?;
    let stored = versions.iter().find(|v| v.get("storage") == Some(&Value::Bool(true)))?;
    Some(Resource {
        gvk: Gvk {
            group: text("/spec/group")?,
            version: stored.get("name").and_then(Value::as_str)?.to_owned(),
            kind: text("/spec/names/kind")?,
        },
        plural: text("/spec/names/plural")?,
        namespaced: text("/spec/scope")? == "Namespaced",
    })
}
