//! Functional tests: what a release is asked to prove that it does its business, each an HTTP request to one service
//! itself, with what its answer must be.
//!
//! A test that writes says what it creates, and is an act: planned, confirmed, journaled, run once. Secrets and kept
//! values are handed on and never shown.
//!
//! Never: I/O, a clock; a test that passes because nobody answered.

pub mod answer;
pub mod path;
pub mod plan;
pub mod results;
pub mod test;
pub mod words;
