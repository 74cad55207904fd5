//! What the cockpit says of health, held to what can be known: worlds made by hand, minute by minute.

use std::collections::BTreeMap;
use std::time::Duration;

use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::fact::{Fact, PodNews, WorkloadNews};
use backout::domain::fault::Fault;
use backout::domain::metrics::{Curves, Signal};
use backout::domain::moment::{Moment, Now};
use backout::domain::name::{Revision, Service};
use backout::domain::release::{RevisionFacts, Status};
use backout::domain::series::Series;
use backout::domain::workload::WorkloadKind;
use backout::effect::Effect;
use backout::helm::plan::Level;
use backout::model::Model;
use backout::model::feed::Reading;
use backout::model::situation::Situation;
use backout::msg::Msg;
use backout::sim::{Handle, Production, drill};
use backout::update::evidence::sense;
use backout::update::update;
use futures::StreamExt;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::rehearsal::{Rehearsal, settings};

const START: i64 = 1_764_561_600;

type Curve = fn(&str, i64) -> Option<f64>;

/// A cockpit on a world of two services whose curves are functions of the time since the start.
pub struct Bench {
    pub model: Model,
    pub curves: BTreeMap<Signal, Curve>,
    pub second: i64,
    pub down: bool,
}

pub fn at(second: i64) -> Moment {
    chrono::DateTime::from_timestamp(START + second, 0).unwrap()
}

fn now(second: i64) -> Now {
    Now { wall: at(second), mono: Duration::from_secs(u64::try_from(second).unwrap()) }
}

impl Bench {
    /// Everything is well and known: pods, workloads and releases are those of a drill before its incident.
    pub fn new() -> Self {
        let played = drill("plan").unwrap();
        let mut model = Model::new(settings(&played), now(0), (80, 24));
        let handle = Handle::new(Production::load(&drill("innocent-release").unwrap()));
        let mut facts = handle.world().cluster.facts();
        update(&mut model, Msg::Tick(now(0)));
        while let Some(fact) = futures::FutureExt::now_or_never(facts.next()).flatten() {
            update(&mut model, Msg::Fact(fact));
        }
        let quiet: Curve = |_, _| Some(0.002);
        let curves: BTreeMap<Signal, Curve> =
            [(Signal::ErrorRatio, quiet), (Signal::P95, |_, _| Some(0.18)), (Signal::Traffic, |_, _| Some(9.0))].into();
        Self { model, curves, second: 0, down: false }
    }

    pub fn with(mut self, signal: Signal, curve: Curve) -> Self {
        self.curves.insert(signal, curve);
        self
    }

    /// Time passes in steps of five seconds; every question is answered at once.
    pub fn until(&mut self, second: i64) -> &mut Self {
        while self.second < second {
            self.second += 5;
            let asked = update(&mut self.model, Msg::Tick(now(self.second)));
            for effect in asked {
                let Effect::Measure(generation, request) = effect else { continue };
                let curve = self.curves[&request.signal];
                let step = i64::try_from(request.step.as_secs()).unwrap();
                let values = |name: &str| {
                    let all = (request.from.timestamp()..=request.to.timestamp()).step_by(step as usize);
                    all.map(|t| curve(name, t - START)).collect()
                };
                let series = |name| Series { start: request.from, step: request.step, values: values(name) };
                let services =
                    ["order-service", "payment-service"].map(|n| (Service::new(n), series(n))).into_iter().collect();
                let answer = Curves { services, query: "q".into(), window: Duration::from_mins(1) };
                let dark = Fault::Unreachable { what: "connection refused".into() };
                let answer = if self.down { Err(dark) } else { Ok(answer) };
                update(&mut self.model, Msg::Measured(request.signal, generation, answer));
            }
        }
        self
    }

    pub fn screen(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| backout::ui::view(&self.model, frame)).unwrap();
        terminal.backend().to_string()
    }

    pub fn verdict(&self, sensor: Sensor) -> Verdict {
        sense(&self.model, sensor).verdict
    }
}

