//! What the history tells beyond the two revisions at work: objects that were left behind, hooks' objects that are in the
//! way, how many good revisions remain, CRDs that no rollback touches.
//!
//! Never: deleting what was left behind; that is for the person who knows it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{Gvk, ObjectRef};
use super::draft::{Draft, called};
use super::hook::DeletePolicy;
use super::manifest;
use super::plan::{Finding, Level, Method};
use super::record::Record;
use super::risks::finding;
use crate::domain::name::{Namespace, Revision};
use crate::domain::release::Status;

/// How many records a helm upgrade keeps by default (`--history-max`).
const KEPT: usize = 10;

/// An object of an older revision that is in neither of the two at work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Former {
    /// Its kind.
    pub gvk: Gvk,
    /// Its namespace, where its manifest names one.
    pub namespace: Option<Namespace>,
    /// Its name.
    pub name: String,
}

/// Those objects, each with the newest revision that had it.
pub fn formers(draft: &Draft) -> BTreeMap<Former, Revision> {
    let mut all = BTreeMap::new();
    let at_work = [draft.last.revision, draft.target.revision];
    let known = |former: &Former| {
        draft.ops.iter().any(|o| {
            let gvk = &o.at.resource.gvk;
            (&gvk.group, &gvk.kind, &o.at.name) == (&former.gvk.group, &former.gvk.kind, &former.name)
        })
    };
    for stored in draft.history.iter().filter(|s| !at_work.contains(&s.revision)) {
        let Ok(record) = Record::decode(&stored.object) else { continue };
        for object in manifest::parse(&record.manifest).unwrap_or_default() {
            let namespace = manifest::namespace(&object);
            let former = Former { gvk: manifest::gvk(&object), namespace, name: manifest::name(&object).to_owned() };
            if !former.name.is_empty() && !known(&former) {
                all.insert(former, stored.revision);
            }
        }
    }
    all
}

/// Whether a live object is this release's, and not to be kept for good.
pub fn is_orphan(draft: &Draft, live: &Value) -> bool {
    let of = |name: &str| manifest::annotation(live, name);
    of(manifest::RELEASE_NAME) == Some(draft.last.name.as_str())
        && of(manifest::RELEASE_NAMESPACE) == Some(draft.last.namespace.as_str())
        && of(manifest::RESOURCE_POLICY) != Some("keep")
}

/// Objects that are still there although neither revision has them.
pub fn orphans(found: &[(ObjectRef, Revision)]) -> Option<Finding> {
    let named: Vec<String> =
        found.iter().map(|(at, revision)| format!("{} (revision {revision})", called(at))).collect();
    (!named.is_empty()).then(|| {
        let list = named.join(", ");
        let sentence = format!("Left behind by an older revision, and still live: {list}");
        finding(Level::Warn, sentence, "helm never deletes it: kubectl delete, once you know that nobody needs it.")
    })
}

/// Objects that the hooks will create and that may not be there by then: helm 3 creates a hook's object, so one that is
/// still there fails it, where no policy deletes it first (3.22.0). Server-side apply takes it as it is (4.3.1).
pub fn in_the_way(draft: &Draft) -> Vec<ObjectRef> {
    let replaced =
        |place: usize| draft.target.hooks.get(place).is_none_or(|hook| hook.deletes(DeletePolicy::BeforeHookCreation));
    let created = draft.hooks.iter().filter(|(place, _)| draft.method == Method::Csa && !replaced(*place));
    let mut all: Vec<ObjectRef> = created.flat_map(|(_, items)| items.iter().map(|i| i.at.clone())).collect();
    // What the rollback itself creates or deletes may be another by then.
    all.retain(|at| draft.ops.iter().all(|op| op.at != *at));
    all.sort();
    all.dedup();
    all
}

/// A hook's object that is there: most often a rollback that was cut off has left it.
pub fn stands_in_the_way(at: &ObjectRef) -> Finding {
    let (kind, object) = (&at.resource.gvk.kind, called(at));
    let sentence =
        format!("{object} of a hook is still there: its delete policy does not replace it, so the hook would fail");
    let place = at.namespace.as_ref().map(|ns| format!(" -n {ns}")).unwrap_or_default();
    finding(Level::Block, sentence, format!("If nothing of it runs any more: kubectl delete {kind} {}{place}", at.name))
}

/// How many good revisions remain.
pub fn budget(draft: &Draft) -> Vec<Finding> {
    let mut all = Vec::new();
    let good = |s: &&super::draft::Stored| matches!(s.status, Status::Deployed | Status::Superseded);
    let at_work = [draft.last.revision, draft.target.revision];
    let others = draft.history.iter().filter(good).filter(|s| !at_work.contains(&s.revision)).count();
    if others == 0 && draft.target.revision != draft.last.revision {
        let sentence = format!("The history has no other revision to go back to than {}", draft.target.revision);
        all.push(finding(Level::Info, sentence, ""));
    }
    let written = draft.history.len() + 1;
    if written >= KEPT {
        let goes = draft.history.iter().take(written + 1 - KEPT).map(|s| s.revision.to_string()).collect::<Vec<_>>();
        let sentence = format!(
            "{written} revisions are stored then: the next helm upgrade deletes {} unless it is told otherwise",
            goes.join(", ")
        );
        all.push(finding(Level::Warn, sentence, "Upgrade with --history-max 0 until the incident is over."));
    }
    all
}

/// CRDs that come with the two charts and differ: helm installs them once and never again (helm, chart best practices).
pub fn crds(draft: &Draft) -> Option<Finding> {
    let (now, then) = (draft.last.files("crds/"), draft.target.files("crds/"));
    let differ = |name: &&String| now.get(*name) != then.get(*name);
    let mut names: Vec<&String> = now.keys().chain(then.keys()).filter(differ).collect();
    names.sort();
    names.dedup();
    (!names.is_empty()).then(|| {
        let list = names.iter().map(|n| crate::domain::text::clean(n)).collect::<Vec<_>>().join(", ");
        let sentence = format!("CRDs of the two charts differ, and no rollback changes a CRD of crds/: {list}");
        finding(Level::Warn, sentence, "If the older objects need the older CRD, apply it by hand.")
    })
}
