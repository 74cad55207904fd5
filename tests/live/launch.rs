//! A launch at a bad moment: the cluster errs, or the login has expired. What comes later is as good as if it had come
//! at once, without a restart.

use std::path::Path;
use std::time::Duration;

use backout::act::rollback::Terms;
use backout::app::journal::JournalFile;
use backout::app::session::Session;
use backout::cli::cockpit::{Opening, board};
use backout::config::language::Language;
use backout::config::runbook::built_in;
use backout::domain::criteria::Limits;
use backout::domain::event::Event;
use backout::domain::fact::{Fact, Source};
use backout::domain::fault::Fault;
use backout::domain::identity::{Environment, Identity, Pin, Realm};
use backout::domain::logs::LogRule;
use backout::domain::moment::Now;
use backout::domain::name::{IncidentId, Person};
use backout::domain::severity::Severity;
use backout::live::{Options, begin};
use backout::model::settings::{Palette, Settings};
use backout::msg::Msg;
use backout::ports::World;
use futures::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use super::server::{Reply, file, kubeconfig, list, serve, status};

/// More than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

fn settings() -> Settings {
    Settings {
        rules: Vec::new(),
        realm: Realm::Live,
        drill: None,
        person: Person::new("ana"),
        namespace: "prod".into(),
        release: None,
        runbook: built_in(Language::English).unwrap(),
        decisions: backout::config::decisions::built_in(Language::English).unwrap(),
        limits: Limits::default(),
        health: backout::domain::health::Asking::default(),
        tests: Vec::new(),
        dashboard: None,
        logs: LogRule::default(),
        asked: backout::model::settings::Asked::default(),
        read_only: false,
        arm_for: Duration::from_mins(10),
        history: Duration::from_mins(30),
        palette: Palette::OnDark,
        prometheus: None,
        log: String::new(),
    }
}

pub fn opening(world: World, folder: &Path, context: String) -> Opening {
    Opening {
        settings: settings(),
        world,
        folder: folder.to_owned(),
        context,
        terms: Terms::default(),
        advance: None,
        named: Box::new(|identity| identity),
        complaint: None,
        resumes: true,
        log: None,
    }
}

/// A clock that stands where a test puts it.
pub fn at(seconds: u64) -> Msg {
    let wall = chrono::DateTime::from_timestamp(1_700_000_000 + i64::try_from(seconds).unwrap(), 0).unwrap();
    Msg::Tick(Now { wall, mono: Duration::from_secs(seconds) })
}

/// Hears until it is so.
pub async fn hears(session: &mut Session, what: &str, so: impl Fn(&Session) -> bool) {
    let heard = timeout(LIMIT, async {
        while !so(session) {
            let msg = session.inbox.next().await.unwrap();
            session.hear(msg);
        }
    });
    heard.await.unwrap_or_else(|_| panic!("never came: {what}"));
}

fn identity(server: &str) -> Identity {
    Identity {
        realm: Realm::Live,
        environment: Environment::Production,
        context: "shop-prod".into(),
        server: server.to_owned(),
        ca: None,
        pin: Pin::Uid("u-1".into()),
        namespace: "prod".into(),
    }
}

/// The incident INC-1 of that cluster, left open in that folder.
fn left_open(folder: &Path, identity: &Identity) {
    let opened = Event::Opened {
        incident: IncidentId::new("INC-1"),
        severity: Severity::Sev2,
        identity: identity.clone(),
        release: None,
        symptom: "errors 18 %".into(),
        by_rollback: false,
    };
    let mut left = JournalFile::open(&folder.join("INC-1.jsonl"), &Person::new("ana")).unwrap();
    left.file.append(vec![opened], chrono::DateTime::UNIX_EPOCH).unwrap();
}

