//! Objects as a chart renders them: YAML text that Helm's rules read back as the same value.
//!
//! Never: reading; that is `helm/manifest`.

use std::fmt::Write as _;

use serde_json::Value;

/// One document of a manifest, with Helm's source line.
pub fn document(source: &str, object: &Value) -> String {
    let mut text = format!("---\n# Source: {source}\n");
    write(&mut text, object, 0);
    text
}

fn write(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) => {
            for (key, member) in map {
                let _infallible = write!(out, "{:indent$}{}:", "", scalar(key));
                after(out, member, indent + 2);
            }
        }
        Value::Array(items) => {
            for item in items {
                let start = out.len();
                write(out, item, indent + 2);
                if let Some(rest) = out.get(start..).map(str::trim_start).map(str::to_owned) {
                    out.truncate(start);
                    let _infallible = write!(out, "{:indent$}- {rest}", "");
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _infallible = writeln!(out, "{:indent$}{}", "", plain(value));
        }
    }
}

fn after(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Object(_) => {
            out.push('\n');
            write(out, value, indent);
        }
        Value::Array(_) => {
            out.push('\n');
            write(out, value, indent - 2);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _infallible = writeln!(out, " {}", plain(value));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Plain where no YAML, 1.1 or 1.2, can take it for anything but this text; else in double quotes.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let goes_on = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:".contains(c));
    if starts && goes_on && !text.ends_with(':') && !WORDS.contains(&text.to_lowercase().as_str()) {
        text.into()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_reads_as_a_chart_would_render_it() {
        let object = json!({
            "kind": "Deployment",
            "metadata": {"annotations": {}, "labels": {"version": "2.4.0", "on": "yes"}},
            "spec": {"containers": [{"name": "a", "args": ["-x", "b c"], "env": []}], "paused": false}
        });
        let wanted = "---\n# Source: shop/templates/a.yaml\nkind: Deployment\nmetadata:\n  annotations: {}\n  labels:\n    version: \"2.4.0\"\n    \"on\": \"yes\"\nspec:\n  containers:\n  - name: a\n    args:\n    - \"-x\"\n    - \"b c\"\n    env: []\n  paused: false\n";
        assert_eq!(document("shop/templates/a.yaml", &object), wanted);
    }
}
