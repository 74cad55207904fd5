//! A handful of durations, and how they are told: milliseconds, the percentile named.
//!
//! Never: a mean; one slow outlier on a shared machine would make it a lie.
#![allow(dead_code, reason = "each bench uses its part")]

use std::time::Duration;

/// Durations of one kind, in no order until they are asked.
#[derive(Debug, Default)]
pub struct Sample(Vec<Duration>);

impl Sample {
    /// One more.
    pub fn push(&mut self, length: Duration) {
        self.0.push(length);
    }

    /// The smallest duration that `hundredths` of all do not exceed; none of an empty sample.
    pub fn percentile(&self, hundredths: usize) -> Option<Duration> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }

    /// `6.10 ms (4.90 to 8.20, 11 runs)`.
    pub fn median(&self) -> String {
        format!(
            "{} ({} to {}, {} runs)",
            self.at(50),
            bare(self.percentile(0)),
            bare(self.percentile(100)),
            self.0.len()
        )
    }

    /// `p50 0.40 ms  p95 0.80 ms  p99 1.20 ms`.
    pub fn tail(&self) -> String {
        format!("p50 {}  p95 {}  p99 {}  ({} keys)", self.at(50), self.at(95), self.at(99), self.0.len())
    }

    fn at(&self, hundredths: usize) -> String {
        format!("{} ms", bare(self.percentile(hundredths)))
    }
}

impl FromIterator<Duration> for Sample {
    fn from_iter<T: IntoIterator<Item = Duration>>(lengths: T) -> Self {
        Self(lengths.into_iter().collect())
    }
}

fn bare(length: Option<Duration>) -> String {
    length.map_or_else(|| "none".into(), |length| format!("{:.2}", length.as_secs_f64() * 1000.0))
}
