//! backout: the cockpit for rolling production back.
pub mod act;
pub mod config;
pub mod domain;
pub mod helm;
pub mod live;
pub mod ports;
pub mod sim;
pub mod tools;
