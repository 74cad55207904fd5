//! `backout undo` and `backout restart`: one workload back to an earlier revision of its own, or its pods replaced,
//! without a screen.
//!
//! Never: a workload of its own choice; more than one.

use std::io::IsTerminal;
use std::time::Duration;

use crate::act::rollback::{TIMEOUT, Terms};
use crate::domain::fault::Fault;
use crate::domain::identity::Identity;
use crate::domain::name::Service;
use crate::domain::text::clean;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::choices::Wait;
use crate::kubectl::ask::Errand;
use crate::kubectl::change::Change;
use crate::kubectl::plan::Plan as OfWorkload;
use crate::model::Model;
use crate::model::feed::Reading;
use crate::msg::Msg;
use crate::plan::Plan;

use super::fire::{NOBODY, confirm, take_up, watch};
use super::outcome::{Outcome, UNKNOWN, USAGE};
use super::plan::{Planned, asked_for};
use super::progress::tell;
use super::reading::{PATIENCE, Reader, answered, code, place, unknown, within};
use super::result::{Asked, Ended, of};
use super::{Globals, length, plan_page};

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct Wish {
    /// The workload, as in deployment/order-service; statefulset and daemonset likewise.
    #[arg(value_name = "KIND/NAME", value_parser = workload)]
    pub workload: WorkloadRef,
    /// Confirm without being asked. What is blocked stays blocked.
    #[arg(long)]
    pub yes: bool,
    /// Do not wait for the pods: the end is then that it was written, which proves no pod.
    #[arg(long)]
    pub no_wait: bool,
    /// How long the pods are waited for.
    #[arg(long, value_name = "LENGTH", default_value = "5m", value_parser = length)]
    pub timeout: Duration,
    /// The result as JSON on stdout: `outcome` (seen-ready, not-seen-ready, failed, unknown, refused), `exit`,
    /// `sentence`, `workload` (kind and name), `from` and `to` (its revisions, else null), `namespace`, `plan` (its
    /// hash), `command`, `next` (null), `incident`, `journal` (the file), `seconds`.
    #[arg(long)]
    pub json: bool,
}

/// What is asked for of an undo.
#[derive(Debug, Clone, clap::Args)]
pub struct Undo {
    /// The revision of the workload (`kubectl rollout history` shows them); else the one before the newest.
    #[arg(long, value_name = "REVISION", value_parser = kept, allow_negative_numbers = true)]
    pub to: Option<u64>,
    /// Which workload, and how.
    #[command(flatten)]
    pub wish: Wish,
}

fn kept(raw: &str) -> Result<u64, String> {
    let wanted = || "a revision of a workload is a number from 1; `kubectl rollout history` shows them".to_owned();
    raw.parse().ok().filter(|number| *number > 0).ok_or_else(wanted)
}

/// `deployment/web`, `sts/db`: the kinds as kubectl takes them.
fn workload(text: &str) -> Result<WorkloadRef, String> {
    let wanted = || "a workload is named KIND/NAME, as in deployment/web, statefulset/db or daemonset/agent".to_owned();
    let (kind, name) = text.split_once('/').filter(|(_, name)| !name.is_empty()).ok_or_else(wanted)?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "deployment" | "deployments" | "deploy" | "deployment.apps" | "deployments.apps" => WorkloadKind::Deployment,
        "statefulset" | "statefulsets" | "sts" | "statefulset.apps" | "statefulsets.apps" => WorkloadKind::StatefulSet,
        "daemonset" | "daemonsets" | "ds" | "daemonset.apps" | "daemonsets.apps" => WorkloadKind::DaemonSet,
        _ => return Err(wanted()),
    };
    Ok(WorkloadRef { kind, name: Service::new(name) })
}

impl Wish {
    fn terms(&self) -> Terms {
        let wait = if self.no_wait { Wait::Not } else { Wait::ForReady };
        Terms { timeout: if self.timeout.is_zero() { TIMEOUT } else { self.timeout }, wait, ..Terms::default() }
    }
}

/// Takes a workload back.
pub fn undo(globals: &Globals, wish: &Undo) -> Outcome {
    run(globals, &wish.wish, Errand::Undo { to: wish.to.unwrap_or(0) })
}

/// Replaces a workload's pods.
pub fn restart(globals: &Globals, wish: &Wish) -> Outcome {
    run(globals, wish, Errand::Restart)
}

fn run(globals: &Globals, wish: &Wish, errand: Errand) -> Outcome {
    if !wish.yes && !std::io::stdin().is_terminal() {
        return Outcome::failed(USAGE, format!("{NOBODY}: confirm with --yes"));
    }
    within(globals, None, wish.terms(), async |mut reader| {
        let ended = match acted(&mut reader, wish, errand).await {
            Ok(ended) | Err(ended) => ended,
        };
        of(&reader, asked(reader.model(), wish, errand), (wish.no_wait, wish.json), &ended)
    })
}

