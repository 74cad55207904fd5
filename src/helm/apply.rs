//! What a server does with a patch: strategic merge, RFC 7386, RFC 6902, and server-side apply with field ownership.
//!
//! The simulated world stores objects with these. A test against a real API server guards them, or engine and world
//! would share a mistake.
//!
//! Never: admission, defaulting, resource versions, validation beyond what a patch itself can break.

use serde_json::Value;

use super::api::{FieldConflict, Gvk, PatchKind, Refused};
use super::fields::{self, Set};
use super::manifest::member;
use super::ownership::{self, Entry, HELM};
use super::schema::{self, Shape};
use super::strategic::{self, Into};
use crate::domain::fault::Fault;

/// The object that a patch of Helm's makes of `live` (`Null`: there is none; only server-side apply can create).
///
/// # Errors
/// `Conflict` where server-side apply meets fields of another manager, `Invalid` where the patch itself is broken.
pub fn patch(kind: PatchKind, gvk: &Gvk, live: &Value, patch: &Value) -> Result<Value, Refused> {
    patch_as(HELM, kind, gvk, live, patch)
}

/// The same, by any field manager.
///
/// # Errors
/// As [`patch`].
pub fn patch_as(manager: &str, kind: PatchKind, gvk: &Gvk, live: &Value, patch: &Value) -> Result<Value, Refused> {
    let new = match kind {
        PatchKind::Apply { force } => return apply(manager, gvk, live, patch, force),
        PatchKind::Strategic => strategic_merge(gvk, live, patch)?,
        PatchKind::Merge => {
            let mut new = live.clone();
            json_patch::merge(&mut new, patch);
            new
        }
        PatchKind::Json => {
            let mut new = live.clone();
            let operations: json_patch::Patch =
                serde_json::from_value(patch.clone()).map_err(|e| Refused::Invalid(format!("json patch: {e}")))?;
            json_patch::patch(&mut new, &operations).map_err(|e| Refused::Invalid(format!("json patch: {e}")))?;
            if new.pointer("/metadata/managedFields") != live.pointer("/metadata/managedFields") {
                return Ok(new);
            }
            new
        }
    };
    Ok(owned(manager, gvk, live, new))
}

/// The object that a POST of Helm's stores, with its first managed fields.
pub fn create(gvk: &Gvk, body: &Value) -> Value {
    replace_as(HELM, gvk, &Value::Null, body)
}

/// The object that a PUT (or, with `Null` as live, a POST) by a field manager stores.
pub fn replace_as(manager: &str, gvk: &Gvk, live: &Value, body: &Value) -> Value {
    let mut new = body.clone();
    strategic::drop_nulls(&mut new);
    owned(manager, gvk, live, new)
}

fn strategic_merge(gvk: &Gvk, live: &Value, patch: &Value) -> Result<Value, Refused> {
    if !schema::native(gvk) {
        let what = format!("{} takes no strategic merge patch: 415 Unsupported Media Type", gvk.kind);
        return Err(Refused::Fault { fault: Fault::Bad { what: what.clone() }, message: what });
    }
    let map = |v: &Value| v.as_object().cloned().unwrap_or_default();
    let merged = strategic::merge(map(live), map(patch), schema::root(gvk), Into::Object);
    merged.map(Value::Object).map_err(Refused::Invalid)
}

/// Notes who owns what after an update: the manager owns what it changed, others lose what was changed or is gone.
fn owned(manager: &str, gvk: &Gvk, live: &Value, mut new: Value) -> Value {
    let shape = schema::root(gvk);
    let after = fields::of(&new, shape);
    let changed: Set = after.iter().filter(|p| fields::get(live, p) != fields::get(&new, p)).cloned().collect();
    let settled: Set = changed.iter().filter(|p| !fields::is_element(p)).cloned().collect();
    let mut entries = ownership::entries(live);
    for entry in &mut entries {
        entry.set.retain(|p| after.contains(p) && !settled.contains(p));
    }
    let fresh: Set = changed.into_iter().filter(|p| !fields::is_element(p) || fields::get(live, p).is_none()).collect();
    if !fresh.is_empty() {
        if let Some(entry) = entries.iter_mut().find(|e| e.is(manager, "Update")) {
            entry.set.extend(fresh);
        } else {
            let mut entry = Entry::new(manager, "Update", &gvk.api_version());
            entry.set = fresh;
            entries.push(entry);
        }
    }
    *member(member(&mut new, "metadata"), "managedFields") = ownership::write(&entries);
    new
}

