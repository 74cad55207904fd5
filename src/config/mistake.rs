//! A mistake in a file, told so that a tired person can correct it without looking anything up.
//!
//! Never: a secret's value, the toml parser's own drawing of the line.

use std::fmt;

use crate::domain::text::clean;

/// One mistake: where, what was found, what is wanted instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file as the operator named it.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The key with its section, `limits.hold`; empty where the file is not even TOML.
    pub key: String,
    /// What was found: `limits.hold is "15x"`.
    pub sentence: String,
    /// What is wanted: `a length like "15m" or "900s" is wanted`.
    pub cure: String,
}

impl fmt::Display for Mistake {
    /// `backout.toml:12: limits.hold is "15x": a length like "15m" or "900s" is wanted`. A mistake without a key has
    /// its column as well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.file, self.line)?;
        if self.key.is_empty() {
            write!(f, "{}:", self.column)?;
        }
        write!(f, " {}: {}", self.sentence, self.cure)
    }
}

/// Every mistake of one file, in the order of its lines; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// The mistakes, ordered; `Err(value)` hands the value back where there are none.
    pub(super) fn of<T>(value: T, mut found: Vec<Mistake>) -> Result<T, Self> {
        if found.is_empty() {
            return Ok(value);
        }
        found.sort_by_key(|m| (m.line, m.column));
        Err(Self(found))
    }

    /// In the order of the lines.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }
}

impl fmt::Display for Mistakes {
    /// One line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

/// A file being read: it turns byte offsets into lines and collects the mistakes.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<Mistake>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(text: &'a str, file: &'a str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// Notes a mistake at a byte offset.
    pub(super) fn mistake(&mut self, at: usize, key: &str, sentence: impl Into<String>, cure: impl Into<String>) {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.found.push(Mistake {
            file: clean(self.file),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            key: clean(key),
            sentence: clean(&sentence.into()),
            cure: clean(&cure.into()),
        });
    }

    /// The value, if nothing was wrong; else every mistake.
    pub(super) fn verdict<T>(self, value: T) -> Result<T, Mistakes> {
        Mistakes::of(value, self.found)
    }
}
