//! What a pair of hands may do next: any key at all, a key that means something here, or a run of keys that gets
//! somewhere. Without the last a fuzz would never leave the checklist.

use backout::intent::Intent;
use backout::keymap::{Scope, TABLE};
use backout::model::Model;
use backout::model::arm::Arm;
use backout::model::dialog::{Dialog, PlanState};
use backout::model::panes::Pane;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::chance::Chance;
use super::rehearsal::parse;

/// Runs of keys that get somewhere.
const RUNS: &[&str] = &[
    "<Enter>",
    "<Enter>",
    "<Enter><Enter>",
    "<Space>",
    "<Space>",
    "<Space>done<Enter>",
    "<Space>seen<Enter>",
    "S because<Enter>",
    "R",
    "M",
    "v<Down><Enter>",
    "n\u{e9}\u{4e2d}x<Enter>",
    "t later<Enter>",
    "+",
    "-why<Enter>",
    "<Esc>",
    "<Esc><Esc>1",
    ":roll<Enter>",
    "4<Down><Enter>",
    "5<Down><Enter>",
];

/// The next keys.
pub fn next(chance: &mut Chance, model: &Model) -> Vec<KeyEvent> {
    match chance.below(10) {
        0 => vec![any(chance)],
        1..=3 => vec![bound(chance, Scope::of(model))],
        _ => purposeful(chance, model),
    }
}

fn any(chance: &mut Chance) -> KeyEvent {
    let codes = [KeyCode::Null, KeyCode::F(5), KeyCode::Insert, KeyCode::Delete, KeyCode::Left, KeyCode::Backspace];
    let code = if chance.percent(30) {
        *chance.one(&codes)
    } else {
        KeyCode::Char(char::from_u32(u32::try_from(chance.below(0x3000)).unwrap()).unwrap_or('\u{fffd}'))
    };
    let modifiers = *chance.one(&[KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::CONTROL, KeyModifiers::ALT]);
    KeyEvent::new(code, modifiers)
}

fn bound(chance: &mut Chance, scope: Scope) -> KeyEvent {
    let dear = |i: Intent| matches!(i, Intent::RollBack | Intent::Maintenance | Intent::ChooseTarget);
    let rarely = chance.percent(30);
    let here: Vec<_> = TABLE.iter().filter(|b| b.scope == scope && (rarely || !dear(b.intent))).collect();
    let binding = chance.one(&here);
    KeyEvent::new(binding.key, binding.modifiers)
}

fn purposeful(chance: &mut Chance, model: &Model) -> Vec<KeyEvent> {
    if let Some(Dialog::Plan(d)) = model.dialog.as_ref().map(|o| &o.dialog)
        && let PlanState::Ready { plan, .. } = &d.state
        && chance.percent(80)
    {
        let datum = plan.datum().wanted;
        let arm = if model.arm == Arm::Safe && chance.percent(80) { "aa" } else { "" };
        let wrong = if chance.percent(20) { "7<Enter><Back>" } else { "" };
        return parse(&format!("{arm}{wrong}<Back><Back>{datum}<Enter>"));
    }
    // On a list every Enter opens a detail: the eye goes back to the checklist before long.
    if model.dialog.is_none() && model.focus() != Pane::Checklist && chance.percent(50) {
        return parse("1");
    }
    let keys: &&str = chance.one(RUNS);
    // A plan and a diff cost a hundred times what any other key costs.
    let dear = ["R", "M", "v<Down><Enter>", ":roll<Enter>", "5<Down><Enter>"].contains(keys);
    if dear && chance.percent(60) { parse("<Esc>") } else { parse(keys) }
}
