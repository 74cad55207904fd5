//! The record of a running rollback and its way into the store: written first, closed last, never left pending by us.
//!
//! Never: deciding what it says.

use super::api::{Answer, Mode, ObjectRef, Refused, Verb};
use super::ask::store;
use super::desk::Desk;
use super::engine::CallId;
use super::record::Record;
use crate::domain::moment::Moment;

/// Where a record is stored.
pub fn place(record: &Record) -> ObjectRef {
    ObjectRef { resource: store(record.driver), namespace: Some(record.namespace.clone()), name: record.key() }
}

/// POSTs a record.
///
/// # Errors
/// In words: too large, or it cannot be written as JSON.
pub fn post(record: &Record, desk: &mut Desk) -> Result<CallId, String> {
    let body = record.encode(None)?;
    Ok(desk.object(&place(record), Verb::Create(body), Mode::Commit))
}

/// PUTs a record over its older self, guarded by its resource version.
///
/// # Errors
/// As [`post`].
pub fn put(record: &Record, now: Moment, desk: &mut Desk) -> Result<CallId, String> {
    let body = record.encode(Some(now))?;
    Ok(desk.object(&place(record), Verb::Replace(body), Mode::Commit))
}

/// Takes the answer to a POST or PUT: the record now has the stored resource version.
///
/// # Errors
/// What the server refused; an answer of another kind counts as refused.
pub fn wrote(record: &mut Record, answer: Answer) -> Result<(), Refused> {
    match answer {
        Answer::Object(object) => {
            super::rollout::text(&object, "/metadata/resourceVersion").clone_into(&mut record.resource_version);
            Ok(())
        }
        Answer::Refused(refused) => Err(refused),
        Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => {
            Err(Refused::Invalid("the server gave an answer of another kind".into()))
        }
    }
}
