//! What is known of the logs of the pods that run now: who was read how far, the error lines of each service against what
//! was usual before the incident, and the newest lines of all.
//!
//! Never: a pod that runs no more, nor a service of which nothing could be read taken for a silent one.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::fault::Fault;
use super::logs::{Excerpt, Heard, LogAsk, LogLine, LogRule, SLOT, Writer};
use super::moment::Moment;
use super::name::Service;

pub mod filter;
pub mod tally;

/// Containers that are asked in one round.
pub const ROUND: usize = 32;
/// Error lines of all that are kept, the newest.
const ERRORS: usize = 200;
/// Lines of all that are kept, the newest.
const LINES: usize = 600;

/// A line and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Of which service.
    pub service: Service,
    /// Who.
    pub writer: Writer,
    /// What and when.
    pub line: LogLine,
}

/// Who runs now: the writers by service; a service without any is there, too.
pub type Running = BTreeMap<Service, Vec<(Writer, Usual)>>;

/// Whether a container can tell what was usual before the incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usual {
    /// It ran all that time.
    Ran,
    /// It did not run yet.
    Younger,
}

/// The book.
#[derive(Debug, Clone, Default)]
pub struct LogBook {
    running: Running,
    kept: BTreeMap<Writer, Kept>,
    usual: BTreeMap<Writer, Option<u32>>,
    errors: VecDeque<Written>,
    lines: VecDeque<Written>,
    onset: Option<Moment>,
}

/// What is known of one log.
#[derive(Debug, Clone, Default)]
struct Kept {
    /// The next question begins there.
    next: Moment,
    /// When it was last asked.
    asked: Option<Moment>,
    /// When it last answered.
    read: Option<Moment>,
    lines: u64,
    errors: BTreeMap<i64, u32>,
    cut: bool,
    fault: Option<Fault>,
}

impl LogBook {
    /// An incident began; what was usual is what was before that moment. Nothing is known yet.
    pub fn begin(&mut self, onset: Option<Moment>) {
        *self = Self { onset, ..Self::default() };
    }

    /// Before when it was as usual.
    pub const fn onset(&self) -> Option<Moment> {
        self.onset
    }

    /// Who runs now; who runs no more is forgotten with all that it wrote.
    pub fn run(&mut self, running: Running) {
        let is_there = |writer: &Writer| running.values().flatten().any(|(w, _)| w == writer);
        self.kept.retain(|writer, _| is_there(writer));
        self.usual.retain(|writer, _| is_there(writer));
        self.errors.retain(|w| is_there(&w.writer));
        self.lines.retain(|w| is_there(&w.writer));
        self.running = running;
    }

    /// Whether somebody who runs was never asked.
    pub fn lacks(&self) -> bool {
        self.running.values().flatten().any(|(w, _)| self.kept.get(w).is_none_or(|k| k.asked.is_none()))
    }

    /// The next questions: those who were asked longest ago first, then what was usual, as many as a round takes.
    pub fn asks(&mut self, rule: &LogRule, now: Moment) -> Vec<LogAsk> {
        let window = length(rule.window);
        let mut all: Vec<(Option<Moment>, Writer)> =
            self.running.values().flatten().map(|(w, _)| (self.asked(w), w.clone())).collect();
        all.sort();
        let mut asks = Vec::new();
        for (_, writer) in all.into_iter().take(ROUND) {
            let fresh = Kept { next: now - window, ..Kept::default() };
            let kept = self.kept.entry(writer.clone()).or_insert(fresh);
            kept.asked = Some(now);
            asks.push(LogAsk { writer, from: kept.next, until: None });
        }
        let Some(onset) = self.onset else { return asks };
        let ran = self.running.values().flatten().filter(|(_, usual)| *usual == Usual::Ran).map(|(w, _)| w);
        let room = ROUND.saturating_sub(asks.len());
        let untold: Vec<Writer> = ran.filter(|w| !self.usual.contains_key(*w)).take(room).cloned().collect();
        asks.extend(untold.into_iter().map(|writer| LogAsk { writer, from: onset - window, until: Some(onset) }));
        asks
    }

    fn asked(&self, writer: &Writer) -> Option<Moment> {
        self.kept.get(writer).and_then(|k| k.asked)
    }

