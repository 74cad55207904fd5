//! Asking the services of the release how they are: whom, when, and what their answers prove.
//!
//! Never: asking while nobody needs to know, nor an answer of another release's services.

use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::health::{Answer, Ask, Checked, Finding, Summary, summary};
use crate::domain::moment::Moment;
use crate::domain::release::Content;
use crate::effect::Effect;
use crate::helm::mask::text::mask;
use crate::model::Model;
use crate::model::feed::{Generation, Reading};

use super::derive::derive;
use super::evidence::say;

/// What is live, as its record tells it.
pub fn live(model: &Model) -> Option<&Content> {
    model.release().and_then(|r| r.live().or_else(|| r.last())).and_then(|r| r.content.as_ref())
}

/// Whom to ask.
pub fn asks(model: &Model) -> Vec<Ask> {
    live(model).map(|content| model.settings.health.asks(&content.services)).unwrap_or_default()
}

/// Whether somebody needs to know.
pub fn is_wanted(model: &Model) -> bool {
    model.settings.asked.now(model.open_incident().is_some())
}

/// The question that is due.
pub fn due(model: &mut Model) -> Option<Effect> {
    if !is_wanted(model) || !model.feeds.health.is_due(model.now) {
        return None;
    }
    let asks = asks(model);
    (!asks.is_empty()).then(|| Effect::ReadHealth(model.feeds.health.ask(model.now), asks))
}

/// Answers came back. What is secret in them is hidden before they are kept.
pub fn read(model: &mut Model, generation: Generation, mut answers: Vec<Checked>) -> Vec<Effect> {
    if !model.feeds.health.is_current(generation) {
        return Vec::new();
    }
    for checked in &mut answers {
        if let Answer::Said(reply) = &mut checked.answer {
            reply.body = mask(&reply.body, None);
        }
    }
    model.feeds.health.put(answers, model.now);
    derive(model)
}

/// All services together. Where traffic cannot get to them, no word of theirs makes them well.
fn judged(model: &Model) -> (Summary, Moment) {
    let (said, at) = said(model);
    match super::ways::cut(model) {
        Some(cut) if said.verdict != Verdict::NotMet => {
            let value = format!("{cut}; {}", said.value);
            (Summary { verdict: Verdict::NotMet, value, blind: false }, model.now.wall)
        }
        Some(_) | None => (said, at),
    }
}

/// What the services say together, as far as their answers are fresh, and when they answered.
fn said(model: &Model) -> (Summary, Moment) {
    let now = model.now.wall;
    let unknown = |value: String, blind| (Summary { verdict: Verdict::Unknown, value, blind }, now);
    let asks = asks(model);
    if asks.is_empty() {
        return match model.feeds.releases.read(model.now) {
            Reading::Loading => unknown("the release's Services: reading …".into(), false),
            Reading::Dark { fault, .. } => unknown(format!("the release's Services: {}", fault.word()), true),
            Reading::Fresh { .. } | Reading::Stale { .. } => unknown("no Service to ask is known".into(), true),
        };
    }
    if !is_wanted(model) {
        return unknown("asked while an incident is open".into(), false);
    }
    match (model.feeds.health.fresh(model.now), model.feeds.health.good_at()) {
        (Some(answers), Some(at)) => (summary(&asks, answers, &model.settings.health), at.wall),
        (_, _) => unknown(super::evidence::feed_word("health", &model.feeds.health, model), false),
    }
}

/// Every service says that it is well.
pub fn evidence(model: &Model) -> Evidence {
    let (Summary { verdict, value, .. }, at) = judged(model);
    say(verdict, value, at)
}

/// What the sensor says for the board; `None` where it will never know more, so that a person has to say it.
pub fn sensed(model: &Model) -> Option<Evidence> {
    let (Summary { verdict, value, blind }, at) = judged(model);
    (!blind).then(|| say(verdict, value, at))
}

/// How many of those who were asked say that they are well, where one says that it is not: `health 5/10 UP`.
pub fn down(model: &Model) -> Option<String> {
    if judged(model).0.verdict != Verdict::NotMet {
        return None;
    }
    let (asks, answers) = (asks(model), model.feeds.health.fresh(model.now)?);
    let well = |c: &&Checked| asks.contains(&c.ask) && c.finding(&model.settings.health) == Finding::Up;
    let up = answers.iter().filter(well).count();
    (up < asks.len()).then(|| format!("health {up}/{} UP", asks.len()))
}

/// Why the sensor will never know more.
pub fn blind(model: &Model) -> String {
    judged(model).0.value
}
