//! The one table of keys. Key handling, the footer's hints, the help screen and the palette all read it.
//!
//! Never: a destructive act on a vim or readline chord; a key compared anywhere else.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::intent::Intent;
use crate::model::Model;
use crate::model::dialog::{Dialog, PlanState};
use crate::model::panes::Pane;
use crate::plan::DatumKind;

/// Where a key means what it means. A dialog's scope hides the cockpit's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The panes.
    Cockpit,
    /// A list to choose from: severity, target.
    Menu,
    /// The plan; the datum is a number, so that letters are keys.
    Plan,
    /// The plan; the datum is a name, so that letters are text.
    PlanByName,
    /// Text to read.
    Reading,
    /// A line of text to write.
    Text,
    /// The palette.
    Palette,
    /// Whether to leave a running act.
    Leave,
}

impl Scope {
    /// The scope that has the keys now.
    pub fn of(model: &Model) -> Self {
        match model.dialog.as_ref().map(|o| &o.dialog) {
            None => Self::Cockpit,
            Some(
                Dialog::Declare { .. }
                | Dialog::Targets { .. }
                | Dialog::Workloads { .. }
                | Dialog::Kept { .. }
                | Dialog::Maintenance { .. }
                | Dialog::Configurations(_)
                | Dialog::Contents { .. }
                | Dialog::Alerts(_),
            ) => Self::Menu,
            Some(Dialog::Leave) => Self::Leave,
            Some(Dialog::Plan(d)) => match d.state {
                PlanState::Ready { ref plan, .. } => match plan.datum().kind {
                    DatumKind::Number => Self::Plan,
                    DatumKind::Name => Self::PlanByName,
                },
                PlanState::Planning { .. } | PlanState::Refused(_) | PlanState::Confirmed { .. } => Self::Reading,
            },
            Some(
                Dialog::Progress { .. }
                | Dialog::Pod { .. }
                | Dialog::Behind { .. }
                | Dialog::Revision { .. }
                | Dialog::Step { .. }
                | Dialog::Decide { .. }
                | Dialog::Tests { .. }
                | Dialog::Help { .. }
                | Dialog::Score,
            ) => Self::Reading,
            Some(Dialog::Ask(_)) => Self::Text,
            Some(Dialog::Palette { .. }) => Self::Palette,
        }
    }

    /// Whether characters without a binding are text for the dialog.
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Plan | Self::PlanByName | Self::Text | Self::Palette)
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub scope: Scope,
    /// Which key.
    pub key: KeyCode,
    /// Which modifiers (shift is part of a character).
    pub modifiers: KeyModifiers,
    /// What is meant.
    pub intent: Intent,
    /// One or two words for the footer; empty = not in the footer.
    pub hint: &'static str,
    /// A phrase for the help screen; empty = an alias of the line before.
    pub help: &'static str,
}

const fn on(scope: Scope, key: KeyCode, intent: Intent, hint: &'static str, help: &'static str) -> Binding {
    Binding { scope, key, modifiers: KeyModifiers::NONE, intent, hint, help }
}

const fn ctrl(scope: Scope, key: char, intent: Intent, hint: &'static str, help: &'static str) -> Binding {
    Binding { scope, key: KeyCode::Char(key), modifiers: KeyModifiers::CONTROL, intent, hint, help }
}

use KeyCode::{BackTab, Char, Down, End, Enter, Esc, Home, PageDown, PageUp, Tab, Up};
use Scope::{Cockpit, Leave, Menu, Palette, Plan, PlanByName, Reading, Text};

