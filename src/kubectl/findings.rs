//! What to know of an undo or a restart before saying yes: who will undo it, what it does not bring back, what is down
//! meanwhile.
//!
//! Never: whether it may run at all for kubectl's own reasons; those are refusals of the planner.

use serde_json::Value;

use super::budget;
use super::change::Change;
use super::strategy::{self, Strategy};
use super::template;
use crate::domain::name::Image;
use crate::domain::text::clean;
use crate::domain::workload::WorkloadRef;
use crate::helm::api::Refused;
use crate::helm::plan::{Finding, Level};
use crate::helm::{gitops, manifest, uses};

/// What is known of the workload besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Which.
    pub workload: &'a WorkloadRef,
    /// As it is.
    pub live: &'a Value,
    /// What is written.
    pub change: &'a Change,
    /// The dry run: the object as it would be, or why not.
    pub dry: &'a Result<Value, Refused>,
    /// The disruption budgets of its namespace, or why they are not known.
    pub budgets: &'a Result<Vec<Value>, String>,
    /// Whether the operator may write it, or why that is not known.
    pub allowed: &'a Result<bool, String>,
}

fn finding(level: Level, sentence: impl Into<String>, cure: impl Into<String>) -> Finding {
    Finding { level, sentence: sentence.into(), cure: cure.into() }
}

/// All findings, the gravest first.
pub fn of(known: Known<'_>) -> Vec<Finding> {
    let mut all = Vec::new();
    all.extend(rights(known));
    all.extend(refused(known));
    all.extend(owners(known));
    all.extend(annotations(known));
    all.extend(outage(known));
    all.extend(budgets(known));
    all.extend(reads(known));
    all.extend(moving(known));
    all.sort_by_key(|f| f.level);
    all
}

/// Those of a restart that is a part of a greater act, which judges rights and what is read by itself.
pub fn of_part(known: Known<'_>) -> Vec<Finding> {
    let mut all: Vec<Finding> = refused(known).into_iter().collect();
    all.extend(owners(known));
    all.extend(outage(known));
    all.extend(budgets(known));
    all.extend(moving(known));
    all
}

fn rights(known: Known<'_>) -> Option<Finding> {
    match known.allowed {
        Ok(true) => None,
        Ok(false) => Some(finding(
            Level::Block,
            format!("You may not patch {}", known.workload),
            "Ask for the right, or have somebody who has it do it.",
        )),
        Err(why) => Some(finding(Level::Warn, format!("Whether you may do this is not known: {why}"), "")),
    }
}

/// The server refused the dry run of the very patch.
fn refused(known: Known<'_>) -> Option<Finding> {
    let refused = known.dry.as_ref().err()?;
    let message = clean(&refused.message());
    if message.contains("does not support dry run") {
        let sentence = format!("{}: a webhook does not support dry runs, so it could not be tried", known.workload);
        return Some(finding(Level::Warn, sentence, "The real request may still be refused."));
    }
    Some(finding(Level::Block, format!("{}: the server refuses it: {message}", known.workload), ""))
}

/// Helm and GitOps tools know nothing of it.
fn owners(known: Known<'_>) -> Vec<Finding> {
    let mut all = Vec::new();
    let undo = matches!(known.change, Change::Undo { .. });
    for owner in gitops::owners(known.live) {
        let gitops::Owner { tool, cure, app } = owner;
        all.push(if undo {
            let sentence = format!("{tool} ({app}) manages it: it will put back what this undo changes");
            finding(Level::Confirm, sentence, format!("Suspend it first: {cure} {app}"))
        } else {
            let sentence =
                format!("{tool} ({app}) manages it: if it takes the mark of the restart off, the pods go again");
            finding(Level::Warn, sentence, "")
        });
    }
    if let Some(release) = manifest::annotation(known.live, manifest::RELEASE_NAME).filter(|_| undo) {
        let release = clean(release);
        all.push(finding(
            Level::Warn,
            format!("Helm release {release} owns it and will not know: its next upgrade overwrites this undo"),
            format!("If more of {release} is bad, roll the release back instead; else mend its values before the next upgrade."),
        ));
    }
    all
}

