//! The journals of one machine between its cockpits: one open incident a target, followed by the others, taken up when
//! its holder is gone; and journals that a crash or a hand has damaged.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its fixtures too")]

#[path = "journals/damaged.rs"]
mod damaged;
#[path = "journals/desk.rs"]
mod desk;
#[path = "support/rehearsal.rs"]
mod rehearsal;
#[path = "journals/shared.rs"]
mod shared;
