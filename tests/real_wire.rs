//! Our requests against helm's: the real helm 3 and helm 4 and our engine roll back the same release on a recording API
//! server, and what each asks for every object is compared, to the last member of its JSON.
//!
//! Objects are drawn from the API server's own OpenAPI document, every built-in kind of them. Run inside a lab:
//! `tests/real/in.sh cargo test --features real --test real_wire`; a longer run: WIRE_CASES=20000 WIRE_SEED=7.
//! WIRE_OPENAPI takes the document from a file, and no lab is needed then; WIRE_SHRINK is how many runs of helm may be
//! spent on making a case small.
#![cfg(feature = "real")]
#![expect(clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "helm itself is run, as the oracle, and timed")]
#![expect(clippy::print_stdout, reason = "a difference is told")]

#[path = "wire/api.rs"]
mod api;
#[path = "wire/case.rs"]
mod case;
#[path = "fuzz/chance.rs"]
mod chance;
#[path = "wire/compare.rs"]
mod compare;
#[path = "wire/deal.rs"]
mod deal;
#[path = "wire/draw.rs"]
mod draw;
#[path = "wire/kinds.rs"]
mod kinds;
#[path = "wire/oracle.rs"]
mod oracle;
#[path = "wire/proto.rs"]
mod proto;
#[path = "wire/server.rs"]
mod server;
#[path = "wire/shrink.rs"]
mod shrink;
#[path = "wire/yaml.rs"]
mod yaml;

use std::io::Write as _;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use case::Kept;
use chance::Chance;
use kinds::Kinds;
use oracle::{HELM3, HELM4_CSA, HELM4_FORCED, HELM4_SSA, Oracle, Way};
use serde_json::Value;

/// The API server's OpenAPI document.
fn kinds() -> Arc<Kinds> {
    static KINDS: OnceLock<Arc<Kinds>> = OnceLock::new();
    let read = || {
        let text = if let Ok(file) = std::env::var("WIRE_OPENAPI") {
            std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}"))
        } else {
            let output = Command::new("kubectl").args(["get", "--raw", "/openapi/v2"]).output();
            let output = output.expect("kubectl runs; run through tests/real/in.sh");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text")
        };
        Arc::new(Kinds::read(&serde_json::from_str(&text).expect("JSON")))
    };
    Arc::clone(KINDS.get_or_init(read))
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Its share of all cases, of a hundred.
fn compare(way: Way, share: u64) {
    compare::compare(kinds(), way, number("WIRE_CASES", 2000) * share / 100, number("WIRE_SEED", 1));
}

#[test]
fn client_side_patches_are_helm_3s() {
    compare(HELM3, 55);
}

#[test]
fn client_side_patches_are_helm_4s() {
    compare(HELM4_CSA, 15);
}

#[test]
fn server_side_applies_are_helm_4s() {
    compare(HELM4_SSA, 24);
}

#[test]
fn forced_server_side_applies_are_helm_4s() {
    compare(HELM4_FORCED, 6);
}

/// With WIRE_ACCEPT=1 what helm sends is written into the kept cases instead.
#[test]
fn every_case_that_ever_failed_is_helms_still() {
    let oracle = Oracle::start(kinds());
    let accepts = std::env::var_os("WIRE_ACCEPT").is_some();
    let mut count = 0;
    for entry in std::fs::read_dir("tests/fixtures/wire").expect("the kept cases") {
        let file = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&file).expect("a kept case");
        let mut kept: Kept = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let ways = [HELM3, HELM4_CSA, HELM4_SSA, HELM4_FORCED];
        let way = ways.into_iter().find(|w| w.name == kept.way).expect("a way");
        let ran = oracle.run(std::slice::from_ref(&kept.case), way);
        let (theirs, ours) = &ran.cases[0];
        let sent = Oracle::sent(theirs);
        if accepts {
            kept.sent = sent;
            std::fs::write(&file, serde_json::to_string_pretty(&kept).expect("JSON") + "\n").expect("written");
        } else {
            assert_eq!(sent, kept.sent, "{}: helm: {}", file.display(), ran.helm);
            assert_eq!(ours, theirs, "{}: {}", file.display(), kept.about);
        }
        count += 1;
    }
    writeln!(std::io::stderr(), "wire, kept: {count} cases equal").expect("stderr");
}

