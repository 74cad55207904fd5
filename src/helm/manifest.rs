//! A release's manifest as objects: split, read, lists flattened, placed in a namespace, stamped as Helm's.
//!
//! The order is the stored one; nothing is sorted anew (helm `kube/client.go`, cli-runtime `resource.Builder`).
//!
//! Never: asking which kinds are namespaced; [`place`] is told.

use serde_json::{Map, Value};

use super::api::Gvk;
use super::yaml;
use crate::domain::name::{Namespace, ReleaseName};
use crate::domain::text::clean;

/// The label that Helm puts on every object of a release (not on hooks).
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The annotation that names the release an object belongs to.
pub const RELEASE_NAME: &str = "meta.helm.sh/release-name";
/// The annotation that names that release's namespace.
pub const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";
/// The annotation that keeps an object from being deleted, with the value `keep`.
pub const RESOURCE_POLICY: &str = "helm.sh/resource-policy";

/// The objects of a manifest, in order.
///
/// # Errors
/// In words: YAML that cannot be read exactly, a document that is no object, no apiVersion or kind.
pub fn parse(text: &str) -> Result<Vec<Value>, String> {
    let mut objects = Vec::new();
    for document in split(text)? {
        let value = yaml::document(&document).map_err(|why| match source(&document) {
            Some(file) => format!("{}: {why}", clean(file)),
            None => why,
        })?;
        if !value.is_null() {
            flatten(value, None, &mut objects)?;
        }
    }
    Ok(objects)
}

/// The documents of a stream, as apimachinery's `YAMLReader` cuts them: at lines that begin with `---`.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut documents = Vec::new();
    let mut document = String::new();
    for line in text.split_inclusive('\n') {
        let Some(rest) = line.strip_prefix("---") else {
            document.push_str(line);
            continue;
        };
        let rest = rest.trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(format!("invalid Yaml document separator: {}", clean(rest)));
        }
        if !document.is_empty() {
            documents.push(std::mem::take(&mut document));
        }
    }
    documents.push(document);
    Ok(documents)
}

/// The template that a document came from, where Helm noted it.
fn source(document: &str) -> Option<&str> {
    document.lines().find_map(|l| l.strip_prefix("# Source: "))
}

/// An object with `items` is a list of objects; a member without a kind gets the list's own without `List`.
fn flatten(mut value: Value, list: Option<&Value>, into: &mut Vec<Value>) -> Result<(), String> {
    let Some(object) = value.as_object_mut() else {
        return Err(format!("a document is {}, not an object", short(&value)));
    };
    if let Some(list) = list {
        inherit(object, list);
    }
    for needed in ["apiVersion", "kind"] {
        if object.get(needed).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(format!("{} has no {needed}", called(object)));
        }
    }
    match object.remove("items") {
        Some(Value::Array(items)) => {
            let list = value;
            items.into_iter().try_for_each(|item| flatten(item, Some(&list), into))
        }
        Some(other) if !other.is_null() => Err(format!("{} has items that are no list", called(object))),
        Some(_) | None => {
            into.push(value);
            Ok(())
        }
    }
}

fn inherit(object: &mut Map<String, Value>, list: &Value) {
    let kind = list.get("kind").and_then(Value::as_str).and_then(|k| k.strip_suffix("List"));
    if let (None, Some(kind)) = (object.get("kind"), kind) {
        object.insert("kind".into(), kind.into());
        if let Some(version) = list.get("apiVersion") {
            object.insert("apiVersion".into(), version.clone());
        }
    }
}

fn called(object: &Map<String, Value>) -> String {
    let name = object.get("metadata").and_then(|m| m.get("name")).and_then(Value::as_str).map(clean);
    name.map_or_else(|| "an object without a name".into(), |n| format!("object {n}"))
}

fn short(value: &Value) -> String {
    clean(&value.to_string()).chars().take(40).collect()
}

