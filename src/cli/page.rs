//! `backout runbook`: the page for paper, and the check of a team's own.

use std::path::Path;

use crate::config::runbook;
use crate::config::runbook::Filled;
use crate::domain::identity::Realm;

use super::outcome::Outcome;
use super::settings::Given;
use super::unreadable::unreadable;
use super::{Globals, settings};

/// Prints the page.
pub fn print(globals: &Globals) -> Outcome {
    match settings::read(globals) {
        Ok(Given { complaint: Some(why), .. }) | Err(why) => Outcome::failed(64, why),
        Ok(given) => {
            let config = &given.config;
            let filled = Filled {
                release: config.release.clone(),
                namespace: config.namespace.clone(),
                context: config.context.clone(),
                target: None,
                prometheus: given.prometheus(Realm::Live, globals),
            };
            Outcome::said(runbook::page(&given.runbook, &filled))
        }
    }
}

/// Checks a file.
pub fn check(file: &Path) -> Outcome {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(why) => {
            let then =
                "Nothing was checked. Check the path; `backout runbook print` prints the checklist that is in use.";
            return Outcome::failed(64, unreadable("The runbook", file, &why, then));
        }
    };
    match runbook::check(&text, &file.display().to_string()) {
        Ok(book) => Outcome::said(format!("{}: {} steps, well formed", file.display(), book.steps().count())),
        Err(mistakes) => Outcome::failed(1, mistakes.to_string()),
    }
}
