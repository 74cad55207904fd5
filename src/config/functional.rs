//! `[[test]]`: the functional tests of the business, each a request to one service and what its answer must be.
//!
//! Never: a test that writes without saying so, nor a secret's value: the file names where it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::mistake::{Mistakes, Sheet};
use super::section::{Section, document, quote};
use crate::domain::name::Service;
use crate::domain::text::clean;
use crate::functional::path::{Expect, JsonPath};
use crate::functional::test::{Method, SecretPlace, Test, WITHIN};
use crate::functional::words::is_name;

pub(super) const KEYS: &[&str] = &[
    "name", "service", "port", "method", "path", "headers", "body", "status", "expect", "within", "writes", "reads",
    "keep", "secrets",
];

/// Headers that never arrive as they are written, and why.
const TAKEN: [(&str, &str); 4] = [
    (
        "authorization",
        "the API server takes it for itself and hands none on: the service must take its token elsewhere",
    ),
    ("host", "it is the service's own name"),
    ("content-length", "it is counted"),
    ("connection", "it is the connection's own"),
];

const DRILL: &str = include_str!("../../assets/tests.toml");

/// The tests of the shop that the drills are about.
///
/// # Errors
/// A mistake in the asset; a test holds it to none.
pub fn of_drills() -> Result<Vec<Test>, Mistakes> {
    let mut sheet = Sheet::new(DRILL, "tests.toml");
    let table = document(&mut sheet, DRILL);
    let tests = table.map(|table| read(&mut sheet, &Section::top(&table))).unwrap_or_default();
    sheet.verdict(tests)
}

pub(super) fn read(sheet: &mut Sheet<'_>, top: &Section<'_>) -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for section in top.sections(sheet, "test") {
        section.only(sheet, KEYS, cure_of_key);
        let Some(test) = one(sheet, &section) else { continue };
        if tests.iter().any(|t| t.name == test.name) {
            section.wrong(sheet, "name", "is there twice", "give each test a name of its own");
        }
        for name in test.needs().iter().filter(|n| !kept.contains(*n) && !test.secrets.contains_key(*n)) {
            let key = if test.path.contains(&format!("{{{name}}}")) { "path" } else { "body" };
            let key = if section.has(key) { key } else { "headers" };
            let cure = "keep it in a test above this one, or write where it is kept under secrets";
            section.wrong(sheet, key, &format!("has {{{name}}}, which nothing above gives"), cure);
        }
        kept.extend(test.keep.keys().cloned());
        tests.push(test);
    }
    tests
}

fn cure_of_key(key: &str) -> String {
    if ["token", "password", "secret", "api_key"].contains(&key) {
        return format!(
            "write secrets = {{ {key} = \"env:NAME\" }} or \"secret:NAME/KEY\", and {{{key}}} where it goes"
        );
    }
    super::belongs(key, "test")
}

fn one(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<Test> {
    let name = section.needed(sheet, "name").map(clean);
    let service = section.needed(sheet, "service").map(Service::new);
    section.required(sheet, "path");
    let path = super::health::path(sheet, section);
    let method = section.choice(sheet, "method", &Method::WORDS).unwrap_or(Method::Get);
    let writes = section.text(sheet, "writes").map(clean);
    let reads = section.switch(sheet, "reads").unwrap_or_default();
    if !method.is_safe() && writes.is_none() && !reads {
        let cure = "say it with writes = \"one order of 1 item\"; or reads = true, where it changes nothing";
        section.wrong(sheet, "method", &format!("is \"{}\", and nothing says what it creates", method.word()), cure);
    }
    if reads && writes.is_some() {
        section.wrong(sheet, "reads", "is true beside writes", "keep one of the two");
    }
    let within = section.length(sheet, "within", Duration::from_millis(100)..=Duration::from_mins(1));
    Some(Test {
        port: super::health::port(sheet, section),
        method,
        headers: headers(sheet, section),
        body: section.text(sheet, "body").map(str::to_owned),
        status: status(sheet, section).unwrap_or(200),
        expects: expects(sheet, section),
        within: within.unwrap_or(WITHIN),
        writes,
        keep: keep(sheet, section),
        secrets: secrets(sheet, section),
        name: name?,
        service: service?,
        path: path?,
    })
}

fn status(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<u16> {
    let status = section.has("status").then(|| section.number::<u16>(sheet, "status"))??;
    if !(100..=599).contains(&status) {
        section.wrong(sheet, "status", &format!("is {status}"), "an HTTP status is wanted: 200, 201, 404");
    }
    Some(status)
}

fn expects(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Vec<Expect> {
    let mut expects = Vec::new();
    for text in section.texts(sheet, "expect") {
        match Expect::read(text) {
            Some(expect) => expects.push(expect),
            None => not_a_path(sheet, section, "expect", text),
        }
    }
    expects
}

fn not_a_path(sheet: &mut Sheet<'_>, section: &Section<'_>, key: &str, text: &str) {
    let cure = "a JSON path is wanted, \"$.items[0].id\"; for expect also with its value: \"$.status = ACCEPTED\"";
    section.wrong(sheet, key, &format!("is {}", quote(text)), cure);
}

fn headers(sheet: &mut Sheet<'_>, section: &Section<'_>) -> BTreeMap<String, String> {
    let Some(part) = section.section(sheet, "headers") else { return BTreeMap::new() };
    let mut headers = BTreeMap::new();
    for key in part.keys() {
        let Some(value) = part.text(sheet, key) else { continue };
        let known = key.to_ascii_lowercase();
        if let Some((_, why)) = TAKEN.iter().find(|(name, _)| *name == known) {
            part.wrong(sheet, key, "cannot be set", *why);
        } else if http::HeaderName::from_bytes(key.as_bytes()).is_err() || http::HeaderValue::from_str(value).is_err() {
            part.wrong(sheet, key, "is no header", "a name like Content-Type and a value in one line are wanted");
        }
        headers.insert(key.to_owned(), value.to_owned());
    }
    headers
}

fn keep(sheet: &mut Sheet<'_>, section: &Section<'_>) -> BTreeMap<String, JsonPath> {
    let Some(part) = section.section(sheet, "keep") else { return BTreeMap::new() };
    let mut keep = BTreeMap::new();
    for key in part.keys() {
        named(sheet, &part, key);
        let Some(text) = part.text(sheet, key) else { continue };
        match JsonPath::read(text) {
            Some(path) => drop(keep.insert(key.to_owned(), path)),
            None => not_a_path(sheet, &part, key, text),
        }
    }
    keep
}

fn secrets(sheet: &mut Sheet<'_>, section: &Section<'_>) -> BTreeMap<String, SecretPlace> {
    let Some(part) = section.section(sheet, "secrets") else { return BTreeMap::new() };
    let mut secrets = BTreeMap::new();
    for key in part.keys() {
        named(sheet, &part, key);
        let Some(text) = part.text(sheet, key) else { continue };
        if let Some(source) = SecretPlace::read(text) {
            secrets.insert(key.to_owned(), source);
        } else {
            let cure = "\"env:NAME\" names an environment variable, \"secret:NAME/KEY\" a key of a Kubernetes Secret";
            part.wrong(sheet, key, "does not say where the secret is kept", cure);
        }
    }
    secrets
}

fn named(sheet: &mut Sheet<'_>, part: &Section<'_>, key: &str) {
    if !is_name(key) {
        part.wrong(sheet, key, "is no name", "letters, digits and _ are wanted, a letter first: token");
    }
}
