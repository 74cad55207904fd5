//! Named values within a test's path, headers and body: `{token}`. They come from secrets, or from the answers of
//! earlier tests.
//!
//! Never: drawn, logged or told; [`Words::hide`] takes them out of what is.

use std::collections::BTreeMap;
use std::fmt;

/// Where a value is put: what would break out of its place there is escaped, or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The path and the query.
    Path,
    /// A header.
    Header,
    /// The text of a JSON body, or another body.
    Body,
}

/// The values that are known so far.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Words(BTreeMap<String, String>);

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Words {
    /// One more.
    pub fn put(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// One that is known elsewhere.
    pub fn take(&mut self, name: &str, from: &Self) {
        if let Some(value) = from.0.get(name) {
            self.put(name, value.clone());
        }
    }

    /// Whether it is known.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The text with every name in it replaced by its value.
    ///
    /// # Errors
    /// Which name has no value, or one that cannot stand there.
    pub fn fill(&self, text: &str, place: Place) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        for name in names(text) {
            let mark = format!("{{{name}}}");
            let (before, after) = rest.split_once(&mark).unwrap_or((rest, ""));
            let value = self.0.get(&name).ok_or_else(|| format!("{{{name}}} is not known"))?;
            filled.push_str(before);
            filled.push_str(&escaped(value, place).ok_or_else(|| format!("{{{name}}} cannot stand in a header"))?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The text without any of the values.
    pub fn hide(&self, text: &str) -> String {
        // A value of a letter or two is no secret, and would make holes everywhere.
        const LEAST: usize = 4;
        let mut values: Vec<&String> = self.0.values().filter(|v| v.len() >= LEAST).collect();
        values.sort_by_key(|v| std::cmp::Reverse(v.len()));
        values.into_iter().fold(text.to_owned(), |text, value| text.replace(value.as_str(), "…"))
    }
}

/// The names in a text, in their order: `{token}`. A brace of JSON begins none.
pub fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        if is_name(name) && tail.starts_with('}') {
            found.push(name.to_owned());
        }
        rest = after;
    }
    found
}

/// Whether this can be a name: letters, digits and `_`, with a letter first.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn escaped(value: &str, place: Place) -> Option<String> {
    match place {
        Place::Path => Some(value.bytes().map(in_path).collect()),
        Place::Header => value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()).then(|| value.to_owned()),
        Place::Body => {
            let quoted = serde_json::Value::from(value).to_string();
            quoted.get(1..quoted.len().saturating_sub(1)).map(str::to_owned)
        }
    }
}

/// RFC 3986: what is not unreserved goes by its number.
fn in_path(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let mut words = Words::default();
        words.put("token", "se\"cret/1 2".into());
        words.put("id", "7".into());
        words
    }

    #[test]
    fn a_name_becomes_its_value_as_its_place_can_bear_it() {
        let cases = [
            ("/orders/{id}", Place::Path, Ok("/orders/7".into())),
            ("/x/{token}?a={id}", Place::Path, Ok("/x/se%22cret%2F1%202?a=7".into())),
            ("Bearer {token}", Place::Header, Ok("Bearer se\"cret/1 2".into())),
            ("{\"t\": \"{token}\", \"id\": {id}}", Place::Body, Ok("{\"t\": \"se\\\"cret/1 2\", \"id\": 7}".into())),
            ("{}", Place::Body, Ok("{}".into())),
            ("{id}{id}", Place::Path, Ok("77".into())),
            ("{other}", Place::Body, Err("{other} is not known".into())),
        ];
        for (text, place, wanted) in cases {
            assert_eq!(words().fill(text, place), wanted, "{text}");
        }
        let mut words = words();
        words.put("line", "a\r\nHost: b".into());
        assert_eq!(words.fill("{line}", Place::Header), Err("{line} cannot stand in a header".into()));
    }

    #[test]
    fn no_value_is_left_in_what_is_shown() {
        let mut words = words();
        words.put("longer", "se\"cret/1 2 and more".into());
        assert_eq!(words.hide("a se\"cret/1 2 and more b se\"cret/1 2 c 7"), "a … b … c 7");
        assert_eq!(format!("{words:?}"), "{\"id\", \"longer\", \"token\"}");
    }
}
