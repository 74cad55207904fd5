//! The error lines of each service against what was usual, and what all services come to together.
//!
//! Never: clean where somebody could not be read.

use std::time::Duration;

use super::{Kept, LogBook, ROUND, Usual, Writer, length, slot};
use crate::domain::evidence::Verdict;
use crate::domain::fault::Fault;
use crate::domain::logs::LogRule;
use crate::domain::moment::{Moment, short};
use crate::domain::name::Service;

/// Who was last read longer ago than that, for each round that it takes to read all, is not known now.
const FRESH: Duration = Duration::from_secs(30);
/// Who is read so far behind writes more than can be read.
const BEHIND: Duration = Duration::from_mins(1);

/// The error lines of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The service.
    pub service: Service,
    /// Containers of it that run.
    pub writers: usize,
    /// Error lines in the window.
    pub errors: u32,
    /// In a window before the incident, as far as those of them tell who ran then; `None` = not known.
    pub usual: Option<u32>,
    /// Why it is not wholly known.
    pub unread: Option<Unread>,
}

/// Why a log is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Nobody of the service runs.
    Nobody,
    /// It was not read yet, or not lately.
    NotYet,
    /// It is written faster than it can be read.
    Behind,
    /// It cannot be read.
    Dark(Fault),
}

impl Unread {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Nobody => "none of its pods runs".into(),
            Self::NotYet => "not read yet".into(),
            Self::Behind => "it writes more than can be read".into(),
            Self::Dark(fault) => fault.sentence(),
        }
    }
}

/// All services together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Not met where a service has too many error lines, unknown where one cannot be known, else met.
    pub verdict: Verdict,
    /// In words.
    pub value: String,
    /// Nothing will be known by asking again.
    pub blind: bool,
}

impl LogBook {
    /// The error lines of each service since then, those with the most above what is usual first.
    pub fn tallies(&self, since: Moment, now: Moment) -> Vec<Tally> {
        let rounds = self.running.values().map(Vec::len).sum::<usize>().div_ceil(ROUND).max(1);
        let fresh = FRESH * u32::try_from(rounds).unwrap_or(u32::MAX);
        let one = |(service, writers): (&Service, &Vec<(Writer, Usual)>)| {
            let kept = || writers.iter().map(|(w, _)| self.kept.get(w));
            let errors = kept().flatten().flat_map(|k| k.errors.range(slot(since)..)).map(|(_, n)| *n);
            let told: Vec<u32> = writers.iter().filter_map(|(w, _)| self.usual.get(w).copied().flatten()).collect();
            let unread = kept().find_map(|k| unread(k, fresh, now));
            Tally {
                service: service.clone(),
                writers: writers.len(),
                errors: errors.fold(0, u32::saturating_add),
                usual: usual(&told, writers.len()),
                unread: if writers.is_empty() { Some(Unread::Nobody) } else { unread },
            }
        };
        let mut all: Vec<Tally> = self.running.iter().map(one).collect();
        all.sort_by_key(|t| std::cmp::Reverse((t.excess(), t.errors)));
        all
    }

    /// What the logs say since then.
    pub fn summary(&self, rule: &LogRule, since: Moment, now: Moment) -> Summary {
        let all = self.tallies(since, now);
        let within = short((now - since).to_std().unwrap_or_default());
        let told = |verdict, value, blind| Summary { verdict, value, blind };
        let over = || all.iter().filter(|t| t.is_over(rule.limit));
        if let Some(worst) = over().next() {
            let more = over().count() - 1;
            let more = if more > 0 { format!("; {more} more") } else { String::new() };
            let value = format!("{}: {} in {within}{}{more}", worst.service, error_lines(worst.errors), worst.before());
            return told(Verdict::NotMet, value, false);
        }
        let known = all.iter().filter(|t| t.unread.is_none()).count();
        if let Some((tally, why)) = all.iter().find_map(|t| Some((t, t.unread.as_ref()?))) {
            let blind = matches!(why, Unread::Dark(Fault::Forbidden { .. }));
            let value = format!("{known}/{} logs read, {}: {}", all.len(), tally.service, why.words());
            return told(Verdict::Unknown, value, blind);
        }
        if all.is_empty() {
            return told(Verdict::Unknown, "no pod of the release is seen".into(), false);
        }
        if self.kept.values().all(|k| k.lines == 0) {
            return told(Verdict::Unknown, format!("no pod has written a line in {within}"), false);
        }
        let errors: u32 = all.iter().map(|t| t.errors).fold(0, u32::saturating_add);
        let most = all.iter().max_by_key(|t| t.errors).filter(|t| t.errors > 0);
        let most = most.map_or_else(String::new, |t| format!(", most {} ({}){}", t.errors, t.service, t.before()));
        told(Verdict::Met, format!("{} in {within}{most}", error_lines(errors)), false)
    }
}

