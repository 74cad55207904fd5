//! What the API server adds to an object that was written: the defaults that a three-way patch and a diff meet in life
//! (kubernetes `pkg/apis/apps/v1/defaults.go`, `pkg/apis/core/v1/defaults.go`).
//!
//! Never: whether the object is allowed.

use serde_json::{Value, json};

use super::chance::Chance;
use super::field::{default, text};

/// The object with its defaults; `old` is what it replaces (its cluster IP is kept).
pub fn defaulted(mut object: Value, old: Option<&Value>, chance: Chance) -> Value {
    match text(&object, "/kind") {
        "Deployment" => deployment(&mut object),
        "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            default(&mut object, &["spec", "revisionHistoryLimit"], json!(10));
            template(&mut object);
        }
        "Job" => {
            for (key, value) in [("backoffLimit", 6), ("completions", 1), ("parallelism", 1)] {
                default(&mut object, &["spec", key], json!(value));
            }
            template(&mut object);
        }
        "Service" => service(&mut object, old, chance),
        "Secret" => default(&mut object, &["type"], json!("Opaque")),
        _ => {}
    }
    object
}

fn deployment(object: &mut Value) {
    default(object, &["spec", "replicas"], json!(1));
    default(object, &["spec", "progressDeadlineSeconds"], json!(600));
    default(object, &["spec", "revisionHistoryLimit"], json!(10));
    default(object, &["spec", "strategy", "type"], json!("RollingUpdate"));
    if text(object, "/spec/strategy/type") == "RollingUpdate" {
        default(object, &["spec", "strategy", "rollingUpdate", "maxSurge"], json!("25%"));
        default(object, &["spec", "strategy", "rollingUpdate", "maxUnavailable"], json!("25%"));
    }
    template(object);
}

fn template(object: &mut Value) {
    let Some(spec) = object.pointer_mut("/spec/template/spec") else { return };
    default(spec, &["restartPolicy"], json!("Always"));
    default(spec, &["terminationGracePeriodSeconds"], json!(30));
    default(spec, &["dnsPolicy"], json!("ClusterFirst"));
    default(spec, &["schedulerName"], json!("default-scheduler"));
    default(spec, &["securityContext"], json!({}));
    let Some(containers) = spec.get_mut("containers").and_then(Value::as_array_mut) else { return };
    for container in containers {
        default(container, &["imagePullPolicy"], json!("IfNotPresent"));
        default(container, &["resources"], json!({}));
        default(container, &["terminationMessagePath"], json!("/dev/termination-log"));
        default(container, &["terminationMessagePolicy"], json!("File"));
        for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
            default(port, &["protocol"], json!("TCP"));
        }
        for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
            if let Some(probe) = container.get_mut(probe) {
                for (key, value) in
                    [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
                {
                    default(probe, &[key], json!(value));
                }
                if probe.get("httpGet").is_some() {
                    default(probe, &["httpGet", "scheme"], json!("HTTP"));
                }
            }
        }
    }
}

fn service(object: &mut Value, old: Option<&Value>, chance: Chance) {
    let name = text(object, "/metadata/name").to_owned();
    default(object, &["spec", "type"], json!("ClusterIP"));
    default(object, &["spec", "sessionAffinity"], json!("None"));
    default(object, &["spec", "internalTrafficPolicy"], json!("Cluster"));
    let draw = chance.draw("cluster-ip", chance.draw(&name, 0));
    let drawn = format!("10.0.{}.{}", draw % 250 + 1, (draw >> 16) % 250 + 1);
    let ip = old.map_or("", |o| text(o, "/spec/clusterIP"));
    default(object, &["spec", "clusterIP"], json!(if ip.is_empty() { drawn } else { ip.into() }));
    let kept = object.pointer("/spec/clusterIP").cloned().unwrap_or_default();
    default(object, &["spec", "clusterIPs"], json!([kept]));
    for port in object.pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten() {
        default(port, &["protocol"], json!("TCP"));
        if let Some(number) = port.get("port").cloned() {
            default(port, &["targetPort"], number);
        }
    }
}
