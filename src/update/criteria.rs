//! "Stable": errors, P95 and pods well without a break, on the moments of the samples.

use crate::domain::criteria::{Sample, Stretch};
use crate::domain::evidence::Verdict;
use crate::domain::metrics::Signal;
use crate::model::Model;

use super::evidence::{errors_low, p95_low, pods_ready};

/// Folds what is measured now into the stretch, while an incident is open.
pub fn sample(model: &mut Model) {
    if model.open_incident().is_none() {
        model.stretch = Stretch::Unseen;
        return;
    }
    let checks = [errors_low(model), p95_low(model), pods_ready(model)];
    let at = match newest_sample(model) {
        Some(at) => at,
        None => model.now.wall,
    };
    let broken = checks.iter().find(|e| e.verdict == Verdict::NotMet);
    let verdict = match broken {
        Some(_) => Verdict::NotMet,
        None if checks.iter().all(|e| e.verdict == Verdict::Met) => Verdict::Met,
        None => Verdict::Unknown,
    };
    let at = if verdict == Verdict::Unknown { model.now.wall } else { at };
    let value = broken.map(|e| e.value.clone()).unwrap_or_default();
    let stretch = std::mem::replace(&mut model.stretch, Stretch::Unseen);
    model.stretch = stretch.after(&Sample { at, verdict, value });
}

fn newest_sample(model: &Model) -> Option<crate::domain::moment::Moment> {
    model.headline(Signal::ErrorRatio).worst.map(|w| w.at)
}
