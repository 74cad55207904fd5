//! Who has written an object and when, as its managed fields tell (Kubernetes `metadata.managedFields`: the time of an
//! entry moves when its manager changes a value of a field that it owns).
//!
//! Never: Helm's own writes; its records tell those, and better. Nor a status, nor what a controller writes on somebody
//! else's account, nor who scaled: the server keeps no time for the subresource `scale` (seen with 1.36).

use serde::{Deserialize, Deserializer};

use super::ownership::HELM;
use crate::domain::change::{Change, Deed, Kind, Object};
use crate::domain::moment::Moment;
use crate::domain::text::clean;

/// The controllers' own manager.
const CONTROLLERS: &str = "kube-controller-manager";

/// The wanted members of an object: its metadata.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Written {
    metadata: Metadata,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: String,
    #[serde(deserialize_with = "or_empty")]
    managed_fields: Vec<Entry>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Entry {
    manager: String,
    time: Option<Moment>,
    subresource: String,
}

fn or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Entry>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Written {
    /// What was done to it since then.
    pub fn changes(self, kind: Kind, since: Moment) -> Vec<Change> {
        let object = Object { kind, name: clean(&self.metadata.name) };
        let change = |entry: Entry| {
            let at = entry.time.filter(|at| *at >= since && entry.is_a_hand())?;
            Some(Change { at, object: object.clone(), deed: Deed::Written, by: entry.by() })
        };
        self.metadata.managed_fields.into_iter().filter_map(change).collect()
    }
}

impl Entry {
    fn is_a_hand(&self) -> bool {
        self.subresource.is_empty() && ![CONTROLLERS, HELM, "Helm"].contains(&self.manager.as_str())
    }

    fn by(&self) -> String {
        if self.manager.is_empty() { "nobody who says who".into() } else { clean(&self.manager) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_what_a_person_or_a_tool_wrote_since_then() {
        let at = |s: &str| -> Moment { format!("2026-01-01T04:{s}Z").parse().unwrap() };
        let entry = |manager: &str, time: &str, subresource: &str| json!({"manager": manager, "time": format!("2026-01-01T04:{time}Z"), "subresource": subresource, "fieldsV1": {"f:data": {}}});
        let object = json!({"metadata": {"name": "web", "managedFields": [
            entry("helm", "29:00", ""),
            entry("kubectl-set", "29:30", ""),
            entry("kubectl-edit", "01:00", ""),
            entry("kube-controller-manager", "29:40", "status"),
            entry("kube-controller-manager", "29:41", ""),
            {"manager": "kubectl", "subresource": "scale"},
            {"manager": "old-tool"},
        ]}});
        let object_of = Object { kind: Kind::Deployment, name: "web".into() };
        let wanted = Change { at: at("29:30"), object: object_of, deed: Deed::Written, by: "kubectl-set".into() };
        let written: Written = serde_json::from_value(object).unwrap();
        assert_eq!(written.changes(Kind::Deployment, at("10:00")), [wanted]);
        let bare: Written =
            serde_json::from_value(json!({"metadata": {"name": "web", "managedFields": null}})).unwrap();
        assert_eq!(bare.changes(Kind::ConfigMap, at("00:00")), []);
    }
}
