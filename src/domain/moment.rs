//! Points in time and lengths of time as an operator reads them.
//!
//! Never: asking what time it is. `Now` is handed in by a tick.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// A point in wall time, UTC.
pub type Moment = DateTime<Utc>;

/// What a tick brings: wall time to show and to journal, monotonic time to measure with.
/// The wall may jump; `mono` never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Wall time, UTC.
    pub wall: Moment,
    /// Time since the cockpit (or the drill) started.
    pub mono: Duration,
}

impl Now {
    /// So long before.
    pub fn earlier(self, by: Duration) -> Self {
        let back = chrono::Duration::from_std(by).unwrap_or_default();
        Self { wall: self.wall - back, mono: self.mono.saturating_sub(by) }
    }
}

/// Time from `then` to `now`; zero where `then` lies in the future (a clock that was set back).
pub fn since(then: Moment, now: Moment) -> Duration {
    (now - then).to_std().unwrap_or(Duration::ZERO)
}

/// An age as short as it can be said: `4 s`, `12 min`, `3 h`, `2 d`.
pub fn short(age: Duration) -> String {
    let s = age.as_secs();
    match s {
        0..=119 => format!("{s} s"),
        120..=7_199 => format!("{} min", s / 60),
        7_200..=172_799 => format!("{} h", s / 3_600),
        _ => format!("{} d", s / 86_400),
    }
}

/// A length with two units, for how long a revision lived: `3 d 4 h`, `2 h 5 min`, `40 s`.
pub fn long(age: Duration) -> String {
    let s = age.as_secs();
    match s {
        0..=59 => format!("{s} s"),
        60..=3_599 => format!("{} min {} s", s / 60, s % 60),
        3_600..=86_399 => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3_600),
    }
}

/// A running clock: `06:12`, from one hour on `1:06:12`.
pub fn clock(age: Duration) -> String {
    let s = age.as_secs();
    if s < 3_600 {
        format!("{:02}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_as_a_person_would_say_them() {
        let cases: [(u64, &str, &str, &str); 6] = [
            (4, "4 s", "4 s", "00:04"),
            (119, "119 s", "1 min 59 s", "01:59"),
            (372, "6 min", "6 min 12 s", "06:12"),
            (3_972, "66 min", "1 h 6 min", "1:06:12"),
            (7_500, "2 h", "2 h 5 min", "2:05:00"),
            (273_600, "3 d", "3 d 4 h", "76:00:00"),
        ];
        for (s, wanted_short, wanted_long, wanted_clock) in cases {
            let d = Duration::from_secs(s);
            assert_eq!(
                (short(d).as_str(), long(d).as_str(), clock(d).as_str()),
                (wanted_short, wanted_long, wanted_clock)
            );
        }
    }

    #[test]
    fn a_clock_set_back_gives_an_age_of_zero() {
        let t = DateTime::from_timestamp(1_000, 0).unwrap();
        assert_eq!(since(t, DateTime::from_timestamp(900, 0).unwrap()), Duration::ZERO);
    }
}
