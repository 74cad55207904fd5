//! How a service says it is: the word of its own health endpoint, asked of itself and not through the gateway.
//!
//! What the service answers is told apart from why there is no answer, and both from what can never be known this way.
//!
//! Never: no answer taken for a good one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::evidence::Verdict;
use super::fault::Fault;
use super::name::Service;

/// Where Spring Boot's actuator tells it.
pub const PATH: &str = "/actuator/health";

/// A port of a Kubernetes Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its number.
    pub number: u16,
}

/// How health is asked, and what counts as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The path, where a service has none of its own.
    pub path: String,
    /// Components that must be UP wherever a service names them.
    pub components: Vec<String>,
    /// A plain 2xx without a word of health is enough.
    pub plain: bool,
    /// What is different for single services.
    pub own: BTreeMap<Service, Own>,
}

/// What is different for one service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Own {
    /// It is not asked.
    pub skip: bool,
    /// Its port, by name or number.
    pub port: Option<String>,
    /// Its path.
    pub path: Option<String>,
}

impl Default for Asking {
    fn default() -> Self {
        Self { path: PATH.into(), components: vec!["db".into()], plain: false, own: BTreeMap::new() }
    }
}

impl Asking {
    /// Whom to ask, of the Services that a release has.
    pub fn asks(&self, services: &BTreeMap<Service, Vec<Port>>) -> Vec<Ask> {
        let ask = |(service, ports): (&Service, &Vec<Port>)| {
            let own = self.own.get(service).cloned().unwrap_or_default();
            let port = own.port.or_else(|| likely(ports).map(|p| p.number.to_string()))?;
            let path = own.path.unwrap_or_else(|| self.path.clone());
            (!own.skip).then(|| Ask { service: service.clone(), port, path })
        };
        services.iter().filter_map(ask).collect()
    }
}

/// The port that most likely speaks HTTP of health: one for management, else one for the web, else the first.
pub fn likely(ports: &[Port]) -> Option<&Port> {
    let named = |words: &[&str]| ports.iter().find(|p| words.iter().any(|w| p.name.contains(w)));
    named(&["actuator", "management", "health"]).or_else(|| named(&["http", "web"])).or_else(|| ports.first())
}

/// A question to one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The Kubernetes Service.
    pub service: Service,
    /// Its port, by name or number.
    pub port: String,
    /// `/actuator/health`
    pub path: String,
}

impl Ask {
    /// `order-service:8080/actuator/health`
    pub fn place(&self) -> String {
        format!("{}:{}{}", self.service, self.port, self.path)
    }
}

/// One question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The question.
    pub ask: Ask,
    /// How long the answer took.
    pub took: Duration,
    /// What came.
    pub answer: Answer,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The service answered.
    Said(Reply),
    /// There is nobody who could: the cluster says so.
    Nobody(Nobody),
    /// Whether there is anybody is not known: no answer in time, forbidden, no API server.
    Dark(Fault),
}

/// Why nobody can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nobody {
    /// There is no such Service.
    Service,
    /// It has no ready endpoint.
    Endpoint,
    /// Its pod refuses the connection.
    Refuses,
}

impl Nobody {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Service => "there is no such Service",
            Self::Endpoint => "no ready endpoint",
            Self::Refuses => "its pod refuses the connection",
        }
    }
}

/// A service's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub code: u16,
    /// Its word, in capitals: `UP`, `DOWN`; `None` where it says none.
    pub word: Option<String>,
    /// The words of its components.
    pub components: BTreeMap<String, String>,
    /// The answer as it came, in lines.
    pub body: String,
}

/// Words that mean that it is well.
const WELL: [&str; 5] = ["UP", "OK", "PASS", "HEALTHY", "SERVING"];
/// Words that mean that it is not.
const ILL: [&str; 6] = ["DOWN", "OUT_OF_SERVICE", "FAIL", "FAILED", "UNHEALTHY", "NOT_SERVING"];
/// Words that mean that nobody has said yet.
const UNDECIDED: [&str; 2] = ["UNKNOWN", "SERVICE_UNKNOWN"];

