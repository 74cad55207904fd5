//! One functional test as the team writes it: whom it asks, what, and what the answer must be.
//!
//! Never: a secret's value; a test names where it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::path::{Expect, JsonPath};
use super::words::names;
use crate::domain::health::{Port, likely};
use crate::domain::name::Service;

/// How long an answer may take unless the test says otherwise.
pub const WITHIN: Duration = Duration::from_secs(5);

/// A test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// What it is called: `create order`.
    pub name: String,
    /// The Kubernetes Service that is asked.
    pub service: Service,
    /// Its port, by name or number; `None` = the one that most likely speaks HTTP.
    pub port: Option<String>,
    /// The method.
    pub method: Method,
    /// The path with its query; may hold `{names}`.
    pub path: String,
    /// The headers; may hold `{names}`.
    pub headers: BTreeMap<String, String>,
    /// What is sent; may hold `{names}`.
    pub body: Option<String>,
    /// The HTTP status that is wanted.
    pub status: u16,
    /// What the answer must have.
    pub expects: Vec<Expect>,
    /// How long the answer may take.
    pub within: Duration,
    /// What it creates, in the team's words; `None` = it only reads.
    pub writes: Option<String>,
    /// What later tests need of its answer, by name.
    pub keep: BTreeMap<String, JsonPath>,
    /// Secrets that it needs, by name.
    pub secrets: BTreeMap<String, SecretPlace>,
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretPlace {
    /// In that environment variable of backout.
    Variable(String),
    /// In a Kubernetes Secret of the namespace.
    Secret {
        /// Its name.
        name: String,
        /// The key in it.
        key: String,
    },
}

impl SecretPlace {
    /// `env:SHOP_PASSWORD`, or `secret:shop-test/password`.
    pub fn read(text: &str) -> Option<Self> {
        let plain = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        if let Some(name) = text.strip_prefix("env:") {
            return plain(name).then(|| Self::Variable(name.to_owned()));
        }
        let (name, key) = text.strip_prefix("secret:")?.split_once('/')?;
        (plain(name) && plain(key)).then(|| Self::Secret { name: name.to_owned(), key: key.to_owned() })
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Secret { name, key } => write!(f, "key {key} of Secret {name}"),
        }
    }
}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// As they are written.
    pub const WORDS: [(&str, Self); 6] = [
        ("GET", Self::Get),
        ("HEAD", Self::Head),
        ("POST", Self::Post),
        ("PUT", Self::Put),
        ("PATCH", Self::Patch),
        ("DELETE", Self::Delete),
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, m)| *m == self).map_or("GET", |(word, _)| word)
    }

    /// Whether it changes nothing where a service keeps to HTTP (RFC 9110, 9.2.1).
    pub const fn is_safe(self) -> bool {
        match self {
            Self::Get | Self::Head => true,
            Self::Post | Self::Put | Self::Patch | Self::Delete => false,
        }
    }
}

impl Test {
    /// The same with its port, as far as the Services of the release tell it.
    pub fn at(&self, services: &BTreeMap<Service, Vec<Port>>) -> Self {
        let found = || services.get(&self.service).and_then(|ports| likely(ports)).map(|p| p.number.to_string());
        Self { port: self.port.clone().or_else(found), ..self.clone() }
    }

    /// `POST order-service:8080/api/orders`
    pub fn asks(&self) -> String {
        let port = self.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{} {}{port}{}", self.method.word(), self.service, self.path)
    }

    /// The names that it needs.
    pub fn needs(&self) -> BTreeSet<String> {
        let texts = [Some(&self.path), self.body.as_ref()].into_iter().flatten().chain(self.headers.values());
        texts.flat_map(|text| names(text)).collect()
    }
}

/// Those that only read, also where they stand on others: what a writing test keeps, they cannot have without it.
pub fn reading(tests: &[Test]) -> Vec<Test> {
    let mut kept_by_writers: BTreeSet<&String> = BTreeSet::new();
    let mut reading = Vec::new();
    for test in tests {
        let leans = test.needs().iter().any(|name| kept_by_writers.contains(name) && !test.secrets.contains_key(name));
        if test.writes.is_some() || leans {
            kept_by_writers.extend(test.keep.keys());
        } else {
            reading.push(test.clone());
        }
    }
    reading
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn test(name: &str) -> Test {
        Test {
            name: name.into(),
            service: Service::new("order-service"),
            port: None,
            method: Method::Get,
            path: "/api/orders".into(),
            headers: BTreeMap::new(),
            body: None,
            status: 200,
            expects: Vec::new(),
            within: WITHIN,
            writes: None,
            keep: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }

    #[test]
    fn what_leans_on_a_writing_test_is_not_run_without_it() {
        let path = |text| JsonPath::read(text).unwrap();
        let login = Test { keep: [("token".into(), path("$.token"))].into(), ..test("login") };
        let order = Test {
            writes: Some("one order".into()),
            body: Some("{\"t\": \"{token}\"}".into()),
            keep: [("order".into(), path("$.id"))].into(),
            ..test("order")
        };
        let look = Test {
            path: "/api/orders/{order}".into(),
            keep: [("state".into(), path("$.state"))].into(),
            ..test("look")
        };
        let further = Test { path: "/x/{state}".into(), ..test("further") };
        let mine = Test { path: "/y/{token}".into(), ..test("mine") };
        let names: Vec<String> = reading(&[login, order, look, further, mine]).into_iter().map(|t| t.name).collect();
        assert_eq!(names, ["login", "mine"]);
    }

    #[test]
    fn a_source_names_where_a_secret_is_kept() {
        let cases = [
            ("env:SHOP", Some("environment variable SHOP")),
            ("secret:shop-test/password", Some("key password of Secret shop-test")),
            ("env:", None),
            ("secret:shop", None),
            ("secret:a/b/c", None),
            ("hunter2", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(SecretPlace::read(text).map(|s| s.to_string()).as_deref(), wanted, "{text}");
        }
    }
}
