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

use cockpit::{Home, has};
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
}

/// At no time may a release have two revisions that are deployed.
fn one_deployed(shop: &Shop) -> Vec<(u64, String)> {
    let statuses = shop.statuses();
    assert!(statuses.iter().filter(|(_, s)| s == "deployed").count() <= 1, "{statuses:?}");
    statuses
}

fn killed_and_taken_up_again(kill: &Kill) {
    let _quiet = among_others();
    let shop = Shop::incident(kill.name, kill.helm, "bad", &["--no-wait", "--hook"]);
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
    println!("{}", cockpit.see(20, |s| has(s, "UNKNOWN")));
    println!("{}", cockpit.see(20, |s| s.contains("ready") && s.contains("Helm · ecommerce-app")));
    assert_eq!(gate.changes(), Vec::<String>::new(), "an act was repeated by itself");
    assert_eq!(one_deployed(&shop), wanted);
    assert_eq!(home.entries().last().map(|e| e["in_flight"].clone()), Some(json!([1])));

    cockpit.press(Key::Char('a')).shows(5, &["ARMED"]);
    cockpit.press(Key::Char('R'));
    println!("{}", cockpit.see(20, |s| s.contains("then Enter")));
}

const RECORDS: &str = "/secrets/sh.helm.release.v1.ecommerce-app";

#[test]
fn killed_before_the_record_is_written_nothing_was_changed() {
    killed_and_taken_up_again(&Kill {
        name: "kill-post",
        helm: Helm::Three,
        hold: Hold { method: "POST", path: "/secrets", side: Side::Asked },
        fate: Fate::Lost,
        left: &[(3, "deployed")],
    });
}
