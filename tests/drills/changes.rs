//! What was changed past Helm: found by its managers, told where it is the likeliest cause, and never taken for nothing
//! where it cannot be seen.

use backout::domain::moment::Moment;
use backout::sim::{Drill, Hand, Trouble, What, drill};
use serde_json::{Value, json};

use super::rehearsal::Rehearsal;

pub fn at(time: &str) -> Moment {
    format!("2025-12-01T{time}Z").parse().unwrap()
}

fn hand(time: &str, by: &str, (api_version, kind, name): (&str, &str, &str), patch: Value) -> Hand {
    let (by, api_version, kind, name) = (by.into(), api_version.into(), kind.into(), name.into());
    Hand { at: at(time), by, api_version, kind, name, patch }
}

pub fn image(time: &str, service: &str, tag: &str) -> Hand {
    let image = format!("acrshop.example/shop/{service}:{tag}");
    let containers = json!([{"name": service, "image": image}]);
    let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
    hand(time, "kubectl-set", ("apps/v1", "Deployment", service), patch)
}

pub fn config(time: &str, name: &str) -> Hand {
    hand(time, "kubectl-edit", ("v1", "ConfigMap", name), json!({"data": {"NOTE": "x"}}))
}

/// The plan's shop without its bad revision: what goes wrong, somebody did by hand.
pub fn by_hand(hands: Vec<Hand>) -> Drill {
    let mut played = drill("plan").unwrap();
    played.revisions.truncate(2);
    played.hands = hands;
    played
}

/// Something below payment-service is slow and fails, and nobody changed anything.
pub fn database() -> Drill {
    let mut played = by_hand(Vec::new());
    played.troubles.push(Trouble {
        from: at("04:30:00"),
        until: None,
        what: What::Latency {
            services: vec!["payment-service".into()],
            seconds: 2.6,
            errors: 0.2,
            log: Vec::new(),
            db_down: None,
        },
    });
    played
}

fn open(played: &Drill) -> Rehearsal {
    let mut rehearsal = Rehearsal::open_on(played, |_| {}, (80, 24));
    rehearsal.wait(40);
    rehearsal
}

fn situation(rehearsal: &Rehearsal) -> &str {
    rehearsal.session.model.situation.sentence()
}

#[test]
fn what_somebody_changed_past_helm_is_named_as_what_came_just_before() {
    let mut rehearsal = open(&by_hand(vec![image("04:29:40", "payment-service", "2.4.0")]));
    let told = situation(&rehearsal);
    assert!(told.contains("after Deployment payment-service was changed by kubectl-set"), "{told}");
    let choice = rehearsal.session.model.choice.as_ref().unwrap();
    let doubt = "was changed by kubectl-set: an older revision of the release may not undo that.";
    assert!(choice.why.contains(doubt), "{}", choice.why);
    rehearsal.keys("w");
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("what-changed@80x24", rehearsal.screen());
        insta::assert_snapshot!("what-changed@120x40", rehearsal.screen_at(120, 40));
    });
    rehearsal.keys("<Esc>");
    assert!(rehearsal.session.model.dialog.is_none());
}

#[test]
fn the_change_that_touches_who_is_worst_is_told_before_a_nearer_one_that_does_not() {
    let hands = vec![image("04:29:00", "payment-service", "2.4.0"), config("04:29:50", "user-service-config")];
    let mut rehearsal = open(&by_hand(hands));
    let told = situation(&rehearsal).to_owned();
    assert!(told.contains("after Deployment payment-service was changed by kubectl-set"), "{told}");
    rehearsal.keys("w");
    let screen = rehearsal.screen_at(120, 40);
    let place =
        |text: &str| screen.lines().position(|l| l.contains(text)).unwrap_or_else(|| panic!("{text}\n{screen}"));
    let first = place("Deployment payment-service was changed by kubectl-set; touches payment-service");
    assert!(
        first < place("ConfigMap user-service-config was changed by kubectl-edit; touches others than"),
        "{screen}"
    );
}

#[test]
fn a_configmap_touches_those_who_read_it() {
    let mut played = database();
    played.hands = vec![config("04:29:30", "payment-service-config"), config("04:29:45", "cart-service-config")];
    let rehearsal = open(&played);
    let told = situation(&rehearsal);
    assert!(told.contains("after ConfigMap payment-service-config was changed by kubectl-edit"), "{told}");
}

#[test]
fn that_nothing_changed_is_said_only_where_everything_can_be_seen() {
    let told = situation(&open(&database())).to_owned();
    assert!(told.contains("nothing changed here in the 30 min before"), "{told}");
    let mut blind = database();
    let (verb, resource) = ("list".to_owned(), "configmaps".to_owned());
    blind.troubles.push(Trouble { from: at("04:00:00"), until: None, what: What::Forbidden { verb, resource } });
    let mut rehearsal = open(&blind);
    let told = situation(&rehearsal).to_owned();
    assert!(told.contains("no release changed in the 30 min before"), "{told}");
    rehearsal.keys("w");
    let screen = rehearsal.screen_at(120, 40);
    assert!(screen.contains("? ConfigMaps are not seen: Forbidden: you may not list configmaps"), "{screen}");
}

#[test]
fn helms_own_writes_and_the_autoscalers_bounds_are_no_changes_beside_helm() {
    for name in ["plan", "wrong-config", "one-service"] {
        let rehearsal = open(&drill(name).unwrap());
        let changes = rehearsal.session.model.feeds.changes.known().unwrap();
        assert_eq!(changes.all, [], "{name}");
        assert!(situation(&rehearsal).contains("after rev 3"), "{name}: {}", situation(&rehearsal));
    }
}

#[test]
fn where_no_curve_shows_when_it_began_what_is_seen_is_said_with_the_last_change() {
    let mut rehearsal = Rehearsal::open("crash-loop");
    rehearsal.keys("w");
    let screen = rehearsal.screen();
    assert!(!screen.contains("Nothing is beyond"), "{screen}");
    for said in ["What is seen: ", "pods not ready, last change 04:30 rev 3", "When it began is not known"] {
        assert!(joined(&screen).contains(said), "{said}: {screen}");
    }
}

/// A dialog's text without its borders, as one line.
fn joined(screen: &str) -> String {
    screen
        .split(|c: char| c.is_whitespace() || "\"┃┏┓┗┛━".contains(c))
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn all_is_well_so_nobody_asks_what_changed() {
    let mut rehearsal = open(&by_hand(Vec::new()));
    assert_eq!(rehearsal.session.model.feeds.changes.known(), None);
    rehearsal.keys("w");
    let screen = rehearsal.screen();
    assert!(
        screen.contains("Nothing is beyond its limit") && screen.contains("is asked while something is bad"),
        "{screen}"
    );
}
