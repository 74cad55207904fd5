//! External query languages and programs, one file each: an intention becomes a query or an argv, its output becomes
//! our words.
//!
//! Never: sending or starting anything; that is `live/`.

pub mod actuator;
pub mod alertmanager;
pub mod prometheus;