/// The table, in the order of the help screen.
pub const TABLE: &[Binding] = &[
    on(Cockpit, Enter, Intent::Act, "", "do what the line above the keys says"),
    on(Cockpit, Char(' '), Intent::Tick, "tick", "tick the step with the value that is seen"),
    on(Cockpit, Char('S'), Intent::Skip, "skip", "leave the step out, with a reason"),
    on(Cockpit, Char('R'), Intent::RollBack, "rollback", "open the prepared rollback (it opens, it never fires)"),
    on(Cockpit, Char('U'), Intent::Undo, "", "undo the last change of one workload (it opens, it never fires)"),
    on(Cockpit, Char('P'), Intent::Restart, "", "restart one workload's pods (it opens, it never fires)"),
    on(Cockpit, Char('M'), Intent::Maintenance, "", "stop the release for maintenance, or bring it back (it opens)"),
    on(Cockpit, Char('B'), Intent::Revert, "", "put a ConfigMap or Secret back and restart its readers (it opens)"),
    on(Cockpit, Char('x'), Intent::Silence, "", "silence an alert for a while, with a reason (it opens)"),
    on(Cockpit, Char('a'), Intent::Arm, "arm", "twice: arm for a while; once more: disarm"),
    on(Cockpit, Char('w'), Intent::WhatChanged, "", "what was changed just before it went wrong, and by whom"),
    on(Cockpit, Char('d'), Intent::Decide, "", "what kind of trouble it is, and which way leads back"),
    on(Cockpit, Char('T'), Intent::Tests, "", "the functional tests: what each asks, and what it said"),
    on(Cockpit, Char('y'), Intent::CopyLink, "", "copy the dashboard's link at the time of the incident"),
    on(Cockpit, Char('v'), Intent::ChooseTarget, "", "choose the revision to go back to"),
    on(Cockpit, Char('J'), Intent::ShowJob, "", "show the running (or last) act"),
    on(Cockpit, Char('i'), Intent::LookAtStep, "step", "the whole step: caution, commands to copy"),
    on(Cockpit, Char('n'), Intent::Note, "note", "write a note into the timeline"),
    on(Cockpit, Char('t'), Intent::FollowUp, "", "write down something to be done afterwards"),
    on(Cockpit, Char('o'), Intent::GoOn, "", "not stable in time: go on all the same, with a reason"),
    on(Cockpit, Char('+'), Intent::RaiseSeverity, "severity", "raise the severity"),
    on(Cockpit, Char('-'), Intent::LowerSeverity, "", "lower the severity, with a reason"),
    on(Cockpit, Char('C'), Intent::NameCommander, "", "name who commands from now on"),
    on(Cockpit, Char('>'), Intent::SkipAhead, "ahead", "drill: move on to the next thing that happens"),
    on(Cockpit, Char('D'), Intent::ShowScore, "score", "drill: how it went, once the incident is closed"),
    on(Cockpit, Down, Intent::Down, "", "down"),
    on(Cockpit, Char('j'), Intent::Down, "", ""),
    on(Cockpit, Up, Intent::Up, "", "up"),
    on(Cockpit, Char('k'), Intent::Up, "", ""),
    on(Cockpit, PageDown, Intent::PageDown, "", "a page down"),
    on(Cockpit, PageUp, Intent::PageUp, "", "a page up"),
    on(Cockpit, Home, Intent::First, "", "first line"),
    on(Cockpit, Char('g'), Intent::First, "", ""),
    on(Cockpit, End, Intent::Last, "", "last line"),
    on(Cockpit, Char('G'), Intent::Last, "", ""),
    on(Cockpit, Tab, Intent::NextPane, "pane", "next pane"),
    on(Cockpit, BackTab, Intent::PreviousPane, "", "pane before"),
    on(Cockpit, Char('1'), Intent::Go(Pane::Checklist), "", "checklist"),
    on(Cockpit, Char('2'), Intent::Go(Pane::Errors), "", "error rate"),
    on(Cockpit, Char('3'), Intent::Go(Pane::P95), "", "P95"),
    on(Cockpit, Char('4'), Intent::Go(Pane::Pods), "", "pods"),
    on(Cockpit, Char('5'), Intent::Go(Pane::History), "", "Helm revisions"),
    on(Cockpit, Char('6'), Intent::Go(Pane::Alerts), "", "alerts"),
    on(Cockpit, Char('7'), Intent::Go(Pane::Timeline), "", "timeline"),
    on(Cockpit, Char('8'), Intent::Go(Pane::Criteria), "", "the eight criteria of success"),
    on(Cockpit, Char('z'), Intent::Zoom, "zoom", "the pane alone, or all again"),
    on(Cockpit, Char('/'), Intent::Filter, "", "which pods to show"),
    on(Cockpit, Char('e'), Intent::NextRelease, "", "the next release of this namespace"),
    on(Cockpit, Char('r'), Intent::Refresh, "", "ask all sources again now"),
    on(Cockpit, Char('?'), Intent::Help, "help", "all keys"),
    on(Cockpit, Char(':'), Intent::Palette, "", "all commands by name"),
    on(Cockpit, Esc, Intent::Back, "", "back: end the zoom or the filter"),
    on(Cockpit, Char('q'), Intent::Quit, "quit", "end"),
    ctrl(Cockpit, 'c', Intent::Quit, "", ""),
    ctrl(Cockpit, 'z', Intent::Suspend, "", "stop the process (fg brings it back)"),
    on(Menu, Enter, Intent::Confirm, "choose", "choose"),
    on(Menu, Down, Intent::Down, "down", "down"),
    on(Menu, Char('j'), Intent::Down, "", ""),
    on(Menu, Up, Intent::Up, "up", "up"),
    on(Menu, Char('k'), Intent::Up, "", ""),
    on(Menu, Esc, Intent::Back, "cancel", "cancel"),
    on(Menu, Char('q'), Intent::Back, "", ""),
    ctrl(Menu, 'c', Intent::Back, "", ""),
    ctrl(Menu, 'z', Intent::Suspend, "", ""),
    on(Menu, Char('?'), Intent::Help, "keys", "these keys"),
    on(Leave, Enter, Intent::Confirm, "leave", "leave; the act is finished without a screen"),
    on(Leave, Esc, Intent::Back, "stay", "stay"),
    on(Leave, Char('q'), Intent::Back, "", ""),
    ctrl(Leave, 'c', Intent::Back, "", ""),
    ctrl(Leave, 'z', Intent::Suspend, "", ""),
    on(Plan, Enter, Intent::Confirm, "confirm", "do it, once the datum is typed"),
    on(Plan, Tab, Intent::OtherSheet, "all changes", "every object and field, or the summary"),
    on(Plan, Down, Intent::Down, "scroll", "scroll down"),
    on(Plan, Up, Intent::Up, "", "scroll up"),
    on(Plan, PageDown, Intent::PageDown, "", "a page down"),
    on(Plan, PageUp, Intent::PageUp, "", "a page up"),
    on(Plan, Char('a'), Intent::Arm, "arm", "twice: arm for a while; once more: disarm"),
    on(Plan, Char('p'), Intent::KeepReplicas, "", "keep the live pod counts, or not"),
    on(Plan, Char('f'), Intent::Force, "", "force what others manage, or not"),
    on(Plan, Char('c'), Intent::CopyCommand, "copy", "copy the command line"),
    on(Plan, Char('?'), Intent::Help, "keys", "these keys"),
    on(Plan, Char('q'), Intent::Quit, "", "say how to cancel"),
    on(Plan, Esc, Intent::Back, "cancel", "cancel"),
    ctrl(Plan, 'c', Intent::Back, "", ""),
    ctrl(Plan, 'z', Intent::Suspend, "", ""),
    on(PlanByName, Enter, Intent::Confirm, "confirm", "do it, once the name is typed"),
    on(PlanByName, Tab, Intent::OtherSheet, "all changes", "every object and field, or the summary"),
    on(PlanByName, Down, Intent::Down, "scroll", "scroll down"),
    on(PlanByName, Up, Intent::Up, "", "scroll up"),
    on(PlanByName, PageDown, Intent::PageDown, "", "a page down"),
    on(PlanByName, PageUp, Intent::PageUp, "", "a page up"),
    on(PlanByName, Char('?'), Intent::Help, "keys", "these keys"),
    ctrl(PlanByName, 'y', Intent::CopyCommand, "copy", "copy the command line"),
    on(PlanByName, Esc, Intent::Back, "cancel", "cancel"),
    ctrl(PlanByName, 'c', Intent::Back, "", ""),
    ctrl(PlanByName, 'z', Intent::Suspend, "", ""),
    on(Reading, Down, Intent::Down, "scroll", "down"),
    on(Reading, Char('j'), Intent::Down, "", ""),
    on(Reading, Up, Intent::Up, "", "up"),
    on(Reading, Char('k'), Intent::Up, "", ""),
    on(Reading, PageDown, Intent::PageDown, "", "a page down"),
    on(Reading, Char(' '), Intent::PageDown, "", ""),
    on(Reading, PageUp, Intent::PageUp, "", "a page up"),
    on(Reading, End, Intent::Last, "", "to the end"),
    on(Reading, Char('G'), Intent::Last, "", ""),
    on(Reading, Home, Intent::First, "", "to the beginning"),
    on(Reading, Char('g'), Intent::First, "", ""),
    on(Reading, Char('>'), Intent::SkipAhead, "ahead", "drill: move on"),
    on(Reading, Char('/'), Intent::Filter, "filter", "logs: which lines to show"),
    on(Reading, Char('c'), Intent::CopyCommand, "copy", "copy the command line on show"),
    on(Reading, Char('y'), Intent::Yes, "", "where a question is asked: yes"),
    on(Reading, Char('n'), Intent::No, "", "where a question is asked: no"),
    on(Reading, Char('H'), Intent::WithHelm, "", "where a rollback is refused: plan it for helm itself"),
    on(Reading, Char('?'), Intent::Help, "keys", "these keys"),
    on(Reading, Esc, Intent::Back, "close", "close"),
    on(Reading, Enter, Intent::Confirm, "", "close, or do what the text offers"),
    on(Reading, Char('q'), Intent::Back, "", ""),
    ctrl(Reading, 'c', Intent::Back, "", ""),
    ctrl(Reading, 'z', Intent::Suspend, "", ""),
    on(Text, Enter, Intent::Confirm, "write", "write it"),
    on(Text, Esc, Intent::Back, "cancel", "cancel"),
    ctrl(Text, 'c', Intent::Back, "", ""),
    ctrl(Text, 'z', Intent::Suspend, "", ""),
    on(Palette, Enter, Intent::Confirm, "do", "do it"),
    on(Palette, Down, Intent::Down, "", "down"),
    on(Palette, Up, Intent::Up, "", "up"),
    on(Palette, PageDown, Intent::PageDown, "", "a page down"),
    on(Palette, PageUp, Intent::PageUp, "", "a page up"),
    on(Palette, Esc, Intent::Back, "cancel", "cancel"),
    ctrl(Palette, 'c', Intent::Back, "", ""),
    ctrl(Palette, 'z', Intent::Suspend, "", ""),
];

