//! The decision tree of the plan («Estrategia de Rollback»): from what can be known to the way by which it is put back.
//!
//! Never: acting. A way offers; the person opens, reads and confirms.

use std::collections::BTreeMap;

use super::evidence::{Evidence, Verdict};

/// A place in the tree's list of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionNo(pub usize);

/// A place in the tree's list of ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WayNo(pub usize);

/// The tree. Each question leads to later ones only, so that every path ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The questions; the first one is asked first.
    pub questions: Vec<Question>,
    /// The ways.
    pub ways: Vec<Way>,
}

/// A question that is answered by yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// Where a person looks who has to answer it.
    pub look: String,
    /// What answers it, where that is known.
    pub clue: Option<Clue>,
    /// Where yes leads.
    pub yes: Next,
    /// Where no leads.
    pub no: Next,
}

/// Where an answer leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// To that question.
    Question(QuestionNo),
    /// To that way.
    Way(WayNo),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What kind of thing went wrong.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// What to do and to beware of.
    pub text: String,
    /// What can be opened from here.
    pub offer: Offer,
    /// What is typed by hand, one command a line; may be empty.
    pub commands: String,
}

/// The plan's kinds («Tipo de Componente»).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What runs.
    Application,
    /// What it reads when it starts.
    Configuration,
    /// What it runs on.
    Infrastructure,
    /// What it stores in.
    Database,
    /// Something was put back: how it goes on.
    Validation,
    /// None of them.
    Unknown,
}

impl Kind {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Configuration => "configuration",
            Self::Infrastructure => "infrastructure",
            Self::Database => "database",
            Self::Validation => "validation",
            Self::Unknown => "not known",
        }
    }
}

/// What answers a question by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clue {
    /// An act of this incident has run.
    Acted,
    /// All criteria are met for their time without a break.
    Stable,
    /// The time in which it should be stable is over.
    Overdue,
    /// Nodes are ready and the ingress has an address.
    Ground,
    /// A revision of Helm's came just before the onset.
    Release,
    /// One workload alone differs from the target.
    Alone,
    /// A ConfigMap or Secret was changed past Helm just before the onset.
    Configured,
    /// A workload was changed past Helm just before the onset.
    ByHand,
    /// Every service says that its database is up.
    Database,
}

/// What a way opens. It opens, it never fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// The prepared rollback.
    RollBack,
    /// The undo of one workload.
    Undo,
    /// The restart of one workload.
    Restart,
    /// What was changed before.
    WhatChanged,
    /// The board of the criteria.
    Criteria,
    /// A severity worse.
    RaiseSeverity,
    /// SEV-1.
    Escalate,
    /// The checklist's last block.
    Document,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// What a person answered where nothing else could.
pub type Said = BTreeMap<QuestionNo, Answer>;

/// How a question on the path was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Which.
    pub question: QuestionNo,
    /// The answer.
    pub answer: Answer,
    /// The value that gave it; `None` = the person said so.
    pub value: Option<String>,
}

/// The path as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The questions that are answered, in order.
    pub passed: Vec<Passed>,
    /// Where it stands: at a question for the person, or at its way.
    pub at: Next,
    /// Why the question there is not answered by itself.
    pub why: Option<String>,
}

impl Tree {
    /// What is typed by hand at the end of a path.
    pub fn commands(&self, path: &Path) -> Option<&str> {
        let Next::Way(no) = path.at else { return None };
        self.ways.get(no.0).map(|way| way.commands.as_str())
    }

    /// Follows what is known, then what was said. A clue that is known decides, whatever was said while it was not.
    pub fn path(&self, said: &Said, clue: impl Fn(Clue) -> Evidence) -> Path {
        let mut passed = Vec::new();
        let mut at = Next::Question(QuestionNo(0));
        while let Next::Question(no) = at {
            let Some(question) = self.questions.get(no.0) else { break };
            let known = question.clue.map(&clue);
            let (answer, value) = match &known {
                Some(Evidence { verdict: Verdict::Met, value, .. }) => (Answer::Yes, Some(value.clone())),
                Some(Evidence { verdict: Verdict::NotMet, value, .. }) => (Answer::No, Some(value.clone())),
                Some(Evidence { verdict: Verdict::Unknown, .. }) | None => match said.get(&no) {
                    Some(answer) => (*answer, None),
                    None => return Path { passed, at, why: known.map(|evidence| evidence.value) },
                },
            };
            at = match answer {
                Answer::Yes => question.yes,
                Answer::No => question.no,
            };
            passed.push(Passed { question: no, answer, value });
        }
        Path { passed, at, why: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(clue: Option<Clue>, yes: Next, no: Next) -> Question {
        Question { ask: "?".into(), look: String::new(), clue, yes, no }
    }

    #[test]
    fn what_is_known_decides_and_only_the_rest_is_asked() {
        let (second, good, bad) = (Next::Question(QuestionNo(1)), Next::Way(WayNo(0)), Next::Way(WayNo(1)));
        let questions = vec![question(Some(Clue::Ground), second, bad), question(None, good, bad)];
        let tree = Tree { questions, ways: Vec::new() };
        let yes: Said = [(QuestionNo(0), Answer::Yes)].into();
        let both: Said = [(QuestionNo(0), Answer::Yes), (QuestionNo(1), Answer::No)].into();
        let first =
            |answer, value: Option<&str>| Passed { question: QuestionNo(0), answer, value: value.map(Into::into) };
        let cases = [
            (Verdict::Unknown, Said::new(), vec![], Next::Question(QuestionNo(0)), Some("10 nodes".to_owned())),
            (Verdict::Met, Said::new(), vec![first(Answer::Yes, Some("10 nodes"))], second, None),
            (Verdict::NotMet, yes.clone(), vec![first(Answer::No, Some("10 nodes"))], bad, None),
            (Verdict::Unknown, yes, vec![first(Answer::Yes, None)], second, None),
            (
                Verdict::Unknown,
                both,
                vec![first(Answer::Yes, None), Passed { question: QuestionNo(1), answer: Answer::No, value: None }],
                bad,
                None,
            ),
        ];
        for (verdict, said, passed, at, why) in cases {
            let evidence = |_| Evidence { verdict, value: "10 nodes".into(), at: chrono::DateTime::UNIX_EPOCH };
            assert_eq!(tree.path(&said, evidence), Path { passed, at, why }, "{verdict:?} {said:?}");
        }
    }
}
