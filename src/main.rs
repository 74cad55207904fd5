//! The binary: parse the command line, do what it asks, end with its code.

use std::process::ExitCode;

use backout::cli::{Cli, run};
use clap::Parser;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(cli).say(),
        Err(told) => {
            // A closed pipe is no reason for another code.
            let _ = told.print();
            ExitCode::from(if told.use_stderr() { 64 } else { 0 })
        }
    }
}
