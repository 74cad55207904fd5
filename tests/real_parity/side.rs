//! One namespace with the release of a case: what helm and people do there, and how it is rolled back.
//!
//! Never: judging; that is the table's.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use backout::act::rollback::{self, Terms};
use backout::domain::name::{Namespace, ReleaseName, Revision};
use backout::helm::ask::Ask;
use backout::helm::choices::{Choices, Manner};
use backout::helm::holder::Holder;
use backout::helm::payload;
use backout::helm::progress::Outcome;
use backout::live::{Options, open};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::case::{Case, Path, Step};
use crate::floor::{MEDDLER, Server, kubeconfig};

pub const RELEASE: &str = "par";

/// Who rolls a side back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Helm,
    Ours(Manner),
}

impl Who {
    pub const ALL: [Self; 3] = [Self::Helm, Self::Ours(Manner::Exact), Self::Ours(Manner::Mended)];

    const fn word(self) -> &'static str {
        match self {
            Self::Helm => "helm",
            Self::Ours(Manner::Exact) => "exact",
            Self::Ours(Manner::Mended) => "mended",
        }
    }
}

/// How a rollback ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It went well, or it failed with this message.
    Ran { well: bool, said: String },
    /// Nothing was written, and why.
    Refused(String),
}

impl End {
    pub const fn failed(&self) -> bool {
        matches!(self, Self::Ran { well: false, .. })
    }
}

#[derive(Clone)]
pub struct Side {
    pub case: Case,
    pub path: Path,
    pub who: Who,
    pub namespace: String,
    /// The folder of the programs and charts.
    folder: PathBuf,
    server: Server,
}

impl Side {
    pub fn new(case: &Case, (path, who): (Path, Who), folder: PathBuf, server: Server) -> Self {
        let id = case.id.to_lowercase();
        let namespace = format!("par-{}-{id}-{}-{}", std::process::id(), path.word(), who.word());
        Self { case: case.clone(), path, who, namespace, folder, server }
    }

    fn chart(&self, manifest: &str) -> PathBuf {
        let folder = self.folder.join(format!("{}-{}", self.case.id, self.path.word()));
        let all = [self.case.old, self.case.new];
        let further = self.case.after.iter().filter_map(|s| match s {
            Step::Upgrade(manifest, _) => Some(*manifest),
            _ => None,
        });
        let place = all.into_iter().chain(further).position(|m| m == manifest).expect("a manifest of the case");
        folder.join(place.to_string())
    }

    /// Writes the charts of a case: once for all sides, for helm 4 notes the files' times.
    pub fn write_charts(&self) {
        let further = self.case.after.iter().filter_map(|s| match s {
            Step::Upgrade(manifest, _) => Some(*manifest),
            _ => None,
        });
        for manifest in [self.case.old, self.case.new].into_iter().chain(further) {
            let folder = self.chart(manifest);
            std::fs::create_dir_all(folder.join("templates")).expect("a folder");
            std::fs::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: par\nversion: 1.0.0\n").expect("a file");
            std::fs::write(folder.join("templates/all.yaml"), manifest).expect("a file");
            for (name, text) in &self.case.files {
                std::fs::write(folder.join(name), text).expect("a file");
            }
        }
    }

    /// From nothing to what is to be rolled back.
    ///
    /// # Errors
    /// What helm or the server said against it.
    pub async fn prepare(&self) -> Result<(), String> {
        for namespace in [self.namespace.clone(), format!("{}-b", self.namespace)] {
            if namespace == self.namespace || self.case.old.contains("Namespace }}-b") {
                let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
                self.server.post("/api/v1/namespaces", &body).await?;
            }
        }
        self.steps(&self.case.before).await?;
        self.rolls_out("install", self.case.install, self.case.old, true).await?;
        self.steps(&self.case.between).await?;
        self.rolls_out("upgrade", self.case.upgrade, self.case.new, true).await?;
        self.steps(&self.case.after).await
    }

    async fn rolls_out(&self, verb: &str, further: &[&str], manifest: &str, wanted: bool) -> Result<(), String> {
        let chart = self.chart(manifest);
        // The server judges; the schemas that helm would read first cost it most of its time.
        let plain = [verb, RELEASE, chart.to_str().expect("a path"), "--disable-openapi-validation"];
        let arguments = [&plain, further].concat();
        let (well, said) = self.helm(&arguments).await;
        if well != wanted {
            return Err(format!("{arguments:?}: {said}"));
        }
        self.settled().await;
        Ok(())
    }

