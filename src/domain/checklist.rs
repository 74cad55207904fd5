//! The state of each step, with legal transitions only.
//!
//! ```text
//!     Todo ──begin──> Doing ──tick──> Done ──evidence lost──> Doing (reopened, loudly)
//!       │               │  └─asked─> Waiting ──tick──> Done
//!       └───skip────────┴──────────────┴──> Skipped ──begin──> Doing
//!                        └─fail──> Failed ──begin──> Doing
//!
//! Never: a tick without a value; a skip without a reason.

use serde::{Deserialize, Serialize};

use super::moment::Moment;
use super::name::Person;

/// How a tick is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// By a sensor whose evidence said met.
    Sensed,
    /// By the person's word; drawn with its own glyph, never as evidence.
    Attested,
    /// By the person's word against a sensor that said not met or unknown, with their reason in the value.
    Overridden,
}

/// Where one step stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum StepState {
    /// Not begun.
    Todo,
    /// The hand is on it.
    Doing {
        /// Since when.
        since: Moment,
        /// It was done before; what was lost.
        reopened: Option<Lost>,
    },
    /// An act was asked for; the cluster has not shown its result.
    Waiting {
        /// Since when.
        since: Moment,
        /// For what.
        on: String,
    },
    /// Ticked.
    Done {
        /// When.
        at: Moment,
        /// Who.
        by: Person,
        /// The value that was seen.
        value: String,
        /// How it is proved.
        proof: Proof,
    },
    /// Its act failed.
    Failed {
        /// When.
        at: Moment,
        /// Why.
        why: String,
    },
    /// Left out on purpose.
    Skipped {
        /// When.
        at: Moment,
        /// Who.
        by: Person,
        /// Why.
        why: String,
    },
}

/// What was ticked and what the evidence says now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// The value that was ticked.
    pub was: String,
    /// The value now.
    pub now: String,
}

impl StepState {
    /// Nothing is left to do on it.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Skipped { .. })
    }

    /// Work on it begins (or goes on). Illegal on a settled step unless it was skipped.
    pub fn begin(&self, at: Moment) -> Result<Self, Illegal> {
        match self {
            Self::Todo | Self::Failed { .. } | Self::Skipped { .. } => Ok(Self::Doing { since: at, reopened: None }),
            Self::Waiting { since, .. } => Ok(Self::Doing { since: *since, reopened: None }),
            Self::Doing { .. } => Ok(self.clone()),
            Self::Done { .. } => Err(Illegal("it is done already")),
        }
    }

    /// An act of it was asked for.
    pub fn wait(&self, at: Moment, on: &str) -> Result<Self, Illegal> {
        match self {
            Self::Todo | Self::Doing { .. } | Self::Waiting { .. } | Self::Failed { .. } | Self::Skipped { .. } => {
                Ok(Self::Waiting { since: at, on: on.into() })
            }
            Self::Done { .. } => Err(Illegal("it is done already")),
        }
    }

    /// It is ticked, with the value that was seen.
    pub fn tick(&self, at: Moment, by: &Person, value: &str, proof: Proof) -> Result<Self, Illegal> {
        if value.trim().is_empty() {
            return Err(Illegal("a tick stores the value that was seen"));
        }
        match self {
            Self::Todo | Self::Doing { .. } | Self::Waiting { .. } | Self::Failed { .. } | Self::Skipped { .. } => {
                Ok(Self::Done { at, by: by.clone(), value: value.into(), proof })
            }
            Self::Done { .. } => Err(Illegal("it is done already")),
        }
    }

    /// It is left out, with a reason.
    pub fn skip(&self, at: Moment, by: &Person, why: &str) -> Result<Self, Illegal> {
        if why.trim().is_empty() {
            return Err(Illegal("a skip wants a reason"));
        }
        match self {
            Self::Done { .. } => Err(Illegal("it is done already")),
            Self::Todo | Self::Doing { .. } | Self::Waiting { .. } | Self::Failed { .. } | Self::Skipped { .. } => {
                Ok(Self::Skipped { at, by: by.clone(), why: why.into() })
            }
        }
    }

    /// Its act failed.
    pub fn fail(&self, at: Moment, why: &str) -> Result<Self, Illegal> {
        match self {
            Self::Done { .. } | Self::Skipped { .. } => Err(Illegal("it is settled already")),
            Self::Todo | Self::Doing { .. } | Self::Waiting { .. } | Self::Failed { .. } => {
                Ok(Self::Failed { at, why: why.into() })
            }
        }
    }

    /// The evidence of its tick was lost.
    pub fn reopen(&self, at: Moment, now: &str) -> Result<Self, Illegal> {
        match self {
            Self::Done { value, .. } => {
                Ok(Self::Doing { since: at, reopened: Some(Lost { was: value.clone(), now: now.into() }) })
            }
            Self::Todo | Self::Doing { .. } | Self::Waiting { .. } | Self::Failed { .. } | Self::Skipped { .. } => {
                Err(Illegal("only a done step can be reopened"))
            }
        }
    }
}

/// A transition that does not exist, and why, for the notice line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Illegal(pub &'static str);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(s, 0).unwrap()
    }

    #[test]
    fn a_tick_without_a_value_and_a_skip_without_a_reason_are_refused() {
        let ana = Person::new("ana");
        assert!(StepState::Todo.tick(at(1), &ana, " ", Proof::Sensed).is_err());
        assert!(StepState::Todo.skip(at(1), &ana, "").is_err());
    }

    #[test]
    fn a_done_step_reopens_with_both_values_and_nothing_else_does() {
        let ana = Person::new("ana");
        let done = StepState::Todo.tick(at(1), &ana, "errors 0.4 %", Proof::Sensed).unwrap();
        assert_eq!(
            done.reopen(at(9), "errors 7 %"),
            Ok(StepState::Doing {
                since: at(9),
                reopened: Some(Lost { was: "errors 0.4 %".into(), now: "errors 7 %".into() })
            })
        );
        for other in [StepState::Todo, StepState::Failed { at: at(1), why: "x".into() }] {
            assert!(other.reopen(at(9), "x").is_err(), "{other:?}");
        }
        assert!(done.begin(at(9)).is_err() && done.skip(at(9), &ana, "x").is_err() && done.fail(at(9), "x").is_err());
    }
}
