//! What to know of a return before saying yes: who writes the object, too, what Helm will make of it, who restarts and who
//! keeps what it read.
//!
//! Never: a reason why there is no plan at all; those are refusals of the planner. A value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ask::{self, Ask};
use super::content;
use super::plan::Write;
use super::readers::{Fate, Reader};
use crate::domain::name::Revision;
use crate::domain::release::Status;
use crate::domain::text::clean;
use crate::domain::workload::WorkloadKind;
use crate::helm::api::{Gvk, Refused, Resource};
use crate::helm::gitops::{self, Owner};
use crate::helm::known::{Purpose, Right};
use crate::helm::plan::{Finding, Level};
use crate::helm::rollout::text;
use crate::helm::{manifest, ownership};
use crate::kubectl::ask as kubectl;

/// What is known of the act.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What is asked for.
    pub ask: &'a Ask,
    /// To which revision.
    pub to: Revision,
    /// The revision that is live.
    pub live_revision: Option<Revision>,
    /// The newest one, and how it stands.
    pub newest: Option<(Revision, Status)>,
    /// The object as it is.
    pub live: Option<&'a Value>,
    /// What it is to contain.
    pub content: &'a Value,
    /// What is written.
    pub write: &'a Write,
    /// Who reads it.
    pub readers: &'a [Reader],
    /// Those of them that Helm does not own as this release's.
    pub strangers: &'a [String],
    /// Why the server refuses the write of the object.
    pub refused: Option<&'a Refused>,
    /// Rights that are not granted.
    pub lacking: &'a [Right],
    /// What could not be read, in sentences.
    pub unknown: &'a [String],
}

/// The rights of the act: exactly the verbs of the requests that it sends.
pub fn needs(ask: &Ask, write: &Write, readers: &[Reader]) -> Vec<Right> {
    let mut all = BTreeSet::new();
    let mut need = |verbs: &[&str], resource: Resource, purpose| {
        for verb in verbs {
            let (verb, namespace) = ((*verb).to_owned(), Some(ask.namespace.clone()));
            all.insert(Right { verb, resource: resource.clone(), namespace, purpose });
        }
    };
    let own = ask::resource(ask.object.kind);
    match write {
        Write::Content => need(&["patch"], own, Purpose::Act),
        Write::Whole(_) => need(&["create", "patch"], own, Purpose::Act),
        Write::Nothing => {}
    }
    let of = |group: &str, kind: &str, plural: &str| Resource {
        gvk: Gvk::new(group, kind),
        plural: plural.into(),
        namespaced: true,
    };
    for reader in readers.iter().filter(|r| r.is_restarted()) {
        need(&["patch"], kubectl::resource(reader.workload.kind), Purpose::Act);
        need(&["watch"], kubectl::resource(reader.workload.kind), Purpose::See);
        need(&["list", "watch"], of("v1", "Pod", "pods"), Purpose::See);
        if reader.workload.kind == WorkloadKind::Deployment {
            need(&["list", "watch"], of("apps/v1", "ReplicaSet", "replicasets"), Purpose::See);
        }
    }
    all.into_iter().collect()
}

fn finding(level: Level, sentence: impl Into<String>, cure: impl Into<String>) -> Finding {
    Finding { level, sentence: sentence.into(), cure: cure.into() }
}

/// All findings but those of the restarts, the gravest first.
pub fn of(known: Known<'_>) -> Vec<Finding> {
    let mut all: Vec<Finding> = known.lacking.iter().map(|right| lacks(known, right)).collect();
    all.extend(known.refused.map(|refused| refused_dry(known, refused)));
    all.extend(owners(known));
    all.extend(others(known));
    all.extend(helm(known));
    all.extend(written(known));
    all.extend(read(known));
    all.extend(known.unknown.iter().map(|what| finding(Level::Warn, what.clone(), "")));
    all
}

fn lacks(known: Known<'_>, right: &Right) -> Finding {
    let what = format!("You may not {} {} in namespace {}", right.verb, right.resource.plural, known.ask.namespace);
    match right.purpose {
        Purpose::Act => finding(Level::Block, what, "Ask for the right, or have somebody who has it do it."),
        Purpose::See | Purpose::Lock => {
            finding(Level::Warn, format!("{what}, so nobody here sees whether the new pods come up"), "")
        }
    }
}

fn refused_dry(known: Known<'_>, refused: &Refused) -> Finding {
    let (object, message) = (&known.ask.object, clean(&refused.message()));
    if message.contains("does not support dry run") {
        let sentence = format!("{object}: a webhook does not support dry runs, so it could not be tried");
        return finding(Level::Warn, sentence, "The real request may still be refused.");
    }
    finding(Level::Block, format!("{object}: the server refuses it: {message}"), "")
}

