//! Whole rollbacks: plan, confirm, carry out, on a small cluster with faults on request.

#[path = "helm/world.rs"]
mod world;

use backout::domain::name::Revision;
use backout::domain::release::Status::{Deployed, Failed, PendingRollback, PendingUpgrade, Superseded};
use backout::helm::api::Refused;
use backout::helm::ask::{Ask, CutOff};
use backout::helm::choices::{Choices, Manner};
use backout::helm::plan::{Change, Level, Method};
use backout::helm::progress::{HookState, Outcome, Progress};
use backout::helm::recover::{Begun, Standing, standing};
use serde_json::{Value, json};
use world::{Row, World, shop, unreachable};

fn deployment(name: &str, tag: &str) -> String {
    format!(
        "---\n# Source: shop/{name}.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  \
         replicas: 2\n  template:\n    spec:\n      containers:\n      - {{name: app, image: 'r/{name}:{tag}'}}\n"
    )
}

fn config(name: &str, value: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{k: '{value}'}}\n")
}

fn job_hook(event: &str, image: &str, policies: &[&str]) -> Value {
    let manifest = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: migrate}}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - {{name: m, image: {image}}}\n"
    );
    json!({"name": "migrate", "kind": "Job", "path": "shop/migrate.yaml", "manifest": manifest, "events": [event],
        "weight": 0, "delete_policies": policies})
}

fn two(old: &str, new: &str) -> World {
    let rows: [Row<'_>; 2] =
        [(Superseded, "Install complete", old, vec![]), (Deployed, "Upgrade complete", new, vec![])];
    shop(&rows, None)
}

fn good_and_bad() -> (String, String) {
    let old = [deployment("cart", "1"), deployment("web", "1"), config("c", "1")].concat();
    let new = [deployment("cart", "2"), deployment("web", "2"), config("c", "2"), config("extra", "1")].concat();
    (old, new)
}

#[test]
fn a_plan_writes_nothing_and_says_everything() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    assert_eq!(world.log, Vec::<String>::new());
    let operations: Vec<_> = plan.operations.iter().map(|o| (o.change, o.name.as_str(), o.fields.len())).collect();
    assert_eq!(
        operations,
        [
            (Change::Update, "cart", 1),
            (Change::Update, "web", 1),
            (Change::Update, "c", 1),
            (Change::Delete, "extra", 0)
        ]
    );
    assert_eq!((plan.from, plan.to, plan.writes, plan.method), (Revision(2), Revision(1), Revision(3), Method::Csa));
    let images: Vec<_> = plan.images.iter().map(|i| (i.service.as_str(), i.from.tag(), i.to.tag())).collect();
    assert_eq!(images, [("cart", "2", "1"), ("web", "2", "1")]);
    assert_eq!(plan.blocked(), None);
    assert_eq!(plan.summary(), "3 objects change, 1 deleted, 0 hooks run");
    assert_eq!(plan.command, "helm rollback shop 1 -n prod --kube-context lab --history-max 0 --wait --timeout 5m");
    assert_eq!(world.plan(1).unwrap(), plan, "the same world gives the same plan, hash and all");
}

#[test]
fn a_release_of_many_objects_costs_one_request_an_object_and_a_handful_besides() {
    let many = |value: &str| (0..100).map(|n| config(&format!("c{n}"), value)).collect::<String>();
    let mut world = two(&many("1"), &many("2"));
    let plan = world.plan(1).unwrap();
    assert!(world.calls <= 115, "{} requests for a plan with 100 dry runs", world.calls);
    world.calls = 0;
    assert!(matches!(world.execute(plan), Outcome::SeenReady { .. }));
    assert!(world.calls <= 110, "{} requests for 100 objects that change", world.calls);
}

#[test]
fn what_a_list_of_the_release_does_not_show_is_looked_for_by_name() {
    let many = |value: &str| (0..5).map(|n| config(&format!("c{n}"), value)).collect::<String>();
    let mut world = two(&many("1"), &many("2"));
    // Somebody took Helm's mark off one, and another is gone.
    let at = |name: &str| ("configmaps".into(), Some("prod".into()), name.into());
    world.objects.get_mut(&at("c3")).unwrap()["metadata"]["labels"] = json!({});
    world.objects.remove(&at("c4"));
    let changes = |world: &mut World| world.plan(1).unwrap().operations.iter().map(|o| o.change).collect::<Vec<_>>();
    let found = changes(&mut world);
    assert_eq!(found, [Change::Update, Change::Update, Change::Update, Change::Update, Change::Create]);
    world.denied_lists = vec!["configmaps"];
    assert_eq!(changes(&mut world), found, "whoever may not list may get");
}

