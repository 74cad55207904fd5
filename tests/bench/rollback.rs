//! The figures of a rollback, printed and never asserted: backout beside helm 3 and helm 4, and its undo beside kubectl's,
//! on the lab that LAB_DIR names (tests/real/up.sh), over a link of some length. `LAB_DIR=… LAB_NS=… cargo bench --bench
//! rollback`; the whole table takes half an hour, one row some seconds:
//!
//! BENCH_OBJECTS="1 10 50 100 300"  BENCH_SHAPES="plain mixed"  BENCH_BORN="helm3 helm4"  BENCH_RTT="0 20" (milliseconds)
//! BENCH_WAIT="no yes"  BENCH_WHO="helm cold warm"  BENCH_TIMES=3  BENCH_UNDO="yes"
//!
//! Cold is the command: exec, plan, dry runs, rollback, exit. Warm is from the confirmation on, as in an open cockpit.
//! All run against one release in turn, each back to the revision before the newest, so that every object changes.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench runs programs, reads clocks and prints")]

mod lab;
mod link;
mod race;
mod release;
mod sample;
mod server;
mod warm;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use lab::backout;
use link::Link;
use race::Run;
use release::{RELEASE, Release, Shape};
use sample::Sample;
use server::Server;
use warm::{Deed, Engine};

const API_SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 6443);

fn main() -> Result<()> {
    if warm::is_engine()? || lab::goes_inside()? {
        return Ok(());
    }
    let Some(lab) = lab::lab() else {
        println!("The figures of a rollback: SKIPPED, LAB_DIR names no lab (tests/real/up.sh makes one)");
        return Ok(());
    };
    println!("{}", lab::load());
    tokio::runtime::Runtime::new()?.block_on(measure(&lab))?;
    println!("\n{}", lab::load());
    Ok(())
}

fn wished(name: &str, otherwise: &str) -> Vec<String> {
    let text = std::env::var(name).unwrap_or_else(|_| otherwise.into());
    text.split_whitespace().map(str::to_owned).collect()
}

/// Who rolls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who<'a> {
    Helm(&'a str),
    /// The command, from exec to its end.
    Cold,
    /// From the confirmation on, and before it the plan.
    Warm,
}

/// The place of one measurement.
struct Ground<'a> {
    server: &'a Server,
    link: &'a Link,
    kubeconfig: &'a Path,
    release: &'a mut Release,
    wait: bool,
}

/// What one run cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    run: Run,
    requests: u64,
    bytes: u64,
    /// After the last pod became ready, where that was waited for.
    after_ready: Option<Duration>,
}

async fn measure(lab: &Path) -> Result<()> {
    let server = Server::open(lab).await?;
    let home = tempfile::tempdir()?;
    let mut links = Vec::new();
    for length in wished("BENCH_RTT", "0 20") {
        let link = Link::open(API_SERVER, Duration::from_millis(length.parse()?)).await?;
        let kubeconfig = home.path().join(format!("{length}.yaml"));
        server.kubeconfig(link.port, &kubeconfig)?;
        links.push((length, link, kubeconfig));
    }
    if wished("BENCH_UNDO", "yes") == ["yes"] {
        undo(&server, &links).await?;
    }
    for objects in wished("BENCH_OBJECTS", "1 10 50 100 300") {
        for shape in wished("BENCH_SHAPES", "plain mixed") {
            let shape = if shape == "plain" { Shape::Plain } else { Shape::Mixed };
            for born in wished("BENCH_BORN", "helm3 helm4") {
                release(&server, &links, (objects.parse()?, shape, &born)).await?;
            }
        }
    }
    Ok(())
}

type Links = [(String, Link, PathBuf)];

/// All rows of one release.
async fn release(server: &Server, links: &Links, (objects, shape, born): (usize, Shape, &str)) -> Result<()> {
    let mut release = Release::born(born, objects, shape)?;
    server.rest(&release.namespace).await?;
    let times = wished("BENCH_TIMES", "3").concat().parse()?;
    for (length, link, kubeconfig) in links {
        for wait in wished("BENCH_WAIT", "no yes") {
            let wait = wait == "yes";
            if wait && shape.deployments(objects) == 0 {
                continue;
            }
            println!(
                "\n{objects} {shape}, born by {born}, {length} ms round trip, {}",
                if wait { "waiting for readiness" } else { "without waiting" }
            );
            head();
            let mut ground = Ground { server, link, kubeconfig, release: &mut release, wait };
            for who in wished("BENCH_WHO", "helm cold warm") {
                let (mut costs, mut plans) = (Vec::new(), Vec::new());
                for _ in 0..times {
                    let who = match who.as_str() {
                        "helm" => Who::Helm(born),
                        "cold" => Who::Cold,
                        _ => Who::Warm,
                    };
                    let (plan, cost) = ground.cost(who).await?;
                    plans.extend(plan);
                    costs.push(cost);
                }
                let name = match who.as_str() {
                    "helm" => born,
                    "cold" => "backout, exec to end",
                    _ => "backout, confirmed to end",
                };
                row("backout's plan", &plans);
                row(name, &costs);
            }
        }
    }
    Ok(())
}

