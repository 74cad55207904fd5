//! One YAML document as JSON, by Helm's rules: anchors, `<<` and duplicate keys as go-yaml v2 treats them.
//!
//! Never: several documents; [`super::manifest`] splits them first, as Helm does.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use serde_json::{Map, Value};

use super::scalar::{self, Tag};

/// No honest manifest has more nodes than this, aliases counted as often as they are used.
const NODES: usize = 1_000_000;

/// One level that is being read.
enum Open {
    List { items: Vec<Value>, anchor: usize, style: StructureStyle },
    Map { members: Map<String, Value>, key: Option<Key>, anchor: usize, style: StructureStyle },
}

/// A key that waits for its value.
enum Key {
    Text(String),
    /// `<<`
    Merge,
}

struct Reader {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Value>,
    done: Option<Value>,
    nodes: usize,
    /// Whether the present event is of no text at all.
    absent: bool,
}

/// The first document of a text; `Null` where it holds nothing but comments.
///
/// # Errors
/// In words, with the line.
pub fn document(text: &str) -> Result<Value, String> {
    // YAML 1.1 has three more ends of a line; the parser below follows 1.2, which took them back.
    if let Some(odd) = text.chars().find(|c| ['\u{85}', '\u{2028}', '\u{2029}'].contains(c)) {
        let odd = u32::from(odd);
        return Err(format!(
            "error converting YAML to JSON: U+{odd:04X} ends a line for helm, which cannot be read exactly"
        ));
    }
    let mut reader = Reader { open: Vec::new(), anchors: BTreeMap::new(), done: None, nodes: 0, absent: false };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| format!("error converting YAML to JSON: yaml: {e}"))?;
        let at = |why: String| format!("error converting YAML to JSON: yaml: line {}: {why}", span.start.line());
        reader.absent = span.start.index() == span.end.index();
        reader.take(event).map_err(at)?;
        if reader.done.is_some() {
            break;
        }
    }
    Ok(reader.done.unwrap_or_default())
}

impl Reader {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let tag = tag_of(tag.as_deref(), plain)?;
                if plain && tag == Tag::Plain && text == "<<" && self.wants_key() {
                    return self.key(Key::Merge);
                }
                if plain && self.in_flow() && (text.contains('?') || text.starts_with(':')) {
                    return Err(format!("{text} in a flow collection cannot be read exactly as helm does"));
                }
                // `[a:, b]` holds the text `a:` for helm, a mapping for YAML 1.2.
                if plain && self.absent && self.in_flow() && !self.wants_key() {
                    return Err("a key without a value in a flow collection cannot be read exactly as helm does".into());
                }
                if self.wants_key() && anchor == 0 {
                    self.nodes += 1;
                    return self.key(Key::Text(scalar::key_of(&text, tag)?));
                }
                let value = scalar::resolve(&text, tag)?;
                self.value(value, anchor)
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open.push(Open::List { items: Vec::new(), anchor, style });
                Ok(())
            }
            Event::MappingStart(style, anchor, _) => {
                self.open.push(Open::Map { members: Map::new(), key: None, anchor, style });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { items, anchor, .. }) => self.value(Value::Array(items), anchor),
                Some(Open::Map { members, anchor, .. }) => self.value(Value::Object(members), anchor),
                None => Err("it ends more than it began".into()),
            },
            Event::Alias(id) => match self.anchors.get(&id).cloned() {
                Some(value) => {
                    self.nodes += weight(&value);
                    self.value(value, 0)
                }
                None => Err("an anchor contains itself".into()),
            },
            Event::UnresolvedAlias(name) => Err(format!("unknown anchor '{name}' referenced")),
            Event::DocumentEnd if self.done.is_none() => {
                self.done = Some(Value::Null);
                Ok(())
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::Comment(..) => Ok(()),
            _ => Err("it holds something that this YAML reader does not know".into()),
        }
    }

    fn in_flow(&self) -> bool {
        self.open.iter().any(|open| match open {
            Open::List { style, .. } | Open::Map { style, .. } => *style == StructureStyle::Flow,
        })
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map { key: None, .. }))
    }

    fn key(&mut self, new: Key) -> Result<(), String> {
        match self.open.last_mut() {
            Some(Open::Map { key, .. }) => {
                *key = Some(new);
                Ok(())
            }
            Some(Open::List { .. }) | None => Err("a key stands outside a mapping".into()),
        }
    }

    fn value(&mut self, value: Value, anchor: usize) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > NODES {
            return Err("it has more than a million nodes; its aliases multiply".into());
        }
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Map { members, key, .. }) => match key.take() {
                None => *key = Some(Key::Text(scalar::key(&value)?)),
                Some(Key::Text(name)) => {
                    members.insert(name, value);
                }
                Some(Key::Merge) => merge(members, value)?,
            },
        }
        Ok(())
    }
}

