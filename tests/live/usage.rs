//! What pods use: of the metrics API, of Prometheus where that gives nothing, and the sentence where neither does.

use backout::domain::fault::Fault;
use backout::domain::usage::{Amounts, Origin, Usage, Used};
use backout::live::{Options, open};
use serde_json::{Value, json};

use super::server::{Asked, Reply, kubeconfig, serve, status};

/// What that API server and that Prometheus give.
async fn usage(api: fn() -> Reply, prometheus: fn(&str) -> Value) -> Result<Usage, Fault> {
    let metrics = "/apis/metrics.k8s.io/v1beta1/namespaces/prod/pods";
    let api =
        serve(move |asked: &Asked| if asked.path == metrics { api() } else { status(404, "NotFound", "no") }).await;
    let prometheus = serve(move |asked: &Asked| {
        let data = json!({"resultType": "vector", "result": prometheus(&asked.path)});
        Reply::Json(200, json!({"status": "success", "data": data}))
    })
    .await;
    let config = kubeconfig(&format!("http://{api}"), &json!({"token": "t"}));
    let options = Options {
        kubeconfig: Some(config.path().to_owned()),
        prometheus: Some(format!("http://{prometheus}")),
        ..Options::default()
    };
    open(options).await.unwrap().1.metrics.usage("prod".into()).await
}

fn measured() -> Reply {
    let containers = json!([{"name": "app", "usage": {"cpu": "250m", "memory": "1Mi"}}]);
    let pod = json!({"metadata": {"name": "a"}, "timestamp": "1970-01-01T00:01:40Z", "containers": containers});
    Reply::Json(200, json!({"kind": "PodMetricsList", "items": [pod]}))
}

fn curves(path: &str) -> Value {
    let value = if path.contains("container_cpu") {
        "0.5"
    } else if path.contains("container_memory") {
        "2097152"
    } else {
        return json!([]);
    };
    json!([{"metric": {"pod": "a"}, "value": [100.0, value]}])
}

#[tokio::test]
async fn the_metrics_api_is_asked_first_and_prometheus_where_that_gives_nothing() {
    let missing = || status(404, "NotFound", "the server could not find the requested resource");
    let down = || status(503, "ServiceUnavailable", "the server is currently unable to handle the request");
    let forbidden = || status(403, "Forbidden", "pods.metrics.k8s.io is forbidden");
    let told = |origin, cpu, memory| {
        let at = chrono::DateTime::from_timestamp(100, 0).unwrap();
        let amounts = Amounts { cpu: Some(cpu), memory: Some(memory) };
        Ok(Usage { origin, pods: vec![Used { pod: "a".into(), at, amounts }] })
    };
    let of_prometheus = told(Origin::Prometheus, 500, 2_097_152);
    assert_eq!(usage(measured, curves).await, told(Origin::MetricsApi, 250, 1_048_576));
    assert_eq!(usage(missing, curves).await, of_prometheus);
    assert_eq!(usage(down, curves).await, of_prometheus);
    assert_eq!(usage(forbidden, curves).await, of_prometheus);
    let nothing = "The cluster has no metrics API (metrics.k8s.io); Prometheus has no container_memory_working_set_bytes \
                   of this namespace";
    assert_eq!(usage(missing, |_| json!([])).await, Err(Fault::Absent { what: nothing.into() }));
    let refused = usage(forbidden, |_| json!([])).await;
    assert!(matches!(&refused, Err(Fault::Forbidden { verb, .. }) if verb == "list"), "{refused:?}");
}
