//! `backout maintenance`: a release stopped with every count saved in the cluster, the rest of it stopped, brought back,
//! or told how it stands; without a screen.
//!
//! Never: a release of its own choice.

use std::io::IsTerminal;
use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;

use crate::act::rollback::{TIMEOUT, Terms};
use crate::domain::identity::Identity;
use crate::domain::moment::Moment;
use crate::domain::name::ReleaseName;
use crate::domain::text::clean;
use crate::helm::choices::Wait;
use crate::maintenance::ask::{Errand, Meanwhile};
use crate::maintenance::plan::{Fate, Plan as OfRelease, Row};
use crate::maintenance::standing::Tally;
use crate::model::Model;
use crate::model::feed::Reading;
use crate::msg::Msg;
use crate::plan::Plan;

use super::fire::{NOBODY, confirm, take_up, watch};
use super::outcome::{FAILED, Outcome, UNKNOWN, USAGE};
use super::plan::{Planned, asked_for};
use super::progress::tell;
use super::reading::{Reader, answered, code, found, place, within};
use super::result::{Asked, Counted, Ended, of};
use super::{Globals, length, plan_page};

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Save the count of every Deployment and StatefulSet of the release in the cluster, then set them all to 0.
    Start(Wish),
    /// Stop what of it still runs; what was saved stays as it is.
    Finish(Wish),
    /// Bring every workload back to the count that was saved.
    End(End),
    /// Whether it is in maintenance, since when, by whom, and how much of it is stopped.
    Status(Status),
}

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct Wish {
    /// The Helm release.
    pub release: String,
    /// Confirm without being asked, with the release's name. What is blocked stays blocked.
    #[arg(long, value_name = "RELEASE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub yes: Option<String>,
    /// Do not wait for the pods: the end is then that it was written, which proves no pod.
    #[arg(long)]
    pub no_wait: bool,
    /// How long the pods are waited for.
    #[arg(long, value_name = "LENGTH", default_value = "5m", value_parser = length)]
    pub timeout: Duration,
    /// The result as JSON on stdout: `outcome` (seen-ready, not-seen-ready, failed, unknown, refused), `exit`,
    /// `sentence`, `release`, `workloads` (each with its count `from` before and the one `saved`), `namespace`, `plan`
    /// (its hash), `command`, `next` (null), `incident`, `journal` (the file), `seconds`.
    #[arg(long)]
    pub json: bool,
}

/// What is asked for of a return.
#[derive(Debug, Clone, clap::Args)]
pub struct End {
    /// Which release, and how.
    #[command(flatten)]
    pub wish: Wish,
    /// Leave the counts that somebody set since; else they become what was saved.
    #[arg(long)]
    pub keep_live: bool,
}

/// Of which release.
#[derive(Debug, Clone, clap::Args)]
pub struct Status {
    /// The Helm release.
    pub release: String,
    /// As JSON on stdout: `maintenance` (true, false, null where unknown), `sentence`, `since`, `by`, `stopped` and `of`.
    #[arg(long)]
    pub json: bool,
}

/// Does it.
pub fn run(globals: &Globals, command: &Command) -> Outcome {
    match command {
        Command::Start(wish) => acted(globals, wish, Errand::Stop),
        Command::Finish(wish) => acted(globals, wish, Errand::Finish),
        Command::End(end) => {
            let meanwhile = if end.keep_live { Meanwhile::AsLive } else { Meanwhile::AsSaved };
            acted(globals, &end.wish, Errand::BringBack(meanwhile))
        }
        Command::Status(status) => told(globals, status),
    }
}

impl Wish {
    fn terms(&self) -> Terms {
        let wait = if self.no_wait { Wait::Not } else { Wait::ForReady };
        Terms { timeout: if self.timeout.is_zero() { TIMEOUT } else { self.timeout }, wait, ..Terms::default() }
    }
}

fn acted(globals: &Globals, wish: &Wish, errand: Errand) -> Outcome {
    let release = ReleaseName::new(&wish.release);
    if let Some(named) = wish.yes.as_ref().filter(|y| !y.is_empty() && y.as_str() != release.as_str()) {
        return Outcome::failed(USAGE, format!("--yes={named} names another release than {release}: nothing was done"));
    }
    if wish.yes.is_none() && !std::io::stdin().is_terminal() {
        return Outcome::failed(USAGE, format!("{NOBODY}: confirm with --yes={release}"));
    }
    within(globals, Some(release.clone()), wish.terms(), async |mut reader| {
        let ended = match ran(&mut reader, wish, &release, errand).await {
            Ok(ended) | Err(ended) => ended,
        };
        of(&reader, asked(reader.model(), release), (wish.no_wait, wish.json), &ended)
    })
}

