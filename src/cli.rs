//! The command line: what can be asked for, and which part grants it.
//!
//! Never: a decision about a rollback.

pub mod cockpit;
pub mod drill;
pub mod journal;
pub mod outcome;
pub mod page;
pub mod settings;

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

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
    /// Nothing can be changed from this cockpit.
    #[arg(long, global = true)]
    pub read_only: bool,
    /// The configuration file; else backout.toml in the XDG config folder.
    #[arg(long, global = true)]
    pub config: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
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
    /// Check the chain; names the first edited or broken line.
    Verify {
        /// The file.
        file: PathBuf,
    },
}

/// Does what the command line asks.
pub fn run(cli: Cli) -> Outcome {
    match cli.command {
        None => cockpit::open(&cli.globals),
        Some(Command::Drill { list: true, .. }) => drill::list(),
        Some(Command::Drill { name, list: false }) => drill::open(name.as_deref(), &cli.globals),
        Some(Command::Runbook { command: RunbookCommand::Print }) => page::print(&cli.globals),
        Some(Command::Runbook { command: RunbookCommand::Check { file } }) => page::check(&file),
        Some(Command::Journal { command: JournalCommand::Verify { file } }) => journal::verify(&file),
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "backout", &mut text);
            Outcome::said(String::from_utf8_lossy(&text).trim_end())
        }
    }
}
