//! The cockpit in a terminal of 80x24 on the real floor (tests/real): a bad upgrade by real helm, put back by keys.
//!
//! Run by tests/real/test.sh, or inside a lab: `tests/real/in.sh cargo test --features real --test real_cockpit`.
#![cfg(feature = "real")]
#![expect(clippy::panic, reason = "a test fails by panicking, its fixtures too")]
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "real programs are run and waited for")]

#[path = "support/cockpit.rs"]
mod cockpit;
#[path = "support/floor.rs"]
mod floor;

use cockpit::Home;
use floor::{Helm, Shop, among_others, kubeconfig};
use termlens::Key;

fn put_back_by_keys(namespace: &str, helm: Helm) {
    let _quiet = among_others();
    let shop = Shop::incident(namespace, helm, "bad", &[]);
    let home = Home::new(&kubeconfig("admin"), namespace);
    let mut cockpit = home.open();
    let screen = cockpit.shows(30, &["after rev 3", "HighErrorRate"]);
    println!("{screen}");
    cockpit.prepare(2);
    println!("{}", cockpit.terminal.screen());
    cockpit.datum("2").press(Key::Enter);
    let screen = cockpit.shows(60, &["Seen:"]);
    println!("{screen}");
    println!("{:?}", shop.history());
}

#[test]
fn a_helm_3_release_is_put_back_by_keys_and_helm_agrees() {
    put_back_by_keys("keys-helm3", Helm::Three);
}
