//! The simulated production: the shop of ten services on a virtual clock, with an incident in progress.
//!
//! ```text
//!   drill file ──> Drill ──> Production::load: its history is lived through, revision by revision
//!                                │
//!        events in order of time (pods, controllers, troubles)   <── advance(by)
//!                                │
//!        objects ──> calls, watches      pods ──> past ──> curves ──> alerts      facts ──> listeners
//! ```
//!
//! Nothing is scripted past its cause: a rollback changes objects, objects change pods, pods change the curves, curves
//! ring alerts. Everything is a function of the drill and of what was asked of the world; the same drill twice is the
//! same world.
//!
//! Never: the network, a file, a thread, the real clock.

mod alarm;
mod chance;
mod changes;
mod chart;
mod conduct;
mod curve;
mod defaults;
mod deployment;
mod drill;
mod field;
mod functional;
mod handle;
mod health;
mod history;
mod immutable;
mod jobs;
mod kinds;
mod kubelet;
mod logs;
mod observe;
mod past;
mod pod;
mod pod_object;
mod pods;
mod production;
mod program;
mod rollout;
mod rows;
mod server;
mod settle;
mod shop;
mod silence;
mod store;
mod trouble;
mod usage;
mod ways;
mod yaml;

pub use conduct::{Conduct, Fate, Rule};
pub use drill::{
    Chart, DEFAULT, Deploy, Drill, DrillFault, Gitops, Hand, Health, Par, Solution, WayOut, drill, drills,
};
pub use handle::Handle;
pub use production::{Injected, Production};
pub use shop::{SHOP, Trade};
pub use trouble::{Trouble, What};
