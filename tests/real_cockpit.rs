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

use cockpit::{Home, has};
use floor::{Helm, Shop, among_others, kubeconfig};
use serde_json::json;
use termlens::{Key, Screen};

/// The error ratio of the situation line, in percent.
fn errors(screen: &Screen) -> Option<f64> {
    let text = screen.to_string();
    let (_, after) = text.split_once(" errors ")?;
    after.split_once(" %")?.0.parse().ok()
}

fn is_bad(screen: &Screen) -> bool {
    errors(screen).is_some_and(|percent| (15.0..21.0).contains(&percent))
}

fn is_well(screen: &Screen) -> bool {
    screen.contains("✔ errors") && errors(screen).is_some_and(|percent| percent < 1.0)
}

/// The whole way, from a bad upgrade by real helm to what real helm says of it afterwards.
fn put_back_by_keys(name: &str, helm: Helm) {
    let _quiet = among_others();
    let shop = Shop::incident(name, helm, "bad", &["--soak", "30", "--no-wait"]);
    let home = Home::new(&kubeconfig("admin"), &shop.namespace);
    let mut cockpit = home.open();
    let screen = cockpit.see(90, |s| is_bad(s) && has(s, "after rev 3 (order-service 2.3.1 -> 2.4.0-bad)"));
    assert!(screen.contains("Pods · 10 of 10 ready"), "{screen}");
    println!("{screen}");
    cockpit.press(Key::Char('6')).shows(60, &["critical HighErrorRate order-service"]);
    cockpit.prepare(2);
    println!("{}", cockpit.terminal.screen());
    cockpit.datum("2").press(Key::Enter);
    println!("{}", cockpit.shows(60, &["Seen: rev 2 as rev 4, every workload ready"]));
    assert!(cockpit.keys <= 6, "{} keys from launch to the confirmed rollback", cockpit.keys);

    let superseded = |revision| (revision, "superseded".to_owned());
    let wanted = [superseded(1), superseded(2), superseded(3), (4, "deployed".into())];
    assert_eq!(shop.statuses(), wanted);
    assert_eq!(shop.history().pop().map(|l| l.description), Some("Rollback to 2".into()));
    let status = shop.status();
    assert_eq!((&status["version"], &status["info"]["status"]), (&json!(4), &json!("deployed")));
    assert_eq!(shop.manifest(4), shop.manifest(2));
    assert!(shop.images().iter().all(|i| !i.ends_with("-bad")), "{:?}", shop.images());
    assert_eq!(shop.config("order-service").get("FEATURE_DISCOUNT_CODES"), None);

    // The dialog is left before the next key, which would make a chord of Esc.
    cockpit.press(Key::Esc).see(5, |s| !s.contains("Seen: rev 2"));
    println!("{}", cockpit.see(120, is_well));
    let events = home.events();
    let wanted = ["opened", "target-chosen", "act-asked", "act-progressed", "act-ended"];
    let mut rest = events.iter();
    assert!(wanted.iter().all(|w| rest.any(|e| e == w)), "{events:?}");

    // The strongest witness: after it helm's own rollback finds nothing to change.
    let before = shop.versions();
    assert!(before.len() >= 21, "{before:?}");
    shop.helm(&["rollback", "ecommerce-app", "2"]);
    assert_eq!(shop.versions(), before);
    cockpit.shows(20, &["ecommerce-app rev 5"]);
    cockpit.press(Key::Char('q')).ends(5);
}

#[test]
fn a_release_born_by_helm_3_is_put_back_by_keys_and_helm_agrees() {
    put_back_by_keys("keys3", Helm::Three);
}

#[test]
fn a_release_born_by_helm_4_is_put_back_by_keys_and_helm_agrees() {
    put_back_by_keys("keys4", Helm::Four);
}
