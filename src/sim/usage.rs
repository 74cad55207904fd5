//! What the shop's pods use of CPU and memory, as its metrics API tells it: CPU follows from the requests that a pod
//! answers, memory from what runs in it; one that will be killed for its memory grows until then.
//!
//! Never: a sample of a container that has just started.

use std::time::Duration;

use serde_json::Value;

use super::conduct::Fate;
use super::field;
use super::pod::Pod;
use super::production::Production;
use super::shop::SHOP;
use crate::domain::fault::Fault;
use crate::domain::metrics::Signal;
use crate::domain::moment::{Moment, since};
use crate::domain::usage::{Amounts, Origin, Sizes, Usage, Used};
use crate::helm::quota::quantity;

/// How often the metrics API reads.
const EVERY: i64 = 15;
/// A container is in no sample before it has run so long.
const YOUNG: Duration = Duration::from_secs(30);
/// Seconds of a core that a request takes.
const WORK: f64 = 0.006;
/// Cores of a pod that answers nobody.
const IDLE: f64 = 0.03;
/// Bytes of a virtual machine that has warmed up.
const WARM: f64 = 340.0 * 1_048_576.0;

impl Production {
    /// What each pod uses.
    ///
    /// # Errors
    /// The API server does not answer, or forbids it.
    pub fn usage(&self) -> Result<Usage, Fault> {
        self.readable("list", "pods.metrics.k8s.io")?;
        let at = chrono::DateTime::from_timestamp(self.now.timestamp().div_euclid(EVERY) * EVERY, 0);
        let at = at.unwrap_or(self.now);
        let scene = self.scene();
        let rate = |pod: &Pod| {
            let trade = SHOP.iter().find(|t| t.name == pod.service.as_str())?;
            let ready = self.pods.values().filter(|p| p.service == pod.service && p.ready()).count().max(1);
            let all = scene.value(trade, Signal::Traffic, at)?;
            pod.ready().then_some(all / ready as f64)
        };
        let used = |pod: &Pod| {
            let ran =
                pod.started.filter(|s| pod.runs() && *s <= at).map(|s| since(s, at)).filter(|ran| *ran >= YOUNG)?;
            let cpu = rate(pod).unwrap_or(0.0).mul_add(WORK, IDLE);
            let memory = self.memory(pod, ran, at);
            Some(Used { pod: pod.name.clone(), at, amounts: Amounts::of_base(Some(cpu), Some(memory)) })
        };
        Ok(Usage { origin: Origin::MetricsApi, pods: self.pods.values().filter_map(used).collect() })
    }

    fn memory(&self, pod: &Pod, ran: Duration, at: Moment) -> f64 {
        let ripple = self.chance.other(6).ripple(pod.name.as_str(), at.timestamp() as f64, 90.0);
        let warm = WARM * ripple.mul_add(0.06, 1.0);
        match (&pod.conduct.fate, sizes(&pod.spec).limits.memory) {
            (Fate::Crashes { after, reason, .. }, Some(limit)) if reason == "OOMKilled" && !after.is_zero() => {
                let grown = (ran.as_secs_f64() / after.as_secs_f64()).min(1.0);
                (limit as f64 - warm).mul_add(grown, warm)
            }
            (Fate::Crashes { .. } | Fate::Serves | Fate::NeverReady | Fate::NoSuchImage, _) => warm,
        }
    }
}

/// What the containers of a pod's spec ask for and may have.
pub(super) fn sizes(spec: &Value) -> Sizes {
    let containers = field::at(spec, "/containers").and_then(Value::as_array).into_iter().flatten();
    let of = |container: &Value, what: &str| {
        let one = |name: &str| field::at(container, &format!("/resources/{what}/{name}")).and_then(quantity);
        Amounts::of_base(one("cpu"), one("memory"))
    };
    Sizes::together(containers.map(|c| Sizes { requests: of(c, "requests"), limits: of(c, "limits") }))
}
