//! `[limits]`: when errors and P95 are well, when they are bad, and how long they must be well.
//!
//! Never: limits that contradict each other; the bad one must be above the good one.

use std::time::Duration;

use super::mistake::Sheet;
use super::section::Section;
use crate::domain::criteria::Limits;

pub(super) const KEYS: &[&str] =
    &["errors_well", "errors_watch", "errors_bad", "errors_critical", "p95_well", "p95_watch", "p95_bad", "hold"];

pub(super) fn read(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Limits {
    let default = Limits::default();
    let answer = Duration::from_millis(1)..=Duration::from_mins(5);
    let hold = Duration::from_mins(1)..=Duration::from_hours(2);
    let p95 = |sheet: &mut Sheet<'_>, key| section.length(sheet, key, answer.clone()).map(|d| d.as_secs_f64());
    let limits = Limits {
        errors_well: section.ratio(sheet, "errors_well").unwrap_or(default.errors_well),
        errors_watch: section.ratio(sheet, "errors_watch").unwrap_or(default.errors_watch),
        errors_bad: section.ratio(sheet, "errors_bad").unwrap_or(default.errors_bad),
        errors_critical: section.ratio(sheet, "errors_critical").unwrap_or(default.errors_critical),
        p95_well: p95(sheet, "p95_well").unwrap_or(default.p95_well),
        p95_watch: p95(sheet, "p95_watch").unwrap_or(default.p95_watch),
        p95_bad: p95(sheet, "p95_bad").unwrap_or(default.p95_bad),
        hold: section.length(sheet, "hold", hold).unwrap_or(default.hold),
    };
    for (well, low, bad, high, unit) in [
        ("errors_well", limits.errors_well, "errors_bad", limits.errors_bad, ""),
        ("p95_well", limits.p95_well, "p95_bad", limits.p95_bad, " s"),
    ] {
        if low >= high {
            let key = if section.has(bad) { bad } else { well };
            let found = format!("leaves {well} at {low}{unit} and {bad} at {high}{unit}");
            section.wrong(sheet, key, &found, format!("{bad} must be above {well}, or bad would count as well"));
        }
    }
    limits
}
