//! From a key to a wish to the place that grants it.
//!
//! A dialog takes only keys that were read while a frame was on screen in which it was drawn. Words that are typed while
//! nothing asks for words do as little as can be: what matters wants a capital or the same key twice, a letter that is no
//! key says so, and what comes faster than a hand types is no command at all.

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::effect::Effect;
use crate::intent::{Availability, Intent};
use crate::keymap::{Scope, resolve, written};
use crate::model::arm::Arm;
use crate::model::{FrameNo, Keys, Model, Tone};

use super::{cockpit, dialogs, journal, text};

/// A key was pressed while that frame was on screen.
pub fn pressed(model: &mut Model, key: KeyEvent, frame: FrameNo) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if model.dialog.as_ref().is_some_and(|o| frame < o.from) {
        return Vec::new();
    }
    journal::read(model);
    if let Some(opened) = &mut model.dialog
        && std::mem::take(&mut opened.keys) == Keys::Shown
    {
        return Vec::new();
    }
    let scope = Scope::of(model);
    let intent = resolve(scope, key);
    // Only the very next key can arm.
    if intent != Some(Intent::Arm) && matches!(model.arm, Arm::Asked { .. }) {
        model.arm = Arm::Safe;
    }
    if intent.is_some() || !scope.takes_text() {
        model.keys = model.keys.saturating_add(1);
    }
    if let Some(intent) = intent {
        return meant(model, scope, intent);
    }
    meaningless(model, scope, key);
    Vec::new()
}

/// A key without a meaning of its own is text where text is wanted; elsewhere it says that it is none.
fn meaningless(model: &mut Model, scope: Scope, key: KeyEvent) {
    let Some(letter) = written(key) else {
        if scope.takes_text() {
            text::typed(model, key);
        }
        return;
    };
    match scope {
        Scope::Text | Scope::Palette | Scope::PlanByName => text::typed(model, key),
        Scope::Plan if letter.is_ascii_digit() => text::typed(model, key),
        Scope::Cockpit => {
            let told = format!("{letter} is no key here: n writes a note, ? shows all keys");
            journal::notice(model, Tone::Info, told);
        }
        Scope::Leave => {}
        Scope::Plan | Scope::Menu | Scope::Reading => {
            journal::notice(model, Tone::Info, format!("{letter} is no key here: ? shows the keys"));
        }
    }
}

/// Keys came faster than a hand types: text where text is wanted, and nowhere a command.
pub fn burst(model: &mut Model, keys: &[KeyEvent], frame: FrameNo) -> Vec<Effect> {
    match Scope::of(model) {
        Scope::Text | Scope::Palette | Scope::PlanByName => {
            keys.iter().flat_map(|key| pressed(model, *key, frame)).collect()
        }
        Scope::Cockpit | Scope::Menu | Scope::Plan | Scope::Reading | Scope::Leave => {
            if matches!(model.arm, Arm::Asked { .. }) {
                model.arm = Arm::Safe;
            }
            let told = "several letters came at once, as a paste does: nothing was done. n writes a note";
            journal::notice(model, Tone::Refused, told);
            Vec::new()
        }
    }
}

/// A wish, in the scope in which it was uttered.
pub fn meant(model: &mut Model, scope: Scope, intent: Intent) -> Vec<Effect> {
    if let Availability::Disabled(why) = intent.availability(model) {
        journal::refuse(model, intent, why);
        return Vec::new();
    }
    journal::granted(model);
    match scope {
        Scope::Cockpit => cockpit::grant(model, intent),
        Scope::Menu
        | Scope::Plan
        | Scope::PlanByName
        | Scope::Reading
        | Scope::Text
        | Scope::Palette
        | Scope::Leave => dialogs::grant(model, intent),
    }
}
