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
#[path = "support/gate.rs"]
mod gate;

use std::path::Path;

use cockpit::{Home, has};
use floor::{Helm, Shop, alone, among_others, kubeconfig, script};
use gate::{Fate, Gate, Hold, Side};
use serde_json::json;
use termlens::{Key, Screen, Signal};

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
    let shop = Shop::incident(name, helm, "bad", &["--soak", "20", "--no-wait"]);
    let home = Home::new(&kubeconfig("admin"), &shop.namespace);
    let mut cockpit = home.open();
    let screen = cockpit.see(90, |s| is_bad(s) && has(s, "after rev 3 (order-service 2.3.1 -> 2.4.0-bad)"));
    assert!(screen.contains("Pods · 10 of 10 ready"), "{screen}");
    cockpit.press(Key::Char('6')).shows(60, &["critical HighErrorRate order-service"]);
    cockpit.prepare(2);
    cockpit.datum("2").press(Key::Enter);
    cockpit.shows(60, &["Seen: rev 2 as rev 4, every workload ready"]);
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

    cockpit.leave("Seen: rev 2");
    cockpit.see(120, is_well);
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

#[test]
fn who_may_only_read_sees_everything_and_is_told_which_rights_a_rollback_wants() {
    let _quiet = among_others();
    let shop = Shop::in_prod();
    let before = shop.versions();
    let home = Home::new(&kubeconfig("viewer"), "prod");
    let mut cockpit = home.open();
    cockpit.see(30, |s| is_bad(s) && s.contains("10 of 10 ready") && s.contains("TARGET"));
    cockpit.press(Key::Char('6')).shows(10, &["critical HighErrorRate order-service"]);
    cockpit.press(Key::Char('a')).shows(5, &["a arms"]);
    cockpit.press(Key::Char('a')).shows(5, &["ARMED"]);
    cockpit.press(Key::Char('R'));
    cockpit.shows(20, &["blocked: You may not create secrets in namespace prod"]);
    cockpit.datum("2").press(Key::Enter);
    cockpit.shows(5, &["This plan will not run"]);
    assert_eq!((shop.history().len(), shop.versions()), (3, before));
}

#[test]
fn who_may_see_pods_alone_sees_them_and_each_dark_pane_says_what_is_forbidden() {
    let _quiet = among_others();
    Shop::in_prod();
    let home = Home::new(&kubeconfig("narrow"), "prod");
    let mut cockpit = home.open();
    cockpit.shows(30, &["Pods · 10 of 10 ready", "✔ order-servi", "error rate unknown: metrics forbidden"]);
    cockpit.shows(10, &["releases forbidden", "Forbidden: you may not list secrets in"]);
    cockpit.shows(10, &["Forbidden: you may not get services/proxy"]);
    // The rest is alive: the detail of a pod opens.
    cockpit.press(Key::Char('4')).press(Key::Down).press(Key::Enter);
    cockpit.shows(10, &["api-gateway", "2.3.0", "Esc close"]);
}

#[test]
fn a_killed_api_server_is_said_with_its_age_and_comes_back_by_itself() {
    let _alone = alone();
    Shop::in_prod();
    let home = Home::new(&kubeconfig("admin"), "prod");
    let mut cockpit = home.open();
    cockpit.see(30, |s| is_bad(s) && s.contains("10 of 10 ready") && s.contains("TARGET"));
    script("part.sh", &["stop", "kube-apiserver"]);
    cockpit.shows(30, &["unreachable"]);
    cockpit.see(30, |s| s.contains("error rate unknown"));
    script("part.sh", &["start", "kube-apiserver"]);
    cockpit.see(60, |s| is_bad(s) && s.contains("10 of 10 ready") && !s.contains("unreachable"));
}

