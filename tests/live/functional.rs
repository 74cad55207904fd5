//! Functional tests put to services through the proxy: what each becomes on the wire, what its answer means, whose fault
//! it is where none comes, and where its secrets are read.

use std::sync::{Arc, Mutex};

use backout::act::functional::run;
use backout::config::Config;
use backout::functional::answer::Outcome;
use backout::functional::results::Ran;
use backout::functional::test::{SecretPlace, Test};
use backout::ports::World;
use serde_json::json;

use super::server::{Asked, Reply, status, world};

fn tests(text: &str) -> Vec<Test> {
    Config::read(text, "backout.toml").unwrap_or_else(|mistakes| panic!("{mistakes}")).tests
}

async fn ran(world: &World, tests: &[Test]) -> Vec<(String, Outcome)> {
    let mut all: Vec<Ran> = Vec::new();
    run(world, tests, |_, ran| all.push(ran)).await;
    all.into_iter().map(|ran| (ran.name, ran.outcome)).collect()
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed(why.into())
}

/// The service that is asked.
fn service(asked: &Asked) -> &str {
    asked.path.split('/').nth(6).unwrap_or_default().split(':').nth(1).unwrap_or_default()
}

const CHAIN: &str = r#"
[[test]]
name = "login"
service = "user"
port = "8080"
method = "POST"
reads = true
path = "/api/users/login"
body = '{"password": "{password}"}'
secrets = { password = "secret:shop-test/password" }
keep = { token = "$.token" }

[[test]]
name = "order"
service = "order"
port = "8080"
method = "POST"
writes = "one order"
path = "/api/orders?by={token}"
headers = { X-Auth-Token = "{token}" }
status = 201
expect = "$.id"
"#;

#[tokio::test]
async fn what_one_test_keeps_the_next_hands_on_and_each_is_asked_once() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heads);
    let world = world(move |asked| {
        let head: Vec<&str> = asked.head.lines().filter(|l| l.starts_with("POST") || l.starts_with("x-")).collect();
        told.lock().unwrap().push(head.join("\n"));
        match service(asked) {
            "user" => Reply::Json(200, json!({"token": "t 1"})),
            "order" => Reply::Json(201, json!({"id": 7})),
            // The base64 of what a Secret holds: hunter2.
            _ => Reply::Json(200, json!({"kind": "Secret", "data": {"password": "aHVudGVyMg=="}})),
        }
    })
    .await;
    let all = ran(&world, &tests(CHAIN)).await;
    assert_eq!(all, [("login".into(), Outcome::Passed), ("order".into(), Outcome::Passed)]);
    let place = "/api/v1/namespaces/prod/services/http";
    let wanted = [
        String::new(),
        format!("POST {place}:user:8080/proxy/api/users/login HTTP/1.1"),
        format!("POST {place}:order:8080/proxy/api/orders?by=t%201 HTTP/1.1\nx-auth-token: t 1"),
    ];
    assert_eq!(*heads.lock().unwrap(), wanted);
}

#[tokio::test]
async fn who_lacks_what_it_needs_is_not_asked_and_not_known() {
    let world = world(|asked| match service(asked) {
        "user" => Reply::Json(401, json!({"error": "no"})),
        "order" => panic!("asked all the same: {}", asked.head),
        _ => Reply::Json(200, json!({"kind": "Secret", "data": {"password": "aHVudGVyMg=="}})),
    })
    .await;
    let unasked = |why: &str| Outcome::Unasked(why.into());
    let all = ran(&world, &tests(CHAIN)).await;
    let wanted = [
        ("login".into(), failed("expected 200, answered 401")),
        ("order".into(), unasked("not asked: {token} is not known")),
    ];
    assert_eq!(all, wanted);

    let denied = super::server::world(|_| {
        status(403, "Forbidden", "secrets \"shop-test\" is forbidden: User \"ana\" cannot get resource \"secrets\"")
    })
    .await;
    let (_, login) = ran(&denied, &tests(CHAIN)).await.swap_remove(0);
    let why = "not asked: its secret {password} cannot be read: Forbidden: you may not get secrets shop-test in namespace \
               prod";
    assert_eq!(login, unasked(why));
}

#[tokio::test]
async fn a_service_that_fails_is_told_apart_from_who_could_not_ask_it() {
    let world = world(|asked| match service(asked) {
        "bad" => Reply::Json(500, json!({"error": "boom"})),
        "silent" => Reply::Silence,
        "none" => status(503, "ServiceUnavailable", "no endpoints available for service \"none\""),
        "denied" => status(403, "Forbidden", "services \"denied\" is forbidden: User \"ana\" cannot get"),
        // /livez
        "" => Reply::Text(200, "ok".into()),
        _ => status(404, "NotFound", "services \"gone\" not found"),
    })
    .await;
    let text: String = ["bad", "silent", "none", "denied", "gone"]
        .map(|s| format!("[[test]]\nname = \"{s}\"\nservice = \"{s}\"\npath = \"/\"\nwithin = \"300ms\"\n"))
        .concat();
    let wanted = [
        failed("expected 200, answered 500"),
        failed("no answer within 300 ms"),
        failed("no ready endpoint"),
        Outcome::Unasked("not asked: Forbidden: you may not get services/proxy in namespace prod".into()),
        failed("there is no such Service"),
    ];
    let all: Vec<Outcome> = ran(&world, &tests(&text)).await.into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(all, wanted);
}

#[tokio::test]
async fn an_api_server_that_is_silent_itself_fails_no_test() {
    let world = world(|_| Reply::Silence).await;
    let text = "[[test]]\nname = \"a\"\nservice = \"a\"\npath = \"/\"\nwithin = \"200ms\"\n";
    let (_, outcome) = ran(&world, &tests(text)).await.swap_remove(0);
    assert!(matches!(&outcome, Outcome::Unknown(why) if why.contains("no sign of life")), "{outcome:?}");
}

#[tokio::test]
async fn a_variable_that_is_not_set_is_named() {
    let world = world(|_| Reply::Silence).await;
    let read = world.cluster.secret(SecretPlace::Variable("BACKOUT_NO_SUCH_VARIABLE".into())).await;
    let sentence = read.unwrap_err().sentence();
    assert!(sentence.contains("environment variable BACKOUT_NO_SUCH_VARIABLE is not set"), "{sentence}");
    let set = world.cluster.secret(SecretPlace::Variable("CARGO_MANIFEST_DIR".into())).await;
    assert_eq!(set, Ok(env!("CARGO_MANIFEST_DIR").to_owned()));
}
