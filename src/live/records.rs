//! Helm's record objects, whole: one, or all of a release.
//!
//! Never: decoding a payload; that is `helm/`.

use kube::api::{GetParams, ListParams};
use kube::core::Request;
use serde_json::Value;

use crate::domain::fault::Fault;
use crate::domain::name::ReleaseName;
use crate::helm::history::records_of;

use super::address;
use super::asked::{Asked, Trouble};
use super::connect::Connection;
use super::follow::built;
use super::objects::members;

/// What Helm stores its records in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Store {
    /// The default driver.
    Secrets,
    /// `HELM_DRIVER=configmap`
    ConfigMaps,
}

impl Store {
    /// The default first.
    pub const ALL: [Self; 2] = [Self::Secrets, Self::ConfigMaps];

    /// `secrets`
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::ConfigMaps => "configmaps",
        }
    }
}

/// Reading one record, in words.
pub(super) fn asked(store: Store, name: &str, namespace: Option<&str>) -> Asked {
    Asked::new("get", &format!("{} {name}", store.plural()), namespace)
}

/// One record's object.
pub(super) async fn one(connection: &Connection, store: Store, name: &str) -> Result<Value, Trouble> {
    let namespace = connection.namespace.as_str();
    let asked = asked(store, name, Some(namespace));
    let path = address::of_parts("", "v1", store.plural(), Some(namespace));
    let request = Request::new(path).get(&address::escaped(name), &GetParams::default());
    connection.json(&asked, built(&asked, request)?).await
}

/// All records of a release, payload included; of the ConfigMaps only where no Secret holds any.
pub(super) async fn of_release(connection: &Connection, release: &ReleaseName) -> Result<Vec<Value>, Fault> {
    let (asked, secrets) = list(connection, Store::Secrets, release).await;
    if secrets.as_ref().is_ok_and(|found| !found.is_empty()) {
        return secrets.map_err(|trouble| trouble.fault(&asked));
    }
    match list(connection, Store::ConfigMaps, release).await {
        (_, Ok(found)) if !found.is_empty() => Ok(found),
        (_, Ok(_) | Err(_)) => secrets.map_err(|trouble| trouble.fault(&asked)),
    }
}

async fn list(connection: &Connection, store: Store, release: &ReleaseName) -> (Asked, Result<Vec<Value>, Trouble>) {
    let namespace = connection.namespace.as_str();
    let asked = Asked::new("list", store.plural(), Some(namespace));
    let path = address::of_parts("", "v1", store.plural(), Some(namespace));
    let request = Request::new(path).list(&ListParams::default().labels(&records_of(release)));
    let found = match built(&asked, request) {
        Ok(request) => connection.json::<Value>(&asked, request).await.map(members),
        Err(trouble) => Err(trouble),
    };
    (asked, found)
}
