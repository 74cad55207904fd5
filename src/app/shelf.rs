//! The folder of journals: which incident of a target is open in it.
//!
//! Never: writing, or a lock.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::event::{Entry, Event};
use crate::domain::identity::Identity;
use crate::domain::name::IncidentId;

use super::journal::{Told, read};

/// The folder.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    /// Journals that are closed or another target's, with their length: a journal only grows, so that one of the same
    /// length needs no second reading.
    settled: BTreeMap<PathBuf, u64>,
}

/// What there is of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newest {
    /// No incident of it is open.
    Nothing,
    /// Its newest open journal.
    Open(PathBuf),
    /// None is known, but a journal cannot be read from its first line: it may be one. In a sentence.
    Unreadable(String),
}

enum Kind {
    Open,
    Settled,
    Unreadable(String),
}

impl Shelf {
    /// Of that folder, which need not be there yet.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, settled: BTreeMap::new() }
    }

    /// The newest journal of that target that is not closed.
    pub fn newest(&mut self, target: &Identity) -> Newest {
        let mut unreadable = Newest::Nothing;
        for path in self.journals().into_iter().rev() {
            let length = std::fs::metadata(&path).map_or(0, |m| m.len());
            if self.settled.get(&path) == Some(&length) {
                continue;
            }
            match kind(&path, target) {
                Kind::Open => return Newest::Open(path),
                Kind::Settled => {
                    self.settled.insert(path, length);
                }
                Kind::Unreadable(why) => unreadable = Newest::Unreadable(why),
            }
        }
        unreadable
    }

    /// The entries of that target's newest open journal.
    pub fn open_entries(&mut self, target: &Identity) -> Vec<Entry> {
        match self.newest(target) {
            Newest::Open(path) => told(&path).map(|(_, told)| told.entries).unwrap_or_default(),
            Newest::Nothing | Newest::Unreadable(_) => Vec::new(),
        }
    }

    /// All entries of that incident, if it is closed.
    pub fn closed(&self, incident: &IncidentId) -> Option<Vec<Entry>> {
        let entries = told(&self.folder.join(format!("{incident}.jsonl"))).ok()?.1.entries;
        entries.iter().any(is_closing).then_some(entries)
    }

    fn journals(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path()));
        let mut paths: Vec<PathBuf> = files.filter(|p| p.extension().is_some_and(|e| e == "jsonl")).collect();
        paths.sort();
        paths
    }
}

fn told(path: &Path) -> std::io::Result<(String, Told)> {
    let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
    let told = read(&text);
    Ok((text, told))
}

fn kind(path: &Path, target: &Identity) -> Kind {
    let (text, told) = match told(path) {
        Ok(read) => read,
        Err(e) => return Kind::Unreadable(format!("{e}: the journal {} cannot be read", path.display())),
    };
    match (told.entries.first(), &told.broken) {
        (Some(first), _) if !is_of(first, target) => Kind::Settled,
        (Some(_), broken) => {
            // Behind an edited line the chain proves nothing, but what says that it is over need not be gone on with.
            let ends = broken.is_some() && text.lines().last().is_some_and(|l| l.contains(r#""event":"closed""#));
            if ends || told.entries.iter().any(is_closing) { Kind::Settled } else { Kind::Open }
        }
        // An opening that was cut off was told to nobody: nothing ran under it.
        (None, Some(broken)) if broken.torn => Kind::Settled,
        (None, Some(broken)) => Kind::Unreadable(format!(
            "the journal {0} cannot be read ({broken}): whether an incident of this target is open in it is not known. \
             Look at it, then: mv {0} {0}.unreadable",
            path.display()
        )),
        (None, None) => Kind::Settled,
    }
}

fn is_of(first: &Entry, target: &Identity) -> bool {
    matches!(&first.event, Event::Opened { identity, .. } if identity.namespace == target.namespace
        && identity.pin == target.pin
        && identity.server == target.server
        && identity.ca == target.ca)
}

const fn is_closing(entry: &Entry) -> bool {
    matches!(entry.event, Event::Closed { .. })
}
