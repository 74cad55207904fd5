//! The command line: what can be asked for, and which part grants it.
//!
//! Never: a decision about a rollback.

pub mod check;
mod check_logs;
pub mod check_parts;
mod check_usage;
mod check_ways;
pub mod chosen;
pub mod cockpit;
pub mod consent;
pub mod drill;
pub mod fire;
pub mod init;
pub mod journal;
pub mod maintenance;
pub mod outcome;
pub mod page;
pub mod plan;
pub mod plan_page;
pub mod progress;
pub mod reading;
pub mod result;
pub mod revert;
pub mod rollback;
pub mod settings;
pub mod unreadable;
pub mod workload;

use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};

use crate::domain::name::Revision;
use outcome::Outcome;

/// The cockpit for the worst hour of an on-call engineer's week: roll production back, and prove it.
///
/// Without a command it opens on the cluster of the current kube context, read-only until you arm it.
#[derive(Debug, Parser)]
#[command(name = "backout", version, arg_required_else_help = false)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What holds for every command.
    #[command(flatten)]
    pub globals: Globals,
}

/// What holds for every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Globals {
    /// The kubeconfig context; the current one where none is named.
    #[arg(long, global = true)]
    pub context: Option<String>,
    /// The namespace; the context's own where none is named.
    #[arg(short, long, global = true)]
    pub namespace: Option<String>,
    /// The kubeconfig file; else KUBECONFIG, else ~/.kube/config.
    #[arg(long, global = true)]
    pub kubeconfig: Option<PathBuf>,
    /// Prometheus: its URL, or NAMESPACE/SERVICE:PORT of the cluster; else PROMETHEUS_URL, else it is found.
    #[arg(long, global = true, value_name = "URL")]
    pub prometheus: Option<String>,
    /// Alertmanager, likewise; else ALERTMANAGER_URL, else it is found.
    #[arg(long, global = true, value_name = "URL")]
    pub alertmanager: Option<String>,
    /// Nothing can be changed from this cockpit.
    #[arg(long, global = true)]
    pub read_only: bool,
    /// The configuration file; else backout.toml in the XDG config folder.
    #[arg(long, global = true)]
    pub config: Option<PathBuf>,
    /// For tests: `drill:NAME` instead of a cluster.
    #[arg(long, global = true, hide = true, value_parser = place)]
    pub world: Option<Place>,
}

/// Another world than the cluster's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The drill of that name.
    Drill(String),
}

fn place(raw: &str) -> Result<Place, String> {
    let name = raw.strip_prefix("drill:").ok_or("drill:NAME is wanted; backout drill --list names them")?;
    Ok(Place::Drill(name.to_owned()))
}

fn revision(raw: &str) -> Result<Revision, String> {
    match raw.parse::<u32>() {
        Ok(number) if number > 0 => Ok(Revision(number)),
        Ok(_) | Err(_) => Err("a revision is a number from 1; `helm history` and `backout plan` show them".into()),
    }
}