#[test]
fn every_object_is_told_by_the_word_that_the_plan_has_for_it() {
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n";
    let custom = |size: u32| {
        format!("---\napiVersion: shop.io/v1\nkind: Basket\nmetadata: {{name: basket}}\nspec: {{size: {size}}}\n")
    };
    let old = [secret, &custom(1), &config("b", "1"), &deployment("web", "1"), &deployment("cart", "1")].concat();
    let new = [secret, &custom(1), &config("b", "1"), &deployment("web", "2"), &deployment("cart", "1")].concat();
    for method in [Method::Csa, Method::Ssa] {
        let rows: [Row<'_>; 2] =
            [(Superseded, "Install complete", &old, vec![]), (Deployed, "Upgrade complete", &new, vec![])];
        let mut world = shop(&rows, Some(method));
        let plan = world.plan(1).unwrap();
        let planned: Vec<_> = plan.operations.iter().map(|o| (o.name.clone(), o.change)).collect();
        let sent = world.log.len();
        assert_eq!(world.execute(plan.clone()), Outcome::SeenReady { revision: Revision(3) });
        let mut told: Vec<_> = world
            .told
            .iter()
            .filter_map(|p| match p {
                Progress::Object { index, change, .. } => Some((plan.operations[*index].name.clone(), *change)),
                _ => None,
            })
            .collect();
        told.sort_by_key(|(name, _)| planned.iter().position(|(n, _)| n == name));
        assert_eq!(told, planned, "{method:?}");
        assert_eq!(planned.iter().filter(|(_, change)| *change == Change::Update).count(), 1, "{planned:?}");
        let patched = world.log[sent..].iter().filter(|l| l.starts_with("PATCH")).count();
        assert!(patched > 1, "{method:?}: something is sent that changes nothing: {:?}", world.log);
    }
}

#[test]
fn a_rollback_is_carried_out_in_helms_order_and_seen_ready() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    assert_eq!(world.roll_back(1), Outcome::SeenReady { revision: Revision(3) });
    assert_eq!(
        world.log,
        [
            "POST secrets sh.helm.release.v1.shop.v3",
            "PATCH deployments cart",
            "PATCH deployments web",
            "PATCH configmaps c",
            "DELETE configmaps extra",
            "PUT secrets sh.helm.release.v1.shop.v2",
            "PUT secrets sh.helm.release.v1.shop.v3",
        ]
    );
    let (statuses, description) = world.statuses();
    assert_eq!(statuses, [(1, Superseded), (2, Superseded), (3, Deployed)]);
    assert_eq!(description, "Rollback to 1");
    let web = world.get("deployments", "web").unwrap();
    assert_eq!(web["spec"]["template"]["spec"]["containers"][0]["image"], "r/web:1");
    assert_eq!(web["metadata"]["annotations"]["meta.helm.sh/release-name"], "shop");
    assert_eq!(world.told.first(), Some(&Progress::Checked));
    assert_eq!(world.told.last(), Some(&Progress::Ready));
    assert!(world.told.contains(&Progress::HelmDone(Revision(3))));
}

#[test]
fn rolled_back_twice_is_no_change_the_second_time() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    world.roll_back(1);
    let plan = world.plan(1).unwrap();
    assert!(plan.operations.iter().all(|o| o.change == Change::Same), "{:?}", plan.operations);
    assert_eq!(
        plan.blocked().map(|f| f.sentence.as_str()),
        Some("Revision 1 is what is live already: nothing would change")
    );
}

#[test]
fn what_the_target_has_and_the_cluster_lacks_comes_back_and_what_says_keep_stays() {
    let keep = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n  annotations: {helm.sh/resource-policy: keep}\n";
    let mut world = two(&[config("a", "1"), config("b", "1")].concat(), &[config("b", "1"), keep.into()].concat());
    let plan = world.plan(1).unwrap();
    let changes: Vec<_> = plan.operations.iter().map(|o| (o.change, o.name.as_str())).collect();
    assert_eq!(changes, [(Change::Create, "a"), (Change::Same, "b"), (Change::Keep, "kept")]);
    assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) });
    assert!(world.get("configmaps", "a").is_some() && world.get("configmaps", "kept").is_some());
}