async fn acted(reader: &mut Reader, wish: &Wish, errand: Errand) -> Result<Ended, Ended> {
    reader.read(answered).await?;
    let identity = there(reader.model(), &wish.workload)?;
    take_up(reader, identity.clone()).await?;
    let plan = match asked_for(reader, Msg::WorkloadWanted(wish.workload.clone(), errand)).await? {
        Planned::Ready(plan) => plan,
        Planned::Refused(refusal, code) => return Err(Ended::early(code, plan_page::refusal(&refusal))),
    };
    if let Plan::Workload(plan) = &plan {
        tell(&summary(&identity, plan));
    }
    if let Some(finding) = plan.blocked() {
        let said = format!("Blocked, and nothing was changed: {}. {}", finding.sentence, finding.cure);
        return Err(Ended::refused(said.trim_end()));
    }
    confirm(reader, wish.yes.then_some(""), &plan).await?;
    watch(reader, &identity, plan.noun()).await
}

/// The cluster is known, and the workload is in it.
fn there(model: &Model, workload: &WorkloadRef) -> Result<Identity, Ended> {
    let dark = |fault: &Fault, what: &str| Ended::early(code(fault), unknown(fault, what));
    let late = |what: &str| {
        let said = format!("{what} did not answer within {} s: nothing was changed", PATIENCE.as_secs());
        Ended::early(UNKNOWN, said)
    };
    let identity = match model.identity.read(model.now) {
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => value.clone(),
        Reading::Dark { fault, .. } => return Err(dark(fault, "The cluster does not say who it is")),
        Reading::Loading => return Err(late("the cluster")),
    };
    let all = match model.feeds.workloads.read(model.now) {
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => value,
        Reading::Dark { fault, .. } => return Err(dark(fault, "The workloads cannot be read")),
        Reading::Loading => return Err(late("the list of workloads")),
    };
    if all.contains_key(&(workload.kind, workload.name.clone())) {
        return Ok(identity);
    }
    let mut names: Vec<String> = all.values().map(|w| format!("{}/{}", w.kind, w.name).to_lowercase()).collect();
    let more = names.len().saturating_sub(12);
    names.truncate(12);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let there = if names.is_empty() { "it has none".into() } else { format!("there are: {}{more}", names.join(", ")) };
    Err(Ended::refused(format!("There is no {workload} in namespace {}; {there}", model.settings.namespace)))
}

/// What was asked for, and what it was before.
fn asked(model: &Model, wish: &Wish, errand: Errand) -> Asked {
    let plan = model.jobs.newest().and_then(|(_, job)| match &job.plan {
        Plan::Workload(plan) => Some(plan),
        Plan::RollBack(_) | Plan::Maintenance(_) | Plan::Revert(_) | Plan::Silence(_) | Plan::Tests(_) => None,
    });
    let named = match errand {
        Errand::Undo { to } => Some(to).filter(|to| *to > 0),
        Errand::Restart => None,
    };
    let to = plan.and_then(|plan| match &plan.change {
        Change::Undo { to, .. } => Some(*to),
        Change::Restart { .. } => None,
    });
    Asked::Workload { workload: wish.workload.clone(), from: plan.and_then(|p| p.from), to: to.or(named) }
}

/// What to know before it is confirmed.
fn summary(identity: &Identity, plan: &OfWorkload) -> String {
    let was = plan.from.map_or_else(String::new, |from| format!(", now at its revision {from}"));
    let doing = match &plan.change {
        Change::Undo { to, .. } => format!("undo {} to its revision {to}{was}", plan.workload),
        Change::Restart { .. } => format!("restart {}{was}", plan.workload),
    };
    let mut lines = vec![format!("{} · {} · {doing}", place(identity), identity.server), plan.strategy.clone()];
    lines.extend(plan_page::changed(&plan.images));
    lines.extend(plan.fields.iter().map(plan_page::field));
    lines.extend(plan_page::findings(&plan.findings));
    lines.iter().map(|l| clean(l)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_is_named_as_kubectl_names_it() {
        let named = |kind, name: &str| Some(WorkloadRef { kind, name: Service::new(name) });
        let cases = [
            ("deployment/web", named(WorkloadKind::Deployment, "web")),
            ("Deploy/web", named(WorkloadKind::Deployment, "web")),
            ("sts/db", named(WorkloadKind::StatefulSet, "db")),
            ("daemonsets.apps/agent", named(WorkloadKind::DaemonSet, "agent")),
            ("web", None),
            ("pod/web", None),
            ("deployment/", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(workload(text).ok(), wanted, "{text}");
        }
    }
}
