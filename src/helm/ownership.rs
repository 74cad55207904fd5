//! Who manages which fields of an object (`metadata.managedFields`), and the migration of Helm's own fields from
//! client-side to server-side apply (client-go `util/csaupgrade`).
//!
//! Never: writing times; a world that has a clock adds them.

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::fields::{self, Set};
use crate::domain::moment::Moment;
use crate::domain::text::clean;

/// The field manager that Helm writes as, and so do we, to keep the next `helm upgrade` clean.
pub const HELM: &str = "helm";

/// One entry of `managedFields`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Members that are kept as they are (time, apiVersion).
    pub raw: Map<String, Value>,
    /// What it owns.
    pub set: Set,
}

impl Entry {
    /// A new one.
    pub fn new(manager: &str, operation: &str, api_version: &str) -> Self {
        let raw =
            json!({"manager": manager, "operation": operation, "apiVersion": api_version, "fieldsType": "FieldsV1"});
        Self { raw: raw.as_object().cloned().unwrap_or_default(), set: Set::new() }
    }

    fn text(&self, name: &str) -> &str {
        self.raw.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// `helm`
    pub fn manager(&self) -> &str {
        self.text("manager")
    }

    /// Whether it is this manager's entry for this operation, on the object itself.
    pub fn is(&self, manager: &str, operation: &str) -> bool {
        self.manager() == manager && self.text("operation") == operation && self.text("subresource").is_empty()
    }

    /// `apps/v1`
    pub fn api_version(&self) -> &str {
        self.text("apiVersion")
    }

    fn written(&self) -> Value {
        let mut raw = self.raw.clone();
        raw.insert("fieldsV1".into(), fields::encode(&self.set));
        Value::Object(raw)
    }

    /// As the server names it: `kubectl with subresource "scale"`, without control characters.
    pub fn called(&self) -> String {
        let subresource = self.text("subresource");
        if subresource.is_empty() {
            return clean(self.manager());
        }
        format!("{} with subresource \"{}\"", clean(self.manager()), clean(subresource))
    }
}

/// The entries of an object.
pub fn entries(object: &Value) -> Vec<Entry> {
    let all = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let entry = |v: &Value| {
        let raw = v.as_object()?.clone();
        let set = fields::decode(raw.get("fieldsV1").unwrap_or(&Value::Null));
        Some(Entry { raw, set })
    };
    all.map(|a| a.iter().filter_map(entry).collect()).unwrap_or_default()
}

/// Entries as the object carries them; those that own nothing vanish.
pub fn write(entries: &[Entry]) -> Value {
    Value::Array(entries.iter().filter(|e| !e.set.is_empty()).map(Entry::written).collect())
}

/// Who owns a field, other than Helm; the first one named.
pub fn foreign_owner(object: &Value, path: &[String]) -> Option<String> {
    entries(object).into_iter().find(|e| e.manager() != HELM && e.set.contains(path)).map(|e| e.called())
}

/// When somebody last wrote the object itself, as far as its managers tell; its status does not count.
pub fn last_written(object: &Value) -> Option<Moment> {
    let own = entries(object).into_iter().filter(|e| e.text("subresource").is_empty());
    own.filter_map(|e| DateTime::parse_from_rfc3339(e.text("time")).ok()).map(|t| t.to_utc()).max()
}

/// The JSON patch that turns what Helm owns by updates into what it owns by apply; `None` where there is nothing to do.
///
/// Helm sends it before the first server-side apply to an object, or a field that only the update owned would survive.
pub fn migration(live: &Value) -> Option<Value> {
    let before = entries(live);
    let apply = |e: &Entry| e.is(HELM, "Apply");
    let update = |e: &Entry| e.is(HELM, "Update");
    if !before.iter().any(update) {
        return None;
    }
    let target = before.iter().position(apply).or_else(|| before.iter().position(update))?;
    let version = before.get(target)?.api_version().to_owned();
    let more = before.iter().find(|e| update(e) && e.api_version() == version).map(|e| e.set.clone());
    let mut after = Vec::new();
    for (at, entry) in before.into_iter().enumerate() {
        if at == target {
            let mut entry = entry;
            entry.raw.insert("operation".into(), "Apply".into());
            entry.set.extend(more.clone().unwrap_or_default());
            after.push(entry);
        } else if !update(&entry) {
            after.push(entry);
        }
    }
    let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
    Some(json!([
        {"op": "replace", "path": "/metadata/managedFields", "value": after.iter().map(Entry::written).collect::<Vec<_>>()},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(fields: &Value) -> Value {
        json!({"metadata": {"resourceVersion": "7", "managedFields": fields}})
    }

    #[test]
    fn helms_updates_are_united_into_its_apply() {
        let live = object(&json!([
            {"manager": "helm", "operation": "Apply", "apiVersion": "apps/v1", "time": "t",
             "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:a": {}}}},
            {"manager": "helm", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
             "fieldsV1": {"f:spec": {"f:a": {"f:x": {}}}}},
            {"manager": "helm", "operation": "Update", "apiVersion": "apps/v1beta1", "fieldsType": "FieldsV1",
             "fieldsV1": {"f:spec": {"f:old": {}}}},
            {"manager": "kubectl", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
             "fieldsV1": {"f:spec": {"f:b": {}}}},
        ]));
        let wanted = json!([
            {"op": "replace", "path": "/metadata/managedFields", "value": [
                {"manager": "helm", "operation": "Apply", "apiVersion": "apps/v1", "time": "t",
                 "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:a": {".": {}, "f:x": {}}}}},
                {"manager": "kubectl", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                 "fieldsV1": {"f:spec": {"f:b": {}}}},
            ]},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
        ]);
        assert_eq!(migration(&live), Some(wanted));
    }

    #[test]
    fn nothing_is_migrated_where_helm_never_updated() {
        let status = json!([{"manager": "helm", "operation": "Update", "subresource": "status", "fieldsV1": {}}]);
        assert_eq!((migration(&object(&status)), migration(&json!({}))), (None, None));
    }
}
