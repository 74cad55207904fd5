//! Fields of objects by their path, for readers and writers of JSON that must not fail on a strange shape.
//!
//! Never: panicking; what is not there is absent, what is in the way is replaced.

use serde_json::{Map, Value};

/// The value at a JSON pointer's path, `None` where it is absent.
pub fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    object.pointer(path)
}

/// A text, empty where it is absent.
pub fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    object.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number, `None` where it is absent or no such number.
pub fn number(object: &Value, path: &str) -> Option<u32> {
    object.pointer(path).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok())
}

/// The name under `metadata`.
pub fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// A label.
pub fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(key)?.as_str()
}

/// An annotation.
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// Writes a member, making the objects on the way; whatever else stood there gives way.
pub fn set(object: &mut Value, path: &[&str], value: Value) {
    let mut place = object;
    for member in path {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(map) = place else { return };
        place = map.entry(*member).or_insert(Value::Null);
    }
    *place = value;
}

/// Writes a member only where none stands.
pub fn default(object: &mut Value, path: &[&str], value: Value) {
    let mut here = Some(&*object);
    for member in path {
        here = here.and_then(|v| v.get(member));
    }
    if here.is_none_or(Value::is_null) {
        set(object, path, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_is_written_through_whatever_stands_in_the_way() {
        let mut object = json!({"spec": "odd"});
        set(&mut object, &["spec", "replicas"], json!(2));
        default(&mut object, &["spec", "replicas"], json!(1));
        default(&mut object, &["spec", "paused"], json!(false));
        assert_eq!(object, json!({"spec": {"replicas": 2, "paused": false}}));
    }
}
