//! The rights that a rollback needs: exactly the verbs of the requests that it will send, each asked for by itself
//! (SelfSubjectAccessReview), so that none is refused in the middle.
//!
//! Never: a right that was proved by reading already.

use std::collections::BTreeSet;

use super::api::{Gvk, PatchKind, Resource, Verb};
use super::ask::store;
use super::choices::Wait;
use super::draft::Draft;
use super::hook::DeletePolicy;
use super::known::{Purpose, Right};
use super::plan::Method;
use super::{lock, readiness};
use crate::domain::name::Namespace;

/// All of them.
pub fn rights(draft: &Draft, wait: Wait) -> BTreeSet<Right> {
    let mut all = BTreeSet::new();
    let mut need = |verb: &str, resource: &Resource, namespace: Option<&Namespace>, purpose: Purpose| {
        all.insert(Right { verb: verb.into(), resource: resource.clone(), namespace: namespace.cloned(), purpose });
    };
    let home = Some(&draft.last.namespace);
    let records = store(draft.last.driver);
    need("create", &records, home, Purpose::Act);
    need("update", &records, home, Purpose::Act);
    for verb in ["get", "create", "update"] {
        need(verb, &lock::leases(), home, Purpose::Lock);
    }
    for op in &draft.ops {
        let verbs: &[&str] = match &op.verb {
            Some(Verb::Create(_)) => &["create"],
            Some(Verb::Patch(PatchKind::Apply { .. }, _)) if op.live.is_none() => &["create", "patch"],
            Some(Verb::Patch(..) | Verb::PatchAs(..)) => &["patch"],
            Some(Verb::Delete) => &["delete"],
            Some(Verb::Get | Verb::Replace(_)) | None => &[],
        };
        for verb in verbs {
            need(verb, &op.at.resource, op.at.namespace.as_ref(), Purpose::Act);
        }
        if wait == Wait::ForReady && op.modified.is_some() && readiness::is_waited_for(&op.at.resource.gvk, op.change) {
            let watched = [op.at.resource.clone(), of("v1", "Pod", "pods"), of("apps/v1", "ReplicaSet", "replicasets")];
            for resource in &watched {
                need("list", resource, op.at.namespace.as_ref(), Purpose::See);
                need("watch", resource, op.at.namespace.as_ref(), Purpose::See);
            }
        }
    }
    for (place, items) in &draft.hooks {
        let policies = [DeletePolicy::BeforeHookCreation, DeletePolicy::HookSucceeded, DeletePolicy::HookFailed];
        let hook = draft.target.hooks.get(*place);
        let deletes = hook.is_some_and(|h| policies.into_iter().any(|p| h.deletes(p)));
        let creates: &[&str] = match draft.method {
            Method::Csa => &["create"],
            Method::Ssa => &["create", "patch"],
        };
        for item in items {
            let waited = ["Job", "Pod"].contains(&item.at.resource.gvk.kind.as_str());
            let watches: &[&str] = if waited || deletes { &["list", "watch"] } else { &[] };
            let deletes: &[&str] = if deletes { &["delete"] } else { &[] };
            for verb in creates.iter().chain(watches).chain(deletes) {
                need(verb, &item.at.resource, item.at.namespace.as_ref(), Purpose::Act);
            }
        }
    }
    all
}

fn of(api_version: &str, kind: &str, plural: &str) -> Resource {
    Resource { gvk: Gvk::new(api_version, kind), plural: plural.into(), namespaced: true }
}
