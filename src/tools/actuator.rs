//! What a health endpoint says: Spring Boot's actuator, and the plain words of others.
//!
//! Never: a status line taken for a word of health.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::health::{Reply, is_word};
use crate::domain::text::{clean, clean_lines};

/// Of an answer at most so many characters are kept.
const MOST: usize = 16_384;

/// An answer, read.
pub fn reply(code: u16, body: &str) -> Reply {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let word = |v: &Value| v.get("status").and_then(Value::as_str).map(capitals);
    let components = json.as_ref().and_then(|j| j.get("components").or_else(|| j.get("details"))?.as_object());
    let components: BTreeMap<String, String> =
        components.into_iter().flatten().filter_map(|(name, part)| Some((clean(name), word(part)?))).collect();
    // A page of HTML or an error's own text is no word of health, nor is the `status` of an error.
    let said = json.as_ref().map_or_else(|| Some(capitals(body.trim())), word).filter(|said| is_word(said));
    let laid_out = json.as_ref().and_then(Value::as_object).map(|members| {
        let lines: Vec<String> = members.iter().flat_map(|(name, value)| member(name, value)).collect();
        lines.join("\n")
    });
    let text: String = laid_out.as_deref().unwrap_or(body).chars().take(MOST).collect();
    Reply { code, word: said, components, body: clean_lines(text.trim_end()) }
}

/// A member in a line; of components each in a line of its own, those that are not well first.
fn member(name: &str, value: &Value) -> Vec<String> {
    let Some(parts) = value.as_object().filter(|_| ["components", "details"].contains(&name)) else {
        return vec![format!("{name}: {value}")];
    };
    let up = |part: &Value| part.get("status").and_then(Value::as_str) == Some("UP");
    let mut parts: Vec<(&String, &Value)> = parts.iter().collect();
    parts.sort_by_key(|(_, part)| up(part));
    let lines = parts.into_iter().map(|(name, part)| format!("  {name}: {part}"));
    std::iter::once(format!("{name}:")).chain(lines).collect()
}

fn capitals(word: &str) -> String {
    clean(word).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer, its word, and the words of its components.
    type Case<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, &'a str)]);

    #[test]
    fn the_word_and_its_components_are_read_and_html_has_none() {
        let spring =
            r#"{"status":"DOWN","components":{"db":{"status":"DOWN","details":{"error":"x"}},"ping":{"status":"UP"}}}"#;
        let cases: [Case<'_>; 10] = [
            (spring, Some("DOWN"), &[("db", "DOWN"), ("ping", "UP")]),
            (r#"{"status":"up","details":{"db":{"status":"UP"}}}"#, Some("UP"), &[("db", "UP")]),
            (r#"{"status":"UP"}"#, Some("UP"), &[]),
            (r#"{"status":503,"error":"x"}"#, None, &[]),
            ("ok\n", Some("OK"), &[]),
            ("<html>shop</html>", None, &[]),
            (r#"{"status":"error","message":"no such page"}"#, None, &[]),
            ("boom", None, &[]),
            ("", None, &[]),
            ("[]", None, &[]),
        ];
        for (body, word, components) in cases {
            let read = reply(200, body);
            let components = components.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect();
            assert_eq!((read.word.as_deref(), read.components), (word, components), "{body}");
        }
    }

    #[test]
    fn what_is_kept_of_an_answer_is_bounded_and_harmless() {
        let read = reply(200, &format!("{{\"status\":\"U\\u001b[2JP\",\"x\":\"{}\"}}", "y".repeat(50_000)));
        assert_eq!(read.word.as_deref(), Some("UP"));
        assert!(read.body.len() <= MOST && !read.body.contains('\u{1b}'));
        let laid_out = reply(503, r#"{"status":"DOWN","components":{"ping":{"status":"UP"},"db":{"status":"DOWN"}}}"#);
        let wanted = "status: \"DOWN\"\ncomponents:\n  db: {\"status\":\"DOWN\"}\n  ping: {\"status\":\"UP\"}";
        assert_eq!(laid_out.body, wanted);
        assert_eq!(reply(500, "boom\u{1b}]0;x\u{7}\nagain").body, "boom\nagain");
    }
}
