//! One revision's record as Helm stores it: read, changed in the few members that a rollback changes, written.
//!
//! The payload stays a map of raw JSON: members that no version of ours knows are kept, and chart and config are never
//! decoded to write the next revision. Both dialects (helm 3, helm 4 with `apply_method`) are read and written.
//!
//! Never: choosing; and never a Secret's value on a screen: what leaves here for the operator is [`RevisionFacts`].

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

use super::hook::Hook;
use super::payload::{self, Driver, LIMIT};
use super::plan::Method;
use super::raw::RawObject;
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::release::{Content, RevisionFacts, Status};
use crate::domain::text::clean;

/// Labels that Helm writes itself; every other label is the user's (`--labels`).
const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The release.
    pub name: ReleaseName,
    /// Where it was installed.
    pub namespace: Namespace,
    /// The revision.
    pub revision: Revision,
    /// Helm's status.
    pub status: Status,
    /// Helm's description.
    pub description: String,
    /// How its objects were applied; `None` in every helm 3 record, which means client-side.
    pub method: Option<Method>,
    /// The rendered objects.
    pub manifest: String,
    /// The rendered hooks.
    pub hooks: Vec<Hook>,
    /// Where it is stored.
    pub driver: Driver,
    /// `metadata.resourceVersion`; empty for a record that is not stored yet.
    pub resource_version: String,
    updated: Option<Moment>,
    labels: BTreeMap<String, String>,
    body: RawObject,
    info: RawObject,
}

/// Whose words a record uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Helm 3's: times that are none are empty texts.
    Helm3,
    /// Helm 4's: `apply_method`; times that are none are left out.
    Helm4,
}

/// The field manager of the objects that store records: helm leaves it to its user agent there, `Helm/4.3.1`.
pub const WRITER: &str = "Helm";

/// Whether an object of that name stores a revision.
pub fn is_key(name: &str) -> bool {
    name.starts_with("sh.helm.release.v1.")
}

/// The name of the object that stores a revision: `sh.helm.release.v1.shop.v3`.
pub fn key(name: &ReleaseName, revision: Revision) -> String {
    format!("sh.helm.release.v1.{name}.v{revision}")
}

