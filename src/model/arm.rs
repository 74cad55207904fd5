//! Whether acts are allowed: the cockpit starts safe; arming is an explicit act that expires.
//!
//! Never: arming by itself.

use std::time::Duration;

/// The three states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// Started with `--read-only`, or another cockpit holds the incident: it cannot be armed.
    ReadOnly,
    /// Not armed.
    Safe,
    /// Armed until then, monotonic.
    Armed {
        /// Until when.
        until: Duration,
    },
}

impl Arm {
    /// The state at that time: an expired arm is safe.
    pub fn at(self, mono: Duration) -> Self {
        match self {
            Self::Armed { until } if mono >= until => Self::Safe,
            Self::ReadOnly | Self::Safe | Self::Armed { .. } => self,
        }
    }

    /// Why an act is not allowed now; `None` = it is.
    pub const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::ReadOnly => Some("this cockpit is read-only: nothing can be changed from here"),
            Self::Safe => Some("not armed: press a to arm for a while"),
            Self::Armed { .. } => None,
        }
    }
}
