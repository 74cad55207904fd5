//! Runs many cases through one way of helm's and ours, and tells every difference with its seed and its smallest form.
//!
//! Never: stopping at the first difference; a few are told, then it fails.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use backout::helm::progress::Outcome;
use serde_json::Value;

use super::case::{Case, Kept};
use super::deal;
use super::kinds::Kinds;
use super::oracle::{Oracle, Ran, Way, Wire};

/// How many objects stand in one release.
const TOGETHER: u64 = 40;
/// How many differences are made small and told.
const TOLD: usize = 4;

/// Compares so many cases from a seed on; panics where any differs.
pub fn compare(kinds: Arc<Kinds>, way: Way, cases: u64, seed: u64) {
    let began = Instant::now();
    let oracle = Oracle::start(kinds);
    let mut tally = Tally::default();
    let mut broken = Vec::new();
    for batch in 0..cases.div_ceil(TOGETHER) {
        let first = seed * 1_000_000 + batch * TOGETHER;
        let dealt = (first..first + TOGETHER).map(|s| (s, deal::case(&oracle.kinds, s)));
        let (fine, odd): (Vec<_>, Vec<_>) =
            dealt.partition(|(_, case)| case.decided(way.patches(), oracle.kind(&case.gvk()).namespaced).is_ok());
        tally.fine(&oracle, way, &fine);
        broken.extend(odd);
        if broken.len() as u64 >= TOGETHER {
            tally.broken(&oracle, way, &std::mem::take(&mut broken));
        }
    }
    tally.broken(&oracle, way, &broken);
    let Tally { cases, requests, refused, runs, differences } = tally;
    let seconds = began.elapsed().as_secs_f64();
    // Straight to the stream: a passing test's own output is hidden.
    let text = format!(
        "wire, {}: {cases} cases in {runs} releases, {requests} requests equal, {refused} refused by both, \
         {differences} differ, seed {seed}, {seconds:.1} s",
        way.name
    );
    writeln!(std::io::stderr(), "{text}").expect("stderr");
    assert_eq!(differences, 0, "{text}");
}

#[derive(Default)]
struct Tally {
    cases: usize,
    requests: usize,
    refused: usize,
    runs: usize,
    differences: usize,
}

impl Tally {
    fn fine(&mut self, oracle: &Oracle, way: Way, dealt: &[(u64, Case)]) {
        let cases: Vec<Case> = dealt.iter().map(|(_, c)| c.clone()).collect();
        let ran = oracle.run(&cases, way);
        self.runs += 1;
        self.cases += cases.len();
        if !matches!(&ran.ours, Ok((_, Outcome::Applied { .. }))) {
            self.differs(&format!("ours ends otherwise: {:?}; helm: {}", ran.ours.as_ref().map(|r| &r.1), ran.helm));
        }
        if ran.records.0 != ran.records.1 {
            self.differs(&format!("the records differ: {}", apart(&ran.records.0, &ran.records.1)));
        }
        for (at, (theirs, ours)) in ran.cases.iter().enumerate() {
            if theirs == ours {
                self.requests += ours.len();
            } else {
                self.case_differs(oracle, way, &dealt[at], (&ran, at));
            }
            if let Some(why) = unrehearsed(ours, &ran.rehearsed[at]) {
                self.differs(&format!("seed {}: {why}", dealt[at].0));
            }
        }
    }

    /// Cases whose patch cannot be made: helm must not send one either.
    fn broken(&mut self, oracle: &Oracle, way: Way, dealt: &[(u64, Case)]) {
        if dealt.is_empty() {
            return;
        }
        let cases: Vec<Case> = dealt.iter().map(|(_, c)| c.clone()).collect();
        let ran = oracle.run(&cases, way);
        self.runs += 1;
        self.cases += cases.len();
        if ran.ours.is_ok() {
            self.differs("what cannot be patched was not refused");
        }
        for (at, (theirs, _)) in ran.cases.iter().enumerate() {
            if theirs.is_empty() {
                self.refused += 1;
            } else {
                self.case_differs(oracle, way, &dealt[at], (&ran, at));
            }
        }
    }

    fn differs(&mut self, what: &str) {
        self.differences += 1;
        if self.differences <= TOLD {
            println!("{}", what.chars().take(3000).collect::<String>());
        }
    }

    fn case_differs(&mut self, oracle: &Oracle, way: Way, (seed, case): &(u64, Case), (ran, at): (&Ran, usize)) {
        self.differences += 1;
        if self.differences > TOLD {
            return;
        }
        let small = super::shrink::shrink(oracle, way, case, super::number("WIRE_SHRINK", 150));
        let again = oracle.run(std::slice::from_ref(&small), way);
        let (theirs, ours) = &again.cases[0];
        let kept =
            Kept { about: format!("seed {seed}"), way: way.name.into(), case: small, sent: Oracle::sent(theirs) };
        let (whole_theirs, whole_ours) = &ran.cases[at];
        if theirs == ours {
            println!("the smallest one is equal; the whole:\n{}we:\n{}", lines(whole_theirs), lines(whole_ours));
        }
        println!(
            "{}, seed {seed} differs.\n helm says: {}{}\n helm sends:\n{} we send ({:?}):\n{} as a fixture:\n  {}\n",
            way.name,
            ran.helm,
            again.helm,
            lines(theirs),
            again.ours.as_ref().map(|r| &r.1),
            lines(ours),
            serde_json::to_string(&kept).expect("JSON"),
        );
    }
}

/// What of two records is not the same.
fn apart(theirs: &[Value], ours: &[Value]) -> String {
    fn walk(at: &str, theirs: &Value, ours: &Value, told: &mut Vec<String>) {
        match (theirs, ours) {
            (Value::Object(a), Value::Object(b)) => {
                for name in a.keys().chain(b.keys().filter(|n| !a.contains_key(*n))) {
                    walk(&format!("{at}/{name}"), &theirs[name], &ours[name], told);
                }
            }
            (a, b) if a != b => told.push(format!("{at}: helm's {a}, ours {b}")),
            _ => {}
        }
    }
    let mut told = vec![format!("helm leaves {}, we {}", theirs.len(), ours.len())];
    for (at, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
        walk(&(at + 1).to_string(), theirs, ours, &mut told);
    }
    told.join("\n  ")
}

/// The plan tries the very requests that are then sent; a migration and a deletion cannot be tried.
fn unrehearsed(sent: &[Wire], rehearsed: &[Wire]) -> Option<String> {
    let tried = |w: &&Wire| w.method != "DELETE" && !w.content_type.contains("json-patch");
    let plain = |w: &Wire| {
        let mut wire = w.clone();
        wire.query.remove("dryRun");
        wire
    };
    let (mut done, planned): (Vec<Wire>, Vec<Wire>) =
        (sent.iter().filter(tried).cloned().collect(), rehearsed.iter().map(plain).collect());
    done.dedup();
    (done != planned).then(|| format!("planned\n{}done\n{}", lines(&planned), lines(&done)))
}

fn lines(wires: &[Wire]) -> String {
    let line = |w: &Wire| format!("  {} {} {:?} {} {}\n", w.method, w.path, w.query, w.content_type, w.body);
    wires.iter().map(line).collect()
}
