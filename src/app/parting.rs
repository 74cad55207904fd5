//! What the shell is told when the screen is gone and an act still runs: at once, and when it has ended.
//!
//! Never: a failure of its own; the terminal may be gone with the screen.

use std::io::{Write, stderr};
use std::time::Duration;

use crate::domain::event::{Ending, Event};
use crate::domain::moment::long;
use crate::domain::name::JobId;
use crate::plan::Plan;

/// One line on standard error.
pub fn say(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// What still runs, for how long at most, and what Ctrl-C does. The time-out holds for each hook and for the workloads.
pub fn runs(job: JobId, plan: &Plan, timeout: Duration) -> String {
    let hooks = plan.rollback().map_or(0, |p| p.hooks.iter().filter(|h| h.runs).count());
    let longest = timeout * u32::try_from(hooks + 1).unwrap_or(1);
    format!(
        "Job {job}, {}, is finished without a screen; that takes {} at most. Ctrl-C twice stops it half-way.",
        plan.doing(),
        long(longest)
    )
}

/// The first Ctrl-C.
pub const STILL: &str = "It still runs. Ctrl-C once more stops it half-way.";

/// How it ended; `None` where nobody saw it.
pub fn ended(job: JobId, ending: Option<Ending>) -> String {
    match ending {
        Some(ending) => Event::ActEnded { job, ending }.sentence(),
        None => format!("Job {job} was stopped before its end was seen: the next start says where it stands."),
    }
}
