//! What to know of each object before saying yes: what the server refuses, what is lost, who else lays claim to it.
//!
//! Never: the release as a whole; that is [`super::findings`].

use serde_json::Value;

use super::api::Refused;
use super::draft::{Draft, Op, called};
use super::images;
use super::known::Known;
use super::manifest;
use super::plan::{Change, Finding, Level, Operation};
use crate::domain::fault::Fault;
use crate::domain::text::clean;

pub(super) fn finding(level: Level, sentence: impl Into<String>, cure: impl Into<String>) -> Finding {
    Finding { level, sentence: sentence.into(), cure: cure.into() }
}

/// The findings on every object. `operations` are the draft's in the same order, with their fields.
pub fn of(draft: &Draft, known: &Known, operations: &[Operation]) -> Vec<Finding> {
    let mut all = Vec::new();
    for (at, (op, operation)) in draft.ops.iter().zip(operations).enumerate() {
        if let Some(Err(refused)) = known.dry.get(&at) {
            all.push(dry(op, refused));
        }
        all.extend(owner(op, draft));
        match operation.change {
            Change::Create => all.extend(created(op)),
            Change::Update => all.extend(changed(op, operation, known)),
            Change::Adopt => {
                all.push(finding(
                    Level::Confirm,
                    format!("{} exists, but not in revision {}: it is taken over", op.called(), draft.last.revision),
                    "Nothing of it is deleted. helm before 3.22 and 4.2 would stop here.",
                ));
                all.extend(changed(op, operation, known));
            }
            Change::Delete => all.extend(deleted(op, known.customs.get(&at))),
            Change::Keep | Change::Same => {}
        }
    }
    let deletes: Vec<_> = draft.ops.iter().filter(|o| o.change == Change::Delete).map(Op::called).collect();
    if !deletes.is_empty() {
        let what = deletes.join(", ");
        all.push(finding(Level::Warn, format!("Deleted, as the target does not have it: {what}"), ""));
    }
    all
}

/// The server refused the dry run of the very request.
fn dry(op: &Op, refused: &Refused) -> Finding {
    let message = clean(&refused.message());
    let what = op.called();
    match refused {
        Refused::Conflict { fields, .. } if !fields.is_empty() => {
            let list: Vec<_> = fields.iter().map(|f| format!("{} ({})", f.field, f.manager)).collect();
            finding(
                Level::Block,
                format!("{what}: others manage fields that the target sets: {}", list.join(", ")),
                "Let them give the fields back, or take them over: f in the plan, or --force KIND/NAME.",
            )
        }
        Refused::Fault { .. } if message.contains("does not support dry run") => finding(
            Level::Warn,
            format!("{what}: a webhook does not support dry runs, so it could not be tried"),
            "The real request may still be refused.",
        ),
        Refused::NotFound(_) if op.change == Change::Create => finding(
            Level::Warn,
            format!("{what} could not be tried: {message}"),
            "What it needs may come with this very rollback.",
        ),
        Refused::Invalid(_) => {
            finding(Level::Block, format!("{what}: the server refuses it: {message}"), immutable(op))
        }
        Refused::NotFound(_)
        | Refused::AlreadyExists(_)
        | Refused::Conflict { .. }
        | Refused::Busy { .. }
        | Refused::Fault { .. } => finding(Level::Block, format!("{what}: the server refuses it: {message}"), ""),
    }
}

/// What helps where a field cannot be changed (no flag of helm's does).
fn immutable(op: &Op) -> &'static str {
    match op.at.resource.gvk.kind.as_str() {
        "Job" => "A Job's template cannot change: delete the Job, then it is created anew and runs again.",
        "StatefulSet" => {
            "Only replicas, template and update strategy may change: delete it with --cascade=orphan, then try again."
        }
        "PersistentVolumeClaim" => "A claim can only grow: keep its present size and volume.",
        "Service" => "clusterIP cannot change: delete the Service, then it is created anew with another address.",
        "Deployment" | "DaemonSet" | "ReplicaSet" => "A selector cannot change: delete it, then it is created anew.",
        "RoleBinding" | "ClusterRoleBinding" => "roleRef cannot change: delete it, then it is created anew.",
        _ => "If it is an immutable field: delete the object, then it is created anew.",
    }
}

/// Somebody else's object.
fn owner(op: &Op, draft: &Draft) -> Vec<Finding> {
    let Some(live) = &op.live else { return Vec::new() };
    let mut all = Vec::new();
    let name = manifest::annotation(live, manifest::RELEASE_NAME);
    let space = manifest::annotation(live, manifest::RELEASE_NAMESPACE);
    let foreign = name.is_some_and(|n| n != draft.last.name.as_str())
        || space.is_some_and(|s| s != draft.last.namespace.as_str());
    if foreign {
        let whose = format!("{}/{}", clean(space.unwrap_or("?")), clean(name.unwrap_or("?")));
        all.push(finding(
            Level::Block,
            format!("{} belongs to another release: {whose}", op.called()),
            "helm would take it without asking. Find out which release shall own it.",
        ));
    }
    all
}

