//! Who writes an open incident's journal where this process may not: one writer an incident.

use super::moment::Moment;
use super::name::Person;

/// How one is told of a process of one's own.
pub const YOU: &str = "you, in another terminal";

/// Whoever holds an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// Another person; "somebody" where the lock's note could not be read.
    Other(Person),
    /// A process of the very person who asks: nobody has to be called.
    You {
        /// Its number, where the lock's note has it.
        process: Option<u32>,
        /// Since when, where the file system tells.
        since: Option<Moment>,
    },
}

impl Writer {
    /// "luis holds", "you, in another terminal (pid 7), hold": the beginning of a sentence.
    pub fn holds(&self) -> String {
        match self {
            Self::Other(who) => format!("{who} holds"),
            Self::You { .. } => format!("{self}, hold"),
        }
    }

    /// "luis", "you": where there is no room for more.
    pub fn briefly(&self) -> &str {
        match self {
            Self::Other(who) => who.as_str(),
            Self::You { .. } => "you",
        }
    }

    /// What there is to do while they hold it.
    pub fn way_out(&self) -> String {
        match self {
            Self::Other(who) => format!("Ask {who}, or wait."),
            Self::You { .. } => "Go on there, or quit it.".into(),
        }
    }

    /// What is said once they hold it no more.
    pub fn gone(&self) -> String {
        match self {
            Self::Other(who) => format!("{who} is gone"),
            Self::You { .. } => "your other terminal is gone".into(),
        }
    }
}

impl std::fmt::Display for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Other(who) => write!(f, "{who}"),
            Self::You { process, since } => {
                let process = process.map(|pid| format!("pid {pid}"));
                let since = since.map(|at| format!("since {} UTC", at.format("%H:%M")));
                let which: Vec<String> = process.into_iter().chain(since).collect();
                f.write_str(YOU)?;
                if which.is_empty() { Ok(()) } else { write!(f, " ({})", which.join(", ")) }
            }
        }
    }
}
