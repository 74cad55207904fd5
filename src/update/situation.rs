//! The situation line: what is wrong, since when, and what changed just before.

use std::time::Duration;

use crate::domain::alert::{Alert, AlertState, AlertWeight};
use crate::domain::band::Band;
use crate::domain::change::{AFTER, Change, Touch, distance};
use crate::domain::figure::count;
use crate::domain::metrics::{Signal, Worst};
use crate::domain::moment::{Moment, long, short, since};
use crate::domain::name::Service;
use crate::domain::release::{Release, RevisionFacts};
use crate::domain::series::Onset;
use crate::model::Model;
use crate::model::feed::Reading;
use crate::model::headline::lacking;
use crate::model::pods::{Extent, PodTable};
use crate::model::situation::Situation;
use crate::model::suspects::{Suspect, Suspects};

use super::changes::{self, BEFORE};
use super::evidence::{band, words};
use super::health;

/// A change within this long before the onset may have caused it; what ran longer without trouble hardly did.
pub const SOON: Duration = Duration::from_mins(10);

/// What is judged: by the worst service.
const JUDGED: [Signal; 2] = [Signal::ErrorRatio, Signal::P95];

/// The situation, from what is fresh. What is bad is told first, then what cannot be known; well is only what is well
/// as a whole.
pub fn of(model: &Model) -> Situation {
    let stopped = model.maintenance_words().map(|words| format!("{words}; M brings it back"));
    match (stopped, seen(model)) {
        (None, seen) => seen,
        // Stopped on purpose is not well; what else is to be said stands behind it.
        (Some(words), Situation::Reading) => Situation::Raised(words),
        (Some(words), Situation::Unwell(more)) => Situation::Unwell(format!("{words} · {more}")),
        (Some(words), Situation::Well(more) | Situation::Raised(more) | Situation::Unknown(more)) => {
            Situation::Raised(format!("{words} · {more}"))
        }
    }
}

/// Without regard to a maintenance.
fn seen(model: &Model) -> Situation {
    let mut bad = Vec::new();
    for signal in JUDGED {
        bad.extend(beyond(model, signal, bad.is_empty()));
    }
    if let Some(pods) = pods_unwell(model) {
        let change = if bad.is_empty() { recent_change(model) } else { String::new() };
        bad.push(format!("{pods}{change}"));
    }
    let raised: Vec<String> =
        JUDGED.into_iter().filter_map(|signal| raised(model, signal)).chain(rings(model)).collect();
    let dark = unknown(model);
    if !bad.is_empty() {
        let all = bad.into_iter().chain(health::down(model)).chain(ringing(model)).chain(dark).chain(severity(model));
        return Situation::Unwell(all.collect::<Vec<_>>().join(" · "));
    }
    if !raised.is_empty() {
        return Situation::Raised(raised.into_iter().chain(dark).collect::<Vec<_>>().join(" · "));
    }
    if is_reading(model) {
        return Situation::Reading;
    }
    let known = JUDGED.into_iter().filter_map(|signal| figure(model, signal)).chain(serving_words(model));
    if dark.is_empty() {
        return Situation::Well(known.collect::<Vec<_>>().join(" · "));
    }
    Situation::Unknown(dark.into_iter().chain(known).collect::<Vec<_>>().join(" · "))
}

/// The critical alerts that ring now; those last for which somebody has silenced the call.
fn critical(model: &Model) -> Vec<&Alert> {
    let all =
        || model.feeds.alerts.fresh(model.now).into_iter().flatten().filter(|a| a.weight == AlertWeight::Critical);
    let of = |state| all().filter(move |a| a.state == state);
    of(AlertState::Firing).chain(of(AlertState::Silenced)).collect()
}

/// `2 alerts, 1 silenced`
fn ringing(model: &Model) -> Option<String> {
    let all = critical(model);
    let silenced = match all.iter().filter(|a| a.state == AlertState::Silenced).count() {
        0 => String::new(),
        n if n == all.len() => ", silenced".into(),
        n => format!(", {n} silenced"),
    };
    (!all.is_empty()).then(|| format!("{}{silenced}", count(all.len(), "alert", "alerts")))
}

