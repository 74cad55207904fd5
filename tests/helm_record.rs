//! Records as the real helm 3.22.0 and helm 4.3.1 wrote them (`fixtures/helm/records-*.json`: install, upgrade, rollback
//! to 1), read, written again, and written as helm writes them.

use std::collections::BTreeMap;

use backout::domain::name::{Namespace, Revision};
use backout::domain::release::{Content, Release, RevisionFacts, Status};
use backout::helm::history;
use backout::helm::payload::{self, Driver};
use backout::helm::plan::Method;
use backout::helm::record::Record;
use chrono::DateTime;
use serde_json::{Value, json};

fn stored(helm: u8) -> Vec<Value> {
    let text = match helm {
        3 => include_str!("fixtures/helm/records-helm3.json"),
        _ => include_str!("fixtures/helm/records-helm4.json"),
    };
    serde_json::from_str(text).expect("a fixture")
}

fn payload_of(object: &Value) -> Value {
    let json = payload::inflate(&payload::text(object).expect("a payload")).expect("gzip");
    serde_json::from_slice(&json).expect("JSON")
}

#[test]
fn what_helm_wrote_is_written_again_byte_for_byte() {
    for object in [stored(3), stored(4)].concat() {
        let record = Record::decode(&object).unwrap();
        let again = record.encode(None).unwrap();
        let json = |o: &Value| payload::inflate(&payload::text(o).unwrap()).unwrap();
        assert_eq!(String::from_utf8(json(&again)), String::from_utf8(json(&object)));
        assert_eq!(again["type"], object["type"]);
    }
}

#[test]
fn a_rollback_writes_the_very_record_that_helm_wrote() {
    for (helm, method) in [(3, Method::Csa), (4, Method::Ssa)] {
        let all = stored(helm);
        let record = |i: usize| Record::decode(all.get(i).expect("three records")).unwrap();
        let at = record(2).updated();
        let mut ours = Record::rollback(&record(1), &record(0), method, at).unwrap();
        ours.set_status(Status::Deployed, "Rollback to 1").unwrap();
        assert_eq!(payload_of(&ours.encode(None).unwrap()), payload_of(all.get(2).unwrap()), "helm {helm}");
    }
}

#[test]
fn a_new_record_carries_the_users_labels_and_none_of_the_old_stamps() {
    let all = stored(3);
    let mut first = all.first().unwrap().clone();
    first["metadata"]["labels"]["team"] = "shop".into();
    let (target, last) = (Record::decode(&first).unwrap(), Record::decode(all.get(1).unwrap()).unwrap());
    let at = DateTime::from_timestamp(1_764_563_400, 0).unwrap();
    let object = Record::rollback(&last, &target, Method::Csa, at).unwrap().encode(None).unwrap();
    let labels = json!({"createdAt": "1764563400", "team": "shop", "name": "par", "owner": "helm",
        "status": "pending-rollback", "version": "3"});
    assert_eq!(object["metadata"], json!({"name": "sh.helm.release.v1.par.v3", "namespace": "prod", "labels": labels}));
}

#[test]
fn the_history_is_told_whole_or_by_labels_alone() {
    let facts = |revision, status, at: &str, content| RevisionFacts {
        revision: Revision(revision),
        status,
        updated: DateTime::parse_from_rfc3339(at).unwrap().to_utc(),
        content,
        unreadable: None,
    };
    let content = |description: &str, digest: &str, rollback_of| {
        Some(Content {
            chart: "par-1.0.0".into(),
            app_version: String::new(),
            description: description.into(),
            images: BTreeMap::new(),
            services: BTreeMap::new(),
            ingresses: std::collections::BTreeSet::new(),
            budgets: std::collections::BTreeSet::new(),
            uses: std::collections::BTreeMap::new(),
            digest: digest.into(),
            rollback_of,
        })
    };
    let all = stored(3);
    let releases = history::releases(&"prod".into(), &all);
    let digest = |i: usize| {
        let of = |r: &Release| r.revisions.get(i).and_then(|r| r.content.as_ref()).map(|c| c.digest.clone());
        releases.first().and_then(of).unwrap_or_default()
    };
    assert_eq!((digest(0), digest(0).len()), (digest(2), 64), "the same content has the same digest");
    assert_ne!(digest(0), digest(1));
    let wanted = Release {
        name: "par".into(),
        namespace: Namespace::new("prod"),
        revisions: vec![
            facts(
                1,
                Status::Superseded,
                "2026-11-24T17:17:41.58974054Z",
                content("Install complete", &digest(0), None),
            ),
            facts(
                2,
                Status::Superseded,
                "2026-11-24T17:17:42.014699294Z",
                content("Upgrade complete", &digest(1), None),
            ),
            facts(
                3,
                Status::Deployed,
                "2026-11-24T17:17:43.780965678Z",
                content("Rollback to 1", &digest(0), Some(Revision(1))),
            ),
        ],
    };
    assert_eq!(releases, [wanted]);

    let bare: Vec<Value> = all.iter().map(|o| json!({"metadata": o["metadata"]})).collect();
    let releases = history::releases(&"prod".into(), &bare);
    let told: Vec<_> =
        releases.iter().flat_map(|r| &r.revisions).map(|r| (r.revision.0, r.status, r.content.is_none())).collect();
    assert_eq!(told, [(1, Status::Superseded, true), (2, Status::Superseded, true), (3, Status::Deployed, true)]);
}

