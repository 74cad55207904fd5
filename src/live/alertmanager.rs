//! Alerts from a real Alertmanager; without one, from Prometheus' own rules. What is pending only Prometheus knows.
//!
//! Never: a silence taken for quiet: a silenced alert is told as silenced.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::domain::alert::{Alert, AlertState};
use crate::domain::fault::Fault;
use crate::ports::Alerts;
use crate::tools::alertmanager::{PARAMETERS, PATH, alerts};
use crate::tools::prometheus::reply;

use super::connect::Connection;
use super::endpoint::Endpoint;
use super::find::{self, ALERTMANAGER};
use super::prometheus::{Source, is_lasting, unusable};

/// After nothing was found it is not looked for again for so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The alerts of a live cluster.
#[derive(Debug)]
pub struct LiveAlerts {
    connection: Arc<Connection>,
    given: Option<String>,
    found: Mutex<Option<(Result<Endpoint, Fault>, Instant)>>,
    prometheus: Arc<Source>,
}

impl LiveAlerts {
    pub(super) fn new(connection: Arc<Connection>, given: Option<String>, prometheus: Arc<Source>) -> Self {
        Self { connection, given, found: Mutex::new(None), prometheus }
    }

    async fn endpoint(&self) -> Result<Endpoint, Fault> {
        let mut found = self.found.lock().await;
        match &*found {
            Some((Ok(endpoint), _)) => return Ok(endpoint.clone()),
            Some((Err(fault), at)) if at.elapsed() < PATIENCE && is_lasting(fault) => return Err(fault.clone()),
            Some(_) | None => {}
        }
        let endpoint = find::endpoint(&self.connection, self.given.as_deref(), ALERTMANAGER).await;
        *found = Some((endpoint.clone(), Instant::now()));
        endpoint
    }

    async fn of_alertmanager(&self) -> Result<Vec<Alert>, Fault> {
        let endpoint = self.endpoint().await?;
        let reply = match endpoint.get(PATH, &PARAMETERS).await {
            Ok(reply) => reply,
            Err(fault) => {
                if matches!(fault, Fault::Absent { .. }) && self.given.is_none() {
                    *self.found.lock().await = None;
                }
                return Err(fault);
            }
        };
        if reply.code != 200 {
            return Err(endpoint.bad(&format!("it answered {} to {PATH}", reply.code)));
        }
        alerts(&reply.body, &self.connection.namespace).map_err(|why| endpoint.bad(&why))
    }

    async fn of_prometheus(&self) -> Result<Vec<Alert>, Fault> {
        let (endpoint, reply) = self.prometheus.get("/api/v1/alerts", &[]).await?;
        reply::alerts(&reply.body, &self.connection.namespace).map_err(|why| unusable(&endpoint, &reply, &why))
    }

    async fn all(&self) -> Result<Vec<Alert>, Fault> {
        match futures::join!(self.of_alertmanager(), self.of_prometheus()) {
            (Ok(mut ringing), Ok(own)) => {
                ringing.extend(own.into_iter().filter(|a| a.state == AlertState::Pending));
                Ok(ringing)
            }
            (Ok(ringing), Err(_)) => Ok(ringing),
            // One that was named must answer; one that is merely not there is stood in for.
            (Err(fault), Ok(own)) => match fault {
                Fault::Absent { .. } | Fault::Forbidden { .. } if self.given.is_none() => Ok(own),
                fault => Err(fault),
            },
            (Err(Fault::Absent { .. }), Err(fault)) | (Err(fault), Err(_)) => Err(fault),
        }
    }
}

impl Alerts for LiveAlerts {
    fn alerts(&self) -> BoxFuture<'_, Result<Vec<Alert>, Fault>> {
        Box::pin(self.all())
    }
}
