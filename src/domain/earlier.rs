//! What a look at this machine's journals finds of an open incident of the target at work, and whose it is.

use super::event::Entry;
use super::writer::Writer;

/// Why an incident that nobody holds is not taken up, and how it is.
pub const LEFT: &str =
    "this cockpit is read-only and leaves it to who can act; to take it up, start without --read-only";

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Earlier {
    /// Nothing is open here.
    Nothing,
    /// It was left open, or its holder is gone: it is ours now.
    Ours {
        /// Its entries so far.
        entries: Vec<Entry>,
        /// The file to which a last line was moved that a crash had cut off.
        aside: Option<String>,
    },
    /// Another cockpit writes it; its entries so far.
    Held(Writer, Vec<Entry>),
    /// It was left open and nobody writes it; who looked may only look.
    Left(Vec<Entry>),
    /// The cockpit that held it has closed it; all its entries.
    Over(Vec<Entry>),
    /// It is open, but a line of it is not as it was written: it is left as it is, and nobody can go on with it.
    Edited {
        /// Which file, which line, and the way out.
        why: String,
        /// Its entries before that line.
        entries: Vec<Entry>,
    },
    /// It is there, and the disk does not let us; in a sentence.
    Unusable(String),
    /// A journal cannot be read from its first line: whose it is cannot be known; in a sentence.
    Unreadable(String),
}
