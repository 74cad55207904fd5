//! From a kubeconfig to a world: every way it fails is a sentence, and nothing can redirect what was opened.

use std::path::PathBuf;

use backout::domain::fault::Fault;
use backout::domain::identity::{Environment, Identity, Pin, Realm};
use backout::domain::name::Namespace;
use backout::live::{Options, open};
use serde_json::json;

use super::server::{Reply, file, kubeconfig, serve, status, world_at};

async fn refusal(options: Options) -> Fault {
    match open(options).await {
        Ok((identity, _)) => panic!("{identity:?}"),
        Err(fault) => fault,
    }
}

fn of(path: &std::path::Path) -> Options {
    Options { kubeconfig: Some(path.to_owned()), ..Options::default() }
}

#[tokio::test]
async fn a_kubeconfig_that_cannot_be_used_is_named_with_its_line() {
    let path = |f: &tempfile::NamedTempFile| f.path().display().to_string();
    let missing = PathBuf::from("/nowhere/kubeconfig");
    let wanted = "The kubeconfig /nowhere/kubeconfig cannot be used: there is no such file. No cluster was opened; mend \
                  it, or name another with --kubeconfig or KUBECONFIG";
    assert_eq!(refusal(of(&missing)).await.sentence(), wanted);

    let malformed = file("apiVersion: v1\nclusters:\n- name: shop\n  cluster: {server: [\n");
    let said = refusal(of(malformed.path())).await.sentence();
    let head = format!("The kubeconfig {} cannot be used: ", path(&malformed));
    assert!(said.starts_with(&head) && said.contains("line"), "{said}");

    let secret = file("users:\n- name: ana\n  user: \"tok-SECRET\"\n");
    let said = refusal(of(secret.path())).await.sentence();
    assert!(said.contains("line 3") && !said.contains("SECRET"), "{said}");

    let config = kubeconfig("http://127.0.0.1:1", &json!({}));
    let other = Options { context: Some("staging".into()), ..of(config.path()) };
    let wanted = format!("There is no context staging in {}; there are: shop-prod", path(&config));
    assert_eq!(refusal(other).await, Fault::Absent { what: wanted });

    let empty = file("");
    let wanted = format!("No context is current in {}; choose one with --context, it has none", path(&empty));
    assert_eq!(refusal(of(empty.path())).await, Fault::Absent { what: wanted });

    let dangling = file("current-context: a\ncontexts: [{name: a, context: {cluster: gone}}]\n");
    let wanted = format!(
        "The kubeconfig {} cannot be used: context a: its cluster gone is not defined. No cluster was opened; mend it, \
         or name another with --kubeconfig or KUBECONFIG",
        path(&dangling)
    );
    assert_eq!(refusal(of(dangling.path())).await, Fault::Bad { what: wanted });
}

#[tokio::test]
async fn a_credential_plugin_that_fails_is_told_by_its_last_word() {
    let exec = |command: &str, script: &str| {
        let exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": ["-c", script],
            "interactiveMode": "IfAvailable",
        });
        kubeconfig("http://127.0.0.1:1", &json!({"exec": exec}))
    };
    let cases = [
        (
            exec("sh", "echo noise >&2; echo 'the session has expired, run: az login' >&2; exit 3"),
            "Not logged in: the credential plugin of the kubeconfig failed (exit status: 3): the session has expired, \
             run: az login",
        ),
        (exec("sh", "echo hello"), "Not logged in: the credential plugin of the kubeconfig gave no credentials"),
        (
            exec("/nowhere/plugin", ""),
            "Not logged in: the credential plugin of the kubeconfig cannot be started: No such file or directory (os \
             error 2)",
        ),
    ];
    for (config, wanted) in cases {
        assert_eq!(refusal(of(config.path())).await.sentence(), wanted);
    }
}