fn length(raw: &str) -> Result<Duration, String> {
    let longest = Duration::from_hours(24);
    match crate::config::length::read(raw) {
        Some(length) if !length.is_zero() && length <= longest => Ok(length),
        Some(_) => Err("between 1s and 24h is wanted".into()),
        None => Err("a length with its unit is wanted: 5m, 90s, 1h30m".into()),
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read everything once: pods, error rate, P95, alerts, release.
    ///
    /// Exit: 0 well, 1 unwell, 2 unknown (unknown is never well), 64 wrong usage.
    Check {
        /// As JSON on stdout.
        #[arg(long)]
        json: bool,
    },
    /// What a rollback would do, object by object. Nothing is changed.
    ///
    /// Exit: 0 it can run, 2 nobody can know, 3 refused or blocked, 64 wrong usage.
    Plan(plan::Wish),
    /// Roll back, without a screen: the same plan, the same journal, the same proof as in the cockpit.
    ///
    /// Exit: 0 seen ready, 1 failed, 2 unknown, 3 refused (nothing was changed), 64 wrong usage.
    Rollback(rollback::Wish),
    /// Take one Deployment, StatefulSet or DaemonSet back to an earlier revision of its own; helm will not know.
    ///
    /// Exit: 0 seen ready, 1 failed, 2 unknown, 3 refused (nothing was changed), 64 wrong usage.
    Undo(workload::Undo),
    /// Replace the pods of one workload, a few at a time, by new ones of the same template.
    ///
    /// Exit: 0 seen ready, 1 failed, 2 unknown, 3 refused (nothing was changed), 64 wrong usage.
    Restart(workload::Wish),
    /// Put one ConfigMap or Secret of a release back to the content that a Helm revision gave it, restart who reads it.
    ///
    /// The content comes from Helm's records, not from a repository.
    ///
    /// Exit: 0 seen ready, 1 failed, 2 unknown, 3 refused (nothing was changed), 64 wrong usage.
    Revert(revert::Wish),
    /// Stop a release for maintenance with every count saved in the cluster, bring it back exactly so, or say how it is.
    ///
    /// Exit of start, finish and end: 0 seen, 1 failed, 2 unknown, 3 refused (nothing was changed), 64 wrong usage. Of
    /// status: 0 in no maintenance, 1 in maintenance, 2 unknown.
    Maintenance {
        /// What to do.
        #[command(subcommand)]
        command: maintenance::Command,
    },
    /// Write a commented backout.toml, with this cluster pinned in it.
    Init,
    /// Rehearse: the same cockpit on a simulated production with an incident in progress.
    Drill {
        /// Which drill.
        name: Option<String>,
        /// Name the drills.
        #[arg(long)]
        list: bool,
    },
    /// The checklist as a page for paper, or a check of your own.
    Runbook {
        /// What to do with it.
        #[command(subcommand)]
        command: RunbookCommand,
    },
    /// The journals of incidents.
    Journal {
        /// What to do with it.
        #[command(subcommand)]
        command: JournalCommand,
    },
    /// Completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// What to do with a runbook.
#[derive(Debug, Subcommand)]
pub enum RunbookCommand {
    /// Print the page.
    Print,
    /// Check a file; every mistake is named with its line.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// What to do with a journal.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Print the timeline of an incident: the report is written from it.
    Show {
        /// The file.
        file: PathBuf,
    },
    /// Check the chain; names the first edited or broken line.
    Verify {
        /// The file.
        file: PathBuf,
    },
}

/// Does what the command line asks.
pub fn run(cli: Cli) -> Outcome {
    let globals = &cli.globals;
    match cli.command {
        None => match &globals.world {
            None => cockpit::open(globals),
            Some(Place::Drill(name)) => drill::open(Some(name), globals),
        },
        Some(Command::Check { json }) => check::run(globals, json),
        Some(Command::Plan(wish)) => plan::run(globals, &wish),
        Some(Command::Rollback(wish)) => rollback::run(globals, &wish),
        Some(Command::Undo(wish)) => workload::undo(globals, &wish),
        Some(Command::Restart(wish)) => workload::restart(globals, &wish),
        Some(Command::Revert(wish)) => revert::run(globals, &wish),
        Some(Command::Maintenance { command }) => maintenance::run(globals, &command),
        Some(Command::Init) => init::run(globals),
        Some(Command::Drill { list: true, .. }) => drill::list(),
        Some(Command::Drill { name, list: false }) => drill::open(name.as_deref(), globals),
        Some(Command::Runbook { command: RunbookCommand::Print }) => page::print(globals),
        Some(Command::Runbook { command: RunbookCommand::Check { file } }) => page::check(&file),
        Some(Command::Journal { command: JournalCommand::Verify { file } }) => journal::verify(&file),
        Some(Command::Journal { command: JournalCommand::Show { file } }) => journal::show(&file),
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "backout", &mut text);
            Outcome::said(String::from_utf8_lossy(&text).trim_end())
        }
    }
}
