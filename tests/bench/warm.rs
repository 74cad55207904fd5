//! backout's engine as a cockpit has it: connected, the release known, the plan on screen. A process of its own, so that
//! its memory is its own; the bench tells it by a line when to take the next step.
//!
//! From the confirmation on means: the intent journaled and fsynced, the act, its end journaled.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use backout::act::rollback::{TIMEOUT, Terms};
use backout::act::{rollback, workload};
use backout::app::journal::JournalFile;
use backout::domain::event::{Ending, Event};
use backout::domain::name::{Namespace, Person, ReleaseName, Revision, Service};
use backout::domain::workload::{WorkloadKind, WorkloadRef};
use backout::helm::choices::Wait;
use backout::helm::holder::Holder;
use backout::helm::progress::Outcome;
use backout::kubectl::ask::{Ask, Errand};
use backout::live::{Options, open};

use crate::race::{Run, Scale};
use crate::release::RELEASE;

/// The word that makes this bench an engine.
const WORD: &str = "warm-engine";

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The release back to that revision.
    RollBack(u32),
    /// The Deployment `d0` back to the template before.
    Undo,
}

/// An engine that was started and is connected.
pub struct Engine {
    child: Child,
    lines: BufReader<ChildStdout>,
    scale: Scale,
}

impl Engine {
    /// Starts one.
    pub fn start(kubeconfig: &Path, namespace: &str, deed: Deed, wait: bool) -> Result<Self> {
        let deed = match deed {
            Deed::RollBack(to) => to.to_string(),
            Deed::Undo => "undo".into(),
        };
        let mut child = Command::new(std::env::current_exe()?)
            .arg(WORD)
            .arg(kubeconfig)
            .args([namespace, &deed, if wait { "wait" } else { "no-wait" }])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let scale = Scale::under(&child);
        let lines = BufReader::new(child.stdout.take().context("its output is a pipe")?);
        let mut engine = Self { child, lines, scale };
        engine.hear()?;
        Ok(engine)
    }

    /// The next step: the plan, then the act. How long it took.
    pub fn step(&mut self) -> Result<Duration> {
        writeln!(self.child.stdin.as_mut().context("its input is a pipe")?)?;
        self.hear()
    }

    /// Its end.
    pub fn end(mut self, took: Duration) -> Result<Run> {
        let status = self.child.wait()?;
        ensure!(status.success(), "the engine ended with {status}");
        Ok(Run { took, peak: self.scale.peak()? })
    }

    fn hear(&mut self) -> Result<Duration> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        Ok(Duration::from_micros(line.trim().parse().map_err(|_| anyhow!("the engine says {line:?}"))?))
    }
}

/// Is the engine, where the arguments say so; whether it was.
pub fn is_engine() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [word, kubeconfig, namespace, deed, wait] = arguments.as_slice() else { return Ok(false) };
    if word != WORD {
        return Ok(false);
    }
    let deed = match deed.parse() {
        Ok(to) => Deed::RollBack(to),
        Err(_) => Deed::Undo,
    };
    let wait = if wait == "wait" { Wait::ForReady } else { Wait::Not };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(engine(kubeconfig, &Namespace::new(namespace), deed, wait))?;
    Ok(true)
}

/// Says how long the step took, and waits to be told on.
fn said(took: Duration) -> Result<()> {
    println!("{}", took.as_micros());
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

async fn engine(kubeconfig: &str, namespace: &Namespace, deed: Deed, wait: Wait) -> Result<()> {
    let options =
        Options { kubeconfig: Some(kubeconfig.into()), namespace: Some(namespace.clone()), ..Options::default() };
    let world = open(options).await.map_err(|fault| anyhow!(fault.sentence()))?.1;
    world.cluster.identity().await.map_err(|fault| anyhow!(fault.sentence()))?;
    let home = tempfile::tempdir()?;
    let mut journal = JournalFile::open(&home.path().join("bench.jsonl"), &Person::new("ana"))?.file;
    let mut write = |text: &str| {
        let note = Event::Note { text: text.into() };
        journal.append(vec![note], world.clock.now().wall).map_err(|why| anyhow!(why))
    };
    let holder = Holder { person: "ana".into(), host: "bench".into(), pid: std::process::id() };
    let terms = Terms { wait, holder, timeout: TIMEOUT };
    said(Duration::ZERO)?;
    let begun = Instant::now();
    match deed {
        Deed::RollBack(to) => {
            let (release, to) = (ReleaseName::new(RELEASE), Revision(to));
            let plan = rollback::plan(&world, release, namespace.clone(), to, "bench", TIMEOUT).await;
            let plan = plan.map_err(|refusal| anyhow!(refusal.sentence))?;
            said(begun.elapsed())?;
            let begun = Instant::now();
            write("asked")?;
            let outcome = rollback::run(&world, &plan, "bench", terms, |_| {}).await;
            write("ended")?;
            println!("{}", begun.elapsed().as_micros());
            match outcome {
                Outcome::SeenReady { .. } => Ok(()),
                Outcome::Applied { .. } if wait == Wait::Not => Ok(()),
                other => bail!("{other:?}"),
            }
        }
        Deed::Undo => {
            let workload = WorkloadRef { kind: WorkloadKind::Deployment, name: Service::new("d0") };
            let (namespace, errand) = (namespace.clone(), Errand::Undo { to: 0 });
            let plan = workload::planned(&world, Ask { workload, namespace, context: "bench".into(), errand }).await;
            let plan = plan.map_err(|refusal| anyhow!(refusal.sentence))?;
            said(begun.elapsed())?;
            let begun = Instant::now();
            write("asked")?;
            let ending = workload::run(&world, &plan, terms, |_| {}).await;
            write("ended")?;
            println!("{}", begun.elapsed().as_micros());
            match ending {
                Ending::Seen { .. } | Ending::Unseen { .. } => Ok(()),
                other => bail!("{other:?}"),
            }
        }
    }
}
