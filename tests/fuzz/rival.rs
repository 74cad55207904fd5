//! Another cockpit on the same machine, with the product's own lock and files: it takes the target when it can, writes,
//! closes, and goes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use backout::app::claim::Claim;
use backout::app::journal::{JournalFile, read};
use backout::app::ledger::Ledger;
use backout::app::shelf::{Newest, Shelf};
use backout::domain::earlier::Earlier;
use backout::domain::event::{Entry, Event};
use backout::domain::identity::Identity;
use backout::domain::moment::Moment;
use backout::domain::name::{IncidentId, Person};
use backout::domain::severity::Severity;
use backout::ports::{Journal, Unwritten};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::{BoxFuture, ready};
use tempfile::TempDir;

use super::chance::Chance;

type Hold = Arc<Mutex<Option<(Claim, JournalFile)>>>;

/// The other one.
pub struct Rival {
    folder: TempDir,
    target: Identity,
    hold: Hold,
    opened: u32,
}

/// The product's ledger, waited for at once, so that a seed is a run; it is never let write while the other one holds.
pub struct Ours {
    ledger: Ledger,
    rival: Hold,
    /// Ours is closed: what was on its way when it was may still end in its own file.
    over: AtomicBool,
}

impl Rival {
    pub fn new(target: Identity) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), target, hold: Hold::default(), opened: 0 }
    }

    pub fn ours(&self) -> Ours {
        let ledger = Ledger::start(self.folder.path().to_owned(), Person::new("ana"));
        Ours { ledger, rival: self.hold.clone(), over: AtomicBool::new(false) }
    }

    pub fn holds(&self) -> bool {
        self.hold.lock().unwrap().is_some()
    }

    /// Does something.
    pub fn step(&mut self, chance: &mut Chance, at: Moment) {
        let mut hold = self.hold.lock().unwrap();
        let Some((_, journal)) = &mut *hold else {
            *hold = self.taken(at);
            self.opened += 1;
            return;
        };
        let closes = chance.percent(30);
        let event = if closes { Event::Closed { summary: "over".into() } } else { Event::Note { text: "luis".into() } };
        journal.append(vec![event], at).unwrap();
        if closes || chance.percent(15) {
            *hold = None;
        }
    }

    fn taken(&self, at: Moment) -> Option<(Claim, JournalFile)> {
        let (folder, luis) = (self.folder.path(), Person::new("luis"));
        let claim = Claim::take(folder, &self.target, &luis).ok()?;
        if let Newest::Open(path) = Shelf::new(folder.to_owned()).newest(&self.target) {
            return Some((claim, JournalFile::open(&path, &luis).unwrap().file));
        }
        let incident = IncidentId::new(&format!("INC-0000-luis-{}", self.opened));
        let mut journal = JournalFile::open(&folder.join(format!("{incident}.jsonl")), &luis).unwrap().file;
        let (identity, symptom) = (self.target.clone(), "errors".into());
        let (release, severity) = (None, Severity::Sev2);
        let opened = Event::Opened { incident, severity, identity, release, symptom, by_rollback: false };
        journal.append(vec![opened], at).unwrap();
        Some((claim, journal))
    }

    /// Invariant 5 on disk: one open incident of a target, whoever writes.
    pub fn rest(&self) {
        let open = journals(self.folder.path()).into_iter().filter(|path| {
            let told = read(&std::fs::read_to_string(path).unwrap());
            assert_eq!(told.broken, None, "{}", path.display());
            !told.entries.is_empty() && !told.entries.iter().any(|e| matches!(e.event, Event::Closed { .. }))
        });
        let open: Vec<PathBuf> = open.collect();
        assert!(open.len() <= 1, "two open incidents of one target: {open:?}");
    }
}

fn journals(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    files.filter(|p| p.extension().is_some_and(|e| e == "jsonl")).collect()
}

impl Journal for Ours {
    fn append(&self, events: Vec<Event>, at: Moment) -> BoxFuture<'static, Result<Vec<Entry>, Unwritten>> {
        let is = |wanted: fn(&Event) -> bool| events.iter().any(wanted);
        let (opens, closes) = (is(|e| matches!(e, Event::Opened { .. })), is(|e| matches!(e, Event::Closed { .. })));
        let written = block_on(self.ledger.append(events, at));
        if written.is_ok() && (opens || closes) {
            self.over.store(closes, Ordering::Relaxed);
        }
        let alone = self.over.load(Ordering::Relaxed) || self.rival.lock().unwrap().is_none();
        assert!(written.is_err() || alone, "two write at once: {written:?}");
        ready(written).boxed()
    }

    fn look(&self, target: Identity, known: Option<IncidentId>) -> BoxFuture<'static, Earlier> {
        let found = block_on(self.ledger.look(target, known));
        let ours = matches!(found, Earlier::Ours { .. });
        if ours {
            self.over.store(false, Ordering::Relaxed);
        }
        assert!(!ours || self.rival.lock().unwrap().is_none(), "two hold at once: {found:?}");
        ready(found).boxed()
    }
}
