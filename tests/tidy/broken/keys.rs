//! A dialog that reads keys behind the keymap's back.

use crossterm::event::KeyEvent;

fn pressed(key: KeyEvent) -> bool {
    key.code == crossterm::event::KeyCode::Enter || matches!(key.code, KeyCode::Esc)
}