#[test]
fn a_plan_that_no_longer_holds_is_void_and_nothing_is_written() {
    let (old, new) = good_and_bad();
    type Meddle = fn(&mut World);
    let cases: [(&str, Meddle); 3] = [
        ("shop has moved on", |w| {
            let mut third = w.get("secrets", "sh.helm.release.v1.shop.v2").unwrap().clone();
            third["metadata"]["name"] = "sh.helm.release.v1.shop.v3".into();
            let mut record =
                backout::helm::record::Record::decode(w.get("secrets", "sh.helm.release.v1.shop.v2").unwrap()).unwrap();
            record = backout::helm::record::Record::rollback(&record, &record, Method::Csa, world::now()).unwrap();
            w.put(&record.encode(None).unwrap(), "helm");
        }),
        ("Deployment prod/web has changed", |w| {
            let mut web = w.get("deployments", "web").unwrap().clone();
            web["spec"]["replicas"] = 7.into();
            w.put(&web, "kubectl");
        }),
        ("revision 3 exists already", |w| {
            let message = "secrets \"sh.helm.release.v1.shop.v3\" already exists".into();
            w.faults.push(("POST", "sh.helm.release.v1.shop.v3", Refused::AlreadyExists(message)));
        }),
    ];
    for (wanted, meddle) in cases {
        let mut world = two(&old, &new);
        let plan = world.plan(1).unwrap();
        meddle(&mut world);
        match world.execute(plan) {
            Outcome::Void { why } => assert!(why.starts_with(wanted), "{why}"),
            other => panic!("{wanted}: {other:?}"),
        }
        assert_eq!(world.log, Vec::<String>::new(), "{wanted}");
    }
}

#[test]
fn an_update_that_fails_lets_the_others_go_on_and_nothing_is_deleted() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    world.faults.push(("PATCH", "cart", Refused::Invalid("field is immutable".into())));
    let Outcome::Failed { revision: Some(Revision(3)), why } = world.execute(plan) else { panic!("it must fail") };
    assert_eq!(
        why,
        "Rollback \"shop\" failed: cannot patch \"cart\" with kind Deployment: field is immutable. Live is now a mix: of 4 \
         objects that differ 2 are as in revision 1, the others as in 2. What failed deletes nothing, so objects of 2 may remain. \
         Remove the cause and roll back to 1 again; a bare helm rollback would take 2."
    );
    assert!(world.get("configmaps", "extra").is_some());
    let (statuses, description) = world.statuses();
    assert_eq!(statuses, [(1, Superseded), (2, Superseded), (3, Failed)]);
    assert_eq!(description, "Rollback \"shop\" failed: cannot patch \"cart\" with kind Deployment: field is immutable");
}

#[test]
fn a_create_that_fails_stops_what_follows() {
    let old = [config("a", "1"), deployment("web", "1")].concat();
    let mut world = two(&old, &deployment("web", "2"));
    let plan = world.plan(1).unwrap();
    world.faults.push(("POST", "a", Refused::Invalid("denied".into())));
    assert!(matches!(world.execute(plan), Outcome::Failed { .. }));
    assert!(!world.log.contains(&"PATCH deployments web".to_owned()), "{:?}", world.log);
    assert_eq!(world.statuses().1, "Rollback \"shop\" failed: failed to create resource: denied");
}

#[test]
fn a_delete_that_fails_is_not_passed_over() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    world.faults.push(("DELETE", "extra", Refused::Invalid("denied".into())));
    assert!(matches!(world.execute(plan), Outcome::Failed { .. }));
    assert_eq!(
        world.statuses().1,
        "Rollback \"shop\" failed: failed to delete resource namespace=prod, name=extra, kind=ConfigMap: denied"
    );
}

fn hooked(hook: Value) -> World {
    let rows: [Row<'_>; 2] = [
        (Superseded, "Install complete", &deployment("web", "1"), vec![hook]),
        (Deployed, "Upgrade complete", &deployment("web", "2"), vec![]),
    ];
    shop(&rows, None)
}

