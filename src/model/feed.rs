//! A value from outside with its age, its present fault and its generation. It never hands out a bare value to draw:
//! [`Feed::read`] gives value and age together.
//!
//! Never: a late reply. One of an older generation is dropped ([`Feed::is_current`]).

use std::time::Duration;

use crate::domain::fault::Fault;
use crate::domain::moment::{Now, since};

/// Counts the questions; an answer to an older question is not an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(pub u32);

/// How a feed gets its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Told of each change; silence means nothing changed.
    Watched,
    /// Asked every so often.
    Polled {
        /// How often.
        every: Duration,
    },
    /// Asked for what has values on the steps of the wall clock alone: once for each step, and more often while it fails.
    Stepped {
        /// The distance of two steps.
        every: Duration,
        /// How long after a step it is asked: what was measured at the step has to have arrived.
        after: Duration,
        /// How often it is asked while it fails.
        again: Duration,
    },
}

/// A polled feed's question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing is under way; the last question was put at that time (monotonic).
    Idle(Option<Duration>),
    /// Under way since then (monotonic).
    Since(Duration),
}

/// A source of values.
#[derive(Debug, Clone)]
pub struct Feed<T> {
    value: Option<T>,
    good: Option<Now>,
    fault: Option<(Fault, Now)>,
    /// The newest question.
    pub generation: Generation,
    /// How it gets its values.
    pub pace: Pace,
    /// Whether a question is under way.
    pub asked: Asked,
}

/// What can be drawn of a feed.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<'a, T> {
    /// Nothing has come yet.
    Loading,
    /// As it is now (a watched value has no age: it is live).
    Fresh {
        /// The value.
        value: &'a T,
        /// Its age; `None` = live.
        age: Option<Duration>,
    },
    /// As it was; it is no longer known to be so.
    Stale {
        /// The last good value.
        value: &'a T,
        /// Its age.
        age: Duration,
        /// Why there is nothing newer, where that is known.
        fault: Option<&'a Fault>,
    },
    /// Nothing, and why.
    Dark {
        /// Why.
        fault: &'a Fault,
        /// For how long.
        age: Duration,
    },
}

impl<T> Feed<T> {
    /// A feed that is told of changes.
    pub const fn watched() -> Self {
        Self {
            value: None,
            good: None,
            fault: None,
            generation: Generation(0),
            pace: Pace::Watched,
            asked: Asked::Idle(None),
        }
    }

    /// A feed that is asked every so often.
    pub fn polled(every: Duration) -> Self {
        Self { pace: Pace::Polled { every }, ..Self::watched() }
    }

    /// A feed that is asked once for each step of the clock.
    pub fn stepped(every: Duration, after: Duration, again: Duration) -> Self {
        Self { pace: Pace::Stepped { every, after, again }, ..Self::watched() }
    }

    /// A new good value.
    pub fn put(&mut self, value: T, now: Now) {
        self.value = Some(value);
        self.alive(now);
    }

    /// Changes the value in place (the first time from its default).
    pub fn fold(&mut self, now: Now, change: impl FnOnce(&mut T))
    where
        T: Default,
    {
        change(self.value.get_or_insert_with(T::default));
        self.alive(now);
    }

    /// Changes how the value is kept, not what is known: its age stays.
    pub fn amend(&mut self, change: impl FnOnce(&mut T)) {
        if let Some(value) = &mut self.value {
            change(value);
        }
    }

    /// It works; what is known is as good as new.
    pub fn alive(&mut self, now: Now) {
        self.good = Some(now);
        self.fault = None;
        self.settle();
    }

    /// It fails; what is known stays, and ages: what was watched was as good as new until now.
    pub fn fail(&mut self, fault: Fault, now: Now) {
        if self.pace == Pace::Watched && self.good.is_some() && self.fault.is_none() {
            self.good = Some(now);
        }
        let began = self.fault.take().map_or(now, |(_, began)| began);
        self.fault = Some((fault, began));
        self.settle();
    }

    /// A question is put; its answers carry the new generation.
    pub fn ask(&mut self, now: Now) -> Generation {
        self.generation = Generation(self.generation.0.wrapping_add(1));
        self.asked = Asked::Since(now.mono);
        self.generation
    }

    /// Whether an answer of that generation is still wanted.
    pub fn is_current(&self, generation: Generation) -> bool {
        self.generation == generation
    }

    /// Whether a feed that is asked is due. A question without an answer for four intervals is given up.
    pub fn is_due(&self, now: Now) -> bool {
        let (pause, given_up) = match self.pace {
            Pace::Watched => return false,
            Pace::Polled { every } => (every, every * 4),
            Pace::Stepped { again, .. } if self.fault.is_some() => (again, again * 4),
            Pace::Stepped { every, after, again } => (until_next(every, after, self.asked, now), again * 4),
        };
        match self.asked {
            Asked::Idle(None) => true,
            Asked::Idle(Some(last)) => now.mono.saturating_sub(last) >= pause,
            Asked::Since(began) => now.mono.saturating_sub(began) >= given_up,
        }
    }

    fn settle(&mut self) {
        if let Asked::Since(began) = self.asked {
            self.asked = Asked::Idle(Some(began));
        }
    }

    /// For rules: the last good value, whatever its age. Rules that need fresh values use [`Feed::read`].
    pub const fn known(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The present fault.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref().map(|(f, _)| f)
    }

    /// When the last good value came.
    pub const fn good_at(&self) -> Option<Now> {
        self.good
    }

