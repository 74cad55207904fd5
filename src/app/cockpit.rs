//! The loop: keys before everything else, then signals, then what the world says; at most one frame per batch, a key's
//! frame at once.

use std::path::Path;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind};
use futures::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::domain::identity::Realm;
use crate::model::FrameNo;
use crate::model::dialog::Extent;
use crate::msg::Msg;
use crate::ui::view;

use super::executor::Local;
use super::pace::{Came, came};
use super::parting;
use super::session::{Session, turn};
use super::signals::Ending;
use super::terminal::Screen;

/// The clock on screen moves this often.
const TICK: Duration = Duration::from_secs(1);
/// While nothing on screen counts seconds, the ages on it are renewed this often.
const AGES: Duration = Duration::from_secs(5);
/// Frames without a key come at most this often (60 a second) while the screen fills,
const FRAME: Duration = Duration::from_millis(16);
/// for so long,
const FILLS: Duration = Duration::from_secs(3);
/// and this often then: nobody reads faster, and in a storm of changes a key finds the loop free.
const CALM: Duration = Duration::from_millis(50);

/// A size that has not changed for so long is at rest.
const QUIET: Duration = Duration::from_millis(300);

/// A session and its screen.
pub struct Cockpit {
    session: Session,
    screen: Screen,
    began: Instant,
    passed: Instant,
    drawn: Option<Instant>,
    /// When it was last drawn without a key.
    unasked: Option<Instant>,
    /// When the size last changed, until the screen has been drawn whole after it came to rest.
    resized: Option<Instant>,
}

enum Heard {
    Msgs(Vec<Msg>),
    Ticked,
    Nothing,
    Closed,
}

impl Cockpit {
    /// Puts both together.
    pub fn new(session: Session, screen: Screen) -> Self {
        let now = Instant::now();
        Self { session, screen, began: now, passed: now, drawn: None, unasked: None, resized: None }
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
                if !urgent {
                    self.unasked = self.drawn;
                }
                (dirty, urgent) = (false, false);
            }
            let session = &mut self.session;
            let there = session.is_there();
            let heard = tokio::select! {
                biased;
                read = read(&mut keys) => {
                    urgent = true;
                    heard(read, session.model.frame)
                }
                () = ending.came() => Heard::Msgs(vec![Msg::Signalled]),
                Some(msg) = session.inbox.next() => Heard::Msgs(vec![msg]),
                Some(fact) = session.facts.next(), if there => Heard::Msgs(vec![Msg::Fact(fact)]),
                _ = tick.tick(), if there => Heard::Ticked,
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
                    let counted = self.session.model.counts_seconds();
                    self.session.pass(elapsed);
                    self.come_to_rest()?;
                    if !(dirty || counted || self.has_aged()) {
                        continue;
                    }
                }
                Heard::Msgs(msgs) => {
                    for msg in msgs {
                        if self.hear(msg, &mut ending).await? {
                            return Ok(());
                        }
                    }
                }
            }
            dirty = true;
        }
    }

    /// What the person should know who has just left: how their incident stands, and where its journal is.
    pub fn farewell(&self, folder: &Path) -> String {
        let model = &self.session.model;
        let Some(incident) = &model.incident else { return String::new() };
        let stands = match (model.open_incident(), model.settings.realm) {
            (Some(_), Realm::Live) => "is still open; `backout` takes it up again where you left it",
            (Some(_), Realm::Drill) => "was left before it was closed",
            (None, _) => "is closed",
        };
        let journal = folder.join(format!("{}.jsonl", incident.id));
        format!("Incident {} {stands}. Its timeline: backout journal show {}", incident.id, journal.display())
    }

    /// A tick alone is no change that anybody could see, unless the screen counts seconds, or its ages are old.
    fn has_aged(&self) -> bool {
        self.drawn.is_none_or(|drawn| drawn.elapsed() >= AGES) || self.session.model.counts_seconds()
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
        let pause = if self.began.elapsed() < FILLS { FRAME } else { CALM };
        self.unasked.map_or(Duration::ZERO, |drawn| pause.saturating_sub(drawn.elapsed()))
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
                    self.finish(ending).await;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The screen is gone and an act may still run: it is finished, and the shell is told so at once and at the end.
    async fn finish(&mut self, ending: &mut Ending) {
        let live = self.session.drill.is_none();
        let Some((job, running)) = self.session.model.jobs.running().filter(|_| live) else {
            return self.session.finish().await;
        };
        parting::say(&parting::runs(job, &running.plan, self.session.executor.terms.timeout));
        tokio::select! {
            () = self.session.finish() => {}
            () = ending.insisted(|| parting::say(parting::STILL)) => {}
        }
        let ended = self.session.model.jobs.all.get(&job).and_then(|j| j.ending.clone());
        parting::say(&parting::ended(job, ended));
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let model = &self.session.model;
        let mut extent = Extent::default();
        self.screen.draw(|frame| extent = view(model, frame))?;
        self.drawn = Some(Instant::now());
        let next = FrameNo(self.session.model.frame.0.saturating_add(1));
        self.session.hear(Msg::Drawn(next, extent));
        Ok(())
    }
}

/// Everything that the terminal has to tell at once; empty = it is gone.
async fn read(events: &mut EventStream) -> Vec<Event> {
    futures::future::poll_fn(|cx| {
        let mut all = Vec::new();
        loop {
            match events.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(event))) => all.push(event),
                Poll::Pending if all.is_empty() => return Poll::Pending,
                Poll::Ready(Some(Err(_)) | None) | Poll::Pending => return Poll::Ready(all),
            }
        }
    })
    .await
}

/// What was read, as messages: keys that came at once as one.
fn heard(events: Vec<Event>, frame: FrameNo) -> Heard {
    if events.is_empty() {
        return Heard::Closed;
    }
    let mut keys: Vec<KeyEvent> = Vec::new();
    let mut rest = Vec::new();
    for event in events {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => keys.push(key),
            Event::Paste(text) => rest.push(Msg::Pasted(text)),
            Event::Resize(columns, rows) => rest.push(Msg::Resized(columns, rows)),
            Event::Key(_) | Event::FocusGained | Event::FocusLost | Event::Mouse(_) => {}
        }
    }
    match came(&keys) {
        _ if keys.is_empty() => {}
        Came::AtOnce => rest.push(Msg::Burst(keys, frame)),
        Came::Singly => rest.extend(keys.into_iter().map(|key| Msg::Key(key, frame))),
    }
    if rest.is_empty() { Heard::Nothing } else { Heard::Msgs(rest) }
}
