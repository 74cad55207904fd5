//! Finding Prometheus and Alertmanager among the services of the cluster.
//!
//! Never: a guess kept silent: what was found is part of each sentence about it.

use std::cmp::Reverse;
use std::sync::Arc;

use futures::future::join_all;
use kube::api::ListParams;
use kube::core::Request;
use serde::Deserialize;

use crate::domain::fault::Fault;

use super::address;
use super::asked::Asked;
use super::connect::Connection;
use super::endpoint::{Endpoint, ServiceAt};
use super::follow::built;
use super::login::Login;
use super::meta::{Meta, or_empty};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The program's name, in service names and labels.
    pub program: &'static str,
    /// As a person writes it.
    pub title: &'static str,
    /// Its usual port.
    pub port: u16,
    /// The option that names it.
    pub option: &'static str,
}

pub(super) const PROMETHEUS: Wanted = Wanted {
    program: "prometheus",
    title: "Prometheus",
    port: 9090,
    option: "--prometheus URL, or as url under [prometheus] in backout.toml",
};
pub(super) const ALERTMANAGER: Wanted = Wanted {
    program: "alertmanager",
    title: "Alertmanager",
    port: 9093,
    option: "--alertmanager URL, or as url under [alertmanager] in backout.toml",
};

/// Namespaces in which monitoring usually lives.
const USUAL: [&str; 6] =
    ["monitoring", "prometheus", "observability", "metrics", "kube-prometheus-stack", "openshift-monitoring"];

/// Names under which the charts and the operator install it: before and after the program's own.
const NAMES: [(&str, &str); 4] = [("", ""), ("", "-server"), ("", "-operated"), ("kube-prometheus-stack-", "")];

/// Services that carry the program's name but are something else.
const OTHERS: [&str; 8] =
    ["operator", "exporter", "pushgateway", "adapter", "metrics-server", "state-metrics", "thanos", "config-reloader"];

