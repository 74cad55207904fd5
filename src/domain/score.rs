//! How a drill went.

use std::time::Duration;

/// The score of a closed drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Simulated time from the opening of the cockpit to recovery; `None` = it did not recover.
    pub recovery: Option<Duration>,
    /// Simulated time to the closing.
    pub total: Duration,
    /// Keys pressed.
    pub keys: u32,
    /// Rollbacks and undos that did not help or failed.
    pub wrong_turns: u32,
    /// Steps skipped.
    pub skipped: u32,
    /// Steps ticked against their evidence.
    pub overridden: u32,
    /// Minutes that a practised person needs.
    pub par_minutes: u32,
}

impl Score {
    /// One word: how it went.
    pub fn word(&self) -> &'static str {
        let par = Duration::from_secs(u64::from(self.par_minutes) * 60);
        match self.recovery {
            None => "not recovered",
            Some(_) if self.wrong_turns > 0 => "recovered after a wrong turn",
            Some(time) if time <= par => "well done",
            Some(_) => "recovered",
        }
    }
}
