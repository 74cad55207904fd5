//! What may have made it go wrong: when it began, with whom, and what was changed just before, the likeliest first.
//!
//! Never: proof. What came before is not yet what caused it.

use std::collections::BTreeMap;

use crate::domain::change::{Object, Touch};
use crate::domain::metrics::Signal;
use crate::domain::moment::Moment;
use crate::domain::name::Service;

/// When each service that is beyond its limit went beyond it. A curve shows its last half hour only; what was seen to
/// begin is not forgotten while it lasts.
pub type Onsets = BTreeMap<(Signal, Service), Moment>;

/// All suspects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspects {
    /// When it began.
    pub onset: Moment,
    /// Who is worst.
    pub service: Service,
    /// Helm's revisions, the nearest first, then what was changed beside them, the likeliest first.
    pub all: Vec<Suspect>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// When.
    pub at: Moment,
    /// What, in words.
    pub what: String,
    /// The object that was changed; `None` for a revision of Helm's.
    pub object: Option<Object>,
    /// Whom it touches; `None` for a revision of Helm's, whose changes are named.
    pub touch: Option<Touch>,
}