#[test]
fn a_hook_runs_before_the_objects_and_its_old_job_is_cleared_first() {
    let mut world = hooked(job_hook("pre-rollback", "m:1", &["before-hook-creation", "hook-succeeded"]));
    world.put(
        &json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}, "spec": {"old": 1}}),
        "x",
    );
    assert_eq!(world.roll_back(1), Outcome::SeenReady { revision: Revision(3) });
    assert_eq!(
        world.log,
        [
            "POST secrets sh.helm.release.v1.shop.v3",
            "DELETE jobs migrate",
            "PUT secrets sh.helm.release.v1.shop.v3",
            "POST jobs migrate",
            "DELETE jobs migrate",
            "PATCH deployments web",
            "PUT secrets sh.helm.release.v1.shop.v2",
            "PUT secrets sh.helm.release.v1.shop.v3",
        ]
    );
    let stored = world.get("secrets", "sh.helm.release.v1.shop.v3").unwrap();
    let record = backout::helm::record::Record::decode(stored).unwrap();
    let hook = serde_json::to_value(record.hooks.first().unwrap().raw()).unwrap();
    assert_eq!(hook["last_run"]["phase"], "Succeeded");
}

#[test]
fn a_hook_that_fails_is_recorded_as_failed_and_no_object_was_touched() {
    let mut world = hooked(job_hook("pre-rollback", "m:bad", &[]));
    world.broken.push("m:bad");
    let plan = world.plan(1).unwrap();
    assert!(plan.findings.iter().any(|f| f.level == Level::Confirm && f.sentence.contains("hook migrate")));
    let Outcome::Failed { why, .. } = world.execute(plan) else { panic!("it must fail") };
    assert!(why.contains("pre-rollback hook migrate failed: job migrate failed: BackoffLimitExceeded"), "{why}");
    assert!(why.contains(". No object was changed; what was live is live. Remove the cause"), "{why}");
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Deployed), (3, Failed)]);
    assert!(!world.log.iter().any(|l| l.contains("deployments")));
    let failed = |p: &Progress| matches!(p, Progress::Hook { state: HookState::Failed(_), .. });
    assert!(world.told.iter().any(failed));
}

#[test]
fn a_post_hook_that_fails_leaves_no_pending_record() {
    let mut world = hooked(job_hook("post-rollback", "m:bad", &["hook-failed"]));
    world.broken.push("m:bad");
    let Outcome::Failed { why, .. } = world.roll_back(1) else { panic!("it must fail") };
    assert!(why.contains(". Live is revision 1: every object is as it has it. Remove the cause"), "{why}");
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Deployed), (3, Failed)]);
    assert_eq!(world.get("jobs", "migrate"), None);
}

#[test]
fn a_record_whose_answer_was_lost_is_looked_for_before_going_on() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    world.lost = Some(("POST", "sh.helm.release.v1.shop.v3"));
    assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) });

    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    world.faults.push(("POST", "sh.helm.release.v1.shop.v3", unreachable()));
    match world.execute(plan) {
        Outcome::Failed { revision: None, why } => assert!(why.ends_with("what was live is live."), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.log, Vec::<String>::new());
}

#[test]
fn the_last_write_is_tried_again_and_its_failure_is_told() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    world.faults.push(("PUT", "sh.helm.release.v1.shop.v3", unreachable()));
    assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) });

    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    world.faults.extend((0..9).map(|_| ("PUT", "sh.helm.release.v1.shop.v3", unreachable())));
    let outcome = world.execute(plan.clone());
    assert!(matches!(&outcome, Outcome::Failed { why, .. } if why.contains("It says pending-rollback")), "{outcome:?}");
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Superseded), (3, PendingRollback)]);
    let records: Vec<Value> = world.objects.values().cloned().collect();
    assert_eq!(standing(&begun(&plan), &records), Standing::Halfway);
}

#[test]
fn where_a_rollback_stands_is_told_from_the_records() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    let plan = world.plan(1).unwrap();
    let stands = |w: &World| standing(&begun(&plan), &w.objects.values().cloned().collect::<Vec<_>>());
    assert_eq!(stands(&world), Standing::NotBegun);
    world.execute(plan.clone());
    assert_eq!(stands(&world), Standing::Done);
    world.roll_back(2);
    assert_eq!(stands(&world), Standing::Passed { newest: "revision 4 is deployed".into() });
}

