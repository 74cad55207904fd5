//! How the server serves a kind: the resource lists of group versions, each read once.
//!
//! A kind that a remembered list does not hold is looked for again: it may be a CRD of today.
//! Never: a list of all groups; each question names its group version.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::Request;
use serde::Deserialize;

use crate::helm::api::{Answer, Gvk, Resource};

use super::address;
use super::asked::{Asked, Trouble};
use super::call::refused;
use super::connect::Connection;
use super::meta::or_empty;

/// The lists read so far.
#[derive(Debug, Default)]
pub(super) struct Discovered {
    served: Mutex<HashMap<Gvk, Resource>>,
}

#[derive(Deserialize)]
struct ResourceList {
    #[serde(default, deserialize_with = "or_empty")]
    resources: Vec<Served>,
}

#[derive(Deserialize)]
struct Served {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
}

impl Discovered {
    /// The resource that serves a kind.
    pub async fn resource(&self, connection: &Connection, gvk: &Gvk) -> Answer {
        let known = self.served.lock().unwrap_or_else(PoisonError::into_inner).get(gvk).cloned();
        if let Some(resource) = known {
            return Answer::Resource(Some(resource));
        }
        let asked = Asked::new("get", &format!("the resources of {}", gvk.api_version()), None);
        match read(connection, gvk, &asked).await {
            Ok(list) => {
                let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
                // A name with a slash is a subresource, which serves another kind's object.
                for resource in list.resources.into_iter().filter(|r| !r.name.contains('/')) {
                    let gvk = Gvk { kind: resource.kind, ..gvk.clone() };
                    served
                        .insert(gvk.clone(), Resource { gvk, plural: resource.name, namespaced: resource.namespaced });
                }
                Answer::Resource(served.get(gvk).cloned())
            }
            Err(trouble) if trouble.is_not_found() => Answer::Resource(None),
            Err(trouble) => refused(trouble, &asked),
        }
    }
}

async fn read(connection: &Connection, gvk: &Gvk, asked: &Asked) -> Result<ResourceList, Trouble> {
    let request = Request::get(address::group_version(&gvk.group, &gvk.version)).body(Vec::new());
    let request = request.map_err(|e| Trouble::Fault(asked.bad(&format!("it cannot be asked: {e}"))))?;
    connection.json(asked, request).await
}