/// What a key means in a scope.
pub fn resolve(scope: Scope, key: KeyEvent) -> Option<Intent> {
    let modifiers = key.modifiers.difference(KeyModifiers::SHIFT);
    TABLE.iter().find(|b| b.scope == scope && b.key == key.code && b.modifiers == modifiers).map(|b| b.intent)
}

/// The character that a key writes; `None` = it writes none.
pub fn written(key: KeyEvent) -> Option<char> {
    match key.code {
        Char(c) if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() => Some(c),
        _ => None,
    }
}

/// The keys that take so many characters back and write a text.
pub fn typing(back: usize, text: &str) -> impl Iterator<Item = KeyEvent> {
    let codes = std::iter::repeat_n(KeyCode::Backspace, back).chain(text.chars().map(KeyCode::Char));
    codes.map(|code| KeyEvent::new(code, KeyModifiers::NONE))
}

/// The lines of a scope that the help screen shows.
pub fn lines(scope: Scope) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(move |b| b.scope == scope && !b.help.is_empty())
}

/// The commands of the cockpit whose words contain what is typed, in the order of the table: the palette.
pub fn found(typed: &str) -> impl Iterator<Item = &'static Binding> {
    let wanted = typed.to_lowercase();
    lines(Scope::Cockpit).filter(move |b| b.help.to_lowercase().contains(&wanted))
}