/// Whether this, in capitals, is a word of health and no other text.
pub fn is_word(word: &str) -> bool {
    [WELL.as_slice(), &ILL, &UNDECIDED].into_iter().flatten().any(|known| *known == word)
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is well.
    Up,
    /// It is not, and what says so.
    Down(String),
    /// Nobody can know now.
    Silent(String),
    /// It cannot be known this way: no such endpoint, a login is wanted, the question is forbidden.
    Blind(String),
}

impl Finding {
    /// As a verdict.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Up => Verdict::Met,
            Self::Down(_) => Verdict::NotMet,
            Self::Silent(_) | Self::Blind(_) => Verdict::Unknown,
        }
    }

    /// What it says beyond its verdict.
    pub fn words(&self) -> &str {
        match self {
            Self::Up => "UP",
            Self::Down(why) | Self::Silent(why) | Self::Blind(why) => why,
        }
    }
}

impl Checked {
    /// Nobody knows.
    pub const fn dark(ask: Ask, fault: Fault) -> Self {
        Self { ask, took: Duration::ZERO, answer: Answer::Dark(fault) }
    }

    /// What the answer means.
    pub fn finding(&self, asking: &Asking) -> Finding {
        match &self.answer {
            Answer::Said(reply) => reply.finding(asking, &self.ask.path),
            Answer::Nobody(why) => Finding::Down(why.words().into()),
            Answer::Dark(fault @ (Fault::Forbidden { .. } | Fault::Absent { .. })) => Finding::Blind(fault.sentence()),
            Answer::Dark(fault @ (Fault::Unreachable { .. } | Fault::Unauthorized { .. } | Fault::Bad { .. })) => {
                Finding::Silent(fault.sentence())
            }
        }
    }
}

impl Reply {
    fn finding(&self, asking: &Asking, path: &str) -> Finding {
        let code = self.code;
        let well = self.word.as_ref().map(|w| WELL.contains(&w.as_str()));
        match (self.word.as_deref(), code) {
            (Some(word), _) if UNDECIDED.contains(&word) => Finding::Silent(format!("it says {word}")),
            (Some(word), _) if well == Some(false) => Finding::Down(format!("{word}{} ({code})", self.whose())),
            (_, 500..) => Finding::Down(format!("answers {code}")),
            (_, 200..=299) => match self.fallen(asking) {
                Some(component) => Finding::Down(format!("{component} ({code})")),
                None if well == Some(true) || asking.plain => Finding::Up,
                None => Finding::Blind(format!("{path} says {code} without a word of health")),
            },
            (_, 401 | 403) => Finding::Blind(format!("{path} wants a login ({code})")),
            (_, 404 | 405) => Finding::Blind(format!("it has no {path} ({code})")),
            (_, 429) => Finding::Silent("it is asked too often (429)".into()),
            (_, code) => Finding::Blind(format!("{path} answers {code}")),
        }
    }

    /// ` (db)`: the components that it blames.
    fn whose(&self) -> String {
        let bad = |(_, word): &(&String, &String)| !WELL.contains(&word.as_str());
        let bad: BTreeSet<&str> = self.components.iter().filter(bad).map(|(name, _)| name.as_str()).collect();
        if bad.is_empty() { String::new() } else { format!(": {}", bad.into_iter().collect::<Vec<_>>().join(", ")) }
    }

    /// A component that must be UP and is not, though the whole says it is.
    fn fallen(&self, asking: &Asking) -> Option<String> {
        let watched = self.components.iter().filter(|(name, _)| asking.components.contains(name));
        let (name, word) = watched.into_iter().find(|(_, word)| !WELL.contains(&word.as_str()))?;
        Some(format!("{name} {word}"))
    }
}

/// All services together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The worst: not met where one is down, unknown where one cannot be known, met where all say that they are well.
    pub verdict: Verdict,
    /// The value in words: `10/10 UP, slowest 310 ms (order-service)`.
    pub value: String,
    /// Nothing will be known by asking again.
    pub blind: bool,
}

