//! The live world against the real floor (tests/real): a real API server, real helm, Prometheus and Alertmanager.
//!
//! Run inside the lab's network: `tests/real/in.sh cargo test --features real --test real_live`.
//! It needs an incident made by helm 3 (tests/real/incident.sh bad) and a release of helm 4 in another namespace
//! (tests/real/incident.sh good --helm helm4 --namespace prod4).
#![cfg(feature = "real")]
#![expect(clippy::panic, reason = "a test fails by panicking, its fixtures too")]
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "one test measures, and prints its figure")]

#[path = "support/wire.rs"]
mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use backout::act::silence;
use backout::domain::alert::{Alert, AlertState};
use backout::domain::event::Ending;
use backout::domain::fact::{Fact, PodNews, Source, WorkloadNews};
use backout::domain::fault::Fault;
use backout::domain::identity::{Identity, Pin};
use backout::domain::metrics::{Curves, MetricsRequest, Scope, Signal, TOGETHER};
use backout::domain::name::{Image, Namespace, Revision, Service};
use backout::domain::release::{Release, Status};
use backout::domain::series::Series;
use backout::domain::workload::{Pod, Rollout, Workload};
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, PatchKind, Refused, Resource, Verb};
use backout::helm::plan::Method;
use backout::helm::record::Record;
use backout::live::{Options, open};
use backout::ports::{ObjectNews, World};
use backout::silence::ask::Ask;
use futures::StreamExt;
use serde_json::{Value, json};

fn options(user: &str) -> Options {
    let lab = std::env::var_os("LAB_DIR").expect("LAB_DIR names the lab; run through tests/real/in.sh");
    let kubeconfig = PathBuf::from(lab).join("kube").join(format!("{user}.yaml"));
    Options { kubeconfig: Some(kubeconfig), namespace: Some(Namespace::new("prod")), ..Options::default() }
}

async fn lab(user: &str) -> (Identity, World) {
    open(options(user)).await.expect("the lab is up")
}

/// Everything that was told.
#[derive(Default)]
struct Told {
    pods: BTreeMap<String, Pod>,
    complete: bool,
    workloads: BTreeMap<String, Workload>,
    kinds: usize,
    releases: Option<Vec<Release>>,
    failing: BTreeMap<Source, Fault>,
}

impl Told {
    fn fold(&mut self, fact: Fact) {
        match fact {
            Fact::Pods(PodNews::Page(pods)) => {
                self.pods.extend(pods.into_iter().map(|p| (p.name.as_str().to_owned(), p)));
            }
            Fact::Pods(PodNews::Changed(pod)) => {
                self.pods.insert(pod.name.as_str().to_owned(), *pod);
            }
            Fact::Pods(PodNews::Complete) => self.complete = true,
            Fact::Pods(PodNews::Gone(name)) => {
                self.pods.remove(name.as_str());
            }
            Fact::Workloads(WorkloadNews::All(_, all)) => {
                self.kinds += 1;
                self.workloads.extend(all.into_iter().map(|w| (w.name.as_str().to_owned(), w)));
            }
            Fact::Workloads(WorkloadNews::Changed(one)) => {
                self.workloads.insert(one.name.as_str().to_owned(), *one);
            }
            Fact::Releases(releases) => self.releases = Some(releases),
            Fact::Failing(source, fault) | Fact::Silent(source, fault, _) => {
                self.failing.insert(source, fault);
            }
            Fact::Endpoints(_)
            | Fact::Ingresses(_)
            | Fact::Nodes(_)
            | Fact::Budgets(_)
            | Fact::Alive(_)
            | Fact::Warned(_)
            | Fact::Lacking(..)
            | Fact::Pods(PodNews::Listing)
            | Fact::Workloads(WorkloadNews::Gone(..)) => {}
        }
    }
}

async fn told(world: &World, enough: impl Fn(&Told) -> bool) -> Told {
    let mut told = Told::default();
    let mut facts = world.cluster.facts();
    let read = async {
        while !enough(&told) {
            told.fold(facts.next().await.expect("facts never end"));
        }
    };
    let timely = tokio::time::timeout(Duration::from_secs(20), read).await.is_ok();
    let Told { pods, failing, releases, .. } = &told;
    assert!(timely, "not within 20 s: {} pods, failing {failing:?}, releases {releases:?}", pods.len());
    told
}

