//! What is wrong, in one sentence: what, since when, and what changed just before.
//!
//! Never: a guess. Where nothing can be measured it says so.

/// The situation line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Situation {
    /// Nothing has come in yet.
    Reading,
    /// Nothing is wrong that can be seen.
    Well(String),
    /// Something is over the limit of success but not bad yet, or a critical alert rings beside figures that are well.
    Raised(String),
    /// Something is wrong.
    Unwell(String),
    /// It cannot be known.
    Unknown(String),
}

impl Situation {
    /// The sentence.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Reading => "reading the cluster …",
            Self::Well(s) | Self::Raised(s) | Self::Unwell(s) | Self::Unknown(s) => s,
        }
    }
}