impl Tally {
    /// Error lines above what is usual.
    pub fn excess(&self) -> u32 {
        self.errors.saturating_sub(self.usual.unwrap_or_default())
    }

    /// Whether its pods write so many more than usual, each, that they are too many.
    pub fn is_over(&self, limit: u32) -> bool {
        let pods = u32::try_from(self.writers).unwrap_or(u32::MAX).max(1);
        self.excess() >= limit.max(1).saturating_mul(pods)
    }

    /// `, 3 before the incident`; empty where that is not known.
    fn before(&self) -> String {
        self.usual.map_or_else(String::new, |n| format!(", {n} before the incident"))
    }
}

/// `1 error line`
pub fn error_lines(count: u32) -> String {
    if count == 1 { "1 error line".into() } else { format!("{count} error lines") }
}

/// What so many usually write, by those of them of whom it is known.
fn usual(told: &[u32], of: usize) -> Option<u32> {
    let sum: u64 = told.iter().map(|n| u64::from(*n)).sum();
    let all = (sum * u64::try_from(of).ok()?).checked_div(u64::try_from(told.len()).ok()?)?;
    u32::try_from(all).ok()
}

fn unread(kept: Option<&Kept>, fresh: Duration, now: Moment) -> Option<Unread> {
    let Some(kept) = kept else { return Some(Unread::NotYet) };
    if let Some(fault) = &kept.fault {
        return Some(Unread::Dark(fault.clone()));
    }
    if kept.cut && now - kept.next > length(BEHIND) {
        return Some(Unread::Behind);
    }
    kept.read.is_none_or(|read| now - read > length(fresh)).then_some(Unread::NotYet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logbook::Running;
    use crate::domain::logs::{Excerpt, Heard};

    const NOW: i64 = 10_000;

    fn at(second: i64) -> Moment {
        chrono::DateTime::from_timestamp(second, 0).unwrap()
    }

    fn writer(pod: &str) -> Writer {
        Writer { pod: pod.into(), container: "app".into() }
    }

    fn running(all: &[(&str, &[&str])]) -> Running {
        let writers = |pods: &[&str]| pods.iter().map(|p| (writer(p), Usual::Ran)).collect();
        all.iter().map(|(service, pods)| (Service::new(service), writers(pods))).collect()
    }

    /// A line every second, of which so many are errors.
    fn excerpt(from: i64, lines: i64, errors: i64) -> Excerpt {
        let mut excerpt = Excerpt::default();
        for no in 0..lines {
            let text = if no < errors { "ERROR boom" } else { "INFO fine" };
            excerpt.take(at(from + no), text, &LogRule::default());
        }
        excerpt
    }

    /// All asked once; those answer so many errors now, and so many before the incident.
    fn read(book: &mut LogBook, now: &[(&str, i64)], before: &[(&str, i64)]) {
        for ask in book.asks(&LogRule::default(), at(NOW)) {
            let of = |all: &[(&str, i64)]| all.iter().find(|(pod, _)| ask.writer == writer(pod)).map(|(_, n)| *n);
            let excerpt = match ask.until {
                None => of(now).map(|errors| excerpt(NOW - 200, 100, errors)),
                Some(_) => of(before).map(|errors| excerpt(NOW - 900, 100, errors)),
            };
            let excerpt = excerpt.ok_or(Fault::Unreachable { what: "no answer".into() });
            book.hear(Heard { ask, excerpt }, &LogRule::default(), at(NOW));
        }
    }

    fn told(book: &LogBook) -> (Verdict, String) {
        let told = book.summary(&LogRule::default(), at(NOW - 300), at(NOW));
        (told.verdict, told.value)
    }

    #[test]
    fn noise_as_before_the_incident_is_no_failure_and_more_than_that_is() {
        let (met, not) = (Verdict::Met, Verdict::NotMet);
        let cases = [
            (0, None, met, "0 error lines in 5 min"),
            (1, None, met, "1 error line in 5 min, most 1 (a)"),
            (4, None, met, "4 error lines in 5 min, most 4 (a)"),
            (5, None, not, "a: 5 error lines in 5 min"),
            (40, Some(36), met, "40 error lines in 5 min, most 40 (a), 36 before the incident"),
            (40, Some(35), not, "a: 40 error lines in 5 min, 35 before the incident"),
            (3, Some(90), met, "3 error lines in 5 min, most 3 (a), 90 before the incident"),
        ];
        for (now, before, verdict, value) in cases {
            let mut book = LogBook::default();
            book.begin(Some(at(NOW - 600)));
            book.run(running(&[("a", &["a-1"]), ("b", &["b-1"])]));
            let before: Vec<(&str, i64)> = before.map(|n| ("a-1", n)).into_iter().collect();
            read(&mut book, &[("a-1", now), ("b-1", 0)], &before);
            assert_eq!(told(&book), (verdict, value.to_owned()), "{now} {before:?}");
        }
    }

    #[test]
    fn what_was_not_read_is_unknown_and_never_clean() {
        let unknown = Verdict::Unknown;
        let book = |all: &[(&str, &[&str])], now: &[(&str, i64)]| {
            let mut book = LogBook::default();
            book.run(running(all));
            read(&mut book, now, &[]);
            book
        };
        assert_eq!(told(&book(&[], &[])), (unknown, "no pod of the release is seen".into()));
        let nobody = book(&[("a", &["a-1"]), ("b", &[])], &[("a-1", 0)]);
        assert_eq!(told(&nobody), (unknown, "1/2 logs read, b: none of its pods runs".into()));
        let dark = book(&[("a", &["a-1", "a-2"])], &[("a-1", 0)]);
        assert_eq!(told(&dark), (unknown, "0/1 logs read, a: Unreachable: no answer".into()));
        // Errors that are known are bad, whoever else could not be read; the limit is one for each pod.
        let some = book(&[("a", &["a-1", "a-2"])], &[("a-1", 9)]);
        assert_eq!(told(&some).0, unknown);
        let bad = book(&[("a", &["a-1", "a-2"])], &[("a-1", 10)]);
        assert_eq!(told(&bad).0, Verdict::NotMet);
        let mut silent = LogBook::default();
        silent.run(running(&[("a", &["a-1"])]));
        for ask in silent.asks(&LogRule::default(), at(NOW)) {
            silent.hear(Heard { ask, excerpt: Ok(Excerpt::default()) }, &LogRule::default(), at(NOW));
        }
        assert_eq!(told(&silent), (unknown, "no pod has written a line in 5 min".into()));
        let old = book(&[("a", &["a-1"])], &[("a-1", 0)]);
        assert_eq!(told(&old).0, Verdict::Met);
        let later = old.summary(&LogRule::default(), at(NOW - 260), at(NOW + 40));
        assert_eq!((later.verdict, later.value.as_str()), (unknown, "0/1 logs read, a: not read yet"));
    }

    #[test]
    fn a_log_that_is_written_faster_than_it_is_read_says_so_and_who_may_not_read_will_never_know() {
        let mut book = LogBook::default();
        book.run(running(&[("a", &["a-1"])]));
        let ask = book.asks(&LogRule::default(), at(NOW)).remove(0);
        let cut = Excerpt { cut: true, ..excerpt(NOW - 300, 100, 0) };
        book.hear(Heard { ask: ask.clone(), excerpt: Ok(cut) }, &LogRule::default(), at(NOW));
        assert_eq!(told(&book), (Verdict::Unknown, "0/1 logs read, a: it writes more than can be read".into()));
        // It goes on where it ended.
        assert_eq!(book.asks(&LogRule::default(), at(NOW + 10))[0].from, at(NOW - 201));
        let forbidden = Fault::Forbidden { verb: "get".into(), resource: "pods/log in namespace prod".into() };
        book.hear(Heard { ask, excerpt: Err(forbidden) }, &LogRule::default(), at(NOW));
        let told = book.summary(&LogRule::default(), at(NOW - 300), at(NOW));
        assert!(told.blind && told.value.ends_with("you may not get pods/log in namespace prod"), "{told:?}");
    }
}
