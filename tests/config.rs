//! The configuration and the runbook as their readers meet them: every mistake with its place and cure, the commented
//! default, the two languages held to one structure, and the page for paper.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use backout::config::cluster::Cluster;
use backout::config::language::Language;
use backout::config::screen::Background;
use backout::config::source::{Alertmanager, Preset, Prometheus};
use backout::config::starter::{COMMENTED, starter};
use backout::config::{Config, mistake::Mistakes};
use backout::domain::criteria::Limits;
use backout::domain::dashboard::Dashboard;
use backout::domain::detection::{Rule, Tier, Watched};
use backout::domain::health::{Asking, Own};
use backout::domain::identity::{Environment, Identity, Pin, Realm};
use backout::domain::logs::{LogRule, Words};
use backout::domain::metrics::{Scope, Signal};
use backout::domain::name::{Container, Context, Namespace, Person, ReleaseName, Service};
use backout::domain::severity::Severity;
use backout::functional::path::{Expect, JsonPath};
use backout::functional::test::{Method, SecretPlace, Test};
use proptest::prelude::*;

/// Every bad file of a folder with its mistakes, in one text.
fn told<T>(folder: &str, read: impl Fn(&str, &str) -> Result<T, Mistakes>) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut out = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let mistakes = read(&text, &name).err().unwrap_or_else(|| panic!("{name} has no mistake"));
        writeln!(out, "{mistakes}\n").unwrap();
    }
    out
}

#[test]
fn every_mistake_of_a_config_is_told_with_place_and_cure() {
    insta::assert_snapshot!(told("mistakes", Config::read));
}

#[test]
fn no_mistake_echoes_a_secret() {
    assert!(!told("mistakes", Config::read).contains("hunter2"));
}

#[test]
fn an_empty_file_is_the_default() {
    for text in
        ["", "\n", "\u{feff}", "# nothing\r\n", "[limits]\n[prometheus]\n[prometheus.queries]\n[alertmanager]\n"]
    {
        assert_eq!(Config::read(text, "backout.toml"), Ok(Config::default()), "{text:?}");
    }
}

