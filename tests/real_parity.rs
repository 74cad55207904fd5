//! Our rollback against helm's own, on a real API server: two namespaces, the same steps, helm rolls one back and we the
//! other; then objects and records must be equal, but for times, uids and versions.
//!
//! Run inside the lab's network: `tests/real/in.sh cargo test --features real --test real_parity`.
#![cfg(feature = "real")]
#![expect(clippy::disallowed_methods, reason = "helm itself is run, as the oracle")]
#![expect(clippy::print_stdout, reason = "what was compared is told")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use backout::act::rollback;
use backout::domain::name::{Namespace, ReleaseName, Revision};
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, Resource, Verb};
use backout::helm::ask::store;
use backout::helm::payload::{self, Driver};
use backout::helm::plan::{Method, Plan, Refusal};
use backout::helm::progress::Outcome;
use backout::helm::rollback::Wait;
use backout::live::{Options, open};
use backout::ports::World;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

const RELEASE: &str = "par";

/// What somebody does to the live objects between upgrade and rollback.
#[derive(Clone)]
enum Meddle {
    /// As `kubectl edit`: a merge patch by another manager. Kind, name, patch.
    Patch(&'static str, &'static str, Value),
    Delete(&'static str, &'static str),
    Create(&'static str, Value),
}

struct Case {
    name: &'static str,
    old: &'static str,
    new: &'static str,
    meddle: Vec<Meddle>,
}

fn plural(kind: &str) -> Resource {
    let (version, plural) = match kind {
        "Deployment" => ("apps/v1", "deployments"),
        "StatefulSet" => ("apps/v1", "statefulsets"),
        "Job" => ("batch/v1", "jobs"),
        "CronJob" => ("batch/v1", "cronjobs"),
        "PodDisruptionBudget" => ("policy/v1", "poddisruptionbudgets"),
        "Service" => ("v1", "services"),
        "ServiceAccount" => ("v1", "serviceaccounts"),
        "Secret" => ("v1", "secrets"),
        "Role" => ("rbac.authorization.k8s.io/v1", "roles"),
        "Ingress" => ("networking.k8s.io/v1", "ingresses"),
        _ => ("v1", "configmaps"),
    };
    Resource { gvk: Gvk::new(version, kind), plural: plural.into(), namespaced: true }
}

const KINDS: [&str; 11] = [
    "Deployment",
    "StatefulSet",
    "Job",
    "CronJob",
    "PodDisruptionBudget",
    "Service",
    "ServiceAccount",
    "Secret",
    "Role",
    "Ingress",
    "ConfigMap",
];

struct Side {
    world: World,
    client: kube::Client,
    namespace: Namespace,
    /// What installs, and what upgrades and rolls back.
    helm: (&'static str, &'static str),
}

impl Side {
    async fn open(helm: (&'static str, &'static str), namespace: &str) -> Self {
        let lab = std::env::var_os("LAB_DIR").expect("LAB_DIR names the lab; run through tests/real/in.sh");
        let file = PathBuf::from(lab).join("kube/admin.yaml");
        let namespace = Namespace::new(namespace);
        let options =
            Options { kubeconfig: Some(file.clone()), namespace: Some(namespace.clone()), ..Options::default() };
        let (_, world) = open(options).await.expect("the lab is up");
        let kubeconfig = kube::config::Kubeconfig::read_from(&file).expect("a kubeconfig");
        let choice = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &choice).await.expect("a config");
        let client = kube::Client::try_from(config).expect("a client");
        let side = Self { world, client, namespace, helm };
        let resource = Resource { gvk: Gvk::new("v1", "Namespace"), plural: "namespaces".into(), namespaced: false };
        let target = ObjectRef { resource, namespace: None, name: side.namespace.as_str().into() };
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": target.name}});
        side.world.cluster.call(Call::Object { target, verb: Verb::Create(body), mode: Mode::Commit }).await;
        side
    }

