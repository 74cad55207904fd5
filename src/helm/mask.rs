//! What must never be shown: the values of Secrets, and plain values under a name that says secret, however deep below
//! it they stand, also within texts.
//!
//! Never: deciding by the value; a value that looks harmless under such a name is hidden too. Of a hidden value only
//! this is told, that it is another one than before.

pub mod text;

use serde_json::Value;

/// What stands in the place of a hidden value.
pub const HIDDEN: &str = "(hidden)";

/// What stands in the place of a hidden value that is another one than before.
pub const CHANGED: &str = "(hidden, another)";

/// Names that say their value is a secret; compared without case, `_` and `-`.
const TELLING: [&str; 10] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey", "credential", "dsn"];

/// Names that say where a secret is, or which.
const REFERENCES: [&str; 7] = [
    "secretname",
    "secretkeyref",
    "secretref",
    "imagepullsecrets",
    "automountserviceaccounttoken",
    "serviceaccounttoken",
    "nodepublishsecretref",
];

/// Members of a volume that comes from a Secret (Kubernetes `SecretVolumeSource`, `SecretProjection`).
const SOURCE: [&str; 5] = ["secretName", "name", "items", "defaultMode", "optional"];

/// What is known of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Nothing says secret.
    Open,
    /// It stands below a name that says secret.
    Telling,
    /// It stands in a Secret's data.
    Secret,
}

fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn is_reference(name: &str) -> bool {
    REFERENCES.contains(&bare(name).as_str())
}

/// Whether a name says that its value is secret (`DB_PASSWORD`); a reference to a secret is none (`secretName`), nor is
/// what went wrong with one (`InvalidTokenException`).
pub fn telling(name: &str) -> bool {
    let bare = bare(name);
    if bare.ends_with("exception") || bare.ends_with("error") {
        return false;
    }
    !REFERENCES.contains(&bare.as_str()) && TELLING.iter().any(|t| bare.contains(t))
}

impl Cover {
    /// The cover of a member, given its name, its value and the `name` beside it (`name: DB_PASSWORD, value: …`).
    pub fn of_member(self, name: &str, value: Option<&Value>, beside: Option<&str>) -> Self {
        let source = || {
            let members = value.and_then(Value::as_object);
            name == "secret" && members.is_some_and(|m| m.keys().all(|k| SOURCE.contains(&k.as_str())))
        };
        match self {
            Self::Secret => Self::Secret,
            Self::Open | Self::Telling if is_reference(name) || source() => Self::Open,
            Self::Open if telling(name) || (name == "value" && beside.is_some_and(telling)) => Self::Telling,
            Self::Open | Self::Telling => self,
        }
    }

    /// The cover of an element, given the one before it: `--password` is followed by one.
    pub fn of_element(self, before: Option<&Value>) -> Self {
        let flag = before.and_then(Value::as_str).filter(|f| f.starts_with('-') && !f.contains('='));
        if self == Self::Open && flag.is_some_and(telling) { Self::Telling } else { self }
    }
}

/// The value with what is secret in it hidden. `before`: what stood there before, where
/// it is compared with something.
pub fn mask(value: &Value, before: Option<&Value>, cover: Cover) -> Value {
    match value {
        Value::Object(map) => {
            let beside = map.get("name").and_then(Value::as_str);
            let one = |(k, v): (&String, &Value)| {
                let before = before.and_then(|b| b.get(k));
                (k.clone(), mask(v, before, cover.of_member(k, Some(v), beside)))
            };
            Value::Object(map.iter().map(one).collect())
        }
        Value::Array(items) => {
            let one = |(at, v): (usize, &Value)| {
                let before = before.and_then(|b| counterpart(b, at, v));
                mask(v, before, cover.of_element(at.checked_sub(1).and_then(|at| items.get(at))))
            };
            Value::Array(items.iter().enumerate().map(one).collect())
        }
        Value::Null => Value::Null,
        Value::Bool(_) | Value::Number(_) | Value::String(_) if cover != Cover::Open => {
            if before.is_some_and(|b| b != value) { CHANGED.into() } else { HIDDEN.into() }
        }
        Value::String(text) => text::mask(text, before.and_then(Value::as_str)).into(),
        scalar @ (Value::Bool(_) | Value::Number(_)) => scalar.clone(),
    }
}