fn whole(release: &Release) -> bool {
    release.revisions.iter().all(|r| r.content.is_some())
}

fn forbidden(verb: &str, resource: &str) -> Fault {
    Fault::Forbidden { verb: verb.into(), resource: resource.into() }
}

#[tokio::test]
async fn the_facts_show_pods_workloads_and_releases() {
    let (_, world) = lab("admin").await;
    let told = told(&world, |t| {
        let releases = t.releases.as_ref().is_some_and(|r| !r.is_empty() && r.iter().all(whole));
        let scaled = t.workloads.get("api-gateway").is_some_and(|w| w.autoscaled.is_some());
        t.complete && t.kinds >= 3 && releases && scaled
    })
    .await;
    assert_eq!(told.failing, BTreeMap::new());
    let orders: Vec<&Pod> = told.pods.values().filter(|p| p.service == Some(Service::new("order-service"))).collect();
    assert!(orders.len() >= 2 && orders.iter().all(|p| !p.template.is_empty() && !p.node.is_empty()), "{orders:#?}");
    assert!(orders.iter().any(|p| p.containers.iter().any(|c| c.image.tag() == "2.4.0-bad")), "{orders:#?}");
    let gateway = &told.workloads["api-gateway"];
    let release = gateway.release.as_ref().map(|r| r.as_str().to_owned());
    assert_eq!(
        (gateway.autoscaled, &gateway.rollout, release),
        (Some((2, 6)), &Rollout::Done, Some("ecommerce-app".into()))
    );
    let releases = told.releases.unwrap();
    let shop = releases.iter().find(|r| r.name.as_str() == "ecommerce-app").expect("the release of the incident");
    let bad = shop.revision(Revision(3)).expect("the bad revision");
    let images = &bad.content.as_ref().unwrap().images[&Service::new("order-service")];
    assert_eq!(images.iter().map(Image::tag).collect::<Vec<_>>(), ["2.4.0-bad"]);
}

#[tokio::test]
async fn a_release_born_by_helm_4_is_read_like_one_of_helm_3() {
    let prod4 = Options { namespace: Some(Namespace::new("prod4")), ..options("admin") };
    let (_, world) = open(prod4).await.unwrap();
    let told = told(&world, |t| t.releases.as_ref().is_some_and(|r| !r.is_empty() && r.iter().all(whole))).await;
    let releases = told.releases.unwrap();
    let short: Vec<_> = releases
        .iter()
        .flat_map(|r| &r.revisions)
        .map(|r| (r.revision.0, r.status, r.content.as_ref().map_or("", |c| c.chart.as_str())))
        .collect();
    let chart = "ecommerce-app-0.1.0";
    assert_eq!(short, [(1, Status::Superseded, chart), (2, Status::Deployed, chart)]);
    let records = world.cluster.records("ecommerce-app".into()).await.unwrap();
    let methods: Vec<_> = records.iter().map(|r| Record::decode(r).map(|r| r.method)).collect();
    assert_eq!(methods, [Ok(Some(Method::Ssa)), Ok(Some(Method::Ssa))]);
}

#[tokio::test]
async fn a_user_who_may_read_pods_alone_sees_pods_and_each_other_source_says_what_is_forbidden() {
    let (_, world) = lab("narrow").await;
    let told = told(&world, |t| t.complete && t.failing.len() >= 7).await;
    assert!(!told.pods.is_empty());
    let wanted = BTreeMap::from([
        (Source::Releases, forbidden("list", "secrets in namespace prod")),
        (Source::Workloads, forbidden("list", "deployments in namespace prod")),
        (Source::Warnings, forbidden("list", "events in namespace prod")),
        (Source::Endpoints, forbidden("list", "endpointslices in namespace prod")),
        (Source::Ingresses, forbidden("list", "ingresses in namespace prod")),
        (Source::Nodes, forbidden("list", "nodes")),
        (Source::Budgets, forbidden("list", "poddisruptionbudgets in namespace prod")),
    ]);
    assert_eq!(told.failing, wanted);
    let records = world.cluster.records("ecommerce-app".into()).await;
    assert_eq!(records, Err(forbidden("list", "secrets in namespace prod")));
}

