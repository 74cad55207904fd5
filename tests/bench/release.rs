//! A release to roll back: so many objects, every one of which differs between two revisions.
//!
//! Never: a namespace of anything else; it is made anew for each release and deleted behind it.

use std::fmt::{Display, Formatter};
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The release's name.
pub const RELEASE: &str = "shop";

/// What its objects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// ConfigMaps.
    Plain,
    /// ConfigMaps, and one in five a Deployment of one pod.
    Mixed,
    /// Deployments of one pod.
    Pods,
}

impl Shape {
    fn is_deployment(self, place: usize) -> bool {
        match self {
            Self::Plain => false,
            Self::Mixed => place.is_multiple_of(5),
            Self::Pods => true,
        }
    }

    /// How many of so many objects are Deployments.
    pub fn deployments(self, objects: usize) -> usize {
        (0..objects).filter(|place| self.is_deployment(*place)).count()
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain => "ConfigMaps",
            Self::Mixed => "ConfigMaps, 1 in 5 a Deployment",
            Self::Pods => "Deployments",
        })
    }
}

/// A release with its history. It is deleted when it is dropped.
pub struct Release {
    /// Where it is.
    pub namespace: String,
    /// The newest revision.
    pub newest: u32,
}

impl Release {
    /// Installed and upgraded by that helm, as quickly as it can.
    pub fn born(helm: &str, objects: usize, shape: Shape) -> Result<Self> {
        let namespace = format!("bench-{helm}-{objects}-{}", std::process::id());
        let release = Self { namespace, newest: 2 };
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("templates"))?;
        fs::write(folder.path().join("Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n")?;
        for (verb, version) in [("install", "1"), ("upgrade", "2")] {
            let manifest: String = (0..objects).map(|place| object(place, shape, version)).collect();
            fs::write(folder.path().join("templates/all.yaml"), manifest)?;
            let chart = folder.path().to_str().context("a path is text")?;
            let made = Command::new(helm)
                .args([verb, RELEASE, chart, "--create-namespace", "-n", &release.namespace])
                .args(["--qps", "1000", "--burst-limit", "2000"])
                .output()?;
            ensure!(made.status.success(), "{helm} {verb}: {}", String::from_utf8_lossy(&made.stderr));
        }
        Ok(release)
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        let delete = ["delete", "namespace", &self.namespace, "--wait=false"];
        // The lab ends with its run; what is left of it disturbs nobody.
        let _ = Command::new("kubectl").args(delete).stdout(Stdio::null()).status();
    }
}

fn object(place: usize, shape: Shape, version: &str) -> String {
    if !shape.is_deployment(place) {
        return format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{place}}}\n\
             data: {{VERSION: '{version}', LOG_LEVEL: info, DATABASE_URL: 'jdbc:postgresql://db:5432/shop'}}\n"
        );
    }
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{place}, labels: {{app: d{place}}}}}\nspec:\n  \
         replicas: 1\n  selector: {{matchLabels: {{app: d{place}}}}}\n  template:\n    \
         metadata: {{labels: {{app: d{place}}}}}\n    spec:\n      containers:\n      - name: app\n        \
         image: registry.example/d{place}:2.{version}.0\n        env:\n        - {{name: VERSION, value: '{version}'}}\n        \
         ports: [{{containerPort: 8080}}]\n        resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}\n"
    )
}