#[tokio::test]
async fn a_token_that_is_no_longer_accepted_is_asked_of_the_plugin_again() {
    let address = serve(|asked| {
        if asked.head.contains("Bearer old") {
            return status(401, "Unauthorized", "Unauthorized");
        }
        Reply::Json(200, json!({"metadata": {"uid": "u-1"}}))
    })
    .await;
    // The first runs of the plugin (kube runs it more than once for a client) give the old token.
    let spent = file("old");
    let path = spent.path().display();
    let script = format!(
        "printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"%s\"}}}}' $(cat {path})"
    );
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script],
        "interactiveMode": "Never",
    });
    let config = kubeconfig(&format!("http://{address}"), &json!({"exec": exec}));
    let (_, world) = open(of(config.path())).await.unwrap();
    let wanted = "Not logged in: the API server does not accept these credentials (401); the credential plugin sh is asked \
                  again by itself; if this stays, log in for it in another terminal, backout need not be restarted";
    let said = world.cluster.identity().await.map_err(|fault| fault.sentence());
    assert_eq!(said.map(|identity| identity.pin), Err(wanted.to_owned()));
    std::fs::write(spent.path(), "new").unwrap();
    assert!(matches!(world.cluster.identity().await, Err(Fault::Unauthorized { .. })), "this question fails still");
    let identity = world.cluster.identity().await.map(|i| i.pin);
    assert_eq!(identity, Ok(Pin::Uid("u-1".into())), "the next one has the new token");
}

#[tokio::test]
async fn a_refused_login_says_what_mends_itself_and_what_the_person_has_to_do() {
    let token = file("t0ken");
    let path = token.path().display().to_string();
    let refuses = || status(401, "Unauthorized", "Unauthorized");
    let cases = [
        (
            json!({"token": "t0ken"}),
            "(401); the token in the kubeconfig is no longer good: get a new one, then start backout again, it takes the \
             incident up where it is"
                .to_owned(),
        ),
        (
            json!({"tokenFile": path}),
            format!("(401); the token file {path} is read again every minute; if this stays, have its token renewed"),
        ),
        (
            json!({}),
            "(401); the kubeconfig says no login that it knows: log in, then start backout again, it takes the incident \
             up where it is"
                .to_owned(),
        ),
    ];
    for (user, wanted) in cases {
        let address = serve(move |_| refuses()).await;
        let config = kubeconfig(&format!("http://{address}"), &user);
        let (_, world) = open(of(config.path())).await.unwrap();
        let said = world.cluster.identity().await.map_err(|fault| fault.sentence());
        let wanted = format!("Not logged in: the API server does not accept these credentials {wanted}");
        assert_eq!(said.map(|identity| identity.pin), Err(wanted));
    }
}

#[tokio::test]
async fn a_kubeconfig_changed_under_a_running_cockpit_redirects_nothing() {
    let address = serve(|_| Reply::Json(200, json!({"metadata": {"uid": "u-1"}}))).await;
    let server = format!("http://{address}");
    let config = kubeconfig(&server, &json!({"token": "t"}));
    let options = Options { namespace: Some(Namespace::new("other")), ..of(config.path()) };
    let (unasked, world) = open(options).await.unwrap();
    std::fs::write(config.path(), "current-context: elsewhere").unwrap();
    let wanted = Identity {
        realm: Realm::Live,
        environment: Environment::Production,
        context: "shop-prod".into(),
        server,
        ca: None,
        pin: Pin::Uid("u-1".into()),
        namespace: Namespace::new("other"),
    };
    assert_eq!(world.cluster.identity().await, Ok(wanted.clone()));
    assert_eq!(unasked, Identity { pin: Pin::ServerAndCa, ..wanted });
}

#[tokio::test]
async fn an_identity_that_may_not_be_read_is_server_and_ca_and_one_that_cannot_is_a_fault() {
    let forbidden = serve(|_| status(403, "Forbidden", "no")).await;
    let (unasked, world) = world_at(&format!("http://{forbidden}")).await;
    assert_eq!(world.cluster.identity().await, Ok(unasked));
    let broken = serve(|_| status(500, "InternalError", "no")).await;
    let (_, world) = world_at(&format!("http://{broken}")).await;
    assert!(matches!(world.cluster.identity().await, Err(Fault::Bad { .. })));
}
