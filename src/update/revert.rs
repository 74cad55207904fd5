//! A ConfigMap or Secret put back: which one, to which revision's content. It opens; it never fires by itself.

use crate::domain::change::Object;
use crate::domain::name::{ReleaseName, Revision};
use crate::effect::{Effect, Wanted};
use crate::helm::progress::Progress;
use crate::intent::{Availability, Intent};
use crate::model::dialog::{Dialog, Wish};
use crate::model::{Model, Tone};
use crate::revert::plan::Plan;

use super::{act, journal, open};

/// The wish: one is chosen first, what was changed past Helm on top.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    let first = model.configurations().first().map(|(object, ..)| object.clone());
    match first {
        Some(cursor) => open(model, Dialog::Configurations(cursor)),
        None => journal::notice(model, Tone::Refused, "no ConfigMap or Secret is known that this release's pods read"),
    }
    Vec::new()
}

/// One was chosen: of which revision? The one that is live is under the cursor.
pub fn object_taken(model: &mut Model, object: Object) -> Vec<Effect> {
    if let Availability::Disabled(why) = Intent::Revert.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    let cursor = model.live_revision().or_else(|| model.contents().first().map(|r| r.revision));
    match cursor {
        Some(cursor) => open(model, Dialog::Contents { object, cursor }),
        None => journal::notice(model, Tone::Refused, "no Helm revision is known here"),
    }
    Vec::new()
}

/// A revision was chosen.
pub fn revision_taken(model: &mut Model, object: Object, to: Revision) -> Vec<Effect> {
    let release = model.release.clone();
    release.map(|release| prepare(model, release, object, Some(to))).unwrap_or_default()
}

/// A command without a screen names all: the prepared act opens, as its key opens it.
pub fn wanted(model: &mut Model, release: ReleaseName, object: Object, to: Option<Revision>) -> Vec<Effect> {
    if let Availability::Disabled(why) = Intent::Revert.availability(model) {
        journal::notice(model, Tone::Refused, why);
        return Vec::new();
    }
    prepare(model, release, object, to)
}

fn prepare(model: &mut Model, release: ReleaseName, object: Object, to: Option<Revision>) -> Vec<Effect> {
    act::prepare(model, Wish::Revert(object.clone(), to), Wanted::Revert(release, object, to))
}

/// What the journal keeps of a fact.
pub fn told(plan: &Plan, progress: &Progress) -> Option<String> {
    match progress {
        Progress::Object { index: 0, error: None, .. } => {
            Some(format!("{} has the content of revision {}; nobody is restarted yet", plan.object, plan.to))
        }
        Progress::Object { index, error: None, .. } => {
            let reader = plan.readers.get(index.checked_sub(1)?)?;
            Some(format!("the restart of {} is written; no new pod is seen yet", reader.workload))
        }
        Progress::Ready => Some("every pod that reads it is new and ready".into()),
        Progress::Checked
        | Progress::Recorded(_)
        | Progress::HelmDone(_)
        | Progress::Hook { .. }
        | Progress::Object { .. }
        | Progress::Rolling { .. }
        | Progress::Pods { .. }
        | Progress::Images { .. }
        | Progress::Said(_) => None,
    }
}
