//! What a look at this machine's journals finds of an open incident of the target at work, and whose it is.

use super::event::Entry;
use super::name::Person;

/// Who holds an incident where it is a process of the very person who asks, before its number and time.
pub const YOU: &str = "you, in another terminal";

/// "luis holds", "you, in another terminal (pid 7), hold": the beginning of a sentence about who holds an incident.
pub fn holds(who: &Person) -> String {
    if is_you(who) { format!("{who}, hold") } else { format!("{who} holds") }
}

/// "luis", "you": where there is no room for more.
pub fn briefly(who: &Person) -> &str {
    if is_you(who) { "you" } else { who.as_str() }
}

/// What there is to do where somebody holds it.
pub fn way_out(who: &Person) -> String {
    if is_you(who) { "Go on there, or quit it.".into() } else { format!("Ask {who}, or wait.") }
}

/// Whether it is a process of one's own.
pub fn is_you(who: &Person) -> bool {
    who.as_str().starts_with(YOU)
}

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
    Held(Person, Vec<Entry>),
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