#[tokio::test]
async fn the_identity_is_the_uid_of_kube_system_or_says_that_it_is_not() {
    let (unasked, world) = lab("admin").await;
    let identity = world.cluster.identity().await.unwrap();
    assert!(matches!(&identity.pin, Pin::Uid(uid) if uid.len() == 36), "{identity:?}");
    assert_eq!(identity, Identity { pin: identity.pin.clone(), ..unasked });
    assert_eq!(identity.ca.as_ref().map(String::len), Some(12));
    let (unasked, world) = lab("operator").await;
    assert_eq!(world.cluster.identity().await, Ok(Identity { pin: Pin::ServerAndCa, ..unasked }));
}

async fn resource(world: &World, api_version: &str, kind: &str) -> Option<Resource> {
    match world.cluster.call(Call::Discover(Gvk::new(api_version, kind))).await {
        Answer::Resource(resource) => resource,
        other => panic!("{other:?}"),
    }
}

fn object(resource: &Resource, name: &str) -> ObjectRef {
    ObjectRef { resource: resource.clone(), namespace: Some(Namespace::new("prod")), name: name.into() }
}

#[tokio::test]
async fn the_engines_calls_get_the_servers_answers() {
    let (_, world) = lab("admin").await;
    let deployments = resource(&world, "apps/v1", "Deployment").await.expect("served");
    assert_eq!((deployments.plural.as_str(), deployments.namespaced), ("deployments", true));
    assert_eq!(resource(&world, "no.such/v1", "Thing").await, None);
    assert_eq!(resource(&world, "apps/v1", "Thing").await, None);
    let ask =
        |name: &str, verb, mode| world.cluster.call(Call::Object { target: object(&deployments, name), verb, mode });
    let wanted = Refused::NotFound("deployments.apps \"none\" not found".into());
    assert_eq!(ask("none", Verb::Get, Mode::Commit).await, Answer::Refused(wanted));
    // A dry run stores nothing.
    let patch = Verb::Patch(PatchKind::Strategic, json!({"spec": {"paused": true}}));
    let answer = ask("order-service", patch, Mode::DryRun).await;
    assert!(matches!(&answer, Answer::Object(o) if o["spec"]["paused"] == json!(true)), "{answer:?}");
    let answer = ask("order-service", Verb::Get, Mode::Commit).await;
    assert!(matches!(&answer, Answer::Object(o) if o["spec"]["paused"].is_null()), "{answer:?}");
    let patch = Verb::Patch(PatchKind::Json, json!([{"op": "replace", "path": "/spec/replicas", "value": 1}]));
    let answer = ask("order-service", patch, Mode::DryRun).await;
    assert!(matches!(&answer, Answer::Object(o) if o["spec"]["replicas"] == json!(1)), "{answer:?}");
    // What does not hold is refused in the kind that the engine decides by.
    let immutable = Verb::Patch(PatchKind::Merge, json!({"spec": {"selector": {"matchLabels": {"x": "y"}}}}));
    let answer = ask("order-service", immutable, Mode::DryRun).await;
    assert!(matches!(&answer, Answer::Refused(Refused::Invalid(m)) if m.contains("selector")), "{answer:?}");
}

