//! A folder of journals and those who write in it.

use std::path::PathBuf;

use backout::app::journal::JournalFile;
use backout::app::ledger::Ledger;
use backout::domain::event::{Entry, Event};
use backout::domain::identity::{Environment, Identity, Pin, Realm};
use backout::domain::moment::Moment;
use backout::domain::name::{Context, IncidentId, Namespace, Person};
use backout::domain::severity::Severity;
use tempfile::TempDir;

pub struct Folder(pub TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn ledger(&self, who: &str) -> Ledger {
        Ledger::start(self.0.path().to_owned(), Person::new(who))
    }

    /// Of a cockpit that is to change nothing.
    pub fn looking(&self, who: &str) -> Ledger {
        Ledger::looking(self.0.path().to_owned(), Person::new(who))
    }

    pub fn path(&self, incident: &str) -> PathBuf {
        self.0.path().join(format!("{incident}.jsonl"))
    }

    /// A journal that was written and left.
    pub fn left(&self, incident: &str, events: Vec<Event>) -> Vec<Entry> {
        let mut opened = JournalFile::open(&self.path(incident), &Person::new("ana")).unwrap();
        opened.file.append(events, at()).unwrap()
    }

    /// The journals in it, by name.
    pub fn journals(&self) -> Vec<String> {
        let paths = std::fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().path());
        let journals = paths.filter(|p| p.extension().is_some_and(|e| e == "jsonl"));
        let mut all: Vec<String> = journals.map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        all.sort();
        all
    }
}

pub fn at() -> Moment {
    chrono::DateTime::from_timestamp(1_764_563_400, 0).unwrap()
}

pub fn target(realm: Realm) -> Identity {
    Identity {
        realm,
        environment: Environment::Production,
        context: Context::new("aks"),
        server: "https://aks.example".into(),
        ca: None,
        pin: Pin::Uid("5f1c".into()),
        namespace: Namespace::new("prod"),
    }
}

pub fn opening(incident: &str, realm: Realm) -> Event {
    Event::Opened {
        incident: IncidentId::new(incident),
        severity: Severity::Sev2,
        identity: target(realm),
        release: None,
        symptom: "errors 18 %".into(),
        by_rollback: true,
    }
}

pub fn note(text: &str) -> Event {
    Event::Note { text: text.into() }
}
