//! The binary in a real terminal, on the drill: how it comes, how it goes, what it gives back, and that it reaches
//! nothing of the world. No sleep: every wait is for a condition.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking and starts programs"
)]

#[path = "pty/broken.rs"]
mod broken;
#[path = "pty/isolation.rs"]
mod isolation;
#[path = "pty/manners.rs"]
mod manners;
#[path = "pty/runbook.rs"]
mod runbook;
#[path = "pty/seat.rs"]
mod seat;