#[test]
fn pods_that_crash_are_named_at_once_and_the_revision_is_not_called_ready() {
    let (old, new) = good_and_bad();
    let mut world = two(&old, &new);
    world.broken.push("r/web:1");
    assert_eq!(
        world.roll_back(1),
        Outcome::Applied {
            revision: Revision(3),
            unready: "web 0 of 2 ready (CrashLoopBackOff, exit 1) after 5 min".into()
        }
    );
    assert!(world.told.contains(&Progress::Rolling {
        service: "web".into(),
        ready: 0,
        desired: 2,
        trouble: Some("CrashLoopBackOff, exit 1".into())
    }));
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Superseded), (3, Deployed)]);
}

#[test]
fn what_cannot_be_done_is_refused_and_no_command_is_shown_that_would_fail() {
    let ingress = "---\napiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\n";
    let by_helm =
        |to: u32| format!("helm rollback shop {to} -n prod --kube-context lab --history-max 0 --wait --timeout 5m");
    let cases: [(&str, u32, &str, String); 4] = [
        (&config("a", "1"), 9, "shop has no revision 9: it was pruned, or never was", String::new()),
        (
            ingress,
            1,
            "This cluster does not serve Ingress in extensions/v1beta1, which the records name",
            String::new(),
        ),
        ("---\nkind: [", 1, "the manifest of revision 1 cannot be read", by_helm(1)),
        (
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x-}\n",
            1,
            "the manifest of revision 1 holds a ConfigMap without a name (generateName), which helm cannot update",
            String::new(),
        ),
    ];
    for (old, to, wanted, command) in cases {
        let refusal = two(old, &config("a", "2")).plan(to).unwrap_err();
        assert!(refusal.sentence.starts_with(wanted), "{}", refusal.sentence);
        assert_eq!(refusal.command, command, "{wanted}");
    }
    let refusal = World::default().plan(1).unwrap_err();
    assert_eq!(refusal.sentence, "There is no Helm release shop in namespace prod");
}

#[test]
fn somebody_elses_operation_blocks_while_it_is_fresh() {
    let row = (PendingUpgrade, "Preparing upgrade", &*config("a", "2"), vec![]);
    let mut world = shop(&[(Deployed, "Install complete", &config("a", "1"), vec![]), row], None);
    let plan = world.plan(1).unwrap();
    assert_eq!(plan.blocked(), None);
    assert!(plan.findings.iter().any(|f| f.level == Level::Confirm && f.sentence.contains("it died")));

    let stored = world.get("secrets", "sh.helm.release.v1.shop.v2").unwrap().clone();
    let mut record = backout::helm::record::Record::decode(&stored).unwrap();
    record = backout::helm::record::Record::rollback(&record, &record, Method::Csa, world::now()).unwrap();
    world.put(&record.encode(None).unwrap(), "helm");
    let plan = world.plan(1).unwrap();
    let blocked = plan.blocked().map(|f| f.sentence.clone()).unwrap_or_default();
    assert!(blocked.starts_with("Revision 3 is pending-rollback since"), "{blocked}");
    assert!(matches!(world.execute(plan), Outcome::Void { .. }));
    assert_eq!(world.log, Vec::<String>::new());
}

#[test]
fn what_a_cut_off_rollback_from_here_left_pending_blocks_no_second_one_and_a_strangers_does() {
    let mut world = shop(&[(Deployed, "Install complete", &config("a", "1"), vec![])], None);
    let stored = world.get("secrets", "sh.helm.release.v1.shop.v1").unwrap().clone();
    let deployed = backout::helm::record::Record::decode(&stored).unwrap();
    let record = backout::helm::record::Record::rollback(&deployed, &deployed, Method::Csa, world::now()).unwrap();
    world.put(&record.encode(None).unwrap(), "helm");
    let ours = CutOff { writes: Revision(2), to: Revision(1), asked: world::now() - chrono::TimeDelta::seconds(3) };
    let at = |seconds| world::now() - chrono::TimeDelta::seconds(seconds);
    let cases = [
        (Some(ours.clone()), None),
        (None, Some("still run")),
        (Some(CutOff { writes: Revision(3), ..ours.clone() }), Some("still run")),
        (Some(CutOff { to: Revision(2), ..ours.clone() }), Some("still run")),
        // The number was free when ours was cut off, and somebody took it since.
        (Some(CutOff { asked: at(600), ..ours.clone() }), Some("still run")),
        (Some(CutOff { asked: at(-1), ..ours }), Some("still run")),
    ];
    for (cut_off, wanted) in cases {
        let plan = world.plan_as(Ask { cut_off: cut_off.clone(), ..world::ask(1) }).unwrap();
        let blocked = plan.blocked().map(|f| f.sentence.clone());
        assert_eq!(blocked.is_some(), wanted.is_some(), "{cut_off:?}: {blocked:?}");
        assert!(blocked.unwrap_or_default().contains(wanted.unwrap_or_default()));
    }
}

