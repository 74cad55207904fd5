//! What is to know before saying yes, finding by finding: each on a small cluster on which it is so, with its level and
//! its cure.

#![expect(clippy::needless_pass_by_value, reason = "bodies are written where they are used")]

#[path = "helm/world.rs"]
mod world;

use backout::domain::release::Status::{Deployed, Superseded};
use backout::helm::choices::Wait;
use backout::helm::payload::{self, Driver};
use backout::helm::plan::{Level, Method};
use serde_json::{Value, json};
use world::{Row, World, ask, shop};

fn web(tag: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 4\n  selector: \
         {{matchLabels: {{app: web}}}}\n  template:\n    spec:\n      containers:\n      - {{name: app, image: \
         'r/web:{tag}'{spec}}}\n"
    )
}

fn config(name: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{k: '1'}}\n")
}

fn release(manifests: &[&str], method: Option<Method>) -> World {
    let last = manifests.len() - 1;
    let row = |(i, text): (usize, &&'static str)| {
        (if i == last { Deployed } else { Superseded }, "Upgrade complete", *text, vec![])
    };
    let rows: Vec<Row<'_>> = manifests
        .iter()
        .map(|m| Box::leak((*m).to_owned().into_boxed_str()) as &'static str)
        .collect::<Vec<_>>()
        .iter()
        .enumerate()
        .map(row)
        .collect();
    shop(&rows, method)
}

/// Level and sentence of every finding whose sentence contains the words.
fn said(world: &mut World, to: u32, words: &str) -> Vec<(Level, String)> {
    let plan = world.plan(to).expect("a plan");
    let found = plan.findings.iter().filter(|f| f.sentence.contains(words));
    found.map(|f| (f.level, f.sentence.clone())).collect()
}

fn one(world: &mut World, to: u32, words: &str) -> (Level, String) {
    let all = said(world, to, words);
    let plan = world.plan(to).expect("a plan");
    assert_eq!(all.len(), 1, "{words}: {:#?}", plan.findings);
    all.into_iter().next().expect("just counted")
}

fn object(kind: &str, name: &str, body: Value) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    object.as_object_mut().expect("a map").extend(body.as_object().cloned().unwrap_or_default());
    object
}

#[test]
fn what_the_targets_pods_need_and_nobody_brings_back_is_named() {
    let env = ", envFrom: [{configMapRef: {name: gone}}, {secretRef: {name: maybe, optional: true}}], env: [{name: P, \
               valueFrom: {secretKeyRef: {name: db, key: password}}}]";
    let mut world = release(&[&web("1", env), &web("2", "")], None);
    world.put(&object("Secret", "db", json!({"data": {"user": "eA=="}})), "kubectl");
    let wanted =
        "ConfigMap prod/gone does not exist, and Deployment prod/web of the target needs it: no pod will start";
    assert_eq!(one(&mut world, 1, "prod/gone"), (Level::Confirm, wanted.into()));
    let wanted = "Secret prod/db has no key password, which Deployment prod/web of the target reads: no pod will start";
    assert_eq!(one(&mut world, 1, "prod/db"), (Level::Confirm, wanted.into()));
    assert_eq!(said(&mut world, 1, "maybe"), []);

    world.put(&object("Secret", "db", json!({"data": {"password": "eA=="}})), "kubectl");
    world.put(&object("ConfigMap", "gone", json!({"data": {}})), "kubectl");
    assert_eq!(said(&mut world, 1, "no pod will start"), []);
}

#[test]
fn what_the_targets_pods_need_and_the_rollback_itself_deletes_is_named() {
    let env = ", envFrom: [{configMapRef: {name: extra}}]";
    let mut world = release(&[&web("1", env), &[web("2", ""), config("extra")].concat()], None);
    let wanted = "ConfigMap prod/extra is deleted by this rollback, but Deployment prod/web of the target needs it";
    assert_eq!(one(&mut world, 1, "but Deployment"), (Level::Confirm, wanted.into()));
}

