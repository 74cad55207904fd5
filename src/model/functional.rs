//! What the functional tests said, and which of it still counts: what was said before the newest act that changed what
//! runs, or of another revision, says nothing of now.
//!
//! Never: a result without its time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::event::{Ending, Event};
use crate::domain::moment::Moment;
use crate::domain::name::Revision;
use crate::functional::answer::Outcome;
use crate::functional::results::{Ran, Summary, summary};
use crate::functional::test::{Test, reading};

use super::Model;
use super::feed::Generation;

/// The newest result of each test, and what is under way.
#[derive(Debug, Clone, Default)]
pub struct Tests {
    kept: BTreeMap<String, Kept>,
    /// Those that only read, while they are under way.
    pub asked: Option<Asked>,
    /// The newest question.
    pub generation: Generation,
}

/// A result, and of which revision it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The result.
    pub ran: Ran,
    /// The revision that was live when it was asked, as far as it was known.
    pub live: Option<Revision>,
}

/// Tests under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Since when, monotonic.
    pub since: Duration,
    /// How many are still to come.
    pub left: usize,
    /// The revision that was live when they were asked.
    pub live: Option<Revision>,
}

/// Why a result says nothing of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outdated {
    /// An act that changes what runs is under way, or nobody knows how it ended.
    UnderWay,
    /// An act changed what runs since.
    Acted,
    /// Another revision is live.
    OtherRevision,
}

impl Outdated {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::UnderWay => "an act is under way",
            Self::Acted => "from before the last act",
            Self::OtherRevision => "of another revision",
        }
    }
}

/// What can be run next: what writes comes after what only reads has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Some are under way.
    Wait,
    /// Those that only read, at once.
    Read(Vec<Test>),
    /// All of them, by a plan: some write.
    Write(Vec<Test>),
    /// All have passed, or there is none.
    Nothing,
}

impl Tests {
    /// A result came.
    pub fn put(&mut self, ran: Ran, live: Option<Revision>) {
        self.kept.insert(ran.name.clone(), Kept { ran, live });
    }
}

/// When what runs was last changed from here.
enum Changed {
    Never,
    At(Moment),
    UnderWay,
}

impl Model {
    /// The newest result of that test, and why it says nothing of now, where it does not.
    pub fn test_result(&self, test: &Test) -> Option<(&Ran, Option<Outdated>)> {
        let Kept { ran, live } = self.tests.kept.get(&test.name)?;
        let outdated = match self.changed() {
            Changed::UnderWay => Some(Outdated::UnderWay),
            Changed::At(at) if ran.at < at => Some(Outdated::Acted),
            Changed::Never | Changed::At(_) if *live != self.live_revision() => Some(Outdated::OtherRevision),
            Changed::Never | Changed::At(_) => None,
        };
        Some((ran, outdated))
    }

    /// All tests together, by what still counts.
    pub fn tests_summary(&self) -> Summary {
        let counting = |test: &Test| self.test_result(test).filter(|(_, o)| o.is_none()).map(|(ran, _)| ran);
        let ran: Vec<&Ran> = self.settings.tests.iter().filter_map(counting).collect();
        summary(&self.settings.tests, &ran)
    }

    /// What can be run next.
    pub fn next_tests(&self) -> Next {
        if self.tests.asked.is_some() {
            return Next::Wait;
        }
        let passed =
            |test: &Test| self.test_result(test).is_some_and(|(ran, o)| o.is_none() && ran.outcome == Outcome::Passed);
        let read = reading(&self.settings.tests);
        if !read.iter().all(passed) {
            return Next::Read(read.iter().map(|test| self.placed(test)).collect());
        }
        if self.settings.tests.iter().all(passed) { Next::Nothing } else { Next::Write(self.tests_placed()) }
    }

    /// All of them at their places in the release.
    pub fn tests_placed(&self) -> Vec<Test> {
        self.settings.tests.iter().map(|test| self.placed(test)).collect()
    }

    fn placed(&self, test: &Test) -> Test {
        let live = self.release().and_then(|r| r.live().or_else(|| r.last())).and_then(|r| r.content.as_ref());
        live.map_or_else(|| test.clone(), |content| test.at(&content.services))
    }

    fn changed(&self) -> Changed {
        let Some(incident) = &self.incident else { return Changed::Never };
        let acts = incident.jobs.iter().rev().filter(|(_, job)| job.act.changes_what_runs());
        for (id, record) in acts {
            match &record.ending {
                None => return Changed::UnderWay,
                Some(Ending::Void { .. }) => {}
                Some(Ending::Seen { .. } | Ending::Unseen { .. } | Ending::Failed { .. } | Ending::Unknown { .. }) => {
                    let ended = |event: &Event| match event {
                        Event::ActEnded { job, .. } => job == id,
                        Event::Resumed { in_flight } => in_flight.contains(id),
                        _ => false,
                    };
                    let end = incident.entries.iter().rev().find(|e| ended(&e.event)).map(|e| e.at);
                    return Changed::At(end.unwrap_or(record.asked));
                }
            }
        }
        Changed::Never
    }
}
