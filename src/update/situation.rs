//! The situation line: what is wrong, since when, and what changed just before.

use chrono::Duration;

use crate::domain::metrics::{Curves, Worst};
use crate::domain::moment::{Moment, long, short, since};
use crate::domain::release::{Release, RevisionFacts};
use crate::domain::series::Onset;
use crate::model::Model;
use crate::model::feed::{Feed, Reading};
use crate::model::situation::Situation;

use super::evidence::{headline, percent, seconds};

/// A change that long before the onset is worth a word.
const BEFORE: Duration = Duration::minutes(30);
/// A change within this long before the onset may have caused it; what ran longer without trouble hardly did.
const SOON: Duration = Duration::minutes(10);

/// The situation, from what is fresh.
pub fn of(model: &Model) -> Situation {
    let errors = headline(model, &model.feeds.errors);
    let p95 = headline(model, &model.feeds.p95);
    let limits = &model.settings.limits;
    let bad_errors = errors.as_ref().filter(|w| w.value > limits.errors_bad);
    let bad_p95 = p95.as_ref().filter(|w| w.value > limits.p95_bad);
    let pods = pods_unwell(model);
    let mut parts: Vec<String> = Vec::new();
    if let Some(worst) = bad_errors {
        parts.push(format!(
            "errors {} {}",
            percent(worst.value),
            at(&model.feeds.errors, worst, limits.errors_bad, model)
        ));
    }
    if let Some(worst) = bad_p95 {
        let value = seconds(worst.value);
        if bad_errors.is_some() {
            parts.push(format!("P95 {value}"));
        } else {
            parts.push(format!("P95 {value} {}", at(&model.feeds.p95, worst, limits.p95_bad, model)));
        }
    }
    if let Some(pods) = pods {
        let alone = parts.is_empty();
        parts.push(if alone { format!("{pods}{}", recent_change(model)) } else { pods });
    }
    if !parts.is_empty() {
        parts.extend(unmeasured(model));
        return Situation::Unwell(parts.join(" · "));
    }
    match (errors, unmeasured(model)) {
        (_, Some(dark)) => Situation::Unknown(dark),
        (None, None) if model.feeds.errors.known().is_none() => Situation::Reading,
        (None, None) => Situation::Unknown("no traffic: the error rate cannot be judged".into()),
        (Some(worst), None) => Situation::Well(format!(
            "errors {} ({}){}{}",
            percent(worst.value),
            worst.service,
            p95.map(|w| format!(" · P95 {}", seconds(w.value))).unwrap_or_default(),
            serving(model).map(|(well, all)| format!(" · {well} of {all} pods ready")).unwrap_or_default(),
        )),
    }
}

/// `since 04:32 (order-service), 2 min after rev 3 (order-service 2.3.1 -> 2.4.0)`
fn at(feed: &Feed<Curves>, worst: &Worst, limit: f64, model: &Model) -> String {
    match onset(feed, worst, limit) {
        None => format!("({})", worst.service),
        Some(Onset::At(t)) => format!("since {} ({}), {}", t.format("%H:%M"), worst.service, before(model, t)),
        Some(Onset::Before(t)) => {
            format!("since before {} ({}), {}", t.format("%H:%M"), worst.service, newest_change(model))
        }
    }
}

/// When the present stretch above the limit began.
pub fn onset(feed: &Feed<Curves>, worst: &Worst, limit: f64) -> Option<Onset> {
    feed.known()?.services.get(&worst.service)?.above_since(limit)
}

/// What changed just before a moment.
fn before(model: &Model, onset: Moment) -> String {
    let Some(release) = model.release() else { return "no release is known here".into() };
    let within = |r: &&RevisionFacts| r.updated <= onset + Duration::seconds(30) && onset - r.updated <= BEFORE;
    match release.revisions.iter().rfind(within) {
        None => "no release changed in the 30 min before".into(),
        Some(r) if onset - r.updated > SOON => {
            let ran = short(since(r.updated, onset));
            format!("no release changed just before: {} ran {ran} without it", change(release, r))
        }
        Some(r) => format!("{} after {}{}", short(since(r.updated, onset)), change(release, r), live(release, r)),
    }
}

/// `; rev 4 is live`, where that is another one than the one of the onset.
fn live(release: &Release, then: &RevisionFacts) -> String {
    match release.current() {
        Some(now) if now.revision != then.revision => format!("; rev {} is live", now.revision),
        Some(_) | None => String::new(),
    }
}

/// Why going back may not help: the last change before the onset had run long without trouble. `None` where nothing is
/// bad, or where a change came just before.
pub fn doubt(model: &Model) -> Option<String> {
    let limits = &model.settings.limits;
    let began = |feed: &Feed<Curves>, limit: f64| {
        let worst = headline(model, feed).filter(|w| w.value > limit)?;
        match onset(feed, &worst, limit)? {
            Onset::At(t) => Some(t),
            Onset::Before(_) => None,
        }
    };
    let (feeds, errors_bad, p95_bad) = (&model.feeds, limits.errors_bad, limits.p95_bad);
    let onset = began(&feeds.errors, errors_bad).or_else(|| began(&feeds.p95, p95_bad))?;
    let last = model.release()?.revisions.iter().rfind(|r| r.updated <= onset + Duration::seconds(30))?;
    (onset - last.updated > SOON).then(|| {
        let ran = long(since(last.updated, onset));
        format!(
            "It began {ran} after revision {}, which ran without it until then: going back may not help.",
            last.revision
        )
    })
}

/// `, last change 04:30 rev 3 (order-service 2.3.1 -> 2.4.0)`, where it is recent.
fn recent_change(model: &Model) -> String {
    let last = model.release().and_then(Release::last);
    let recent = last.is_some_and(|r| model.now.wall - r.updated <= BEFORE);
    if recent { format!(", {}", newest_change(model)) } else { String::new() }
}

/// What changed last, where nobody here knows when it began.
fn newest_change(model: &Model) -> String {
    let last = model.release().and_then(|release| release.last().map(|r| (release, r)));
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

fn serving(model: &Model) -> Option<(usize, usize)> {
    model.feeds.pods.known().map(super::super::model::pods::PodTable::serving)
}

fn pods_unwell(model: &Model) -> Option<String> {
    let (well, all) = serving(model)?;
    (well < all).then(|| format!("{} of {all} pods not ready", all - well))
}

/// What cannot be measured, and for how long.
fn unmeasured(model: &Model) -> Option<String> {
    match model.feeds.errors.read(model.now) {
        Reading::Loading | Reading::Fresh { .. } => None,
        Reading::Stale { age, fault, .. } => {
            let why = fault.map_or("no answer", |f| f.word());
            Some(format!("error rate unknown for {}: metrics {why}", long(age)))
        }
        Reading::Dark { fault, .. } => Some(format!("error rate unknown: metrics {}", fault.word())),
    }
}
