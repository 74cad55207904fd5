//! How the revisions of the release at work did while they were live, and which of them are to be measured again.
//!
//! What was measured of a life that is over stays. What could not be read is asked for again, and so is the life that
//! still goes on: an upgrade under an open cockpit ends it.
//!
//! Never: a verdict; that is `helm/target`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::feed::Asked;
use crate::domain::moment::Now;
use crate::domain::name::Revision;
use crate::domain::release::{Life, Lived, Release};

/// What is to be measured again is asked for this often.
const AGAIN: Duration = Duration::from_secs(30);

/// A question without an answer for this long is given up.
const LOST: Duration = Duration::from_mins(1);

/// What is known of the lives.
#[derive(Debug)]
pub struct Lives {
    /// What was measured, by revision.
    pub read: BTreeMap<Revision, Lived>,
    asked: Asked,
}

impl Default for Lives {
    fn default() -> Self {
        Self { read: BTreeMap::new(), asked: Asked::Idle(None) }
    }
}

impl Lives {
    /// Every life of the release that can be measured has been asked for and answered, with figures or without.
    pub fn complete(&self, release: &Release, now: Now) -> bool {
        measurable(release, now).all(|(revision, life, ended)| self.is_read(revision, life, ended))
    }

    /// The lives to ask for now.
    pub fn wanted(&self, release: &Release, now: Now) -> Vec<(Revision, Life)> {
        let again = match self.asked {
            Asked::Since(then) if now.mono.saturating_sub(then) < LOST => return Vec::new(),
            Asked::Since(_) | Asked::Idle(None) => true,
            Asked::Idle(Some(then)) => now.mono.saturating_sub(then) >= AGAIN,
        };
        measurable(release, now)
            .filter(|(revision, life, ended)| {
                let unread = || self.read.get(revision).is_none_or(|l| l.unread.is_some());
                !self.is_read(*revision, *life, *ended) || (again && (!ended || unread()))
            })
            .map(|(revision, life, _)| (revision, life))
            .collect()
    }

    /// They were asked for.
    pub const fn ask(&mut self, now: Now) {
        self.asked = Asked::Since(now.mono);
    }

    /// The answer came.
    pub fn answer(&mut self, lived: BTreeMap<Revision, Lived>, now: Now) {
        self.read.extend(lived);
        self.asked = Asked::Idle(Some(now.mono));
    }

    /// Another release is at work.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn is_read(&self, revision: Revision, life: Life, ended: bool) -> bool {
        self.read.get(&revision).is_some_and(|l| l.from == life.from && (!ended || l.to == life.to))
    }
}

/// Lives long enough to be measured, and whether they are over.
fn measurable(release: &Release, now: Now) -> impl Iterator<Item = (Revision, Life, bool)> {
    let lives = release.lives(now.wall);
    let last = lives.keys().next_back().copied();
    lives
        .into_iter()
        .filter(|(_, life)| life.settled().is_some())
        .map(move |(revision, life)| (revision, life, Some(revision) != last))
}
