//! The binary in a real terminal, on the drill: how it comes, how it goes, what it gives back, and that it reaches
//! nothing of the world. No sleep: every wait is for a condition.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its fixtures too")]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "programs are run, and it is told where one is missing"
)]

#[path = "pty/isolation.rs"]
mod isolation;
#[path = "pty/manners.rs"]
mod manners;
#[path = "pty/seat.rs"]
mod seat;