/// `critical alert HighErrorRate rings (order-service), 1 more`
fn rings(model: &Model) -> Option<String> {
    let (first, rest) = critical(model).split_first().map(|(first, rest)| (*first, rest.len()))?;
    let of = first.service.as_ref().map_or_else(String::new, |s| format!(" ({s})"));
    let more = if rest == 0 { String::new() } else { format!(", {rest} more") };
    let silenced = if first.state == AlertState::Silenced { ", silenced" } else { "" };
    Some(format!("critical alert {} rings{of}{silenced}{more}", first.name))
}

/// The severity that is suggested, while nobody has declared one.
fn severity(model: &Model) -> Option<String> {
    let suggestion = model.suggestion.as_ref().filter(|_| model.open_incident().is_none())?;
    Some(format!("suggests {}", suggestion.severity))
}

/// A source that is judged has not answered yet.
fn is_reading(model: &Model) -> bool {
    let curve = |signal: &Signal| matches!(model.feeds.curves(*signal).read(model.now), Reading::Loading);
    Signal::ALL.iter().any(curve) || matches!(model.feeds.pods.read(model.now), Reading::Loading)
}

/// A signal that is bad: `errors 18.2 % since 04:32 (order-service), 2 min after rev 3 …`; the first one with its cause.
fn beyond(model: &Model, signal: Signal, first: bool) -> Option<String> {
    let worst = model.headline(signal).worst.as_ref()?;
    band(model, signal).filter(|b| *b >= Band::High)?;
    let (what, unit) = words(signal);
    let value = unit(worst.value);
    Some(if first { format!("{what} {value} {}", at(model, signal, worst)) } else { format!("{what} {value}") })
}

/// A signal that is neither well nor bad: `errors 3.0 % (order-service), over 2 %`.
fn raised(model: &Model, signal: Signal) -> Option<String> {
    let worst = model.headline(signal).worst.as_ref()?;
    let band = band(model, signal).filter(|b| matches!(b, Band::Raised | Band::Watch))?;
    let (what, unit) = words(signal);
    let limit = unit(model.settings.limits.bands(signal)?.limit(band)).replace(".0 ", " ");
    Some(format!("{what} {} ({}), over {limit}", unit(worst.value), worst.service))
}

/// `errors 0.2 % (order-service)`
fn figure(model: &Model, signal: Signal) -> Option<String> {
    let worst = model.headline(signal).worst.as_ref()?;
    let (what, unit) = words(signal);
    Some(match signal {
        Signal::ErrorRatio => format!("{what} {} ({})", unit(worst.value), worst.service),
        Signal::P95 | Signal::Traffic => format!("{what} {}", unit(worst.value)),
    })
}

/// `since 04:32 (order-service), 2 min after rev 3 (order-service 2.3.1 -> 2.4.0)`
fn at(model: &Model, signal: Signal, worst: &Worst) -> String {
    let limit = model.settings.limits.bands(signal).map_or(f64::INFINITY, |b| b.high);
    match onset(model, signal, &worst.service, limit) {
        None => format!("({})", worst.service),
        Some(Onset::At(t)) => {
            format!("since {} ({}), {}", t.format("%H:%M"), worst.service, before(model, t, &worst.service))
        }
        Some(Onset::Before(t)) => {
            format!("since before {} ({}), {}", t.format("%H:%M"), worst.service, newest_change(model))
        }
    }
}

/// When the present stretch above the limit began.
pub fn onset(model: &Model, signal: Signal, service: &Service, limit: f64) -> Option<Onset> {
    let seen = above(model, signal, service, limit)?;
    Some(match (seen, model.onsets.get(&(signal, service.clone()))) {
        (Onset::Before(_), Some(began)) => Onset::At(*began),
        (Onset::Before(_) | Onset::At(_), _) => seen,
    })
}

fn above(model: &Model, signal: Signal, service: &Service, limit: f64) -> Option<Onset> {
    model.feeds.curves(signal).known()?.services.get(service)?.above_since(limit)
}

/// Remembers what is seen to begin, as long as it lasts.
pub fn remember(model: &mut Model) {
    let limit = |signal: Signal| model.settings.limits.bands(signal).map_or(f64::INFINITY, |b| b.high);
    let mut onsets = model.onsets.clone();
    onsets.retain(|(signal, service), _| above(model, *signal, service, limit(*signal)).is_some());
    for signal in JUDGED {
        let Some(worst) = &model.headline(signal).worst else { continue };
        if let Some(Onset::At(began)) = above(model, signal, &worst.service, limit(signal)) {
            onsets.insert((signal, worst.service.clone()), began);
        }
    }
    model.onsets = onsets;
}