/// Tools and controllers that write it, too.
fn owners(known: Known<'_>) -> Vec<Finding> {
    let Some(live) = known.live.filter(|_| *known.write != Write::Nothing) else { return Vec::new() };
    let object = &known.ask.object;
    let tool = |Owner { tool, cure, app }: Owner| {
        let sentence = format!("{tool} ({app}) manages {object}: it will write again what its repository says");
        finding(Level::Confirm, sentence, format!("Mend it in the repository, or suspend it first: {cure} {app}"))
    };
    let mut all: Vec<Finding> = gitops::owners(live).into_iter().map(tool).collect();
    let makers = live.pointer("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten();
    all.extend(makers.map(|maker| {
        let maker = format!("{} {}", clean(text(maker, "/kind")), clean(text(maker, "/name")));
        finding(
            Level::Confirm,
            format!("{object} belongs to {maker}, whose controller may write it again"),
            format!("Look at {maker} first: what it says is what stays."),
        )
    }));
    all
}

/// Who owns the fields that change: a person's kubectl is what this undoes; whatever else wrote them may do so again.
fn others(known: Known<'_>) -> Vec<Finding> {
    let Some(live) = known.live.filter(|_| *known.write == Write::Content) else { return Vec::new() };
    let owner = |(member, key): (&str, String)| {
        let path = [format!("f:{member}"), format!("f:{key}")];
        ownership::foreign_owner(live, &path).map(|owner| (owner, clean(&key)))
    };
    let named: BTreeSet<(String, String)> =
        content::differing(live, known.content).into_iter().filter_map(owner).collect();
    let managers: BTreeSet<&String> = named.iter().map(|(owner, _)| owner).collect();
    let one = |manager: &String| {
        let keys: Vec<&str> = named.iter().filter(|(o, _)| o == manager).map(|(_, k)| k.as_str()).collect();
        let sentence = format!("{manager} wrote {} of {}", keys.join(", "), known.ask.object);
        if manager.starts_with("kubectl") {
            finding(Level::Info, format!("{sentence}, past Helm"), "Tell whoever did it, or it is done again.")
        } else {
            finding(Level::Confirm, format!("{sentence}, and may write it again"), "Look at who that is first.")
        }
    };
    managers.into_iter().map(one).collect()
}

/// What Helm knows of it.
fn helm(known: Known<'_>) -> Vec<Finding> {
    let mut all = Vec::new();
    let release = &known.ask.release;
    if let Some((revision, status)) = &known.newest {
        if status.is_pending() {
            all.push(finding(
                Level::Confirm,
                format!("helm is at work on {release}: revision {revision} is {status}"),
                "Wait until it has ended, or know that it is stuck: it may write this object, too.",
            ));
        } else if known.live_revision.is_some_and(|live| live != *revision) {
            all.push(finding(
                Level::Warn,
                format!("The newest revision {revision} is {status}: what is live may be partly of it"),
                "",
            ));
        }
    }
    if known.live_revision.is_some_and(|live| live != known.to) {
        all.push(finding(
            Level::Warn,
            format!(
                "Helm will not know: its next upgrade of {release} writes what its chart says then, not the content of \
                 revision {}",
                known.to
            ),
            "Mend the values before the next upgrade; if more of the release is bad, roll it back instead.",
        ));
    }
    all
}

fn written(known: Known<'_>) -> Option<Finding> {
    let object = &known.ask.object;
    match known.write {
        Write::Content => None,
        Write::Whole(_) => {
            Some(finding(Level::Warn, format!("{object} is gone: it is made anew as revision {} has it", known.to), ""))
        }
        Write::Nothing => {
            let sentence = format!("{object} has the content of revision {} already: it is not written", known.to);
            Some(finding(Level::Info, sentence, ""))
        }
    }
}

/// Who reads it and is not restarted, and who is not this release's.
fn read(known: Known<'_>) -> Vec<Finding> {
    let object = &known.ask.object;
    let mut all = Vec::new();
    if known.readers.is_empty() {
        all.push(finding(
            Level::Confirm,
            format!("No workload here reads {object}: nothing is restarted"),
            "Pods that something else made keep what they read; restart them by hand.",
        ));
    }
    for reader in known.readers {
        match &reader.fate {
            Fate::Left(why) if why.starts_with("it is paused") => {
                all.push(finding(Level::Confirm, format!("{} is not restarted: {why}", reader.workload), ""));
            }
            Fate::Left(why) => {
                all.push(finding(Level::Info, format!("{} is not restarted: {why}", reader.workload), ""));
            }
            Fate::Restart => {}
        }
    }
    if !known.strangers.is_empty() {
        let sentence =
            format!("Not of {}, but reads it and restarts, too: {}", known.ask.release, known.strangers.join(", "));
        all.push(finding(Level::Warn, sentence, ""));
    }
    all
}

/// Whether Helm's marks say that an object is of another release; then which.
pub fn elsewhere(ask: &Ask, live: &Value) -> Option<String> {
    let of = manifest::annotation(live, manifest::RELEASE_NAME)?;
    let home = manifest::annotation(live, manifest::RELEASE_NAMESPACE).unwrap_or(ask.namespace.as_str());
    (of != ask.release.as_str() || home != ask.namespace.as_str()).then(|| format!("{} in {}", clean(of), clean(home)))
}
