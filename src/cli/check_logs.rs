//! The part of a check that tells what the pods of the release write.

use serde_json::{Map, json};

use crate::domain::evidence::Sensor;
use crate::domain::logbook::tally::{Tally, error_lines};
use crate::model::Model;
use crate::update::evidence::sense;
use crate::update::logs::since;

use super::check::Part;
use super::check_parts::{ROWS, sensed};

/// The error lines of each service, and the newest of them.
pub(super) fn logs(model: &Model) -> Part {
    let mut part = sensed("logs", sense(model, Sensor::LogsClean), &model.feeds.logs, model);
    let tallies = model.logs.tallies(since(model), model.now.wall);
    let telling = |t: &&Tally| t.errors > 0 || t.unread.is_some();
    part.details.extend(tallies.iter().filter(telling).take(ROWS).map(|t| {
        let unread = t.unread.as_ref().map_or_else(String::new, |why| format!("; {}", why.words()));
        format!("{}: {}{unread}", t.service, error_lines(t.errors))
    }));
    let newest = model.logs.errors().iter().rev().take(ROWS);
    part.details.extend(newest.map(|w| format!("{} {}: {}", w.line.at.format("%H:%M:%S"), w.service, w.line.text)));
    if model.feeds.logs.known().is_some() {
        let errors: u32 = tallies.iter().map(|t| t.errors).fold(0, u32::saturating_add);
        let of = |t: &Tally| (t.service.to_string(), json!({"errors": t.errors, "read": t.unread.is_none()}));
        part.figures.insert("errors".into(), json!(errors));
        part.figures.insert("services".into(), tallies.iter().map(of).collect::<Map<_, _>>().into());
    }
    part
}
