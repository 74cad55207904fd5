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
use crate::domain::identity::{Identity, Realm};
use crate::domain::moment::Moment;
use crate::domain::name::Person;
use crate::ports::{Journal, Unwritten};

use super::claim::{Claim, Unclaimed};
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
    Append(Vec<Event>, Moment, oneshot::Sender<Result<Vec<Entry>, Unwritten>>),
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
            let mut desk = Desk { folder, by, file: None, claim: None };
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
}

struct Desk {
    folder: PathBuf,
    by: Person,
    file: Option<JournalFile>,
    claim: Option<Claim>,
}

impl Desk {
    fn append(&mut self, events: Vec<Event>, at: Moment) -> Result<Vec<Entry>, Unwritten> {
        if let Some(Event::Opened { incident, identity, .. }) = events.first() {
            self.claim(identity)?;
            let path = self.folder.join(format!("{incident}.jsonl"));
            match JournalFile::open(&path, &self.by) {
                Ok((file, _)) => self.file = Some(file),
                Err(Unopened::Held { who, entries, .. }) => return Err(Unwritten::Held(who, entries)),
                Err(e @ (Unopened::Broken { .. } | Unopened::Disk { .. })) => {
                    return Err(Unwritten::Disk(e.to_string()));
                }
            }
        }
        let Some(file) = &mut self.file else { return Err(Unwritten::Disk("no incident is open".into())) };
        let closes = events.iter().any(|e| matches!(e, Event::Closed { .. }));
        let written = file.append(events, at).map_err(Unwritten::Disk)?;
        if closes {
            self.claim = None;
        }
        Ok(written)
    }

    /// The target is ours, or somebody's: whoever opened an incident of it, or took one up again.
    fn claim(&mut self, target: &Identity) -> Result<(), Unwritten> {
        if self.claim.is_none() {
            let claim = Claim::take(&self.folder, target, &self.by).map_err(|e| match e {
                Unclaimed::Held(who) => Unwritten::Held(who, self.entries_of(target)),
                Unclaimed::Disk(why) => Unwritten::Disk(why),
            })?;
            self.claim = Some(claim);
        }
        if target.realm == Realm::Drill {
            return Ok(());
        }
        match left_open(&self.folder, target).map(|path| JournalFile::open(&path, &self.by)) {
            Some(Err(Unopened::Held { who, entries, .. })) => {
                self.claim = None;
                Err(Unwritten::Held(who, entries))
            }
            Some(Ok(_) | Err(Unopened::Broken { .. } | Unopened::Disk { .. })) | None => Ok(()),
        }
    }

    fn entries_of(&self, target: &Identity) -> Vec<Entry> {
        let text = left_open(&self.folder, target).and_then(|path| std::fs::read_to_string(path).ok());
        text.map(|text| read(&text).entries).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::domain::identity::{Environment, Pin};
    use crate::domain::name::{Context, IncidentId, Namespace};
    use crate::domain::severity::Severity;

    fn opening(id: &str, realm: Realm) -> Vec<Event> {
        let identity = Identity {
            realm,
            environment: Environment::Production,
            context: Context::new("aks"),
            server: "https://aks.example".into(),
            ca: None,
            pin: Pin::Uid("5f1c".into()),
            namespace: Namespace::new("prod"),
        };
        vec![Event::Opened {
            incident: IncidentId::new(id),
            severity: Severity::Sev2,
            identity,
            release: None,
            symptom: "errors 18 %".into(),
            by_rollback: true,
        }]
    }

    #[test]
    fn two_that_open_an_incident_of_one_target_together_leave_one_and_the_second_learns_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = chrono::DateTime::from_timestamp(0, 0).unwrap();
        let ledger = |who: &str| Ledger::start(folder.path().to_owned(), Person::new(who));
        let (ana, luis) = (ledger("ana"), ledger("luis"));
        let first = block_on(ana.append(opening("INC-1", Realm::Live), at)).unwrap();
        let second = block_on(luis.append(opening("INC-2", Realm::Live), at));
        assert_eq!(second, Err(Unwritten::Held(Person::new("ana"), first)));
        let journals = || {
            let names =
                std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
            let mut all: Vec<String> = names.filter(|n| !n.contains(".lock") && !n.contains(".holder")).collect();
            all.sort();
            all
        };
        assert_eq!(journals(), ["INC-1.jsonl"]);
        // What was closed is nobody's any more; a drill is nobody else's at any time.
        block_on(ana.append(vec![Event::Closed { summary: "over".into() }], at)).unwrap();
        assert!(block_on(luis.append(opening("INC-2", Realm::Live), at)).is_ok());
        assert!(block_on(ana.append(opening("DRILL-1", Realm::Drill), at)).is_ok());
        assert!(block_on(ledger("eva").append(opening("DRILL-2", Realm::Drill), at)).is_ok());
        assert_eq!(journals(), ["DRILL-1.jsonl", "DRILL-2.jsonl", "INC-1.jsonl", "INC-2.jsonl"]);
    }

    #[test]
    fn an_incident_that_somebody_took_up_again_keeps_others_from_opening_one_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = chrono::DateTime::from_timestamp(0, 0).unwrap();
        let ledger = |who: &str| Ledger::start(folder.path().to_owned(), Person::new(who));
        let opened = opening("INC-1", Realm::Live);
        let Some(Event::Opened { identity, .. }) = opened.first().cloned() else { unreachable!() };
        let written = {
            let path = folder.path().join("INC-1.jsonl");
            let (mut file, _) = JournalFile::open(&path, &Person::new("ana")).unwrap();
            file.append(opened, at).unwrap()
        };
        let (ana, luis) = (ledger("ana"), ledger("luis"));
        assert_eq!(block_on(ana.resume(identity)), Earlier::Ours(written.clone()));
        let beside = block_on(luis.append(opening("INC-2", Realm::Live), at));
        assert_eq!(beside, Err(Unwritten::Held(Person::new("ana"), written)));
    }
}