#[tokio::test]
async fn objects_are_created_applied_in_conflict_replaced_and_deleted() {
    let (_, world) = lab("admin").await;
    let maps = resource(&world, "v1", "ConfigMap").await.expect("served");
    let name = format!("live-test-{}", std::process::id());
    let ask = |verb, mode| world.cluster.call(Call::Object { target: object(&maps, &name), verb, mode });
    let body = |value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": value}});
    let Answer::Object(made) = ask(Verb::Create(body("1")), Mode::Commit).await else { panic!("not made") };
    assert_eq!(made["metadata"]["managedFields"][0]["manager"], json!("helm"));
    let again = ask(Verb::Create(body("1")), Mode::Commit).await;
    assert!(matches!(&again, Answer::Refused(Refused::AlreadyExists(_))), "{again:?}");
    // Helm's own manager created it by POST ("Update"): applying another value conflicts with it.
    let apply = |force| Verb::Patch(PatchKind::Apply { force }, body("2"));
    let conflict = ask(apply(false), Mode::Commit).await;
    assert!(
        matches!(&conflict, Answer::Refused(Refused::Conflict { fields, .. })
            if fields.iter().any(|f| f.field == ".data.a" && f.manager == "helm")),
        "{conflict:?}"
    );
    let forced = ask(apply(true), Mode::Commit).await;
    assert!(matches!(&forced, Answer::Object(o) if o["data"]["a"] == json!("2")), "{forced:?}");
    // A stale resourceVersion guards a replacement.
    let stale = ask(Verb::Replace(made), Mode::Commit).await;
    assert!(matches!(&stale, Answer::Refused(Refused::Conflict { fields, .. }) if fields.is_empty()), "{stale:?}");
    let mut unknown = body("2");
    unknown["dta"] = json!({});
    let answer = ask(Verb::Patch(PatchKind::Apply { force: true }, unknown), Mode::DryRun).await;
    assert!(matches!(&answer, Answer::Refused(_)), "an unknown field is refused: {answer:?}");
    // The watch shows it, and its end.
    let mut news = world.cluster.watch(maps.clone(), Some(Namespace::new("prod")));
    let ours = |v: &Value| v["metadata"]["name"] == json!(name);
    until(&mut news, |n| matches!(n, ObjectNews::Is(v) if ours(v))).await;
    assert_eq!(ask(Verb::Delete, Mode::DryRun).await, Answer::Gone);
    assert_eq!(ask(Verb::Delete, Mode::Commit).await, Answer::Gone);
    until(&mut news, |n| matches!(n, ObjectNews::Gone(v) if ours(v))).await;
}

async fn until(news: &mut futures::stream::BoxStream<'static, ObjectNews>, wanted: impl Fn(&ObjectNews) -> bool) {
    let read = async { while !wanted(&news.next().await.expect("a watch never ends")) {} };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("it is told");
}

#[tokio::test]
async fn what_a_user_may_do_is_answered_before_it_is_tried() {
    let (_, world) = lab("viewer").await;
    let secrets = resource(&world, "v1", "Secret").await.expect("served");
    let prod = Some(Namespace::new("prod"));
    let may = |verb: &str| Call::May { verb: verb.into(), resource: secrets.clone(), namespace: prod.clone() };
    assert_eq!(world.cluster.call(may("list")).await, Answer::Allowed(true));
    assert_eq!(world.cluster.call(may("create")).await, Answer::Allowed(false));
    let list = Call::List { resource: secrets.clone(), namespace: prod, labels: "owner=helm".into() };
    let Answer::List(records) = world.cluster.call(list).await else { panic!("no list") };
    assert!(!records.is_empty() && records.iter().all(|r| r["kind"] == json!("Secret")));
    let create = Verb::Create(json!({"metadata": {"name": "x"}}));
    let call = Call::Object { target: object(&secrets, "x"), verb: create, mode: Mode::DryRun };
    let answer = world.cluster.call(call).await;
    let wanted = forbidden("create", "secrets x in namespace prod");
    assert!(
        matches!(&answer, Answer::Refused(Refused::Fault { fault, message })
            if *fault == wanted && message.contains("cannot create resource")),
        "{answer:?}"
    );
}

fn request(world: &World, signal: Signal) -> MetricsRequest {
    let to = world.clock.now().wall;
    let step = Duration::from_secs(5);
    MetricsRequest {
        signal,
        scope: Scope::Each,
        namespace: Namespace::new("prod"),
        from: to - chrono::TimeDelta::minutes(2),
        to,
        step,
    }
}

fn newest(curves: &Curves, service: &str) -> Option<f64> {
    curves.services.get(&Service::new(service)).and_then(Series::last).map(|(_, v)| v)
}

