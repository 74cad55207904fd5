//! Our patches against those of apimachinery itself: `fixtures/helm/threeway.jsonl` holds random objects with the patch
//! that `CreateThreeWayMergePatch` made of them and what `StrategicMergePatch` made of that (apimachinery 0.37.1).

use backout::helm::api::PatchKind;
use backout::helm::{apply, manifest, threeway};
use serde_json::{Value, json};

fn cases() -> Vec<Value> {
    let text = std::env::var("THREEWAY_CASES").map_or_else(
        |_| include_str!("fixtures/helm/threeway.jsonl").to_owned(),
        |file| std::fs::read_to_string(file).expect("the file of cases"),
    );
    text.lines().map(|l| serde_json::from_str(l).expect("a case")).collect()
}

#[test]
fn the_patch_is_the_one_that_helm_sends() {
    for case in cases() {
        let gvk = manifest::gvk(&case["modified"]);
        let (kind, patch) = threeway::make(&gvk, &case["original"], &case["modified"], &case["live"]).unwrap();
        assert_eq!(kind, PatchKind::Strategic);
        assert_eq!(patch, case["patch"], "\nours: {patch}\ntheirs: {}\ncase: {case}", case["patch"]);
    }
}

#[test]
fn a_patch_does_what_the_server_does_with_it() {
    for case in cases() {
        let gvk = manifest::gvk(&case["modified"]);
        let mut live = case["live"].clone();
        live["metadata"]["managedFields"] = json!([]);
        let mut new = apply::patch(PatchKind::Strategic, &gvk, &live, &case["patch"]).unwrap();
        new["metadata"].as_object_mut().expect("metadata").remove("managedFields");
        assert_eq!(new, case["applied"], "\nours: {new}\ntheirs: {}\ncase: {case}", case["applied"]);
    }
}