/// The kind of an object; [`parse`] gives none without.
pub fn gvk(object: &Value) -> Gvk {
    let text = |n: &str| object.get(n).and_then(Value::as_str).unwrap_or_default();
    Gvk::new(text("apiVersion"), text("kind"))
}

/// The name of an object; empty where it has none.
pub fn name(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

/// The namespace written in an object.
pub fn namespace(object: &Value) -> Option<Namespace> {
    object.pointer("/metadata/namespace").and_then(Value::as_str).filter(|n| !n.is_empty()).map(Namespace::new)
}

/// An annotation of an object.
pub fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(name)?.as_str()
}

/// Writes the release's namespace into a namespaced object that names none; what is written stays.
pub fn place(object: &mut Value, namespaced: bool, release: &Namespace) -> Option<Namespace> {
    if namespaced && namespace(object).is_none() {
        member(member(object, "metadata"), "namespace").clone_from(&Value::from(release.as_str()));
    }
    namespace(object)
}

/// Marks an object as this release's (helm `action/validate.go`, `setMetadataVisitor`).
pub fn stamp(object: &mut Value, release: &ReleaseName, namespace: &Namespace) {
    let metadata = member(object, "metadata");
    *member(member(metadata, "labels"), MANAGED_BY) = "Helm".into();
    let annotations = member(metadata, "annotations");
    *member(annotations, RELEASE_NAME) = release.as_str().into();
    *member(annotations, RELEASE_NAMESPACE) = namespace.as_str().into();
}

/// A member of an object, made where it is missing; what is no object becomes one.
pub fn member<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map.entry(name).or_insert(Value::Null),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_manifest_is_its_objects_in_the_stored_order() {
        let text = "---\n# Source: c/b.yaml\napiVersion: v1\nkind: B\nmetadata: {name: b}\n--- # next\n# nothing\n---\n\
                    apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: {name: a}}\n";
        assert_eq!(
            parse(text),
            Ok(vec![
                json!({"apiVersion": "v1", "kind": "B", "metadata": {"name": "b"}}),
                json!({"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}}),
            ])
        );
    }

    #[test]
    fn a_list_lends_its_kind_to_its_members() {
        let text = "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n";
        let object = json!({"metadata": {"name": "a"}, "kind": "ConfigMap", "apiVersion": "v1"});
        assert_eq!(parse(text), Ok(vec![object]));
    }

    #[test]
    fn what_is_no_object_is_refused_in_words() {
        let cases = [
            ("- 1\n", "a document is [1], not an object"),
            ("kind: A\n", "an object without a name has no apiVersion"),
            ("apiVersion: v1\nmetadata: {name: x}\n", "object x has no kind"),
            ("--- x\n", "invalid Yaml document separator: x"),
            ("apiVersion: v1\nkind: A\nitems: 3\n", "an object without a name has items that are no list"),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse(text), Err(wanted.to_owned()), "{text}");
        }
        assert!(parse("# Source: c/x.yaml\na: [\n").unwrap_err().starts_with("c/x.yaml: "));
    }

    #[test]
    fn an_object_is_placed_and_stamped() {
        let mut object = json!({"apiVersion": "v1", "kind": "A", "metadata": {"name": "a", "labels": null}});
        assert_eq!(place(&mut object, true, &"prod".into()), Some("prod".into()));
        stamp(&mut object, &"shop".into(), &"prod".into());
        assert_eq!(
            object,
            json!({"apiVersion": "v1", "kind": "A", "metadata": {
                "name": "a", "namespace": "prod",
                "labels": {"app.kubernetes.io/managed-by": "Helm"},
                "annotations": {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "prod"},
            }})
        );
        let mut elsewhere = json!({"metadata": {"namespace": "other"}});
        assert_eq!(place(&mut elsewhere, true, &"prod".into()), Some("other".into()));
        let mut cluster = json!({"metadata": {"name": "a"}});
        assert_eq!(place(&mut cluster, false, &"prod".into()), None);
    }
}
