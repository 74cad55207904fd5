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
#[path = "real_kill/maintenance.rs"]
mod maintenance;

use cockpit::{Cockpit, Home};
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
    /// To which revision the next rollback goes.
    again: u64,
    /// What incident.sh is to do besides.
    wishes: &'static [&'static str],
}

/// At no time may a release have two revisions that are deployed.
fn one_deployed(shop: &Shop) -> Vec<(u64, String)> {
    let statuses = shop.statuses();
    assert!(statuses.iter().filter(|(_, s)| s == "deployed").count() <= 1, "{statuses:?}");
    statuses
}

/// What is live already is not written twice; another target can be chosen.
fn choose_another(cockpit: &mut Cockpit, target: u64) {
    cockpit.press(Key::Char('a')).shows(5, &["a arms"]);
    cockpit.press(Key::Char('a')).shows(5, &["ARMED"]);
    cockpit.press(Key::Char('R')).shows(20, &["No plan: What revision 2 had already runs, as revision 4"]);
    cockpit.leave("Nothing was written.");
    cockpit.press(Key::Char('v')).shows(5, &["To which revision of ecommerce-app?"]);
    cockpit.press(Key::Down).press(Key::Enter).see(5, |s| !s.contains("To which revision"));
    cockpit.shows(5, &[&format!("➤ {target}")]);
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
    gate.held(30);
    cockpit.kill();
    gate.let_go(kill.fate);
    let left = |(revision, status): &(u64, &str)| (*revision, (*status).to_owned());
    let wanted: Vec<_> = [(1, "superseded"), (2, "superseded")].iter().chain(kill.left).map(left).collect();
    floor::until("what was on its way has arrived", 10, || shop.statuses() == wanted);
    gate.changes();

    let mut cockpit = home.open();
    // First that the outcome is unknown, then where it stands by the records; the warning stays.
    cockpit.shows(20, &["Outcome of job 1 unknown (Roll back ecommerce-app to revision 2)", kill.told]);
    let screen = cockpit.shows(30, &["10 of 10 ready", "Error rate · "]);
    assert!(screen.contains("Outcome of job 1 unknown (Roll back ecommerce-app to revision 2)"), "{screen}");
    assert_eq!(gate.changes(), Vec::<String>::new(), "an act was repeated by itself");
    assert_eq!(one_deployed(&shop), wanted);
    let resumed: Vec<_> = home.entries_with("resumed").into_iter().filter(|e| e["event"] == "resumed").collect();
    assert_eq!(resumed.iter().map(|e| &e["in_flight"]).collect::<Vec<_>>(), [&json!([1])]);

    if kill.again != 2 {
        choose_another(&mut cockpit, kill.again);
    }
    cockpit.roll_back(kill.again);
    cockpit.shows(60, &[&format!("Seen: rev {} as rev", kill.again)]);
    let statuses = one_deployed(&shop);
    let (newest, status) = statuses.last().expect("a history");
    assert_eq!((status.as_str(), shop.manifest(*newest)), ("deployed", shop.manifest(kill.again)));
    assert!(shop.images().iter().all(|i| !i.ends_with("-bad")), "{:?}", shop.images());
    let ended: Vec<_> = home.entries_with("act-ended").into_iter().filter(|e| e["event"] == "act-ended").collect();
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
        again: 2,
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
        again: 2,
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
        again: 2,
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
        again: 2,
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
        again: 2,
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
        told: "The rollback of ecommerce-app to 2 is recorded as deployed (revision 4)",
        again: 1,
        wishes: &[],
    });
}

#[test]
fn a_journal_that_cannot_be_written_lets_no_act_run_and_says_why() {
    let _quiet = among_others();
    let shop = Shop::incident("disk", Helm::Three, "bad", &["--no-wait"]);
    let disks = [
        ("mount -t tmpfs -o size=16k disk \"$0\"; head -c 1M /dev/zero >\"$0/full\"", "No space left on device"),
        ("mount -t tmpfs -o ro disk \"$0\"", "Read-only file system"),
    ];
    for (disk, why) in disks {
        let gate = Gate::open();
        let home = Home::new(gate.kubeconfig(), &shop.namespace);
        let mut cockpit = home.open_through(&format!("{disk} 2>/dev/null; exec \"$@\""));
        cockpit.shows(20, &["ecommerce-app rev 3", "TARGET", "10 of 10 ready"]);
        cockpit.roll_back(2);
        cockpit.shows(20, &["nothing was run", why]);
        assert_eq!(gate.changes(), Vec::<String>::new());
        assert_eq!(one_deployed(&shop).last(), Some(&(3, "deployed".into())));
    }
}

#[test]
fn a_second_cockpit_on_an_incident_is_read_only_and_says_who_holds_it() {
    let _quiet = among_others();
    let shop = Shop::incident("second", Helm::Three, "bad", &["--no-wait"]);
    let gate = Gate::open();
    let home = Home::new(gate.kubeconfig(), &shop.namespace);
    let mut first = home.open();
    first.shows(20, &["ecommerce-app rev 3", "TARGET", "10 of 10 ready", "Enter declares"]);
    first.press(Key::Enter).shows(5, &["SEV-2"]);
    first.press(Key::Enter).shows(5, &["SEV-2 T+00:0"]);

    let mut second = home.open_as("ben");
    second.shows(20, &["held by ana", "read-only", "TARGET"]);
    second.press(Key::Char('a')).shows(5, &["this cockpit is read-only"]);
    second.press(Key::Char('R')).shows(20, &["written as revision 4"]);
    second.datum("2").press(Key::Enter);
    second.shows(5, &["not confirmed"]);
    assert_eq!(gate.changes(), Vec::<String>::new());
    assert_eq!(home.events().first().map(String::as_str), Some("opened"));
    first.shows(5, &["SEV-2"]);
}
