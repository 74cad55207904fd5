//! One run of one program, from outside: how long, and the most memory that it held.
//!
//! Never: a retry; a run that fails ends the bench with what the program said.

use std::fs;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

/// How often memory is looked at; VmHWM only grows, so nothing between two looks is missed but the very last.
const LOOKED: Duration = Duration::from_millis(4);

/// How a run went.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// From exec to the end.
    pub took: Duration,
    /// VmHWM, in KiB.
    pub peak: u64,
}

/// Looks at the memory of a process until it is told to stop.
pub struct Scale {
    weighing: JoinHandle<u64>,
    over: Arc<AtomicBool>,
}

impl Scale {
    /// Of that process.
    pub fn under(child: &Child) -> Self {
        let (path, over) = (format!("/proc/{}/status", child.id()), Arc::new(AtomicBool::new(false)));
        let told = over.clone();
        let weighing = thread::spawn(move || {
            let mut peak = 0;
            while !told.load(Ordering::Relaxed) {
                peak = peak.max(held(&path).unwrap_or(0));
                thread::sleep(LOOKED);
            }
            peak
        });
        Self { weighing, over }
    }

    /// The most that was seen, in KiB.
    pub fn peak(self) -> Result<u64> {
        self.over.store(true, Ordering::Relaxed);
        self.weighing.join().map_err(|_| anyhow!("the scale broke"))
    }
}

fn held(path: &str) -> Option<u64> {
    let status = fs::read_to_string(path).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Runs it to its end.
pub fn run(command: &mut Command) -> Result<Run> {
    // Output goes to files: a pipe that nobody empties would hold the program up.
    let said = tempfile::NamedTempFile::new()?;
    command.stdout(said.reopen()?).stderr(said.reopen()?).stdin(std::process::Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let scale = Scale::under(&child);
    let status = child.wait()?;
    let took = begun.elapsed();
    let peak = scale.peak()?;
    ensure!(status.success(), "{command:?} ended with {status}:\n{}", fs::read_to_string(said.path())?);
    Ok(Run { took, peak })
}
