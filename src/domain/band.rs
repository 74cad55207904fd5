//! The bands of errors and P95: one table for the situation line, the panes, `check`, the criteria and the alarms (the
//! plan's «Detección Manual» and «Criterios de Éxito»: errors 1, 2, 5, 10 %; P95 500 ms, 800 ms, 2 s).
//!
//! Never: a band for what was not measured.

use serde::{Deserialize, Serialize};

/// Where a value stands, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    /// Below the limit of success.
    Well,
    /// Not well any more; the plan names no sign of alarm yet.
    Raised,
    /// The plan's medium tier: watch it.
    Watch,
    /// The plan's high tier: weigh a rollback.
    High,
    /// The plan's critical tier: roll back now.
    Critical,
}

/// The limits between the bands of one signal, in its unit. Below `well` it is well; each other band begins above its
/// limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    /// Below this it is well.
    pub well: f64,
    /// Above this it is to be watched.
    pub watch: f64,
    /// Above this it is high.
    pub high: f64,
    /// Above this it is critical; `None` = the signal has no such band.
    pub critical: Option<f64>,
}

impl Bands {
    /// The band of a value. A value that is no number is in none.
    pub fn of(&self, value: f64) -> Option<Band> {
        if value.is_nan() {
            return None;
        }
        Some(if value < self.well {
            Band::Well
        } else if self.critical.is_some_and(|c| value > c.max(self.high)) {
            Band::Critical
        } else if value > self.high {
            Band::High
        } else if value > self.watch {
            Band::Watch
        } else {
            Band::Raised
        })
    }

    /// The limit that a value in that band has passed; the limit of success for a value that is well.
    pub fn limit(&self, band: Band) -> f64 {
        match band {
            Band::Well | Band::Raised => self.well,
            Band::Watch => self.watch,
            Band::High => self.high,
            Band::Critical => self.critical.unwrap_or(self.high).max(self.high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERRORS: Bands = Bands { well: 0.01, watch: 0.02, high: 0.05, critical: Some(0.1) };

    #[test]
    fn a_limit_itself_is_not_well_and_no_band_begins_before_it_is_passed() {
        let cases = [
            (0.0, Band::Well),
            (0.0099, Band::Well),
            (0.01, Band::Raised),
            (0.02, Band::Raised),
            (0.03, Band::Watch),
            (0.05, Band::Watch),
            (0.051, Band::High),
            (0.1, Band::High),
            (0.18, Band::Critical),
            (f64::INFINITY, Band::Critical),
        ];
        for (value, band) in cases {
            assert_eq!(ERRORS.of(value), Some(band), "{value}");
        }
        assert_eq!(ERRORS.of(f64::NAN), None);
    }

    #[test]
    fn limits_set_against_each_other_never_make_a_bad_value_well() {
        let odd = Bands { well: 0.03, watch: 0.02, high: 0.12, critical: Some(0.1) };
        let cases = [(0.025, Band::Well), (0.03, Band::Watch), (0.11, Band::Watch), (0.13, Band::Critical)];
        for (value, band) in cases {
            assert_eq!(odd.of(value), Some(band), "{value}");
        }
    }
}
