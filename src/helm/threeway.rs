//! The patch that Helm sends for an object (helm `kube/client.go` `createPatch`, apimachinery
//! `CreateThreeWayMergePatch`): what the newest record had and the target lacks is taken away, what differs from the
//! live object is put right, what neither mentions is left alone.
//!
//! Custom resources get the two-way JSON merge patch from record to target; what is live is not looked at. That is
//! surprising and exactly what Helm does.
//!
//! Never: sending or applying it.

use serde_json::{Map, Value, json};

use super::api::{Gvk, PatchKind};
use super::schema::{self, Rule, Shape};
use super::strategic::{self, DELETE, DIRECTIVE, Into, ORDER, RETAIN};

/// The patch and how it is to be merged; an empty object where nothing is to be done.
///
/// # Errors
/// In words, where the objects cannot be compared as Helm would: a list element without its key, lists of mixed types.
pub fn make(gvk: &Gvk, original: &Value, modified: &Value, live: &Value) -> Result<(PatchKind, Value), String> {
    if !schema::native(gvk) {
        return Ok((
            PatchKind::Merge,
            two_way(&counted(original, Digits::AsFloats), &counted(modified, Digits::AsFloats)),
        ));
    }
    let map = |v: &Value| match counted(v, Digits::All) {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    let (original, modified, live) = (map(original), map(modified), map(live));
    let shape = schema::root(gvk);
    let delta = diff_maps(&live, &modified, shape, Wanted::Changes, false)?;
    let deletions = diff_maps(&original, &modified, shape, Wanted::Deletions, false)?;
    Ok((PatchKind::Strategic, Value::Object(strategic::merge(deletions, delta, shape, Into::Patch)?)))
}

/// How integers are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// Whole (apimachinery `util/json`).
    All,
    /// As floats, which lose the last digits beyond 2^53 (evanphx `jsonpatch`).
    AsFloats,
}

/// Numbers as Helm compares them, which writes the objects as JSON and reads them again: a whole float has no fraction
/// then (`1.0` is `1`).
fn counted(value: &Value, digits: Digits) -> Value {
    match value {
        Value::Number(n) if n.is_f64() || digits == Digits::AsFloats => {
            n.as_f64().map_or_else(|| value.clone(), number)
        }
        Value::Array(items) => items.iter().map(|v| counted(v, digits)).collect(),
        Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), counted(v, digits))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// As Go writes a float: whole numbers without a fraction.
fn number(value: f64) -> Value {
    const LARGEST: f64 = 9.2e18;
    if value.fract() == 0.0 && value.abs() < LARGEST { (value as i64).into() } else { value.into() }
}

/// RFC 7386: the patch that makes `modified` of `original` (jsonpatch `CreateMergePatch`).
pub fn two_way(original: &Value, modified: &Value) -> Value {
    let (Some(old), Some(new)) = (original.as_object(), modified.as_object()) else { return modified.clone() };
    let mut patch = Map::new();
    for (name, value) in new {
        match old.get(name) {
            Some(was) if was == value => {}
            Some(was) if was.is_object() && value.is_object() => {
                patch.insert(name.clone(), two_way(was, value));
            }
            Some(_) | None => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    for name in old.keys().filter(|n| !new.contains_key(*n)) {
        patch.insert(name.clone(), Value::Null);
    }
    Value::Object(patch)
}

/// Which half of the difference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Additions and changes.
    Changes,
    /// What is gone.
    Deletions,
}

type Object = Map<String, Value>;

fn diff_maps(old: &Object, new: &Object, shape: Shape, wanted: Wanted, retains: bool) -> Result<Object, String> {
    let changes = wanted == Wanted::Changes;
    let mut patch = Map::new();
    for (name, value) in new {
        let was = old.get(name);
        match (was, value) {
            (Some(Value::Object(was)), Value::Object(value)) => {
                let (child, rule) = shape.field(name);
                if rule == Rule::Replace {
                    if changes {
                        patch.insert(name.clone(), Value::Object(value.clone()));
                    }
                    continue;
                }
                let inner = diff_maps(was, value, child, wanted, rule.retains())?;
                if !inner.is_empty() {
                    patch.insert(name.clone(), Value::Object(inner));
                }
            }
            (Some(Value::Array(was)), Value::Array(value)) if shape.field(name).1.list_key().is_some() => {
                diff_lists(name, was, value, shape, wanted, &mut patch)?;
            }
            (was, value) => {
                if changes && was != Some(value) {
                    patch.insert(name.clone(), value.clone());
                }
            }
        }
    }
    if !changes {
        for name in old.keys().filter(|n| !new.contains_key(*n)) {
            patch.insert(name.clone(), Value::Null);
        }
    }
    let mut kept: Vec<&String> = new.iter().filter(|(_, v)| !v.is_null()).map(|(k, _)| k).collect();
    let cleared = old.iter().any(|(k, v)| !v.is_null() && !new.contains_key(k));
    if retains && !kept.is_empty() && (!patch.is_empty() || cleared) {
        kept.sort();
        patch.insert(RETAIN.into(), json!(kept));
    }
    Ok(patch)
}

/// Merged lists: what to put, in the order of the target, what to delete, and the order where it matters.
fn diff_lists(
    name: &str,
    old: &[Value],
    new: &[Value],
    shape: Shape,
    wanted: Wanted,
    patch: &mut Object,
) -> Result<(), String> {
    let (child, rule) = shape.field(name);
    let key = rule.list_key().unwrap_or_default();
    let changes = wanted == Wanted::Changes;
    if old.is_empty() {
        if changes && !new.is_empty() {
            patch.insert(name.to_owned(), Value::Array(new.to_vec()));
        }
        return Ok(());
    }
    if key.is_empty() {
        diff_sets(name, old, new, wanted, patch);
        return Ok(());
    }
    let (put, delete) = diff_elements(name, (old, new), (child, rule), wanted)?;
    let same_order = old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.get(key) == b.get(key));
    let mut elements = strategic::sort_by(put, new, key);
    elements.extend(delete);
    let reorders = changes && !same_order;
    if !elements.is_empty() || reorders {
        let order: Vec<Value> = new.iter().map(|v| json!({ key: v.get(key) })).collect();
        if !order.is_empty() {
            patch.insert(format!("{ORDER}{name}"), Value::Array(order));
        }
    }
    if !elements.is_empty() {
        patch.insert(name.to_owned(), Value::Array(elements));
    }
    Ok(())
}