/// The commented default with the `#` of every key taken away.
fn uncommented() -> String {
    let key = |line: &str| {
        line.strip_prefix('#')
            .filter(|rest| rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()))
            .map(str::to_owned)
    };
    COMMENTED.lines().map(|line| key(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn the_commented_default_uncommented_is_the_default() {
    assert_eq!(Config::read(COMMENTED, "backout.toml"), Ok(Config::default()));
    assert_eq!(Config::read(&uncommented(), "backout.toml"), Ok(Config::default()));
}

#[test]
fn the_commented_default_shows_every_key() {
    let keys = [
        "language",
        "person",
        "context",
        "namespace",
        "release",
        "read_only",
        "arm_for",
        "runbook",
        "errors_well",
        "errors_watch",
        "errors_bad",
        "errors_critical",
        "p95_well",
        "p95_watch",
        "p95_bad",
        "hold",
        "url",
        "token_env",
        "preset",
        "scrape_interval",
        "error_ratio",
        "p95",
        "traffic",
        "path",
        "components",
        "plain",
        "error_ratio_overall",
        "p95_overall",
        "background",
        "dashboard",
    ];
    let text = uncommented();
    for key in keys {
        assert!(text.lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
    }
    let example: String =
        COMMENTED.lines().filter_map(|l| l.strip_prefix("#   ")).fold(String::new(), |all, l| all + l + "\n");
    let example = Config::read(&example, "backout.toml").unwrap();
    assert_eq!((example.clusters.len(), example.tests.len()), (1, 2));
}

/// The `[health]` of that file.
fn asking() -> Asking {
    Asking {
        path: "/healthz".into(),
        components: vec!["db".into(), "redis".into()],
        plain: true,
        own: [
            (Service::new("mail"), Own { skip: true, ..Own::default() }),
            (Service::new("shop"), Own { skip: false, port: Some("8081".into()), path: Some("/up".into()) }),
        ]
        .into(),
    }
}

/// The `[[test]]`s of that file.
fn functional() -> Vec<Test> {
    let login = Test {
        name: "login".into(),
        service: Service::new("user-service"),
        port: None,
        method: Method::Post,
        path: "/api/users/login".into(),
        headers: [("Content-Type".into(), "application/json".into())].into(),
        body: Some("{\"password\": \"{password}\"}".into()),
        status: 200,
        expects: Vec::new(),
        within: Duration::from_secs(5),
        writes: None,
        keep: [("token".into(), JsonPath::read("$.token").unwrap())].into(),
        secrets: [("password".into(), SecretPlace::Variable("SHOP_TEST_PASSWORD".into()))].into(),
    };
    let key = SecretPlace::Secret { name: "shop-test".into(), key: "key".into() };
    let pay = Test {
        name: "pay".into(),
        service: Service::new("payment-service"),
        port: Some("http".into()),
        method: Method::Put,
        path: "/api/payments?key={key}".into(),
        headers: [("X-Auth-Token".into(), "{token}".into())].into(),
        body: None,
        status: 201,
        expects: ["$.id", "$.status = ACCEPTED"].map(|text| Expect::read(text).unwrap()).into(),
        within: Duration::from_millis(1500),
        writes: Some("one payment of 10 EUR".into()),
        keep: std::collections::BTreeMap::new(),
        secrets: [("key".into(), key)].into(),
    };
    vec![login, pay]
}

/// The `[logs]` of that file.
fn counted() -> LogRule {
    LogRule {
        pattern: Words::of("error|panic"),
        ignore: Words::of("0 errors"),
        window: Duration::from_mins(10),
        limit: 300,
        skip: ["envoy"].map(Container::new).into(),
    }
}

#[test]
fn every_key_says_what_it_means() {
    let text = include_str!("fixtures/config/every_key.toml");
    let wanted = Config {
        language: Some(Language::Spanish),
        person: Some(Person::new("ana")),
        context: Some(Context::new("aks-prod-eu")),
        namespace: Some(Namespace::new("prod")),
        release: Some(ReleaseName::new("ecommerce-app")),
        read_only: true,
        arm_for: Duration::from_mins(5),
        runbook: Some("team/runbook.toml".into()),
        clusters: vec![Cluster {
            environment: Environment::Other("staging".into()),
            uid: Some("0f9c".into()),
            server: None,
            ca: None,
        }],
        prometheus: Prometheus {
            url: Some("https://prometheus.example/base".into()),
            token_env: Some("PROM_TOKEN".into()),
            preset: Preset::Istio,
            queries: [(
                (Signal::Traffic, Scope::Each),
                "sum by (service) (rate(hits_total{namespace=\"{namespace}\",code!~\"4..\"}[{window}]))".into(),
            )]
            .into(),
            scrape_interval: Some(Duration::from_secs(30)),
        },
        alertmanager: Alertmanager { url: Some("http://localhost:9093".into()), token_env: None },
        dashboard: Some(Dashboard::at("https://grafana.example/d/shop/shop?var-namespace=prod")),
        limits: Limits {
            errors_well: 0.02,
            errors_watch: 0.04,
            errors_bad: 0.1,
            errors_critical: 0.2,
            p95_well: 0.3,
            p95_watch: 0.9,
            p95_bad: 1.5,
            hold: Duration::from_mins(15),
            decide: Duration::from_mins(30),
        },
        health: asking(),
        tests: functional(),
        logs: counted(),
        background: Some(Background::Light),
        rules: vec![Rule {
            name: "Checkout slow".into(),
            watches: Watched::P95,
            above: 1.2,
            lasting: Duration::from_mins(2),
            tier: Tier::Critical,
            severity: Severity::Sev1,
        }],
    };
    let read = Config::read(text, "backout.toml");
    assert_eq!(read, Ok(wanted));
    let beside = read.unwrap().runbook_beside(Path::new("/etc/shop/backout.toml"));
    assert_eq!(beside, Some(PathBuf::from("/etc/shop/team/runbook.toml")));
}

fn seen(pin: Pin, server: &str, ca: Option<&str>) -> Identity {
    Identity {
        realm: Realm::Live,
        environment: Environment::Production,
        context: Context::new("quoted \"ctx\""),
        server: server.into(),
        ca: ca.map(Into::into),
        pin,
        namespace: Namespace::new("prod"),
    }
}

#[test]
fn a_cluster_is_production_unless_the_file_knows_it_by_what_cannot_be_renamed() {
    let text = "[[cluster]]\nenvironment = \"staging\"\nuid = \"u1\"\nserver = \"https://a\"\nca = \"c1\"\n\
                [[cluster]]\nenvironment = \"lab\"\nserver = \"https://b\"\nca = \"c2\"\n\
                [[cluster]]\nenvironment = \"PROD\"\nuid = \"u3\"\n";
    let config = Config::read(text, "backout.toml").unwrap();
    let uid = |uid: &str| Pin::Uid(uid.into());
    let other = |name: &str| Environment::Other(name.into());
    let cases = [
        (uid("u1"), "https://elsewhere", None, other("staging")),
        (Pin::ServerAndCa, "https://a", Some("c1"), other("staging")),
        (Pin::ServerAndCa, "https://a", Some("cX"), Environment::Production),
        (Pin::ServerAndCa, "https://a", None, Environment::Production),
        (uid("u2"), "https://a", Some("c1"), Environment::Production),
        (uid("u9"), "https://b", Some("c2"), other("lab")),
        (uid("u3"), "https://c", None, Environment::Production),
        (Pin::ServerAndCa, "https://c", None, Environment::Production),
    ];
    for (pin, server, ca, wanted) in cases {
        assert_eq!(config.environment(&seen(pin.clone(), server, ca)), wanted, "{pin:?} {server} {ca:?}");
    }
}

#[test]
fn the_file_that_init_writes_pins_the_cluster() {
    for pin in [Pin::Uid("u1".into()), Pin::ServerAndCa] {
        let identity = seen(pin, "https://a:6443", Some("c1"));
        let config = Config::read(&starter(&identity), "backout.toml").unwrap();
        assert_eq!(config.context, Some(identity.context.clone()));
        assert_eq!(config.namespace, Some(identity.namespace.clone()));
        assert!(config.cluster(&identity).is_some());
    }
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(text in "\\PC*") {
        let _ = Config::read(&text, "backout.toml");
    }

    #[test]
    fn no_broken_default_makes_the_reader_panic(at in 0_usize..4_000, cut in 0_usize..40, noise in "[\\[\\]{}\"'=#\\\\\n.0-9a-zñ]{0,6}") {
        let text = uncommented();
        let chars: Vec<char> = text.chars().collect();
        let at = at.min(chars.len());
        let end = (at + cut).min(chars.len());
        let broken: String = chars[..at].iter().chain(noise.chars().collect::<Vec<_>>().iter()).chain(chars[end..].iter()).collect();
        if let Err(mistakes) = Config::read(&broken, "backout.toml") {
            let lines = broken.lines().count() + 1;
            prop_assert!(mistakes.iter().all(|m| (1..=lines).contains(&m.line) && m.column >= 1 && !m.cure.is_empty()));
            prop_assert!(mistakes.iter().count() > 0);
        }
    }
}
