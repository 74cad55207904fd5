//! The decision tree on what is known now: its clues, the person's answers, and what its way opens.
//!
//! Never: an act. What a way offers is opened as by its own key, and asks for all that it asks for there.

use crate::domain::change::{AFTER, Kind};
use crate::domain::checklist::StepState;
use crate::domain::decision::{Answer, Clue, Next, Offer, Path, Said};
use crate::domain::event::Event;
use crate::domain::evidence::{Evidence, Sensor, Verdict};
use crate::domain::health::Answer as Answered;
use crate::domain::moment::{short, since};
use crate::domain::name::StepNo;
use crate::domain::severity::Severity;
use crate::domain::ways::Way;
use crate::effect::Effect;
use crate::intent::Intent;
use crate::keymap::Scope;
use crate::model::Model;
use crate::model::dialog::Dialog;
use crate::model::panes::Pane;

use super::changes::{BEFORE, is_whole, nearest, ranked};
use super::criteria::deadline;
use super::evidence::{say, sense};
use super::situation::SOON;
use super::{incident, journal, keys, open, ways};

/// Opens the tree.
pub fn ask(model: &mut Model) {
    let path = path(model, &Said::new());
    open(model, Dialog::Decide { said: Said::new(), path, scroll: 0 });
}

/// What is known now may lead elsewhere.
pub fn follow(model: &mut Model) {
    let Some(Dialog::Decide { said, .. }) = model.dialog.as_ref().map(|o| &o.dialog) else { return };
    let newer = path(model, said);
    if let Some(Dialog::Decide { path, scroll, .. }) = model.dialog.as_mut().map(|o| &mut o.dialog)
        && *path != newer
    {
        if path.at != newer.at {
            *scroll = 0;
        }
        *path = newer;
    }
}

fn path(model: &Model, said: &Said) -> Path {
    model.settings.decisions.path(said, |clue| known(model, clue))
}

/// The person answers the question that is asked.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    if let Some(Dialog::Decide { said, path, .. }) = model.dialog.as_mut().map(|o| &mut o.dialog)
        && let Next::Question(question) = path.at
    {
        said.insert(question, answer);
    }
    follow(model);
    Vec::new()
}

/// What the way on show offers is opened, and the decision noted.
pub fn taken(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Decide { path, .. }) = model.dialog.as_ref().map(|o| &o.dialog) else { return Vec::new() };
    let Next::Way(no) = path.at else { return Vec::new() };
    let Some(way) = model.settings.decisions.ways.get(no.0) else { return Vec::new() };
    let (offer, text) = (way.offer, format!("Decided: {} ({})", way.title, way.kind.word()));
    model.dialog = None;
    let mut effects = Vec::new();
    if model.open_incident().is_some() {
        effects.extend(journal::append(model, vec![Event::Note { text }]));
    }
    let intent = match offer {
        Offer::RollBack => Intent::RollBack,
        Offer::Undo => Intent::Undo,
        Offer::Restart => Intent::Restart,
        Offer::WhatChanged => Intent::WhatChanged,
        Offer::Criteria => Intent::Go(Pane::Criteria),
        Offer::RaiseSeverity => Intent::RaiseSeverity,
        Offer::Escalate => {
            effects.extend(incident::raise_to(model, Severity::Sev1));
            return effects;
        }
        Offer::Document => {
            model.panes.step = first_of_the_end(model).unwrap_or(model.panes.step);
            Intent::Go(Pane::Checklist)
        }
    };
    effects.extend(keys::meant(model, Scope::Cockpit, intent));
    effects
}

/// The first step of the last block that is not done.
fn first_of_the_end(model: &Model) -> Option<StepNo> {
    let incident = model.open_incident()?;
    let block = model.settings.runbook.blocks.last()?;
    block.steps.iter().map(|s| s.no).find(|no| !matches!(incident.step(*no), StepState::Done { .. }))
}

/// What is known about a clue: met is yes, not met is no.
fn known(model: &Model, clue: Clue) -> Evidence {
    match clue {
        Clue::Acted => acted(model),
        Clue::Stable => sense(model, Sensor::Stable),
        Clue::Overdue => overdue(model),
        Clue::Ground => ground(model),
        Clue::Release => release(model),
        Clue::Alone => alone(model),
        Clue::Configured => past_helm(model, "ConfigMap or Secret", Kind::configures),
        Clue::ByHand => past_helm(model, "workload", Kind::runs),
        Clue::Database => database(model),
    }
}

fn at_once(model: &Model, yes: bool, value: String) -> Evidence {
    say(if yes { Verdict::Met } else { Verdict::NotMet }, value, model.now.wall)
}

fn unknown(model: &Model, value: impl Into<String>) -> Evidence {
    say(Verdict::Unknown, value.into(), model.now.wall)
}

