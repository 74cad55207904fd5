//! Merging a strategic patch into an object, as the API server does it, and into another patch, as Helm does it
//! (apimachinery `strategicpatch/patch.go`, `mergeMap`).
//!
//! Never: making a patch; that is [`super::threeway`].

use serde_json::{Map, Value};

use super::schema::{Rule, Shape};

pub(super) const DIRECTIVE: &str = "$patch";
pub(super) const RETAIN: &str = "$retainKeys";
pub(super) const ORDER: &str = "$setElementOrder/";
pub(super) const DELETE: &str = "$deleteFromPrimitiveList/";

/// What the patch is merged into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// An object: directives are carried out, nulls delete.
    Object,
    /// Another patch: directives and nulls are kept.
    Patch,
}

/// The merged map.
///
/// # Errors
/// In the server's words: a directive it does not know, a list element without its key.
pub fn merge(
    mut base: Map<String, Value>,
    mut patch: Map<String, Value>,
    shape: Shape,
    into: Into,
) -> Result<Map<String, Value>, String> {
    match patch.get(DIRECTIVE).map(|d| d.as_str().unwrap_or_default().to_owned()) {
        None => {}
        Some(d) if d == "replace" => {
            patch.shift_remove(DIRECTIVE);
            return Ok(patch);
        }
        Some(d) if d == "delete" => return Ok(Map::new()),
        Some(d) => return Err(format!("unknown patch type: {d}")),
    }
    retain(&mut base, &mut patch, into)?;
    order(&mut base, &mut patch, shape, into)?;
    for (name, value) in patch {
        member(&mut base, &name, value, shape, into)?;
    }
    Ok(base)
}

/// One member of a patch, laid over the same member of the base.
fn member(base: &mut Map<String, Value>, name: &str, value: Value, shape: Shape, into: Into) -> Result<(), String> {
    let (name, deletes) = match name.strip_prefix(DELETE) {
        Some(_) if into == Into::Patch => {
            base.insert(name.to_owned(), value);
            return Ok(());
        }
        Some(list) => (list, true),
        None => (name, false),
    };
    if value.is_null() {
        base.shift_remove(name);
        if into == Into::Object {
            return Ok(());
        }
    }
    let (child, rule) = shape.field(name);
    let merged = match (base.shift_remove(name), value) {
        (Some(Value::Object(old)), Value::Object(new)) if !deletes => {
            Some(Value::Object(if rule == Rule::Replace { new } else { merge(old, new, child, into)? }))
        }
        (Some(Value::Array(old)), Value::Array(new)) if deletes => {
            Some(Value::Array(old.into_iter().filter(|v| !new.contains(v)).collect()))
        }
        (Some(Value::Array(old)), Value::Array(new)) if rule.list_key().is_some() => {
            Some(Value::Array(list(old, new, child, rule, into)?.merged))
        }
        (old, _) if deletes => old,
        (_, mut new) => {
            if into == Into::Object {
                drop_nulls(&mut new);
            }
            bare(new)
        }
    };
    if let Some(merged) = merged {
        base.insert(name.to_owned(), merged);
    }
    Ok(())
}

/// `$retainKeys`: only these members of the object may stay.
fn retain(base: &mut Map<String, Value>, patch: &mut Map<String, Value>, into: Into) -> Result<(), String> {
    let Some(keys) = patch.shift_remove(RETAIN) else { return Ok(()) };
    if into == Into::Patch {
        // Where a keyed element stands twice, the halves of a patch may not agree; Helm gives up then.
        let there = base.entry(RETAIN).or_insert_with(|| keys.clone());
        return if *there == keys { Ok(()) } else { Err(format!("{there} and {keys} are not deep equal")) };
    }
    let Value::Array(keys) = keys else { return Err("invalid patch format of retainKeys".into()) };
    let kept = |name: &str| keys.iter().any(|k| k.as_str() == Some(name));
    let foreign = |(name, value): (&String, &Value)| {
        !value.is_null() && !name.starts_with(DELETE) && !name.starts_with(ORDER) && !kept(name)
    };
    if patch.iter().any(foreign) {
        return Err("invalid patch format of retainKeys".into());
    }
    base.retain(|name, _| kept(name));
    Ok(())
}

/// `$setElementOrder/x`: merges list `x` and puts it in that order; what is not in it keeps its place as far as it can.
fn order(
    base: &mut Map<String, Value>,
    patch: &mut Map<String, Value>,
    shape: Shape,
    into: Into,
) -> Result<(), String> {
    let orders: Vec<String> = patch.keys().filter(|k| k.starts_with(ORDER)).cloned().collect();
    for directive in orders {
        let Some(wanted) = patch.shift_remove(&directive) else { continue };
        let name = directive.strip_prefix(ORDER).unwrap_or_default();
        if into == Into::Patch {
            base.entry(directive.clone()).or_insert_with(|| wanted.clone());
        }
        let (Value::Array(wanted), (child, rule)) = (wanted, shape.field(name)) else {
            return Err("invalid patch format of setElementOrder list".into());
        };
        let key = rule.list_key().unwrap_or_default();
        if let Some(Value::Array(new)) = patch.get(name) {
            in_order(new, &wanted, key)?;
        }
        let Merged { merged, server } = match (base.shift_remove(name), patch.shift_remove(name)) {
            (Some(Value::Array(old)), Some(Value::Array(new))) => list(old, new, child, rule, into)?,
            (Some(Value::Array(old)), None) => Merged { server: old.clone(), merged: old },
            (None, Some(new)) => match bare(new) {
                Some(Value::Array(new)) => Merged { merged: new, server: Vec::new() },
                Some(_) | None => continue,
            },
            (None, None) => continue,
            (Some(_), _) => return Err("invalid patch format of setElementOrder list".into()),
        };
        let (listed, rest): (Vec<_>, Vec<_>) = merged.into_iter().partition(|v| index(&wanted, v, key).is_some());
        base.insert(name.to_owned(), Value::Array(interleave(listed, rest, &wanted, &server, key)));
    }
    Ok(())
}

