//! `backout drill`: the cockpit on the simulated production. Nothing outside is opened: no socket, no kubeconfig.

use std::time::Duration;

use crate::domain::identity::Realm;
use crate::model::settings::{DrillCard, Settings};
use crate::sim::{DEFAULT, Handle, Production, drill, drills};

use super::cockpit::{Opening, fly};
use super::outcome::Outcome;
use super::{Globals, settings};

/// Names the drills.
pub fn list() -> Outcome {
    let mut lines = Vec::new();
    for (name, drill) in drills() {
        match drill {
            Ok(drill) => lines.push(format!("{name:<18} {}", drill.title)),
            Err(e) => return Outcome::failed(1, e.to_string()),
        }
    }
    Outcome::said(lines.join("\n"))
}

/// Opens the cockpit on a drill.
pub fn open(name: Option<&str>, globals: &Globals) -> Outcome {
    let given = match settings::read(globals) {
        Ok(given) => given,
        Err(why) => return Outcome::failed(64, why),
    };
    let drill = match drill(name.unwrap_or(DEFAULT)) {
        Ok(drill) => drill,
        Err(why) => return Outcome::failed(64, why.to_string()),
    };
    let handle = Handle::new(Production::load(&drill));
    let settings = Settings {
        realm: Realm::Drill,
        drill: Some(DrillCard { name: drill.name.clone(), title: drill.title.clone(), par_minutes: drill.par.minutes }),
        person: given.person.clone(),
        namespace: drill.namespace.clone(),
        release: None,
        runbook: given.runbook,
        limits: given.config.limits,
        read_only: globals.read_only,
        arm_for: given.config.arm_for,
        history: Duration::from_mins(30),
        palette: settings::palette(),
    };
    let advanced = handle.clone();
    fly(Opening {
        settings,
        world: handle.world(),
        folder: given.places.drills(),
        context: String::new(),
        advance: Some(Box::new(move |by| advanced.advance(by))),
        resumes: false,
    })
}
