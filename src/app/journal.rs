//! The journal's file: one line of JSON an entry, each sealed with the hash of the line before, fsynced before it is
//! told. One writer an incident, by file lock.
//!
//! ```text
//! {"seq":1,"at":"…","by":"ana","event":"opened",…,"prev":"","hash":"9f2c…"}
//! {"seq":2,"at":"…","by":"ana","event":"step-ticked",…,"prev":"9f2c…","hash":"03ab…"}
//! ```
//!
//! Never: rewriting a line. A torn last line (a power cut in the middle of a write) is set aside, in a file beside.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::event::{Entry, Event};
use crate::domain::moment::Moment;
use crate::domain::name::Person;
use crate::domain::writer::Writer;
use crate::helm::digest;

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    entry: Entry,
    prev: String,
    hash: String,
}

/// What a whole journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its entries up to the first broken line.
    pub entries: Vec<Entry>,
    /// The hash of the last good line; empty where there is none.
    pub head: String,
    /// Bytes up to the end of the last good line.
    pub length: u64,
    /// The first line that is not as it was written.
    pub broken: Option<Broken>,
}

/// A line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Broken {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
    /// It is the last one and has no end: a write that was cut off, not an edit.
    pub torn: bool,
}

/// Reads a journal's text and checks its chain.
pub fn read(text: &str) -> Told {
    let mut told = Told { entries: Vec::new(), head: String::new(), length: 0, broken: None };
    for (index, raw) in text.split_inclusive('\n').enumerate() {
        let whole = raw.ends_with('\n');
        match check(raw, &told.head, told.entries.len()) {
            Ok(line) if whole => {
                told.head = line.hash;
                told.entries.push(line.entry);
                told.length += raw.len() as u64;
            }
            Ok(_) => {
                told.broken = Some(Broken { line: index + 1, what: "it has no end".into(), torn: true });
                return told;
            }
            Err(what) => {
                told.broken = Some(Broken { line: index + 1, what, torn: !whole });
                return told;
            }
        }
    }
    told
}

fn check(raw: &str, head: &str, before: usize) -> Result<Line, String> {
    let line: Line = serde_json::from_str(raw).map_err(|e| format!("it cannot be read ({e})"))?;
    if line.prev != head {
        return Err("it does not follow the line before: a line was edited, removed or put in".into());
    }
    if line.entry.seq != before as u64 + 1 {
        return Err(format!("its number is {}, {} is wanted", line.entry.seq, before + 1));
    }
    if line.hash != seal(&line.entry, &line.prev)? {
        return Err("it was edited: its seal does not fit its content".into());
    }
    Ok(line)
}

fn seal(entry: &Entry, prev: &str) -> Result<String, String> {
    let body = serde_json::to_string(entry).map_err(|e| e.to_string())?;
    Ok(digest::text(&format!("{prev}\n{body}")))
}

/// What an outage tells is nobody else's business on a shared bastion.
const OWNER_ONLY: u32 = 0o600;

/// An open journal. Dropping it gives the lock back.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    file: File,
    by: Person,
    head: String,
    next: u64,
}

/// A journal that was opened for writing.
#[derive(Debug)]
pub struct Opened {
    /// Its file.
    pub file: JournalFile,
    /// Its entries so far.
    pub entries: Vec<Entry>,
    /// Where a torn last line was moved to.
    pub aside: Option<PathBuf>,
}

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// Another process writes it.
    #[error("{who} holds the incident {}", path.display())]
    Held {
        /// Which file.
        path: PathBuf,
        /// Who, from the note beside it.
        who: Writer,
        /// Its entries so far.
        entries: Vec<Entry>,
    },
    /// A line in it was edited.
    #[error("the journal {} is broken at {broken}; it is left as it is", path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
        /// Where.
        broken: Broken,
        /// Its entries before that line.
        entries: Vec<Entry>,
    },
    /// The disk does not let us.
    #[error("{source}: the journal {} cannot be {what}", path.display())]
    Disk {
        /// Which file.
        path: PathBuf,
        /// `opened`, `read`
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl JournalFile {
    /// Opens (or begins) a journal for writing. A torn last line is moved to `NAME.torn`.
    ///
    /// # Errors
    /// Held by another, broken, or the disk's refusal.
    pub fn open(path: &Path, by: &Person) -> Result<Opened, Unopened> {
        let disk = |what| move |source| Unopened::Disk { path: path.to_owned(), what, source };
        let fresh = !path.exists();
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(disk("made"))?;
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(OWNER_ONLY)
            .open(path)
            .map_err(disk("opened"))?;
        if fresh {
            // A power cut must not take the name of a file whose lines are on disk.
            File::open(folder).and_then(|f| f.sync_all()).map_err(disk("made lasting"))?;
        }
        let locked = file.try_lock();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(disk("read"))?;
        let text = String::from_utf8_lossy(&bytes);
        let told = read(&text);
        if locked.is_err() {
            let who = match std::fs::read_to_string(holder(path)) {
                Ok(who) if who == by.as_str() => Writer::You { process: None, since: None },
                Ok(who) => Writer::Other(Person::new(&who)),
                Err(_) => Writer::Other("somebody".into()),
            };
            return Err(Unopened::Held { path: path.to_owned(), who, entries: told.entries });
        }
        let mut aside = None;
        if let Some(broken) = told.broken {
            if !broken.torn {
                return Err(Unopened::Broken { path: path.to_owned(), broken, entries: told.entries });
            }
            let rest = bytes.get(usize::try_from(told.length).unwrap_or(0)..).unwrap_or_default();
            let torn = path.with_extension("torn");
            std::fs::write(&torn, rest).map_err(disk("repaired"))?;
            aside = Some(torn);
            file.set_len(told.length).map_err(disk("repaired"))?;
            file.seek(SeekFrom::End(0)).map_err(disk("repaired"))?;
        }
        // Who holds it is a courtesy for the second comer; the lock is what counts.
        let _ = std::fs::write(holder(path), by.as_str());
        let next = told.entries.len() as u64 + 1;
        let file = Self { path: path.to_owned(), file, by: by.clone(), head: told.head, next };
        Ok(Opened { file, entries: told.entries, aside })
    }

    /// Writes events and fsyncs them, all or none.
    ///
    /// # Errors
    /// The sentence for the person; the file is as it was before.
    pub fn append(&mut self, events: Vec<Event>, at: Moment) -> Result<Vec<Entry>, String> {
        let before = self.file.metadata().map_err(|e| self.says(&e))?.len();
        let (mut head, mut text, mut entries) = (self.head.clone(), String::new(), Vec::new());
        for (event, seq) in events.into_iter().zip(self.next..) {
            let entry = Entry { seq, at, by: self.by.clone(), event };
            let hash = seal(&entry, &head)?;
            let line = Line { entry: entry.clone(), prev: head, hash: hash.clone() };
            text.push_str(&serde_json::to_string(&line).map_err(|e| e.to_string())?);
            text.push('\n');
            head = hash;
            entries.push(entry);
        }
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(e) = written {
            // What was half written must not be taken for an entry later.
            let _ = self.file.set_len(before);
            return Err(self.says(&e));
        }
        self.head = head;
        self.next += entries.len() as u64;
        Ok(entries)
    }

    fn says(&self, e: &std::io::Error) -> String {
        format!("{e}: {}", self.path.display())
    }
}

fn holder(path: &Path) -> PathBuf {
    path.with_extension("holder")
}
