//! The engine's requests as they go over the wire, each once, and the server's answers.
//!
//! Parameters are Helm's: `fieldManager=helm` (`Helm` for its records), and for server-side apply `fieldValidation=Strict` (helm
//! `pkg/kube/client.go`). Never: a retry; a mutation without an object named whole; a dry run that is not one.

use http::Request as HttpRequest;
use http::header::{CONTENT_TYPE, HeaderValue};
use kube::api::{
    DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, PropagationPolicy, ValidationDirective,
};
use kube::core::Request;
use kube::core::request::Error as BuildError;
use serde_json::{Value, json};

use crate::domain::name::Namespace;
use crate::helm::api::{Answer, Call, Mode, ObjectRef, PatchKind, Refused, Resource, Verb};
use crate::helm::record;

use super::address;
use super::asked::{Asked, Trouble};
use super::connect::Connection;
use super::discover::Discovered;
use super::follow::built;
use super::objects::members;

const MANAGER: &str = "helm";

/// One request and its answer.
pub(super) async fn answer(connection: &Connection, discovered: &Discovered, call: Call) -> Answer {
    match call {
        Call::Discover(gvk) => discovered.resource(connection, &gvk).await,
        Call::Object { target, verb, mode } => object(connection, &target, &verb, mode).await,
        Call::List { resource, namespace, labels } => {
            let params = ListParams::default().labels(&labels);
            list(connection, &resource, namespace.as_ref(), &params).await
        }
        Call::Some { resource, namespace, labels, most } => {
            let params = ListParams::default().labels(&labels).limit(u32::try_from(most).unwrap_or(u32::MAX));
            list(connection, &resource, namespace.as_ref(), &params).await
        }
        Call::May { verb, resource, namespace } => may(connection, &verb, &resource, namespace.as_ref()).await,
    }
}

async fn object(connection: &Connection, target: &ObjectRef, verb: &Verb, mode: Mode) -> Answer {
    let namespace = target.namespace.as_ref().map(Namespace::as_str);
    let asked = Asked::new(rbac_verb(verb), &format!("{} {}", target.resource.plural, target.name), namespace);
    if target.name.is_empty() || (target.resource.namespaced && namespace.is_none()) {
        return refused(Trouble::Fault(asked.bad("the object is not named whole")), &asked);
    }
    let request = match built(&asked, request(target, namespace, verb, mode)) {
        Ok(request) => request,
        Err(trouble) => return refused(trouble, &asked),
    };
    match connection.json::<Value>(&asked, request).await {
        Ok(_) if *verb == Verb::Delete => Answer::Gone,
        Ok(object) => Answer::Object(object),
        Err(trouble) => refused(trouble, &asked),
    }
}

fn request(
    target: &ObjectRef,
    namespace: Option<&str>,
    verb: &Verb,
    mode: Mode,
) -> Result<HttpRequest<Vec<u8>>, BuildError> {
    let to = Request::new(address::of(&target.resource, namespace));
    let name = address::escaped(&target.name);
    let dry_run = mode == Mode::DryRun;
    let writer = if record::is_key(&target.name) { record::WRITER } else { MANAGER };
    let post = PostParams { dry_run, field_manager: Some(writer.into()) };
    let bytes = |body: &Value| serde_json::to_vec(body).map_err(BuildError::SerializeBody);
    match verb {
        Verb::Get => to.get(&name, &GetParams::default()),
        Verb::Create(body) => to.create(&post, bytes(body)?),
        Verb::Replace(body) => to.replace(&name, &post, bytes(body)?),
        Verb::Delete => {
            let propagation_policy = Some(PropagationPolicy::Background);
            to.delete(&name, &DeleteParams { dry_run, propagation_policy, ..DeleteParams::default() })
        }
        Verb::Patch(kind, body) => patch(&to, &name, (MANAGER, *kind, body), dry_run),
        Verb::PatchAs(manager, kind, body) => patch(&to, &name, (manager, *kind, body), dry_run),
    }
}

