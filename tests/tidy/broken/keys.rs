//! A dialog that reads keys behind the keymap's back.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

fn pressed(key: KeyEvent) -> bool {
    let made = KeyEvent::new(KeyCode::Char('n'), KeyModifiers::NONE);
    let all = "text".chars().map(KeyCode::Char);
    match key.code {
        KeyCode::Enter => true,
        KeyCode::Esc
        | KeyCode::Tab if key == made => false,
        other => other == KeyCode::Up || matches!(other, KeyCode::Down),
    }
}
