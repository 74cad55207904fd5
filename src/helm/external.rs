//! A rollback that is refused here, done by helm itself as an external program: its plan, its argv, what its end means.
//!
//! Never: a preview. What helm changes is known when it has changed it, and the plan says so.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask::Ask;
use super::choices::{Apply, Manner, Replicas, Wait};
use super::history;
use super::payload::Driver;
use super::plan::{Finding, Level, Method, Plan, PlanHash, Refusal};
use super::progress::Outcome;
use super::record::{Record, key, labels};
use super::recover::{self, Begun, Standing};
use super::risks::finding;
use crate::domain::moment::{Moment, long, since};
use crate::domain::name::Revision;
use crate::domain::release::{RevisionFacts, Status};
use crate::domain::text::{clean, shell_quoted};

/// The helm that is found on this machine, and what keeps it at this very cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helm {
    /// Where it is.
    pub path: String,
    /// What it says it is: `v4.3.1+g1234567`.
    pub version: String,
    /// The API server that was opened, for `--kube-apiserver`.
    pub server: String,
    /// What its environment is to hold: the kubeconfig.
    pub environment: Vec<(String, String)>,
}

impl Helm {
    fn major(&self) -> u32 {
        let digits = self.version.trim_start_matches('v').split('.').next();
        digits.and_then(|d| d.parse().ok()).unwrap_or_default()
    }
}

/// A program with its arguments; never a line for a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The file that is started.
    pub path: String,
    /// Its version.
    pub version: String,
    /// One argument each.
    pub arguments: Vec<String>,
    /// What is set in its environment, beside what ours has.
    pub environment: Vec<(String, String)>,
}

impl Program {
    /// As a person types it, to copy.
    pub fn line(&self) -> String {
        let set = self.environment.iter().map(|(name, value)| format!("{name}={}", shell_quoted(value)));
        let words = std::iter::once(&self.path).chain(&self.arguments).map(|word| shell_quoted(word));
        set.chain(words).collect::<Vec<_>>().join(" ")
    }

    /// `helm v4.3.1`
    pub fn called(&self) -> String {
        format!("helm {}", self.version.split('+').next().unwrap_or_default())
    }
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// With that code.
    Code(i32),
    /// Somebody ended it by that signal.
    Signal(i32),
    /// It was never started, and why.
    NotStarted(String),
    /// Nobody knows, and why.
    Lost(String),
}

/// The plan of what helm is to do, where this cannot be done here for that reason. `records`: those of the release.
///
/// # Errors
/// Helm cannot do it either.
pub fn plan(ask: &Ask, why: &Refusal, records: &[Value], helm: &Helm, now: Moment) -> Result<Plan, Refusal> {
    let facts = |at: Option<Revision>| {
        let mut all: Vec<RevisionFacts> =
            records.iter().filter_map(history::facts).filter(|(n, _)| *n == ask.release).map(|(_, f)| f).collect();
        all.sort_by_key(|f| f.revision);
        all.into_iter().rfind(|f| at.is_none_or(|at| f.revision == at))
    };
    let (Some(last), Some(target)) = (facts(None), facts(Some(ask.to))) else {
        return Err(ask.hopeless(format!("{} has no revision {}", ask.release, ask.to), "Choose another revision."));
    };
    let program = program(ask, records, helm);
    let method = stored(records, ask, ask.to).and_then(|r| Record::decode(r).ok()).and_then(|r| r.method);
    let mut findings = vec![
        finding(Level::Confirm, format!("{} does this, not backout: {}", program.called(), why.sentence), ""),
        finding(
            Level::Confirm,
            "What changes is not known beforehand: helm tries nothing first, and the target's rollback hooks run",
            "If it fails, what is live may be a mix of both revisions.",
        ),
    ];
    findings.extend(hindered(ask, helm));
    findings.extend(pending(&last, ask.timeout, now));
    if target.status == Status::Failed {
        let sentence = format!("Revision {} failed itself", target.revision);
        findings.push(finding(Level::Confirm, sentence, "Choose one that was good."));
    }
    findings.sort_by_key(|f| f.level);
    let plan = Plan {
        release: ask.release.clone(),
        namespace: ask.namespace.clone(),
        from: last.revision,
        to: ask.to,
        writes: last.revision.next(),
        method: method.unwrap_or(Method::Csa),
        choices: ask.choices.clone(),
        operations: Vec::new(),
        hooks: Vec::new(),
        conflicts: Vec::new(),
        over: None,
        images: Vec::new(),
        findings,
        command: program.line(),
        program: Some(program),
        depends_on: depends_on(records, ask, last.revision),
        hash: PlanHash(String::new()),
    };
    Ok(plan.sealed())
}

/// The argv, with cluster, namespace and revision named.
fn program(ask: &Ask, records: &[Value], helm: &Helm) -> Program {
    let mut arguments = ask.arguments();
    if !helm.server.is_empty() {
        arguments.extend(["--kube-apiserver".to_owned(), helm.server.clone()]);
    }
    let driver = match records.first().map(Driver::of) {
        Some(Driver::ConfigMap) => "configmap",
        Some(Driver::Secret) | None => "secret",
    };
    let mut environment = helm.environment.clone();
    environment.push(("HELM_DRIVER".into(), driver.into()));
    Program { path: helm.path.clone(), version: helm.version.clone(), arguments, environment }
}