    fn helm(&self, arguments: &[&str]) -> (bool, String) {
        let program = if arguments.first() == Some(&"install") { self.helm.0 } else { self.helm.1 };
        let output = Command::new(program)
            .args(arguments)
            .args(["-n", self.namespace.as_str(), "--qps", "200", "--burst-limit", "400"])
            .output()
            .expect("helm runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    async fn prepare(&self, case: &Case) {
        drop(self.helm(&["uninstall", RELEASE]));
        let folder = std::env::temp_dir().join(format!("parity-{}-{}", std::process::id(), self.namespace));
        for (verb, manifest) in [("install", case.old), ("upgrade", case.new)] {
            let templates = folder.join("templates");
            drop(std::fs::remove_dir_all(&folder));
            std::fs::create_dir_all(&templates).expect("a folder");
            std::fs::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: par\nversion: 1.0.0\n").expect("a chart");
            std::fs::write(templates.join("all.yaml"), manifest).expect("a template");
            let (well, error) = self.helm(&[verb, RELEASE, folder.to_str().expect("a path")]);
            assert!(well, "{}: {verb}: {error}", case.name);
        }
        for meddle in &case.meddle {
            self.meddle(meddle.clone()).await.expect("somebody meddles");
        }
    }

    /// By a field manager of its own, as a person with kubectl would be.
    async fn meddle(&self, meddle: Meddle) -> Result<(), kube::Error> {
        let api = |kind: &str| {
            let Resource { gvk, plural, .. } = plural(kind);
            let gvk = kube::api::GroupVersionKind::gvk(&gvk.group, &gvk.version, &gvk.kind);
            let resource = kube::api::ApiResource::from_gvk_with_plural(&gvk, &plural);
            Api::<DynamicObject>::namespaced_with(self.client.clone(), self.namespace.as_str(), &resource)
        };
        let manager = Some("meddler".to_owned());
        match meddle {
            Meddle::Patch(kind, name, patch) => {
                let params = PatchParams { field_manager: manager, ..PatchParams::default() };
                api(kind).patch(name, &params, &Patch::Merge(patch)).await.map(drop)
            }
            Meddle::Delete(kind, name) => api(kind).delete(name, &DeleteParams::default()).await.map(drop),
            Meddle::Create(kind, body) => {
                let params = PostParams { field_manager: manager, ..PostParams::default() };
                let object = serde_json::from_value(body).expect("an object");
                api(kind).create(&params, &object).await.map(drop)
            }
        }
    }

    async fn ours(&self, to: u32) -> Result<(Plan, Outcome), Refusal> {
        let (release, namespace) = (ReleaseName::new(RELEASE), self.namespace.clone());
        let plan = rollback::plan(&self.world, release, namespace, Revision(to), "lab", rollback::TIMEOUT).await?;
        let outcome = rollback::run(
            &self.world,
            &plan,
            "lab",
            rollback::Terms { wait: Wait::Not, ..rollback::Terms::default() },
            |_| {},
        )
        .await;
        Ok((plan, outcome))
    }

    /// Everything in the namespace, normalised.
    async fn dump(&self) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for kind in KINDS {
            let call =
                Call::List { resource: plural(kind), namespace: Some(self.namespace.clone()), labels: String::new() };
            let Answer::List(objects) = self.world.cluster.call(call).await else { continue };
            for object in objects {
                let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
                if name == "kube-root-ca.crt" || name == "default" {
                    continue;
                }
                all.insert(format!("{kind} {name}"), normal(object, self.namespace.as_str()));
            }
        }
        all
    }

    async fn records(&self) -> Vec<Value> {
        let call = Call::List {
            resource: store(Driver::Secret),
            namespace: Some(self.namespace.clone()),
            labels: "owner=helm".into(),
        };
        let Answer::List(mut objects) = self.world.cluster.call(call).await else { return Vec::new() };
        objects.sort_by_key(|o| o["metadata"]["name"].as_str().map(str::to_owned));
        objects.iter().map(|o| release(o, self.namespace.as_str())).collect()
    }
}

/// Times, uids, versions and the namespace's name are each side's own.
fn normal(mut object: Value, namespace: &str) -> Value {
    let record = object["metadata"]["name"].as_str().is_some_and(|n| n.starts_with("sh.helm"));
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
        if record {
            map.remove("data");
        }
    }
    if record && let Some(meta) = object["metadata"].as_object_mut() {
        // helm writes its records under the name of its binary.
        meta.remove("managedFields");
    }
    if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
        annotations.remove("deployment.kubernetes.io/revision");
    }
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        if let Some(meta) = object["metadata"].as_object_mut() {
            meta.remove(field);
        }
    }
    if let Some(entries) = object["metadata"]["managedFields"].as_array_mut() {
        entries.retain(|e| e["manager"] == "helm" || e["manager"] == "meddler");
        entries.iter_mut().filter_map(Value::as_object_mut).for_each(|e| drop(e.remove("time")));
        entries.sort_by_key(|e| e["manager"].to_string() + &e["operation"].to_string());
    }
    for address in ["clusterIP", "clusterIPs", "healthCheckNodePort"] {
        if let Some(spec) = object["spec"].as_object_mut() {
            spec.remove(address);
        }
    }
    for port in object["spec"]["ports"].as_array_mut().into_iter().flatten() {
        if let Some(port) = port.as_object_mut() {
            port.remove("nodePort");
        }
    }
    for stamp in ["createdAt", "modifiedAt"] {
        if let Some(labels) = object["metadata"]["labels"].as_object_mut() {
            labels.remove(stamp);
        }
    }
    let text = object.to_string().replace(namespace, "NAMESPACE");
    serde_json::from_str(&scrubbed(&text)).expect("JSON")
}

