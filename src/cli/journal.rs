//! `backout journal`: an incident as its journal tells it, and whether that is as it was written.
//!
//! Never: a line behind the first one that was edited; the chain proves nothing of it.

use std::path::Path;

use crate::app::journal::{Told, read};
use crate::app::places::Places;
use crate::domain::event::{Entry, Event};
use crate::domain::text::clean;

use super::outcome::{FAILED, Outcome, USAGE};
use super::unreadable::unreadable;

/// Checks the chain of a file.
pub fn verify(file: &Path) -> Outcome {
    let told = match told(file) {
        Ok(told) => told,
        Err(outcome) => return outcome,
    };
    match told.broken {
        None => Outcome::said(format!("{}: {} entries, unbroken", file.display(), told.entries.len())),
        Some(broken) => Outcome::failed(FAILED, format!("{}: {broken}", file.display())),
    }
}

/// Prints the timeline: what happened, when (UTC) and who did or saw it. The report is written from it.
pub fn show(file: &Path) -> Outcome {
    let told = match told(file) {
        Ok(told) => told,
        Err(outcome) => return outcome,
    };
    let out = told.entries.iter().map(line).collect::<Vec<_>>().join("\n");
    match told.broken {
        None => Outcome::said(out),
        Some(broken) => {
            let err = format!("{}: {broken}. What stands behind it is not shown.", file.display());
            Outcome { out, err, code: FAILED }
        }
    }
}

fn line(entry: &Entry) -> String {
    let (at, who) =
        if let Event::Seen { when, .. } = &entry.event { (*when, "seen") } else { (entry.at, entry.by.as_str()) };
    clean(&format!("{} {who:<8} {}", at.format("%Y-%m-%d %H:%M:%SZ"), entry.event.sentence()))
}

fn told(file: &Path) -> Result<Told, Outcome> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(read(&String::from_utf8_lossy(&bytes))),
        Err(why) => {
            let then = format!("It tells nothing of its incident. {}", elsewhere());
            Err(Outcome::failed(USAGE, unreadable("The journal", file, &why, &then)))
        }
    }
}

/// Where journals are.
fn elsewhere() -> String {
    match Places::find() {
        Ok(places) => format!(
            "Check the path: the journals of incidents are in {}, those of drills in {}.",
            places.incidents().display(),
            places.drills().display()
        ),
        Err(_) => "Check the path.".into(),
    }
}
