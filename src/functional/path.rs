//! A JSON path (RFC 9535), and what an answer has at it.
//!
//! Never: an answer that is no JSON taken for an empty one.

use std::fmt;

use jsonpath_rust::JsonPath as _;
use jsonpath_rust::parser::parse_json_path;
use serde_json::Value;

/// A path that can be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonPath(String);

impl JsonPath {
    /// As it is written: `$.items[0].id`; `None` where it is no JSON path.
    pub fn read(text: &str) -> Option<Self> {
        const LONGEST: usize = 200;
        let sane = text.starts_with('$') && text.len() <= LONGEST && !text.contains(char::is_control);
        (sane && parse_json_path(text).is_ok()).then(|| Self(text.to_owned()))
    }

    /// All that is there; null counts as nothing.
    pub fn all<'a>(&self, answer: &'a Value) -> Vec<&'a Value> {
        let found = answer.query(&self.0).unwrap_or_default();
        found.into_iter().filter(|value| !value.is_null()).collect()
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an answer must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// Where.
    pub path: JsonPath,
    /// What must be there, everywhere the path leads to; `None` = anything.
    pub value: Option<String>,
}

impl Expect {
    /// `$.token`, or `$.status = ACCEPTED`.
    pub fn read(text: &str) -> Option<Self> {
        let (path, value) = match text.split_once(" = ") {
            Some((path, value)) => (path, Some(value.trim().to_owned())),
            None => (text, None),
        };
        Some(Self { path: JsonPath::read(path.trim())?, value })
    }

    /// What the answer lacks; `None` = nothing.
    pub fn lacks(&self, answer: &Value) -> Option<String> {
        let (path, found) = (&self.path, self.path.all(answer));
        if found.is_empty() {
            return Some(format!("{path} is not in the answer"));
        }
        let wanted = self.value.as_deref()?;
        let other = found.into_iter().map(scalar).find(|is| is.as_deref() != Some(wanted))?;
        Some(match other {
            Some(is) => format!("{path} is {}, not {wanted}", short(&is)),
            None => format!("{path} is no single value, {wanted} is wanted"),
        })
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} = {value}", self.path),
            None => write!(f, "{}", self.path),
        }
    }
}

/// A single value as text; `None` for a list or an object.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    let text = crate::domain::text::clean(text);
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_has_what_is_expected_or_it_is_said_what_it_lacks() {
        let answer = json!({
            "token": "t", "id": 12, "ok": true, "none": null, "empty": [],
            "items": [{"state": "NEW", "price": 9.5}, {"state": "OLD", "price": 1}]
        });
        let cases = [
            ("$.token", None),
            ("$.token = t", None),
            ("$.id = 12", None),
            ("$.ok = true", None),
            ("$.items[0].state = NEW", None),
            ("$.items[?(@.price == 1)].state = OLD", None),
            ("$.missing", Some("$.missing is not in the answer")),
            ("$.none", Some("$.none is not in the answer")),
            ("$.empty[0]", Some("$.empty[0] is not in the answer")),
            ("$.id = 13", Some("$.id is 12, not 13")),
            ("$.items[*].state = NEW", Some("$.items[*].state is OLD, not NEW")),
            ("$.items = 2", Some("$.items is no single value, 2 is wanted")),
        ];
        for (expect, lacks) in cases {
            let lacking = Expect::read(expect).unwrap().lacks(&answer);
            assert_eq!(lacking.as_deref(), lacks, "{expect}");
        }
    }

    #[test]
    fn what_is_no_json_path_is_none() {
        for text in ["", "token", ".token", "$.", "$[", "$.a[?(", "$.a\nb", "a = b"] {
            assert_eq!(Expect::read(text), None, "{text:?}");
        }
    }
}
