//! More about one thing, asked for when somebody looks closely.

use super::name::Container;
use super::workload::Warning;

/// What the detail of a pod shows beyond its row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PodDetail {
    /// Its events, newest first.
    pub events: Vec<Warning>,
    /// The last lines of each container: of the present run, or (marked) of the run before where it crashed.
    pub logs: Vec<LogTail>,
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
