//! `--helm-exact` where helm is not as we are by default: what it does when it is overtaken, refused, or kept waiting. The
//! real helms are asked the same in `real_parity.rs`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "helm/world.rs"]
#[allow(dead_code, reason = "shared with the other tests of helm's engine")]
mod world;

use backout::domain::name::Revision;
use backout::domain::release::Status::{self, Deployed, Failed, Superseded};
use backout::helm::api::Refused;
use backout::helm::ask::Ask;
use backout::helm::choices::{Choices, Manner};
use backout::helm::plan::{Method, Plan};
use backout::helm::progress::Outcome;
use backout::helm::record::Record;
use serde_json::Value;
use world::{Row, World, ask, shop};

const MANNERS: [Manner; 2] = [Manner::Exact, Manner::Mended];

fn config(name: &str, value: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{k: '{value}'}}\n")
}

fn web(tag: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 1\n  template:\n    \
         spec:\n      containers:\n      - {{name: app, image: 'r/web:{tag}'}}\n"
    )
}

fn release(old: &str, new: &str, method: Option<Method>) -> World {
    let rows: [Row<'_>; 2] =
        [(Superseded, "Install complete", old, vec![]), (Deployed, "Upgrade complete", new, vec![])];
    shop(&rows, method)
}

fn planned(world: &mut World, manner: Manner) -> Plan {
    world.plan_as(Ask { choices: Choices { manner, ..Choices::default() }, ..ask(1) }).unwrap()
}

fn refuse(world: &mut World, word: &'static str, name: &'static str) {
    world.faults.push((word, name, Refused::Invalid("not today".into())));
}

fn statuses(world: &World) -> Vec<(u32, Status)> {
    world.statuses().0
}

/// Revision 4, as somebody's helm closed it.
fn fourth(world: &World) -> Value {
    let last = Record::decode(world.get("secrets", "sh.helm.release.v1.shop.v2").unwrap()).unwrap();
    let mut third = last.clone();
    third.revision = Revision(3);
    let mut record = Record::rollback(&third, &last, Method::Csa, world::now()).unwrap();
    record.set_status(Deployed, "Rollback to 2").unwrap();
    record.encode(None).unwrap()
}

#[test]
fn a_rollback_that_was_overtaken_supersedes_the_newer_one_or_fails_itself() {
    let ends = [
        (Manner::Exact, [(1, Superseded), (2, Superseded), (3, Deployed), (4, Superseded)]),
        (Manner::Mended, [(1, Superseded), (2, Deployed), (3, Failed), (4, Deployed)]),
    ];
    for (manner, wanted) in ends {
        let mut world = release(&config("c", "1"), &config("c", "2"), None);
        let plan = planned(&mut world, manner);
        world.meanwhile = Some(("PATCH configmaps c", fourth(&world)));
        world.execute(plan);
        assert_eq!(statuses(&world).split_at(2).1, wanted.split_at(2).1, "{manner:?}");
    }
}

#[test]
fn what_follows_a_refused_creation_is_left_out_of_the_same_kind_too() {
    let old = [config("a", "1"), config("b", "1"), config("c", "1")].concat();
    let new = [config("a", "2"), config("c", "2")].concat();
    let ends = [(Manner::Exact, ["1", "2"]), (Manner::Mended, ["1", "1"])];
    for (manner, wanted) in ends {
        let mut world = release(&old, &new, None);
        let plan = planned(&mut world, manner);
        refuse(&mut world, "POST", "b");
        assert!(matches!(world.execute(plan), Outcome::Failed { .. }));
        let live = ["a", "c"].map(|n| world.get("configmaps", n).unwrap()["data"]["k"].as_str().unwrap().to_owned());
        assert_eq!(live, wanted, "{manner:?}");
    }
}

#[test]
fn a_refused_deletion_is_passed_over_as_by_helm_3_and_fails_as_by_helm_4() {
    let new = [config("a", "2"), config("more", "1")].concat();
    let ends = [
        (Manner::Exact, None, Deployed),
        (Manner::Exact, Some(Method::Csa), Failed),
        (Manner::Exact, Some(Method::Ssa), Failed),
        (Manner::Mended, None, Failed),
    ];
    for (manner, method, wanted) in ends {
        let mut world = release(&config("a", "1"), &new, method);
        let plan = planned(&mut world, manner);
        refuse(&mut world, "DELETE", "more");
        world.execute(plan);
        assert_eq!(statuses(&world).last(), Some(&(3, wanted)), "{manner:?} {method:?}");
    }
}

#[test]
fn pods_that_do_not_come_up_decide_what_the_record_says_or_are_another_light() {
    for manner in MANNERS {
        let mut world = release(&web("1"), &web("2"), None);
        let plan = planned(&mut world, manner);
        world.broken.push("r/web:1");
        let outcome = world.execute(plan);
        let (wanted, failed) = match manner {
            Manner::Exact => ([(1, Superseded), (2, Deployed), (3, Failed)], true),
            Manner::Mended => ([(1, Superseded), (2, Superseded), (3, Deployed)], false),
        };
        assert_eq!(statuses(&world), wanted, "{manner:?}");
        assert_eq!(matches!(outcome, Outcome::Failed { .. }), failed, "{outcome:?}");
        let description = world.statuses().1;
        assert_eq!(description.starts_with("Release \"shop\" failed: "), failed, "{description}");
    }
}

#[test]
fn pods_that_come_up_end_it_well_in_both_manners() {
    for manner in MANNERS {
        let mut world = release(&web("1"), &web("2"), None);
        let plan = planned(&mut world, manner);
        assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) }, "{manner:?}");
        assert_eq!(statuses(&world), [(1, Superseded), (2, Superseded), (3, Deployed)]);
    }
}
