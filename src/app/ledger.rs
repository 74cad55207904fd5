//! The journal behind its port: a thread of its own, so that no key ever waits for a disk.
//!
//! The first event of an incident ([`Event::Opened`]) begins its file. An open incident of the same cluster and
//! namespace is found again after a crash, and followed while another cockpit on this machine writes it.
//!
//! Never: two writers of one file (see [`JournalFile`]), two open incidents of one target (see [`Claim`]).

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;

use crate::domain::earlier::Earlier;
use crate::domain::event::{Entry, Event};
use crate::domain::identity::{Identity, Realm};
use crate::domain::moment::Moment;
use crate::domain::name::{IncidentId, Person};
use crate::ports::{Journal, Unwritten};

use super::claim::{Claim, Unclaimed};
use super::journal::{JournalFile, Unopened};
use super::shelf::{Newest, Shelf};

enum Wish {
    Append(Vec<Event>, Moment, oneshot::Sender<Result<Vec<Entry>, Unwritten>>),
    Look(Identity, Option<IncidentId>, oneshot::Sender<Earlier>),
}

/// What becomes of an incident that was left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It is taken up.
    TakesUp,
    /// It is looked at.
    Looks,
}

/// The journal's thread.
#[derive(Debug, Clone)]
pub struct Ledger {
    wishes: mpsc::Sender<Wish>,
}

impl Ledger {
    /// Starts it; journals are files of that folder.
    pub fn start(folder: PathBuf, by: Person) -> Self {
        Self::of(folder, by, Reach::TakesUp)
    }

    /// As [`Ledger::start`], for a cockpit that is to change nothing: an incident that was left open is left so.
    pub fn looking(folder: PathBuf, by: Person) -> Self {
        Self::of(folder, by, Reach::Looks)
    }

    fn of(folder: PathBuf, by: Person, reach: Reach) -> Self {
        let (wishes, inbox) = mpsc::channel();
        std::thread::spawn(move || {
            let mut desk = Desk { shelf: Shelf::new(folder.clone()), folder, by, reach, file: None, claim: None };
            for wish in inbox {
                match wish {
                    Wish::Append(events, at, answer) => {
                        let _ = answer.send(desk.append(events, at));
                    }
                    Wish::Look(target, known, answer) => {
                        let _ = answer.send(desk.look(&target, known.as_ref()));
                    }
                }
            }
        });
        Self { wishes }
    }
}

impl Journal for Ledger {
    fn append(&self, events: Vec<Event>, at: Moment) -> BoxFuture<'static, Result<Vec<Entry>, Unwritten>> {
        let (answer, wait) = oneshot::channel();
        let sent = self.wishes.send(Wish::Append(events, at, answer)).is_ok();
        async move {
            let ended = || Unwritten::Disk("the journal's thread has ended".into());
            if !sent {
                return Err(ended());
            }
            wait.await.unwrap_or_else(|_| Err(ended()))
        }
        .boxed()
    }

    fn look(&self, target: Identity, known: Option<IncidentId>) -> BoxFuture<'static, Earlier> {
        let (answer, wait) = oneshot::channel();
        // A thread that has ended drops the question, and with it the answer.
        let _ = self.wishes.send(Wish::Look(target, known, answer));
        async move { wait.await.unwrap_or_else(|_| Earlier::Unusable("the journal's thread has ended".into())) }.boxed()
    }
}

struct Desk {
    folder: PathBuf,
    shelf: Shelf,
    by: Person,
    reach: Reach,
    file: Option<JournalFile>,
    /// The target is ours while an incident of it is.
    claim: Option<Claim>,
}

impl Desk {
    fn append(&mut self, events: Vec<Event>, at: Moment) -> Result<Vec<Entry>, Unwritten> {
        if let Some(Event::Opened { incident, identity, .. }) = events.first() {
            self.begin(incident, identity)?;
        }
        let Some(file) = &mut self.file else { return Err(Unwritten::Disk("no incident is open".into())) };
        let closes = events.iter().any(|e| matches!(e, Event::Closed { .. }));
        let written = file.append(events, at).map_err(Unwritten::Disk)?;
        if closes {
            self.claim = None;
        }
        Ok(written)
    }

