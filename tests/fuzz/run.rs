//! One world, one cockpit, one seed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backout::act::rollback;
use backout::app::executor::Local;
use backout::app::session::turn;
use backout::domain::checklist::Proof;
use backout::domain::earlier::Earlier;
use backout::domain::event::{Act, Ending, Entry, Event};
use backout::domain::fact::Fact;
use backout::domain::identity::{Identity, Realm};
use backout::domain::metrics::{Scope, Signal};
use backout::domain::name::{IncidentId, JobId, Namespace, Person, PodName, ReleaseName, Revision, StepNo};
use backout::domain::severity::Severity;
use backout::domain::writer::Writer;
use backout::effect::Effect;
use backout::helm::progress::Progress;
use backout::helm::rollback::Wait;
use backout::model::FrameNo;
use backout::model::dialog::Extent;
use backout::model::feed::{Feed, Generation};
use backout::model::journal::JournalState;
use backout::msg::Msg;
use backout::update::follow::EVERY;
use backout::update::update;
use crossterm::event::KeyEvent;
use futures::{FutureExt, StreamExt};

use super::chance::Chance;
use super::invariants::{Before, Told, rest};
use super::rehearsal::Rehearsal;
use super::rival::Rival;
use super::watched::Watched;
use super::{hands, troubles, watched};

/// How much happened: what was never reached was not tested.
#[derive(Debug, Default)]
pub struct Seen {
    pub messages: usize,
    pub runs: usize,
    pub ends: usize,
    pub refusals: usize,
    pub ticks: usize,
    pub overridden: usize,
    pub skips: usize,
    pub reopened: usize,
    pub closed: usize,
    pub unwritten: usize,
    pub views: usize,
    pub calls: usize,
    pub held: usize,
    pub taken_over: usize,
}

impl Seen {
    pub fn add(&mut self, more: &Self) {
        self.messages += more.messages;
        self.runs += more.runs;
        self.ends += more.ends;
        self.refusals += more.refusals;
        self.ticks += more.ticks;
        self.overridden += more.overridden;
        self.skips += more.skips;
        self.reopened += more.reopened;
        self.closed += more.closed;
        self.unwritten += more.unwritten;
        self.views += more.views;
        self.calls += more.calls;
        self.held += more.held;
        self.taken_over += more.taken_over;
    }

    /// Whether everything that matters happened at all.
    pub fn complete(&self) -> bool {
        let least = [self.runs, self.ends, self.refusals, self.ticks, self.overridden, self.skips, self.reopened];
        least.into_iter().all(|n| n > 0)
            && [self.closed, self.unwritten, self.views, self.calls, self.held, self.taken_over]
                .into_iter()
                .all(|n| n > 0)
    }
}

/// One world, one cockpit, one seed.
pub struct Run {
    seed: u64,
    chance: Chance,
    pub drill: Rehearsal,
    pub seen: Seen,
    keys: VecDeque<KeyEvent>,
    settled: bool,
    told: Told,
    latest: VecDeque<String>,
    /// Another cockpit on this machine, in some worlds.
    rival: Option<Rival>,
    calls: Arc<AtomicUsize>,
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let latest: Vec<_> = self.latest.iter().map(String::as_str).collect();
            eprintln!(
                "BACKOUT_FUZZ_SEED={} BACKOUT_FUZZ_MESSAGES={} cargo test --test fuzz\n{}\n  {}",
                self.seed,
                self.seen.messages + 1,
                self.drill.session.model.settings.drill.as_ref().map_or("", |d| d.name.as_str()),
                latest.join("\n  ")
            );
        }
    }
}

/// Curves are asked for forwards, and what runs names its object.
fn sound(effects: &[Effect], namespace: &Namespace) {
    for effect in effects {
        if let Effect::Measure(_, request) = effect {
            assert!(request.from < request.to, "curves are asked from {} to {}", request.from, request.to);
        }
        if let Effect::Run(_, plan, _) = effect {
            watched::command(plan, namespace);
        }
    }
}

impl Run {
    pub fn open(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let played = troubles::drill(&mut chance);
        let read_only = chance.percent(3);
        let drill = Rehearsal::open_on(&played, |s| s.read_only = read_only, (80, 24));
        let told = Told::default();
        let mut run = Self {
            seed,
            chance,
            drill,
            seen: Seen::default(),
            keys: VecDeque::new(),
            settled: false,
            told,
            latest: VecDeque::new(),
            rival: None,
            calls: Arc::default(),
        };
        run.watched();
        match run.chance.below(10) {
            0..3 => run.shared(),
            3..5 => run.handed_over(),
            _ => {}
        }
        run
    }

