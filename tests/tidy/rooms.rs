//! The rooms of `src/`: which of them, and which outside crates, each may use.
//!
//! Never: an exception for a single file. Who needs more changes the table, and says why in the commit.

use super::source::{Named, paths, product};
use super::{Breach, RoomOf, breach};

/// A room: `src/NAME.rs` with all of `src/NAME/`.
struct Room {
    name: &'static str,
    /// Other rooms that it may use.
    rooms: &'static [&'static str],
    /// Outside crates that it may use; with `::`, only what begins so.
    crates: &'static [&'static str],
    /// What it never touches, whatever the crate allows.
    never: &'static [&'static str],
}

const ALL: &[&str] = &["*"];

/// What a pure room never does: it has no clock, no file, no socket, no process, no thread.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::os",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "Instant",
    "SystemTime",
    "Utc::now",
    "Local",
];

/// The rooms, each below those that use it.
const ROOMS: &[Room] = &[
    Room { name: "domain", rooms: &[], crates: &["std", "serde", "chrono", "thiserror"], never: IMPURE },
    Room {
        name: "helm",
        rooms: &["domain"],
        crates: &[
            "std",
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "flate2",
            "base64",
            "sha2",
            "similar",
            "granit_parser",
            "json_patch",
        ],
        never: IMPURE,
    },
    Room {
        name: "kubectl",
        rooms: &["domain", "helm"],
        crates: &["std", "serde", "serde_json", "chrono"],
        never: IMPURE,
    },
    Room {
        name: "maintenance",
        rooms: &["domain", "helm", "kubectl"],
        crates: &["std", "serde", "serde_json", "chrono"],
        never: IMPURE,
    },
    Room {
        name: "functional",
        rooms: &["domain", "helm"],
        crates: &["std", "serde", "serde_json", "chrono", "sha2", "jsonpath_rust"],
        never: IMPURE,
    },
    Room {
        name: "revert",
        rooms: &["domain", "helm", "kubectl"],
        crates: &["std", "serde", "serde_json", "chrono", "base64"],
        never: IMPURE,
    },
    Room {
        name: "silence",
        rooms: &["domain", "helm"],
        crates: &["std", "serde", "serde_json", "chrono"],
        never: IMPURE,
    },
    Room {
        name: "tools",
        rooms: &["domain"],
        crates: &["std", "serde", "serde_json", "chrono", "thiserror", "toml"],
        never: IMPURE,
    },
    Room {
        name: "config",
        rooms: &["domain", "functional"],
        crates: &["std", "serde", "toml", "chrono", "thiserror", "strsim", "unicode_width", "http"],
        never: IMPURE,
    },
    Room {
        name: "plan",
        rooms: &["domain", "functional", "helm", "kubectl", "maintenance", "revert", "silence"],
        crates: &["std"],
        never: IMPURE,
    },
    Room {
        name: "model",
        rooms: &[
            "domain",
            "functional",
            "helm",
            "kubectl",
            "maintenance",
            "revert",
            "silence",
            "tools",
            "config",
            "plan",
        ],
        crates: CORE,
        never: IMPURE,
    },
    Room {
        name: "permit",
        rooms: &["domain", "functional", "helm", "kubectl", "maintenance", "revert", "silence", "plan", "model"],
        crates: &["std"],
        never: IMPURE,
    },
    Room { name: "intent", rooms: &["domain", "functional", "model"], crates: &["std"], never: IMPURE },
    Room {
        name: "msg",
        rooms: &[
            "domain",
            "functional",
            "helm",
            "kubectl",
            "maintenance",
            "revert",
            "silence",
            "plan",
            "model",
            "intent",
        ],
        crates: CORE,
        never: IMPURE,
    },
    Room {
        name: "keymap",
        rooms: &[
            "domain",
            "functional",
            "helm",
            "kubectl",
            "maintenance",
            "revert",
            "silence",
            "plan",
            "model",
            "intent",
        ],
        crates: CORE,
        never: IMPURE,
    },
    Room {
        name: "effect",
        rooms: &[
            "domain",
            "functional",
            "helm",
            "kubectl",
            "maintenance",
            "revert",
            "silence",
            "plan",
            "model",
            "permit",
        ],
        crates: &["std"],
        never: IMPURE,
    },
    Room {
        name: "update",
        rooms: &[
            "domain",
            "functional",
            "helm",
            "kubectl",
            "maintenance",
            "revert",
            "silence",
            "tools",
            "config",
            "plan",
            "model",
            "permit",
            "intent",
            "msg",
            "keymap",
            "effect",
        ],
        crates: CORE,
        never: IMPURE,
    },
    Room {
        name: "ui",
        rooms: &[
            "domain",
            "functional",
            "helm",
            "kubectl",
            "maintenance",
            "revert",
            "silence",
            "plan",
            "model",
            "intent",
            "keymap",
        ],
        crates: &["std", "ratatui", "tui_textarea", "unicode_width", "chrono"],
        never: IMPURE,
    },
    Room {
        name: "ports",
        rooms: &["domain", "functional", "helm"],
        crates: &["std", "futures", "serde_json"],
        never: IMPURE,
    },
    Room {
        name: "act",
        rooms: &["domain", "functional", "helm", "kubectl", "maintenance", "revert", "silence", "tools", "ports"],
        crates: &["std", "futures", "serde_json"],
        never: IMPURE,
    },
    Room {
        name: "live",
        rooms: &["domain", "functional", "helm", "tools", "ports"],
        crates: &[
            "std",
            "kube",
            "k8s_openapi",
            "reqwest",
            "rustls",
            "http",
            "http_body_util",
            "tokio",
            "tokio_util",
            "futures",
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "base64",
            "sha2",
            "tracing",
        ],
        never: &[],
    },
    Room {
        name: "sim",
        rooms: &["domain", "functional", "helm", "tools", "ports"],
        crates: &[
            "std",
            "futures",
            "serde",
            "serde_json",
            "json_patch",
            "toml",
            "chrono",
            "thiserror",
            "base64",
            "sha2",
        ],
        never: IMPURE,
    },
    Room {
        name: "app",
        rooms: &[
            "domain",
            "functional",
            "helm",
            "kubectl",
            "maintenance",
            "revert",
            "silence",
            "tools",
            "config",
            "plan",
            "model",
            "permit",
            "intent",
            "msg",
            "keymap",
            "effect",
            "update",
            "ui",
            "ports",
            "act",
            "live",
            "sim",
        ],
        crates: ALL,
        never: &["kube", "k8s_openapi", "reqwest"],
    },
    Room { name: "cli", rooms: ALL, crates: ALL, never: &["kube", "k8s_openapi", "reqwest"] },
    Room { name: "main", rooms: &["cli"], crates: &["std", "clap"], never: IMPURE_BUT_EXIT },
    Room { name: "lib", rooms: &[], crates: &[], never: &[] },
];

