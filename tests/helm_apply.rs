//! Server-side apply and field ownership, as far as a simulated server needs them; the texts are the real server's.

use backout::helm::api::{FieldConflict, Gvk, PatchKind, Refused};
use backout::helm::apply::{create, patch, patch_as, replace_as};
use backout::helm::ownership;
use serde_json::{Value, json};

const APPLY: PatchKind = PatchKind::Apply { force: false };

fn gvk() -> Gvk {
    Gvk::new("apps/v1", "Deployment")
}

fn deployment(replicas: Option<u32>, containers: &Value) -> Value {
    let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": containers}}}});
    if let Some(replicas) = replicas {
        object["spec"]["replicas"] = replicas.into();
    }
    object
}

fn bare(mut object: Value) -> Value {
    object["metadata"].as_object_mut().expect("metadata").remove("managedFields");
    object
}

#[test]
fn what_was_applied_and_is_no_longer_is_taken_away() {
    let first = deployment(Some(2), &json!([{"name": "a", "image": "i:1"}, {"name": "b", "image": "i:1"}]));
    let second = deployment(None, &json!([{"name": "a", "image": "i:2"}]));
    let live = patch(APPLY, &gvk(), &Value::Null, &first).unwrap();
    assert_eq!(bare(live.clone()), first);
    assert_eq!(bare(patch(APPLY, &gvk(), &live, &second).unwrap()), second);
}

#[test]
fn what_somebody_else_changed_is_a_conflict_until_it_is_forced() {
    let chart = deployment(Some(2), &json!([{"name": "a", "image": "i:1"}]));
    let live = patch(APPLY, &gvk(), &Value::Null, &chart).unwrap();
    let scaled = patch_as("kubectl", PatchKind::Merge, &gvk(), &live, &json!({"spec": {"replicas": 5}})).unwrap();
    let refused = patch(APPLY, &gvk(), &scaled, &chart).unwrap_err();
    assert_eq!(
        refused,
        Refused::Conflict {
            message: "Apply failed with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas".into(),
            fields: vec![FieldConflict { manager: "kubectl".into(), field: ".spec.replicas".into() }],
        }
    );
    let forced = patch(PatchKind::Apply { force: true }, &gvk(), &scaled, &chart).unwrap();
    assert_eq!(bare(forced.clone()), chart);
    assert_eq!(patch(APPLY, &gvk(), &forced, &chart), Ok(forced));
}

#[test]
fn what_somebody_else_added_survives() {
    let chart = deployment(None, &json!([{"name": "a", "image": "i:1"}]));
    let live = patch(APPLY, &gvk(), &Value::Null, &chart).unwrap();
    let more = json!({"metadata": {"labels": {"team": "x"}}, "spec": {"template": {"spec": {"containers": [
        {"name": "a", "env": [{"name": "DEBUG", "value": "1"}]}]}}}});
    let edited = patch_as("kubectl", PatchKind::Strategic, &gvk(), &live, &more).unwrap();
    let target = deployment(None, &json!([{"name": "a", "image": "i:0"}]));
    let applied = patch(APPLY, &gvk(), &edited, &target).unwrap();
    assert_eq!(applied["metadata"]["labels"], json!({"team": "x"}));
    assert_eq!(
        applied["spec"]["template"]["spec"]["containers"],
        json!([{"name": "a", "image": "i:0", "env": [{"name": "DEBUG", "value": "1"}]}])
    );
}

#[test]
fn helms_own_updates_are_migrated_before_its_first_apply() {
    let chart = deployment(Some(2), &json!([{"name": "a", "image": "i:1"}, {"name": "b", "image": "i:1"}]));
    let mut live = create(&gvk(), &chart);
    live["metadata"]["resourceVersion"] = "7".into();
    let target = deployment(Some(1), &json!([{"name": "a", "image": "i:0"}]));
    let Err(Refused::Conflict { fields, .. }) = patch(APPLY, &gvk(), &live, &target) else {
        panic!("helm's own update must conflict with its apply");
    };
    assert!(fields.iter().all(|f| f.manager == "helm"));
    let migrated = patch(PatchKind::Json, &gvk(), &live, &ownership::migration(&live).unwrap()).unwrap();
    assert_eq!(bare(patch(APPLY, &gvk(), &migrated, &target).unwrap())["spec"], target["spec"]);
}

#[test]
fn a_put_replaces_and_a_null_is_no_field() {
    let live = create(&gvk(), &json!({"metadata": {"name": "x"}, "spec": {"a": 1, "b": null}}));
    assert_eq!(bare(live.clone()), json!({"metadata": {"name": "x"}, "spec": {"a": 1}}));
    let put = replace_as("kubectl", &gvk(), &live, &json!({"metadata": {"name": "x"}, "spec": {"c": 1}}));
    assert_eq!(bare(put.clone()), json!({"metadata": {"name": "x"}, "spec": {"c": 1}}));
    let owners: Vec<_> = ownership::entries(&put).iter().map(|e| e.manager().to_owned()).collect();
    assert_eq!(owners, ["kubectl"]);
}

#[test]
fn a_custom_resource_takes_no_strategic_patch() {
    let refused = patch(PatchKind::Strategic, &Gvk::new("shop.example/v1", "Cart"), &json!({}), &json!({}));
    assert!(matches!(refused, Err(Refused::Fault { message, .. }) if message.contains("415")));
}
