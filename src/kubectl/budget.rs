//! Disruption budgets of a workload's pods. A rollout does not heed them: what it may leave is compared and said.
//!
//! Never: counting on a budget to hold a rollout back.

use serde_json::Value;

use super::strategy::scaled;
use crate::domain::text::clean;
use crate::helm::rollout::{number, text};

/// Whether a budget's selector fits the labels of a pod template (policy/v1: an empty selector fits every pod).
pub fn selects(budget: &Value, template: &Value) -> bool {
    let Some(selector) = budget.pointer("/spec/selector") else { return false };
    let label = |key: &str| template.pointer("/metadata/labels").and_then(|l| l.get(key)).and_then(Value::as_str);
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    let terms = selector.get("matchExpressions").and_then(Value::as_array);
    let fits = |term: &Value| {
        let values = term.get("values").and_then(Value::as_array);
        let has = label(text(term, "/key"));
        let within = has.is_some_and(|h| values.into_iter().flatten().any(|v| v.as_str() == Some(h)));
        match text(term, "/operator") {
            "In" => within,
            "NotIn" => !within,
            "Exists" => has.is_some(),
            "DoesNotExist" => has.is_none(),
            _ => false,
        }
    };
    equal.into_iter().flatten().all(|(k, v)| label(k) == v.as_str()) && terms.into_iter().flatten().all(fits)
}

/// What a budget has to say to a rollout that leaves so many of so many pods; nothing where it holds.
pub fn word(budget: &Value, serving: u32, pods: u32) -> Option<String> {
    let name = clean(text(budget, "/metadata/name"));
    let wants = wants(budget, pods)?;
    let healthy = u32::try_from(number(budget, "/status/currentHealthy")).unwrap_or_default();
    if budget.pointer("/status/desiredHealthy").is_some() && healthy < wants {
        return Some(format!("Budget {name} is broken already: {healthy} of {wants} pods healthy"));
    }
    (serving < wants)
        .then(|| format!("Budget {name} wants {wants} pods up; a rollout does not heed it and may leave {serving}"))
}

fn wants(budget: &Value, pods: u32) -> Option<u32> {
    if let Some(desired) = budget.pointer("/status/desiredHealthy").and_then(Value::as_u64) {
        return u32::try_from(desired).ok();
    }
    let spec = budget.get("spec")?;
    if let Some(least) = spec.get("minAvailable") {
        return Some(scaled(least, pods, true));
    }
    Some(pods.saturating_sub(scaled(spec.get("maxUnavailable")?, pods, true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_budget_speaks_where_a_rollout_may_leave_less_than_it_wants() {
        let budget = |spec: Value, status: Value| json!({"metadata": {"name": "b"}, "spec": spec, "status": status});
        let cases = [
            (budget(json!({"minAvailable": 2}), json!({})), 2, None),
            (
                budget(json!({"minAvailable": "50%"}), json!({})),
                1,
                Some("Budget b wants 2 pods up; a rollout does not heed it and may leave 1"),
            ),
            (budget(json!({"maxUnavailable": 1}), json!({})), 2, None),
            (
                budget(json!({"minAvailable": 1}), json!({"desiredHealthy": 2, "currentHealthy": 1})),
                3,
                Some("Budget b is broken already: 1 of 2 pods healthy"),
            ),
        ];
        for (budget, serving, wanted) in cases {
            assert_eq!(word(&budget, serving, 3).as_deref(), wanted, "{budget}");
        }
    }

    #[test]
    fn a_budget_is_a_workloads_where_its_selector_fits_the_template() {
        let template = json!({"metadata": {"labels": {"app": "web", "tier": "front"}}});
        let cases = [
            (json!({"matchLabels": {"app": "web"}}), true),
            (json!({"matchLabels": {"app": "api"}}), false),
            (json!({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["front"]}]}), true),
            (json!({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}), false),
            (json!({}), true),
        ];
        for (selector, wanted) in cases {
            assert_eq!(selects(&json!({"spec": {"selector": selector}}), &template), wanted, "{selector}");
        }
        assert!(!selects(&json!({"spec": {}}), &template));
    }
}
