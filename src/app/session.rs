//! A cockpit without its terminal: model, executor, inbox, facts. The loop draws it; drills in tests drive it.
//!
//! Never: the terminal, real time.

use std::time::Duration;

use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::channel::oneshot;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt};

use crate::domain::fact::Fact;
use crate::model::Model;
use crate::model::journal::JournalState;
use crate::msg::Msg;
use crate::update::update;

use super::executor::{Executor, Local, Spawn};
use super::skip::Attention;
use super::witness::Witness;

/// A skip moves on by this much at a time.
const STRIDE: Duration = Duration::from_secs(1);
/// The longest that one skip moves a drill on: who presses once too often loses no half hour.
const LONGEST_SKIP: Duration = Duration::from_mins(5);

/// How a drill is moved on; a live world cannot be.
pub type Advance = Box<dyn FnMut(Duration) + Send>;

/// A cockpit without its terminal.
pub struct Session {
    /// The state.
    pub model: Model,
    /// Performs effects.
    pub executor: Executor,
    /// What the executor's futures say.
    pub inbox: UnboundedReceiver<Msg>,
    /// What the world says.
    pub facts: BoxStream<'static, Fact>,
    /// A drill's clock and tasks; none when live.
    pub drill: Option<Drill>,
    /// Tells the log.
    pub witness: Witness,
}

/// Told when a drill's world has been made; until then nothing is asked of it, so that keys do not wait for it.
pub type Arrival = oneshot::Receiver<()>;

/// What a drill runs on: its own clock, and its tasks in the session itself, so that a skip knows when all is settled.
pub struct Drill {
    /// `None`: the world is there.
    arrival: Option<Arrival>,
    advance: Advance,
    started: UnboundedReceiver<BoxFuture<'static, ()>>,
    tasks: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl Drill {
    /// Its tasks, and how one is set going.
    pub fn new(advance: Advance) -> (Self, Spawn) {
        Self::on(None, advance)
    }

    /// The same on a world that is still being made.
    pub fn arriving(arrival: Arrival, advance: Advance) -> (Self, Spawn) {
        Self::on(Some(arrival), advance)
    }

    fn on(arrival: Option<Arrival>, advance: Advance) -> (Self, Spawn) {
        let (start, started) = unbounded();
        let spawn: Spawn = std::sync::Arc::new(move |future| {
            // The session is gone only when the process ends.
            let _ = start.unbounded_send(future);
        });
        (Self { arrival, advance, started, tasks: FuturesUnordered::new() }, spawn)
    }

    /// Moves it on; whoever does waits until its world is there.
    fn pass(&mut self, length: Duration) {
        (self.advance)(length);
        self.arrival = None;
    }

    /// Runs its tasks; ready when one of them ended, or its world is there.
    async fn turn(&mut self) {
        if let Some(arrival) = &mut self.arrival {
            // One whose maker is gone is made by whoever asks first.
            let _made = arrival.await;
            self.arrival = None;
            return;
        }
        while let Some(Some(task)) = self.started.next().now_or_never() {
            self.tasks.push(task);
        }
        if self.tasks.next().await.is_none() {
            match self.started.next().await {
                Some(task) => self.tasks.push(task),
                None => futures::future::pending().await,
            }
        }
    }
}

/// Runs a drill's tasks until one ended; never ready when live.
pub async fn turn(drill: &mut Option<Drill>) {
    match drill {
        Some(drill) => drill.turn().await,
        None => futures::future::pending().await,
    }
}

impl Session {
    /// Hears one message; what only the terminal's owner can do comes back.
    pub fn hear(&mut self, msg: Msg) -> Vec<Local> {
        self.witness.heard(&msg);
        let effects = update(&mut self.model, msg);
        self.witness.done(&self.model, &effects);
        self.executor.perform(effects)
    }

    /// Whether there is a world to ask: a drill's may still be being made.
    pub fn is_there(&self) -> bool {
        self.drill.as_ref().is_none_or(|drill| drill.arrival.is_none())
    }

    /// Time passes: in a drill by moving its clock, live by itself.
    pub fn pass(&mut self, length: Duration) {
        if let Some(drill) = &mut self.drill {
            drill.pass(length);
        }
        let now = self.executor.world.clock.now();
        self.hear(Msg::Tick(now));
    }

    /// Hears everything until nothing more happens without time passing. In a drill all questions are answered at
    /// once; only the journal's disk is waited for.
    pub async fn settled(&mut self) {
        loop {
            while turn(&mut self.drill).now_or_never().is_some() {}
            if let Some(msg) = self.inbox.next().now_or_never().flatten() {
                self.hear(msg);
            } else if let Some(fact) = self.facts.next().now_or_never().flatten() {
                self.hear(Msg::Fact(fact));
            } else if self.is_writing() && self.drill.is_some() {
                turn(&mut self.drill).await;
            } else {
                return;
            }
        }
    }

    /// Moves a drill on, second by second, until something happens or needs the operator.
    pub async fn skip_ahead(&mut self) {
        let before = Attention::of(&self.model);
        let mut skipped = Duration::ZERO;
        while self.drill.is_some() && skipped < LONGEST_SKIP && Attention::of(&self.model) == before {
            self.pass(STRIDE);
            skipped += STRIDE;
            self.settled().await;
        }
        if skipped >= LONGEST_SKIP && Attention::of(&self.model) == before {
            self.hear(Msg::SkippedInVain(skipped));
        }
    }

    /// What is on its way to the disk is waited for; live, a running act too: it is finished without a screen, bounded by
    /// its own time-outs, and its end is journaled. A drill's act is over with its world.
    pub async fn finish(&mut self) {
        while self.is_writing() || (self.drill.is_none() && self.model.jobs.running().is_some()) {
            let said = tokio::select! {
                biased;
                said = self.inbox.next() => said,
                () = turn(&mut self.drill) => continue,
            };
            let Some(msg) = said else { return };
            self.hear(msg);
        }
    }

    fn is_writing(&self) -> bool {
        matches!(self.model.journal, JournalState::Writing(_))
    }
}
