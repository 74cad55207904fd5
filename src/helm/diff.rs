//! What changes, field by field between live objects, line by line between two records; secrets masked.
//!
//! Never: what the server keeps for itself (status, resource versions, managed fields).

use std::collections::BTreeMap;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::api::Gvk;
use super::fields;
use super::mask::{self, Cover, HIDDEN};
use super::ownership;
use super::plan::FieldChange;
use super::record::Record;
use super::schema::{self, Shape};
use crate::domain::text::clean;

/// Members that the server writes.
const SERVERS: [&str; 5] =
    [".status", ".metadata.managedFields", ".metadata.resourceVersion", ".metadata.generation", ".metadata.uid"];

/// A longer value is cut here, in characters.
const WIDTH: usize = 120;

/// One object in three versions.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// What is live; `None`: nothing.
    pub live: Option<&'a Value>,
    /// What it becomes; `None`: it is deleted.
    pub after: Option<&'a Value>,
    /// What the newest record says it is, to tell what somebody changed by hand.
    pub recorded: Option<&'a Value>,
    /// Whether all of that record was put into the cluster.
    pub newest: Newest,
}

/// How much of the newest record was put into the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newest {
    /// All of it: what differs was changed since.
    Applied,
    /// Perhaps only a part (it failed, or is pending): what differs may be of the record before.
    Partly,
}

/// The fields that change.
pub fn fields(gvk: &Gvk, versions: Versions<'_>) -> Vec<FieldChange> {
    let mut walk = Walk { versions, secret: gvk.group.is_empty() && gvk.kind == "Secret", changes: Vec::new() };
    if versions.live.is_some() && versions.after.is_some() {
        let here = Here { text: String::new(), path: Vec::new(), shape: schema::root(gvk), cover: Cover::Open };
        walk.compare(&here, versions.live, versions.after);
    }
    walk.changes
}

#[derive(Clone)]
struct Here {
    text: String,
    path: fields::Path,
    shape: Shape,
    cover: Cover,
}

struct Walk<'a> {
    versions: Versions<'a>,
    secret: bool,
    changes: Vec<FieldChange>,
}

impl Walk<'_> {
    fn compare(&mut self, here: &Here, live: Option<&Value>, after: Option<&Value>) {
        if live == after || SERVERS.contains(&here.text.as_str()) {
            return;
        }
        match (live, after) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                let beside = new.get("name").and_then(Value::as_str);
                let gone = old.keys().filter(|k| !new.contains_key(*k));
                for name in new.keys().chain(gone) {
                    let mut next = here.clone();
                    next.text = format!("{}.{}", here.text, clean(name));
                    next.path.push(format!("f:{name}"));
                    next.shape = here.shape.field(name).0;
                    let data = self.secret && [".data", ".stringData"].contains(&here.text.as_str());
                    let inner = new.get(name).or_else(|| old.get(name));
                    next.cover = if data { Cover::Secret } else { here.cover.of_member(name, inner, beside) };
                    let keys = here.shape.apply_keys(name);
                    match (old.get(name), new.get(name), keys) {
                        (Some(Value::Array(old)), Some(Value::Array(new)), Some(keys)) => {
                            self.elements(&next, old, new, keys);
                        }
                        (old, new, _) => self.compare(&next, old, new),
                    }
                }
            }
            (Some(Value::Array(old)), Some(Value::Array(after))) if old.len() == after.len() => {
                for (at, (old, new)) in old.iter().zip(after).enumerate() {
                    let mut next = here.clone();
                    next.text = format!("{}[{at}]", here.text);
                    next.cover = here.cover.of_element(at.checked_sub(1).and_then(|at| after.get(at)));
                    self.compare(&next, Some(old), Some(new));
                }
            }
            (live, after) => self.put(here, live, after),
        }
    }

    fn elements(&mut self, here: &Here, old: &[Value], new: &[Value], keys: &[&str]) {
        let find = |list: &'_ [Value], step: &str| list.iter().position(|v| fields::step(keys, v) == step);
        let gone = old.iter().filter(|o| find(new, &fields::step(keys, o)).is_none());
        let before = self.changes.len();
        for element in new.iter().chain(gone) {
            let step = fields::step(keys, element);
            let label = keys.first().and_then(|k| element.get(k)).unwrap_or(element);
            let mut next = here.clone();
            next.text = format!("{}[{}]", here.text, plain(label));
            next.path.push(step.clone());
            let old = find(old, &step).and_then(|i| old.get(i));
            let new = find(new, &step).and_then(|i| new.get(i));
            self.compare(&next, old, new);
        }
        let steps = |list: &[Value]| list.iter().map(|v| fields::step(keys, v)).collect::<Vec<_>>();
        if before == self.changes.len() && steps(old) != steps(new) {
            let names = |list: &[Value]| {
                let label = |v: &Value| plain(keys.first().and_then(|k| v.get(k)).unwrap_or(v));
                Value::String(list.iter().map(label).collect::<Vec<_>>().join(", "))
            };
            let mut order = here.clone();
            order.text = format!("{} (order)", here.text);
            self.put(&order, Some(&names(old)), Some(&names(new)));
        }
    }

    fn put(&mut self, here: &Here, live: Option<&Value>, after: Option<&Value>) {
        let drift = self.drift(here, live);
        let (live, target) = match (live, after) {
            (Some(Value::String(old)), Some(Value::String(new))) if here.cover == Cover::Open && old.contains('\n') => {
                first_difference(old, new)
            }
            (live, after) => (live.map(|v| text(v, None, here.cover)), after.map(|v| text(v, live, here.cover))),
        };
        self.changes.push(FieldChange { path: here.text.clone(), live, target, drift });
    }

    /// Who changed the field since the newest record, where it is not what that record says.
    fn drift(&self, here: &Here, live: Option<&Value>) -> Option<String> {
        let recorded = self.versions.recorded?;
        let said = fields::get(recorded, &here.path);
        if said.is_none() || said == live {
            return None;
        }
        let live = self.versions.live?;
        match (ownership::foreign_owner(live, &here.path), self.versions.newest) {
            (Some(owner), _) => Some(owner),
            (None, Newest::Applied) => Some("somebody".into()),
            (None, Newest::Partly) => None,
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), clean)
}

