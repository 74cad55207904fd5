//! The commands without a screen on the real floor (tests/real): what backout says it did, real helm and the cluster
//! say too.
//!
//! Run inside the lab's network: `tests/real/in.sh cargo test --features real --test real_headless`. It makes its own
//! releases, each in a namespace of its own, by the lab's helm 3 and helm 4.
#![cfg(feature = "real")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![expect(clippy::disallowed_methods, reason = "real time passes here, and real helm is a program")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use backout::helm::plan::{Level, Plan};
use serde_json::Value;
use tempfile::TempDir;

/// The lab has one shop; its pods are few enough for one test at a time.
static LAB: Mutex<()> = Mutex::new(());

fn lab() -> PathBuf {
    PathBuf::from(std::env::var_os("LAB_DIR").expect("LAB_DIR names the lab; run through tests/real/in.sh"))
}

fn kubeconfig(user: &str) -> PathBuf {
    lab().join("kube").join(format!("{user}.yaml"))
}

/// What a program said.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn ran(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn helm(helm: &str, args: &[&str]) -> Said {
    let said = ran(Command::new(helm).env("KUBECONFIG", kubeconfig("admin")).args(args));
    assert_eq!(said.code, 0, "{helm} {args:?}: {said:?}");
    said
}

fn parsed(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"))
}

/// The shop in two good revisions and a bad third.
fn incident(by: &str, namespace: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/incident.sh");
    let said = ran(Command::new(script).args(["bad", "--helm", by, "--namespace", namespace, "--no-wait"]));
    assert_eq!(said.code, 0, "{said:?}");
}

/// A person at a desk of their own.
struct Desk {
    home: TempDir,
    user: &'static str,
}

