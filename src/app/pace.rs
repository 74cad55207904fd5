//! Whether keys come from a hand or all at once: a terminal that does not mark a paste sends it as keys.
//!
//! Never: what a key means; a clock: who answers each screen at once, as a script does, is no paste.

use crossterm::event::KeyEvent;

use crate::keymap::written;

/// So many printable keys in one read are no hand's.
const WORD: usize = 3;

/// How keys came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// As a hand presses them (or holds one down).
    Singly,
    /// All at once.
    AtOnce,
}

/// How those keys came, which were read together. A key that is held down repeats itself and is no word; neither are
/// digits alone, for a number may be typed on a connection that stalls.
pub fn came(keys: &[KeyEvent]) -> Came {
    let text: Vec<char> = keys.iter().filter_map(|key| written(*key)).collect();
    let letters = text.iter().filter(|c| !c.is_ascii_digit()).count();
    let held = text.iter().all(|c| Some(c) == text.first());
    if text.len() >= WORD && letters >= 2 && !held { Came::AtOnce } else { Came::Singly }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    #[test]
    fn a_word_in_one_read_came_at_once_and_what_a_hand_does_did_not() {
        for (text, wanted) in [
            ("note", Came::AtOnce),
            ("aa2", Came::AtOnce),
            ("a", Came::Singly),
            ("aR", Came::Singly),
            ("jjjjjj", Came::Singly),
            ("112", Came::Singly),
            ("12a", Came::Singly),
        ] {
            let keys: Vec<_> = text.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).collect();
            assert_eq!(came(&keys), wanted, "{text}");
        }
    }
}
