//! The simulated API server answers as the real one does, and controllers bring about what it was told.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its fixtures too")]

use std::time::Duration;

use backout::domain::fault::Fault;
use backout::domain::name::{Namespace, PodName};
use backout::domain::workload::{Pod, PodState};
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, PatchKind, Refused, Verb};
use backout::ports::ObjectNews;
use backout::sim::{Handle, Injected, Production, Trouble, What, drill};
use futures::executor::block_on;
use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};

fn world(name: &str) -> Handle {
    Handle::new(Production::load(&drill(name).unwrap()))
}

/// The plan's world with one more trouble, from a minute after the start on, for two minutes.
fn troubled(what: What) -> Handle {
    let mut drill = drill("plan").unwrap();
    let from = drill.start + chrono::TimeDelta::minutes(1);
    drill.troubles.push(Trouble { from, until: Some(from + chrono::TimeDelta::minutes(2)), what });
    Handle::new(Production::load(&drill))
}

fn call(handle: &Handle, call: Call) -> Answer {
    block_on(handle.world().cluster.call(call))
}

fn at(handle: &Handle, api: &str, kind: &str, name: &str) -> ObjectRef {
    let Answer::Resource(Some(resource)) = call(handle, Call::Discover(Gvk::new(api, kind))) else { panic!("{kind}") };
    let namespace = resource.namespaced.then(|| Namespace::new("prod"));
    ObjectRef { resource, namespace, name: name.into() }
}

fn ask(handle: &Handle, target: &ObjectRef, verb: Verb, mode: Mode) -> Answer {
    call(handle, Call::Object { target: target.clone(), verb, mode })
}

fn get(handle: &Handle, target: &ObjectRef) -> Value {
    match ask(handle, target, Verb::Get, Mode::Commit) {
        Answer::Object(object) => object,
        other => panic!("{target}: {other:?}"),
    }
}

fn patch(handle: &Handle, target: &ObjectRef, body: Value) -> Answer {
    ask(handle, target, Verb::Patch(PatchKind::Strategic, body), Mode::Commit)
}

fn pods(handle: &Handle, service: &str) -> Vec<Pod> {
    use backout::domain::fact::{Fact, PodNews};
    let mut facts = handle.world().cluster.facts();
    let told = std::iter::from_fn(|| facts.next().now_or_never().flatten());
    let rows = told.filter_map(|f| if let Fact::Pods(PodNews::Page(rows)) = f { Some(rows) } else { None });
    rows.flatten().filter(|p| p.service.as_ref().is_some_and(|s| s.as_str() == service)).collect()
}

fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    object.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn what_is_not_there_is_not_found_and_what_is_there_already_exists() {
    let handle = world("plan");
    let (gone, here) = (at(&handle, "v1", "ConfigMap", "nope"), at(&handle, "v1", "ConfigMap", "cart-service-config"));
    let not_found = Answer::Refused(Refused::NotFound("configmaps \"nope\" not found".into()));
    for verb in [Verb::Get, Verb::Delete, Verb::Replace(json!({})), Verb::Patch(PatchKind::Merge, json!({}))] {
        assert_eq!(ask(&handle, &gone, verb, Mode::Commit), not_found);
    }
    let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cart-service-config"}});
    assert_eq!(
        ask(&handle, &here, Verb::Create(body), Mode::Commit),
        Answer::Refused(Refused::AlreadyExists("configmaps \"cart-service-config\" already exists".into()))
    );
    assert_eq!(call(&handle, Call::Discover(Gvk::new("extensions/v1beta1", "Ingress"))), Answer::Resource(None));
}

#[test]
fn a_dry_run_answers_what_would_be_and_stores_nothing() {
    let handle = world("plan");
    let target = at(&handle, "apps/v1", "Deployment", "cart-service");
    let before = get(&handle, &target);
    let body = json!({"spec": {"replicas": 3}});
    let Answer::Object(would) = ask(&handle, &target, Verb::Patch(PatchKind::Strategic, body), Mode::DryRun) else {
        panic!("refused")
    };
    assert_eq!(would.pointer("/spec/replicas"), Some(&json!(3)));
    assert_eq!(ask(&handle, &target, Verb::Delete, Mode::DryRun), Answer::Gone);
    assert_eq!(get(&handle, &target), before);
}

