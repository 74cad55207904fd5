//! One open incident a target: whoever opens one on this machine holds the lock of its cluster and namespace until it is
//! closed, so that two rollbacks that begin together do not open two.
//!
//! Never: for a drill; each has a world of its own.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::domain::identity::{Identity, Realm};
use crate::domain::name::Person;
use crate::helm::digest;

/// The lock of a target. Dropping it gives it back.
#[derive(Debug)]
pub struct Claim {
    _file: Option<File>,
}

/// Why a target cannot be claimed.
#[derive(Debug)]
pub enum Unclaimed {
    /// That person's process has an incident of it open.
    Held(Person),
    /// The disk does not let us; in words.
    Disk(String),
}

impl Claim {
    /// Claims the target of an incident; journals and locks are files of that folder.
    ///
    /// # Errors
    /// Who holds it, or the disk's refusal.
    pub fn take(folder: &Path, target: &Identity, by: &Person) -> Result<Self, Unclaimed> {
        if target.realm == Realm::Drill {
            return Ok(Self { _file: None });
        }
        let told = serde_json::to_string(&(&target.pin, &target.server, &target.ca, &target.namespace));
        let name = digest::text(&told.unwrap_or_default());
        let path = folder.join(format!("target-{}.lock", name.get(..16).unwrap_or(&name)));
        let disk = |e: std::io::Error| Unclaimed::Disk(format!("{e}: {}", path.display()));
        std::fs::create_dir_all(folder).map_err(disk)?;
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(disk)?;
        if file.try_lock().is_err() {
            let mut who = String::new();
            let known = file.read_to_string(&mut who).is_ok() && !who.trim().is_empty();
            return Err(Unclaimed::Held(Person::new(if known { who.trim() } else { "somebody" })));
        }
        // Who holds it is a courtesy for the second comer; the lock is what counts.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(by.as_str().as_bytes()));
        Ok(Self { _file: Some(file) })
    }
}