    /// Hears that many messages.
    pub fn hear(&mut self, messages: usize) {
        let until = self.seen.messages + messages;
        while self.seen.messages < until {
            let Some(msg) = self.next() else { continue };
            self.heard(msg);
            if self.chance.percent(1) {
                self.look();
            }
        }
    }

    /// Every call is looked at.
    fn watched(&mut self) {
        let executor = &mut self.drill.session.executor;
        let (inner, namespace) = (executor.world.cluster.clone(), executor.namespace.clone());
        executor.world.cluster = Arc::new(Watched { inner, namespace, calls: self.calls.clone() });
    }

    /// The journals are files, on a machine where somebody else works too.
    fn shared(&mut self) {
        let Some(identity) = self.drill.session.model.identity.known().cloned() else { return };
        let target = Identity { realm: Realm::Live, ..identity };
        let mut rival = Rival::new(target.clone());
        if self.chance.percent(80) {
            // First come: this cockpit, once it holds an incident, seldom lets it go.
            rival.step(&mut self.chance, self.drill.session.model.now.wall);
        }
        self.drill.session.executor.journal = Arc::new(rival.ours());
        self.drill.session.model.others = Feed::polled(EVERY);
        self.rival = Some(rival);
        self.heard(Msg::Identified(Ok(target)));
    }

    fn heard(&mut self, msg: Msg) {
        self.seen.messages += 1;
        self.latest.push_back(short(&msg));
        if self.latest.len() > 40 {
            self.latest.pop_front();
        }
        if let Msg::NotAppended(_) = msg {
            self.seen.unwritten += 1;
        }
        if let Msg::Ended(..) = msg {
            self.seen.ends += 1;
        }
        if let Msg::Prepared(_, plan) = &msg {
            self.seen.refusals += usize::from(plan.is_err());
        }
        let session = &mut self.drill.session;
        let before = Before::of(&session.model, &msg);
        let folded = match &msg {
            Msg::Appended(entries) => {
                self.told.on_disk(entries);
                true
            }
            Msg::Held(_, entries) => {
                self.told = Told::found(entries);
                true
            }
            _ => false,
        };
        let looked = matches!(msg, Msg::Looked(..));
        if let Msg::Looked(_, Earlier::Ours { .. }) = &msg
            && matches!(session.model.journal, JournalState::HeldBy { .. })
        {
            self.seen.taken_over += 1;
        }
        let acts: Vec<JobId> = match &msg {
            Msg::Appended(entries) => entries.iter().filter_map(asked).collect(),
            _ => Vec::new(),
        };
        let effects = update(&mut session.model, msg);
        before.hold(&session.model, &effects, &mut self.seen);
        rest(&session.model);
        sound(&effects, &session.executor.namespace);
        if looked {
            self.told = Told::found(session.model.incident.as_ref().map_or(&[][..], |i| &i.entries));
            self.seen.held += usize::from(matches!(session.model.journal, JournalState::HeldBy { .. }));
        }
        let busy = session.model.jobs.running().is_some();
        assert!(!busy || !self.rival.as_ref().is_some_and(Rival::holds), "an act on a target that somebody else holds");
        if folded || looked {
            self.told.hold(&session.model);
        }
        for job in acts {
            assert!(session.model.jobs.all.contains_key(&job), "job {job} runs and nobody watches it");
        }
        for local in session.executor.perform(effects) {
            if let Local::SkipAhead = local {
                self.drill.handle.advance(Duration::from_secs(7));
            }
        }
    }

    /// A frame of some size; it must not panic, and a drawn frame is what keys refer to.
    fn look(&mut self) {
        let (columns, rows) = match self.chance.below(4) {
            0 => (80, 24),
            1 => (1 + self.chance.below(40), 1 + self.chance.below(12)),
            _ => (1 + self.chance.below(200), 1 + self.chance.below(60)),
        };
        self.drill.screen_at(u16::try_from(columns).unwrap(), u16::try_from(rows).unwrap());
        self.seen.views += 1;
        self.seen.calls = self.calls.load(Ordering::Relaxed);
        if let Some(rival) = &self.rival {
            rival.rest();
        }
    }

