//! What tells whether two revisions have the same content: SHA-256 over manifest and hooks.
//!
//! Never: what changes without changing the release: a hook's last run, times, statuses.

use sha2::{Digest, Sha256};

use super::record::Record;

/// The digest of a record's content, hex.
pub fn of(record: &Record) -> String {
    let mut sha = Sha256::new();
    let mut add = |text: &str| {
        sha.update((text.len() as u64).to_be_bytes());
        sha.update(text.as_bytes());
    };
    // helm 4 ends a manifest with one newline more than helm 3; the objects are the same.
    add(record.manifest.trim_end());
    for hook in &record.hooks {
        add(&hook.name);
        add(hook.manifest.trim_end());
        add(&hook.events.join(","));
        add(&format!("{} {:?}", hook.weight, hook.delete));
    }
    hex(&sha.finalize())
}

/// Of any text, hex.
pub fn text(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
        text.extend([digit(byte >> 4), digit(byte & 15)]);
        text
    })
}
