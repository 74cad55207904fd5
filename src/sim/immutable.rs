//! Fields that the API server does not let change (kubernetes `pkg/apis/*/validation`), as far as charts meet them.
//!
//! Never: anything else that an object could have wrong.

use serde_json::Value;

/// Kind and path of what must stay.
const FIXED: [(&str, &str); 14] = [
    ("Deployment", "/spec/selector"),
    ("DaemonSet", "/spec/selector"),
    ("ReplicaSet", "/spec/selector"),
    ("StatefulSet", "/spec/selector"),
    ("StatefulSet", "/spec/serviceName"),
    ("StatefulSet", "/spec/volumeClaimTemplates"),
    ("Job", "/spec/template"),
    ("Job", "/spec/selector"),
    ("Job", "/spec/completions"),
    ("Service", "/spec/clusterIP"),
    ("Secret", "/type"),
    ("PersistentVolumeClaim", "/spec/volumeName"),
    ("RoleBinding", "/roleRef"),
    ("ClusterRoleBinding", "/roleRef"),
];

/// The first fixed field that a write would change: its path as the server names it, and the value refused.
pub fn broken(kind: &str, live: &Value, next: &Value) -> Option<(String, String)> {
    let fixed = FIXED.iter().filter(|(k, _)| *k == kind).map(|(_, path)| *path);
    let sealed = live.get("immutable") == Some(&Value::Bool(true));
    let data = ["/data", "/binaryData"].into_iter().filter(move |_| sealed);
    fixed.chain(data).find_map(|path| {
        let (was, is) = (live.pointer(path), next.pointer(path));
        (was != is && was.is_some()).then(|| {
            (path.trim_start_matches('/').replace('/', "."), is.map_or_else(|| "null".into(), ToString::to_string))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_selector_stays_and_replicas_may_change() {
        let live = json!({"spec": {"selector": {"a": "b"}, "replicas": 1}});
        let scaled = json!({"spec": {"selector": {"a": "b"}, "replicas": 2}});
        let moved = json!({"spec": {"selector": {"a": "c"}, "replicas": 1}});
        assert_eq!(broken("Deployment", &live, &scaled), None);
        assert_eq!(broken("Deployment", &live, &moved), Some(("spec.selector".into(), "{\"a\":\"c\"}".into())));
    }

    #[test]
    fn an_immutable_config_map_keeps_its_data() {
        let live = json!({"immutable": true, "data": {"a": "b"}});
        assert_eq!(broken("ConfigMap", &live, &json!({"data": {}})), Some(("data".into(), "{}".into())));
    }
}
