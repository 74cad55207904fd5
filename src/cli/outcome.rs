//! How a command ended: what it says, where, and the exit code.
//!
//! Codes: 0 well, 1 unwell or failed, 2 unknown, 3 refused, 64 wrong usage (so that 2 stays "unknown").

use std::io::{ErrorKind, Write, stderr, stdout};
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

    /// Says it. A reader that has gone (`| head`) has read enough: that is no failure, and no panic.
    pub fn say(self) -> ExitCode {
        let mut code = self.code;
        if let Err(why) = written(stdout(), &self.out)
            && why.kind() != ErrorKind::BrokenPipe
        {
            let _ = written(stderr(), &format!("The answer could not be written whole ({why}): ask again, elsewhere."));
            code = code.max(FAILED);
        }
        let _ = written(stderr(), &self.err);
        ExitCode::from(code)
    }
}

fn written(mut to: impl Write, text: &str) -> std::io::Result<()> {
    if !text.is_empty() {
        writeln!(to, "{text}")?;
    }
    to.flush()
}