    /// Value and age together.
    pub fn read(&self, now: Now) -> Reading<'_, T> {
        let age = self.good.map(|g| now.mono.saturating_sub(g.mono));
        match (&self.value, age, &self.fault) {
            (None, _, None) => Reading::Loading,
            (None, _, Some((fault, began))) => Reading::Dark { fault, age: since(began.wall, now.wall) },
            (Some(value), age, Some((fault, _))) => {
                Reading::Stale { value, age: age.unwrap_or_default(), fault: Some(fault) }
            }
            (Some(value), age, None) => match self.pace {
                Pace::Watched => Reading::Fresh { value, age: None },
                Pace::Polled { every } | Pace::Stepped { every, .. } => {
                    let age = age.unwrap_or_default();
                    if age > every * 2 + Duration::from_secs(1) {
                        Reading::Stale { value, age, fault: None }
                    } else {
                        Reading::Fresh { value, age: Some(age) }
                    }
                }
            },
        }
    }

    /// The value, if it is fresh: what a rule may count on.
    pub fn fresh(&self, now: Now) -> Option<&T> {
        match self.read(now) {
            Reading::Fresh { value, .. } => Some(value),
            Reading::Loading | Reading::Stale { .. } | Reading::Dark { .. } => None,
        }
    }
}

/// How long after its last question a feed of steps is asked again.
fn until_next(every: Duration, after: Duration, asked: Asked, now: Now) -> Duration {
    let Asked::Idle(Some(last)) = asked else { return every };
    let step = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
    let after = i64::try_from(after.as_millis()).unwrap_or(0);
    let then = now.earlier(now.mono.saturating_sub(last)).wall;
    let past = (then.timestamp_millis() - after).rem_euclid(step);
    Duration::from_millis((step - past).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Now {
        Now {
            wall: chrono::DateTime::from_timestamp(1_000 + i64::try_from(s).unwrap(), 0).unwrap(),
            mono: Duration::from_secs(s),
        }
    }
    const FIVE: Duration = Duration::from_secs(5);

    #[test]
    fn a_feed_tells_loading_fresh_stale_and_dark_apart() {
        let mut feed: Feed<u8> = Feed::polled(FIVE);
        assert_eq!(feed.read(at(0)), Reading::Loading);
        let fault = Fault::Unreachable { what: "x".into() };
        feed.fail(fault.clone(), at(1));
        assert_eq!(feed.read(at(4)), Reading::Dark { fault: &fault, age: Duration::from_secs(3) });
        feed.put(7, at(5));
        assert_eq!(feed.read(at(6)), Reading::Fresh { value: &7, age: Some(Duration::from_secs(1)) });
        assert_eq!(feed.read(at(30)), Reading::Stale { value: &7, age: Duration::from_secs(25), fault: None });
        feed.fail(fault.clone(), at(31));
        assert_eq!(feed.read(at(32)), Reading::Stale { value: &7, age: Duration::from_secs(27), fault: Some(&fault) });
    }

    #[test]
    fn a_watched_value_ages_from_when_its_source_failed_not_from_its_last_change() {
        let mut feed: Feed<u8> = Feed::watched();
        feed.put(7, at(0));
        assert_eq!(feed.read(at(300)), Reading::Fresh { value: &7, age: None });
        let fault = Fault::Unreachable { what: "x".into() };
        feed.fail(fault.clone(), at(310).earlier(Duration::from_secs(10)));
        feed.fail(fault.clone(), at(312));
        assert_eq!(feed.read(at(312)), Reading::Stale { value: &7, age: Duration::from_secs(12), fault: Some(&fault) });
    }

    #[test]
    fn what_has_values_on_the_clocks_steps_is_asked_once_a_step_and_more_often_while_it_fails() {
        // The moments are 1,000 s and more: a step of 15 s is at 1,005 s, so 5 s from the start.
        let mut feed: Feed<u8> = Feed::stepped(FIVE * 3, Duration::from_secs(1), FIVE);
        assert!(feed.is_due(at(0)));
        feed.ask(at(0));
        feed.put(1, at(0));
        let due = |feed: &Feed<u8>| (0..60).find(|s| feed.is_due(at(*s)));
        assert_eq!(due(&feed), Some(6));
        feed.ask(at(6));
        feed.put(2, at(7));
        assert_eq!(due(&feed), Some(21));
        feed.ask(at(22));
        feed.put(3, at(22));
        assert_eq!(due(&feed), Some(36), "a tick that came late makes the next no later");
        feed.ask(at(36));
        assert_eq!(due(&feed), Some(56), "an answer that never comes is given up");
        feed.fail(Fault::Unreachable { what: "x".into() }, at(37));
        assert_eq!(due(&feed), Some(41));
        let set_back = Now { wall: at(0).wall, mono: Duration::from_secs(80) };
        feed.put(4, at(38));
        assert!(feed.is_due(set_back), "whatever the clock says, a step is not longer than a step");
    }

    #[test]
    fn an_answer_to_an_older_question_is_not_current() {
        let mut feed: Feed<u8> = Feed::polled(FIVE);
        let first = feed.ask(at(0));
        let second = feed.ask(at(20));
        assert!(!feed.is_current(first) && feed.is_current(second));
    }

    #[test]
    fn a_question_is_due_when_its_interval_passed_and_never_twice_at_once() {
        let mut feed: Feed<u8> = Feed::polled(FIVE);
        assert!(feed.is_due(at(0)));
        feed.ask(at(0));
        assert!(!feed.is_due(at(10)));
        assert!(feed.is_due(at(20)));
        feed.put(1, at(11));
        assert!(feed.is_due(at(20)));
    }
}
