//! The connection to one API server: made once from what the kubeconfig said at start, used for every question.
//!
//! A question is asked once, with a limit, and never again by itself (design §13; kube's own retries are off: they
//! would repeat a PATCH). Never: another server than the one that was opened.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::client::Body;
use kube::{Client, Config, Error};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout};

use crate::domain::fault::Fault;
use crate::domain::identity::{Environment, Identity, Pin, Realm};
use crate::domain::name::{Context, Namespace};
use crate::domain::text::clean;

use super::asked::{Asked, NOT_KUBERNETES, Trouble, short};
use super::cause::{self, Trusted};
use super::credentials;
use super::kubeconfig::Chosen;
use super::pulse::Pulse;

/// How long one question may take where nothing else is said.
const LIMIT: Duration = Duration::from_secs(10);
/// How long a credential plugin may take.
const PLUGIN_LIMIT: Duration = Duration::from_secs(30);

/// One API server, one set of credentials, one namespace.
pub(super) struct Connection {
    config: Config,
    client: Mutex<Client>,
    renewing: tokio::sync::Mutex<()>,
    /// Host and port, for sentences.
    pub server: String,
    context: Context,
    /// The namespace at work.
    pub namespace: Namespace,
    /// How long one question may take.
    pub limit: Duration,
    /// Its signs of life.
    pub pulse: Pulse,
}

