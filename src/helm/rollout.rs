//! How far one object is, by its own status: kubectl's `rollout status` (kubectl `polymorphichelpers/rollout_status.go`),
//! how a hook's Job or Pod ended (kstatus), what is wrong with a pod.
//!
//! Never: several objects together; that is [`super::readiness`].

use serde_json::Value;

use crate::domain::name::Container;
use crate::domain::text::clean;
use crate::domain::workload::Rollout;

/// A number in an object; absent is 0.
pub fn number(object: &Value, path: &str) -> i64 {
    object.pointer(path).and_then(Value::as_i64).unwrap_or_default()
}

/// A text in an object; absent is empty.
pub fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    object.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// Pods wanted; where a spec says nothing it is one.
pub fn wanted(object: &Value) -> i64 {
    if text(object, "/kind") == "DaemonSet" {
        return number(object, "/status/desiredNumberScheduled");
    }
    if text(object, "/kind") == "Job" {
        return object.pointer("/spec/completions").map_or(1, |r| r.as_i64().unwrap_or(1));
    }
    object.pointer("/spec/replicas").map_or(1, |r| r.as_i64().unwrap_or(1))
}

/// How far a Deployment, StatefulSet, DaemonSet or Job is; any other kind is done at once.
pub fn of(object: &Value) -> Rollout {
    match text(object, "/kind") {
        "Deployment" => deployment(object),
        "StatefulSet" => stateful_set(object),
        "DaemonSet" => daemon_set(object),
        "Job" => job(object),
        _ => Rollout::Done,
    }
}

fn observed(object: &Value) -> bool {
    let seen = number(object, "/status/observedGeneration");
    seen != 0 && number(object, "/metadata/generation") <= seen
}

fn waiting() -> Rollout {
    Rollout::Going("its controller has not seen the change yet".into())
}

fn deployment(object: &Value) -> Rollout {
    if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Rollout::Paused;
    }
    if !observed(object) {
        return waiting();
    }
    if let Some(progressing) = condition(object, "Progressing")
        && text(progressing, "/reason") == "ProgressDeadlineExceeded"
    {
        return Rollout::Stuck("progress deadline exceeded".into());
    }
    let [all, updated, available] =
        ["replicas", "updatedReplicas", "availableReplicas"].map(|field| number(object, &format!("/status/{field}")));
    let wanted = wanted(object);
    if updated < wanted {
        Rollout::Going(format!("{updated} of {wanted} updated"))
    } else if all > updated {
        Rollout::Going(format!("{} old still to go", all - updated))
    } else if available < updated {
        Rollout::Going(format!("{available} of {updated} available"))
    } else {
        Rollout::Done
    }
}

fn daemon_set(object: &Value) -> Rollout {
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return Rollout::Paused;
    }
    if !observed(object) {
        return waiting();
    }
    let wanted = wanted(object);
    let [updated, available] =
        ["updatedNumberScheduled", "numberAvailable"].map(|field| number(object, &format!("/status/{field}")));
    if updated < wanted {
        Rollout::Going(format!("{updated} of {wanted} updated"))
    } else if available < wanted {
        Rollout::Going(format!("{available} of {wanted} available"))
    } else {
        Rollout::Done
    }
}

fn stateful_set(object: &Value) -> Rollout {
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return Rollout::Paused;
    }
    if !observed(object) {
        return waiting();
    }
    let [ready, updated] =
        ["readyReplicas", "updatedReplicas"].map(|field| number(object, &format!("/status/{field}")));
    let wanted = wanted(object);
    let partition = number(object, "/spec/updateStrategy/rollingUpdate/partition");
    let revisions = ["/status/updateRevision", "/status/currentRevision"].map(|path| text(object, path));
    if ready < wanted {
        Rollout::Going(format!("{ready} of {wanted} ready"))
    } else if revisions[0] != revisions[1] && updated < wanted - partition {
        Rollout::Going(format!("{updated} of {} updated", wanted - partition))
    } else {
        Rollout::Done
    }
}

/// A Job is done when it has ended well (`helm rollback --wait-for-jobs`).
fn job(object: &Value) -> Rollout {
    match ended(object) {
        Some(Ok(())) => Rollout::Done,
        Some(Err(why)) => Rollout::Stuck(why),
        None => Rollout::Going(format!("{} of {} done", number(object, "/status/succeeded"), wanted(object))),
    }
}

/// A status condition by its type.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object.pointer("/status/conditions")?.as_array()?.iter().find(|c| text(c, "/type") == kind)
}

fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|c| text(c, "/status") == "True")
}

/// How a hook's Job or Pod ended; `None` while it runs. Any other kind has ended when it exists.
pub fn ended(object: &Value) -> Option<Result<(), String>> {
    match text(object, "/kind") {
        "Job" if is_true(object, "Complete") => Some(Ok(())),
        "Job" => condition(object, "Failed").filter(|c| text(c, "/status") == "True").map(|c| {
            let (reason, message) = (clean(text(c, "/reason")), clean(text(c, "/message")));
            Err(format!("job {} failed: {reason}: {message}", clean(text(object, "/metadata/name"))))
        }),
        "Pod" => match text(object, "/status/phase") {
            "Succeeded" => Some(Ok(())),
            "Failed" => {
                let why = trouble(object).unwrap_or_else(|| clean(text(object, "/status/message")));
                Some(Err(format!("pod {} failed: {why}", clean(text(object, "/metadata/name")))))
            }
            _ => None,
        },
        _ => Some(Ok(())),
    }
}

