//! The journal behind its port: a thread of its own, so that no key ever waits for a disk.
//!
//! The first event of an incident ([`Event::Opened`]) begins its file; an open incident of the same cluster and
//! namespace is found again after a crash.
//!
//! Never: two writers of one file (see [`JournalFile`]).

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;

use crate::domain::event::{Entry, Event};
use crate::domain::identity::Identity;
use crate::domain::moment::Moment;
use crate::domain::name::Person;
use crate::ports::Journal;

use super::journal::{JournalFile, Unopened, read};

/// What was found of an open incident.
#[derive(Debug, Clone, PartialEq)]
pub enum Earlier {
    /// Nothing is open here.
    Nothing,
    /// It is ours now; its entries so far.
    Ours(Vec<Entry>),
    /// Another cockpit writes it.
    Held(Person, Vec<Entry>),
    /// It is there, but cannot be opened.
    Unusable(String),
}

enum Wish {
    Append(Vec<Event>, Moment, oneshot::Sender<Result<Vec<Entry>, String>>),
    Resume(Identity, oneshot::Sender<Earlier>),
}

/// The journal's thread.
#[derive(Debug, Clone)]
pub struct Ledger {
    wishes: mpsc::Sender<Wish>,
}

impl Ledger {
    /// Starts it; journals are files of that folder.
    pub fn start(folder: PathBuf, by: Person) -> Self {
        let (wishes, inbox) = mpsc::channel();
        std::thread::spawn(move || {
            let mut desk = Desk { folder, by, file: None };
            for wish in inbox {
                match wish {
                    Wish::Append(events, at, answer) => {
                        let _ = answer.send(desk.append(events, at));
                    }
                    Wish::Resume(identity, answer) => {
                        let _ = answer.send(desk.resume(&identity));
                    }
                }
            }
        });
        Self { wishes }
    }

    /// Opens the incident of that cluster and namespace that was left open on this machine, if there is one.
    pub async fn resume(&self, identity: Identity) -> Earlier {
        let (answer, wait) = oneshot::channel();
        if self.wishes.send(Wish::Resume(identity, answer)).is_err() {
            return Earlier::Nothing;
        }
        wait.await.unwrap_or(Earlier::Nothing)
    }
}

impl Journal for Ledger {
    fn append(&self, events: Vec<Event>, at: Moment) -> BoxFuture<'static, Result<Vec<Entry>, String>> {
        let (answer, wait) = oneshot::channel();
        let sent = self.wishes.send(Wish::Append(events, at, answer)).is_ok();
        async move {
            let ended = || "the journal's thread has ended".to_owned();
            if !sent {
                return Err(ended());
            }
            wait.await.unwrap_or_else(|_| Err(ended()))
        }
        .boxed()
    }
}

struct Desk {
    folder: PathBuf,
    by: Person,
    file: Option<JournalFile>,
}

impl Desk {
    fn append(&mut self, events: Vec<Event>, at: Moment) -> Result<Vec<Entry>, String> {
        if let Some(Event::Opened { incident, .. }) = events.first() {
            let path = self.folder.join(format!("{incident}.jsonl"));
            let (file, _) = JournalFile::open(&path, &self.by).map_err(|e| e.to_string())?;
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.append(events, at),
            None => Err("no incident is open".into()),
        }
    }

    fn resume(&mut self, identity: &Identity) -> Earlier {
        let Some(path) = left_open(&self.folder, identity) else { return Earlier::Nothing };
        match JournalFile::open(&path, &self.by) {
            Ok((file, entries)) => {
                self.file = Some(file);
                Earlier::Ours(entries)
            }
            Err(Unopened::Held { who, entries, .. }) => Earlier::Held(who, entries),
            Err(e @ (Unopened::Broken { .. } | Unopened::Disk { .. })) => Earlier::Unusable(e.to_string()),
        }
    }
}

/// The newest journal of that cluster and namespace that is not closed.
fn left_open(folder: &Path, identity: &Identity) -> Option<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    paths.sort();
    paths.into_iter().rev().find(|path| {
        let entries = std::fs::read_to_string(path).map(|text| read(&text).entries).unwrap_or_default();
        is_open(&entries, identity)
    })
}

fn is_open(entries: &[Entry], wanted: &Identity) -> bool {
    let same = entries.first().is_some_and(|e| match &e.event {
        Event::Opened { identity, .. } => {
            identity.namespace == wanted.namespace
                && (identity.pin == wanted.pin && identity.server == wanted.server && identity.ca == wanted.ca)
        }
        _ => false,
    });
    same && !entries.iter().any(|e| matches!(e.event, Event::Closed { .. }))
}
