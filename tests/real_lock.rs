//! Two rollbacks of one release at once, on a real API server: exactly one of them runs, the other is told who it is, and
//! no two revisions are ever deployed. And what a person may do, by the server's own answer.
//!
//! Run inside a lab: `tests/real/in.sh cargo test --features real --test real_lock`; LOCK_ROUNDS=200 for the long run.
#![cfg(feature = "real")]
#![expect(clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "helm itself makes the release")]
#![expect(clippy::print_stdout, reason = "what was seen is told")]

use std::path::PathBuf;
use std::process::Command;

use backout::act::rollback::{self, Terms};
use backout::domain::name::{Namespace, ReleaseName, Revision};
use backout::domain::release::Status;
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, Resource, Verb};
use backout::helm::ask::store;
use backout::helm::holder::Holder;
use backout::helm::payload::Driver;
use backout::helm::plan::{Level, Plan};
use backout::helm::progress::Outcome;
use backout::helm::record::Record;
use backout::helm::rollback::Wait;
use backout::live::{Options, open};
use backout::ports::World;
use serde_json::{Value, json};

const RELEASE: &str = "shop";

fn lab() -> PathBuf {
    PathBuf::from(std::env::var_os("LAB_DIR").expect("LAB_DIR names the lab; run through tests/real/in.sh"))
}

async fn world(user: &str, namespace: &str) -> World {
    let kubeconfig = Some(lab().join(format!("kube/{user}.yaml")));
    let options = Options { kubeconfig, namespace: Some(Namespace::new(namespace)), ..Options::default() };
    open(options).await.expect("the lab is up").1
}