/// An undo takes annotations off that the revision did not have, as kubectl does; Helm's own marks among them are fatal.
fn annotations(known: Known<'_>) -> Option<Finding> {
    let Change::Undo { annotations: Some(after), .. } = known.change else { return None };
    let live = known.live.pointer("/metadata/annotations").and_then(Value::as_object)?;
    let gone: Vec<String> = live.keys().filter(|k| !after.contains_key(*k)).map(|k| clean(k)).collect();
    if gone.is_empty() {
        return None;
    }
    let list = gone.join(", ");
    if gone.iter().any(|k| k == manifest::RELEASE_NAME || k == manifest::RELEASE_NAMESPACE) {
        let sentence = format!("Helm's own annotations go ({list}): helm would refuse its next upgrade");
        return Some(finding(Level::Confirm, sentence, "Put them back afterwards with kubectl annotate."));
    }
    Some(finding(Level::Warn, format!("Annotations that the revision did not have go, as with kubectl: {list}"), ""))
}

fn outage(known: Known<'_>) -> Option<Finding> {
    let (pods, strategy) = (strategy::pods(known.live), strategy::of(known.live));
    let what = known.workload;
    if pods == 0 {
        return Some(finding(Level::Warn, format!("{what} wants no pods: its template changes, nothing starts"), ""));
    }
    match strategy {
        Strategy::Recreate => Some(finding(
            Level::Warn,
            format!("{what} is replaced all at once (Recreate): it is down until its new pods run"),
            "",
        )),
        Strategy::Rolling { .. } | Strategy::Ordered { .. } if pods == 1 && strategy.serving(pods) == 0 => {
            Some(finding(
                Level::Warn,
                format!("{what} has one pod, and it goes before its successor is ready: it is down meanwhile"),
                "",
            ))
        }
        Strategy::OnDelete => Some(finding(
            Level::Confirm,
            format!("{what} replaces pods only when they are deleted (OnDelete): nothing happens by itself"),
            "Delete its pods one by one afterwards.",
        )),
        Strategy::Ordered { partition } if partition > 0 => Some(finding(
            Level::Warn,
            format!("{what} has partition {partition}: pods below that number keep what they run"),
            "",
        )),
        Strategy::Rolling { .. } | Strategy::Ordered { .. } => None,
    }
}

fn budgets(known: Known<'_>) -> Vec<Finding> {
    let budgets = match known.budgets {
        Ok(budgets) => budgets,
        Err(why) => return vec![finding(Level::Warn, format!("The disruption budgets cannot be read: {why}"), "")],
    };
    let template = super::revisions::template_of(known.live);
    let pods = strategy::pods(known.live);
    let serving = strategy::of(known.live).serving(pods);
    let own = budgets.iter().filter(|b| budget::selects(b, template));
    own.filter_map(|b| budget::word(b, serving, pods)).map(|word| finding(Level::Warn, word, "")).collect()
}

/// An undo brings back the template alone; a restart reads everything anew.
fn reads(known: Known<'_>) -> Option<Finding> {
    let live = super::revisions::template_of(known.live);
    let (template, level, what, cure) = match known.change {
        Change::Undo { template, .. } => {
            let what = "not undone, they stay as they are now";
            if template::images(template) == template::images(live) {
                let cure = "No image changes: if one of them is the cause, this does not help.";
                (template, Level::Confirm, what, cure)
            } else {
                (template, Level::Warn, what, "")
            }
        }
        Change::Restart { .. } => (live, Level::Info, "read anew by every pod", ""),
    };
    let named: Vec<String> =
        template.get("spec").map(uses::read_by).unwrap_or_default().iter().map(ToString::to_string).collect();
    (!named.is_empty()).then(|| finding(level, format!("{} {what}", named.join(", ")), cure))
}

/// An image whose tag can be moved is perhaps not what it was.
fn moving(known: Known<'_>) -> Option<Finding> {
    let template = match known.change {
        Change::Undo { template, .. } => template,
        Change::Restart { .. } => super::revisions::template_of(known.live),
    };
    let moves = |image: &Image| matches!(image.tag(), "" | "latest");
    let images = template::images(template);
    let named: Vec<String> = images.iter().filter(|(_, i)| moves(i)).map(|(_, i)| i.short().to_owned()).collect();
    (!named.is_empty()).then(|| {
        finding(Level::Warn, format!("{}: the tag may mean another image than it did then", named.join(", ")), "")
    })
}
