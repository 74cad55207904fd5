//! The figures of backout, printed and never asserted: on the drill always, on the real floor (tests/real) where LAB_DIR
//! names one. `cargo bench`, or with a lab up: `LAB_DIR=… LAB_NS=… cargo bench`. About one minute, with a floor twenty.
//!
//! Every figure is taken from outside, on the release binary in a terminal of 80x24; what the harness itself costs is
//! printed beside it. Medians, as machines are shared.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench runs programs, reads clocks and prints")]

mod floor;
mod lab;
mod process;
mod pty;
mod sample;

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use lab::backout;
use process::Usage;
use pty::{Mark, Pty};
use sample::Sample;

/// How long idleness and storms are watched.
pub const WINDOW: Duration = Duration::from_secs(30);
/// Times that a key is pressed.
pub const KEYS: usize = 300;
/// Times that a cockpit is opened.
const LAUNCHES: usize = 11;
/// The longest that a screen is waited for.
pub const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<()> {
    if lab::goes_inside()? {
        return Ok(());
    }
    println!("{}", lab::load());
    itself()?;
    harness()?;
    drill()?;
    floor::measure()?;
    println!("\n{}", lab::load());
    Ok(())
}

/// One line of the table.
pub fn told(what: &str, figure: impl std::fmt::Display) {
    println!("{what:<34} {figure}");
}

/// Whether the frame is there, whatever it knows yet.
pub const FRAME: Mark = |text| text.contains("1 Checklist") && text.contains("quit");

fn itself() -> Result<()> {
    println!("\nThe binary");
    told("size", format!("{:.1} MiB", process::size(Path::new(&backout()))?));
    told("backout --version", process::runs(&backout(), &["--version"], 41)?.median());
    told("  the harness's floor: true", process::runs("true", &[], 41)?.median());
    Ok(())
}

/// What is measured where the program does nothing.
fn harness() -> Result<()> {
    println!("\nThe harness's own floor");
    let home = tempfile::tempdir()?;
    let mut first = Sample::default();
    for _ in 0..LAUNCHES {
        let mut echo = Pty::start("echo", &["here"], home.path())?;
        let [at] = echo.moments(PATIENCE, [|text| text.contains("here")]);
        first.push(at.context("echo says nothing")?);
    }
    told("exec to first byte: echo", first.median());
    let mut cat = Pty::start("sh", &["-c", "stty raw -echo; echo ready; exec cat"], home.path())?;
    cat.moments(PATIENCE, [|text| text.contains("ready")]);
    told("key to byte: cat", cat.keys(&["j", "k"], KEYS)?.tail());
    Ok(())
}

fn drill() -> Result<()> {
    println!("\nThe drill");
    let home = tempfile::tempdir()?;
    let (mut first, mut quit) = (Sample::default(), Sample::default());
    for _ in 0..LAUNCHES {
        let mut cockpit = Pty::start(&backout(), &["drill"], home.path())?;
        let [frame] = cockpit.moments(PATIENCE, [FRAME]);
        first.push(frame.with_context(|| format!("no first frame:\n{}", cockpit.screen()))?);
        quit.push(cockpit.end("q")?);
    }
    told("first frame after exec", first.median());
    told("quit", quit.median());
    let mut cockpit = Pty::start(&backout(), &["drill"], home.path())?;
    cockpit.moments(PATIENCE, [FRAME]);
    told("key to frame, idle", cockpit.keys(&["\t"], KEYS)?.tail());
    window("30 s idle", &cockpit, || thread::sleep(WINDOW))?;
    Ok(())
}

/// What the cockpit costs while something goes on.
pub fn window<T>(what: &str, cockpit: &Pty, goes_on: impl FnOnce() -> T) -> Result<T> {
    let before = Usage::of(cockpit.pid())?;
    let (sent, result) = cockpit.sent_during(goes_on);
    let after = Usage::of(cockpit.pid())?;
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
    told(what, format!("{after}  CPU {cpu:.2} s  terminal {} writes, {} bytes", sent.reads, sent.bytes));
    Ok(result)
}