/// The element of a list that is to be compared with this one: of the same name, else at the same place.
fn counterpart<'a>(list: &'a Value, at: usize, element: &Value) -> Option<&'a Value> {
    match element.get("name") {
        Some(name) => list.as_array()?.iter().find(|e| e.get("name") == Some(name)),
        None => list.get(at),
    }
}

/// A whole object, masked; of a Secret everything under `data` and `stringData`.
pub fn object(object: &Value, before: Option<&Value>) -> Value {
    let mut shown = mask(object, before, Cover::Open);
    if object.get("kind").and_then(Value::as_str) == Some("Secret") {
        for member in ["data", "stringData"] {
            if let (Some(place), Some(hidden)) = (shown.get_mut(member), object.get(member)) {
                let before = before.and_then(|b| b.get(member));
                *place = mask(hidden, before, Cover::Secret);
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn masked(value: &Value) -> Value {
        mask(value, None, Cover::Open)
    }

    #[test]
    fn secrets_are_hidden_and_references_are_not() {
        let secret =
            json!({"kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "eA=="}, "stringData": {"b": "x"}});
        assert_eq!(
            object(&secret, None),
            json!({"kind": "Secret", "metadata": {"name": "s"}, "data": {"a": HIDDEN}, "stringData": {"b": HIDDEN}})
        );
        let pod = json!({"env": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "LEVEL", "value": "info"}],
            "secretName": "s", "apiKey": "k", "tokenSeconds": null});
        assert_eq!(
            masked(&pod),
            json!({"env": [{"name": "DB_PASSWORD", "value": HIDDEN}, {"name": "LEVEL", "value": "info"}],
                "secretName": "s", "apiKey": HIDDEN, "tokenSeconds": null})
        );
    }

    #[test]
    fn what_stands_below_a_telling_name_is_hidden_however_deep() {
        let values = json!({"secrets": {"STRIPE": "sk_live", "nested": {"n": 7, "on": true}}, "tokens": ["a", {"b": "c"}],
            "credentials": {"user": "app", "key": "k", "secretName": "s"}, "replicas": 2});
        assert_eq!(
            masked(&values),
            json!({"secrets": {"STRIPE": HIDDEN, "nested": {"n": HIDDEN, "on": HIDDEN}}, "tokens": [HIDDEN, {"b": HIDDEN}],
                "credentials": {"user": HIDDEN, "key": HIDDEN, "secretName": "s"}, "replicas": 2})
        );
    }

    #[test]
    fn the_sources_of_volumes_and_variables_stay_legible() {
        let volumes = json!([{"name": "v", "secret": {"secretName": "tls", "defaultMode": 420}},
            {"name": "p", "projected": {"sources": [{"secret": {"name": "db"}}, {"serviceAccountToken": {"path": "t"}}]}},
            {"name": "e", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]);
        assert_eq!(masked(&volumes), volumes);
    }

    #[test]
    fn the_argument_after_a_telling_flag_is_hidden() {
        assert_eq!(
            masked(&json!(["--db-password", "x", "--level", "info", "--token=y"])),
            json!(["--db-password", HIDDEN, "--level", "info", format!("--token={HIDDEN}")])
        );
    }

    #[test]
    fn of_a_hidden_value_it_is_told_that_it_is_another_one() {
        let old = json!({"password": "a", "token": "t", "env": [{"name": "X", "value": "1"}, {"name": "API_KEY", "value": "1"}]});
        let new = json!({"password": "b", "token": "t", "env": [{"name": "API_KEY", "value": "2"}], "dsn": "d"});
        assert_eq!(
            mask(&new, Some(&old), Cover::Open),
            json!({"password": CHANGED, "token": HIDDEN, "env": [{"name": "API_KEY", "value": CHANGED}], "dsn": HIDDEN})
        );
    }
}
