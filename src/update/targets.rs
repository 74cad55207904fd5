//! Which release is at work, how its revisions did while they were live, and which of them is proposed.

use std::collections::BTreeMap;

use crate::domain::metrics::Signal;
use crate::domain::moment::since;
use crate::domain::name::{ReleaseName, Revision};
use crate::domain::release::{Lived, RevisionFacts, SETTLING};
use crate::effect::Effect;
use crate::helm::target;
use crate::model::Model;

use super::situation;

/// The release at work: the chosen one while it exists, else the incident's, else the one changed last.
pub fn select_release(model: &mut Model) {
    let Some(releases) = model.feeds.releases.known() else { return };
    let exists = |name: &ReleaseName| releases.iter().any(|r| r.name == *name);
    if model.release.as_ref().is_some_and(exists) {
        return;
    }
    let incident = model.open_incident().and_then(|i| i.release.clone()).filter(exists);
    let newest = || releases.iter().max_by_key(|r| r.last().map(|f| f.updated)).map(|r| r.name.clone());
    let chosen = incident.or_else(newest);
    if chosen != model.release {
        model.lives.clear();
        model.release = chosen;
    }
}

/// The next release of the namespace.
pub fn next_release(model: &mut Model) -> Vec<Effect> {
    let Some(releases) = model.feeds.releases.known() else { return Vec::new() };
    let here = releases.iter().position(|r| Some(&r.name) == model.release.as_ref());
    let next = here.map_or(0, |i| (i + 1) % releases.len().max(1));
    model.release = releases.get(next).map(|r| r.name.clone());
    model.lives.clear();
    let effects = ask_lived(model);
    choose(model);
    effects
}

/// Asks how revisions did while they were live, where that is not known, or no longer.
pub fn ask_lived(model: &mut Model) -> Vec<Effect> {
    let Some(release) = model.release() else { return Vec::new() };
    let wanted = model.lives.wanted(release, model.now);
    if wanted.is_empty() {
        return Vec::new();
    }
    let effect = Effect::ReadLived(release.name.clone(), release.services(), wanted);
    model.lives.ask(model.now);
    vec![effect]
}

/// How revisions did came back.
pub fn lived(model: &mut Model, release: &ReleaseName, lived: BTreeMap<Revision, Lived>) -> Vec<Effect> {
    if model.release.as_ref() != Some(release) {
        return Vec::new();
    }
    model.lives.answer(lived, model.now);
    super::derive::derive(model)
}

/// The proposal, from records and health.
pub fn choose(model: &mut Model) {
    let Some(release) = model.release() else {
        model.choice = None;
        return;
    };
    let mut lived = model.lives.read.clone();
    if let Some(newest) = release.last()
        && let Some(now) = present(model, newest)
    {
        lived.insert(newest.revision, now);
    }
    let limits = target::Limits { errors: model.settings.limits.errors_bad, p95: model.settings.limits.p95_bad };
    let mut choice = target::choose(release, &lived, &limits);
    if let Some(doubt) = choice.target.and_then(|_| situation::doubt(model)) {
        choice.why = format!("{doubt} {}", choice.why);
    }
    model.choice = Some(choice);
}

/// How the present revision does now; no figures before its rollout has settled, for what is measured then is the one
/// before.
fn present(model: &Model, current: &RevisionFacts) -> Option<Lived> {
    let (from, to) = (current.updated, model.now.wall);
    if since(from, to) < SETTLING {
        return Some(Lived { from, to, errors: None, p95: None, unread: None });
    }
    let errors = model.headline(Signal::ErrorRatio).worst.as_ref();
    let p95 = model.headline(Signal::P95).worst.as_ref();
    if errors.is_none() && p95.is_none() {
        return None;
    }
    Some(Lived { from, to, errors: errors.map(|w| w.value), p95: p95.map(|w| w.value), unread: None })
}
