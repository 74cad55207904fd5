//! The lab that LAB_DIR names (tests/real/up.sh makes one), and the binary that is measured there.
//!
//! Never: another cluster than that lab.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

/// The binary that is measured: the one just built, or another (an older one, to compare) that BENCH_BINARY names.
pub fn backout() -> String {
    std::env::var("BENCH_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_backout").into())
}

/// The lab's folder, where one is named.
pub fn lab() -> Option<PathBuf> {
    std::env::var_os("LAB_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// A script of the lab's.
pub fn script(name: &str) -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real").join(name))
}

/// Outside of a lab's network, with a lab named: runs this very bench inside, and says that it has.
pub fn goes_inside() -> Result<bool> {
    if lab().is_none() || std::env::var_os("LAB_INSIDE").is_some() {
        return Ok(false);
    }
    let status = script("in.sh").arg(std::env::current_exe()?).status()?;
    ensure!(status.success(), "the bench inside the lab ended with {status}");
    Ok(true)
}

/// The machine's load over the last minute, and its processors.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("load {} on {cores} cores", load.split(' ').next().unwrap_or_default())
}
