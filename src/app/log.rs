//! backout's own log: what it saw of the world's faults and what it did, for whoever asks afterwards why. A file in the
//! state folder (a drill's in the drill folder), bounded in size, readable by its owner alone.
//!
//! Never: the log of a library (a header or an address may hold a secret); a control sequence; a key that waits for a
//! disk; a reason not to start.

use std::fs::{File, OpenOptions};
use std::io::{Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::domain::text::clean;

/// Its name.
const NAME: &str = "backout.log";
/// It is put aside as `backout.log.1` before it grows beyond this; the one put aside before goes.
const MOST_BYTES: u64 = 1 << 20;
/// A line is cut here.
const LONGEST_LINE: usize = 2_000;
/// What an outage tells is nobody else's business on a shared bastion.
const OWNER_ONLY: u32 = 0o600;

/// The open log; what is still on its way to the disk is written when it is dropped.
pub struct Log {
    /// Where it is, or why there is none, for the person.
    pub place: String,
    _writer: Option<WorkerGuard>,
}

impl Log {
    /// Begins to log into that folder.
    pub fn start(folder: &Path) -> Self {
        let path = folder.join(NAME);
        let file = match Bounded::open(&path) {
            Ok(file) => file,
            Err(e) => {
                let place = format!("{} cannot be written: {e}", path.display());
                return Self { place, _writer: None };
            }
        };
        let (writer, guard) = NonBlockingBuilder::default().lossy(true).finish(file);
        let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false).with_target(false);
        let ours = Targets::new().with_target("backout", LevelFilter::INFO);
        // A second one in the same process (a test's) says nothing.
        let _ = tracing_subscriber::registry().with(ours).with(lines).try_init();
        Self { place: path.display().to_string(), _writer: Some(guard) }
    }
}

/// A file of cleaned lines that is put aside before it grows too big.
struct Bounded {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl Bounded {
    fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).mode(OWNER_ONLY).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, bytes })
    }
}

impl Write for Bounded {
    /// One event a call.
    fn write(&mut self, event: &[u8]) -> Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line: String = clean(text.trim_end()).chars().take(LONGEST_LINE).collect();
        let line = format!("{} {line}\n", std::process::id());
        if self.bytes + line.len() as u64 > MOST_BYTES {
            std::fs::rename(&self.path, self.path.with_extension("log.1"))?;
            *self = Self::open(&self.path)?;
        }
        self.file.write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        Ok(event.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_of_clean_lines_and_never_bigger_than_twice_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join(NAME);
        let mut log = Bounded::open(&path).unwrap();
        log.write_all(b"WARN pods: \x1b[2Jtwo\nlines\x07\n").unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written, format!("{} WARN pods: two lines\n", std::process::id()));
        for _ in 0..3_000 {
            log.write_all(&[b'x'; 5_000]).unwrap();
        }
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap()).collect();
        let bytes: Vec<u64> = names.iter().map(|e| e.metadata().unwrap().len()).collect();
        assert_eq!(bytes.len(), 2, "{names:?}");
        assert!(bytes.iter().all(|b| *b <= MOST_BYTES), "{bytes:?}");
    }
}
