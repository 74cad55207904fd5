//! What proves that it is back, against the real floor (tests/real): the shop's services asked for their health by a real
//! API server's proxy.
//!
//! Run inside the lab's network, as tests/real_live.rs. It needs the bad incident in prod (tests/real/incident.sh bad).
#![cfg(feature = "real")]
#![expect(clippy::panic, reason = "a test fails by panicking, its fixtures too")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use backout::domain::evidence::Verdict;
use backout::domain::fact::Fact;
use backout::domain::fault::Fault;
use backout::domain::health::{Answer, Ask, Asking, Checked, Finding, Nobody, summary};
use backout::domain::name::{Namespace, Service};
use backout::domain::release::Release;
use backout::helm::api::{Answer as Told, Call, Gvk, Mode, ObjectRef, Resource, Verb};
use backout::live::{Options, open};
use backout::ports::World;
use futures::StreamExt;
use serde_json::{Value, json};

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
