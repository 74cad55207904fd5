//! The simulated API server: answers the engine's calls on the object store, as the real one does: 404, 409, 422, dry
//! runs that store nothing, defaults, generations.
//!
//! Never: more validation than what a rollback can meet.

use serde_json::{Value, json};

use super::defaults;
use super::field;
use super::immutable;
use super::kinds;
use super::production::Production;
use super::store::{Key, selects, stamp};
use crate::domain::name::Namespace;
use crate::helm::api::{Answer, Call, Mode, ObjectRef, PatchKind, Refused, Resource, Verb};
use crate::helm::apply;
use crate::helm::ownership;

impl Production {
    /// Answers one request, at once. (A slow API is the caller's to wait for.)
    pub fn answer(&mut self, call: Call) -> Answer {
        if let Some(fault) = self.troubles.api(self.now) {
            return Answer::Refused(Refused::Fault { fault, message: String::new() });
        }
        let answer = match call {
            Call::Discover(gvk) => Answer::Resource(kinds::discover(&gvk)),
            Call::May { verb, resource, namespace } => {
                let denied = self.troubles.denied(self.now, &verb, &resource.plural, namespace.as_ref());
                Answer::Allowed(denied.is_none())
            }
            Call::List { resource, namespace, labels } => {
                self.listed(&resource, namespace.as_ref(), &labels).map_or_else(Answer::Refused, Answer::List)
            }
            Call::Some { resource, namespace, labels, most } => {
                let all = self.listed(&resource, namespace.as_ref(), &labels);
                all.map_or_else(Answer::Refused, |all| Answer::List(all.into_iter().take(most).collect()))
            }
            Call::Object { target, verb, mode } => self.object(&target, verb, mode).unwrap_or_else(Answer::Refused),
        };
        self.settle();
        answer
    }

    fn listed(
        &mut self,
        resource: &Resource,
        namespace: Option<&Namespace>,
        labels: &str,
    ) -> Result<Vec<Value>, Refused> {
        self.may("list", resource, namespace, "")?;
        Ok(self.store.of(resource, namespace).filter(|(_, o)| selects(labels, o)).map(|(_, o)| o.clone()).collect())
    }

    /// Refuses what the operator may not do, and what a test wants refused.
    fn may(
        &mut self,
        verb: &'static str,
        resource: &Resource,
        namespace: Option<&Namespace>,
        name: &str,
    ) -> Result<(), Refused> {
        if let Some(fault) = self.troubles.denied(self.now, verb, &resource.plural, namespace) {
            let group = if resource.gvk.group.is_empty() { "" } else { resource.gvk.group.as_str() };
            let message = format!(
                "{}{}{group} \"{name}\" is forbidden: User \"on-call\" cannot {verb} resource \"{}\" in API group \
                 \"{group}\" in the namespace \"{}\"",
                resource.plural,
                if group.is_empty() { "" } else { "." },
                resource.plural,
                namespace.map_or("", Namespace::as_str)
            );
            return Err(Refused::Fault { fault, message });
        }
        let kind = &resource.gvk.kind;
        let asked = |i: &super::production::Injected| {
            i.verb == verb && i.kind == *kind && (i.name.is_empty() || i.name == name)
        };
        match self.injected.iter().position(asked) {
            Some(place) => Err(self.injected.remove(place).refused),
            None => Ok(()),
        }
    }

    fn object(&mut self, target: &ObjectRef, verb: Verb, mode: Mode) -> Result<Answer, Refused> {
        let word = match &verb {
            Verb::Get => "get",
            Verb::Create(_) => "create",
            Verb::Patch(..) | Verb::PatchAs(..) => "patch",
            Verb::Replace(_) => "update",
            Verb::Delete => "delete",
        };
        self.may(word, &target.resource, target.namespace.as_ref(), &target.name)?;
        let key = Key::of(target);
        let live = self.store.get(&key).cloned();
        match (verb, live) {
            (Verb::Get, Some(live)) => Ok(Answer::Object(live)),
            (Verb::Create(_), Some(_)) => Err(Refused::AlreadyExists(format!("{} already exists", called(target)))),
            (Verb::Create(body), None) => self.created(&key, target, &body, mode),
            (Verb::Patch(kind, body), live) => self.patched(&key, target, (ownership::HELM, kind, &body), live, mode),
            (Verb::PatchAs(manager, kind, body), live) => {
                self.patched(&key, target, (manager, kind, &body), live, mode)
            }
            (Verb::Replace(body), Some(live)) => self.replaced(&key, target, &body, &live, mode),
            (Verb::Delete, Some(_)) => Ok(self.deleted(&key, mode)),
            (Verb::Get | Verb::Replace(_) | Verb::Delete, None) => Err(missing(target)),
        }
    }

