//! Asking each service itself for its health, through the API server's service proxy: nothing has to be reachable from
//! here, and nothing is needed in the image.
//!
//! The API server answers with a Status of its own where it reached nobody; everything else is the service's answer.
//!
//! Never: a second question because the first was not answered.

use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use http::Request;
use kube::core::Status;
use tokio::time::Instant;

use crate::domain::fault::Fault;
use crate::domain::health::{Answer, Ask, Checked, Nobody};
use crate::domain::name::Service;
use crate::tools::actuator;

use super::address;
use super::asked::{Asked, Trouble, short};
use super::connect::Connection;

/// How long one service may take.
const LIMIT: Duration = Duration::from_secs(5);
/// Of one answer at most this much is read.
const MOST: usize = 65_536;
/// Services that are asked at the same time.
const AT_ONCE: usize = 16;

/// Asks all of them; the answers in the order of the questions.
pub(super) async fn of_all(connection: &Connection, asks: Vec<Ask>) -> Vec<Checked> {
    stream::iter(asks).map(|ask| one(connection, ask)).buffered(AT_ONCE).collect().await
}

async fn one(connection: &Connection, ask: Ask) -> Checked {
    let began = Instant::now();
    let answer = answer(connection, &ask).await;
    Checked { ask, took: began.elapsed(), answer }
}

async fn answer(connection: &Connection, ask: &Ask) -> Answer {
    let namespace = connection.namespace.as_str();
    let asked = Asked::new("get", "services/proxy", Some(namespace));
    let scheme = if ask.port == "443" || ask.port.starts_with("https") { "https" } else { "http" };
    let (name, port) = (address::escaped(ask.service.as_str()), address::escaped(&ask.port));
    let namespace = address::escaped(namespace);
    let uri = format!("/api/v1/namespaces/{namespace}/services/{scheme}:{name}:{port}/proxy{}", ask.path);
    let request = match Request::get(uri).body(Vec::new()) {
        Ok(request) => request,
        Err(e) => return Answer::Dark(asked.bad(&e.to_string())),
    };
    match connection.reply(&asked, request, LIMIT.min(connection.limit), MOST).await {
        Ok((code, body)) => match own(code, &body) {
            Some(status) => unreached(*status, &asked, &ask.service, &ask.port),
            None => Answer::Said(actuator::reply(code, &body)),
        },
        Err(Trouble::Status(status)) => unreached(*status, &asked, &ask.service, &ask.port),
        Err(Trouble::Fault(fault)) => Answer::Dark(fault),
    }
}

/// The API server's own answer: a Status, or the bare words of older ones.
pub(super) fn own(code: u16, body: &str) -> Option<Box<Status>> {
    let said = body.trim_start();
    if (500..600).contains(&code)
        && said.get(..26).is_some_and(|s| s.eq_ignore_ascii_case("error trying to reach serv"))
    {
        return Some(Box::new(Status::failure(said, "ServiceUnavailable").with_code(code)));
    }
    let is_status = code >= 400 && said.starts_with('{') && said.contains("\"kind\":\"Status\"");
    is_status.then(|| serde_json::from_str(said).ok()).flatten()
}

/// Why the API server reached nobody.
pub(super) fn unreached(status: Status, asked: &Asked, service: &Service, port: &str) -> Answer {
    let message = status.message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if says(&["no service port"]) {
        let what = format!("Service {service} has no port {port}; name one as port in backout.toml");
        return Answer::Dark(Fault::Absent { what });
    }
    if says(&["no endpoints available"]) {
        return Answer::Nobody(Nobody::Endpoint);
    }
    if says(&["connection refused", "connection reset"]) {
        return Answer::Nobody(Nobody::Refuses);
    }
    if says(&["malformed http", "server gave http response", "first record does not look like a tls"]) {
        let what = format!(
            "port {port} of {service} does not speak HTTP as it was asked; under [[health.service]] in backout.toml name \
             another port, or skip it"
        );
        return Answer::Dark(Fault::Absent { what });
    }
    match status.code {
        404 => Answer::Nobody(Nobody::Service),
        502..=504 => Answer::Dark(Fault::Unreachable { what: short(&status.message) }),
        _ => Answer::Dark(Trouble::Status(Box::new(status)).fault(asked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: u16, message: &str) -> Answer {
        let status = Status::failure(message, "X").with_code(code);
        unreached(status, &Asked::new("get", "services/proxy", Some("prod")), &Service::new("redis"), "6379")
    }

    #[test]
    fn what_the_api_server_says_itself_is_told_apart() {
        let absent = |what: &str| Answer::Dark(Fault::Absent { what: what.into() });
        let cases = [
            (503, "no endpoints available for service \"http:redis:6379\"", Answer::Nobody(Nobody::Endpoint)),
            (404, "services \"redis\" not found", Answer::Nobody(Nobody::Service)),
            (
                503,
                "error trying to reach service: dial tcp 10.244.0.7:6379: connect: connection refused",
                Answer::Nobody(Nobody::Refuses),
            ),
            (
                503,
                "error trying to reach service: dial tcp 10.244.0.7:6379: i/o timeout",
                Answer::Dark(Fault::Unreachable {
                    what: "error trying to reach service: dial tcp 10.244.0.7:6379: i/o timeout".into(),
                }),
            ),
            (
                503,
                "no service port \"6379\" found for service \"redis\"",
                absent("Service redis has no port 6379; name one as port in backout.toml"),
            ),
            (
                503,
                "error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response",
                absent(
                    "port 6379 of redis does not speak HTTP as it was asked; under [[health.service]] in backout.toml \
                     name another port, or skip it",
                ),
            ),
            (
                403,
                "services \"redis\" is forbidden",
                Answer::Dark(Fault::Forbidden {
                    verb: "get".into(),
                    resource: "services/proxy in namespace prod".into(),
                }),
            ),
        ];
        for (code, message, wanted) in cases {
            assert_eq!(of(code, message), wanted, "{message}");
        }
    }

    #[test]
    fn a_services_own_answer_is_never_taken_for_the_api_servers() {
        let bodies =
            ["{\"status\":\"DOWN\",\"components\":{}}", "{\"error\":\"x\"}", "{}", "<html>503</html>", "Error 503", ""];
        for body in bodies {
            assert_eq!(own(503, body), None, "{body}");
        }
        let status =
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"m\",\"code\":503}";
        assert_eq!(own(503, status).map(|s| s.message.clone()), Some("m".into()));
        let old = "Error trying to reach service: 'dial tcp 10.0.0.1:80: connect: connection refused'";
        assert!(own(503, old).is_some_and(|s| s.message.contains("refused")));
    }
}
