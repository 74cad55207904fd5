//! Undo and restart against kubectl's own, on a real API server with real controllers: two namespaces, the same steps,
//! kubectl acts in one and we in the other; then workloads and their kept revisions must be equal, but for times, uids,
//! versions and field managers.
//!
//! Run inside the lab's network: `tests/real/in.sh cargo test --features real --test real_acts`.
#![cfg(feature = "real")]
#![expect(clippy::panic, clippy::disallowed_methods, clippy::print_stdout, reason = "kubectl is run, as the oracle")]

#[path = "support/floor.rs"]
mod floor;
#[path = "real_acts/revert.rs"]
mod revert;
#[path = "real_acts/tests.rs"]
mod tests;
#[path = "real_acts/told.rs"]
mod told;

use std::process::Command;
use std::time::Duration;

use backout::act::rollback::Terms;
use backout::act::workload;
use backout::domain::event::Ending;
use backout::domain::name::{Namespace, Service};
use backout::domain::workload::{WorkloadKind, WorkloadRef};
use backout::helm::plan::Refusal;
use backout::kubectl::ask::{Ask, Errand};
use backout::kubectl::plan::Plan;
use backout::live::{Options, open};
use backout::ports::World;
use serde_json::{Value, json};

/// The two namespaces: kubectl's and ours.
struct Twins {
    names: [String; 2],
    kind: WorkloadKind,
    workload: String,
}

fn kubectl(arguments: &[&str]) -> (bool, String) {
    let out = Command::new("kubectl").args(arguments).env("KUBECONFIG", floor::kubeconfig("admin")).output();
    let out = out.unwrap_or_else(|e| panic!("kubectl does not start: {e}"));
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).trim().to_owned())
}

impl Twins {
    /// Three versions of a workload in both namespaces, one after the other, each with its reason.
    fn new(name: &str, kind: WorkloadKind) -> Self {
        let names = ["kubectl", "ours"].map(|who| format!("acts-{name}-{}-{who}", std::process::id()));
        let twins = Self { names, kind, workload: format!("web-{name}") };
        for namespace in &twins.names {
            floor::run("kubectl", &["create", "namespace", namespace]);
            for version in 1..=3 {
                twins.apply(namespace, version);
            }
        }
        twins
    }

    fn typed(&self) -> String {
        format!("{}/{}", self.kind.kind().to_lowercase(), self.workload)
    }

    fn apply(&self, namespace: &str, version: u32) {
        let (spec, kind) = match self.kind {
            WorkloadKind::Deployment => (json!({"replicas": 2}), "Deployment"),
            WorkloadKind::StatefulSet => (json!({"replicas": 2, "serviceName": "web"}), "StatefulSet"),
            WorkloadKind::DaemonSet => {
                (json!({"updateStrategy": {"rollingUpdate": {"maxUnavailable": "100%"}}}), "DaemonSet")
            }
        };
        let mut object = json!({"apiVersion": "apps/v1", "kind": kind, "spec": spec,
            "metadata": {"name": self.workload, "annotations": {
                "kubernetes.io/change-cause": format!("version {version}"), format!("only-{version}"): "x"}}});
        object["spec"]["selector"] = json!({"matchLabels": {"app": self.workload}});
        object["spec"]["template"] = json!({"metadata": {"labels": {"app": self.workload}}, "spec": {
            "containers": [{"name": "web", "image": format!("registry.example/web:{version}"),
                "env": [{"name": "LEVEL", "value": format!("{version}")}], "resources": {"requests": {"cpu": "10m"}}}],
            "terminationGracePeriodSeconds": 1}});
        let file = std::env::temp_dir().join(format!("{namespace}-{}.json", self.workload));
        std::fs::write(&file, object.to_string()).expect("a file");
        floor::run("kubectl", &["apply", "-n", namespace, "-f", file.to_str().expect("a path")]);
        self.rolled_out(namespace);
    }

    fn rolled_out(&self, namespace: &str) {
        floor::run("kubectl", &["rollout", "status", &self.typed(), "-n", namespace, "--timeout=90s"]);
    }

