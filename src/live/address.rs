//! Where the API server keeps things: paths from groups, versions and names.
//!
//! Never: a name that leaves its place in the path; whatever is not plain is escaped.

use std::fmt::Write;

use crate::helm::api::Resource;

/// `/apis/apps/v1/namespaces/prod/deployments`
pub(super) fn of(resource: &Resource, namespace: Option<&str>) -> String {
    let scope = namespace.filter(|_| resource.namespaced);
    of_parts(&resource.gvk.group, &resource.gvk.version, &resource.plural, scope)
}

/// As [`of`], from the parts.
pub(super) fn of_parts(group: &str, version: &str, plural: &str, namespace: Option<&str>) -> String {
    let mut path = group_version(group, version);
    if let Some(namespace) = namespace {
        path.push_str("/namespaces/");
        path.push_str(&escaped(namespace));
    }
    path.push('/');
    path.push_str(&escaped(plural));
    path
}

/// `/api/v1`, `/apis/apps/v1`
pub(super) fn group_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("/api/{}", escaped(version))
    } else {
        format!("/apis/{}/{}", escaped(group), escaped(version))
    }
}

/// One part of a path.
pub(super) fn escaped(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    // A part of dots alone would climb.
    if matches!(out.as_str(), "." | "..") { out.replace('.', "%2E") } else { out }
}

/// `a=1&b=x%20y`
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(k, v)| format!("{}={}", escaped(k), escaped(v))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_of_group_version_namespace_and_plural() {
        let cases = [
            (of_parts("", "v1", "pods", Some("prod")), "/api/v1/namespaces/prod/pods"),
            (of_parts("apps", "v1", "deployments", None), "/apis/apps/v1/deployments"),
            (of_parts("", "v1", "pods", Some("../x y")), "/api/v1/namespaces/..%2Fx%20y/pods"),
            (of_parts("", "v1", "pods", Some("..")), "/api/v1/namespaces/%2E%2E/pods"),
            (query(&[("query", "up{a=\"b\"}"), ("step", "5")]), "query=up%7Ba%3D%22b%22%7D&step=5"),
        ];
        for (made, wanted) in cases {
            assert_eq!(made, wanted);
        }
    }
}
