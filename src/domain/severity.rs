//! How bad it is, SEV-1 to SEV-4, with the plan's response times and escalation (the plan's «Niveles de Severidad» and
//! «Escalation Matrix»).
//!
//! Never: lowering by itself. In doubt the higher one holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Ordered so that the worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// A minor function affected.
    #[serde(rename = "SEV-4")]
    Sev4,
    /// Significant degradation.
    #[serde(rename = "SEV-3")]
    Sev3,
    /// A critical function affected: payments, log-in.
    #[serde(rename = "SEV-2")]
    Sev2,
    /// Everything down, or data being lost.
    #[serde(rename = "SEV-1")]
    Sev1,
}

impl Severity {
    /// All, the worst first, as a menu shows them.
    pub const ALL: [Self; 4] = [Self::Sev1, Self::Sev2, Self::Sev3, Self::Sev4];

    /// How soon somebody must act.
    pub const fn respond_within(self) -> Duration {
        Duration::from_secs(match self {
            Self::Sev1 => 5 * 60,
            Self::Sev2 => 15 * 60,
            Self::Sev3 => 30 * 60,
            Self::Sev4 => 2 * 3_600,
        })
    }

    /// What it means, in the operator's words.
    pub const fn means(self) -> &'static str {
        match self {
            Self::Sev1 => "everything down, or data being lost",
            Self::Sev2 => "a critical function affected (payments, log-in)",
            Self::Sev3 => "significant degradation",
            Self::Sev4 => "a minor function affected",
        }
    }

    /// Whom to call, and when.
    pub const fn escalate(self) -> &'static str {
        match self {
            Self::Sev1 => "call Tech Lead and CTO now",
            Self::Sev2 => "call Tech Lead after 15 min",
            Self::Sev3 => "tell Tech Lead after 30 min",
            Self::Sev4 => "next business day",
        }
    }

    /// Whom to call once its time has passed.
    pub const fn call(self) -> &'static str {
        match self {
            Self::Sev1 => "call the Tech Lead and the CTO now",
            Self::Sev2 => "call the Tech Lead now",
            Self::Sev3 => "tell the Tech Lead now",
            Self::Sev4 => "it is for the next business day, or it is worse than SEV-4",
        }
    }

    /// One step worse; SEV-1 stays.
    pub const fn raised(self) -> Self {
        match self {
            Self::Sev4 => Self::Sev3,
            Self::Sev3 => Self::Sev2,
            Self::Sev2 | Self::Sev1 => Self::Sev1,
        }
    }

    /// One step milder; SEV-4 stays.
    pub const fn lowered(self) -> Self {
        match self {
            Self::Sev1 => Self::Sev2,
            Self::Sev2 => Self::Sev3,
            Self::Sev3 | Self::Sev4 => Self::Sev4,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sev1 => "SEV-1",
            Self::Sev2 => "SEV-2",
            Self::Sev3 => "SEV-3",
            Self::Sev4 => "SEV-4",
        })
    }
}