fn stamp(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn json_sentence(e: &serde_json::Error) -> String {
    format!("its JSON is not a release: {e}")
}

impl Record {
    /// From a Secret or ConfigMap as the API gives it.
    ///
    /// # Errors
    /// Why it cannot be used, in words that follow "revision 3 cannot be read: ".
    pub fn decode(object: &Value) -> Result<Self, String> {
        let json = payload::inflate(&payload::text(object)?)?;
        let meta = object.get("metadata");
        let resource_version = meta.and_then(|m| m.get("resourceVersion")).and_then(Value::as_str).unwrap_or_default();
        let mut record = Self::from_payload(&json, Driver::of(object))?;
        record.labels = labels(object);
        resource_version.clone_into(&mut record.resource_version);
        let stored = meta.and_then(|m| m.get("name")).and_then(Value::as_str);
        let wanted = key(&record.name, record.revision);
        if let Some(stored) = stored.filter(|s| *s != wanted) {
            return Err(format!("it is stored as {}, but says it is {wanted}", clean(stored)));
        }
        Ok(record)
    }

    /// From the JSON of a release.
    ///
    /// # Errors
    /// As [`Record::decode`].
    pub fn from_payload(json: &[u8], driver: Driver) -> Result<Self, String> {
        let body: RawObject = serde_json::from_slice(json).map_err(|e| json_sentence(&e))?;
        let text = |name: &str| body.get::<String>(name).map(Option::unwrap_or_default).map_err(|e| json_sentence(&e));
        let info: RawObject = body.get("info").map_err(|e| json_sentence(&e))?.ok_or("it has no info")?;
        let of_info = |n: &str| info.get::<Option<String>>(n).map(Option::flatten).map_err(|e| json_sentence(&e));
        let name = text("name")?;
        if name.is_empty() {
            return Err("it names no release".into());
        }
        let version: u32 = body.get("version").map_err(|e| json_sentence(&e))?.ok_or("it has no version")?;
        let hooks: Option<Vec<RawObject>> = body.get("hooks").map(Option::flatten).map_err(|e| json_sentence(&e))?;
        let method = match text("apply_method")?.as_str() {
            "" => None,
            "csa" => Some(Method::Csa),
            "ssa" => Some(Method::Ssa),
            other => return Err(format!("its apply_method is {}, which only a newer helm knows", clean(other))),
        };
        Ok(Self {
            name: ReleaseName::new(&name),
            namespace: Namespace::new(&text("namespace")?),
            revision: Revision(version),
            status: Status::from_word(&of_info("status")?.unwrap_or_default()),
            description: of_info("description")?.unwrap_or_default(),
            method,
            manifest: text("manifest")?,
            hooks: hooks.unwrap_or_default().into_iter().map(Hook::read).collect::<Result<_, _>>()?,
            driver,
            resource_version: String::new(),
            updated: of_info("last_deployed")?.and_then(|t| DateTime::parse_from_rfc3339(&t).ok()).map(|t| t.to_utc()),
            labels: BTreeMap::new(),
            body,
            info,
        })
    }

    /// The record that a rollback to `target` writes after `last`, pending (helm `action/rollback.go`,
    /// `prepareRollback`): identity and first deployment from the newest, everything else from the target.
    ///
    /// The dialect is helm 3's where both know nothing of helm 4, else helm 4's.
    ///
    /// # Errors
    /// In words; writing JSON to memory fails only for lack of it.
    pub fn rollback(last: &Self, target: &Self, method: Method, now: Moment) -> Result<Self, String> {
        let helm4 = [last.dialect(), target.dialect()].contains(&Dialect::Helm4) || method == Method::Ssa;
        let mut next = target.clone();
        next.name.clone_from(&last.name);
        next.namespace.clone_from(&last.namespace);
        next.revision = last.revision.next();
        next.driver = last.driver;
        next.resource_version.clear();
        next.labels = target.labels.clone().into_iter().filter(|(k, _)| !SYSTEM_LABELS.contains(&k.as_str())).collect();
        next.method = helm4.then_some(method);
        next.updated = Some(now);
        next.info = RawObject::default();
        if let Some(first) = last.info.raw("first_deployed") {
            next.info.put("first_deployed", first.to_owned());
        }
        let written = next
            .info
            .set("last_deployed", &stamp(now))
            .and_then(|()| if helm4 { Ok(()) } else { next.info.set("deleted", &"") })
            .and_then(|()| next.body.set("name", &last.name.as_str()))
            .and_then(|()| next.body.set("namespace", &last.namespace.as_str()))
            .and_then(|()| next.body.set("version", &next.revision.0));
        written.map_err(|e| format!("the new record cannot be written: {e}"))?;
        next.set_status(Status::PendingRollback, &format!("Rollback to {}", target.revision))?;
        if let Some(notes) = target.info.raw("notes") {
            next.info.put("notes", notes.to_owned());
        }
        let method_word = match method {
            Method::Csa => "csa",
            Method::Ssa => "ssa",
        };
        if helm4 {
            (next.info.set("rollback_revision", &target.revision.0))
                .and_then(|()| next.body.set("apply_method", &method_word))
                .map_err(|e| format!("the new record cannot be written: {e}"))?;
        }
        Ok(next)
    }

    /// Which helm wrote it, as far as its members tell.
    pub fn dialect(&self) -> Dialect {
        if self.method.is_some() || self.info.raw("rollback_revision").is_some() {
            Dialect::Helm4
        } else {
            Dialect::Helm3
        }
    }

    /// Gives it another status and description.
    ///
    /// # Errors
    /// In words; writing JSON to memory fails only for lack of it.
    pub fn set_status(&mut self, status: Status, description: &str) -> Result<(), String> {
        self.status = status;
        description.clone_into(&mut self.description);
        (self.info.set("status", &status.word()))
            .and_then(|()| self.info.set("description", &description))
            .map_err(|e| format!("record {} cannot be written: {e}", self.revision))
    }

    /// Gives it another status only.
    ///
    /// # Errors
    /// As [`Record::set_status`].
    pub fn supersede(&mut self) -> Result<(), String> {
        self.status = Status::Superseded;
        (self.info.set("status", &Status::Superseded.word()))
            .map_err(|e| format!("record {} cannot be written: {e}", self.revision))
    }

    /// The name of the object that stores it.
    pub fn key(&self) -> String {
        key(&self.name, self.revision)
    }

    /// The payload as Helm stores it, before a Secret's own base64; its length is what the server limits.
    ///
    /// # Errors
    /// In words: it cannot be written, or it is larger than the server takes.
    pub fn text(&self) -> Result<String, String> {
        let mut body = self.body.clone();
        let hooks: Vec<_> = self.hooks.iter().map(Hook::raw).collect();
        let written = body
            .set("info", &self.info)
            .and_then(|()| if hooks.is_empty() { Ok(()) } else { body.set("hooks", &hooks) });
        written.map_err(|e| format!("record {} cannot be written: {e}", self.revision))?;
        if self.method.is_none() {
            body.remove("apply_method");
        }
        let json = serde_json::to_vec(&body).map_err(|e| format!("record {} cannot be written: {e}", self.revision))?;
        let text = payload::deflate(&json)?;
        if text.len() > LIMIT {
            return Err(format!(
                "record {} would be {} bytes; the API server takes {LIMIT} at most",
                self.revision,
                text.len()
            ));
        }
        Ok(text)
    }

    /// The object to POST or to PUT. With a resource version the PUT is guarded against another writer (helm's is not).
    ///
    /// # Errors
    /// As [`Record::text`].
    pub fn encode(&self, modified: Option<Moment>) -> Result<Value, String> {
        let text = self.text()?;
        let mut labels: Map<String, Value> =
            self.labels.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect();
        labels.insert("name".into(), self.name.as_str().into());
        labels.insert("owner".into(), "helm".into());
        labels.insert("status".into(), self.status.word().into());
        labels.insert("version".into(), self.revision.to_string().into());
        // As both helms: the stamp of a record's creation is lost at its first rewriting, unless it was read with it.
        let (stamp, at) = modified.map_or_else(|| ("createdAt", self.updated()), |at| ("modifiedAt", at));
        let stamped = labels.entry(stamp).or_insert_with(|| at.timestamp().to_string().into());
        if modified.is_some() {
            *stamped = at.timestamp().to_string().into();
        }
        let mut meta = json!({"name": self.key(), "namespace": self.namespace.as_str(), "labels": labels});
        if let (false, Some(meta)) = (self.resource_version.is_empty(), meta.as_object_mut()) {
            meta.insert("resourceVersion".into(), self.resource_version.as_str().into());
        }
        let mut object = json!({"apiVersion": "v1", "kind": self.driver.kind(), "metadata": meta});
        if let Some(object) = object.as_object_mut() {
            if self.driver == Driver::Secret {
                object.insert("type".into(), "helm.sh/release.v1".into());
            }
            object.insert("data".into(), json!({"release": payload::wire(self.driver, &text)}));
        }
        Ok(object)
    }

    /// The user's values of this revision (`helm get values`); `null` where there are none. Secrets may be in it.
    ///
    /// # Errors
    /// In words, where it is not JSON that can be read.
    pub fn values(&self) -> Result<Value, String> {
        self.body.get("config").map(Option::unwrap_or_default).map_err(|e| json_sentence(&e))
    }

    /// The files of its chart below that folder (`crds/`): name and content in base64. Only for comparing.
    pub fn files(&self, folder: &str) -> BTreeMap<String, String> {
        let chart = self.body.get::<RawObject>("chart").ok().flatten();
        let files = chart.and_then(|c| c.get::<Option<Vec<Value>>>("files").ok().flatten().flatten());
        let text = |f: &Value, n: &str| f.get(n).and_then(Value::as_str).unwrap_or_default().to_owned();
        let below = |f: &Value| text(f, "name").starts_with(folder);
        files.iter().flatten().filter(|f| below(f)).map(|f| (text(f, "name"), text(f, "data"))).collect()
    }

    /// What an operator needs to know of it.
    pub fn facts(&self) -> RevisionFacts {
        let documents = super::manifest::parse(&self.manifest).unwrap_or_default();
        let (chart, app_version) = self.chart();
        RevisionFacts {
            revision: self.revision,
            status: self.status,
            updated: self.updated(),
            content: Some(Content {
                chart,
                app_version,
                description: clean(&self.description),
                images: super::images::by_workload(&documents),
                services: super::services::with_ports(&documents),
                ingresses: super::services::named(&documents, "networking.k8s.io", "Ingress"),
                budgets: super::services::named(&documents, "policy", "PodDisruptionBudget"),
                uses: super::uses::of(&documents),
                digest: super::digest::of(self),
                rollback_of: self.rollback_of(),
            }),
            unreadable: None,
        }
    }

    /// When it was written; the epoch where neither the record nor its labels tell.
    pub fn updated(&self) -> Moment {
        let label =
            |n: &str| self.labels.get(n).and_then(|t| t.parse().ok()).and_then(|s| DateTime::from_timestamp(s, 0));
        self.updated.or_else(|| label("createdAt")).or_else(|| label("modifiedAt")).unwrap_or_default()
    }

    /// Helm 4.3 writes the number down; before it only the description says so.
    fn rollback_of(&self) -> Option<Revision> {
        let written = self.info.get::<u32>("rollback_revision").ok().flatten();
        written.or_else(|| self.description.strip_prefix("Rollback to ")?.parse().ok()).map(Revision)
    }

    /// `shop-1.2.0` and the app version.
    fn chart(&self) -> (String, String) {
        let metadata = self.body.get::<RawObject>("chart").ok().flatten().and_then(|c| c.get::<Value>("metadata").ok());
        let metadata = metadata.flatten().unwrap_or_default();
        let text = |n: &str| clean(metadata.get(n).and_then(Value::as_str).unwrap_or_default());
        (format!("{}-{}", text("name"), text("version")), text("appVersion"))
    }
}

/// The labels of an object.
pub fn labels(object: &Value) -> BTreeMap<String, String> {
    let labels = object.get("metadata").and_then(|m| m.get("labels")).and_then(Value::as_object);
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    labels.map(|l| l.iter().map(|(k, v)| (k.clone(), text(v))).collect()).unwrap_or_default()
}