/// Whether a pod is ready.
pub fn ready(pod: &Value) -> bool {
    is_true(pod, "Ready") && pod.pointer("/metadata/deletionTimestamp").is_none()
}

/// What is wrong with a pod, the first container's first: `CrashLoopBackOff, exit 1`; `None` where nothing is.
pub fn trouble(pod: &Value) -> Option<String> {
    failing(pod).map(|(_, why)| why)
}

/// What is wrong with a pod, and which container it is, where it is one.
pub fn failing(pod: &Value) -> Option<(Option<Container>, String)> {
    const WAITING: [&str; 7] = [
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    ];
    let lists = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let statuses = lists.iter().filter_map(|path| pod.pointer(path).and_then(Value::as_array)).flatten();
    for status in statuses {
        let container = || Some(Container::new(text(status, "/name"))).filter(|c| !c.as_str().is_empty());
        let reason = text(status, "/state/waiting/reason");
        if WAITING.contains(&reason) {
            let exit = status.pointer("/lastState/terminated/exitCode").and_then(Value::as_i64);
            let exit = exit.map_or(String::new(), |code| format!(", exit {code}"));
            return Some((container(), format!("{}{exit}", clean(reason))));
        }
        let code = number(status, "/state/terminated/exitCode");
        if code != 0 {
            return Some((container(), format!("{}, exit {code}", clean(text(status, "/state/terminated/reason")))));
        }
    }
    if text(pod, "/status/phase") == "Failed" {
        return Some((None, clean(text(pod, "/status/reason")))).filter(|(_, r)| !r.is_empty());
    }
    let unplaced = condition(pod, "PodScheduled").filter(|c| text(c, "/reason") == "Unschedulable");
    unplaced.map(|c| (None, format!("Unschedulable: {}", clean(text(c, "/message")))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rollouts_are_read_as_kubectl_reads_them() {
        let going = |s: &str| Rollout::Going(s.into());
        let deployment = |spec: Value, status: Value| json!({"kind": "Deployment", "metadata": {"generation": 2}, "spec": spec, "status": status});
        let counts = |all: u32, updated: u32, available: u32| json!({"observedGeneration": 2, "replicas": all, "updatedReplicas": updated, "availableReplicas": available});
        let two = json!({"replicas": 2});
        let cases = [
            (deployment(two.clone(), json!({"observedGeneration": 1})), waiting()),
            (deployment(two.clone(), counts(2, 1, 1)), going("1 of 2 updated")),
            (deployment(two.clone(), counts(3, 2, 2)), going("1 old still to go")),
            (deployment(two.clone(), counts(2, 2, 1)), going("1 of 2 available")),
            (deployment(two, counts(2, 2, 2)), Rollout::Done),
            (deployment(json!({"replicas": 0}), counts(0, 0, 0)), Rollout::Done),
            (deployment(json!({"paused": true}), counts(2, 2, 2)), Rollout::Paused),
            (
                deployment(
                    json!({}),
                    json!({"observedGeneration": 2, "conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]}),
                ),
                Rollout::Stuck("progress deadline exceeded".into()),
            ),
            (
                json!({"kind": "StatefulSet", "metadata": {"generation": 1}, "spec": {"replicas": 2},
                    "status": {"observedGeneration": 1, "readyReplicas": 1}}),
                going("1 of 2 ready"),
            ),
            (
                json!({"kind": "StatefulSet", "metadata": {"generation": 1}, "spec": {"replicas": 2},
                    "status": {"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 1,
                        "updateRevision": "b", "currentRevision": "a"}}),
                going("1 of 2 updated"),
            ),
            (
                json!({"kind": "DaemonSet", "metadata": {"generation": 1}, "status": {"observedGeneration": 1,
                    "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 2}}),
                going("2 of 3 available"),
            ),
            (json!({"kind": "ConfigMap"}), Rollout::Done),
        ];
        for (object, wanted) in cases {
            assert_eq!(of(&object), wanted, "{object}");
        }
    }

    #[test]
    fn the_trouble_of_a_pod_is_named_early() {
        let pod = |state: Value| json!({"kind": "Pod", "status": {"containerStatuses": [state]}});
        let cases = [
            (
                pod(
                    json!({"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}),
                ),
                Some("CrashLoopBackOff, exit 1"),
            ),
            (pod(json!({"state": {"waiting": {"reason": "ImagePullBackOff"}}})), Some("ImagePullBackOff")),
            (
                pod(json!({"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}})),
                Some("OOMKilled, exit 137"),
            ),
            (pod(json!({"state": {"waiting": {"reason": "ContainerCreating"}}})), None),
            (pod(json!({"state": {"running": {}}})), None),
            (
                json!({"status": {"conditions": [{"type": "PodScheduled", "reason": "Unschedulable", "message": "no room"}]}}),
                Some("Unschedulable: no room"),
            ),
        ];
        for (pod, wanted) in cases {
            assert_eq!(trouble(&pod).as_deref(), wanted, "{pod}");
        }
    }

    #[test]
    fn a_hook_ends_as_its_job_does() {
        let job = |kind: &str| {
            json!({"kind": "Job", "metadata": {"name": "m"}, "status": {"conditions": [
                {"type": kind, "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}]}})
        };
        assert_eq!(ended(&job("Complete")), Some(Ok(())));
        assert_eq!(ended(&job("Suspended")), None);
        assert_eq!(ended(&job("Failed")), Some(Err("job m failed: BackoffLimitExceeded: too often".into())));
        assert_eq!(ended(&json!({"kind": "Pod", "status": {"phase": "Running"}})), None);
        assert_eq!(ended(&json!({"kind": "ConfigMap"})), Some(Ok(())));
    }
}