#[test]
fn a_selector_cannot_change_and_the_sentence_is_the_servers() {
    let handle = world("plan");
    let target = at(&handle, "apps/v1", "Deployment", "cart-service");
    let body = json!({"spec": {"selector": {"matchLabels": {"app.kubernetes.io/name": "other"}}}});
    let Answer::Refused(Refused::Invalid(message)) = patch(&handle, &target, body) else { panic!("not refused") };
    assert_eq!(
        message,
        "Deployment.apps \"cart-service\" is invalid: spec.selector: Invalid value: \
         {\"matchLabels\":{\"app.kubernetes.io/name\":\"other\"}}: field is immutable"
    );
}

#[test]
fn a_put_with_an_old_version_is_a_conflict() {
    let handle = world("plan");
    let target = at(&handle, "v1", "ConfigMap", "cart-service-config");
    let mut stale = get(&handle, &target);
    patch(&handle, &target, json!({"data": {"A": "b"}}));
    let answer = ask(&handle, &target, Verb::Replace(stale.clone()), Mode::Commit);
    assert!(matches!(answer, Answer::Refused(Refused::Conflict { .. })), "{answer:?}");
    stale["metadata"]["resourceVersion"] = json!("");
    assert!(matches!(ask(&handle, &target, Verb::Replace(stale), Mode::Commit), Answer::Object(_)));
}

#[test]
fn scaling_makes_pods_and_a_deleted_workload_takes_its_pods_along() {
    let handle = world("plan");
    let target = at(&handle, "apps/v1", "Deployment", "cart-service");
    patch(&handle, &target, json!({"spec": {"replicas": 3}}));
    let early = get(&handle, &target);
    assert_ne!(early.pointer("/metadata/generation"), early.pointer("/status/observedGeneration"));
    handle.advance(Duration::from_mins(1));
    let settled = get(&handle, &target);
    assert_eq!(settled.pointer("/metadata/generation"), settled.pointer("/status/observedGeneration"));
    assert_eq!(settled.pointer("/status/readyReplicas"), Some(&json!(3)));
    assert_eq!(pods(&handle, "cart-service").len(), 3);
    assert_eq!(ask(&handle, &target, Verb::Delete, Mode::Commit), Answer::Gone);
    handle.advance(Duration::from_secs(10));
    assert_eq!(pods(&handle, "cart-service"), []);
}

#[test]
fn a_deleted_pod_is_replaced() {
    let handle = world("plan");
    let before: Vec<PodName> = pods(&handle, "cart-service").into_iter().map(|p| p.name).collect();
    let target = at(&handle, "v1", "Pod", before[0].as_str());
    assert_eq!(ask(&handle, &target, Verb::Delete, Mode::Commit), Answer::Gone);
    handle.advance(Duration::from_secs(40));
    let after = pods(&handle, "cart-service");
    assert!(after.len() == 1 && after[0].is_well() && after[0].name != before[0], "{after:#?}");
}

#[test]
fn an_image_that_does_not_exist_is_pulled_in_vain_and_the_old_pod_serves_on() {
    let mut drill = drill("plan").unwrap();
    let rule = backout::sim::Rule {
        service: "cart-service".into(),
        tag: Some("9.9.9".into()),
        config: std::collections::BTreeMap::new(),
        conduct: backout::sim::Conduct {
            fate: backout::sim::Fate::NoSuchImage,
            ..backout::sim::Conduct::well(&backout::sim::SHOP[7])
        },
    };
    drill.rules.push(rule);
    let handle = Handle::new(Production::load(&drill));
    let target = at(&handle, "apps/v1", "Deployment", "cart-service");
    let image = json!([{"name": "cart-service", "image": "acrshop.example/shop/cart-service:9.9.9"}]);
    patch(&handle, &target, json!({"spec": {"template": {"spec": {"containers": image}}}}));
    handle.advance(Duration::from_mins(1));
    let mut states: Vec<PodState> = pods(&handle, "cart-service").into_iter().map(|p| p.state).collect();
    states.sort();
    assert_eq!(states, [PodState::Running, PodState::Failing("ImagePullBackOff".into())]);
    handle.advance(Duration::from_mins(11));
    let conditions = get(&handle, &target);
    assert_eq!(text(&conditions, "/status/conditions/1/reason"), "ProgressDeadlineExceeded");
}

