//! Value and age together: the mark in a pane's title that says how fresh it is, and the texts of the four kinds of
//! nothing.
//!
//! Never: a value without its age.

use ratatui::text::{Line, Span};

use crate::domain::fact::Aside;
use crate::domain::fault::Fault;
use crate::domain::moment::short;
use crate::model::feed::Reading;
use crate::ui::theme::{Role, Theme, glyph};

use super::text::{styled, wrap, wrap_within};

/// `live`, `3 s`, `▲ stale 40 s`, `▲ unreachable 40 s`, `? forbidden`, `loading`.
pub fn age<T>(theme: Theme, reading: &Reading<'_, T>) -> Span<'static> {
    let (text, role) = match reading {
        Reading::Loading => ("loading".into(), Role::Dim),
        Reading::Fresh { age: None, .. } => ("live".into(), Role::Dim),
        Reading::Fresh { age: Some(age), .. } => (short(*age), Role::Dim),
        Reading::Stale { age, fault: None, .. } => (format!("{} stale {}", glyph::WARN, short(*age)), Role::Stale),
        Reading::Stale { age, fault: Some(fault), .. } => {
            (format!("{} {} {}", glyph::WARN, fault.word(), short(*age)), Role::Stale)
        }
        Reading::Dark { fault, age } => (format!("{} {} {}", glyph::UNKNOWN, fault.word(), short(*age)), Role::Unknown),
    };
    Span::styled(text, theme.style(role))
}

/// Whether what is drawn is no longer known to be so.
pub const fn is_stale<T>(reading: &Reading<'_, T>) -> bool {
    matches!(reading, Reading::Stale { .. })
}

/// Nothing has come yet.
pub fn loading(theme: Theme, what: &str, columns: usize) -> Vec<Line<'static>> {
    styled(wrap(&format!("reading {what} …"), columns), theme.style(Role::Dim))
}

/// Nothing, and why.
pub fn dark(theme: Theme, fault: &Fault, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let text = format!("{} {}", glyph::UNKNOWN, fault.sentence());
    styled(wrap_within(&text, columns, rows), theme.style(Role::Unknown))
}

/// The answer is that there is none.
pub fn empty(theme: Theme, sentence: &str, columns: usize) -> Vec<Line<'static>> {
    styled(wrap(sentence, columns), theme.style(Role::Dim))
}

/// What beside a source is not to be had, why, and what is not known for that.
pub fn lacking(theme: Theme, aside: Aside, fault: &Fault, columns: usize) -> Vec<Line<'static>> {
    let text = format!("{} {}: {}", glyph::UNKNOWN, fault.sentence(), aside.unknown());
    styled(wrap_within(&text, columns, 3), theme.style(Role::Unknown))
}
