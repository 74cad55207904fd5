//! The commands as a person or a script types them: the shipped binary, its words and its exit codes. Clusters are
//! drills here; tests/real_headless.rs does the same on a real one.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use assert_cmd::Command;
use backout::app::journal::{JournalFile, read};
use backout::config::Config;
use backout::domain::event::{Act, Ending, Event};
use backout::domain::name::{Context, Person, Revision};
use backout::helm::plan::Plan;
use serde_json::Value;
use tempfile::TempDir;

/// A machine of its own: no cluster, no file of anybody.
struct Machine {
    home: TempDir,
}

/// What a command left behind.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Machine {
    fn new() -> Self {
        Self { home: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backout"));
        command.env_clear().env("HOME", self.home.path()).env("USER", "ana").env("LANG", "C").args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Said {
        self.ran(&mut self.command(args))
    }

    fn ran(&self, command: &mut Command) -> Said {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec()).unwrap().replace(&self.home.path().display().to_string(), "HOME")
        };
        Said { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// On a drill.
    fn drill(&self, drill: &str, args: &[&str]) -> Said {
        let world = format!("drill:{drill}");
        self.run(&[args, &["--world", &world]].concat())
    }

    fn state(&self) -> PathBuf {
        self.path(".local/state/backout")
    }

    fn journals(&self) -> Vec<PathBuf> {
        let Ok(folder) = std::fs::read_dir(self.state().join("drills")) else { return Vec::new() };
        let paths = folder.map(|e| e.unwrap().path());
        paths.filter(|p| p.extension().is_some_and(|e| e == "jsonl")).collect()
    }

    fn journal(&self) -> PathBuf {
        let mut all = self.journals();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    fn events(&self) -> Vec<Event> {
        let told = read(&std::fs::read_to_string(self.journal()).unwrap());
        assert_eq!(told.broken, None);
        told.entries.into_iter().map(|e| e.event).collect()
    }

    /// A kubeconfig of one cluster at that address.
    fn kubeconfig(&self, server: &str) -> String {
        self.write(
            "kubeconfig",
            &format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: lab\nclusters: [{{name: c, cluster: {{server: \
                 '{server}'}}}}]\nusers: [{{name: u, user: {{token: t}}}}]\ncontexts: [{{name: lab, context: \
                 {{cluster: c, user: u, namespace: prod}}}}]\n"
            ),
        )
    }
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"))
}

fn line<'a>(text: &'a str, with: &str) -> &'a str {
    text.lines().find(|l| l.contains(with)).unwrap_or_else(|| panic!("no line with {with:?} in\n{text}"))
}

#[test]
fn every_command_says_what_it_does_and_how_it_ends() {
    let machine = Machine::new();
    for command in [
        "",
        "check",
        "plan",
        "rollback",
        "undo",
        "restart",
        "maintenance",
        "init",
        "drill",
        "runbook",
        "journal",
        "completions",
    ] {
        let args: Vec<&str> = [command, "--help"].into_iter().filter(|a| !a.is_empty()).collect();
        let said = machine.run(&args);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{command}");
        assert!(!said.out.contains("--world"), "a door for tests is on show: {}", said.out);
        insta::assert_snapshot!(format!("cli_help_{}", if command.is_empty() { "backout" } else { command }), said.out);
    }
    let version = machine.run(&["--version"]);
    assert_eq!(version, Said { code: 0, out: format!("backout {}\n", env!("CARGO_PKG_VERSION")), err: String::new() });
}

#[test]
fn every_mistake_of_the_command_line_is_64_and_says_what_is_wanted() {
    let machine = Machine::new();
    let config = machine.write("bad.toml", "arm_fro = \"5m\"\n");
    let cases: Vec<Vec<&str>> = vec![
        vec!["rolback"],
        vec!["--contxt", "x"],
        vec!["plan"],
        vec!["plan", "shop", "--to", "two"],
        vec!["plan", "shop", "--to", "0"],
        vec!["plan", "shop", "--to", "-1"],
        vec!["rollback", "shop", "--to", "2", "--yes", "--timeout", "5"],
        vec!["rollback", "shop", "--to", "2", "--yes", "--timeout", "0s"],
        vec!["rollback", "shop", "--to", "2", "--yes=shopp"],
        vec!["rollback", "shop", "--to", "2"],
        vec!["undo", "deployment/shop"],
        vec!["undo", "shop", "--yes"],
        vec!["undo", "deployment/shop", "--to", "0", "--yes"],
        vec!["restart", "pod/shop", "--yes"],
        vec!["check", "shop"],
        vec!["check", "--world", "nowhere"],
        vec!["check", "--world", "drill:nosuch"],
        vec!["drill", "nosuch"],
        vec!["completions", "tcsh"],
        vec!["journal", "verify", "nosuch.jsonl"],
        vec!["journal", "show", "nosuch.jsonl"],
        vec!["runbook", "check", "nosuch.toml"],
        vec!["check", "--config", "nosuch.toml"],
        vec!["check", "--config", "/"],
        vec!["runbook", "check", "/"],
        vec!["journal", "show", "/"],
        vec!["check", "--config", &config],
    ];
    let mut told = String::new();
    for args in &cases {
        let said = machine.run(args);
        assert_eq!((said.code, said.out.as_str()), (64, ""), "{args:?}: {said:?}");
        assert!(!said.err.contains('\u{1b}'), "colours in a pipe: {args:?}");
        let shown = args.join(" ").replace(&machine.home.path().display().to_string(), "HOME");
        told.extend(["$ backout ", shown.as_str(), "\n", said.err.as_str(), "\n"]);
    }
    insta::assert_snapshot!("cli_usage", told);
    assert_eq!(machine.journals(), Vec::<PathBuf>::new());
}