fn helm(program: &str, namespace: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program)
        .args(arguments)
        .args(["-n", namespace, "--qps", "200", "--burst-limit", "400"])
        .output()
        .expect("helm runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A release in two revisions: this many ConfigMaps that differ in a value, and what else the templates say.
fn release(namespace: &str, objects: usize, more: &str) {
    drop(helm("helm3", namespace, &["uninstall", RELEASE]));
    let folder = std::env::temp_dir().join(format!("lock-{}-{namespace}", std::process::id()));
    let templates = folder.join("templates");
    std::fs::create_dir_all(&templates).expect("a folder");
    std::fs::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n").expect("a chart");
    for (verb, value) in [("install", "1"), ("upgrade", "2")] {
        let one = |n: usize| {
            format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\ndata: {{k: '{value}'}}\n")
        };
        let manifest: String = (0..objects).map(one).chain([more.to_owned()]).collect();
        std::fs::write(templates.join("all.yaml"), manifest).expect("a template");
        let folder = folder.to_str().expect("a path");
        let (well, error) = helm("helm3", namespace, &[verb, RELEASE, folder, "--create-namespace"]);
        assert!(well || verb == "upgrade" && error.is_empty(), "{verb}: {error}");
    }
    drop(std::fs::remove_dir_all(folder));
}

fn terms(person: &str) -> Terms {
    let holder = Holder { person: person.into(), host: "bastion".into(), pid: std::process::id() };
    Terms { wait: Wait::Not, holder, ..Terms::default() }
}

async fn planned(world: &World, namespace: &str, to: u32) -> Plan {
    let (release, namespace) = (ReleaseName::new(RELEASE), Namespace::new(namespace));
    rollback::plan(world, release, namespace, Revision(to), "lab", rollback::TIMEOUT).await.expect("a plan")
}

async fn statuses(world: &World, namespace: &str) -> Vec<(u32, Status)> {
    let namespace = Some(Namespace::new(namespace));
    let call = Call::List { resource: store(Driver::Secret), namespace, labels: "owner=helm".into() };
    let Answer::List(objects) = world.cluster.call(call).await else { panic!("the records cannot be listed") };
    let record = |o: &Value| Record::decode(o).expect("a record");
    let mut all: Vec<_> = objects.iter().map(record).map(|r| (r.revision.0, r.status)).collect();
    all.sort_by_key(|(revision, _)| *revision);
    all
}

fn one_deployed(statuses: &[(u32, Status)]) -> u32 {
    let deployed: Vec<_> = statuses.iter().filter(|(_, s)| *s == Status::Deployed).map(|(r, _)| *r).collect();
    assert_eq!(deployed.len(), 1, "{statuses:?}");
    deployed[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_fire_at_once_exactly_one_runs_and_the_other_is_told_by_whom() {
    let rounds: u32 = std::env::var("LOCK_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let namespace = "lock-two";
    release(namespace, 8, "");
    let (ana, ben) = (world("admin", namespace).await, world("admin", namespace).await);
    let (mut at_work, mut too_late) = (0, 0);
    for round in 0..rounds {
        let before = one_deployed(&statuses(&ana, namespace).await);
        let to = 1 + round % 2;
        let (first, second) = futures::future::join(planned(&ana, namespace, to), planned(&ben, namespace, to)).await;
        let (first, second) = futures::future::join(
            tokio::spawn({
                let ana = ana.clone();
                async move { rollback::run(&ana, &first, "lab", terms("ana"), |_| {}).await }
            }),
            tokio::spawn({
                let ben = ben.clone();
                async move {
                    // The second one comes at once, or into the middle of the first, or when it is done.
                    tokio::time::sleep(std::time::Duration::from_millis(u64::from(round % 8) * 30)).await;
                    rollback::run(&ben, &second, "lab", terms("ben"), |_| {}).await
                }
            }),
        )
        .await;
        let outcomes = [("ana", first.expect("no panic")), ("ben", second.expect("no panic"))];
        let ran = |o: &&(&str, Outcome)| matches!(o.1, Outcome::Applied { .. });
        let winners: Vec<_> = outcomes.iter().filter(ran).map(|(name, _)| *name).collect();
        assert_eq!(winners.len(), 1, "round {round}: {outcomes:?}");
        let loser = outcomes.iter().find(|o| !ran(o)).expect("one of two");
        let Outcome::Void { why } = &loser.1 else { panic!("round {round}: {outcomes:?}") };
        let named = format!("{}@bastion (pid {})", winners[0], std::process::id());
        assert!(why.contains(&named), "round {round}: told by whom? {why}");
        if why.contains("since") {
            at_work += 1;
        } else {
            too_late += 1;
        }
        let after = statuses(&ana, namespace).await;
        assert_eq!(one_deployed(&after), before + 1, "round {round}");
        assert_eq!(after.len(), usize::try_from(before).expect("few") + 1, "round {round}: {after:?}");
    }
    println!("{rounds} rounds: one ran each time; {at_work} met the other at work, {too_late} came when it was done");
}

async fn put(world: &World, kind: (&str, &str, &str), namespace: &str, body: Value) {
    let resource = Resource { gvk: Gvk::new(kind.0, kind.1), plural: kind.2.into(), namespaced: true };
    let name = body["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let target = ObjectRef { resource, namespace: Some(Namespace::new(namespace)), name };
    let answer = world.cluster.call(Call::Object { target, verb: Verb::Create(body), mode: Mode::Commit }).await;
    assert!(matches!(answer, Answer::Object(_)), "{answer:?}");
}

/// Gives the user of the lab that sees nothing but pods these rights in a namespace.
async fn grant(admin: &World, namespace: &str, rules: Value) {
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "given"}, "rules": rules});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "given"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "given"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "narrow"}]});
    put(admin, ("rbac.authorization.k8s.io/v1", "Role", "roles"), namespace, role).await;
    put(admin, ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"), namespace, binding).await;
    // The server decides by its own copy of what was granted, which follows.
    let narrow = world("narrow", namespace).await;
    let may = || {
        let (resource, namespace) = (store(Driver::Secret), Some(Namespace::new(namespace)));
        narrow.cluster.call(Call::May { verb: "list".into(), resource, namespace })
    };
    for _ in 0..100 {
        if may().await == Answer::Allowed(true) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("what was granted in {namespace} was not heard of within 5 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_write_leases_rolls_back_without_a_lock_and_is_told_so() {
    let namespace = "lock-none";
    drop(Command::new("kubectl").args(["delete", "role,rolebinding", "given", "-n", namespace]).output());
    release(namespace, 1, "");
    let admin = world("admin", namespace).await;
    grant(&admin, namespace, json!([{"apiGroups": [""], "resources": ["secrets", "configmaps"], "verbs": ["*"]}]))
        .await;
    let narrow = world("narrow", namespace).await;
    let plan = planned(&narrow, namespace, 1).await;
    assert_eq!(plan.blocked(), None, "{plan:#?}");
    let levels: Vec<_> =
        plan.findings.iter().filter(|f| f.sentence.contains("there is no lock")).map(|f| f.level).collect();
    assert_eq!(levels, [Level::Info; 3], "{:#?}", plan.findings);
    let outcome = rollback::run(&narrow, &plan, "lab", terms("ana"), |_| {}).await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_is_named_before_anything_is_written() {
    let namespace = "lock-rights";
    drop(Command::new("kubectl").args(["delete", "role,rolebinding", "given", "-n", namespace]).output());
    release(
        namespace,
        1,
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}], clusterIP: None}\n",
    );
    let admin = world("admin", namespace).await;
    grant(
        &admin,
        namespace,
        json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "create"]},
            {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["get", "list"]}]),
    )
    .await;
    let plan = planned(&world("narrow", namespace).await, namespace, 1).await;
    let blocks: Vec<&str> = plan
        .findings
        .iter()
        .filter(|f| f.level == Level::Block && f.sentence.starts_with("You may not"))
        .map(|f| f.sentence.as_str())
        .collect();
    assert_eq!(
        blocks,
        [
            "You may not patch configmaps in namespace lock-rights",
            "You may not update secrets in namespace lock-rights"
        ],
        "{:#?}",
        plan.findings
    );
    assert_eq!(one_deployed(&statuses(&admin, namespace).await), 2);
}