/// What was chosen and this helm does not know.
fn hindered(ask: &Ask, helm: &Helm) -> Option<Finding> {
    let choices = &ask.choices;
    let own = choices.replicas == Replicas::AsLive || choices.manner == Manner::Exact;
    let of_four = choices.apply != Apply::AsTarget || !choices.force.is_empty();
    let what = match (own, of_four && helm.major() < 4) {
        (true, _) => "keeping the live numbers of pods, and --helm-exact, are backout's alone",
        (false, true) => "--server-side and --force want helm 4",
        (false, false) => return None,
    };
    Some(finding(Level::Block, format!("helm {} cannot do what was chosen: {what}", helm.version), "Leave it out."))
}

fn pending(last: &RevisionFacts, timeout: Duration, now: Moment) -> Option<Finding> {
    let age = since(last.updated, now);
    let sentence = format!("Revision {} is {} since {}", last.revision, last.status, long(age));
    last.status.is_pending().then(|| {
        if age < timeout.max(Duration::from_mins(1)) * 2 {
            finding(Level::Block, format!("{sentence}: somebody's helm may still run"), "Wait, or ask who runs it.")
        } else {
            finding(Level::Confirm, format!("{sentence}: it died; helm rollback passes over it"), "")
        }
    })
}

fn stored<'a>(records: &'a [Value], ask: &Ask, at: Revision) -> Option<&'a Value> {
    let labelled = |record: &&Value| {
        let labels = labels(record);
        labels.get("name").is_some_and(|n| n == ask.release.as_str())
            && labels.get("version").is_some_and(|v| *v == at.to_string())
    };
    records.iter().find(labelled)
}

/// The two records as they are stored.
fn depends_on(records: &[Value], ask: &Ask, last: Revision) -> Vec<(String, String)> {
    let version = |record: &Value| {
        let version = record.pointer("/metadata/resourceVersion").and_then(Value::as_str);
        version.unwrap_or_default().to_owned()
    };
    let record = |at: Revision| {
        let found = stored(records, ask, at).map(version);
        (format!("record {}", key(&ask.release, at)), found.unwrap_or_default())
    };
    vec![record(last), record(ask.to)]
}

/// What has changed since the plan was made; `None` where it still holds.
pub fn moved(plan: &Plan, ask: &Ask, records: &[Value]) -> Option<String> {
    let ours = records.iter().filter_map(history::facts).filter(|(n, _)| *n == plan.release);
    let newest = ours.map(|(_, f)| f).max_by_key(|f| f.revision)?;
    if newest.revision != plan.from {
        let RevisionFacts { revision, status, .. } = newest;
        return Some(format!("{} has moved on: revision {revision} is {status}. Plan again.", plan.release));
    }
    let changed = depends_on(records, ask, plan.from) != plan.depends_on;
    changed.then(|| "A record has changed since the plan was made. Plan again.".to_owned())
}

/// How it ended: what helm said, held against what the records say now. `said`: its last lines, masked.
pub fn ended(
    (plan, program): (&Plan, &Program),
    exit: &Exit,
    said: &[String],
    records: Result<Vec<Value>, String>,
    wait: Wait,
) -> Outcome {
    let helm = program.called();
    let told = match exit {
        Exit::NotStarted(why) => {
            return Outcome::Void { why: format!("{helm} could not be started: {}. Nothing was changed", clean(why)) };
        }
        Exit::Code(code) => format!("{helm} ended with exit code {code}"),
        Exit::Signal(signal) => format!("{helm} was ended by signal {signal}"),
        Exit::Lost(why) => format!("how {helm} ended is not known ({})", clean(why)),
    };
    let told = if said.is_empty() { told } else { format!("{told}: {}", said.join(" / ")) };
    let records = match records {
        Ok(records) => records,
        Err(why) => return Outcome::Unknown { why: format!("{told}; the history cannot be read after it: {why}") },
    };
    let begun = Begun { release: plan.release.clone(), to: plan.to, writes: plan.writes };
    let standing = recover::standing(&begun, &records);
    let revision = plan.writes;
    match (exit, &standing, wait) {
        (Exit::Code(0), Standing::Done, Wait::ForReady) => Outcome::SeenReady { revision },
        (Exit::Code(0), Standing::Done, Wait::Not) => Outcome::Applied { revision, unready: String::new() },
        (_, Standing::Done, _) => Outcome::Applied { revision, unready: told },
        (Exit::Code(0) | Exit::Lost(_), ..) => {
            Outcome::Unknown { why: format!("{told}. {}", standing.sentence(&begun)) }
        }
        (Exit::Code(_) | Exit::Signal(_) | Exit::NotStarted(_), ..) => {
            let written = (standing != Standing::NotBegun).then_some(revision);
            Outcome::Failed { revision: written, why: format!("{told}. {}", standing.sentence(&begun)) }
        }
    }
}
