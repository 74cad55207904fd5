//! A ConfigMap of the release that real kubectl edited, put back: its readers are new, nobody else is, and helm's next
//! upgrade of the very same key does not conflict; with both ways in which helm applies.
//!
//! Never: what the plan says; the drills and the engine's own tests hold that.

use std::time::Duration;

use backout::act::revert;
use backout::act::rollback::Terms;
use backout::domain::change::{Kind, Object};
use backout::domain::event::Ending;
use backout::domain::name::{Namespace, ReleaseName};
use backout::live::{Options, open};
use backout::revert::ask::Ask;
use serde_json::{Value, json};

use crate::floor;

/// Pods by name of their service, as uids.
fn pods(namespace: &str, app: &str) -> Vec<String> {
    let all = floor::get(&format!("/api/v1/namespaces/{namespace}/pods?labelSelector=app%3D{app}"));
    let alive = all["items"].as_array().into_iter().flatten().filter(|p| p["metadata"]["deletionTimestamp"].is_null());
    alive.map(|p| p["metadata"]["uid"].as_str().unwrap_or_default().to_owned()).collect()
}

fn ask(shop: &floor::Shop) -> Ask {
    Ask {
        release: ReleaseName::new("ecommerce-app"),
        namespace: Namespace::new(&shop.namespace),
        context: "lab".into(),
        object: Object { kind: Kind::ConfigMap, name: "order-service".into() },
        to: None,
    }
}

/// Puts it back; then once more, which is refused.
async fn put_back(shop: &floor::Shop) {
    let namespace = Some(Namespace::new(&shop.namespace));
    let options = Options { kubeconfig: Some(floor::kubeconfig("admin")), namespace, ..Options::default() };
    let world = open(options).await.expect("the lab is up").1;
    let plan = revert::planned(&world, ask(shop)).await.expect("a plan");
    assert_eq!((plan.blocked(), plan.keys.as_slice()), (None, ["FEATURE".to_owned(), "MORE".to_owned()].as_slice()));
    assert!(plan.findings.iter().any(|f| f.sentence.contains("kubectl-edit wrote FEATURE, MORE")), "{plan:#?}");
    let terms = Terms { timeout: Duration::from_secs(90), ..Terms::default() };
    let ending = revert::run(&world, &plan, terms, |_| {}).await;
    assert!(
        matches!(&ending, Ending::Seen { what } if what.contains("1 workload restarted, every pod new")),
        "{ending:?}"
    );
    let refusal = revert::planned(&world, ask(shop)).await.expect_err("nothing is left to do");
    assert!(refusal.sentence.contains("nothing would change"), "{}", refusal.sentence);
}

fn put_back_and_upgraded(name: &str, helm: floor::Helm) {
    let _quiet = floor::among_others();
    let shop = floor::Shop::incident(name, helm, "good", &[]);
    shop.upgrade(&["--set", "services.order-service.config.FEATURE=on", "--wait"]);
    let edit = json!({"data": {"FEATURE": "off", "MORE": "x"}}).to_string();
    let place = ["patch", "configmap", "order-service", "-n", &shop.namespace, "--type=merge"];
    floor::run("kubectl", &[place.as_slice(), &["--field-manager=kubectl-edit", "-p", &edit]].concat());
    let (readers, others) = (pods(&shop.namespace, "order-service"), pods(&shop.namespace, "user-service"));
    tokio::runtime::Runtime::new().expect("a runtime").block_on(put_back(&shop));
    let good: Value = json!({"SPRING_PROFILES_ACTIVE": "prod", "LOG_LEVEL": "info", "FEATURE": "on"});
    assert_eq!(shop.config("order-service"), good);
    let after = pods(&shop.namespace, "order-service");
    assert!(after.iter().all(|uid| !readers.contains(uid)), "every reader is another one: {readers:?} {after:?}");
    assert_eq!(pods(&shop.namespace, "user-service"), others);
    shop.upgrade(&["--set", "services.order-service.config.FEATURE=new", "--set", "services.order-service.tag=2.3.2"]);
    assert_eq!(shop.config("order-service")["FEATURE"], "new");
}

#[test]
fn a_configmap_is_put_back_and_helm_3_upgrades_it() {
    put_back_and_upgraded("revert3", floor::Helm::Three);
}

#[test]
fn a_configmap_is_put_back_and_helm_4_upgrades_it() {
    put_back_and_upgraded("revert4", floor::Helm::Four);
}
