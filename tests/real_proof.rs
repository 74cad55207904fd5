//! What proves that it is back, against the real floor (tests/real): the shop's services asked for their health by a real
//! API server's proxy; the endpoints, addresses, budgets and nodes that real controllers keep, judged by the cockpit.
//!
//! Run inside the lab's network, as tests/real_live.rs. It needs the bad incident in prod (tests/real/incident.sh bad).
#![cfg(feature = "real")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, its fixtures too")]
#![expect(clippy::disallowed_methods, reason = "kubectl makes a node sick")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use backout::config::language::Language;
use backout::config::runbook::built_in;
use backout::domain::criteria::Limits;
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::fact::{Fact, PodNews, Source};
use backout::domain::fault::Fault;
use backout::domain::health::{Answer, Ask, Asking, Checked, Finding, Nobody, summary};
use backout::domain::identity::Realm;
use backout::domain::logs::{LogAsk, LogRule, Words, Writer};
use backout::domain::name::{Namespace, Person, Service};
use backout::domain::release::Release;
use backout::domain::ways::{Budget, Endpoints, Entrance, Node, Way};
use backout::effect::Effect;
use backout::helm::api::{Answer as Told, Call, Gvk, Mode, ObjectRef, Resource, Verb};
use backout::live::{Options, open};
use backout::model::Model;
use backout::model::settings::{Asked, Palette, Settings};
use backout::msg::Msg;
use backout::ports::World;
use backout::update::evidence::sense;
use backout::update::update;
use futures::StreamExt;
use serde_json::{Value, json};

/// One test makes a node sick; who says that all are well is not beside it.
static NODES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn lab(user: &str) -> World {
    let lab = std::env::var_os("LAB_DIR").expect("LAB_DIR names the lab; run through tests/real/in.sh");
    let kubeconfig = PathBuf::from(lab).join("kube").join(format!("{user}.yaml"));
    let namespace = Some(Namespace::new("prod"));
    open(Options { kubeconfig: Some(kubeconfig), namespace, ..Options::default() }).await.expect("the lab is up").1
}