    /// kubectl acts on its twin.
    fn theirs(&self, arguments: &[&str]) -> (bool, String) {
        let typed = self.typed();
        let whole = [&["rollout"], arguments, &[typed.as_str(), "-n", &self.names[0]]].concat();
        kubectl(&whole)
    }

    async fn world(&self) -> World {
        let namespace = Some(Namespace::new(&self.names[1]));
        let kubeconfig = Some(floor::kubeconfig("admin"));
        open(Options { kubeconfig, namespace, ..Options::default() }).await.expect("the lab is up").1
    }

    async fn plan(&self, errand: Errand) -> Result<Plan, Refusal> {
        let workload = WorkloadRef { kind: self.kind, name: Service::new(&self.workload) };
        let ask = Ask { workload, namespace: Namespace::new(&self.names[1]), context: "lab".into(), errand };
        workload::planned(&self.world().await, ask).await
    }

    /// We act on ours, to the end.
    async fn ours(&self, errand: Errand) -> (Plan, Ending) {
        let plan = self.plan(errand).await.expect("a plan");
        let terms = Terms { timeout: Duration::from_secs(90), ..Terms::default() };
        let ending = workload::run(&self.world().await, &plan, terms, |_| {}).await;
        (plan, ending)
    }

    /// What both have: the workload, and what keeps its revisions, without what must differ.
    fn state(&self, namespace: &str) -> Value {
        let kept = if self.kind == WorkloadKind::Deployment { "replicasets" } else { "controllerrevisions" };
        let read = |what: &str| -> Value {
            let said = floor::run("kubectl", &["get", what, "-n", namespace, "-o", "json"]);
            serde_json::from_str(&said.replace(namespace, "NAMESPACE")).expect("JSON")
        };
        let mut workload = read(&self.typed());
        bare(&mut workload);
        let mut keepers: Vec<Value> = read(kept)["items"].as_array().cloned().unwrap_or_default();
        for keeper in &mut keepers {
            bare(keeper);
            marked(keeper);
        }
        keepers.sort_by_key(ToString::to_string);
        marked(&mut workload);
        json!([workload, keepers])
    }

    fn equal(&self) {
        for namespace in &self.names {
            self.rolled_out(namespace);
        }
        let [theirs, ours] = [0, 1].map(|i| self.state(&self.names[i]));
        assert_eq!(ours, theirs, "{}", self.workload);
        println!("equal: {}", self.workload);
    }
}

impl Drop for Twins {
    fn drop(&mut self) {
        for namespace in &self.names {
            let _ = kubectl(&["delete", "namespace", namespace, "--wait=false"]);
        }
    }
}

/// Drops times, uids, versions, field managers and status.
fn bare(object: &mut Value) {
    let metadata = object["metadata"].as_object_mut().expect("an object");
    for member in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        metadata.remove(member);
    }
    if let Some(owner) = object.pointer_mut("/metadata/ownerReferences/0").and_then(Value::as_object_mut) {
        owner.remove("uid");
    }
    object.as_object_mut().expect("an object").remove("status");
}

/// A restart's own time, and the hashes that depend on it.
fn marked(object: &mut Value) {
    for template in ["/spec/template", "/data/spec/template"] {
        let at = format!("{template}/metadata/annotations/kubectl.kubernetes.io~1restartedAt");
        let Some(mark) = object.pointer_mut(&at) else { continue };
        assert!(mark.as_str().is_some_and(|m| m.starts_with("20")), "{mark}");
        *mark = "TIME".into();
        let hash = object.pointer("/metadata/labels").cloned().unwrap_or_default();
        for name in ["pod-template-hash", "controller.kubernetes.io/hash", "controller-revision-hash"] {
            if let Some(hash) = hash.get(name).and_then(Value::as_str) {
                *object = serde_json::from_str(&object.to_string().replace(hash, "HASH")).expect("JSON");
            }
        }
    }
}

