//! Reading the logs of the pods that run now: whose, when, and what they prove.
//!
//! Never: reading while nobody needs to know, nor a line with its secrets.

use crate::domain::event::{Ending, Event};
use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::logbook::tally::Summary;
use crate::domain::logbook::{Running, Usual};
use crate::domain::logs::{Heard, LogLine, Writer};
use crate::domain::moment::Moment;
use crate::domain::text::clean;
use crate::domain::workload::{ContainerRow, Pod, PodState};
use crate::effect::Effect;
use crate::helm::mask::text::log;
use crate::model::Model;
use crate::model::feed::{Asked, Generation};
use crate::model::pods::Extent;

use super::derive::derive;
use super::evidence::{feed_word, say};
use super::health::is_wanted;

/// A change within this long before the incident was declared may have begun it.
const CHANGE: chrono::Duration = chrono::Duration::hours(1);

/// A shorter time without errors after an act proves no step.
const LEAST: chrono::Duration = chrono::Duration::minutes(1);

/// The questions that are due.
pub fn due(model: &mut Model) -> Option<Effect> {
    if !is_wanted(model) {
        if model.logs.onset().is_some() {
            model.logs.begin(None);
        }
        return None;
    }
    let onset = onset(model);
    if onset.is_some() && model.logs.onset().is_none() {
        model.logs.begin(onset);
    }
    // While somebody was never asked, one round follows the other.
    let hurried = model.logs.lacks() && matches!(model.feeds.logs.asked, Asked::Idle(_));
    if !hurried && !model.feeds.logs.is_due(model.now) {
        return None;
    }
    model.logs.run(running(model)?);
    let asks = model.logs.asks(&model.settings.logs, model.now.wall);
    let generation = model.feeds.logs.ask(model.now);
    if asks.is_empty() {
        // That nobody runs is an answer, too.
        model.feeds.logs.put((), model.now);
        return None;
    }
    Some(Effect::ReadLogs(generation, asks, model.settings.logs.clone()))
}

/// Whether it is known whom to read.
pub fn is_asked(model: &Model) -> bool {
    is_wanted(model) && running(model).is_some()
}

/// Before when it was as usual: before the newest change, where that may have begun the incident, else before it was
/// declared.
fn onset(model: &Model) -> Option<Moment> {
    let opened = model.open_incident()?.opened;
    let changes = model.release().into_iter().flat_map(|r| &r.revisions).map(|r| r.updated);
    let change = changes.filter(|at| *at <= opened && opened - *at <= CHANGE).max();
    Some(change.unwrap_or(opened))
}

/// Who runs now, of the workloads of the release that should; `None` while that is not known.
fn running(model: &Model) -> Option<Running> {
    let table = model.feeds.pods.fresh(model.now).filter(|t| t.extent == Extent::Whole)?;
    let workloads = model.feeds.workloads.fresh(model.now)?;
    let release = model.release()?;
    let wanted = workloads.values().filter(|w| w.release.as_ref() == Some(&release.name) && w.desired > 0);
    let mut running: Running = wanted.map(|w| (w.name.clone(), Vec::new())).collect();
    for pod in table.urgent_first().filter(|p| p.state != PodState::Terminating) {
        let Some(writers) = pod.service.as_ref().and_then(|s| running.get_mut(s)) else { continue };
        let runs = |c: &&ContainerRow| c.state == "Running" && !model.settings.logs.skip.contains(&c.name);
        writers.extend(
            pod.containers
                .iter()
                .filter(runs)
                .map(|c| (Writer { pod: pod.name.clone(), container: c.name.clone() }, usual(model, pod, c))),
        );
    }
    Some(running)
}

/// Whether it ran through the whole window before the incident.
fn usual(model: &Model, pod: &Pod, container: &ContainerRow) -> Usual {
    let window = chrono::Duration::from_std(model.settings.logs.window).unwrap_or_default();
    let began = model.logs.onset().map(|onset| onset - window);
    let since = container.last_exit.as_ref().filter(|_| container.restarts > 0).map_or(pod.created, |exit| exit.at);
    if began.is_some_and(|began| since <= began) { Usual::Ran } else { Usual::Younger }
}

/// Answers came back. What is secret in them is hidden before they are kept.
pub fn read(model: &mut Model, generation: Generation, heard: Vec<Heard>) -> Vec<Effect> {
    if !model.feeds.logs.is_current(generation) {
        return Vec::new();
    }
    for mut one in heard {
        if let Ok(excerpt) = &mut one.excerpt {
            hide(excerpt.newest.iter_mut());
            hide(excerpt.tail.iter_mut());
        }
        model.logs.hear(one, &model.settings.logs, model.now.wall);
    }
    model.feeds.logs.put((), model.now);
    derive(model)
}

/// Control sequences go, too. Line by line, but as one text: a private key goes over several.
fn hide<'a>(lines: impl Iterator<Item = &'a mut LogLine>) {
    let lines: Vec<&mut LogLine> = lines.collect();
    let text: Vec<String> = lines.iter().map(|l| clean(&l.text)).collect();
    let masked = log(&text.join("\n"));
    if masked.len() == lines.len() {
        lines.into_iter().zip(masked).for_each(|(line, text)| line.text = text);
        return;
    }
    for line in lines {
        line.text = log(&clean(&line.text)).join(" ");
    }
}

/// From when on lines count: the window, but nothing from before the end of the newest act that changed what runs.
pub fn since(model: &Model) -> Moment {
    let now = model.now.wall;
    let window = now - chrono::Duration::from_std(model.settings.logs.window).unwrap_or_default();
    let ended = |e: &Event| matches!(e, Event::ActEnded { ending: Ending::Seen { .. }, .. });
    let acted = model.open_incident().and_then(|i| i.entries.iter().rev().find(|e| ended(&e.event)).map(|e| e.at));
    acted.map_or(window, |at| at.max(window).min(now))
}

fn judged(model: &Model) -> Summary {
    let unknown = |value: String| Summary { verdict: Verdict::Unknown, value, blind: false };
    if !is_wanted(model) {
        return unknown("read while an incident is open".into());
    }
    if model.feeds.logs.known().is_none() {
        return unknown(match (model.feeds.pods.fresh(model.now), model.release()) {
            (None, _) => feed_word("pods", &model.feeds.pods, model),
            (Some(_), None) => "no pod of a release is seen".into(),
            (Some(_), Some(_)) => feed_word("logs", &model.feeds.logs, model),
        });
    }
    model.logs.summary(&model.settings.logs, since(model), model.now.wall)
}

/// No service writes more errors than usual.
pub fn evidence(model: &Model) -> Evidence {
    let Summary { verdict, value, .. } = judged(model);
    let span = model.now.wall - since(model);
    if verdict == Verdict::Met && span < LEAST {
        return say(Verdict::Unknown, format!("too early: {value}"), model.now.wall);
    }
    said(model, verdict, value)
}

fn said(model: &Model, verdict: Verdict, value: String) -> Evidence {
    say(verdict, value, model.feeds.logs.good_at().map_or(model.now.wall, |good| good.wall))
}

/// What the sensor says for the board, where it has to hold for long; `None` where it will never know more, so that a
/// person has to say it.
pub fn sensed(model: &Model) -> Option<Evidence> {
    let Summary { verdict, value, blind } = judged(model);
    (!blind).then(|| said(model, verdict, value))
}

/// Why the sensor will never know more.
pub fn blind(model: &Model) -> String {
    judged(model).value
}
