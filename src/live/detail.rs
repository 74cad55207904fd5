//! A closer look at one pod: its events, the containers that run before its own, and the last lines of each, also of the
//! run before a crash.
//!
//! Never: a failure of the whole because one log cannot be had; a password or a token that a log tells.

use std::time::Duration;

use futures::future::join_all;
use http::Request as HttpRequest;
use kube::api::{GetParams, ListParams};
use kube::core::Request;
use serde::Deserialize;

use crate::domain::detail::{LogTail, PodDetail};
use crate::domain::fault::Fault;
use crate::domain::name::PodName;
use crate::domain::text::{clean, clean_lines};
use crate::domain::workload::{ContainerRow, Restarts, Warning};
use crate::helm::mask;

use super::address;
use super::asked::{Asked, Trouble};
use super::connect::Connection;
use super::event::RawEvent;
use super::follow::built;
use super::meta::or_empty;
use super::pod::RawPod;

/// Lines of each log.
const LINES: &str = "20";
/// Of each log at most this much is read.
const BYTES: &str = "65536";
/// Events shown.
const EVENTS: usize = 20;
/// A log comes through the kubelet, which may be gone with its node.
const LOG_LIMIT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Events {
    #[serde(default, deserialize_with = "or_empty")]
    items: Vec<RawEvent>,
}

/// Looks closely.
///
/// # Errors
/// The pod itself cannot be read.
pub(super) async fn of_pod(connection: &Connection, pod: &PodName) -> Result<PodDetail, Fault> {
    let namespace = connection.namespace.as_str();
    let asked = Asked::new("get", &format!("pods {pod}"), Some(namespace));
    let path = address::of_parts("", "v1", "pods", Some(namespace));
    let request = Request::new(path.clone()).get(&address::escaped(pod.as_str()), &GetParams::default());
    let read = async { connection.json::<RawPod>(&asked, built(&asked, request)?).await };
    let (raw, events) = futures::join!(read, events(connection, pod));
    let raw = raw.map_err(|trouble| trouble.fault(&asked))?;
    let (row, init) = (raw.row(Restarts::Exactly(0)), raw.init());
    let before = init.iter().filter(|c| tells(c));
    let wanted: Vec<(&ContainerRow, bool)> = before.chain(&row.containers).flat_map(runs).collect();
    let pod_path = format!("{path}/{}", address::escaped(pod.as_str()));
    let logs = join_all(wanted.into_iter().map(|(c, previous)| log(connection, &pod_path, c, previous))).await;
    Ok(PodDetail { init, events, logs })
}

/// Whether the log of a container that runs before the pod's own is of interest: it ran, and did not end well.
fn tells(container: &ContainerRow) -> bool {
    let waits = ["", "PodInitializing"].contains(&container.state.as_str());
    container.state != "Completed" && !(waits && container.last_exit.is_none())
}

/// The runs of a container whose logs tell something: the present one, and the one before a crash.
fn runs(container: &ContainerRow) -> Vec<(&ContainerRow, bool)> {
    let crashed = container.restarts > 0 && container.last_exit.as_ref().is_some_and(|e| e.code != 0);
    // While it waits to start again, the server answers with the run before.
    let waits = container.state != "Running";
    if crashed && !waits { vec![(container, false), (container, true)] } else { vec![(container, crashed && waits)] }
}

async fn log(connection: &Connection, pod: &str, container: &ContainerRow, previous: bool) -> LogTail {
    let asked = Asked::new("get", "pods/log", Some(connection.namespace.as_str()));
    let previous_text = if previous { "true" } else { "false" };
    let query = address::query(&[
        ("container", container.name.as_str()),
        ("tailLines", LINES),
        ("limitBytes", BYTES),
        ("previous", previous_text),
    ]);
    let request = HttpRequest::get(format!("{pod}/log?{query}")).body(Vec::new());
    let read = match request {
        Ok(request) => connection.text(&asked, request, LOG_LIMIT).await,
        Err(e) => Err(Trouble::Fault(asked.bad(&format!("it cannot be asked: {e}")))),
    };
    let lines = read.map(|text| mask::text::log(&clean_lines(&text)));
    LogTail {
        container: container.name.clone(),
        previous,
        lines: lines.map_err(|trouble| match trouble {
            // What the kubelet says is plain enough: "container "x" in pod "y" is waiting to start".
            Trouble::Status(s) if s.code == 400 => clean(&s.message),
            Trouble::Status(_) | Trouble::Fault(_) => trouble.fault(&asked).sentence(),
        }),
    }
}

/// The pod's events, newest first; where they cannot be read, one that says so.
async fn events(connection: &Connection, pod: &PodName) -> Vec<Warning> {
    let namespace = connection.namespace.as_str();
    let asked = Asked::new("list", "events", Some(namespace));
    let fields = format!("involvedObject.kind=Pod,involvedObject.name={pod}");
    let to = Request::new(address::of_parts("", "v1", "events", Some(namespace)));
    let request = to.list(&ListParams::default().fields(&fields).limit(500));
    let read = match built(&asked, request) {
        Ok(request) => connection.json::<Events>(&asked, request).await,
        Err(trouble) => Err(trouble),
    };
    let mut events: Vec<Warning> = match read {
        Ok(events) => events.items.iter().map(RawEvent::warning).collect(),
        Err(trouble) => vec![Warning {
            kind: "Pod".into(),
            object: pod.as_str().to_owned(),
            reason: "NoEvents".into(),
            message: trouble.fault(&asked).sentence(),
            count: 1,
            at: super::clock::wall(),
        }],
    };
    events.sort_by_key(|e| std::cmp::Reverse(e.at));
    events.truncate(EVENTS);
    events
}