/// Elements to put and elements to delete, found by walking both lists in the order of their keys' texts.
fn diff_elements(
    name: &str,
    (old, new): (&[Value], &[Value]),
    (child, rule): (Shape, Rule),
    wanted: Wanted,
) -> Result<(Vec<Value>, Vec<Value>), String> {
    let key = rule.list_key().unwrap_or_default();
    let (old, new) = (by_key(name, old, key)?, by_key(name, new, key)?);
    let (mut put, mut delete) = (Vec::new(), Vec::new());
    let mut olds = old.into_iter().peekable();
    let mut news = new.into_iter().peekable();
    loop {
        let ordering = match (olds.peek(), news.peek()) {
            (None, None) => return Ok((put, delete)),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let was = if ordering.is_le() { olds.next() } else { None };
        let is = if ordering.is_ge() { news.next() } else { None };
        match (was, is) {
            (Some((_, was)), Some((_, is))) => {
                let mut inner = diff_maps(was, is, child, wanted, rule.retains())?;
                if !inner.is_empty() {
                    inner.insert(key.to_owned(), is.get(key).cloned().unwrap_or_default());
                    put.push(Value::Object(inner));
                }
            }
            (None, Some((_, is))) if wanted == Wanted::Changes => put.push(Value::Object(is.clone())),
            (Some((_, was)), None) if wanted == Wanted::Deletions => {
                delete.push(json!({ key: was.get(key), DIRECTIVE: "delete" }));
            }
            (Some(_) | None, None) | (None, Some(_)) => {}
        }
    }
}

/// A list's maps by the text of their key. Go sorts with `<=`, which turns equals around; so does this.
fn by_key<'a>(name: &str, list: &'a [Value], key: &str) -> Result<Vec<(String, &'a Object)>, String> {
    let element = |v: &'a Value| match (v.as_object(), v.get(key)) {
        (Some(map), Some(value)) => Ok((text(value), map)),
        (Some(_) | None, _) => Err(format!("an element of {name} has no {key}, by which it would be merged")),
    };
    let mut keyed = list.iter().rev().map(element).collect::<Result<Vec<_>, _>>()?;
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(keyed)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// apimachinery `diffListsOfScalars`: both sorted by their texts and walked along; the same one twice counts twice.
fn diff_sets(name: &str, old: &[Value], new: &[Value], wanted: Wanted, patch: &mut Object) {
    let sorted = |list: &[Value]| {
        let mut list = list.to_vec();
        list.sort_by_key(text);
        list
    };
    let (was, is) = (sorted(old), sorted(new));
    let (mut add, mut gone) = (Vec::new(), Vec::new());
    let mut olds = was.iter().peekable();
    let mut news = is.iter().peekable();
    loop {
        let ordering = match (olds.peek(), news.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => text(a).cmp(&text(b)),
        };
        match ordering {
            std::cmp::Ordering::Less => gone.extend(olds.next().cloned()),
            std::cmp::Ordering::Greater => add.extend(news.next().cloned()),
            std::cmp::Ordering::Equal => drop((olds.next(), news.next())),
        }
    }
    let ordered = match wanted {
        Wanted::Changes => {
            if !add.is_empty() {
                patch.insert(name.to_owned(), Value::Array(strategic::sort_by(add, new, "")));
            }
            // Go compares after it has sorted the old list in its place.
            was != new
        }
        Wanted::Deletions => {
            let gone = once(gone);
            let any = !gone.is_empty();
            if any {
                patch.insert(format!("{DELETE}{name}"), Value::Array(gone));
            }
            any
        }
    };
    if ordered && !new.is_empty() {
        patch.insert(format!("{ORDER}{name}"), Value::Array(new.to_vec()));
    }
}

/// apimachinery `deduplicateScalars`: the place of what occurs again is filled with the last one.
fn once(mut list: Vec<Value>) -> Vec<Value> {
    let mut at = 0;
    while at < list.len() {
        let mut other = at + 1;
        while other < list.len() {
            if list[at] == list[other] {
                list.swap_remove(other);
            } else {
                other += 1;
            }
        }
        at += 1;
    }
    list
}