#[test]
fn a_configuration_that_changed_since_the_target_was_written_is_named() {
    let mut world = release(&[&web("1", ", envFrom: [{configMapRef: {name: c}}]"), &web("2", "")], None);
    let mut changed = object("ConfigMap", "c", json!({"data": {"k": "2"}}));
    let time = (world::now() - chrono::Duration::hours(3)).to_rfc3339();
    changed["metadata"]["managedFields"] = json!([{"manager": "kubectl", "operation": "Update", "apiVersion": "v1",
        "time": time, "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:k": {}}}}]);
    world.objects.insert(("configmaps".into(), Some("prod".into()), "c".into()), changed);
    let (level, sentence) = one(&mut world, 1, "ConfigMap prod/c was changed 3 h");
    assert_eq!(level, Level::Warn);
    assert!(sentence.ends_with("Deployment prod/web will run with what it says now"), "{sentence}");
}

#[test]
fn what_an_older_revision_left_behind_is_named_and_what_is_kept_on_purpose_is_not() {
    let mut world =
        release(&[&config("a"), &[config("a"), config("lost"), config("kept")].concat(), &web("2", "")], None);
    let owned = json!({"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "prod"});
    for name in ["lost", "kept"] {
        let mut left = object("ConfigMap", name, json!({}));
        left["metadata"]["annotations"] = owned.clone();
        if name == "kept" {
            left["metadata"]["annotations"]["helm.sh/resource-policy"] = "keep".into();
        }
        world.put(&left, "helm");
    }
    let wanted = "Left behind by an older revision, and still live: ConfigMap prod/lost (revision 2)";
    assert_eq!(one(&mut world, 1, "Left behind"), (Level::Warn, wanted.into()));
}

#[test]
fn a_quota_without_room_for_the_new_pods_is_named() {
    let mut world = release(&[&web("1", ", resources: {requests: {cpu: 500m}}"), &web("2", "")], None);
    let quota = |pods: &str, cpu: &str| {
        let status =
            json!({"hard": {"pods": pods, "requests.cpu": cpu}, "used": {"pods": "9", "requests.cpu": "1500m"}});
        object("ResourceQuota", "team", json!({"status": status}))
    };
    world.put(&quota("10", "2"), "kubectl");
    assert_eq!(said(&mut world, 1, "ResourceQuota"), []);
    world.put(&quota("9", "1900m"), "kubectl");
    let wanted = |key: &str, limit: &str, used: &str| {
        let sentence = format!(
            "ResourceQuota prod/team allows {key} {limit}, {used} are used: the new pods do not fit beside the old ones"
        );
        (Level::Warn, sentence)
    };
    assert_eq!(
        said(&mut world, 1, "ResourceQuota"),
        [wanted("pods", "9", "9"), wanted("requests.cpu", "1900m", "1500m")]
    );
}

#[test]
fn a_webhook_that_must_answer_and_cannot_is_named() {
    let mut world = release(&[&web("1", ""), &web("2", "")], None);
    let hook = |policy: &str, service: &str, resource: &str| {
        json!({"failurePolicy": policy, "clientConfig": {"service": {"namespace": "guards", "name": service}},
            "rules": [{"resources": [resource]}]})
    };
    let hooks = json!([
        hook("Fail", "dead", "pods"),
        hook("Fail", "alive", "*"),
        hook("Ignore", "lax", "pods"),
        hook("Fail", "other", "certificates")
    ]);
    let mut configuration = object("ValidatingWebhookConfiguration", "guard", json!({"webhooks": hooks}));
    configuration["apiVersion"] = "admissionregistration.k8s.io/v1".into();
    world.objects.insert(("validatingwebhookconfigurations".into(), None, "guard".into()), configuration);
    let slice = json!({"metadata": {"name": "alive-x", "labels": {"kubernetes.io/service-name": "alive"}},
        "endpoints": [{"conditions": {"ready": true}}]});
    world.objects.insert(("endpointslices".into(), Some("guards".into()), "alive-x".into()), slice);
    let wanted = "Webhook guard must answer, but its service guards/dead has no ready endpoint";
    assert_eq!(one(&mut world, 1, "Webhook"), (Level::Warn, wanted.into()));
}

#[test]
fn an_image_that_no_replica_set_ran_may_have_to_be_pulled() {
    let mut world = release(&[&web("1", ""), &web("2", "")], None);
    let wanted = "Deployment prod/web never ran web:1 as far as its ReplicaSets tell: it may have to be pulled";
    assert_eq!(one(&mut world, 1, "may have to be pulled"), (Level::Warn, wanted.into()));
    let set = json!({"kind": "ReplicaSet", "metadata": {"name": "web-0", "labels": {"app": "web"}},
        "spec": {"template": {"spec": {"containers": [{"image": "r/web:1"}]}}}});
    world.objects.insert(("replicasets".into(), Some("prod".into()), "web-0".into()), set);
    assert_eq!(said(&mut world, 1, "may have to be pulled"), []);
}

#[test]
fn the_replica_sets_of_many_deployments_are_read_at_once_and_told_apart() {
    let many = |tag: &str| (0..5).map(|n| web(tag, "").replace("web", &format!("web{n}"))).collect::<String>();
    let mut world = release(&[&many("1"), &many("2")], None);
    let owner = world.get("deployments", "web3").unwrap()["metadata"]["uid"].clone();
    let set = json!({"kind": "ReplicaSet", "metadata": {"name": "web3-0", "ownerReferences": [{"uid": owner}]},
        "spec": {"template": {"spec": {"containers": [{"image": "r/web3:1"}]}}}});
    world.objects.insert(("replicasets".into(), Some("prod".into()), "web3-0".into()), set);
    let names: Vec<_> =
        said(&mut world, 1, "may have to be pulled").into_iter().map(|(_, sentence)| sentence).collect();
    let of = |name: &str| names.iter().any(|sentence| sentence.contains(name));
    assert_eq!([0, 1, 2, 3, 4].map(|n| of(&format!("prod/web{n} "))), [true, true, true, false, true], "{names:?}");
}

#[test]
fn how_many_revisions_remain_and_which_go_next_is_told() {
    let mut world = release(&[&config("a"), &config("b")], None);
    let wanted = "The history has no other revision to go back to than 1";
    assert_eq!(one(&mut world, 1, "no other revision"), (Level::Info, wanted.into()));
    let manifests: Vec<String> = (0..10).map(|n| config(&format!("c{n}"))).collect();
    let manifests: Vec<&str> = manifests.iter().map(String::as_str).collect();
    let mut world = release(&manifests, None);
    let wanted = "11 revisions are stored then: the next helm upgrade deletes 1, 2 unless it is told otherwise";
    assert_eq!(one(&mut world, 9, "are stored then"), (Level::Warn, wanted.into()));
}

#[test]
fn the_rights_are_those_of_the_very_requests() {
    for (denied, method, words, level) in [
        ("patch", None, "You may not patch deployments in namespace prod", Level::Block),
        ("create", None, "You may not create secrets in namespace prod", Level::Block),
        ("watch", None, "You may not watch pods in namespace prod, so nobody here sees", Level::Warn),
        ("update", Some(Method::Ssa), "You may not update leases in namespace prod: there is no lock", Level::Info),
    ] {
        let mut world = release(&[&web("1", ""), &web("2", "")], method);
        world.denied.push(denied);
        assert_eq!(one(&mut world, 1, words).0, level, "{denied}");
    }
    let mut world = release(&[&web("1", ""), &web("2", "")], None);
    world.denied.push("watch");
    let plan = world.plan_as(backout::helm::ask::Ask { wait: Wait::Not, ..ask(1) }).expect("a plan");
    assert!(plan.findings.iter().all(|f| !f.sentence.contains("You may not")), "{:#?}", plan.findings);
}

#[test]
fn crds_that_come_with_the_charts_and_differ_are_named() {
    let mut world = release(&[&config("a"), &config("b")], None);
    for (name, crd) in [("sh.helm.release.v1.shop.v1", "MQ=="), ("sh.helm.release.v1.shop.v2", "Mg==")] {
        let stored = world.get("secrets", name).expect("a record").clone();
        let text = payload::text(&stored).expect("a payload");
        let mut release: Value = serde_json::from_slice(&payload::inflate(&text).expect("JSON")).expect("a release");
        release["chart"]["files"] = json!([{"name": "crds/a.yaml", "data": crd}, {"name": "README", "data": crd}]);
        let text = payload::deflate(release.to_string().as_bytes()).expect("a payload");
        let mut changed = stored;
        changed["data"]["release"] = payload::wire(Driver::Secret, &text);
        world.put(&changed, "helm");
    }
    let wanted = "CRDs of the two charts differ, and no rollback changes a CRD of crds/: crds/a.yaml";
    assert_eq!(one(&mut world, 1, "CRDs"), (Level::Warn, wanted.into()));
}
