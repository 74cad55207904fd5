//! The real floor from within a test: its scripts, incidents made by real helm, what helm and the API server say, and
//! who may disturb whom.
//!
//! Never: anything of backout's own; what is read here is the yardstick for it.
#![allow(dead_code, reason = "each file of tests uses its part")]

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Which helm bore a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helm {
    /// Helm 3: client-side apply.
    Three,
    /// Helm 4: server-side apply.
    Four,
}

impl Helm {
    const fn program(self) -> &'static str {
        match self {
            Self::Three => "helm3",
            Self::Four => "helm4",
        }
    }
}

/// A release called `ecommerce-app` in a namespace of its own, which ends with it.
#[derive(Debug)]
pub struct Shop {
    pub namespace: String,
    pub helm: Helm,
}

/// Made by tests/real/test.sh; only looked at.
const PROD: &str = "prod";

/// A line of `helm history`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub revision: u64,
    pub status: String,
    pub description: String,
}

/// Many at once work on a quiet floor, in this process and in others. It is left when the file is dropped.
pub fn among_others() -> File {
    let quiet = quiet();
    quiet.lock_shared().expect("a lock");
    quiet
}

/// Alone on the floor: for a test that kills one of its parts. It waits for all others, and none of them for it as long
/// as it waits.
pub fn alone() -> File {
    let quiet = quiet();
    quiet.lock().expect("a lock");
    quiet
}

/// The lock is the file's: tests/real/test.sh takes it for tests that know nothing of it.
fn quiet() -> File {
    OpenOptions::new().create(true).append(true).open(lab().join("quiet.lock")).expect("the lab's folder")
}

/// The lab's folder.
pub fn lab() -> PathBuf {
    std::env::var_os("LAB_DIR").map(PathBuf::from).expect("LAB_DIR names the lab; run through tests/real/in.sh")
}

/// A user's kubeconfig.
pub fn kubeconfig(user: &str) -> PathBuf {
    lab().join("kube").join(format!("{user}.yaml"))
}

/// Runs a program to its end; its output, or the test fails with all it said.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let out = Command::new(program).args(arguments).env("KUBECONFIG", kubeconfig("admin")).output();
    let out = out.unwrap_or_else(|e| panic!("{program} does not start: {e}"));
    let (said, wrong) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{program} {arguments:?}: {}\n{said}\n{wrong}", out.status);
    said.into_owned()
}

/// Runs a script of tests/real.
pub fn script(name: &str, arguments: &[&str]) -> String {
    run(&format!("{}/tests/real/{name}", env!("CARGO_MANIFEST_DIR")), arguments)
}

/// Waits until something that no screen shows is so.
pub fn until(what: &str, seconds: u64, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Asks the API server, as its administrator.
pub fn get(path: &str) -> Value {
    ask(http::Method::GET, path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn ask(method: http::Method, path: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let answer = async {
        let kubeconfig = kube::config::Kubeconfig::read_from(kubeconfig("admin"))?;
        let config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &kube::config::KubeConfigOptions::default()).await;
        let client = kube::Client::try_from(config?)?;
        Ok(client.request(http::Request::builder().method(method).uri(path).body(Vec::new())?).await?)
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(answer)
}

impl Shop {
    /// Revisions 1 and 2 good, 3 bad by its kind, as tests/real/incident.sh makes them by its further arguments. The
    /// namespace has never been used: neither records nor curves of another run are in it.
    pub fn incident(name: &str, helm: Helm, kind: &str, further: &[&str]) -> Self {
        let shop = Self { namespace: format!("{name}-{}", std::process::id()), helm };
        let fixed = [kind, "--namespace", &shop.namespace, "--helm", helm.program()];
        println!("{}\n{}", shop.namespace, script("incident.sh", &[&fixed, further].concat()));
        shop
    }

    /// The incident in prod that tests/real/test.sh makes; it is only looked at.
    pub fn in_prod() -> Self {
        let shop = Self { namespace: PROD.into(), helm: Helm::Three };
        let newest = shop.history().pop();
        let ready = newest.is_some_and(|l| l.revision == 3 && l.status == "deployed");
        assert!(ready, "an incident in prod is wanted: tests/real/incident.sh bad");
        shop
    }

    /// Runs helm on this namespace.
    pub fn helm(&self, arguments: &[&str]) -> String {
        run(self.helm.program(), &[arguments, &["--namespace", &self.namespace]].concat())
    }

    /// Another revision of the same chart, without waiting for it.
    pub fn upgrade(&self, further: &[&str]) {
        let chart = format!("{}/tests/real/shop/ecommerce-app", env!("CARGO_MANIFEST_DIR"));
        let fixed = ["upgrade", "ecommerce-app", &chart, "--reuse-values", "--qps", "200", "--burst-limit", "400"];
        self.helm(&[&fixed, further].concat());
    }

    /// `helm history`, the oldest first.
    pub fn history(&self) -> Vec<Line> {
        let text = self.helm(&["history", "ecommerce-app", "-o", "json"]);
        let lines: Vec<Value> = serde_json::from_str(&text).expect("helm writes JSON");
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        lines
            .iter()
            .map(|l| Line {
                revision: l["revision"].as_u64().unwrap_or_default(),
                status: text(l, "status"),
                description: text(l, "description"),
            })
            .collect()
    }

    /// Revision and status, as `helm history` has them.
    pub fn statuses(&self) -> Vec<(u64, String)> {
        self.history().into_iter().map(|l| (l.revision, l.status)).collect()
    }

    /// `helm get manifest`
    pub fn manifest(&self, revision: u64) -> String {
        self.helm(&["get", "manifest", "ecommerce-app", "--revision", &revision.to_string()])
    }

    /// What `helm status` says of the release now.
    pub fn status(&self) -> Value {
        serde_json::from_str(&self.helm(&["status", "ecommerce-app", "-o", "json"])).expect("helm writes JSON")
    }

    /// Images by Deployment, live.
    pub fn images(&self) -> Vec<String> {
        let all = self.objects("/apis/apps/v1", "deployments");
        let image = |d: &Value| d["spec"]["template"]["spec"]["containers"][0]["image"].as_str().map(str::to_owned);
        all.iter().filter_map(image).collect()
    }

    /// Name and resource version of every Deployment, Service and ConfigMap; a Deployment by its generation, for its
    /// status moves by itself.
    pub fn versions(&self) -> Vec<(String, String)> {
        let of = |group: &str, plural: &str, at: &str| -> Vec<(String, String)> {
            let name = |o: &Value| format!("{plural} {}", o["metadata"]["name"]);
            self.objects(group, plural).iter().map(|o| (name(o), o["metadata"][at].to_string())).collect()
        };
        let deployments = of("/apis/apps/v1", "deployments", "generation");
        [deployments, of("/api/v1", "services", "resourceVersion"), of("/api/v1", "configmaps", "resourceVersion")]
            .concat()
    }

    /// A ConfigMap's data, live.
    pub fn config(&self, name: &str) -> Value {
        get(&format!("/api/v1/namespaces/{}/configmaps/{name}", self.namespace))["data"].clone()
    }

    fn objects(&self, group: &str, plural: &str) -> Vec<Value> {
        let list = get(&format!("{group}/namespaces/{}/{plural}", self.namespace));
        list["items"].as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if self.namespace != PROD {
            // The controllers clear it out while other tests go on.
            let _ = ask(http::Method::DELETE, &format!("/api/v1/namespaces/{}", self.namespace));
        }
    }
}
