//! A section of a TOML file, read key by key: a wrong value is noted with its place and its cure, and reading goes on,
//! so that all mistakes of a file are told at once.
//!
//! An empty text says "not set": the commented default config can then show every key with its default.
//!
//! Never: what a key means; that is its reader's.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::length;
use super::mistake::Sheet;

/// A table and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Section<'a> {
    /// `limits`, `cluster[2]`; empty for the top of the file.
    path: String,
    table: &'a DeTable<'a>,
    at: usize,
}

/// Reads a document; text that is not TOML gives its mistakes and no table.
pub(super) fn document<'a>(sheet: &mut Sheet<'_>, text: &'a str) -> Option<DeTable<'a>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let cure = if error.message().starts_with("duplicate key") {
            "keep one of the two"
        } else {
            "a line is `key = value` or `[section]`, and text stands in \"quotes\""
        };
        let at = error.span().map_or(0, |span| span.start);
        sheet.mistake(at, "", format!("this is not TOML ({})", error.message()), cure);
    }
    errors.is_empty().then(|| table.into_inner())
}

impl<'a> Section<'a> {
    /// The top of the file.
    pub(super) fn top(table: &'a DeTable<'a>) -> Self {
        Self { path: String::new(), table, at: 0 }
    }

    /// The name of a key with its section: `limits.hold`.
    pub(super) fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) }
    }

    /// Where a key's value stands, or the section itself where it is missing.
    pub(super) fn place(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.at, |value| value.span().start)
    }

    /// Whether the key is there at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Its keys, in the order of the file.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table.keys().map(|key| key.get_ref().as_ref())
    }

    /// Notes every key that is none of `known`, by what `cure` says for it.
    pub(super) fn only(&self, sheet: &mut Sheet<'_>, known: &[&str], cure: impl Fn(&str) -> String) {
        for key in self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let name = self.name(key.get_ref());
            sheet.mistake(key.span().start, &name, format!("{name} is no known key"), cure(key.get_ref()));
        }
    }

    /// Notes a mistake about a key's value.
    pub(super) fn wrong(&self, sheet: &mut Sheet<'_>, key: &str, found: &str, cure: impl Into<String>) {
        let name = self.name(key);
        sheet.mistake(self.place(key), &name, format!("{name} {found}"), cure);
    }

    /// A text that is set.
    pub(super) fn text(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<&'a str> {
        self.quoted(sheet, key, "a text in \"quotes\" is wanted")
    }

    /// One text, or a list of texts.
    pub(super) fn texts(&self, sheet: &mut Sheet<'_>, key: &str) -> Vec<&'a str> {
        let list = self.table.get(key).and_then(|value| value.get_ref().as_array());
        let Some(list) = list else { return self.text(sheet, key).into_iter().collect() };
        let texts: Option<Vec<&str>> = list.iter().map(|one| one.get_ref().as_str()).collect();
        texts.unwrap_or_else(|| {
            self.wrong(sheet, key, "has more than texts", "a list of texts is wanted: [\"one\", \"two\"]");
            Vec::new()
        })
    }

    /// Notes a key that must be there and is not, or is empty.
    pub(super) fn required(&self, sheet: &mut Sheet<'_>, key: &str) {
        let empty = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().is_some_and(|text| text.trim().is_empty());
        if self.table.get(key).is_none_or(empty) {
            self.wrong(sheet, key, "is missing", format!("write {key} = \"...\" here"));
        }
    }

    /// A text that must be there.
    pub(super) fn needed(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<&'a str> {
        self.required(sheet, key);
        self.text(sheet, key)
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, sheet: &mut Sheet<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let wanted = one_of(&known);
        let said = self.quoted(sheet, key, &wanted)?;
        let found = words.iter().find(|(word, _)| *word == said).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let cure = nearest(said, &known).map_or(wanted, |near| format!("the nearest known word is \"{near}\""));
            self.wrong(sheet, key, &format!("is {}", quote(said)), cure);
        }
        found
    }

    /// A length of time within bounds.
    pub(super) fn length(
        &self,
        sheet: &mut Sheet<'_>,
        key: &str,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let (low, high) = (length::write(*bounds.start()), length::write(*bounds.end()));
        let wanted = "a length like \"15m\" or \"900s\" is wanted";
        let said = self.quoted(sheet, key, wanted)?;
        let Some(found) = length::read(said) else {
            self.wrong(sheet, key, &format!("is {}", quote(said)), wanted);
            return None;
        };
        if bounds.contains(&found) {
            return Some(found);
        }
        self.wrong(sheet, key, &format!("is {}", quote(said)), format!("from \"{low}\" to \"{high}\" is allowed"));
        None
    }

    /// A share of all requests, 0..1, written as `0.01` or `"1 %"`.
    pub(super) fn ratio(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<f64> {
        let value = self.table.get(key)?.get_ref();
        let found = match value {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::String(text) if text.is_empty() => return None,
            DeValue::String(text) => text
                .strip_suffix('%')
                .and_then(|percent| percent.trim().parse().ok())
                .map(|percent: f64| percent / 100.0),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        };
        let sane = found.filter(|ratio: &f64| *ratio > 0.0 && *ratio < 1.0);
        if sane.is_none() {
            let cure = "a share like 0.01 or \"1 %\" is wanted, above 0 and below 1 (100 %)";
            self.wrong(sheet, key, &format!("is {}", show(value)), cure);
        }
        sane
    }

    /// A whole number.
    pub(super) fn number<T: std::str::FromStr>(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<T> {
        let Some(value) = self.table.get(key) else {
            self.wrong(sheet, key, "is missing", format!("write {key} = 1, 2, 3 ..."));
            return None;
        };
        let found = value.get_ref().as_integer().filter(|n| n.radix() == 10).and_then(|n| n.as_str().parse().ok());
        if found.is_none() {
            self.wrong(sheet, key, &format!("is {}", show(value.get_ref())), "a whole number is wanted");
        }
        found
    }

    /// True or false.
    pub(super) fn switch(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<bool> {
        let value = self.table.get(key)?.get_ref();
        if value.as_bool().is_none() {
            self.wrong(sheet, key, &format!("is {}", show(value)), "true or false is wanted, without quotes");
        }
        value.as_bool()
    }

    /// A section within this one: `[limits]`.
    pub(super) fn section(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<Self> {
        let value = self.table.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            let header = self.name(key);
            self.wrong(sheet, key, &format!("is {}", show(value.get_ref())), format!("a section [{header}] is wanted"));
            return None;
        };
        Some(Self { path: self.name(key), table, at: value.span().start })
    }

    /// Sections in a row: `[[cluster]]`.
    pub(super) fn sections(&self, sheet: &mut Sheet<'_>, key: &str) -> Vec<Self> {
        let Some(value) = self.table.get(key) else { return Vec::new() };
        let header = self.name(key);
        let row = |(i, row): (usize, &'a Spanned<DeValue<'a>>)| {
            let table = row.get_ref().as_table()?;
            Some(Self { path: format!("{header}[{}]", i + 1), table, at: row.span().start })
        };
        let rows = value.get_ref().as_array().and_then(|rows| rows.iter().enumerate().map(row).collect());
        rows.unwrap_or_else(|| {
            let found = format!("is {}", show(value.get_ref()));
            self.wrong(sheet, key, &found, format!("sections [[{header}]] are wanted"));
            Vec::new()
        })
    }

    fn quoted(&self, sheet: &mut Sheet<'_>, key: &str, wanted: &str) -> Option<&'a str> {
        let value = self.table.get(key)?.get_ref();
        let Some(text) = value.as_str() else {
            self.wrong(sheet, key, &format!("is {}", show(value)), wanted);
            return None;
        };
        (!text.trim().is_empty()).then_some(text)
    }
}

/// `"a" or "b" is wanted`
fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("{last} is wanted"),
        Some((last, rest)) => format!("{} or {last} is wanted", rest.join(", ")),
        None => String::new(),
    }
}

/// The known word most like what was written, if any is like it at all.
pub(super) fn nearest<'k>(said: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|word| (strsim::jaro_winkler(said, word), *word))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// A text as found, short enough for one line.
pub(super) fn quote(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        return format!("\"{text}\"");
    }
    let start: String = text.chars().take(MOST).collect();
    format!("\"{start}...\"")
}

fn show(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quote(text),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(value) => value.to_string(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a section".into(),
    }
}
