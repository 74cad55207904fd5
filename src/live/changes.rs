//! What was changed beside Helm: the managers of workloads, ConfigMaps and Secrets, read once when somebody needs to know.
//!
//! Never: a value; only metadata comes over the wire. Nor a watch for it.

use futures::future::join_all;
use kube::api::ListParams;
use kube::core::Request;
use serde::Deserialize;

use crate::domain::change::{Change, Changes, Deed, Kind, Object};
use crate::domain::moment::Moment;
use crate::domain::workload::Warning;
use crate::helm::written::Written;

use super::address;
use super::asked::{Asked, Trouble};
use super::connect::Connection;
use super::event::RawEvent;
use super::follow::built;
use super::meta::or_empty;

/// Objects of one page.
const PAGE: u32 = 500;
/// Pages read of one kind; what lies behind them is said to be unseen.
const PAGES: usize = 10;
/// Helm's records are no configuration, and the largest Secrets of all.
const NO_RECORDS: &str = "type!=helm.sh/release.v1";

/// How an autoscaler tells that it did (Kubernetes `pkg/controller/podautoscaler/horizontal.go`).
const RESCALED: &str = "reason=SuccessfulRescale";

#[derive(Deserialize)]
struct Events {
    #[serde(default, deserialize_with = "or_empty")]
    items: Vec<RawEvent>,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    metadata: Place,
    #[serde(default, deserialize_with = "or_empty")]
    items: Vec<Written>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    r#continue: String,
}

/// All changes since then.
pub(super) async fn since(connection: &Connection, since: Moment) -> Changes {
    let kinds = Kind::ALL.map(|kind| async move { (kind, of(connection, kind, since).await) });
    let mut changes = Changes::default();
    for (kind, (seen, trouble)) in join_all(kinds).await {
        changes.all.extend(seen);
        if let Some((asked, trouble)) = trouble {
            changes.unseen.insert(kind, trouble.fault(&asked));
        }
    }
    changes.all.sort_by_key(|c| std::cmp::Reverse(c.at));
    changes
}

/// Those of one kind, and why there may be more.
async fn of(connection: &Connection, kind: Kind, since: Moment) -> (Vec<Change>, Option<(Asked, Trouble)>) {
    match kind {
        Kind::HorizontalPodAutoscaler => rescaled(connection, since).await,
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::ConfigMap | Kind::Secret => {
            written(connection, kind, since).await
        }
    }
}

/// What autoscalers say that they did.
async fn rescaled(connection: &Connection, since: Moment) -> (Vec<Change>, Option<(Asked, Trouble)>) {
    let namespace = connection.namespace.as_str();
    let asked = Asked::new("list", "events", Some(namespace));
    let params = ListParams::default().fields(RESCALED).limit(PAGE);
    let request = Request::new(address::of_parts("", "v1", "events", Some(namespace))).list(&params);
    let read: Result<Events, Trouble> = match built(&asked, request) {
        Ok(request) => connection.json(&asked, request).await,
        Err(trouble) => Err(trouble),
    };
    match read {
        Err(trouble) => (Vec::new(), Some((asked, trouble))),
        Ok(events) => {
            let told = events.items.iter().map(RawEvent::warning).filter(|e| e.at >= since);
            let change = |e: Warning| {
                let object = Object { kind: Kind::HorizontalPodAutoscaler, name: e.object };
                Change { at: e.at, object, deed: Deed::Scaled, by: e.message }
            };
            (told.map(change).collect(), None)
        }
    }
}

async fn written(connection: &Connection, kind: Kind, since: Moment) -> (Vec<Change>, Option<(Asked, Trouble)>) {
    let namespace = connection.namespace.as_str();
    let (group, plural) = kind.place();
    let asked = Asked::new("list", plural, Some(namespace));
    let path = address::of_parts(group, "v1", plural, Some(namespace));
    let (mut seen, mut from) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let mut params = ListParams::default().limit(PAGE);
        if kind == Kind::Secret {
            params = params.fields(NO_RECORDS);
        }
        if !from.is_empty() {
            params = params.continue_token(&from);
        }
        let list: Result<List, Trouble> = match built(&asked, Request::new(path.clone()).list_metadata(&params)) {
            Ok(request) => connection.json(&asked, request).await,
            Err(trouble) => Err(trouble),
        };
        match list {
            Err(trouble) => return (seen, Some((asked, trouble))),
            Ok(list) => {
                seen.extend(list.items.into_iter().flat_map(|written| written.changes(kind, since)));
                from = list.metadata.r#continue;
            }
        }
        if from.is_empty() {
            return (seen, None);
        }
    }
    let many = asked.bad(&format!("there are more than {} of them", PAGES * PAGE as usize));
    (seen, Some((asked, Trouble::Fault(many))))
}