// The configuration holds credentials: it has no place in any output.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("server", &self.server)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Builds the client; a credential plugin is run now, without a terminal.
    ///
    /// # Errors
    /// The plugin failed or hangs, a certificate or key cannot be used.
    pub async fn open(chosen: Chosen, limit: Option<Duration>) -> Result<Arc<Self>, Fault> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let Chosen { config, context, namespace, files: _ } = chosen;
        let client = client(config.clone()).await?;
        let limit = limit.unwrap_or(LIMIT);
        let server = config.cluster_url.authority().map_or_else(|| config.cluster_url.to_string(), ToString::to_string);
        Ok(Arc::new(Self {
            config,
            client: Mutex::new(client),
            renewing: tokio::sync::Mutex::new(()),
            server,
            context,
            namespace,
            limit,
            pulse: Pulse::new(limit),
        }))
    }

    /// What is known of the cluster without asking it.
    pub fn unasked(&self) -> Identity {
        let ca = self.config.root_cert.as_ref().filter(|c| !c.is_empty() && !self.config.accept_invalid_certs);
        let digest = ca.map(|certificates| {
            let hex = format!("{:x}", Sha256::digest(certificates.concat()));
            hex.chars().take(12).collect()
        });
        Identity {
            realm: Realm::Live,
            environment: Environment::Production,
            context: self.context.clone(),
            server: self.config.cluster_url.to_string().trim_end_matches('/').to_owned(),
            ca: digest,
            pin: Pin::ServerAndCa,
            namespace: self.namespace.clone(),
        }
    }

    /// The present client.
    pub fn client(&self) -> Client {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks once; the whole answer as text.
    ///
    /// # Errors
    /// A status that is no success, or why there is no usable answer within `limit`.
    pub async fn text(&self, asked: &Asked, request: Request<Vec<u8>>, limit: Duration) -> Result<String, Trouble> {
        match timeout(limit, self.client().request_text(request)).await {
            Ok(Ok(text)) => {
                self.pulse.beat();
                Ok(text)
            }
            Ok(Err(error)) => Err(self.trouble(asked, error).await),
            Err(_) => Err(Trouble::Fault(self.silent(asked, limit))),
        }
    }

    /// Asks once; status and text of whatever answer comes, if it is no longer than `most` bytes.
    ///
    /// # Errors
    /// Why there is no usable answer within `limit`.
    pub async fn reply(
        &self,
        asked: &Asked,
        request: Request<Vec<u8>>,
        limit: Duration,
        most: usize,
    ) -> Result<(u16, String), Trouble> {
        let client = self.client();
        let answer = async move {
            let answer = client.send(request.map(Body::from)).await?;
            let code = answer.status().as_u16();
            Ok((code, Limited::new(answer.into_body(), most).collect().await))
        };
        match timeout(limit, answer).await {
            Ok(Ok((code, Ok(body)))) => Ok((code, String::from_utf8_lossy(&body.to_bytes()).into_owned())),
            Ok(Ok((code, Err(e)))) => {
                let why = if e.is::<LengthLimitError>() {
                    format!("is longer than {most} bytes")
                } else {
                    "broke off".into()
                };
                Err(Trouble::Fault(asked.bad(&format!("the answer ({code}) {why}"))))
            }
            Ok(Err(error)) => Err(self.trouble(asked, error).await),
            Err(_) => Err(Trouble::Fault(self.silent(asked, limit))),
        }
    }

    /// Asks once; the answer decoded.
    ///
    /// # Errors
    /// As [`Connection::text`], and an answer that is not of the expected shape.
    pub async fn json<T: DeserializeOwned>(&self, asked: &Asked, request: Request<Vec<u8>>) -> Result<T, Trouble> {
        let text = self.text(asked, request, self.limit).await?;
        serde_json::from_str(&text).map_err(|e| Trouble::Fault(unusable(asked, &text, &e)))
    }

    /// Ready when the server gives no sign of life for [`Connection::limit`]: the last one was then.
    pub async fn falls_silent(&self) -> Instant {
        self.pulse.lost(|| self.is_there()).await
    }

    /// Whether it gives a sign of life.
    pub async fn is_there(&self) -> bool {
        let Ok(question) = Request::get("/livez").body(Vec::new()) else { return true };
        match self.client().request_text(question).await {
            Ok(_) | Err(Error::Api(_)) => true,
            // Who has no credentials any more cannot ask: what is watched is still told.
            Err(error) => credentials::lacking(&error).is_some(),
        }
    }

    /// The server gives no sign of life.
    pub fn lost(&self, silence: Duration) -> Fault {
        Fault::Unreachable { what: format!("no sign of life for {} s ({})", silence.as_secs(), self.server) }
    }

    /// Nobody answered within `limit`.
    pub fn silent(&self, asked: &Asked, limit: Duration) -> Fault {
        Fault::Unreachable {
            what: format!("no whole answer within {} s to {} ({})", limit.as_secs(), asked.words(), self.server),
        }
    }

    /// What an error of kube means; a rejected credential is asked for anew.
    pub async fn trouble(&self, asked: &Asked, error: Error) -> Trouble {
        if let Some(lacking) = credentials::lacking(&error) {
            return Trouble::Fault(credentials::fault(lacking));
        }
        match error {
            Error::Api(status) => {
                self.pulse.beat();
                if status.code != 401 {
                    return Trouble::Status(status);
                }
                self.renew().await;
                // What is not in Kubernetes' own words is not the API server's: a service behind its proxy, or who
                // stands before it.
                if status.reason == NOT_KUBERNETES {
                    return Trouble::Status(status);
                }
                Trouble::Fault(credentials::refused(&self.config, &status))
            }
            Error::SerdeError(e) => Trouble::Fault(asked.bad(&format!("the answer is not what was expected: {e}"))),
            Error::FromUtf8(_) => Trouble::Fault(asked.bad("the answer is not text")),
            Error::BuildRequest(e) => Trouble::Fault(asked.bad(&format!("it cannot be asked: {e}"))),
            other => Trouble::Fault(cause::fault(&asked.words(), &self.server, Trusted::ByKubeconfig, &other)),
        }
    }

    /// A plugin's token without an end date is never refreshed by the client itself: after a 401 a new client is made,
    /// from the same configuration.
    async fn renew(&self) {
        if self.config.auth_info.exec.is_none() {
            return;
        }
        let Ok(_only_one) = self.renewing.try_lock() else { return };
        if let Ok(fresh) = client(self.config.clone()).await {
            *self.client.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

/// An answer that does not decode; `text` is only looked at to tell HTML from JSON.
pub(super) fn unusable(asked: &Asked, text: &str, error: &serde_json::Error) -> Fault {
    if text.trim_start().starts_with('<') {
        return asked.bad(&format!("the answer is {}", short(text)));
    }
    if error.is_eof() {
        return asked.bad("the answer ends in the middle");
    }
    asked.bad(&format!("the answer is not what was expected (line {}, column {})", error.line(), error.column()))
}

async fn client(config: Config) -> Result<Client, Fault> {
    let plugin = config.auth_info.exec.as_ref().and_then(|e| e.command.clone());
    let made = timeout(PLUGIN_LIMIT, tokio::task::spawn_blocking(move || Client::try_from(config))).await;
    match (made, plugin) {
        (Ok(Ok(Ok(client))), _) => Ok(client),
        (Ok(Ok(Err(Error::Auth(e)))), _) => Err(credentials::fault(&e)),
        (Ok(Ok(Err(e))), _) => {
            Err(Fault::Bad { what: format!("No client can be made of the kubeconfig: {}", build_words(&e)) })
        }
        (Ok(Err(_)), _) => Err(Fault::Bad { what: "No client can be made of the kubeconfig".into() }),
        (Err(_), plugin) => Err(Fault::Unauthorized {
            what: clean(&format!(
                "the credential plugin {} did not end within {} s; run it by hand, it may want to ask something",
                plugin.as_deref().unwrap_or("of the kubeconfig"),
                PLUGIN_LIMIT.as_secs()
            )),
        }),
    }
}

fn build_words(error: &Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let said = clean(&deepest.to_string());
    if said.contains("No CA certificates") {
        return "it names no certificate authority, and this machine has none of its own (install ca-certificates)"
            .into();
    }
    said
}
