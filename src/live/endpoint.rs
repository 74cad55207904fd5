//! One HTTP service beside the API server: by its own URL, or through the API server's service proxy with the user's
//! own credentials.
//!
//! Never: a URL's user and password in a sentence.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::Url;
use serde_json::Value;

use crate::domain::fault::Fault;
use crate::domain::text::clean;

use super::address;
use super::asked::{Asked, NOT_KUBERNETES, Trouble, short};
use super::cause::{self, Trusted};
use super::connect::Connection;
use super::find::Wanted;
use super::login::Login;

/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Where it is.
#[derive(Debug, Clone)]
pub(super) enum Endpoint {
    /// At this URL.
    Direct { http: reqwest::Client, base: Url, login: Login, wanted: Wanted },
    /// At this service of the cluster.
    Proxied { connection: Arc<Connection>, service: ServiceAt, wanted: Wanted },
}

/// A service of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServiceAt {
    pub namespace: String,
    pub name: String,
    /// Number or name.
    pub port: String,
    /// The port speaks TLS.
    pub tls: bool,
}

/// An answer with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    pub body: String,
}

impl Endpoint {
    /// By URL.
    ///
    /// # Errors
    /// The URL is malformed, or no HTTP client can be made.
    pub fn direct(url: &str, login: Login, wanted: Wanted) -> Result<Self, Fault> {
        let malformed = |why: &str| Fault::Bad { what: format!("The address {} cannot be used: {why}", masked(url)) };
        let base = Url::parse(url).map_err(|e| malformed(&e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(malformed("it must begin with http:// or https://"));
        }
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || reqwest::Client::builder().timeout(LIMIT).connect_timeout(Duration::from_secs(3));
        // A machine without CA certificates can still talk plain http.
        let http = builder().build().or_else(|_| builder().tls_certs_only([]).build());
        let http = http.map_err(|e| malformed(&clean(&e.without_url().to_string())))?;
        Ok(Self::Direct { http, base, login, wanted })
    }

    /// In words: where it is.
    pub fn place(&self) -> String {
        match self {
            Self::Direct { base, .. } => masked(base.as_str()),
            Self::Proxied { service, .. } => format!("{}/{}:{}", service.namespace, service.name, service.port),
        }
    }

    /// Asks once: the answer with its status, unless it is a refusal of whoever stands before.
    pub async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Reply, Fault> {
        self.asked(path, parameters, None).await
    }

    /// Posts JSON, once.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply, Fault> {
        self.asked(path, &[], Some(body)).await
    }

    async fn asked(&self, path: &str, parameters: &[(&str, &str)], body: Option<&Value>) -> Result<Reply, Fault> {
        match self {
            Self::Direct { http, base, login, wanted } => {
                let header = login.header().map_err(|_| Fault::Bad {
                    what: format!("The token for {} holds control characters: set it anew", wanted.title),
                })?;
                let mut url = base.clone();
                url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
                url.query_pairs_mut().clear().extend_pairs(parameters);
                let mut question = match body {
                    None => http.get(url),
                    Some(body) => http.post(url).json(body),
                };
                if let Some(header) = header {
                    question = question.header(AUTHORIZATION, header);
                }
                let reply = direct(base, question).await?;
                match reply.code {
                    401 => Err(Fault::Unauthorized { what: login.refused(&server(base), wanted.program) }),
                    403 => Err(Fault::Forbidden {
                        verb: if body.is_some() { "write to" } else { "read" }.into(),
                        resource: masked(base.as_str()),
                    }),
                    _ => Ok(reply),
                }
            }
            Self::Proxied { connection, service, wanted } => {
                let reply = proxied(connection, service, (path, parameters), body).await?;
                // The API server keeps our credentials to itself: a login of its own goes to its own address only.
                if reply.code == 401 {
                    let (title, program) = (wanted.title, wanted.program);
                    return Err(Fault::Unauthorized {
                        what: format!(
                            "{} wants a login (401), which cannot pass through the API server: give {title}'s own url and \
                             token_env under [{program}] in backout.toml",
                            self.place()
                        ),
                    });
                }
                Ok(reply)
            }
        }
    }

    /// An answer that cannot be used.
    pub fn bad(&self, why: &str) -> Fault {
        Fault::Bad { what: format!("{}: {why}", self.place()) }
    }
}

/// Host and port, for sentences.
fn server(base: &Url) -> String {
    base.host_str().map_or_else(String::new, |host| match base.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

async fn direct(base: &Url, question: reqwest::RequestBuilder) -> Result<Reply, Fault> {
    let server = server(base);
    let fault = |e: reqwest::Error| {
        if e.is_timeout() {
            return Fault::Unreachable { what: format!("no whole answer within {} s ({server})", LIMIT.as_secs()) };
        }
        cause::fault(&format!("ask {}", masked(base.as_str())), &server, Trusted::ByMachine, &e.without_url())
    };
    let answer = question.send().await.map_err(fault)?;
    let code = answer.status().as_u16();
    let body = answer.text().await.map_err(fault)?;
    Ok(Reply { code, body })
}

async fn proxied(
    connection: &Connection,
    service: &ServiceAt,
    (path, parameters): (&str, &[(&str, &str)]),
    body: Option<&Value>,
) -> Result<Reply, Fault> {
    let verb = if body.is_some() { "create" } else { "get" };
    let asked = Asked::new(verb, "services/proxy", Some(&service.namespace));
    let scheme = if service.tls { "https" } else { "http" };
    let (namespace, name, port) =
        (address::escaped(&service.namespace), address::escaped(&service.name), address::escaped(&service.port));
    let query = address::query(parameters);
    let uri = format!("/api/v1/namespaces/{namespace}/services/{scheme}:{name}:{port}/proxy{path}?{query}");
    let request = match body {
        None => Request::get(uri).body(Vec::new()),
        Some(body) => Request::post(uri).header(CONTENT_TYPE, "application/json").body(body.to_string().into_bytes()),
    };
    let request = request.map_err(|e| asked.bad(&e.to_string()))?;
    match connection.text(&asked, request, LIMIT).await {
        Ok(body) => Ok(Reply { code: 200, body }),
        // A body that is no Kubernetes status is the service's own answer.
        Err(Trouble::Status(status)) if status.reason == NOT_KUBERNETES => {
            Ok(Reply { code: status.code, body: status.message })
        }
        Err(Trouble::Status(status)) if status.code == 503 || status.code == 502 => Err(Fault::Unreachable {
            what: format!("service {name} in namespace {namespace} does not answer: {}", short(&status.message)),
        }),
        Err(trouble) if trouble.is_not_found() => {
            Err(Fault::Absent { what: format!("There is no service {name} in namespace {namespace}") })
        }
        Err(trouble) => Err(trouble.fault(&asked)),
    }
}

/// A URL without its user and password.
fn masked(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if parsed.has_host() => {
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
            parsed.set_query(None);
            clean(parsed.as_str().trim_end_matches('/'))
        }
        // What is no such URL may hold anything before an @.
        Ok(_) | Err(_) => clean(url.rsplit('@').next().unwrap_or(url)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_credentials() {
        let cases = [
            ("https://ana:secret@prom.example:9090/x?token=1", "https://prom.example:9090/x"),
            ("ana:secret@prom", "prom"),
            ("http://prom/", "http://prom"),
        ];
        for (url, wanted) in cases {
            assert_eq!(masked(url), wanted);
        }
    }
}
