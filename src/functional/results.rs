//! What the tests said, with when; and all of them together.
//!
//! Never: all passed where one was not run.

use super::answer::Outcome;
use super::test::Test;
use crate::domain::evidence::Verdict;
use crate::domain::moment::Moment;

/// A test that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Which.
    pub name: String,
    /// When it was asked.
    pub at: Moment,
    /// How long its answer took.
    pub took: std::time::Duration,
    /// What it says.
    pub outcome: Outcome,
}

impl Outcome {
    /// As a verdict.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Passed => Verdict::Met,
            Self::Failed(_) => Verdict::NotMet,
            Self::Unknown(_) | Self::Unasked(_) => Verdict::Unknown,
        }
    }

    /// In words.
    pub fn words(&self) -> &str {
        match self {
            Self::Passed => "passed",
            Self::Failed(why) | Self::Unknown(why) | Self::Unasked(why) => why,
        }
    }
}

/// All tests together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Not met where one failed, met where all passed, else unknown.
    pub verdict: Verdict,
    /// `4/4 tests passed at 04:50:10`
    pub value: String,
    /// When the oldest of them was asked; `None` = none was.
    pub at: Option<Moment>,
}

/// Judges all tests by what still counts of what they said.
pub fn summary(tests: &[Test], ran: &[&Ran]) -> Summary {
    let of = |test: &Test| ran.iter().copied().find(|r| r.name == test.name);
    let verdicts: Vec<(&Test, Option<&Ran>)> = tests.iter().map(|test| (test, of(test))).collect();
    let is = |ran: Option<&Ran>, verdict| ran.is_some_and(|r| r.outcome.verdict() == verdict);
    let passed = verdicts.iter().filter(|(_, ran)| is(*ran, Verdict::Met)).count();
    let at = verdicts.iter().filter_map(|(_, ran)| ran.map(|r| r.at)).min();
    let tally = format!("{passed}/{} tests passed", tests.len());
    let first = |verdict| verdicts.iter().find(|(_, ran)| is(*ran, verdict));
    let told = |verdict, said: String| Summary { verdict, value: format!("{tally}, {said}"), at };
    if let Some((test, Some(ran))) = first(Verdict::NotMet) {
        return told(Verdict::NotMet, format!("{}: {}", test.name, ran.outcome.words()));
    }
    if let Some((test, Some(ran))) = first(Verdict::Unknown) {
        return told(Verdict::Unknown, format!("{}: {}", test.name, ran.outcome.words()));
    }
    let left: Vec<&Test> = verdicts.iter().filter(|(_, ran)| ran.is_none()).map(|(test, _)| *test).collect();
    match (left.split_first(), at) {
        (None, Some(at)) => {
            Summary { verdict: Verdict::Met, value: format!("{tally} at {}", at.format("%H:%M:%S")), at: Some(at) }
        }
        (Some((first, rest)), Some(_)) => {
            let writes = if first.writes.is_some() { ", it writes" } else { "" };
            let more = if rest.is_empty() { String::new() } else { format!("; {} more", rest.len()) };
            told(Verdict::Unknown, format!("{} not run{writes}{more}", first.name))
        }
        (_, None) => {
            Summary { verdict: Verdict::Unknown, value: format!("none of {} tests run", tests.len()), at: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::test::tests::test;
    use super::*;

    #[test]
    fn all_have_passed_only_where_each_was_run_and_passed() {
        let at = chrono::DateTime::from_timestamp(10, 0).unwrap();
        let ran = |name: &str, outcome: Outcome| Ran { name: name.into(), at, took: Duration::ZERO, outcome };
        let passed = |name| ran(name, Outcome::Passed);
        let tests = [test("login"), Test { writes: Some("one order".into()), ..test("order") }];
        let (met, not, unknown) = (Verdict::Met, Verdict::NotMet, Verdict::Unknown);
        let cases = [
            (vec![], unknown, "none of 2 tests run"),
            (vec![passed("login")], unknown, "1/2 tests passed, order not run, it writes"),
            (vec![passed("login"), passed("order")], met, "2/2 tests passed at 00:00:10"),
            (
                vec![passed("login"), ran("order", Outcome::Failed("no ready endpoint".into()))],
                not,
                "1/2 tests passed, order: no ready endpoint",
            ),
            (
                vec![ran("login", Outcome::Failed("expected 200, answered 500".into()))],
                not,
                "0/2 tests passed, login: expected 200, answered 500",
            ),
            (
                vec![passed("login"), ran("order", Outcome::Unknown("Unreachable: x".into()))],
                unknown,
                "1/2 tests passed, order: Unreachable: x",
            ),
            (vec![passed("other")], unknown, "none of 2 tests run"),
        ];
        for (ran, verdict, value) in cases {
            let said = summary(&tests, &ran.iter().collect::<Vec<_>>());
            assert_eq!((said.verdict, said.value.as_str()), (verdict, value));
        }
    }
}