/// What changed just before a moment: the likeliest cause of what began then with that service.
fn before(model: &Model, onset: Moment, service: &Service) -> String {
    let beside = changes::nearest(model, onset, service);
    let Some(release) = model.release() else {
        return beside.map_or_else(|| "no release is known here".into(), |(change, _)| after(change, onset));
    };
    let within = |r: &&RevisionFacts| distance(r.updated, onset, BEFORE, Touch::Itself).is_some();
    let revision = release.revisions.iter().filter(|r| r.status.went_live()).rfind(within);
    if let Some((change, far)) = beside
        && revision.and_then(|r| distance(r.updated, onset, BEFORE, Touch::Itself)).is_none_or(|helm| far < helm)
    {
        return format!("{}{}", after(change, onset), revision.map(|r| live(release, r)).unwrap_or_default());
    }
    match revision {
        None if changes::is_whole(model) => "nothing changed here in the 30 min before".into(),
        None => "no release changed in the 30 min before".into(),
        Some(r) if since(r.updated, onset) > SOON => {
            let ran = short(since(r.updated, onset));
            format!("no release changed just before: {} ran {ran} without it", change(release, r))
        }
        Some(r) => format!("{} after {}{}", short(since(r.updated, onset)), change(release, r), live(release, r)),
    }
}

/// `30 s after Deployment order-service was changed by kubectl-set`
fn after(change: &Change, onset: Moment) -> String {
    format!("{} after {change}", short(since(change.at, onset)))
}

/// `; rev 4 is live`, where that is another one than the one of the onset.
fn live(release: &Release, then: &RevisionFacts) -> String {
    match release.current() {
        Some(now) if now.revision != then.revision => format!("; rev {} is live", now.revision),
        Some(_) | None => String::new(),
    }
}

/// When the worst service of the first signal that is bad went beyond its limit, and which it is.
fn began(model: &Model) -> Option<(Moment, Service)> {
    let began = |signal: Signal| {
        let worst = model.headline(signal).worst.as_ref()?;
        band(model, signal).filter(|b| *b >= Band::High)?;
        match onset(model, signal, &worst.service, model.settings.limits.bands(signal)?.high)? {
            Onset::At(t) => Some((t, worst.service.clone())),
            Onset::Before(_) => None,
        }
    };
    JUDGED.into_iter().find_map(began)
}

/// What may have made it go wrong; `None` where nothing is bad, or nobody saw it begin.
pub fn suspects(model: &Model) -> Option<Suspects> {
    let (onset, service) = began(model)?;
    let within = |r: &&RevisionFacts| distance(r.updated, onset, BEFORE, Touch::Itself).is_some();
    let of = |release: &Release| -> Vec<Suspect> {
        let all = release.revisions.iter().filter(|r| r.status.went_live()).filter(within);
        let what = |r: &RevisionFacts| format!("Helm release {} {}", release.name, change(release, r));
        all.map(|r| Suspect { at: r.updated, what: what(r), object: None, touch: None }).collect()
    };
    let releases = model.feeds.releases.known().map_or([].as_slice(), Vec::as_slice);
    let mut all: Vec<Suspect> = releases.iter().flat_map(of).collect();
    all.sort_by_key(|s| std::cmp::Reverse(s.at));
    let beside = changes::ranked(model, onset, &service).into_iter();
    all.extend(beside.map(|(c, touch)| {
        let object = Some(c.object.clone());
        Suspect { at: c.at, what: c.to_string(), object, touch: Some(touch) }
    }));
    Some(Suspects { onset, service, all })
}

/// Why going back may not help: the last change before the onset had run long without trouble. `None` where nothing is
/// bad, or where a change came just before.
pub fn doubt(model: &Model) -> Option<String> {
    let (onset, service) = began(model)?;
    let beside = changes::nearest(model, onset, &service).filter(|(_, far)| *far <= SOON);
    if let Some((change, _)) = beside {
        return Some(format!("It began {}: an older revision of the release may not undo that.", after(change, onset)));
    }
    let live = model.release()?.revisions.iter().filter(|r| r.status.went_live());
    let last = live.rev().find(|r| since(onset, r.updated) <= AFTER)?;
    (since(last.updated, onset) > SOON).then(|| {
        let ran = long(since(last.updated, onset));
        format!(
            "It began {ran} after revision {}, which ran without it until then: going back may not help.",
            last.revision
        )
    })
}

