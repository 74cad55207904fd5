//! The rules of the house, but for the rooms: each a function of a file's path and text.
//!
//! Never: what clippy and rustc say already, unless a drill or a rollback hangs on it.

use super::source::{code, comments, lines_without_tests, paths, product};
use super::{Breach, RoomOf, breach};

/// The most lines of a file, its unit tests not counted.
pub const MOST_LINES: usize = 400;

/// Rooms that never panic, whatever comes in.
const CORE: &[&str] =
    &["domain", "helm", "tools", "config", "model", "permit", "intent", "msg", "keymap", "effect", "update", "ui"];

/// Every file says first what it is for.
pub fn head(path: &str, text: &str) -> Vec<Breach> {
    let says = text.lines().next().is_some_and(|line| line.strip_prefix("//! ").is_some_and(|rest| !rest.is_empty()));
    if says {
        Vec::new()
    } else {
        vec![breach(path, 1, "opens without a `//!` head: what is it for, what does it never do?")]
    }
}

/// A file is one noun or verb of the operator's world.
pub fn size(path: &str, text: &str) -> Vec<Breach> {
    let lines = if is_tests(path) { 0 } else { lines_without_tests(text) };
    if lines <= MOST_LINES {
        return Vec::new();
    }
    vec![breach(path, MOST_LINES + 1, format!("has {lines} lines without its tests; {MOST_LINES} are the most"))]
}

/// Nothing is left lying about.
pub fn leftovers(path: &str, text: &str) -> Vec<Breach> {
    let words = find_lines(path, &comments(text), |line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let found = words.find(|word| ["TODO", "FIXME", "HACK", "XXX"].contains(word))?;
        Some(format!("{found}: do it, or file it"))
    });
    let macros = find_lines(path, &code(text), |line| {
        let found = ["dbg!(", "todo!(", "unimplemented!("].into_iter().find(|name| has_macro(line, name))?;
        Some(format!("`{found})` is a leftover"))
    });
    words.into_iter().chain(macros).collect()
}

/// A comment gives a reason; code that is not run is in the history.
pub fn commented_code(path: &str, text: &str) -> Vec<Breach> {
    find_lines(path, text, |line| {
        let comment = line.trim_start().strip_prefix("//")?;
        if comment.starts_with(['/', '!']) {
            return None;
        }
        let comment = comment.trim();
        let begins =
            ["let ", "fn ", "use ", "pub ", "impl ", "mod ", "#["].iter().any(|word| comment.starts_with(word));
        let ends = comment.ends_with([';', '{', '}']);
        let is_call = comment.ends_with("();") || comment.ends_with(");") || comment == "}" || comment.ends_with(" {");
        ((begins && ends) || is_call).then(|| "commented-out code: the history keeps it".to_owned())
    })
}

/// A module with parts is `foo.rs` beside `foo/`.
pub fn mod_rs(path: &str, _: &str) -> Vec<Breach> {
    if path.ends_with("/mod.rs") {
        vec![breach(path, 1, "a mod.rs: name it after its folder, beside it")]
    } else {
        Vec::new()
    }
}

/// The state has one owner; what is shared behind a lock is the simulated production alone.
pub fn shared_locks(path: &str, text: &str) -> Vec<Breach> {
    if path == "src/sim/handle.rs" {
        return Vec::new();
    }
    find_lines(path, &product(text), |line| {
        let found = ["Arc<Mutex<", "Arc<RwLock<", "Arc<std::sync::Mutex<", "Arc<tokio::sync::Mutex<"]
            .into_iter()
            .find(|found| line.contains(found))?;
        Some(format!("`{found}`: state has one owner; send a message instead"))
    })
}

/// The core is total: it never panics.
pub fn total_core(path: &str, text: &str) -> Vec<Breach> {
    if !CORE.contains(&RoomOf(path).name()) || is_tests(path) {
        return Vec::new();
    }
    find_lines(path, &product(text), |line| {
        let method = [".unwrap()", ".expect("].into_iter().find(|found| line.contains(found));
        let panics = ["panic!(", "unreachable!(", "assert!(", "assert_eq!("];
        let found = method.or_else(|| panics.into_iter().find(|name| has_macro(line, name)))?;
        Some(format!("`{found}` in the core, which never panics: give the case a value"))
    })
}

