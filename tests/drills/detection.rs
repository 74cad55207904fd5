//! The rules that ring, the eight criteria, and what "stable" is worth: held to streams made by hand and by chance.

use std::time::Duration;

use backout::domain::board::{Criterion, Standing};
use backout::domain::checklist::Proof;
use backout::domain::criteria::Stretch;
use backout::domain::event::{Act, Event};
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::fact::{Fact, PodNews};
use backout::domain::identity::{Environment, Identity, Pin, Realm};
use backout::domain::metrics::Signal;
use backout::domain::name::{Context, IncidentId, JobId, Namespace, ReleaseName, Revision, StepNo};
use backout::domain::severity::Severity;
use backout::domain::workload::Restarts;
use backout::intent::Intent;
use backout::model::panes::Pane;
use backout::model::situation::Situation;
use backout::msg::Msg;
use backout::update::update;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::bench::{Bench, Curve, DOWN, UP, at};

fn identity() -> Identity {
    Identity {
        realm: Realm::Drill,
        environment: Environment::Production,
        context: Context::new("aks"),
        server: "https://aks.example".into(),
        ca: None,
        pin: Pin::Uid("5f1c".into()),
        namespace: Namespace::new("prod"),
    }
}

pub fn declared(bench: &mut Bench) {
    bench.journaled(Event::Opened {
        incident: IncidentId::new("DRILL-1"),
        severity: Severity::Sev2,
        identity: identity(),
        release: Some(ReleaseName::new("ecommerce-app")),
        symptom: "errors 20 %".into(),
        by_rollback: false,
    });
}

fn rings(bench: &Bench, name: &str) -> bool {
    bench.model.alarms.iter().any(|a| a.rule.name == name)
}

#[test]
fn the_plans_automatic_rules_ring_within_one_scrape_of_their_time() {
    let cases: [(&str, Signal, Curve, i64); 2] = [
        (
            "High error rate",
            Signal::ErrorRatio,
            |s, t| Some(if s == "payment-service" && t >= 300 { 0.08 } else { 0.0 }),
            480,
        ),
        (
            "Response time spike",
            Signal::P95,
            |s, t| Some(if s == "payment-service" && t >= 300 { 3.0 } else { 0.1 }),
            600,
        ),
    ];
    for (name, signal, curve, due) in cases {
        let mut bench = Bench::new().with(signal, curve);
        let mut second = 0;
        while !rings(&bench, name) {
            second += 5;
            assert!(second < due + 60, "{name} never rang");
            bench.until(second);
        }
        assert!((due..=due + 15).contains(&second), "{name} rang at {second}, {due} is due");
        let alarm = bench.model.alarms.iter().find(|a| a.rule.name == name).unwrap();
        assert_eq!((alarm.whom.as_str(), alarm.since), ("payment-service", at(300)));
        assert!(alarm.samples.iter().all(|(_, v)| *v > alarm.rule.above) && alarm.samples.len() > 12);
    }
}

#[test]
fn a_pod_that_restarts_a_third_time_in_five_minutes_rings_at_once() {
    let mut bench = Bench::new();
    bench.until(60);
    let mut pod = bench.model.feeds.pods.known().unwrap().urgent_first().next().unwrap().clone();
    for (count, rang) in [(2, false), (3, true)] {
        pod.restarts = Restarts::Exactly(count);
        update(&mut bench.model, Msg::Fact(Fact::Pods(PodNews::Changed(Box::new(pod.clone())))));
        assert_eq!(rings(&bench, "Pod crash loop"), rang, "{count}");
    }
    let suggestion = bench.model.suggestion.clone().unwrap();
    assert_eq!(suggestion.severity, Severity::Sev2);
    assert!(suggestion.why.contains("Pod crash loop") && suggestion.why.contains("3 restarts"), "{}", suggestion.why);
}

#[test]
fn nothing_rings_from_the_dark_nor_for_a_service_that_hardly_anybody_calls() {
    let mut bench = Bench::new().with(Signal::ErrorRatio, |_, t| Some(if t >= 60 { 0.2 } else { 0.0 }));
    bench.until(100);
    bench.down = true;
    bench.until(400);
    assert_eq!(bench.model.alarms, []);
    let mut bench = Bench::new().with(Signal::ErrorRatio, |_, _| Some(0.9)).with(Signal::Traffic, |_, _| Some(0.01));
    bench.until(400);
    assert_eq!(bench.model.alarms, []);
}

