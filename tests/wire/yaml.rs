//! What a document means to the real helm: the JSON that it sends for it, against what our reader makes of it.
//!
//! Never: a document of several; how a manifest is cut into documents is not drawn here.

use backout::helm::manifest;
use serde_json::Value;

use super::api::path;
use super::case::NAMESPACE;
use super::chance::Chance;
use super::kinds::{CUSTOM, Kinds};
use super::oracle::{HELM3, Oracle, Way};

/// A custom resource whose spec is that text, two columns in.
pub fn document(at: usize, spec: &str) -> String {
    let (version, kind, _) = CUSTOM;
    let indented = |line: &str| format!("  {line}");
    let lines: String = spec.split_inclusive('\n').map(indented).collect();
    format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: y{at}}}\nspec:\n{lines}\n")
}

/// What we make of a spec.
pub fn ours(spec: &str) -> Result<Value, String> {
    manifest::parse(&document(0, spec)).map(|objects| objects[0].get("spec").cloned().unwrap_or_default())
}

/// What helm sends for each spec; `None` where it can read nothing. A release that cannot be read is halved until it is
/// known which of its documents it was.
pub fn theirs(oracle: &Oracle, way: Way, specs: &[String]) -> Vec<Option<Value>> {
    if specs.is_empty() {
        return Vec::new();
    }
    let one = |(at, spec): (usize, &String)| format!("---\n{}", document(at, spec));
    let manifest: String = specs.iter().enumerate().map(one).collect();
    oracle.seed_manifests("", &manifest, way);
    oracle.helm(way);
    let kind = oracle.kinds.kinds.iter().find(|k| k.plural == CUSTOM.2).expect("a custom kind");
    let store = oracle.api.store();
    let sent = |at: usize| store.objects.get(&path(kind, NAMESPACE, &format!("y{at}")));
    if sent(0).is_none() && specs.len() > 1 {
        drop(store);
        let (left, right) = specs.split_at(specs.len() / 2);
        let mut all = theirs(oracle, way, left);
        all.extend(theirs(oracle, way, right));
        return all;
    }
    (0..specs.len()).map(|at| sent(at).map(|o| o["spec"].clone())).collect()
}

/// Beyond 64 bits the same float is written with and without an exponent.
pub fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|b| same(v, b)))
        }
        (a, b) => a == b,
    }
}

/// Whether our custom kind is served.
pub fn oracle(kinds: &std::sync::Arc<Kinds>) -> Oracle {
    Oracle::start(std::sync::Arc::clone(kinds))
}

/// Differences between both readers, each told in a sentence: what we read otherwise, or refuse where helm does not.
pub fn differences(oracle: &Oracle, specs: &[String]) -> Vec<String> {
    let (readable, mut refused): (Vec<String>, Vec<String>) = specs.iter().cloned().partition(|s| ours(s).is_ok());
    // Each of these needs a run of helm by itself.
    let most = specs.len() / SINGLY;
    let every = (refused.len() / most.max(1)).max(1);
    refused = refused.into_iter().step_by(every).collect();
    let mut told = Vec::new();
    for (specs, together) in [(readable, 200), (refused, 1)] {
        for some in specs.chunks(together) {
            for (spec, theirs) in some.iter().zip(theirs(oracle, HELM3, some)) {
                match (ours(spec), theirs) {
                    (Ok(ours), Some(theirs)) if same(&ours, &theirs) => {}
                    (Err(_), None) => {}
                    (Err(why), Some(_)) if REFUSED.iter().any(|known| why.contains(known)) => {}
                    (ours, theirs) => told.push(format!("{spec:?}: ours {ours:?}, helm's {theirs:?}")),
                }
            }
        }
    }
    told
}

/// Of so many documents one that we refuse is put to helm.
const SINGLY: usize = 40;

/// What we refuse to read although helm reads it: a release that says so is left to helm.
const REFUSED: [&str; 4] = [
    "cannot be read exactly",
    "plain scalar cannot start with '-'",
    "while parsing a flow mapping",
    "comments must be separated",
];

const SIGNS: [&str; 5] = ["", "", "", "-", "+"];
const PREFIXES: [&str; 9] = ["", "", "", "0", "00", "0x", "0o", "0b", "0X"];
const DIGITS: [&str; 12] = ["0", "1", "7", "8", "9", "12", "755", "ff", "1F", "_", "010", "999999999999999999"];
const TAILS: [&str; 16] =
    ["", "", "", "", ".", ".5", ".10", "e3", "E5", "e-2", "e+07", "_", ":30", ":20:30", ",000", ".2.3"];