fn acted(model: &Model) -> Evidence {
    let acts = model.open_incident().into_iter().flat_map(|i| &i.entries).rev();
    let last = acts
        .into_iter()
        .find_map(|e| if let Event::ActAsked { act, .. } = &e.event { Some((e.at, act)) } else { None });
    match last {
        Some((at, act)) => at_once(model, true, format!("{} at {}", act.sentence(), at.format("%H:%M:%S"))),
        None => at_once(model, false, "nothing was put back yet".into()),
    }
}

fn overdue(model: &Model) -> Evidence {
    match deadline(model) {
        Some(due) if due <= model.now.wall => {
            at_once(model, true, format!("a decision is due since {}", due.format("%H:%M:%S")))
        }
        Some(due) => at_once(model, false, format!("it has time until {}", due.format("%H:%M:%S"))),
        None => unknown(model, "no rollback began its time"),
    }
}

/// Nodes and ingress; endpoints follow the pods, and are no ground.
fn ground(model: &Model) -> Evidence {
    let all: Vec<Evidence> = [Way::Nodes, Way::Ingresses].into_iter().filter_map(|w| ways::sense(model, w)).collect();
    let first = |verdict| all.iter().find(|e| e.verdict == verdict).cloned();
    first(Verdict::NotMet).or_else(|| first(Verdict::Unknown)).unwrap_or_else(|| {
        let values: Vec<&str> = all.iter().map(|e| e.value.as_str()).collect();
        at_once(model, true, values.join("; "))
    })
}

/// Whether a revision of Helm's came just before the onset, and nothing past Helm is nearer.
fn release(model: &Model) -> Evidence {
    let Some(suspects) = &model.suspects else { return unknown(model, "nobody saw when it began") };
    if model.release().is_none() {
        return unknown(model, "the history is not known");
    }
    let Some(revision) = suspects.all.iter().find(|s| s.touch.is_none() && s.at <= suspects.onset + AFTER) else {
        return at_once(model, false, format!("no revision in the {} min before", BEFORE.as_secs() / 60));
    };
    let ago = since(revision.at, suspects.onset);
    let beside = nearest(model, suspects.onset, &suspects.service);
    match beside.filter(|(_, far)| *far < ago) {
        Some((change, _)) => at_once(model, false, format!("{change}, which is nearer")),
        None if ago > SOON => at_once(model, false, format!("{} ran {} without it", revision.what, short(ago))),
        None => at_once(model, true, format!("{}, {} before", revision.what, short(ago))),
    }
}

/// Whether one workload of several runs other images than the target has.
fn alone(model: &Model) -> Evidence {
    let release = model.release();
    let target = model.target().and_then(|to| release?.revision(to));
    let Some(differ) = target.and_then(|target| model.differing(target)) else {
        return unknown(model, "what the target would change is not known");
    };
    match differ.as_slice() {
        [one] if release.is_some_and(|r| r.services().len() > 1) => {
            at_once(model, true, format!("{one} alone has other images"))
        }
        [] => at_once(model, false, "no image differs: something else of the revision does".into()),
        several => at_once(model, false, format!("{} workloads have other images", several.len())),
    }
}

/// Whether the likeliest change past Helm is of those kinds.
fn past_helm(model: &Model, what: &str, kind: impl Fn(Kind) -> bool) -> Evidence {
    let Some(suspects) = &model.suspects else { return unknown(model, "nobody saw when it began") };
    let found = ranked(model, suspects.onset, &suspects.service).into_iter().find(|(c, _)| kind(c.object.kind));
    match found {
        Some((change, _)) => at_once(model, true, format!("{change} at {}", change.at.format("%H:%M:%S"))),
        None if is_whole(model) => at_once(
            model,
            false,
            format!("no {what} was changed past Helm in the {} min before", BEFORE.as_secs() / 60),
        ),
        None => unknown(model, "not everything can be seen: w says what is missing"),
    }
}

/// Whether services say that their database is down. That none says so proves no database quick.
fn database(model: &Model) -> Evidence {
    let Some(answers) = model.feeds.health.fresh(model.now).filter(|all| !all.is_empty()) else {
        return unknown(model, "services are asked for their health while an incident is open");
    };
    let down = answers.iter().find_map(|checked| {
        let Answered::Said(reply) = &checked.answer else { return None };
        let bad = |name: &&String| reply.components.get(*name).is_some_and(|word| word == "DOWN");
        let name = model.settings.health.components.iter().find(bad)?;
        Some(format!("{} says that its {name} is DOWN", checked.ask.service))
    });
    match down {
        Some(why) => at_once(model, false, why),
        None => unknown(model, "no service says that its database is down; whether it is quick, its own board tells"),
    }
}
