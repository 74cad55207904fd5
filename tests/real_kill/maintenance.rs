//! A release stopped for maintenance and brought back on the real floor: mixed counts and an autoscaler, killed -9 in the
//! middle of the stop and of the return, finished by somebody else at another machine; and helm, afterwards, finds what
//! is its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::floor::{self, Helm, Shop, among_others, get, run, until};
use super::gate::{Fate, Gate, Hold, Side};

const RELEASE: &str = "ecommerce-app";

/// One person's machine: it has its own home, and no journal of anybody else's.
struct Machine {
    home: TempDir,
    person: &'static str,
}

impl Machine {
    fn of(person: &'static str) -> Self {
        Self { home: TempDir::new().expect("a folder"), person }
    }

    fn command(&self, kubeconfig: &Path, namespace: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backout"));
        command.env_clear().env("HOME", self.home.path()).env("USER", self.person).env("KUBECONFIG", kubeconfig);
        command.arg("maintenance").args(arguments).args(["-n", namespace]);
        command
    }

    /// Runs it to its end: the exit code and all it said.
    fn maintenance(&self, namespace: &str, arguments: &[&str]) -> (i32, String) {
        let out = self.command(&floor::kubeconfig("admin"), namespace, arguments).output().expect("it starts");
        let said = [out.stdout, out.stderr].concat();
        (out.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
    }

    /// Runs it through a gate until one of its requests is held there, and kills it.
    fn killed(&self, gate: &Gate, namespace: &str, arguments: &[&str], (first, hold, fate): (usize, Hold, Fate)) {
        gate.hold_after(first, hold);
        let mut command = self.command(gate.kubeconfig(), namespace, arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        println!("held {}", gate.held(30));
        child.kill().expect("it is killed");
        child.wait().expect("it is dead");
        gate.let_go(fate);
    }
}

fn objects(namespace: &str, group: &str, plural: &str) -> Vec<Value> {
    let list = get(&format!("/apis/{group}/namespaces/{namespace}/{plural}"));
    list["items"].as_array().cloned().unwrap_or_default()
}

fn named(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

/// The count of every workload, and the whole spec of what scales one.
fn state(namespace: &str) -> BTreeMap<String, Value> {
    let workloads = ["deployments", "statefulsets"].map(|plural| objects(namespace, "apps/v1", plural)).concat();
    let mut all: BTreeMap<_, _> = workloads.iter().map(|o| (named(o), o["spec"]["replicas"].clone())).collect();
    let scalers = objects(namespace, "autoscaling/v2", "horizontalpodautoscalers");
    all.extend(scalers.iter().map(|o| (format!("scaler of {}", named(o)), o["spec"].clone())));
    all
}

fn stopped(namespace: &str) -> (usize, usize) {
    let all = ["deployments", "statefulsets"].map(|plural| objects(namespace, "apps/v1", plural)).concat();
    (all.iter().filter(|o| o["spec"]["replicas"] == 0).count(), all.len())
}

fn pods(namespace: &str) -> usize {
    get(&format!("/api/v1/namespaces/{namespace}/pods"))["items"].as_array().map_or(0, Vec::len)
}

fn saved(namespace: &str) -> Vec<String> {
    let maps = get(&format!("/api/v1/namespaces/{namespace}/configmaps?labelSelector=backout/kind%3Dmaintenance"));
    maps["items"].as_array().into_iter().flatten().map(named).collect()
}

/// Five, three, four by an autoscaler, none, one that keeps a state; the others as the chart has them.
fn mixed(shop: &Shop) {
    let namespace = shop.namespace.as_str();
    upgrade(shop, &["order-service=5", "payment-service=3", "shipping-service=0", "api-gateway=4"]);
    let db = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "annotations": {
            "meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": namespace}},
        "spec": {"replicas": 2, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"terminationGracePeriodSeconds": 1,
                "containers": [{"name": "db", "image": "registry.example/db:1"}]}}}});
    let file = std::env::temp_dir().join(format!("{namespace}-db.json"));
    std::fs::write(&file, db.to_string()).expect("a file");
    run("kubectl", &["apply", "-n", namespace, "-f", file.to_str().expect("a path")]);
    run("kubectl", &["rollout", "status", "statefulset/db", "-n", namespace, "--timeout=60s"]);
    run("kubectl", &["rollout", "status", "deployment/order-service", "-n", namespace, "--timeout=60s"]);
}