#[test]
fn a_configuration_is_read_when_a_container_starts_and_not_before() {
    let handle = world("wrong-config");
    let config = at(&handle, "v1", "ConfigMap", "payment-service-config");
    patch(&handle, &config, json!({"data": {"PAYMENT_PROVIDER_URL": "https://api.pay.example"}}));
    handle.advance(Duration::from_mins(3));
    let errors = || {
        let now = handle.world().clock.now().wall;
        let request = backout::domain::metrics::MetricsRequest {
            signal: backout::domain::metrics::Signal::ErrorRatio,
            scope: backout::domain::metrics::Scope::Each,
            namespace: "prod".into(),
            from: now,
            to: now,
            step: Duration::from_secs(15),
        };
        let curves = handle.with(|w| w.curves(&request)).unwrap();
        curves.services["payment-service"].last().unwrap().1
    };
    assert!(errors() > 0.3);
    let restart = json!({"spec": {"template": {"metadata": {"annotations": {"restarted": "now"}}}}});
    patch(&handle, &at(&handle, "apps/v1", "Deployment", "payment-service"), restart);
    handle.advance(Duration::from_mins(3));
    assert!(errors() < 0.01);
}

#[test]
fn a_job_ends_well_or_by_its_limit() {
    let handle = world("plan");
    let job = |name: &str| {
        let pod = json!({"restartPolicy": "Never", "containers": [{"name": "j", "image": format!("r/{name}:1")}]});
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
               "spec": {"backoffLimit": 1, "template": {"spec": pod}}})
    };
    let target = at(&handle, "batch/v1", "Job", "tidy-up");
    ask(&handle, &target, Verb::Create(job("tidy-up")), Mode::Commit);
    handle.advance(Duration::from_secs(30));
    assert_eq!(text(&get(&handle, &target), "/status/conditions/0/type"), "Complete");
}

#[test]
fn a_stateful_set_is_replaced_from_the_highest_place_down_one_at_a_time() {
    let handle = world("plan");
    let target = at(&handle, "apps/v1", "StatefulSet", "queue");
    let template = |tag: &str| {
        json!({"metadata": {"labels": {"app": "queue"}},
               "spec": {"containers": [{"name": "queue", "image": format!("r/queue:{tag}")}]}})
    };
    let body = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "queue"},
        "spec": {"replicas": 3, "serviceName": "queue", "selector": {"matchLabels": {"app": "queue"}},
                 "template": template("1")}});
    ask(&handle, &target, Verb::Create(body), Mode::Commit);
    handle.advance(Duration::from_mins(2));
    assert_eq!(get(&handle, &target).pointer("/status/readyReplicas"), Some(&json!(3)));
    patch(&handle, &target, json!({"spec": {"template": template("2")}}));
    let mut fewest = 3;
    for _ in 0..120 {
        handle.advance(Duration::from_secs(1));
        fewest = fewest.min(pods(&handle, "queue").iter().filter(|p| p.ready() == (1, 1)).count());
    }
    let status = get(&handle, &target);
    assert_eq!(fewest, 2);
    assert_eq!(status.pointer("/status/updatedReplicas"), Some(&json!(3)));
    assert_eq!(text(&status, "/status/currentRevision"), text(&status, "/status/updateRevision"));
}

