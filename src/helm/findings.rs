//! What to know of a rollback as a whole before saying yes: whose operation it crosses, what runs, what does not.
//!
//! Never: single objects; that is [`super::risks`].

use std::collections::BTreeSet;
use std::time::Duration;

use super::ask::{Ask, CutOff};
use super::choices::{Apply, Forced, Hooks, Manner, Replicas};
use super::draft::Draft;
use super::gitops::{self, Owner};
use super::known::{Known, Purpose};
use super::plan::{Change, Finding, HookPlan, Level, Method, Operation};
use super::record::Record;
use super::risks::finding;
use super::{digest, lock, risks};
use crate::domain::moment::{Moment, long, since};
use crate::domain::release::Status;
use crate::domain::text::clean;

/// A rollback reads the cluster once more between its intent and its record; it takes no longer than this.
const RECORDED_WITHIN: Duration = Duration::from_mins(2);

/// All findings, the gravest first.
pub fn of(draft: &Draft, known: &Known, operations: &[Operation], ask: &Ask, now: Moment) -> Vec<Finding> {
    let mut all = Vec::new();
    all.extend(pending(&draft.last, ask, now));
    all.extend(at_work(known, ask, now));
    all.extend(pointless(draft, operations));
    all.extend(rights(known));
    all.extend(target(draft, now));
    all.extend(managed(draft));
    all.extend(risks::of(draft, known, operations));
    all.extend(known.around.iter().cloned());
    all.extend(hooks(draft));
    all.extend(drift(operations));
    all.extend(unreadable(draft));
    all.extend(chosen(draft));
    all.extend(known.unknown.iter().map(|what| finding(Level::Warn, what.clone(), "")));
    if draft.choices.manner == Manner::Exact {
        // Helm looks at nothing before it writes: what stops us stops only the person, who may say yes.
        all.iter_mut().filter(|f| f.level == Level::Block).for_each(|f| f.level = Level::Confirm);
    }
    all.sort_by_key(|f| f.level);
    all
}

/// What was chosen, said back.
fn chosen(draft: &Draft) -> Vec<Finding> {
    let mut all = Vec::new();
    if draft.choices.replicas == Replicas::AsLive {
        let sentence = "The live numbers of pods are kept; helm would set the target's";
        all.push(finding(Level::Info, sentence, "The next helm upgrade sets what its chart says."));
    }
    let how = match draft.choices.apply {
        Apply::AsTarget => None,
        Apply::ServerSide => Some("Objects are applied by the server, as was chosen: conflicts stop it"),
        Apply::ClientSide => {
            Some("Objects are applied by a three-way merge, as was chosen: others' fields are set back")
        }
    };
    if let Some(sentence) = how {
        all.push(finding(
            Level::Info,
            sentence,
            "Only helm 4 has this (--server-side); later upgrades go on like this.",
        ));
    }
    for forced in &draft.choices.force {
        let Some(op) = draft.ops.iter().find(|o| Forced::of(&o.at) == *forced) else {
            let sentence = format!("{forced} is to be forced, but this rollback has no such object");
            all.push(finding(Level::Block, sentence, "Look at the name: KIND/NAME."));
            continue;
        };
        let (level, sentence) = match draft.method {
            Method::Ssa => (Level::Confirm, format!("{}: fields that others manage are taken over", op.called())),
            Method::Csa => (Level::Info, format!("{} needs no force: a merge takes fields over anyway", op.called())),
        };
        all.push(finding(level, sentence, ""));
    }
    all
}

/// Somebody else's operation, or one from here that was cut off. Nothing tells a live one from a dead one but its age.
fn pending(last: &Record, ask: &Ask, now: Moment) -> Option<Finding> {
    if !last.status.is_pending() {
        return None;
    }
    let age = since(last.updated(), now);
    let fresh = age < ask.timeout.max(Duration::from_mins(1)) * 2;
    let sentence = format!("Revision {} is {} since {}", last.revision, last.status, long(age));
    if ask.cut_off.as_ref().is_some_and(|ours| left_by(ours, last)) {
        return Some(finding(Level::Confirm, format!("{sentence}: left by the rollback that was cut off here"), ""));
    }
    Some(if fresh {
        finding(Level::Block, format!("{sentence}: somebody's helm may still run"), "Wait, or ask who runs it.")
    } else {
        finding(Level::Confirm, format!("{sentence}: it died, and helm upgrade refuses until that is mended"), "")
    })
}

