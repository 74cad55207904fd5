//! An alert silenced for a while: which one, for how long and why, then the plan. It opens; it never fires by itself.

use crate::config::length;
use crate::domain::alert::Labels;
use crate::effect::{Effect, Wanted};
use crate::model::dialog::{Dialog, Purpose, Wish};
use crate::model::{Model, Tone};
use crate::silence::ask::{self, Ask};

use super::{act, journal, open, text};

/// The wish: the alert is chosen first.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    let first = model.alerts_to_silence().next().map(|(labels, _)| labels.clone());
    if let Some(cursor) = first {
        open(model, Dialog::Alerts(cursor));
    }
    Vec::new()
}

/// One was chosen: for how long, and why?
pub fn alert_taken(model: &mut Model, labels: Labels) -> Vec<Effect> {
    let called = model.alerts_to_silence().find(|(l, _)| **l == labels).map(|(_, alert)| alert.called());
    match called {
        Some(called) => text::ask(model, Purpose::Silence(called, labels)),
        None => journal::notice(model, Tone::Refused, "this alert is told no more: look at the alerts (6)"),
    }
    Vec::new()
}

/// The line is written.
pub fn written(model: &mut Model, called: String, labels: Labels, line: &str) -> Vec<Effect> {
    match ask::read(line, length::read) {
        Ok((length, why)) => {
            let by = model.settings.person.clone();
            act::prepare(model, Wish::Silence(called), Wanted::Silence(Ask { labels, length, why, by }))
        }
        Err(why) => {
            journal::notice(model, Tone::Refused, format!("nothing is silenced: {why}"));
            Vec::new()
        }
    }
}
