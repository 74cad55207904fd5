//! backout
pub mod domain;
pub mod helm;
