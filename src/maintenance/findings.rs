//! What to know of a stop or a return before saying yes: what goes down, what does not, who starts it again, what was
//! changed since it was saved.
//!
//! Never: a reason why there is no plan at all; those are refusals of the planner.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ask::{self, Ask, Errand, Meanwhile, SCALED};
use super::plan::{Fate, Row};
use super::saved::{Saved, Scaler};
use super::scale;
use crate::domain::figure::count;
use crate::domain::name::Revision;
use crate::domain::release::RevisionFacts;
use crate::domain::text::clean;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::api::{Gvk, Refused, Resource};
use crate::helm::gitops::{self, Owner};
use crate::helm::plan::{Finding, Level};
use crate::helm::rollout::text;
use crate::kubectl::ask::typed;
use crate::kubectl::{ask as kubectl, budget};

/// A right, and what it is needed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// `patch`
    pub verb: &'static str,
    /// On what.
    pub resource: Resource,
    /// What for.
    pub purpose: Purpose,
}

/// What a right is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Without it the act stops in the middle.
    Act,
    /// Without it its end is not seen.
    See,
    /// Without it whoever stops it cannot bring it back.
    Return,
}

/// What is known besides the workloads.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The autoscalers of the namespace.
    pub scalers: Vec<Value>,
    /// The disruption budgets of the namespace.
    pub budgets: Vec<Value>,
    /// The newest record of the release.
    pub newest: Option<RevisionFacts>,
    /// Workloads of the release that run and were not saved.
    pub strays: Vec<WorkloadRef>,
    /// Rights that are not granted.
    pub lacking: Vec<Need>,
    /// By row: why the server refuses the write.
    pub dry: BTreeMap<usize, Refused>,
    /// What could not be read, in sentences.
    pub unknown: Vec<String>,
}

/// The rights of an errand: exactly the verbs of the requests that it sends.
pub fn needs(errand: Errand) -> Vec<Need> {
    let of = |kind: &str, plural: &str, group: &str| Resource {
        gvk: Gvk::new(group, kind),
        plural: plural.into(),
        namespaced: true,
    };
    let mut all = Vec::new();
    let mut need = |verbs: &[&'static str], resource: Resource, purpose: Purpose| {
        all.extend(verbs.iter().map(|verb| Need { verb, resource: resource.clone(), purpose }));
    };
    match errand {
        Errand::Stop => {
            need(&["create"], ask::configmaps(), Purpose::Act);
            need(&["delete"], ask::configmaps(), Purpose::Return);
        }
        Errand::Finish => {}
        Errand::BringBack(_) => need(&["delete"], ask::configmaps(), Purpose::Act),
    }
    for kind in SCALED {
        need(&["patch"], kubectl::resource(kind), Purpose::Act);
        need(&["watch"], kubectl::resource(kind), Purpose::See);
    }
    need(&["list", "watch"], of("Pod", "pods", "v1"), Purpose::See);
    if matches!(errand, Errand::BringBack(_)) {
        need(&["list", "watch"], of("ReplicaSet", "replicasets", "apps/v1"), Purpose::See);
    }
    all
}

fn finding(level: Level, sentence: impl Into<String>, cure: impl Into<String>) -> Finding {
    Finding { level, sentence: sentence.into(), cure: cure.into() }
}

type Live = BTreeMap<WorkloadRef, Value>;

/// All findings, the gravest first.
pub fn of(ask: &Ask, rows: &[Row], live: &Live, saved: Option<&Saved>, known: &Known) -> Vec<Finding> {
    let mut all = Vec::new();
    all.extend(known.lacking.iter().map(|need| right(ask, need)));
    all.extend(known.dry.iter().filter_map(|(at, refused)| Some(refused_dry(rows.get(*at)?, refused))));
    match ask.errand {
        Errand::Stop | Errand::Finish => {
            all.extend(down(ask, rows));
            all.extend(owners(rows, live));
            all.extend(scalers(rows, &known.scalers));
            all.extend(budgets(rows, live, &known.budgets));
            all.extend(besides(ask, live));
            all.extend(rows.iter().filter_map(not_stopped));
        }
        Errand::BringBack(_) => {
            all.extend(rows.iter().filter_map(|row| moved(ask, row)));
            all.extend(saved.into_iter().flat_map(|saved| rescaled(rows, saved)));
        }
    }
    all.extend(strays(ask, known));
    all.extend(revision(ask, saved, known.newest.as_ref()));
    all.extend(known.unknown.iter().map(|what| finding(Level::Warn, what.clone(), "")));
    all.sort_by_key(|f| f.level);
    all
}