    /// Begins an incident's file, where nobody has another of its target open.
    fn begin(&mut self, incident: &IncidentId, target: &Identity) -> Result<(), Unwritten> {
        if target.realm == Realm::Live && self.writes() {
            return Err(Unwritten::Disk(
                "an incident of this target has just been taken up here: look at it first".into(),
            ));
        }
        let claim = Claim::take(&self.folder, target, &self.by).map_err(|e| match e {
            Unclaimed::Held(who) => Unwritten::Held(who, self.shelf.open_entries(target)),
            Unclaimed::Disk(why) => Unwritten::Disk(why),
        })?;
        if target.realm == Realm::Live
            && let Newest::Open(path) = self.shelf.newest(target)
        {
            match JournalFile::open(&path, &self.by) {
                Ok(_) => {
                    let name = path.file_stem().unwrap_or_default().display();
                    return Err(Unwritten::Disk(format!("{name} of this target was left open here: take it up first")));
                }
                Err(Unopened::Held { who, entries, .. }) => return Err(Unwritten::Held(who, entries)),
                // Nobody can go on with that one: a fresh one beside it.
                Err(Unopened::Broken { .. } | Unopened::Disk { .. }) => {}
            }
        }
        self.file = Some(self.fresh(incident, target.realm)?);
        self.claim = Some(claim);
        Ok(())
    }

    /// An incident's own file, with nothing in it yet. Each run of a drill begins at the same moment, so that its
    /// incidents have the names of earlier runs: they get a file beside those.
    fn fresh(&self, incident: &IncidentId, realm: Realm) -> Result<JournalFile, Unwritten> {
        for run in 1.. {
            let name = if run == 1 { incident.to_string() } else { format!("{incident}-{run}") };
            let taken = match JournalFile::open(&self.folder.join(format!("{name}.jsonl")), &self.by) {
                Ok(opened) if opened.entries.is_empty() => return Ok(opened.file),
                Ok(_) => Unwritten::Disk(format!("{incident} was opened and closed just now: once more in a second")),
                Err(Unopened::Held { who, entries, .. }) => Unwritten::Held(who, entries),
                Err(e @ Unopened::Broken { .. }) => Unwritten::Disk(e.to_string()),
                Err(e @ Unopened::Disk { .. }) => return Err(Unwritten::Disk(e.to_string())),
            };
            if realm == Realm::Live {
                return Err(taken);
            }
        }
        Err(Unwritten::Disk(format!("no name is left for {incident}")))
    }

    fn writes(&self) -> bool {
        self.file.is_some() && self.claim.is_some()
    }

    fn look(&mut self, target: &Identity, known: Option<&IncidentId>) -> Earlier {
        if self.writes() {
            return Earlier::Nothing;
        }
        match self.shelf.newest(target) {
            Newest::Open(_) if self.reach == Reach::Looks => {
                let entries = self.shelf.open_entries(target);
                match Claim::holder(&self.folder, target, &self.by) {
                    Some(who) => Earlier::Held(who, entries),
                    None => Earlier::Left(entries),
                }
            }
            Newest::Open(path) => self.take_up(&path, target),
            Newest::Nothing => known.and_then(|id| self.shelf.closed(id)).map_or(Earlier::Nothing, Earlier::Over),
            Newest::Unreadable(why) => Earlier::Unreadable(why),
        }
    }

    fn take_up(&mut self, path: &Path, target: &Identity) -> Earlier {
        let claim = match Claim::take(&self.folder, target, &self.by) {
            Ok(claim) => claim,
            Err(Unclaimed::Held(who)) => return Earlier::Held(who, self.shelf.open_entries(target)),
            Err(Unclaimed::Disk(why)) => return Earlier::Unusable(why),
        };
        match JournalFile::open(path, &self.by) {
            Ok(opened) => {
                self.file = Some(opened.file);
                self.claim = Some(claim);
                Earlier::Ours { entries: opened.entries, aside: opened.aside.map(|p| p.display().to_string()) }
            }
            Err(Unopened::Held { who, entries, .. }) => Earlier::Held(who, entries),
            Err(e @ Unopened::Disk { .. }) => Earlier::Unusable(e.to_string()),
            Err(ref e @ Unopened::Broken { ref path, ref entries, .. }) => {
                let why = format!("{e}. To go on without it: mv {0} {0}.edited", path.display());
                Earlier::Edited { why, entries: entries.clone() }
            }
        }
    }
}
