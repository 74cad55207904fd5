//! What is known of the maintenance of the release at work: what was saved, and how much of it is stopped.
//!
//! Never: a release that is stopped taken for one that has nothing wrong with it.

use crate::maintenance::ask::{Errand, Meanwhile};
use crate::maintenance::saved::Found;
use crate::maintenance::standing::{self, Tally};

use super::Model;
use super::feed::Reading;

impl Model {
    /// The maintenance of the release at work, as far as it was last read.
    pub fn maintenance(&self) -> Option<&Found> {
        let release = self.release.as_ref()?;
        self.feeds.maintenance.known()?.iter().find(|f| f.release == *release)
    }

    /// How much of it is stopped, by the workloads as they are now.
    pub fn stopped(&self, found: &Found) -> Option<Tally> {
        let saved = found.saved.as_ref().ok()?;
        let all = self.feeds.workloads.known()?;
        Some(standing::tally(saved, |w| all.get(&(w.kind, w.name.clone())).map(|live| live.desired)))
    }

    /// `ecommerce-app is in maintenance since 04:31 by ana: 7 of 10 stopped`
    pub fn maintenance_words(&self) -> Option<String> {
        let found = self.maintenance()?;
        let told = match &found.saved {
            Ok(saved) => standing::sentence(saved, self.stopped(found), self.now.wall),
            Err(why) => format!("{} is in maintenance, but {why}", found.release),
        };
        let old = match self.feeds.maintenance.read(self.now) {
            Reading::Stale { age, .. } => format!(" (read {} ago)", crate::domain::moment::short(age)),
            Reading::Loading | Reading::Fresh { .. } | Reading::Dark { .. } => String::new(),
        };
        Some(format!("{told}{old}"))
    }

    /// What can be done with it, the likeliest first.
    pub fn maintenance_choices(&self) -> Vec<Errand> {
        let back = Errand::BringBack(Meanwhile::AsSaved);
        match self.maintenance() {
            None => vec![Errand::Stop],
            Some(found) if self.stopped(found).is_none_or(|tally| tally.running > 0) => vec![back, Errand::Finish],
            Some(_) => vec![back],
        }
    }
}
