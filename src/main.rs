//! The binary: parse the command line, do what it asks, end with its code.

use std::process::ExitCode;

use backout::cli::outcome::Outcome;
use backout::cli::{Cli, run};
use clap::Parser;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(cli).say(),
        Err(e) if e.use_stderr() => Outcome::failed(64, e.render().ansi().to_string().trim_end()).say(),
        Err(e) => Outcome::said(e.render().ansi().to_string().trim_end()).say(),
    }
}
