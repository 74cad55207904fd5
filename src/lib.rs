//! backout: the cockpit for rolling production back.
pub mod domain;
pub mod helm;
pub mod ports;