fn right(ask: &Ask, need: &Need) -> Finding {
    let what = format!("You may not {} {} in namespace {}", need.verb, need.resource.plural, ask.namespace);
    match need.purpose {
        Purpose::Act => finding(Level::Block, what, "Ask for the right, or have somebody who has it do it."),
        Purpose::See => finding(Level::Warn, format!("{what}, so nobody here sees how it ends"), ""),
        Purpose::Return => {
            let sentence = format!("{what}: you can stop the release, but not end its maintenance");
            finding(Level::Confirm, sentence, "Ask for the right first, or know who brings it back.")
        }
    }
}

fn refused_dry(row: &Row, refused: &Refused) -> Finding {
    let message = clean(&refused.message());
    if message.contains("does not support dry run") {
        let sentence = format!("{}: a webhook does not support dry runs, so it could not be tried", row.workload);
        return finding(Level::Warn, sentence, "The real request may still be refused.");
    }
    finding(Level::Block, format!("{}: the server refuses it: {message}", row.workload), "")
}

/// That it takes production down stands above all.
fn down(ask: &Ask, rows: &[Row]) -> Option<Finding> {
    let stops: Vec<&Row> = rows.iter().filter(|r| r.is_written()).collect();
    let pods: u32 = stops.iter().map(|r| r.now).sum();
    let workloads = count(stops.len(), "workload", "workloads");
    let pods = count(usize::try_from(pods).unwrap_or(usize::MAX), "pod stops", "pods stop");
    let sentence = format!(
        "This takes {} down: {pods} ({workloads}), and nobody is answered until it is brought back",
        ask.release
    );
    (!stops.is_empty()).then(|| {
        finding(Level::Confirm, sentence, "M brings it back, from any machine: the counts are kept in the cluster.")
    })
}

/// A tool that keeps the cluster at what a repository says starts it again.
fn owners(rows: &[Row], live: &Live) -> Vec<Finding> {
    let objects = rows.iter().filter(|r| r.is_written()).filter_map(|r| live.get(&r.workload));
    let found: BTreeSet<Owner> = objects.flat_map(gitops::owners).collect();
    let one = |Owner { tool, cure, app }: Owner| {
        let sentence = format!("{tool} ({app}) manages these workloads: it will start again what this stops");
        finding(Level::Confirm, sentence, format!("Suspend it first: {cure} {app}"))
    };
    found.into_iter().map(one).collect()
}

/// An autoscaler does not scale what is at 0, as long as its own minimum is not 0 (Kubernetes, "Horizontal Pod
/// Autoscaling", implicit maintenance-mode deactivation; `pkg/controller/podautoscaler/horizontal.go`).
fn scalers(rows: &[Row], scalers: &[Value]) -> Vec<Finding> {
    let (mut all, mut idle) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|r| r.is_written()) {
        let Some(hpa) = scale::scaler_of(&row.workload, scalers) else { continue };
        let Scaler { name, min, max } = scale::scaler(hpa);
        let name = clean(&name);
        let owners = hpa.pointer("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten();
        if let Some(owner) = owners.into_iter().find(|o| text(o, "/kind") == "ScaledObject") {
            let keda = clean(text(owner, "/name"));
            all.push(finding(
                Level::Confirm,
                format!("KEDA ({keda}) scales {}: it may start it again", row.workload),
                format!("Pause it first: kubectl annotate scaledobject {keda} autoscaling.keda.sh/paused=true"),
            ));
        } else if min == 0 {
            all.push(finding(
                Level::Confirm,
                format!("Autoscaler {name} of {} has the minimum 0: it may start it again", row.workload),
                "Raise its minimum to 1 first: then it rests while its workload is at 0.",
            ));
        } else {
            idle.push(format!("{name} ({min}-{max})"));
        }
    }
    if !idle.is_empty() {
        let sentence =
            format!("Autoscalers rest while their workload is at 0, and stay as they are: {}", idle.join(", "));
        all.push(finding(Level::Info, sentence, ""));
    }
    all
}

fn budgets(rows: &[Row], live: &Live, budgets: &[Value]) -> Option<Finding> {
    let templates = || {
        let stopped = rows.iter().filter(|r| r.is_written()).filter_map(|r| live.get(&r.workload));
        stopped.filter_map(|o| o.pointer("/spec/template"))
    };
    let held = budgets.iter().filter(|b| templates().any(|t| budget::selects(b, t)));
    let names: Vec<String> = held.map(|b| clean(text(b, "/metadata/name"))).collect();
    (!names.is_empty()).then(|| {
        let sentence =
            format!("Disruption budgets do not hold this back, they bind evictions alone: {}", names.join(", "));
        finding(Level::Info, sentence, "")
    })
}