/// The controllers' own marks, which carry uids.
fn scrubbed(text: &str) -> String {
    let mut out = text.to_owned();
    for label in ["controller-uid\":\"", "job-name\":\""] {
        while let Some(at) = out.find(label) {
            let end = out[at + label.len()..].find('"').map_or(out.len(), |e| at + label.len() + e);
            out.replace_range(at..end, "scrubbed\":\"");
        }
    }
    out
}

fn release(object: &Value, namespace: &str) -> Value {
    let json = payload::inflate(&payload::text(object).expect("a payload")).expect("JSON");
    let mut release: Value = serde_json::from_slice(&json).expect("a release");
    for time in ["first_deployed", "last_deployed"] {
        if let Some(info) = release["info"].as_object_mut() {
            info.remove(time);
        }
    }
    if let Some(chart) = release["chart"].as_object_mut() {
        chart.retain(|name, _| !name.ends_with("modtime"));
    }
    for file in release["chart"]["templates"].as_array_mut().into_iter().flatten() {
        if let Some(file) = file.as_object_mut() {
            file.remove("modtime");
        }
    }
    for hook in release["hooks"].as_array_mut().into_iter().flatten() {
        for time in ["started_at", "completed_at"] {
            if let Some(run) = hook["last_run"].as_object_mut() {
                run.remove(time);
            }
        }
    }
    serde_json::from_str(&release.to_string().replace(namespace, "NAMESPACE")).expect("JSON")
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: r/web:1
        env: [{name: A, value: '1'}, {name: B, value: '2'}]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: TCP, name: dns}]
";
const WEB_NEW: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, more: x}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      volumes: [{name: v, emptyDir: {}}]
      containers:
      - name: side
        image: r/side:1
      - name: app
        image: r/web:2
        env: [{name: B, value: '9'}, {name: C, value: '3'}]
        ports: [{containerPort: 53, protocol: TCP, name: dns}, {containerPort: 8080}]
        volumeMounts: [{name: v, mountPath: /v}]
";
const RECREATE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'r/web:1'}]}
";
const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1', b: '2'}\n";
const CONFIG_NEW: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2', c: '3'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {x: '1'}\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  selector: {app: web}\n  ports:
  - {name: dns, port: 53, protocol: TCP}\n  - {name: dns-udp, port: 53, protocol: UDP}\n";
const SERVICE_NEW: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  type: NodePort\n  selector: {app: web}\n  ports:
  - {name: http, port: 80}\n  - {name: dns, port: 53, protocol: TCP}\n";
const YAML: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  replicas: 0b1
  template:
    metadata: {labels: {app: web}, annotations: {b: !!binary aGVsbG8=, d: '2024-01-01', n: '1_000'}}
    spec:
      hostNetwork: off
      enableServiceLinks: no
      terminationGracePeriodSeconds: 0x1F
      volumes: [{name: s, secret: {secretName: x, defaultMode: 0644}}, {name: t, secret: {secretName: x, defaultMode: 0o600}}]
      containers: [{name: app, image: 'r/web:1', command: [\"a\", '1:30'], livenessProbe: ~}]
";
const STATEFUL: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'r/db:1'}]}}
";
const LISTED: &str = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: l}
  data: {k: '1'}\n- apiVersion: policy/v1\n  kind: PodDisruptionBudget\n  metadata: {name: p}
  spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n";
const LISTED_NEW: &str = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}
spec: {minAvailable: 2, selector: {matchLabels: {app: other}}}\n";
const KEEP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n  annotations: {helm.sh/resource-policy: keep}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '2'}\n";
const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: x}\ndata: {b: eQ==}\n";
const SECRET_NEW: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: z}\n";

const HOOKED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: {helm.sh/hook: 'pre-rollback,post-rollback', helm.sh/hook-weight: '-1'}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/migrate:1'}]}}}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gone
  annotations: {helm.sh/hook: pre-rollback, helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded'}\n";
const ROLE: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\nimagePullSecrets: [{name: x}]\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]\n---
apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cj}\nspec:\n  schedule: '0 0 1 1 *'\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
    containers: [{name: a, image: 'r/a:1', env: [{name: X, value: '1'}]}]}}}}\n---
apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {defaultBackend: {service: {name: s, port: {number: 80}}}}\n";
const ROLE_NEW: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\nimagePullSecrets: [{name: q}, {name: x}]\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n---
apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cj}\nspec:\n  schedule: '0 0 2 1 *'\n  suspend: true\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
    containers: [{name: b, image: 'r/b:1'}, {name: a, image: 'r/a:2'}]}}}}\n---
apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {rules: [{host: a.b, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 81}}}}]}}]}\n";

fn cases() -> Vec<Case> {
    let replicas = json!({"spec": {"replicas": 3}});
    let container = json!({"metadata": {"annotations": {"by": "hand"}}, "spec": {"minReadySeconds": 3}});
    let own = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}, "data": {"mine": "1"}});
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {k: '1'}\n";
    let case = |name, old, new, meddle| Case { name, old, new, meddle };
    vec![
        case("image, env, ports, order, volumes", WEB, WEB_NEW, vec![]),
        case("identical", WEB, WEB, vec![]),
        case("a config map changed, one too many", CONFIG, CONFIG_NEW, vec![]),
        case("strategy to recreate", RECREATE, WEB, vec![]),
        case("ports of two protocols, node port", SERVICE, SERVICE_NEW, vec![]),
        case("the YAML of 1.1", YAML, WEB, vec![]),
        case("a stateful set", STATEFUL, CONFIG, vec![]),
        case("a list, a disruption budget", LISTED, LISTED_NEW, vec![]),
        case("keep", CONFIG, KEEP, vec![]),
        case("a secret", SECRET, SECRET_NEW, vec![]),
        case("hooks", HOOKED, CONFIG, vec![]),
        case("accounts, roles, cron jobs, ingresses", ROLE, ROLE_NEW, vec![]),
        case("scaled by hand", WEB, WEB_NEW, vec![Meddle::Patch("Deployment", "web", replicas)]),
        case("added by hand", WEB, WEB_NEW, vec![Meddle::Patch("Deployment", "web", container)]),
        case("deleted by hand", CONFIG, CONFIG_NEW, vec![Meddle::Delete("ConfigMap", "c")]),
        case("made by hand", other, CONFIG, vec![Meddle::Create("ConfigMap", own)]),
    ]
}

async fn compare(helms: (&'static str, &'static str), helm: &str) {
    let (theirs, ours) = (Side::open(helms, &format!("{helm}-t")).await, Side::open(helms, &format!("{helm}-o")).await);
    for case in cases() {
        theirs.prepare(&case).await;
        ours.prepare(&case).await;
        let (well, error) = theirs.helm(&["rollback", RELEASE, "1", "--history-max", "0"]);
        let (plan, outcome) = match ours.ours(1).await {
            Ok(done) => done,
            Err(refusal) => {
                assert!(!well, "{helm}, {}: helm does what we refuse: {refusal:?}", case.name);
                continue;
            }
        };
        if let Outcome::Void { why } = &outcome {
            println!("{helm}, {}: blocked: {why}; helm: {well} {error}", case.name);
            assert!(!well || plan.blocked().is_some_and(|b| b.sentence.contains("nothing would change")), "{why}");
            continue;
        }
        assert_eq!(matches!(outcome, Outcome::Applied { .. }), well, "{helm}, {}: {outcome:?} {error}", case.name);
        let (a, b) = (theirs.dump().await, ours.dump().await);
        assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{helm}, {}", case.name);
        // Taking over what helm does not know, helm deletes what it does not mention; we do not (deviation D7).
        let deviates = case.name == "made by hand" && plan.method == Method::Csa;
        for (name, object) in a.iter().filter(|_| !deviates) {
            let own = b.get(name).unwrap_or(&Value::Null);
            assert_eq!(own, object, "\n{helm}, {}, {name}\nours: {own}\ntheirs: {object}", case.name);
        }
        let (a, b) = (theirs.records().await, ours.records().await);
        for (own, record) in b.iter().zip(&a) {
            assert_eq!(own, record, "\n{helm}, {}\nours: {own}\ntheirs: {record}", case.name);
        }
        assert_eq!(a.len(), b.len(), "{helm}, {}", case.name);
        println!("{helm}, {}: equal", case.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_rollback_is_helm_3s() {
    compare(("helm3", "helm3"), "helm3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_rollback_is_helm_4s() {
    compare(("helm4", "helm4"), "helm4").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_rollback_of_a_release_born_under_helm_3_is_helm_4s() {
    compare(("helm3", "helm4"), "helm34").await;
}
