//! Carries the engine's requests and other actions over the ports: one place for cockpit, headless commands and drill.
//!
//! Never: a decision. What is asked, in which order, and how it ended is the engine's.

pub mod drive;
pub mod external;
pub mod functional;
pub mod lived;
pub mod maintenance;
pub mod revert;
pub mod revision;
pub mod rollback;
pub mod silence;
pub mod workload;
