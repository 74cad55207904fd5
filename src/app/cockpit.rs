//! The loop: keys before everything else, then signals, then what the world says; at most one frame per batch, a key's
//! frame at once.

use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::domain::identity::Realm;
use crate::model::FrameNo;
use crate::msg::Msg;
use crate::ui::view;

use super::executor::Local;
use super::session::{Session, turn};
use super::signals::Ending;
use super::terminal::Screen;

/// The clock on screen moves this often.
const TICK: Duration = Duration::from_secs(1);
/// Frames without a key come at most this often (60 a second).
const FRAME: Duration = Duration::from_millis(16);

/// A size that has not changed for so long is at rest.
const QUIET: Duration = Duration::from_millis(300);

/// A session and its screen.
pub struct Cockpit {
    session: Session,
    screen: Screen,
    passed: Instant,
    drawn: Option<Instant>,
    /// When the size last changed, until the screen has been drawn whole after it came to rest.
    resized: Option<Instant>,
}

enum Heard {
    Msg(Msg),
    Ticked,
    Nothing,
    Closed,
}

impl Cockpit {
    /// Puts both together.
    pub fn new(session: Session, screen: Screen) -> Self {
        Self { session, screen, passed: Instant::now(), drawn: None, resized: None }
    }

    /// Runs until the person leaves, the process is asked to end, or the terminal is gone. However it ends, an act that
    /// runs is finished first.
    ///
    /// # Errors
    /// The terminal's, when it is gone.
    pub async fn run(&mut self) -> std::io::Result<()> {
        let mut keys = EventStream::new();
        let mut ending = Ending::listen()?;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut dirty, mut urgent) = (true, true);
        loop {
            let wait = self.until_next_frame();
            if dirty && (urgent || wait.is_zero()) {
                if let Err(gone) = self.draw() {
                    self.hear(Msg::Signalled, &mut ending).await?;
                    return Err(gone);
                }
                (dirty, urgent) = (false, false);
            }
            let session = &mut self.session;
            let heard = tokio::select! {
                biased;
                key = keys.next() => {
                    urgent = true;
                    heard(key, session.model.frame)
                }
                () = ending.came() => Heard::Msg(Msg::Signalled),
                Some(msg) = session.inbox.next() => Heard::Msg(msg),
                Some(fact) = session.facts.next() => Heard::Msg(Msg::Fact(fact)),
                _ = tick.tick() => Heard::Ticked,
                () = turn(&mut session.drill) => Heard::Nothing,
                () = tokio::time::sleep(wait), if dirty => Heard::Nothing,
            };
            match heard {
                Heard::Nothing => continue,
                // A connection that drops closes the keys, often before its signal is heard.
                Heard::Closed => {
                    self.hear(Msg::Signalled, &mut ending).await?;
                    return Ok(());
                }
                Heard::Ticked => {
                    let elapsed = self.passed.elapsed();
                    self.passed = Instant::now();
                    self.session.pass(elapsed);
                    self.come_to_rest()?;
                }
                Heard::Msg(msg) => {
                    if self.hear(msg, &mut ending).await? {
                        return Ok(());
                    }
                }
            }
            dirty = true;
        }
    }

    /// What the person should know who has just left: an incident that stays open.
    pub fn farewell(&self) -> String {
        let model = &self.session.model;
        match (model.open_incident(), model.settings.realm) {
            (Some(incident), Realm::Live) => format!(
                "Incident {} is still open; `backout` takes it up again where you left it. Its journal: {}.jsonl",
                incident.id, incident.id
            ),
            (Some(_), Realm::Drill) => "The drill was left before its incident was closed.".into(),
            (None, _) => String::new(),
        }
    }

    /// A frame that was on its way while the size changed arrives cut off, and nobody tells: once the size has been
    /// quiet for a while, everything is drawn once more.
    fn come_to_rest(&mut self) -> std::io::Result<()> {
        if self.resized.is_some_and(|at| at.elapsed() >= QUIET) {
            self.resized = None;
            self.screen.resized()?;
        }
        Ok(())
    }

    fn until_next_frame(&self) -> Duration {
        self.drawn.map_or(Duration::ZERO, |drawn| FRAME.saturating_sub(drawn.elapsed()))
    }

    /// Hears one message and does what follows; true = it is time to end.
    async fn hear(&mut self, msg: Msg, ending: &mut Ending) -> std::io::Result<bool> {
        if let Msg::Resized(..) = msg {
            self.screen.resized()?;
            self.resized = Some(Instant::now());
        }
        for local in self.session.hear(msg) {
            match local {
                Local::Copy(text) => Screen::copy(&text),
                Local::SkipAhead => self.session.skip_ahead().await,
                Local::Suspend => self.screen.suspend()?,
                Local::Quit => {
                    self.screen.leave();
                    tokio::select! {
                        () = self.session.finish() => {}
                        () = ending.insisted() => {}
                    }
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let model = &self.session.model;
        self.screen.draw(|frame| view(model, frame))?;
        self.drawn = Some(Instant::now());
        let next = FrameNo(self.session.model.frame.0.saturating_add(1));
        self.session.hear(Msg::Drawn(next));
        Ok(())
    }
}

fn heard(event: Option<std::io::Result<Event>>, frame: FrameNo) -> Heard {
    match event {
        Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => Heard::Msg(Msg::Key(key, frame)),
        Some(Ok(Event::Paste(text))) => Heard::Msg(Msg::Pasted(text)),
        Some(Ok(Event::Resize(columns, rows))) => Heard::Msg(Msg::Resized(columns, rows)),
        Some(Ok(_)) => Heard::Nothing,
        Some(Err(_)) | None => Heard::Closed,
    }
}
