//! The plan of a run of tests of which some write: what they create, and what to know of it before saying yes.
//!
//! Never: a secret; a test names where it is kept. Changing after it was made; its [`Plan::hash`] is what a permit names.

use super::answer::Outcome;
use super::results::Ran;
use super::test::Test;
use crate::domain::event::Ending;
use crate::domain::moment::Moment;
use crate::domain::name::Namespace;
use crate::helm::digest;
use crate::helm::plan::{Finding, Level, PlanHash};

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Where; it is what is typed.
    pub namespace: Namespace,
    /// All of them in their order, also those that only read: what one keeps the next needs.
    pub tests: Vec<Test>,
    /// What to know before saying yes, the gravest first.
    pub findings: Vec<Finding>,
    /// SHA-256 over everything above, hex.
    pub hash: PlanHash,
}

impl Plan {
    /// Of these tests; `before` is when they wrote the last time in this incident.
    pub fn of(namespace: Namespace, tests: Vec<Test>, before: Option<Moment>) -> Self {
        let findings = findings(&namespace, &tests, before);
        let mut plan = Self { namespace, tests, findings, hash: PlanHash(String::new()) };
        plan.hash = PlanHash(digest::text(&format!("{plan:?}")));
        plan
    }

    /// Each that writes, and what it creates.
    pub fn writers(&self) -> impl Iterator<Item = (&Test, &str)> {
        self.tests.iter().filter_map(|test| Some((test, test.writes.as_deref()?)))
    }

    /// What all of them create.
    pub fn creates(&self) -> Vec<String> {
        self.writers().map(|(_, creates)| creates.to_owned()).collect()
    }

    /// How the run ended, by what each said.
    pub fn ending(&self, ran: &[Ran]) -> Ending {
        let of = |test: &Test| ran.iter().find(|r| r.name == test.name).map(|r| &r.outcome);
        let (mut made, mut doubtful) = (Vec::new(), Vec::new());
        for (test, creates) in self.writers() {
            match of(test) {
                Some(Outcome::Passed) => made.push(creates),
                Some(Outcome::Failed(_) | Outcome::Unknown(_)) => doubtful.push(creates),
                Some(Outcome::Unasked(_)) | None => {}
            }
        }
        let told = |intro: &str, all: Vec<&str>| {
            if all.is_empty() { String::new() } else { format!("; {intro}{}", all.join(", ")) }
        };
        let left = format!("{}{}", told("made: ", made), told("perhaps made, look for it: ", doubtful));
        let passed = ran.iter().filter(|r| r.outcome == Outcome::Passed).count();
        let tally = format!("{passed} of {} tests passed", self.tests.len());
        match ran.iter().find(|r| r.outcome != Outcome::Passed) {
            None => Ending::Seen { what: format!("{tally}{left}") },
            Some(first) => Ending::Failed { why: format!("{tally}, {}: {}{left}", first.name, first.outcome.words()) },
        }
    }
}

fn findings(namespace: &Namespace, tests: &[Test], before: Option<Moment>) -> Vec<Finding> {
    let mut all = Vec::new();
    if let Some(at) = before {
        all.push(Finding {
            level: Level::Confirm,
            sentence: format!("They wrote at {} already: what they made then is made once more", at.format("%H:%M")),
            cure: "Run them again only if something was mended since.".into(),
        });
    }
    all.push(Finding {
        level: Level::Confirm,
        sentence: format!("What they create stays in {namespace}, for customers' systems too"),
        cure: "Use a test account, and note what they made for whoever cleans up.".into(),
    });
    if tests.iter().any(|test| test.writes.is_none()) {
        all.push(Finding {
            level: Level::Info,
            sentence: "Those that only read are asked again, for what the others need of them".into(),
            cure: String::new(),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::test::tests::test;
    use super::*;

    #[test]
    fn the_end_says_what_was_made_and_what_perhaps() {
        let writes = |name: &str, creates: &str| Test { writes: Some(creates.into()), ..test(name) };
        let all = vec![test("login"), writes("order", "one order"), writes("pay", "one payment")];
        let plan = Plan::of("prod".into(), all, None);
        assert_eq!(plan.creates(), ["one order", "one payment"]);
        let failed = |why: &str| Outcome::Failed(why.into());
        let passed = || Outcome::Passed;
        let seen = |what: &str| Ending::Seen { what: what.into() };
        let amiss = |why: &str| Ending::Failed { why: why.into() };
        let cases = [
            ([passed(), passed(), passed()], seen("3 of 3 tests passed; made: one order, one payment")),
            (
                [passed(), passed(), failed("no answer within 3 s")],
                amiss(
                    "2 of 3 tests passed, pay: no answer within 3 s; made: one order; perhaps made, look for it: one payment",
                ),
            ),
            (
                [
                    passed(),
                    failed("expected 201, answered 500"),
                    Outcome::Unasked("not asked: {order} is not known".into()),
                ],
                amiss("1 of 3 tests passed, order: expected 201, answered 500; perhaps made, look for it: one order"),
            ),
            (
                [
                    failed("expected 200, answered 401"),
                    Outcome::Unasked("not asked: x".into()),
                    Outcome::Unasked("not asked: x".into()),
                ],
                amiss("0 of 3 tests passed, login: expected 200, answered 401"),
            ),
        ];
        let at = chrono::DateTime::from_timestamp(10, 0).unwrap();
        for (outcomes, wanted) in cases {
            let ran =
                |(test, outcome): (&Test, Outcome)| Ran { name: test.name.clone(), at, took: Duration::ZERO, outcome };
            let ran: Vec<Ran> = plan.tests.iter().zip(outcomes).map(ran).collect();
            assert_eq!(plan.ending(&ran), wanted);
        }
    }

    #[test]
    fn another_test_or_another_time_is_another_plan() {
        let plan = |tests, before| Plan::of("prod".into(), tests, before).hash;
        let at = chrono::DateTime::from_timestamp(10, 0);
        let one = plan(vec![test("a")], None);
        assert_eq!(one, plan(vec![test("a")], None));
        let body = Test { body: Some("{}".into()), ..test("a") };
        assert!(
            one != plan(vec![test("b")], None) && one != plan(vec![body], None) && one != plan(vec![test("a")], at)
        );
    }
}