#[tokio::test]
async fn the_incident_shows_in_curves_and_alerts() {
    let (_, world) = lab("viewer").await;
    let errors = world.metrics.fetch(request(&world, Signal::ErrorRatio)).await.unwrap();
    let ratio = newest(&errors, "order-service").expect("measured");
    assert!((0.12..0.25).contains(&ratio), "{ratio} {}", errors.query);
    // A healthy service has a small ratio, not none.
    assert!(newest(&errors, "payment-service").is_some_and(|v| v < 0.05), "{errors:?}");
    let p95 = world.metrics.fetch(request(&world, Signal::P95)).await.unwrap();
    assert!(newest(&p95, "order-service").is_some_and(|v| (1.5..6.0).contains(&v)), "{p95:?}");
    let traffic = world.metrics.fetch(request(&world, Signal::Traffic)).await.unwrap();
    assert!(newest(&traffic, "order-service").is_some_and(|v| v > 0.5), "{traffic:?}");
    // All services together: more than the good ones, less than the bad one, from Prometheus' own sums.
    let together = |signal| MetricsRequest { scope: Scope::Together, ..request(&world, signal) };
    let overall = world.metrics.fetch(together(Signal::ErrorRatio)).await.unwrap();
    let all = newest(&overall, TOGETHER).expect("measured");
    assert!(0.0 < all && all < ratio, "{all} {ratio} {}", overall.query);
    let overall = world.metrics.fetch(together(Signal::P95)).await.unwrap();
    assert!(newest(&overall, TOGETHER).is_some_and(|v| v > 0.0), "{overall:?}");
    let alerts = world.alerts.alerts().await.unwrap().alerts;
    let order = Some(Service::new("order-service"));
    let firing = alerts.iter().find(|a| a.name == "HighErrorRate" && a.service == order).expect("it rings");
    assert_eq!(firing.state, AlertState::Firing, "{alerts:#?}");
    is_silenced(&world, firing).await;
}

/// A real Alertmanager takes the silence of exactly that alert, tells who made it, and takes no second one.
async fn is_silenced(looks: &World, firing: &Alert) {
    let labels = firing.labels.clone().expect("Alertmanager tells it");
    let ask = Ask { labels, length: Duration::from_mins(1), why: "known: \"INC\" ñ".into(), by: "ana".into() };
    let planned = |world: World| {
        let ask = ask.clone();
        async move { silence::planned(&world, ask).await }
    };
    let plan = planned(looks.clone()).await.expect("it rings");
    // Who may only look is refused by the server, and told the right that is missing.
    let ending = silence::run(looks, &plan, |_| {}).await;
    assert!(
        matches!(&ending, Ending::Failed { why } if why.contains("you may not create services/proxy")),
        "{ending:?}"
    );
    let (_, world) = lab("admin").await;
    let ending = silence::run(&world, &plan, |_| {}).await;
    assert!(matches!(&ending, Ending::Seen { what } if what.contains("it still rings here")), "{ending:?}");
    let alerts = world.alerts.alerts().await.expect("they are read").alerts;
    let told = |a: &Alert| (a.called(), a.silence().map(|s| (s.by.to_string(), s.why.clone())));
    let silenced: Vec<_> = alerts.iter().filter(|a| a.state == AlertState::Silenced).map(told).collect();
    let who = ("ana".to_owned(), ask.why.clone());
    assert_eq!(silenced, [("HighErrorRate (order-service)".to_owned(), Some(who))]);
    let refusal = planned(world.clone()).await.expect_err("it is silenced");
    assert!(refusal.sentence.contains("is silenced already by ana until"), "{refusal}");
    assert!(matches!(silence::run(&world, &plan, |_| {}).await, Ending::Void { .. }));
}

#[tokio::test]
async fn metrics_that_may_not_be_read_say_which_right_is_missing() {
    let (_, world) = lab("operator").await;
    let fault = world.metrics.fetch(request(&world, Signal::ErrorRatio)).await.unwrap_err();
    let wanted = forbidden("get", "services/proxy in namespace monitoring");
    assert_eq!((fault, world.alerts.alerts().await), (wanted.clone(), Err(wanted)));
}

#[tokio::test]
async fn a_wrong_query_is_answered_in_prometheus_own_words() {
    let mut options = options("admin");
    options.queries.errors = "sum by (service) (rate(x[$window])".into();
    let (_, world) = open(options).await.unwrap();
    let fault = world.metrics.fetch(request(&world, Signal::ErrorRatio)).await.unwrap_err();
    assert!(
        matches!(&fault, Fault::Bad { what } if what.contains("parse error")
            && what.starts_with("monitoring/prometheus:9090: Prometheus refuses it: ")),
        "{fault:?}"
    );
}

