//! One ConfigMap or Secret of a release put back to the content that a revision of Helm's gave it, and whoever reads it
//! restarted. Plan and state machine; `act/` carries their calls, live and drill run the very same code.
//!
//! Never: async, I/O, the clock; content from anywhere but Helm's own records (a git revision of the values is not read).

pub mod ask;
pub mod content;
pub mod execution;
pub mod findings;
pub mod plan;
pub mod planner;
pub mod readers;
pub mod restarting;
