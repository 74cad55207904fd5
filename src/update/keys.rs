//! From a key to a wish to the place that grants it.
//!
//! A dialog takes only keys that were read while a frame was on screen in which it was drawn.

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::effect::Effect;
use crate::intent::{Availability, Intent};
use crate::keymap::{Scope, resolve};
use crate::model::{FrameNo, Model, Tone};

use super::{cockpit, dialogs, journal, text};

/// A key was pressed while that frame was on screen.
pub fn pressed(model: &mut Model, key: KeyEvent, frame: FrameNo) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if model.dialog.as_ref().is_some_and(|o| frame < o.from) {
        return Vec::new();
    }
    model.keys = model.keys.saturating_add(1);
    journal::read(model);
    let scope = Scope::of(model);
    if let Some(intent) = resolve(scope, key) {
        return meant(model, scope, intent);
    }
    if scope.takes_text() {
        text::typed(model, key);
    }
    Vec::new()
}

/// A wish, in the scope in which it was uttered.
pub fn meant(model: &mut Model, scope: Scope, intent: Intent) -> Vec<Effect> {
    if let Availability::Disabled(why) = intent.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    match scope {
        Scope::Cockpit => cockpit::grant(model, intent),
        Scope::Menu | Scope::Plan | Scope::PlanByName | Scope::Reading | Scope::Text | Scope::Palette => {
            dialogs::grant(model, intent)
        }
    }
}
