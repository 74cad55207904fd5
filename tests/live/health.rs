//! Services asked for their health through the proxy: what they say, why nobody answers, and what is too much.

use std::time::Duration;

use backout::domain::health::{Answer, Ask, Asking, Finding};
use backout::domain::name::Service;
use serde_json::json;

use super::server::{Asked, Reply, status, world};

fn ask(service: &str, port: &str) -> Ask {
    Ask { service: Service::new(service), port: port.into(), path: "/actuator/health".into() }
}

fn script(asked: &Asked) -> Reply {
    let service = asked.path.split('/').nth(6).unwrap_or_default().split(':').nth(1).unwrap_or_default();
    match service {
        "up" => Reply::Json(200, json!({"status": "UP", "components": {"db": {"status": "UP"}}})),
        "down" => Reply::Json(503, json!({"status": "DOWN", "components": {"db": {"status": "DOWN"}}})),
        // Neither word nor status: kube would read it as a Status of its own.
        "odd" => Reply::Json(500, json!({"error": "boom"})),
        "page" => Reply::Text(200, "<html>shop</html>".into()),
        "big" => Reply::Text(200, "x".repeat(100_000)),
        "silent" => Reply::Silence,
        "none" => status(503, "ServiceUnavailable", "no endpoints available for service \"none\""),
        "old" => Reply::Text(503, "Error trying to reach service: 'dial tcp: connect: connection refused'".into()),
        "denied" => {
            status(403, "Forbidden", "services \"denied\" is forbidden: User \"ana\" cannot get services/proxy")
        }
        _ => status(404, "NotFound", "services \"gone\" not found"),
    }
}

#[tokio::test]
async fn each_service_is_asked_once_at_its_own_place_and_its_answer_is_told_from_the_api_servers() {
    let world = world(script).await;
    let down = |why: &str| Finding::Down(why.into());
    let wanted = [
        ("up", Finding::Up),
        ("down", down("DOWN: db (503)")),
        ("odd", down("answers 500")),
        ("page", Finding::Blind("/actuator/health says 200 without a word of health".into())),
        (
            "big",
            Finding::Silent(
                "Could not get services/proxy in namespace prod: the answer (200) is longer than 65536 bytes".into(),
            ),
        ),
        ("none", down("no ready endpoint")),
        ("old", down("its pod refuses the connection")),
        ("denied", Finding::Blind("Forbidden: you may not get services/proxy in namespace prod".into())),
        ("gone", down("there is no such Service")),
    ];
    let answers = world.cluster.health(wanted.iter().map(|(name, _)| ask(name, "8080")).collect()).await;
    for ((name, finding), checked) in wanted.iter().zip(&answers) {
        assert_eq!((checked.ask.service.as_str(), checked.finding(&Asking::default())), (*name, finding.clone()));
    }
    let silent = world.cluster.health(vec![ask("silent", "8080")]).await;
    assert!(matches!(silent[0].finding(&Asking::default()), Finding::Silent(_)), "{silent:?}");
    assert!(silent[0].took >= Duration::from_millis(900), "{silent:?}");
}

#[tokio::test]
async fn the_scheme_follows_the_port() {
    let world = world(|asked| Reply::Text(200, asked.path.rsplit('/').nth(3).unwrap_or_default().into())).await;
    for (port, place) in [("8080", "http:a:8080"), ("443", "https:a:443"), ("https-web", "https:a:https-web")] {
        let answers = world.cluster.health(vec![ask("a", port)]).await;
        let Answer::Said(reply) = &answers[0].answer else { panic!("{answers:?}") };
        assert_eq!(reply.body, place, "{answers:?}");
    }
}
