//! What an operator sees change, and what must never be seen.

use backout::helm::api::Gvk;
use backout::helm::diff::{Line, Newest, Versions, fields, lines, shown};
use backout::helm::plan::FieldChange;
use serde_json::{Value, json};

fn changes(kind: &str, live: &Value, after: &Value, recorded: Option<&Value>) -> Vec<FieldChange> {
    let version = if kind == "Deployment" { "apps/v1" } else { "v1" };
    fields(
        &Gvk::new(version, kind),
        Versions { live: Some(live), after: Some(after), recorded, newest: Newest::Applied },
    )
}

fn change(path: &str, live: Option<&str>, target: Option<&str>, drift: Option<&str>) -> FieldChange {
    let own = |t: Option<&str>| t.map(str::to_owned);
    FieldChange { path: path.into(), live: own(live), target: own(target), drift: own(drift) }
}

#[test]
fn fields_are_named_by_what_they_belong_to() {
    let live = json!({"metadata": {"resourceVersion": "1", "managedFields": [
            {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]},
        "spec": {"replicas": 5, "template": {"spec": {"containers": [
            {"name": "app", "image": "i:2", "args": ["a", "b"], "env": [{"name": "A", "value": "1"}]},
            {"name": "side", "image": "s:1"}]}}}, "status": {"x": 1}});
    let after = json!({"metadata": {"resourceVersion": "2"},
    "spec": {"replicas": 2, "template": {"spec": {"containers": [
        {"name": "app", "image": "i:1", "args": ["a", "c"], "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
        ]}}}});
    let recorded = json!({"spec": {"replicas": 2, "template": {"spec": {"containers": [
            {"name": "app", "image": "i:2"}, {"name": "side", "image": "s:1"}]}}}});
    assert_eq!(
        changes("Deployment", &live, &after, Some(&recorded)),
        [
            change(".spec.replicas", Some("5"), Some("2"), Some("kubectl")),
            change(".spec.template.spec.containers[app].image", Some("i:2"), Some("i:1"), None),
            change(".spec.template.spec.containers[app].args[1]", Some("b"), Some("c"), None),
            change(".spec.template.spec.containers[app].env[B]", None, Some(r#"{"name":"B","value":"2"}"#), None),
            change(".spec.template.spec.containers[side]", Some(r#"{"name":"side","image":"s:1"}"#), None, None),
        ]
    );
}

#[test]
fn a_secret_only_shows_that_it_changes() {
    let live = json!({"kind": "Secret", "data": {"password": "b2xk", "same": "eA=="}});
    let after = json!({"kind": "Secret", "data": {"password": "bmV3", "same": "eA==", "more": "eA=="}});
    assert_eq!(
        changes("Secret", &live, &after, None),
        [
            change(".data.password", Some("(hidden)"), Some("(hidden)"), None),
            change(".data.more", None, Some("(hidden)"), None),
        ]
    );
}

#[test]
fn a_plain_value_under_a_telling_name_is_hidden_too() {
    let of = |value: &str| {
        json!({"spec": {"template": {"spec": {"containers": [
        {"name": "app", "env": [{"name": "DB_PASSWORD", "value": value}]}]}}}})
    };
    let path = ".spec.template.spec.containers[app].env[DB_PASSWORD].value";
    assert_eq!(
        changes("Deployment", &of("hunter2"), &of("hunter3"), None),
        [change(path, Some("(hidden)"), Some("(hidden)"), None)]
    );
}

#[test]
fn of_a_long_text_the_first_difference_is_shown() {
    let of = |line: &str| json!({"data": {"app.conf": format!("a=1\n{line}\nc=3\n")}});
    assert_eq!(
        changes("ConfigMap", &of("b=2"), &of("b=9"), None),
        [change(".data.app.conf", Some("line 2: b=2"), Some("line 2: b=9"), None)]
    );
}

#[test]
fn a_text_of_a_configuration_is_shown_without_its_secrets() {
    let of =
        |line: &str| json!({"data": {"app.properties": format!("level=info\n{line}\n"), "DB": "postgres://a:b@db/x"}});
    assert_eq!(
        changes("ConfigMap", &of("db.password=old"), &of("db.password=new"), None),
        [change(
            ".data.app.properties",
            Some("line 2: db.password=(hidden)"),
            Some("line 2: db.password=(hidden, another)"),
            None
        )]
    );
    let url = |password: &str| json!({"data": {"DB": format!("postgres://a:{password}@db/x")}});
    assert_eq!(
        changes("ConfigMap", &url("old"), &url("new"), None),
        [change(".data.DB", Some("postgres://a:(hidden)@db/x"), Some("postgres://a:(hidden, another)@db/x"), None)]
    );
}

#[test]
fn an_argument_after_a_telling_flag_is_hidden() {
    let of = |value: &str| json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "args": ["--token", value]}]}}}});
    assert_eq!(
        changes("Deployment", &of("old"), &of("new"), None),
        [change(".spec.template.spec.containers[a].args[1]", Some("(hidden)"), Some("(hidden)"), None)]
    );
}

#[test]
fn an_order_that_matters_is_a_change() {
    let of =
        |names: [&str; 2]| json!({"spec": {"template": {"spec": {"containers": names.map(|n| json!({"name": n}))}}}});
    assert_eq!(
        changes("Deployment", &of(["a", "b"]), &of(["b", "a"]), None),
        [change(".spec.template.spec.containers (order)", Some("a, b"), Some("b, a"), None)]
    );
}

#[test]
fn escape_sequences_of_a_value_never_reach_the_screen() {
    let of = |value: &str| json!({"data": {"k": value}});
    assert_eq!(
        changes("ConfigMap", &of("a\u{1b}[2J"), &of("b"), None),
        [change(".data.k", Some("a"), Some("b"), None)]
    );
}

#[test]
fn a_manifest_is_shown_without_its_secrets() {
    let manifest = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  k: aHVudGVy\nlist: [1]\n";
    assert_eq!(
        shown(manifest),
        "--- Secret s\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  k: (hidden)\nlist:\n  - 1\n"
    );
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  app: |\n    a=1\n    api.key=k\n    url=amqp://u:p@mq\n";
    let told = "--- ConfigMap c\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  app: |\n    a=1\n    api.key=(hidden)\n    url=amqp://u:(hidden)@mq\n";
    assert_eq!(shown(config), told);
    assert_eq!(lines("a\nb\n", "a\nc\n"), [Line::Same("a".into()), Line::Removed("b".into()), Line::Added("c".into())]);
}
