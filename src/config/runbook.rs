//! The runbook as a file: the built-in ones in English and Spanish, or the team's own.
//!
//! Never: running a command of it. A runbook that prints a trap (`helm rollback` without a revision) is refused.

use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::language::Language;
use super::mistake::{Mistakes, Sheet};
use super::section::{self, Section, nearest, quote};
use crate::domain::evidence::Sensor;
use crate::domain::name::StepNo;
use crate::domain::runbook::{Block, Mode, Offer, Runbook, Step};
use crate::domain::text::{clean, clean_lines};

mod filled;
mod page;
mod trap;
mod wrap;

pub use filled::{Filled, open};
pub use page::page;

/// A title must fit the checklist at 80 columns.
const TITLE: usize = 22;
/// An instruction or warning must fit the pane at 80 columns.
const PROSE: usize = 280;
/// The checklist has fifteen lines.
const STEPS: u8 = 15;

const MODES: [(&str, Mode); 2] = [("read-do", Mode::ReadDo), ("do-confirm", Mode::DoConfirm)];

const SENSORS: [(&str, Sensor); 11] = [
    ("declared", Sensor::Declared),
    ("severity-chosen", Sensor::SeverityChosen),
    ("target-chosen", Sensor::TargetChosen),
    ("rolled-back", Sensor::RolledBack),
    ("rollouts-done", Sensor::RolloutsDone),
    ("pods-ready", Sensor::PodsReady),
    ("health-up", Sensor::HealthUp),
    ("logs-clean", Sensor::LogsClean),
    ("tests-pass", Sensor::TestsPass),
    ("errors-low", Sensor::ErrorsLow),
    ("stable", Sensor::Stable),
];

const OFFERS: [(&str, Offer); 12] = [
    ("declare", Offer::Declare),
    ("choose-severity", Offer::ChooseSeverity),
    ("choose-target", Offer::ChooseTarget),
    ("roll-back", Offer::RollBack),
    ("show-rollouts", Offer::ShowRollouts),
    ("show-pods", Offer::ShowPods),
    ("show-health", Offer::ShowHealth),
    ("show-tests", Offer::ShowTests),
    ("show-errors", Offer::ShowErrors),
    ("show-criteria", Offer::ShowCriteria),
    ("show-timeline", Offer::ShowTimeline),
    ("write-follow-up", Offer::WriteFollowUp),
];

/// The built-in runbook of a language: its text.
pub const fn built_in_text(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../assets/runbooks/en.toml"),
        Language::Spanish => include_str!("../../assets/runbooks/es.toml"),
    }
}

/// The built-in runbook of a language.
///
/// # Errors
/// None in a released binary: a test reads both.
pub fn built_in(language: Language) -> Result<Runbook, Mistakes> {
    let file = match language {
        Language::English => "runbooks/en.toml",
        Language::Spanish => "runbooks/es.toml",
    };
    check(built_in_text(language), file)
}

/// Reads a runbook. `file` is its name as the operator knows it, for the mistakes only.
///
/// # Errors
/// All mistakes of the file at once; where it is not TOML, only those.
pub fn check(text: &str, file: &str) -> Result<Runbook, Mistakes> {
    let mut sheet = Sheet::new(text, file);
    let table = section::document(&mut sheet, text);
    let runbook = table.map(|table| read(&mut sheet, &Section::top(&table)));
    sheet.verdict(runbook.unwrap_or_else(|| Runbook { title: String::new(), language: String::new(), blocks: vec![] }))
}

fn read(sheet: &mut Sheet<'_>, top: &Section<'_>) -> Runbook {
    only(sheet, top, &["title", "language", "block"]);
    let language = top.choice(sheet, "language", &Language::TAGS).unwrap_or_default();
    let title = clean(top.needed(sheet, "title").unwrap_or(""));
    let mut next = 1;
    let parts = top.sections(sheet, "block");
    if parts.is_empty() && !top.has("block") {
        top.wrong(sheet, "block", "is missing", "write [[block]] with its [[block.step]]s");
    }
    let blocks = parts.iter().map(|part| block(sheet, part, &mut next)).collect();
    Runbook { title, language: language.tag().into(), blocks }
}

fn block(sheet: &mut Sheet<'_>, part: &Section<'_>, next: &mut u8) -> Block {
    only(sheet, part, &["title", "mode", "step"]);
    let title = short(sheet, part, "title");
    part.required(sheet, "mode");
    let mode = part.choice(sheet, "mode", &MODES).unwrap_or(Mode::ReadDo);
    let steps = part.sections(sheet, "step");
    if steps.is_empty() && !part.has("step") {
        part.wrong(sheet, "step", "is missing", "write at least one [[block.step]]");
    }
    Block { title, mode, steps: steps.iter().map(|part| step(sheet, part, next)).collect() }
}

fn step(sheet: &mut Sheet<'_>, part: &Section<'_>, next: &mut u8) -> Step {
    only(sheet, part, &["no", "title", "instruction", "time_box", "sensor", "offer", "warns", "commands"]);
    let number = part.number::<u8>(sheet, "no");
    if let Some(number) = number.filter(|n| n != next) {
        part.wrong(
            sheet,
            "no",
            &format!("is {number}"),
            format!("steps are counted from 1 without a gap: {next} is wanted"),
        );
    } else if number.is_some_and(|n| n > STEPS) {
        part.wrong(sheet, "no", &format!("is {next}"), format!("the checklist has at most {STEPS} steps: join two"));
    }
    let no = StepNo(*next);
    *next = next.saturating_add(1);
    let limits = Duration::from_secs(1)..=Duration::from_hours(2);
    part.required(sheet, "time_box");
    part.required(sheet, "instruction");
    let commands = part.text(sheet, "commands").unwrap_or("");
    for slip in trap::traps(commands) {
        part.wrong(sheet, "commands", &slip.found, slip.cure);
    }
    Step {
        no,
        title: short(sheet, part, "title"),
        instruction: prose(sheet, part, "instruction"),
        time_box: part.length(sheet, "time_box", limits).unwrap_or(Duration::from_mins(1)),
        sensor: part.choice(sheet, "sensor", &SENSORS),
        offer: part.choice(sheet, "offer", &OFFERS),
        warns: prose(sheet, part, "warns"),
        commands: clean_lines(commands.trim()),
    }
}

fn short(sheet: &mut Sheet<'_>, part: &Section<'_>, key: &str) -> String {
    let text = clean(part.needed(sheet, key).unwrap_or("").trim());
    if text.width() > TITLE {
        let found = format!("{} is {} columns wide", quote(&text), text.width());
        part.wrong(sheet, key, &found, format!("at most {TITLE} fit the checklist"));
    }
    text
}

fn prose(sheet: &mut Sheet<'_>, part: &Section<'_>, key: &str) -> String {
    let text = clean(part.text(sheet, key).unwrap_or("").trim());
    let length = text.chars().count();
    if length > PROSE {
        let cure = format!("at most {PROSE} can be read under stress: say it in two plain sentences");
        part.wrong(sheet, key, &format!("has {length} characters"), cure);
    }
    text
}

fn only(sheet: &mut Sheet<'_>, part: &Section<'_>, known: &[&str]) {
    part.only(sheet, known, |key| {
        nearest(key, known).map_or_else(
            || format!("known here are {}", known.join(", ")),
            |near| format!("the nearest known key is {near}"),
        )
    });
}
