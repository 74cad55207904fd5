//! A session without a screen: it runs until a condition holds, a time is over or a signal asks it to end.
//!
//! A running rollback is never left by the first signal: it is finished and journaled; the second one leaves.
//!
//! Never: a decision; what is meant comes from the command as messages, what is told goes to it as the model.

use std::time::Duration;

use futures::{FutureExt, StreamExt};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::keymap;
use crate::model::dialog::{Dialog, Extent, PlanDialog, PlanState};
use crate::model::{FrameNo, Model};
use crate::msg::Msg;

use super::session::{Session, turn};
use super::signals::Ending;

/// Live, time is told this often.
const TICK: Duration = Duration::from_millis(250);
/// A drill's clock moves on by this much at a time.
const STRIDE: Duration = Duration::from_secs(1);

/// A session without a screen.
pub struct Headless {
    /// The session.
    pub session: Session,
    ending: Ending,
    tick: Interval,
    leave: Leave,
}

/// Whether the process was asked to end while a rollback ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// No.
    NotAsked,
    /// Yes: it ends when the rollback has ended.
    Asked,
}

/// Why the waiting is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// What was waited for is so.
    Come,
    /// The time is over.
    OutOfTime,
    /// The process was asked to end.
    Signalled,
}

/// What the person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A line.
    Line(String),
    /// The input is at its end.
    Nothing,
    /// The process was asked to end.
    Signalled,
}

impl Headless {
    /// Of a session, within a tokio runtime.
    ///
    /// # Errors
    /// The system lets no signal be heard.
    pub fn new(session: Session) -> std::io::Result<Self> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Ok(Self { session, ending: Ending::listen_without_screen()?, tick, leave: Leave::NotAsked })
    }

    /// Runs until `done`; `tell` sees the model whenever it may have changed.
    pub async fn until(
        &mut self,
        limit: Duration,
        done: impl Fn(&Model) -> bool,
        mut tell: impl FnMut(&Model, Leave),
    ) -> Waited {
        self.session.pass(Duration::ZERO);
        let began = self.session.model.now.mono;
        loop {
            self.session.settled().await;
            tell(&self.session.model, self.leave);
            if done(&self.session.model) {
                return Waited::Come;
            }
            if self.session.model.now.mono.saturating_sub(began) >= limit {
                return Waited::OutOfTime;
            }
            let acting = is_acting(&self.session.model);
            if self.step().await {
                if self.leave == Leave::Asked || !acting {
                    return Waited::Signalled;
                }
                self.leave = Leave::Asked;
            }
        }
    }

    /// Lets one thing happen; true = the process was asked to end.
    async fn step(&mut self) -> bool {
        if self.session.drill.is_some() {
            self.session.pass(STRIDE);
            return self.ending.came().now_or_never().is_some();
        }
        let session = &mut self.session;
        let msg = tokio::select! {
            biased;
            () = self.ending.came() => return true,
            Some(msg) = session.inbox.next() => msg,
            Some(fact) = session.facts.next() => Msg::Fact(fact),
            _ = self.tick.tick() => {
                session.pass(Duration::ZERO);
                return false;
            }
        };
        session.hear(msg);
        false
    }

    /// Waits for a line of the person; a live world goes on meanwhile, a drill's clock stands.
    pub async fn answer(&mut self) -> Said {
        let (send, line) = futures::channel::oneshot::channel();
        // Its own thread, not the runtime's: nobody waits for it when the process ends.
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = std::io::stdin().read_line(&mut line);
            let _ = send.send(read.ok().filter(|n| *n > 0).map(|_| line));
        });
        let mut line = line.fuse();
        loop {
            self.session.settled().await;
            let session = &mut self.session;
            let msg = tokio::select! {
                biased;
                () = self.ending.came() => return Said::Signalled,
                line = &mut line => {
                    return line.ok().flatten().map_or(Said::Nothing, Said::Line);
                }
                Some(msg) = session.inbox.next() => msg,
                Some(fact) = session.facts.next() => Msg::Fact(fact),
                () = turn(&mut session.drill) => continue,
                _ = self.tick.tick(), if session.drill.is_none() => {
                    session.pass(Duration::ZERO);
                    continue;
                }
            };
            session.hear(msg);
        }
    }

    /// The person has read what is on show and types this, in the place of what was typed before.
    pub fn typed(&mut self, text: &str) {
        let shown = FrameNo(self.session.model.frame.0.saturating_add(1));
        // Without a screen nothing is hidden: the whole plan was told.
        self.session.hear(Msg::Drawn(shown, Extent::default()));
        let before = match self.session.model.dialog.as_ref().map(|o| &o.dialog) {
            Some(Dialog::Plan(PlanDialog { state: PlanState::Ready { typed, .. }, .. })) => typed.len(),
            Some(_) | None => 0,
        };
        for key in keymap::typing(before, text) {
            self.session.hear(Msg::Key(key, shown));
        }
    }
}

/// A rollback is confirmed or under way.
fn is_acting(model: &Model) -> bool {
    let confirmed = match model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => matches!(d.state, PlanState::Confirmed { .. }),
        Some(_) | None => false,
    };
    confirmed || model.jobs.running().is_some()
}