#[test]
fn a_bad_service_that_falls_silent_makes_the_whole_unknown_and_never_green() {
    // payment-service fails from minute 5 on; from minute 8 on hardly anybody calls it any more.
    let fails: Curve = |s, t| match (s, t) {
        ("payment-service", 300..480) => Some(0.4),
        ("payment-service", 480..) => None,
        _ => Some(0.002),
    };
    for (rps, why) in [(0.0, "payment-service: no traffic"), (0.02, "payment-service: too few requests")] {
        let traffic: Curve = if rps == 0.0 {
            |s, t| Some(if s == "payment-service" && t >= 480 { 0.0 } else { 9.0 })
        } else {
            |s, t| Some(if s == "payment-service" && t >= 480 { 0.02 } else { 9.0 })
        };
        let mut bench = Bench::new().with(Signal::ErrorRatio, fails).with(Signal::Traffic, traffic);
        bench.until(200);
        assert!(matches!(&bench.model.situation, Situation::Well(_)), "{:?}", bench.model.situation);
        bench.until(400);
        assert!(matches!(&bench.model.situation, Situation::Unwell(_)), "{:?}", bench.model.situation);
        bench.until(600);
        assert!(
            matches!(&bench.model.situation, Situation::Unknown(s) if s.contains(why)),
            "{:?}",
            bench.model.situation
        );
        assert_eq!(bench.verdict(Sensor::ErrorsLow), Verdict::Unknown);
        let screen = bench.screen();
        assert!(!screen.lines().any(|l| l.contains("Error rate") && l.contains('✔')), "{screen}");
        assert!(screen.contains("? 0.2 %") && !screen.contains("✔ 0.2 %"), "{screen}");
    }
}

#[test]
fn no_traffic_and_no_fresh_sample_are_two_things() {
    let gap: Curve = |s, t| (s != "payment-service" || t < 300).then_some(9.0);
    let mut bench = Bench::new()
        .with(Signal::Traffic, gap)
        .with(Signal::ErrorRatio, |s, t| (s != "payment-service" || t < 300).then_some(0.002));
    bench.until(500);
    let sentence = bench.model.situation.sentence();
    assert!(sentence.contains("payment-service: no fresh sample since"), "{sentence}");
    assert!(!sentence.contains("no traffic"), "{sentence}");
}

#[test]
fn one_table_of_bands_speaks_in_the_line_the_pane_the_check_and_the_criteria() {
    let cases: [(Curve, &str, Verdict); 4] = [
        (|_, _| Some(0.009), "✔", Verdict::Met),
        (|_, _| Some(0.015), "▲", Verdict::NotMet),
        (|_, _| Some(0.03), "▲", Verdict::NotMet),
        (|_, _| Some(0.07), "✖", Verdict::NotMet),
    ];
    for (curve, sign, verdict) in cases {
        let mut bench = Bench::new().with(Signal::ErrorRatio, curve);
        bench.until(120);
        let screen = bench.screen();
        let line = screen.lines().nth(1).unwrap();
        assert!(line.starts_with(&format!("\" {sign} errors")), "{line}");
        let pane = screen.lines().skip_while(|l| !l.contains("2 Error rate")).nth(1).unwrap_or_default();
        assert!(pane.contains(sign), "{pane}\n{screen}");
        assert_eq!(bench.verdict(Sensor::ErrorsLow), verdict);
    }
}

#[test]
fn the_age_of_a_value_is_its_own_samples() {
    let mut bench = Bench::new();
    bench.until(300);
    bench.down = true;
    bench.until(300 + 960);
    // Prometheus answers again, but a rate needs two scrapes: the newest sample is still the old one.
    bench.down = false;
    for signal in Signal::ALL {
        bench.curves.insert(signal, |_, t| (t <= 300).then_some(0.03));
    }
    bench.until(300 + 965);
    let read = bench.model.measured(Signal::ErrorRatio, None);
    assert!(matches!(read, Reading::Stale { age, .. } if age.as_secs() >= 960), "{read:?}");
    let screen = bench.screen();
    assert!(screen.contains("stale 16 min"), "{screen}");
    assert_eq!(bench.verdict(Sensor::ErrorsLow), Verdict::Unknown);
    assert!(matches!(bench.model.situation, Situation::Unknown(_)), "{:?}", bench.model.situation);
}

fn record(bench: &mut Bench, revision: u32, status: Status, second: i64) {
    let mut releases = bench.model.feeds.releases.known().unwrap().clone();
    let content = releases[0].revisions[0].content.clone();
    let facts = RevisionFacts { revision: Revision(revision), status, updated: at(second), content, unreadable: None };
    releases[0].revisions.push(facts);
    update(&mut bench.model, Msg::Fact(Fact::Releases(releases)));
}