const NEEDY: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: 'r/web:VALUE', envFrom: [{configMapRef: {name: elsewhere}}], resources: {requests: {cpu: 500m}}}]
";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_servers_own_objects_tell_is_said_before_the_yes() {
    let namespace = "lock-needs";
    drop(Command::new("kubectl").args(["delete", "resourcequota", "tight", "-n", namespace]).output());
    release(namespace, 1, "");
    let admin = world("admin", namespace).await;
    let folder = std::env::temp_dir().join(format!("lock-needs-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("templates")).expect("a folder");
    std::fs::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n").expect("a chart");
    for tag in ["1", "2"] {
        std::fs::write(folder.join("templates/all.yaml"), NEEDY.replace("VALUE", tag)).expect("a template");
        let (well, error) = helm("helm3", namespace, &["upgrade", RELEASE, folder.to_str().expect("a path")]);
        assert!(well, "{error}");
    }
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "tight"},
        "spec": {"hard": {"requests.cpu": "1"}}});
    put(&admin, ("v1", "ResourceQuota", "resourcequotas"), namespace, quota).await;
    // The controller counts what is there.
    let mut plan = planned(&admin, namespace, 3).await;
    for _ in 0..100 {
        if plan.findings.iter().any(|f| f.sentence.contains("ResourceQuota")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        plan = planned(&admin, namespace, 3).await;
    }
    let level = |words: &str| {
        let found = plan.findings.iter().find(|f| f.sentence.contains(words));
        found.map_or_else(|| panic!("{words}: {:#?}", plan.findings), |f| f.level)
    };
    assert_eq!(level("ConfigMap lock-needs/elsewhere does not exist"), Level::Confirm);
    assert_eq!(level("ResourceQuota lock-needs/tight allows requests.cpu 1"), Level::Warn);
    assert!(plan.findings.iter().all(|f| !f.sentence.contains("have to be pulled")), "its ReplicaSet ran it");
}
