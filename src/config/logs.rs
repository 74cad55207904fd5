//! `[logs]`: which lines of the logs count as errors, over how long, and how many are too many.
//!
//! Never: a pattern that no line can have; it would always look clean.

use std::time::Duration;

use super::mistake::Sheet;
use super::section::Section;
use crate::domain::logs::{LogRule, Words};
use crate::domain::name::Container;

pub(super) const KEYS: &[&str] = &["pattern", "ignore", "window", "limit", "skip"];

pub(super) fn read(sheet: &mut Sheet<'_>, section: &Section<'_>) -> LogRule {
    let default = LogRule::default();
    let words = |sheet: &mut Sheet<'_>, key| {
        let text = section.text(sheet, key)?;
        let words = Words::of(text);
        if words.is_empty() {
            let found = format!("is {}", super::section::quote(text));
            section.wrong(sheet, key, &found, "write words with | between them: \"error|exception\"");
        }
        (!words.is_empty()).then_some(words)
    };
    let span = Duration::from_mins(1)..=Duration::from_mins(30);
    LogRule {
        pattern: words(sheet, "pattern").unwrap_or(default.pattern),
        ignore: words(sheet, "ignore").unwrap_or(default.ignore),
        window: section.length(sheet, "window", span).unwrap_or(default.window),
        limit: limit(sheet, section).unwrap_or(default.limit),
        skip: section.text(sheet, "skip").map_or(default.skip, |list| {
            list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Container::new).collect()
        }),
    }
}

fn limit(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<u32> {
    let limit = section.has("limit").then(|| section.number(sheet, "limit")).flatten()?;
    if limit == 0 {
        section.wrong(sheet, "limit", "is 0", "write at least 1: one error line more than usual is then too many");
    }
    (limit > 0).then_some(limit)
}
