//! The only impure middle: the select loop, the executor of effects, the terminal, the journal's file.
//!
//! Never: a business decision.

pub mod claim;
pub mod cockpit;
pub mod executor;
pub mod headless;
pub mod journal;
pub mod ledger;
pub mod log;
pub mod pace;
pub mod parting;
pub mod places;
pub mod session;
pub mod shelf;
pub mod signals;
pub mod skip;
pub mod terminal;
pub mod witness;
