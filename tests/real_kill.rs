//! Kill -9 in the middle of a rollback on the real floor (tests/real), at exact steps that a gate on the way to the API
//! server holds; a journal that cannot be written; two cockpits on one incident.
//!
//! Run by tests/real/test.sh, or inside a lab: `tests/real/in.sh cargo test --features real --test real_kill`.
#![cfg(feature = "real")]
#![expect(clippy::panic, reason = "a test fails by panicking, its fixtures too")]
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "real programs are run and waited for")]

#[path = "support/cockpit.rs"]
mod cockpit;
#[path = "support/floor.rs"]
mod floor;
#[path = "support/gate.rs"]
mod gate;

use cockpit::Home;
use floor::{Helm, Shop, among_others};
use gate::{Fate, Gate, Hold, Side};
use serde_json::json;
use termlens::Key;

/// Where a rollback is killed, and what real helm then says of revisions 3 and 4.
struct Kill {
    name: &'static str,
    helm: Helm,
    hold: Hold,
    fate: Fate,
    left: &'static [(u64, &'static str)],
    /// How the notice after the restart begins.
    told: &'static str,
    /// What incident.sh is to do besides.
    wishes: &'static [&'static str],
}

/// At no time may a release have two revisions that are deployed.
fn one_deployed(shop: &Shop) -> Vec<(u64, String)> {
    let statuses = shop.statuses();
    assert!(statuses.iter().filter(|(_, s)| s == "deployed").count() <= 1, "{statuses:?}");
    statuses
}

fn killed_and_taken_up_again(kill: &Kill) {
    let _quiet = among_others();
    let shop = Shop::incident(kill.name, kill.helm, "bad", &[&["--no-wait"], kill.wishes].concat());
    let gate = Gate::open();
    let home = Home::new(gate.kubeconfig(), &shop.namespace);
    let mut cockpit = home.open();
    cockpit.shows(20, &["ecommerce-app rev 3", "TARGET", "10 of 10 ready"]);
    gate.hold(kill.hold);
    cockpit.roll_back(2);
    println!("held: {}", gate.held(30));
    cockpit.kill();
    gate.let_go(kill.fate);
    let left = |(revision, status): &(u64, &str)| (*revision, (*status).to_owned());
    let wanted: Vec<_> = [(1, "superseded"), (2, "superseded")].iter().chain(kill.left).map(left).collect();
    floor::until("what was on its way has arrived", 10, || shop.statuses() == wanted);
    println!("{:?}", gate.changes());

    let mut cockpit = home.open();
    // First that the outcome is unknown, then where it stands by the records; the warning stays.
    println!("{}", cockpit.shows(20, &["Outcome of job 1 unknown (Roll back ecommerce-app to revision 2)", kill.told]));
    let screen = cockpit.shows(30, &["10 of 10 ready", "Error rate · order-service"]);
    assert!(screen.contains("Outcome of job 1 unknown (Roll back ecommerce-app to revision 2)"), "{screen}");
    assert_eq!(gate.changes(), Vec::<String>::new(), "an act was repeated by itself");
    assert_eq!(one_deployed(&shop), wanted);
    let resumed: Vec<_> = home.entries().into_iter().filter(|e| e["event"] == "resumed").collect();
    assert_eq!(resumed.iter().map(|e| &e["in_flight"]).collect::<Vec<_>>(), [&json!([1])]);

    cockpit.prepare(2);
    println!("{}", cockpit.terminal.screen());
    cockpit.datum("2").press(Key::Enter);
    println!("{}", cockpit.shows(60, &["Seen: rev 2 as rev"]));
    let statuses = one_deployed(&shop);
    println!("{statuses:?}");
    let (newest, status) = statuses.last().expect("a history");
    assert_eq!((status.as_str(), shop.manifest(*newest)), ("deployed", shop.manifest(2)));
    assert!(shop.images().iter().all(|i| !i.ends_with("-bad")), "{:?}", shop.images());
    let ended: Vec<_> = home.entries().into_iter().filter(|e| e["event"] == "act-ended").collect();
    let seen = ended.iter().map(|e| (&e["job"], &e["ending"]["ending"])).collect::<Vec<_>>();
    assert_eq!(seen, [(&json!(2), &json!("seen"))]);
}

#[test]
fn killed_before_the_record_is_written_nothing_was_changed() {
    killed_and_taken_up_again(&Kill {
        name: "kill-post",
        helm: Helm::Three,
        hold: Hold { method: "POST", path: "/secrets", side: Side::Asked },
        fate: Fate::Lost,
        left: &[(3, "deployed")],
        told: "The rollback of ecommerce-app to 2 never began: revision 4 was not written",
        wishes: &[],
    });
}

#[test]
fn killed_when_the_record_is_written_it_stays_pending_until_a_person_rolls_back_again() {
    killed_and_taken_up_again(&Kill {
        name: "kill-record",
        helm: Helm::Four,
        hold: Hold { method: "POST", path: "/secrets", side: Side::Answered },
        fate: Fate::Lost,
        left: &[(3, "deployed"), (4, "pending-rollback")],
        told: "The rollback of ecommerce-app to 2 stopped in the middle: revision 4 is pend",
        wishes: &[],
    });
}

#[test]
fn killed_when_the_old_hook_is_deleted_the_next_rollback_runs_the_hook() {
    killed_and_taken_up_again(&Kill {
        name: "kill-hook",
        helm: Helm::Three,
        hold: Hold { method: "DELETE", path: "/jobs/migrate", side: Side::Answered },
        fate: Fate::Lost,
        left: &[(3, "deployed"), (4, "pending-rollback")],
        told: "The rollback of ecommerce-app to 2 stopped in the middle: revision 4 is pend",
        wishes: &["--hook"],
    });
}

#[test]
fn killed_between_two_objects_the_next_rollback_does_the_rest() {
    killed_and_taken_up_again(&Kill {
        name: "kill-patch",
        helm: Helm::Four,
        hold: Hold { method: "PATCH", path: "/configmaps/order-service", side: Side::Answered },
        fate: Fate::Lost,
        left: &[(3, "deployed"), (4, "pending-rollback")],
        told: "The rollback of ecommerce-app to 2 stopped in the middle: revision 4 is pend",
        wishes: &[],
    });
}

#[test]
fn killed_while_the_bad_revision_is_superseded_none_is_deployed() {
    killed_and_taken_up_again(&Kill {
        name: "kill-supersede",
        helm: Helm::Three,
        hold: Hold { method: "PUT", path: "/secrets/sh.helm.release.v1.ecommerce-app.v3", side: Side::Asked },
        fate: Fate::GoesOn,
        left: &[(3, "superseded"), (4, "pending-rollback")],
        told: "The rollback of ecommerce-app to 2 stopped in the middle: revision 4 is pend",
        wishes: &[],
    });
}

#[test]
fn killed_when_the_last_record_is_written_helm_is_done_and_nobody_knows() {
    killed_and_taken_up_again(&Kill {
        name: "kill-close",
        helm: Helm::Four,
        hold: Hold { method: "PUT", path: "/secrets/sh.helm.release.v1.ecommerce-app.v4", side: Side::Answered },
        fate: Fate::Lost,
        left: &[(3, "superseded"), (4, "deployed")],
        told: "The rollback of ecommerce-app to 2 is recorded as deployed (revision 4). Look",
        wishes: &[],
    });
}
