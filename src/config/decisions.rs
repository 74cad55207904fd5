//! The decision tree as a file: the built-in one in English and Spanish.
//!
//! Never: answering a question; and no path that comes back to where it was.

use super::language::Language;
use super::mistake::{Mistakes, Sheet};
use super::section::{self, Section};
use crate::domain::decision::{Clue, Kind, Next, Offer, Question, QuestionNo, Tree, Way, WayNo};
use crate::domain::text::{clean, clean_lines};

const QUESTION: &[&str] = &["name", "ask", "look", "clue", "yes", "no"];
const WAY: &[&str] = &["name", "kind", "title", "text", "offer", "commands"];

const KINDS: [(&str, Kind); 6] = [
    ("application", Kind::Application),
    ("configuration", Kind::Configuration),
    ("infrastructure", Kind::Infrastructure),
    ("database", Kind::Database),
    ("validation", Kind::Validation),
    ("unknown", Kind::Unknown),
];

const CLUES: [(&str, Clue); 9] = [
    ("acted", Clue::Acted),
    ("stable", Clue::Stable),
    ("overdue", Clue::Overdue),
    ("ground", Clue::Ground),
    ("release", Clue::Release),
    ("alone", Clue::Alone),
    ("configured", Clue::Configured),
    ("by-hand", Clue::ByHand),
    ("database", Clue::Database),
];

const OFFERS: [(&str, Offer); 8] = [
    ("roll-back", Offer::RollBack),
    ("undo", Offer::Undo),
    ("restart", Offer::Restart),
    ("what-changed", Offer::WhatChanged),
    ("criteria", Offer::Criteria),
    ("raise-severity", Offer::RaiseSeverity),
    ("escalate", Offer::Escalate),
    ("document", Offer::Document),
];

/// The built-in tree of a language.
///
/// # Errors
/// None in a released binary: a test reads both.
pub fn built_in(language: Language) -> Result<Tree, Mistakes> {
    let (text, file) = match language {
        Language::English => (include_str!("../../assets/decisions/en.toml"), "decisions/en.toml"),
        Language::Spanish => (include_str!("../../assets/decisions/es.toml"), "decisions/es.toml"),
    };
    check(text, file)
}

/// Reads a tree. `file` is its name for the mistakes only.
///
/// # Errors
/// All mistakes of the file at once.
pub fn check(text: &str, file: &str) -> Result<Tree, Mistakes> {
    let mut sheet = Sheet::new(text, file);
    let table = section::document(&mut sheet, text);
    let tree = table.map(|table| read(&mut sheet, &Section::top(&table)));
    sheet.verdict(tree.unwrap_or_else(|| Tree { questions: Vec::new(), ways: Vec::new() }))
}

fn read(sheet: &mut Sheet<'_>, top: &Section<'_>) -> Tree {
    top.only(sheet, &["question", "way"], |_| "known here are [[question]] and [[way]]".into());
    let (questions, ways) = (top.sections(sheet, "question"), top.sections(sheet, "way"));
    if questions.is_empty() {
        top.wrong(sheet, "question", "is missing", "write at least one [[question]]");
    }
    let named = |sheet: &mut Sheet<'_>, parts: &[Section<'_>]| -> Vec<String> {
        parts.iter().map(|part| part.needed(sheet, "name").map(clean).unwrap_or_default()).collect()
    };
    let names = (named(sheet, &questions), named(sheet, &ways));
    let questions = questions.iter().enumerate().map(|(no, part)| question(sheet, part, no, &names)).collect();
    Tree { questions, ways: ways.iter().map(|part| way(sheet, part)).collect() }
}

fn question(sheet: &mut Sheet<'_>, part: &Section<'_>, no: usize, names: &(Vec<String>, Vec<String>)) -> Question {
    part.only(sheet, QUESTION, |_| format!("known here are {}", QUESTION.join(", ")));
    let text = |sheet: &mut Sheet<'_>, key| part.needed(sheet, key).map(clean).unwrap_or_default();
    Question {
        ask: text(sheet, "ask"),
        look: text(sheet, "look"),
        clue: part.choice(sheet, "clue", &CLUES),
        yes: next(sheet, part, "yes", no, names),
        no: next(sheet, part, "no", no, names),
    }
}

