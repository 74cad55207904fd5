//! A file of the person's own that cannot be read: why, what that means, and what to do now, in a sentence.
//!
//! Never: the number of an error, which tells a tired person nothing.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// `The configuration shop.toml cannot be read: there is no such file. ` and then what it means and what to do, which
/// only the one knows who needed the file.
pub fn unreadable(what: &str, file: &Path, why: &Error, then: &str) -> String {
    format!("{what} {} cannot be read: {}. {then}", file.display(), reason(why))
}

/// Why, in words; the system's own where there are no better ones.
pub fn reason(why: &Error) -> String {
    match why.kind() {
        ErrorKind::NotFound => "there is no such file".into(),
        ErrorKind::NotADirectory => "a part of its path is no folder".into(),
        ErrorKind::IsADirectory => "it is a folder".into(),
        ErrorKind::PermissionDenied => "you may not read it".into(),
        ErrorKind::InvalidData => "it is no text (UTF-8)".into(),
        _ => why.to_string(),
    }
}
