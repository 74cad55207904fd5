//! Who does something: the person, the machine and the process, as others are told.
//!
//! Never: proof. Whoever may write a lease can write any name into it.

use std::fmt;

use crate::domain::writer::YOU;

/// One process of one person on one machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holder {
    /// `ana`
    pub person: String,
    /// `bastion-1`
    pub host: String,
    /// The process.
    pub pid: u32,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {})", self.seat(), self.pid)
    }
}

impl Holder {
    /// `ana@bastion-1`
    fn seat(&self) -> String {
        format!("{}@{}", self.person, self.host)
    }

    /// "eva@bastion-1 (pid 8) is", "you, in another terminal (pid 8), are": a holder of that name as it is told to this one.
    pub fn told_of(&self, named: &str) -> String {
        let process = named.strip_prefix(&self.seat()).filter(|rest| rest.starts_with(" (pid "));
        process.map_or_else(|| format!("{named} is"), |process| format!("{YOU}{process}, are"))
    }

    /// Whether that name is of a process of this person on this machine, this one or another.
    pub fn shares_seat(&self, named: &str) -> bool {
        named.strip_prefix(&self.seat()).is_some_and(|rest| rest.starts_with(" (pid "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_a_person_on_a_machine() {
        let ana = |host: &str, pid| Holder { person: "ana".into(), host: host.into(), pid };
        let here = ana("bastion", 7);
        assert_eq!(here.to_string(), "ana@bastion (pid 7)");
        assert!(here.shares_seat(&ana("bastion", 8).to_string()));
        assert!(!here.shares_seat(&ana("bastion-2", 7).to_string()));
        assert_eq!(here.told_of("ana@bastion (pid 8)"), "you, in another terminal (pid 8), are");
        assert_eq!(here.told_of("ana@bastion-2 (pid 7)"), "ana@bastion-2 (pid 7) is");
    }
}
