//! The plan's four business calls put to the shop's services through a real API server: what only reads, what writes, by
//! whom it may be asked, and what is really made.
//!
//! Never: what the list and the plan say; the drills hold that.

use backout::act::functional;
use backout::config::functional::of_drills;
use backout::domain::event::Ending;
use backout::domain::name::{Namespace, Service};
use backout::functional::answer::{Came, Request};
use backout::functional::plan::Plan;
use backout::functional::test::Test;
use backout::functional::words::Words;
use backout::live::{Options, open};
use backout::ports::World;

use crate::floor;

async fn world(shop: &floor::Shop, user: &str) -> World {
    let namespace = Some(Namespace::new(&shop.namespace));
    let options = Options { kubeconfig: Some(floor::kubeconfig(user)), namespace, ..Options::default() };
    open(options).await.expect("the lab is up").1
}

fn plan(shop: &floor::Shop) -> Plan {
    let placed = |test: Test| Test { port: Some("8080".into()), ..test };
    let tests = of_drills().expect("they are good").into_iter().map(placed).collect();
    Plan::of(Namespace::new(&shop.namespace), tests, None)
}

fn run(shop: &floor::Shop, user: &str) -> (Ending, Vec<String>) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let mut said = Vec::new();
        let world = world(shop, user).await;
        let tell = |_: usize, ran: &backout::functional::results::Ran| {
            said.push(format!("{}: {}", ran.name, ran.outcome.words()));
        };
        let ending = functional::act(&world, &plan(shop), tell).await;
        (ending, said)
    })
}

/// How many orders the shop has taken; two in a thousand questions are answered by a failure.
fn sold(shop: &floor::Shop) -> u64 {
    let look = plan(shop).tests.swap_remove(1);
    let asked = Request {
        service: Service::new("order-service"),
        path: "/api/orders".into(),
        ..look.request(&Words::default()).expect("it needs nothing")
    };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let world = world(shop, "admin").await;
        for _ in 0..5 {
            if let Came::Said { code: 200, body } = world.cluster.test(asked.clone()).await.came {
                let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
                return told["totalElements"].as_u64().expect("a number");
            }
        }
        panic!("nobody tells the orders")
    })
}

#[test]
fn the_four_calls_pass_make_what_they_say_once_and_fail_where_production_is_broken() {
    let _quiet = floor::among_others();
    let shop = floor::Shop::incident("tests4", floor::Helm::Four, "good", &[]);
    let secret =
        ["create", "secret", "generic", "shop-test", "-n", &shop.namespace, "--from-literal=password=hunter22"];
    floor::run("kubectl", &secret);
    let before = sold(&shop);
    // A good release, too, fails twice in a thousand calls.
    let passed = "4 of 4 tests passed; made: one order of 2 items, by the test account, one payment of 99.99 for that \
                  order, by the test card";
    let good = (1..=3).find(|_| run(&shop, "admin").0 == Ending::Seen { what: passed.into() });
    let tries = good.expect("it passes");
    let made = sold(&shop) - before;
    assert!((1..=tries).contains(&made), "{made} of {tries}");

    // Who may only look may ask what only looks.
    let (ending, said) = run(&shop, "viewer");
    let why = "1 of 4 tests passed, login: not asked: Forbidden: you may not create services/proxy";
    assert!(matches!(&ending, Ending::Failed { why: told } if told.starts_with(why)), "{ending:?}");
    assert_eq!(said.iter().filter(|s| s.contains("not asked: ")).count(), 3, "{said:?}");
    assert_eq!(sold(&shop) - before, made);

    shop.upgrade(&["--set", "services.order-service.tag=2.4.0-broken", "--wait"]);
    let (ending, said) = run(&shop, "admin");
    assert_eq!(said.last().map(String::as_str), Some("payment: not asked: {order} is not known"));
    let why = "2 of 4 tests passed, create order: expected 201, answered 500; perhaps made, look for it: one order of 2 \
               items, by the test account";
    assert_eq!(ending, Ending::Failed { why: why.into() }, "{said:?}");
}
