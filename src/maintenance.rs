//! Maintenance of a release: every workload of it stopped, its number of pods kept in the cluster, and brought back later
//! exactly as it was, from any machine. Plans and state machines; `act/` carries their calls, live and drill run the
//! very same code.
//!
//! What was saved is a ConfigMap, not a file: whoever finds the release stopped finds it, too, after a crash, at another
//! machine, without a journal.
//!
//! Never: async, I/O, the clock; a number of pods that is written before it is saved, or forgotten before it is seen back.

pub mod ask;
pub mod emptying;
pub mod execution;
pub mod findings;
pub mod plan;
pub mod planner;
pub mod saved;
pub mod scale;
pub mod standing;
pub mod writing;
