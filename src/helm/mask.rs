//! What must never be shown: the values of Secrets, and plain values under a name that says secret.
//!
//! Never: deciding by the value; a value that looks harmless under such a name is hidden too.

use serde_json::Value;

/// What stands in the place of a hidden value.
pub const HIDDEN: &str = "(hidden)";

/// Names that say their value is a secret; compared without case, `_` and `-`.
const TELLING: [&str; 10] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey", "credential", "dsn"];

/// Whether a name says that its value is secret (`DB_PASSWORD`); a reference to a secret is none (`secretName`).
pub fn telling(name: &str) -> bool {
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let reference = ["secretname", "secretkeyref", "secretref", "imagepullsecrets", "automountserviceaccounttoken"];
    !reference.contains(&bare.as_str()) && TELLING.iter().any(|t| bare.contains(t))
}

/// The value with what is secret in it hidden. `secret`: it stands inside a Secret's data.
pub fn mask(value: &Value, secret: bool) -> Value {
    match value {
        Value::Object(map) => {
            let named = map.get("name").and_then(Value::as_str).is_some_and(telling);
            let hides = |key: &str, value: &Value| {
                let scalar = !value.is_object() && !value.is_array() && !value.is_null();
                scalar && (telling(key) || (named && key == "value"))
            };
            let one =
                |(k, v): (&String, &Value)| (k.clone(), if hides(k, v) { HIDDEN.into() } else { mask(v, secret) });
            Value::Object(map.iter().map(one).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|v| mask(v, secret)).collect()),
        Value::Null => Value::Null,
        Value::Bool(_) | Value::Number(_) | Value::String(_) if secret => HIDDEN.into(),
        scalar @ (Value::Bool(_) | Value::Number(_) | Value::String(_)) => scalar.clone(),
    }
}

/// A whole object, masked; of a Secret everything under `data` and `stringData`.
pub fn object(object: &Value) -> Value {
    let mut shown = mask(object, false);
    if object.get("kind").and_then(Value::as_str) == Some("Secret") {
        for member in ["data", "stringData"] {
            if let (Some(place), Some(hidden)) = (shown.get_mut(member), object.get(member)) {
                *place = mask(hidden, true);
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_hidden_and_references_are_not() {
        let secret =
            json!({"kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "eA=="}, "stringData": {"b": "x"}});
        assert_eq!(
            object(&secret),
            json!({"kind": "Secret", "metadata": {"name": "s"}, "data": {"a": HIDDEN}, "stringData": {"b": HIDDEN}})
        );
        let pod = json!({"env": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "LEVEL", "value": "info"}],
            "secretName": "s", "apiKey": "k", "tokenSeconds": null});
        assert_eq!(
            object(&pod),
            json!({"env": [{"name": "DB_PASSWORD", "value": HIDDEN}, {"name": "LEVEL", "value": "info"}],
                "secretName": "s", "apiKey": HIDDEN, "tokenSeconds": null})
        );
    }
}