#[test]
fn only_what_went_live_is_a_last_change() {
    let mut bench = Bench::new().with(Signal::ErrorRatio, |_, t| Some(if t >= 100 { 0.2 } else { 0.0 }));
    record(&mut bench, 4, Status::Failed, 90);
    record(&mut bench, 5, Status::PendingRollback, 95);
    bench.until(200);
    let sentence = bench.model.situation.sentence();
    assert!(sentence.contains("after rev 4"), "{sentence}");
    // The header shows what is live and, beside it, what is pending.
    let screen = bench.screen();
    assert!(screen.lines().next().unwrap().contains("rev 4"), "{screen}");
    let wide = {
        let mut terminal = Terminal::new(TestBackend::new(140, 40)).unwrap();
        terminal.draw(|frame| backout::ui::view(&bench.model, frame)).unwrap();
        terminal.backend().to_string()
    };
    assert!(wide.contains("failed, rev 5 pending-rollback"), "{wide}");
}

#[test]
fn a_pod_that_cannot_be_seen_makes_nothing_well() {
    let mut bench = Bench::new();
    bench.until(60);
    let forbidden = Fault::Forbidden { verb: "list".into(), resource: "pods in namespace prod".into() };
    update(&mut bench.model, Msg::Fact(Fact::Failing(backout::domain::fact::Source::Pods, forbidden)));
    assert!(matches!(&bench.model.situation, Situation::Unknown(s) if s.contains("pods unknown")));
}

#[test]
fn nothing_is_done_or_empty_before_every_list_was_complete() {
    let played = drill("plan").unwrap();
    let mut model = Model::new(settings(&played), now(0), (80, 24));
    let tell = |model: &mut Model, fact| {
        update(model, Msg::Fact(fact));
    };
    for source in [backout::domain::fact::Source::Pods, backout::domain::fact::Source::Workloads] {
        tell(&mut model, Fact::Alive(source));
    }
    tell(&mut model, Fact::Workloads(WorkloadNews::All(WorkloadKind::StatefulSet, Vec::new())));
    tell(&mut model, Fact::Pods(PodNews::Listing));
    let said = sense(&model, Sensor::RolloutsDone);
    assert_eq!((said.verdict, said.value.as_str()), (Verdict::Unknown, "rollouts: reading …"));
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| backout::ui::view(&model, frame)).unwrap();
    let screen = terminal.backend().to_string();
    assert!(!screen.contains("no pod") && !screen.contains("0 of 0"), "{screen}");
}

#[test]
fn a_plan_says_above_its_datum_that_the_release_probably_did_not_cause_it() {
    let mut drill = Rehearsal::open("innocent-release");
    drill.keys("R");
    let screen = drill.screen();
    let doubt = screen.lines().position(|l| l.contains("going back may not help") || l.contains("may not help"));
    let datum = screen.lines().position(|l| l.contains("Type 2")).unwrap();
    assert!(doubt.is_some_and(|d| d < datum), "{screen}");
}

#[test]
fn what_a_rollback_left_half_done_is_nobodys_work_by_hand() {
    let mut played = drill("plan").unwrap();
    played.troubles.push(backout::sim::Trouble {
        from: played.start + chrono::Duration::seconds(4),
        until: Some(played.start + chrono::Duration::seconds(20)),
        what: backout::sim::What::Conflict { object: "Deployment/order-service".into() },
    });
    let mut drill = Rehearsal::open_on(&played, |_| {}, (80, 24));
    drill.keys("aR").wait(5).keys("2<Enter>");
    super::solve::ended(&mut drill);
    let left = super::solve::job(&drill.session.model).ending.clone();
    assert!(matches!(left, Some(backout::domain::event::Ending::Failed { .. })), "{left:?}");
    drill.keys("<Esc>").wait(30);
    drill.keys("R");
    assert!(super::incidents::plan(&drill).of(backout::helm::plan::Change::Update).count() > 0);
    let findings = super::incidents::plan(&drill).findings;
    let by_hand = |f: &&backout::helm::plan::Finding| f.sentence.contains("by hand") && f.level != Level::Block;
    assert_eq!(findings.iter().find(by_hand), None, "{findings:#?}");
}
