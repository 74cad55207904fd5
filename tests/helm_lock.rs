//! The lock of a release: who gets it, who is told to wait and for whom, and what becomes of it; and somebody's helm,
//! which knows no lock, noticed.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, its fixtures too")]

#[path = "helm/world.rs"]
mod world;

use backout::domain::name::Revision;
use backout::domain::release::Status::{Deployed, Failed, PendingRollback, Superseded};
use backout::helm::api::Refused;
use backout::helm::ask::{Ask, CutOff};
use backout::helm::holder::Holder;
use backout::helm::lock::{Claim, Held, Keeping, Kept, Purpose, Taken, Taking};
use backout::helm::plan::{Level, Method};
use backout::helm::progress::Outcome;
use backout::helm::record::Record;
use serde_json::{Value, json};
use world::{Row, World, ask, shop};

fn holder(person: &str, pid: u32) -> Holder {
    Holder { person: person.into(), host: "bastion".into(), pid }
}

fn claim(by: Holder) -> Claim {
    Claim { release: "shop".into(), namespace: "prod".into(), holder: by, writes: Revision(3), over: None }
}

fn taken(world: &mut World, claim: Claim) -> Taken {
    world.run(&mut Taking::new(claim))
}

fn held(world: &mut World, by: Holder) -> Box<Held> {
    let Taken::Held(held) = taken(world, claim(by)) else { panic!("the lock is not free") };
    held
}

fn two() -> World {
    let config =
        |value: &str| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{k: '{value}'}}\n");
    let (old, new) = (config("1"), config("2"));
    let rows: [Row<'_>; 2] =
        [(Superseded, "Install complete", &old, vec![]), (Deployed, "Upgrade complete", &new, vec![])];
    shop(&rows, None)
}

#[test]
fn the_second_one_is_told_who_is_at_work_and_since_when() {
    let mut world = two();
    let first = held(&mut world, holder("ana", 7));
    let told = Taken::Busy("ana@bastion (pid 7) is rolling shop back since".into());
    let Taken::Busy(why) = taken(&mut world, claim(holder("ben", 8))) else { panic!("two hold one lock") };
    assert!(matches!(&told, Taken::Busy(start) if why.starts_with(start)), "{why}");
    let plan = world.plan(1).unwrap();
    assert!(plan.blocked().is_some_and(|f| f.sentence.starts_with("ana@bastion (pid 7) is rolling shop back")));

    assert_eq!(world.run(&mut Keeping::new(first, Purpose::GiveBack)), Kept::Gone);
    assert_eq!(world.plan(1).unwrap().blocked(), None);
    let second = held(&mut world, holder("ben", 8));
    assert_eq!(second.before, Some(("ana@bastion (pid 7)".into(), Revision(3))), "who held it before is known");
}

#[test]
fn a_lock_that_nobody_renews_is_free_after_a_minute_and_one_that_is_renewed_is_not() {
    let mut world = two();
    let mut first = held(&mut world, holder("ana", 7));
    world.pass(50);
    first = match world.run(&mut Keeping::new(first, Purpose::Renew)) {
        Kept::Held(held) => held,
        Kept::Gone => panic!("it was held"),
    };
    world.pass(50);
    assert!(matches!(taken(&mut world, claim(holder("ben", 8))), Taken::Busy(_)));
    world.pass(61);
    held(&mut world, holder("ben", 8));
    assert_eq!(world.run(&mut Keeping::new(first, Purpose::Renew)), Kept::Gone, "what was lost is not taken back");
}

#[test]
fn an_answer_that_got_lost_does_not_lose_the_lock() {
    let mut world = two();
    let first = held(&mut world, holder("ana", 7));
    let Kept::Held(renewed) = world.run(&mut Keeping::new(first.clone(), Purpose::Renew)) else {
        panic!("it was held")
    };
    assert_ne!(renewed, first);
    // The process knows the version from before the renewal.
    assert_eq!(world.run(&mut Keeping::new(first, Purpose::GiveBack)), Kept::Gone);
    held(&mut world, holder("ben", 8));
}

#[test]
fn two_that_look_at_once_do_not_both_get_it() {
    let mut world = two();
    world.faults.push(("POST", "backout-shop", Refused::AlreadyExists("backout-shop".into())));
    held(&mut world, holder("ana", 7));
    world.pass(61);
    let conflict = Refused::Conflict { message: "modified".into(), fields: vec![] };
    world.faults.push(("PUT", "backout-shop", conflict));
    held(&mut world, holder("ben", 8));
}

#[test]
fn where_leases_may_not_be_written_there_is_no_lock_and_the_plan_says_so() {
    let mut world = two();
    let forbidden = backout::domain::fault::Fault::Forbidden { verb: "create".into(), resource: "leases".into() };
    world.faults.push(("POST", "backout-shop", Refused::Fault { fault: forbidden, message: "forbidden".into() }));
    assert_eq!(taken(&mut world, claim(holder("ana", 7))), Taken::Without("forbidden".into()));
    world.denied.push("create");
    let plan = world.plan(1).unwrap();
    let said = plan.findings.iter().find(|f| f.sentence.contains("there is no lock")).map(|f| f.level);
    assert_eq!(said, Some(Level::Info));
}