/// apimachinery `validatePatchWithSetOrderList`: what is put must stand in that order. Two elements of one key (a port of
/// TCP and of UDP) may not, and then neither Helm nor the server makes anything of the patch.
fn in_order(patch: &[Value], wanted: &[Value], key: &str) -> Result<(), String> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mut wanted = wanted.iter();
    for element in patch.iter().filter(|v| key.is_empty() || v.get(DIRECTIVE).is_none()) {
        let same = |w: &Value| if key.is_empty() { w == element } else { w.get(key) == element.get(key) };
        if !wanted.any(same) {
            return Err("The order in patch list doesn't match $setElementOrder list".into());
        }
    }
    Ok(())
}

/// A merged list.
struct Merged {
    merged: Vec<Value>,
    /// The server's order as Go sees it afterwards. Its slices share memory: deletions close up and additions fall into
    /// the freed places, so a new element may count as one that the server had.
    server: Vec<Value>,
}

/// Merges two lists by their key.
fn list(mut old: Vec<Value>, new: Vec<Value>, shape: Shape, rule: Rule, into: Into) -> Result<Merged, String> {
    let key = rule.list_key().unwrap_or_default();
    let places = old.len();
    if key.is_empty() {
        let server = old.clone();
        old.extend(new.iter().filter(|v| !server.contains(v)).cloned());
        let (listed, rest) = old.into_iter().partition(|v| new.contains(v));
        return Ok(Merged { merged: interleave(listed, rest, &new, &server, key), server });
    }
    let mut plain = Vec::new();
    let mut replace = false;
    for element in new {
        let Value::Object(map) = element else { return Err(format!("a list element without {key}")) };
        match map.get(DIRECTIVE).map(|d| d.as_str().unwrap_or_default()) {
            None => plain.push(Value::Object(map)),
            Some("replace") => replace = true,
            Some("delete") => {
                let value = map.get(key).ok_or_else(|| no_key(key))?;
                old.retain(|v| v.get(key) != Some(value));
            }
            Some(other) => return Err(format!("unknown patch type: {other}")),
        }
    }
    if replace {
        return Ok(Merged { merged: plain, server: old });
    }
    let server = old.clone();
    for element in &plain {
        let value = element.get(key).ok_or_else(|| no_key(key))?;
        match old.iter_mut().find(|v| v.get(key) == Some(value)) {
            Some(Value::Object(map)) => {
                let more = element.as_object().cloned().unwrap_or_default();
                *map = merge(std::mem::take(map), more, shape, into)?;
            }
            Some(_) | None => old.push(element.clone()),
        }
    }
    let afterwards = old.iter().take(places).cloned().collect();
    let (listed, rest) = old.into_iter().partition(|v| index(&plain, v, key).is_some());
    Ok(Merged { merged: interleave(listed, rest, &plain, &server, key), server: afterwards })
}

fn no_key(key: &str) -> String {
    format!("map does not contain declared merge key: {key}")
}

/// Where an element stands in a list, by its key (or itself, where the key is empty).
pub(super) fn index(list: &[Value], element: &Value, key: &str) -> Option<usize> {
    if key.is_empty() {
        return list.iter().position(|v| v == element);
    }
    list.iter().position(|v| v.get(key) == element.get(key))
}

/// Sorts by an order; elements that are to be deleted come last.
pub(super) fn sort_by(list: Vec<Value>, order: &[Value], key: &str) -> Vec<Value> {
    let doomed = |v: &Value| !key.is_empty() && v.get(DIRECTIVE).and_then(Value::as_str) == Some("delete");
    let (last, mut first): (Vec<_>, Vec<_>) = list.into_iter().partition(doomed);
    first.sort_by_key(|v| index(order, v, key).unwrap_or(usize::MAX));
    first.extend(last);
    first
}

/// apimachinery `normalizeElementOrder`: the patch's own order wins, the server's elements are fitted in between.
fn interleave(patch: Vec<Value>, rest: Vec<Value>, wanted: &[Value], server: &[Value], key: &str) -> Vec<Value> {
    let mut right = sort_by(patch, wanted, key).into_iter().peekable();
    let mut left = sort_by(rest, server, key).into_iter().peekable();
    let mut all = Vec::new();
    loop {
        let left_first = match (left.peek(), right.peek()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(l), Some(r)) => match (index(server, l, key), index(server, r, key)) {
                (Some(l), Some(r)) => l < r,
                (None, _) | (_, None) => false,
            },
        };
        all.extend(if left_first { left.next() } else { right.next() });
    }
}

/// A value without directives; `None` where it is one itself.
fn bare(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => None,
        Value::Object(map) => Some(map.into_iter().filter_map(|(k, v)| Some((k, bare(v)?))).collect()),
        Value::Array(items) => Some(items.into_iter().filter_map(bare).collect()),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => Some(scalar),
    }
}

pub(super) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
