//! A drill driven by a script: keys, time, skips; then the screen and the timeline to look at. It uses the very
//! session, executor, update, view and world that the shipped drill uses; only disk and terminal are replaced.
//!
//! Never: sleeping, or the real clock.

#![allow(dead_code, reason = "each test target uses its own part of the harness")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use backout::app::executor::Executor;
use backout::app::executor::{Local, identify};
use backout::app::session::{Drill as Tasks, Session};
use backout::app::witness::Witness;
use backout::config::language::Language;
use backout::config::runbook::built_in;
use backout::domain::criteria::Limits;
use backout::domain::earlier::Earlier;
use backout::domain::event::{Entry, Event};
use backout::domain::health::Asking;
use backout::domain::identity::{Identity, Realm};
use backout::domain::logs::LogRule;
use backout::domain::moment::Moment;
use backout::domain::name::{IncidentId, Person};
use backout::model::dialog::Extent;
use backout::model::settings::{Asked, DrillCard, Palette, Settings};
use backout::model::{FrameNo, Model};
use backout::msg::Msg;
use backout::ports::{Journal, Unwritten};
use backout::sim::{Drill, Handle, Production, drill};
use backout::ui::view;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use futures::FutureExt;
use futures::channel::mpsc::unbounded;
use futures::executor::block_on;
use futures::future::{BoxFuture, ready};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// A journal in memory, which can be made to fail.
#[derive(Clone, Default)]
pub struct Memory {
    pub entries: Arc<Mutex<Vec<Entry>>>,
    pub full: Arc<Mutex<bool>>,
    /// What a look at this machine's journals finds.
    pub found: Arc<Mutex<Option<Earlier>>>,
}

impl Journal for Memory {
    fn append(&self, events: Vec<Event>, at: Moment) -> BoxFuture<'static, Result<Vec<Entry>, Unwritten>> {
        if *self.full.lock().unwrap() {
            return ready(Err(Unwritten::Disk("journal.jsonl: No space left on device".into()))).boxed();
        }
        let mut all = self.entries.lock().unwrap();
        let first = all.len() as u64 + 1;
        let by = Person::new("ana");
        let fresh: Vec<Entry> =
            events.into_iter().zip(first..).map(|(event, seq)| Entry { seq, at, by: by.clone(), event }).collect();
        all.extend(fresh.clone());
        ready(Ok(fresh)).boxed()
    }

    fn look(&self, _: Identity, _: Option<IncidentId>) -> BoxFuture<'static, Earlier> {
        ready(self.found.lock().unwrap().clone().unwrap_or(Earlier::Nothing)).boxed()
    }
}

/// The settings of a drill, as the command makes them where nothing is configured.
pub fn settings(played: &Drill) -> Settings {
    Settings {
        realm: Realm::Drill,
        drill: Some(DrillCard {
            name: played.name.clone(),
            title: played.title.clone(),
            par_minutes: played.par.minutes,
            par_keys: played.par.keys,
            solution: played.solution.sentence.clone(),
            back_to: played.solution.revision,
            put_back: played.solution.object.clone(),
        }),
        person: Person::new("ana"),
        namespace: played.namespace.clone(),
        release: None,
        runbook: built_in(Language::English).unwrap(),
        decisions: backout::config::decisions::built_in(Language::English).unwrap(),
        limits: Limits::default(),
        rules: backout::config::rules::built_in().unwrap(),
        health: Asking::default(),
        tests: Vec::new(),
        dashboard: None,
        logs: LogRule::default(),
        asked: Asked::default(),
        read_only: false,
        arm_for: Duration::from_mins(10),
        history: Duration::from_mins(30),
        palette: Palette::OnDark,
        prometheus: None,
        log: String::new(),
    }
    .with_tests(backout::config::functional::of_drills().unwrap())
}

/// One rehearsal.
pub struct Rehearsal {
    pub session: Session,
    pub handle: Handle,
    pub journal: Memory,
    pub copied: Vec<String>,
    pub quit: bool,
    pub suspended: usize,
}

impl Rehearsal {
    /// Opens the cockpit on that drill and lets everything load.
    pub fn open(name: &str) -> Self {
        Self::open_sized(name, 80, 24)
    }

    pub fn open_sized(name: &str, columns: u16, rows: u16) -> Self {
        Self::open_on(&drill(name).unwrap(), |_| {}, (columns, rows))
    }

    /// Opens it on a drill that was changed, with settings that were changed.
    pub fn open_on(played: &Drill, change: impl FnOnce(&mut Settings), size: (u16, u16)) -> Self {
        let mut settings = settings(played);
        change(&mut settings);
        Self::open_at(Handle::new(Production::load(played)), settings, size)
    }

    /// A second cockpit on the same production, as at another machine: it knows nothing of the first one's journal.
    pub fn elsewhere(&self, played: &Drill) -> Self {
        Self::open_at(self.handle.clone(), settings(played), self.session.model.size)
    }