/// helm writes a revision with these counts.
fn upgrade(shop: &Shop, counts: &[&str]) {
    let chart = format!("{}/tests/real/shop/ecommerce-app", env!("CARGO_MANIFEST_DIR"));
    let counts = counts.iter().map(|c| format!("services.{}", c.replace('=', ".replicas=")));
    let counts: Vec<String> = counts.flat_map(|c| ["--set".to_owned(), c]).collect();
    let fixed = ["upgrade", RELEASE, &chart, "--reuse-values", "--qps", "200", "--burst-limit", "400"];
    shop.helm(&fixed.into_iter().chain(counts.iter().map(String::as_str)).collect::<Vec<_>>());
}

#[test]
fn mixed_counts_come_back_as_they_were_though_stop_and_return_are_killed_in_the_middle() {
    let _quiet = among_others();
    let shop = Shop::incident("maintenance", Helm::Four, "good", &["--no-wait"]);
    let namespace = shop.namespace.as_str();
    mixed(&shop);
    let before = state(namespace);
    println!("before: {before:#?}");
    let (ana, ben) = (Machine::of("ana"), Machine::of("ben"));
    let yes = format!("--yes={RELEASE}");
    assert_eq!(ana.maintenance(namespace, &["status", RELEASE]).0, 0);

    // Killed when two counts are written, the third on its way.
    let gate = Gate::open();
    let patch = |side| Hold { method: "PATCH", path: "/deployments/", side };
    ana.killed(&gate, namespace, &["start", RELEASE, &yes], (2, patch(Side::Answered), Fate::Lost));
    until("what was on its way has arrived", 10, || stopped(namespace).0 >= 3);
    let (zero, all) = stopped(namespace);
    assert!(zero < all, "{zero} of {all}");
    assert_eq!(saved(namespace), [format!("backout-maintenance-{RELEASE}")]);

    // Somebody else, somewhere else: no journal tells of it.
    let (code, said) = ben.maintenance(namespace, &["status", RELEASE]);
    assert!(code == 1 && said.contains("is in maintenance since") && said.contains("by ana"), "{code} {said}");
    let (code, said) = ben.maintenance(namespace, &["start", RELEASE, &yes]);
    assert!(code == 3 && said.contains("by ana"), "a second stop is a conflict: {code} {said}");
    let (code, said) = ben.maintenance(namespace, &["finish", RELEASE, &yes]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("no pod of them is left"), "{said}");
    assert_eq!((stopped(namespace), pods(namespace)), ((all, all), 0));
    let scaler = "scaler of api-gateway";
    assert_eq!(state(namespace)[scaler], before[scaler]);

    // The return, killed when every count is back and the record is to be deleted; before that, in the middle.
    let second = Gate::open();
    ben.killed(&second, namespace, &["end", RELEASE, &yes], (2, patch(Side::Answered), Fate::Lost));
    assert_eq!(saved(namespace).len(), 1, "not forgotten while a count is missing");
    let delete = Hold { method: "DELETE", path: "/configmaps/", side: Side::Asked };
    let third = Gate::open();
    ana.killed(&third, namespace, &["end", RELEASE, &yes], (0, delete, Fate::Lost));
    assert_eq!((state(namespace), saved(namespace).len()), (before.clone(), 1));

    let carla = Machine::of("carla");
    let (code, said) = carla.maintenance(namespace, &["end", RELEASE, &yes]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("every pod ready"), "{said}");
    assert_eq!((state(namespace), saved(namespace)), (before.clone(), Vec::new()));
    assert_eq!(carla.maintenance(namespace, &["status", RELEASE]).0, 0);

    // Whose count it is, is as before: helm's, applied.
    let owned = |d: &Value| {
        let all = d["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
        let replicas = |e: &&Value| !e["fieldsV1"]["f:spec"]["f:replicas"].is_null();
        all.iter().filter(replicas).map(|e| format!("{} {}", e["manager"], e["operation"])).collect::<Vec<_>>()
    };
    for deployment in objects(namespace, "apps/v1", "deployments") {
        assert_eq!(owned(&deployment), [r#""helm" "Apply""#], "{}", named(&deployment));
    }

    // An upgrade in the middle of a maintenance meets its own counts, not ours, and starts them; the return says so.
    let (code, said) = ana.maintenance(namespace, &["start", RELEASE, &yes, "--no-wait"]);
    assert_eq!(code, 0, "{said}");
    upgrade(&shop, &[]);
    assert_eq!(shop.statuses().last().map(|(_, status)| status.as_str()), Some("deployed"));
    let (code, said) = ben.maintenance(namespace, &["end", RELEASE, &yes]);
    assert!(
        code == 0 && said.contains("Helm wrote revision 4 since the counts were saved at revision 3"),
        "{code} {said}"
    );
    assert_eq!((state(namespace), saved(namespace)), (before, Vec::new()));
    upgrade(&shop, &["order-service=4"]);
    assert_eq!(state(namespace)["order-service"], 4, "helm's next count meets no conflict");
}