/// What helm-rollback's table says of YAML 1.1 (go-yaml v2, sigs.k8s.io/yaml), asked of the real helm.
const TABLE: [(&str, &str); 48] = [
    ("0644", "420"),
    ("0o644", "420"),
    ("010", "8"),
    ("08", "8"),
    ("0b101", "5"),
    ("0x1F", "31"),
    ("1_000", "1000"),
    ("0_7", "7"),
    ("1e3", "1000"),
    (".5", "0.5"),
    ("1.10", "1.1"),
    ("+12", "12"),
    ("-0", "0"),
    ("yes", "true"),
    ("on", "true"),
    ("y", "true"),
    ("no", "false"),
    ("off", "false"),
    ("N", "false"),
    ("~", "null"),
    ("", "null"),
    ("1:30", "\"1:30\""),
    ("190:20:30", "\"190:20:30\""),
    ("2024-01-01", "\"2024-01-01\""),
    ("2024-01-01T10:00:00Z", "\"2024-01-01T10:00:00Z\""),
    ("1,000", "\"1,000\""),
    ("1.2.3", "\"1.2.3\""),
    ("1E400", "\"1E400\""),
    ("12345678901234567890", "12345678901234567000.0"),
    ("!!binary aGVsbG8=", "\"hello\""),
    ("'0644'", "\"0644\""),
    ("\"yes\"", "\"yes\""),
    ("!!str 0644", "\"0644\""),
    ("!!int '3'", "3"),
    ("{1: a, 1.5: b, true: c}", r#"{"1":"a","1.5":"b","true":"c"}"#),
    ("{a: 1, a: 2}", r#"{"a":2}"#),
    ("{<<: {a: 1, b: 2}, b: 3}", r#"{"a":1,"b":3}"#),
    ("{b: 3, <<: {b: 2}}", r#"{"b":2}"#),
    ("{y: 1}", r#"{"true":1}"#),
    ("[a, [b], {c: d}]", r#"["a",["b"],{"c":"d"}]"#),
    ("a # comment", "\"a\""),
    ("a#b", "\"a#b\""),
    ("a:b", "\"a:b\""),
    ("-1", "-1"),
    ("9223372036854775807", "9223372036854775807"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("|\n    a\n     b\n", "\"a\\n b\\n\""),
    (">-\n    a\n    b\n", "\"a b\""),
];

#[test]
fn the_yaml_of_1_1_is_read_as_both_helms_read_it() {
    for way in [HELM3, HELM4_CSA] {
        let oracle = yaml::oracle(&kinds());
        let specs: Vec<String> = TABLE.iter().map(|(text, _)| format!("v: {text}")).collect();
        for ((text, wanted), (theirs, spec)) in
            TABLE.iter().zip(yaml::theirs(&oracle, way, &specs).into_iter().zip(&specs))
        {
            let wanted: Value = serde_json::from_str(wanted).expect("JSON");
            let theirs = theirs.map_or_else(|| "nothing".into(), |o| o["v"].clone());
            assert!(yaml::same(&wanted, &theirs), "{} reads {text:?} as {theirs}", way.name);
            let ours = yaml::ours(spec).map(|o| o["v"].clone());
            assert!(ours.as_ref().is_ok_and(|o| yaml::same(o, &wanted)), "we read {text:?} as {ours:?}");
        }
    }
}

#[test]
fn random_scalars_are_read_as_helm_reads_them() {
    let (seed, count) = (number("WIRE_SEED", 1), number("WIRE_CASES", 2000));
    let mut chance = Chance::new(seed);
    let mut specs: Vec<String> = (0..count).map(|_| yaml::spec(&mut chance)).collect();
    specs.sort();
    specs.dedup();
    let told = yaml::differences(&yaml::oracle(&kinds()), &specs);
    let text = format!("wire, yaml: {} scalars, {} differ, seed {seed}", specs.len(), told.len());
    writeln!(std::io::stderr(), "{text}").expect("stderr");
    assert!(told.is_empty(), "{text}\n{}", told.join("\n"));
}