const WORDS: [&str; 34] = [
    "yes", "Yes", "YES", "yEs", "no", "No", "NO", "on", "On", "off", "OFF", "y", "Y", "n", "N", "true", "True", "TRUE",
    "false", "False", "null", "Null", "NULL", "~", ".nan", ".NaN", ".inf", "-.Inf", "+.INF", "<<", "=", "nan", "inf",
    "Infinity",
];
const TIMES: [&str; 9] = [
    "2024-01-01",
    "2024-1-1",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43.10 -5",
    "2024-01-01T10:00:00Z",
    "2024-01-01 10:00:00",
    "24-01-01",
    "2024-13-45",
    "12:30:45.5",
];
const PIECES: [&str; 41] = [
    "a", "b", "Z", "0", "1", "9", " ", " ", "-", "_", ".", ":", ": ", " #", "#", "/", ",", "'", "\"", "@", "`", "%",
    "|", ">", "?", "{", "}", "[", "]", "=", "~", "^", "$", "\\", "(", "<", "é", "日", "😀", "\u{a0}", "- ",
];
const ESCAPES: [&str; 27] = [
    "a",
    "b",
    " ",
    "é",
    "\\n",
    "\\t",
    "\\x41",
    "\\u00e9",
    "\\U0001F600",
    "\\e",
    "\\0",
    "\\\"",
    "\\\\",
    "\\ ",
    "\\N",
    "\\_",
    "\\L",
    "\\P",
    "\\a",
    "\\b",
    "\\v",
    "\\f",
    "\\r",
    "\n",
    "\\\n",
    "\\q",
    "'",
];
const LINES: [&str; 10] = ["a", "b c", "  deeper", " x ", "", "", "# no comment", "k: v", "- i", "x\té"];

fn of(chance: &mut Chance, pieces: &[&str], most: usize) -> String {
    (0..=chance.below(most)).map(|_| *chance.one(pieces)).collect()
}

fn number(chance: &mut Chance) -> String {
    let mut text = (*chance.one(&SIGNS)).to_owned() + *chance.one(&PREFIXES);
    text += &of(chance, &DIGITS, 3);
    text + *chance.one(&TAILS)
}

fn plain(chance: &mut Chance) -> String {
    match chance.below(10) {
        0..5 => number(chance),
        5 => (*chance.one(&WORDS)).to_owned(),
        6 => (*chance.one(&TIMES)).to_owned(),
        7 => of(chance, &["0", "1", ".", "_", "e", "E", "+", "-", "x", "o", "b", ":", "f"], 7),
        _ => of(chance, &PIECES, 6),
    }
}

/// A random spec: one scalar, in one of the ways in which a template can write it.
pub fn spec(chance: &mut Chance) -> String {
    match chance.below(16) {
        0..6 => format!("v: {}", plain(chance)),
        6 => format!("v: [{}, {}]", plain(chance), plain(chance)),
        7 => format!("v: {{a: {}, {}: b}}", plain(chance), plain(chance)),
        8 => format!("{}: 1", plain(chance)),
        9 => format!("- {}\n- {}", plain(chance), plain(chance)),
        10 => format!("v: \"{}\"", of(chance, &ESCAPES, 6)).replace('\n', "\n  "),
        11 => {
            format!("v: '{}'", of(chance, &["a", " ", "''", "\"", "\\", "\n", "é", "#", ": "], 6)).replace('\n', "\n  ")
        }
        12 | 13 => {
            let head = (*chance.one(&["|", ">", "|-", ">-", "|+", ">+", "|2", ">2-", "|1"])).to_owned();
            let mut lines = vec![""];
            lines.extend((0..=chance.below(5)).map(|_| *chance.one(&LINES)));
            let lines = lines.join("\n  ");
            let after = *chance.one(&["", "\nw: 1", "\n\nw: 1"]);
            format!("v: {head}{lines}{after}")
        }
        14 => format!("v: {}\n  {}\n  {}", of(chance, &PIECES, 3), plain(chance), plain(chance)),
        _ => {
            let tag =
                *chance.one(&["!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary", "!!timestamp", "!own", "!"]);
            format!("v: {tag} {}", plain(chance))
        }
    }
}
