//! How a command ended: what it says, where, and the exit code.
//!
//! Codes: 0 well, 1 unwell or failed, 2 unknown, 3 refused, 64 wrong usage (so that 2 stays "unknown").

use std::process::ExitCode;

/// Unwell, or failed.
pub const FAILED: u8 = 1;
/// Nobody can know.
pub const UNKNOWN: u8 = 2;
/// It was not done, and nothing was changed.
pub const REFUSED: u8 = 3;
/// The command line is wrong.
pub const USAGE: u8 = 64;

/// The end of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For stdout.
    pub out: String,
    /// For stderr.
    pub err: String,
    /// The exit code.
    pub code: u8,
}

impl Outcome {
    /// It went well and has nothing to say.
    pub fn quiet() -> Self {
        Self::said("")
    }

    /// It went well.
    pub fn said(text: impl Into<String>) -> Self {
        Self { out: text.into(), err: String::new(), code: 0 }
    }

    /// It did not.
    pub fn failed(code: u8, sentence: impl Into<String>) -> Self {
        Self { out: String::new(), err: sentence.into(), code }
    }

    /// Says it.
    #[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is where commands speak; no screen is up")]
    pub fn say(self) -> ExitCode {
        if !self.out.is_empty() {
            println!("{}", self.out);
        }
        if !self.err.is_empty() {
            eprintln!("{}", self.err);
        }
        ExitCode::from(self.code)
    }
}
