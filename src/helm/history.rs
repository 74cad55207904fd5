//! The releases of a namespace, from the objects that store their records (selector `owner=helm`).
//!
//! An object may be whole or metadata only: then its labels tell revision and status, and the content is not known yet.
//! A record that cannot be read stays in the history, with the reason (helm would skip it in silence).
//!
//! Never: asking for objects.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::Value;

use super::record::{Record, labels};
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::release::{Release, RevisionFacts, Status};

/// The selector that finds every record of a namespace.
pub const ALL_RECORDS: &str = "owner=helm";

/// The selector that finds the records of one release.
pub fn records_of(release: &ReleaseName) -> String {
    format!("name={release},owner=helm")
}

/// The releases, by name; revisions ascending.
pub fn releases(namespace: &Namespace, objects: &[Value]) -> Vec<Release> {
    let mut found: BTreeMap<ReleaseName, BTreeMap<Revision, RevisionFacts>> = BTreeMap::new();
    for object in objects {
        if let Some((name, facts)) = facts(object) {
            found.entry(name).or_default().insert(facts.revision, facts);
        }
    }
    let release = |(name, revisions): (_, BTreeMap<_, _>)| Release {
        name,
        namespace: namespace.clone(),
        revisions: revisions.into_values().collect(),
    };
    found.into_iter().map(release).collect()
}

/// One record's release and facts; `None` where the object is no record at all.
pub fn facts(object: &Value) -> Option<(ReleaseName, RevisionFacts)> {
    let labels = labels(object);
    if labels.get("owner").map(String::as_str) != Some("helm") {
        return None;
    }
    let name = ReleaseName::new(labels.get("name")?);
    let revision = Revision(labels.get("version")?.parse().ok()?);
    let status = Status::from_word(labels.get("status").map_or("", String::as_str));
    let known = |unreadable| RevisionFacts { revision, status, updated: written(object), content: None, unreadable };
    if object.get("data").is_none() {
        return Some((name, known(None)));
    }
    match Record::decode(object) {
        Ok(record) => Some((name, record.facts())),
        Err(why) => Some((name, known(Some(why)))),
    }
}

/// When a record was written, by its labels, else by its object's creation.
fn written(object: &Value) -> Moment {
    let labels = labels(object);
    let label = |n: &str| labels.get(n).and_then(|t| t.parse().ok()).and_then(|s| DateTime::from_timestamp(s, 0));
    let created = object.pointer("/metadata/creationTimestamp").and_then(Value::as_str);
    let created = || created.and_then(|t| DateTime::parse_from_rfc3339(t).ok()).map(|t| t.to_utc());
    label("createdAt").or_else(created).or_else(|| label("modifiedAt")).unwrap_or_default()
}
