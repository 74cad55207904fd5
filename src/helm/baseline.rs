//! What may have been put into the cluster before, where the newest record alone cannot tell: a rollback that was cut off
//! has changed some objects and not others. So whatever it found deployed counts as well, field by field.
//!
//! A deviation from helm, which takes the newest record for the whole truth, and so leaves behind for good what a rollback
//! cut off in the middle had not come to. Left out where helm is to be followed exactly.
//!
//! Never: reading what is live.

use serde_json::Value;

use super::choices::Manner;
use super::draft::Stored;
use super::manifest;
use super::record::Record;
use super::schema;
use super::strategic::{self, Into};
use crate::domain::release::Status;

/// The record beside the newest one whose objects may still be live; none where the newest tells all.
pub fn beside<'a>(last: &Record, history: &'a [Stored], manner: Manner) -> Option<&'a Stored> {
    if last.status != Status::PendingRollback || manner == Manner::Exact {
        return None;
    }
    history.iter().rfind(|stored| stored.status == Status::Deployed && stored.revision < last.revision)
}

/// The objects of both, each with the fields of both; those of the newer one first and in its order.
///
/// # Errors
/// In words, naming the object whose two versions cannot be put together.
pub fn both(mut older: Vec<Value>, newer: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    for object in newer {
        let before = older.iter().position(|o| identity(o) == identity(&object)).map(|at| older.remove(at));
        all.push(match before {
            Some(before) => over(&before, &object)?,
            None => object,
        });
    }
    all.extend(older);
    Ok(all)
}

fn over(before: &Value, object: &Value) -> Result<Value, String> {
    let gvk = manifest::gvk(object);
    if !schema::native(&gvk) {
        let mut merged = before.clone();
        json_patch::merge(&mut merged, object);
        return Ok(merged);
    }
    let map = |v: &Value| v.as_object().cloned().unwrap_or_default();
    let merged = strategic::merge(map(before), map(object), schema::root(&gvk), Into::Object);
    merged.map(Value::Object).map_err(|why| format!("{} {}: {why}", gvk.kind, manifest::name(object)))
}

/// As in [`super::draft::Item::same`].
fn identity(object: &Value) -> (String, String, Option<String>, String) {
    let gvk = manifest::gvk(object);
    let namespace = manifest::namespace(object).map(|n| n.as_str().to_owned());
    (gvk.group, gvk.kind, namespace, manifest::name(object).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(kind: &str, name: &str, spec: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
    }

    #[test]
    fn what_either_record_has_may_be_live() {
        let port = |number: u32| json!({"ports": [{"port": number}]});
        let older = vec![object("Service", "web", &port(2)), object("ConfigMap", "old", &json!({}))];
        let newer = vec![object("ConfigMap", "new", &json!({})), object("Service", "web", &port(1))];
        let mut all = both(older.clone(), newer.clone()).unwrap();
        let web = all.remove(1);
        let mut ports: Vec<_> = web["spec"]["ports"].as_array().unwrap().iter().map(|p| p["port"].clone()).collect();
        ports.sort_by_key(Value::as_u64);
        assert_eq!(ports, [json!(1), json!(2)]);
        assert_eq!(all, [newer[0].clone(), older[1].clone()]);
    }
}