/// `, last change 04:30 rev 3 (order-service 2.3.1 -> 2.4.0)`, where it is recent.
fn recent_change(model: &Model) -> String {
    let last = model.release().and_then(Release::live);
    let recent = last.is_some_and(|r| since(r.updated, model.now.wall) <= BEFORE);
    if recent { format!(", {}", newest_change(model)) } else { String::new() }
}

/// What changed last, where nobody here knows when it began.
fn newest_change(model: &Model) -> String {
    let last = model.release().and_then(|release| release.live().map(|r| (release, r)));
    last.map_or_else(
        || "no release is known here".into(),
        |(release, r)| format!("last change {} {}", r.updated.format("%H:%M"), change(release, r)),
    )
}

/// `rev 3 (order-service 2.3.1 -> 2.4.0, 1 more)`
fn change(release: &Release, r: &RevisionFacts) -> String {
    let old = release.revisions.iter().rfind(|o| o.revision < r.revision);
    format!("rev {}{}", r.revision, images(old, r))
}

/// ` (order-service 2.3.1 -> 2.4.0, 1 more)`
fn images(old: Option<&RevisionFacts>, new: &RevisionFacts) -> String {
    let (Some(old), Some(new)) = (old.and_then(|o| o.content.as_ref()), new.content.as_ref()) else {
        return String::new();
    };
    let changed: Vec<String> = new
        .images
        .iter()
        .filter_map(|(service, images)| {
            let before = old.images.get(service)?;
            let (a, b) = before.iter().zip(images).find(|(a, b)| a != b)?;
            Some(format!("{service} {} -> {}", a.tag(), b.tag()))
        })
        .collect();
    match changed.split_first() {
        None => " (no image changed)".into(),
        Some((first, [])) => format!(" ({first})"),
        Some((first, rest)) => format!(" ({first}, {} more)", rest.len()),
    }
}

/// The whole table, where it is known now.
fn pods(model: &Model) -> Option<&PodTable> {
    model.feeds.pods.fresh(model.now).filter(|t| t.extent == Extent::Whole)
}

fn serving_words(model: &Model) -> Option<String> {
    let (well, all) = pods(model)?.serving();
    (all > 0).then(|| format!("{well} of {all} pods ready"))
}

fn pods_unwell(model: &Model) -> Option<String> {
    let (well, all) = pods(model)?.serving();
    (well < all).then(|| format!("{} of {all} pods not ready", all - well))
}

/// What cannot be known, the gravest first.
fn unknown(model: &Model) -> Vec<String> {
    let mut all: Vec<String> = JUDGED.into_iter().filter_map(|signal| unmeasured(model, signal)).collect();
    // One dark Prometheus is one thing to say.
    all.truncate(1);
    let pods = match model.feeds.pods.read(model.now) {
        Reading::Loading | Reading::Fresh { .. } => None,
        Reading::Stale { age, fault, .. } => {
            Some(format!("pods unknown for {}: {}", long(age), fault.map_or("no answer", |f| f.word())))
        }
        Reading::Dark { fault, .. } => Some(format!("pods unknown: {}", fault.word())),
    };
    all.extend(pods);
    all
}

/// Why a signal says nothing, or not enough, of the whole.
fn unmeasured(model: &Model, signal: Signal) -> Option<String> {
    let name = match signal {
        Signal::ErrorRatio => "error rate",
        Signal::P95 => "P95",
        Signal::Traffic => "traffic",
    };
    match model.feeds.curves(signal).read(model.now) {
        Reading::Loading => None,
        Reading::Fresh { value, .. } => {
            let headline = model.headline(signal);
            let nothing = || match (headline.worst.is_none(), value.services.is_empty()) {
                (false, _) => None,
                (true, false) => Some(format!("no traffic: the {name} cannot be judged")),
                (true, true) => Some(format!("no service is measured: the {name} cannot be judged")),
            };
            lacking(headline).map(|who| format!("{name} unknown: {who}")).or_else(nothing)
        }
        Reading::Stale { age, fault, .. } => {
            let why = fault.map_or("no answer", |f| f.word());
            Some(format!("{name} unknown for {}: metrics {why}", long(age)))
        }
        Reading::Dark { fault, .. } => Some(format!("{name} unknown: metrics {}", fault.word())),
    }
}