/// Whether a record is the one that a cut-off rollback wrote: its number, its target, and written when it was asked for.
/// The number alone proves nothing; somebody may have taken it since.
fn left_by(ours: &CutOff, last: &Record) -> bool {
    let target = last.facts().content.and_then(|c| c.rollback_of);
    let written = last.updated();
    last.status == Status::PendingRollback
        && (last.revision, target) == (ours.writes, Some(ours.to))
        && written >= ours.asked
        && since(ours.asked, written) <= RECORDED_WITHIN
}

/// Who holds the lock of this release.
fn at_work(known: &Known, ask: &Ask, now: Moment) -> Option<Finding> {
    let sentence = lock::read(known.lock.as_ref()?, now).sentence(&ask.release, &ask.holder, now)?;
    Some(if dead_holder(known, ask, now).is_some() {
        let sentence = format!("{sentence}, it seems; but that is the rollback that was cut off here");
        finding(Level::Confirm, sentence, "Its place is taken.")
    } else {
        finding(Level::Block, sentence, "Wait until that has ended: a lock that nobody renews is free after a minute.")
    })
}

/// The holder of the lock, where it is the rollback from here that was cut off: same person, same machine, same record.
pub fn dead_holder(known: &Known, ask: &Ask, now: Moment) -> Option<String> {
    let reading = lock::read(known.lock.as_ref()?, now);
    let ours = ask.cut_off.as_ref().is_some_and(|c| reading.writes == Some(c.writes));
    reading.holder.filter(|h| ours && ask.holder.shares_seat(h))
}

/// Nothing would happen.
fn pointless(draft: &Draft, operations: &[Operation]) -> Option<Finding> {
    let still = operations.iter().all(|o| matches!(o.change, Change::Same | Change::Keep));
    let settled = draft.last.status == Status::Deployed && digest::of(&draft.last) == digest::of(&draft.target);
    (still && settled && draft.hooks.is_empty()).then(|| {
        let sentence = format!("Revision {} is what is live already: nothing would change", draft.target.revision);
        finding(Level::Block, sentence, "Choose another revision.")
    })
}

fn rights(known: &Known) -> Vec<Finding> {
    let refused = known.rights.iter().filter(|(_, granted)| !**granted);
    let one = |(right, _): (&super::known::Right, &bool)| {
        let place = right.namespace.as_ref().map_or_else(|| "the cluster".into(), |n| format!("namespace {n}"));
        let what = format!("{} {} in {place}", right.verb, right.resource.plural);
        let ask = "Ask for the right, or have somebody who has it do the rollback.";
        match right.purpose {
            Purpose::Act => finding(Level::Block, format!("You may not {what}"), ask),
            Purpose::See => {
                finding(Level::Warn, format!("You may not {what}, so nobody here sees whether every pod comes up"), "")
            }
            Purpose::Lock => finding(
                Level::Info,
                format!("You may not {what}: there is no lock that tells others of this rollback"),
                "Two at once are still kept apart by the record.",
            ),
        }
    };
    refused.map(one).collect()
}

/// What the target is.
fn target(draft: &Draft, now: Moment) -> Vec<Finding> {
    let target = &draft.target;
    let mut all = Vec::new();
    if target.status == Status::Failed || target.description.contains(" failed: ") {
        let why = clean(&target.description);
        let sentence = format!("Revision {} failed itself: {why}", target.revision);
        all.push(finding(Level::Confirm, sentence, "Choose one that was good."));
    }
    if target.revision == draft.last.revision {
        let sentence = format!("Revision {} is the newest: its own content is applied again", target.revision);
        all.push(finding(Level::Info, sentence, ""));
    }
    let (then, newest) = (target.facts().content, draft.last.facts().content);
    if let (Some(then), Some(newest)) = (then, newest) {
        let delta = if then.chart == newest.chart {
            format!("chart {}", then.chart)
        } else {
            format!("chart {} instead of {}", then.chart, newest.chart)
        };
        let age = long(since(target.updated(), now));
        all.push(finding(Level::Info, format!("Revision {} was written {age} ago: {delta}", target.revision), ""));
    }
    all
}

