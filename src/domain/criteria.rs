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
    },
    /// Not well.
    Broken {
        /// When it broke.
        at: Moment,
        /// What broke it: `errors 3.1 %`.
        why: String,
    },
}

/// One value for the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When it was measured.
    pub at: Moment,
    /// What it says.
    pub verdict: Verdict,
    /// Its value in words.
    pub value: String,
}

impl Stretch {
    /// The stretch after one more sample. Samples older than what is known are ignored.
    pub fn after(self, sample: &Sample) -> Self {
        let newest = match &self {
            Self::Unseen => None,
            Self::Holding { last, .. } => Some(*last),
            Self::Broken { at, .. } => Some(*at),
        };
        if newest.is_some_and(|t| sample.at < t) {
            return self;
        }
        match (self, sample.verdict) {
            (Self::Holding { last, .. }, Verdict::Met | Verdict::Unknown) if since(last, sample.at) > PATIENCE => {
                let gap = Self::Broken {
                    at: sample.at,
                    why: format!("no data for {}", super::moment::short(since(last, sample.at))),
                };
                if sample.verdict == Verdict::Met { Self::Holding { since: sample.at, last: sample.at } } else { gap }
            }
            (Self::Holding { since, .. }, Verdict::Met) => Self::Holding { since, last: sample.at },
            (Self::Unseen | Self::Broken { .. }, Verdict::Met) => Self::Holding { since: sample.at, last: sample.at },
            (_, Verdict::NotMet) => Self::Broken { at: sample.at, why: sample.value.clone() },
            (same, Verdict::Unknown) => same,
        }
    }

    /// How long it has held, by the samples' own moments.
    pub fn held(&self) -> Duration {
        match self {
            Self::Holding { since: began, last } => since(*began, *last),
            Self::Unseen | Self::Broken { .. } => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(samples: &[(i64, Verdict)]) -> Stretch {
        samples.iter().fold(Stretch::Unseen, |s, (t, verdict)| {
            s.after(&Sample { at: at(*t), verdict: *verdict, value: "errors 3 %".into() })
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
        let cases: [(&[(i64, Verdict)], u64); 7] = [
            (&[], 0),
            (&[(0, U), (900, U)], 0),
            (&[(0, M), (30, M), (60, M)], 60),
            (&[(0, M), (30, U), (50, M)], 50),
            (&[(0, M), (30, N), (40, M), (60, M)], 20),
            (&[(0, M), (30, M), (200, M)], 0),
            (&[(0, M), (30, M), (10, N), (60, M)], 60),
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
}
