//! How much of a text that scrolls was on screen.
//!
//! Never: what was skipped unseen taken for read.

/// How much of a text that scrolls a frame had room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Lines that it has.
    pub lines: u16,
    /// Lines that were on screen.
    pub rows: u16,
}

impl Extent {
    /// The most lines that can be skipped.
    pub const fn last(self) -> u16 {
        self.lines.saturating_sub(self.rows)
    }
}

/// How far a text has been on screen. What was never shown was never read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Its lines before that one, of so many.
    To {
        /// The first line that was not shown.
        line: u16,
        /// Lines that it has.
        of: u16,
    },
    /// To its end.
    Whole,
}

impl Read {
    /// Before any frame.
    pub const NOTHING: Self = Self::To { line: 0, of: 0 };

    /// A frame showed it from that line on. Lines that were skipped stay unread; broken anew it begins anew.
    pub fn shown(self, from: u16, extent: Extent) -> Self {
        let Self::To { line, of } = self else { return Self::Whole };
        let before = if of == extent.lines { line } else { 0 };
        let line = if from <= before { before.max(from.saturating_add(extent.rows)) } else { before };
        if line >= extent.lines { Self::Whole } else { Self::To { line, of: extent.lines } }
    }

    /// Lines that were not shown yet.
    pub const fn left(self) -> u16 {
        match self {
            Self::To { line, of } => of.saturating_sub(line),
            Self::Whole => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_when_each_of_its_lines_was_on_screen() {
        let of = |lines, rows| Extent { lines, rows };
        for (frames, left) in [
            (vec![], 0),
            (vec![(0, of(5, 9))], 0),
            (vec![(0, of(9, 5))], 4),
            (vec![(0, of(9, 5)), (4, of(9, 5))], 0),
            // A page was skipped unseen.
            (vec![(0, of(20, 5)), (10, of(20, 5)), (15, of(20, 5))], 15),
            // The screen was made narrower in between.
            (vec![(0, of(9, 8)), (4, of(12, 5))], 12),
            (vec![(0, of(9, 0))], 9),
        ] {
            let read = frames.iter().fold(Read::NOTHING, |read, (from, extent)| read.shown(*from, *extent));
            assert_eq!(read.left(), left, "{frames:?}");
            assert_eq!(read == Read::Whole, left == 0 && !frames.is_empty(), "{frames:?}");
        }
    }
}
