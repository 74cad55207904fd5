//! The sensors that ask the services themselves: each seen met, not met and unknown, on its step, on the board and in the
//! dialog behind its value.

use backout::domain::board::{Criterion, Standing};
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::name::StepNo;
use backout::effect::Effect;
use backout::intent::Intent;
use backout::model::panes::Pane;
use backout::msg::Msg;
use backout::sim::{Trouble, What, drill};
use backout::update::update;

use super::bench::{Bench, DOWN, Health, UP, at, now};
use super::detection::declared;
use super::rehearsal::Rehearsal;
use super::solve::{declare, evidence};

/// A bench whose services answer like that, a minute into an incident.
fn asked(health: Health) -> Bench {
    let mut bench = Bench::new();
    bench.health = health;
    bench.until(30);
    declared(&mut bench);
    bench.until(60);
    bench
}

fn row(bench: &Bench, criterion: Criterion) -> (Standing, String) {
    let row = bench.model.board.rows[&criterion].clone();
    (row.standing, row.value)
}

#[test]
fn health_is_met_not_met_or_unknown_on_its_step_and_on_the_board() {
    let cases: [(Health, Verdict, &str); 4] = [
        (|_, _| Some((200, UP)), Verdict::Met, "10/10 UP, slowest 30 ms"),
        (
            |s, _| Some(if s == "order-service" { (503, DOWN) } else { (200, UP) }),
            Verdict::NotMet,
            "9/10 UP, order-service: DOWN: db (503)",
        ),
        (
            |s, _| (s != "cart-service").then_some((200, UP)),
            Verdict::Unknown,
            "9/10 UP, cart-service: Unreachable: no answer within 5 s",
        ),
        (
            |s, _| match s {
                "cart-service" => None,
                "order-service" => Some((500, "boom")),
                _ => Some((200, UP)),
            },
            Verdict::NotMet,
            "8/10 UP, order-service: answers 500",
        ),
    ];
    for (health, verdict, value) in cases {
        let bench = asked(health);
        let (standing, told) = row(&bench, Criterion::Health);
        assert_eq!(standing, Standing::Sensed(verdict), "{told}");
        assert!(told.starts_with(value), "{told}");
        assert_eq!(bench.verdict(Sensor::HealthUp), verdict);
        let seen = &bench.model.evidence[&StepNo(8)];
        assert_ne!(seen.verdict, Verdict::Met, "before any rollback it proves nothing: {seen:?}");
    }
}

#[test]
fn what_no_service_will_ever_say_is_left_to_a_persons_word_and_is_never_green() {
    let mut bench = asked(|s, _| Some(if s == "order-service" { (404, "<html>404</html>") } else { (200, UP) }));
    let (standing, told) = row(&bench, Criterion::Health);
    assert_eq!(standing, Standing::Unattested);
    assert_eq!(bench.verdict(Sensor::HealthUp), Verdict::Unknown);
    let wanted = "cannot know: 9/10 UP, order-service: it has no /actuator/health (404); whoever ticks 8";
    assert!(told.starts_with(wanted), "{told}");
    bench.health = |_, _| Some((200, UP));
    bench.until(80);
    assert_eq!(row(&bench, Criterion::Health).0, Standing::Sensed(Verdict::Met));
}

#[test]
fn answers_that_stop_coming_are_unknown_within_half_a_minute() {
    let mut bench = asked(|_, _| Some((200, UP)));
    assert_eq!(bench.verdict(Sensor::HealthUp), Verdict::Met);
    for second in (65..=90).step_by(5) {
        update(&mut bench.model, Msg::Tick(now(second)));
    }
    assert_eq!(bench.verdict(Sensor::HealthUp), Verdict::Unknown);
    assert_eq!(row(&bench, Criterion::Health).0, Standing::Sensed(Verdict::Unknown));
}

#[test]
fn an_idle_cockpit_asks_no_service_and_an_open_incident_asks_them_every_ten_seconds() {
    let mut bench = Bench::new();
    let asks = |bench: &mut Bench, from: i64| {
        let mut count = 0;
        for second in from..from + 60 {
            let effects = update(&mut bench.model, Msg::Tick(now(second)));
            for effect in effects {
                if let Effect::ReadHealth(generation, asked) = effect {
                    assert_eq!(asked.len(), 10);
                    count += 1;
                    update(&mut bench.model, Msg::HealthRead(generation, Vec::new()));
                }
            }
        }
        count
    };
    assert_eq!(asks(&mut bench, 10), 0);
    assert!(bench.model.evidence[&StepNo(8)].value.contains("asked while an incident is open"));
    declared(&mut bench);
    assert_eq!(asks(&mut bench, 70), 6);
    // An empty answer is no answer.
    assert_eq!(bench.verdict(Sensor::HealthUp), Verdict::Unknown);
}

#[test]
fn the_raw_answers_are_one_key_away_and_show_no_secret() {
    let mut bench = asked(|s, _| Some(if s == "order-service" { (503, DOWN) } else { (200, UP) }));
    update(&mut bench.model, Msg::Meant(Intent::Go(Pane::Criteria)));
    update(&mut bench.model, Msg::Meant(Intent::Zoom));
    for _ in 0..2 {
        update(&mut bench.model, Msg::Meant(Intent::Down));
    }
    assert_eq!(bench.model.panes.criterion, Some(Criterion::Health));
    let screen = bench.screen();
    assert!(screen.contains("›✖ health checks UP") && screen.contains("what each service says"), "{screen}");
    update(&mut bench.model, Msg::Meant(Intent::Act));
    let screen = bench.screen();
    for words in ["✖ order-service:80/actuator/health: DOWN: db (503), 30 ms", "\"password\"", "✔ api-gateway:80"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert!(!screen.contains("hunter2"), "{screen}");
}

#[test]
fn a_health_that_is_lost_breaks_the_calm_and_says_whose() {
    let mut bench = Bench::new();
    bench.health = |s, t| Some(if s == "cart-service" && (140..160).contains(&t) { (503, DOWN) } else { (200, UP) });
    bench.until(30);
    declared(&mut bench);
    bench.until(200);
    let broken = &bench.model.board.breaks;
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0].what, "9/10 UP, cart-service: DOWN: db (503)");
    assert!((at(140)..at(155)).contains(&broken[0].from), "{broken:?}");
}

#[test]
fn in_the_drill_health_follows_from_its_cause_and_a_forbidden_proxy_is_said_in_words() {
    let mut rehearsal = Rehearsal::open("plan");
    declare(&mut rehearsal);
    rehearsal.wait(15);
    let seen = evidence(&rehearsal.session.model, 8);
    assert_eq!(seen.verdict, Verdict::NotMet);
    assert_eq!(seen.value, "9/10 UP, payment-service: DOWN: db (503)");
    let mut played = drill("plan").unwrap();
    let what = What::Forbidden { verb: "get".into(), resource: "services/proxy".into() };
    played.troubles.push(Trouble { from: played.start, until: None, what });
    let mut rehearsal = Rehearsal::open_on(&played, |_| {}, (80, 24));
    declare(&mut rehearsal);
    rehearsal.wait(15);
    let model = &rehearsal.session.model;
    assert_eq!(evidence(model, 8).verdict, Verdict::Unknown);
    let row = &model.board.rows[&Criterion::Health];
    assert_eq!(row.standing, Standing::Unattested);
    assert!(row.value.contains("you may not get services/proxy in namespace prod"), "{}", row.value);
}