#[test]
fn without_a_kubeconfig_every_live_command_offers_the_drill() {
    let machine = Machine::new();
    let commands: [&[&str]; 4] = [&[], &["check"], &["plan", "shop"], &["rollback", "shop", "--to", "2", "--yes"]];
    for args in commands {
        let said = machine.run(args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        assert_eq!(
            said.err,
            "There is no kubeconfig, so no cluster to open (looked for HOME/.kube/config). Name one with --kubeconfig \
             or KUBECONFIG, or rehearse without a cluster: backout drill\n",
            "{args:?}"
        );
    }
}

#[test]
fn a_context_that_does_not_exist_is_named_with_those_that_do() {
    let machine = Machine::new();
    let kubeconfig = machine.kubeconfig("https://127.0.0.1:1");
    let said = machine.run(&["check", "--kubeconfig", &kubeconfig, "--context", "prod"]);
    let sentence = "There is no context prod in HOME/kubeconfig; there are: lab\n";
    assert_eq!(said, Said { code: 2, out: String::new(), err: sentence.into() });
}

#[test]
fn a_cluster_that_does_not_answer_is_unknown_to_every_command() {
    let machine = Machine::new();
    let kubeconfig = machine.kubeconfig("http://127.0.0.1:1");
    let at = ["--kubeconfig", &kubeconfig];
    let check = machine.run(&[&["check", "--json"], &at[..]].concat());
    assert_eq!(check.code, 2, "{check:?}");
    let told = json(&check);
    assert_eq!((&told["health"], &told["exit"], &told["identity"]), (&"unknown".into(), &2.into(), &Value::Null));
    for part in told["parts"].as_array().unwrap() {
        assert_eq!((&part["health"], &part["age_seconds"]), (&"unknown".into(), &Value::Null), "{part}");
    }
    let plan = machine.run(&[&["plan", "shop"], &at[..]].concat());
    assert_eq!((plan.code, plan.out.as_str()), (2, ""), "{plan:?}");
    assert_eq!(
        plan.err,
        "The cluster does not say who it is: Unreachable: connection refused (127.0.0.1:1). Nothing was changed. Check \
         the network (VPN, proxy), and that this is the context you mean (--context names another).\n"
    );
    let rollback = machine.run(&[&["rollback", "shop", "--to", "2", "--yes", "--json"], &at[..]].concat());
    assert_eq!(rollback.code, 2, "{rollback:?}");
    assert_eq!(json(&rollback)["outcome"], "unknown");
    assert!(!machine.state().join("incidents").exists(), "an incident was opened on a cluster that nobody knows");
}

#[test]
fn a_plan_without_a_revision_is_the_proposed_one_and_says_what_the_bare_command_would_hit() {
    let machine = Machine::new();
    let said = machine.drill("naive-trap", &["plan", "ecommerce-app"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!("cli_plan_naive_trap", said.out);
    assert_eq!(machine.journals(), Vec::<PathBuf>::new(), "a plan writes nothing");
}

#[test]
fn a_plan_as_json_is_the_plan_and_the_proposal() {
    let machine = Machine::new();
    let said = machine.drill("naive-trap", &["plan", "ecommerce-app", "--json"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let plan: Plan = serde_json::from_str(&said.out).unwrap();
    assert_eq!((plan.from, plan.to, plan.writes), (Revision(4), Revision(2), Revision(5)));
    assert_eq!(plan.blocked(), None);
    let proposal = &json(&said)["proposal"];
    assert_eq!((&proposal["target"], &proposal["bare"]), (&2.into(), &3.into()));
    let judged: Vec<(i64, &str)> = proposal["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["revision"].as_i64().unwrap(), r["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(judged, [(1, "possible"), (2, "target"), (3, "failed"), (4, "current")]);
}

#[test]
fn what_cannot_be_planned_is_refused_with_its_reason() {
    let machine = Machine::new();
    let cases = [
        (vec!["plan", "ecommerce-app", "--to", "99"], "ecommerce-app has no revision 99"),
        (vec!["plan", "shop"], "There is no Helm release shop in namespace prod; there are: ecommerce-app"),
    ];
    for (args, reason) in cases {
        let said = machine.drill("plan", &args);
        assert_eq!(said.code, 3, "{args:?}: {said:?}");
        assert!(said.err.contains(reason), "{args:?}: {said:?}");
    }
    let refused = json(&machine.drill("plan", &["plan", "ecommerce-app", "--to", "99", "--json"]));
    assert!(refused["refusal"]["sentence"].as_str().unwrap().contains("99"), "{refused}");
}

#[test]
fn a_rollback_without_a_revision_is_refused_and_the_target_proposed() {
    let machine = Machine::new();
    let said = machine.drill("naive-trap", &["rollback", "ecommerce-app", "--yes"]);
    assert_eq!((said.code, said.out.as_str()), (64, ""));
    insta::assert_snapshot!("cli_rollback_without_revision", said.err);
    assert_eq!(machine.journals(), Vec::<PathBuf>::new());
}

#[test]
fn a_rollback_is_told_fact_by_fact_seen_ready_and_journaled() {
    let machine = Machine::new();
    let said = machine.drill("naive-trap", &["rollback", "ecommerce-app", "--to", "2", "--yes"]);
    assert_eq!((said.code, said.out.as_str()), (0, "Seen: rev 2 as rev 5, every workload ready\n"), "{}", said.err);
    insta::assert_snapshot!("cli_rollback_progress", said.err);
    let events = machine.events();
    assert!(matches!(&events[0], Event::Opened { by_rollback: true, .. }), "{:?}", events[0]);
    let asked = events.iter().position(|e| matches!(e, Event::ActAsked { .. })).unwrap();
    let ended = events.iter().position(|e| matches!(e, Event::ActEnded { ending: Ending::Seen { .. }, .. })).unwrap();
    assert!(asked < ended, "{events:#?}");
}

#[test]
fn the_timeline_of_a_journal_is_shown_up_to_the_first_line_that_was_edited() {
    let machine = Machine::new();
    assert_eq!(machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes"]).code, 0);
    let path = machine.journal();
    let sentences: Vec<String> = machine.events().iter().map(Event::sentence).collect();
    let shown = machine.run(&["journal", "show", path.to_str().unwrap()]);
    let told: Vec<&str> = shown.out.lines().collect();
    assert_eq!((shown.code, shown.err.as_str(), told.len()), (0, "", sentences.len()), "{shown:?}");
    assert!(told.iter().all(|l| l.starts_with("2025-12-01 04:")), "{told:#?}");
    assert!(told.iter().zip(&sentences).all(|(line, sentence)| line.ends_with(sentence.as_str())), "{told:#?}");

    let text = std::fs::read_to_string(&path).unwrap();
    let edited: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(i, l)| if i == 2 { l.replacen("\"seq\":3", "\"seq\":9", 1) } else { l.into() })
        .collect();
    std::fs::write(&path, edited.join("\n") + "\n").unwrap();
    let shown = machine.run(&["journal", "show", path.to_str().unwrap()]);
    assert_eq!((shown.code, shown.out.lines().count()), (1, 2), "{shown:?}");
    assert!(
        shown.err.contains("line 3: ") && shown.err.contains("What stands behind it is not shown."),
        "{}",
        shown.err
    );
}

#[test]
fn the_result_as_json_names_everything_that_was_done() {
    let machine = Machine::new();
    let said = machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let mut result = json(&said);
    assert_eq!(result["plan"].as_str().unwrap().len(), 64);
    assert!(result["seconds"].as_u64().unwrap() > 0);
    let path = machine.journal().display().to_string().replace(&machine.home.path().display().to_string(), "HOME");
    let incident = machine.journal().file_stem().unwrap().to_str().unwrap().to_owned();
    result.as_object_mut().unwrap().retain(|key, _| key != "plan" && key != "seconds");
    assert_eq!(
        result,
        serde_json::json!({
            "outcome": "seen-ready",
            "exit": 0,
            "sentence": "Seen: rev 2 as rev 4, every workload ready",
            "release": "ecommerce-app",
            "namespace": "prod",
            "from": 3,
            "to": 2,
            "revision": 4,
            "command": "helm rollback ecommerce-app 2 -n prod --kube-context drill --history-max 0 --wait --timeout 5m",
            "next": null,
            "incident": incident,
            "journal": path,
        })
    );
}

#[test]
fn the_bare_default_would_have_failed_and_the_command_says_so_with_the_first_failure() {
    let machine = Machine::new();
    let args = ["rollback", "ecommerce-app", "--to", "3", "--yes", "--json", "--timeout", "2m"];
    let said = machine.drill("naive-trap", &args);
    assert_eq!(said.code, 1, "{said:?}");
    assert_ne!(json(&said)["outcome"], "seen-ready");
    assert!(said.err.contains("✖ user-service"), "{}", said.err);
    assert!(said.err.contains("OOMKilled") || said.err.contains("CrashLoopBackOff"), "{}", said.err);
    let result = json(&said);
    let next = result["next"].as_str().unwrap_or_default();
    assert!(next.starts_with("Next: look at order-service-") && next.contains("; never back to 4."), "{next}");
    assert!(next.contains("\n$ kubectl describe pod order-service-"), "{next}");
}

#[test]
fn without_waiting_the_end_is_what_the_records_say() {
    let machine = Machine::new();
    let said = machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes", "--no-wait", "--json"]);
    assert_eq!((said.code, &json(&said)["outcome"]), (0, &"not-seen-ready".into()), "{said:?}");
    let ended = machine.events().into_iter().find(|e| matches!(e, Event::ActEnded { .. }));
    assert!(matches!(ended, Some(Event::ActEnded { ending: Ending::Unseen { .. }, .. })), "{ended:?}");
}

#[test]
fn pods_that_are_not_ready_in_time_are_a_failure() {
    let machine = Machine::new();
    let said = machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes", "--timeout", "12s"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(line(&said.err, "not yet seen").contains("rev 2 as rev 4 is live"), "{}", said.err);
    let last: Vec<&str> = said.err.lines().rev().take(2).collect();
    let next = "Next: watch the pods, the rollback itself is done; never back to 3.";
    assert_eq!(last, ["$ backout check -n prod --context aks-prod-eu", next], "{}", said.err);
}

#[test]
fn an_undo_is_told_fact_by_fact_seen_ready_and_journaled() {
    let machine = Machine::new();
    let said = machine.drill("one-service", &["undo", "deployment/payment-service", "--yes"]);
    let seen =
        "Seen: Deployment payment-service back on its revision 1 (payment-service:2.3.0), every pod new and ready";
    assert_eq!((said.code, said.out.trim_end()), (0, seen), "{}", said.err);
    insta::assert_snapshot!("cli_undo_progress", said.err);
    let events = machine.events();
    assert!(matches!(&events[0], Event::Opened { by_rollback: true, .. }), "{:?}", events[0]);
    let asked = events.iter().position(|e| matches!(e, Event::ActAsked { act: Act::Undo { to: 1, .. }, .. })).unwrap();
    let ended = events.iter().position(|e| matches!(e, Event::ActEnded { ending: Ending::Seen { .. }, .. })).unwrap();
    assert!(asked < ended, "{events:#?}");
}

#[test]
fn a_restart_says_as_json_what_was_done() {
    let machine = Machine::new();
    let said = machine.drill("plan", &["restart", "deploy/cart-service", "--yes", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let mut result = json(&said);
    assert_eq!(result["plan"].as_str().unwrap().len(), 64);
    let keys = ["plan", "seconds", "incident", "journal"];
    result.as_object_mut().unwrap().retain(|key, _| !keys.contains(&key.as_str()));
    assert_eq!(
        result,
        serde_json::json!({
            "outcome": "seen-ready",
            "exit": 0,
            "sentence": "Seen: Deployment cart-service restarted, every pod new and ready",
            "workload": {"kind": "Deployment", "name": "cart-service"},
            "namespace": "prod",
            "from": 2,
            "to": null,
            "command": "kubectl rollout restart deployment/cart-service -n prod --context drill",
            "next": null,
        })
    );
}

#[test]
fn a_stop_for_maintenance_is_told_fact_by_fact_and_wants_the_releases_name() {
    let machine = Machine::new();
    let said = machine.drill("one-service", &["maintenance", "start", "ecommerce-app", "--yes=ecommerce-app"]);
    let seen = "Seen: ecommerce-app in maintenance, 10 of 10 stopped, no pod of them is left";
    assert_eq!((said.code, said.out.trim_end()), (0, seen), "{}", said.err);
    insta::assert_snapshot!("cli_maintenance_progress", said.err);
    let stop = |e: &Event| matches!(e, Event::ActAsked { act: Act::Stop { .. }, .. });
    assert_eq!(machine.events().iter().filter(|e| stop(e)).count(), 1);

    // What it wants, and the code.
    for (arguments, code, wanted) in [
        (&["start", "ecommerce-app", "--yes"][..], 3, "--yes=ecommerce-app is wanted"),
        (&["start", "ecommerce-app", "--yes=shop"], 64, "names another release"),
        (&["start", "ecommerce-app"], 64, "confirm with --yes=ecommerce-app"),
        (&["end", "ecommerce-app", "--yes=ecommerce-app"], 3, "ecommerce-app is not in maintenance"),
        (&["finish", "ecommerce-app", "--yes=ecommerce-app"], 3, "ecommerce-app is not in maintenance"),
        (&["start", "nothing", "--yes=nothing"], 3, "There is no Helm release nothing"),
    ] {
        let machine = Machine::new();
        let said = machine.drill("one-service", &[&["maintenance"], arguments].concat());
        assert_eq!(said.code, code, "{arguments:?}: {said:?}");
        assert!(said.err.contains(wanted), "{arguments:?}: {}", said.err);
        assert_eq!(machine.journals(), Vec::<PathBuf>::new(), "{arguments:?}");
    }
    let said = Machine::new().drill("one-service", &["maintenance", "status", "ecommerce-app", "--json"]);
    let wanted = serde_json::json!({"maintenance": false, "sentence": "ecommerce-app is in no maintenance",
        "since": null, "by": null, "stopped": null, "of": null});
    assert_eq!((said.code, json(&said)), (0, wanted));
}

#[test]
fn an_act_on_a_workload_that_cannot_run_is_refused_and_nothing_is_written() {
    let machine = Machine::new();
    let undo = ["undo", "deployment/payment-service", "--yes"];
    let cases: [(Vec<&str>, &str); 4] = [
        ([&undo[..], &["--read-only"]].concat(), "read-only"),
        ([&undo[..], &["--to", "99"]].concat(), "99"),
        (
            vec!["undo", "sts/payment-service", "--yes"],
            "There is no StatefulSet payment-service in namespace prod; there are: deployment/api-gateway",
        ),
        (vec!["restart", "deployment/shop", "--yes"], "There is no Deployment shop"),
    ];
    for (args, wanted) in cases {
        let said = machine.drill("one-service", &args);
        assert_eq!((said.code, said.out.as_str()), (3, ""), "{args:?}: {said:?}");
        assert!(said.err.contains(wanted), "{args:?}: {}", said.err);
    }
    assert_eq!(machine.journals(), Vec::<PathBuf>::new());
}

#[test]
fn what_cannot_run_is_refused_and_nothing_is_written() {
    let rollback = ["rollback", "ecommerce-app", "--to", "2", "--yes"];
    let cases: [(Vec<&str>, &str); 3] = [
        ([&rollback[..], &["--read-only"]].concat(), "read-only"),
        (vec!["rollback", "ecommerce-app", "--to", "99", "--yes"], "ecommerce-app has no revision 99"),
        (vec!["rollback", "shop", "--to", "2", "--yes"], "There is no Helm release shop"),
    ];
    for (args, reason) in cases {
        let machine = Machine::new();
        let said = machine.drill("plan", &args);
        assert_eq!((said.code, said.out.as_str()), (3, ""), "{args:?}: {said:?}");
        assert!(said.err.contains(reason), "{args:?}: {said:?}");
        assert_eq!(machine.journals(), Vec::<PathBuf>::new(), "{args:?}");
    }
}

#[test]
fn a_finding_to_mind_is_accepted_by_yes_and_told() {
    let machine = Machine::new();
    let plan = machine.drill("gitops", &["plan", "ecommerce-app"]);
    assert_eq!(plan.code, 0, "{plan:?}");
    assert!(line(&plan.out, "manages these objects").contains("▲ mind"), "{}", plan.out);
    let rollback = machine.drill("gitops", &["rollback", "ecommerce-app", "--to", "2", "--yes", "--no-wait"]);
    assert_eq!(rollback.code, 0, "{rollback:?}");
    assert!(line(&rollback.err, "manages these objects").contains("▲ mind"), "{}", rollback.err);
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_rollback() {
    let machine = Machine::new();
    machine.write(".local/state/backout/drills", "a file where the folder should be");
    let said = machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes", "--json"]);
    assert_eq!((said.code, &json(&said)["outcome"]), (3, &"refused".into()), "{said:?}");
    assert!(said.err.contains("the journal cannot be written"), "{}", said.err);
    assert!(!said.err.contains("recorded as pending"), "{}", said.err);
}

#[test]
fn an_open_incident_is_taken_up_again_and_its_holder_named() {
    let machine = Machine::new();
    let rollback = ["rollback", "ecommerce-app", "--to", "2", "--yes", "--no-wait"];
    assert_eq!(machine.drill("plan", &rollback).code, 0);
    let again = machine.drill("plan", &rollback);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.err.contains("resumed DRILL-"), "{}", again.err);
    let events = machine.events();
    let opened = events.iter().filter(|e| matches!(e, Event::Opened { .. })).count();
    let asked = events.iter().filter(|e| matches!(e, Event::ActAsked { .. })).count();
    assert_eq!((opened, asked), (1, 2), "{events:#?}");

    let _held = JournalFile::open(&machine.journal(), &Person::new("bob")).unwrap();
    let refused = machine.drill("plan", &rollback);
    let incident = machine.journal().file_stem().unwrap().to_str().unwrap().to_owned();
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(line(&refused.err, "nothing was done").starts_with(&format!("bob holds the incident {incident}")));
    assert_eq!(machine.events(), events, "the second one wrote into it");
}

#[test]
fn at_a_terminal_the_datum_is_asked_and_only_the_datum_confirms() {
    use termlens::{Key, Terminal};
    let machine = Machine::new();
    let mut terminal = Terminal::builder()
        .size(160, 50)
        .env_clear()
        .env("HOME", machine.home.path().to_str().unwrap())
        .env("USER", "ana")
        .env("TERM", "xterm-256color")
        .timeout(std::time::Duration::from_secs(30))
        .args(["rollback", "ecommerce-app", "--to", "2", "--world", "drill:plan"])
        .spawn(env!("CARGO_BIN_EXE_backout"))
        .unwrap();
    let asked = "Type 2 (the target revision) to roll back";
    terminal.wait_until(|s| s.contains(asked)).unwrap();
    for (before, wrong) in ["3", "2a", "yes"].into_iter().enumerate() {
        terminal.send_str(wrong).unwrap();
        terminal.send(Key::Enter).unwrap();
        let complaint = "not confirmed: type the target revision, 2, to confirm";
        terminal.wait_until(|s| s.text().matches(complaint).count() == before + 1).unwrap();
    }
    assert_eq!(machine.journals(), Vec::<PathBuf>::new());
    terminal.send_str("2").unwrap();
    terminal.send(Key::Enter).unwrap();
    terminal.wait_until(|s| s.contains("Seen: rev 2 as rev 4")).unwrap();
    assert!(terminal.wait_exit().unwrap().success());
}

#[test]
fn a_check_is_well_unwell_or_unknown_and_unknown_is_never_well() {
    let machine = Machine::new();
    let cases = [
        ("plan", 1, "unwell", [("health", "unwell"), ("errors", "unwell"), ("alerts", "unwell")]),
        ("crash-loop", 1, "unwell", [("pods", "unwell"), ("health", "well"), ("rollouts", "unwell")]),
        ("blind", 1, "unwell", [("health", "unwell"), ("errors", "unknown"), ("p95", "unknown")]),
    ];
    for (drill, code, health, wanted) in cases {
        let said = machine.drill(drill, &["check", "--json"]);
        let told = json(&said);
        assert_eq!((said.code, &told["health"], &told["exit"]), (code, &health.into(), &code.into()), "{drill}");
        let parts: std::collections::BTreeMap<&str, &Value> =
            told["parts"].as_array().unwrap().iter().map(|p| (p["part"].as_str().unwrap(), p)).collect();
        let names: Vec<&str> = parts.keys().copied().collect();
        assert_eq!(
            names,
            [
                "alerts",
                "budgets",
                "cluster",
                "cpu",
                "endpoints",
                "errors",
                "health",
                "ingresses",
                "logs",
                "memory",
                "nodes",
                "p95",
                "pods",
                "release",
                "rollouts",
                "rules"
            ]
        );
        for (part, health) in wanted {
            assert_eq!(parts[part]["health"], health, "{drill}: {}", parts[part]);
        }
    }
    assert_eq!(machine.journals(), Vec::<PathBuf>::new(), "a check writes nothing");
}

#[test]
fn a_check_says_each_part_with_sign_word_and_age() {
    let machine = Machine::new();
    let said = machine.drill("plan", &["check"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    insta::assert_snapshot!("cli_check_plan", said.out);
}

#[test]
fn a_journal_is_unbroken_or_the_first_bad_line_is_named() {
    let machine = Machine::new();
    assert_eq!(machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes", "--no-wait"]).code, 0);
    let text = std::fs::read_to_string(machine.journal()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let entries = lines.len();
    assert!(entries >= 4, "{text}");
    let verify = |name: &str, text: &str| {
        let file = machine.write(name, text);
        machine.run(&["journal", "verify", &file])
    };
    let good = verify("good.jsonl", &text);
    assert_eq!(
        good,
        Said { code: 0, out: format!("HOME/good.jsonl: {entries} entries, unbroken\n"), err: String::new() }
    );
    let edited = text.replacen("ecommerce-app", "ecommerce-apq", 1);
    let cut = text.get(..text.len() - 20).unwrap();
    let without_second = [&lines[..1], &lines[2..]].concat().join("\n") + "\n";
    let cases = [
        ("edited.jsonl", edited.as_str(), 1, "edited"),
        ("removed.jsonl", &without_second, 2, "does not follow"),
        ("torn.jsonl", cut, entries, "cannot be read"),
    ];
    for (name, text, line, why) in cases {
        let said = verify(name, text);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{name}");
        assert!(said.err.starts_with(&format!("HOME/{name}: line {line}: ")) && said.err.contains(why), "{said:?}");
    }
}

#[test]
fn the_checklist_is_printed_in_the_language_of_the_environment_and_a_teams_own_is_checked() {
    let machine = Machine::new();
    let english = machine.run(&["runbook", "print"]);
    let spanish = machine.ran(machine.command(&["runbook", "print"]).env("LANG", "es_ES.UTF-8"));
    assert_eq!((english.code, spanish.code), (0, 0));
    assert_ne!(english.out, spanish.out);
    let book = machine.write("team.toml", include_str!("../assets/runbooks/en.toml"));
    let good = machine.run(&["runbook", "check", &book]);
    assert_eq!(good, Said { code: 0, out: "HOME/team.toml: 15 steps, well formed\n".into(), err: String::new() });
    let broken = include_str!("../assets/runbooks/en.toml").replacen("title =", "titel =", 1);
    let bad = machine.run(&["runbook", "check", &machine.write("bad.toml", &broken)]);
    assert_eq!((bad.code, bad.out.as_str()), (1, ""));
    assert!(bad.err.contains("HOME/bad.toml") && bad.err.contains("titel"), "{bad:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "where its answer goes is what is tested")]
fn a_reader_that_has_gone_is_no_failure_and_a_disk_that_is_full_is_told() {
    let machine = Machine::new();
    let to = |out: Stdio| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_backout"));
        command.env_clear().env("HOME", machine.home.path()).args(["completions", "bash"]).stdout(out);
        let output = command.stderr(Stdio::piped()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(to(writer.into()), (Some(0), String::new()));
    let (code, err) = to(std::fs::File::options().write(true).open("/dev/full").unwrap().into());
    assert_eq!(code, Some(1), "{err}");
    assert!(err.starts_with("The answer could not be written whole (No space left on device"), "{err}");
}

#[test]
fn completions_know_the_commands() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = machine.run(&["completions", shell]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{shell}");
        for command in ["check", "plan", "rollback", "init", "drill", "--no-wait"] {
            assert!(said.out.contains(command.trim_start_matches('-')), "{shell} lacks {command}");
        }
    }
}

#[test]
fn a_first_config_pins_the_cluster_and_is_never_written_over() {
    let machine = Machine::new();
    let written = machine.drill("plan", &["init"]);
    assert_eq!((written.code, written.err.as_str()), (0, ""));
    assert!(
        written.out.starts_with("HOME/.config/backout/backout.toml is written. aks-prod-eu is pinned"),
        "{written:?}"
    );
    let file = machine.path(".config/backout/backout.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let config = Config::read(&text, "backout.toml").unwrap();
    assert_eq!((config.clusters.len(), config.context.as_ref().map(Context::as_str)), (1, Some("aks-prod-eu")));
    std::fs::write(&file, "person = \"ana\"\n").unwrap();
    let again = machine.drill("plan", &["init"]);
    assert_eq!((again.code, again.out.as_str()), (3, ""));
    assert!(again.err.contains("HOME/.config/backout/backout.toml is there already"), "{again:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "person = \"ana\"\n");
}

#[test]
fn without_a_cluster_the_first_config_pins_none_and_says_why() {
    let machine = Machine::new();
    let said = machine.run(&["init", "--config", &machine.path("mine.toml").display().to_string()]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("HOME/mine.toml is written. No cluster is pinned in it: There is no kubeconfig"));
    let config = Config::read(&std::fs::read_to_string(machine.path("mine.toml")).unwrap(), "mine.toml").unwrap();
    assert_eq!(config, Config::default());
}

#[test]
fn the_drills_are_listed() {
    let machine = Machine::new();
    let said = machine.run(&["drill", "--list"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for drill in ["plan", "naive-trap", "blind", "gitops"] {
        assert!(said.out.lines().any(|l| l.split_whitespace().next() == Some(drill)), "{}", said.out);
    }
    assert!(!Path::new(&machine.state()).exists());
}

/// The flags that text names: `--prometheus`, not `a--b`.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    let inner = |c: char| c.is_ascii_lowercase() || c == '-';
    text.match_indices("--").filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let name = &text[at + 2..];
        let name = &name[..name.find(|c| !inner(c)).unwrap_or(name.len())];
        let named = name.starts_with(|c: char| c.is_ascii_lowercase());
        let apart = before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-');
        (named && apart).then_some(name)
    })
}

#[test]
fn every_flag_that_a_sentence_names_is_known_to_the_command_line() {
    fn known(command: &clap::Command, all: &mut BTreeSet<String>) {
        all.extend(command.get_arguments().filter_map(|a| a.get_long().map(str::to_owned)));
        command.get_subcommands().for_each(|sub| known(sub, all));
    }
    fn sources(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // A runbook is about the flags of other programs, and so are the command lines of helm and kubectl.
            match path.is_dir() {
                true if ["config/runbook", "src/helm", "src/kubectl"].iter().any(|p| path.ends_with(p)) => {}
                true => sources(&path, all),
                false => all.push(path),
            }
        }
    }
    let mut command = <backout::cli::Cli as clap::CommandFactory>::command();
    command.build();
    let mut ours = BTreeSet::new();
    known(&command, &mut ours);
    let mut files = vec![PathBuf::from("README.md"), PathBuf::from("assets/backout.toml")];
    sources(Path::new("src"), &mut files);
    let mut named = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let foreign = ["helm ", "kubectl ", "argocd ", "amtool ", "cargo ", "--prefix"];
        for line in text.lines().filter(|line| !foreign.iter().any(|program| line.contains(program))) {
            for flag in flags(line) {
                assert!(ours.contains(flag), "{}: --{flag} does not exist: {line}", file.display());
                named += 1;
            }
        }
    }
    assert!(named > 20, "only {named} flags were found");
}

/// The log of that folder, without its times.
fn log(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("backout.log")).unwrap_or_default();
    text.lines().map(|line| line.splitn(3, ' ').nth(2).unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn what_a_cluster_refused_stands_in_the_log_of_the_state_folder() {
    let machine = Machine::new();
    let at = ["--kubeconfig".to_owned(), machine.kubeconfig("http://127.0.0.1:1")];
    machine.run(&["check", &at[0], &at[1]]);
    let told = log(&machine.state());
    let wanted = "WARN the cluster's identity: Unreachable: connection refused (127.0.0.1:1)";
    assert!(told.iter().any(|line| line == wanted), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("WARN not connected, tried again in 500ms: ")), "{told:#?}");
    let repeated = told.iter().filter(|line| line.starts_with("WARN pods: ")).count();
    assert_eq!(repeated, 1, "a fault that lasts is told once: {told:#?}");
}

#[test]
fn what_a_drill_did_stands_in_the_log_of_the_drill_folder_and_nowhere_else() {
    let machine = Machine::new();
    let said = machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(log(&machine.state()), Vec::<String>::new());
    let told = log(&machine.state().join("drills"));
    for wanted in [
        "INFO act 1 runs: roll back ecommerce-app to revision 2; it stands for: helm rollback ecommerce-app 2",
        "INFO act 1: every workload is ready",
        "INFO act 1 ended: its result was seen",
    ] {
        assert!(told.iter().any(|line| line.starts_with(wanted)), "{wanted}: {told:#?}");
    }
}

#[test]
fn a_mistake_in_the_teams_runbook_stops_no_rollback_and_is_told() {
    let machine = Machine::new();
    machine.write(".config/backout/backout.toml", "runbook = \"team.toml\"\n");
    let broken = include_str!("../assets/runbooks/en.toml").replacen("title =", "titel = \"x\"\ntitle =", 1);
    machine.write(".config/backout/team.toml", &broken);
    let said = machine.drill("plan", &["rollback", "ecommerce-app", "--to", "2", "--yes", "--no-wait"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(line(&said.err, "team.toml:").contains("titel"), "{}", said.err);
    let page = machine.run(&["runbook", "print"]);
    assert_eq!((page.code, page.out.as_str()), (64, ""), "{page:?}");
    assert!(page.err.contains("team.toml:") && page.err.contains("titel"), "{}", page.err);
}
