//! Evidence: a live value with its moment and a verdict. Unknown is never green.
//!
//! Never: ticking anything. The sensor proposes, the person ticks.

use serde::{Deserialize, Serialize};

use super::moment::Moment;

/// What the evidence says about the step's demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is so.
    Met,
    /// It is not so.
    NotMet,
    /// Nobody can know now: no data, too old, forbidden.
    Unknown,
}

/// One value to tick by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it says.
    pub verdict: Verdict,
    /// The value in words, as the tick will store it: `errors 0.4 %`, `rev 2 as rev 4`, `10/10 ready`.
    pub value: String,
    /// When it was measured.
    pub at: Moment,
}

/// What proves a step. A step without a sensor is attested by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensor {
    /// The incident has been opened.
    Declared,
    /// A severity has been chosen or confirmed by a person.
    SeverityChosen,
    /// A target revision has been chosen.
    TargetChosen,
    /// The rollback's record says deployed and its content equals the target's.
    RolledBack,
    /// Every workload of the release has finished its rollout.
    RolloutsDone,
    /// Every pod of the release is ready, none restarting, images equal the target's.
    PodsReady,
    /// Every service says that it is well.
    HealthUp,
    /// No service writes more error lines than is usual.
    LogsClean,
    /// Every functional test was run and passed.
    TestsPass,
    /// The worst service's error ratio is below the limit.
    ErrorsLow,
    /// Errors, P95 and pods were well without a break for the holding time.
    Stable,
}

impl Sensor {
    /// What it sees is what an act brings about.
    pub const fn shows_an_effect(self) -> bool {
        match self {
            Self::RolloutsDone
            | Self::PodsReady
            | Self::HealthUp
            | Self::LogsClean
            | Self::TestsPass
            | Self::ErrorsLow
            | Self::Stable => true,
            Self::Declared | Self::SeverityChosen | Self::TargetChosen | Self::RolledBack => false,
        }
    }
}
