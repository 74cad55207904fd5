//! Rules over time: "error rate below 1 % for 15 minutes without a break".
//!
//! Missing data neither counts as well nor breaks a stretch at once: it pauses it, and after [`PATIENCE`] without a
//! value the stretch is broken, because nobody can vouch for it any more.
//!
//! Never: the wall clock; a criterion lives on the moments of its samples.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::band::Bands;
use super::evidence::Verdict;
use super::metrics::Signal;
use super::moment::{Moment, since};

/// How long a stretch survives without any value.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Two values further apart than this leave the time between them unseen. (A value is a rate over the minute before it:
/// one missing sample is still covered by the next.)
pub const GRAIN: Duration = Duration::from_secs(30);

/// The default limits of the plan («Criterios de Éxito»).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Error ratio that counts as recovered, 0..1.
    pub errors_well: f64,
    /// Error ratio above which it is to be watched.
    pub errors_watch: f64,
    /// Error ratio that rings: drawn as the threshold line.
    pub errors_bad: f64,
    /// Error ratio above which one rolls back at once.
    pub errors_critical: f64,
    /// P95 that counts as recovered, seconds.
    pub p95_well: f64,
    /// P95 above which it is to be watched, seconds.
    pub p95_watch: f64,
    /// P95 that rings, seconds.
    pub p95_bad: f64,
    /// How long everything must be well without a break.
    pub hold: Duration,
    /// So long after a rollback without it somebody has to decide how to go on.
    pub decide: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            errors_well: 0.01,
            errors_watch: 0.02,
            errors_bad: 0.05,
            errors_critical: 0.1,
            p95_well: 0.5,
            p95_watch: 0.8,
            p95_bad: 2.0,
            hold: Duration::from_mins(15),
            decide: Duration::from_mins(30),
        }
    }
}

impl Limits {
    /// The bands of a signal; traffic has none.
    pub const fn bands(&self, signal: Signal) -> Option<Bands> {
        match signal {
            Signal::ErrorRatio => Some(self.errors()),
            Signal::P95 => Some(self.p95()),
            Signal::Traffic => None,
        }
    }

    /// The bands of the error ratio.
    pub const fn errors(&self) -> Bands {
        let critical = Some(self.errors_critical);
        Bands { well: self.errors_well, watch: self.errors_watch, high: self.errors_bad, critical }
    }

    /// The bands of the P95.
    pub const fn p95(&self) -> Bands {
        Bands { well: self.p95_well, watch: self.p95_watch, high: self.p95_bad, critical: None }
    }
}

/// How a stretch stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stretch {
    /// Nothing has been seen yet.
    Unseen,
    /// Well since then; `last` is the newest value that said so.
    Holding {
        /// The first of the unbroken values.
        since: Moment,
        /// The newest of them.
        last: Moment,
        /// How much of the time between them nobody can vouch for.
        blind: Duration,
        /// Whether somebody can vouch for the time since `last`.
        sight: Sight,
    },
    /// Not well.
    Broken {
        /// When it broke.
        at: Moment,
        /// What broke it: `errors 3.1 %`.
        why: String,
    },
}

/// Whether there was a value whenever one was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// There was.
    Clear,
    /// There was not.
    Lost,
}

/// One value for the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Until when it is known to be so.
    pub at: Moment,
    /// The newest of the values that it was made of: a stretch begins no earlier, nor goes on after a time without sight.
    pub newest: Moment,
    /// What it says.
    pub verdict: Verdict,
    /// Its value in words.
    pub value: String,
}

impl Stretch {
    /// The stretch after one more sample. What is not met breaks it, whatever its moment. A value that comes late is
    /// ignored; one from much earlier tells that the clock was set back, and the count begins anew with it.
    pub fn after(self, sample: &Sample) -> Self {
        let at = sample.at;
        let begins = at.max(sample.newest);
        let anew = Self::Holding { since: begins, last: begins, blind: Duration::ZERO, sight: Sight::Clear };
        let newest = match &self {
            Self::Unseen => None,
            Self::Holding { last, .. } => Some(*last),
            Self::Broken { at, .. } => Some(*at),
        };
        let set_back = newest.is_some_and(|t| since(at, t) > PATIENCE);
        match (self, sample.verdict) {
            (_, Verdict::NotMet) => Self::Broken { at, why: sample.value.clone() },
            (_, Verdict::Met) if set_back => anew,
            (Self::Unseen, Verdict::Met) => anew,
            (Self::Broken { at: broken, .. }, Verdict::Met) if at > broken => anew,
            (Self::Holding { last, .. }, Verdict::Met) if since(last, at) > PATIENCE => anew,
            // The same sample again vouches for nothing after it.
            (Self::Holding { since: began, last, blind, sight }, Verdict::Met) if at > last => {
                // After a time without sight it is known again from when all of it is, not from the oldest part.
                let (last_now, unseen) = match sight {
                    Sight::Clear if since(last, at) <= GRAIN => (at, Duration::ZERO),
                    Sight::Clear => (at, since(last, at)),
                    Sight::Lost => (begins, since(last, begins)),
                };
                Self::Holding { since: began, last: last_now, blind: blind + unseen, sight: Sight::Clear }
            }
            (Self::Holding { last, .. }, Verdict::Unknown) if set_back || since(last, at) > PATIENCE => {
                Self::Broken { at, why: format!("no data for {}", super::moment::short(since(last, at))) }
            }
            (Self::Holding { since, last, blind, .. }, Verdict::Unknown) => {
                Self::Holding { since, last, blind, sight: Sight::Lost }
            }
            (same, Verdict::Met | Verdict::Unknown) => same,
        }
    }