/// Revision 1, the bad revision 2, and a rollback to 1 that was cut off before it had come to any object.
fn cut_off_at_once(old: &str, new: &str) -> World {
    let mut world = two(old, new);
    let record = |world: &World, revision: u32| {
        let stored = world.get("secrets", &format!("sh.helm.release.v1.shop.v{revision}")).expect("a record");
        backout::helm::record::Record::decode(stored).expect("a record")
    };
    let (target, last) = (record(&world, 1), record(&world, 2));
    let pending = backout::helm::record::Record::rollback(&last, &target, Method::Csa, world::now()).expect("a record");
    world.put(&pending.encode(None).expect("JSON"), "helm");
    world
}

#[test]
fn what_a_cut_off_rollback_had_not_come_to_is_done_by_the_next_one() {
    let service = |port: u32| {
        format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{ports: [{{port: {port}}}]}}\n")
    };
    let (old, new) =
        ([config("c", "1"), service(1)].concat(), [config("c", "2"), service(2), config("extra", "1")].concat());
    let ours = CutOff { writes: Revision(3), to: Revision(1), asked: world::now() - chrono::TimeDelta::seconds(3) };
    let mut world = cut_off_at_once(&old, &new);
    let plan = world.plan_as(Ask { cut_off: Some(ours.clone()), ..world::ask(1) }).unwrap();
    assert_eq!(plan.blocked(), None);
    assert!(matches!(world.execute(plan), Outcome::SeenReady { .. }));
    let ports = &world.get("services", "web").unwrap()["spec"]["ports"];
    assert_eq!((ports, world.get("configmaps", "extra")), (&json!([{"port": 1}]), None));
    assert_eq!(
        world.statuses().0,
        [(1, Superseded), (2, Superseded), (3, PendingRollback), (4, Deployed)],
        "the pending record is history now"
    );

    // helm takes the pending record for what is live: the bad revision's object stays, and its port beside the good one.
    let mut world = cut_off_at_once(&old, &new);
    let choices = Choices { manner: Manner::Exact, ..Choices::default() };
    let plan = world.plan_as(Ask { cut_off: Some(ours), choices, ..world::ask(1) }).unwrap();
    assert_eq!(plan.operations.iter().filter(|o| o.change == Change::Delete).count(), 0);
}

fn finding<'a>(plan: &'a backout::helm::plan::Plan, text: &str) -> &'a backout::helm::plan::Finding {
    let found = plan.findings.iter().find(|f| f.sentence.contains(text));
    assert!(found.is_some(), "{text}: {:#?}", plan.findings);
    found.expect("just asserted")
}

#[test]
fn what_is_to_know_is_said_before_the_yes() {
    let job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: seed}\nspec: {a: 1}\n";
    let claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: disk}\nspec: {a: 1}\n";
    let old = [deployment("web", "latest"), job.into(), config("c", "1")].concat();
    let new = [deployment("web", "2"), claim.into(), config("c", "1")].concat();
    let upgrade = job_hook("pre-upgrade", "m:1", &[]);
    let rows: [Row<'_>; 2] =
        [(Superseded, "Install complete", &old, vec![]), (Deployed, "Upgrade complete", &new, vec![upgrade])];
    let mut world = shop(&rows, None);
    let mut web = world.get("deployments", "web").unwrap().clone();
    web["spec"]["replicas"] = 7.into();
    web["spec"]["paused"] = true.into();
    web["metadata"]["labels"]["helm.toolkit.fluxcd.io/name"] = "shop".into();
    world.put(&web, "kubectl");
    let scaler = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web-hpa"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}});
    world.put(&scaler, "kubectl");
    world.denied.push("delete");
    let plan = world.plan(1).unwrap();
    let cases = [
        (Level::Block, "You may not delete persistentvolumeclaims in namespace prod"),
        (Level::Confirm, "Deployment prod/web goes from 7 to 2 pods, though autoscaler web-hpa sets them"),
        (Level::Confirm, "Deployment prod/web is paused: it changes, but no pod will"),
        (Level::Confirm, "Flux (shop) manages these objects"),
        (Level::Confirm, "Job prod/seed is gone, so it is created and runs again"),
        (Level::Confirm, "PersistentVolumeClaim prod/disk is deleted: its data goes with it"),
        (Level::Warn, "Deployment prod/web runs web:latest"),
        (Level::Warn, "pre-upgrade hook migrate (Job) does not run"),
        (Level::Warn, "1 field that was changed by hand since is set back"),
    ];
    for (level, text) in cases {
        assert_eq!(finding(&plan, text).level, level, "{text}");
    }
    let levels: Vec<_> = plan.findings.iter().map(|f| f.level).collect();
    assert!(levels.is_sorted(), "the gravest first: {levels:?}");
    assert_eq!(plan.datum(), backout::helm::plan::Datum::Release("shop".into()));
}

