//! One release of many cases, rolled back twice from the same store: by the real helm, and by our engine over our own
//! client. What each asked of the server is sorted by case and compared.
//!
//! Never: a judgement of what the server should make of it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backout::act::rollback::{self, TIMEOUT, Terms};
use backout::domain::name::{Namespace, ReleaseName, Revision};
use backout::helm::api::Gvk;
use backout::helm::ask::Ask;
use backout::helm::choices::{Choices, Forced, Manner, Wait};
use backout::helm::holder::Holder;
use backout::helm::payload;
use backout::helm::plan::{Method, Plan};
use backout::helm::progress::Outcome;
use backout::live::{Options, open};
use backout::ports::World;
use serde_json::{Value, json};
use tempfile::TempDir;

pub use super::api::Wire;
use super::api::{Api, path};
use super::case::{Case, NAMESPACE, RELEASE, Sent};
use super::kinds::{Kind, Kinds};

/// Which helm, and how.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub name: &'static str,
    pub helm: &'static str,
    /// The target's `apply_method`; helm 3 writes none.
    pub method: Option<&'static str>,
    pub force: bool,
    pub manner: Manner,
}

pub const HELM3: Way = Way { name: "helm3", helm: "helm3", method: None, force: false, manner: Manner::Exact };
pub const HELM4_CSA: Way =
    Way { name: "helm4 csa", helm: "helm4", method: Some("csa"), force: false, manner: Manner::Exact };
pub const HELM4_SSA: Way =
    Way { name: "helm4 ssa", helm: "helm4", method: Some("ssa"), force: false, manner: Manner::Exact };
pub const HELM4_FORCED: Way = Way { name: "helm4 ssa forced", force: true, ..HELM4_SSA };

impl Way {
    pub fn patches(self) -> Method {
        if self.method == Some("ssa") { Method::Ssa } else { Method::Csa }
    }
}

/// What came of one release.
pub struct Ran {
    /// By case: what helm asked, what we asked; in that order.
    pub cases: Vec<(Vec<Wire>, Vec<Wire>)>,
    /// What we asked as dry runs, by case.
    pub rehearsed: Vec<Vec<Wire>>,
    pub helm: String,
    pub ours: Result<(Plan, Outcome), String>,
    /// The records as each left them.
    pub records: (Vec<Value>, Vec<Value>),
}

