//! What a test becomes on the wire, and what its answer means: passed, failed, or not known.
//!
//! Never: an answer that nobody gave taken for a good or a bad one.

use std::time::Duration;

use serde_json::Value;

use super::path::scalar;
use super::test::{Method, Test};
use super::words::{Place, Words};
use crate::domain::fault::Fault;
use crate::domain::health::Nobody;
use crate::domain::moment::short;
use crate::domain::name::Service;

/// A request to one service, with its values filled in.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The Kubernetes Service.
    pub service: Service,
    /// Its port; `None` = its only one.
    pub port: Option<String>,
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Option<String>,
    /// How long is waited for the answer.
    pub within: Duration,
}

impl std::fmt::Debug for Request {
    /// Path, headers and body may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.word(), self.service)
    }
}

/// What came of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// How long it took.
    pub took: Duration,
    /// What came.
    pub came: Came,
}

/// What came.
#[derive(Clone, PartialEq, Eq)]
pub enum Came {
    /// The service answered.
    Said {
        /// The HTTP status.
        code: u16,
        /// The answer, as far as it was read.
        body: String,
    },
    /// There is nobody who could: the cluster says so.
    Nobody(Nobody),
    /// The API server lives, the service did not answer in time.
    Silent,
    /// Whether there is anybody is not known.
    Dark(Fault),
}

/// What a test says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Not so, and why.
    Failed(String),
    /// It was asked, and nobody knows what came of it, and why.
    Unknown(String),
    /// It could not be asked, and why.
    Unasked(String),
}

impl Test {
    /// The request, with what is known.
    ///
    /// # Errors
    /// Why it cannot be put.
    pub fn request(&self, words: &Words) -> Result<Request, String> {
        let header = |(name, value): (&String, &String)| Ok((name.clone(), words.fill(value, Place::Header)?));
        Ok(Request {
            service: self.service.clone(),
            port: self.port.clone(),
            method: self.method,
            path: words.fill(&self.path, Place::Path)?,
            headers: self.headers.iter().map(header).collect::<Result<_, String>>()?,
            body: self.body.as_ref().map(|body| words.fill(body, Place::Body)).transpose()?,
            within: self.within,
        })
    }

    /// What the reply means; what later tests need of it is kept.
    pub fn judge(&self, reply: &Reply, words: &mut Words) -> Outcome {
        let (code, body) = match &reply.came {
            Came::Said { code, body } => (*code, body),
            Came::Nobody(why) => return Outcome::Failed(why.words().into()),
            Came::Silent => return Outcome::Failed(format!("no answer within {}", length(self.within))),
            // Refused before the service was reached.
            Came::Dark(fault @ (Fault::Forbidden { .. } | Fault::Unauthorized { .. } | Fault::Absent { .. })) => {
                return Outcome::Unasked(format!("not asked: {}", fault.sentence()));
            }
            Came::Dark(fault @ (Fault::Unreachable { .. } | Fault::Bad { .. })) => {
                return Outcome::Unknown(fault.sentence());
            }
        };
        if code != self.status {
            return Outcome::Failed(format!("expected {}, answered {code}", self.status));
        }
        let read: Result<Value, _> = serde_json::from_str(body);
        if !(self.expects.is_empty() && self.keep.is_empty()) {
            let Ok(answer) = read else { return Outcome::Failed("its answer is no JSON".into()) };
            if let Some(lacks) = self.expects.iter().find_map(|expect| expect.lacks(&answer)) {
                return Outcome::Failed(words.hide(&lacks));
            }
            for (name, path) in &self.keep {
                match path.all(&answer).first().and_then(|value| scalar(value)) {
                    Some(value) => words.put(name, value),
                    None => return Outcome::Failed(format!("{path} is not in the answer")),
                }
            }
        }
        if reply.took > self.within {
            return Outcome::Failed(format!("took {}, longer than {}", length(reply.took), length(self.within)));
        }
        Outcome::Passed
    }
}

/// `850 ms`, `2 s`
fn length(length: Duration) -> String {
    let fine = length < Duration::from_secs(10) && length.subsec_millis() > 0;
    if fine { format!("{} ms", length.as_millis()) } else { short(length) }
}

#[cfg(test)]
mod tests {
    use super::super::path::{Expect, JsonPath};
    use super::super::test::tests::test;
    use super::*;

    fn said(code: u16, body: &str) -> Came {
        Came::Said { code, body: body.into() }
    }

    #[test]
    fn an_answer_passes_fails_or_is_not_known() {
        let asked = Test {
            expects: vec![Expect::read("$.status = NEW").unwrap()],
            keep: [("id".into(), JsonPath::read("$.id").unwrap())].into(),
            ..test("order")
        };
        let failed = |why: &str| Outcome::Failed(why.into());
        let good = "{\"id\": 7, \"status\": \"NEW\"}";
        let unreachable = Fault::Unreachable { what: "no API server".into() };
        let cases = [
            (said(200, good), 40, Outcome::Passed),
            (said(201, good), 40, failed("expected 200, answered 201")),
            (said(503, ""), 40, failed("expected 200, answered 503")),
            (said(200, "<html>"), 40, failed("its answer is no JSON")),
            (said(200, "{\"status\": \"OLD\"}"), 40, failed("$.status is OLD, not NEW")),
            (said(200, "{\"status\": \"NEW\"}"), 40, failed("$.id is not in the answer")),
            (said(200, good), 5_001, failed("took 5001 ms, longer than 5 s")),
            (Came::Silent, 5_000, failed("no answer within 5 s")),
            (Came::Nobody(Nobody::Endpoint), 4, failed("no ready endpoint")),
            (Came::Dark(unreachable), 4, Outcome::Unknown("Unreachable: no API server".into())),
        ];
        for (came, millis, wanted) in cases {
            let reply = Reply { took: Duration::from_millis(millis), came };
            let mut words = Words::default();
            assert_eq!(asked.judge(&reply, &mut words), wanted);
            assert!(wanted != Outcome::Passed || words.has("id"));
        }
        let plain = Reply { took: Duration::ZERO, came: said(200, "no JSON") };
        assert_eq!(test("x").judge(&plain, &mut Words::default()), Outcome::Passed, "nothing of it was wanted");
    }

    #[test]
    fn neither_a_sentence_nor_a_debug_line_tells_a_secret() {
        let asked =
            Test { path: "/x?key={key}".into(), expects: vec![Expect::read("$.key = other").unwrap()], ..test("x") };
        let mut words = Words::default();
        words.put("key", "hunter22".into());
        let request = asked.request(&words).unwrap();
        assert_eq!((request.path.as_str(), format!("{request:?}").as_str()), ("/x?key=hunter22", "GET order-service"));
        let reply = Reply { took: Duration::ZERO, came: said(200, "{\"key\": \"hunter22\"}") };
        assert_eq!(asked.judge(&reply, &mut words), Outcome::Failed("$.key is …, not other".into()));
    }
}
