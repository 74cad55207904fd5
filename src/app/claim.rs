//! One open incident a target: whoever opens one on this machine holds the lock of its cluster and namespace until it is
//! closed, so that two rollbacks that begin together do not open two.
//!
//! Never: for a drill; each has a world of its own.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::domain::identity::{Identity, Realm};
use crate::domain::name::Person;
use crate::domain::writer::Writer;
use crate::helm::digest;

/// The lock of a target. Dropping it gives it back.
#[derive(Debug)]
pub struct Claim {
    _file: Option<File>,
}

/// Why a target cannot be claimed.
#[derive(Debug)]
pub enum Unclaimed {
    /// Their process has an incident of it open.
    Held(Writer),
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
        let path = path(folder, target);
        let disk = |e: std::io::Error| Unclaimed::Disk(format!("{e}: {}", path.display()));
        std::fs::create_dir_all(folder).map_err(disk)?;
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(disk)?;
        if file.try_lock().is_err() {
            return Err(Unclaimed::Held(told(&mut file, by)));
        }
        // Who holds it is a courtesy for the second comer; the lock is what counts.
        let told = format!("{by}\n{}\n", std::process::id());
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(told.as_bytes()));
        Ok(Self { _file: Some(file) })
    }

    /// Who holds the target of an incident, without claiming it; `None` = nobody.
    pub fn holder(folder: &Path, target: &Identity, by: &Person) -> Option<Writer> {
        let mut file = File::open(path(folder, target)).ok()?;
        file.try_lock_shared().is_err().then(|| told(&mut file, by))
    }
}

fn path(folder: &Path, target: &Identity) -> PathBuf {
    let told = serde_json::to_string(&(&target.pin, &target.server, &target.ca, &target.namespace));
    let name = digest::text(&told.unwrap_or_default());
    folder.join(format!("target-{}.lock", name.get(..16).unwrap_or(&name)))
}

/// Who holds a lock, as its file tells `to` whom: a process of one's own is no stranger.
fn told(file: &mut File, to: &Person) -> Writer {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let who = lines.next().unwrap_or("somebody");
    if who != to.as_str() {
        return Writer::Other(Person::new(who));
    }
    let process = lines.next().and_then(|pid| pid.parse().ok());
    let since = file.metadata().and_then(|m| m.modified()).ok();
    Writer::You { process, since: since.map(Into::into) }
}
