//! What `kubectl rollout` does to one workload, without kubectl: its kept revisions, undo and restart as plans and as
//! state machines. `act/` carries their calls to a cluster; live and drill run the very same code.
//!
//! Never: async, I/O, the clock. The rules' sources are kubectl's files (named beside each rule) and what the real
//! kubectl does. Where we differ, we refuse or warn more, and write with a resource version; kubectl writes blindly.

pub mod ask;
pub mod budget;
pub mod change;
pub mod execution;
pub mod findings;
pub mod plan;
pub mod planner;
pub mod revisions;
pub mod standing;
pub mod strategy;
pub mod template;
