//! Alerts from a real Alertmanager and from Prometheus' own rules. What is silenced only Alertmanager knows; what is
//! pending, or never sent to that Alertmanager, only Prometheus.
//!
//! Never: a silence taken for quiet: a silenced alert is told as silenced.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::domain::alert::{Alert, AlertState, Labels, Rung, Silence};
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::text::clean;
use crate::ports::{Alerts, Hushed};
use crate::tools::alertmanager::{PARAMETERS, PATH, Raised, SILENCES, Silences, alerts, body, raised};
use crate::tools::prometheus::reply;

use super::connect::Connection;
use super::endpoint::{Endpoint, Reply};
use super::find::{self, ALERTMANAGER};
use super::login::Login;
use super::prometheus::{Source, is_lasting, unusable};

/// After nothing was found it is not looked for again for so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The alerts of a live cluster.
#[derive(Debug)]
pub struct LiveAlerts {
    connection: Arc<Connection>,
    given: Option<String>,
    login: Login,
    found: Mutex<Option<(Result<Endpoint, Fault>, Instant)>>,
    prometheus: Arc<Source>,
}

impl LiveAlerts {
    pub(super) fn new(
        connection: Arc<Connection>,
        given: Option<String>,
        login: Login,
        prometheus: Arc<Source>,
    ) -> Self {
        Self { connection, given, login, found: Mutex::new(None), prometheus }
    }

    async fn endpoint(&self) -> Result<Endpoint, Fault> {
        let mut found = self.found.lock().await;
        match &*found {
            Some((Ok(endpoint), _)) => return Ok(endpoint.clone()),
            Some((Err(fault), at)) if at.elapsed() < PATIENCE && is_lasting(fault) => return Err(fault.clone()),
            Some(_) | None => {}
        }
        let endpoint = find::endpoint(&self.connection, self.given.as_deref(), &self.login, ALERTMANAGER).await;
        *found = Some((endpoint.clone(), Instant::now()));
        endpoint
    }

    async fn of_alertmanager(&self) -> Result<Vec<Alert>, Fault> {
        let (endpoint, reply) = self.get(PATH, &PARAMETERS).await?;
        let raised = raised(&reply.body).map_err(|why| endpoint.bad(&why))?;
        let silences = if raised.iter().any(Raised::is_silenced) {
            let reply = endpoint.get(SILENCES, &[]).await;
            reply.map(|r| Silences::read(&r.body)).unwrap_or_default()
        } else {
            Silences::default()
        };
        Ok(alerts(&raised, &silences, &self.connection.namespace))
    }

    async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<(Endpoint, Reply), Fault> {
        let endpoint = self.endpoint().await?;
        match endpoint.get(path, parameters).await {
            Ok(reply) if reply.code == 200 => Ok((endpoint, reply)),
            Ok(reply) => Err(endpoint.bad(&format!("it answered {} to {path}", reply.code))),
            Err(fault) => {
                if matches!(fault, Fault::Absent { .. }) && self.given.is_none() {
                    *self.found.lock().await = None;
                }
                Err(fault)
            }
        }
    }

    async fn silenced(&self, labels: Labels, from: Moment, silence: Silence) -> Hushed {
        let posted = async {
            let endpoint = self.endpoint().await?;
            let reply = endpoint.post(SILENCES, &body(&labels, from, &silence)).await?;
            Ok((reply.code, endpoint.bad(&format!("it answered {}: {}", reply.code, clean(&reply.body)))))
        };
        match posted.await {
            Ok((200, _)) => Hushed::Made,
            Ok((400..500, said)) => Hushed::Refused(said.sentence()),
            Ok((_, said)) => Hushed::Lost(said.sentence()),
            Err(fault @ (Fault::Unauthorized { .. } | Fault::Forbidden { .. } | Fault::Absent { .. })) => {
                Hushed::Refused(fault.sentence())
            }
            Err(fault @ (Fault::Unreachable { .. } | Fault::Bad { .. })) => Hushed::Lost(fault.sentence()),
        }
    }

    async fn of_prometheus(&self) -> Result<Vec<Alert>, Fault> {
        let (endpoint, reply) = self.prometheus.get("/api/v1/alerts", &[]).await?;
        reply::alerts(&reply.body, &self.connection.namespace).map_err(|why| unusable(&endpoint, &reply, &why))
    }

    /// What both of them know. Each stands in for the other, and it is said who is missing; but "nothing rings" is
    /// believed only where everybody has answered who is there.
    async fn all(&self) -> Result<Rung, Fault> {
        match futures::join!(self.of_alertmanager(), self.of_prometheus()) {
            (Ok(mut alerts), Ok(own)) => {
                let known: Vec<_> = alerts.iter().map(|a| (a.name.clone(), a.service.clone())).collect();
                let untold = |a: &Alert| !known.contains(&(a.name.clone(), a.service.clone()));
                alerts.extend(own.into_iter().filter(|a| a.state == AlertState::Pending || untold(a)));
                Ok(Rung { alerts, lacking: None })
            }
            (Ok(alerts), Err(fault)) if is_lasting(&fault) => Ok(Rung { alerts, lacking: None }),
            (Err(fault), Ok(alerts)) if self.given.is_none() && is_lasting(&fault) => {
                // Who may not look whether there is one cannot know of silences either.
                let lacking = Some(fault).filter(|f| matches!(f, Fault::Forbidden { .. }));
                Ok(Rung { alerts, lacking })
            }
            (Ok(alerts), Err(fault)) | (Err(fault), Ok(alerts)) if !alerts.is_empty() => {
                Ok(Rung { alerts, lacking: Some(fault) })
            }
            (Err(Fault::Absent { .. }) | Ok(_), Err(fault)) | (Err(fault), Ok(_) | Err(_)) => Err(fault),
        }
    }
}

impl Alerts for LiveAlerts {
    fn alerts(&self) -> BoxFuture<'_, Result<Rung, Fault>> {
        Box::pin(self.all())
    }

    fn silence(&self, alert: Labels, from: Moment, silence: Silence) -> BoxFuture<'_, Hushed> {
        Box::pin(self.silenced(alert, from, silence))
    }
}
