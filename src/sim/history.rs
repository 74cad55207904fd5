//! The drill's history, lived through: each revision is recorded and applied as helm would have done it then.
//!
//! Never: what came of it.

use serde_json::{Value, json};

use super::chart::{self, Rendered};
use super::defaults;
use super::drill::{Deploy, Gitops};
use super::field;
use super::production::Production;
use super::store::Key;
use crate::domain::name::Revision;
use crate::domain::release::Status;
use crate::helm::api::Gvk;
use crate::helm::apply;
use crate::helm::birth::Birth;
use crate::helm::manifest;
use crate::helm::ownership;
use crate::helm::payload::Driver;
use crate::helm::record::{self, Record};

impl Production {
    /// What is there before the first revision: the namespaces.
    pub(super) fn found(&mut self) {
        for name in ["kube-system", "default", self.drill.namespace.clone().as_str()] {
            let key = Key { group: String::new(), kind: "Namespace".into(), namespace: None, name: name.into() };
            let object =
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {}, "status": {"phase": "Active"}});
            self.store.put(&key, object, self.now);
        }
    }

    /// A revision of the history is deployed.
    pub(super) fn deploy(&mut self, index: usize) {
        let Some(deploy) = self.drill.revisions.get(index).cloned() else { return };
        let rendered = chart::render(&self.drill.release, &self.drill.namespace, &deploy);
        for object in &rendered.objects {
            self.helm_applies(object);
        }
        self.record(&deploy, rendered);
    }

    /// Writes the revision's record and, where it succeeded, supersedes the one that was deployed.
    fn record(&mut self, deploy: &Deploy, rendered: Rendered) {
        let held = matches!(deploy.ended, Status::Deployed | Status::Superseded);
        if held {
            for object in self.records(Some(self.drill.release.name.as_str())) {
                self.supersede(&object);
            }
        }
        let chart = &self.drill.release;
        let birth = Birth {
            name: chart.name.clone(),
            namespace: self.drill.namespace.clone(),
            revision: deploy.revision,
            status: if held { Status::Deployed } else { deploy.ended },
            description: deploy.description.clone(),
            at: deploy.at,
            chart: (chart.chart.clone(), chart.version.clone(), deploy.app_version.clone()),
            config: rendered.values,
            manifest: rendered.manifest,
            hooks: rendered.hooks,
            method: None,
            driver: Driver::Secret,
        };
        if let Ok(object) = birth.object() {
            let key = self.record_key(deploy.revision);
            self.store.put(&key, object, self.now);
        }
    }

    pub(super) fn record_key(&self, revision: Revision) -> Key {
        Key::new("", "Secret", &self.drill.namespace, &record::key(&self.drill.release.name, revision))
    }

    pub(super) fn supersede(&mut self, object: &Value) {
        let Ok(mut record) = Record::decode(object) else { return };
        if record.status == Status::Deployed
            && record.supersede().is_ok()
            && let Ok(next) = record.encode(Some(self.now))
        {
            let key = self.record_key(record.revision);
            self.store.put(&key, next, self.now);
        }
    }

    /// One rendered object as helm puts it in place: with the marks of its release, over what is there.
    pub(super) fn helm_applies(&mut self, rendered: &Value) {
        let gvk = Gvk::new(field::text(rendered, "/apiVersion"), field::text(rendered, "/kind"));
        let key = Key::new(&gvk.group, &gvk.kind, &self.drill.namespace, field::name(rendered));
        let live = self.store.get(&key).cloned().unwrap_or_default();
        let mut object = if live.is_null() { rendered.clone() } else { live.clone() };
        for member in ["spec", "data", "type"] {
            if let Some(value) = rendered.get(member) {
                field::set(&mut object, &[member], value.clone());
            }
        }
        field::set(&mut object, &["metadata", "labels", manifest::MANAGED_BY], json!("Helm"));
        let release = &self.drill.release;
        field::set(&mut object, &["metadata", "annotations", manifest::RELEASE_NAME], json!(release.name.as_str()));
        let namespace = json!(self.drill.namespace.as_str());
        field::set(&mut object, &["metadata", "annotations", manifest::RELEASE_NAMESPACE], namespace);
        match &release.gitops {
            Some(Gitops::ArgoCd { app }) => {
                let id = format!("{app}:{}/{}:{}/{}", gvk.group, gvk.kind, self.drill.namespace, key.name);
                field::set(&mut object, &["metadata", "annotations", "argocd.argoproj.io/tracking-id"], json!(id));
            }
            Some(Gitops::Flux { name, namespace }) => {
                field::set(&mut object, &["metadata", "labels", "helm.toolkit.fluxcd.io/name"], json!(name));
                field::set(&mut object, &["metadata", "labels", "helm.toolkit.fluxcd.io/namespace"], json!(namespace));
            }
            None => {}
        }
        let object = apply::replace_as(ownership::HELM, &gvk, &live, &object);
        let object = defaults::defaulted(object, Some(&live), self.chance);
        self.store.put(&key, object, self.now);
    }
}
