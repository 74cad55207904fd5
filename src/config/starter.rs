//! The config file that `backout init` writes: every key with its default, commented out, and the cluster pinned.
//!
//! Never: writing it; the caller does.

use crate::domain::identity::{Environment, Identity, Pin};

/// Every key, its default and what it is for, all commented out.
pub const COMMENTED: &str = include_str!("../../assets/backout.toml");

/// The file for this cluster: [`COMMENTED`] with the context, the namespace and a `[[cluster]]` of its own.
pub fn starter(identity: &Identity) -> String {
    let context = format!("context = {}", quoted(identity.context.as_str()));
    let namespace = format!("namespace = {}", quoted(identity.namespace.as_str()));
    let file: String = COMMENTED
        .lines()
        .map(|line| match line {
            "#context = \"\"" => format!("{context}\n"),
            "#namespace = \"\"" => format!("{namespace}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let environment = match &identity.environment {
        Environment::Production => "production",
        Environment::Other(name) => name,
    };
    let uid = match &identity.pin {
        Pin::Uid(uid) => Some(("uid", uid)),
        Pin::ServerAndCa => None,
    };
    let ca = identity.ca.as_ref().map(|ca| ("ca", ca));
    let pins = uid.into_iter().chain([("server", &identity.server)]).chain(ca);
    let rows: Vec<String> = pins.map(|(key, value)| format!("{key} = {}", quoted(value))).collect();
    format!("{file}\n[[cluster]]\nenvironment = {}\n{}\n", quoted(environment), rows.join("\n"))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
