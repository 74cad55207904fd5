//! What a ConfigMap or Secret contains: its keys and values, as a manifest writes them and as the server keeps them.
//!
//! Never: labels, annotations or anything else of the object; those stay as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::domain::change::Object;
use crate::domain::name::{Namespace, ReleaseName};
use crate::helm::api::{PatchKind, Verb};
use crate::helm::manifest;
use crate::helm::ownership::{self, HELM};
use crate::helm::plan::Method;

/// The members that hold it.
const MEMBERS: [&str; 2] = ["data", "binaryData"];

/// The content of an object: `{"data": {…}}`, `binaryData` likewise, nothing that is empty. What a Secret's manifest
/// says in clear stands encoded, as the server keeps it (core/v1 `stringData`, which wins over `data`).
pub fn of(object: &Value) -> Value {
    let mut content = Map::new();
    for member in MEMBERS {
        let kept = object.get(member).and_then(Value::as_object).into_iter().flatten();
        let kept: Map<String, Value> =
            kept.filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), one(object, member, v))).collect();
        content.insert(member.to_owned(), kept.into());
    }
    let clear = object.get("stringData").and_then(Value::as_object).into_iter().flatten();
    for (key, value) in clear {
        let encoded = STANDARD.encode(value.as_str().unwrap_or_default());
        *manifest::member(content.entry("data").or_insert(Value::Null), key) = encoded.into();
    }
    content.retain(|_, v| v.as_object().is_some_and(|map| !map.is_empty()));
    Value::Object(content)
}

/// One value; base64 may be written over several lines.
fn one(object: &Value, member: &str, value: &Value) -> Value {
    let encoded = member == "binaryData" || object.get("kind").and_then(Value::as_str) == Some("Secret");
    match value.as_str() {
        Some(text) if encoded => text.chars().filter(|c| !c.is_whitespace()).collect::<String>().into(),
        Some(_) | None => value.clone(),
    }
}

/// The object of that name in a revision's manifest, with its place and Helm's marks.
pub fn in_manifest(
    manifest: &str,
    object: &Object,
    release: &ReleaseName,
    home: &Namespace,
) -> Result<Option<Value>, String> {
    let is_it = |o: &Value| {
        let gvk = manifest::gvk(o);
        gvk.group.is_empty()
            && gvk.kind == object.kind.word()
            && manifest::name(o) == object.name
            && manifest::namespace(o).is_none_or(|n| n == *home)
    };
    let found = manifest::parse(manifest)?.into_iter().find(is_it);
    Ok(found.map(|mut found| {
        manifest::place(&mut found, true, home);
        manifest::stamp(&mut found, release, home);
        found
    }))
}

/// Whether it can be written at all (core/v1 `immutable`).
pub fn is_immutable(object: &Value) -> bool {
    object.get("immutable") == Some(&Value::Bool(true))
}

/// What a plan rests on: the very object and what it contains. Its labels and managers may move.
pub fn basis(live: &Value) -> Value {
    json!({"uid": live.pointer("/metadata/uid"), "content": of(live), "immutable": is_immutable(live)})
}

/// The keys that are not as wanted, each with its member.
pub fn differing(live: &Value, wanted: &Value) -> Vec<(&'static str, String)> {
    let live = of(live);
    let mut all = Vec::new();
    for member in MEMBERS {
        let none = Map::new();
        let map = |v: &Value| v.get(member).and_then(Value::as_object).cloned().unwrap_or_else(|| none.clone());
        let (now, then) = (map(&live), map(wanted));
        let keys = then.keys().chain(now.keys().filter(|k| !then.contains_key(*k)));
        all.extend(keys.filter(|k| now.get(*k) != then.get(*k)).map(|k| (member, k.clone())));
    }
    all
}

/// The patch that makes the content of a live object the wanted one, guarded by the version that it was decided by. In
/// Helm's name: the object is Helm's, and so is what its own manifest says of it.
pub fn verb(live: &Value, wanted: &Value) -> Verb {
    let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
    let mut patch = json!({"metadata": {"resourceVersion": version}});
    for (member, key) in differing(live, wanted) {
        let value = wanted.get(member).and_then(|m| m.get(&key)).cloned().unwrap_or_default();
        *manifest::member(manifest::member(&mut patch, member), &key) = value;
    }
    Verb::PatchAs(HELM, PatchKind::Strategic, patch)
}

/// Where helm applies (server-side), a write in its name is an update, and its next apply of another value would stop at
/// it: what was updated is united with what it applied, as helm itself does when it begins to apply. `None` where there
/// is nothing to unite.
pub fn handover(live: &Value, method: Method) -> Option<Verb> {
    let applies = method == Method::Ssa || ownership::entries(live).iter().any(|e| e.is(HELM, "Apply"));
    let patch = ownership::migration(live).filter(|_| applies)?;
    Some(Verb::PatchAs(HELM, PatchKind::Json, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_a_manifest_is_what_the_server_keeps_of_it() {
        let cases = [
            (json!({"kind": "ConfigMap", "data": {"a": "1", "gone": null}}), json!({"data": {"a": "1"}})),
            (
                json!({"kind": "ConfigMap", "data": {}, "binaryData": {"b": "AA=="}}),
                json!({"binaryData": {"b": "AA=="}}),
            ),
            (
                json!({"kind": "Secret", "data": {"a": "MQ\n==\n", "b": "eA=="}, "stringData": {"b": "y", "c": "z"}}),
                json!({"data": {"a": "MQ==", "b": "eQ==", "c": "eg=="}}),
            ),
            (json!({"kind": "Secret"}), json!({})),
        ];
        for (object, wanted) in cases {
            assert_eq!(of(&object), wanted, "{object}");
        }
    }

    #[test]
    fn the_patch_says_what_differs_takes_off_what_is_too_much_and_has_the_version() {
        let live = json!({"kind": "ConfigMap", "metadata": {"resourceVersion": "7", "labels": {"x": "y"}},
            "data": {"same": "1", "other": "2", "more": "3"}});
        let wanted = json!({"data": {"same": "1", "other": "1", "missing": "4"}});
        let patch = json!({"metadata": {"resourceVersion": "7"}, "data": {"other": "1", "missing": "4", "more": null}});
        assert_eq!(verb(&live, &wanted), Verb::PatchAs(HELM, PatchKind::Strategic, patch));
        assert_eq!(differing(&live, &of(&live)), []);
    }
}
