//! Functional tests put to a service itself, through the API server's service proxy; and the secrets that they need.
//!
//! The API server answers with a Status of its own where it reached nobody; everything else is the service's answer.
//! It takes the Authorization header for itself and hands none on.
//!
//! Never: a request put twice; a secret in the log.

use std::time::Duration;

use http::Request as HttpRequest;
use k8s_openapi::api::core::v1::Secret;
use kube::api::GetParams;
use kube::core::Request as Question;
use tokio::time::{Instant, timeout};

use crate::domain::fault::Fault;
use crate::domain::health::Answer;
use crate::functional::answer::{Came, Reply, Request};
use crate::functional::test::SecretPlace;

use super::address;
use super::asked::{Asked, Trouble};
use super::connect::Connection;
use super::follow::built;
use super::health::{own, unreached};

/// Of one answer at most this much is read.
const MOST: usize = 262_144;

/// How long the API server may take to say that it lives, after a service did not answer.
const ALIVE: Duration = Duration::from_secs(2);

/// Puts it, once.
pub(super) async fn put(connection: &Connection, request: Request) -> Reply {
    let began = Instant::now();
    let came = came(connection, request).await;
    Reply { took: began.elapsed(), came }
}

async fn came(connection: &Connection, request: Request) -> Came {
    let namespace = connection.namespace.as_str();
    let asked = Asked::new(verb(&request), "services/proxy", Some(namespace));
    let within = request.within;
    let (service, port) = (request.service.clone(), request.port.clone().unwrap_or_default());
    let wire = match wire(namespace, request) {
        Ok(wire) => wire,
        Err(e) => return Came::Dark(asked.bad(&e.to_string())),
    };
    let began = Instant::now();
    let status = match connection.reply(&asked, wire, within, MOST).await {
        Ok((code, body)) => match own(code, &body) {
            Some(status) => *status,
            None => return Came::Said { code, body },
        },
        Err(Trouble::Status(status)) => *status,
        Err(Trouble::Fault(Fault::Unreachable { .. })) if began.elapsed() >= within => {
            return match timeout(ALIVE, connection.is_there()).await {
                Ok(true) => Came::Silent,
                Ok(false) | Err(_) => Came::Dark(connection.lost(within.saturating_add(ALIVE))),
            };
        }
        Err(Trouble::Fault(fault)) => return Came::Dark(fault),
    };
    match unreached(status, &asked, &service, &port) {
        Answer::Nobody(why) => Came::Nobody(why),
        Answer::Dark(fault) => Came::Dark(fault),
        Answer::Said(_) => Came::Dark(asked.bad("the API server's own answer is not understood")),
    }
}

/// As RBAC names it: the proxy asks for the right that the method stands for.
const fn verb(request: &Request) -> &'static str {
    use crate::functional::test::Method::{Delete, Get, Head, Patch, Post, Put};
    match request.method {
        Get | Head => "get",
        Post => "create",
        Put => "update",
        Patch => "patch",
        Delete => "delete",
    }
}

fn wire(namespace: &str, request: Request) -> Result<HttpRequest<Vec<u8>>, http::Error> {
    let port = request.port.unwrap_or_default();
    let scheme = if port == "443" || port.starts_with("https") { "https" } else { "http" };
    let (name, port) = (address::escaped(request.service.as_str()), address::escaped(&port));
    let namespace = address::escaped(namespace);
    let uri = format!("/api/v1/namespaces/{namespace}/services/{scheme}:{name}:{port}/proxy{}", request.path);
    let wire = HttpRequest::builder().method(request.method.word()).uri(uri);
    let wire = request.headers.iter().fold(wire, |wire, (name, value)| wire.header(name, value));
    wire.body(request.body.unwrap_or_default().into_bytes())
}

/// What is kept there.
pub(super) async fn secret(connection: &Connection, source: SecretPlace) -> Result<String, Fault> {
    let (name, key) = match &source {
        SecretPlace::Variable(name) => {
            let absent = || Fault::Absent { what: format!("the {source} is not set, or is no text") };
            return std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(absent);
        }
        SecretPlace::Secret { name, key } => (name, key),
    };
    let namespace = connection.namespace.as_str();
    let asked = Asked::new("get", &format!("secrets {name}"), Some(namespace));
    let path = format!("/api/v1/namespaces/{}/secrets", address::escaped(namespace));
    let question = Question::new(path).get(&address::escaped(name), &GetParams::default());
    let read = match built(&asked, question) {
        Ok(question) => connection.json::<Secret>(&asked, question).await,
        Err(trouble) => Err(trouble),
    };
    let kept = read.map_err(|trouble| trouble.fault(&asked))?.data.unwrap_or_default().remove(key);
    let absent = || Fault::Absent { what: format!("there is no {source}, or it is no text") };
    kept.and_then(|bytes| String::from_utf8(bytes.0).ok()).filter(|value| !value.is_empty()).ok_or_else(absent)
}
