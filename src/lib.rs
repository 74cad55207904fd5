//! backout: the cockpit for rolling production back.
pub mod act;
pub mod config;
pub mod domain;
pub mod effect;
pub mod helm;
pub mod intent;
pub mod keymap;
pub mod live;
pub mod model;
pub mod msg;
pub mod permit;
pub mod ports;
pub mod sim;
pub mod tools;
pub mod ui;
pub mod update;