#[test]
fn another_releases_object_is_never_taken() {
    let mut world = two(&config("a", "1"), &config("b", "1"));
    world.put(
        &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "annotations":
            {"meta.helm.sh/release-name": "other", "meta.helm.sh/release-namespace": "prod"}}}),
        "helm",
    );
    let plan = world.plan(1).unwrap();
    assert_eq!(
        plan.blocked().map(|f| f.sentence.as_str()),
        Some("ConfigMap prod/a belongs to another release: prod/other")
    );
}

#[test]
fn an_object_that_helm_does_not_know_is_taken_over_without_deleting_anything_of_it() {
    let mut world = two(&config("a", "1"), &config("b", "1"));
    let own = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"mine": "x"}});
    world.put(&own, "kubectl");
    let plan = world.plan(1).unwrap();
    assert_eq!(plan.of(Change::Adopt).count(), 1);
    world.execute(plan);
    assert_eq!(world.get("configmaps", "a").unwrap()["data"], json!({"mine": "x", "k": "1"}));
}

#[test]
fn server_side_apply_follows_the_targets_record() {
    let (old, new) = good_and_bad();
    let rows: [Row<'_>; 2] =
        [(Superseded, "Install complete", &old, vec![]), (Deployed, "Upgrade complete", &new, vec![])];
    let mut world = shop(&rows, Some(Method::Ssa));
    let plan = world.plan(1).unwrap();
    assert_eq!(plan.method, Method::Ssa);
    assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) });
    assert_eq!(world.log.iter().filter(|l| l.starts_with("PATCH")).count(), 3);

    let mut world = shop(&rows, Some(Method::Ssa));
    let mut web = world.get("deployments", "web").unwrap().clone();
    web["spec"]["replicas"] = 5.into();
    world.put(&web, "kubectl");
    let blocked = world.plan(1).unwrap().blocked().map(|f| f.sentence.clone()).unwrap_or_default();
    assert_eq!(blocked, "Deployment prod/web: others manage fields that the target sets: .spec.replicas (kubectl)");
}

#[test]
fn objects_that_helm_updated_are_migrated_before_the_first_apply() {
    let (old, new) = good_and_bad();
    let rows: [Row<'_>; 2] =
        [(Superseded, "Install complete", &old, vec![]), (Deployed, "Upgrade complete", &new, vec![])];
    let mut world = shop(&rows, Some(Method::Ssa));
    for (name, kind, plural) in [("web", "Deployment", "deployments"), ("c", "ConfigMap", "configmaps")] {
        let mut object = world.get(plural, name).unwrap().clone();
        object["metadata"]["managedFields"] = json!([]);
        let gvk = backout::helm::manifest::gvk(&object);
        let fresh = backout::helm::apply::create(&gvk, &object);
        assert_eq!(gvk.kind, kind);
        world.objects.insert((plural.into(), Some("prod".into()), name.into()), fresh);
    }
    let plan = world.plan(1).unwrap();
    assert_eq!(plan.blocked(), None);
    assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) });
    assert_eq!(world.log.iter().filter(|l| *l == "PATCH deployments web").count(), 2, "{:?}", world.log);
}

fn begun(plan: &backout::helm::plan::Plan) -> Begun {
    Begun { release: plan.release.clone(), to: plan.to, writes: plan.writes }
}