/// Judges all that were asked; who has not answered yet is not known.
pub fn summary(asks: &[Ask], answers: &[Checked], asking: &Asking) -> Summary {
    let of = |ask: &Ask| answers.iter().find(|c| c.ask == *ask);
    let finding = |ask: &Ask| of(ask).map_or(Finding::Silent("not asked yet".into()), |c| c.finding(asking));
    let found: Vec<(&Ask, Finding)> = asks.iter().map(|ask| (ask, finding(ask))).collect();
    let up = found.iter().filter(|(_, f)| *f == Finding::Up).count();
    let tally = format!("{up}/{} UP", found.len());
    let told = |verdict, blind, bad: Vec<&(&Ask, Finding)>| {
        let Some((ask, why)) = bad.first() else { return Summary { verdict, value: tally.clone(), blind } };
        let more = if bad.len() > 1 { format!("; {} more", bad.len() - 1) } else { String::new() };
        Summary { verdict, value: format!("{tally}, {}: {}{more}", ask.service, why.words()), blind }
    };
    let all = |kind: fn(&Finding) -> bool| found.iter().filter(|(_, f)| kind(f)).collect::<Vec<_>>();
    let down = all(|f| matches!(f, Finding::Down(_)));
    let silent = all(|f| matches!(f, Finding::Silent(_)));
    let blind = all(|f| matches!(f, Finding::Blind(_)));
    if found.is_empty() {
        return Summary { verdict: Verdict::Unknown, value: "no Service to ask is known".into(), blind: true };
    }
    if !down.is_empty() {
        return told(Verdict::NotMet, false, down);
    }
    if !silent.is_empty() {
        return told(Verdict::Unknown, false, silent);
    }
    if !blind.is_empty() {
        return told(Verdict::Unknown, true, blind);
    }
    let slowest = asks.iter().filter_map(of).max_by_key(|c| c.took);
    let slowest =
        slowest.map_or_else(String::new, |c| format!(", slowest {} ms ({})", c.took.as_millis(), c.ask.service));
    Summary { verdict: Verdict::Met, value: format!("{tally}{slowest}"), blind: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, word: &str, components: &[(&str, &str)]) -> Answer {
        let components = components.iter().map(|(n, w)| ((*n).into(), (*w).into())).collect();
        Answer::Said(Reply { code, word: (!word.is_empty()).then(|| word.into()), components, body: String::new() })
    }

    fn checked(service: &str, answer: Answer) -> Checked {
        let ask = Ask { service: Service::new(service), port: "8080".into(), path: PATH.into() };
        Checked { ask, took: Duration::from_millis(40), answer }
    }

    #[test]
    fn what_a_service_says_is_told_apart_from_why_it_says_nothing() {
        let forbidden = Fault::Forbidden { verb: "get".into(), resource: "services/proxy in namespace prod".into() };
        let silent = Fault::Unreachable { what: "no answer within 5 s".into() };
        let (down, quiet, blind) = (
            Finding::Down as fn(String) -> Finding,
            Finding::Silent as fn(String) -> Finding,
            Finding::Blind as fn(String) -> Finding,
        );
        let cases = [
            (reply(200, "UP", &[("db", "UP")]), Finding::Up),
            (reply(200, "UP", &[]), Finding::Up),
            (reply(200, "UP", &[("db", "DOWN")]), down("db DOWN (200)".into())),
            (reply(200, "UP", &[("ping", "DOWN")]), Finding::Up),
            (reply(503, "DOWN", &[("db", "DOWN"), ("ping", "UP")]), down("DOWN: db (503)".into())),
            (reply(200, "OUT_OF_SERVICE", &[]), down("OUT_OF_SERVICE (200)".into())),
            (reply(200, "UNKNOWN", &[]), quiet("it says UNKNOWN".into())),
            (reply(503, "UP", &[]), down("answers 503".into())),
            (reply(500, "", &[]), down("answers 500".into())),
            (reply(200, "", &[]), blind("/actuator/health says 200 without a word of health".into())),
            (reply(404, "", &[]), blind("it has no /actuator/health (404)".into())),
            (reply(401, "", &[]), blind("/actuator/health wants a login (401)".into())),
            (reply(302, "", &[]), blind("/actuator/health answers 302".into())),
            (Answer::Nobody(Nobody::Endpoint), down("no ready endpoint".into())),
            (Answer::Nobody(Nobody::Refuses), down("its pod refuses the connection".into())),
            (Answer::Dark(silent), quiet("Unreachable: no answer within 5 s".into())),
            (Answer::Dark(forbidden), blind("Forbidden: you may not get services/proxy in namespace prod".into())),
        ];
        for (answer, wanted) in cases {
            assert_eq!(checked("a", answer.clone()).finding(&Asking::default()), wanted, "{answer:?}");
        }
        let plain = Asking { plain: true, ..Asking::default() };
        assert_eq!(checked("a", reply(200, "", &[])).finding(&plain), Finding::Up);
        assert_eq!(checked("a", reply(404, "", &[])).finding(&plain).verdict(), Verdict::Unknown);
    }

    #[test]
    fn all_are_well_only_where_every_one_says_so() {
        let up = || checked("a", reply(200, "UP", &[]));
        let down = || checked("b", reply(503, "DOWN", &[]));
        let silent = || checked("c", Answer::Dark(Fault::Unreachable { what: "no answer".into() }));
        let blind = || checked("d", reply(404, "", &[]));
        let cases = [
            (vec![], Verdict::Unknown, true, "no Service to ask is known"),
            (vec![up()], Verdict::Met, false, "1/1 UP, slowest 40 ms (a)"),
            (vec![up(), down()], Verdict::NotMet, false, "1/2 UP, b: DOWN (503)"),
            (vec![up(), silent()], Verdict::Unknown, false, "1/2 UP, c: Unreachable: no answer"),
            (vec![up(), blind()], Verdict::Unknown, true, "1/2 UP, d: it has no /actuator/health (404)"),
            (vec![silent(), blind()], Verdict::Unknown, false, "0/2 UP, c: Unreachable: no answer"),
            (vec![down(), silent(), blind()], Verdict::NotMet, false, "0/3 UP, b: DOWN (503)"),
        ];
        for (answers, verdict, blind, value) in cases {
            let asks: Vec<Ask> = answers.iter().map(|c| c.ask.clone()).collect();
            let wanted = Summary { verdict, value: value.into(), blind };
            assert_eq!(summary(&asks, &answers, &Asking::default()), wanted);
        }
        let asks = [up().ask, down().ask];
        let half = summary(&asks, &[up()], &Asking::default());
        assert_eq!((half.verdict, half.value.as_str()), (Verdict::Unknown, "1/2 UP, b: not asked yet"));
    }

    #[test]
    fn the_port_that_is_asked_is_the_likeliest_unless_the_config_says_otherwise() {
        let port = |name: &str, number| Port { name: name.into(), number };
        let services: BTreeMap<Service, Vec<Port>> = [
            ("a", vec![port("grpc", 9000), port("http", 80), port("management", 8081)]),
            ("b", vec![port("grpc", 9000), port("http-web", 80)]),
            ("c", vec![port("", 8080)]),
            ("redis", vec![port("redis", 6379)]),
            ("none", vec![]),
        ]
        .map(|(n, p)| (Service::new(n), p))
        .into();
        let own = |own: Own| own;
        let asking = Asking {
            own: [
                (Service::new("redis"), own(Own { skip: true, ..Own::default() })),
                (Service::new("c"), own(Own { path: Some("/healthz".into()), port: Some("web".into()), skip: false })),
            ]
            .into(),
            ..Asking::default()
        };
        let places: Vec<String> = asking.asks(&services).iter().map(Ask::place).collect();
        assert_eq!(places, ["a:8081/actuator/health", "b:80/actuator/health", "c:web/healthz"]);
    }
}
