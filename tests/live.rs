//! The live world against a server that says what a test wants it to say, and that misbehaves on purpose.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its fixtures too")]

mod live {
    pub mod bad_input;
    pub mod check;
    pub mod connecting;
    pub mod detail;
    pub mod following;
    pub mod functional;
    pub mod health;
    pub mod launch;
    pub mod metrics;
    pub mod rows;
    pub mod server;
    pub mod silence;
    pub mod silent;
    pub mod tls;
    pub mod usage;
    #[path = "../support/wire.rs"]
    pub mod wire;
}
