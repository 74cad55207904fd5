//! `backout drill`: the cockpit on the simulated production. Nothing outside is opened: no socket, no kubeconfig.

use futures::channel::oneshot;

use crate::act::rollback::Terms;
use crate::app::log::Log;
use crate::domain::identity::Realm;
use crate::model::settings::DrillCard;
use crate::sim::{DEFAULT, Handle, drill, drills};

use super::cockpit::{Opening, fly, runtime};
use super::outcome::Outcome;
use super::{Globals, settings};

/// The context that command lines on show name.
const CONTEXT: &str = "drill";

/// Names the drills.
pub fn list() -> Outcome {
    let mut lines = Vec::new();
    for (name, drill) in drills() {
        match drill {
            Ok(drill) if name == DEFAULT => lines.push(format!("{name:<18} {} (where none is named)", drill.title)),
            Ok(drill) => lines.push(format!("{name:<18} {}", drill.title)),
            Err(e) => return Outcome::failed(1, e.to_string()),
        }
    }
    Outcome::said(lines.join("\n"))
}

/// Opens the cockpit on a drill.
pub fn open(name: Option<&str>, globals: &Globals) -> Outcome {
    runtime().and_then(|runtime| Ok(fly(&runtime, opening(name, globals)?))).unwrap_or_else(|outcome| outcome)
}

/// The world of that drill.
///
/// # Errors
/// A mistake in a file, or no such drill, as the command's end.
pub fn opening(name: Option<&str>, globals: &Globals) -> Result<Opening, Outcome> {
    let given = settings::read(globals).map_err(|why| Outcome::failed(64, why))?;
    let drill = drill(name.unwrap_or(DEFAULT)).map_err(|why| Outcome::failed(64, why.to_string()))?;
    let card = DrillCard {
        name: drill.name.clone(),
        title: drill.title.clone(),
        par_minutes: drill.par.minutes,
        par_keys: drill.par.keys,
        solution: drill.solution.sentence.clone(),
        back_to: drill.solution.revision,
        put_back: drill.solution.object.clone(),
    };
    let namespace = drill.namespace.clone();
    let handle = Handle::of(drill);
    // Beside the first frame, which does not wait for it.
    let loading = handle.clone();
    let (made, arrival) = oneshot::channel();
    std::thread::spawn(move || {
        loading.with(|_| ());
        // Nobody waits any more: the person has left.
        let _ = made.send(());
    });
    let mut settings = given.settings(Realm::Drill, namespace, globals);
    // The names of the live world mean nothing in a drill.
    settings.release = None;
    settings.drill = Some(card);
    let log = Log::start(&given.places.drills());
    settings.log.clone_from(&log.place);
    let advanced = handle.clone();
    Ok(Opening {
        settings,
        world: handle.world(),
        folder: given.places.drills(),
        context: CONTEXT.into(),
        complaint: given.complaint,
        terms: Terms::default(),
        advance: Some((Box::new(move |by| advanced.advance(by)), arrival)),
        named: Box::new(|identity| identity),
        resumes: false,
        log: Some(log),
    })
}