impl Binding {
    /// The key as it is written on the screen.
    pub fn label(&self) -> String {
        let name = match self.key {
            Char(' ') => "Space".into(),
            Char(c) => c.to_string(),
            Enter => "Enter".into(),
            Esc => "Esc".into(),
            Tab => "Tab".into(),
            BackTab => "Shift-Tab".into(),
            Up => "↑".into(),
            Down => "↓".into(),
            PageUp => "PgUp".into(),
            PageDown => "PgDn".into(),
            Home => "Home".into(),
            End => "End".into(),
            other => format!("{other:?}"),
        };
        if self.modifiers.contains(KeyModifiers::CONTROL) { format!("Ctrl-{name}") } else { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        for (i, a) in TABLE.iter().enumerate() {
            for b in &TABLE[i + 1..] {
                assert!(
                    (a.scope, a.key, a.modifiers) != (b.scope, b.key, b.modifiers),
                    "{:?} {} is bound twice",
                    a.scope,
                    a.label()
                );
            }
        }
    }

    #[test]
    fn nothing_that_acts_sits_on_a_vim_or_readline_chord() {
        let acts = [
            Intent::RollBack,
            Intent::Undo,
            Intent::Restart,
            Intent::Maintenance,
            Intent::Revert,
            Intent::Silence,
            Intent::Arm,
            Intent::Tick,
            Intent::Skip,
        ];
        for binding in TABLE.iter().filter(|b| acts.contains(&b.intent)) {
            assert_eq!(binding.modifiers, KeyModifiers::NONE, "{}", binding.label());
            assert!(!"hjkldw".contains(&binding.label()), "{}", binding.label());
        }
    }

    #[test]
    fn wherever_a_command_is_on_show_a_key_copies_it() {
        for scope in [Plan, PlanByName, Reading] {
            let keys: Vec<_> = TABLE.iter().filter(|b| b.scope == scope && b.intent == Intent::CopyCommand).collect();
            assert!(!keys.is_empty(), "{scope:?}");
            // Where letters are text, a letter alone is no key.
            let typed = |b: &&&Binding| matches!(b.key, Char(_)) && b.modifiers == KeyModifiers::NONE;
            assert_eq!(keys.iter().filter(typed).count(), usize::from(scope != PlanByName), "{scope:?}");
        }
    }

    #[test]
    fn every_scope_can_be_left() {
        for scope in [Cockpit, Menu, Plan, PlanByName, Reading, Text, Palette, Leave] {
            assert!(TABLE.iter().any(|b| b.scope == scope && b.key == Esc), "{scope:?}");
        }
    }
}
