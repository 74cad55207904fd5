//! A program in a terminal of 80x24: keys go in, and every read of what it draws is kept with the moment it came.
//!
//! Never: a look inside the program. A thread of its own stamps the reads, so that nothing here delays them.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::sample::Sample;

/// Silence after which a frame counts as whole, and the next key may be pressed.
const QUIET: Duration = Duration::from_millis(12);
/// A key without an answer by then is given up.
const DEAF: Duration = Duration::from_secs(2);
/// Columns and rows.
const SIZE: (u16, u16) = (80, 24);

/// A running program and its terminal.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    seen: Arc<Seen>,
    parser: vt100::Parser,
    parsed: usize,
    begun: Instant,
    _master: Box<dyn MasterPty + Send>,
}

#[derive(Default)]
struct Seen {
    reads: Mutex<Reads>,
    grown: Condvar,
}

#[derive(Default)]
struct Reads {
    all: Vec<(Instant, Vec<u8>)>,
    ended: bool,
}

/// What the terminal was sent in a window.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// Bytes.
    pub bytes: usize,
    /// Reads that it took; at least one a write, as the reader is always waiting.
    pub reads: usize,
}

/// The whole screen as text, and whether it is the one waited for.
pub type Mark = fn(&str) -> bool;

impl Pty {
    /// Starts `program` with nothing in its environment but what a login has, and `home` as the folder of everything.
    pub fn start(program: &str, arguments: &[&str], home: &Path) -> Result<Self> {
        let pair = native_pty_system().openpty(PtySize { rows: SIZE.1, cols: SIZE.0, ..PtySize::default() })?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("USER", "ana");
        command.env("HOME", home);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let mut reader = pair.master.try_clone_reader()?;
        let writer = pair.master.take_writer()?;
        let seen = Arc::new(Seen::default());
        let filled = seen.clone();
        thread::spawn(move || filled.fill(&mut reader));
        let begun = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        let cells = |count| NonZeroU16::new(count).context("a terminal has cells");
        let parser = vt100::Parser::new(cells(SIZE.1)?, cells(SIZE.0)?, 0);
        Ok(Self { child, writer, seen, parser, parsed: 0, begun, _master: pair.master })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap_or_default()
    }

    /// For each mark how long after exec the screen first was so; none where it was not within `limit`.
    pub fn moments<const N: usize>(&mut self, limit: Duration, marks: [Mark; N]) -> [Option<Duration>; N] {
        let mut found = [None; N];
        while found.iter().any(Option::is_none) {
            let Some((at, bytes)) = self.seen.read(self.parsed, self.begun + limit) else { break };
            self.parsed += 1;
            self.parser.process(&bytes);
            let text = self.parser.screen().contents();
            for (moment, mark) in found.iter_mut().zip(marks) {
                if moment.is_none() && mark(&text) {
                    *moment = Some(at - self.begun);
                }
            }
        }
        found
    }

    /// The screen as it was at the last of the moments.
    pub fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// From a key to the first byte of its frame, for each of `keys` in turn, until there are `times`.
    pub fn keys(&mut self, keys: &[&str], times: usize) -> Result<Sample> {
        let mut sample = Sample::default();
        for (turn, key) in keys.iter().cycle().take(times).enumerate() {
            self.settle();
            // A beat of its own, so that the program's ticks are not met at the same place again and again.
            thread::sleep(Duration::from_millis(5 + (turn as u64 * 7) % 20));
            let before = self.seen.count();
            let pressed = Instant::now();
            self.press(key)?;
            if let Some((at, _)) = self.seen.read(before, pressed + DEAF) {
                sample.push(at.saturating_duration_since(pressed));
            }
        }
        Ok(sample)
    }

    /// What is sent while `during` runs.
    pub fn sent_during<T>(&self, during: impl FnOnce() -> T) -> (Sent, T) {
        let before = self.seen.count();
        let result = during();
        let reads = self.seen.lock();
        let bytes = reads.all.iter().skip(before).map(|(_, bytes)| bytes.len()).sum();
        (Sent { bytes, reads: reads.all.len() - before }, result)
    }

    /// Presses the key and waits for the end: how long it took.
    pub fn end(mut self, key: &str) -> Result<Duration> {
        self.settle();
        let pressed = Instant::now();
        self.press(key)?;
        self.child.wait()?;
        Ok(pressed.elapsed())
    }

    fn press(&mut self, key: &str) -> Result<()> {
        self.writer.write_all(key.as_bytes())?;
        Ok(self.writer.flush()?)
    }

    fn settle(&self) {
        while self.seen.read(self.seen.count(), Instant::now() + QUIET).is_some() {}
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It has ended already where it was asked to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seen {
    fn fill(&self, reader: &mut dyn Read) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = reader.read(&mut buffer);
            let at = Instant::now();
            let mut reads = self.lock();
            match read {
                Ok(length) if length > 0 => reads.all.push((at, buffer[..length].to_vec())),
                Ok(_) | Err(_) => reads.ended = true,
            }
            let ended = reads.ended;
            drop(reads);
            self.grown.notify_all();
            if ended {
                return;
            }
        }
    }

    /// The read of that number, waited for until `limit`.
    fn read(&self, number: usize, limit: Instant) -> Option<(Instant, Vec<u8>)> {
        let wait = limit.saturating_duration_since(Instant::now());
        let (reads, _) = self
            .grown
            .wait_timeout_while(self.lock(), wait, |reads| reads.all.len() <= number && !reads.ended)
            .unwrap_or_else(PoisonError::into_inner);
        reads.all.get(number).cloned()
    }

    fn count(&self) -> usize {
        self.lock().all.len()
    }

    fn lock(&self) -> MutexGuard<'_, Reads> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