/// The server and both who ask it.
pub struct Oracle {
    pub kinds: Arc<Kinds>,
    pub api: Api,
    home: TempDir,
    config: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Oracle {
    pub fn start(kinds: Arc<Kinds>) -> Self {
        let api = Api::start(Arc::clone(&kinds));
        let home = TempDir::new().expect("a folder");
        let config = home.path().join("config");
        let context = json!({"apiVersion": "v1", "kind": "Config", "current-context": "wire",
            "clusters": [{"name": "wire", "cluster": {"server": api.address}}],
            "users": [{"name": "wire", "user": {}}],
            "contexts": [{"name": "wire", "context": {"cluster": "wire", "user": "wire", "namespace": NAMESPACE}}]});
        let mut file = std::fs::File::create(&config).expect("a file");
        file.write_all(context.to_string().as_bytes()).expect("a kubeconfig");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { kinds, api, home, config, runtime }
    }

    /// Where a case's object is served.
    fn path(&self, case: &Case, name: &str) -> String {
        path(self.kind(&case.gvk()), NAMESPACE, name)
    }

    pub fn kind(&self, gvk: &Gvk) -> &Kind {
        self.kinds.of(gvk).unwrap_or_else(|| panic!("{gvk} is not served"))
    }

    fn seed(&self, cases: &[Case], way: Way) {
        let manifest = |of: &dyn Fn(&Case) -> Option<&Value>| {
            let document = |o: &Value| format!("---\n# Source: wire/templates/x.yaml\n{o}\n");
            cases.iter().filter_map(of).map(document).collect::<String>()
        };
        let (newest, target) = (manifest(&|c| c.original.as_ref()), manifest(&|c| c.modified.as_ref()));
        self.seed_manifests(&newest, &target, way);
        let mut store = self.api.store();
        for (at, case) in cases.iter().enumerate() {
            if let Some(live) = &case.live {
                let path = self.path(case, &format!("c{at}"));
                store.objects.insert(path.clone(), live.clone());
                // Only a migration is tried again.
                if way.patches() == Method::Ssa {
                    store.conflicts.insert(path, case.conflicts);
                }
            }
        }
    }

    /// An empty server with a release of two revisions, 1 being the target.
    pub fn seed_manifests(&self, newest: &str, target: &str, way: Way) {
        let mut store = self.api.store();
        store.objects.clear();
        store.wires.clear();
        store.conflicts.clear();
        for (version, status, manifest) in [(1, "superseded", target), (2, "deployed", newest)] {
            let object = record(version, status, manifest, way.method);
            let path = format!("/api/v1/namespaces/{NAMESPACE}/secrets/sh.helm.release.v1.{RELEASE}.v{version}");
            store.objects.insert(path, object);
        }
    }

    /// helm's rollback; what it said.
    pub fn helm(&self, way: Way) -> String {
        let mut command = Command::new(way.helm);
        command
            .args(["rollback", RELEASE, "1", "-n", NAMESPACE, "--history-max", "0"])
            .args(["--qps", "-1", "--burst-limit", "4000"])
            .args(way.force.then_some("--force-conflicts"))
            .env("KUBECONFIG", &self.config)
            .env("HOME", self.home.path());
        for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "XDG_CACHE_HOME", "KUBECACHEDIR"] {
            command.env_remove(proxy);
        }
        let output = command.output().unwrap_or_else(|e| panic!("{} does not run: {e}", way.helm));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn world(&self) -> World {
        let options = Options {
            kubeconfig: Some(self.config.clone()),
            namespace: Some(Namespace::new(NAMESPACE)),
            ..Options::default()
        };
        self.runtime.block_on(open(options)).expect("it opens without asking the server").1
    }

    /// Our rollback.
    pub fn ours(&self, force: Vec<Forced>, manner: Manner) -> Result<(Plan, Outcome), String> {
        let world = self.world();
        let ask = Ask {
            release: ReleaseName::new(RELEASE),
            namespace: Namespace::new(NAMESPACE),
            to: Revision(1),
            context: "wire".into(),
            timeout: TIMEOUT,
            wait: Wait::Not,
            choices: Choices { manner, force: force.into_iter().collect(), ..Choices::default() },
            holder: Holder::default(),
            cut_off: None,
        };
        self.runtime.block_on(async {
            let plan = rollback::planned(&world, ask).await.map_err(|refusal| refusal.sentence)?;
            let terms = Terms { wait: Wait::Not, ..Terms::default() };
            let outcome = rollback::run(&world, &plan, "wire", terms, |_| {}).await;
            Ok((plan, outcome))
        })
    }

    /// What is asked for a case, without addresses, as a fixture keeps it.
    pub fn sent(wires: &[Wire]) -> Vec<Sent> {
        let one = |w: &Wire| Sent { how: format!("{} {}", w.method, w.content_type), body: w.body.clone() };
        wires.iter().map(one).collect()
    }

    /// Both, from the same store.
    pub fn run(&self, cases: &[Case], way: Way) -> Ran {
        let cases: Vec<Case> = cases.iter().enumerate().map(|(at, c)| c.named(&format!("c{at}"))).collect();
        self.seed(&cases, way);
        let helm = self.helm(way);
        let (theirs, their_records) = self.taken();
        self.seed(&cases, way);
        let forced = |(at, case): (usize, &Case)| {
            way.force.then(|| Forced { kind: case.gvk().kind.to_lowercase(), name: format!("c{at}") })
        };
        let ours = self.ours(cases.iter().enumerate().filter_map(forced).collect(), way.manner);
        let (own, own_records) = self.taken();
        let (rehearsed, own): (Vec<Wire>, Vec<Wire>) = own.into_iter().partition(Wire::is_dry);
        let by_case = |wires: &[Wire]| -> Vec<Vec<Wire>> {
            let mut by_path: BTreeMap<String, Vec<Wire>> = BTreeMap::new();
            for wire in wires {
                by_path.entry(object_of(wire)).or_default().push(wire.clone());
            }
            let of =
                |(at, case): (usize, &Case)| by_path.remove(&self.path(case, &format!("c{at}"))).unwrap_or_default();
            cases.iter().enumerate().map(of).collect()
        };
        Ran {
            cases: by_case(&theirs).into_iter().zip(by_case(&own)).collect(),
            rehearsed: by_case(&rehearsed),
            helm,
            ours,
            records: (their_records, own_records),
        }
    }

    fn taken(&self) -> (Vec<Wire>, Vec<Value>) {
        let mut store = self.api.store();
        let records =
            store.objects.iter().filter(|(p, _)| p.contains("/secrets/sh.helm")).map(|(_, o)| release(o)).collect();
        (std::mem::take(&mut store.wires), records)
    }
}

/// The object that a request is about: a POST names it in its body.
fn object_of(wire: &Wire) -> String {
    if wire.method != "POST" {
        return wire.path.clone();
    }
    format!("{}/{}", wire.path, wire.body["metadata"]["name"].as_str().unwrap_or_default())
}

static RECORDS: AtomicUsize = AtomicUsize::new(7);

fn record(version: u32, status: &str, manifest: &str, method: Option<&str>) -> Value {
    let mut release = json!({
        "name": RELEASE, "namespace": NAMESPACE, "version": version, "manifest": manifest,
        "info": {"first_deployed": "2026-01-01T00:00:00Z", "last_deployed": "2026-01-02T00:00:00Z", "deleted": "",
            "description": "Upgrade complete", "status": status},
        "chart": {"metadata": {"name": "wire", "version": "1.0.0", "apiVersion": "v2"}, "lock": null, "templates": [],
            "values": {}, "schema": null, "files": null},
    });
    if let Some(method) = method {
        release["apply_method"] = method.into();
    }
    let text = payload::deflate(release.to_string().as_bytes()).expect("gzip");
    let labels = json!({"name": RELEASE, "owner": "helm", "status": status, "version": version.to_string(),
        "createdAt": "1767225600"});
    let version_there = RECORDS.fetch_add(1, Ordering::Relaxed).to_string();
    json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
        "metadata": {"name": format!("sh.helm.release.v1.{RELEASE}.v{version}"), "namespace": NAMESPACE,
            "resourceVersion": version_there, "labels": labels},
        "data": {"release": payload::wire(payload::Driver::Secret, &text)}})
}

/// A record's content, without its times.
fn release(object: &Value) -> Value {
    let json = payload::inflate(&payload::text(object).expect("a payload")).expect("JSON");
    let mut release: Value = serde_json::from_slice(&json).expect("a release");
    for time in ["last_deployed", "deleted"] {
        if let Some(info) = release["info"].as_object_mut() {
            info.remove(time);
        }
    }
    if let Some(chart) = release["chart"].as_object_mut() {
        chart.retain(|name, _| !name.ends_with("modtime"));
    }
    release
}
