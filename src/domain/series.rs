//! A curve: values at even steps, with gaps. A gap is a gap and never zero.
//!
//! Never: guessing between samples.

use std::time::Duration;

use super::moment::Moment;

/// Values from `start`, one per `step`; `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The moment of the first value.
    pub start: Moment,
    /// The distance of two values, whole seconds, at least one.
    pub step: Duration,
    /// Ratio 0..1, seconds or requests per second, as the signal says; never NaN nor infinite.
    pub values: Vec<Option<f64>>,
}

/// When a stretch began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onset {
    /// With this value; the one before it was still good.
    At(Moment),
    /// The curve begins with it: earlier than this, nobody here knows when.
    Before(Moment),
}

impl Onset {
    /// The moment of the first value above.
    pub const fn moment(self) -> Moment {
        match self {
            Self::At(moment) | Self::Before(moment) => moment,
        }
    }
}

impl Series {
    /// An empty curve.
    pub const fn empty(start: Moment, step: Duration) -> Self {
        Self { start, step, values: Vec::new() }
    }

    /// The moment of value `index`.
    pub fn moment(&self, index: usize) -> Moment {
        let secs = self.step.as_secs().saturating_mul(index as u64);
        self.start + chrono::Duration::seconds(i64::try_from(secs).unwrap_or(i64::MAX / 2_000))
    }

    /// Moments and values, gaps included.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = (Moment, Option<f64>)> + '_ {
        self.values.iter().enumerate().map(|(i, v)| (self.moment(i), *v))
    }

    /// The newest value that is not a gap, with its moment.
    pub fn last(&self) -> Option<(Moment, f64)> {
        self.points().rev().find_map(|(t, v)| v.map(|v| (t, v)))
    }

    /// The greatest value, with its moment.
    pub fn peak(&self) -> Option<(Moment, f64)> {
        self.points().filter_map(|(t, v)| v.map(|v| (t, v))).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The mean over `from..=to`; `None` where nothing was measured in it.
    pub fn mean(&self, from: Moment, to: Moment) -> Option<f64> {
        let (sum, n) = self
            .points()
            .filter(|(t, _)| *t >= from && *t <= to)
            .filter_map(|(_, v)| v)
            .fold((0.0, 0_u32), |(sum, n), v| (sum + v, n + 1));
        (n > 0).then(|| sum / f64::from(n))
    }

    /// When the present stretch above `threshold` began: the first value above it with none at or below it after.
    /// `None` when the newest value is not above. Gaps do not end a stretch, nor do they begin one.
    /// Where all of the curve is above, the stretch began before it.
    pub fn above_since(&self, threshold: f64) -> Option<Onset> {
        let mut began = None;
        for (t, v) in self.points().rev().filter_map(|(t, v)| v.map(|v| (t, v))) {
            if v <= threshold {
                return began.map(Onset::At);
            }
            began = Some(t);
        }
        began.map(Onset::Before)
    }

    /// This curve with `newer` laid over its end: an incremental read that overlaps.
    pub fn extended(mut self, newer: &Self, keep: usize) -> Self {
        if self.step != newer.step || self.values.is_empty() {
            return newer.clone();
        }
        for (t, v) in newer.points() {
            let offset = (t - self.start).num_seconds();
            let step = i64::try_from(self.step.as_secs()).unwrap_or(1).max(1);
            let Ok(index) = usize::try_from(offset / step) else { continue };
            if index >= self.values.len() {
                if index > self.values.len() + 100_000 {
                    return newer.clone();
                }
                self.values.resize(index + 1, None);
            }
            if v.is_some() {
                self.values[index] = v;
            }
        }
        let surplus = self.values.len().saturating_sub(keep);
        if surplus > 0 {
            self.start = self.moment(surplus);
            self.values.drain(..surplus);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(s, 0).unwrap()
    }
    fn series(start: i64, values: &[Option<f64>]) -> Series {
        Series { start: at(start), step: Duration::from_secs(10), values: values.to_vec() }
    }

    #[test]
    fn a_stretch_above_survives_a_gap_and_ends_at_a_good_value() {
        let cases: [(&[Option<f64>], Option<Onset>); 6] = [
            (&[Some(0.0), Some(0.2), Some(0.3)], Some(Onset::At(at(10)))),
            (&[Some(0.0), Some(0.2), None, Some(0.3), None], Some(Onset::At(at(10)))),
            (&[Some(0.2), Some(0.0)], None),
            (&[None, None], None),
            (&[Some(0.2), Some(0.0), Some(0.9)], Some(Onset::At(at(20)))),
            (&[None, Some(0.2), Some(0.9)], Some(Onset::Before(at(10)))),
        ];
        for (values, wanted) in cases {
            assert_eq!(series(0, values).above_since(0.05), wanted, "{values:?}");
        }
    }

    #[test]
    fn an_overlapping_read_replaces_values_and_never_fills_gaps_with_nothing() {
        let old = series(0, &[Some(1.0), Some(2.0), None]);
        let new = series(10, &[None, Some(3.0), None, Some(5.0)]);
        assert_eq!(old.extended(&new, 4), series(10, &[Some(2.0), Some(3.0), None, Some(5.0)]));
    }

    #[test]
    fn a_mean_over_nothing_is_nothing() {
        let s = series(0, &[Some(1.0), None, Some(3.0)]);
        assert_eq!((s.mean(at(0), at(20)), s.mean(at(5), at(15)), s.mean(at(50), at(60))), (Some(2.0), None, None));
    }
}
