//! `[[cluster]]`: what the operator calls a cluster, tied to what cannot be renamed: the uid of its `kube-system`
//! namespace, or its server and CA.
//!
//! Never: a context's name as proof. A cluster that the file does not know is production.

use super::Config;
use super::mistake::Sheet;
use super::section::Section;
use crate::domain::identity::{Environment, Identity, Pin};

pub(super) const KEYS: &[&str] = &["environment", "uid", "server", "ca"];

/// One known cluster. At least the uid or the server is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// What it is.
    pub environment: Environment,
    /// The uid of `kube-system`.
    pub uid: Option<String>,
    /// The API server's URL.
    pub server: Option<String>,
    /// The first 12 hex digits of the SHA-256 of the CA certificate.
    pub ca: Option<String>,
}

impl Cluster {
    /// Whether this is that cluster: by the uid where both sides have one, else by server and CA together.
    pub fn is(&self, identity: &Identity) -> bool {
        match (&self.uid, &identity.pin) {
            (Some(known), Pin::Uid(seen)) => known == seen,
            (Some(_) | None, Pin::ServerAndCa) | (None, Pin::Uid(_)) => {
                self.server.as_ref() == Some(&identity.server) && self.ca == identity.ca
            }
        }
    }
}

impl Config {
    /// What this cluster is: production unless the file names it otherwise.
    pub fn environment(&self, identity: &Identity) -> Environment {
        self.cluster(identity).map_or(Environment::Production, |cluster| cluster.environment.clone())
    }

    /// The identity with the name that the file gives this cluster.
    pub fn named(&self, identity: Identity) -> Identity {
        Identity { environment: self.environment(&identity), ..identity }
    }

    /// The entry of this cluster, if the file has pinned it.
    pub fn cluster(&self, identity: &Identity) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.is(identity))
    }
}

pub(super) fn read(sheet: &mut Sheet<'_>, top: &Section<'_>) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for section in top.sections(sheet, "cluster") {
        section.only(sheet, KEYS, |key| super::belongs(key, "cluster"));
        let cluster = one(sheet, &section);
        let twice = clusters.iter().any(|other| {
            (cluster.uid.is_some() && other.uid == cluster.uid)
                || (cluster.server.is_some() && (&other.server, &other.ca) == (&cluster.server, &cluster.ca))
        });
        if twice {
            let key = if cluster.uid.is_some() { "uid" } else { "server" };
            section.wrong(sheet, key, "stands in the file twice", "keep one of the two [[cluster]]s");
        }
        clusters.push(cluster);
    }
    clusters
}

fn one(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Cluster {
    let environment = section.needed(sheet, "environment").unwrap_or("production");
    let text = |sheet: &mut Sheet<'_>, key| section.text(sheet, key).map(str::to_owned);
    let cluster = Cluster {
        environment: match environment.to_lowercase().as_str() {
            "production" | "prod" => Environment::Production,
            _ => Environment::Other(crate::domain::text::clean(environment)),
        },
        uid: text(sheet, "uid"),
        server: text(sheet, "server"),
        ca: text(sheet, "ca"),
    };
    if cluster.uid.is_none() && cluster.server.is_none() {
        section.wrong(
            sheet,
            "uid",
            "is missing",
            "write the uid of kube-system, or the server and its ca; `backout init` does it",
        );
    }
    cluster
}
