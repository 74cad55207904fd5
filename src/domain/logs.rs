//! What the pods of a release write that looks like an error: which lines count, over how long, how many are too many.
//! What is kept of a log is bounded, however much is written.
//!
//! Never: a whole log.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::fault::Fault;
use super::moment::Moment;
use super::name::{Container, PodName};

/// Error lines of one excerpt that are kept, the newest.
pub const NEWEST: usize = 20;
/// Lines of one excerpt that are kept for the tail, the newest.
pub const TAIL: usize = 60;
/// Characters of a line that are kept.
const LONGEST: usize = 400;
/// Error lines are counted by so many seconds.
pub const SLOT: i64 = 5;

/// Which lines count as errors, over how long, and how many are too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRule {
    /// A line with one of these is an error.
    pub pattern: Words,
    /// But not one with one of these.
    pub ignore: Words,
    /// How far back is looked.
    pub window: Duration,
    /// So many error lines of a pod above what was usual are too many.
    pub limit: u32,
    /// Containers that are not read, in whichever pod.
    pub skip: BTreeSet<Container>,
}

impl Default for LogRule {
    /// As the plan greps: `error|exception|fatal`, fewer than five.
    fn default() -> Self {
        Self {
            pattern: Words::of("error|exception|fatal"),
            ignore: Words::default(),
            window: Duration::from_mins(5),
            limit: 5,
            skip: ["istio-proxy", "linkerd-proxy"].map(Container::new).into(),
        }
    }
}

impl LogRule {
    /// Whether that line is an error.
    pub fn counts(&self, line: &str) -> bool {
        let line = line.to_ascii_lowercase();
        self.pattern.are_in(&line) && !self.ignore.are_in(&line)
    }
}

/// Words, any of which may stand in a line, whatever their case: `error|exception`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(Vec<String>);

impl Words {
    /// From a text with `|` between them.
    pub fn of(text: &str) -> Self {
        Self(text.split('|').map(|w| w.trim().to_ascii_lowercase()).filter(|w| !w.is_empty()).collect())
    }

    /// There is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn are_in(&self, lower: &str) -> bool {
        self.0.iter().any(|word| lower.contains(word.as_str()))
    }
}

/// A container that runs, and whose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Writer {
    /// The pod.
    pub pod: PodName,
    /// The container.
    pub container: Container,
}

/// A question for the log of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogAsk {
    /// Whose log.
    pub writer: Writer,
    /// Lines after that moment are wanted.
    pub from: Moment,
    /// And before that one; `None` = to the end.
    pub until: Option<Moment>,
}

/// One line, and when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, by the clock of its node.
    pub at: Moment,
    /// What.
    pub text: String,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The question.
    pub ask: LogAsk,
    /// What was read.
    pub excerpt: Result<Excerpt, Fault>,
}

/// What is kept of a stretch of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// Lines that were read.
    pub lines: u64,
    /// When the last of them was written.
    pub last: Option<Moment>,
    /// Error lines by the time slot ([`SLOT`]) in which they were written.
    pub errors: BTreeMap<i64, u32>,
    /// The newest error lines, oldest first.
    pub newest: VecDeque<LogLine>,
    /// The newest lines of any kind, oldest first.
    pub tail: VecDeque<LogLine>,
    /// There was more than could be read at once; what is missing is newer.
    pub cut: bool,
}

impl Excerpt {
    /// Takes one more line in.
    pub fn take(&mut self, at: Moment, text: &str, rule: &LogRule) {
        self.lines += 1;
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        let line = LogLine { at, text: text.chars().take(LONGEST).collect() };
        if rule.counts(text) {
            let count = self.errors.entry(at.timestamp().div_euclid(SLOT)).or_default();
            *count = count.saturating_add(1);
            push(&mut self.newest, line.clone(), NEWEST);
        }
        push(&mut self.tail, line, TAIL);
    }
}

fn push(lines: &mut VecDeque<LogLine>, line: LogLine, most: usize) {
    if lines.len() >= most {
        lines.pop_front();
    }
    lines.push_back(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_by_any_of_the_words_in_whatever_case_but_for_what_is_ignored() {
        let rule = LogRule { ignore: Words::of("0 errors| ErrorPage "), ..LogRule::default() };
        let cases = [
            ("2026 ERROR 1 --- x : boom", true),
            ("java.lang.NullPointerException: x", true),
            ("Fatal: out of memory", true),
            ("GET /api 200 in 12 ms", false),
            ("done, 0 errors", false),
            ("rendering errorpage", false),
            ("", false),
        ];
        for (line, wanted) in cases {
            assert_eq!(rule.counts(line), wanted, "{line}");
        }
        assert!(Words::of(" | ").is_empty() && !LogRule { pattern: Words::of("|"), ..rule }.counts("error"));
    }

    #[test]
    fn what_is_kept_of_a_log_is_bounded_and_every_line_is_counted() {
        let mut excerpt = Excerpt::default();
        for second in 0..1_000 {
            let at = chrono::DateTime::from_timestamp(second, 0).unwrap();
            excerpt.take(at, &format!("{second} error {}", "x".repeat(5_000)), &LogRule::default());
        }
        assert_eq!((excerpt.lines, excerpt.errors.values().sum::<u32>()), (1_000, 1_000));
        assert_eq!((excerpt.newest.len(), excerpt.tail.len()), (NEWEST, TAIL));
        assert!(excerpt.newest.back().is_some_and(|l| l.text.starts_with("999 ") && l.text.chars().count() == LONGEST));
        assert_eq!(excerpt.errors.len(), 200);
    }
}
