//! The shape of every machine in this room: facts go in, requests come out, until it has ended.
//!
//! `act/` carries the requests to a world and brings the answers back; live and drill run the same machines.
//!
//! Never: waiting, sending, the clock. Time comes with each step.

use std::time::Duration;

use serde_json::Value;

use super::api::{Answer, Call, Resource};
use super::progress::Progress;
use crate::domain::moment::Moment;
use crate::domain::name::Namespace;

/// One call of one machine; numbered from 1 in the order in which the calls were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// One watch of one machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchId(pub u32);

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Begin. Only the first one counts.
    Start,
    /// The answer to a call; an answer to no open call is ignored.
    Answer(CallId, Answer),
    /// An object that a watch shows: each one that exists at the beginning, then each that changed.
    Observed(WatchId, Value),
    /// An object that a watch no longer shows (also one that vanished while the watch was broken).
    Gone(WatchId, Value),
    /// A watch has shown everything that exists now; sent once per watch, after the first [`Input::Observed`]s.
    Synced(WatchId),
    /// A watch is interrupted, with the reason in words. When it is back, everything that exists is shown again; until
    /// then the machine knows that it sees nothing.
    Lost(WatchId, String),
    /// The newest [`Request::Deadline`] has passed.
    TimedOut,
}

/// What a machine wants done. Requests of one step may be carried out in parallel; their answers may come in any order.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Ask the server.
    Call(CallId, Call),
    /// Watch the objects of a resource (`None`: of all namespaces).
    Watch(WatchId, Resource, Option<Namespace>),
    /// Stop that watch.
    Unwatch(WatchId),
    /// Tell the operator.
    Report(Progress),
    /// Send [`Input::TimedOut`] after this long; replaces an earlier deadline that has not passed.
    Deadline(Duration),
}

/// A state machine: pure and total, an answer nobody expected never panics and never counts as success.
pub trait Engine {
    /// How it ends.
    type End;

    /// Takes one fact in and says what is to be done. After the end it asks for nothing.
    fn step(&mut self, now: Moment, input: Input) -> Vec<Request>;

    /// How it ended; `None` while it runs. When this is `Some`, open calls and watches are of no interest any more.
    fn end(&self) -> Option<&Self::End>;
}

/// Hands out numbers for calls and watches.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    calls: u32,
    watches: u32,
}

impl Numbers {
    /// The next call's.
    pub fn call(&mut self) -> CallId {
        self.calls = self.calls.saturating_add(1);
        CallId(self.calls)
    }

    /// The next watch's.
    pub fn watch(&mut self) -> WatchId {
        self.watches = self.watches.saturating_add(1);
        WatchId(self.watches)
    }
}