/// go-yaml v2 merges where the `<<` stands: what comes later wins; in a list of mappings the first wins.
fn merge(members: &mut Map<String, Value>, value: Value) -> Result<(), String> {
    match value {
        Value::Object(more) => {
            members.extend(more);
            Ok(())
        }
        Value::Array(several) => several.into_iter().rev().try_for_each(|one| match one {
            Value::Object(more) => {
                members.extend(more);
                Ok(())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err("map merge requires map or sequence of maps as the value".to_owned())
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err("map merge requires map or sequence of maps as the value".into())
        }
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 1,
        Value::Object(members) => members.values().map(weight).sum::<usize>() + 1,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

fn tag_of(tag: Option<&granit_parser::Tag>, plain: bool) -> Result<Tag, String> {
    let Some(tag) = tag else { return Ok(if plain { Tag::Plain } else { Tag::Str }) };
    let Some(core) = tag.suffix_in_namespace("tag:yaml.org,2002:") else { return Ok(Tag::Str) };
    Ok(match core.as_ref() {
        "str" => Tag::Str,
        "timestamp" => Tag::Timestamp,
        "binary" => Tag::Binary,
        "int" => Tag::Int,
        "float" => Tag::Float,
        "bool" => Tag::Bool,
        "null" => Tag::Null,
        other => return Err(format!("the tag !!{other} on a scalar cannot be read exactly as helm does")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn documents_mean_what_helm_sends() {
        let cases = [
            (
                "mode: 0644\nquoted: '0644'\nblock: |\n  0644\n",
                json!({"mode": 420, "quoted": "0644", "block": "0644\n"}),
            ),
            ("1: a\n1.5: b\nyes: c\n", json!({"1": "a", "1.5": "b", "true": "c"})),
            ("a: 1\na: 2\n", json!({"a": 2})),
            ("x: &x {a: 1, b: 2}\nz:\n  <<: *x\n  b: 3\n", json!({"x": {"a": 1, "b": 2}, "z": {"a": 1, "b": 3}})),
            ("x: &x {b: 2}\nz:\n  b: 3\n  <<: *x\n", json!({"x": {"b": 2}, "z": {"b": 2}})),
            ("z:\n  <<: [{a: 1}, {a: 2, c: 3}]\ny: 1\n", json!({"z": {"a": 1, "c": 3}, "true": 1})),
            ("'<<': {a: 1}\n", json!({"<<": {"a": 1}})),
            ("# only a comment\n", json!(null)),
            ("empty:\nlist: []\n", json!({"empty": null, "list": []})),
            ("b: !!binary aGk=\ns: !!str 1\nown: !mine 1\n", json!({"b": "hi", "s": "1", "own": "1"})),
            (r#"{"a": "\u00e9", "b": [1, 2.50]}"#, json!({"a": "é", "b": [1, 2.5]})),
        ];
        for (text, wanted) in cases {
            assert_eq!(document(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        assert_eq!(
            document("a: 1\n~: 2\n"),
            Err("error converting YAML to JSON: yaml: line 2: a key is null; only text, numbers and booleans can be keys".into())
        );
        for text in ["a: {?b: 1}\n", "a: [b?c]\n", "a: [b:, c]\n", "a: {b:}\n", "a: x\u{2028}y\n", "a: !!timestamp 1\n"]
        {
            assert!(document(text).is_err(), "{text:?}");
        }
        assert!(document("a: [1\n").is_err());
        assert!(document("a: *gone\n").is_err());
    }

    #[test]
    fn aliases_that_multiply_are_stopped() {
        let mut text = String::from("l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..9 {
            let below = level - 1;
            let aliases = vec![format!("*l{below}"); 10].join(",");
            text = format!("{text}l{level}: &l{level} [{aliases}]\n");
        }
        assert!(document(&text).unwrap_err().contains("more than a million nodes"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[-a-z0-9:{}\\[\\]&*!|>'\"#%@ \n<~.,?]{0,60}") {
            let _ = document(&text);
        }
    }
}