#[tokio::test]
async fn a_cluster_that_erred_at_launch_is_asked_again_and_its_open_incident_is_taken_up() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let address = serve(|asked| {
        if !asked.path.starts_with("/api/v1/namespaces/kube-system") {
            return Reply::Json(200, list("1", "", &[]));
        }
        match ASKED.fetch_add(1, Ordering::SeqCst) {
            0 => status(500, "InternalError", "etcdserver: leader changed"),
            _ => Reply::Json(200, json!({"metadata": {"uid": "u-1"}})),
        }
    })
    .await;
    let server = format!("http://{address}");
    let identity = identity(&server);
    let folder = tempfile::tempdir().unwrap();
    left_open(folder.path(), &identity);
    let config = kubeconfig(&server, &json!({"token": "t"}));
    let options = Options { kubeconfig: Some(config.path().to_owned()), ..Options::default() };
    let (context, _, world) = begin(options).await.unwrap();
    let opening = opening(world, folder.path(), context.to_string());
    let (mut session, _) = board(opening, (80, 24));
    session.hear(at(0));
    hears(&mut session, "the first answer", |s| s.model.identity.fault().is_some()).await;
    let said = session.model.identity.fault().map(Fault::sentence);
    let wanted = "Could not get namespaces kube-system: the API server answered 500: etcdserver: leader changed";
    assert_eq!((said.as_deref(), &session.model.incident), (Some(wanted), &None));

    session.hear(at(4));
    assert_eq!(ASKED.load(Ordering::SeqCst), 1, "it is not asked again at once");
    session.hear(at(5));
    hears(&mut session, "who it is", |s| s.model.identity.known().is_some()).await;
    session.hear(at(6));
    hears(&mut session, "the incident", |s| s.model.incident.is_some()).await;
    assert_eq!(session.model.identity.known(), Some(&identity));
    assert_eq!(session.model.open_incident().map(|i| i.id.as_str()), Some("INC-1"));

    session.hear(at(60));
    hears(&mut session, "the journal", |s| s.model.open_incident().is_some_and(|i| i.entries.len() == 2)).await;
    assert_eq!(ASKED.load(Ordering::SeqCst), 2, "what is known is not asked again");
}

#[tokio::test]
async fn a_login_that_had_expired_at_launch_is_tried_again_without_a_restart() {
    let address = serve(|asked| match asked.path.as_str() {
        path if path.starts_with("/api/v1/namespaces/kube-system") => {
            Reply::Json(200, json!({"metadata": {"uid": "u-1"}}))
        }
        path if path.contains("watch=") => Reply::Stream(Vec::new()),
        _ => Reply::Json(200, list("1", "", &[])),
    })
    .await;
    // The plugin fails until somebody has logged in.
    let login = file("");
    let path = login.path().display();
    let script = format!(
        "test -s {path} || {{ echo 'run: az login' >&2; exit 1; }}; printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"t\"}}}}'"
    );
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script],
        "interactiveMode": "Never",
    });
    let config = kubeconfig(&format!("http://{address}"), &json!({"exec": exec}));
    let options = Options { kubeconfig: Some(config.path().to_owned()), ..Options::default() };
    let (_, _, world) = begin(options).await.unwrap();
    assert!(matches!(world.cluster.identity().await, Err(Fault::Unauthorized { .. })));
    let mut facts = world.cluster.facts();
    let first = timeout(LIMIT, facts.next()).await.unwrap();
    assert!(matches!(first, Some(Fact::Failing(Source::Pods, Fault::Unauthorized { .. }))), "{first:?}");

    std::fs::write(login.path(), "in").unwrap();
    let works = timeout(LIMIT, async {
        while let Some(fact) = facts.next().await {
            if let Fact::Alive(source) = fact {
                return Some(source);
            }
        }
        None
    });
    assert!(works.await.is_ok_and(|source| source.is_some()), "the watches stay down");
    let pin = world.cluster.identity().await.map(|identity| identity.pin);
    assert_eq!(pin, Ok(Pin::Uid("u-1".into())));
}