    fn created(&mut self, key: &Key, target: &ObjectRef, body: &Value, mode: Mode) -> Result<Answer, Refused> {
        if let Some(namespace) = &target.namespace {
            let home = Key {
                group: String::new(),
                kind: "Namespace".into(),
                namespace: None,
                name: namespace.as_str().into(),
            };
            if self.store.get(&home).is_none() {
                return Err(Refused::NotFound(format!("namespaces \"{namespace}\" not found")));
            }
        }
        let mut object = apply::create(&target.resource.gvk, body);
        if let Some(map) = object.as_object_mut() {
            map.shift_remove("status");
        }
        Ok(Answer::Object(self.keep(key, object, None, mode)))
    }

    fn patched(
        &mut self,
        key: &Key,
        target: &ObjectRef,
        (manager, kind, body): (&str, PatchKind, &Value),
        live: Option<Value>,
        mode: Mode,
    ) -> Result<Answer, Refused> {
        self.contested(target)?;
        let gvk = &target.resource.gvk;
        match (live, kind) {
            (Some(live), _) => {
                let object = apply::patch_as(manager, kind, gvk, &live, body)?;
                self.written(key, target, object, &live, mode)
            }
            (None, PatchKind::Apply { .. }) => {
                let object = apply::patch_as(manager, kind, gvk, &Value::Null, body)?;
                Ok(Answer::Object(self.keep(key, object, None, mode)))
            }
            (None, PatchKind::Strategic | PatchKind::Merge | PatchKind::Json) => Err(missing(target)),
        }
    }

    fn replaced(
        &mut self,
        key: &Key,
        target: &ObjectRef,
        body: &Value,
        live: &Value,
        mode: Mode,
    ) -> Result<Answer, Refused> {
        self.contested(target)?;
        let guard = field::text(body, "/metadata/resourceVersion");
        if !guard.is_empty() && guard != field::text(live, "/metadata/resourceVersion") {
            return Err(conflict(target));
        }
        let mut object = apply::replace_as(ownership::HELM, &target.resource.gvk, live, body);
        if let Some(status) = live.get("status") {
            field::set(&mut object, &["status"], status.clone());
        }
        if guard.is_empty()
            && let Some(version) = live.pointer("/metadata/resourceVersion")
        {
            field::set(&mut object, &["metadata", "resourceVersion"], version.clone());
        }
        self.written(key, target, object, live, mode)
    }

    fn contested(&self, target: &ObjectRef) -> Result<(), Refused> {
        let kind = &target.resource.gvk.kind;
        if self.troubles.contested(self.now, kind, &target.name) { Err(conflict(target)) } else { Ok(()) }
    }

    fn written(
        &mut self,
        key: &Key,
        target: &ObjectRef,
        object: Value,
        live: &Value,
        mode: Mode,
    ) -> Result<Answer, Refused> {
        let version = "/metadata/resourceVersion";
        if field::text(&object, version) != field::text(live, version) {
            return Err(conflict(target));
        }
        if let Some((path, value)) = immutable::broken(&key.kind, live, &object) {
            return Err(Refused::Invalid(format!(
                "{} is invalid: {path}: Invalid value: {value}: field is immutable",
                invalid(target)
            )));
        }
        Ok(Answer::Object(self.keep(key, object, Some(live), mode)))
    }

    fn keep(&mut self, key: &Key, object: Value, live: Option<&Value>, mode: Mode) -> Value {
        let object = defaults::defaulted(object, live, self.chance);
        match mode {
            Mode::DryRun => self.store.dressed(key, object, self.now),
            Mode::Commit => self.store.put(key, object, self.now),
        }
    }

    fn deleted(&mut self, key: &Key, mode: Mode) -> Answer {
        if mode == Mode::DryRun {
            return Answer::Gone;
        }
        if key.kind == "Pod" {
            self.dismiss(&crate::domain::name::PodName::new(&key.name));
            return Answer::Gone;
        }
        if let Some(mut old) = self.store.remove(key) {
            field::set(&mut old, &["metadata", "deletionTimestamp"], json!(stamp(self.now)));
        }
        self.orphaned(key);
        Answer::Gone
    }
}

/// `deployments.apps "order-service"`
fn called(target: &ObjectRef) -> String {
    let resource = &target.resource;
    if resource.gvk.group.is_empty() {
        format!("{} \"{}\"", resource.plural, target.name)
    } else {
        format!("{}.{} \"{}\"", resource.plural, resource.gvk.group, target.name)
    }
}

/// `Deployment.apps "order-service"`
fn invalid(target: &ObjectRef) -> String {
    let gvk = &target.resource.gvk;
    if gvk.group.is_empty() {
        format!("{} \"{}\"", gvk.kind, target.name)
    } else {
        format!("{}.{} \"{}\"", gvk.kind, gvk.group, target.name)
    }
}

fn missing(target: &ObjectRef) -> Refused {
    Refused::NotFound(format!("{} not found", called(target)))
}

fn conflict(target: &ObjectRef) -> Refused {
    Refused::Conflict {
        message: format!(
            "Operation cannot be fulfilled on {}: the object has been modified; please apply your changes to the \
             latest version and try again",
            called(target)
        ),
        fields: Vec::new(),
    }
}
