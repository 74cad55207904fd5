//! Names as Kubernetes and Helm allow them, so that a slip shows when the file is read and not as "not found" later.
//!
//! Never: asking whether the thing exists.

use super::mistake::Sheet;
use super::section::{Section, quote};
use crate::domain::name::{Namespace, ReleaseName};

/// A namespace: a DNS label of at most 63 characters (Kubernetes, "Object Names and IDs").
pub(super) fn namespace(sheet: &mut Sheet<'_>, section: &Section<'_>, key: &str) -> Option<Namespace> {
    let cure = "a namespace has lower-case letters, digits and -, at most 63";
    allowed(sheet, section, key, cure, |name| name.len() <= 63 && is_label(name)).map(Namespace::new)
}

/// A release: dotted DNS labels of at most 53 characters (Helm, `ValidateReleaseName`).
pub(super) fn release(sheet: &mut Sheet<'_>, section: &Section<'_>, key: &str) -> Option<ReleaseName> {
    let cure = "a release has lower-case letters, digits, - and ., at most 53";
    allowed(sheet, section, key, cure, |name| name.len() <= 53 && name.split('.').all(is_label)).map(ReleaseName::new)
}

fn allowed<'a>(
    sheet: &mut Sheet<'_>,
    section: &Section<'a>,
    key: &str,
    cure: &str,
    rule: impl Fn(&str) -> bool,
) -> Option<&'a str> {
    let name = section.text(sheet, key)?;
    if !rule(name) {
        section.wrong(sheet, key, &format!("is {}", quote(name)), cure);
        return None;
    }
    Some(name)
}

fn is_label(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}