/// The state and its changes know values, a key's type and the edit buffer.
const CORE: &[&str] =
    &["std", "serde", "serde_json", "chrono", "thiserror", "unicode_width", "tui_textarea", "crossterm::event::Key"];

/// The binary ends with an exit code; that is all it has of the process.
const IMPURE_BUT_EXIT: &[&str] = &["std::fs", "std::net", "std::env", "std::thread", "process::exit", "Instant"];

/// Each room uses only what the table allows it.
pub fn rooms(path: &str, text: &str) -> Vec<Breach> {
    let here = RoomOf(path).name();
    let Some(room) = ROOMS.iter().find(|room| room.name == here) else {
        return vec![breach(
            path,
            1,
            format!("belongs to no room: `{here}` is not in the table of tests/tidy/rooms.rs"),
        )];
    };
    paths(&product(text)).iter().filter_map(|named| Some(breach(path, named.line, fault(path, room, named)?))).collect()
}

fn fault(path: &str, room: &Room, named: &Named) -> Option<String> {
    let whole = named.parts.join("::");
    if let Some(never) = room.never.iter().find(|never| named.has(never)) {
        return Some(format!("`{whole}`: the room `{}` never touches {never}", room.name));
    }
    if let Some(other) = other_room(path, &named.parts) {
        let allowed = other == room.name || room.rooms == ALL || room.rooms.contains(&other);
        return (!allowed).then(|| format!("`{whole}`: the room `{}` may not use the room `{other}`", room.name));
    }
    let first = named.parts.first()?;
    if !super::outside_crates().contains(first) {
        return None;
    }
    let allowed = room
        .crates
        .iter()
        .any(|allowed| *allowed == "*" || allowed == first || (allowed.contains("::") && whole.starts_with(allowed)));
    (!allowed).then(|| format!("`{whole}`: the room `{}` may not use {first} for this", room.name))
}

/// The room that a path leads into, when it leads through the root of the crate.
fn other_room<'a>(path: &str, parts: &'a [String]) -> Option<&'a str> {
    let ups = parts.iter().take_while(|part| *part == "super").count();
    let at = match parts.first()?.as_str() {
        "crate" | "backout" => 1,
        "super" if ups >= RoomOf(path).depth() => ups,
        _ => return None,
    };
    parts.get(at).map(String::as_str)
}
