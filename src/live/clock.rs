//! The real clock.
//!
//! Never: read anywhere else in the live world; whoever needs the time asks here.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;

use crate::domain::moment::{Moment, Now};
use crate::ports::Clock;

/// Wall time, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(super) fn wall() -> Moment {
    chrono::Utc::now()
}

/// The machine's clocks.
#[derive(Debug)]
pub struct LiveClock {
    started: Instant,
}

impl LiveClock {
    /// Monotonic time counts from here.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for LiveClock {
    fn now(&self) -> Now {
        Now { wall: wall(), mono: self.started.elapsed() }
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(length))
    }
}