    /// An answer.
    pub fn hear(&mut self, heard: Heard, rule: &LogRule, now: Moment) {
        let Heard { ask, excerpt } = heard;
        if ask.until.is_some() {
            // Where nothing is left of that time, a rotated log cannot be told from a silent one.
            if let Ok(excerpt) = excerpt {
                let told = (excerpt.lines > 0 && !excerpt.cut).then(|| excerpt.errors.values().sum());
                self.usual.insert(ask.writer, told);
            }
            return;
        }
        let service =
            self.running.iter().find(|(_, all)| all.iter().any(|(w, _)| *w == ask.writer)).map(|(s, _)| s.clone());
        let (Some(service), Some(kept)) = (service, self.kept.get_mut(&ask.writer)) else { return };
        match excerpt {
            Ok(excerpt) => {
                kept.read = Some(now);
                kept.fault = None;
                kept.lines += excerpt.lines;
                kept.cut = excerpt.cut;
                kept.next = excerpt.last.unwrap_or(kept.next).max(kept.next);
                for (slot, count) in &excerpt.errors {
                    *kept.errors.entry(*slot).or_default() += count;
                }
                let oldest = slot(now - length(rule.window)) - 1;
                kept.errors = kept.errors.split_off(&oldest);
                self.keep(&service, &ask.writer, excerpt);
            }
            Err(fault) => kept.fault = Some(fault),
        }
    }

    fn keep(&mut self, service: &Service, writer: &Writer, excerpt: Excerpt) {
        let put = |into: &mut VecDeque<Written>, lines: VecDeque<LogLine>, most: usize| {
            let written = |line| Written { service: service.clone(), writer: writer.clone(), line };
            into.extend(lines.into_iter().map(written));
            into.make_contiguous().sort_by_key(|w| w.line.at);
            let surplus = into.len().saturating_sub(most);
            into.drain(..surplus);
        };
        put(&mut self.errors, excerpt.newest, ERRORS);
        put(&mut self.lines, excerpt.tail, LINES);
    }

    /// The newest error lines of all, oldest first.
    pub const fn errors(&self) -> &VecDeque<Written> {
        &self.errors
    }

    /// The newest lines of all, oldest first.
    pub const fn lines(&self) -> &VecDeque<Written> {
        &self.lines
    }
}

fn slot(at: Moment) -> i64 {
    at.timestamp().div_euclid(SLOT)
}

fn length(of: Duration) -> chrono::Duration {
    chrono::Duration::from_std(of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 10_000;

    fn at(second: i64) -> Moment {
        chrono::DateTime::from_timestamp(second, 0).unwrap()
    }

    fn writer(pod: &str) -> Writer {
        Writer { pod: pod.into(), container: "app".into() }
    }

    fn running(pods: &[&str]) -> Running {
        [(Service::new("a"), pods.iter().map(|p| (writer(p), Usual::Younger)).collect())].into()
    }

    /// Asks everybody whose turn it is; each answers a line a second, of which half are errors.
    fn round(book: &mut LogBook, now: i64) -> Vec<Writer> {
        let asks = book.asks(&LogRule::default(), at(now));
        let asked = asks.iter().map(|a| a.writer.clone()).collect();
        for ask in asks {
            let mut excerpt = Excerpt::default();
            for no in 0..60 {
                excerpt.take(
                    at(NOW - 100 + no),
                    if no % 2 == 0 { "ERROR boom" } else { "INFO fine" },
                    &LogRule::default(),
                );
            }
            book.hear(Heard { ask, excerpt: Ok(excerpt) }, &LogRule::default(), at(now));
        }
        asked
    }

    #[test]
    fn who_runs_no_more_is_forgotten_with_what_it_wrote() {
        let mut book = LogBook::default();
        book.run(running(&["a-1", "a-2"]));
        round(&mut book, NOW);
        assert_eq!((book.tallies(at(0), at(NOW))[0].errors, book.errors().len()), (60, 40));
        book.run(running(&["a-2"]));
        assert_eq!((book.tallies(at(0), at(NOW))[0].errors, book.errors().len()), (30, 20));
        assert!(book.lines().iter().all(|w| w.writer == writer("a-2")));
    }

    #[test]
    fn a_round_is_bounded_and_everybody_gets_their_turn() {
        let names: Vec<String> = (0..100).map(|n| format!("p-{n:03}")).collect();
        let pods: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut book = LogBook::default();
        book.run(running(&pods));
        let mut seen = std::collections::BTreeSet::new();
        for turn in 0..4 {
            assert!(book.lacks());
            let asked = round(&mut book, NOW + turn);
            assert!(asked.len() <= ROUND, "{}", asked.len());
            seen.extend(asked);
        }
        assert_eq!((seen.len(), book.lacks()), (100, false));
        assert_eq!((book.errors().len(), book.lines().len()), (ERRORS, LINES));
        assert_eq!(book.tallies(at(0), at(NOW))[0].errors, 3_000 + 28 * 30);
    }
}