/// A tool that keeps the cluster at what a repository says would undo the rollback.
fn managed(draft: &Draft) -> Vec<Finding> {
    let live = draft.ops.iter().filter_map(|o| o.live.as_ref());
    let found: BTreeSet<Owner> = live.flat_map(gitops::owners).collect();
    let one = |Owner { tool, cure, app }: Owner| {
        let sentence = format!("{tool} ({app}) manages these objects: it will put back what this rollback changes");
        finding(Level::Confirm, sentence, format!("Suspend it first: {cure} {app}"))
    };
    found.into_iter().map(one).collect()
}

fn hooks(draft: &Draft) -> Vec<Finding> {
    let mut all = Vec::new();
    let hooks = plans(draft);
    // What an upgrade's hook did is done again by one of the same name that runs now.
    let again: BTreeSet<(String, String)> =
        hooks.iter().filter(|h| h.runs).map(|h| (h.kind.clone(), h.name.clone())).collect();
    for hook in hooks {
        let HookPlan { kind, name, event, runs } = hook;
        if runs {
            let sentence = format!("{event} hook {name} ({kind}) of revision {} runs", draft.target.revision);
            all.push(finding(Level::Confirm, sentence, "Know what it does before you confirm; its owner can tell."));
        } else if event.ends_with("rollback") {
            let sentence = format!("{event} hook {name} ({kind}) does not run, as was chosen (--no-hooks)");
            all.push(finding(Level::Warn, sentence, ""));
        } else if event.ends_with("upgrade") && !again.contains(&(kind.clone(), name.clone())) {
            let sentence = format!("{event} hook {name} ({kind}) does not run: what it did is not undone");
            all.push(finding(
                Level::Warn,
                sentence,
                format!("Ask the DBA on call if the database of now fits revision {}.", draft.target.revision),
            ));
        }
    }
    all
}

/// Hooks that run, in order, and those of either revision that do not; tests are left out.
pub fn plans(draft: &Draft) -> Vec<HookPlan> {
    let runs = draft.choices.hooks == Hooks::Run;
    let plan = |hook: &super::hook::Hook, event: &str, runs| HookPlan {
        kind: clean(&hook.kind),
        name: clean(&hook.name),
        event: clean(event),
        runs,
    };
    let mut all = Vec::new();
    for event in ["pre-rollback", "post-rollback"] {
        all.extend(super::hook::at(&draft.target.hooks, event).iter().map(|(_, h)| plan(h, event, runs)));
    }
    for hook in draft.last.hooks.iter().chain(&draft.target.hooks) {
        for event in hook.events.iter().filter(|e| e.ends_with("-upgrade")) {
            let idle = plan(hook, event, false);
            if !all.contains(&idle) {
                all.push(idle);
            }
        }
    }
    all
}

fn drift(operations: &[Operation]) -> Option<Finding> {
    let fields = operations.iter().flat_map(|o| &o.fields).filter(|f| f.drift.is_some()).count();
    let count = if fields == 1 { "1 field that was".to_owned() } else { format!("{fields} fields that were") };
    (fields > 0).then(|| finding(Level::Warn, format!("{count} changed by hand since is set back"), ""))
}

fn unreadable(draft: &Draft) -> Vec<Finding> {
    let bad = draft.history.iter().filter(|s| Record::decode(&s.object).is_err());
    let one = |s: &super::draft::Stored| {
        let sentence = format!("The record of revision {} cannot be read; helm passes over it in silence", s.revision);
        finding(Level::Warn, sentence, "")
    };
    bad.map(one).collect()
}
