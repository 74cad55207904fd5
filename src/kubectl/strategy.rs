//! How a workload replaces its pods: how many may be missing, how many extra, or all at once.
//!
//! Never: heeding a disruption budget; a rollout does not (Kubernetes: budgets bind evictions).

use serde_json::Value;

use crate::helm::rollout::{number, text, wanted};

/// The strategy, in pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Old pods all go, then new ones come.
    Recreate,
    /// Step by step.
    Rolling {
        /// That many may be missing meanwhile.
        missing: u32,
        /// That many more may run meanwhile.
        extra: u32,
    },
    /// A StatefulSet's pods one by one from the highest ordinal, down to the partition.
    Ordered {
        /// Pods below it keep their template.
        partition: u32,
    },
    /// A pod is replaced only when somebody deletes it.
    OnDelete,
}

/// Pods wanted.
pub fn pods(workload: &Value) -> u32 {
    u32::try_from(wanted(workload)).unwrap_or_default()
}

/// The strategy of a Deployment, StatefulSet or DaemonSet, with Kubernetes' defaults and rounding
/// (`deploymentutil.ResolveFenceposts`: what may be missing rounds down, what may be extra up, both 0 is 1 missing).
pub fn of(workload: &Value) -> Strategy {
    let count = |path: &str, default: &str, up: bool| {
        let value = workload.pointer(path).cloned().unwrap_or_else(|| default.into());
        scaled(&value, pods(workload), up)
    };
    if text(workload, "/spec/updateStrategy/type") == "OnDelete" {
        return Strategy::OnDelete;
    }
    match text(workload, "/kind") {
        "StatefulSet" => {
            let partition = number(workload, "/spec/updateStrategy/rollingUpdate/partition");
            Strategy::Ordered { partition: u32::try_from(partition).unwrap_or_default() }
        }
        "DaemonSet" => {
            let missing = count("/spec/updateStrategy/rollingUpdate/maxUnavailable", "1", true);
            let extra = count("/spec/updateStrategy/rollingUpdate/maxSurge", "0", true);
            Strategy::Rolling { missing, extra }
        }
        _ if text(workload, "/spec/strategy/type") == "Recreate" => Strategy::Recreate,
        _ => {
            let missing = count("/spec/strategy/rollingUpdate/maxUnavailable", "25%", false);
            let extra = count("/spec/strategy/rollingUpdate/maxSurge", "25%", true);
            Strategy::Rolling { missing: if extra == 0 { missing.max(1) } else { missing }, extra }
        }
    }
}

/// A count, or a percentage of `whole`.
pub fn scaled(value: &Value, whole: u32, up: bool) -> u32 {
    if let Some(count) = value.as_u64() {
        return u32::try_from(count).unwrap_or(u32::MAX);
    }
    let raw = value.as_str().unwrap_or_default();
    let Some(percent) = raw.strip_suffix('%').and_then(|p| p.parse::<u64>().ok()) else {
        return raw.parse().unwrap_or_default();
    };
    let product = percent.saturating_mul(u64::from(whole));
    u32::try_from(if up { product.div_ceil(100) } else { product / 100 }).unwrap_or(u32::MAX)
}

impl Strategy {
    /// The fewest pods that serve meanwhile, of so many.
    pub fn serving(self, pods: u32) -> u32 {
        match self {
            Self::Recreate => 0,
            Self::Rolling { missing, .. } => pods.saturating_sub(missing),
            Self::Ordered { .. } => pods.saturating_sub(1),
            Self::OnDelete => pods,
        }
    }

    /// `step by step: at most 1 of 4 pods missing, 1 extra`
    pub fn words(self, pods: u32) -> String {
        match self {
            Self::Recreate => format!("Recreate: all {pods} pods go first, then the new ones come"),
            Self::Rolling { missing, extra } => {
                format!("step by step: at most {missing} of {pods} pods missing, {extra} extra")
            }
            Self::Ordered { partition: 0 } => format!("one of {pods} pods after the other, the highest number first"),
            Self::Ordered { partition } => {
                format!("one of {pods} pods after the other, down to number {partition} (partition)")
            }
            Self::OnDelete => "OnDelete: a pod is replaced only when it is deleted".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_strategy_is_counted_in_pods_as_kubernetes_counts() {
        let deployment = |replicas: u32, strategy: Value| json!({"kind": "Deployment", "spec": {"replicas": replicas, "strategy": strategy}});
        let rolling =
            |missing: Value, extra: Value| json!({"rollingUpdate": {"maxUnavailable": missing, "maxSurge": extra}});
        let cases = [
            (deployment(4, json!({})), Strategy::Rolling { missing: 1, extra: 1 }),
            (deployment(2, json!({})), Strategy::Rolling { missing: 0, extra: 1 }),
            (deployment(10, rolling(json!("34%"), json!(0))), Strategy::Rolling { missing: 3, extra: 0 }),
            (deployment(1, rolling(json!("25%"), json!(0))), Strategy::Rolling { missing: 1, extra: 0 }),
            (deployment(3, json!({"type": "Recreate"})), Strategy::Recreate),
            (
                json!({"kind": "StatefulSet", "spec": {"updateStrategy": {"rollingUpdate": {"partition": 2}}}}),
                Strategy::Ordered { partition: 2 },
            ),
            (json!({"kind": "StatefulSet", "spec": {"updateStrategy": {"type": "OnDelete"}}}), Strategy::OnDelete),
            (
                json!({"kind": "DaemonSet", "spec": {}, "status": {"desiredNumberScheduled": 5}}),
                Strategy::Rolling { missing: 1, extra: 0 },
            ),
        ];
        for (object, wanted) in cases {
            assert_eq!(of(&object), wanted, "{object}");
        }
    }
}
