//! The few members of an object's metadata that rows and rules need; the rest is skipped while it is read.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer};

use crate::domain::moment::Moment;

/// `metadata.resourceVersion`. It differs at every change, also at one that no row shows, so it has no part in a hash.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Version(pub String);

impl Hash for Version {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Go writes an empty list without a backing array as `null`.
pub(super) fn or_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// One of `metadata.ownerReferences`.
#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(default)]
pub(super) struct Owner {
    /// `ReplicaSet`
    pub kind: String,
    /// Its name.
    pub name: String,
    /// It is the controller.
    pub controller: bool,
}

/// Metadata with annotations and labels of which only some are wanted.
#[derive(Debug, Clone, Default, Deserialize, Hash)]
#[serde(rename_all = "camelCase", default, bound = "Marks: Default + Deserialize<'de>")]
pub(super) struct Meta<Marks> {
    /// Its name.
    pub name: String,
    /// Where it is; empty for an object of the whole cluster.
    pub namespace: String,
    /// Tells a successor of the same name.
    pub uid: String,
    /// Which version of it this is.
    pub resource_version: Version,
    /// Counts changes of the spec.
    pub generation: i64,
    /// When it was made.
    pub creation_timestamp: Option<Moment>,
    /// When its end was asked for.
    pub deletion_timestamp: Option<Moment>,
    /// Its owners.
    pub owner_references: Vec<Owner>,
    /// The wanted ones of its labels.
    pub labels: Marks,
    /// The wanted ones of its annotations.
    pub annotations: Marks,
}
