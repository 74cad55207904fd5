//! The alerts that can be silenced: those that Alertmanager itself tells.

use super::Model;
use crate::domain::alert::{Alert, AlertState, Labels};

impl Model {
    /// Each by its labels; those that call somebody first.
    pub fn alerts_to_silence(&self) -> impl Iterator<Item = (&Labels, &Alert)> {
        let all = || self.feeds.alerts.known().into_iter().flatten();
        let loud = all().filter(|a| a.state != AlertState::Silenced);
        let silent = all().filter(|a| a.state == AlertState::Silenced);
        loud.chain(silent).filter_map(|a| Some((a.labels.as_ref()?, a)))
    }
}