/// A drill cannot reach the world.
pub fn sealed_drill(path: &str, text: &str) -> Vec<Breach> {
    const WORLD: &[&str] = &[
        "std::net",
        "std::fs",
        "std::process",
        "std::env",
        "std::thread",
        "std::os",
        "tokio",
        "reqwest",
        "kube",
        "k8s_openapi",
        "rustls",
        "http",
        "TcpStream",
        "UdpSocket",
        "crate::live",
        "crate::app",
    ];
    if RoomOf(path).name() != "sim" {
        return Vec::new();
    }
    let named = paths(&code(text));
    let reach = |named: &super::source::Named| WORLD.iter().find(|world| named.has(world));
    named
        .iter()
        .filter_map(|named| {
            Some(breach(path, named.line, format!("{} in a drill, which cannot reach the world", reach(named)?)))
        })
        .collect()
}

/// Colours are roles; the terminal's own palette gives them their shade.
pub fn colours(path: &str, text: &str) -> Vec<Breach> {
    const SHADES: &[&str] = &["black", "red", "green", "yellow", "blue", "magenta", "cyan", "gray", "white"];
    let is_theme = path == "src/ui/theme.rs";
    find_lines(path, &product(text), |line| {
        if let Some(fixed) = ["Color::Rgb", "Color::Indexed"].into_iter().find(|fixed| line.contains(fixed)) {
            return Some(format!("`{fixed}` is a fixed shade: use the terminal's palette"));
        }
        if is_theme {
            return None;
        }
        let named = line.contains("Color::").then_some("Color");
        let shade = named.or_else(|| {
            let mut calls = line.split("()").filter_map(|call| call.rsplit_once('.').map(|(_, name)| name));
            calls.find(|name| {
                let name = name.strip_prefix("on_").unwrap_or(name);
                let name = name.strip_prefix("dark_").or_else(|| name.strip_prefix("light_")).unwrap_or(name);
                SHADES.contains(&name)
            })
        })?;
        Some(format!("`{shade}`: a colour is named in src/ui/theme.rs only; draw by role"))
    })
}

/// What a key means stands in one table. A key may be made elsewhere, never read.
pub fn keys(path: &str, text: &str) -> Vec<Breach> {
    if ["src/keymap.rs", "src/update/text.rs"].contains(&path) || path.starts_with("src/keymap/") {
        return Vec::new();
    }
    find_lines(path, &product(text), |line| {
        let line = line.trim();
        let read = ["==", "!=", "=>", "matches!(", "let KeyCode", "KeyCode::*"].iter().any(|sign| line.contains(sign))
            || line.starts_with('|')
            || line.ends_with('|');
        (read && line.contains("KeyCode::"))
            .then(|| "a key is read in src/keymap.rs only (text in src/update/text.rs)".to_owned())
    })
}

/// Names are the field's terms.
pub fn names(path: &str, text: &str) -> Vec<Breach> {
    const EMPTY: &[&str] = &["Manager", "Helper", "Helpers", "Util", "Utils", "Data"];
    const FILES: &[&str] = &["manager", "helper", "helpers", "util", "utils", "data", "common", "misc"];
    let stem = path.rsplit('/').next().and_then(|file| file.strip_suffix(".rs")).unwrap_or_default();
    let file = FILES
        .contains(&stem)
        .then(|| breach(path, 1, format!("`{stem}` says nothing: name the file after what it holds")));
    let declared = find_lines(path, &code(text), |line| {
        let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let name = words.windows(2).find_map(|pair| {
            let declares = ["struct", "enum", "trait", "type", "union"].contains(&pair[0]);
            (declares && EMPTY.iter().any(|empty| pair[1].ends_with(empty))).then_some(pair[1])
        })?;
        Some(format!("`{name}` says nothing: use the field's term"))
    });
    file.into_iter().chain(declared).collect()
}

/// The top level is for the package, its source, its assets, its tests and the page that explains it.
pub fn top_level(names: &[&str]) -> Vec<Breach> {
    const WANTED: &[&str] = &["Cargo.toml", "Cargo.lock", "src", "assets", "tests", "README.md"];
    names
        .iter()
        .filter(|name| !name.starts_with('.') && !WANTED.contains(name))
        .map(|name| breach(name, 0, "does not belong at the top level"))
        .collect()
}

/// A file that holds nothing but unit tests.
fn is_tests(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn has_macro(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn find_lines(path: &str, text: &str, fault: impl Fn(&str) -> Option<String>) -> Vec<Breach> {
    text.lines().enumerate().filter_map(|(at, line)| Some(breach(path, at + 1, fault(line)?))).collect()
}
