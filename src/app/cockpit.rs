//! The loop: keys before everything else, then signals, then what the world says; at most one frame per batch, a key's
//! frame at once.

use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures::channel::mpsc::UnboundedReceiver;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::domain::fact::Fact;
use crate::model::FrameNo;
use crate::model::Model;
use crate::msg::Msg;
use crate::ui::view;
use crate::update::update;

use super::executor::{Executor, Local};
use super::signals::Ending;
use super::skip::Attention;
use super::terminal::Screen;

/// The clock on screen moves this often.
const TICK: Duration = Duration::from_secs(1);
/// Frames without a key come at most this often (60 a second).
const FRAME: Duration = Duration::from_millis(16);
/// The longest that one skip moves a drill on.
const LONGEST_SKIP: Duration = Duration::from_mins(30);

/// How a drill is moved on; a live world cannot be.
pub type Advance = Box<dyn FnMut(Duration) + Send>;

/// Everything that the loop needs.
pub struct Cockpit {
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
    /// When time last passed.
    pub passed: Instant,
}

/// What a drill runs on: its own clock, and its tasks in this very loop, so that a skip knows when all is settled.
pub struct Drill {
    /// Moves the clock on.
    pub advance: Advance,
    /// Tasks that were set going.
    pub started: UnboundedReceiver<BoxFuture<'static, ()>>,
    /// Tasks under way.
    pub tasks: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl Drill {
    /// Runs its tasks until each of them waits; ready with the next one that ended, if any is under way.
    async fn turn(&mut self) {
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

    /// Runs its tasks as far as they go now.
    fn run_until_waiting(&mut self) {
        while self.turn().now_or_never().is_some() {}
    }
}

async fn turn(drill: &mut Option<Drill>) {
    match drill {
        Some(drill) => drill.turn().await,
        None => futures::future::pending().await,
    }
}

enum Heard {
    Msg(Msg),
    Redraw,
    Nothing,
    Closed,
}

impl Cockpit {
    /// Runs until the person leaves or the process is asked to end.
    ///
    /// # Errors
    /// The terminal's, when it is gone.
    pub async fn run(mut self, screen: &mut Screen) -> std::io::Result<()> {
        let mut keys = EventStream::new();
        let mut ending = Ending::listen()?;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.tick();
        let mut dirty = true;
        let mut urgent = true;
        let mut drawn = Instant::now() - FRAME;
        loop {
            if dirty && (urgent || drawn.elapsed() >= FRAME) {
                self.draw(screen)?;
                drawn = Instant::now();
                (dirty, urgent) = (false, false);
            }
            let wait = if dirty { FRAME.saturating_sub(drawn.elapsed()) } else { Duration::MAX };
            let heard = tokio::select! {
                biased;
                key = keys.next() => {
                    urgent = true;
                    self.key(key)
                }
                () = ending.came() => Heard::Msg(Msg::Signalled),
                Some(msg) = self.inbox.next() => Heard::Msg(msg),
                Some(fact) = self.facts.next() => Heard::Msg(Msg::Fact(fact)),
                _ = tick.tick() => {
                    self.tick();
                    Heard::Redraw
                }
                () = turn(&mut self.drill) => Heard::Nothing,
                () = pause(wait) => Heard::Nothing,
            };
            let msg = match heard {
                Heard::Msg(msg) => msg,
                Heard::Redraw => {
                    dirty = true;
                    continue;
                }
                Heard::Nothing => continue,
                Heard::Closed => return Ok(()),
            };
            dirty = true;
            if self.hear(msg, screen).await? {
                self.finish().await;
                return Ok(());
            }
        }
    }

    /// Hears one message and does what follows; true = it is time to end.
    async fn hear(&mut self, msg: Msg, screen: &mut Screen) -> std::io::Result<bool> {
        let effects = update(&mut self.model, msg);
        for local in self.executor.perform(effects) {
            match local {
                Local::Copy(text) => Screen::copy(&text),
                Local::SkipAhead => self.skip_ahead().await,
                Local::Suspend => screen.suspend()?,
                Local::Quit => return Ok(true),
            }
        }
        Ok(false)
    }

    fn key(&self, event: Option<std::io::Result<Event>>) -> Heard {
        match event {
            Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
                Heard::Msg(Msg::Key(key, self.model.frame))
            }
            Some(Ok(Event::Paste(text))) => Heard::Msg(Msg::Pasted(text)),
            Some(Ok(Event::Resize(columns, rows))) => Heard::Msg(Msg::Resized(columns, rows)),
            Some(Ok(_)) => Heard::Nothing,
            Some(Err(_)) | None => Heard::Closed,
        }
    }

    /// Real time passes through a drill, too.
    fn tick(&mut self) {
        let elapsed = self.passed.elapsed();
        self.passed = Instant::now();
        self.pass(elapsed);
    }

    fn pass(&mut self, length: Duration) {
        if let Some(drill) = &mut self.drill {
            (drill.advance)(length);
        }
        let now = self.executor.world.clock.now();
        self.settle(Msg::Tick(now));
    }

    /// Hears a message whose effects need no terminal.
    fn settle(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        let _ = self.executor.perform(effects);
    }

    fn draw(&mut self, screen: &mut Screen) -> std::io::Result<()> {
        screen.draw(|frame| view(&self.model, frame))?;
        let next = FrameNo(self.model.frame.0.saturating_add(1));
        self.settle(Msg::Drawn(next));
        Ok(())
    }

    /// Moves the drill on, second by second, until something happens or needs the operator.
    async fn skip_ahead(&mut self) {
        let before = Attention::of(&self.model);
        let mut skipped = Duration::ZERO;
        while self.drill.is_some() && skipped < LONGEST_SKIP && Attention::of(&self.model) == before {
            self.pass(TICK);
            skipped += TICK;
            self.settled().await;
        }
    }

    /// Hears everything until nothing more happens without time passing. In a drill all questions are answered at
    /// once; only the journal's disk is waited for.
    async fn settled(&mut self) {
        loop {
            if let Some(drill) = &mut self.drill {
                drill.run_until_waiting();
            }
            let msg = match self.inbox.next().now_or_never().flatten() {
                Some(msg) => msg,
                None => match self.facts.next().now_or_never().flatten() {
                    Some(fact) => Msg::Fact(fact),
                    None if self.is_writing() => {
                        turn(&mut self.drill).await;
                        continue;
                    }
                    None => return,
                },
            };
            self.settle(msg);
        }
    }

    /// A running act is finished without a screen, bounded by its own time-outs, and its end is journaled.
    async fn finish(&mut self) {
        if self.drill.is_some() {
            return self.settled().await;
        }
        while self.model.jobs.running().is_some() || self.is_writing() {
            let Some(msg) = self.inbox.next().await else { return };
            self.settle(msg);
        }
    }

    fn is_writing(&self) -> bool {
        matches!(self.model.journal, crate::model::journal::JournalState::Writing(_))
    }
}

async fn pause(length: Duration) {
    if length == Duration::MAX { futures::future::pending().await } else { tokio::time::sleep(length).await }
}