fn patch(
    to: &Request,
    name: &str,
    (manager, kind, body): (&str, PatchKind, &Value),
    dry_run: bool,
) -> Result<HttpRequest<Vec<u8>>, BuildError> {
    let plain = PatchParams { dry_run, field_manager: Some(manager.into()), ..PatchParams::default() };
    match kind {
        PatchKind::Strategic => to.patch(name, &plain, &Patch::Strategic(body)),
        PatchKind::Merge => to.patch(name, &plain, &Patch::Merge(body)),
        PatchKind::Json => {
            // helm checks its migration of managed fields as strictly as what it applies.
            let field_validation = (manager == MANAGER).then_some(ValidationDirective::Strict);
            let plain = PatchParams { field_validation, ..plain };
            // kube types JSON patches behind a feature; on the wire they differ by this header alone.
            let mut request = to.patch(name, &plain, &Patch::Merge(body))?;
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json-patch+json"));
            Ok(request)
        }
        PatchKind::Apply { force } => {
            let strict = PatchParams { force, field_validation: Some(ValidationDirective::Strict), ..plain };
            to.patch(name, &strict, &Patch::Apply(body))
        }
    }
}

const fn rbac_verb(verb: &Verb) -> &'static str {
    match verb {
        Verb::Get => "get",
        Verb::Create(_) => "create",
        Verb::Patch(..) | Verb::PatchAs(..) => "patch",
        Verb::Replace(_) => "update",
        Verb::Delete => "delete",
    }
}

async fn list(
    connection: &Connection,
    resource: &Resource,
    namespace: Option<&Namespace>,
    params: &ListParams,
) -> Answer {
    let scope = namespace.map(Namespace::as_str);
    let asked = Asked::new("list", &resource.plural, scope);
    let request = Request::new(address::of(resource, scope)).list(params);
    let found = match built(&asked, request) {
        Ok(request) => connection.json::<Value>(&asked, request).await,
        Err(trouble) => Err(trouble),
    };
    found.map_or_else(|trouble| refused(trouble, &asked), |list| Answer::List(members(list)))
}

/// SelfSubjectAccessReview (authorization.k8s.io/v1): every user may ask about themselves.
async fn may(connection: &Connection, verb: &str, resource: &Resource, namespace: Option<&Namespace>) -> Answer {
    let asked = Asked::new("create", "selfsubjectaccessreviews", None);
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {
            "verb": verb,
            "group": resource.gvk.group,
            "version": resource.gvk.version,
            "resource": resource.plural,
            "namespace": namespace.map(Namespace::as_str).unwrap_or_default(),
        }},
    });
    let to = Request::new("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
    let request = built(&asked, to.create(&PostParams::default(), review.to_string().into_bytes()));
    let answer = match request {
        Ok(request) => connection.json::<Value>(&asked, request).await,
        Err(trouble) => Err(trouble),
    };
    match answer.map(|review| review.pointer("/status/allowed").and_then(Value::as_bool)) {
        Ok(Some(allowed)) => Answer::Allowed(allowed),
        Ok(None) => refused(Trouble::Fault(asked.bad("the answer says neither yes nor no")), &asked),
        Err(trouble) => refused(trouble, &asked),
    }
}

pub(super) fn refused(trouble: Trouble, asked: &Asked) -> Answer {
    let refused = trouble.refused(asked);
    // The server's own message may quote a value of the object: the log has none of it.
    let why = match &refused {
        Refused::NotFound(_) => "it is not there".into(),
        Refused::AlreadyExists(_) => "it is there already".into(),
        Refused::Conflict { .. } => "it conflicts with another's write".into(),
        Refused::Invalid(_) => "it is not valid".into(),
        Refused::Busy { said, .. } => said.clone(),
        Refused::Fault { fault, .. } => fault.sentence(),
    };
    tracing::warn!("refused: {}: {why}", asked.words());
    Answer::Refused(refused)
}
