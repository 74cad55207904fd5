//! More about one thing, asked for when somebody looks closely.

use super::name::Container;
use super::workload::{ContainerRow, Warning};

/// What the detail of a pod shows beyond its row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PodDetail {
    /// The containers that run before its own, in their order; those that run on beside them are in its row.
    pub init: Vec<ContainerRow>,
    /// Its events, newest first.
    pub events: Vec<Warning>,
    /// The last lines of each container, of those before its own only where they did not end well: of the present run,
    /// or (marked) of the run before where it crashed.
    pub logs: Vec<LogTail>,
}

impl PodDetail {
    /// The last line of that container's log (`None`: of any), of the run that crashed where there was one.
    pub fn last_line(&self, container: Option<&Container>) -> Option<&str> {
        let own = self.logs.iter().filter(|l| container.is_none_or(|c| l.container == *c));
        let (crashed, present): (Vec<&LogTail>, Vec<&LogTail>) = own.partition(|l| l.previous);
        crashed.into_iter().chain(present).find_map(|log| {
            let lines = log.lines.as_ref().ok()?;
            lines.iter().rev().map(String::as_str).find(|l| !l.trim().is_empty())
        })
    }
}

/// The end of a container's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTail {
    /// Which container.
    pub container: Container,
    /// Of the run before the present one.
    pub previous: bool,
    /// Its last lines, oldest first; or why they cannot be had.
    pub lines: Result<Vec<String>, String>,
}
