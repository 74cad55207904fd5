//! One event of the cluster: a warning about an object, or what happened to a pod.

use serde::Deserialize;

use crate::domain::moment::Moment;
use crate::domain::text::{clean, clean_lines};
use crate::domain::workload::Warning;
use crate::helm::mask;

use super::autoscaler::NoMarks;
use super::follow::Versioned;
use super::meta::Meta;

/// The wanted members of a core/v1 Event, in both of its dialects (counted, and series).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawEvent {
    pub metadata: Meta<NoMarks>,
    involved_object: Involved,
    reason: Option<String>,
    message: Option<String>,
    count: Option<u32>,
    last_timestamp: Option<Moment>,
    event_time: Option<Moment>,
    series: Option<Series>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Involved {
    kind: String,
    name: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Series {
    count: u32,
    last_observed_time: Option<Moment>,
}

impl Versioned for RawEvent {
    fn version(&self) -> &str {
        &self.metadata.resource_version.0
    }
}

impl RawEvent {
    /// In the operator's words.
    pub fn warning(&self) -> Warning {
        let series = self.series.as_ref();
        let at = series.and_then(|s| s.last_observed_time).or(self.last_timestamp).or(self.event_time);
        Warning {
            kind: clean(&self.involved_object.kind),
            object: clean(&self.involved_object.name),
            reason: clean(self.reason.as_deref().unwrap_or_default()),
            message: mask::text::log(&clean_lines(self.message.as_deref().unwrap_or_default())).join(" "),
            count: series.map(|s| s.count).or(self.count).unwrap_or(1).max(1),
            at: at.or(self.metadata.creation_timestamp).unwrap_or_default(),
        }
    }
}