async fn undone(name: &str, kind: WorkloadKind, to: u64, runs: &str) {
    let _quiet = floor::among_others();
    let twins = Twins::new(name, kind);
    let (well, said) = twins.theirs(&["undo", &format!("--to-revision={to}")]);
    assert!(well, "{said}");
    let (plan, ending) = twins.ours(Errand::Undo { to }).await;
    assert!(matches!(&ending, Ending::Seen { what } if what.contains(runs)), "{ending:?} {:#?}", plan.findings);
    assert!(plan.command.contains(&format!("undo {} --to-revision=", twins.typed())), "{}", plan.command);
    twins.equal();
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_without_a_number_is_kubectls() {
    undone("zero", WorkloadKind::Deployment, 0, "web:2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_to_a_revision_is_kubectls() {
    undone("one", WorkloadKind::Deployment, 1, "web:1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_of_a_stateful_set_is_kubectls() {
    undone("sts", WorkloadKind::StatefulSet, 1, "web:1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_of_a_daemon_set_is_kubectls() {
    undone("ds", WorkloadKind::DaemonSet, 0, "web:2").await;
}

async fn restarted(name: &str, kind: WorkloadKind) {
    let _quiet = floor::among_others();
    let twins = Twins::new(name, kind);
    let before = pods(&twins.names[1]);
    let (well, said) = twins.theirs(&["restart"]);
    assert!(well, "{said}");
    let (_, ending) = twins.ours(Errand::Restart).await;
    assert!(matches!(&ending, Ending::Seen { what } if what.contains("restarted, every pod new")), "{ending:?}");
    twins.equal();
    let after = pods(&twins.names[1]);
    assert!(after.iter().all(|uid| !before.contains(uid)), "every pod is another one: {before:?} {after:?}");
}

fn pods(namespace: &str) -> Vec<String> {
    let said = floor::run("kubectl", &["get", "pods", "-n", namespace, "-o", "json"]);
    let pods: Value = serde_json::from_str(&said).expect("JSON");
    let alive = pods["items"].as_array().into_iter().flatten();
    alive
        .filter(|p| p["metadata"]["deletionTimestamp"].is_null())
        .map(|p| p["metadata"]["uid"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_is_kubectls() {
    restarted("restart", WorkloadKind::Deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_a_stateful_set_is_kubectls() {
    restarted("restart-sts", WorkloadKind::StatefulSet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubectl_refuses_we_refuse_and_nothing_is_written() {
    let _quiet = floor::among_others();
    let twins = Twins::new("refused", WorkloadKind::Deployment);
    let before = twins.state(&twins.names[1]);
    let cases = [
        (
            "--to-revision=9",
            Errand::Undo { to: 9 },
            "unable to find specified revision 9 in history",
            "keeps no revision 9",
        ),
        ("--to-revision=3", Errand::Undo { to: 3 }, "current template already matches revision 3", "already"),
    ];
    for (argument, errand, theirs, ours) in cases {
        let (_, said) = twins.theirs(&["undo", argument]);
        assert!(said.contains(theirs), "{said}");
        let refusal = twins.plan(errand).await.expect_err("a refusal");
        assert!(refusal.sentence.contains(ours), "{}", refusal.sentence);
    }
    for namespace in &twins.names {
        floor::run("kubectl", &["rollout", "pause", &twins.typed(), "-n", namespace]);
    }
    for (verb, errand, theirs) in [
        ("undo", Errand::Undo { to: 1 }, "cannot rollback a paused deployment"),
        ("restart", Errand::Restart, "can't restart paused deployment"),
    ] {
        let (well, said) = twins.theirs(&[verb]);
        assert!(!well && said.contains(theirs), "{said}");
        let refusal = twins.plan(errand).await.expect_err("a refusal");
        assert!(refusal.sentence.contains("is paused"), "{}", refusal.sentence);
        assert!(refusal.command.starts_with("kubectl rollout resume deployment/"), "{}", refusal.command);
    }
    floor::run("kubectl", &["rollout", "resume", &twins.typed(), "-n", &twins.names[1]]);
    let mut after = twins.state(&twins.names[1]);
    let mut before = before;
    for state in [&mut before, &mut after] {
        state[0]["metadata"]["generation"] = Value::Null;
    }
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_that_somebody_changed_since_is_not_written_and_a_moved_status_is_no_change() {
    let _quiet = floor::among_others();
    let twins = Twins::new("moved", WorkloadKind::Deployment);
    let plan = twins.plan(Errand::Undo { to: 1 }).await.expect("a plan");
    let namespace = &twins.names[1];
    let image = "web=registry.example/web:4";
    let terms = Terms { timeout: Duration::from_secs(90), ..Terms::default() };
    // Only its number of pods and its status move: the plan stands.
    floor::run("kubectl", &["scale", &twins.typed(), "--replicas=3", "-n", namespace]);
    twins.rolled_out(namespace);
    let ending = workload::run(&twins.world().await, &plan, terms.clone(), |_| {}).await;
    assert!(matches!(&ending, Ending::Seen { .. }), "{ending:?}");
    let plan = twins.plan(Errand::Undo { to: 2 }).await.expect("a plan");
    floor::run("kubectl", &["set", "image", &twins.typed(), image, "-n", namespace]);
    let ending = workload::run(&twins.world().await, &plan, terms.clone(), |_| {}).await;
    assert!(matches!(&ending, Ending::Void { why } if why.contains("changed by somebody else")), "{ending:?}");
    let runs = floor::run(
        "kubectl",
        &["get", &twins.typed(), "-n", namespace, "-o", "jsonpath={.spec.template.spec.containers[0].image}"],
    );
    assert_eq!(runs, "registry.example/web:4");
}

#[test]
fn after_an_undo_the_release_can_still_be_upgraded_and_rolled_back_by_us_and_by_helm() {
    let _quiet = floor::among_others();
    let shop = floor::Shop::incident("acts4", floor::Helm::Four, "bad", &["--no-wait"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(undone_then_planned_back(&shop));
    // Helm 4 applies on the server: another image than the undone one is no conflict with what we wrote in its name.
    shop.upgrade(&["--set", "services.order-service.tag=2.3.2"]);
    assert!(shop.images().contains(&"ecommerce/order-service:2.3.2".to_owned()), "{:?}", shop.images());
    shop.helm(&["rollback", "ecommerce-app", "1"]);
    assert_eq!(shop.statuses().last().map(|(_, status)| status.clone()), Some("deployed".into()));
}

async fn undone_then_planned_back(shop: &floor::Shop) {
    let namespace = Namespace::new(&shop.namespace);
    let options = Options {
        kubeconfig: Some(floor::kubeconfig("admin")),
        namespace: Some(namespace.clone()),
        ..Options::default()
    };
    let world = open(options).await.expect("the lab is up").1;
    let reference = WorkloadRef { kind: WorkloadKind::Deployment, name: Service::new("order-service") };
    let errand = Errand::Undo { to: 0 };
    let ask = Ask { workload: reference, namespace: namespace.clone(), context: "lab".into(), errand };
    let plan = workload::planned(&world, ask).await.expect("a plan");
    assert!(plan.findings.iter().any(|f| f.sentence.contains("Helm release ecommerce-app owns it")), "{plan:#?}");
    let terms = Terms { timeout: Duration::from_secs(90), ..Terms::default() };
    let ending = workload::run(&world, &plan, terms, |_| {}).await;
    assert!(matches!(&ending, Ending::Seen { .. }), "{ending:?}");
    // To another image than the undone one: server-side apply stops at fields of another manager that it would change.
    let back = backout::act::rollback::plan(
        &world,
        backout::domain::name::ReleaseName::new("ecommerce-app"),
        namespace,
        backout::domain::name::Revision(1),
        "lab",
        Duration::from_secs(90),
    );
    let back = back.await.expect("a plan");
    assert_eq!(back.blocked(), None);
}
