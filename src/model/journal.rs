//! The journal as the cockpit knows it. State is the fold of what is on disk; a tick shows "writing" until then.

use crate::domain::event::Event;
use crate::domain::writer::Writer;

/// Where the journal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalState {
    /// Nothing is being written.
    Ready,
    /// These are on their way to the disk.
    Writing(Vec<Event>),
    /// It cannot be written; nothing is run until it can.
    Broken {
        /// Why, in a sentence.
        why: String,
    },
    /// A line of the incident's journal is not as it was written: nothing is written behind it, so nothing is run.
    Edited {
        /// Which file, which line, and the way out.
        why: String,
    },
    /// Nobody holds this incident, and this cockpit, opened to change nothing, leaves it to who can act.
    Left,
    /// Another cockpit holds this incident.
    HeldBy {
        /// Who, on which host.
        who: Writer,
    },
}