    fn open_at(handle: Handle, settings: Settings, size: (u16, u16)) -> Self {
        let world = handle.world();
        let advanced = handle.clone();
        let (drill, spawn) = Tasks::new(Box::new(move |by| advanced.advance(by)));
        let (send, inbox) = unbounded();
        let journal = Memory::default();
        let executor = Executor {
            world: world.clone(),
            journal: Arc::new(journal.clone()),
            identify: identify(&world),
            namespace: settings.namespace.clone(),
            context: "drill".into(),
            terms: backout::act::rollback::Terms::default(),
            send,
            spawn,
        };
        let model = Model::new(settings, world.clock.now(), size);
        let facts = world.cluster.facts();
        let mut rehearsal = Self {
            session: Session { model, executor, inbox, facts, drill: Some(drill), witness: Witness::default() },
            handle,
            journal,
            copied: Vec::new(),
            quit: false,
            suspended: 0,
        };
        rehearsal.wait(1);
        rehearsal
    }

    /// Hears one message, settles, draws.
    pub fn hear(&mut self, msg: Msg) {
        for local in self.session.hear(msg) {
            match local {
                Local::Copy(text) => self.copied.push(text),
                Local::SkipAhead => block_on(self.session.skip_ahead()),
                Local::Suspend => self.suspended += 1,
                Local::Quit => self.quit = true,
            }
        }
        self.settle();
    }

    /// Lets everything that needs no time happen, then draws.
    pub fn settle(&mut self) {
        block_on(self.session.settled());
        let next = FrameNo(self.session.model.frame.0 + 1);
        let extent = if self.session.model.dialog.is_some() { self.drawn() } else { Extent::default() };
        self.session.hear(Msg::Drawn(next, extent));
    }

    /// Presses keys: `R2<Enter>`, `<Space>`, `<Down>`.
    pub fn keys(&mut self, script: &str) -> &mut Self {
        for key in parse(script) {
            let frame = self.session.model.frame;
            self.hear(Msg::Key(key, frame));
        }
        self
    }

    /// Presses one key without letting anything settle or be drawn, as a fast typist does before the next frame.
    pub fn press(&mut self, script: &str) -> &mut Self {
        let frame = self.session.model.frame;
        for key in parse(script) {
            self.session.hear(Msg::Key(key, frame));
        }
        self
    }

    /// Pastes text.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.hear(Msg::Pasted(text.into()));
        self
    }

    /// Writes text into whatever takes text, then Enter.
    pub fn write(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let frame = self.session.model.frame;
            self.hear(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), frame));
        }
        self.keys("<Enter>")
    }

    /// Lets seconds pass, one by one.
    pub fn wait(&mut self, seconds: u64) -> &mut Self {
        for _ in 0..seconds {
            self.session.pass(Duration::from_secs(1));
            self.settle();
        }
        self
    }

    /// Skips until a condition holds; fails loudly, with the screen, when it does not.
    pub fn skip_until(&mut self, what: &str, holds: impl Fn(&Model) -> bool) -> &mut Self {
        for _ in 0..120 {
            if holds(&self.session.model) {
                return self;
            }
            block_on(self.session.skip_ahead());
            self.settle();
        }
        panic!("never came: {what}\n{}\n{}", self.screen(), self.timeline());
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        let (columns, rows) = self.session.model.size;
        self.screen_at(columns, rows)
    }

    /// What a frame of the terminal's size has room for.
    fn drawn(&self) -> Extent {
        let (columns, rows) = self.session.model.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let mut extent = Extent::default();
        terminal.draw(|frame| extent = view(&self.session.model, frame)).unwrap();
        extent
    }

    pub fn screen_at(&self, columns: u16, rows: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal
            .draw(|frame| {
                view(&self.session.model, frame);
            })
            .unwrap();
        terminal.backend().to_string()
    }

    /// The timeline as the journal tells it.
    pub fn timeline(&self) -> String {
        let entries = self.journal.entries.lock().unwrap();
        entries
            .iter()
            .map(|e| format!("{} {:>3} {}\n", e.at.format("%H:%M:%S"), e.seq, e.event.sentence()))
            .collect::<Vec<_>>()
            .concat()
    }
}

/// Keys of a script.
pub fn parse(script: &str) -> Vec<KeyEvent> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        if let Some((name, after)) =
            rest.strip_prefix('<').and_then(|r| r.split_once('>')).filter(|(n, _)| !n.is_empty())
        {
            let code = match name {
                "Enter" => KeyCode::Enter,
                "Esc" => KeyCode::Esc,
                "Tab" => KeyCode::Tab,
                "Space" => KeyCode::Char(' '),
                "Up" => KeyCode::Up,
                "Down" => KeyCode::Down,
                "PgUp" => KeyCode::PageUp,
                "PgDn" => KeyCode::PageDown,
                "Home" => KeyCode::Home,
                "Back" => KeyCode::Backspace,
                other => panic!("no key is called {other}"),
            };
            keys.push(KeyEvent::new(code, KeyModifiers::NONE));
            rest = after;
        } else {
            let modifiers = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            keys.push(KeyEvent::new(KeyCode::Char(c), modifiers));
            rest = &rest[c.len_utf8()..];
        }
    }
    keys
}