async fn ran(reader: &mut Reader, wish: &Wish, release: &ReleaseName, errand: Errand) -> Result<Ended, Ended> {
    reader.read(answered).await?;
    let identity = found(reader.model(), release)?;
    take_up(reader, identity.clone()).await?;
    let plan = match asked_for(reader, Msg::MaintenanceWanted(release.clone(), errand)).await? {
        Planned::Ready(plan) => plan,
        Planned::Refused(refusal, code) => return Err(Ended::early(code, plan_page::refusal(&refusal))),
    };
    if let Plan::Maintenance(plan) = &plan {
        tell(&summary(&identity, plan));
    }
    if let Some(finding) = plan.blocked() {
        let said = format!("Blocked, and nothing was changed: {}. {}", finding.sentence, finding.cure);
        return Err(Ended::refused(said.trim_end()));
    }
    confirm(reader, wish.yes.as_deref(), &plan).await?;
    watch(reader, &identity, plan.noun()).await
}

fn asked(model: &Model, release: ReleaseName) -> Asked {
    let rows = model.jobs.newest().and_then(|(_, job)| match &job.plan {
        Plan::Maintenance(plan) => Some(plan.rows.clone()),
        Plan::RollBack(_) | Plan::Workload(_) | Plan::Revert(_) | Plan::Silence(_) | Plan::Tests(_) => None,
    });
    let counted = |row: Row| Counted { workload: row.workload, from: row.now, saved: row.saved };
    Asked::Maintenance { release, workloads: rows.into_iter().flatten().map(counted).collect() }
}

/// What to know before it is confirmed.
fn summary(identity: &Identity, plan: &OfRelease) -> String {
    let mut lines =
        vec![format!("{} · {} · {}", place(identity), identity.server, plan.errand.sentence(&plan.release))];
    lines.extend(plan.rows.iter().map(|row| {
        let scaled = row.scaler.as_ref().map_or_else(String::new, |s| format!(" (HPA {} {}-{})", s.name, s.min, s.max));
        match &row.fate {
            Fate::To(to) => format!("{}: {} -> {to}{scaled}", row.workload, row.now),
            Fate::Same => format!("{}: {}, as it is{scaled}", row.workload, row.now),
            Fate::Left(why) => format!("{}: {}, left as it is: {why}", row.workload, row.now),
        }
    }));
    lines.extend(plan_page::findings(&plan.findings));
    lines.iter().map(|l| clean(l)).collect::<Vec<_>>().join("\n")
}

/// What `status --json` prints; its fields are the ones that the help names.
#[derive(Serialize)]
struct Sheet<'a> {
    maintenance: Option<bool>,
    sentence: &'a str,
    since: Option<Moment>,
    by: Option<&'a str>,
    stopped: Option<usize>,
    of: Option<usize>,
}

fn told(globals: &Globals, status: &Status) -> Outcome {
    let release = ReleaseName::new(&status.release);
    within(globals, Some(release.clone()), Terms::default(), async |mut reader: Reader| {
        let known = |m: &Model| {
            let read = |loading: bool| !loading;
            read(matches!(m.feeds.maintenance.read(m.now), Reading::Loading))
                && read(matches!(m.feeds.workloads.read(m.now), Reading::Loading))
                && read(matches!(m.identity.read(m.now), Reading::Loading))
        };
        if let Err(outcome) = reader.read(known).await {
            return outcome;
        }
        let model = reader.model();
        let (maintenance, sentence, exit) = match model.feeds.maintenance.read(model.now) {
            Reading::Loading => (None, format!("Whether {release} is in maintenance did not come in time"), UNKNOWN),
            Reading::Dark { fault, .. } => {
                let why = format!("Whether {release} is in maintenance cannot be read: {}", fault.sentence());
                (None, why, code(fault))
            }
            Reading::Fresh { .. } | Reading::Stale { .. } => match model.maintenance_words() {
                Some(words) => (Some(true), words, FAILED),
                None => (Some(false), format!("{release} is in no maintenance"), 0),
            },
        };
        let found = model.maintenance();
        let saved = found.and_then(|f| f.saved.as_ref().ok());
        let tally = found.and_then(|f| model.stopped(f));
        let sheet = Sheet {
            maintenance,
            sentence: &sentence,
            since: saved.map(|s| s.since),
            by: saved.map(|s| s.by.as_str()),
            stopped: tally.map(|t| t.stopped),
            of: tally.map(Tally::all),
        };
        let out = if status.json { serde_json::to_string_pretty(&sheet).unwrap_or_default() } else { sentence.clone() };
        let err = if status.json || maintenance.is_some() { String::new() } else { sentence.clone() };
        Outcome { out: if err.is_empty() { out } else { String::new() }, err, code: exit }
    })
}