#[test]
fn the_place_of_the_dead_is_taken_only_on_their_own_machine() {
    let mut world = two();
    held(&mut world, holder("ana", 7));
    let cut_off = CutOff { writes: Revision(3), to: Revision(1), asked: world::now() };
    let as_of = |by: Holder, cut_off: Option<CutOff>| Ask { holder: by, cut_off, ..ask(1) };
    let plan = world.plan_as(as_of(holder("ana", 9), Some(cut_off.clone()))).unwrap();
    assert_eq!((plan.blocked(), plan.over.as_deref()), (None, Some("ana@bastion (pid 7)")));
    let over = Claim { over: plan.over, ..claim(holder("ana", 9)) };
    assert!(matches!(taken(&mut world, over), Taken::Held(_)));

    let strangers = [(holder("ana", 9), None), (holder("ben", 9), Some(cut_off.clone()))];
    for (by, cut_off) in strangers {
        let plan = world.plan_as(as_of(by, cut_off)).unwrap();
        assert!(plan.blocked().is_some() && plan.over.is_none(), "{plan:#?}");
    }
}

/// A record as somebody's helm would write it after revision 3.
fn fourth(world: &World, status: &str) -> Value {
    let last = Record::decode(world.get("secrets", "sh.helm.release.v1.shop.v2").unwrap()).unwrap();
    let mut third = last.clone();
    third.revision = Revision(3);
    let record = Record::rollback(&third, &last, Method::Csa, world::now()).unwrap();
    let mut object = record.encode(None).unwrap();
    object["metadata"]["labels"]["status"] = status.into();
    object
}

#[test]
fn somebodys_helm_that_goes_on_meanwhile_is_noticed_and_never_are_two_deployed() {
    let mut world = two();
    let plan = world.plan(1).unwrap();
    let theirs = fourth(&world, "pending-rollback");
    world.meanwhile = Some(("PATCH configmaps c", theirs));
    let Outcome::Failed { why, .. } = world.execute(plan) else { panic!("it was overtaken") };
    assert!(why.contains("somebody else wrote revision 4 meanwhile (pending-rollback: Rollback to 2)"), "{why}");
    assert_eq!(world.statuses().0, [(1, Superseded), (2, Superseded), (3, Failed), (4, PendingRollback)]);
}

#[test]
fn a_history_that_has_moved_on_is_told_with_a_name_where_the_lock_knows_it() {
    let mut world = two();
    let plan = world.plan(1).unwrap();
    world.roll_back(1);
    let wait = backout::helm::rollback::Wait::Not;
    let engine = backout::helm::rollback::Rollback::new(plan, "lab", std::time::Duration::from_mins(1), wait);
    let outcome = world.run(&mut engine.after(Some(("ana@bastion (pid 7)".into(), Revision(3)))));
    let wanted =
        "shop has moved on: revision 3 is deployed (Rollback to 1), written by ana@bastion (pid 7). Plan again.";
    assert_eq!(outcome, Outcome::Void { why: wanted.into() });
}

#[test]
fn a_job_that_is_started_is_waited_for_and_one_that_was_there_is_not() {
    let job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: seed}\nspec: {template: {spec: {containers: [{name: s, image: 's:1'}]}}}\n";
    let config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: '1'}\n";
    let release = |new: &str| {
        let old = [job, config].concat();
        let rows: [Row<'_>; 2] =
            [(Superseded, "Install complete", &old, vec![]), (Deployed, "Upgrade complete", new, vec![])];
        shop(&rows, None)
    };
    let mut world = release(&config.replace("'1'", "'2'"));
    let plan = world.plan(1).unwrap();
    assert!(plan.command.ends_with(" --wait --timeout 5m --wait-for-jobs"), "{}", plan.command);
    assert_eq!(world.execute(plan), Outcome::SeenReady { revision: Revision(3) });

    let mut world = release(&config.replace("'1'", "'2'"));
    world.broken.push("s:1");
    let Outcome::Applied { unready, .. } = world.roll_back(1) else { panic!("a Job that failed is no success") };
    assert!(unready.starts_with("seed 0 of 1 done, job seed failed: BackoffLimitExceeded"), "{unready}");

    let mut world = release(&[job, &config.replace("'1'", "'2'")].concat());
    world.broken.push("s:1");
    let mut seed = world.get("jobs", "seed").unwrap().clone();
    seed["metadata"]["labels"] = json!({"x": "y"});
    world.put(&seed, "controller");
    assert_eq!(world.roll_back(1), Outcome::SeenReady { revision: Revision(3) });
}