    fn next(&mut self) -> Option<Msg> {
        let frame = self.drill.session.model.frame;
        if let Some(key) = self.keys.pop_front() {
            // Between two keys of a run the next frame is mostly drawn, and answers mostly come.
            if !std::mem::take(&mut self.settled) && self.chance.percent(90) {
                self.keys.push_front(key);
                return self.world().or_else(|| {
                    self.settled = true;
                    Some(Msg::Drawn(FrameNo(frame.0 + 1), Extent::default()))
                });
            }
            return Some(Msg::Key(key, frame));
        }
        match self.chance.below(100) {
            0..40 => {
                self.keys = hands::next(&mut self.chance, &self.drill.session.model).into();
                None
            }
            40..80 => self.world(),
            80..84 => Some(Msg::Drawn(FrameNo(frame.0 + 1), Extent::default())),
            84..92 => Some(self.tick()),
            92 => {
                let stale = FrameNo(frame.0.saturating_sub(self.chance.draw() % 4));
                let key = *hands::next(&mut self.chance, &self.drill.session.model).first()?;
                Some(Msg::Key(key, stale))
            }
            93 => Some(Msg::Resized(1 + (self.chance.draw() % 200) as u16, 1 + (self.chance.draw() % 60) as u16)),
            94 => {
                let text = *self.chance.one(&["2\n", "2\r\n", "\n\n", "a\u{1b}[2J2\n", "", "R2\n", "\u{202e}x"]);
                Some(Msg::Pasted(text.repeat(1 + self.chance.below(300))))
            }
            95 | 96 => Some(self.stray()),
            _ => {
                self.disturb();
                None
            }
        }
    }

    /// What the world says next: an answer or a fact, in either order.
    fn world(&mut self) -> Option<Msg> {
        let session = &mut self.drill.session;
        for _ in 0..1 + self.chance.below(6) {
            if turn(&mut session.drill).now_or_never().is_none() {
                break;
            }
        }
        let fact = |s: &mut backout::app::session::Session| s.facts.next().now_or_never().flatten().map(Msg::Fact);
        let answer = |s: &mut backout::app::session::Session| s.inbox.next().now_or_never().flatten();
        if self.chance.percent(50) {
            answer(session).or_else(|| fact(session))
        } else {
            fact(session).or_else(|| answer(session))
        }
    }

    fn tick(&mut self) -> Msg {
        let seconds = match self.chance.below(20) {
            0 => self.chance.draw() % 900,
            1..4 => self.chance.draw() % 30,
            4 => 0,
            _ => 1,
        };
        self.drill.handle.advance(Duration::from_secs(seconds));
        let mut now = self.drill.session.executor.world.clock.now();
        // Now and then the machine's clock is set back.
        if self.chance.percent(2) {
            now.wall -= chrono::Duration::seconds(i64::try_from(self.chance.below(7_200)).unwrap());
        }
        Msg::Tick(now)
    }

    /// A message out of nowhere: an answer to a question long forgotten, a fact about nothing known.
    fn stray(&mut self) -> Msg {
        let generation = Generation((self.chance.draw() % 5) as u32);
        let unreachable = || backout::domain::fault::Fault::Unreachable { what: "\u{1b}[1mx".into() };
        let nobody = JobId(900 + (self.chance.draw() % 3) as u32);
        match self.chance.below(11) {
            0 => Msg::Measured((Signal::ErrorRatio, Scope::Each), Generation(u32::MAX), Err(unreachable())),
            1 => Msg::AlertsRead(Generation(u32::MAX), Ok(Vec::new())),
            2 => Msg::PodRead(generation, Err(unreachable())),
            3 => Msg::RevisionRead(generation, Ok(vec!["+ \u{1b}[2J".into(); 300])),
            4 => Msg::Progressed(nobody, Progress::Checked),
            5 => Msg::Ended(nobody, Ending::Failed { why: "x".into() }),
            8 => Msg::LogsRead(Generation(u32::MAX), Vec::new()),
            9 => Msg::HealthRead(Generation(u32::MAX), Vec::new()),
            6 => Msg::LivedRead(ReleaseName::new("nobody's"), std::collections::BTreeMap::new()),
            7 => Msg::Fact(Fact::Pods(backout::domain::fact::PodNews::Gone(PodName::new("never-was")))),
            _ => Msg::Fact(Fact::Failing(backout::domain::fact::Source::Traffic, unreachable())),
        }
    }

