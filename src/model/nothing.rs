//! Why there is nothing to act on: still loading, none there, forbidden, unreachable are told apart in words.
//!
//! Never: "none" where nobody could look.

use super::Model;
use super::feed::Reading;

impl Model {
    /// Why no Helm release is at work; `None` = one is.
    pub fn no_release(&self) -> Option<String> {
        if self.release().is_some() {
            return None;
        }
        let none = match &self.release {
            Some(name) => format!("there is no Helm release {name} in namespace {}", self.settings.namespace),
            None => format!("there is no Helm release in namespace {}", self.settings.namespace),
        };
        Some(nothing("Helm's releases", &self.feeds.releases.read(self.now), none))
    }

    /// Why there is no workload to act on; `None` = there is one.
    pub fn no_workload(&self) -> Option<String> {
        if self.feeds.workloads.known().is_some_and(|all| !all.is_empty()) {
            return None;
        }
        let none = format!("there is no workload in namespace {}", self.settings.namespace);
        Some(nothing("the workloads", &self.feeds.workloads.read(self.now), none))
    }
}

fn nothing<T>(what: &str, reading: &Reading<'_, T>, none: String) -> String {
    match reading {
        Reading::Loading => format!("{what} are still being read: wait a moment"),
        Reading::Dark { fault, .. } => format!("{what} cannot be read. {}", fault.sentence()),
        Reading::Fresh { .. } | Reading::Stale { .. } => none,
    }
}
