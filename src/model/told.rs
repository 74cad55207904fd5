//! What the timeline already tells: crossings, alerts and rules are recorded when they happen, and once.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::detection::{Tier, Watched};

/// What was told last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Where the error ratio was.
    pub errors: Side,
    /// Where the P95 was.
    pub p95: Side,
    /// Alerts that were told to be firing.
    pub alerts: BTreeSet<String>,
    /// The gravest tier of the rules that were told to ring, by what they watch.
    pub rules: BTreeMap<Watched, Tier>,
}

/// Which side of its limits a value is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Nothing has been told yet.
    #[default]
    Untold,
    /// Below the limit of "well".
    Well,
    /// Above the limit of "bad".
    Bad,
}