fn created(op: &Op) -> Vec<Finding> {
    let mut all = Vec::new();
    if op.at.resource.gvk.kind == "Job" {
        all.push(finding(
            Level::Confirm,
            format!("{} is gone, so it is created and runs again", op.called()),
            "Make sure that running it twice does no harm.",
        ));
    }
    all.extend(mutable_images(op));
    all
}

fn changed(op: &Op, operation: &Operation, known: &Known) -> Vec<Finding> {
    let mut all = mutable_images(op);
    let live = |path: &str| op.live.as_ref().and_then(|l| l.pointer(path));
    let paused = live("/spec/paused") == Some(&Value::Bool(true));
    if op.at.resource.gvk.kind == "Deployment" && paused {
        all.push(finding(
            Level::Confirm,
            format!("{} is paused: it changes, but no pod will", op.called()),
            format!("kubectl rollout resume deployment/{}", op.at.name),
        ));
    }
    let recreate = op.modified.as_ref().and_then(|m| m.pointer("/spec/strategy/type")).and_then(Value::as_str);
    if recreate == Some("Recreate") {
        let sentence = format!("{} is replaced all at once (Recreate): it is down until its new pods run", op.called());
        all.push(finding(Level::Warn, sentence, ""));
    }
    let replicas = operation.fields.iter().find(|f| f.path == ".spec.replicas");
    if let (Some(change), Some(scaler)) = (replicas, scaler(op, known)) {
        let (live, target) = (change.live.as_deref().unwrap_or("1"), change.target.as_deref().unwrap_or("1"));
        all.push(finding(
            Level::Confirm,
            format!("{} goes from {live} to {target} pods, though autoscaler {scaler} sets them", op.called()),
            "The autoscaler brings them back, but not at once. To keep them: p in the plan, or --keep-replicas.",
        ));
    }
    let (ready, wanted) = (live("/status/readyReplicas"), live("/spec/replicas"));
    let ordered = live("/spec/podManagementPolicy").and_then(Value::as_str) != Some("Parallel");
    if op.at.resource.gvk.kind == "StatefulSet" && ordered && wanted.is_some() && ready != wanted {
        all.push(finding(
            Level::Warn,
            format!("{} has a pod that is not ready; it waits for that one before it replaces any", op.called()),
            "If it stays stuck, delete that pod: it comes back with the target's template.",
        ));
    }
    all
}

/// The autoscaler of a workload.
fn scaler(op: &Op, known: &Known) -> Option<String> {
    let scales = |h: &&Value| {
        let of = |field: &str| h.pointer(&format!("/spec/scaleTargetRef/{field}")).and_then(Value::as_str);
        of("kind") == Some(op.at.resource.gvk.kind.as_str())
            && of("name") == Some(op.at.name.as_str())
            && manifest::namespace(h) == op.at.namespace
    };
    known.autoscalers.iter().find(scales).map(|h| clean(manifest::name(h)))
}

fn deleted(op: &Op, customs: Option<&Option<usize>>) -> Option<Finding> {
    let loses = match op.at.resource.gvk.kind.as_str() {
        "CustomResourceDefinition" => match customs {
            Some(Some(0)) => "no object of its kind exists".into(),
            Some(Some(n)) => format!("all {n} objects of its kind go with it"),
            Some(None) | None => "all objects of its kind go with it".into(),
        },
        "PersistentVolumeClaim" | "PersistentVolume" => "its data goes with it, unless the volume is retained".into(),
        "Namespace" => "everything in it goes with it".into(),
        "StatefulSet" => "its pods go; its volume claims stay".into(),
        "Secret" => "what it holds is gone".into(),
        _ => return None,
    };
    let cure = "Annotate it with helm.sh/resource-policy: keep, if it shall stay.";
    Some(finding(Level::Confirm, format!("{} is deleted: {loses}", called(&op.at)), cure))
}

/// An image whose tag can be moved is perhaps not what it was when the target ran.
fn mutable_images(op: &Op) -> Vec<Finding> {
    let Some(modified) = &op.modified else { return Vec::new() };
    let moving = |image: &crate::domain::name::Image| matches!(image.tag(), "" | "latest");
    let named: Vec<_> = images::of(modified).iter().filter(|i| moving(i)).map(|i| i.short().to_owned()).collect();
    if named.is_empty() {
        return Vec::new();
    }
    let sentence =
        format!("{} runs {}: the tag may mean another image than it did then", op.called(), named.join(", "));
    vec![finding(Level::Warn, sentence, "")]
}

/// A right that was refused in a dry run reads as such.
pub fn forbidden(refused: &Refused) -> bool {
    matches!(refused, Refused::Fault { fault: Fault::Forbidden { .. }, .. })
}
