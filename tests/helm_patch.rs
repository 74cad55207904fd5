//! Our patches against those of apimachinery itself: `fixtures/helm/threeway.jsonl` holds random objects with the patch
//! that `CreateThreeWayMergePatch` made of them and what `StrategicMergePatch` made of that (apimachinery 0.37.1).

#![expect(clippy::panic, reason = "a test fails by panicking")]

#[path = "wire/case.rs"]
mod case;

use backout::helm::api::PatchKind;
use backout::helm::plan::Method;
use backout::helm::{apply, manifest, threeway};
use case::Kept;
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

/// `fixtures/wire` holds every case in which helm's requests and ours once differed, with what the real helm 3.22.0 or
/// 4.3.1 sends; `real_wire` asks it again.
#[test]
fn what_was_once_asked_otherwise_than_by_helm_is_asked_as_by_helm() {
    for entry in std::fs::read_dir("tests/fixtures/wire").expect("the kept cases") {
        let file = entry.expect("an entry").path();
        let kept: Kept = serde_json::from_str(&std::fs::read_to_string(&file).expect("a case")).expect("a kept case");
        let method = if kept.way.contains("ssa") { Method::Ssa } else { Method::Csa };
        let cluster_wide = ["Node", "MutatingWebhookConfiguration", "MutatingAdmissionPolicy", "CSINode"];
        let case = kept.case.named("c0");
        let namespaced = !cluster_wide.contains(&case.gvk().kind.as_str());
        // What cannot be merged is refused by us; helm fails at it, and sends nothing.
        let ours = case.decided(method, namespaced).unwrap_or_default();
        assert_eq!(ours, kept.sent, "{}: {}", file.display(), kept.about);
    }
}