fn text(value: &Value, before: Option<&Value>, cover: Cover) -> String {
    if cover != Cover::Open {
        return HIDDEN.into();
    }
    let whole = match mask::mask(value, before, cover) {
        Value::String(text) => clean(&text),
        other => clean(&other.to_string()),
    };
    let cut: String = whole.chars().take(WIDTH).collect();
    if cut.len() < whole.len() { format!("{cut}…") } else { cut }
}

/// Of two texts of several lines, the first lines that differ.
fn first_difference(old: &str, new: &str) -> (Option<String>, Option<String>) {
    let at = old.lines().zip(new.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| {
        let line = text.lines().nth(at).map_or("(end)".into(), clean);
        let cut: String = line.chars().take(WIDTH).collect();
        Some(format!("line {}: {cut}", at + 1))
    };
    (line(&mask::text::mask(old, None)), line(&mask::text::mask(new, Some(old))))
}

/// A line of a text comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In both.
    Same(String),
    /// Only in the first.
    Removed(String),
    /// Only in the second.
    Added(String),
}

/// Two texts, line by line.
pub fn lines(old: &str, new: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(old, new);
    let line = |change: similar::Change<&str>| {
        let text = clean(change.value().trim_end_matches('\n'));
        match change.tag() {
            ChangeTag::Equal => Line::Same(text),
            ChangeTag::Delete => Line::Removed(text),
            ChangeTag::Insert => Line::Added(text),
        }
    };
    diff.iter_all_changes().map(line).collect()
}

/// The manifests of two revisions, masked, objects in order.
pub fn manifests(old: &Record, new: &Record) -> Vec<Line> {
    lines(&shown(&old.manifest), &compared(&new.manifest, Some(&old.manifest)))
}

/// The user's values of two revisions, masked.
pub fn values(old: &Record, new: &Record) -> Vec<Line> {
    let shown = |values: Result<Value, String>, before: Option<&Value>| match values {
        Ok(values) => outline(&mask::mask(&values, before, Cover::Open)),
        Err(why) => why,
    };
    let before = old.values().ok();
    lines(&shown(old.values(), None), &shown(new.values(), before.as_ref()))
}

/// A manifest as it may be shown: every object as an outline, secrets masked.
pub fn shown(manifest: &str) -> String {
    compared(manifest, None)
}

/// As [`shown`]; hidden values that are not those of the older manifest are marked.
fn compared(manifest: &str, older: Option<&str>) -> String {
    let objects = match super::manifest::parse(manifest) {
        Ok(objects) => objects,
        Err(why) => return format!("The manifest cannot be read: {why}\n"),
    };
    let called = |o: &Value| {
        let name = |path| o.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"].map(name)
    };
    let older: Option<BTreeMap<_, _>> = older
        .and_then(|o| super::manifest::parse(o).ok())
        .map(|objects| objects.into_iter().map(|o| (called(&o), o)).collect());
    let one = |object: &Value| {
        let before = older.as_ref().and_then(|o| o.get(&called(object)));
        let [_, kind, _, name] = called(object);
        [format!("--- {kind} {name}\n"), outline(&mask::object(object, before))]
    };
    objects.iter().flat_map(one).collect()
}

/// A value as indented lines, the way YAML looks, for reading only.
fn outline(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let mut entry = |head: &str, inner: &Value| match inner {
        Value::Object(map) if !map.is_empty() => {
            *out += &[indent.as_str(), head, "\n"].concat();
            write(inner, depth + 1, out);
        }
        Value::Array(items) if !items.is_empty() => {
            *out += &[indent.as_str(), head, "\n"].concat();
            write(inner, depth + 1, out);
        }
        Value::String(text) if text.contains('\n') => {
            *out += &[indent.as_str(), head, " |\n"].concat();
            for line in text.lines() {
                *out += &[indent.as_str(), "  ", line, "\n"].concat();
            }
        }
        scalar => *out += &[indent.as_str(), head, " ", &plain_line(scalar), "\n"].concat(),
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(k, v)| entry(&format!("{k}:"), v)),
        Value::Array(items) => items.iter().for_each(|v| entry("-", v)),
        scalar => *out += &[indent.as_str(), &plain_line(scalar), "\n"].concat(),
    }
}

fn plain_line(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
