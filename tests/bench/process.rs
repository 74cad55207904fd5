//! What a process costs, as Linux counts it: memory, processor time, size on disk.
//!
//! Never: a figure of another process than the one asked for.

use std::fmt::{Display, Formatter};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::sample::Sample;

/// The kernel tells processor time in hundredths of a second to everybody (USER_HZ, proc(5)).
const TICK: Duration = Duration::from_millis(10);

/// What a process has used since it began.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Processor time, user and system, of all its threads.
    pub cpu: Duration,
    /// Memory held now, in KiB.
    resident: u64,
    /// The most memory ever held, in KiB.
    peak: u64,
}

impl Usage {
    /// Of the process of that id.
    pub fn of(pid: u32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name, which may hold anything, ends with the last bracket; user and system time are fields 14 and 15.
        let fields = stat.rsplit_once(')').context("a stat line has a name")?.1;
        let ticks: u32 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        Ok(Self { cpu: TICK * ticks, resident: kib(&status, "VmRSS:"), peak: kib(&status, "VmHWM:") })
    }
}

impl Display for Usage {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let mib = |kib: u64| kib as f64 / 1024.0;
        write!(f, "RSS {:.1} MiB (peak {:.1})", mib(self.resident), mib(self.peak))
    }
}

fn kib(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// How long the program takes from exec to its end, again and again.
pub fn runs(program: &str, arguments: &[&str], times: usize) -> Result<Sample> {
    let mut sample = Sample::default();
    for _ in 0..times {
        let begun = Instant::now();
        Command::new(program).args(arguments).stdout(Stdio::null()).status().with_context(|| program.to_owned())?;
        sample.push(begun.elapsed());
    }
    Ok(sample)
}

/// The size of a file in MiB.
pub fn size(path: &Path) -> Result<f64> {
    Ok(fs::metadata(path)?.len() as f64 / (1024.0 * 1024.0))
}
