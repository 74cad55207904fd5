//! What no longer comes is unknown, and never met: every source in turn goes dark, alone, over a world that is well.

use backout::domain::alert::{Alert, AlertState, AlertWeight};
use backout::domain::board::Criterion;
use backout::domain::event::{Entry, Event};
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::fact::{Fact, Source};
use backout::domain::fault::Fault;
use backout::intent::Intent;
use backout::model::panes::Pane;
use backout::model::situation::Situation;
use backout::msg::Msg;
use backout::update::update;

use super::bench::{Bench, at};
use super::detection::declared;

const ALL: [Sensor; 6] =
    [Sensor::RolloutsDone, Sensor::PodsReady, Sensor::HealthUp, Sensor::LogsClean, Sensor::ErrorsLow, Sensor::Stable];

/// A world that is well, an incident in it, and both seen for long enough.
fn well() -> Bench {
    let mut bench = Bench::new();
    bench.model.settings.limits.hold = std::time::Duration::from_mins(1);
    bench.until(60);
    declared(&mut bench);
    bench.until(400);
    bench
}

fn gone() -> Fault {
    Fault::Unreachable { what: "connection refused".into() }
}

/// The criteria and sensors that are not known, in their order.
fn unknown(bench: &Bench) -> (Vec<Criterion>, Vec<Sensor>) {
    let rows = &bench.model.board.rows;
    let criteria = Criterion::ALL.into_iter().filter(|c| rows[c].verdict() == Some(Verdict::Unknown)).collect();
    (criteria, ALL.into_iter().filter(|s| bench.verdict(*s) == Verdict::Unknown).collect())
}

#[test]
fn a_world_that_is_well_is_met_by_every_sensor() {
    let bench = well();
    assert_eq!(ALL.map(|s| (s, bench.verdict(s))), ALL.map(|s| (s, Verdict::Met)));
    assert_eq!(unknown(&bench), (vec![], vec![]));
}

#[test]
fn what_is_asked_only_in_an_incident_is_unknown_before_it_and_until_it_has_answered() {
    let mut bench = Bench::new();
    bench.until(400);
    assert_eq!([Sensor::HealthUp, Sensor::LogsClean].map(|s| bench.verdict(s)), [Verdict::Unknown; 2]);
    declared(&mut bench);
    assert_eq!([Sensor::HealthUp, Sensor::LogsClean].map(|s| bench.verdict(s)), [Verdict::Unknown; 2]);
}

#[test]
fn a_source_that_goes_dark_makes_unknown_what_it_measures_and_nothing_else() {
    let cases: [(Source, &[Criterion], &[Sensor]); 7] = [
        (Source::Pods, &[Criterion::Pods], &[Sensor::PodsReady]),
        (Source::Workloads, &[], &[Sensor::RolloutsDone]),
        (Source::Nodes, &[], &[]),
        (Source::Errors, &[Criterion::Errors, Criterion::Alerts], &[Sensor::ErrorsLow]),
        (Source::P95, &[Criterion::P95], &[]),
        (Source::Traffic, &[Criterion::Errors, Criterion::P95], &[Sensor::ErrorsLow]),
        (Source::Alerts, &[Criterion::Alerts], &[]),
    ];
    for (source, criteria, sensors) in cases {
        let mut bench = well();
        update(&mut bench.model, Msg::Fact(Fact::Failing(source, gone())));
        assert_eq!(unknown(&bench), (criteria.to_vec(), sensors.to_vec()), "{source:?}");
        update(&mut bench.model, Msg::Meant(Intent::Go(Pane::Criteria)));
        update(&mut bench.model, Msg::Meant(Intent::Zoom));
        let screen = bench.screen();
        for criterion in criteria {
            let row = |line: &&str| line.contains(criterion.title()) && line.contains('?') && !line.contains('✔');
            assert!(screen.lines().any(|line| row(&line)), "{source:?}: {screen}");
        }
    }
}

#[test]
fn services_that_no_longer_say_how_they_are_and_logs_that_cannot_be_read_are_unknown() {
    let mut bench = well();
    bench.health = |_, _| None;
    bench.until(420);
    assert_eq!(unknown(&bench), (vec![Criterion::Health], vec![Sensor::HealthUp]));
    let mut bench = well();
    bench.logs_fault = Some(gone());
    bench.until(420);
    assert_eq!(unknown(&bench), (vec![Criterion::Logs], vec![Sensor::LogsClean]));
}

#[test]
fn what_is_unknown_for_long_is_stable_no_more() {
    let mut bench = well();
    bench.down = true;
    bench.until(525);
    assert_eq!(bench.verdict(Sensor::Stable), Verdict::NotMet, "the curves");
    let mut bench = well();
    for second in (405..=525).step_by(5) {
        update(&mut bench.model, Msg::Fact(Fact::Failing(Source::Pods, gone())));
        bench.until(second);
    }
    assert_eq!(bench.verdict(Sensor::Stable), Verdict::NotMet, "the pods");
}

#[test]
fn a_critical_alert_that_somebody_silenced_is_no_calm_and_not_resolved() {
    let mut bench = well();
    let rings = |state| Alert {
        name: "ErrorsHigh".into(),
        weight: AlertWeight::Critical,
        service: Some("order-service".into()),
        since: at(390),
        state,
        summary: "18 %".into(),
        labels: None,
        silences: Vec::new(),
    };
    let seen = |bench: &Bench| {
        let row = &bench.model.board.rows[&Criterion::Alerts];
        (row.verdict(), row.value.clone())
    };
    for (state, until, says, headline) in [
        (AlertState::Firing, 420, "ErrorsHigh rings (order-service)", ""),
        (AlertState::Silenced, 440, "ErrorsHigh still rings, silenced (order-service)", ", silenced"),
    ] {
        bench.alerts = vec![rings(state)];
        bench.until(until);
        assert_eq!(seen(&bench), (Some(Verdict::NotMet), says.to_owned()));
        let headline = format!("critical alert ErrorsHigh rings (order-service){headline}");
        assert_eq!(bench.model.situation, Situation::Raised(headline));
    }
    let seen = |e: &Entry| match &e.event {
        Event::Seen { what, .. } if what.starts_with("Alert") => Some(what.clone()),
        _ => None,
    };
    let told: Vec<String> = bench.model.open_incident().unwrap().entries.iter().filter_map(seen).collect();
    let wanted = [
        "Alert firing: ErrorsHigh (order-service): 18 %",
        "Alert silenced, it still rings: ErrorsHigh (order-service)",
    ];
    assert_eq!(told, wanted);
}
