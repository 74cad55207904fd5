//! What pods use of CPU and memory: the cluster's metrics API (metrics.k8s.io, metrics-server), and where that gives
//! nothing, the kubelets' cAdvisor metrics in Prometheus.
//!
//! Never: a pod that is not measured told as one that uses nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Request;
use serde::Deserialize;

use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::name::{Namespace, PodName};
use crate::domain::text::clean;
use crate::domain::usage::{Amounts, Origin, Resource, Usage, Used};
use crate::tools::prometheus::{reply, usage_query};

use super::address;
use super::asked::Asked;
use super::connect::Connection;
use super::pod::Quantities;
use super::prometheus::{Source, unusable};

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    items: Vec<Measured>,
}

#[derive(Deserialize)]
struct Measured {
    metadata: Named,
    timestamp: Moment,
    #[serde(default)]
    containers: Vec<Container>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Container {
    #[serde(default)]
    usage: Quantities,
}

impl Measured {
    fn used(&self) -> Used {
        let all = self.containers.iter().map(|c| c.usage.amounts()).reduce(|a, b| a + b);
        Used { pod: PodName::new(&clean(&self.metadata.name)), at: self.timestamp, amounts: all.unwrap_or_default() }
    }
}

/// Of the metrics API.
///
/// # Errors
/// It is not installed ([`Fault::Absent`]), may not be read, or does not answer.
pub(super) async fn of_api(connection: &Connection, namespace: &Namespace) -> Result<Usage, Fault> {
    let asked = Asked::new("list", "pods.metrics.k8s.io", Some(namespace.as_str()));
    let path = address::of_parts("metrics.k8s.io", "v1beta1", "pods", Some(namespace.as_str()));
    let request = Request::get(path).body(Vec::new()).map_err(|e| asked.bad(&e.to_string()))?;
    match connection.json::<List>(&asked, request).await {
        Ok(list) => Ok(Usage { origin: Origin::MetricsApi, pods: list.items.iter().map(Measured::used).collect() }),
        Err(trouble) if trouble.is_not_found() => {
            Err(Fault::Absent { what: "The cluster has no metrics API (metrics.k8s.io)".into() })
        }
        Err(trouble) => Err(trouble.fault(&asked)),
    }
}

/// Of Prometheus.
///
/// # Errors
/// There is none, it does not answer, or it has nothing of containers ([`Fault::Absent`]).
pub(super) async fn of_prometheus(source: &Source, namespace: &Namespace, window: Duration) -> Result<Usage, Fault> {
    let ask = async |resource| {
        let query = usage_query(resource, namespace, window);
        let (endpoint, answer) = source.get("/api/v1/query", &[("query", query.as_str())]).await?;
        reply::by_pod(&answer.body).map_err(|why| unusable(&endpoint, &answer, &why))
    };
    let (cpu, memory) = futures::try_join!(ask(Resource::Cpu), ask(Resource::Memory))?;
    if cpu.is_empty() && memory.is_empty() {
        let what = "Prometheus has no container_memory_working_set_bytes of this namespace";
        return Err(Fault::Absent { what: what.into() });
    }
    Ok(Usage { origin: Origin::Prometheus, pods: both(&cpu, &memory) })
}

type Values = BTreeMap<PodName, (Moment, f64)>;

/// Each pod that one of them has; it is as old as the older of its values.
fn both(cpu: &Values, memory: &Values) -> Vec<Used> {
    let mut pods: Vec<&PodName> = cpu.keys().chain(memory.keys()).collect();
    pods.sort();
    pods.dedup();
    let used = |pod: &PodName| {
        let (cpu, memory) = (cpu.get(pod), memory.get(pod));
        let at = cpu.into_iter().chain(memory).map(|(at, _)| *at).min()?;
        Some(Used { pod: pod.clone(), at, amounts: Amounts::of_base(cpu.map(|(_, v)| *v), memory.map(|(_, v)| *v)) })
    };
    pods.into_iter().filter_map(used).collect()
}

/// Neither gives anything: what was wrong with both, in the kind of the one that may yet be had.
pub(super) fn neither(api: &Fault, prometheus: &Fault) -> Fault {
    let (first, second) = (api.sentence(), prometheus.sentence());
    match (api, prometheus) {
        (Fault::Absent { .. }, Fault::Absent { .. }) => Fault::Absent { what: format!("{first}; {second}") },
        (Fault::Absent { .. }, _) => prometheus.clone(),
        (_, _) => api.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(second: i64) -> Moment {
        chrono::DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn a_pod_of_the_metrics_api_is_the_sum_of_its_containers() {
        let raw: List = serde_json::from_value(json!({"kind": "PodMetricsList", "items": [{
            "metadata": {"name": "a-1", "namespace": "prod"},
            "timestamp": "1970-01-01T00:01:40Z", "window": "14.9s",
            "containers": [
                {"name": "app", "usage": {"cpu": "123456789n", "memory": "204800Ki"}},
                {"name": "proxy", "usage": {"cpu": "5m", "memory": "10Mi"}},
            ],
        }, {"metadata": {"name": "a-2"}, "timestamp": "1970-01-01T00:01:40Z", "containers": []}]}))
        .unwrap();
        let wanted = [
            Used { pod: "a-1".into(), at: at(100), amounts: Amounts { cpu: Some(129), memory: Some(210 * 1_048_576) } },
            Used { pod: "a-2".into(), at: at(100), amounts: Amounts::default() },
        ];
        assert_eq!(raw.items.iter().map(Measured::used).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn prometheus_values_are_put_together_by_pod_and_what_lacks_is_not_nought() {
        let reply = |rows| {
            reply::by_pod(&json!({"status": "success", "data": {"resultType": "vector", "result": rows}}).to_string())
        };
        let cpu = reply(json!([
            {"metric": {"pod": "a"}, "value": [100.0, "0.25"]},
            {"metric": {"pod": "b"}, "value": [100.0, "NaN"]},
            {"metric": {}, "value": [100.0, "1"]},
        ]));
        let memory = reply(json!([{"metric": {"pod": "b"}, "value": [90.0, "1048576"]}]));
        let used =
            |pod: &str, second, cpu, memory| Used { pod: pod.into(), at: at(second), amounts: Amounts { cpu, memory } };
        let wanted = [used("a", 100, Some(250), None), used("b", 90, None, Some(1_048_576))];
        assert_eq!(both(&cpu.unwrap(), &memory.unwrap()), wanted);
    }

    #[test]
    fn where_neither_gives_anything_the_sentence_says_what_to_mend() {
        let absent = |what: &str| Fault::Absent { what: what.into() };
        let dark = Fault::Unreachable { what: "connection refused".into() };
        let forbidden = Fault::Forbidden { verb: "list".into(), resource: "pods.metrics.k8s.io".into() };
        let cases = [
            (absent("no API"), absent("no Prometheus"), absent("no API; no Prometheus")),
            (absent("no API"), dark.clone(), dark.clone()),
            (forbidden.clone(), absent("no Prometheus"), forbidden.clone()),
        ];
        for (api, prometheus, wanted) in cases {
            assert_eq!(neither(&api, &prometheus), wanted);
        }
    }
}