/// The release of the incident, its payloads read.
async fn release(world: &World) -> Release {
    let mut facts = world.cluster.facts();
    let read = async {
        loop {
            let Some(fact) = facts.next().await else { panic!("facts never end") };
            let Fact::Releases(all) = fact else { continue };
            let whole =
                |r: &&Release| r.name.as_str() == "ecommerce-app" && r.revisions.iter().all(|r| r.content.is_some());
            if let Some(release) = all.iter().find(whole) {
                return release.clone();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the release of the incident")
}

fn by_service(answers: &[Checked]) -> BTreeMap<&str, Finding> {
    answers.iter().map(|c| (c.ask.service.as_str(), c.finding(&Asking::default()))).collect()
}

fn ask(service: &str, port: &str) -> Ask {
    Ask { service: Service::new(service), port: port.into(), path: "/actuator/health".into() }
}

#[tokio::test]
async fn every_service_of_the_release_is_asked_itself_and_the_bad_one_says_that_its_database_is_down() {
    let world = lab("admin").await;
    let release = release(&world).await;
    let asks = Asking::default().asks(&release.live().unwrap().content.as_ref().unwrap().services);
    assert_eq!(asks.len(), 7, "{asks:?}");
    let answers = world.cluster.health(asks.clone()).await;
    let mut found = by_service(&answers);
    assert_eq!(found.remove("order-service"), Some(Finding::Down("DOWN: db (503)".into())), "{answers:#?}");
    assert!(found.values().all(|f| *f == Finding::Up), "{answers:#?}");
    assert!(answers.iter().all(|c| c.took > Duration::ZERO && c.took < Duration::from_secs(5)), "{answers:#?}");
    let bad = answers.iter().find(|c| c.ask.service.as_str() == "order-service").unwrap();
    let Answer::Said(reply) = &bad.answer else { panic!("{bad:?}") };
    assert!(reply.body.contains("HikariPool-1"), "{}", reply.body);
    let told = summary(&asks, &answers, &Asking::default());
    assert_eq!((told.verdict, told.value.as_str()), (Verdict::NotMet, "6/7 UP, order-service: DOWN: db (503)"));
}

async fn services(world: &World) -> Resource {
    match world.cluster.call(Call::Discover(Gvk::new("v1", "Service"))).await {
        Told::Resource(Some(resource)) => resource,
        other => panic!("{other:?}"),
    }
}

async fn change(world: &World, resource: &Resource, name: &str, verb: Verb) {
    let target = ObjectRef { resource: resource.clone(), namespace: Some(Namespace::new("prod")), name: name.into() };
    let answer = world.cluster.call(Call::Object { target, verb, mode: Mode::Commit }).await;
    assert!(matches!(answer, Told::Object(_) | Told::Gone), "{answer:?}");
}

fn service(name: &str, app: &str, target: u16) -> Value {
    let ports = json!([{"name": "http", "port": 8080, "targetPort": target}]);
    let metadata = json!({"name": name, "namespace": "prod"});
    json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": {"app": app}, "ports": ports}})
}

#[tokio::test]
async fn why_nobody_answers_is_told_apart_by_the_real_proxy() {
    let world = lab("admin").await;
    let resource = services(&world).await;
    let made = [("proof-nobody", "no-such-app", 8080), ("proof-refuses", "user-service", 9999)];
    for (name, app, target) in made {
        change(&world, &resource, name, Verb::Create(service(name, app, target))).await;
    }
    let asks = vec![
        ask("proof-nobody", "8080"),
        ask("proof-refuses", "8080"),
        ask("never-was", "8080"),
        ask("user-service", "6379"),
        Ask { path: "/no/such/health".into(), ..ask("user-service", "http") },
    ];
    // The API server's proxy learns of a new Service, and then of its endpoints, a moment after they are written.
    let known = |answers: &[Checked]| {
        let words = [&answers[0].answer, &answers[1].answer];
        words == [&Answer::Nobody(Nobody::Endpoint), &Answer::Nobody(Nobody::Refuses)]
    };
    let mut answers = world.cluster.health(asks.clone()).await;
    for _ in 0..100 {
        if known(&answers) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answers = world.cluster.health(asks.clone()).await;
    }
    for (name, ..) in made {
        change(&world, &resource, name, Verb::Delete).await;
    }
    let told: Vec<Finding> = answers.iter().map(|c| c.finding(&Asking::default())).collect();
    let down = |why: &str| Finding::Down(why.into());
    let blind = |why: &str| Finding::Blind(why.into());
    assert_eq!(
        told,
        [
            down("no ready endpoint"),
            down("its pod refuses the connection"),
            down("there is no such Service"),
            blind("Service user-service has no port 6379; name one as port in backout.toml"),
            blind("it has no /no/such/health (404)"),
        ],
        "{answers:#?}"
    );
}

#[tokio::test]
async fn who_may_not_use_the_proxy_is_told_so_for_each_service() {
    let world = lab("narrow").await;
    let answers = world.cluster.health(vec![ask("user-service", "8080")]).await;
    let fault = Fault::Forbidden { verb: "get".into(), resource: "services/proxy in namespace prod".into() };
    assert_eq!(answers[0].answer, Answer::Dark(fault), "{answers:?}");
}

/// A cockpit of prod without a config file.
fn settings() -> Settings {
    Settings {
        realm: Realm::Live,
        drill: None,
        person: Person::new("ana"),
        namespace: Namespace::new("prod"),
        release: None,
        runbook: built_in(Language::English).unwrap(),
        decisions: backout::config::decisions::built_in(Language::English).unwrap(),
        limits: Limits::default(),
        rules: Vec::new(),
        health: Asking::default(),
        tests: Vec::new(),
        dashboard: None,
        logs: LogRule::default(),
        asked: Asked::default(),
        read_only: true,
        arm_for: Duration::from_mins(10),
        history: Duration::from_mins(30),
        palette: Palette::OnDark,
        prometheus: None,
        log: String::new(),
    }
}

/// What was told of the ways.
#[derive(Debug, Default)]
struct Ways {
    endpoints: BTreeMap<String, Endpoints>,
    entrances: BTreeMap<String, Entrance>,
    budgets: BTreeMap<String, Budget>,
    nodes: Vec<Node>,
}

/// Listens until that is so.
async fn ways(world: &World, enough: impl Fn(&Ways) -> bool) -> Ways {
    let mut facts = world.cluster.facts();
    let mut ways = Ways::default();
    let read = async {
        while !enough(&ways) {
            match facts.next().await.expect("facts never end") {
                Fact::Endpoints(all) => {
                    ways.endpoints = all.into_iter().map(|e| (e.service.to_string(), e)).collect();
                }
                Fact::Ingresses(all) => ways.entrances = all.into_iter().map(|e| (e.name.clone(), e)).collect(),
                Fact::Budgets(all) => ways.budgets = all.into_iter().map(|b| (b.name.clone(), b)).collect(),
                Fact::Nodes(all) => ways.nodes = all,
                _ => {}
            }
        }
    };
    let timely = tokio::time::timeout(Duration::from_secs(20), read).await.is_ok();
    assert!(timely, "not within 20 s: {ways:#?}");
    ways
}

async fn resource(world: &World, version: &str, kind: &str) -> Resource {
    match world.cluster.call(Call::Discover(Gvk::new(version, kind))).await {
        Told::Resource(Some(resource)) => resource,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_real_controllers_say_of_endpoints_addresses_and_budgets_is_told_as_it_changes() {
    let _alone = NODES.lock().await;
    let world = lab("admin").await;
    let services = services(&world).await;
    let ingresses = resource(&world, "networking.k8s.io/v1", "Ingress").await;
    let budgets = resource(&world, "policy/v1", "PodDisruptionBudget").await;
    let metadata = |name: &str| json!({"name": name, "namespace": "prod", "labels": {"lab-address": "none"}});
    let rules = json!([{"host": "ways.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "user-service", "port": {"number": 8080}}}}]}}]);
    let ingress = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata("ways-none"), "spec": {"rules": rules}});
    let budget = |name: &str, least: u32| {
        let spec = json!({"minAvailable": least, "selector": {"matchLabels": {"app": "order-service"}}});
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata(name), "spec": spec})
    };
    change(&world, &services, "ways-nobody", Verb::Create(service("ways-nobody", "no-such-app", 8080))).await;
    change(&world, &ingresses, "ways-none", Verb::Create(ingress)).await;
    change(&world, &budgets, "ways-kept", Verb::Create(budget("ways-kept", 1))).await;
    change(&world, &budgets, "ways-overdrawn", Verb::Create(budget("ways-overdrawn", 3))).await;
    let counted = |w: &Ways, name: &str| w.budgets.get(name).is_some_and(|b| b.healthy == 2);
    let told = ways(&world, |w| {
        w.endpoints.contains_key("ways-nobody")
            && w.entrances.len() >= 2
            && counted(w, "ways-kept")
            && counted(w, "ways-overdrawn")
            && !w.nodes.is_empty()
    })
    .await;
    for (resource, name) in
        [(&services, "ways-nobody"), (&ingresses, "ways-none"), (&budgets, "ways-kept"), (&budgets, "ways-overdrawn")]
    {
        change(&world, resource, name, Verb::Delete).await;
    }
    let count = |name: &str| (told.endpoints[name].ready, told.endpoints[name].all);
    assert_eq!((count("order-service"), count("ways-nobody")), ((2, 2), (0, 0)));
    let addresses = |name: &str| told.entrances[name].addresses.clone();
    assert_eq!((addresses("shop"), addresses("ways-none")), (vec!["203.0.113.7".to_owned()], vec![]));
    let budget = |name: &str| {
        let b = &told.budgets[name];
        (b.healthy, b.needed, b.spare)
    };
    assert_eq!((budget("ways-kept"), budget("ways-overdrawn")), ((2, 1, 1), (2, 3, 0)));
    assert!(told.nodes.len() == 10 && told.nodes.iter().all(|n| n.trouble().is_none()), "{:#?}", told.nodes);
}

/// A node's condition, as its kubelet would say it.
fn condition(node: &str, kind: &str, status: &str) {
    let patch = json!({"status": {"conditions": [{"type": kind, "status": status, "reason": "ByHand"}]}}).to_string();
    let kubectl = std::process::Command::new("kubectl")
        .args(["patch", "node", node, "--subresource=status", "--type=strategic", "-p", &patch])
        .output()
        .unwrap();
    assert!(kubectl.status.success(), "{}", String::from_utf8_lossy(&kubectl.stderr));
}

/// A cockpit that hears these facts until each way stands as wanted.
async fn judged(user: &str, wanted: &[(Way, Verdict)]) -> BTreeMap<Way, String> {
    let world = lab(user).await;
    let mut model = Model::new(settings(), world.clock.now(), (80, 24));
    let mut facts = world.cluster.facts();
    let stands = |model: &Model| wanted.iter().all(|(w, v)| model.ways.get(w).is_some_and(|e| e.verdict == *v));
    let hear = async {
        while !stands(&model) {
            let fact = facts.next().await.expect("facts never end");
            update(&mut model, Msg::Fact(fact));
            update(&mut model, Msg::Tick(world.clock.now()));
        }
    };
    let timely = tokio::time::timeout(Duration::from_secs(30), hear).await.is_ok();
    assert!(timely, "{user}: {:#?}", model.ways);
    model.ways.into_iter().map(|(way, e)| (way, e.value)).collect()
}

#[tokio::test]
async fn endpoints_addresses_and_nodes_are_judged_by_what_the_cluster_says_now() {
    let _alone = NODES.lock().await;
    let well = [(Way::Endpoints, Verdict::Met), (Way::Ingresses, Verdict::Met), (Way::Nodes, Verdict::Met)];
    let told = judged("viewer", &well).await;
    assert_eq!(told[&Way::Endpoints], "7 of 7 Services have ready endpoints");
    assert_eq!(told[&Way::Ingresses], "1 of 1 has an address, shop at 203.0.113.7");
    assert_eq!(told[&Way::Nodes], "10 of 10 nodes ready, none under pressure");
    // The chart has no budget: nothing is said of any.
    assert_eq!(told.get(&Way::Budgets), None);
    // A node that bears a pod of ours comes under pressure, and is relieved.
    let world = lab("admin").await;
    let node = bears_orders(&world).await;
    condition(&node, "DiskPressure", "True");
    let told = judged("viewer", &[(Way::Nodes, Verdict::NotMet)]).await;
    condition(&node, "DiskPressure", "False");
    assert!(told[&Way::Nodes].starts_with(&format!("node {node} has DiskPressure, ")), "{told:?}");
    judged("viewer", &well).await;
}

#[tokio::test]
async fn who_may_read_the_namespace_alone_knows_the_ways_in_it_and_is_told_that_nodes_are_forbidden() {
    let wanted = [(Way::Endpoints, Verdict::Met), (Way::Ingresses, Verdict::Met), (Way::Nodes, Verdict::Unknown)];
    let told = judged("operator", &wanted).await;
    assert_eq!(told[&Way::Nodes], "nodes: forbidden");
    let world = lab("operator").await;
    let mut facts = world.cluster.facts();
    let fault = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Some(Fact::Failing(Source::Nodes, fault)) = facts.next().await {
                return fault;
            }
        }
    });
    assert_eq!(fault.await.unwrap().sentence(), "Forbidden: you may not list nodes");
    // Without the right to read the records nobody knows what the release has; what is not known is not well.
    let told = judged("narrow", &[(Way::Endpoints, Verdict::Unknown), (Way::Nodes, Verdict::Unknown)]).await;
    assert_eq!(told.keys().collect::<Vec<_>>(), [&Way::Endpoints, &Way::Nodes]);
}

async fn bears_orders(world: &World) -> String {
    let mut facts = world.cluster.facts();
    let read = async {
        loop {
            if let Some(Fact::Pods(PodNews::Page(pods))) = facts.next().await
                && let Some(pod) = pods.iter().find(|p| p.service == Some(Service::new("order-service")))
            {
                return pod.node.clone();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("a pod of the order service")
}

/// A cockpit of prod that wants to know at once, as `backout check`, and counts by that rule, until the logs stand so.
async fn logs(user: &str, rule: LogRule, wanted: Verdict) -> (String, Model) {
    let world = lab(user).await;
    let settings = Settings { asked: Asked::Always, logs: rule, ..settings() };
    let mut model = Model::new(settings, world.clock.now(), (80, 24));
    let mut facts = world.cluster.facts();
    let hear = async {
        while sense(&model, Sensor::LogsClean).verdict != wanted {
            let fact = tokio::time::timeout(Duration::from_millis(500), facts.next()).await;
            if let Ok(Some(fact)) = fact {
                update(&mut model, Msg::Fact(fact));
            }
            for effect in update(&mut model, Msg::Tick(world.clock.now())) {
                if let Effect::ReadLogs(generation, asks, rule) = effect {
                    let heard = world.cluster.logs(asks, rule).await;
                    update(&mut model, Msg::LogsRead(generation, heard));
                }
            }
        }
    };
    let timely = tokio::time::timeout(Duration::from_secs(30), hear).await.is_ok();
    let value = sense(&model, Sensor::LogsClean).value;
    assert!(timely, "{value}");
    (value, model)
}

#[tokio::test]
async fn the_bad_release_shows_in_its_logs_and_what_no_line_has_is_not_found() {
    let (value, model) = logs("viewer", LogRule::default(), Verdict::NotMet).await;
    assert!(value.starts_with("order-service: ") && value.contains(" error lines in 5 min"), "{value}");
    let of = |service: &str| {
        let since = model.logs_since.expect("they are read");
        let tallies = model.logs.tallies(since, model.now.wall);
        tallies.into_iter().find(|t| t.service.as_str() == service).expect("it runs")
    };
    // Two pods, a line a second, 18 of 100 with an error and its trace.
    let (bad, good) = (of("order-service"), of("payment-service"));
    assert!(bad.writers == 2 && bad.errors > 10 && good.errors < 30, "{bad:?} {good:?}");
    assert!(model.logs.errors().iter().any(|w| w.line.text.contains("discount_code")), "{:?}", model.logs.errors());
    let rule = LogRule { pattern: Words::of("OutOfMemoryError"), ..LogRule::default() };
    let (value, _) = logs("viewer", rule, Verdict::Met).await;
    assert_eq!(value, "0 error lines in 5 min");
}

#[tokio::test]
async fn a_log_is_read_on_from_where_it_ended_and_a_stretch_of_it_ends_where_it_should() {
    let world = lab("admin").await;
    let (_, model) = logs("admin", LogRule::default(), Verdict::NotMet).await;
    let writer = model.logs.errors().back().expect("an error line").writer.clone();
    let now = world.clock.now().wall;
    let at = |seconds: i64| now - chrono::TimeDelta::seconds(seconds);
    let read = async |from, until| {
        let ask = LogAsk { writer: writer.clone(), from, until };
        let heard = world.cluster.logs(vec![ask], LogRule::default()).await.remove(0);
        heard.excerpt.expect("it can be read")
    };
    let stretch = read(at(18), Some(at(6))).await;
    assert!((8..=40).contains(&stretch.lines) && stretch.last.is_some_and(|l| l < at(6)), "{stretch:?}");
    assert!(stretch.tail.iter().all(|l| l.at > at(18)), "{stretch:?}");
    let first = read(at(60), None).await;
    let next = read(first.last.expect("lines"), None).await;
    assert!(next.lines <= 6 && next.tail.iter().all(|l| Some(l.at) > first.last), "{next:?}");
    let narrow = lab("narrow").await;
    let ask = LogAsk { writer, from: at(60), until: None };
    let heard = narrow.cluster.logs(vec![ask.clone()], LogRule::default()).await.remove(0);
    let fault = Fault::Forbidden { verb: "get".into(), resource: "pods/log in namespace prod".into() };
    assert_eq!(heard.excerpt, Err(fault));
    let gone = Writer { pod: "never-was".into(), ..ask.writer.clone() };
    let heard = world.cluster.logs(vec![LogAsk { writer: gone, ..ask }], LogRule::default()).await.remove(0);
    assert!(matches!(heard.excerpt, Err(Fault::Absent { .. })), "{heard:?}");
}