#[test]
fn a_list_is_filtered_by_labels() {
    let handle = world("plan");
    let resource = at(&handle, "v1", "Secret", "any").resource;
    let list = |labels: &str| {
        let namespace = Some(Namespace::new("prod"));
        match call(&handle, Call::List { resource: resource.clone(), namespace, labels: labels.into() }) {
            Answer::List(objects) => objects.iter().map(|o| text(o, "/metadata/name").to_owned()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(list("owner=helm,status=deployed"), ["sh.helm.release.v1.ecommerce-app.v3"]);
    assert_eq!(list("!owner"), ["shop-credentials"]);
}

#[test]
fn what_is_forbidden_is_dark_alone_and_comes_back() {
    use backout::domain::fact::{Fact, Source};
    let handle = troubled(What::Forbidden { verb: "*".into(), resource: "secrets".into() });
    let mut facts = handle.world().cluster.facts();
    let mut told = || std::iter::from_fn(|| facts.next().now_or_never().flatten()).collect::<Vec<_>>();
    told();
    handle.advance(Duration::from_secs(61));
    let forbidden = Fault::Forbidden { verb: "list".into(), resource: "secrets in namespace prod".into() };
    assert_eq!(told(), [Fact::Failing(Source::Releases, forbidden.clone())]);
    let release = backout::domain::name::ReleaseName::new("ecommerce-app");
    assert_eq!(block_on(handle.world().cluster.records(release)), Err(forbidden));
    let secret = at(&handle, "v1", "Secret", "shop-credentials");
    assert!(matches!(ask(&handle, &secret, Verb::Get, Mode::Commit), Answer::Refused(Refused::Fault { .. })));
    let may = Call::May { verb: "get".into(), resource: secret.resource, namespace: secret.namespace };
    assert_eq!(call(&handle, may.clone()), Answer::Allowed(false));
    handle.advance(Duration::from_mins(2));
    assert!(matches!(told().as_slice(), [Fact::Releases(releases)] if releases.len() == 1));
    assert_eq!(call(&handle, may), Answer::Allowed(true));
}

#[test]
fn a_watch_goes_down_with_the_api_server_and_shows_everything_anew() {
    let handle = troubled(What::ApiDown);
    let target = at(&handle, "apps/v1", "Deployment", "cart-service");
    let mut watch = handle.world().cluster.watch(target.resource.clone(), target.namespace.clone());
    let mut told = || std::iter::from_fn(|| watch.next().now_or_never().flatten()).collect::<Vec<_>>();
    let first = told();
    assert_eq!((first.len(), first.last()), (11, Some(&ObjectNews::Synced)));
    handle.advance(Duration::from_secs(61));
    assert!(matches!(told().as_slice(), [ObjectNews::Failing(Fault::Unreachable { .. })]));
    assert!(matches!(
        ask(&handle, &target, Verb::Get, Mode::Commit),
        Answer::Refused(Refused::Fault { fault: Fault::Unreachable { .. }, .. })
    ));
    handle.advance(Duration::from_mins(2));
    assert_eq!(told(), first);
}

#[test]
fn a_slow_server_answers_late_and_acts_when_it_answers() {
    let handle = troubled(What::SlowApi(Duration::from_secs(7)));
    handle.advance(Duration::from_secs(61));
    let target = ObjectRef {
        resource: backout::helm::api::Resource {
            gvk: Gvk::new("v1", "ConfigMap"),
            plural: "configmaps".into(),
            namespaced: true,
        },
        namespace: Some("prod".into()),
        name: "cart-service-config".into(),
    };
    let world = handle.world();
    let mut late = world.cluster.call(Call::Object { target, verb: Verb::Get, mode: Mode::Commit });
    assert!((&mut late).now_or_never().is_none());
    handle.advance(Duration::from_secs(6));
    assert!((&mut late).now_or_never().is_none());
    handle.advance(Duration::from_secs(1));
    assert!(matches!(late.now_or_never(), Some(Answer::Object(_))));
}

#[test]
fn an_injected_refusal_is_given_once() {
    let handle = world("plan");
    let target = at(&handle, "apps/v1", "Deployment", "cart-service");
    let refused = Refused::Invalid("no".into());
    let (kind, name) = ("Deployment".into(), "cart-service".into());
    handle.with(|w| w.inject(Injected { verb: "patch", kind, name, refused: refused.clone() }));
    assert_eq!(patch(&handle, &target, json!({})), Answer::Refused(refused));
    assert!(matches!(patch(&handle, &target, json!({})), Answer::Object(_)));
}

#[test]
fn a_sleeper_wakes_when_its_time_has_come() {
    let handle = world("plan");
    let world = handle.world();
    let mut sleep = world.clock.sleep(Duration::from_secs(5));
    assert_eq!(handle.next_due(), Some(Duration::from_secs(5)));
    handle.advance(Duration::from_secs(4));
    assert!((&mut sleep).now_or_never().is_none());
    handle.advance(Duration::from_secs(1));
    assert!(sleep.now_or_never().is_some());
    assert!(world.clock.sleep(Duration::ZERO).now_or_never().is_some());
}

#[test]
fn a_crashed_container_shows_its_last_words() {
    let handle = world("crash-loop");
    let pod = pods(&handle, "order-service").into_iter().find(|p| !p.is_well()).unwrap();
    let detail = block_on(handle.world().cluster.pod_detail(pod.name.clone())).unwrap();
    assert_eq!(detail.events.first().map(|e| e.reason.as_str()), Some("BackOff"));
    let before = detail.logs.iter().find(|l| l.previous).unwrap().lines.clone().unwrap();
    assert!(before.last().unwrap().contains("ORDER_SIGNING_KEY"), "{before:#?}");
    let gone = block_on(handle.world().cluster.pod_detail("nope".into()));
    assert!(matches!(gone, Err(Fault::Absent { .. })));
}

#[test]
fn a_failing_service_logs_its_errors() {
    let handle = world("plan");
    let pod = pods(&handle, "order-service").remove(0);
    let detail = block_on(handle.world().cluster.pod_detail(pod.name)).unwrap();
    let lines = detail.logs[0].lines.clone().unwrap();
    assert!(lines.iter().any(|l| l.contains("oauth_provider")), "{lines:#?}");
    let now = handle.world().clock.now().wall.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    assert!(lines.iter().all(|l| l[..24] <= *now), "a line from the future: {lines:#?}");
}
