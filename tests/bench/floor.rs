//! The figures on the real floor: the lab that LAB_DIR names, filled with pods, at rest and in a storm of changes.
//!
//! Never: another cluster than that lab. What the pods' namespace held of filler is taken away at the end.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::lab::{backout, lab, script};
use crate::pty::{Mark, Pty};
use crate::sample::Sample;
use crate::{FRAME, KEYS, PATIENCE, WINDOW, told, window};

/// The namespace of the shop and of the filler pods.
const NAMESPACE: &str = "prod";
/// Pod changes asked for a second, in one storm after the other.
const RATES: [&str; 2] = ["100", "1000"];
/// Times that a cockpit is opened.
const LAUNCHES: usize = 7;

/// What a cockpit that changes nothing asks.
const READS: [&str; 4] = ["GET", "LIST", "WATCH", "CONNECT"];

/// Some pods are shown, perhaps not all.
const SOME_PODS: Mark = |text| title(text, "4 Pods").is_some_and(|title| title.contains(" of "));
/// The list of pods is whole.
const ALL_PODS: Mark = |text| title(text, "4 Pods").is_some_and(|title| title.contains(" ready"));
/// The revisions are known: the one that runs is named as such.
const HISTORY: Mark = |text| text.contains("5 Helm") && text.contains("current");
/// A curve is drawn.
const CURVES: Mark = |text| text.contains(['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']);

fn title<'a>(text: &'a str, pane: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.split_once(pane)).map(|(_, rest)| rest)
}

/// All figures of the floor, or the sentence that there are none.
pub fn measure() -> Result<()> {
    let Some(lab) = lab() else {
        println!("\nThe real floor: SKIPPED, LAB_DIR names no lab (tests/real/up.sh makes one)");
        return Ok(());
    };
    let sizes = std::env::var("BENCH_PODS").unwrap_or_else(|_| "50 500 2000 5000".into());
    for pods in sizes.split_whitespace() {
        println!("\nThe real floor, {pods} pods");
        run(script("scale.sh").args([pods, "--namespace", NAMESPACE]))?;
        with_pods(&lab)?;
    }
    run(script("scale.sh").args(["0", "--namespace", NAMESPACE]))
}

fn with_pods(lab: &Path) -> Result<()> {
    let home = tempfile::tempdir()?;
    let kubeconfig = lab.join("kube/admin.yaml").display().to_string();
    let arguments = ["--kubeconfig", &kubeconfig, "--namespace", NAMESPACE];
    let open = || Pty::start(&backout(), &arguments, home.path());
    let names = ["first frame after exec", "first page of pods", "all pods", "Helm history", "curves"];
    let marks = [FRAME, SOME_PODS, ALL_PODS, HISTORY, CURVES];
    let mut samples = names.map(|_| Sample::default());
    let mut quit = Sample::default();
    for _ in 0..LAUNCHES {
        let mut cockpit = open()?;
        let moments = cockpit.moments(PATIENCE, marks);
        for ((sample, name), moment) in samples.iter_mut().zip(names).zip(moments) {
            sample.push(moment.with_context(|| format!("{name} never came:\n{}", cockpit.screen()))?);
        }
        quit.push(cockpit.end("q")?);
    }
    for (sample, name) in samples.iter().zip(names) {
        told(name, sample.median());
    }
    told("quit", quit.median());

    let mut cockpit = open()?;
    cockpit.moments(PATIENCE, marks);
    told("key to frame, idle", cockpit.keys(&["\t"], KEYS)?.tail());
    let before = Requests::now()?;
    window("30 s idle", &cockpit, || thread::sleep(WINDOW))?;
    told("  API requests", Requests::now()?.since(&before));

    for rate in RATES {
        in_storm(rate, &mut cockpit)?;
    }
    Ok(())
}

/// The same while that many changes a second arrive that no row shows; the storm says itself what rate it reached.
fn in_storm(rate: &str, cockpit: &mut Pty) -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/storm.py");
    let seconds = (WINDOW * 2).as_secs().to_string();
    let arguments = [rate, seconds.as_str(), NAMESPACE];
    let storm = Command::new("python3").arg(here).args(arguments).stdout(Stdio::piped()).spawn()?;
    // The storm has to have its connections before it is one.
    thread::sleep(Duration::from_secs(2));
    let before = Requests::now()?;
    window(&format!("30 s of {rate} events a second"), cockpit, || thread::sleep(WINDOW))?;
    told("  API requests", Requests::now()?.since(&before));
    told("  key to frame", cockpit.keys(&["\t"], KEYS)?.tail());
    let storm = storm.wait_with_output()?;
    told("  the storm", String::from_utf8_lossy(&storm.stdout).trim());
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

/// What the API server has been read for so far, by everybody, leases left out: the lab's own controllers are in it.
/// A watch counts when it ends; what goes through the service proxy counts as CONNECT.
struct Requests(Vec<(String, u64)>);

impl Requests {
    fn now() -> Result<Self> {
        let output = Command::new("kubectl").args(["get", "--raw", "/metrics"]).output().context("kubectl")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut counts: Vec<(String, u64)> = Vec::new();
        for line in text.lines().filter(|line| line.starts_with("apiserver_request_total{")) {
            let label = |name: &str| Some(line.split_once(&format!("{name}=\""))?.1.split_once('"')?.0);
            let (Some(verb), Some(resource)) = (label("verb"), label(",resource")) else { continue };
            let count = line.rsplit(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) as u64;
            let what = match label("subresource").unwrap_or_default() {
                "" => format!("{verb} {resource}"),
                sub => format!("{verb} {resource}/{sub}"),
            };
            match counts.iter_mut().find(|(known, _)| *known == what) {
                _ if resource == "leases" || resource.is_empty() || !READS.contains(&verb) => {}
                Some((_, sum)) => *sum += count,
                None => counts.push((what, count)),
            }
        }
        Ok(Self(counts))
    }

    fn since(&self, before: &Self) -> String {
        let past = |what: &str| before.0.iter().find(|(known, _)| known == what).map_or(0, |(_, count)| *count);
        let grown = self.0.iter().map(|(what, count)| (what, count.saturating_sub(past(what))));
        let told: Vec<String> = grown.filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} {what}")).collect();
        if told.is_empty() { "none".into() } else { told.join(", ") }
    }
}