#[derive(Deserialize)]
struct Services {
    #[serde(default, deserialize_with = "or_empty")]
    items: Vec<RawService>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct RawService {
    metadata: Meta<Marks>,
    spec: Spec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Marks {
    #[serde(rename = "app.kubernetes.io/name")]
    name: String,
    app: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Spec {
    ports: Vec<Port>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Port {
    name: String,
    port: u16,
}

/// The endpoint of what is wanted: as given, else found.
///
/// # Errors
/// What was given is malformed, nothing was found, or it may not be looked for.
pub(super) async fn endpoint(
    connection: &Arc<Connection>,
    given: Option<&str>,
    login: &Login,
    wanted: Wanted,
) -> Result<Endpoint, Fault> {
    let proxied = |service| Endpoint::Proxied { connection: Arc::clone(connection), service, wanted };
    match given {
        Some(given) if given.contains("://") => Endpoint::direct(given, login.clone(), wanted),
        Some(given) => parsed(given).map(proxied).ok_or_else(|| Fault::Bad {
            what: format!(
                "{} is neither a URL nor a service of the cluster (NAMESPACE/SERVICE:PORT): {}",
                wanted.title,
                crate::domain::text::clean(given)
            ),
        }),
        None => found(connection, wanted).await.map(proxied),
    }
}

/// `monitoring/prometheus:9090`
fn parsed(given: &str) -> Option<ServiceAt> {
    let (namespace, rest) = given.split_once('/')?;
    let (name, port) = rest.split_once(':')?;
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    let all = [namespace, name, port].into_iter().all(plain);
    all.then(|| ServiceAt { namespace: namespace.into(), name: name.into(), port: port.into(), tls: port == "443" })
}

/// Looked for where it mostly is, then where it may be, then everywhere: a list of all services of a cluster is long.
async fn found(connection: &Arc<Connection>, wanted: Wanted) -> Result<ServiceAt, Fault> {
    let own = connection.namespace.as_str();
    let [monitoring, others @ ..] = USUAL;
    let others: Vec<&str> = others.into_iter().filter(|name| *name != own).collect();
    for places in [vec![monitoring, own], others] {
        let mut seen = Vec::new();
        for list in join_all(places.iter().map(|place| services(connection, Some(place)))).await {
            match list {
                Ok(list) => seen.extend(list),
                Err(Fault::Forbidden { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        if let Some(service) = best(&seen, wanted, own) {
            return Ok(service);
        }
    }
    match services(connection, None).await {
        Ok(everywhere) => best(&everywhere, wanted, own).ok_or_else(|| Fault::Absent {
            what: format!("No {} was found in the cluster; name it with {}", wanted.title, wanted.option),
        }),
        Err(Fault::Forbidden { .. }) => guessed(connection, wanted).await,
        Err(fault) => Err(fault),
    }
}

async fn services(connection: &Connection, namespace: Option<&str>) -> Result<Vec<RawService>, Fault> {
    let asked = Asked::new("list", "services", namespace);
    let to = Request::new(address::of_parts("", "v1", "services", namespace));
    let read = match built(&asked, to.list(&ListParams::default())) {
        Ok(request) => connection.json::<Services>(&asked, request).await,
        Err(trouble) => Err(trouble),
    };
    read.map(|list| list.items).map_err(|trouble| trouble.fault(&asked))
}

/// The likeliest of the services.
fn best(services: &[RawService], wanted: Wanted, own: &str) -> Option<ServiceAt> {
    let scored = services.iter().filter_map(|service| {
        let (score, port) = score(service, wanted)?;
        let namespace = service.metadata.namespace.as_str();
        let near = u8::from(USUAL.contains(&namespace)) + u8::from(namespace == own);
        Some((score + near, service, port))
    });
    // Of equals the first by name, so that two cockpits look at the same one.
    let (_, service, port) = scored.max_by_key(|(score, service, _)| {
        (*score, Reverse((service.metadata.namespace.clone(), service.metadata.name.clone())))
    })?;
    Some(ServiceAt {
        namespace: service.metadata.namespace.clone(),
        name: service.metadata.name.clone(),
        port: port.port.to_string(),
        tls: port.port == 443 || port.name.starts_with("https"),
    })
}

fn score(service: &RawService, wanted: Wanted) -> Option<(u8, &Port)> {
    let (name, marks) = (service.metadata.name.as_str(), &service.metadata.labels);
    let other = if wanted == PROMETHEUS { ALERTMANAGER.program } else { "prometheus-server" };
    if name.contains(other) || OTHERS.iter().any(|o| name.contains(o)) {
        return None;
    }
    let labelled = marks.name == wanted.program || marks.app == wanted.program;
    let named = NAMES.iter().any(|(before, after)| name == format!("{before}{}{after}", wanted.program));
    let alike = name.ends_with(&format!("-{}", wanted.program)) || name.starts_with(&format!("{}-", wanted.program));
    let by_name = match (labelled, named, alike) {
        (true, ..) | (_, true, _) => 4,
        (_, _, true) => 2,
        _ => return None,
    };
    let usual = service.spec.ports.iter().find(|p| p.port == wanted.port).map(|p| (by_name + 2, p));
    let web = ["web", "http-web", "http", "https", "https-web"];
    usual.or_else(|| service.spec.ports.iter().find(|p| web.contains(&p.name.as_str())).map(|p| (by_name, p)))
}

/// Who may list no services may still be allowed to ask one: the usual names are tried, one question each.
async fn guessed(connection: &Arc<Connection>, wanted: Wanted) -> Result<ServiceAt, Fault> {
    let [monitoring, ..] = USUAL;
    for (before, after) in NAMES {
        let name = format!("{before}{}{after}", wanted.program);
        let service = ServiceAt { namespace: monitoring.into(), name, port: wanted.port.to_string(), tls: false };
        let endpoint = Endpoint::Proxied { connection: Arc::clone(connection), service: service.clone(), wanted };
        match endpoint.get("/-/ready", &[]).await {
            Ok(reply) if reply.code == 200 => return Ok(service),
            Ok(_) | Err(Fault::Absent { .. } | Fault::Bad { .. }) => {}
            Err(fault) => return Err(fault),
        }
    }
    Err(Fault::Absent {
        what: format!("No {} was found where you may look; name it with {}", wanted.title, wanted.option),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn service(namespace: &str, name: &str, label: &str, ports: &[(&str, u16)]) -> RawService {
        let ports: Vec<_> = ports.iter().map(|(name, port)| json!({"name": name, "port": port})).collect();
        let labels = json!({"app.kubernetes.io/name": label});
        let metadata = json!({"namespace": namespace, "name": name, "labels": labels});
        serde_json::from_value(json!({"metadata": metadata, "spec": {"ports": ports}})).unwrap()
    }

    #[test]
    fn the_likeliest_service_is_chosen_and_namesakes_are_not() {
        let stack = [
            service(
                "monitoring",
                "kps-kube-prometheus-stack-prometheus",
                "",
                &[("http-web", 9090), ("reloader", 8080)],
            ),
            service("monitoring", "kps-kube-prometheus-stack-alertmanager", "", &[("http-web", 9093)]),
            service("monitoring", "kps-kube-prometheus-stack-operator", "", &[("https", 443)]),
            service("monitoring", "kps-prometheus-node-exporter", "prometheus-node-exporter", &[("http", 9100)]),
        ];
        let chart = [
            service("prometheus", "prometheus-server", "prometheus", &[("http", 80)]),
            service("prometheus", "prometheus-alertmanager", "alertmanager", &[("http", 9093)]),
            service("prometheus", "prometheus-prometheus-pushgateway", "prometheus-pushgateway", &[("http", 9091)]),
        ];
        let lab = [service("monitoring", "prometheus", "prometheus", &[("http", 9090)])];
        let cases: [(&[RawService], Wanted, Option<&str>); 6] = [
            (&stack, PROMETHEUS, Some("monitoring/kps-kube-prometheus-stack-prometheus:9090")),
            (&stack, ALERTMANAGER, Some("monitoring/kps-kube-prometheus-stack-alertmanager:9093")),
            (&chart, PROMETHEUS, Some("prometheus/prometheus-server:80")),
            (&chart, ALERTMANAGER, Some("prometheus/prometheus-alertmanager:9093")),
            (&lab, PROMETHEUS, Some("monitoring/prometheus:9090")),
            (&lab, ALERTMANAGER, None),
        ];
        for (services, wanted, expected) in cases {
            let found = best(services, wanted, "prod").map(|s| format!("{}/{}:{}", s.namespace, s.name, s.port));
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn a_service_can_be_given_by_namespace_name_and_port() {
        let service = |namespace: &str, name: &str, port: &str| ServiceAt {
            namespace: namespace.into(),
            name: name.into(),
            port: port.into(),
            tls: port == "443",
        };
        assert_eq!(parsed("monitoring/prometheus:9090"), Some(service("monitoring", "prometheus", "9090")));
        assert_eq!(parsed("a/b:443"), Some(service("a", "b", "443")));
        for wrong in ["prometheus", "a/b", "a/b:", "/b:1", "a/../b:1", "a/b:1/x"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
