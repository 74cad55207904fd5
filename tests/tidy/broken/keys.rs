//! A dialog that reads keys behind the keymap's back.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

fn pressed(key: KeyEvent) -> bool {
    let made = KeyEvent::new(KeyCode::Char('n'), KeyModifiers::NONE);
    key == KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE) || key == made || matches!(key.code, KeyCode::Esc)
        || matches!(key.code, KeyCode::Tab)
}