#[test]
fn both_helms_give_the_same_content_the_same_digest() {
    let digest = |helm| {
        let facts = history::facts(stored(helm).first().expect("a record")).expect("facts").1;
        facts.content.map(|c| c.digest)
    };
    assert_eq!(digest(3), digest(4));
}

#[test]
fn a_record_that_cannot_be_read_stays_in_the_history_with_the_reason() {
    let mut all = stored(4);
    if let Some(first) = all.first_mut() {
        first["data"]["release"] = "eHh4".into();
    }
    let releases = history::releases(&"prod".into(), &all);
    let first = releases.first().and_then(|r| r.revisions.first()).unwrap();
    assert_eq!((first.revision, first.status), (Revision(1), Status::Superseded));
    assert!(first.unreadable.as_deref().is_some_and(|w| w.starts_with("its base64 is broken")), "{first:?}");
    assert_eq!(history::releases(&"prod".into(), &[json!({"metadata": {"labels": {"app": "x"}}})]), []);
}

fn release(change: &str, value: Value) -> Vec<u8> {
    let mut release = json!({"name": "x", "version": 1, "namespace": "n", "info": {"status": "deployed"}});
    release[change] = value;
    release.to_string().into_bytes()
}

#[test]
fn what_is_wrong_with_a_record_is_said_in_words() {
    let cases = [
        (b"[]".to_vec(), "its JSON is not a release"),
        (b"{".to_vec(), "its JSON is not a release"),
        (release("name", "".into()), "it names no release"),
        (release("info", Value::Null), "its JSON is not a release"),
        (release("version", "one".into()), "its JSON is not a release"),
        (release("apply_method", "new".into()), "its apply_method is new, which only a newer helm knows"),
        (release("hooks", json!([{"events": 3}])), "a hook cannot be read"),
    ];
    for (json, wanted) in cases {
        let why = Record::from_payload(&json, Driver::Secret).unwrap_err();
        assert!(why.starts_with(wanted), "{why}");
    }
    let mut object = stored(3).swap_remove(0);
    object["metadata"]["name"] = "sh.helm.release.v1.par.v7".into();
    assert_eq!(
        Record::decode(&object),
        Err("it is stored as sh.helm.release.v1.par.v7, but says it is sh.helm.release.v1.par.v1".into())
    );
}

#[test]
fn what_no_version_of_ours_knows_is_kept_where_it_was() {
    let text = br#"{"name":"x","future":{"b":[1, 2.50],"a":"\u003c"},"info":{"status":"deployed","later":"\u00f6"},"version":1,"namespace":"n","last":null}"#;
    let object = Record::from_payload(text, Driver::ConfigMap).unwrap().encode(None).unwrap();
    let again = payload::inflate(&payload::text(&object).unwrap()).unwrap();
    assert_eq!(String::from_utf8(again), String::from_utf8(text.to_vec()));
}

#[test]
fn the_stamp_of_a_records_creation_goes_with_its_first_rewriting_as_helms_does() {
    let all = stored(4);
    let record = |i: usize| Record::decode(all.get(i).expect("three records")).unwrap();
    let ours = Record::rollback(&record(1), &record(0), Method::Ssa, record(2).updated()).unwrap();
    let stamps = |record: &Record, modified| {
        let object = record.encode(modified).unwrap();
        let labels = object["metadata"]["labels"].as_object().cloned().unwrap_or_default();
        labels.keys().filter(|l| l.ends_with("At")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(stamps(&ours, None), ["createdAt"]);
    assert_eq!(stamps(&ours, Some(record(2).updated())), ["modifiedAt"]);
    // What was read with it keeps it.
    let mut read = all.first().expect("a record").clone();
    read["metadata"]["labels"]["createdAt"] = "1".into();
    let read = Record::decode(&read).unwrap();
    assert!(stamps(&read, Some(record(2).updated())).contains(&"createdAt".to_owned()));
}

#[test]
fn a_record_too_large_for_the_server_is_refused_before_it_is_sent() {
    let noise: String = (0..2_000_000_u64)
        .scan(9_u64, |x, _| {
            *x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from_digit(u32::try_from(*x >> 60).unwrap_or(0), 16)
        })
        .collect();
    let record = Record::from_payload(&release("manifest", noise.into()), Driver::ConfigMap).unwrap();
    let why = record.encode(None).unwrap_err();
    assert!(why.starts_with("record 1 would be ") && why.ends_with("; the API server takes 1048576 at most"), "{why}");
}

#[test]
fn a_config_map_stores_the_text_as_it_is() {
    let record = Record::from_payload(&release("config", json!({"a": 1})), Driver::ConfigMap).unwrap();
    let object = record.encode(None).unwrap();
    assert_eq!((object["kind"].as_str(), object.get("type")), (Some("ConfigMap"), None));
    assert_eq!(Record::decode(&object).unwrap().values(), Ok(json!({"a": 1})));
}