#[test]
fn the_suggested_severity_is_the_highest_with_its_reason_in_the_line_and_at_the_declaration() {
    let cases: [(Curve, Severity); 3] =
        [(|_, _| Some(0.6), Severity::Sev1), (|_, _| Some(0.2), Severity::Sev2), (|_, _| Some(0.03), Severity::Sev3)];
    for (curve, severity) in cases {
        let mut bench = Bench::new().with(Signal::ErrorRatio, curve);
        bench.until(120);
        let suggestion = bench.model.suggestion.clone().unwrap();
        assert_eq!(suggestion.severity, severity, "{}", suggestion.why);
        if let Situation::Unwell(sentence) = &bench.model.situation {
            assert!(sentence.ends_with(&format!("suggests {severity}")), "{sentence}");
        }
        update(&mut bench.model, Msg::Meant(Intent::Act));
        let screen = bench.screen();
        assert!(screen.contains(&format!("Suggested: {severity}")), "{screen}");
    }
}

#[test]
fn a_break_restarts_the_clock_and_the_board_says_which_when_and_how_long() {
    let curve: Curve = |s, t| Some(if s == "payment-service" && (340..370).contains(&t) { 0.07 } else { 0.002 });
    let mut bench = Bench::new().with(Signal::ErrorRatio, curve);
    bench.model.settings.limits.hold = Duration::from_mins(1);
    bench.until(300);
    declared(&mut bench);
    bench.until(335);
    assert!(matches!(bench.model.stretch, Stretch::Holding { .. }));
    assert_eq!(bench.verdict(Sensor::Stable), Verdict::NotMet);
    bench.until(420);
    assert_eq!(bench.verdict(Sensor::Stable), Verdict::NotMet, "the break at 345 restarted the clock");
    bench.until(450);
    assert_eq!(bench.verdict(Sensor::Stable), Verdict::Met);
    let broken = bench.model.board.breaks.clone();
    assert_eq!(broken.len(), 1);
    assert_eq!(
        (broken[0].what.as_str(), broken[0].from, broken[0].until),
        ("errors 7.0 % (payment-service)", at(345), Some(at(375)))
    );
    update(&mut bench.model, Msg::Meant(Intent::Go(Pane::Criteria)));
    update(&mut bench.model, Msg::Meant(Intent::Zoom));
    let screen = bench.screen();
    for words in ["✔ stable", "broken 04:05:45 for 30 s: errors 7.0 % (payment-service)", "cannot know: no sensor yet"]
    {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
}

#[test]
fn a_criterion_without_a_sensor_is_a_persons_word_and_never_looks_like_evidence() {
    let mut bench = Bench::new();
    bench.model.settings = bench.model.settings.clone().with_tests(Vec::new());
    bench.until(60);
    declared(&mut bench);
    bench.until(90);
    let stands = |bench: &Bench, criterion| bench.model.board.rows[&criterion].clone();
    let row = stands(&bench, Criterion::Tests);
    assert_eq!(row.standing, Standing::Unattested);
    assert!(row.value.contains("cannot know: backout.toml has no [[test]]; whoever ticks 10"), "{}", row.value);
    let ticked = Event::StepTicked { step: StepNo(10), value: "newman: 0 failed".into(), proof: Proof::Attested };
    bench.journaled(ticked);
    bench.until(100);
    let row = stands(&bench, Criterion::Tests);
    assert_eq!((row.standing, row.value.as_str()), (Standing::Attested, "ana: newman: 0 failed"));
}

#[test]
fn without_stability_in_time_a_decision_is_asked_for_and_going_on_wants_a_reason() {
    let mut bench = Bench::new().with(Signal::ErrorRatio, |_, _| Some(0.03));
    bench.model.settings.limits.decide = Duration::from_mins(2);
    bench.until(60);
    declared(&mut bench);
    let act = Act::RollBack {
        release: ReleaseName::new("ecommerce-app"),
        namespace: Namespace::new("prod"),
        from: Revision(3),
        to: Revision(2),
        writes: Revision(4),
    };
    bench.journaled(Event::ActAsked { job: JobId(1), step: None, act, plan: "x".into(), command: "helm".into() });
    bench.until(175);
    assert_eq!(bench.model.decision_due, None);
    bench.until(185);
    assert_eq!(bench.model.decision_due, Some(at(180)));
    let screen = bench.screen();
    assert!(screen.contains("a decision is due") && screen.contains("M stops all for"), "{screen}");
    bench.journaled(Event::WentOn { why: "the DBA needs five more minutes".into() });
    bench.until(290);
    assert_eq!(bench.model.decision_due, None);
    bench.until(310);
    assert_eq!(bench.model.decision_due, Some(at(305)));
    bench.journaled(Event::SeveritySet { severity: Severity::Sev1, why: String::new() });
    bench.until(320);
    assert_eq!(bench.model.decision_due, None);
}

/// One quarter of a minute of a service, and what happens to the clock in it.
#[derive(Debug, Clone, Copy)]
enum Quarter {
    Well,
    Bad,
    Gap,
    Idle,
    Down,
    /// A service says that it is down.
    Ill,
    /// A service does not say how it is.
    Mute,
    Forward,
    Back,
}

thread_local! {
    static STREAM: std::cell::RefCell<Vec<Quarter>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// What the stream has at that second.
fn of(t: i64) -> Quarter {
    let place = usize::try_from(t / 15).unwrap_or(0);
    STREAM.with_borrow(|s| s.get(place).copied().unwrap_or(Quarter::Well))
}

/// How much of the time between two samples can have been seen well; `even`: health tells the times of the curves.
fn seen_well(from: i64, to: i64, even: bool) -> Duration {
    // One missing sample between two is within the grain of thirty seconds, at the beginning too. The sample at which a
    // service falls silent may come just before the question that it does not answer.
    let wide: Vec<Quarter> = (from - 15..=to).step_by(15).map(of).collect();
    let mute = |place: usize| even && matches!(wide.get(place), Some(Quarter::Mute));
    let vouched = |(place, q): (usize, &Quarter)| {
        let silent = place > 0 && mute(place) && mute(place - 1);
        !matches!(q, Quarter::Gap | Quarter::Idle) && !silent
    };
    let vouched: Vec<bool> = wide.iter().enumerate().map(vouched).collect();
    let pairs = vouched[1..].windows(2).filter(|pair| pair[0] && pair[1]).count() as u64;
    let grain = vouched.windows(3).filter(|t| t[0] && !t[1] && t[2]).count() as u64;
    Duration::from_secs(pairs * 15 + grain * 30)
}

#[test]
fn whatever_the_stream_stable_is_only_what_was_seen_well_without_a_break() {
    let quarter = prop_oneof![
        20 => Just(Quarter::Well), 1 => Just(Quarter::Bad), 2 => Just(Quarter::Gap), 1 => Just(Quarter::Idle),
        1 => Just(Quarter::Down), 1 => Just(Quarter::Ill), 6 => Just(Quarter::Mute), 1 => Just(Quarter::Forward), 1 => Just(Quarter::Back),
    ];
    // The same streams in every run.
    let config = Config { failure_persistence: None, ..Config::with_cases(40) };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let ran = runner.run(&prop::collection::vec(quarter, 24..60), |stream| {
        // Both services have had traffic before: who never had any is nobody's worry.
        let stream = [vec![Quarter::Well; 4], stream].concat();
        STREAM.set(stream.clone());
        let mut bench = Bench::new()
            .with(Signal::ErrorRatio, |s, t| match of(t) {
                Quarter::Bad if s == "payment-service" => Some(0.2),
                Quarter::Gap | Quarter::Idle if s == "payment-service" => None,
                _ => Some(0.001),
            })
            .with(Signal::Traffic, |s, t| match of(t) {
                Quarter::Idle if s == "payment-service" => Some(0.0),
                Quarter::Gap if s == "payment-service" => None,
                _ => Some(9.0),
            });
        bench.model.settings.limits.hold = Duration::from_secs(90);
        bench.health = |s, t| match of(t) {
            Quarter::Ill if s == "cart-service" => Some((503, DOWN)),
            Quarter::Mute if s == "cart-service" => None,
            _ => Some((200, UP)),
        };
        bench.until(15);
        declared(&mut bench);
        for (n, quarter) in stream.iter().enumerate().map(|(n, q)| (n + 1, q)) {
            bench.down = matches!(quarter, Quarter::Down);
            bench.shift += match quarter {
                Quarter::Forward => 300,
                Quarter::Back => -(300.min(bench.second + bench.shift - 30)),
                _ => 0,
            };
            bench.until(15 + i64::try_from(n).unwrap() * 15);
            let Stretch::Holding { since, last, .. } = &bench.model.stretch else { continue };
            let held = bench.model.stretch.held();
            let (from, to) = ((*since - at(0)).num_seconds(), (*last - at(0)).num_seconds());
            let grid: Vec<Quarter> = (from..=to).step_by(15).map(of).collect();
            let bad = grid.iter().any(|q| matches!(q, Quarter::Bad));
            prop_assert!(!bad, "held over a bad sample: {grid:?}");
            // A clock that was set tells other times of health than of the curves.
            let even = !stream.iter().take(n).any(|q| matches!(q, Quarter::Forward | Quarter::Back));
            let inner = grid.iter().skip(1).rev().skip(1);
            let ill = even && inner.clone().any(|q| matches!(q, Quarter::Ill));
            prop_assert!(!ill, "held over a service that was down: {grid:?}");
            // It may have begun, or gone on, between two samples: when health was heard.
            let most = seen_well(from.div_euclid(15) * 15, to + (-to).rem_euclid(15), even);
            prop_assert!(held <= most, "held {held:?}, seen {most:?}: {grid:?}");
        }
        Ok(())
    });
    if let Err(e) = ran {
        panic!("{e}");
    }
}