/// What goes on running: DaemonSets have no count, and what the release does not own is not its own.
fn besides(ask: &Ask, live: &Live) -> Vec<Finding> {
    let mut all = Vec::new();
    let names = |of: &dyn Fn(&WorkloadRef, &Value) -> bool| -> Vec<String> {
        live.iter().filter(|(w, o)| of(w, o)).map(|(w, _)| w.name.to_string()).collect()
    };
    let own = |object: &Value| scale::is_of(object, &ask.release, &ask.namespace);
    let daemons = names(&|w, o| w.kind == WorkloadKind::DaemonSet && own(o));
    if !daemons.is_empty() {
        let sentence = format!("DaemonSets go on, they have no count that could be 0: {}", daemons.join(", "));
        all.push(finding(Level::Warn, sentence, ""));
    }
    let others = names(&|w, o| w.kind != WorkloadKind::DaemonSet && !own(o) && scale::count(o) > 0);
    if !others.is_empty() {
        let some = others.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
        let more = others.len().saturating_sub(6);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let sentence = format!("What {} does not own goes on in this namespace: {some}{more}", ask.release);
        all.push(finding(Level::Info, sentence, ""));
    }
    all
}

fn not_stopped(row: &Row) -> Option<Finding> {
    let Fate::Left(why) = &row.fate else { return None };
    Some(finding(Level::Warn, format!("{} is left as it is: {why}", row.workload), ""))
}

/// What somebody did to a workload while it was stopped.
fn moved(ask: &Ask, row: &Row) -> Option<Finding> {
    let Row { workload, now, saved, .. } = row;
    let by_hand = || {
        let name = typed(workload.kind, &workload.name);
        format!("By hand, if it is wanted: kubectl scale {name} --replicas={saved} {}", ask.whereabouts())
    };
    match &row.fate {
        Fate::Left(why) if *now == 0 && *saved == 0 => {
            Some(finding(Level::Info, format!("{workload} stays without pods: {why}"), ""))
        }
        Fate::Left(why) => Some(finding(
            Level::Confirm,
            format!("{workload} is not brought back to {saved}: {why}; it stays at {now}"),
            by_hand(),
        )),
        Fate::To(count) if *now > 0 => Some(finding(
            Level::Confirm,
            format!("{workload} was set to {now} since it was stopped; this sets it to {count}"),
            format!("To leave such counts: {}", ask.own(Errand::BringBack(Meanwhile::AsLive))),
        )),
        Fate::Same if now != saved => Some(finding(
            Level::Info,
            format!("{workload} is at {now} already and its autoscaler at work; {saved} were saved"),
            "",
        )),
        Fate::To(_) | Fate::Same => None,
    }
}

/// An autoscaler that is another one than it was.
fn rescaled(rows: &[Row], saved: &Saved) -> Vec<Finding> {
    let told = |scaler: Option<&Scaler>| {
        scaler.map_or_else(|| "none".into(), |s| format!("{} ({}-{})", clean(&s.name), s.min, s.max))
    };
    let changed = |row: &Row| {
        let was = saved.workloads.iter().find(|k| k.workload == row.workload)?.scaler.as_ref();
        let now = row.scaler.as_ref();
        (was != now).then(|| {
            let sentence = format!("The autoscaler of {} was {}, and is {} now", row.workload, told(was), told(now));
            finding(
                Level::Warn,
                sentence,
                "The count is brought back all the same; then the autoscaler of now decides.",
            )
        })
    };
    rows.iter().filter(|r| !matches!(r.fate, Fate::Left(_))).filter_map(changed).collect()
}

fn strays(ask: &Ask, known: &Known) -> Option<Finding> {
    let names: Vec<String> = known.strays.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| {
        let sentence =
            format!("{} runs and was not saved, as it was made since: it is left as it is", names.join(", "));
        finding(if ask.errand == Errand::Finish { Level::Confirm } else { Level::Info }, sentence, "")
    })
}

/// What helm did meanwhile, or does now.
fn revision(ask: &Ask, saved: Option<&Saved>, newest: Option<&RevisionFacts>) -> Vec<Finding> {
    let mut all = Vec::new();
    let Some(newest) = newest else { return all };
    if newest.status.is_pending() {
        let sentence = format!("helm is at work on {}: revision {} is {}", ask.release, newest.revision, newest.status);
        all.push(finding(
            Level::Confirm,
            sentence,
            "Wait until it has ended, or know that it is stuck: it may set the counts, too.",
        ));
    }
    let then: Option<Revision> = saved.and_then(|s| s.revision);
    if let Some(then) = then.filter(|then| *then != newest.revision) {
        let what = format!("Helm wrote revision {} since the counts were saved at revision {then}", newest.revision);
        let (sentence, cure) = match ask.errand {
            Errand::BringBack(_) => (
                format!("{what}: what is brought back are the counts of then"),
                "Compare them with the chart of now before you confirm.",
            ),
            Errand::Stop | Errand::Finish => (format!("{what}: it may have started what was stopped"), ""),
        };
        all.push(finding(Level::Confirm, sentence, cure));
    }
    all
}
