//! `backout journal verify`: whether a journal is as it was written.

use std::path::Path;

use crate::app::journal::read;

use super::outcome::Outcome;

/// Checks the chain of a file.
pub fn verify(file: &Path) -> Outcome {
    let text = match std::fs::read(file) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) => return Outcome::failed(64, format!("{} cannot be read: {e}", file.display())),
    };
    let told = read(&text);
    match told.broken {
        None => Outcome::said(format!("{}: {} entries, unbroken", file.display(), told.entries.len())),
        Some(broken) => Outcome::failed(1, format!("{}: {broken}", file.display())),
    }
}
