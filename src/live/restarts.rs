//! How often a pod restarted in the last five minutes, counted while it is watched.
//!
//! The first sight tells only a lower bound, unless the pod is younger than the window (then every restart lies within
//! it) or nothing ended within it (then there was none).
//!
//! Never: the lifetime count.

use std::collections::VecDeque;

use chrono::TimeDelta;

use crate::domain::moment::{Moment, since};
use crate::domain::workload::{RESTART_WINDOW, Restarts, restarts_from_one_read};

/// One pod's restarts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    total: u32,
    created: Moment,
    at_first: u32,
    ended_before: Option<Moment>,
    seen: VecDeque<Moment>,
}

impl Counted {
    /// At first sight.
    pub fn at_first_sight(total: u32, created: Moment, last_end: Option<Moment>) -> Self {
        Self { total, created, at_first: total, ended_before: last_end, seen: VecDeque::new() }
    }

    /// The lifetime count is this now.
    pub fn see(&mut self, total: u32, now: Moment) {
        // More than this many in a window is a number that nobody needs exactly.
        const MOST: u32 = 1_000;
        for _ in 0..total.saturating_sub(self.total).min(MOST) {
            self.seen.push_back(now);
        }
        self.total = total;
    }

    /// Restarts in the window that ends now.
    pub fn restarts(&mut self, now: Moment) -> Restarts {
        while self.seen.front().is_some_and(|at| since(*at, now) >= RESTART_WINDOW) {
            self.seen.pop_front();
        }
        let seen = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        if since(self.created, now) < RESTART_WINDOW {
            return Restarts::Exactly(self.at_first.saturating_add(seen));
        }
        match restarts_from_one_read(self.at_first, self.ended_before, now) {
            Restarts::Exactly(n) => Restarts::Exactly(n.saturating_add(seen)),
            Restarts::AtLeast(n) => Restarts::AtLeast(n.saturating_add(seen)),
        }
    }

    /// When the count will change by itself, because a restart leaves the window.
    pub fn next_change(&self, now: Moment) -> Option<Moment> {
        let leaves = |at: Moment| at + TimeDelta::from_std(RESTART_WINDOW).unwrap_or_default();
        let of_first = (self.at_first > 0).then_some([Some(self.created), self.ended_before]);
        let all = of_first.into_iter().flatten().flatten().chain(self.seen.front().copied());
        all.map(leaves).filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(100_000 + s, 0).unwrap()
    }

    #[test]
    fn the_first_sight_is_a_bound_unless_the_pod_is_young_or_was_quiet() {
        let cases = [
            ((9, at(-9_000), Some(at(-400))), Restarts::Exactly(0)),
            ((9, at(-9_000), Some(at(-200))), Restarts::AtLeast(1)),
            ((4, at(-200), Some(at(-10))), Restarts::Exactly(4)),
            ((0, at(-9_000), None), Restarts::Exactly(0)),
        ];
        for ((total, created, end), wanted) in cases {
            assert_eq!(Counted::at_first_sight(total, created, end).restarts(at(0)), wanted);
        }
    }

    #[test]
    fn restarts_are_counted_while_watching_and_leave_the_window() {
        let mut counted = Counted::at_first_sight(9, at(-9_000), Some(at(-100)));
        counted.see(11, at(10));
        assert_eq!((counted.restarts(at(20)), counted.next_change(at(20))), (Restarts::AtLeast(3), Some(at(200))));
        assert_eq!((counted.restarts(at(200)), counted.next_change(at(200))), (Restarts::Exactly(2), Some(at(310))));
        assert_eq!((counted.restarts(at(310)), counted.next_change(at(310))), (Restarts::Exactly(0), None));
    }

    #[test]
    fn a_pod_that_outgrows_the_window_is_bounded_again() {
        let mut counted = Counted::at_first_sight(3, at(-100), Some(at(-10)));
        assert_eq!((counted.restarts(at(0)), counted.next_change(at(0))), (Restarts::Exactly(3), Some(at(200))));
        assert_eq!((counted.restarts(at(250)), counted.next_change(at(250))), (Restarts::AtLeast(1), Some(at(290))));
        assert_eq!(counted.restarts(at(290)), Restarts::Exactly(0));
    }

    #[test]
    fn a_count_that_falls_is_a_new_pod_and_counts_nothing() {
        let mut counted = Counted::at_first_sight(9, at(-9_000), None);
        counted.see(0, at(1));
        assert_eq!(counted.restarts(at(2)), Restarts::Exactly(0));
    }
}
