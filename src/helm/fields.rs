//! Sets of an object's fields: what server-side apply calls ownership (`metadata.managedFields`, format FieldsV1).
//!
//! Never: values; a set says only which fields, by path.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::schema::Shape;

/// From the root: `f:spec`, `k:{"name":"app"}`, `v:"x"`.
pub type Path = Vec<String>;

/// Fields.
pub type Set = BTreeSet<Path>;

/// Metadata that nobody owns.
const UNOWNED: [&str; 8] =
    ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"];

/// The fields that an object sets.
pub fn of(object: &Value, shape: Shape) -> Set {
    let mut set = Set::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        if name == "apiVersion" || name == "kind" {
            continue;
        }
        if name == "metadata" {
            let owned = value.as_object().into_iter().flatten().filter(|(n, _)| !UNOWNED.contains(&n.as_str()));
            for (inner, value) in owned {
                let (meta, _) = shape.field("metadata");
                member(&[format!("f:{name}")], meta, inner, value, &mut set);
            }
            continue;
        }
        member(&[], shape, name, value, &mut set);
    }
    set
}

fn member(above: &[String], shape: Shape, name: &str, value: &Value, set: &mut Set) {
    let here: Path = above.iter().cloned().chain([format!("f:{name}")]).collect();
    match value {
        Value::Object(map) if !map.is_empty() => {
            let (child, _) = shape.field(name);
            map.iter().for_each(|(n, v)| member(&here, child, n, v, set));
        }
        Value::Array(items) => match shape.apply_keys(name) {
            None => {
                set.insert(here);
            }
            Some(keys) => {
                let (child, _) = shape.field(name);
                for item in items {
                    element(&here, child, keys, item, set);
                }
            }
        },
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            set.insert(here);
        }
    }
}

fn element(list: &[String], shape: Shape, keys: &[&str], item: &Value, set: &mut Set) {
    let here: Path = list.iter().cloned().chain([step(keys, item)]).collect();
    set.insert(here.clone());
    if !keys.is_empty() {
        item.as_object().into_iter().flatten().for_each(|(n, v)| member(&here, shape, n, v, set));
    }
}

/// The step to an element of a list: by its keys, or by its value in a set. A port's protocol is TCP where not said.
pub fn step(keys: &[&str], item: &Value) -> String {
    if keys.is_empty() {
        return format!("v:{item}");
    }
    let mut by = Map::new();
    for key in keys {
        match item.get(key) {
            Some(value) => by.insert((*key).to_owned(), value.clone()),
            None if *key == "protocol" => by.insert((*key).to_owned(), "TCP".into()),
            None => None,
        };
    }
    format!("k:{}", Value::Object(by))
}

/// A step to a whole list element, not to a field.
pub fn is_element(path: &Path) -> bool {
    path.last().is_some_and(|s| !s.starts_with("f:"))
}

/// FieldsV1 as a set.
pub fn decode(trie: &Value) -> Set {
    let mut set = Set::new();
    walk(trie, &mut Path::new(), &mut set);
    set
}

fn walk(trie: &Value, at: &mut Path, set: &mut Set) {
    let Some(map) = trie.as_object() else { return };
    if map.is_empty() && !at.is_empty() {
        set.insert(at.clone());
    }
    for (step, below) in map {
        if step == "." {
            set.insert(at.clone());
            continue;
        }
        at.push(step.clone());
        walk(below, at, set);
        at.pop();
    }
}

/// A set as FieldsV1: a field that is owned itself and has owned fields below carries `.`.
pub fn encode(set: &Set) -> Value {
    let mut root = json!({});
    for path in set {
        let mut at = &mut root;
        for step in path {
            at = super::manifest::member(at, step);
            if at.is_null() {
                *at = json!({});
            }
        }
        let deeper = set.range(path.clone()..).nth(1).is_some_and(|next| next.starts_with(path));
        if let (true, Some(map)) = (deeper, at.as_object_mut()) {
            map.insert(".".into(), json!({}));
        }
    }
    root
}

/// The value at a path.
pub fn get<'a>(object: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(object, |at, step| match step.split_once(':')? {
        ("f", name) => at.get(name),
        (kind, _) => at.as_array()?.iter().find(|item| matches(kind, step, item)),
    })
}

fn matches(kind: &str, wanted: &str, item: &Value) -> bool {
    if kind == "v" {
        return step(&[], item) == wanted;
    }
    let keys: Map<String, Value> =
        wanted.strip_prefix("k:").and_then(|k| serde_json::from_str(k).ok()).unwrap_or_default();
    keys.iter().all(|(k, v)| match item.get(k) {
        Some(value) => value == v,
        None => k == "protocol" && v == "TCP",
    })
}

/// Takes the value at a path away.
pub fn remove(object: &mut Value, path: &[String]) {
    let Some((last, above)) = path.split_last() else { return };
    let mut at = object;
    for step in above {
        let next = match (step.split_once(':'), at) {
            (Some(("f", name)), Value::Object(map)) => map.get_mut(name),
            (Some((kind, _)), Value::Array(items)) => items.iter_mut().find(|item| matches(kind, step, item)),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    match (last.split_once(':'), at) {
        (Some(("f", name)), Value::Object(map)) => {
            map.shift_remove(name);
        }
        (Some((kind, _)), Value::Array(items)) => items.retain(|item| !matches(kind, last, item)),
        _ => {}
    }
}

/// As the server writes it in a message: `.spec.template.spec.containers[name="app"].image`.
pub fn display(path: &[String]) -> String {
    path.iter().fold(String::new(), |text, step| match step.split_once(':') {
        Some(("f", name)) => format!("{text}.{name}"),
        Some(("k", keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let by: Vec<String> = keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!("{text}[{}]", by.join(","))
        }
        Some((_, value)) => format!("{text}[={value}]"),
        None => format!("{text}.{step}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helm::api::Gvk;
    use crate::helm::schema::root;

    #[test]
    fn a_set_survives_its_encoding_and_finds_its_values() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "x", "labels": {"a": "1"}, "finalizers": ["f"]},
            "spec": {"replicas": 2, "template": {"spec": {"containers": [
                {"name": "app", "image": "i", "ports": [{"containerPort": 80}], "args": ["a"]}]}}}});
        let set = of(&object, root(&Gvk::new("apps/v1", "Deployment")));
        assert_eq!(decode(&encode(&set)), set);
        let all: Vec<_> = set.iter().map(|p| display(p)).collect();
        assert_eq!(
            all,
            [
                r#".metadata.finalizers[="f"]"#,
                ".metadata.labels.a",
                ".spec.replicas",
                r#".spec.template.spec.containers[name="app"]"#,
                r#".spec.template.spec.containers[name="app"].args"#,
                r#".spec.template.spec.containers[name="app"].image"#,
                r#".spec.template.spec.containers[name="app"].name"#,
                r#".spec.template.spec.containers[name="app"].ports[containerPort=80,protocol="TCP"]"#,
                r#".spec.template.spec.containers[name="app"].ports[containerPort=80,protocol="TCP"].containerPort"#,
            ]
        );
        assert!(set.iter().all(|p| get(&object, p).is_some()));
        let mut less = object.clone();
        set.iter().filter(|p| is_element(p)).for_each(|p| remove(&mut less, p));
        assert_eq!(less.pointer("/spec/template/spec/containers"), Some(&json!([])));
    }
}
