//! Admission webhooks that must answer and have nobody to do so: the API server then refuses what they are to judge.
//!
//! Never: a webhook outside the cluster; whether its URL answers cannot be told from here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::api::{Gvk, Resource};
use super::draft::Draft;
use super::manifest;
use super::plan::{Finding, Level};
use super::risks::finding;
use crate::domain::name::Namespace;
use crate::domain::text::clean;

/// A webhook that must answer, and the service behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strict {
    /// Its configuration.
    pub of: String,
    /// Where its service is.
    pub namespace: Namespace,
    /// Its service.
    pub service: String,
}

/// The two kinds of configurations.
pub fn configurations() -> [Resource; 2] {
    ["Validating", "Mutating"].map(|word| Resource {
        gvk: Gvk::new("admissionregistration.k8s.io/v1", &format!("{word}WebhookConfiguration")),
        plural: format!("{}webhookconfigurations", word.to_lowercase()),
        namespaced: false,
    })
}

/// The endpoints of services, in slices.
pub fn slices() -> Resource {
    Resource {
        gvk: Gvk::new("discovery.k8s.io/v1", "EndpointSlice"),
        plural: "endpointslices".into(),
        namespaced: true,
    }
}

/// The webhooks that judge what this rollback writes, or its pods, and must answer.
pub fn strict(draft: &Draft, configurations: &[Value]) -> BTreeSet<Strict> {
    let mut written: BTreeSet<&str> = draft.ops.iter().map(|o| o.at.resource.plural.as_str()).collect();
    written.insert("pods");
    let mut all = BTreeSet::new();
    for configuration in configurations {
        let hooks = configuration.get("webhooks").and_then(Value::as_array);
        for hook in hooks.into_iter().flatten() {
            // Fail is the default since admissionregistration.k8s.io/v1.
            let fails = hook.get("failurePolicy").and_then(Value::as_str) != Some("Ignore");
            let service = hook.pointer("/clientConfig/service");
            let text = |name: &str| service.and_then(|s| s.get(name)).and_then(Value::as_str);
            if let (true, true, Some(namespace), Some(name)) =
                (fails, judges(hook, &written), text("namespace"), text("name"))
            {
                all.insert(Strict {
                    of: clean(manifest::name(configuration)),
                    namespace: Namespace::new(namespace),
                    service: name.to_owned(),
                });
            }
        }
    }
    all
}

fn judges(hook: &Value, written: &BTreeSet<&str>) -> bool {
    let rules = hook.get("rules").and_then(Value::as_array);
    let resources =
        rules.into_iter().flatten().filter_map(|r| r.get("resources")).filter_map(Value::as_array).flatten();
    resources.filter_map(Value::as_str).any(|r| r == "*" || r == "*/*" || written.contains(r))
}

/// Whether any endpoint of those slices is ready; ready is what is not said to be otherwise.
pub fn answers(slices: &[Value]) -> bool {
    let endpoints = slices.iter().filter_map(|s| s.get("endpoints")).filter_map(Value::as_array).flatten();
    endpoints.into_iter().any(|e| e.pointer("/conditions/ready") != Some(&Value::Bool(false)))
}

/// The ones that nobody answers for.
pub fn findings(dead: &BTreeSet<Strict>) -> Vec<Finding> {
    let one = |strict: &Strict| {
        let Strict { of, namespace, service } = strict;
        let service = clean(service);
        let sentence = format!("Webhook {of} must answer, but its service {namespace}/{service} has no ready endpoint");
        let cure = "Until it has one the API server refuses what it judges, perhaps new pods too.";
        finding(Level::Warn, sentence, cure)
    };
    dead.iter().map(one).collect()
}
