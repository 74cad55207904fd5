//! Which lines to show: since when, and with which words.

use std::time::Duration;

use crate::domain::moment::{Moment, since};

use super::Written;

/// What lines have to have. Of nothing but blanks it lets every line through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineFilter {
    /// As it was typed.
    pub typed: String,
    since: Option<Duration>,
    words: Vec<String>,
}

impl LineFilter {
    /// `2m order timeout`: of the last two minutes, with both words in the service, the pod or the line.
    pub fn of(typed: &str) -> Self {
        let mut words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
        let since = words.first().and_then(|word| length(word));
        if since.is_some() {
            words.remove(0);
        }
        Self { typed: typed.trim().to_owned(), since, words }
    }

    /// Whether it lets that line through.
    pub fn lets(&self, written: &Written, now: Moment) -> bool {
        let texts = [written.service.as_str(), written.writer.pod.as_str(), written.line.text.as_str()];
        let has = |word: &String| texts.iter().any(|text| text.to_lowercase().contains(word.as_str()));
        self.since.is_none_or(|most| since(written.line.at, now) <= most) && self.words.iter().all(has)
    }
}

/// `90s`, `2m`, `1h`
fn length(word: &str) -> Option<Duration> {
    let (number, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
    let number: u64 = number.parse().ok()?;
    let seconds = match unit {
        "s" => number,
        "m" => number.checked_mul(60)?,
        "h" => number.checked_mul(3_600)?,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::{LogLine, Writer};

    #[test]
    fn a_line_is_shown_where_it_is_young_enough_and_has_every_word() {
        let at = |second| chrono::DateTime::from_timestamp(second, 0).unwrap();
        let line = LogLine { at: at(1_000), text: "ERROR Timeout after 3s".into() };
        let writer = Writer { pod: "order-service-7d9f-x2x".into(), container: "app".into() };
        let written = Written { service: "order-service".into(), writer, line };
        let cases = [
            ("", true),
            ("  ", true),
            ("timeout", true),
            ("ORDER timeout", true),
            ("x2x", true),
            ("payment", false),
            ("order payment", false),
            ("2m", true),
            ("2m timeout", true),
            ("30s", false),
            ("1h order", true),
            ("3s", false),
            ("after 3s", true),
            ("m", true),
            ("99999999999999999999m", false),
        ];
        for (typed, wanted) in cases {
            assert_eq!(LineFilter::of(typed).lets(&written, at(1_060)), wanted, "{typed}");
        }
    }
}
