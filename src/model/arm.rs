//! Whether acts are allowed: the cockpit starts safe; arming is an explicit act that expires.
//!
//! Never: arming by itself.

use std::time::Duration;

/// The states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// Started with `--read-only`, or another cockpit holds the incident: it cannot be armed.
    ReadOnly,
    /// Not armed.
    Safe,
    /// Asked for once: the very next key arms if it asks again, and any other key ends it, so that a word typed while
    /// no prompt is open cannot arm.
    Asked {
        /// Until when, monotonic.
        until: Duration,
    },
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
            Self::Asked { until } | Self::Armed { until } if mono >= until => Self::Safe,
            Self::ReadOnly | Self::Safe | Self::Asked { .. } | Self::Armed { .. } => self,
        }
    }

    /// Why an act is not allowed now; `None` = it is.
    pub const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::ReadOnly => Some("this cockpit is read-only: nothing can be changed from here"),
            Self::Safe | Self::Asked { .. } => Some("not armed: press a twice to arm for a while"),
            Self::Armed { .. } => None,
        }
    }
}