    async fn helm(&self, arguments: &[&str]) -> (bool, String) {
        let (installs, further) = self.path.helms();
        let major = if arguments.first() == Some(&"install") { installs } else { further };
        // Called helm, as everybody's: it is the field manager's name.
        let output = Command::new(self.folder.join(format!("helm{major}/helm")))
            .args(arguments)
            .args(["-n", &self.namespace, "--qps", "200", "--burst-limit", "400"])
            .env("KUBECONFIG", kubeconfig())
            .env("HELM_DRIVER", self.case.driver)
            .output()
            .await
            .expect("helm runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }

    pub async fn roll_back(&self) -> Result<End, String> {
        let rolling = async {
            match self.who {
                Who::Helm => {
                    let (well, said) = self.helm(&[&["rollback", RELEASE, "1"], self.case.flags].concat()).await;
                    End::Ran { well, said }
                }
                Who::Ours(manner) => self.ours(manner).await,
            }
        };
        let (end, beside) = futures::future::join(rolling, self.steps(&self.case.meanwhile)).await;
        self.settled().await;
        beside.map(|()| end)
    }

    async fn ours(&self, manner: Manner) -> End {
        let namespace = Namespace::new(&self.namespace);
        let (kubeconfig, place) = (Some(kubeconfig()), Some(namespace.clone()));
        let options = Options { kubeconfig, namespace: place, ..Options::default() };
        let (_, world) = open(options).await.expect("the lab is up");
        let choices = Choices { manner, ..self.case.choices.clone() };
        let timeout = Duration::from_secs(if self.case.flags.contains(&"3s") { 3 } else { 60 });
        let holder = Holder { person: "ana".into(), host: "bastion".into(), pid: 1 };
        let ask = Ask {
            release: ReleaseName::new(RELEASE),
            namespace,
            to: Revision(1),
            context: "lab".into(),
            timeout,
            wait: self.case.wait,
            choices,
            holder: holder.clone(),
            cut_off: None,
        };
        let plan = match rollback::planned(&world, ask).await {
            Ok(plan) => plan,
            Err(refusal) => return End::Refused(refusal.sentence),
        };
        let terms = Terms { timeout, wait: self.case.wait, holder };
        match rollback::run(&world, &plan, "lab", terms, |_| {}).await {
            Outcome::SeenReady { .. } => End::Ran { well: true, said: String::new() },
            Outcome::Applied { unready, .. } => End::Ran { well: unready.is_empty(), said: unready },
            Outcome::Failed { why, .. } | Outcome::Unknown { why } => End::Ran { well: false, said: why },
            Outcome::Void { why } => End::Refused(why),
        }
    }

    async fn steps(&self, steps: &[Step]) -> Result<(), String> {
        for step in steps {
            self.step(step).await.map_err(|e| format!("{step:?}: {e}"))?;
        }
        Ok(())
    }

    async fn step(&self, step: &Step) -> Result<(), String> {
        let manager = format!("fieldManager={MEDDLER}");
        match step {
            Step::Edit(kind, name, patch) => {
                self.server.edit(&format!("{}?{manager}", self.at(kind, name)), patch).await.map(drop)
            }
            Step::Scale(kind, name, replicas) => {
                let patch = json!({"spec": {"replicas": replicas}});
                self.server.edit(&format!("{}/scale?{manager}", self.at(kind, name)), &patch).await.map(drop)
            }
            Step::Delete(kind, name) => {
                self.server.delete(&self.at(kind, name)).await;
                self.until(&format!("{kind} {name} is gone"), async || {
                    self.server.get(&self.at(kind, name)).await.is_none()
                })
                .await;
                Ok(())
            }
            Step::Create(object) => {
                let body: Value =
                    serde_json::from_str(&object.to_string().replace("NS", &self.namespace)).expect("an object");
                let path = self.at(body["kind"].as_str().unwrap_or_default(), "");
                self.server.post(&format!("{}?{manager}", path.trim_end_matches('/')), &body).await?;
                if body["kind"] == "CustomResourceDefinition" {
                    self.until("the new kind is served", async || {
                        self.server.get(&self.at("Widget", "")).await.is_some()
                    })
                    .await;
                }
                Ok(())
            }
            Step::Helm(arguments, wanted) => {
                let (well, said) = self.helm(arguments).await;
                if well == *wanted { Ok(()) } else { Err(said) }
            }
            Step::Upgrade(manifest, wanted) => self.rolls_out("upgrade", self.case.upgrade, manifest, *wanted).await,
            Step::Admit(condition) => {
                self.server.admit(&self.namespace, condition).await;
                Ok(())
            }
            Step::Seed(status, hours) => self.seed(status, *hours).await,
            Step::Corrupt(revision) => {
                let patch = json!({"data": {"release": STANDARD.encode(STANDARD.encode("no gzip"))}});
                self.server.edit(&self.at("Secret", &key(*revision)), &patch).await.map(drop)
            }
            Step::LetGo(kind, name) => self.let_go(kind, name).await,
            Step::Await(kind, name) => {
                self.until(&format!("{kind} {name} is there"), async || {
                    self.server.get(&self.at(kind, name)).await.is_some()
                })
                .await;
                Ok(())
            }
        }
    }

    async fn let_go(&self, kind: &str, name: &str) -> Result<(), String> {
        let held = async || {
            let object = self.server.get(&self.at(kind, name)).await.unwrap_or_default();
            !object["metadata"]["deletionTimestamp"].is_null()
        };
        self.until(&format!("{kind} {name} is being deleted"), held).await;
        let (began, record) = (Instant::now(), self.at("Secret", &key(3)));
        self.until("the record is closed", async || {
            let record = self.server.get(&record).await.unwrap_or_default();
            record["metadata"]["labels"]["status"] != "pending-rollback" || began.elapsed().as_secs() >= 8
        })
        .await;
        let free = json!({"metadata": {"finalizers": null}});
        self.server.edit(&self.at(kind, name), &free).await.map(drop)
    }

    /// The newest record as somebody's helm may have left it.
    async fn seed(&self, status: &str, hours: i64) -> Result<(), String> {
        let mut newest = 1;
        while self.server.get(&self.at("Secret", &key(newest + 1))).await.is_some() {
            newest += 1;
        }
        let at = self.at("Secret", &key(newest));
        let record = self.server.get(&at).await.expect("a record");
        let json = payload::inflate(&payload::text(&record)?)?;
        let mut release: Value = serde_json::from_slice(&json).expect("JSON");
        let then = chrono::DateTime::parse_from_rfc3339(release["info"]["last_deployed"].as_str().unwrap_or_default());
        release["info"]["status"] = status.into();
        release["info"]["last_deployed"] =
            (then.expect("a time") - chrono::TimeDelta::hours(hours)).to_rfc3339().into();
        let text = payload::deflate(release.to_string().as_bytes())?;
        let patch = json!({"metadata": {"labels": {"status": status}}, "data": {"release": STANDARD.encode(text)}});
        self.server.edit(&at, &patch).await.map(drop)
    }

    /// Where an object of this side is served.
    fn at(&self, kind: &str, name: &str) -> String {
        let (api, plural) = match kind {
            "Deployment" => ("apis/apps/v1", "deployments"),
            "StatefulSet" => ("apis/apps/v1", "statefulsets"),
            "Job" => ("apis/batch/v1", "jobs"),
            "Service" => ("api/v1", "services"),
            "Secret" => ("api/v1", "secrets"),
            "ConfigMap" => ("api/v1", "configmaps"),
            "Widget" => (&*format!("apis/{}.example/v1", self.namespace), "widgets"),
            "CustomResourceDefinition" => {
                let name = name.replace("NS", &self.namespace);
                return format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
            }
            other => panic!("where is a {other}?"),
        };
        format!("/{api}/namespaces/{}/{plural}/{name}", self.namespace).trim_end_matches('/').to_owned()
    }

    /// Every controller has seen the last change: what it writes into the objects themselves is there.
    async fn settled(&self) {
        for plural in ["deployments", "statefulsets"] {
            let path = format!("/apis/apps/v1/namespaces/{}/{plural}", self.namespace);
            let observed =
                |o: &Value| o["status"]["observedGeneration"].as_i64() >= o["metadata"]["generation"].as_i64();
            self.until("every controller has seen it", async || {
                let list = self.server.get(&path).await.unwrap_or_default();
                list["items"].as_array().into_iter().flatten().all(observed)
            })
            .await;
        }
    }

    async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let began = Instant::now();
        while !condition().await {
            assert!(began.elapsed() < Duration::from_secs(90), "{}: not within 90 s: {what}", self.namespace);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn forget(&self) {
        self.server.forget(&self.namespace).await;
        if self.case.old.contains("Namespace }}-b") {
            self.server.delete(&format!("/api/v1/namespaces/{}-b", self.namespace)).await;
        }
    }
}

pub fn key(revision: u32) -> String {
    format!("sh.helm.release.v1.{RELEASE}.v{revision}")
}