/// Where an answer leads: to a later question, or to a way.
fn next(sheet: &mut Sheet<'_>, part: &Section<'_>, key: &str, no: usize, names: &(Vec<String>, Vec<String>)) -> Next {
    let end = Next::Way(WayNo(0));
    let Some(said) = part.needed(sheet, key).map(clean) else { return end };
    if let Some(way) = names.1.iter().position(|name| *name == said) {
        return Next::Way(WayNo(way));
    }
    match names.0.iter().position(|name| *name == said) {
        Some(to) if to > no => Next::Question(QuestionNo(to)),
        Some(_) => {
            part.wrong(sheet, key, &format!("leads back to \"{said}\""), "a path leads to later questions or a way");
            end
        }
        None => {
            let found = format!("is \"{said}\", and no question or way has that name");
            part.wrong(sheet, key, &found, "write the name of a later [[question]] or of a [[way]]");
            end
        }
    }
}

fn way(sheet: &mut Sheet<'_>, part: &Section<'_>) -> Way {
    part.only(sheet, WAY, |_| format!("known here are {}", WAY.join(", ")));
    let text = |sheet: &mut Sheet<'_>, key| part.needed(sheet, key).map(clean).unwrap_or_default();
    part.required(sheet, "kind");
    part.required(sheet, "offer");
    Way {
        kind: part.choice(sheet, "kind", &KINDS).unwrap_or(Kind::Unknown),
        title: text(sheet, "title"),
        text: text(sheet, "text"),
        offer: part.choice(sheet, "offer", &OFFERS).unwrap_or(Offer::RaiseSeverity),
        commands: clean_lines(part.text(sheet, "commands").unwrap_or("").trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_one_structure() {
        let shape = |language| {
            let tree = built_in(language).unwrap();
            let questions: Vec<_> = tree.questions.iter().map(|q| (q.clue, q.yes, q.no)).collect();
            let ways: Vec<_> = tree.ways.iter().map(|w| (w.kind, w.offer, w.commands.clone())).collect();
            (questions, ways)
        };
        assert_eq!(shape(Language::English), shape(Language::Spanish));
    }

    #[test]
    fn every_question_and_every_way_can_be_reached() {
        let tree = built_in(Language::English).unwrap();
        let leads: Vec<Next> = tree.questions.iter().flat_map(|q| [q.yes, q.no]).collect();
        for no in 1..tree.questions.len() {
            assert!(leads.contains(&Next::Question(QuestionNo(no))), "{}", tree.questions[no].ask);
        }
        for no in 0..tree.ways.len() {
            assert!(leads.contains(&Next::Way(WayNo(no))), "{}", tree.ways[no].title);
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_line_key_and_cure() {
        let way = "[[way]]\nname = \"w\"\nkind = \"application\"\ntitle = \"t\"\ntext = \"x\"\noffer = \"undo\"\n";
        let question = |yes: &str, clue: &str| {
            format!(
                "[[question]]\nname = \"q\"\nask = \"a\"\nlook = \"l\"\nclue = \"{clue}\"\nyes = \"{yes}\"\nno = \"w\"\n{way}"
            )
        };
        let cases = [
            (question("w", "moon"), "question[1].clue is \"moon\""),
            (question("q", "ground"), "leads back to \"q\""),
            (question("nowhere", "ground"), "no question or way has that name"),
            (way.to_owned(), "question is missing"),
            (format!("{}colour = 1\n", question("w", "ground")), "colour is no known key"),
        ];
        for (text, wanted) in cases {
            let told = check(&text, "tree.toml").unwrap_err().to_string();
            assert!(told.contains(wanted) && told.contains("tree.toml"), "{wanted}: {told}");
        }
    }
}