    /// The world, the disk or somebody else does something.
    fn disturb(&mut self) {
        if let Some(rival) = &mut self.rival
            && self.chance.percent(60)
        {
            return rival.step(&mut self.chance, self.drill.session.model.now.wall);
        }
        match self.chance.below(5) {
            0 | 1 => {
                let injected = troubles::injected(&mut self.chance);
                self.drill.handle.with(|w| w.inject(injected));
            }
            2 => {
                let full = self.chance.percent(40);
                *self.drill.journal.full.lock().unwrap() = full;
            }
            3 => *self.drill.journal.full.lock().unwrap() = false,
            _ if self.chance.percent(12) => self.somebody_else(),
            _ => {}
        }
    }

    /// Somebody else rolls back, at their own pace.
    fn somebody_else(&mut self) {
        let executor = &self.drill.session.executor;
        let (world, namespace) = (executor.world.clone(), executor.namespace.clone());
        let to = Revision(1 + (self.chance.draw() % 3) as u32);
        (executor.spawn)(Box::pin(async move {
            let release = ReleaseName::new("ecommerce-app");
            let terms = rollback::Terms { wait: Wait::Not, ..rollback::Terms::default() };
            if let Ok(plan) = rollback::plan(&world, release, namespace, to, "", terms.timeout).await {
                rollback::run(&world, &plan, "", terms, |_| {}).await;
            }
        }));
    }

    /// An incident that was left open on this machine, or that somebody else holds, with an act that has no end.
    fn handed_over(&mut self) {
        let Some(identity) = self.drill.session.model.identity.known().cloned() else { return };
        let release = ReleaseName::new("ecommerce-app");
        let act = Act::RollBack {
            release: release.clone(),
            namespace: identity.namespace.clone(),
            from: Revision(3),
            to: Revision(2),
            writes: Revision(4),
        };
        let events = [
            Event::Opened {
                incident: IncidentId::new("DRILL-1"),
                severity: Severity::Sev2,
                identity,
                release: Some(release),
                symptom: "errors".into(),
                by_rollback: false,
            },
            Event::StepTicked { step: StepNo(1), value: "SEV-2".into(), proof: Proof::Sensed },
            Event::StepBegan { step: StepNo(3) },
            Event::ActAsked { job: JobId(1), step: Some(StepNo(5)), act, plan: String::new(), command: String::new() },
        ];
        let at = self.drill.session.model.now.wall;
        let entry = |(seq, event)| Entry { seq, at, by: Person::new("ana"), event };
        let kept = 1 + self.chance.below(events.len());
        let entries: Vec<Entry> = (1..).zip(events).take(kept).map(entry).collect();
        if self.chance.percent(50) {
            self.heard(Msg::Held(Writer::Other(Person::new("luis")), entries));
        } else {
            self.drill.journal.entries.lock().unwrap().clone_from(&entries);
            let ours = Earlier::Ours { entries, aside: None };
            self.heard(Msg::Looked(self.drill.session.model.others.generation, ours));
        }
    }
}

fn asked(entry: &Entry) -> Option<JobId> {
    if let Event::ActAsked { job, .. } = entry.event { Some(job) } else { None }
}

/// A message in a few words, for the trail of a failure.
fn short(msg: &Msg) -> String {
    match msg {
        Msg::Key(key, frame) => format!("key {:?} {:?} at frame {}", key.modifiers, key.code, frame.0),
        Msg::Tick(now) => format!("tick {}", now.wall.format("%H:%M:%S")),
        Msg::Fact(Fact::Failing(source, _) | Fact::Silent(source, ..)) => format!("{source:?} fails"),
        Msg::Fact(Fact::Releases(_)) => "releases".into(),
        Msg::Fact(Fact::Pods(_) | Fact::Workloads(_) | Fact::Warned(_) | Fact::Alive(_)) => "fact".into(),
        Msg::Prepared(_, plan) => format!("prepared, refused: {:?}", plan.as_ref().as_ref().err().map(|r| &r.sentence)),
        Msg::Appended(entries) => {
            let told: Vec<_> = entries.iter().map(|e| format!("{} {}", e.seq, e.event.sentence())).collect();
            format!("appended {}", told.join(" | "))
        }
        Msg::Measured(signal, ..) => format!("measured {signal:?}"),
        Msg::AlertsRead(..) => "alerts".into(),
        Msg::ChangesRead(..) => "changes".into(),
        Msg::HealthRead(..) => "health".into(),
        Msg::LogsRead(..) => "logs".into(),
        Msg::LivedRead(..) => "lived".into(),
        Msg::LastLineRead(..) => "last line".into(),
        Msg::PodRead(..) | Msg::RevisionRead(..) => "detail".into(),
        Msg::Pasted(_) => "paste".into(),
        other => format!("{other:?}").chars().take(160).collect(),
    }
}
