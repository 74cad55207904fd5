//! Lines of text that a dialog wants: notes, reasons, filters; and what a paste may do (write text, nothing else).

use crossterm::event::{KeyCode, KeyEvent};
use tui_textarea::TextArea;

use crate::domain::checklist::Proof;
use crate::domain::event::Event;
use crate::domain::logbook::filter::LineFilter;
use crate::domain::name::Person;
use crate::domain::text::clean;
use crate::effect::Effect;
use crate::model::Model;
use crate::model::dialog::{AskDialog, Behind, Dialog, PlanState, Purpose, Sheet};
use crate::plan::DatumKind;
use crate::silence::ask::BEGINNING;

use super::{checklist, journal, open, silence};

/// The longest line that is taken.
const LONGEST: usize = 400;

/// Asks for a line of text.
pub fn ask(model: &mut Model, purpose: Purpose) {
    let mut text = TextArea::default();
    if purpose == Purpose::Filter {
        text.insert_str(&model.panes.filter);
    }
    if purpose == Purpose::Lines {
        text.insert_str(&model.panes.lines.typed);
    }
    if let Purpose::Silence(..) = purpose {
        text.insert_str(BEGINNING);
    }
    open(model, Dialog::Ask(Box::new(AskDialog { purpose, text })));
}

/// A key that means nothing but itself.
pub fn typed(model: &mut Model, key: KeyEvent) {
    let Some(opened) = &mut model.dialog else { return };
    match &mut opened.dialog {
        Dialog::Ask(ask) => {
            if !matches!(key.code, KeyCode::Tab | KeyCode::Enter) {
                ask.text.input(key);
            }
        }
        Dialog::Palette { typed, cursor } => {
            *cursor = 0;
            edit(typed, key, |_| true);
        }
        Dialog::Plan(dialog) => {
            if let PlanState::Ready { plan, typed, complaint, sheet: Sheet::Summary, .. } = &mut dialog.state {
                *complaint = None;
                match plan.datum().kind {
                    DatumKind::Number => edit(typed, key, |c| c.is_ascii_digit()),
                    DatumKind::Name => edit(typed, key, |_| true),
                }
            }
        }
        Dialog::Declare { .. }
        | Dialog::Targets { .. }
        | Dialog::Progress { .. }
        | Dialog::Pod { .. }
        | Dialog::Behind { .. }
        | Dialog::Revision { .. }
        | Dialog::Step { .. }
        | Dialog::Decide { .. }
        | Dialog::Workloads { .. }
        | Dialog::Kept { .. }
        | Dialog::Maintenance { .. }
        | Dialog::Configurations(_)
        | Dialog::Contents { .. }
        | Dialog::Alerts(_)
        | Dialog::Tests { .. }
        | Dialog::Help { .. }
        | Dialog::Score
        | Dialog::Leave => {}
    }
}

fn edit(text: &mut String, key: KeyEvent, takes: impl Fn(char) -> bool) {
    match key.code {
        KeyCode::Backspace => {
            text.pop();
        }
        KeyCode::Char(c) if takes(c) && text.len() < LONGEST => text.push(c),
        _ => {}
    }
}

/// Pasted text: one line of it goes where text is wanted; it never confirms anything.
pub fn pasted(model: &mut Model, raw: &str) -> Vec<Effect> {
    let line: String = clean(raw.lines().next().unwrap_or_default()).chars().take(LONGEST).collect();
    match model.dialog.as_mut().map(|o| &mut o.dialog) {
        Some(Dialog::Ask(ask)) => {
            ask.text.insert_str(line);
        }
        Some(Dialog::Palette { typed, .. }) => typed.push_str(&line),
        Some(
            Dialog::Plan(_)
            | Dialog::Declare { .. }
            | Dialog::Targets { .. }
            | Dialog::Progress { .. }
            | Dialog::Pod { .. }
            | Dialog::Behind { .. }
            | Dialog::Revision { .. }
            | Dialog::Step { .. }
            | Dialog::Decide { .. }
            | Dialog::Workloads { .. }
            | Dialog::Kept { .. }
            | Dialog::Maintenance { .. }
            | Dialog::Configurations(_)
            | Dialog::Contents { .. }
            | Dialog::Alerts(_)
            | Dialog::Tests { .. }
            | Dialog::Help { .. }
            | Dialog::Score
            | Dialog::Leave,
        )
        | None => {}
    }
    Vec::new()
}

/// The line is written.
pub fn written(model: &mut Model) -> Vec<Effect> {
    let Some(opened) = model.dialog.take() else { return Vec::new() };
    let Dialog::Ask(ask) = opened.dialog else {
        model.dialog = Some(opened);
        return Vec::new();
    };
    let line = clean(&ask.text.lines().join(" ")).trim().to_owned();
    if let Purpose::Filter = ask.purpose {
        model.feeds.pods.amend(|table| table.set_filter(&line));
        model.panes.filter = line;
        model.panes.pod = None;
        return Vec::new();
    }
    if let Purpose::Lines = ask.purpose {
        model.panes.lines = LineFilter::of(&line);
        open(model, Dialog::Behind { value: Behind::Logs, scroll: 0 });
        return Vec::new();
    }
    if let Purpose::Silence(alert, labels) = ask.purpose {
        return silence::written(model, alert, labels, &line);
    }
    if line.is_empty() {
        journal::notice(model, crate::model::Tone::Refused, "nothing was written: the line was empty");
        return Vec::new();
    }
    let event = match ask.purpose {
        Purpose::Skip(step) => Event::StepSkipped { step, why: line },
        Purpose::Attest(step) => Event::StepTicked { step, value: line, proof: Proof::Attested },
        Purpose::Override(step) => checklist::overridden(model, step, &line),
        Purpose::Note => Event::Note { text: line },
        Purpose::FollowUp => Event::FollowUp { text: line },
        Purpose::GoOn => Event::WentOn { why: line },
        Purpose::Lower(severity) => Event::SeveritySet { severity, why: line },
        Purpose::Commander => Event::CommanderNamed { commander: Person::new(&line) },
        Purpose::Filter | Purpose::Lines | Purpose::Silence(..) => return Vec::new(),
    };
    journal::append(model, vec![event])
}