#[test]
fn a_killed_prometheus_makes_the_error_rate_unknown_never_green_and_comes_back_by_itself() {
    let mut cockpit;
    let shop;
    let home;
    {
        let _quiet = among_others();
        shop = Shop::incident("dark", Helm::Three, "good", &[]);
        home = Home::new(&kubeconfig("admin"), &shop.namespace);
        cockpit = home.open();
        cockpit.see(60, is_well);
    }
    let _alone = alone();
    script("part.sh", &["stop", "prometheus"]);
    cockpit.shows(30, &["error rate unknown"]);
    let screen = cockpit.shows(30, &["error rate unknown for 1", "was under 1 %"]);
    assert!(!screen.contains("✔ 0.") && !screen.contains("✔ errors"), "what is unknown looks well:\n{screen}");
    script("part.sh", &["start", "prometheus"]);
    cockpit.see(60, is_well);
}

#[test]
fn sigterm_and_sighup_give_the_terminal_back() {
    let _quiet = among_others();
    let home = Home::new(&kubeconfig("admin"), "prod");
    for signal in [Signal::Term, Signal::Hup] {
        let mut cockpit = home.open();
        cockpit.shows(20, &["ecommerce-app rev 3"]);
        assert!(cockpit.terminal.screen().alternate_screen());
        cockpit.signal(signal);
        cockpit.ends(5);
    }
}

#[test]
fn a_signal_in_the_middle_of_a_rollback_gives_the_terminal_back_and_the_rollback_is_finished() {
    let _quiet = among_others();
    for (name, signal) in [("term", Signal::Term), ("hup", Signal::Hup)] {
        let shop = Shop::incident(name, Helm::Four, "bad", &["--no-wait"]);
        let gate = Gate::open();
        let home = Home::new(gate.kubeconfig(), &shop.namespace);
        let mut cockpit = home.open();
        cockpit.shows(20, &["ecommerce-app rev 3", "TARGET", "10 of 10 ready"]);
        gate.hold(Hold { method: "PATCH", path: "/configmaps/order-service", side: Side::Asked });
        cockpit.roll_back(2);
        gate.held(30);
        cockpit.signal(signal);
        cockpit.see(5, |s| !s.alternate_screen() && s.cursor_visible());
        assert!(!home.events().contains(&"act-ended".to_owned()));
        gate.let_go(Fate::GoesOn);
        cockpit.ends(60);
        assert_finished(&home, &shop);
    }
}

/// The rollback's end was seen and journaled, and helm has it.
fn assert_finished(home: &Home, shop: &Shop) {
    let last = home.entries().pop().unwrap_or_default();
    assert_eq!((&last["event"], &last["ending"]["ending"]), (&json!("act-ended"), &json!("seen")), "{last:#}");
    assert_eq!(shop.statuses().pop(), Some((4, "deployed".into())));
    assert_eq!(shop.manifest(4), shop.manifest(2));
}

/// A dropped connection: the terminal's other end closes, as an SSH server's does, and there is no terminal left to read
/// from or draw on. The system's hang-up reaches the cockpit, but not in a session that it does not lead (a container's
/// exec): there the terminal alone tells.
#[test]
fn a_dropped_connection_in_the_middle_of_a_rollback_leaves_it_finished() {
    let _quiet = among_others();
    for (name, session) in [("drop", ""), ("gone", "setsid --wait")] {
        let shop = Shop::incident(name, Helm::Three, "bad", &["--no-wait"]);
        let gate = Gate::open();
        let home = Home::new(gate.kubeconfig(), &shop.namespace);
        let pid = home.path().join("pid");
        let mut cockpit = home.open_through(&format!(
            "inner='stty cols 80 rows 24; exec {session} bash -c \"$0\" \"$@\"'; \
             told='echo $$ >{}; exec \"$0\" \"$@\"'; \
             exec python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' bash -c \"$inner\" \"$told\" \"$@\"",
            pid.display()
        ));
        cockpit.shows(20, &["ecommerce-app rev 3", "TARGET", "10 of 10 ready"]);
        gate.hold(Hold { method: "PATCH", path: "/configmaps/order-service", side: Side::Asked });
        cockpit.roll_back(2);
        gate.held(30);
        cockpit.kill();
        gate.let_go(Fate::GoesOn);
        let pid = std::fs::read_to_string(pid).unwrap();
        floor::until("the cockpit ends", 60, || !Path::new("/proc").join(pid.trim()).join("exe").exists());
        assert_finished(&home, &shop);
    }
}