fn apply(manager: &str, gvk: &Gvk, live: &Value, applied: &Value, force: bool) -> Result<Value, Refused> {
    let shape = schema::root(gvk);
    let mut applied = applied.clone();
    strategic::drop_nulls(&mut applied);
    let set = fields::of(&applied, shape);
    let mut entries = ownership::entries(live);
    let differs = |p: &&fields::Path| !fields::is_element(p) && fields::get(live, p) != fields::get(&applied, p);
    let mut conflicts = Vec::new();
    for entry in entries.iter_mut().filter(|e| !e.is(manager, "Apply")) {
        let taken: Set = entry.set.intersection(&set).filter(differs).cloned().collect();
        conflicts.extend(taken.iter().map(|p| (entry.called(), entry.api_version().to_owned(), fields::display(p))));
        entry.set.retain(|p| !taken.contains(p));
    }
    if !force && !conflicts.is_empty() {
        return Err(conflict(conflicts));
    }
    let mut new = overlay(live.clone(), applied, shape);
    let mut mine = Entry::new(manager, "Apply", &gvk.api_version());
    if let Some(at) = entries.iter().position(|e| e.is(manager, "Apply")) {
        let before = entries.remove(at);
        for gone in before.set.difference(&set).filter(|p| !entries.iter().any(|e| e.set.contains(*p))) {
            fields::remove(&mut new, gone);
        }
        mine.raw.extend(before.raw);
    }
    mine.set = set;
    entries.insert(0, mine);
    *member(member(&mut new, "metadata"), "managedFields") = ownership::write(&entries);
    Ok(new)
}

/// The server's message for conflicting fields.
fn conflict(conflicts: Vec<(String, String, String)>) -> Refused {
    let count = conflicts.len();
    let quoted = |called: &str| match called.split_once(" with ") {
        Some((manager, rest)) => format!("\"{manager}\" with {rest}"),
        None => format!("\"{called}\""),
    };
    let message = match conflicts.as_slice() {
        [(manager, version, field)] => {
            format!("Apply failed with 1 conflict: conflict with {} using {version}: {field}", quoted(manager))
        }
        many => {
            let lines: Vec<_> =
                many.iter().map(|(m, v, f)| format!("conflicts with {} using {v}:\n- {f}", quoted(m))).collect();
            format!("Apply failed with {count} conflicts: {}", lines.join("\n"))
        }
    };
    let fields = conflicts.into_iter().map(|(manager, _, field)| FieldConflict { manager, field }).collect();
    Refused::Conflict { message, fields }
}

/// Lays an applied object over the live one; keyed lists by their keys, in the applied order where both have an element.
fn overlay(live: Value, applied: Value, shape: Shape) -> Value {
    let (mut base, applied) = match (live, applied) {
        (Value::Object(base), Value::Object(applied)) => (base, applied),
        (_, applied) => return applied,
    };
    for (name, value) in applied {
        let (child, _) = shape.field(&name);
        let merged = match (base.shift_remove(&name), value, shape.apply_keys(&name)) {
            (Some(old @ Value::Object(_)), value @ Value::Object(_), _) => overlay(old, value, child),
            (Some(Value::Array(old)), Value::Array(new), Some(keys)) => overlay_list(old, new, keys, child),
            (_, value, _) => value,
        };
        base.insert(name, merged);
    }
    Value::Object(base)
}

fn overlay_list(old: Vec<Value>, new: Vec<Value>, keys: &[&str], shape: Shape) -> Value {
    let step = |v: &Value| fields::step(keys, v);
    let wanted: Vec<String> = new.iter().map(step).collect();
    let mut rest: Vec<(usize, Value)> = Vec::new();
    let mut found = std::collections::BTreeMap::new();
    for (at, item) in old.into_iter().enumerate() {
        let step = step(&item);
        if wanted.contains(&step) {
            found.insert(step, item);
        } else {
            rest.push((at, item));
        }
    }
    let mut all: Vec<Value> = Vec::new();
    for item in new {
        all.push(match found.remove(&step(&item)) {
            Some(old) if !keys.is_empty() => overlay(old, item, shape),
            Some(_) | None => item,
        });
    }
    for (at, item) in rest {
        all.insert(at.min(all.len()), item);
    }
    Value::Array(all)
}