/// `kubectl rollout undo` beside ours, on a Deployment.
async fn undo(server: &Server, links: &Links) -> Result<()> {
    let mut release = Release::born("helm3", 1, Shape::Pods)?;
    let times: usize = wished("BENCH_TIMES", "3").concat().parse()?;
    for (length, link, kubeconfig) in links {
        println!("\nUndo of one Deployment, {length} ms round trip");
        head();
        let (mut theirs, mut plans, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..times {
            let ground = Ground { server, link, kubeconfig, release: &mut release, wait: false };
            let arguments = ["rollout", "undo", "deployment/d0", "-n", &ground.release.namespace];
            let mut command = ground.program("kubectl");
            command.args(arguments);
            theirs.push(ground.watched(|| race::run(&mut command)).await?);
            let (plan, cost) = ground.warm(Deed::Undo).await?;
            plans.push(plan);
            ours.push(cost);
        }
        row("kubectl rollout undo", &theirs);
        row("backout's plan", &plans);
        row("backout, confirmed to end", &ours);
    }
    Ok(())
}

impl Ground<'_> {
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("KUBECONFIG", self.kubeconfig);
        command
    }

    /// One rollback to the revision before the newest, on a namespace at rest.
    async fn cost(&mut self, who: Who<'_>) -> Result<(Option<Cost>, Cost)> {
        let to = self.release.newest - 1;
        let cost = match who {
            Who::Helm(helm) => {
                let mut command = self.program(helm);
                command.args(["rollback", RELEASE, &to.to_string(), "-n", &self.release.namespace]);
                if self.wait {
                    command.arg("--wait");
                }
                (None, self.watched(|| race::run(&mut command)).await?)
            }
            Who::Cold => {
                let home = tempfile::tempdir()?;
                let mut command = self.program(&backout());
                command.env("HOME", home.path()).env_remove("XDG_STATE_HOME").env_remove("XDG_CONFIG_HOME");
                command.args(["rollback", RELEASE, "--to", &to.to_string(), "-n", &self.release.namespace, "--yes"]);
                if !self.wait {
                    command.arg("--no-wait");
                }
                (None, self.watched(|| race::run(&mut command)).await?)
            }
            Who::Warm => {
                let (plan, cost) = self.warm(Deed::RollBack(to)).await?;
                (Some(plan), cost)
            }
        };
        self.release.newest += 1;
        Ok(cost)
    }

    /// The plan and the act of an engine that is connected already.
    async fn warm(&self, deed: Deed) -> Result<(Cost, Cost)> {
        let mut engine = Engine::start(self.kubeconfig, &self.release.namespace, deed, self.wait)?;
        let plan = self
            .watched(|| {
                let took = engine.step()?;
                Ok(Run { took, peak: 0 })
            })
            .await?;
        let act = self
            .watched(|| {
                let took = engine.step()?;
                engine.end(took)
            })
            .await?;
        Ok((plan, act))
    }

    /// What a run cost, told from outside.
    async fn watched(&self, run: impl FnOnce() -> Result<Run>) -> Result<Cost> {
        self.server.rest(&self.release.namespace).await?;
        let witness = self.server.witness(&self.release.namespace).await?;
        let (requests, bytes) = (self.server.requests().await?, self.link.bytes());
        let begun = Instant::now();
        let run = tokio::task::block_in_place(run)?;
        let (ended, bytes) = (begun + run.took, self.link.bytes() - bytes);
        let requests = self.server.requests().await? - requests;
        let last = witness.last_ready().filter(|_| self.wait);
        ensure!(requests > 0, "the API server counts no request of {}", server::USER);
        Ok(Cost { run, requests, bytes, after_ready: last.map(|at| ended.saturating_duration_since(at)) })
    }
}

fn head() {
    println!(
        "  {:<28} {:>26} {:>9} {:>9} {:>9} {:>12}",
        "", "ms (least to most)", "requests", "KiB", "peak MiB", "after ready"
    );
}

fn row(name: &str, costs: &[Cost]) {
    let Some(any) = costs.last() else { return };
    let took: Sample = costs.iter().map(|cost| cost.run.took).collect();
    let late: Sample = costs.iter().filter_map(|cost| cost.after_ready).collect();
    let least = |sample: &Sample, hundredths| sample.percentile(hundredths).map_or(0, |length| length.as_millis());
    let peak = costs.iter().map(|cost| cost.run.peak).max().unwrap_or_default();
    let peak = if peak == 0 { "-".into() } else { format!("{:.1}", peak as f64 / 1024.0) };
    let late = late.percentile(50).map_or_else(|| "-".into(), |length| format!("{} ms", length.as_millis()));
    println!(
        "  {name:<28} {:>26} {:>9} {:>9} {peak:>9} {late:>12}",
        format!("{} ({} to {})", least(&took, 50), least(&took, 0), least(&took, 100)),
        any.requests,
        any.bytes / 1024,
    );
}
