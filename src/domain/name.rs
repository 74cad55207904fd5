//! Names of things, each its own type, so that a pod can never be taken for a service nor a step for a revision.
//!
//! Never: a composed name that has to be split again.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::clean;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(String);
        impl $name {
            /// The name, stripped of control sequences.
            pub fn new(raw: &str) -> Self { Self(clean(raw)) }
            /// The bare text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl From<String> for $name { fn from(raw: String) -> Self { Self::new(&raw) } }
        impl From<&str> for $name { fn from(raw: &str) -> Self { Self::new(raw) } }
        impl From<$name> for String { fn from(name: $name) -> Self { name.0 } }
        impl Borrow<str> for $name { fn borrow(&self) -> &str { &self.0 } }
        impl fmt::Display for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(&self.0) } }
    )*};
}

names! {
    /// A Kubernetes namespace.
    Namespace,
    /// A kubeconfig context.
    Context,
    /// A Helm release.
    ReleaseName,
    /// A service of the shop as its operators speak of it: the workload's name.
    Service,
    /// A pod.
    PodName,
    /// A person: who declared, ticked, confirmed.
    Person,
    /// A container within a pod.
    Container,
    /// A container image reference, as the pod spec has it: `registry/name:tag@digest`.
    Image,
    /// An incident's id: `PROD-2025-12-01-001`.
    IncidentId,
}

impl Image {
    /// The last part, which is what differs: `order-service:2.4.0` of `registry.example/shop/order-service:2.4.0`.
    pub fn short(&self) -> &str {
        let digestless = self.0.split('@').next().unwrap_or(&self.0);
        digestless.rsplit('/').next().unwrap_or(digestless)
    }

    /// The tag, or the first characters of a digest; empty where neither is given.
    pub fn tag(&self) -> &str {
        let last = self.0.rsplit('/').next().unwrap_or(&self.0);
        if let Some((_, digest)) = last.split_once('@') {
            return digest.get(..19).unwrap_or(digest);
        }
        last.split_once(':').map_or("", |(_, tag)| tag)
    }
}

/// A Helm revision number, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u32);

impl Revision {
    /// The number that Helm gives to the next record.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A step of the checklist, 1 to 15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepNo(pub u8);

impl fmt::Display for StepNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A job of this incident, counted from 1; it survives a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub u32);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_an_image_that_differs() {
        let cases = [
            ("registry.example:5000/shop/order-service:2.4.0", "order-service:2.4.0", "2.4.0"),
            ("nginx", "nginx", ""),
            ("a/b@sha256:0123456789abcdef0123", "b", "sha256:0123456789ab"),
        ];
        for (raw, short, tag) in cases {
            let image = Image::new(raw);
            assert_eq!((image.short(), image.tag()), (short, tag), "{raw}");
        }
    }

    #[test]
    fn a_name_from_outside_loses_its_escape_sequences() {
        assert_eq!(PodName::new("web\u{1b}[2J-1").as_str(), "web-1");
    }
}
