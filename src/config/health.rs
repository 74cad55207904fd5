//! `[health]`: how the services are asked for their health, and `[[health.service]]`: what is different for one of them.
//!
//! Never: a service that is left out without being named.

use super::mistake::Sheet;
use super::section::Section;
use crate::domain::health::{Asking, Own};
use crate::domain::name::Service;

pub(super) const KEYS: &[&str] = &["path", "components", "plain", "service"];
pub(super) const SERVICE: &[&str] = &["name", "skip", "port", "path"];

pub(super) fn read(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Asking {
    let default = Asking::default();
    let mut asking = Asking {
        path: path(sheet, section).unwrap_or(default.path),
        components: section.text(sheet, "components").map_or(default.components, names),
        plain: section.switch(sheet, "plain").unwrap_or(default.plain),
        own: default.own,
    };
    for one in section.sections(sheet, "service") {
        one.only(sheet, SERVICE, |key| super::belongs(key, "health.service"));
        let Some(name) = one.needed(sheet, "name").map(Service::new) else { continue };
        let own = Own {
            skip: one.switch(sheet, "skip").unwrap_or_default(),
            port: port(sheet, &one),
            path: path(sheet, &one),
        };
        if !["skip", "port", "path"].iter().any(|key| one.has(key)) {
            one.wrong(sheet, "name", "says nothing else", "write port, path or skip = true beside it");
        }
        if asking.own.insert(name, own).is_some() {
            one.wrong(sheet, "name", "is there twice", "keep one of the two");
        }
    }
    asking
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(crate::domain::text::clean).collect()
}

pub(super) fn path(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<String> {
    let path = section.text(sheet, "path")?;
    let sane = path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic());
    if !sane {
        section.wrong(
            sheet,
            "path",
            &format!("is {}", super::section::quote(path)),
            "a path begins with / and has no blanks",
        );
    }
    sane.then(|| path.to_owned())
}

pub(super) fn port(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<String> {
    let port = section.text(sheet, "port")?;
    let sane = port.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !sane {
        let found = format!("is {}", super::section::quote(port));
        section.wrong(sheet, "port", &found, "a port's name or number is wanted, as the Service has it: \"8080\"");
    }
    sane.then(|| port.to_owned())
}
