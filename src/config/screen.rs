//! `[screen]`: what the terminal does not say of itself.
//!
//! Never: a colour; which one a role has on which background is the theme's.

use super::mistake::Sheet;
use super::section::Section;

pub(super) const KEYS: &[&str] = &["background"];

/// What the terminal's letters stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Light letters on dark.
    Dark,
    /// Dark letters on light.
    Light,
}

impl Background {
    /// Both by their words in the file.
    pub const WORDS: [(&str, Self); 2] = [("dark", Self::Dark), ("light", Self::Light)];

    /// What `COLORFGBG` tells (`15;0`, `0;default;15`): its last field is the background's number in the palette, of
    /// which 7 and the bright ones are light, but for 8, the bright black. `None` where it tells nothing.
    pub fn told(colorfgbg: &str) -> Option<Self> {
        match colorfgbg.rsplit(';').next()?.parse().ok()? {
            0..=6 | 8 => Some(Self::Dark),
            7 | 9..=15 => Some(Self::Light),
            16_u8.. => None,
        }
    }
}

/// What the file says; `None` = by the terminal's own word.
pub(super) fn read(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<Background> {
    section.choice(sheet, "background", &Background::WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_word_for_its_background_is_understood() {
        let cases = [
            ("15;0", Some(Background::Dark)),
            ("0;15", Some(Background::Light)),
            ("0;default;15", Some(Background::Light)),
            ("0;7", Some(Background::Light)),
            ("7;8", Some(Background::Dark)),
            ("15;default", None),
            ("", None),
            ("0;231", None),
        ];
        for (said, wanted) in cases {
            assert_eq!(Background::told(said), wanted, "{said}");
        }
    }
}
