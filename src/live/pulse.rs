//! Whether the API server is there: one sign of life for all the watches of a connection, which say nothing themselves
//! while nothing changes.
//!
//! Every answer and every event is a sign. Only where none came for a while is the server asked for one, once for all
//! watches: `/livez`, which is exempt from its queues and which everybody may ask; any answer will do.
//!
//! Never: a question while there are signs; a verdict on one watch (the bookmarks of each tell that, later).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

/// The signs so far.
#[derive(Debug)]
pub(super) struct Pulse {
    heard: Mutex<Instant>,
    /// The last sign before a question that got no answer; held by the one who asks.
    unanswered: tokio::sync::Mutex<Option<Instant>>,
    /// Silence until the server is asked, and again until its answer is given up.
    patience: Duration,
}

impl Pulse {
    /// A server that gives no sign for `limit` is silent: half of it is waited, the other half is for the answer.
    pub fn new(limit: Duration) -> Self {
        Self { heard: Mutex::new(Instant::now()), unanswered: tokio::sync::Mutex::new(None), patience: limit / 2 }
    }

    /// It gave a sign.
    pub fn beat(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// How long ago the last sign was.
    pub fn silence(&self) -> Duration {
        self.heard().elapsed()
    }

    fn heard(&self) -> Instant {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when the server is silent: its last sign of life was then. `ask` tells whether it answers.
    pub async fn lost<A: Future<Output = bool>>(&self, ask: impl Fn() -> A) -> Instant {
        loop {
            let heard = self.heard();
            sleep_until(heard + self.patience).await;
            if self.heard() > heard {
                continue;
            }
            let mut unanswered = self.unanswered.lock().await;
            // While this one waited for its turn, another may have heard an answer, or none.
            if self.heard() > heard {
                continue;
            }
            if *unanswered != Some(heard) {
                if timeout(self.patience, ask()).await.unwrap_or(false) {
                    self.beat();
                    continue;
                }
                *unanswered = Some(heard);
            }
            return heard;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LIMIT: Duration = Duration::from_millis(400);

    #[tokio::test]
    async fn many_watches_ask_once_and_hear_the_same() {
        let (pulse, asked) = (Pulse::new(LIMIT), AtomicUsize::new(0));
        let began = pulse.heard();
        let ask = || {
            asked.fetch_add(1, Ordering::SeqCst);
            std::future::pending()
        };
        let lost = join_all((0..8).map(|_| pulse.lost(ask))).await;
        assert_eq!((lost, asked.load(Ordering::SeqCst)), (vec![began; 8], 1));
        assert!(began.elapsed() >= LIMIT);
    }

    #[tokio::test]
    async fn a_server_that_answers_is_asked_as_long_as_it_is_silent_and_is_not_lost() {
        let (pulse, asked) = (Pulse::new(LIMIT), AtomicUsize::new(0));
        let ask = || std::future::ready(asked.fetch_add(1, Ordering::SeqCst) < 3);
        assert_eq!(pulse.lost(ask).await, pulse.heard());
        assert_eq!(asked.load(Ordering::SeqCst), 4, "three answers, then none");
    }
}