    /// How long it has held, by the samples' own moments; time without a value does not count.
    pub fn held(&self) -> Duration {
        match self {
            Self::Holding { since: began, last, blind, .. } => since(*began, *last).saturating_sub(*blind),
            Self::Unseen | Self::Broken { .. } => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(samples: &[(i64, Verdict)]) -> Stretch {
        samples.iter().fold(Stretch::Unseen, |s, (t, verdict)| {
            s.after(&Sample { at: at(*t), newest: at(*t), verdict: *verdict, value: "errors 3 %".into() })
        })
    }
    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(s, 0).unwrap()
    }
    const M: Verdict = Verdict::Met;
    const N: Verdict = Verdict::NotMet;
    const U: Verdict = Verdict::Unknown;

    #[test]
    fn a_stretch_counts_only_what_was_seen() {
        let cases: [(&[(i64, Verdict)], u64); 10] = [
            (&[], 0),
            (&[(0, M), (20, M), (25, U), (20, M), (40, M), (60, M)], 40),
            (&[(0, U), (900, U)], 0),
            (&[(0, M), (30, M), (60, M)], 60),
            (&[(0, M), (30, U), (50, M)], 0),
            (&[(0, M), (20, M), (30, U), (50, M), (60, M)], 30),
            (&[(0, M), (30, N), (40, M), (60, M)], 20),
            (&[(0, M), (30, M), (200, M)], 0),
            (&[(0, M), (30, M), (10, N), (60, M)], 0),
            (&[(500, M), (530, M), (100, M), (120, M)], 20),
        ];
        for (samples, held) in cases {
            assert_eq!(run(samples).held(), Duration::from_secs(held), "{samples:?}");
        }
    }

    #[test]
    fn a_break_names_its_value_and_a_long_silence_names_itself() {
        assert_eq!(run(&[(0, M), (5, N)]), Stretch::Broken { at: at(5), why: "errors 3 %".into() });
        assert_eq!(run(&[(0, M), (90, U)]), Stretch::Broken { at: at(90), why: "no data for 90 s".into() });
    }

    proptest! {
        /// Against the definition, sample by sample: only time between two values that were both met, next to each
        /// other and not too far apart, counts, and only since the last break, gap or step of the clock.
        #[test]
        fn only_what_was_seen_well_counts(
            steps in prop::collection::vec((-200_i64..120, 0_usize..8), 0..80),
        ) {
            let mut at_s = 0;
            let samples: Vec<(i64, Verdict)> = steps
                .into_iter()
                .map(|(step, which)| {
                    // Mostly a scrape further; now and then a gap, or a clock that was set.
                    at_s += if (-190..=60).contains(&step) { 15 } else { step };
                    (at_s, [M, M, M, M, M, U, N, U][which])
                })
                .collect();
            let mut wanted = 0;
            let mut before: Option<(i64, bool)> = None;
            for (t, verdict) in &samples {
                match (verdict, before) {
                    (Verdict::NotMet, _) => (wanted, before) = (0, Some((*t, false))),
                    (Verdict::Met, Some((last, true))) if (0..=30).contains(&(t - last)) => {
                        wanted += t - last;
                        before = Some((*t, true));
                    }
                    (Verdict::Met, Some((last, true))) if (31..=60).contains(&(t - last)) => before = Some((*t, true)),
                    (Verdict::Met, Some((last, _))) if (-60..0).contains(&(t - last)) => {}
                    (Verdict::Met, Some((last, false))) if (0..=60).contains(&(t - last)) && wanted > 0 => {
                        before = Some((*t, true));
                    }
                    (Verdict::Met, _) => (wanted, before) = (0, Some((*t, true))),
                    (Verdict::Unknown, Some((last, _))) if !(-60..=60).contains(&(t - last)) => {
                        (wanted, before) = (0, Some((*t, false)));
                    }
                    (Verdict::Unknown, Some((last, true))) => before = Some((last, false)),
                    (Verdict::Unknown, _) => {}
                }
            }
            prop_assert!(run(&samples).held() <= Duration::from_secs(wanted.unsigned_abs()), "{:?}", samples);
        }
    }
}