impl Desk {
    fn of(user: &'static str) -> Self {
        Self { home: TempDir::new().unwrap(), user }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backout"));
        let kubeconfig = kubeconfig(self.user);
        command.env_clear().env("HOME", self.home.path()).env("USER", "ana").env("KUBECONFIG", kubeconfig).args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Said {
        ran(&mut self.command(args))
    }

    fn journals(&self) -> usize {
        std::fs::read_dir(self.home.path().join(".local/state/backout/incidents")).map_or(0, Iterator::count)
    }
}

/// Number, status and description of the newest revision, as that helm tells them.
fn newest(by: &str, release: &str, namespace: &str) -> (i64, String, String) {
    let history = parsed(&helm(by, &["history", release, "-n", namespace, "-o", "json"]));
    let last = history.as_array().unwrap().last().unwrap().clone();
    let text = |key: &str| last[key].as_str().unwrap().to_owned();
    (last["revision"].as_i64().unwrap(), text("status"), text("description"))
}

fn manifest(by: &str, namespace: &str, revision: &str) -> String {
    helm(by, &["get", "manifest", "ecommerce-app", "-n", namespace, "--revision", revision]).out
}

/// Plan and rollback of a release born by that helm.
fn back_to_two(by: &str, namespace: &str) {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    incident(by, namespace);
    let desk = Desk::of("admin");
    let planned = desk.run(&["plan", "ecommerce-app", "-n", namespace, "--to", "2", "--json"]);
    assert_eq!(planned.code, 0, "{planned:?}");
    let plan: Plan = serde_json::from_str(&planned.out).unwrap();
    assert_eq!((plan.from.0, plan.to.0, plan.writes.0), (3, 2, 4));
    assert_eq!(newest(by, "ecommerce-app", namespace).0, 3, "a plan writes nothing");
    assert_eq!(desk.journals(), 0);

    let rolled = desk.run(&["rollback", "ecommerce-app", "-n", namespace, "--to", "2", "--yes", "--json"]);
    assert_eq!(rolled.code, 0, "{rolled:?}");
    let result = parsed(&rolled);
    assert_eq!((&result["outcome"], &result["revision"]), (&"seen-ready".into(), &4.into()), "{rolled:?}");
    assert_eq!(newest(by, "ecommerce-app", namespace), (4, "deployed".into(), "Rollback to 2".into()));
    assert_eq!(manifest(by, namespace, "4"), manifest(by, namespace, "2"));
    let images = ran(Command::new("kubectl").env("KUBECONFIG", kubeconfig("admin")).args([
        "get",
        "deployment",
        "order-service",
        "-n",
        namespace,
        "-o",
        "jsonpath={.spec.template.spec.containers[*].image} {.status.readyReplicas}/{.spec.replicas}",
    ]));
    assert!(images.out.contains(":2.3.1 2/2"), "{images:?}");
    let verified = desk.run(&["journal", "verify", result["journal"].as_str().unwrap()]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn a_release_born_by_helm_3_is_back_where_helm_says_so_too() {
    back_to_two("helm3", "headless3");
}

#[test]
fn a_release_born_by_helm_4_is_back_where_helm_says_so_too() {
    back_to_two("helm4", "headless4");
}

#[test]
fn a_check_is_unwell_after_a_bad_release_and_well_after_the_rollback() {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    incident("helm3", "headless-check");
    let desk = Desk::of("admin");
    let check = |wanted: i32| {
        let began = Instant::now();
        loop {
            let said = desk.run(&["check", "-n", "headless-check", "--json"]);
            if said.code == wanted {
                return parsed(&said);
            }
            assert!(began.elapsed() < Duration::from_mins(4), "never {wanted}: {said:?}");
        }
    };
    let unwell = check(1);
    assert_eq!(unwell["identity"]["namespace"], "headless-check");
    let health = unwell["parts"].as_array().unwrap().iter().find(|p| p["part"] == "health").unwrap();
    assert_eq!(health["health"], "unwell", "{health}");
    assert_eq!((&health["figures"]["up"], &health["figures"]["asked"]), (&6.into(), &7.into()), "{health}");
    assert_eq!(health["figures"]["services"]["order-service"]["health"], "down", "{health}");
    let rolled = desk.run(&["rollback", "ecommerce-app", "-n", "headless-check", "--to", "2", "--yes"]);
    assert_eq!(rolled.code, 0, "{rolled:?}");
    let well = check(0);
    for part in well["parts"].as_array().unwrap() {
        // What the pods of a minute ago use is measured a minute later, and does not weigh until then.
        let unmeasured = part["health"] == "unknown" && ["cpu", "memory"].map(Into::into).contains(&part["part"]);
        assert!(part["health"] == "well" || unmeasured, "{part}");
    }
}

#[test]
fn whoever_may_only_look_is_refused_before_anything_is_written() {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    incident("helm3", "headless-look");
    let desk = Desk::of("viewer");
    let planned = desk.run(&["plan", "ecommerce-app", "-n", "headless-look", "--to", "2", "--json"]);
    assert_eq!(planned.code, 3, "{planned:?}");
    if let Ok(plan) = serde_json::from_str::<Plan>(&planned.out) {
        assert_eq!(plan.blocked().map(|f| f.level), Some(Level::Block));
    } else {
        assert!(parsed(&planned)["refusal"]["sentence"].is_string(), "{planned:?}");
    }
    let rolled = desk.run(&["rollback", "ecommerce-app", "-n", "headless-look", "--to", "2", "--yes", "--json"]);
    assert_eq!((rolled.code, &parsed(&rolled)["outcome"]), (3, &"refused".into()), "{rolled:?}");
    assert_eq!(newest("helm3", "ecommerce-app", "headless-look").0, 3);
    assert_eq!(desk.journals(), 0);
    let narrow = Desk::of("narrow").run(&["plan", "ecommerce-app", "-n", "prod", "--to", "2"]);
    assert_eq!(narrow.code, 3, "{narrow:?}");
    assert!(narrow.err.contains("Forbidden"), "{narrow:?}");
}

#[test]
fn a_cluster_that_does_not_answer_is_unknown() {
    let desk = Desk::of("admin");
    let file = desk.home.path().join("elsewhere.yaml");
    let text = std::fs::read_to_string(kubeconfig("admin")).unwrap().replace("127.0.0.1:6443", "127.0.0.1:6444");
    std::fs::write(&file, text).unwrap();
    let elsewhere = ["-n", "prod", "--kubeconfig", file.to_str().unwrap()];
    let commands: [&[&str]; 3] =
        [&["check"], &["plan", "ecommerce-app"], &["rollback", "ecommerce-app", "--to", "2", "--yes"]];
    for command in commands {
        let said = desk.run(&[command, &elsewhere[..]].concat());
        assert_eq!(said.code, 2, "{command:?}: {said:?}");
    }
    assert_eq!(desk.journals(), 0);
}

#[test]
fn a_volume_that_would_be_deleted_wants_the_name_of_the_release() {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let desk = Desk::of("admin");
    let chart = desk.home.path().join("vault");
    let claim = "{{ if .Values.claim }}\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: vault-data}\n\
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n{{ end }}\n";
    let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vault}\ndata: {claim: \"{{ .Values.claim }}\"}\n";
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: vault\nversion: 0.1.0\n").unwrap();
    std::fs::write(chart.join("values.yaml"), "claim: false\n").unwrap();
    std::fs::write(chart.join("templates/claim.yaml"), claim).unwrap();
    std::fs::write(chart.join("templates/settings.yaml"), settings).unwrap();
    let chart = chart.to_str().unwrap();
    let upgrade = ["upgrade", "--install", "vault", chart, "-n", "headless-vault", "--create-namespace"];
    ran(Command::new("helm3").env("KUBECONFIG", kubeconfig("admin")).args([
        "uninstall",
        "vault",
        "-n",
        "headless-vault",
    ]));
    helm("helm3", &upgrade);
    helm("helm3", &[&upgrade[..], &["--set", "claim=true"]].concat());

    let rollback = |yes: &str| desk.run(&["rollback", "vault", "-n", "headless-vault", "--to", "1", yes]);
    let bare = rollback("--yes");
    assert_eq!(bare.code, 3, "{bare:?}");
    assert!(bare.err.contains("--yes=vault is wanted"), "{bare:?}");
    assert_eq!(newest("helm3", "vault", "headless-vault").0, 2);
    let named = rollback("--yes=vault");
    assert_eq!(named.code, 0, "{named:?}");
    assert_eq!(newest("helm3", "vault", "headless-vault"), (3, "deployed".into(), "Rollback to 1".into()));
}

#[test]
fn pods_that_need_longer_than_is_waited_are_told_with_the_next_step_and_its_command_shows_them_come() {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    incident("helm3", "headless-late");
    let desk = Desk::of("admin");
    let back = ["rollback", "ecommerce-app", "-n", "headless-late", "--to", "2", "--yes", "--timeout", "1s"];
    let late = desk.run(&back);
    assert_eq!((late.code, newest("helm3", "ecommerce-app", "headless-late").0), (1, 4), "{late:?}");
    let said: Vec<&str> = late.err.lines().rev().take(3).collect();
    let [command, next, seen] = said[..] else { panic!("{late:?}") };
    assert!(seen.starts_with("Done, not yet seen: rev 2 as rev 4 is live; ") && seen.contains(" ready"), "{seen}");
    assert!(seen.ends_with(" after 1 s"), "{seen}");
    assert_eq!(next, "Next: watch the pods, the rollback itself is done; never back to 3.");
    assert!(command.starts_with("$ backout check -n headless-late --context "), "{command}");
    let command: Vec<&str> = command.trim_start_matches("$ backout ").split(' ').collect();
    let began = Instant::now();
    while desk.run(&command).code != 0 {
        assert!(began.elapsed() < Duration::from_mins(4), "it never came up: {:?}", desk.run(&command));
    }
}

/// A folder with that program as the one `helm`, for a PATH.
fn path_with(folder: &Path, program: &Path) -> String {
    let bin = folder.join(program.file_name().unwrap()).with_extension("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(program, bin.join("helm")).unwrap();
    bin.display().to_string()
}

fn program(name: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.exists()).unwrap()
}

/// The last event of that kind in the journal that a result names.
fn journaled(result: &Value, kind: &str) -> Value {
    let text = std::fs::read_to_string(result["journal"].as_str().unwrap()).unwrap();
    let mut entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.rfind(|entry| entry["event"] == kind).unwrap()
}

/// What is refused here, because a character ends a line for helm alone, is done by helm itself.
fn by_helm_itself(by: &str, namespace: &str) {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let desk = Desk::of("admin");
    let chart = desk.home.path().join("odd");
    let settings = "# Sale\u{2028}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\n\
                    data: {value: \"{{ .Values.value }}\"}\n";
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: odd\nversion: 0.1.0\n").unwrap();
    std::fs::write(chart.join("templates/settings.yaml"), settings).unwrap();
    ran(Command::new(by).env("KUBECONFIG", kubeconfig("admin")).args(["uninstall", "odd", "-n", namespace]));
    for value in ["good", "bad"] {
        let upgrade = ["upgrade", "--install", "odd", chart.to_str().unwrap(), "-n", namespace, "--create-namespace"];
        helm(by, &[&upgrade[..], &["--set", &format!("value={value}")]].concat());
    }
    let back = ["rollback", "odd", "-n", namespace, "--to", "1", "--yes", "--json"];
    let with = |path: &str| ran(desk.command(&[&back[..], &["--with-helm"]].concat()).env("PATH", path));
    let refused = desk.run(&back);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("U+2028") && refused.err.contains("\n$ helm rollback odd 1 -n "), "{}", refused.err);
    assert!(refused.err.ends_with("with --with-helm, under the same journal.\n"), "{}", refused.err);
    let without = with("/nowhere");
    assert_eq!((without.code, desk.journals()), (3, 0), "{without:?}");
    assert!(without.err.contains("there is no helm on the PATH") && without.err.contains("$ helm rollback odd 1"));

    // One that fails and says too much: what it says is masked, and nothing of it is taken for done.
    let liar = desk.home.path().join("liar");
    let says =
        "#!/bin/sh\n[ \"$1\" = version ] && echo v9.9.9 && exit\necho 'Error: boom password=hunter2' >&2\nexit 7\n";
    std::fs::write(&liar, says).unwrap();
    std::fs::set_permissions(&liar, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let failed = with(&path_with(desk.home.path(), &liar));
    assert_eq!(failed.code, 1, "{failed:?}");
    let ended = journaled(&parsed(&failed), "act-ended").to_string();
    assert!(ended.contains("helm v9.9.9 ended with exit code 7: Error: boom password="), "{ended}");
    assert!(ended.contains("revision 3 was not written") && !ended.contains("hunter2"), "{ended}");
    assert!(!failed.err.contains("hunter2"), "{}", failed.err);
    assert_eq!(newest(by, "odd", namespace).0, 2);

    let done = with(&path_with(desk.home.path(), &program(by)));
    assert_eq!(done.code, 0, "{done:?}");
    let result = parsed(&done);
    assert_eq!((&result["outcome"], &result["revision"]), (&"seen-ready".into(), &3.into()), "{done:?}");
    assert!(done.err.contains("helm: Rollback was a success!"), "{}", done.err);
    assert_eq!(newest(by, "odd", namespace), (3, "deployed".into(), "Rollback to 1".into()));
    let live = ["get", "configmap", "odd", "-n", namespace, "-o", "jsonpath={.data.value}"];
    assert_eq!(ran(Command::new("kubectl").env("KUBECONFIG", kubeconfig("admin")).args(live)).out, "good");
    let asked = journaled(&result, "act-asked").to_string();
    for word in
        ["/helm rollback odd 1 -n ", "--kube-context ", "--kube-apiserver https://", "KUBECONFIG=", "--history-max 0"]
    {
        assert!(asked.contains(word), "{word}: {asked}");
    }
    assert!(journaled(&result, "act-ended").to_string().contains("exit code 0"));
    let verified = desk.run(&["journal", "verify", result["journal"].as_str().unwrap()]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn what_is_refused_here_is_done_by_helm_3_itself_under_the_same_journal() {
    by_helm_itself("helm3", "headless-odd3");
}

#[test]
fn what_is_refused_here_is_done_by_helm_4_itself_under_the_same_journal() {
    by_helm_itself("helm4", "headless-odd4");
}

#[test]
fn asked_to_end_in_the_middle_the_rollback_is_finished_first() {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    incident("helm3", "headless-term");
    let desk = Desk::of("admin");
    let journals = desk.home.path().join(".local/state/backout/incidents");
    let mut child = desk
        .command(&["rollback", "ecommerce-app", "-n", "headless-term", "--to", "2", "--yes", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let asked = || {
        let Ok(folder) = std::fs::read_dir(&journals) else { return false };
        let mut texts = folder.map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap_or_default());
        texts.any(|t| t.contains("\"act-asked\""))
    };
    while !asked() {
        if child.try_wait().unwrap().is_some() {
            let said = child.wait_with_output().unwrap();
            panic!("it ended before it began: {said:?}");
        }
        assert!(began.elapsed() < Duration::from_mins(1), "no act was asked for");
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("asked to end: the rollback is finished first"), "{}", said.err);
    assert_eq!(newest("helm3", "ecommerce-app", "headless-term"), (4, "deployed".into(), "Rollback to 2".into()));
}

#[test]
fn an_undo_and_a_restart_of_one_deployment_are_what_kubectl_shows_and_helm_does_not_know() {
    let _one = LAB.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let namespace = "headless-undo";
    incident("helm3", namespace);
    let desk = Desk::of("admin");
    let shown = |path: &str| {
        let kubectl = ["get", "deployment", "order-service", "-n", namespace, "-o", path];
        ran(Command::new("kubectl").env("KUBECONFIG", kubeconfig("admin")).args(kubectl)).out
    };
    let image = "jsonpath={.spec.template.spec.containers[*].image} {.status.readyReplicas}/{.spec.replicas}";
    assert!(shown(image).contains(":2.4.0"), "{}", shown(image));
    let undone = desk.run(&["undo", "deployment/order-service", "-n", namespace, "--yes", "--json"]);
    assert_eq!(undone.code, 0, "{undone:?}");
    let result = parsed(&undone);
    assert_eq!((&result["outcome"], &result["workload"]["name"]), (&"seen-ready".into(), &"order-service".into()));
    assert!(shown(image).contains(":2.3.1 2/2"), "{}", shown(image));
    assert_eq!(newest("helm3", "ecommerce-app", namespace).0, 3, "helm's record is as it was");

    let mark = "jsonpath={.spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}";
    assert_eq!(shown(mark), "");
    let restarted = desk.run(&["restart", "deploy/order-service", "-n", namespace, "--yes"]);
    assert_eq!(restarted.code, 0, "{restarted:?}");
    assert!(!shown(mark).is_empty() && shown(image).contains(":2.3.1 2/2"), "{}", shown(image));
    let verified = desk.run(&["journal", "verify", result["journal"].as_str().unwrap()]);
    assert_eq!(verified.code, 0, "{verified:?}");
}