#[tokio::test]
async fn prometheus_by_its_own_url_needs_no_right_in_the_cluster() {
    let direct = Options {
        prometheus: Some("http://127.0.0.1:9090".into()),
        alertmanager: Some("http://127.0.0.1:9093/".into()),
        ..options("operator")
    };
    let (_, world) = open(direct).await.unwrap();
    let curves = world.metrics.fetch(request(&world, Signal::ErrorRatio)).await.unwrap();
    assert!(newest(&curves, "order-service").is_some(), "{curves:?}");
    assert!(!world.alerts.alerts().await.unwrap().alerts.is_empty());
}

#[tokio::test]
async fn a_closer_look_at_a_pod_brings_events_and_logs() {
    let (_, world) = lab("admin").await;
    let seen = told(&world, |t| t.complete).await;
    let pod = seen.pods.values().find(|p| p.service == Some(Service::new("order-service"))).unwrap();
    let detail = world.cluster.pod_detail(pod.name.clone()).await.unwrap();
    // The server keeps events for an hour: an older pod has none, but they may be read.
    assert!(detail.events.iter().all(|e| e.reason != "NoEvents"), "{detail:#?}");
    assert!(
        matches!(&detail.logs[..], [log] if log.lines.as_ref().is_ok_and(|l| !l.is_empty() && l.len() <= 20)),
        "{detail:#?}"
    );
    let none = world.cluster.pod_detail("none".into()).await;
    let what = "The server has no pods none in namespace prod: pods \"none\" not found".into();
    assert_eq!(none, Err(Fault::Absent { what }));
}

/// A figure, printed: from nothing to the first page, and to all of it.
#[tokio::test]
async fn from_opening_to_the_first_page() {
    let started = Instant::now();
    let (_, world) = lab("admin").await;
    let opened = started.elapsed();
    let mut facts = world.cluster.facts();
    let (mut first, mut pods) = (None, 0);
    loop {
        match facts.next().await.expect("facts never end") {
            Fact::Pods(PodNews::Page(page)) => {
                first.get_or_insert_with(|| started.elapsed());
                pods += page.len();
            }
            Fact::Pods(PodNews::Complete) => break,
            _ => {}
        }
    }
    let first = first.expect("a page");
    println!("open {opened:?}, first page {first:?}, all {pods} pods {:?}", started.elapsed());
}

#[tokio::test]
async fn a_network_that_is_lost_without_a_word_is_told_and_comes_back_by_itself() {
    let wire = wire::Wire::to("127.0.0.1:6443").await;
    let through = std::fs::read_to_string(options("admin").kubeconfig.unwrap()).unwrap();
    assert!(through.contains("127.0.0.1:6443"), "{through}");
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("wire.yaml");
    std::fs::write(&kubeconfig, through.replace("127.0.0.1:6443", &wire.address)).unwrap();
    let (_, world) = open(Options { kubeconfig: Some(kubeconfig), ..options("admin") }).await.unwrap();
    let mut facts = world.cluster.facts();
    let mut hears = async |silent: bool| {
        let read = async {
            loop {
                match facts.next().await.expect("facts never end") {
                    Fact::Silent(Source::Pods, fault, silence) if silent => return Some((fault.sentence(), silence)),
                    Fact::Alive(Source::Pods) if !silent => return None,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(40), read).await.expect("it is told")
    };
    assert_eq!(hears(false).await, None);
    let died = Instant::now();
    wire.die();
    let (said, silence) = hears(true).await.expect("it is silent");
    println!("dead for {:.1} s when it was told: {said}", died.elapsed().as_secs_f64());
    // Five seconds of silence until it is asked, and at most five for the answer: a connection that cannot even be
    // opened anew is given up sooner.
    assert!(died.elapsed() < Duration::from_secs(12) && silence >= Duration::from_secs(5), "{silence:?}");
    assert_eq!(said, format!("Unreachable: no sign of life for {} s ({})", silence.as_secs(), wire.address));
    let back = Instant::now();
    wire.live();
    hears(false).await;
    println!("told alive {:.1} s after it was back", back.elapsed().as_secs_f64());
}
